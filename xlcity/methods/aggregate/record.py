"""What a method to aggregate by is, in Python and in cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.methods.formulas import (
    missing_count_formula,
    missing_weight_formula,
    no_blank_condition,
)
from xlcity.methods.record import Method, Parameter, ParameterValue, Settings


@dataclass(frozen=True, slots=True)
class NodeCells:
    """What formulas about one node name; texts are addresses or pieces of formulas.

    Parameters
    ----------
    values, weights
        Ranges of the children's scores of one city, in a row, and of their weights.
    settings
        The parameters of the node's method.
    cancels
        Whether values that cancel must be 0 and not the rounding of their sum.
    power
        Cell of the power, for methods that have one.
    child_count
        Cell of the number of children; empty = there is none, and weights are counted.
    """

    values: str
    weights: str
    settings: Settings
    cancels: bool = False
    power: str = ""
    child_count: str = ""

    @property
    def missing(self) -> str:
        """The rule for a missing child: na, renormalise, zero or refuse."""
        return self.settings.text("missing")

    @property
    def no_blank(self) -> str:
        """The condition, as a piece of formula, that no child is blank."""
        return no_blank_condition(
            self.values, self.child_count or f"COUNT({self.weights})"
        )

    @property
    def gaps(self) -> str:
        """The formula that is 0 where no child is missing that weighs anything.

        Where the method reads no weights, all children weigh.
        """
        method = self.settings.method
        assert isinstance(method, Aggregation)
        if method.weighted:
            return missing_weight_formula(self.values, self.weights)
        return missing_count_formula(self.values)

    def guarded_formula(self, formula: str) -> str:
        """Return the formula of a node inside a test of its children, so that gaps do not reach it.

        A blank child gives ""; a missing one "NA", unless it weighs nothing, the rule is
        renormalise and some child has a number, or the rule is zero: then the formula itself deals
        with it.
        """
        if self.missing == "zero":
            return f'IF({self.no_blank},{formula},"")'
        if self.missing == "renormalise":
            return f'IF({self.no_blank},IF(COUNT({self.values})=0,"NA",{formula}),"")'
        return f'IF({self.no_blank},IF({self.gaps},"NA",{formula}),"")'


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeAggregation:
    """One method in cells: by a formula, by working columns, or by a function alone.

    Attributes
    ----------
    formula
        The node, from its children.
    turn_child
        What a child is turned into in a working column: the child's cell and the power's give a
        formula. A function lifted over a range is wrong in several engines, so that each child has
        a cell of its own; the node is the arithmetic mean of these, turned back.
    turn_back
        The node, from the cell of that mean and the power's.
    turns_zero
        Whether a child of 0 can be turned.
    call
        The text of a call of the library that gives the node of one unit, to compare with; None
        where no function does.
    number_format
        Number format of what a function gives for all units.
    call_for_all
        The text of a call that gives the node for all units at once, where only a function can
        aggregate so; then `values` are the children of all units.
    """

    formula: Callable[[NodeCells], str] | None = None
    turn_child: Callable[[str, str], str] | None = None
    turn_back: Callable[[str, str], str] | None = None
    turns_zero: bool = False
    call: Callable[[NodeCells], str] | None = None
    number_format: str = "0.0000"
    call_for_all: Callable[[NodeCells], str] | None = None

    @property
    def by_function(self) -> bool:
        """Whether only a function can aggregate so."""
        return self.call_for_all is not None


#: One weight per child, or (n, children): a row of weights for each unit.
Weights = Sequence[float] | Matrix
#: Takes (n, children) scores, their states, the weights of the children and the parameters; gives
#: the (n, 1) aggregates. Where `whole_sample`, weights are one per child.
Kernel = Callable[[Matrix, States, Weights, Settings], CellArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregation(Method):
    """A method to aggregate by: `kernel` makes one column of the children's scores.

    Attributes
    ----------
    weighted
        Whether it reads weights; none are looked for where it does not.
    between
        Whether results lie between the least and the greatest child.
    needs
        The key of the message on what scores it needs, shown where it has no result.
    by_share
        Whether a child counts by its share of the weights.
    adds_up
        Whether a node is the sum of what its children contribute: their weighted mean.
    asks_sign
        Whether it matters that a child is 0 or above.
    whole_sample
        Whether a city's result depends on the other cities, too, or it never has one.
    scale_free
        Whether a child counts as much when its scores are multiplied by a number.
    exponent
        The power of the weighted mean that it is; None where it is none.
    native
        The same in cells.
    """

    step: ClassVar[str] = "aggregate"

    kernel: Kernel
    weighted: bool = True
    between: bool = True
    needs: str = "needs.scores_of_children"
    by_share: bool = False
    adds_up: bool = False
    asks_sign: bool = False
    whole_sample: bool = False
    scale_free: bool = False
    exponent: Callable[[Settings], float] | None = None
    native: NativeAggregation


def common_parameters(*missing: str) -> tuple[Parameter, ...]:
    """Return the parameters that all aggregations have.

    Parameters
    ----------
    *missing
        The rules for missing children that the method knows. na: no score; renormalise: over those
        that are there; zero: as 0; refuse: with one missing or blank child no unit of the group has
        a score.
    """
    return (
        Parameter("missing", missing, "na"),
        # The framework's, or the number of indicators under each child.
        Parameter("weights", ("given", "leaves"), "given"),
        # Children that are nodes: their aggregates, or the scores that the step rescale makes of
        # these.
        Parameter("children", ("aggregates", "scores"), "aggregates"),
        # Least share of the children that must be there.
        Parameter("threshold", default=0.0, limits=(0.0, 1.0)),
    )


#: Parameters of means, and of aggregations that know no "zero" and no "refuse".
MEAN_PARAMETERS = common_parameters("na", "renormalise", "zero", "refuse")
OTHER_PARAMETERS = common_parameters("na", "renormalise")


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """A function of the library that aggregates children, in Python and in a cell.

    Attributes
    ----------
    function
        Takes scores, weights if any, and parameters.
    names
        Those of what it takes behind the scores: of parameters, and "weights".
    """

    function: Callable[..., CellArray]
    names: tuple[str, ...]

    def compute(
        self, values: Matrix, states: States, weights: Weights, settings: Settings
    ) -> CellArray:
        """Return what the function gives, as a `Kernel` does."""
        arguments = (
            [*weights] if name == "weights" else settings.argument(name)
            for name in self.names
        )
        return self.function(values, *arguments, states=states)

    def text(self, node: NodeCells) -> str:
        """Return the call as the text of a formula."""
        arguments = (
            node.weights
            if name == "weights"
            else argument_text(node.settings.argument(name))
            for name in self.names
        )
        return (
            f"{self.function.__name__.upper()}({','.join((node.values, *arguments))})"
        )


def argument_text(value: ParameterValue) -> str:
    """Return the value of a parameter as the text of an argument in a formula."""
    return f'"{value}"' if isinstance(value, str) else f"{value:.15g}"
