"""What a method to treat outliers by is, and the parameters that several have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellState, Matrix, States
from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT, is_skewed
from xlcity.methods.formulas import gap_formula
from xlcity.methods.record import BlockKernel, Method, MethodCell, Parameter, Settings

#: In the parameter `when`: only columns that are skewed are treated.
SKEWED = "skewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedCells:
    """What formulas of a treatment name; texts are addresses.

    Attributes
    ----------
    cell_of
        Column of `Framework` -> the indicator's cell there.
    word_of
        Column of `Framework` -> the word that formulas are made of.
    x, xs
        The value before, and the column of the values before.
    n, mean, sd, minimum, maximum, skew
        Statistics of these values.
    low, high
        The bounds of the method, above the column.
    flag
        Whether the values are skewed, or winsorised ones still are.
    drawn
        What a function gives for the value.
    """

    cell_of: Mapping[str, str]
    word_of: Mapping[str, str]
    n: str
    mean: str
    sd: str
    minimum: str
    maximum: str
    skew: str
    low: str
    high: str
    flag: str
    x: str = ""
    xs: str = ""
    drawn: str = ""


def drawn_formula(cells: TreatedCells) -> str:
    """Return the formula of what a function gives for a value, "" where it gives no number."""
    return f'IF(ISNUMBER({cells.drawn}),{cells.drawn},"")'


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeTreatment:
    """One method to treat by in cells.

    Attributes
    ----------
    formula
        The treated value, of a city that has one.
    bounds
        The formulas of the bounds between which values are held, above the column.
    call
        The function that treats so, and the columns of `Framework` that it takes behind the values.
    tries_twice
        Whether a logarithm is taken where drawing in is not enough.
    """

    formula: Callable[[TreatedCells], str] = drawn_formula
    bounds: Callable[[TreatedCells], tuple[str, str]] | None = None
    call: tuple[str, ...] = ()
    tries_twice: bool = False

    def cell_formula(self, cells: TreatedCells) -> str:
        """Return the formula of a city's cell: its treated value, or what is not a number."""
        formula = self.formula(cells)
        if cells.word_of.get("when") == SKEWED:
            formula = f"IF({cells.flag}=1,{formula},{cells.x})"
        return f"IF(ISNUMBER({cells.x}),{formula},{gap_formula(cells.x)})"

    def call_for(self, when: str) -> tuple[str, ...]:
        """Return `call`, none where it does not know that only skewed values are treated."""
        return () if when == SKEWED and "when" not in self.call else self.call


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
    native
        The same in cells.
    """

    step: ClassVar[str] = "treat"

    kernel: BlockKernel | None = None
    takes_columns: bool = False
    by_function: bool = False
    native: NativeTreatment = NativeTreatment()


#: When a column is as skewed as to be treated: |skewness| and kurtosis both at these limits.
SKEW_PARAMETERS = (
    Parameter("skew", default=SKEW_LIMIT, cell=MethodCell("skew")),
    Parameter("kurt", default=KURT_LIMIT, cell=MethodCell("kurt")),
)
WHEN_PARAMETER = Parameter(
    "when", ("always", SKEWED), "always", cell=MethodCell("when", live=False)
)


def too_skewed(values: Matrix, states: States, settings: Settings) -> bool:
    """Tell whether |skewness| and kurtosis of a column's numbers are both at a step's limits.

    `values` and `states` are (n,): one per unit.
    """
    numbers = np.asarray(values)[states == CellState.NUMBER]
    return is_skewed(numbers, settings.number("skew"), settings.number("kurt"))


LOG_PARAMETER = Parameter(
    "log",
    ("ct", "ct_orig", "ct_plus", "gii", "ln", "ln1p"),
    "ct",
    cell=MethodCell("kind", live=False),
)
