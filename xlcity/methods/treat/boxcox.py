"""Box-Cox transforms of values."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.treat import clip_sd, treat_boxcox
from xlcity.methods.record import MethodCell, Parameter, Settings, Word
from xlcity.methods.treat.record import (
    SKEW_PARAMETERS,
    SKEWED,
    WHEN_PARAMETER,
    NativeTreatment,
    TreatedCells,
    Treatment,
    too_skewed,
)


def _transform_boxcox(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return Box-Cox transforms of an indicator's values, or of skewed ones only.

    The parameter `when` says whether unskewed values are left as they are.
    """
    if settings.text("when") == SKEWED and not too_skewed(values, states, settings):
        return clip_sd(
            values, np.inf, states=states
        )  # unchanged: a limit that clips nothing
    return treat_boxcox(
        values, settings.number("power"), settings.text("shift"), states=states
    )


def _formula(cells: TreatedCells) -> str:
    """Return the formula of a Box-Cox transform; "" where it does not exist."""
    power = cells.cell_of["t1"]
    shifts = cells.word_of["kind"] == "yes"
    y = f"({cells.x}-{cells.minimum}+1)" if shifts else cells.x
    transform = f"IF({power}=0,LN({y}),({y}^{power}-1)/{power})"
    return f'IFERROR(IF({y}>0,{transform},""),"")'


BOXCOX = Treatment(
    name="boxcox",
    parameters=(
        Parameter("power", default=0.0, cell=MethodCell("t1")),
        Parameter("shift", ("no", "yes"), "yes", cell=MethodCell("kind", live=False)),
        WHEN_PARAMETER,
        *SKEW_PARAMETERS,
    ),
    words=(Word("boxcox", ("power",)),),
    kernel=_transform_boxcox,
    native=NativeTreatment(formula=_formula, call=("TREAT_BOXCOX", "t1", "kind")),
)
