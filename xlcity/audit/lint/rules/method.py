"""Weights, directions and parameters: those of the report, or of the day the book was made."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import count, product, takewhile
from operator import itemgetter
from typing import NamedTuple

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import CellValue, Problem, Where
from xlcity.messages import Message
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.compare import is_same_typed_value
from xlcity.workbook.checking.no_data import find_changed_no_data
from xlcity.workbook.checking.routes import METHOD_PROBLEMS
from xlcity.workbook.live_recipe import cells_of_step
from xlcity.workbook.reading.records import CellReader, Record, is_number, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.inputs.record import RECIPE_HASH
from xlcity.workbook.spec.from_template import shipped_report
from xlcity.xlsx.address import Range, cell_name, parse_cell
from xlcity.xlsx.cells import Position, ReadBook, find_area
from xlcity.xlsx.formulas.graph import Place

_PARAMETER = re.compile(r"par_\w+")
_BUILT = "built_"
MISSING_CODES = "par_missing"
#: What to do about a recipe that was typed over: the cells are drawn by the former one.
CHANGED_RECIPE = Message("hint.restore_recipe")
#: Steps to the cells below a heading, and to those beside it.
_BELOW_AND_BESIDE = ((1, 0), (0, 1))
#: What stands above or before weights, in languages of Europe too; in tables of several criteria w,
#: w_j or wi.
_WEIGHTS = re.compile(
    r"\bweights?\b|权[重数]|\A\s*w_?[ij]?\s*\Z|\b(?:pes[oi]s?|poids|веса?)\b|\bgewicht"
    r"|\bponderaci[oó]n|\bpondération|\bponderação",
    re.IGNORECASE,
)
_FEWEST_WEIGHTS = 3
#: Larger sums are of percentages, if one of them is larger too: weights of 1 to 10 have any sum.
_PERCENTAGES_FROM = 10
#: By which share a sum of rounded weights may be off, and up to which one it is of weights at all.
_ROUNDING = 0.0051
_FARTHEST = 0.1


@finds(order=30)
def changed_method(subject: Subject) -> Iterator[Finding]:
    """Yield what of a template's method was changed, and what of it cannot be used."""
    template = subject.template
    if template is None:
        return
    for problem in template.problems:
        if problem.code in METHOD_PROBLEMS:
            yield Finding.of_problem("E06", problem)
    was_built: dict[tuple[str, str], MethodChange] = {}
    for change in (*method_changes(template), *_parameters_of_checks(subject)):
        was_built.setdefault((change.sheet, change.cell), change)
    yield from _report_shares(template, was_built)
    for change in was_built.values():
        message = Message(
            "lint.method_changed",
            what=change.what,
            now=_shown(change.now),
            was=_shown(change.was),
        )
        yield Finding("W23", change.sheet, change.cell, message, fault=change.what)
    text = "\n".join(_recipe_lines(template))
    if sha256(text.encode()).hexdigest() != template.text(RECIPE_HASH):
        recipe = template.area("xl_recipe")
        yield finding_at(
            "W23",
            recipe.sheet,
            (recipe.r1, recipe.c1),
            Message("lint.recipe_changed"),
            fix=CHANGED_RECIPE,
            level="error",
        )


def _report_shares(
    template: Template, was_built: Mapping[tuple[str, str], MethodChange]
) -> Iterator[Finding]:
    """Yield E06 for shares that do not sum to 1: at those that were changed, else at the first."""
    for problem in share_faults(template):
        sheet = problem.where.sheet or ""
        cells = (problem.where.cell or "").split(",")
        changed = [cell for cell in cells if (sheet, cell) in was_built]
        for cell in changed or cells[:1]:
            message = problem.message
            if changed:
                was = plain_text(was_built[sheet, cell].was)
                message = Message("lint.weights_were", message=message, was=was)
            yield Finding("E06", sheet, cell, message, code=problem.code)


@finds(order=31)
def wrong_weight_sums(subject: Subject) -> Iterator[Finding]:
    """Yield E06, as a warning, where relative weights of a group in a template do not sum to 1."""
    if subject.template is not None:
        yield from _odd_sums_of_groups(subject.template)


