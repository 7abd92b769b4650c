"""A single formula in a block of typed numbers, and a typed number in a block of formulas."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.lines import ACROSS, DOWN
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.rules.typed_results import belongs
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.cells import Position

#: Typed numbers on both sides of a formula, at least.
_BESIDE = 2


@finds(
    "W28 a formula is in a block of typed numbers | Type the number, or say where it comes from.",
    "W30 a typed number is in a block of formulas | Put the formula there, or say where it comes "
    "from.",
    order=15,
    of_formulas=True,
)
def lone_formulas(subject: Subject) -> Iterator[LintFinding]:
    """Yield W28 and W30."""
    yield from _lone_numbers(subject)
    for sheet, place, made in subject.formulas():
        reads = [subject.graph.area(ref, sheet, place) for ref in made.refs]
        if not reads or len(subject.copies[made.key]) > 1 or any(a is None for a in reads):
            continue
        # Formulas beside it are a row of totals; a number fetched from afar has its source there.
        if any(_step(subject, sheet, place, step, way) == "formula" for step, way in _SIDES):
            continue
        if any(a.sheet != sheet for a in reads if a):
            continue
        if any(_inside(subject, sheet, place, step) for step in (DOWN, ACROSS)):
            text = f"={subject.cells(sheet)[place].formula} is in a block of typed numbers."
            yield at("W28", sheet, place, text)


def _lone_numbers(subject: Subject) -> Iterator[LintFinding]:
    for sheet in subject.book.sheets:
        keys = subject.keys(sheet)
        if not keys:
            continue
        for place, cell in sorted(subject.cells(sheet).items()):
            if cell.computed or not isinstance(cell.value, float) or subject.is_input(sheet, place):
                continue
            if any(_between(subject, sheet, place, step) for step in (DOWN, ACROSS)):
                text = f"{cell.value!r} is in a block of formulas."
                yield at("W30", sheet, place, text, surprise=1.0)


def _between(subject: Subject, sheet: str, place: Position, step: Position) -> bool:
    """Tell whether formulas of the same look stand before and after a cell.

    A line of typed numbers that crosses formulas is one of inputs.
    """
    if any(_step(subject, sheet, place, step, far) != "formula" for far in (-2, -1, 1, 2)):
        return False
    across = step[1], step[0]
    for way in (-1, 1):
        side = place[0] + way * across[0], place[1] + way * across[1]
        if _step(subject, sheet, place, across, way) == "number" and any(
            _step(subject, sheet, side, step, far) == "formula" for far in (-1, 1)
        ):
            return False
    beside = [(place[0] + far * step[0], place[1] + far * step[1]) for far in (-1, 1)]
    forms = [subject.form(sheet, other) for other in beside]
    return all(
        made is not None and belongs(subject, sheet, place, made, other)
        for made, other in zip(forms, beside, strict=True)
    )


_SIDES = tuple((step, way) for step in (DOWN, ACROSS) for way in (-1, 1))


def _inside(subject: Subject, sheet: str, place: Position, step: Position) -> bool:
    """Tell whether numbers of the same look stand before and after a cell."""
    return all(
        _step(subject, sheet, place, step, way * far) == "number"
        for way in (-1, 1)
        for far in range(1, _BESIDE + 1)
    )


def _step(subject: Subject, sheet: str, place: Position, step: Position, far: int) -> str:
    """Return what a cell some steps away holds: "formula", "number" of the same look, or ""."""
    cells = subject.cells(sheet)
    cell = cells.get((place[0] + far * step[0], place[1] + far * step[1]))
    if cell is None or place not in cells:
        return ""
    if cell.computed:
        return "formula"
    return "number" if isinstance(cell.value, float) and cell.style == cells[place].style else ""
