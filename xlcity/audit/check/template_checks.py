"""The checks of a template: its inputs, its weights, its stored values, and what findings say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from xlcity.audit.lint.finding import Finding, finding_at
from xlcity.audit.lint.rules.input_problems import input_problems
from xlcity.audit.lint.rules.inputs import shown_otherwise, typed_as_fractions
from xlcity.audit.lint.rules.method import share_faults
from xlcity.audit.lint.subject import Subject
from xlcity.errors import (
    CellValue,
    XlcityError,
    first_of,
)
from xlcity.index.checks import note_odd_names
from xlcity.index.result import IndexResult
from xlcity.index.steps import weight_step
from xlcity.messages import Message, Wording, joined
from xlcity.model.dataset import State
from xlcity.recalc.compare import StaleValue, find_stale_values
from xlcity.recalc.workbook import Recalculated
from xlcity.workbook.checking.routes import (
    LISTED,
    METHOD_PROBLEMS,
    CheckResult,
    cells_of,
    rows_of_checks,
)
from xlcity.workbook.reader_labels import in_chinese, in_english
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.results import BLOCKS
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.sheets.checking.checks import SHARES
from xlcity.xlsx.address import cell_name, full_address
from xlcity.xlsx.cells import Position, ReadBook

#: Blocks of scores and of ranks: what people take out of a workbook.
_RESULTS = tuple(name for name in BLOCKS if not name.endswith("normalised"))
#: What is said of a workbook whose formulas have no stored values, and what to do.
NO_VALUES = "unstored"
#: Rules of formulas that are not the template's.
_OF_FORMULAS = frozenset(("E02", "E03", "E04", "E08"))


def check_contract(
    subject: Subject, findings: Iterable[Finding]
) -> tuple[CheckResult, ...]:
    """Return the check that counts the formulas that are not the template's."""
    undrawn = [finding.message for finding in cannot_be_drawn(subject)]
    if undrawn or subject.expected is None:
        return tuple(CheckResult("contract", "fail", message) for message in undrawn)
    differing = [finding for finding in findings if finding.rule in _OF_FORMULAS]
    if not differing:
        same = Message("check.contract_same")
        return (CheckResult("contract", "pass", same),)
    return (_count_differing(subject, differing),)


def _count_differing(subject: Subject, differing: Sequence[Finding]) -> CheckResult:
    """Return the check with formulas that are not the template's."""
    problems = [finding.problem(subject.path) for finding in differing]
    number = sum(finding.count for finding in differing)
    has_error = any(finding.severity == "error" for finding in differing)
    areas = []
    for finding in differing:
        if finding.sheet:
            areas += [f"{finding.sheet}!{area}" for area in finding.areas]
    return CheckResult(
        "contract",
        "fail" if has_error else "note",
        Message("check.contract_differs", number=number),
        cells=tuple(areas[:LISTED]),
        problems=tuple(problems[:LISTED]),
    )


def cannot_be_drawn(subject: Subject) -> Iterator[Finding]:
    """Yield that a template cannot be drawn again, if that was tried."""
    if subject.expected is None and subject.undrawn:
        message = Message("lint.undrawn", reason=subject.undrawn)
        yield Finding("E07", "", "", message, fault="contract")


def with_fresh_inputs(template: Template, fresh: Recalculated) -> Template:
    """Return a template with the results of formulas in input cells: not all programs save them."""
    for name, position, _ in typed_formulas(template):
        if template.book.value(name, *position) != fresh.value(name, *position):
            return read_template(template.package, fresh.as_book(), template.file)
    return template


def check_inputs(
    as_saved: Subject, template: Template, result: IndexResult | XlcityError
) -> CheckResult:
    """Count what is filled, blank, missing and wrong."""
    assert as_saved.template is not None
    filling = _InputCounts.of(template, result)
    details = [filling.describe()]
    if isinstance(result, IndexResult):
        details += _without_values(template, result)
    wrong = input_problems(template)
    wrong += shown_otherwise(as_saved.template)
    if wrong:
        details.insert(0, Message("check.wrong", number=len(wrong)))
        return CheckResult(
            "inputs",
            "fail",
            joined(details),
            cells=cells_of(wrong),
            problems=tuple(wrong),
        )
    without_scores: list[str] = []
    if isinstance(result, IndexResult):
        without_scores = _without_scores(template, result)
    details += without_scores
    typed = {}
    for name, position, text in typed_formulas(template):
        typed[f"{name}!{cell_name(*position)}"] = text
    if typed:
        # A value that is worked out in place is not a fault; whoever reviews it should know.
        first = first_of([f"{cell} ={text}" for cell, text in typed.items()], 3)
        number = len(typed)
        details.append(Message("check.formulas_in_inputs", number=number, first=first))
    doubts = tuple(typed_as_fractions(template))
    if doubts:
        details.append(Message("check.fractions", number=len(doubts)))
    doubts += tuple(note_odd_names(template.framework, template.dataset))
    noted = (filling.blank, filling.missing, typed, doubts, without_scores)
    status = "note" if any(noted) else "pass"
    listed = (*typed, *cells_of(doubts))[:LISTED]
    return CheckResult("inputs", status, joined(details), cells=listed, problems=doubts)


