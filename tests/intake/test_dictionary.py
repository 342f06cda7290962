"""The dictionary says what the contract says, and reference files are what their source notes describe."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from analysis.intake.dictionary import dictionary_markdown
from analysis.intake.reference import industry_names, region_names
from analysis.intake.schemas import SCHEMAS

DATA = Path(__file__).parents[2] / "data"


def test_the_readme_of_the_data_folder_is_the_generated_one():
    written = (DATA / "README.md").read_text(encoding="utf-8")
    assert written == dictionary_markdown(), (
        'data/README.md is behind the contract; write it anew: python -c "from analysis.intake.dictionary import *;'
        " open('data/README.md', 'w').write(dictionary_markdown())\""
    )


def test_every_column_stands_in_the_dictionary_with_both_labels():
    text = dictionary_markdown()
    for schema in SCHEMAS.values():
        section = text.split(f"### `{schema.name}`")[1].split("\n### ")[0]
        for column in schema.columns:
            line = next(line for line in section.splitlines() if line.startswith(f"| `{column.name}` |"))
            assert column.label.zh in line
            assert column.label.en in line


def test_names_and_codes_of_people_and_firms_are_restricted():
    restricted = {(s.name, c.name) for s in SCHEMAS.values() for c in s.columns if c.sensitivity == "restricted"}
    assert restricted >= {("clients", "name"), ("clients", "credit_code")}


def test_every_key_column_is_a_required_column():
    for schema in SCHEMAS.values():
        assert all(schema.column(name).required for name in schema.key), schema.name


@pytest.mark.parametrize("note", sorted((DATA / "reference").glob("*.source.toml")), ids=lambda path: path.name)
def test_a_reference_file_has_the_hash_its_source_note_gives(note):
    source = tomllib.loads(note.read_text(encoding="utf-8"))
    content = note.with_name(note.name.replace(".source.toml", ".csv")).read_bytes()
    assert hashlib.sha256(content).hexdigest() == source["sha256"]
    assert source["title_zh"]
    assert source["title_en"]


def test_both_industry_schemes_are_named_in_both_languages():
    # GB/T 4754-2017 has sections A to T; NAICS has 20 two-digit sectors, three of them joined.
    assert list(industry_names("gbt4754")) == list("ABCDEFGHIJKLMNOPQRST")
    assert len(industry_names("naics")) == 20
    assert industry_names("naics")["31-33"].zh == "制造业"
    assert region_names("naics")["DC"].en == "District of Columbia"
