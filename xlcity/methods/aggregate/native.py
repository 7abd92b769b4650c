"""How a method to aggregate by is written in cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xlcity.methods.formulas import filled
from xlcity.methods.record import Settings


@dataclass(frozen=True, slots=True)
class NodeCells:
    """What formulas about one node name: its children in a row, their weights, its parameters.

    `cancels` says whether values that cancel must be 0 and not the rounding of their sum, `power`
    is the cell of the power.
    """

    values: str
    weights: str
    settings: Settings
    cancels: bool = False
    power: str = ""

    @property
    def missing(self) -> str:
        """What is done with a missing child."""
        return self.settings.text("missing")

    @property
    def filled(self) -> str:
        """The condition that no child is blank."""
        return filled(self.values, self.weights)

    def of_known(self, made: str) -> str:
        """Return a number that is made of the children there are, by the rule for missing ones."""
        if self.missing == "zero":
            return f'IF({self.filled},{made},"")'
        if self.missing == "renormalise":
            return f'IF({self.filled},IF(COUNT({self.values})=0,"NA",{made}),"")'
        whole = f"COUNT({self.values})=COUNT({self.weights})"
        return f'IF({whole},{made},IF({self.filled},"NA",""))'


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeAggregation:
    """One method in cells: by a formula, by working columns, or by a function alone.

    Attributes
    ----------
    formula
        The node, from its children.
    turn
        What a child is turned into in a working column: the child's cell and the power's give a
        formula. A function lifted over a range is wrong in several engines, so that each child has
        a cell of its own; the node is the arithmetic mean of these, turned back.
    back
        The node, from the cell of that mean and the power's.
    zeros
        Whether a child of 0 can be turned.
    by_function
        Whether only a function of the library can aggregate so.
    call
        The call that repeats the node, None where no function does.
    whole
        The call that gives the nodes of all units at once, where only a function can aggregate so;
        its cells are those of all units.
    rules
        The rules for missing children that the cells know.
    """

    formula: Callable[[NodeCells], str] | None = None
    turn: Callable[[str, str], str] | None = None
    back: Callable[[str, str], str] | None = None
    zeros: bool = False
    by_function: bool = False
    call: Callable[[NodeCells], str] | None = None
    whole: Callable[[NodeCells], str] | None = None
    rules: tuple[str, ...] = ("na", "renormalise")
