"""Matrices of ties between cities: both halves say the same."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.messages import Message
from xlcity.workbook.reading.records import number_of
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import ReadBook

_MATRIX = "in_matrix_"


@finds(order=43)
def asymmetric_ties(subject: Subject) -> Iterator[Finding]:
    """Yield W08 for ties that the two halves of a matrix give otherwise, at both cells.

    One half alone will do where all ties are typed so.
    """
    if subject.template is None:
        return
    for name in (name for name in subject.book.names if name.startswith(_MATRIX)):
        if (area := subject.area(name)) is not None:
            yield from _asymmetric_cells(subject.book, area)


def _asymmetric_cells(book: ReadBook, area: Range) -> Iterator[Finding]:
    from xlcity.workbook.layout.networks import (
        ID,
        LEFT,
    )  # few templates have such a sheet

    first = LEFT - ID
    rows = [
        [*map(number_of, line[first:])][: area.rows - 1]
        for line in book.block(area)[1:]
    ]
    pairs = [
        (row, column)
        for row, line in enumerate(rows)
        for column in range(row + 1, min(len(line), len(rows)))
    ]
    is_whole = any(rows[r][c] and rows[c][r] for r, c in pairs)
    for row, column in pairs:
        one = rows[row][column]
        other = rows[column][row]
        is_half = one is None or other is None
        if one == other or (is_half and not (is_whole and (one or other))):
            continue
        here = cell_name(area.r1 + 1 + row, area.c1 + first + column)
        there = cell_name(area.r1 + 1 + column, area.c1 + first + row)
        message = Message(
            "lint.two_ties", one=_shown_tie(one), other=_shown_tie(other), there=there
        )
        yield Finding(
            "W08",
            area.sheet,
            here,
            message,
            fix=Message("lint.two_ties.hint"),
            region=f"{here}, {there}",
            level="error",
        )


def _shown_tie(number: float | None) -> str:
    """Return a tie as text; a cell without a number is said to be empty."""
    return Message("lint.no_tie") if number is None else f"{number:g}"
