"""Columns that many tables share, and how amounts, rates, dates and yes-or-no columns are declared."""

from analysis.core.text import Text
from analysis.intake.schemas.nouns import Column, Dtype, Reference, Sensitivity

CLIENT_NAMES = (
    "客户编号 客户代码 客户ID 客户标识 客户内码 核心客户号 ECIF号 ECIF客户号 对公客户号 CIF号 "
    "customer_id cust_id cust_no customer_no client_no client_number customer_number cif cif_no "
    "ecif_no ecif_id party_id core_cust_no"
)
LOAN_NAMES = (
    "借据编号 贷款借据号 借据代码 贷款编号 贷款账号 贷款号 借据ID 放款编号 出账编号 due_bill_no "
    "duebill_no iou_no loan_no loan_number loan_account bill_no receipt_no"
)
STAFF_NAMES = "员工号 员工编号 柜员号 人员编号 工号ID employee_id emp_id emp_no staff_no user_id"
MONTH_NAMES = (
    "月份 统计月份 数据月份 数据日期 统计日期 报表日期 日期 账期 会计期间 月末日期 期末日期 "
    "month_end data_date stat_date report_date biz_date etl_date period yearmonth year_month "
    "as_of_date"
)
QUARTER_NAMES = "季末 统计季度 数据季度 报告期 所属季度 季度末 qtr report_quarter quarter_end year_quarter"
OUTLET_NAMES = (
    "网点号 网点编号 网点代码 机构号 机构编号 机构代码 支行 支行号 支行代码 开户机构 开户网点 "
    "管户机构 经办机构 所属机构 归属机构 所属网点 所属支行 outlet outlet_no org_id org_no org_code "
    "sub_branch sub_branch_id "
    "opening_org dept_id"
)
BRANCH_NAMES = (
    "分行号 分行编号 分行代码 一级分行 二级分行 所属分行 上级机构 管辖行 branch branch_no "
    "branch_code parent_org branch_org"
)
PRODUCT_NAMES = (
    "产品代码 产品编号 产品编码 产品名称 产品类型 产品种类 业务品种 业务品种代码 科目 存款种类 "
    "贷款种类 product_code product_id prod_id prod_code prod_cd product_type biz_type "
    "product_name"
)
MANAGER_NAMES = (
    "客户经理号 客户经理工号 客户经理编号 客户经理代码 管户经理 管户人 管户客户经理 主办客户经理 "
    "rm rm_id rm_no manager manager_no account_manager relationship_manager cust_manager_id"
)


def names(words: str) -> tuple[str, ...]:
    """Names of columns or files, written with spaces between them."""
    return tuple(words.split())


def identifier(name: str, zh: str, en: str, entity: str, aliases: str = "", *, required: bool = False) -> Column:
    """A number of a client, loan, group or person: stored as a pseudonym."""
    label = Text(zh, en)
    return Column(name, "text", label, "", required, sensitivity="identifier", aliases=names(aliases), entity=entity)


def text(
    name: str,
    zh: str,
    en: str,
    aliases: str = "",
    *,
    allowed: tuple[str, ...] = (),
    required: bool = False,
    sensitivity: Sensitivity = "internal",
    meaning: Text | None = None,
    known_from: str = "",
) -> Column:
    """A word, a code or free text."""
    return Column(
        name,
        "text",
        Text(zh, en),
        "",
        required,
        allowed,
        sensitivity=sensitivity,
        meaning=meaning,
        aliases=names(aliases),
        known_from=known_from,
    )


def money(
    name: str,
    zh: str,
    en: str,
    aliases: str = "",
    *,
    signed: bool = False,
    required: bool = False,
    meaning: Text | None = None,
    known_from: str = "",
) -> Column:
    """An amount in currency units; unless signed it is not negative."""
    return Column(
        name,
        "money",
        Text(zh, en),
        "currency units",
        required,
        low=None if signed else 0,
        meaning=meaning,
        aliases=names(aliases),
        known_from=known_from,
    )


def rate(name: str, zh: str, en: str, aliases: str = "", *, meaning: Text | None = None) -> Column:
    """A rate a year, as a fraction."""
    label = Text(zh, en)
    return Column(name, "float", label, "fraction a year", low=-0.05, high=1, meaning=meaning, aliases=names(aliases))


def number(
    name: str,
    zh: str,
    en: str,
    aliases: str = "",
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    dtype: Dtype = "float",
    required: bool = False,
    meaning: Text | None = None,
    known_from: str = "",
) -> Column:
    """A number that is no amount."""
    return Column(
        name,
        dtype,
        Text(zh, en),
        unit,
        required,
        low=low,
        high=high,
        meaning=meaning,
        aliases=names(aliases),
        known_from=known_from,
    )


def day(name: str, zh: str, en: str, aliases: str = "", *, required: bool = False) -> Column:
    """A calendar day that is known when the row comes about, those planned for later too."""
    return Column(name, "date", Text(zh, en), "", required, aliases=names(aliases))


def later_day(name: str, zh: str, en: str, aliases: str = "") -> Column:
    """A day on which something ends or is answered: filled in when it comes, and not known before."""
    return Column(name, "date", Text(zh, en), aliases=names(aliases), known_from=name)


def flag(
    name: str, zh: str, en: str, aliases: str = "", *, meaning: Text | None = None, known_from: str = ""
) -> Column:
    """Yes or no."""
    return Column(name, "bool", Text(zh, en), meaning=meaning, aliases=names(aliases), known_from=known_from)


CLIENT_ID = identifier("client_id", "客户号", "client id", "client", CLIENT_NAMES, required=True)
LOAN_ID = identifier("loan_id", "借据号", "loan id", "loan", LOAN_NAMES, required=True)
MONTH = day("month", "月末", "month-end", MONTH_NAMES, required=True)
QUARTER = Column("quarter", "quarter", Text("季度", "quarter"), required=True, aliases=names(QUARTER_NAMES))
OF_A_CLIENT = (Reference("client_id", "clients", "client_id"),)
