"""Policy is read once, checked row by row, and a bank's own rows win."""

from datetime import date
from pathlib import Path

import pytest

from analysis.core.errors import DataError, ParameterError
from analysis.intake.policy import ORIGINS, load_policy

RULE = """
[[rule]]
id = "{id}"
value = {value}
unit = "fraction"
owner = "财务部门"
valid_from = 2026-01-01
origin = "ours"
zh = "门槛"
en = "hurdle"
"""


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_rules_every_study_leans_on_are_there():
    policy = load_policy()
    assert policy.value("raroc_hurdle") == 0.10
    assert policy.value("tax_rate") == 0.25
    assert policy.value("capital_ratio") == 0.105
    assert policy.value("disclosure_min_clients") == 5


def test_every_rule_says_unit_owner_date_origin_and_both_names():
    for row in load_policy().rows:
        assert row.unit
        assert row.owner
        assert isinstance(row.valid_from, date)
        assert row.origin in ORIGINS
        assert row.label.zh
        assert row.label.en


def test_the_value_tier_standard_has_three_scores_whose_weights_add_to_one_and_cuts_that_fall():
    policy = load_policy()
    assert [row["id"] for row in policy.table("value_tiers")] == ["contribution", "volume", "stability"]
    assert sum(row["weight"] for row in policy.table("value_tiers")) == pytest.approx(1.0)  # 0.5 + 0.3 + 0.2
    cuts = [row["from"] for row in policy.table("value_tier_cuts")]
    assert cuts == sorted(cuts, reverse=True)
    assert cuts[-1] == 0.0


def test_point_in_time_deposits_carry_no_target():
    assert "DEP_EOP" not in {row["id"] for row in load_policy().table("kpi_targets")}


def test_a_banks_own_row_wins_and_the_replaced_one_is_kept_for_the_appendix(tmp_path):
    base = write(
        tmp_path / "base", "a.toml", RULE.format(id="raroc_hurdle", value=0.10) + RULE.format(id="other", value=1)
    )
    own = write(tmp_path / "own", "b.toml", RULE.format(id="raroc_hurdle", value=0.12))
    policy = load_policy(base, own)
    assert policy.value("raroc_hurdle") == 0.12
    assert policy.row("raroc_hurdle").file == "b.toml"
    assert policy.value("other") == 1
    assert [row.value for row in policy.replaced] == [0.10]
    assert policy.sha256 != load_policy(base).sha256


def test_a_table_row_of_the_bank_wins_by_its_id(tmp_path):
    rule = RULE.format(id="x", value=1)
    base = write(
        tmp_path / "base",
        "a.toml",
        rule + '[[table.cuts]]\nid = "high"\nfrom = 0.8\n[[table.cuts]]\nid = "low"\nfrom = 0.0\n',
    )
    own = write(tmp_path / "own", "b.toml", '[[table.cuts]]\nid = "high"\nfrom = 0.9\n')
    assert [row["from"] for row in load_policy(base, own).table("cuts")] == [0.9, 0.0]


def test_a_rule_of_the_bank_that_no_one_reads_is_refused(tmp_path):
    base = write(tmp_path / "base", "a.toml", RULE.format(id="raroc_hurdle", value=0.10))
    own = write(tmp_path / "own", "b.toml", RULE.format(id="raroc_hurdel", value=0.12))
    with pytest.raises(
        DataError, match=r"^b.toml sets 'raroc_hurdel', which is no policy rule. Did you mean 'raroc_hurdle'\?"
    ):
        load_policy(base, own)


def test_an_unknown_rule_is_answered_with_the_nearest():
    with pytest.raises(
        ParameterError, match=r"^There is no policy rule 'raroc_hurdles'. Did you mean 'raroc_hurdle'\?"
    ):
        load_policy().value("raroc_hurdles")
    with pytest.raises(ParameterError, match=r"^There is no policy table 'value_tier'. Did you mean 'value_tier"):
        load_policy().table("value_tier")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('unit = "fraction"\n', ""), "a.toml: the rule 'x' lacks unit."),
        (('"ours"', '"mine"'), "a.toml: origin of 'x' is 'mine'."),
        (("2026-01-01", '"soon"'), "a.toml: valid_from of 'x' is 'soon'"),
        (("value = 1", "value = [1]"), r"a.toml: the value of 'x' is \[1\]"),
        (("zh =", "remark = 1\nzh ="), "a.toml: the rule 'x' has the unknown keys remark."),
        (("value = 1", "value = "), "a.toml is not valid TOML"),
    ],
)
def test_a_broken_row_is_refused_by_name(tmp_path, change, message):
    with pytest.raises(DataError, match=f"^{message}"):
        load_policy(write(tmp_path / "base", "a.toml", RULE.format(id="x", value=1).replace(*change)))


def test_the_same_rule_in_two_files_is_refused(tmp_path):
    base = write(tmp_path / "base", "a.toml", RULE.format(id="x", value=1))
    write(base, "b.toml", RULE.format(id="x", value=2))
    with pytest.raises(DataError, match=r"^The policy rule 'x' stands in a.toml and again in b.toml."):
        load_policy(base)


def test_every_unit_and_owner_of_a_rule_has_words_in_both_languages() -> None:
    policy = load_policy()
    known = {row["id"] for row in policy.table("policy_words")}
    assert {row.unit for row in policy.rows} | {row.owner for row in policy.rows} <= known
