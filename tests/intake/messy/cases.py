"""Messy extracts: what is in the file, and exactly what must come of it.

Every case is a folder of three clients and a file of balances. Numbers are small enough to be added by hand: the plain
file has 100.00 + 200.50 + 300.25 = 600.75.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from analysis.intake.schemas import PRODUCTS
from tests.intake.messy.binary_books import xls, xlsb
from tests.intake.messy.builders import (
    CLIENTS,
    DEMAND,
    HEADER,
    MONTH,
    PLAIN,
    bomb_gz,
    bomb_xlsx,
    excel_rows,
    gzipped,
    lines,
    mapping,
    ods,
    parquet,
    row,
    text,
    wide,
    workbook,
)

Content = bytes | Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """One messy folder.

    Parameters
    ----------
    files : name → content, beside `clients.csv` and `mapping.toml`
    rows : balances read, kept and set aside
    kept : sum of the balances kept
    rules : (file, column, rule) → rows, of every check that loading gives
    products : words that the kept rows must have, where the case is about text
    refusal : the whole message, where the folder must be refused
    """

    name: str
    files: Mapping[str, Content]
    rows: tuple[int, int, int] = (3, 3, 0)
    kept: str = "600.75"
    rules: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    mapping: str = mapping()
    products: tuple[str, ...] = (DEMAND,)
    refusal: str = ""

    @property
    def all_files(self) -> dict[str, Content]:
        return {"clients.csv": CLIENTS, "mapping.toml": self.mapping.encode(), **self.files}


def csv(name: str, content: Content, **expected: object) -> Case:
    """A case of one CSV file."""
    return Case(name, {"balances.csv": content}, **expected)  # type: ignore[arg-type]


def xlsx(name: str, content: Content, **expected: object) -> Case:
    """A case of one workbook."""
    return Case(name, {"balances.xlsx": content}, **expected)  # type: ignore[arg-type]


def rules(**broken: int) -> dict[tuple[str, str, str], int]:
    """Rules that rows of balances.csv broke: column__rule=rows."""
    found = {}
    for name, n_rows in broken.items():
        column, rule = name.split("__")
        found["balances.csv", column, rule] = n_rows
    return found


KINDS = tuple(PRODUCTS)
WAN = mapping(amount='{column = "余额", multiply = 10000}')
CODED = mapping(more='[file.codes.product]\n"活期" = "deposit_demand"\n"定期" = "deposit_term"')

ENCODINGS = (
    csv("plain utf-8", text()),
    csv("utf-8 with a byte order mark", text(encoding="utf-8-sig")),
    csv("gb18030", text(encoding="gb18030")),
    csv(
        "gb18030 with characters of four bytes",
        text((*PLAIN[:2], row("K3", "300.25", product="𠮷㐂存款")), encoding="gb18030"),
        mapping=mapping(more='[file.codes.product]\n"𠮷㐂存款" = "deposit_term"'),
        products=(DEMAND, "deposit_term"),
    ),
    csv("gbk is part of gb18030", text(encoding="gbk")),
    csv("utf-16 as Excel writes Unicode text", text(encoding="utf-16", delimiter="\t")),
    csv("windows line ends", text(newline="\r\n")),
    csv(
        "line ends mixed",
        ",".join(HEADER).encode() + b"\r\n" + b"\n".join(",".join(r).encode() for r in PLAIN) + b"\r\n",
    ),
    csv("no line end at the end", text()[:-1]),
    csv("declared encoding", text(encoding="gb18030"), mapping=mapping(options='encoding = "gb18030"')),
)

DELIMITERS = (
    csv("tabs", text(delimiter="\t")),
    csv("semicolons", text(delimiter=";")),
    csv("bars", text(delimiter="|")),
    csv("bars that are declared", text(delimiter="|"), mapping=mapping(options='delimiter = "|"')),
    Case("a text file of tabs", {"balances.txt": text(delimiter="\t", encoding="gb18030")}),
    Case("a tsv file", {"balances.tsv": text(delimiter="\t")}),
    Case("packed with gzip", {"balances.csv.gz": gzipped(text(encoding="gb18030"))}),
)

SHAPES = (
    csv("a title above the header", text(before="余额表,,,\n2026年9月,,,\n")),
    csv("blank lines", text(before="\n").replace(b"\nK2", b"\n\n,,,\n\nK2")),
    csv("spaces around cells", lines(*(" , ".join(cells) + " " for cells in PLAIN))),
    csv(
        "rows too short and too long",
        lines(*(",".join(cells) for cells in PLAIN), "K1,2026-08-31", "K2,2026-08-31,deposit_demand,5.00,6.00"),
        rows=(5, 3, 2),
        rules=rules(__ragged=2),
    ),
    csv(
        "a quote that is not closed",
        lines(",".join(PLAIN[0]), 'K2,2026-09-30,"deposit_demand,200.50', ",".join(PLAIN[2])),
        rows=(3, 2, 1),
        kept="400.25",
        rules=rules(__unclosed_quote=1),
    ),
    csv(
        "quotes with commas, line ends and quotes inside",
        lines(",".join(PLAIN[0]), 'K2,2026-09-30,"a ""b"", c\nd",200.50', ",".join(PLAIN[2])),
        mapping=mapping(more='[file.codes.product]\n"a \\"b\\", c\\nd" = "deposit_term"'),
        products=(DEMAND, "deposit_term"),
    ),
    csv(
        "a header twice",
        text([(*cells, "0.00") for cells in PLAIN], header=(*HEADER, "余额")),
    ),
    csv("a header without a name", text([(*cells, "x") for cells in PLAIN], header=(*HEADER, ""))),
    csv("a separator at every line's end", text([(*cells, "") for cells in PLAIN], header=(*HEADER, ""))),
    csv("columns nobody asked for", text([("x", *cells, "y") for cells in PLAIN], header=("序号", *HEADER, "备注"))),
    csv("only a header", text(()), rows=(0, 0, 0), kept="0", products=()),
    csv("one row", text(PLAIN[:1]), rows=(1, 1, 0), kept="100.00"),
    csv("ten thousand columns", lambda: wide(10_000)),
    csv(
        "a total at the end",
        text(after="合计,,,600.75\n"),
        rows=(4, 3, 1),
        rules=rules(__total_row=1),
    ),
    csv(
        "a total and a signature at the end",
        text(after="总计,,,600.75\n制表人：张三,,复核：李四,\n"),
        rows=(5, 3, 2),
        rules=rules(__total_row=2),
    ),
)

NUMBERS = (
    csv(
        "thousands separators",
        lines('K1,2026-09-30,deposit_demand,"1,234,567.89"', 'K2,2026-09-30,deposit_demand,"-1,000.00"'),
        rows=(2, 2, 0),
        kept="1233567.89",
        rules=rules(balance_avg__negative_balance=1),
    ),
    csv(
        "full-width digits",
        text((row("K1", "１２３．４５"), row("K2", "－２０．００"))),
        rows=(2, 2, 0),
        kept="103.45",
        rules=rules(balance_avg__negative_balance=1),
    ),
    csv(
        "signs of currency",
        text((row("K1", "¥100.00"), row("K2", "￥200.00"), row("K3", "$300.00"))),
        kept="600.00",
    ),
    csv(
        "negative as accountants write it",
        text((row("K1", "(100.00)"), row("K2", "50.00-"), row("K3", "（30.00）"))),
        kept="-180.00",
        rules=rules(balance_avg__negative_balance=3),
    ),
    csv(
        "units mixed in the cells",
        text((row("K1", "1.5万元"), row("K2", "200元"), row("K3", "0.02亿"))),
        kept="2015200.00",  # 15,000 + 200 + 2,000,000
    ),
    csv(
        "a file in 万元", text((row("K1", "1.5"), row("K2", "0.000001"))), mapping=WAN, rows=(2, 2, 0), kept="15000.01"
    ),
    csv(
        "a file in 万元 with units in some cells",
        text((row("K1", "1.5"), row("K2", "200元"))),
        mapping=WAN,
        rows=(2, 2, 0),
        kept="15200.00",
    ),
    csv("scientific notation", text((row("K1", "1.2E+05"), row("K2", "2.5e-1"))), rows=(2, 2, 0), kept="120000.25"),
    csv(
        "words for nothing",
        text(
            tuple(row(f"K{n % 3 + 1}", word, product=KINDS[n]) for n, word in enumerate(("", "-", "--", "NULL", "无")))
        ),
        rows=(5, 5, 0),
        kept="0",
        products=KINDS[:5],
    ),
    csv(
        "words for a number",
        text((*PLAIN, row("K1", "待核实", product="p"))),
        rows=(4, 3, 1),
        rules=rules(balance_end__type=1),
    ),
    csv(
        "a number that is too large",
        text((*PLAIN, row("K1", "99999999999999999999", product="p"))),
        rows=(4, 3, 1),
        rules=rules(balance_end__type=1),
    ),
    csv(
        "a formula in a cell",
        text((*PLAIN, row("K1", "=1+1", product="p"))),
        rows=(4, 3, 1),
        rules=rules(balance_end__type=1),
    ),
    csv(
        "half a fen is rounded away from zero",
        text((row("K1", "0.005"), row("K2", "-0.005"), row("K3", "0.0149"))),
        kept="0.01",  # 0.01 − 0.01 + 0.01
        rules=rules(balance_avg__negative_balance=1),
    ),
)

DATES = (
    csv(
        "months and days in every usual form",
        text(
            tuple(
                row("K1", "1.00", month=month, product=KINDS[n])
                for n, month in enumerate(
                    ("2026-09-30", "2026/9/30", "20260930", "2026年9月30日", "2026年9月", "202609", "2026-09", "46295")
                )
            )
        ),
        rows=(8, 8, 0),
        kept="8.00",
        products=KINDS[:8],
    ),
    csv(
        "days that do not exist",
        text((*PLAIN, row("K1", "1", month="2026-02-30"), row("K2", "1", month="2026-13-01"))),
        rows=(5, 3, 2),
        rules=rules(month__type=2),
    ),
    csv(
        "a day in the middle of the month stands for the month",
        text((row("K1", "1.00", month="2026-09-15"),)),
        rows=(1, 1, 0),
        kept="1.00",
    ),
    csv(
        "rows after the quarter",
        text(
            (
                *(row(client, "1.00", product=kind) for client in ("K1", "K2", "K3") for kind in KINDS),
                row("K1", "1.00", month="2062-09-30"),
            )
        ),  # three clients with 18 products each
        rows=(55, 54, 1),
        kept="54.00",
        rules=rules(month__later_than_quarter=1),
        products=KINDS,
    ),
)

KEYS = (
    csv(
        "the same row twice",
        text((*PLAIN, PLAIN[0])),
        rows=(4, 3, 1),
        rules=rules(client_id__duplicate_row=1),
    ),
    csv(
        "the same key with another value: the last stays",
        text((row("K1", "1.00"), *PLAIN)),
        rows=(4, 3, 1),
        rules=rules(client_id__duplicate_key=1),
    ),
    csv(
        "a client nobody knows",
        text((*PLAIN, row("K9", "5.00"))),
        rows=(4, 3, 1),
        rules=rules(client_id__orphan=1),
    ),
    csv(
        "no client",
        text((*PLAIN, row("", "5.00"))),
        rows=(4, 3, 1),
        rules=rules(client_id__required=1),
    ),
    csv(
        "a number that a spreadsheet has shortened",
        text((*PLAIN, row("1.23457E+15", "5.00"))),
        rows=(4, 3, 1),
        rules=rules(client_id__type=1),
    ),
    csv(
        "a row with several faults is counted once, by the first",
        text((*PLAIN, row("K9", "x", month="2026-02-30"))),
        rows=(4, 3, 1),
        rules=rules(month__type=1),
    ),
    csv(
        "codes in words",
        text((row("K1", "1.00", product="活期"), row("K2", "2.00", product="定期"))),
        mapping=CODED,
        rows=(2, 2, 0),
        kept="3.00",
        products=("deposit_demand", "deposit_term"),
    ),
    csv(
        "a code that is not known",
        text((row("K1", "1.00", product="活期"), row("K2", "2.00", product="神秘"))),
        mapping=CODED,
        rows=(2, 1, 1),
        kept="1.00",
        rules=rules(product__unknown_code=1),
    ),
)

AMOUNTS = tuple((*cells[:3], float(cells[3])) for cells in PLAIN)
"""The three balances with amounts as numbers."""
WITH_ERROR = (HEADER, *AMOUNTS, ("K1", "2026-08-31", DEMAND, "#REF!"))

WORKBOOKS = (
    Case("a workbook of Excel 97", {"balances.xls": xls((HEADER, *AMOUNTS))}),
    Case(
        "a workbook of Excel 97 with a day number and an error",
        {"balances.xls": xls((*WITH_ERROR[:2], ("K2", 46295, DEMAND, 200.5), *WITH_ERROR[3:]))},
        rows=(4, 3, 1),
        rules={("balances.xls!Sheet1", "balance_end", "type"): 1},
    ),
    Case("a binary workbook", {"balances.xlsb": xlsb((HEADER, *AMOUNTS))}),
    Case(
        "a binary workbook with an error",
        {"balances.xlsb": xlsb(WITH_ERROR)},
        rows=(4, 3, 1),
        rules={("balances.xlsb!Sheet1", "balance_end", "type"): 1},
    ),
    Case("a workbook with macros", {"balances.xlsm": workbook({"Sheet1": excel_rows(*AMOUNTS)})}),
    Case("an open document", {"balances.ods": ods((HEADER, *AMOUNTS))}),
    xlsx(
        "a workbook",
        workbook(
            {
                "Sheet1": excel_rows(
                    ("K1", MONTH, DEMAND, 100), ("K2", MONTH, DEMAND, 200.5), ("K3", MONTH, DEMAND, 300.25)
                )
            }
        ),
    ),
    xlsx(
        "a workbook with merged titles and a total",
        workbook(
            {
                "余额": [
                    ("对公客户余额表", None, None, None),
                    ("单位：元", None, None, None),
                    HEADER,
                    ("K1", MONTH, DEMAND, 100),
                    ("K2", MONTH, DEMAND, 200.5),
                    ("K3", MONTH, DEMAND, 300.25),
                    ("合计", None, None, 600.75),
                ]
            },
            merged="A1:D1",
        ),
        rows=(4, 3, 1),
        rules={("balances.xlsx!余额", "", "total_row"): 1},
    ),
    xlsx(
        "dates and numbers of Excel",
        workbook(
            {
                "Sheet1": excel_rows(
                    ("K1", date(2026, 9, 30), DEMAND, 100),
                    ("K2", datetime(2026, 9, 30, 12, 0), DEMAND, 200.5),
                    ("K3", 46295, DEMAND, "300.25"),
                )
            }
        ),
    ),
    xlsx(
        "errors of Excel",
        workbook(
            {"Sheet1": excel_rows(*((*cells[:3], float(cells[3])) for cells in PLAIN), ("K1", MONTH, "p", "#REF!"))}
        ),
        rows=(4, 3, 1),
        rules={("balances.xlsx!Sheet1", "balance_end", "type"): 1},
    ),
    xlsx(
        "the sheet that is named",
        workbook({"说明": [("读我",)], "九月": excel_rows(*PLAIN), "旧": excel_rows(row("K1", "7.00"))}),
        mapping=mapping(options='sheet = "九月"'),
    ),
    xlsx("an empty sheet before the rows", workbook({"Sheet1": [], "Sheet2": excel_rows(*PLAIN)})),
    xlsx("a hidden sheet", workbook({"Sheet1": excel_rows(*PLAIN), "旧": excel_rows(row("K1", "7.00"))}, hidden="旧")),
    xlsx(
        "numbers of clients are not made to fractions",
        workbook({"Sheet1": excel_rows((1001, MONTH, DEMAND, 5))}),
        rows=(1, 0, 1),
        kept="0",
        rules={("balances.xlsx!Sheet1", "client_id", "orphan"): 1},
        products=(),
    ),
)

OTHERS = (
    Case(
        "a Parquet file",
        {
            "balances.parquet": parquet(
                {"客户号": ["K1", "K2"], "月末": [date(2026, 9, 30)] * 2, "产品": [DEMAND] * 2, "余额": [0.1, 600.65]}
            )
        },
        rows=(2, 2, 0),
    ),
    Case(
        "a file that no mapping names",
        {"balances.csv": text(), "other.csv": text()},
        rules={("other.csv", "", "not_read"): 0},
    ),
    Case("hidden files and locks of Excel", {"balances.csv": text(), ".old.csv": b"x", "~$balances.xlsx": b"x"}),
    Case(
        "two files of one table",
        {"balances.csv": text(PLAIN[:1]), "balances.tsv": text(PLAIN[1:], delimiter="\t")},
    ),
    csv(
        "orders to the database are words",
        text((row("K1", "600.75", product="'; DROP TABLE positions; --"),)),
        rows=(1, 0, 1),
        kept="0",
        rules=rules(product__unknown_code=1),
        products=(),
    ),
    csv(
        "orders to the database in a header",
        text([(*cells, "x") for cells in PLAIN], header=(*HEADER, '"""); DROP TABLE positions; --"')),
    ),
    csv(
        "orders to the database in a code",
        text((row("K1", "600.75", product="'); DROP TABLE positions; --"),)),
        mapping=mapping(more='[file.codes.product]\n"\'); DROP TABLE positions; --" = "deposit_demand"'),
        rows=(1, 1, 0),
    ),
)

