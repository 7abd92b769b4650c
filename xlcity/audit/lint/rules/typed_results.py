"""Typed numbers where the formula beside them belongs: its result, pasted, or another number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import runs_on
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.shifted import shifted_value
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import CellError
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula
from xlcity.xlsx.text import number_text

_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
#: Digits from which two numbers are not equal by chance; numbers that may be years.
_DIGITS, _YEARS = 3, range(1900, 2101)
#: Numbers side by side that no chance makes equal to what formulas give, however short they are.
_LINE = 5
_EQUAL = 1e-9
#: Part by which a typed number may miss what its formula gives: it was rounded.
_ROUNDED = 1e-3
#: A finding, the formula that would give another number, and its direction from that formula.
_Other = tuple[LintFinding, NormalisedFormula, Position]


class _Pasted(NamedTuple):
    """A typed number that the formula of `source`, copied in a direction, gives as well.

    `telling` is whether it can hardly be so by chance.
    """

    source: Position
    made: NormalisedFormula
    step: Position
    telling: bool


@finds(
    "W23 a typed number is the result of the formula beside it | Put the formula there, too.",
    "W25 a typed number stands where the formula beside it gives another | Put the formula there, "
    "or say why the number differs.",
    order=12,
    of_formulas=True,
)
def typed_results(subject: Subject) -> Iterator[LintFinding]:
    """Yield W23 and W25: from each formula on along its row and its column."""
    for name in subject.book.sheets:
        cells = subject.cells(name)
        found: dict[Position, _Pasted] = {}
        for source, key in sorted(subject.keys(name).items()):
            made = None if key.startswith("{") else subject.form(name, source)
            if made is None or not made.refs or cells[source].array is not None:
                continue
            for step in _SIDES:
                for place, telling in _pasted(subject, name, source, made, step):
                    if telling or place not in found:
                        found[place] = _Pasted(source, made, step, telling)
        told = {place for place, one in found.items() if one.telling or _in_line(found, place)}
        for place, (source, *_) in found.items():
            if place in told:
                text = f"{cells[place].value!r} is typed; the formula of {cell_name(*source)} "
                yield at(
                    "W23", name, place, f"{text}gives the same here.",
                    beside=cell_name(*source), surprise=_digits(cells[place].value),
                )  # fmt: skip
        others = _of_another(subject, name)
        for place, (finding, made, step) in sorted(others.items()):
            across = (
                others.get((place[0] + way * step[1], place[1] + way * step[0])) for way in (-1, 1)
            )
            # A whole line of a block of one formula is one of inputs.
            whole = any(other is not None and other[1] is made for other in across)
            if place not in told and not whole:
                yield finding


def _pasted(
    subject: Subject, sheet: str, source: Position, made: NormalisedFormula, step: Position
) -> Iterator[tuple[Position, bool]]:
    """Yield the typed numbers from a formula on that are what it gives, up to one that is not.

    With each, whether it can hardly be so by chance.
    """
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
        if not _combines(subject, sheet, place, made):
            continue
        after = place[0] + step[0], place[1] + step[1]
        # Inside a run of equal formulas two digits are enough.
        inside = subject.form(sheet, after) is made
        digits = _digits(cell.value)
        if digits and cell.value != 1 and cell.value not in _YEARS:
            yield place, digits >= _DIGITS - inside


def _in_line(found: Mapping[Position, _Pasted], place: Position) -> bool:
    """Tell whether a whole line of numbers is what the line of formulas beside it would give."""
    _, made, step, _ = found[place]
    line = 1
    for way in (-1, 1):
        row, column = place
        while True:
            row, column = row + way * step[1], column + way * step[0]
            if (row, column) not in found or found[row, column].made is not made:
                break
            line += 1
    return line >= _LINE


def _of_another(subject: Subject, sheet: str) -> dict[Position, _Other]:
    """Return the typed numbers in line with equal formulas that would give another."""
    cells, keys = subject.cells(sheet), subject.keys(sheet)
    found: dict[Position, _Other] = {}
    for source, key in sorted(keys.items()):
        made = None if key.startswith("{") else subject.form(sheet, source)
        if made is None or not made.refs or cells[source].array is not None:
            continue
        for step in _SIDES:
            before, place, after = (
                (source[0] + far * step[0], source[1] + far * step[1]) for far in (-1, 1, 2)
            )
            series = any(runs_on(ref, step) for ref in made.refs)
            if keys.get(after) != key and (series or keys.get(before) != key):
                continue
            while place not in found and belongs(subject, sheet, place, made, source):
                given = shifted_value(subject, made, sheet, place)
                typed = cells[place].value
                if given is None or not isinstance(typed, float):
                    break
                if isinstance(given, CellError) or not math.isclose(given, typed, rel_tol=_ROUNDED):
                    found[place] = _contradicted(sheet, place, typed, source, given), made, step
                if series:
                    break
                place = place[0] + step[0], place[1] + step[1]
    return found


def _contradicted(
    sheet: str, place: Position, typed: float, source: Position, given: float | CellError
) -> LintFinding:
    wrong = isinstance(given, CellError)
    what = given.value if isinstance(given, CellError) else number_text(given)
    text = f"{typed!r} is typed; the formula of {cell_name(*source)} would give {what} here."
    return at("W25", sheet, place, text, beside=cell_name(*source), surprise=2.0 - wrong)


def belongs(
    subject: Subject, sheet: str, place: Position, made: NormalisedFormula, source: Position
) -> bool:
    """Tell whether a typed number looks like a formula's cell, which it could be as well.

    What the formula would read there has to be there, and not to follow from the number itself:
    that is an assumption.
    """
    cells = subject.cells(sheet)
    cell = cells.get(place)
    if cell is None or cell.computed or not isinstance(cell.value, float):
        return False
    if cell.style != cells[source].style or subject.is_input(sheet, place):
        return False
    for ref in made.refs:
        area = subject.graph.area(ref, sheet, place)
        if area is None or area.holds(sheet, place):
            return False
        read = subject.book.sheets[area.sheet].within(area)
        read = [other for other in read if is_number(subject.value(area.sheet, other))]
        if not read and area.sheet == sheet:
            return False
        for other in read:
            if any(a.holds(sheet, place) for a in subject.graph.reads(area.sheet, other)):
                return False
    return True


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
