"""Box-Cox powers, always or where a column is skewed."""

from __future__ import annotations

import numpy as np

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.clip import clip_sd
from xlcity.functions.treat import treat_boxcox
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.treat.record import SKEWED, WHEN, Treatment, too_skewed


def _boxcox(values: Matrix, states: States, settings: Settings) -> CellArray:
    if settings.text("when") == "skewed" and not too_skewed(values, states, settings):
        return clip_sd(values, np.inf, states=states)  # as it is
    return treat_boxcox(values, settings.number("power"), settings.text("shift"), states=states)


BOXCOX = Treatment(
    name="boxcox",
    parameters=(
        Parameter("power", default=0.0),
        Parameter("shift", ("no", "yes"), "yes"),
        WHEN,
        *SKEWED,
    ),
    words=(Word("boxcox", ("power",)),),
    kernel=_boxcox,
)