class _InputCounts(NamedTuple):
    """How many inputs of cities with scores are filled, blank, and stated as missing."""

    filled: int
    blank: int
    missing: int

    @classmethod
    def of(cls, template: Template, result: IndexResult | XlcityError) -> _InputCounts:
        """Count the inputs of a template."""
        scored = [unit.is_scored for unit in template.dataset.units]
        cells = template.dataset.states[scored].ravel().tolist()
        states = Counter[int | State](cells)
        blank = states[State.BLANK]
        if isinstance(result, IndexResult):
            # Only what a node waits for is still to be filled; what is wrong was filled, if badly.
            named = {(p.where.unit, p.where.indicator) for p in template.problems}
            blank = sum(cell not in named for cell in result.unfilled)
        return cls(states[State.VALUE], blank, states[State.MISSING])

    def describe(self) -> str:
        """Return it in words."""
        return Message("check.filled", **self._asdict())


class _TypedFormula(NamedTuple):
    """An input that is a formula."""

    sheet: str
    position: Position
    formula: str


def typed_formulas(template: Template) -> Iterator[_TypedFormula]:
    """Yield the inputs that are formulas.

    The template has formulas where weights follow from a step; `contract` looks at these.
    """
    weights = template.area("in_weights")
    data = {*product(template.rows.values(), template.columns.values())}
    given = _given_weights(template)
    rows = [row for code, row in template.node_rows.items() if code in given]
    places = {
        template.area("in_data").sheet: data,
        weights.sheet: {(row, weights.c1) for row in rows},
    }
    for name, positions in places.items():
        tab = template.book.sheets[name]
        if positions.isdisjoint(tab.cells.computed()):
            continue  # as in most, and no formula has to be read
        for position, formula in tab.cells.texts().items():
            if position in positions:
                yield _TypedFormula(name, position, formula)


def _given_weights(template: Template) -> set[str]:
    """Return the nodes whose weights are typed: they do not follow from a step."""
    tree = template.framework
    given: set[str] = set()
    for node in tree.composites:
        if weight_step(template.recipe, node.code) is None:
            given.update(child.code for child in tree.children(node.code))
    return given


def _without_values(template: Template, result: IndexResult) -> list[str]:
    """Say what has no value at all, and how many other blanks are taken as missing."""
    if result.recipe.blank == "draft":
        return []
    said: list[str] = []
    keys = ("check.cities_without_values", "check.indicators_without_values")
    cities, codes = result.without_values
    city_names = tuple(map(template.city_name, cities))
    for key, names in zip(keys, (city_names, codes), strict=True):
        if names:
            listed = [*names[:LISTED]]
            said.append(Message(key, number=len(names), names=listed))
    if result.blanks_as_missing > 0:
        number = result.blanks_as_missing
        said.append(Message("check.blanks_as_missing", number=number))
    return said


def _without_scores(template: Template, result: IndexResult) -> list[str]:
    """Return a note on the cities without a total score; none while inputs are not filled yet."""
    names = [*map(template.city_name, result.without_total)]
    if result.unfilled or not names:
        return []
    key = "check.cities_without_total"
    return [Message(key, number=len(names), names=names[:LISTED])]


def check_weights(template: Template) -> CheckResult:
    """Look at weights, and at the parameters and bounds that stand beside them."""
    bad = [p for p in template.problems if p.code in METHOD_PROBLEMS]
    groups = len(template.framework.composites)
    off = [*share_faults(template)]
    said: list[str] = []
    if bad:
        said.append(Message("check.entries_unusable", number=len(bad)))
    if off:
        key = "check.weight_sums"
        said.append(Message(key, number=len(off), groups=groups))
    if not said:
        return CheckResult("weights", "pass", Message("check.groups", number=groups))
    cells = [*cells_of(bad)]
    for problem in off:
        addresses = (problem.where.cell or "").split(",")
        cells += [f"{problem.where.sheet}!{cell}" for cell in addresses]
    listed = tuple(dict.fromkeys(cells))[:LISTED]
    return CheckResult(
        "weights", "fail", joined(said), cells=listed, problems=(*bad, *off)
    )


