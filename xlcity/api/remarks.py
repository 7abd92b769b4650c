"""What a reader should know of an index: the remarks that the command line makes on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from xlcity.api.data import first_lines
from xlcity.errors import Problem, Where, first_of, summary_lines
from xlcity.functions.session import callable_of_plain, is_plain
from xlcity.grouping import grouped
from xlcity.messages import Message

if TYPE_CHECKING:
    import pandas as pd

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
_COLUMNS = ("code", "message", "hint", "file", "sheet", "cell", "indicator", "unit")
#: Cells that a remark names.
_LISTED = 10


class DataWarning(UserWarning):
    """Data lack an indicator: an index is computed without it."""


class Problems(tuple[Problem, ...]):
    """What a reader should know of an index; a notebook shows it as a table."""

    __slots__ = ()

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each problem: code, message, hint, and its address in parts."""
        import pandas as pd

        rows = []
        for problem in self:
            document = problem.as_dict()
            rows.append({**document, **document.pop("where")})
        return pd.DataFrame(rows, columns=_COLUMNS)

    def __str__(self) -> str:
        return "\n".join(summary_lines(self))

    def __repr__(self) -> str:
        return first_lines(str(self)) or "()"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(notebook=True, max_rows=60))


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
    yield from _plain_functions(result)
    cells_by_kind = grouped(
        (mark.kind, (mark.unit, mark.code)) for mark in result.marks
    )
    for kind, cells in sorted(cells_by_kind.items()):
        what = Message(_MARKS[kind])
        yield Problem.of("XC359.mark", what=what, cells=_cells(cells))


def _plain_functions(result: IndexResult) -> Iterator[Problem]:
    """Yield what is made by functions that cells have no name for."""
    for made in result.steps:
        method = made.step.method
        if is_plain(method) and made.codes:
            name = callable_of_plain(method)
            codes = first_of(made.codes, _LISTED)
            yield Problem.of("XC359.function", name=name, codes=codes)


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
