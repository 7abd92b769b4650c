"""Above the mean, at it, or below: 1, 0 or -1."""

from __future__ import annotations

from xlcity.functions.distance import above_mean
from xlcity.methods.formulas import varies_condition
from xlcity.methods.normalise.record import (
    ColumnCells,
    NativeNormalisation,
    Normalisation,
    make_call,
    score_with,
)
from xlcity.methods.record import MethodCell, Parameter, Word


def _above_mean_formula(cells: ColumnCells) -> str:
    """Return the formula of 1, 0 or -1 by the side of the mean that a value is on."""
    # A value that meets the band but for rounding is inside it.
    band = f"{cells.cell_of['a']}*ABS({cells.mean})+1E-10*({cells.maximum}-{cells.minimum})"
    above = f"IF({cells.x}>{cells.mean}+({band}),1,0)"
    below = f"IF({cells.x}<{cells.mean}-({band}),1,0)"
    side = f"{cells.sign}({above}-{below})"
    # Values that are equal but for rounding are all at their mean.
    return f"IF({varies_condition(cells.minimum, cells.maximum)},{side},0)"


ABOVE_MEAN = Normalisation(
    name="above_mean",
    parameters=(Parameter("threshold", default=0.0, cell=MethodCell("a")),),
    words=(Word("above_mean", ("threshold",)),),
    kernel=score_with(above_mean, "threshold"),
    signed=True,
    native=NativeNormalisation(
        score=_above_mean_formula, call=make_call("ABOVE_MEAN", "a", "direction")
    ),
)