def check_stored_values(
    subject: Subject, fresh: Recalculated
) -> tuple[CheckResult, list[Finding]]:
    """Compare stored values with fresh ones: a score or rank that is stale fails.

    A result that is not stored cannot mislead a reader.
    """
    stale = find_stale_values(subject.book, fresh.values)
    results = _stored_results(subject, stale.cells)
    ordered = [*dict.fromkeys((*results, *stale.cells))]
    # A program without the functions saved the book, which is not a fault of the book.
    parts: list[str] = []
    if stale.lacks_functions:
        parts.append(Message("check.functions_not_loaded"))
    if not ordered and not parts:
        parts.append(Message("check.stored_up_to_date"))
    if ordered:
        has_values = stores_values(subject.book)
        parts.append(_outdated(len(ordered), len(results), has_values))
    parts += [fresh.doubt] if fresh.doubt else []
    status = "pass"
    if results:
        status = "fail"
    elif ordered or fresh.doubt:
        status = "note"
    listed = tuple(
        full_address(stored.sheet, stored.position) for stored in ordered[:LISTED]
    )
    findings = outdated_findings(subject, ordered, is_error=bool(results))
    return CheckResult("stale", status, joined(parts), listed), findings


def _outdated(number: int, results: int, has_values: bool) -> str:
    """Say how many stored values are not up to date, and how many of them are results."""
    if not has_values:
        return Message("check.no_stored_values")
    if results:
        key = "check.stored_results_outdated"
        return Message(key, number=number, results=results)
    return Message("check.stored_outdated", number=number)


def _stored_results(subject: Subject, cells: Sequence[StaleValue]) -> list[StaleValue]:
    """Return those of some cells that store a score or rank."""
    areas = [*filter(None, map(subject.area, _RESULTS))]
    results = []
    for cell in cells:
        is_stored = cell.stored not in (None, "")
        if is_stored and any(area.holds(cell.sheet, cell.position) for area in areas):
            results.append(cell)
    return results


def stores_values(book: ReadBook) -> bool:
    """Return whether any formula has a stored value.

    Of an array, a program that stores no results may keep those below its first cell.
    """
    for sheet in book.sheets.values():
        for cell in sheet.cells.values():
            if cell.formula is not None and cell.value not in (None, ""):
                return True
    return False


def outdated_findings(
    subject: Subject, stale: Sequence[StaleValue], *, is_error: bool
) -> list[Finding]:
    """Return the stale values as findings; one for all if the workbook stores none."""
    if not stale:
        return []
    if not stores_values(subject.book):
        message = Message("lint.unstored")
        return [Finding("E09", "", "", message, level="warning", fault=NO_VALUES)]
    level = "error" if is_error else "warning"
    findings = []
    for cell in stale:
        message = Message(
            "lint.stale", stored=_shown(cell.stored), fresh=_shown(cell.fresh)
        )
        findings.append(
            finding_at("E09", cell.sheet, cell.position, message, level=level)
        )
    return findings


def _shown(value: CellValue) -> str:
    if value in (None, ""):
        return Message("value.nothing")
    if isinstance(value, float):
        return f"{value:.15g}"
    return repr(value) if isinstance(value, str) else str(value)


def rows_on_sheet(template: Template, fresh: Recalculated) -> Iterator[CheckResult]:
    """Yield the rows of the sheet `Checks`, in English as all that is found."""
    area = template.area("chk_table")
    for offset, row in enumerate(rows_of_checks(template, fresh), 1):
        status = (
            str(row[2]) if row[2] in ("pass", "fail", "note", "skipped") else "fail"
        )
        label = in_english(str(row[1] or ""))
        detail = in_english(str(row[4] or ""))
        if row[0] not in SHARES:
            detail = plain_text(row[3]) + f" ({detail})" * bool(detail)
        said = label + ": " * bool(detail) + detail
        text = Wording(said, zh=in_chinese(said))
        cells = (full_address(area.sheet, (area.r1 + offset, area.c1 + 2)),)
        yield CheckResult(
            f"sheet:{row[0]}", status, text, cells if status == "fail" else ()
        )
