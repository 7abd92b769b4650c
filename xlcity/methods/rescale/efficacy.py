"""Aggregates by the efficacy coefficient method."""

from __future__ import annotations

from xlcity.functions.scale import efficacy_scale
from xlcity.methods.normalise.efficacy import OMEGA
from xlcity.methods.normalise.record import CONSTANT
from xlcity.methods.record import kernel_of
from xlcity.methods.rescale.record import OVERALL, Rescaling

EFFICACY = Rescaling(
    name="efficacy",
    parameters=(OMEGA, OVERALL, CONSTANT),
    kernel=kernel_of(efficacy_scale, "omega"),
)
