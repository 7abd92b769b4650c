"""Names of the cities and nodes of an index, in both languages, with the marks of gaps."""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from xlcity.figures.contents import Label
from xlcity.index.analysis import ScoreGaps
from xlcity.index.result import IndexResult
from xlcity.model.dataset import State, Status
from xlcity.report.contents import NOTHING
from xlcity.report.texts import say


def _stem(name: str) -> str:
    """Return a name without brackets at its end."""
    return re.sub(r" ?[(（][^()（）]*[)）]$", "", name)


class ResultNames:
    """Names the cities and nodes of `result`."""

    result: IndexResult

    def city(self, row: int) -> Label:
        """Return the name of a city."""
        unit = self.result.dataset.units[row]
        return Label(unit.name_zh or unit.name_en or unit.id, unit.name_en or unit.id)

    def node(self, code: str) -> Label:
        """Return the name of a node."""
        node = self.result.framework[code]
        return Label(node.name_zh or node.name_en or code, node.name_en or node.name_zh or code)

    def uom(self, code: str) -> Label:
        """Return the unit of measure of a node."""
        node = self.result.framework[code]
        return Label(node.uom_zh or node.uom, node.uom or node.uom_zh)

    @cached_property
    def _stems(self) -> Counter[str]:
        """How many nodes have a name in either language that goes on in brackets."""
        names = [self.node(node.code) for node in self.result.framework.nodes]
        return Counter(_stem(name) for label in names for name in {label.zh, label.en})

    def short_node(self, code: str) -> Label:
        """Return the name of a node without what is in brackets behind it, if that is enough."""
        name = self.node(code)
        stems = [_stem(text) for text in (name.zh, name.en)]
        return Label(*stems) if all(self._stems[stem] == 1 for stem in {*stems}) else name

    def is_reverse(self, code: str) -> bool:
        """Tell whether a node is an indicator of which less is better."""
        tree = self.result.framework
        return tree.is_indicator(code) and tree[code].direction < 0

    def scored(self, code: str) -> Label:
        """Return the name of a node above its scores: those of a reverse indicator are reversed."""
        name = self.node(code)
        return say("reversed", node=name) if self.is_reverse(code) else name

    @cached_property
    def derived_note(self) -> Label:
        """That input values are derived from printed scores, where some are."""
        dataset = self.result.dataset
        derived = (dataset.states == State.VALUE) & (dataset.basis == Status.DERIVED)
        return say("derived", n=int(derived.sum())) if derived.any() else NOTHING

    @cached_property
    def gaps(self) -> ScoreGaps:
        """Which scores rest on missing or estimated indicators."""
        return ScoreGaps(self.result)

    def marked_city(self, row: int, code: str) -> Label:
        """Return the name of a city, with a mark where its score in a node rests on a gap."""
        name, mark = self.city(row), self.gaps.mark(row, code)
        return Label(f"{name.zh}{mark}", f"{name.en}{mark}")
