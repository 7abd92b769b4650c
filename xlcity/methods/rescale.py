"""Methods of the step *rescale*: aggregates on the published scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, ErrorCode, Matrix, States, as_matrix
from xlcity.functions.normalise import minmax_scale
from xlcity.functions.scale import efficacy_scale, zscore_scale
from xlcity.methods.normalise.record import CONSTANT, on_scale
from xlcity.methods.normalise.scales import OMEGA
from xlcity.methods.record import Method, Parameter, Settings

#: The root's score is the mean of its children's scaled scores.
MEAN_OF_SCALED = "mean_of_scaled"
#: The root's aggregate is scaled like that of any other node.
SCALED = "scaled"
#: The root's score is its aggregate as it is.
UNSCALED = "unscaled"
OVERALL = Parameter("overall", (MEAN_OF_SCALED, SCALED, UNSCALED), SCALED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling(Method):
    """A method to rescale by: `kernel` makes the scores of one node."""

    step: ClassVar[str] = "rescale"

    kernel: Callable[[Matrix, States, Settings], CellArray]


def _rescale_linear(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return aggregates times a factor plus a shift."""
    scaled = as_matrix(values * settings.number("factor") + settings.number("shift"))
    return CellArray(scaled, np.isnan(scaled) * np.uint8(ErrorCode.NA))


def _rescale_minmax(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return aggregates from the base for the least to the scale for the greatest."""
    share = minmax_scale(values, scale=1.0, states=states)
    return on_scale(share, settings.number("base"), settings.number("scale"))


def _rescale_zscore(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return z-scores of aggregates on a mean and a deviation."""
    mean, sd, ddof = (settings.number(name) for name in ("mean", "sd", "ddof"))
    return zscore_scale(values, mean, sd, 1.0, ddof, states=states)


def _rescale_efficacy(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return efficacy scores of aggregates, from 100 - omega to 100."""
    stand_in = settings.optional("constant")
    given = np.nan if stand_in is None else stand_in
    return efficacy_scale(values, settings.number("omega"), constant=given, states=states)


LINEAR = Rescaling(
    name="linear",
    parameters=(Parameter("factor", default=1.0), Parameter("shift", default=0.0), OVERALL),
    kernel=_rescale_linear,
)
MINMAX = Rescaling(
    name="minmax",
    parameters=(
        Parameter("base", default=0.0),
        Parameter("scale", default=100.0),
        OVERALL,
        CONSTANT,
    ),
    kernel=_rescale_minmax,
)
ZSCORE = Rescaling(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0),
        Parameter("sd", default=1.0, above=0.0),
        Parameter("ddof", default=1.0),
        OVERALL,
        CONSTANT,
    ),
    kernel=_rescale_zscore,
)
EFFICACY = Rescaling(
    name="efficacy",
    parameters=(OMEGA, OVERALL, CONSTANT),
    kernel=_rescale_efficacy,
)