@finds(order=32, foreign=True)
def wrong_sums_of_typed_weights(subject: Subject) -> Iterator[Finding]:
    """Yield E06, as a warning, where typed weights that formulas read sum to nearly 1 or 100.

    They stand below or beside the word, in a workbook of someone else's, some perhaps after a gap.
    Weights of several groups in one column sum to something else. In a template whose weights may
    have any sum they are those of a group.
    """
    for sheet, read_sheet in subject.book.sheets.items():
        constants = dict(read_sheet.cells.constants())
        typed = {cell: value for cell, value in constants.items() if is_number(value)}
        headings = [cell for cell, t in constants.items() if _WEIGHTS.search(str(t))]
        for heading, step in product(headings, _BELOW_AND_BESIDE):
            cells = _list_weights(typed, heading, step)
            if not cells or _is_right_with_rest(typed, heading, step):
                continue
            area = Range(sheet, *cells[0], *cells[-1])
            if subject.dependents.below([area]):
                total = math.fsum(map(typed.__getitem__, cells))
                right, _ = _compare_with_right_sum(total)
                message = Message(
                    "lint.weights_sum", area=str(area), total=total, right=right
                )
                yield finding_at("E06", sheet, cells[0], message, level="warning")


def _list_weights(
    typed: Mapping[Position, float],
    heading: Position,
    step: Position,
) -> list[Position]:
    """Return the numbers that follow a heading, if their sum is nearly that of weights."""
    row, column = heading
    down, right = step
    places = zip(count(row + down, down), count(column + right, right))
    cells = [*takewhile(typed.__contains__, places)]
    if len(cells) < _FEWEST_WEIGHTS:
        return []
    numbers = [typed[cell] for cell in cells]
    right_sum, difference = _compare_with_right_sum(math.fsum(numbers))
    if right_sum == 100 and max(numbers) <= _PERCENTAGES_FROM:
        return []
    return cells if _ROUNDING < difference < _FARTHEST else []


def _is_right_with_rest(
    typed: Mapping[Position, float],
    heading: Position,
    step: Position,
) -> bool:
    """Tell whether all numbers of a heading's line, those after a gap too, have the right sum."""
    along = step[0]  # the place of what all cells of the line have in common
    behind = [p for p in typed if p > heading and p[along] == heading[along]]
    _, difference = _compare_with_right_sum(math.fsum(typed[p] for p in behind))
    return difference < _ROUNDING


def _shown(value: CellValue) -> str:
    if isinstance(value, Message):
        return value
    return plain_text(value) or Message("value.nothing")


def _compare_with_right_sum(total: float) -> tuple[int, float]:
    """Return 1 or 100, which weights of a sum are of, and the share of it that they are off."""
    right_sum = 100 if total > _PERCENTAGES_FROM else 1
    return right_sum, abs(total / right_sum - 1)


def _odd_sums_of_groups(template: Template) -> Iterator[Finding]:
    """Yield groups of relative weights whose sum is off 1 or 100 by more than their rounding."""
    if template.recipe.weights != "relative":
        return
    framework = template.framework
    cells = template.framework_cells("weight")
    for node in framework.composites:
        children = framework.children(node.code)
        weights = [child.weight for child in children]
        total = math.fsum(weights)
        right_sum, difference = _compare_with_right_sum(total)
        digits = max(len(f"{weight:.12g}".partition(".")[2]) for weight in weights)
        rounding = len(weights) * 0.5 * 10**-digits
        is_off = rounding < right_sum * difference < right_sum * _FARTHEST
        if is_off and children[0].code in cells:
            message = Message(
                "lint.weights_of_node", node=node.code, total=total, right=right_sum
            )
            yield Finding("E06", *cells[children[0].code], message, level="warning")


class _Original(NamedTuple):
    """A cell of the method, the cell that keeps what it was, and what of the method it has."""

    typed: Place
    built: Place
    what: str


