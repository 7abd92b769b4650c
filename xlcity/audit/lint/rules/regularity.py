"""What breaks a rectangle of equal formulas: found without knowing any template."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from xlcity.audit.lint.finding import LintFinding, at
from xlcity.audit.lint.formula_difference import (
    FormulaDifference,
    explain,
    is_link,
    is_meant,
    is_one_off,
    is_other_sheet,
    is_tree,
    near,
)
from xlcity.audit.lint.gaps import follows_gaps
from xlcity.audit.lint.lines import run_length
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.shifted import shifted_value
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.audit.lint.surprise import stray, surprise_of, typed_alone
from xlcity.errors import CellError
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Cell, Position
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref, Token

_SIDES = ((-1, 0), (1, 0), (0, -1), (0, 1))
#: Equal cells that must follow where the cell in doubt stands at the end of its run.
_AT_END = 3
#: Numbers that may be years, which head columns.
_YEARS = range(1900, 2101)
#: Part by which a typed number may miss what its formula gives: it was rounded.
_ROUNDED = 5e-3
#: How much less telling it is that a formula differs from a run that it ends (the first of a row
#: is often written otherwise), and that it gives what the run's formula would.
_AT_EDGE, _SAME = 2.5, 3.0
#: How much more telling a typed number is that has one formula on all four sides.
_IN_BLOCK = 2.5
#: Differences that are slips even there.
_SLIPS = ("dollar", "extent", "number", "operator", "sign", "file", "one off", "other sheet")
_PLAIN_SLIPS = ("dollar", "extent", "operator", "sign")


@finds(
    "E02 a constant replaces a formula | Restore the formula.",
    "E03 a formula differs from its neighbours | Copy the formula from its neighbours.",
    "E07 a reference to a parameter is not absolute | Write it with $ before row and column.",
    order=10,
    of_formulas=True,
)
def regularity(subject: Subject) -> Iterator[LintFinding]:
    """Yield cells that differ from the run of formulas they stand in."""
    for name, sheet in subject.book.sheets.items():
        keys = subject.keys(name)
        others: list[LintFinding] = []
        typed: list[LintFinding] = []
        cells = subject.cells(name)
        forms = {position: subject.form(name, position) for position in keys}
        for position, cell in sorted(subject.cells(sheet.name).items()):
            if position in keys:
                own = forms[position]
                if own is None or cell.array is not None or keys[position].startswith("{"):
                    continue
                copies = [place for place in subject.copies[own.key] if place[0] == name]
                alone = len(subject.copies[own.key]) == 1
                found = _expected(name, position, cells, keys, forms, own, alone)
                if found is not None:
                    slip, source, run, inside = found
                    if follows_gaps(subject, name, position, source, slip.kind):
                        continue
                    if slip.kind in ("part", "other") and _heads_numbers(cell, cells[source]):
                        continue
                    text = f"{slip.message}, unlike the neighbouring cell {cell_name(*source)}."
                    telling = surprise_of(slip.kind, run, alone, len(copies)) - _AT_EDGE * (
                        not inside
                    )
                    # The same slip along a row, or in copies of a formula, has one cause.
                    cause = f"{position[0]} {slip.message}" if alone else own.key
                    made = at(slip.rule, name, position, text, surprise=telling)
                    if slip.kind != "other":
                        yield replace(made, fault=f"{name} {cause}")
                    elif alone or _is_rare(subject, name, position, own):
                        same = _gives_same(subject, name, position, forms[source])
                        others.append(replace(made, surprise=telling - _SAME * same))
            elif not subject.is_input(name, position):
                typed += _overwritten(subject, name, position, keys, forms)
        yield from stray(others, keys)
        yield from typed_alone(typed, keys)
        yield from _by_shape(subject, name, forms)


def _is_rare(subject: Subject, sheet: str, position: Position, own: NormalisedFormula) -> bool:
    """Tell whether all copies of a formula are a few cells of one column, apart."""
    places = subject.copies[own.key]
    columns = {(of_sheet, column) for of_sheet, (_, column) in places}
    return len(places) <= _AT_END and columns == {(sheet, position[1])}


def _shape(made: NormalisedFormula, dollars: bool = True) -> str:
    """Return a formula with its references taken for one another: rows of links are alike."""
    return "".join(
        token.text
        if token.ref is None
        else f"{token.ref.sheet}#{_dollars(token.ref) if dollars else ''}"
        for token in made.tokens
    )


def _dollars(ref: Ref) -> str:
    corners = (ref.r1, ref.c1, ref.r2, ref.c2)
    return "".join("$" if corner.fixed else "." for corner in corners) + ":"[ref.single :]


def _by_shape(
    subject: Subject, sheet: str, forms: Mapping[Position, NormalisedFormula | None]
) -> Iterator[LintFinding]:
    """Yield what breaks a run of formulas that read other cells each, in the same way."""
    known: dict[str, str] = {}
    shapes = {}
    for position, made in forms.items():
        if made is not None and made.refs:
            if made.key not in known:
                known[made.key] = _shape(made)
            shapes[position] = known[made.key]
    cells = subject.cells(sheet)
    alike = Counter((column, shape) for (_, column), shape in shapes.items())
    for position, cell in sorted(cells.items()):
        own = forms.get(position)
        if (cell.computed and own is None) or cell.array or cell.in_array:
            continue
        row, column = position
        if own is not None and any(forms.get((row + d, column + r)) is own for d, r in _SIDES):
            continue
        for beside in _runs_of_shape(position, shapes, shapes.get(position)):
            model = forms[beside]
            assert model is not None
            if cells[beside].style != cell.style or not cell.style:
                continue
            if own is None:
                if is_number(cell.value) and not subject.is_input(sheet, position):
                    text = f"{cell.value!r} is in a row of formulas such as "
                    yield at("E02", sheet, position, f"{text}{cell_name(*beside)}.", surprise=2.0)
                    break
                continue
            slip = _slip_of_shape(model, own, sheet, position)
            several = alike[column, shapes.get(position, "")] >= _AT_END or is_link(own)
            if slip is not None and not (several and slip.kind in ("operator", "sign")):
                text = f"{slip.message}, unlike the neighbouring cell {cell_name(*beside)}."
                telling = 1.0 if slip.kind == "dollar" else 4.0
                yield at(slip.rule, sheet, position, text, surprise=telling)
                break


def _runs_of_shape(
    position: Position, shapes: Mapping[Position, str], own: str | None
) -> Iterator[Position]:
    """Yield the neighbours whose runs of one shape a cell of another stands in, or ends."""
    row, column = position
    for down, right in ((0, 1), (1, 0)):
        before, after = (row - down, column - right), (row + down, column + right)
        if before in shapes and shapes[before] == shapes.get(after) != own:
            run = run_length(shapes, before, -down, -right) + run_length(shapes, after, down, right)
            if run > _AT_END:
                yield before
    for down, right in _SIDES:
        first, beyond = (row + down, column + right), (row - down, column - right)
        ends = own is not None and first in shapes and shapes[first] != own
        if ends and beyond not in shapes and run_length(shapes, first, down, right) > _AT_END:
            yield first


def _slip_of_shape(
    model: NormalisedFormula, own: NormalisedFormula, sheet: str, position: Position
) -> FormulaDifference | None:
    if _shape(model, dollars=False) == _shape(own, dollars=False):
        return FormulaDifference("E07", "a reference has other $ signs", "dollar")
    if len(model.refs) != len(own.refs):
        typed = Counter(own.numbers) - Counter(model.numbers)
        if typed and near(model, own):
            return FormulaDifference(
                "W01", f"{', '.join(typed)} is typed in place of a reference", "number"
            )
        return None
    refs = iter(own.refs)
    tokens = [
        token if token.ref is None else Token("ref", (ref := next(refs)).text(), ref)
        for token in model.tokens
    ]
    slip = explain(NormalisedFormula(tuple(tokens)), own, sheet, position)
    return slip if slip.kind in _SLIPS else None


def _heads_numbers(cell: Cell, beside: Cell) -> bool:
    """Tell whether a formula fetches a word among formulas that give numbers: a heading."""
    return isinstance(cell.value, str) and is_number(beside.value)


def _heads(cells: Mapping[Position, Cell], beyond: Position, first: Position) -> bool:
    """Tell whether a formula is not part of a run but heads it: it looks different."""
    return cells[beyond].style != cells[first].style


def _expected(
    sheet: str,
    position: Position,
    cells: Mapping[Position, Cell],
    keys: Mapping[Position, str],
    forms: Mapping[Position, NormalisedFormula | None],
    own: NormalisedFormula,
    alone: bool,
) -> tuple[FormulaDifference, Position, int, bool] | None:
    """Return how a formula differs from a run, a cell of that run, its length.

    Last, whether the formula stands inside the run, not at its end.
    """
    row, column = position
    key = keys[position]
    if any(keys.get((row + down, column + right)) == key for down, right in _SIDES):
        return None
    if not own.refs and not own.names and not own.numbers:  # ="" left free on purpose
        return None
    for down, right in ((1, 0), (0, 1)):
        before, after = (row - down, column - right), (row + down, column + right)
        beyond = row + 2 * down, column + 2 * right
        if after in keys and keys[after] != keys.get(before) == keys.get(beyond):
            after = beyond  # the next one is odd as well
        model = forms.get(before)
        if model is not None and before in keys and keys[before] == keys.get(after):
            run = run_length(keys, before, -down, -right) + run_length(keys, after, down, right)
            slip = explain(model, own, sheet, position)
            if run > _AT_END and slip.kind == "other cell" and _leaves_chain(own, model):
                return replace(slip, kind="one off"), before, run, True
            slip = _named(slip, own, model)
            # The only one of its kind between two equal neighbours needs no long run.
            plain = alone and slip.kind in _PLAIN_SLIPS
            if (run > _AT_END or plain) and not is_meant(slip, own, model):
                return slip, before, run, True
    for down, right in _SIDES:
        # At the end of a run only a slip of its own formula differs from a header or a total.
        first = row + down, column + right
        model = forms.get(first)
        beyond = row - down, column - right
        if model is None or (beyond in keys and not _heads(cells, beyond, first)):
            continue
        run = run_length(keys, first, down, right)
        if run >= _AT_END and near(model, own):
            slip = explain(model, own, sheet, position)
            if is_meant(slip, own, model) and not is_other_sheet(own, model):
                continue
            slip = _named(slip, own, model)
            if slip.kind in _SLIPS:
                return slip, first, run, False
    return None


def _named(
    slip: FormulaDifference, own: NormalisedFormula, model: NormalisedFormula
) -> FormulaDifference:
    """Return a difference as "one off" (the cell beside) or "other sheet" where it is that."""
    if slip.kind != "other cell":
        return slip
    if is_other_sheet(own, model):
        return replace(slip, kind="other sheet")
    # A link to a fixed cell beside is chosen: no copy moves it.
    chosen = len(own.tokens) == 1 and all(ref.fixed for ref in own.refs)
    one_off = is_one_off(own, model) and not is_tree(own, model) and not chosen
    return replace(slip, kind="one off") if one_off else slip


def _leaves_chain(own: NormalisedFormula, model: NormalisedFormula) -> bool:
    """Tell whether each formula of a run continues the last, and one the one before that."""
    pairs = [(a, b) for a, b in zip(own.refs, model.refs, strict=True) if a != b]
    if len(pairs) != 1 or len(own.refs) < 2:
        return False
    ((mine, theirs),) = pairs
    steps = {(-1, 0): (-2, 0), (0, -1): (0, -2)}
    first, last = ((ref.r1.number, ref.c1.number) for ref in (theirs, mine))
    return steps.get(first) == last and not (mine.r1.fixed or mine.c1.fixed or mine.sheet)


def _overwritten(
    subject: Subject,
    sheet: str,
    position: Position,
    keys: Mapping[Position, str],
    forms: Mapping[Position, NormalisedFormula | None],
) -> Iterator[LintFinding]:
    """Yield a constant, or an emptied cell, inside a run of formulas."""
    row, column = position
    cell = subject.cells(sheet)[position]
    for down, right in ((1, 0), (0, 1)):
        before, after = (row - down, column - right), (row + down, column + right)
        inside = before in keys and keys[before] == keys.get(after)
        source = before
        if not inside:
            source, inside = _end_ofrun_length(subject, sheet, position, keys, (down, right))
        model = forms.get(source)
        if not inside or model is None or keys[source].startswith("{") or not model.refs:
            continue
        alike, empty = cell.style == subject.cells(sheet)[source].style, cell.value in (None, "")
        run = run_length(keys, before, -down, -right) + run_length(keys, after, down, right)
        # A table may have totals in every second column only: a cell was emptied in a longer run.
        if empty and (not alike or not cell.style or run <= _AT_END):
            continue
        if empty and _is_gap(subject, sheet, position, down):
            continue
        if isinstance(cell.value, str) and not alike:  # a heading between two parts of a table
            continue
        held = "nothing" if empty else repr(cell.value)
        beside = cell_name(*source)
        text = f"{held} is in a run of formulas (the neighbouring cell {beside} has one)."
        line = f"{'column' if down else 'row'} {position[1 if down else 0]} of {sheet}"
        surprise = math.log2(run + 1) + alike - 2.0 - 1.5 * (source != before)
        surprise -= _SAME * (cell.value in _YEARS)
        surprise += _IN_BLOCK * _is_in_block(position, keys)
        if not is_number(cell.value):
            surprise = 0.0
        elif _gives(subject, sheet, position, model):
            surprise -= 2.0
        yield at("E02", sheet, position, text, surprise=surprise, fault=line)
        return


def _is_in_block(position: Position, keys: Mapping[Position, str]) -> bool:
    """Tell whether the cells on all four sides have one formula."""
    row, column = position
    around = {keys.get((row + down, column + right)) for down, right in _SIDES}
    return len(around) == 1 and None not in around


def _gives_same(
    subject: Subject, sheet: str, position: Position, model: NormalisedFormula | None
) -> bool:
    """Tell whether a formula's value is what its neighbour's formula would give."""
    own = subject.value(sheet, position)
    found = None if model is None else shifted_value(subject, model, sheet, position)
    return (
        isinstance(found, float)
        and isinstance(own, float)
        and math.isclose(found, own, rel_tol=_ROUNDED)
    )


def _gives(subject: Subject, sheet: str, position: Position, model: NormalisedFormula) -> bool:
    """Tell whether a number is what the formula would give, as rounded, or keeps off an error."""
    typed, found = subject.value(sheet, position), shifted_value(subject, model, sheet, position)
    if isinstance(found, CellError):
        return True
    return (
        found is not None
        and isinstance(typed, (int, float))
        and math.isclose(found, typed, rel_tol=_ROUNDED, abs_tol=_ROUNDED)
    )


def _is_gap(subject: Subject, sheet: str, position: Position, down: int) -> bool:
    """Tell whether the whole line across a run is empty: it parts two blocks of one table."""
    across = 0 if down else 1
    return not any(
        other[across] == position[across] and cell.value not in (None, "")
        for other, cell in subject.cells(sheet).items()
    )


def _end_ofrun_length(
    subject: Subject,
    sheet: str,
    position: Position,
    keys: Mapping[Position, str],
    step: tuple[int, int],
) -> tuple[Position, bool]:
    """Return the neighbour whose run a number ends that looks like the run's own cells."""
    cells = subject.cells(sheet)
    cell = cells[position]
    for sign in (-1, 1):
        down, right = step[0] * sign, step[1] * sign
        first = position[0] + down, position[1] + right
        beyond = position[0] - down, position[1] - right
        if first not in keys or not is_number(cell.value):
            continue
        if beyond in keys and not _heads(cells, beyond, first):
            continue
        alike = cell.style != 0 and cells[first].style == cell.style
        seeds = any(area.holds(sheet, position) for area in subject.graph.reads(sheet, first))
        # What the first formula of a run reads may be where the run begins: 1, =A1+1, =A2+1.
        if alike and not seeds and run_length(keys, first, down, right) >= _AT_END:
            return first, True
    return position, False
