"""What the formulas of a template give, where that is not the index of its inputs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from xlcity.audit.lint.subject import Subject
from xlcity.errors import EngineError, counted
from xlcity.index.result import IndexResult
from xlcity.recalc.compare import agree
from xlcity.workbook.reading.results import result_places
from xlcity.workbook.reading.template import Template, read_template
from xlcity.xlsx.address import full_address
from xlcity.xlsx.formulas.graph import Place

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
    scores, ranks = dict[_Key, float](), dict[_Key, int]()
    for node in index.node_codes:
        lines = zip(index.dataset.units, index.column(node), index.rank(node), strict=True)
        for unit, score, rank in lines:
            ranks |= {(unit.id, node): int(rank)} if rank else {}
            scores |= {} if math.isnan(score) else {(unit.id, node): float(score)}
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
    nodes = {node for _, node in computed.scores.keys() | computed.ranks.keys()}
    blocks = []
    for name in ("out_scores", "out_ranks"):
        places = {key: cell for key, cell in _places(template, name).items() if key[1] in nodes}
        values = {key: template.book.value(sheet, *p) for key, (sheet, p) in places.items()}
        blocks.append({key: v for key, v in values.items() if isinstance(v, float)})
    return ShownResults(blocks[0], {key: int(rank) for key, rank in blocks[1].items()})


def _places(template: Template, name: str) -> dict[_Key, Place]:
    """Return the cell of each city and node in a block of results."""
    places, cities = result_places(template, name), template.dataset.rows
    return {key: cell for key, cell in places.items() if key[0] in cities}


def _rank(template: Template, key: _Key, shown: ShownResults) -> str:
    """Return the cell of a rank and what it shows."""
    cell = _places(template, "out_ranks").get(key)
    where = f"{key[0]} {key[1]}" if cell is None else full_address(*cell)
    return f"{where} = {shown.ranks.get(key, 'nothing')}"
