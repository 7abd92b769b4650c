"""Typed numbers that are exactly what the formula beside them gives: results pasted as values."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.shifted import shifted_value
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula

_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
#: Digits from which two numbers are not equal by chance; numbers that may be years.
_DIGITS, _YEARS = 3, range(1900, 2101)
_EQUAL = 1e-9


@finds(
    "W23 a typed number is the result of the formula beside it | Put the formula there, too.",
    order=12,
    of_formulas=True,
)
def typed_results(subject: Subject) -> Iterator[LintFinding]:
    """Yield W23: from each formula on along its row and its column."""
    for name in subject.book.sheets:
        cells = subject.cells(name)
        found: set[Position] = set()
        for source, key in sorted(subject.keys(name).items()):
            made = None if key.startswith("{") else subject.form(name, source)
            if made is None or not made.refs or cells[source].array is not None:
                continue
            for step in _SIDES:
                for place in _pasted(subject, name, source, made, step):
                    if place in found:
                        continue
                    found.add(place)
                    text = f"{cells[place].value!r} is typed; the formula of {cell_name(*source)} "
                    yield at(
                        "W23", name, place, f"{text}gives the same here.",
                        beside=cell_name(*source), surprise=_digits(cells[place].value),
                    )  # fmt: skip


def _pasted(
    subject: Subject, sheet: str, source: Position, made: NormalisedFormula, step: Position
) -> Iterator[Position]:
    """Yield the typed numbers from a formula on that are what it gives, up to one that is not."""
    cells, place = subject.cells(sheet), source
    while True:
        place = place[0] + step[0], place[1] + step[1]
        cell = cells.get(place)
        if cell is None or cell.computed or not isinstance(cell.value, float):
            return
        if subject.is_input(sheet, place) or any(
            (area := subject.graph.area(ref, sheet, place)) is None or area.holds(sheet, place)
            for ref in made.refs
        ):
            return
        given = shifted_value(subject, made, sheet, place)
        if not isinstance(given, float) or not math.isclose(given, cell.value, rel_tol=_EQUAL):
            return
        telling = _digits(cell.value) >= _DIGITS and cell.value not in _YEARS
        if telling and _combines(subject, sheet, place, made):
            yield place


def _combines(subject: Subject, sheet: str, place: Position, made: NormalisedFormula) -> bool:
    """Tell whether a formula makes a number of two others, or fetches one from further away.

    A sum of one number is the number beside it: two equal numbers side by side say nothing.
    """
    areas = [area for ref in made.refs if (area := subject.graph.area(ref, sheet, place))]
    if len(areas) == 1 and areas[0].rows * areas[0].columns == 1 and not made.functions:
        apart = abs(areas[0].r1 - place[0]) + abs(areas[0].c1 - place[1])
        return areas[0].sheet != sheet or apart > 1
    numbers = 0
    for area in areas:
        for other in subject.book.sheets[area.sheet].within(area):
            value = subject.value(area.sheet, other)
            numbers += is_number(value) and value != 0
            if numbers > 1:
                return True
    return False


def _digits(value: object) -> int:
    """Return how many digits a number has that tell it from others."""
    return len(f"{value:.15g}".partition("e")[0].replace(".", "").strip("-0"))
