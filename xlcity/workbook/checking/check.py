"""All checks of a template workbook, on values calculated afresh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.errors import CellValue, Problem, Where, WorkbookError, XlcityError, counted
from xlcity.hosts.state import ADDIN
from xlcity.index.checks import note_odd_names
from xlcity.index.result import IndexResult
from xlcity.index.steps import weight_step
from xlcity.model.dataset import State
from xlcity.recalc.compare import agree, relative_difference
from xlcity.recalc.workbook import Recalculated, describe_addin_link, recalculate
from xlcity.workbook.checking.check_result import LISTED, Checked, CheckResult, cells_of
from xlcity.workbook.checking.check_seal import check_seal, check_seal_alone, find_manifest
from xlcity.workbook.checking.compare_index import compare_index
from xlcity.workbook.checking.former_inputs import input_slips
from xlcity.workbook.checking.method_changes import method_changes
from xlcity.workbook.checking.seal_sheet import has_seal
from xlcity.workbook.checking.shown_inputs import shown_otherwise, typed_as_fractions
from xlcity.workbook.checking.stale import check_stored_values
from xlcity.workbook.checking.template_checks import template_checks
from xlcity.workbook.reading.recorded_values import moved_values, read_recorded, sums_of
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.results import index_or_error, is_draft
from xlcity.workbook.reading.template import NOT_A_TEMPLATE, Template, open_template, read_template
from xlcity.workbook.sheets.checking.checks import SHARES
from xlcity.xlsx.address import Range, cell_name, full_address
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.addin_links import find_addin_links
from xlcity.xlsx.process import DEFAULT_TIMEOUT, no_collection

if TYPE_CHECKING:
    from xlcity.workbook.build import Built

#: Directions, weights, parameters and bounds that cannot be used.
METHOD_PROBLEMS = ("XC223", "XC224", "XC225", "XC226")


@no_collection()
def check_workbook(
    path: str | Path,
    engines: Sequence[str] = (),
    timeout: float = DEFAULT_TIMEOUT,
    sealed: str | Path | None = None,
) -> Checked:
    """Recalculate a template and run every check; of other workbooks verify the seal.

    Parameters
    ----------
    path
        The workbook; it is not written.
    engines
        The first computes (default: the fastest one verified); each further one computes again
        and must agree.
    timeout
        Seconds an engine may take.
    sealed
        The manifest that `seal` wrote; without it the one beside the workbook, if there is one.

    Raises
    ------
    WorkbookError
        If the file is not a template, and has no seal.
    EngineError
        If it cannot be computed.
    """
    try:
        template = open_template(path)
    except WorkbookError as error:
        foreign = all(problem.code == NOT_A_TEMPLATE for problem in error.problems)
        checked = check_seal_alone(path, sealed) if foreign else None
        if checked is None:
            raise
        return checked
    return check_template(template, engines, timeout, sealed)


def check_template(
    template: Template,
    engines: Sequence[str] = (),
    timeout: float = DEFAULT_TIMEOUT,
    sealed: str | Path | None = None,
) -> Checked:
    """Run every check on a template that was read already; see `check_workbook`."""
    first, *others = engines or ("auto",)
    fresh = recalculate(template.package, first, timeout, book=template.book, keep=True)
    engine_checks = [_compare_engine(template, fresh, other, timeout) for other in others]
    return checked_with(template, fresh, template_checks(template), engine_checks, sealed)


def checked_with(
    template: Template,
    fresh: Recalculated,
    drawn: Sequence[CheckResult],
    engine_checks: Sequence[CheckResult] = (),
    sealed: str | Path | None = None,
) -> Checked:
    """Run every check on a template whose values have been computed.

    Parameters
    ----------
    template, fresh
        The template and its computed values.
    drawn
        What the template drawn again says; see `template_checks`.
    engine_checks
        Comparisons with further engines.
    sealed
        See `check_workbook`.
    """
    path, as_saved = template.file, template
    template = _with_fresh_inputs(template, fresh)
    result = index_or_error(template)
    checks = [
        _check_inputs(template, result, tuple(shown_otherwise(as_saved))),
        *_check_former_inputs(template),
        _check_moved_values(template),
        _check_weights(template),
        *drawn,
        check_stored_values(as_saved, fresh),
        _check_functions(template, fresh),
        *_check_addin_links(template),
        _check_index(template, fresh, result),
        *engine_checks,
        *_check_method(template),
        *_check_rows(template, fresh),
    ]
    manifest = find_manifest(path, sealed)
    if manifest is not None or has_seal(template.book):
        checks.append(check_seal(template, manifest))
    failed = any(check.status == "fail" for check in checks)
    verdict = "fail" if failed else "draft" if is_draft(template, result) else "pass"
    return Checked(path, verdict, tuple(checks), fresh.engine)


def _with_fresh_inputs(template: Template, fresh: Recalculated) -> Template:
    """Return a template with the results of formulas in input cells: not all programs save them."""
    for name, position, _ in _typed_formulas(template):
        if template.book.value(name, *position) != fresh.value(name, *position):
            return read_template(template.package, fresh.as_book(), template.file)
    return template


def check_routes(built: Built, file: str) -> tuple[CheckResult, ...]:
    """Return whether cells, functions and index agree in a workbook that has just been built.

    Nothing is computed or read again but the index, from the workbook's cells alone.
    """
    template = read_template(built.package, built.computed.as_book(), file)
    result = index_or_error(template)
    computed = built.computed
    return _check_functions(template, computed), _check_index(template, computed, result)


def _check_inputs(
    template: Template, result: IndexResult | XlcityError, shown: tuple[Problem, ...]
) -> CheckResult:
    wrong = [p for p in template.problems if p.code not in METHOD_PROBLEMS]
    scored = [bool(unit.population) for unit in template.dataset.units]
    states = template.dataset.states[scored]
    filled, blank, missing = (
        int((states == state).sum()) for state in (State.VALUE, State.BLANK, State.MISSING)
    )
    if isinstance(result, IndexResult):
        # Only what a node waits for is still to be filled; what is wrong was filled, if badly.
        named = {(p.where.unit, p.where.indicator) for p in wrong}
        blank = sum(cell not in named for cell in result.unfilled)
    detail = f"{filled} filled, {blank} not filled yet, {missing} confirmed missing"
    if isinstance(result, IndexResult):
        detail += _without_values(result)
    wrong += shown
    if wrong:
        return CheckResult(
            "inputs", "fail", f"{len(wrong)} wrong; {detail}", cells_of(wrong), tuple(wrong)
        )
    formulas = _typed_formulas(template)
    typed = {f"{name}!{cell_name(*position)}": text for name, position, text in formulas}
    if typed:
        # A value that is worked out in place is not a fault; whoever reviews it should know.
        first = ", ".join(f"{cell} ={text}" for cell, text in [*typed.items()][:3])
        ellipsis = ", …" if len(typed) > 3 else ""
        verb = "holds" if len(typed) == 1 else "hold"
        cells = counted(len(typed), "input cell")
        detail = f"{detail}; {cells} {verb} a formula: {first}{ellipsis}"
    doubts = tuple(typed_as_fractions(template))
    if doubts:
        verb = "looks like a fraction" if len(doubts) == 1 else "look like fractions"
        detail += f"; {counted(len(doubts), 'per cent', 'per cents')} {verb}"
    doubts += tuple(note_odd_names(template.framework, template.dataset.units))
    status = "note" if blank or missing or typed or doubts else "pass"
    return CheckResult("inputs", status, detail, (*typed, *cells_of(doubts))[:LISTED], doubts)


def _check_former_inputs(template: Template) -> Iterator[CheckResult]:
    """Note inputs that were changed by a slip against what the book holds of before."""
    slips = list(input_slips(template))
    if slips:
        cells = tuple(f"{slip.sheet}!{slip.cell}" for slip in slips)
        detail = " ".join(slip.message for slip in slips[:LISTED])
        yield CheckResult("former-inputs", "note", detail, cells[:LISTED])


def _check_moved_values(template: Template) -> CheckResult:
    """Compare the values with the sums that were recorded when xlcity last wrote them."""
    recorded = read_recorded(template.book)
    sums = sums_of(template.framework, recorded.weights, template.dataset)
    moved = moved_values(recorded, sums)
    if not moved:
        return CheckResult("values-moved", "pass", "values are at the cities they were recorded at")
    unit, owner = next(((u, o) for u, o in moved.items() if o), (next(iter(moved)), ""))
    first = f"{unit} ← {owner}" if owner else unit
    sheet = template.area("in_data").sheet
    cells = tuple(full_address(sheet, (template.rows[u], 1)) for u in moved if u in template.rows)
    message = f"{len(moved)} of the cities have values of other cities: {first}."
    hint = "Sort whole rows, ids included: undo the sort, or fill the values again."
    problem = Problem("XC442", message, hint, Where(template.file, sheet, unit=unit))
    detail = f"values at other cities than when they were recorded: {len(moved)} ({first})"
    return CheckResult("values-moved", "fail", detail, cells[:LISTED], (problem,))


def _typed_formulas(template: Template) -> Iterator[tuple[str, Position, str]]:
    """Yield the inputs that are formulas: sheet, place and formula.

    The template has formulas where weights follow from a step; `contract` looks at these.
    """
    weights, sheet = template.area("in_weights"), template.area("in_data").sheet
    tree = template.framework
    given = {
        child.code
        for node in tree.composites
        if weight_step(template.recipe, node.code) is None
        for child in tree.children(node.code)
    }
    places = {
        sheet: {(r, c) for r in template.rows.values() for c in template.columns.values()},
        weights.sheet: {(r, weights.c1) for code, r in template.node_rows.items() if code in given},
    }
    for name, positions in places.items():
        tab = template.book.sheets[name]
        if positions.isdisjoint(tab.cells.computed()):
            continue  # as in most, and no formula has to be read
        for position, formula in tab.cells.texts():
            if position in positions:
                yield name, position, formula


def _without_values(result: IndexResult) -> str:
    """Say what has no value at all, and how many other blanks are taken as missing."""
    if result.recipe.blank == "draft":
        return ""
    text = ""
    for kind, plural, names in zip(
        ("city", "indicator"), ("cities", "indicators"), result.without_values, strict=True
    ):
        if names:
            listed = ", ".join(names[:LISTED])
            text += f"; {counted(len(names), kind, plural)} without any value: {listed}"
    scored = [bool(unit.population) for unit in result.dataset.units]
    blanks = int((result.dataset.states[scored] == State.BLANK).sum()) - len(result.unfilled)
    return f"{text}; {counted(blanks, 'blank')} taken as missing" if blanks > 0 else text


def _check_weights(template: Template) -> CheckResult:
    """Look at weights, and at the parameters and bounds that stand beside them."""
    bad = [p for p in template.problems if p.code in METHOD_PROBLEMS]
    groups = counted(len(template.framework.composites), "group")
    off, cells = [], list(cells_of(bad))
    if template.recipe.weights == "shares":
        for problem in template.framework.share_problems():
            located, of_group = _on_framework(template, problem)
            off.append(located)
            cells += of_group
    text = [counted(len(bad), "entry", "entries") + " that cannot be used"] if bad else []
    if off:
        text.append(f"weights do not sum to 1 in {len(off)} of {groups}")
    if text:
        listed = tuple(dict.fromkeys(cells))[:LISTED]
        return CheckResult("weights", "fail", "; ".join(text), listed, (*bad, *off))
    return CheckResult("weights", "pass", groups)


def _check_method(template: Template) -> Iterator[CheckResult]:
    """Yield the check of the method where anything of it is not as the template was built."""
    hint = "Restore it unless the change is meant; if it is, say so beside the results."
    problems = []
    for change in method_changes(template):
        now, was = (plain_text(value) or "empty" for value in (change.now, change.was))
        message = f"{change.what} is {now}, not {was} as when the workbook was made."
        where = Where(template.file, change.sheet, change.cell)
        problems.append(Problem("XC438", message, hint, where))
    if problems:
        number = counted(len(problems), "part of the method is", "parts of the method are")
        detail = f"{number} not as when the workbook was made"
        yield CheckResult("method", "note", detail, cells_of(problems), tuple(problems[:LISTED]))


def _on_framework(template: Template, problem: Problem) -> tuple[Problem, list[str]]:
    """Return a problem of a group with the cells of its children's weights, and those cells."""
    area = template.area("xl_framework")
    column = area.c1 + template.book.block(area)[0].index("weight")
    children = template.framework.children(problem.where.indicator or "")
    cells = [cell_name(template.node_rows[child.code], column) for child in children]
    where = replace(problem.where, sheet=area.sheet, cell=",".join(cells))
    hint = "Correct these weights. The next column shows each sum."
    return replace(problem, where=where, hint=hint), [f"{area.sheet}!{cell}" for cell in cells]


