"""Logarithms, always or where a column is skewed."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.treat import treat_log
from xlcity.methods.record import Parameter, Settings, Word
from xlcity.methods.treat.record import SKEWED, WHEN, Treatment, limits

LOG = Parameter("log", ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p"), "ct")


def _log(values: Matrix, states: States, settings: Settings) -> CellArray:
    kind, when = settings.text("log"), settings.text("when")
    return treat_log(values, kind, when, *limits(settings), states=states)


LOGARITHM = Treatment(
    name="log",
    parameters=(LOG, WHEN, *SKEWED),
    words=(Word("log", ("log",)), Word("log_skewed", ("log",), {"when": "skewed"})),
    kernel=_log,
    takes_columns=True,
)
