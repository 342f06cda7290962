"""Columns that many tables share, and how amounts, rates, dates and yes-or-no columns are declared."""

from analysis.core.text import Text
from analysis.intake.schemas.nouns import Column, Dtype, Reference, Sensitivity

CLIENT_NAMES = (
    "客户编号 客户代码 客户ID 客户标识 客户内码 核心客户号 ECIF号 ECIF客户号 对公客户号 CIF号 "
    "customer_id cust_id cust_no customer_no client_no client_number customer_number cif cif_no "
    "ecif_no ecif_id party_id core_cust_no "
    "客户编码 客户号码 客户主键 客户识别号 客户唯一标识 客户统一编号 统一客户号 统一客户编号 公司客户号 企业客户号 "
    "企业编号 单位编号 单位客户号 借款人编号 借款人客户号 核心客户编号 ECIF编号 cust_code cust_num customer_code "
    "customer_num client_code client_num party_no cst_id cst_no"
)
LOAN_NAMES = (
    "借据编号 贷款借据号 借据代码 贷款编号 贷款账号 贷款号 借据ID 放款编号 出账编号 due_bill_no "
    "duebill_no iou_no loan_no loan_number loan_account bill_no receipt_no "
    "借据号码 借据编码 借据流水号 贷款借据编号 贷款借据号码 贷款编码 贷款ID 放款编码 放款流水号 due_bill_id "
    "due_bill_num iou_id iou_num loan_num loan_code receipt_id"
)
STAFF_NAMES = (
    "员工号 员工编号 柜员号 人员编号 工号ID employee_id emp_id emp_no staff_no user_id "
    "员工工号 员工代码 员工编码 员工ID 人员代码 人员编码 柜员编号 emp_code staff_code employee_no employee_number"
)
MONTH_NAMES = (
    "月份 统计月份 数据月份 数据日期 统计日期 报表日期 日期 账期 会计期间 月末日期 期末日期 "
    "month_end data_date stat_date report_date biz_date etl_date period yearmonth year_month "
    "as_of_date "
    "月度 年月 统计月 统计年月 数据月 数据日 数据时间 统计时间 业务日期 业务月份 会计日期 快照日期 报表月份 报告日期 "
    "月末日 截至日期 data_dt stat_dt etl_dt biz_dt rpt_dt report_dt data_month stat_month report_month snapshot_date "
    "as_of asof_date mth month_id acct_date"
)
QUARTER_NAMES = (
    "季末 统计季度 数据季度 报告期 所属季度 季度末 qtr report_quarter quarter_end year_quarter "
    "报告季度 统计季 数据季 年度季度 年季 季度标识 qtr_id quarter_id data_quarter data_qtr stat_quarter stat_qtr"
)
OUTLET_NAMES = (
    "网点号 网点编号 网点代码 机构号 机构编号 机构代码 支行 支行号 支行代码 开户机构 开户网点 "
    "管户机构 经办机构 所属机构 归属机构 所属网点 所属支行 outlet outlet_no org_id org_no org_code "
    "sub_branch sub_branch_id "
    "opening_org dept_id "
    "网点编码 网点ID 网点标识 机构编码 机构ID 支行编号 支行编码 开户机构号 开户机构编号 管户机构号 所属机构号 "
    "所属机构编号 outlet_code outlet_num org_cd org_num"
)
BRANCH_NAMES = (
    "分行号 分行编号 分行代码 一级分行 二级分行 所属分行 上级机构 管辖行 branch branch_no "
    "branch_code parent_org branch_org "
    "分行编码 分行ID 分行名称 所属分行号 所属分行编号 所属分行名称 branch_cd branch_num"
)
PRODUCT_NAMES = (
    "产品代码 产品编号 产品编码 产品名称 产品类型 产品种类 业务品种 业务品种代码 科目 存款种类 "
    "贷款种类 product_code product_id prod_id prod_code prod_cd product_type biz_type "
    "product_name "
    "产品号 产品ID 产品类别 产品大类 产品品种 业务类型 业务种类 业务产品 存款产品 存款类型 存款品种 贷款产品 "
    "贷款类型 贷款品种 prod prod_no prod_type prod_name product_no product_cd biz_code"
)
MANAGER_NAMES = (
    "客户经理号 客户经理工号 客户经理编号 客户经理代码 管户经理 管户人 管户客户经理 主办客户经理 "
    "rm rm_id rm_no manager manager_no account_manager relationship_manager cust_manager_id "
    "客户经理ID 客户经理编码 客户经理员工号 管户经理号 管户经理工号 管户客户经理号 主办客户经理号 经办客户经理 "
    "rm_code mgr_id mgr_no cust_mgr_id cust_mgr_no manager_code"
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