CASES = (*ENCODINGS, *DELIMITERS, *SHAPES, *NUMBERS, *DATES, *KEYS, *WORKBOOKS, *OTHERS)
"""Folders that load."""

REFUSED = (
    Case(
        "a workbook of Excel 97 that is cut off",
        {"balances.xls": xls((HEADER, *AMOUNTS))[:1500]},
        refusal="The workbook balances.xls cannot be opened; it is damaged, protected or no workbook. Save it again as xlsx without a password.",
    ),
    Case(
        "a binary workbook that is cut off",
        {"balances.xlsb": xlsb((HEADER, *AMOUNTS))[:900]},
        refusal="The workbook balances.xlsb cannot be opened; it is damaged, protected or no workbook. Save it again as xlsx without a password.",
    ),
    csv(
        "bytes of no encoding",
        text()[:40] + b"\xff\xff" + text()[40:],
        refusal="The file balances.csv is neither utf-8 nor GB18030: line 2 holds the byte 0xff (byte 41), which fits neither. Export it again as utf-8 or GB18030, or name its encoding in the mapping.",
    ),
    csv(
        "an empty file", b"", refusal="The file balances.csv is empty. Deliver it again, or take it out of the folder."
    ),
    csv(
        "a column that is missing",
        text(header=("客户号", "月末", "产品", "余额(元)")),
        refusal="Columns are missing: balances.csv has no column '余额' for positions.balance_end (Did you mean '余额(元)'?). Correct the file, or say in mapping.toml which column is meant; analysis data check FOLDER drafts one.",
    ),
    csv(
        "no column of the mapping",
        b"a,b\n1,2\n",
        refusal="Columns are missing: balances.csv has no column '客户号' for positions.client_id; balances.csv has no column '月末' for positions.month; balances.csv has no column '产品' for positions.product; balances.csv has no column '余额' for positions.balance_end. Correct the file, or say in mapping.toml which column is meant; analysis data check FOLDER drafts one.",
    ),
    Case(
        "an archive that unpacks to far more",
        {"balances.csv.gz": lambda: bomb_gz(60)},
        refusal="The file balances.csv.gz would take 50 MB unpacked, more than a table of its size can. Deliver the table as Parquet, or in several files.",
    ),
    Case(
        "an archive that is cut off",
        {"balances.csv.gz": gzipped(text())[:-12]},
        refusal="The file balances.csv.gz cannot be read: it is cut off or no gzip file. Deliver it again.",
    ),
    xlsx(
        "a workbook that unpacks to far more",
        lambda: bomb_xlsx(60),
        refusal="The file balances.xlsx would take 60 MB unpacked, more than a table of its size can. Deliver the table as Parquet, or in several files.",
    ),
    xlsx(
        "a text file named as a workbook",
        text(),
        refusal="The file balances.xlsx is plain text that is called a workbook. Rename it to end in .csv.",
    ),
    xlsx(
        "a sheet that is not there",
        workbook({"Sheet1": excel_rows(*PLAIN)}),
        mapping=mapping(options='sheet = "九月"'),
        refusal="The workbook balances.xlsx has no sheet '九月'. It has Sheet1.",
    ),
    Case(
        "a Parquet file that is cut off",
        {"balances.parquet": parquet({"客户号": ["K1"]})[:-8]},
        refusal="The file balances.parquet is no Parquet file, or is cut off. Deliver it again.",
    ),
    csv(
        "a path in the mapping",
        text(),
        mapping=mapping().replace("balances.*", "../balances.*"),
        refusal="mapping.toml has 1 fault: [[file]] 2 (positions) files must be names in the source's own folder, not '../balances.*'. Correct the mapping file; its language is in data/mappings/README.md.",
    ),
    csv(
        "orders to the database in a column's name",
        text(),
        mapping=mapping(more='"x) --" = "余额"'),
        refusal="mapping.toml has 1 fault: [[file]] 2 (positions): there is no column 'x) --' (Known are balance_avg, balance_end, client_id, direct_cost, fee, funds_amount, funds_price, inflow, interest, matures, month, opened, opening_balance, outflow, product, product_limit, rate, risk_level). Correct the mapping file; its language is in data/mappings/README.md.",
    ),
    Case(
        "clients that are all set aside",
        {"clients.csv": "客户号,季度\nK1,第五季\n".encode(), "balances.csv": text()},
        refusal="The table clients is empty: every row of it was set aside: clients.csv, clients.quarter breaks type (is not a quarter) in 1 row, for example 第五季 (line 2). Run analysis data check FOLDER and look at what is wrong.",
    ),
)
"""Folders that must not load, with the whole message."""
