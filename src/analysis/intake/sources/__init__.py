"""Where data may come from. Adding a source is a module here and a line in `SOURCES`."""

from analysis.core.text import Text
from analysis.intake.source import Source
from analysis.intake.sources import demo_source, sba

SOURCES: dict[str, Source] = {
    "demo": Source(
        name="demo",
        title=demo_source.TITLE,
        kind="synthetic",
        currency="CNY",
        industry_scheme="gbt4754",
        prepare=demo_source.prepare,
        code=("sources/demo", "sources/demo_source.py", "size_rule.py", "data/reference/nbs_enterprise_size_2017.csv"),
    ),
    "sba": Source(
        name="sba",
        title=Text("美国小企业管理局担保贷款（公开数据）", "US Small Business Administration loans (open data)"),
        kind="open",
        currency="USD",
        industry_scheme="naics",
        prepare=sba.prepare,
        code=(
            "sources/sba.py",
            "data/mappings/sba.toml",
            "data/reference/naics_sectors.csv",
            "data/reference/us_states.csv",
        ),
    ),
}
"""Every source that can be named in SOURCE=."""
