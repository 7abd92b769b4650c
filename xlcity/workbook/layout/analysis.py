"""Where the analysis of a template stands: what is told of indicators and of pairs of them.

`Workings` has a row a city. Where populations are scored apart, its first blocks repeat the values
of the one that is looked at; elsewhere these are read where they stand on `Index`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from xlcity.workbook.drawing.grid import Area, Block
from xlcity.workbook.layout.blocks import side_by_side
from xlcity.workbook.layout.layout import Layout
from xlcity.workbook.layout.rows import FIRST, INDEX, POPULATION_COLUMN

WORKINGS = "Workings"
#: Name of the population that is looked at, where populations are scored apart.
LOOKED_AT = "xl_analysed"
#: With more indicators a table of all pairs is too large to read: nodes stand in for them.
MOST_CORRELATED = 60


@dataclass(frozen=True)
class AnalysisLayout:
    """Addresses of the analysis of one template."""

    layout: Layout

    @property
    def told(self) -> tuple[str, ...]:
        """The codes whose values are told of: indicators, or the nodes that are given instead."""
        spec = self.layout.spec
        return spec.direct_nodes if spec.nodes_alone else self.layout.indicators

    @cached_property
    def correlated(self) -> tuple[str, ...]:
        """The codes that are correlated: indicators, nodes below the root, the root."""
        spec = self.layout.spec
        composites = self.layout.composites
        root = spec.framework.root.code
        parts = [c for c in composites if spec.framework.depth(c) == 1]
        below = () if spec.nodes_alone else self.layout.indicators
        if len(below) > MOST_CORRELATED:
            below = ()
            parts = [c for c in composites if c != root][:MOST_CORRELATED]
        return (*below, *parts, root)

    @property
    def ranked(self) -> tuple[str, ...]:
        """The codes whose ranks are correlated."""
        return self.told if len(self.told) <= MOST_CORRELATED else ()

    def _columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        apart = self.layout.spec.apart
        yield "values", self.told if apart else ()
        yield "scored", self.correlated if apart else ()
        yield "distances", self.told
        correlates = "correlation" in self.layout.spec.chosen_pages
        yield "ranks", self.ranked if correlates else ()

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """The blocks of `Workings` by name."""
        return side_by_side(WORKINGS, 3, self._columns(), self.layout.last)

    def values(self, code: str) -> Block:
        """Return the block with the raw values of a code that is told of."""
        return self.blocks["values"] if self.layout.spec.apart else self.own_values

    @property
    def own_values(self) -> Block:
        """The block with the values of all cities: of indicators raw, of nodes as they count.

        A node that is not given has a score as soon as its indicators are typed.
        """
        layout = self.layout
        return layout.scores if layout.spec.nodes_alone else layout.raw

    def scored(self, code: str) -> Block:
        """Return the block with the normalised values of an indicator, or the scores of a node."""
        if self.layout.spec.apart:
            return self.blocks["scored"]
        return self.layout.own_block(code)

    @property
    def cities(self) -> str:
        """The formula of the number of cities that are looked at."""
        members = Area.of_column(INDEX, POPULATION_COLUMN, FIRST, self.layout.last)
        if self.layout.spec.apart:
            return f"COUNTIF({members.ref()},{LOOKED_AT})"
        return f'SUMPRODUCT(({members.ref()}<>"")*1)'
