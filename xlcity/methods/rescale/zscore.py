"""Aggregates on a mean and a standard deviation."""

from __future__ import annotations

from xlcity.functions.scale import zscore_scale
from xlcity.methods.normalise.record import CONSTANT
from xlcity.methods.record import Parameter, kernel_of
from xlcity.methods.rescale.record import OVERALL, Rescaling

ZSCORE = Rescaling(
    name="zscore",
    parameters=(
        Parameter("mean", default=0.0),
        Parameter("sd", default=1.0, above=0.0),
        Parameter("ddof", default=0.0),
        OVERALL,
        CONSTANT,
    ),
    kernel=kernel_of(zscore_scale, "mean", "sd", "ddof"),
)