def share_faults(template: Template) -> Iterator[Problem]:
    """Yield the groups whose shares do not sum to 1, at the cells of their weights."""
    if template.recipe.weights != "shares":
        return
    weights = template.framework_cells("weight")
    hint = Message("hint.correct_weights")
    for problem in template.framework.share_problems():
        children = template.framework.children(problem.where.indicator or "")
        sheets, cells = zip(*(weights[child.code] for child in children), strict=True)
        where = replace(problem.where, sheet=sheets[0], cell=",".join(cells))
        yield replace(problem, where=where, hint=hint)


class MethodChange(NamedTuple):
    """A weight, direction or parameter that was changed.

    Attributes
    ----------
    sheet, cell
        Where it is typed.
    what
        Which one it is, such as "weight of A1" or "par_scale".
    was, now
        The value that the template was built with, and the one that is there.
    """

    sheet: str
    cell: str
    what: str
    was: CellValue
    now: CellValue


def method_changes(template: Template) -> Iterator[MethodChange]:
    """Yield what of the method is not as the template was built.

    Directions are known of reports alone, as are numbers for no data; of other workbooks it is
    known which indicators had one. Weights that follow from the data are left out. A parameter that
    several indicators share is named by the first.
    """
    for original in _cells_with_originals(template.book):
        yield from _compare_with_original(template.book, original)
    yield from _directions(template)
    yield from _numbers_for_no_data(template)
    yield from _parameters_of_steps(template)


def _compare_with_original(
    book: ReadBook, original: _Original
) -> Iterator[MethodChange]:
    """Yield the change of a cell of the method, if it is one."""
    sheet, position = original.typed
    what = original.what
    cell = book.sheets[sheet].cells.get(position)
    formula = "" if cell is None else cell.formula or ""
    shared = _find_parameter(book, formula)
    if shared is not None:
        # A parameter that all indicators share is typed in one place.
        what = formula
        sheet = shared.sheet
        position = (shared.r1, shared.c1)
    elif cell is not None and cell.computed and _is_weight(what):
        return
    was = book.value(original.built[0], *original.built[1])
    now = book.value(sheet, *position)
    # Words of the method that are not typed are written in one place only.
    fixed = was is None and isinstance(now, str)
    if not is_same_typed_value(was, now) and not fixed:
        yield MethodChange(sheet, cell_name(*position), what, was=was, now=now)


def _find_parameter(book: ReadBook, formula: str) -> Range | None:
    """Return where the parameter is typed that a formula is, if it is one."""
    return find_area(book, formula) if _PARAMETER.fullmatch(formula) else None


def _is_weight(what: str) -> bool:
    return isinstance(what, Message) and what.key == "changed.weight"


def _recipe_lines(template: Template) -> list[str]:
    """Return the lines of the recipe as they are typed."""
    return [
        plain_text(row[0]) for row in template.book.block(template.area("xl_recipe"))
    ]


def _parameters_of_steps(template: Template) -> Iterator[MethodChange]:
    """Yield the parameters of constructions that differ from the recipe as it was written."""
    book = template.book
    recipe = read_recipe("\n".join(_recipe_lines(template)))
    was_missing = {*recipe.missing_codes}
    missing = {*template.recipe.missing_codes}
    if was_missing != missing:
        codes = template.area(MISSING_CODES)
        yield MethodChange(
            codes.sheet,
            cell_name(*_changed_code(book, codes, was_missing)),
            MISSING_CODES,
            was=", ".join(sorted(was_missing - missing)),
            now=", ".join(sorted(missing - was_missing)),
        )
    for step in recipe.steps:
        for code in step.codes or ("",):
            for parameter, (name, _) in cells_of_step(step, code).items():
                was = step.get(parameter, step.default(parameter))
                area = find_area(book, name)
                if area is None or was is None:
                    continue
                values = was if isinstance(was, tuple) else (was,)
                cells = zip(area.positions, values, strict=False)
                yield from _typed_otherwise(book, area.sheet, name, cells)