def _check_functions(template: Template, fresh: Recalculated) -> CheckResult:
    row = next((r for r in _rows_of_checks(template, fresh) if r[0] == "udf-native"), None)
    if row is None:
        in_place = "xl_functions" in template.book.names
        detail = (
            "the cells are function calls" if in_place else "the workbook has no function calls"
        )
        return CheckResult("udf-native", "skipped", detail)
    return CheckResult(
        "udf-native", str(row[2]), f"{row[4]} calls agree, computed by {fresh.udf_by}"
    )


def _check_addin_links(template: Template) -> Iterator[CheckResult]:
    """Say that the file names the place of the add-in on somebody's machine."""
    for path in find_addin_links(template.package, ADDIN).values():
        yield CheckResult("addin-link", "note", describe_addin_link(path))


def _check_index(
    template: Template, fresh: Recalculated, result: IndexResult | XlcityError
) -> CheckResult:
    """Compare the index, computed from the workbook's inputs alone, with the cells."""
    if any(problem.code in METHOD_PROBLEMS for problem in template.problems):
        # The check `weights` is red; what such a method means is anyone's guess.
        return CheckResult(
            "python-native", "skipped", "a weight, direction, bound or parameter cannot be used"
        )
    if isinstance(result, XlcityError):
        return CheckResult(
            "python-native", "fail", "the index cannot be computed", (), result.problems
        )
    compared, worst, differing = 0, 0.0, []
    for where, mine, theirs in compare_index(template, fresh, result):
        compared += 1
        if mine == theirs and type(mine) is type(theirs):
            continue
        if (difference := relative_difference(mine, theirs)) is not None:
            worst = max(worst, difference)
        if not agree(mine, theirs):
            differing.append(where)
    if differing:
        verb = "differs" if len(differing) == 1 else "differ"
        detail = f"{len(differing)} of {counted(compared, 'cell')} {verb}"
        return CheckResult("python-native", "fail", detail, tuple(differing[:LISTED]))
    agreeing = counted(compared, "cell agrees", "cells agree")
    return CheckResult("python-native", "pass", f"{agreeing}, max_diff {worst:.1e}")


