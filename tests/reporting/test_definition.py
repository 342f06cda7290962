"""A report's TOML file."""

from pathlib import Path
from typing import Any

import pytest

from analysis.core.errors import ParameterError
from analysis.core.text import Text
from analysis.reporting.definition import read_definition, report_names, repository_root


def refusal(repository: Any, text: str) -> str:
    (repository.root / "reports" / "quarterly.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        read_definition("quarterly", repository.root)
    return caught.value.message


def test_a_report_is_read_with_its_chapters_in_order(repository: Any) -> None:
    found = read_definition("quarterly", repository.root)
    assert found.chapters == ("10_first", "90_summarise")
    assert found.title == Text("季报", "Quarterly")


def test_an_unknown_report_is_refused_with_the_nearest_name(repository: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        read_definition("quaterly", repository.root)
    assert caught.value.message == "There is no report 'quaterly'."
    assert caught.value.hint == "Did you mean 'quarterly'? Known are quarterly."


@pytest.mark.parametrize("name", ["../pyproject", "/etc/passwd", "", "quarterly.toml", "a\nb"])
def test_a_report_name_is_never_a_path(repository: Any, name: str) -> None:
    with pytest.raises(ParameterError, match="There is no report"):
        read_definition(name, repository.root)


HEAD = """title = { zh = "季", en = "Q" }
short_title = { zh = "季", en = "Q" }
audience = { zh = "行", en = "M" }
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "reports/quarterly.toml cannot be read: Invalid value (at end of document)."),
        (HEAD, "reports/quarterly.toml lists no chapters."),
        (HEAD + "order = []", "reports/quarterly.toml lists no chapters."),
        (HEAD + 'order = ["10_first", "10_first"]', "reports/quarterly.toml lists a chapter twice."),
        (HEAD + 'order = ["10_frist"]', "reports/quarterly.toml names a chapter '10_frist' without a notebook."),
        (HEAD + 'order = ["10_first"]\nchaptres = 1', "reports/quarterly.toml has an unknown key 'chaptres'."),
        (
            HEAD + 'order = ["10_first"]\n[chapters.90_summarise]\nseed = 1',
            "reports/quarterly.toml has parameters for '90_summarise', which it does not list.",
        ),
        (HEAD + 'order = ["10_first"]\nchapters = 1', "reports/quarterly.toml has parameters that are no table."),
        (
            HEAD.replace(', en = "Q"', "", 1) + 'order = ["10_first"]',
            "reports/quarterly.toml needs title in both languages.",
        ),
    ],
)
def test_a_wrong_report_file_is_refused_in_plain_words(repository: Any, text: str, message: str) -> None:
    assert refusal(repository, text) == message


def test_the_repository_is_where_the_environment_says(repository: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repository_root() == repository.root.resolve()
    monkeypatch.setenv("ANALYSIS_HOME", str(repository.root / "reports"))
    with pytest.raises(ParameterError, match="it has no pyproject"):
        repository_root()
    monkeypatch.delenv("ANALYSIS_HOME")
    assert repository_root() == Path(__file__).parents[2]


def test_the_reports_of_this_project_can_be_read() -> None:
    root = Path(__file__).parents[2]
    assert [read_definition(name, root).name for name in report_names(root)] == list(report_names(root))
    assert "quarterly" in report_names(root)
