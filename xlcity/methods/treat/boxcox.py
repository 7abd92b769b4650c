"""Box-Cox transforms of values."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.treat import clip_sd, treat_boxcox
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.treat.record import (
    SKEW_PARAMETERS,
    WHEN_PARAMETER,
    Treatment,
    too_skewed,
)


def _transform_boxcox(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return Box-Cox transforms of an indicator's values, or of skewed ones only.

    The parameter `when` says whether unskewed values are left as they are.
    """
    if settings.text("when") == "skewed" and not too_skewed(values, states, settings):
        return clip_sd(
            values, np.inf, states=states
        )  # unchanged: a limit that clips nothing
    return treat_boxcox(
        values, settings.number("power"), settings.text("shift"), states=states
    )


BOXCOX = Treatment(
    name="boxcox",
    parameters=(
        Parameter("power", default=0.0),
        Parameter("shift", ("no", "yes"), "yes"),
        WHEN_PARAMETER,
        *SKEW_PARAMETERS,
    ),
    words=(Word("boxcox", ("power",)),),
    kernel=_transform_boxcox,
)
