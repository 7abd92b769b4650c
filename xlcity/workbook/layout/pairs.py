"""Where the pairs of cities stand: one row for any two rows of `Cities`, on `Pairs`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from xlcity.workbook.drawing.grid import Area, Block
from xlcity.workbook.layout import Layout
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

    def _block(self, left: int, codes: tuple[str, ...]) -> Block:
        return Block("Pairs", left, codes, FIRST, self.last)

    @cached_property
    def strengths(self) -> Block:
        """What counts of the links of each indicator."""
        return self._block(LEFT, self.layout.indicators)

    @cached_property
    def normalised(self) -> Block:
        """The same on one scale, over all pairs."""
        return self._block(self.strengths.right + 2, self.layout.indicators)

    @cached_property
    def scores(self) -> Block:
        """Composite nodes of the pairs."""
        return self._block(self.normalised.right + 2, self.layout.composites)

    @cached_property
    def keys(self) -> Block:
        """Rounded scores that ranks are taken from."""
        return self._block(self.scores.right + 2, self.layout.composites)

    @cached_property
    def ranks(self) -> Block:
        """Ranks among the pairs."""
        return self._block(self.keys.right + 2, self.layout.composites)

    @cached_property
    def positions(self) -> Block:
        """Order inside ties."""
        return self._block(self.ranks.right + 2, self.layout.composites)

    def column(self, column: int) -> Area:
        """Return one of the columns left of the blocks."""
        return Area("Pairs", FIRST, column, self.last, column)
