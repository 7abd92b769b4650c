"""What a reader should know of an index: the remarks that the command line makes on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlcity.errors import Problem, Where, first_of
from xlcity.grouping import grouped
from xlcity.messages import Message

if TYPE_CHECKING:
    from xlcity.api.inputs import Inputs
    from xlcity.index.result import IndexResult
    from xlcity.model.reading.values import Notes

#: Kind of a mark -> the key of what it is called.
_MARKS = {
    "clipped": "marked.clipped",
    "direct": "marked.direct",
    "floor": "marked.floor",
    "imputed": "marked.imputed",
    "lowest": "marked.lowest",
    "renormalised": "marked.renormalised",
    "screened": "marked.screened",
    "treated": "marked.treated",
    "unrated": "marked.unrated",
    "zero": "marked.zero",
}
#: Cells that a remark names.
_LISTED = 10


class DataWarning(UserWarning):
    """Data lack an indicator: an index is computed without it."""


def problems_of(inputs: Inputs, result: IndexResult) -> Iterator[Problem]:
    """Yield what could not be computed, and what a reader should know of data and results."""
    yield from result.failures
    yield from absent_indicators(inputs, result)
    if result.unfilled:
        yield Problem.of(
            "XC359.unfilled",
            unfilled=len(result.unfilled),
            cells=_cells(result.unfilled),
        )
    yield from inputs.notes.problems
    yield from _left_out_rows(inputs.notes)
    yield from result.notes
    cells_by_kind = grouped(
        (mark.kind, (mark.unit, mark.code)) for mark in result.marks
    )
    for kind, cells in sorted(cells_by_kind.items()):
        what = Message(_MARKS[kind])
        yield Problem.of("XC359.mark", what=what, cells=_cells(cells))


def _cells(cells: Iterable[tuple[str, str]]) -> str:
    """Return cities with their indicators or nodes, the first ones of many."""
    return first_of([f"{unit} {code}" for unit, code in cells], _LISTED)


def _left_out_rows(notes: Notes) -> Iterator[Problem]:
    for row in notes.left_out:
        yield Problem.of("XC349.row", Where(cell=row.cell), row=row.text)


def absent_indicators(inputs: Inputs, result: IndexResult) -> Iterator[Problem]:
    """Yield a problem for the indicators of which the data have no column, if there are any."""
    read_codes = inputs.notes.codes
    if not read_codes or read_codes.issuperset(result.leaf_codes):
        return
    tree = result.framework
    absent = []
    for code in result.without_values[1]:
        parts = [part.code for part in tree.ingredients_of(code)]
        if read_codes.isdisjoint([code, *parts]):
            absent.append(code)
    if absent:
        yield Problem.of("XC349.absent", codes=first_of(absent, _LISTED))
