"""What a method to treat outliers by is, and the parameters that several have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellState, Matrix, States
from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT, is_skewed
from xlcity.methods.record import BlockKernel, Method, Parameter, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment(Method):
    """A method to treat outliers by.

    Attributes
    ----------
    kernel
        Takes an indicator's (n,) values, their states and the parameters; gives the (n, 1) treated
        values. None: they stay as they are.
    takes_columns
        Whether it takes (n, m) values of m replicates as well, and treats each column.
    by_function
        Whether only a function can treat so in cells.
    """

    step: ClassVar[str] = "treat"

    kernel: BlockKernel | None = None
    takes_columns: bool = False
    by_function: bool = False


#: When a column is as skewed as to be treated: |skewness| and kurtosis both at these limits.
SKEW_PARAMETERS = (
    Parameter("skew", default=SKEW_LIMIT),
    Parameter("kurt", default=KURT_LIMIT),
)
WHEN_PARAMETER = Parameter("when", ("always", "skewed"), "always")


def too_skewed(values: Matrix, states: States, settings: Settings) -> bool:
    """Tell whether |skewness| and kurtosis of a column's numbers are both at a step's limits.

    `values` and `states` are (n,): one per unit.
    """
    numbers = np.asarray(values)[states == CellState.NUMBER]
    return is_skewed(numbers, settings.number("skew"), settings.number("kurt"))


LOG_PARAMETER = Parameter(
    "log", ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p"), "ct"
)