def _changed_code(book: ReadBook, codes: Range, was: Collection[str]) -> Position:
    """Return where another code stands, or where one was deleted: they are written by columns."""
    positions = sorted(codes.positions, key=itemgetter(1, 0))
    deleted = []
    for position in positions:
        text = plain_text(book.value(codes.sheet, *position))
        if text and text not in was:
            return position
        if text not in was:
            deleted.append(position)
    return (*deleted, positions[0])[0]


def _typed_otherwise(
    book: ReadBook, sheet: str, what: str, cells: Iterable[tuple[Position, CellValue]]
) -> Iterator[MethodChange]:
    """Yield the cells, each given with what it was, that hold something else now."""
    for position, was in cells:
        now = book.value(sheet, *position)
        if not is_same_typed_value(now, was):
            yield MethodChange(sheet, cell_name(*position), what, was=was, now=now)


def _parameters_of_checks(subject: Subject) -> Iterator[MethodChange]:
    """Yield the parameters that have one value in every template: tolerances and bounds of checks.

    Those of the method are drawn with the value that the workbook has.
    """
    typed = {} if subject.expected is None else subject.expected.typed
    names = [name for name in subject.book.names if _PARAMETER.fullmatch(name)]
    for name in names:
        area = None if name == MISSING_CODES else subject.area(name)
        if area is None:
            continue
        drawn = typed.get(area.sheet, {})
        values = ((position, drawn.get(position)) for position in area.positions)
        cells = [(position, was) for position, was in values if was is not None]
        yield from _typed_otherwise(subject.book, area.sheet, name, cells)


def built_cells(book: ReadBook) -> frozenset[Place]:
    """Return the cells that keep what the template was built with."""
    return frozenset(original.built for original in _cells_with_originals(book))


def _cells_with_originals(book: ReadBook) -> Iterator[_Original]:
    """Yield the cells of the method."""
    records = CellReader(book, "").records
    for row in records("xl_framework"):
        code = _key(row)
        if code and {"weight", "report_weight"} <= row.keys():
            what = Message("changed.weight", code=code)
            yield _Original(_place(row["weight"]), _place(row["report_weight"]), what)
    originals = find_area(book, "xl_parameters_built")
    if originals is not None:
        sheet = originals.sheet
        for number, column in originals.positions:
            name = plain_text(book.value(sheet, number, 1))
            yield _Original((sheet, (number, 2)), (sheet, (number, column)), name)
    both = zip(records("xl_methods"), records("xl_methods_built"), strict=False)
    for row, originals_of_row in both:
        for head, original in originals_of_row.items():
            name = head.removeprefix(_BUILT)
            if name != head and name in row:
                what = Message("changed.parameter", name=name, row=_key(row))
                yield _Original(_place(row[name]), _place(original), what)


def _key(row: Record) -> str:
    """Return the text of the first column of a row."""
    return plain_text(next(iter(row.values()))[0])


def _place(cell: tuple[CellValue, Where]) -> Place:
    _, where = cell
    return where.sheet or "", parse_cell(where.cell or "")


def _directions(template: Template) -> Iterator[MethodChange]:
    report = shipped_report(template.report, template.text("xl_edition"))
    if report is None:
        return
    for code, (sheet, cell) in template.framework_cells("direction").items():
        if code not in report.framework or code not in template.framework:
            continue
        was = report.framework[code].direction
        now = template.framework[code].direction
        if was != now:
            what = Message("changed.direction", code=code)
            yield MethodChange(sheet, cell, what, was=was, now=now)


def _numbers_for_no_data(template: Template) -> Iterator[MethodChange]:
    report = shipped_report(template.report, template.text("xl_edition"))
    changed = find_changed_no_data(template)
    inputs = template.framework.inputs
    for code, (sheet, cell) in template.framework_cells("no_data").items():
        if code not in inputs:
            continue
        now = inputs[code].no_data
        was: CellValue = now
        if code in changed:
            was = Message("method.a_number") if changed[code] else None
        if report is not None and code in report.framework.inputs:
            was = report.framework.inputs[code].no_data
        if was != now:
            what = Message("changed.no_data", code=code)
            yield MethodChange(sheet, cell, what, was=was, now=now)
