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
    """Yield W08 for ties that the two halves of a matrix give otherwise, at both cells."""
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
    rows = [line[first:] for line in book.block(area)[1:]]
    for row, line in enumerate(rows):
        for column in range(row + 1, min(len(line), len(rows))):
            one = number_of(line[column])
            other = number_of(rows[column][row])
            if one is None or other is None or one == other:
                continue
            here = cell_name(area.r1 + 1 + row, area.c1 + first + column)
            there = cell_name(area.r1 + 1 + column, area.c1 + first + row)
            message = Message("lint.two_ties", one=one, other=other, there=there)
            fix = Message("lint.two_ties.hint")
            yield Finding(
                "W08",
                area.sheet,
                here,
                message,
                fix=fix,
                region=f"{here}, {there}",
                level="error",
            )
