"""Values limited to percentiles, or to a number of standard deviations."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.treat import clip_percentile, clip_sd
from xlcity.messages import Message
from xlcity.methods.formulas import varies_condition
from xlcity.methods.record import MethodCell, Parameter, Settings, Word, kernel_of
from xlcity.methods.treat.record import NativeTreatment, TreatedCells, Treatment


def _check_percentiles(settings: Settings) -> Iterator[str]:
    """Yield a fault where the parameters `low` and `high` are not ascending percentiles."""
    low = settings.number("low")
    high = settings.number("high")
    if not 0 <= low < high <= 100:
        yield Message("method.percentiles", low=low, high=high)


def _limited_formula(cells: TreatedCells) -> str:
    """Return the formula of a value held between the bounds."""
    return f"MAX({cells.low},MIN({cells.high},{cells.x}))"


def _percentile_formulas(cells: TreatedCells) -> tuple[str, str]:
    """Return the formulas of the two percentiles, "" without a number."""
    low, high = (
        f'IF({cells.n}>0,PERCENTILE({cells.xs},{cells.cell_of[name]}/100),"")'
        for name in ("t1", "t2")
    )
    return low, high


def _reach_formulas(cells: TreatedCells) -> tuple[str, str]:
    """Return the formulas of the mean less and plus some standard deviations.

    Where there is no deviation, they are the extremes; "" without a number.
    """
    n = cells.n
    limit, ddof = (cells.cell_of[name] for name in ("t1", "t2"))
    reach = f"{limit}*{cells.sd}*SQRT({n}/({n}-{ddof}))"
    varies = varies_condition(cells.minimum, cells.maximum)
    low, high = (
        f'IF({n}>0,IF({varies},IF({n}>{ddof},{cells.mean}{sign}{reach},{end}),{end}),"")'
        for sign, end in (("-", cells.minimum), ("+", cells.maximum))
    )
    return low, high


PERCENTILE = Treatment(
    name="percentile",
    parameters=(
        Parameter("low", default=5.0, limits=(0.0, 100.0), cell=MethodCell("t1")),
        Parameter("high", default=95.0, limits=(0.0, 100.0), cell=MethodCell("t2")),
    ),
    words=(Word("percentile", ("low", "high")),),
    check=_check_percentiles,
    kernel=kernel_of(clip_percentile, "low", "high"),
    native=NativeTreatment(
        formula=_limited_formula,
        bounds=_percentile_formulas,
        call=("CLIP_PERCENTILE", "t1", "t2"),
    ),
    takes_columns=True,
)
CLIP = Treatment(
    name="clip",
    parameters=(
        Parameter("limit", default=3.0, cell=MethodCell("t1")),
        Parameter("ddof", default=0.0, cell=MethodCell("t2")),
    ),
    words=(Word("clip", ("limit",)),),
    kernel=kernel_of(clip_sd, "limit", "ddof"),
    native=NativeTreatment(
        formula=_limited_formula, bounds=_reach_formulas, call=("CLIP_SD", "t1", "t2")
    ),
    takes_columns=True,
)
