"""Aggregates on a mean and a standard deviation."""

from __future__ import annotations

from xlcity.functions.scale import zscore_scale
from xlcity.methods.record import Parameter, kernel_of
from xlcity.methods.rescale.record import (
    EQUAL_SCORE,
    OVERALL,
    AggregateCells,
    NativeRescaling,
    Rescaling,
)


def _score_formula(cells: AggregateCells) -> str:
    """Return the formula of a score on the mean and the standard deviation asked for."""
    n = cells.n
    ddof = cells.cell_of["ddof"]
    deviation = f"({cells.sd}*SQRT({n}/({n}-{ddof})))"
    spread = cells.cell_of["sd"]
    score = f"{cells.cell_of['mean']}+{spread}*({cells.value}-{cells.mean})/{deviation}"
    return f"IF({n}>{ddof},{score},{cells.constant})"


def _call(cells: AggregateCells) -> str | None:
    """Return the call that gives the scores once more; it knows no constant."""
    if cells.constant:
        return None
    mean, sd, ddof = (cells.cell_of[name] for name in ("mean", "sd", "ddof"))
    return f"ZSCORE_SCALE({cells.value},{mean},{sd},1,{ddof})"


ZSCORE = Rescaling(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0),
        Parameter("sd", default=1.0, above=0.0),
        Parameter("ddof", default=0.0),
        OVERALL,
        EQUAL_SCORE,
    ),
    kernel=kernel_of(zscore_scale, "mean", "sd", "ddof"),
    native=NativeRescaling(
        score=_score_formula,
        statistics=("n", "mean", "sd", "min", "max"),
        call=_call,
    ),
)
