"""The synthetic bank as a source: a thin adapter around its generator, which writes canonical tables by itself."""

from pathlib import Path
from typing import TYPE_CHECKING

from analysis.core.errors import ParameterError
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.source import Extract, Options, Prepared
from analysis.intake.suggest import nearest

if TYPE_CHECKING:
    from analysis.intake.sources.demo import DemoParameters

TITLE = Text("示例银行（合成数据）", "demo bank (synthetic data)")
OPTIONS: dict[str, type] = {"n_clients": int, "n_months": int, "last_quarter": str, "seed": int, "variant": str}
"""What the demo bank may be told; the defaults are those of its generator."""


def prepare(data: str | None, options: Options, quarter: Quarter | None = None) -> Prepared:  # noqa: ARG001 - all history is made
    """The parameters of the bank, checked; its tables are made when they are first needed."""
    if data:
        raise ParameterError("The source demo makes its own data and takes no DATA.", hint="Leave DATA out.")
    parameters = _parameters(options)
    quarters = parameters.quarters
    return Prepared((repr(parameters),), lambda folder: _write(parameters, folder), (quarters[0], quarters[-1]))


def _parameters(options: Options) -> "DemoParameters":
    for name, value in options.items():
        if name not in OPTIONS:
            raise ParameterError(f"The demo bank has no option {name!r}.", hint=nearest(name, OPTIONS))
        if type(value) is not OPTIONS[name]:
            wanted = "a whole number" if OPTIONS[name] is int else "a word"
            raise ParameterError(f"The option {name} of the demo bank is {value!r}.", hint=f"Give {wanted}.")
    from analysis.intake.sources.demo import DemoParameters

    return DemoParameters(**options)  # type: ignore[arg-type]  # names and types were checked above


def _write(parameters: "DemoParameters", folder: Path) -> Extract:
    from analysis.intake.sources.demo import generate

    generate(parameters, folder)
    told: dict[str, object] = {name: getattr(parameters, name) for name in OPTIONS}
    if not parameters.variant:
        del told["variant"]  # the usual bank needs no word for it
    return Extract(parameters.quarters[0], parameters.quarters[-1], parameters=told)
