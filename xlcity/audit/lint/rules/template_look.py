"""What a workbook shows otherwise than its template: names, charts, formats, settings, labels."""

from __future__ import annotations

from collections.abc import Container, Iterator

from xlcity.audit.lint.finding import LintFinding, finding_at
from xlcity.audit.lint.registry import declare
from xlcity.audit.lint.subject import Subject, is_number
from xlcity.errors import CellValue
from xlcity.recalc.compare import is_same_entry
from xlcity.workbook.checking.contract import MOVABLE
from xlcity.workbook.checking.inserted_columns import DATA, drawn_columns
from xlcity.workbook.checking.method_changes import built_cells
from xlcity.workbook.checking.template_appearance import Deviation, deviations, record_start
from xlcity.workbook.steps.weigh import SHEET as WEIGHTS
from xlcity.workbook.steps.weigh import stored_rows
from xlcity.workbook.tab_titles import contract_name
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.chart_content import STORED

declare(
    "E13 a name refers to other cells than in the template | Restore its reference.",
    "W18 a chart is not the template's | Restore it from a fresh template.",
    "W19 values are shown otherwise than in the template | Restore the format.",
    "W20 a setting hides or changes what is shown or printed | Set it as in a fresh template.",
    "W21 a label or the method of the template was changed | Restore it, or note why.",
)
#: Rules by what is shown otherwise.
_RULES = {"name": "E13", "chart": "W18", "format": "W19", "setting": "W20"}


def appearance_changes(subject: Subject, template: Subject) -> Iterator[LintFinding]:
    """Yield E13 and W18 to W21; what a user added to the template is not reported."""
    for change in deviations(subject.book, subject.appearance, template.appearance):
        yield LintFinding(
            _RULES[change.kind],
            change.sheet,
            change.cell,
            change.message,
            region=change.region,
            fault=_name_fault(change),
        )
    yield from _changed_labels(subject, template.book)


def _name_fault(change: Deviation) -> str:
    """Return what is wrong with: a name, a chart, a setting; or the values that charts store.

    These follow from the cells: one cause, in however many charts.
    """
    if change.kind == "name" or change.what.startswith(STORED):
        return change.what.partition(" of ")[0]
    cell = f"{change.sheet} {change.cell}"
    return cell if change.kind == "chart" else f"{cell} {change.what or change.message}"


def _changed_labels(subject: Subject, drawn: ReadBook) -> Iterator[LintFinding]:
    """Yield what the template has typed outside of inputs and the workbook has otherwise."""
    data, of_old_data = subject.area("in_data"), stored_rows(drawn)
    built, record = built_cells(subject.book), record_start(subject.book)
    moved = {drawn: here for here, drawn in drawn_columns(subject.book).items()}
    for name, sheet in drawn.sheets.items():
        if name not in subject.book.sheets:
            continue
        here = subject.book.sheets[name]
        expected, actual = sheet.cells.value, here.cells.value
        computed = frozenset(here.cells.computed())
        for row, column in sorted(sheet.cells.keys() - frozenset(sheet.cells.computed())):
            if name == record[0] and row >= record[1]:
                continue
            position = row, moved.get(column, column) if name in DATA else column
            old, new = expected((row, column)), actual(position)
            if old in (None, "") or is_same_entry(old, new) or position in computed:
                continue
            if (name, position) in built:  # what differs from it is the method
                continue
            if _is_found_weight(name, position, of_old_data) and is_number(old) and is_number(new):
                continue
            # The codes above the inputs are not inputs, and rows above them do not move.
            head = data is not None and (name, position[0]) == (data.sheet, data.r1)
            if _is_own(subject, name, position) and not head:
                continue
            double = _double_code(subject, name, position) if head else ""
            yield finding_at("W21", name, position, f"{new!r} instead of {old!r}{double}.")


def _is_found_weight(name: str, position: Position, stored: Container[int]) -> bool:
    """Tell whether a cell holds a weight that followed from data: fillings change it."""
    return contract_name(name) == WEIGHTS and position[0] in stored


def typed_labels(subject: Subject) -> Iterator[tuple[str, Position, CellValue]]:
    """Yield what is typed where a template has labels: cells that W21 may report."""
    data, weights = subject.area("in_data"), stored_rows(subject.book)
    record = record_start(subject.book)
    for name, sheet in subject.book.sheets.items():
        computed, stored = frozenset(sheet.cells.computed()), sheet.cells.value
        for position in sheet.cells:
            value = None if position in computed else stored(position)
            if name == record[0] and position[0] >= record[1]:
                continue
            if _is_found_weight(name, position, weights) and is_number(value):
                continue
            head = data is not None and (name, position[0]) == (data.sheet, data.r1)
            if value not in (None, "") and (head or not _is_own(subject, name, position)):
                yield name, position, value


def _is_own(subject: Subject, sheet: str, position: Position) -> bool:
    """Tell whether a cell is its user's: an input, or a record written with the inputs."""
    return (
        sheet in MOVABLE
        or subject.is_input(sheet, position)
        or any(area.holds(sheet, position) for area in subject.records)
    )


def _double_code(subject: Subject, sheet: str, position: Position) -> str:
    """Return where else in its row a code stands."""
    row, column = position
    code = subject.value(sheet, position)
    others = (
        cell_name(*position)
        for position, cell in subject.cells(sheet).items()
        if position[0] == row and position[1] != column and code is not None and cell.value == code
    )
    other = next(others, "")
    return f", which stands in {other} already" if other else ""
