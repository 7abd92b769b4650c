"""What a method to normalise by is, and the column that it takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from xlcity.functions.block import CellArray, CellState, Matrix, States
from xlcity.methods.normalise.native import Native
from xlcity.methods.record import Method, MethodCell, Parameter, Settings

#: What a constant column, or bounds that leave no room, do to a method: it has no result, or all
#: units get the same one.
FAILS, SAME = "fails", "same"
#: Score of all units where the method has no result because all values are equal. A method with
#: this parameter fails for a constant column; any other gives all units the same score.
CONSTANT = Parameter("constant", cell=MethodCell("constant", named=True))
TIES = Parameter("ties", ("min", "average", "max"), "min", cell=MethodCell("rule", live=False))
CAP = Parameter("cap", ("no", "yes"), "no", cell=MethodCell("rule", live=False))
#: Scores of the low and the high end.
BASE = Parameter("base", default=0.0, cell=MethodCell("base", named=True))
SCALE = Parameter("scale", default=100.0, cell=MethodCell("scale", shared="scale"))
SHARE = Parameter("scale", default=1.0, cell=MethodCell("scale"))


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """Values of one indicator over the units of one group.

    Attributes
    ----------
    values, states
        One per unit, or (units, m): a column for each of m replicates.
    direction
        1 where more is better, -1 where less is.
    span
        Minimum and maximum of the numbers, NaN without numbers; (m,) each of replicates.
    pool
        Values and states of the units whose mean and deviation count, None = its own.
    reference
        The value of the city that a step names; (m,) of replicates.
    """

    values: Matrix
    states: States
    direction: float
    span: tuple[float | Matrix, float | Matrix]
    pool: tuple[Matrix, States] | None = None
    reference: float | Matrix | None = None

    @property
    def is_single(self) -> bool:
        """Whether there is one value per unit, so that what rules did is marked."""
        return self.values.ndim == 1

    @property
    def known(self) -> States:
        """Which units have a number."""
        found: States = self.states == CellState.NUMBER
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Scores of a column; `marks` holds (row, kind) of cells that a rule changed."""

    block: CellArray
    #: The bounds that were taken.
    low: float | Matrix = math.nan
    high: float | Matrix = math.nan
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Extent:
    """The numbers of an indicator in one group: how many, the least and the greatest."""

    code: str
    count: int
    minimum: float
    maximum: float


def _always(settings: Settings, in_groups: bool) -> bool:
    return True


def _no_advice(extent: Extent, scores: Matrix, settings: Settings) -> Iterator[tuple[str, str]]:
    yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation(Method):
    """A method to normalise by.

    Attributes
    ----------
    kernel
        Scores one column.
    advice
        Yields (message, hint) of parameters that probably are a slip, given the numbers and scores.
    needs
        What to do where values that differ have no result.
    signed
        Whether scores lie on both sides of 0, so that they may cancel in a mean.
    native
        The same in cells; None: templates cannot show it.
    has_working_column
        Whether the working step has a column, given the parameters and whether several groups are
        scored separately.
    """

    step: ClassVar[str] = "normalise"

    kernel: Callable[[Indicator, Settings], Scored]
    advice: Callable[[Extent, Matrix, Settings], Iterator[tuple[str, str]]] = _no_advice
    needs: str = "Correct the bounds in the recipe's step."
    signed: bool = False
    native: Native | None = None
    has_working_column: Callable[[Settings, bool], bool] = _always

    @property
    def constant(self) -> str:
        """What a constant column does to it: FAILS or SAME."""
        return FAILS if CONSTANT.name in self.names else SAME


def on_scale(share: CellArray, base: float, scale: float) -> CellArray:
    """Return shares from 0 to 1 as scores from `base` to `scale`."""
    return CellArray(base + (scale - base) * share.values, share.errors)
