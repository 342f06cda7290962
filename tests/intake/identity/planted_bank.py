"""A bank's folder whose every name, number, phone and code is planted, in whole rows and in broken ones."""

import gzip
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from pypdf import PdfReader

from analysis.intake.sources.demo.identity import with_check_digits

NAME, PERSON, PHONE, MAIL = "种植测试有限公司", "李种植", "13912345678", "planted@example.com"
CARD = "310101199001011234"
CLIENT, LOAN, MANAGER, GROUP = "KHPLANTED", "JJPLANTED", "GHPLANTED", "JTPLANTED"
MARKS = ("种植", PHONE, MAIL, CARD, "PLANTED", "planted", "91310000MA")
"""What must be in no file and no message; every planted value holds one of them."""
N_CLIENTS = 40
MONTHS = ("2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30")
MAPPING = """
[source]
name = "monday"
zh = "周一银行"
en = "Monday bank"
kind = "production"
currency = "CNY"
industry_scheme = "gbt4754"

[[file]]
table = "clients"
files = ["客户.csv"]
[file.columns]
client_id = "客户号"
name = "客户名称"
credit_code = "统一社会信用代码"
status = "客户状态"
relation_start = "开户日期"
group_id = "集团号"
manager_id = "客户经理"
staff = "从业人员"
[file.codes.status]
"正常" = "open"
"销户" = "closed"

[[file]]
table = "positions"
files = ["存款.csv"]
[file.columns]
client_id = "客户号"
month = "月末"
product = "产品"
balance_avg = "月日均余额"

[[file]]
table = "loans"
files = ["借据.csv"]
[file.columns]
loan_id = "借据号"
client_id = "客户号"
start = "发放日"
amount = "金额"

[[file]]
table = "feedback"
files = ["投诉.csv"]
[file.columns]
case_id = "编号"
client_id = "客户号"
kind = {constant = "complaint"}
opened = "受理日期"
content = "内容"
contact = "联系人"
phone = "联系电话"

[[file]]
table = "actions"
files = ["行动.csv"]
[file.columns]
action_id = "编号"
title = "事项"
owner = "责任人"
evidence = "依据"
"""


def credit_code(number: int) -> str:
    """A valid code that starts 91310000MA."""
    import numpy as np

    digits = [9, 1, 3, 1, 0, 0, 0, 0, 21, 10, *(int(digit) for digit in f"{number:06d}"), 0]
    return with_check_digits(np.array([digits]))[0]


