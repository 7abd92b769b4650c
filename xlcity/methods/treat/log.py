"""Logarithms of values."""

from __future__ import annotations

from xlcity.functions.treat import treat_log
from xlcity.methods.record import Word, kernel_of
from xlcity.methods.treat.record import (
    LOG_PARAMETER,
    SKEW_PARAMETERS,
    WHEN_PARAMETER,
    Treatment,
)

LOGARITHM = Treatment(
    name="log",
    parameters=(LOG_PARAMETER, WHEN_PARAMETER, *SKEW_PARAMETERS),
    words=(Word("log", ("log",)), Word("log_skewed", ("log",), {"when": "skewed"})),
    kernel=kernel_of(treat_log, "when", "skew", "kurt", method="log"),
    takes_columns=True,
)
