"""A person, a phone and a firm planted into every column of text of every table: what is written holds none of them."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analysis.intake import load_portfolio
from analysis.intake.identity.keys import KEY_VARIABLE
from analysis.intake.schemas import SCHEMAS, Column
from analysis.intake.template import example_row
from tests.intake.identity.planted_bank import NAME, PERSON, PHONE, found_in

NUMBERS = {"client": "KHPLANTED1", "loan": "JJPLANTED1", "group": "JTPLANTED1", "staff": "GHPLANTED1"}
SENTENCES = (PERSON, f"请{PERSON}（{PHONE}）于9月联系{NAME}{NUMBERS['client']}")
MADE_BY_US = ("transactions", "activity")
"""Summed from `events`, which is here."""

NUMBER = "number of a record, made by the system that keeps it"
UNIT = "code or name of an organisation unit"
PLACE = "code of a region or an industry"
LIST = "word or code of one of the bank's own lists"
PUBLIC = "a publication or the bank's own figures: nobody's record"
KEPT = {
    **dict.fromkeys(("needs.need_id", "feedback.case_id", "interactions.interaction_id", "processes.case_id"), NUMBER),
    **dict.fromkeys(("incidents.incident_id", "incidents.risk_id", "risks.risk_id", "actions.action_id"), NUMBER),
    "information.item_id": NUMBER,
    **dict.fromkeys(("clients.branch_id", "clients.outlet_id", "outlets.outlet_id", "outlets.branch_id"), UNIT),
    **dict.fromkeys(("outlets.name", "staff.outlet_id", "controls.outlet_id", "plans.unit", "strategies.unit"), UNIT),
    **dict.fromkeys(("processes.unit", "incidents.unit", "clients.settlement_bank"), UNIT),
    **dict.fromkeys(("clients.industry", "clients.industry_division", "clients.region", "outlets.region"), PLACE),
    **dict.fromkeys(("information.industry", "information.region", "markets.region", "regions.region"), PLACE),
    "industries.industry": PLACE,
    **dict.fromkeys(("clients.tier", "loan_states.rating", "loans.collateral", "needs.need", "surveys.wave"), LIST),
    **dict.fromkeys(("loans.product", "campaigns.product", "markets.product"), LIST),
    **dict.fromkeys(("surveys.channel_preferred", "feedback.channel", "campaigns.channel", "consents.channel"), LIST),
    **dict.fromkeys(("feedback.theme", "processes.process", "processes.step", "strategies.package"), LIST),
    **dict.fromkeys(("campaigns.campaign", "campaigns.segment", "risks.segment", "risks.process"), LIST),
    **dict.fromkeys(("incidents.step", "actions.kind", "information.kind", "information.level"), LIST),
    **dict.fromkeys(("staff.specialism", "staff.training_topics", "features.feature", "features.word"), LIST),
    **dict.fromkeys(("markets.source", "industries.source", "regions.source", "plans.item", "bank.item"), PUBLIC),
}
"""Columns that are stored as given, with the reason: figures are grouped by them, or they name a record."""


def planted(column: Column, sentence: str) -> str:
    if column.sensitivity == "identifier":
        return NUMBERS.get(column.entity, "DFPLANTED1")
    if column.name == "credit_code":
        return "91310000MA0000001K"
    if column.name == "phone":
        return PHONE
    if column.sensitivity == "restricted":
        return NAME if column.name == "name" and column is SCHEMAS["clients"].column("name") else PERSON
    return sentence if column.sensitivity == "prose" else PERSON


def write_bank(root: Path, sentence: str) -> Path:
    """A row a table under the names of the contract, with something planted into every column of free text."""
    folder = root / "2026Q3"
    folder.mkdir(parents=True)
    mapping = ['[source]\nname = "monday"']
    for name, schema in SCHEMAS.items():
        if name in MADE_BY_US:
            continue
        row = dict(example_row(schema))
        free = [column for column in schema.columns if column.dtype == "text" and not column.allowed]
        row |= {column.name: planted(column, sentence) for column in free}
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(row))
            writer.writeheader()
            writer.writerow(row)
        columns = "\n".join(f'{name} = "{name}"' for name in row)
        mapping.append(f'[[file]]\ntable = "{name}"\nfiles = ["{name}.csv"]\n[file.columns]\n{columns}')
    (root / "mapping.toml").write_text("\n".join(mapping), encoding="utf-8")
    return root


@pytest.mark.parametrize("sentence", SENTENCES, ids=["a name alone", "a sentence"])
def test_nothing_planted_into_free_text_is_written_but_into_codes(
    sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a key of this test alone")
    portfolio = load_portfolio(str(write_bank(tmp_path / "bank", sentence)), cache=tmp_path / "cache")
    assert set(portfolio.tables) == set(SCHEMAS) - {"events"}
    kept = set()
    for name in portfolio.tables:
        table = pq.read_table(portfolio.folder / f"{name}.parquet")
        assert table.num_rows > 0, name
        kept |= {
            f"{name}.{column}"
            for column in table.column_names
            if any(mark in str(value) for value in table[column].to_pylist() for mark in ("种植", PHONE, "PLANTED"))
        }
    assert kept == set(KEPT)
    files = {hit.split(": ")[0] for hit in found_in(tmp_path / "cache")}
    assert files <= {f"{place.partition('.')[0]}.parquet" for place in KEPT}


def test_every_column_kept_as_given_is_internal_text_without_a_list_of_words() -> None:
    for place in KEPT:
        table, _, name = place.partition(".")
        column = SCHEMAS[table].column(name)
        assert (column.dtype, column.allowed, column.sensitivity) == ("text", (), "internal"), place
