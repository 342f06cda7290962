"""A guessed mapping written down, and read again."""

from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.text import Text
from analysis.intake.mapping import (
    ColumnMapping,
    FileMapping,
    Guess,
    GuessNote,
    SourceMapping,
    draft_toml,
    guess_mapping,
    load_mapping,
)
from analysis.intake.reading import Peek


def _again(text: str) -> SourceMapping:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mapping.toml"
        path.write_text(text, encoding="utf-8", newline="\n")
        return load_mapping(path)


def test_a_draft_says_what_was_guessed_and_what_is_not_used() -> None:
    rows = (("C1", "3.5", "停用"),)
    guess = guess_mapping([Peek("客户_2026Q3.csv", "", 1, ("客户编号", "资产总额(万元)", "备注"), rows)], name="monday")
    assert draft_toml(guess) == (
        "# A guess: read it, correct it, and keep it as mapping.toml. Its language is in data/mappings/README.md.\n"
        "\n"
        "[source]\n"
        'name = "monday"\n'
        'zh = "monday"\n'
        'en = "monday"\n'
        'kind = "production"\n'
        'currency = "CNY"\n'
        'industry_scheme = "gbt4754"\n'
        "\n"
        "[[file]]\n"
        'table = "clients"\n'
        'files = ["客户_*.csv"]\n'
        "\n"
        "[file.columns]\n"
        'client_id = "客户编号"  # alias\n'
        'assets = {column = "资产总额(万元)", multiply = 10000}'
        "  # unit: the unit in the header makes 10000 of 1\n"
        "\n"
        "# To be looked at:\n"
        "#   客户_2026Q3.csv: clients.quarter no such column: the folder's quarter is taken\n"
        "\n"
        "# Not used:\n"
        "#   客户_2026Q3.csv: 备注\n"
    )
    assert _again(draft_toml(guess)) == guess.mapping


def test_everything_a_mapping_can_say_is_written_and_read_again() -> None:
    columns = (
        ColumnMapping("client_id", "a", prefix='"\\', part=(1, 6)),
        ColumnMapping("month", "b", dates="%d/%m/%Y"),
        ColumnMapping("product", "c", codes={"": "deposit_demand", "a b": "deposit_term", "x": "loan_fixed"}),
        ColumnMapping("fee", "d", multiply=Decimal("-0.001"), year_to_date=True),
        ColumnMapping("rate", constant="0.03"),
        ColumnMapping("interest", "_line", times="price", absolute=True),
        ColumnMapping("balance_end", "e", multiply=Decimal("7.1")),
    )
    file = FileMapping("positions", ("x.csv", "y*.csv"), columns, "s", 2, "\t", "gb18030", 4, {"k": ("1", "")}, True)
    mapping = SourceMapping(
        "a", Text("甲", "A"), "open", "USD", "none", (file,), ("x.csv",), "2026Q1", "2026Q3", {"a b": 'c"'}
    )
    assert _again(draft_toml(Guess(mapping, (), (), True))) == mapping


HEADER = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=50, deadline=None)
@given(st.lists(HEADER, min_size=1, max_size=4, unique=True), st.dictionaries(HEADER, st.just("open"), max_size=3))
def test_any_header_and_code_survives(headers: list[str], codes: dict[str, str]) -> None:
    names = ("status", "client_id", "region", "tier")
    columns = tuple(
        ColumnMapping(name, header, codes=codes if name == "status" else {})
        for name, header in zip(names, headers, strict=False)
    )
    mapping = SourceMapping(
        "a", Text("a", "a"), "production", "CNY", "gbt4754", (FileMapping("clients", ("a.csv",), columns),)
    )
    notes = tuple(GuessNote("a.csv", "clients", "", header, "near", header) for header in headers)
    assert _again(draft_toml(Guess(mapping, notes, tuple(("a.csv", h) for h in headers), False))) == mapping


def test_a_header_of_several_lines_survives_and_stays_in_its_comment() -> None:
    header = "客户号\n(对公)"
    peeks = [Peek("clients.csv", "", 1, (header, "季度", "x\r\n[[file]]\u2028y"), ())]
    guess = guess_mapping(peeks, name="a")
    text = draft_toml(guess)
    assert "#   clients.csv: x  [[file]] y\n" in text
    assert _again(text) == guess.mapping
