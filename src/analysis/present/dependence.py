"""On how few the book hangs, cut by cut: clients, business groups counted once, industries, regions and the others."""

from analysis.core.blocks import Cell, Column, Missing, Row, Sentence, Style, Suppressed, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.portrait import Dependence, Factor, GroupRollup
from analysis.portrait.dependence import TOP
from analysis.present.numbers import capital, number
from analysis.present.portrait import CHAPTER, amount_label

HHI = Text("赫芬达尔指数", "Herfindahl index")
EFFECTIVE = Text("等效个数", "effective number")


def dependence_blocks(found: Dependence | Unavailable) -> tuple[Table, ...]:
    """The table, or nothing: what is missing altogether is named with the other absent parts."""
    return () if isinstance(found, Unavailable) else (dependence_table(found),)


def dependence_table(found: Dependence) -> Table:
    """Parts, Herfindahl index, effective number and share of the largest five of every cut."""
    columns = [
        Column("cut", Text("按", "By"), "words"),
        Column("n_parts", Text("个数", "Parts"), "count"),
        Column("clients", Text("户数：赫芬达尔", "Clients: Herfindahl"), "decimal_3"),
    ]
    for measure in found.measures:
        what = amount_label(measure)
        columns += [
            Column(
                f"{measure}_effective",
                Text(f"{what.zh}：等效个数", f"{capital(what).en}: effective number"),
                "decimal_2",
            ),
            Column(f"{measure}_top", Text("前五占比", "Largest five"), "percent_1"),
        ]
    rows = tuple(_row(found, one) for one in found.factors)
    title = Text("依赖程度：各口径集中度", "Dependence: concentration by every cut")
    unit = Text("个、%", "number, %")
    return Table("dependence", title, unit, tuple(columns), rows, _note(found))


def _row(found: Dependence, one: Factor) -> Row:
    def fact(key: str, value: float | Unavailable, style: Style, what: Text) -> Cell:
        if isinstance(value, Unavailable):
            return Missing(value.reason)
        title = Text(f"按{one.label.zh}：{what.zh}", f"By {one.label.en}: {what.en}")
        return number(CHAPTER, f"dependence.{one.code}.{key}", value, style, title)

    cells: dict[str, Cell] = {"cut": capital(one.label)}
    cells["n_parts"] = fact("n_parts", one.n_parts, "count", Text("个数", "parts"))
    cells["clients"] = (
        Missing(Text("户与集团数量太多，指数近于零", "so many parts that the index is next to nothing"))
        if one.code in ("client", "group")
        else fact("clients_hhi", one.of_clients.hhi, "decimal_3", HHI)
    )
    for measure in found.measures:
        what = amount_label(measure)
        name = Text(f"{what.zh}{EFFECTIVE.zh}", f"{EFFECTIVE.en} of {what.en}")
        cells[f"{measure}_effective"] = fact(
            f"{measure}_effective", one.of_amounts[measure].effective_number, "decimal_2", name
        )
        share = Text(f"{what.zh}前五占比", f"largest five of {what.en}")
        top = one.top(measure)
        few = one.code in ("client", "group") and one.n_parts < 2 * TOP
        cells[f"{measure}_top"] = Suppressed() if few else fact(f"{measure}_top", top, "percent_1", share)
    return Row(cells)


def _note(found: Dependence) -> Sentence:
    note = Sentence.of(
        "赫芬达尔指数为各部分占比平方之和；等效个数为其倒数：多少个相同的部分会同样集中。未分类客户不计入；金额含负值的不计算。",
        "Herfindahl index: sum of squared shares; effective number: its inverse, how many equal parts would be as concentrated. The "
        "unclassified are left out; none where an amount is negative.",
    )
    groups = found.groups
    if isinstance(groups, Unavailable):
        return note + Sentence.of("集团：{reason}。", "Groups: {reason}.", reason=groups.reason)
    return note + Sentence.of(
        "两户及以上的集团 {n} 个，含 {members} 户，合并后每个集团计一次。",
        "{n} groups of two and more hold {members} clients; each counts once.",
        n=number(CHAPTER, "groups.n_groups", groups.n_groups, "count", Text("集团数", "business groups"), unit=False),
        members=number(CHAPTER, "groups.n_members", groups.n_in_groups, "count", Text("集团成员数", "clients in groups"), unit=False),
    )  # fmt: skip


def group_sentence(found: Dependence | Unavailable) -> Sentence | None:
    """How much more the exposure is concentrated once connected clients are counted as one; none where it cannot be said."""
    if isinstance(found, Unavailable) or isinstance(found.groups, Unavailable) or found.groups.n_groups == 0:
        return None
    groups: GroupRollup = found.groups
    by_client, by_group = found.factor("client"), found.factor("group")
    if by_client is None or by_group is None or by_group.n_parts < 2 * TOP:
        return None
    single, joint = by_client.top(groups.measure), by_group.top(groups.measure)
    if isinstance(single, Unavailable) or isinstance(joint, Unavailable):
        return None
    what = amount_label(groups.measure)
    share = Text(f"{what.zh}前五占比", f"largest five of {what.en}")
    relation = Text("高于", "up from") if joint > single else Text("等于", "the same as")
    return Sentence.of(
        "集团合并计一次后，最大五家占{what} {joint}，{relation}按户的 {single}。",
        "With every business group counted once the five largest hold {joint} of {what}, {relation} {single} by client.",
        what=what,
        relation=relation,
        joint=number(CHAPTER, f"dependence.group.{groups.measure}_top", joint, "percent_1", Text(f"按{by_group.label.zh}：{share.zh}", f"By {by_group.label.en}: {share.en}")),
        single=number(CHAPTER, f"dependence.client.{groups.measure}_top", single, "percent_1", Text(f"按{by_client.label.zh}：{share.zh}", f"By {by_client.label.en}: {share.en}")),
    )  # fmt: skip
