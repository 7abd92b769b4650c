"""The most extreme values drawn in, and logarithms where that is not enough."""

from __future__ import annotations

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.treat import MOST_POINTS, treat_log, winsor_skew
from xlcity.methods.record import MethodCell, Parameter, Settings, Word, kernel_of
from xlcity.methods.treat.log import logarithm_formula
from xlcity.methods.treat.record import (
    LOG_PARAMETER,
    SKEW_PARAMETERS,
    NativeTreatment,
    TreatedCells,
    Treatment,
    drawn_formula,
    too_skewed,
)

#: Draws the most extreme values in until they are not skewed.
_winsorise = kernel_of(winsor_skew, "points", "skew", "kurt")


def _winsorise_or_log(values: Matrix, states: States, settings: Settings) -> CellArray:
    """Return an indicator's values with outliers drawn in; where that is not enough, logarithms.

    `values` and `states` are (n,): one per unit; `settings` are the parameters of the step.
    """
    winsorised = _winsorise(values, states, settings)
    if not too_skewed(winsorised.values[:, 0], states, settings):
        return winsorised
    # Logarithms are those of the original column, not of the one drawn in.
    return treat_log(values, settings.text("log"), states=states)


_POINTS_PARAMETER = Parameter("points", default=MOST_POINTS, cell=MethodCell("t1"))
_CALL = ("WINSOR_SKEW", "t1", "skew", "kurt")


def _drawn_or_log_formula(cells: TreatedCells) -> str:
    """Return the formula of a value drawn in, or of its logarithm where that is not enough."""
    return f"IF({cells.flag}=1,{logarithm_formula(cells)},{drawn_formula(cells)})"


WINSOR = Treatment(
    name="winsor",
    parameters=(_POINTS_PARAMETER, *SKEW_PARAMETERS),
    words=(Word("winsor", ("points",)),),
    kernel=_winsorise,
    takes_columns=True,
    by_function=True,
    native=NativeTreatment(call=_CALL),
)
WINSOR_LOG = Treatment(
    name="winsor_log",
    parameters=(_POINTS_PARAMETER, LOG_PARAMETER, *SKEW_PARAMETERS),
    words=(Word("winsor_log", ("points",)),),
    kernel=_winsorise_or_log,
    by_function=True,
    native=NativeTreatment(formula=_drawn_or_log_formula, call=_CALL, tries_twice=True),
)
