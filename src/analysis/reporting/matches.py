"""How the tables join to the clients, in the report: a line of the control page and a table of the appendix."""

from typing import TYPE_CHECKING

from analysis.core.blocks import Column, Ref, Row, Sentence, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import LANGUAGES, Text
from analysis.core.units import Currency
from analysis.present.format import sentence_text
from analysis.present.numbers import number
from analysis.reporting.render.document import ControlRow

if TYPE_CHECKING:
    from analysis.intake.identity import ClientMatches, TableMatch

_PLACE = "appendix"
_CARDINALITIES = {"m:1": Text("多行对一户", "many rows to one client")}


def matches_row(matches: "ClientMatches", currency: Currency) -> ControlRow:
    """Which share of the clients has basic, business and transaction data."""
    label = Text("核心数据齐备", "Core data of clients")
    if matches.n_core is None or matches.n_clients == 0:
        return ControlRow(label, _core_share(matches)[1])
    sentence = Sentence.of(
        "{n} 户客户中 {share} 三类核心数据齐备（基本信息、产品持有、交易）",
        "{share} of {n} clients have all core data (register, positions, transactions)",
        n=number(_PLACE, "matches.n_clients", matches.n_clients, "count", Text("户数", "clients")),
        share=_core_share(matches)[0],
    ).as_json()
    return ControlRow(label, Text(*(sentence_text(sentence, language, currency) for language in LANGUAGES)))


def _core_share(matches: "ClientMatches") -> tuple[Ref, Text]:
    """The share as a fact, and the reason where there is none."""
    if matches.n_core is not None:
        empty = Unavailable(Text("没有在册客户", "no client is in force"))
        share: float | Unavailable = matches.n_core / matches.n_clients if matches.n_clients else empty
    else:
        share = Unavailable(_what_is_absent(matches))
    label = Text("核心数据齐备的客户占比", "share of clients with all core data")
    reason = share.reason if isinstance(share, Unavailable) else Text("", "")
    return number(_PLACE, "matches.core_share", share, "percent_1", label), reason


def _what_is_absent(matches: "ClientMatches") -> Text:
    """Which of the tables with core data the source does not have."""
    from analysis.intake.identity.matches import CORE
    from analysis.intake.schemas import SCHEMAS

    given = {table.table for table in matches.tables}
    absent = [SCHEMAS[name].label for name in CORE if name not in given]
    zh = "、".join(f"“{label.zh}”" for label in absent)
    en = " and of ".join(label.en for label in absent)
    return Text(f"数据源没有{zh}表，无从判断", f"the source has no table of {en}")


def matches_table(matches: "ClientMatches") -> Table:
    """For each table the clients it reaches, the rows that belong to no client, and how it joins."""
    columns = (
        Column("table", Text("数据表", "Table"), "words"),
        Column("n_clients", Text("涉及客户（户）", "Clients with a row")),
        Column("share", Text("占在册客户（%）", "Of all clients (%)"), "percent_1"),
        Column("n_rows", Text("行数", "Rows")),
        Column("n_unmatched", Text("未匹配行数", "Rows unmatched")),
        Column("cardinality", Text("对应关系", "Join"), "words"),
    )
    note = Sentence.of(
        "在册客户为未销户客户，共 {n} 户，其中核心数据齐备的 {core} 户。"
        "未匹配行为客户号空缺或不在客户表中的行，后者装载时剔除。",
        "All clients are the {n} whose account is not closed, {core} of them with all core data. Rows unmatched name no"
        " client, or one that is not in the register; loading leaves the latter out.",
        n=number(_PLACE, "matches.n_clients", matches.n_clients, "count", Text("户数", "clients")),
        core=number(
            _PLACE,
            "matches.n_core",
            Unavailable(_what_is_absent(matches)) if matches.n_core is None else matches.n_core,
            "count",
            Text("核心数据齐备的户数", "clients with all core data"),
        ),
    )
    title = Text("各表与客户的匹配", "How the tables join to the clients")
    rows = tuple(_row(table, matches.n_clients) for table in matches.tables)
    own = (_core_share(matches)[0].fact,)
    return Table("appendix_matches", title, Text("见各列", "in each column"), columns, rows, note, own_facts=own)


def _row(table: "TableMatch", n_clients: int) -> Row:
    from analysis.intake.schemas import SCHEMAS

    label = SCHEMAS[table.table].label

    def counted(name: str, value: int, zh: str, en: str) -> Ref:
        what = Text(f"{label.zh}：{zh}", f"{label.en}: {en}")
        return number(_PLACE, f"matches.{table.table}.{name}", value, "count", what, unit=False)

    return Row(
        {
            "table": label,
            "n_clients": counted("n_clients", table.n_clients, "涉及客户", "clients with a row"),
            "share": table.n_clients / n_clients if n_clients else None,
            "n_rows": counted("n_rows", table.n_rows, "行数", "rows"),
            "n_unmatched": counted("n_unmatched", table.n_unmatched, "未匹配行数", "rows unmatched"),
            "cardinality": _CARDINALITIES[table.cardinality],
        }
    )
