"""What a method to treat outliers by is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, CellState, Matrix, States
from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT, is_skewed
from xlcity.methods.record import Method, Parameter, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment(Method):
    """A method to treat outliers by: `kernel` makes a column of values and states.

    None: the column stays as it is. Where `takes_columns`, it makes (n, m) of m replicates as well.
    """

    step: ClassVar[str] = "treat"

    kernel: Callable[[Matrix, States, Settings], CellArray] | None = None
    takes_columns: bool = False


#: When a column is as skewed as to be treated: |skewness| and kurtosis both at these limits.
SKEWED = (Parameter("skew", default=SKEW_LIMIT), Parameter("kurt", default=KURT_LIMIT))
WHEN = Parameter("when", ("always", "skewed"), "always")


def limits(settings: Settings) -> tuple[float, float]:
    """Return the limits of skewness and kurtosis."""
    return settings.number("skew"), settings.number("kurt")


def too_skewed(values: Matrix, states: States, settings: Settings) -> bool:
    """Tell whether the numbers of a column are as skewed as to be treated."""
    return is_skewed(np.asarray(values)[states == CellState.NUMBER], *limits(settings))
