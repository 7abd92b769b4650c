"""What a method to impute raw values by is."""

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
        Makes a column of values, states and the group of each unit.
    series
        Makes (n, editions) of values, states and the times of the editions.
    """

    step: ClassVar[str] = "impute_raw"

    kernel: Callable[[Matrix, States, Sequence[str] | None, Settings], CellArray] | None = None
    series: Callable[[Matrix, States, Sequence[float], Settings], CellArray] | None = None
