"""What the formulas of a template give, where that is not the index of its inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from xlcity.audit.diff.attribution import ranks_of
from xlcity.audit.lint.subject import Subject
from xlcity.errors import EngineError, counted
from xlcity.index.result import IndexResult
from xlcity.recalc.compare import agree
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import Template, read_template
from xlcity.xlsx.address import full_address

#: A score or a rank by city and node.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ShownResults:
    """Scores and ranks by city and node."""

    scores: Mapping[_Key, float]
    ranks: Mapping[_Key, int]

    def agrees(self, other: ShownResults) -> bool:
        """Tell whether both have the same ranks, and the same scores but for rounding."""
        mine, theirs = self.scores, other.scores
        return (
            self.ranks == other.ranks
            and mine.keys() == theirs.keys()
            and all(agree(score, theirs[key]) for key, score in mine.items())
        )


def computed_results(index: IndexResult) -> ShownResults:
    """Return the scores and ranks of an index."""
    scores: dict[_Key, float] = {}
    ranks: dict[_Key, int] = {}
    for node in index.node_codes:
        ranks |= {(unit, node): rank for unit, rank in ranks_of(index, node).items()}
        for unit, score in zip(index.dataset.units, index.column(node), strict=True):
            if not math.isnan(score):
                scores[unit.id, node] = float(score)
    return ShownResults(scores, ranks)


def shown_results(subject: Subject, computed: ShownResults, notes: list[str]) -> ShownResults:
    """Return what the formulas of a template give, calculated afresh where they were not.

    Parameters
    ----------
    subject
        The template.
    computed
        The index of its inputs: what its formulas give if they are the template's.
    notes
        Gets a line where stored ranks, or those of the formulas, are not those of the inputs.
    """
    template = subject.template
    assert template is not None
    stored = fresh = _results(template, computed)
    if stored.agrees(computed):
        return computed
    from xlcity.recalc.workbook import recalculate  # most comparisons compute nothing

    try:
        calculated = recalculate(subject.package, book=subject.book, keep=True)
        book = calculated.as_book()
        fresh = _results(read_template(subject.package, book, subject.path), computed)
    except EngineError as error:
        notes.append(f"{subject.path}: {error.problems[0].message}")
    follows = fresh.agrees(computed)
    shown = stored if follows else fresh
    other = [key for key, rank in computed.ranks.items() if shown.ranks.get(key) != rank]
    # A program that does not calculate stores nothing: nothing is out of date then.
    if other and (shown.ranks or not follows):
        ranks = counted(len(other), "rank")
        what = f"{ranks} stored, not up to date" if follows else f"{ranks} changed by its formulas"
        notes.append(f"{subject.path}: {what}; the first is {_rank(template, other[0], shown)}, "
                     f"its inputs give {computed.ranks[other[0]]}.")  # fmt: skip
    return computed if follows else fresh


def _results(template: Template, computed: ShownResults) -> ShownResults:
    """Return the stored results of the cities and nodes that an index has."""
    units = stored_results(template)["units"]
    keys = computed.scores.keys() | computed.ranks.keys()
    nodes = {node for _, node in keys}
    scores = {
        (unit["unit"], node): score
        for unit in units
        for node, score in unit["scores"].items()
        if node in nodes and isinstance(score, float)
    }
    ranks = {
        (unit["unit"], node): rank
        for unit in units
        for node, rank in unit["ranks"].items()
        if node in nodes and rank is not None
    }
    return ShownResults(scores, ranks)


def _rank(template: Template, key: _Key, shown: ShownResults) -> str:
    """Return the cell of a rank and what it shows."""
    area = template.area("out_ranks")
    nodes = [str(value) for value in template.book.block(template.area("out_nodes"))[0]]
    units = [str(row[0]) for row in template.book.block(template.area("out_units"))]
    if key[0] not in units:
        return f"{key[0]} {key[1]} = {shown.ranks.get(key, 'nothing')}"
    position = area.r1 + units.index(key[0]), area.c1 + nodes.index(key[1])
    return f"{full_address(area.sheet, position)} = {shown.ranks.get(key, 'nothing')}"
