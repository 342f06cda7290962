"""Where data may come from. Adding a source is a module here and a line in `SOURCES`."""

from collections.abc import Callable

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.source import Options, Prepared, Source
from analysis.intake.sources import berka, database_source, demo_source, folder, published, sba

_PIPELINE = (
    "pipeline.py",
    "canonical.py",
    "periods.py",
    "quarantine",
    "restate.py",
    "reading",
    "mapping",
    "identity",
    "events.py",
    "entries",
)
"""What turns rows as given into canonical tables."""


def _as(
    name: str, prepare: Callable[[Source, str | None, Options, Quarter | None], Prepared]
) -> Callable[[str | None, Options, Quarter | None], Prepared]:
    """A source that needs to know under which name it is registered."""
    return lambda data, options, quarter: prepare(SOURCES[name], data, options, quarter)


def _published(name: str, title: Text, currency: str, industry_scheme: str) -> Source:
    code = (*_PIPELINE, "sources/published.py", f"data/mappings/{name}.toml")
    return Source(name, title, "open", currency, industry_scheme, _as(name, published.prepare), code)


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
    "folder": Source(
        name="folder",
        title=folder.TITLE,
        kind="production",
        currency="CNY",
        industry_scheme="gbt4754",
        prepare=_as("folder", folder.prepare),
        code=(*_PIPELINE, "sources/folder.py", "sources/layout.py"),
    ),
    "database": Source(
        name="database",
        title=database_source.TITLE,
        kind="production",
        currency="CNY",
        industry_scheme="gbt4754",
        prepare=_as("database", database_source.prepare),
        code=(
            *_PIPELINE,
            "sources/database.py",
            "sources/database_source.py",
            "sources/entries.py",
            "sources/fetching.py",
            "sources/engines.py",
            "sources/folder.py",
            "sources/layout.py",
        ),
    ),
    "online_retail": _published(
        "online_retail", Text("英国礼品批发商交易（公开数据）", "UK gift-ware wholesaler (open data)"), "GBP", "none"
    ),
    "wholesale_customers": _published(
        "wholesale_customers", Text("葡萄牙批发商客户（公开数据）", "Portuguese wholesaler (open data)"), "EUR", "none"
    ),
    "mcdonalds": _published(
        "mcdonalds", Text("麦当劳品牌形象调查（公开数据）", "McDonald's brand survey (open data)"), "AUD", "none"
    ),
    "berka": Source(
        name="berka",
        title=berka.TITLE,
        kind="open",
        currency="CZK",
        industry_scheme="none",
        prepare=_as("berka", berka.prepare),
        code=(*_PIPELINE, "sources/berka.py", "sources/published.py", "data/mappings/berka.toml"),
    ),
    "sba": Source(
        name="sba",
        title=Text("美国小企业管理局担保贷款（公开数据）", "US Small Business Administration loans (open data)"),
        kind="open",
        currency="USD",
        industry_scheme="naics",
        prepare=_as("sba", sba.prepare),
        code=(*_PIPELINE, "sources/sba.py", "sources/published.py", "data/mappings/sba.toml"),
    ),
}
"""Every source that can be named in SOURCE=."""
