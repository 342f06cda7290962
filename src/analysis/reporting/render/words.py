"""The fixed words a report prints around its blocks. Every renderer takes them from here."""

from analysis.core.text import Text
from analysis.reporting.render.document import ReportContent, State, quarter_text

WORDS = {
    "contents": Text("目录", "Contents"),
    "control": Text("控制项", "Control"),
    "control_page": Text("控制页 · 目录", "Control and contents"),
    "check": Text("项目", "Item"),
    "result": Text("结果", "Result"),
    "state": Text("状态", "State"),
    "appendix": Text("附录", "Appendix"),
    "appendix_mark": Text("附", "A"),
    "appendix_about": Text("数据质量、口径、政策与参数", "Data quality, definitions, policies and parameters"),
    "unit": Text("单位：", "Unit: "),
    "so_what": Text("含义", "So what"),
    "unknown": Text("尚不确定", "Not known"),
    "caution": Text("提示", "Caution"),
    "as_of": Text("数据截止日", "Data as of"),
    "version": Text("版本", "Version"),
    "source": Text("数据来源", "Data source"),
    "report_id": Text("报告编号", "Report number"),
    "kind": Text("数据性质：", "Kind of data: "),
    "good": Text("通过", "passed"),
    "near": Text("注意", "attention"),
    "bad": Text("未通过", "failed"),
    "annex": Text("以下各表见网页版和工作簿：", "In the web page and the workbook: "),
    "continued": Text("续", "continued"),
}

ORDINALS = (
    Text("一是", "First"),
    Text("二是", "Second"),
    Text("三是", "Third"),
    Text("四是", "Fourth"),
    Text("五是", "Fifth"),
    Text("六是", "Sixth"),
    Text("七是", "Seventh"),
    Text("八是", "Eighth"),
    Text("九是", "Ninth"),
    Text("十是", "Tenth"),
)

STATE_SIGNS: dict[State, str] = {"good": "●", "near": "▽", "bad": "▼", "none": ""}
"""Sign of a tile's state against its target, always followed by words."""

CHIP_STATES: dict[str, State] = {"●": "good", "○": "none", "◆": "near", "▲": "bad"}
"""A table cell of words that starts with one of these signs and a space is drawn as a verdict chip."""


def header_line(content: ReportContent) -> Text:
    """Report and quarter in the running header."""
    quarter = quarter_text(content.quarter)
    return Text(f"{content.short_title.zh} · {quarter.zh}", f"{content.short_title.en} · {quarter.en}")


def footer_line(content: ReportContent) -> Text:
    """Mark and data date in the running footer."""
    return Text(
        f"{content.mark.zh} · 数据截止 {content.as_of}",
        f"{content.mark.en} · data as of {content.as_of}",
    )


def cover_facts(content: ReportContent) -> tuple[tuple[Text, Text], ...]:
    """The four facts of the cover: label and value."""
    values = {
        "as_of": str(content.as_of),
        "version": content.version,
        "source": content.source or "—",
        "report_id": content.report_id,
    }
    return tuple((WORDS[key], Text(value, value)) for key, value in values.items())
