"""Where the pairs of cities stand: one row for any two rows of `Cities`, on `Pairs`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from xlcity.workbook.drawing.grid import Area
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import block_on
from xlcity.workbook.layout.rows import FIRST

#: Columns left of the blocks: id of the pair, its names, the places of both cities.
LEFT = 6
ID, NAME, ONE, OTHER = 1, 2, 3, 4


@dataclass(frozen=True)
class PairLayout:
    """Addresses of pairs in a template."""

    layout: Layout

    @property
    def wanted(self) -> bool:
        """Whether the recipe scores pairs."""
        return bool(self.layout.spec.recipe.steps_doing("pairs"))

    @cached_property
    def slots(self) -> tuple[tuple[int, int], ...]:
        """Any two unit rows, counted from 0, the earlier one first."""
        return tuple(combinations(range(self.layout.slots), 2))

    @property
    def last(self) -> int:
        """Last row of the pairs."""
        return FIRST + len(self.slots) - 1

    #: What counts of the links of each indicator.
    strengths = block_on("Pairs", "layout.indicators", left=LEFT, last="last")
    #: The same on one scale, over all pairs.
    normalised = block_on("Pairs", "layout.indicators", after="strengths", last="last")
    #: Composite nodes of the pairs.
    scores = block_on("Pairs", "layout.from_below", after="normalised", last="last")
    #: Rounded scores that ranks are taken from.
    keys = block_on("Pairs", "layout.from_below", after="scores", last="last")
    #: Ranks among the pairs.
    ranks = block_on("Pairs", "layout.from_below", after="keys", last="last")

    def column(self, column: int) -> Area:
        """Return one of the columns left of the blocks."""
        return Area("Pairs", FIRST, column, self.last, column)
