"""What a method to close confirmed gaps among raw values is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.record import Method, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RawImputation(Method):
    """A method to close confirmed gaps among raw values.

    Attributes
    ----------
    kernel
        Takes an indicator's values, their states, the group of each unit (None: all are one) and
        the parameters; gives the column with its gaps closed.
    series
        Takes (n, editions) values of an indicator, their states, the times of the editions and the
        parameters; gives them with gaps closed from other editions.
    model
        Takes (n, k) values of several indicators, their states, the position of the one whose gaps
        are closed, and the parameters; gives its (n, 1) column.
    group_function
        The function of spreadsheets by which cells fill a gap from a group of cities, "" for none.
    function
        The function that does so in cells; "" for none.
    needs_complete
        Whether the model predicts from indicators without a gap, where no predictor is named.
    """

    step: ClassVar[str] = "impute_raw"

    kernel: (
        Callable[[Matrix, States, Sequence[str] | None, Settings], CellArray] | None
    ) = None
    series: Callable[[Matrix, States, Sequence[float], Settings], CellArray] | None = (
        None
    )
    model: Callable[[Matrix, States, int, Settings], CellArray] | None = None
    group_function: str = ""
    function: str = ""
    needs_complete: bool = False
