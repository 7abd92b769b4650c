"""Scores between two bounds: what min-max, goalposts and efficacy have alike."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.messages import Message
from xlcity.methods.formulas import spread_formula
from xlcity.methods.normalise.record import ColumnCells, NativeNormalisation
from xlcity.methods.record import TEXT, Parameter, Settings

#: Names the edition that has the bounds, or whose mean lies in the middle of them.
BOUND_EDITION = Parameter("bound", TEXT)
REFERENCE = Parameter("reference", TEXT)


def check_editions(settings: Settings) -> Iterator[str]:
    """Yield a fault where bounds are those of an edition: with several editions they are known."""
    for parameter in (BOUND_EDITION, REFERENCE):
        if text := settings.text(parameter.name):
            yield Message("method.needs_editions", name=parameter.name, text=text)


def _low_bound_formula(cells: ColumnCells) -> str:
    """Return the formula of the low bound: the parameter "a", else the column's own low bound.

    That is the minimum, or 0 where the rule, in the cell "rule", is not "minmax".
    """
    own_low = cells.minimum
    if cells.has_cell("rule"):
        own_low = (
            f'IF({cells.n}=0,"",IF({cells.cell_of["rule"]}="minmax",{cells.minimum},0))'
        )
    return cells.bound_formula("a", own_low)


def _high_bound_formula(cells: ColumnCells) -> str:
    """Return the formula of the high bound: the parameter "b", else the column's own high bound.

    That is the maximum, or the mean where the rule, in the cell "rule", is "mean".
    """
    own_high = cells.maximum
    if cells.has_cell("rule"):
        # A mean that is nothing but rounding of values that cancel is 0.
        mean = f"IF(ABS({cells.mean})<1E-10*MAX({cells.maximum},-{cells.minimum}),0,{cells.mean})"
        own_high = f'IF({cells.n}=0,"",IF({cells.cell_of["rule"]}="mean",{mean},{cells.maximum}))'
    return cells.bound_formula("b", own_high)


#: A method in cells with its bounds and their difference above the column.
native_between_bounds = partial(
    NativeNormalisation,
    low=_low_bound_formula,
    high=_high_bound_formula,
    span=lambda cells: spread_formula(cells.low, cells.high),
    bound_labels=("low", "high", "range"),
)