def _compare_engine(
    template: Template, fresh: Recalculated, engine: str, timeout: float
) -> CheckResult:
    again = recalculate(template.package, fresh.engine, timeout, verify=engine, book=template.book)
    if (seen := again.verified) is None:
        return CheckResult(f"engine:{engine}", "skipped")
    detail = f"{seen.cells} cells compared with {fresh.engine}, max_diff {seen.max_diff:.1e}"
    status, cells = "fail" if seen.differing else "pass", tuple(seen.differing[:LISTED])
    return CheckResult(f"engine:{engine}", status, detail, cells)


def _rows_of_checks(template: Template, fresh: Recalculated) -> list[list[CellValue]]:
    area: Range = template.area("chk_table")
    return [
        [fresh.value(area.sheet, row, column) for column in range(area.c1, area.c2 + 1)]
        for row in range(area.r1 + 1, area.r2 + 1)
    ]


def _check_rows(template: Template, fresh: Recalculated) -> Iterator[CheckResult]:
    """Yield the rows of the sheet `Checks`."""
    area = template.area("chk_table")
    for offset, row in enumerate(_rows_of_checks(template, fresh), 1):
        status = str(row[2]) if row[2] in ("pass", "fail", "note", "skipped") else "fail"
        label = str(row[1] or "")
        detail = str(row[4] or "")
        if row[0] not in SHARES:
            detail = plain_text(row[3]) + (f" ({detail})" if detail else "")
        text = f"{label}: {detail}" if detail else label
        cells = (f"{area.sheet}!{cell_name(area.r1 + offset, area.c1 + 2)}",)
        yield CheckResult(f"sheet:{row[0]}", status, text, cells if status == "fail" else ())
