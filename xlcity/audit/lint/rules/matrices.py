"""Matrices of ties between cities: both halves say the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

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
    ties = []
    for line in book.block(area)[1:]:
        ties.append([*map(number_of, line[first:])])
    size = min([len(ties), *map(len, ties)])
    pairs = [*combinations(range(size), 2)]
    both = [ties[row][column] and ties[column][row] for row, column in pairs]
    is_whole = any(both)
    for row, column in pairs:
        one = ties[row][column]
        other = ties[column][row]
        if not _is_asymmetric(one, other, is_whole):
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


def _is_asymmetric(one: float | None, other: float | None, is_whole: bool) -> bool:
    """Tell whether two ties are not alike; in half a matrix one of them is empty."""
    if one is None or other is None:
        return is_whole and bool(one or other)
    return one != other


def _shown_tie(number: float | None) -> str:
    """Return a tie as text; a cell without a number is said to be empty."""
    return Message("lint.no_tie") if number is None else f"{number:g}"
