"""What a method of the step *rescale* is: aggregates on the published scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from xlcity.methods.normalise.record import CONSTANT
from xlcity.methods.record import BlockKernel, Method, Parameter

#: The root's score is the mean of its children's scaled scores.
MEAN_OF_SCALED = "mean_of_scaled"
#: The root's aggregate is scaled like that of any other node.
SCALED = "scaled"
#: The root's score is its aggregate as it is.
UNSCALED = "unscaled"
OVERALL = Parameter("overall", (MEAN_OF_SCALED, SCALED, UNSCALED), SCALED)
#: What equal aggregates score; one cell holds it for all nodes.
EQUAL_SCORE = replace(CONSTANT, cell=None, defined_name="par_constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateCells:
    """What formulas that rescale a node name; texts are addresses or pieces of formulas.

    Attributes
    ----------
    cell_of
        Parameter of the method -> its cell.
    value
        The aggregate of one city, or the aggregates of all where a call rescales them.
    low, span, n, mean, sd
        Statistics of the aggregates: the least, the difference of the extremes, and others.
    nonzero
        The parameters that are not 0 as the workbook is made.
    constant
        What equal aggregates score; "" in a call and '""' in a formula for nothing.
    groups
        The group of each city in a call, "" where all are scored together.
    """

    cell_of: Mapping[str, str]
    value: str
    nonzero: frozenset[str] = frozenset()
    low: str = ""
    span: str = ""
    n: str = ""
    mean: str = ""
    sd: str = ""
    constant: str = ""
    groups: str = ""

    @property
    def above_low(self) -> str:
        """The formula of how far the aggregate is from the least one to the greatest, 0 to 1."""
        return f"({self.value}-{self.low})/{self.span}"


def never_called(cells: AggregateCells) -> None:
    """Return None: no function of the library rescales so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeRescaling:
    """One method to rescale by in cells.

    Attributes
    ----------
    score
        The formula of a score, for aggregates that differ.
    statistics
        Which statistics of the aggregates it reads; none of them: it rescales each by itself.
    call
        The call of the library that gives the scores once more; None where no function does.
    in_groups
        Whether templates with several groups of cities can rescale so.
    """

    score: Callable[[AggregateCells], str]
    statistics: tuple[str, ...] = ("min", "max")
    call: Callable[[AggregateCells], str | None] = never_called
    in_groups: bool = False

    def cell_formula(self, cells: AggregateCells) -> str:
        """Return the formula of a city's score, or of the gap that it has."""
        score = self.score(cells)
        if self.statistics:
            score = f"IF(ISNUMBER({cells.span}),{score},{cells.constant})"
        return f"IF(ISNUMBER({cells.value}),{score},{cells.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling(Method):
    """A method to rescale by: `kernel` makes the (n, 1) scores of a node of its aggregates.

    It takes the aggregates, their states and the parameters. Equal aggregates need no score: one
    that the parameter `constant` names is put in their place. `native` is the same in cells.
    """

    step: ClassVar[str] = "rescale"

    kernel: BlockKernel
    native: NativeRescaling

    @property
    def node_parameters(self) -> tuple[str, ...]:
        """The numbers that each node has cells of its own for, above its scores."""
        return tuple(
            parameter.name
            for parameter in self.parameters
            if isinstance(parameter.default, float) and not parameter.is_shared
        )
