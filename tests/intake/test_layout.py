"""Which files of a folder are whose quarter's; nothing that lies there is passed over without a word."""

import pytest

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter
from analysis.intake.check_folder import check_found, mapping_lines, result_lines
from analysis.intake.sources.folder import look
from analysis.intake.sources.layout import lay_out, quarter_of_name

CLIENTS = "客户号,客户状态\nC1,open\nC2,open\n"
DEPOSITS = "客户号,月末,产品,月日均余额\nC1,2026-09-30,deposit_demand,100\nC2,2026-06-30,deposit_demand,20\n"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("ANALYSIS_ID_KEY", "a key for tests only")


@pytest.fixture
def write(tmp_path):
    """Writes files below a folder and gives the folder."""

    def files(**named):
        for name, text in named.items():
            path = tmp_path / "bank" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "bank"

    return files


def laid(root, quarter=None):
    return [(label, [path.name for path in paths]) for label, paths in lay_out(root, quarter).files]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("2026Q3", "2026Q3"),
        ("2026q3", "2026Q3"),
        ("2026-Q3", "2026Q3"),
        ("２０２６Q3", "2026Q3"),
        ("2026年3季度", "2026Q3"),
        ("2026年第三季度", "2026Q3"),
        ("2026年Q3", "2026Q3"),
        ("2026Q5", ""),
        ("202609", ""),
        ("2026", ""),
        ("x2026Q3", ""),
    ],
)
def test_a_folder_is_named_by_its_quarter_in_any_usual_way(name, label):
    assert quarter_of_name(name) == label


def test_folders_named_otherwise_stand_in_the_order_of_their_quarters(write):
    root = write(**{"2026年3季度/a.csv": CLIENTS, "2026q2/a.csv": CLIENTS, "2026Q1/b.csv": CLIENTS})
    assert laid(root) == [("2026Q1", ["b.csv"]), ("2026Q2", ["a.csv"]), ("2026Q3", ["a.csv"])]
    assert laid(root, Quarter("2026Q2")) == [("2026Q1", ["b.csv"]), ("2026Q2", ["a.csv"])]


def test_two_folders_of_one_quarter_are_refused(write):
    root = write(**{"2026Q3/a.csv": CLIENTS, "2026年3季度/a.csv": CLIENTS})
    with pytest.raises(DataError) as caught:
        lay_out(root, None)
    assert str(caught.value) == (
        "The folders 2026Q3 and 2026年3季度 of bank are both of 2026Q3. Keep one folder a quarter."
    )


def test_folders_and_files_that_are_not_read_are_named_with_what_to_do(write, tmp_path):
    root = write(
        **{
            "2026Q3/客户信息.csv": CLIENTS,
            "2026Q3/分行A/深/存款.csv": DEPOSITS,
            "存款.csv": DEPOSITS,
            "九月/存款.csv": DEPOSITS,
            "policy/own.toml": "",
            "template/clients.csv": CLIENTS,
            "notes/read.md": "",
        }
    )
    found = look(str(root))
    assert [line for line in mapping_lines(found) if line.startswith("not read")] == [
        "not read, it lies beside the quarters' folders; put it into the folder of its quarter: 存款.csv",
        "not read, its name is no quarter such as 2026Q3: 九月",
        "not read, it is a folder inside a quarter's folder; move its files one folder up: 2026Q3/分行A",
    ]
    lines = list(result_lines(check_found(found, cache=tmp_path / "cache")))
    assert "nothing is wrong" not in lines
    assert (
        "  存款.csv · not_read: is not read: it lies beside the quarters' folders; put it into"
        " the folder of its quarter"
    ) in lines


def test_folders_beside_files_without_quarters_are_named(write):
    root = write(**{"客户信息.csv": CLIENTS, "分行A/存款.csv": DEPOSITS})
    assert [(one.name, one.reason.en) for one in lay_out(root, None).passed] == [
        ("分行A", "it is a folder beside the files; move its files one folder up")
    ]


def test_a_folder_without_data_names_the_folders_that_hold_some(write):
    root = write(**{"九月/存款.csv": DEPOSITS})
    with pytest.raises(DataError) as caught:
        lay_out(root, None)
    assert caught.value.message == (
        "The folder bank holds no data file and no quarter such as 2026Q3. Its folders 九月 are named by no quarter."
    )


def test_files_of_one_folder_that_differ_in_their_quarter_lie_under_it(write, tmp_path):
    later = CLIENTS.replace("C2,open", "C2,closed")
    root = write(**{"客户_2026Q2.csv": CLIENTS, "客户_2026Q3.csv": later, "存款.csv": DEPOSITS})
    assert laid(root) == [("", ["存款.csv"]), ("2026Q2", ["客户_2026Q2.csv"]), ("2026Q3", ["客户_2026Q3.csv"])]
    result = check_found(look(str(root)), cache=tmp_path / "cache")
    # two clients in each of two quarters, none a copy of another
    assert {count.table: (count.n_read, count.n_kept) for count in result.counts} == {
        "clients": (4, 4),
        "positions": (2, 2),
    }
    assert [check.rule for check in result.checks] == []


def test_one_file_with_a_quarter_in_its_name_holds_all_history(write):
    root = write(**{"客户_2026Q2.csv": CLIENTS, "存款.csv": DEPOSITS})
    assert laid(root) == [("", ["存款.csv", "客户_2026Q2.csv"])]
