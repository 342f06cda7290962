"""What surrounds the bank: markets, industries and regions by quarter; and ready-made columns of research files."""

from analysis.core.text import Text
from analysis.intake.schemas.columns import CLIENT_ID, OF_A_CLIENT, QUARTER, money, names, number, rate, text
from analysis.intake.schemas.nouns import TableSchema

_OUTLOOK = Text("0 最差，100 最好", "0 worst, 100 best")
_SOURCE = text("source", "来源", "source", "数据来源 出处 data_source")

MARKETS = TableSchema(
    "markets",
    Text("市场总量", "markets"),
    Text("地区 × 产品 × 季度", "region × product × quarter"),
    ("region", "product", "quarter"),
    (
        text("region", "地区", "region", "地区代码 省份 城市 area region_code", required=True),
        text("product", "产品", "product", "产品类型 业务种类 指标 product_code", required=True),
        QUARTER,
        money(
            "amount",
            "市场总额",
            "amount of the whole market",
            "余额 金额 市场余额 全市场余额 同业合计 market_amount balance",
        ),
        money("own_amount", "本行总额", "our amount", "本行余额 本行金额 own_balance"),
        number("growth", "同比增长", "growth on the year before", "同比 增长率 yoy", unit="fraction", low=-1, high=10),
        _SOURCE,
    ),
    aliases=names("市场 市场总量 同业 同业数据 market market_total peers"),
)

INDUSTRIES = TableSchema(
    "industries",
    Text("行业情况", "industries"),
    Text("行业 × 季度", "industry × quarter"),
    ("industry", "quarter"),
    (
        text("industry", "行业门类", "industry section", "行业 行业代码 行业类别 industry_code sector", required=True),
        QUARTER,
        number(
            "growth", "同比增长", "growth on the year before", "增长率 行业增速 yoy", unit="fraction", low=-1, high=10
        ),
        number("outlook", "景气度", "outlook", "景气指数 行业景气 前景评分", low=0, high=100, meaning=_OUTLOOK),
        number("competition", "竞争程度", "competition", "竞争评分 集中度", low=0, high=100),
        rate("bad_rate", "行业不良率", "share of bad loans", "不良率 行业不良贷款率 npl npl_ratio"),
        money("amount", "行业规模", "size of the industry", "市场规模 行业总额 market_size"),
        _SOURCE,
    ),
    aliases=names("行业 行业数据 行业景气 行业参考 industry industry_ref sectors"),
)

REGIONS = TableSchema(
    "regions",
    Text("地区情况", "regions"),
    Text("地区 × 季度", "region × quarter"),
    ("region", "quarter"),
    (
        text("region", "地区", "region", "地区代码 省份 城市 area region_code", required=True),
        QUARTER,
        number(
            "growth",
            "同比增长",
            "growth on the year before",
            "增长率 GDP增速 经济增速 yoy",
            unit="fraction",
            low=-1,
            high=10,
        ),
        number("outlook", "景气度", "outlook", "景气指数 前景评分", low=0, high=100, meaning=_OUTLOOK),
        number("competition", "竞争程度", "competition", "竞争评分 同业网点数", low=0),
        rate("bad_rate", "地区不良率", "share of bad loans", "不良率 地区不良贷款率 npl npl_ratio"),
        money("amount", "地区生产总值", "output of the region", "GDP 地区规模 生产总值 gdp_amount"),
        _SOURCE,
    ),
    aliases=names("地区 区域 地区数据 区域参考 region_ref areas"),
)

FEATURES = TableSchema(
    "features",
    Text("现成特征", "ready-made features"),
    Text("客户 × 特征 × 季度", "client × feature × quarter"),
    ("client_id", "feature", "quarter"),
    (
        CLIENT_ID,
        text("feature", "特征", "feature", "特征名称 变量 变量名 指标 variable field", required=True),
        QUARTER,
        number("value", "数值", "value", "特征值 变量值 取值"),
        text("word", "文字值", "word", "文字 类别值 category text_value"),
    ),
    references=OF_A_CLIENT,
    aliases=names("特征 特征宽表 变量 feature variables"),
)