def write_planted_bank(root: Path) -> Path:
    """The folder 2026Q3 of a bank with whole and with broken rows."""
    folder = root / "2026Q3"
    folder.mkdir(parents=True)
    files = {"客户": _clients(), "存款": _deposits(), "借据": _loans(), "投诉": _complaints(), "行动": _actions()}
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    (root / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return root


def _clients() -> Iterator[str]:
    yield "客户号,客户名称,统一社会信用代码,客户状态,开户日期,集团号,客户经理,从业人员,法定代表人,手机"
    for k in range(N_CLIENTS):
        # the last is the first under another number
        code = credit_code(0 if k == N_CLIENTS - 1 else k)
        yield (
            f"{CLIENT}{k},第{k}{NAME},{code},正常,2015-01-0{k % 9 + 1},{GROUP}{k % 3},{MANAGER}{k % 5},"
            f"{k + 1},{PERSON},{PHONE}"
        )
    code = credit_code(99)
    yield f"{CLIENT}0,第0{NAME},{credit_code(0)},正常,2015-01-01,,{MANAGER}1,3,{PERSON},{PHONE}"  # key twice
    yield f"{CLIENT}91,{NAME},{code},{PERSON},2015-01-01,,{MANAGER}1,3,{PERSON},{PHONE}"  # a name for a status
    yield f"{CLIENT}92,{NAME},{code},{PHONE},{MAIL},,{MANAGER}1,3,{PERSON},{PHONE}"  # a phone, an address
    yield f"{CLIENT}93,{NAME},{code},正常,2015-02-30,,{MANAGER}1,{CARD},{PERSON},{PHONE}"  # an identity card
    yield f",{NAME},{code},正常,2015-01-01,,{MANAGER}1,3,{PERSON},{PHONE}"  # no number
    yield f"{CLIENT}94,{NAME},{code},正常,2035-01-01,,{MANAGER}1,3,{PERSON},{PHONE}"  # starts too late
    yield f"{CLIENT}95,{NAME},{PERSON},{code},正常,2015-01-01,{MANAGER}1,3,{PERSON},{PHONE},一格太多"  # ragged
    yield f'{CLIENT}96,"{NAME},{code},正常,2015-01-01,,{MANAGER}1,3,{PERSON},{PHONE}'  # a quote left open
    yield f"制表人：{PERSON}"


def _deposits() -> Iterator[str]:
    yield "客户号,月末,产品,月日均余额"
    for k in range(N_CLIENTS):
        for month in MONTHS:
            yield f"{CLIENT}{k},{month},deposit_demand,{(k + 1) * 1000}.50"
    yield f"{CLIENT}{N_CLIENTS - 1},2026-09-30,deposit_demand,{PERSON}{PHONE}"  # words for an amount
    yield f"{CLIENT}999,2026-09-30,deposit_demand,7"  # nobody's
    yield f"{CLIENT}1,{PERSON},deposit_demand,7"


def _loans() -> Iterator[str]:
    yield "借据号,客户号,发放日,金额"
    for k in range(20):
        yield f"{LOAN}{k},{CLIENT}{k},2026-0{k % 9 + 1}-15,{k}00000"
    yield f"{LOAN}0,{CLIENT}0,2026-01-15,1"
    yield f"{LOAN}77,{CLIENT}777,2026-01-15,1"


def _complaints() -> Iterator[str]:
    yield "编号,客户号,受理日期,内容,联系人,联系电话"
    for k in range(10):
        yield f"TS{k},{CLIENT}{k},2026-08-1{k},{NAME}{PERSON}来电{PHONE}称账户被盗,{PERSON},{PHONE}"
    yield f"TS0,{CLIENT}0,2026-08-10,{NAME},{PERSON},{PHONE}"
    yield f"TS77,{CLIENT}3,{PERSON},{NAME},{PERSON},{PHONE}"


def _actions() -> Iterator[str]:
    yield "编号,事项,责任人,依据"
    yield f"XD1,请{PERSON}走访{NAME},{PERSON},{CLIENT}1来电{PHONE}"
    yield f"XD2,复核抵押物,公司业务部,{PERSON}于9月面谈"
    yield f"XD3,{NAME},公司业务部{PERSON},{MAIL}"


def found_in(folder: Path) -> list[str]:
    """`file: mark` for every mark in a name or in the content of any file, whatever its encoding or packing."""
    hits = []
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        blobs = list(_contents(path))
        hits += [f"{path.name}: {mark}" for mark in MARKS if mark in path.name or _holds(blobs, mark)]
    return hits


def _contents(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        yield repr(table.to_pydict()).encode()
        yield repr(table.schema.metadata).encode()
    if path.suffix == ".pdf":
        yield text_of_pdf(path).encode()
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name) for name in book.namelist())


def text_of_pdf(path: Path) -> str:
    """Everything a reader may find in a PDF: its pages without spaces and breaks, its properties and its bookmarks."""
    reader = PdfReader(path)
    pages = "".join("".join(page.extract_text().split()) for page in reader.pages)
    return f"{pages} {dict(reader.metadata or {})} {reader.outline}"


def _holds(blobs: list[bytes], mark: str) -> bool:
    forms = {mark.encode(encoding) for encoding in ("utf-8", "gb18030", "utf-16-le")}
    forms.add(mark.encode("unicode_escape"))
    return any(form in blob for blob in blobs for form in forms)
