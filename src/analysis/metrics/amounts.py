"""What a row adds to a measure, as Ibis expressions. Money becomes DECIMAL before anything is summed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from analysis.intake.policy import Policy
from analysis.metrics import definitions as d

if TYPE_CHECKING:
    import ibis.expr.types as ir

Amount = Callable[["ir.Table", Policy], "ir.Value"]
Condition = Callable[["ir.Table"], "ir.BooleanValue"]

MONEY = "decimal(18,4)"
STEPS = 10_000
"""Steps of MONEY in a currency unit."""


def column(name: str) -> Amount:
    return lambda rows, _: rows[name].cast(MONEY)


def where(name: str, condition: Condition) -> Amount:
    return lambda rows, _: amount_if(condition(rows), rows[name].cast(MONEY))


def count(condition: Condition) -> Amount:
    return lambda rows, _: one_if(condition(rows))


def one_if(condition: "ir.BooleanValue") -> "ir.Value":
    """1 where it holds, 0 where not; in two steps, for PostgreSQL makes a yes or no an integer only."""
    return condition.cast("int32").cast("int64")


def to_money(product: "ir.Value") -> "ir.Value":
    """A product of floats as money, rounded to a ten-thousandth, halves up.

    Rounded before the cast: DuckDB casts the float as it is, PostgreSQL its first 15 digits, so halves went both ways.
    """
    return ((product * STEPS + 0.5).floor() / STEPS).cast(MONEY)


def amount_if(condition: "ir.BooleanValue", amount: "ir.Value") -> "ir.Value":
    """The amount where the condition holds, zero where it does not, NULL where it cannot be judged."""
    import ibis

    return ibis.cases((condition, amount), (~condition, ibis.literal(0).cast(amount.type())))


def expected_loss(rows: "ir.Table", policy: Policy) -> "ir.Value":
    given_default = rows["loss_given_default"].fill_null(policy.number("loss_given_default"))
    loss = rows["balance"].cast("float64") * default_prob(rows, policy) * given_default
    return amount_if(~d.is_npl(rows), to_money(loss))


def default_prob(rows: "ir.Table", policy: Policy) -> "ir.Value":
    """The bank's own default probability, else that of the rating on the policy's scale, else NULL."""
    rating = rows["rating"].strip().upper().replace("+", "").replace("-", "")
    scale = [(row["id"], float(row["default_prob"])) for row in policy.table("rating_scale")]
    return rows["default_prob"].fill_null(rating.cases(*scale))


def weighted_balance(rows: "ir.Table", _: Policy) -> "ir.Value":
    return to_money(rows["balance"].cast("float64") * rows["risk_weight"])


def credit_equivalent(rows: "ir.Table", policy: Policy) -> "ir.Value":
    acceptances = rows["acceptances"].fill_null(0).cast("float64") * policy.number("ccf_acceptance")
    guarantees = rows["guarantees"].fill_null(0).cast("float64") * policy.number("ccf_guarantee")
    return to_money(acceptances + guarantees)


def weighted_off_balance(rows: "ir.Table", policy: Policy) -> "ir.Value":
    import ibis

    margin = rows["cash_margin"].fill_null(0).cast(MONEY)
    uncovered = ibis.greatest(credit_equivalent(rows, policy) - margin, ibis.literal(0).cast(MONEY))
    return to_money(uncovered.cast("float64") * policy.number("off_balance_risk_weight"))


def rate_amount(rows: "ir.Table", _: Policy) -> "ir.Value":
    return to_money(rows["balance"].cast("float64") * rows["rate"])


def spread_amount(rows: "ir.Table", policy: Policy) -> "ir.Value":
    import ibis

    is_long = rows["term_months"] > policy.number("lpr_long_months")
    lpr = ibis.cases((is_long, rows["lpr_5y"]), (~is_long, rows["lpr_1y"]))
    return to_money(rows["balance"].cast("float64") * (rows["rate"] - lpr))


def spread_balance(rows: "ir.Table", _: Policy) -> "ir.Value":
    is_priced = rows["rate"].notnull() & rows["term_months"].notnull()
    return amount_if(is_priced, rows["balance"].cast(MONEY))


def npl_formation(rows: "ir.Table", _: Policy) -> "ir.Value":
    """Bad balance now − before, plus what left it: written off, transferred, repaid, upgraded."""
    import ibis

    zero = ibis.literal(0).cast(MONEY)
    was_bad = rows["previous_class"].isin(d.NPL_CLASSES).fill_null(False)
    is_bad = d.is_npl(rows)
    before = rows["previous_balance"].cast(MONEY)
    balance = rows["balance"].cast(MONEY)
    gone = rows["written_off"].cast(MONEY)
    sold = rows["transferred"].fill_null(0).cast(MONEY)
    repaid = rows["repaid"].cast(MONEY)
    change = ibis.ifelse(is_bad, balance, zero) - ibis.ifelse(was_bad, before, zero)
    left = gone + ibis.ifelse(was_bad | is_bad, sold, zero) + ibis.ifelse(was_bad, repaid, zero)
    upgraded = ibis.ifelse(was_bad & ~is_bad, balance, zero)
    is_told = rows["loan_class"].notnull() & gone.notnull() & repaid.notnull()
    return ibis.ifelse(is_told, change + left + upgraded, ibis.null(MONEY))


def kept(opening: str, *, moved: bool) -> Amount:
    def amount(rows: "ir.Table", _: Policy) -> "ir.Value":
        condition = rows["opening_class"] == opening
        if moved:
            condition = condition & rows["loan_class"].isin(d.WORSE_CLASSES[opening])
        return amount_if(condition, rows["kept"].cast(MONEY))

    return amount


def entries(rows: "ir.Table", _: Policy) -> "ir.Value":
    return rows["n_in"].fill_null(0) + rows["n_out"].fill_null(0)


def settled(rows: "ir.Table", _: Policy) -> "ir.Value":
    return (rows["amount_in"] + rows["amount_out"]).cast(MONEY)


def product_is(code: str) -> Condition:
    return lambda rows: rows["product"] == code


def funds_margin(code: str) -> Amount:
    """What a product earns at funds prices: a loan its interest less funds, a deposit its funds less interest."""
    sign = 1 if code in d.LOANS else -1

    def amount(rows: "ir.Table", _: Policy) -> "ir.Value":
        spread = rows["interest"].fill_null(0) - rows["funds_amount"].fill_null(0)
        return amount_if(rows["product"] == code, (spread * sign).cast(MONEY))

    return amount


def class_is(name: str) -> Condition:
    return lambda rows: rows["loan_class"] == name


def held(family: str) -> Amount:
    return lambda rows, _: one_if(d.is_family_held(rows, family))
