"""Puts values from a file, and what an assessment found, into the cells of a template."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress

from xlcity.errors import (
    CellValue,
    DataError,
    Problem,
    Where,
    WorkbookError,
    first_of,
)
from xlcity.index.result import IndexResult
from xlcity.messages import Message
from xlcity.methods.construct.record import Construction
from xlcity.methods.registry import find_method
from xlcity.model.dataset import Dataset, State
from xlcity.model.reading.values import Notes
from xlcity.recalc.held_values import HELD
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports.report import GroupType, TierRule
from xlcity.workbook.filling.groups import name_cells
from xlcity.workbook.filling.tables import (
    InputTable,
    put_items,
    put_links,
    value_tables,
    written_cells,
)
from xlcity.workbook.labels import LANGUAGES, Labels, show_label
from xlcity.workbook.reading.recorded_lines import record_lines
from xlcity.workbook.reading.recorded_values import (
    read_recorded,
    record_cells,
    renew_record,
)
from xlcity.workbook.reading.results import index_or_error
from xlcity.workbook.reading.stored_assessment import (
    SETTINGS,
    StoredAssessment,
    input_cells,
    result_cells,
)
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.workbook.steps.weigh import stored_cells, stored_rows
from xlcity.workbook.tab_titles import read_tab_language, tab_title
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.new_book import calculate_on_load
from xlcity.xlsx.package import Package


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with new values.

    Attributes
    ----------
    package
        The workbook; the template's own package where nothing changed.
    written
        Cells that got a value or a missing code, and cells emptied.
    skipped
        Why columns, or cells that already held the value, were left alone.
    unlisted
        Indicators that are made from lists, none of which are there.
    notes
        What the reader converted or doubts.
    unverified
        What formulas use that no engine is known to compute as Excel does.
    """

    package: Package = field(repr=False)
    written: int
    cleared: int
    skipped: tuple[str, ...]
    notes: Notes = field(repr=False)
    unlisted: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


def fill(
    template: Template,
    read: Dataset,
    notes: Notes,
    *,
    groups: Sequence[GroupType] = (),
    tiers: Sequence[TierRule] = (),
    clear: bool = False,
    recalculated: bool = True,
) -> Filled:
    """Write values that were read into a template's input cells, and what groups are called.

    A blank or absent cell of the file leaves the workbook's cell as it is; with `clear`, what the
    file has blank (the city and the column stand in it) is emptied.

    Raises
    ------
    DataError
        With every value that has no cell; nothing is written then.
    UsageError
        If there is no room for the names of groups or for tiers.
    EngineError
        If the filled workbook cannot be computed.
    """
    tables = value_tables(template)
    written, same = _put_values(tables, notes)
    cleared = _clear_blanks(tables, notes) if clear else 0
    networks, linked = put_links(template, read.links)
    lists, listed = put_items(template, read.items, clear=clear)
    changes = written_cells([*tables, *networks, *lists])
    for sheet, cells in name_cells(template.book, groups, tiers).items():
        changes.setdefault(sheet, {}).update(cells)
    package = template.package
    if changes:
        package = write_inputs(package, changes, template.book)
        package = record_inputs(package, template.file)
    computed = None
    # What calls give is held for programs without functions: it cannot wait for one of them.
    if recalculated or HELD in template.book.names:
        computed = recalculate(package, keep=True)
        package = patch_results(package, computed)
    elif changes:
        package = calculate_on_load(package)
    skipped = [*_skipped_texts(notes), *_absent_texts(template.dataset, notes)]
    if same:
        skipped.append(Message("skipped.same", number=same))
    written += linked + listed
    unlisted = _find_unlisted(
        template, {*read.items, *(cell.code for cell in notes.cells)}
    )
    unverified = () if computed is None else computed.unverified
    return Filled(
        package,
        written,
        cleared,
        tuple(skipped),
        notes=notes,
        unlisted=unlisted,
        unverified=unverified,
    )


def _find_unlisted(template: Template, given: Collection[str]) -> tuple[str, ...]:
    """Return the indicators made from lists, of which neither workbook nor file have a line."""
    listed_codes = {
        *given,
        *(code for code, lines in template.dataset.items.items() if lines),
    }
    codes = (
        node.code
        for node in template.framework.indicators
        if node.code not in listed_codes
    )
    steps = ((code, template.recipe.step_for("construct", code)) for code in codes)
    return tuple(
        c for c, step in steps if step and find_method(Construction, step.method).items
    )


def _put_values(tables: Sequence[InputTable], notes: Notes) -> tuple[int, int]:
    """Write values and missing codes; return how many are new, and how many stand there already."""
    table_of: dict[str, InputTable] = {}
    for table in reversed(tables):
        table_of |= dict.fromkeys(table.columns, table)
    DataError.raise_for(
        Problem.of("XC258.no_column", c.where, code=c.code)
        for c in notes.cells
        if c.code not in table_of
    )
    written = 0
    for cell in notes.cells:
        table = table_of[cell.code]
        value: CellValue = cell.value if cell.state == State.VALUE else MISSING_TEXT
        written += table.put(
            table.row(cell.unit),
            table.columns[cell.code],
            value,
        )
    return written, len(notes.cells) - written


def _clear_blanks(tables: Sequence[InputTable], notes: Notes) -> int:
    """Empty what the file has blank in its own cities and columns; return how many cells."""
    cleared = 0
    for unit, code in notes.blanks:
        for table in tables:
            if code in table.columns:
                row = table.rows.get((unit,))
                cleared += table.put(row, table.columns[code], None)
    return cleared


def _skipped_texts(notes: Notes) -> Iterator[str]:
    """Report columns and rows of the file that are not data.

    The columns and the closing line of a template itself are not reported.
    """
    texts = Labels.load().texts

    def texts_of(key: str) -> set[str]:
        zh, en = texts[key]
        return {show_label(zh, en, language) for language in LANGUAGES}

    closing = texts_of("data.closing")
    left_out = [row for row in notes.left_out if row.text not in closing]
    own: set[str] = set()
    if len(left_out) < len(notes.left_out):
        own = {"name", "message"} | texts_of("data.name") | texts_of("data.message")
    for name in notes.ignored:
        if name not in own:
            yield Message("skipped.column", name=name)
    yield from (row.message for row in left_out)


def _absent_texts(before: Dataset, notes: Notes) -> Iterator[str]:
    """Report cities and indicators that a whole table has no values of: they keep the old ones.

    A table with less than half of them brings a few values only.
    """
    given = {cell.unit for cell in notes.cells}, {cell.code for cell in notes.cells}
    names = [unit.id for unit in before.units], before.codes
    keys = ("skipped.absent_cities", "skipped.absent_indicators")
    for axis, key in enumerate(keys):
        has_value = (before.states == State.VALUE).any(axis=1 - axis)
        old = [*compress(names[axis], has_value)]
        absent = [name for name in old if name not in given[axis]]
        if absent and 2 * len(absent) <= len(old):
            yield Message(key, names=first_of(absent))


def record_inputs(package: Package, file: str) -> Package:
    """Record new inputs: their hash on `Framework`, sums on `Messages`, weights on `Weights`."""
    book = read_book(package)
    template = read_template(package, book, file)
    area = template.area("xl_input_hash")
    codes = [*template.columns]
    dataset = template.dataset
    lines = record_lines(template.recipe, dataset, book.names)
    former = read_recorded(book)
    new = renew_record(former, template.framework, codes, dataset, lines=lines)
    cells = record_cells(book, new)
    on_framework = cells.setdefault(area.sheet, {})
    on_framework[area.r1, area.c1] = dataset.digest()
    if stored_rows(book):
        result = index_or_error(template)
        if isinstance(result, IndexResult):
            cells |= stored_cells(book, result)
    return write_inputs(package, cells, book)


def with_assessment(package: Package, stored: StoredAssessment) -> Package:
    """Return a template that keeps an assessment of what it holds.

    What the results rest on is copied from the cells that compute it, with the results in place.

    Raises
    ------
    WorkbookError
        If the template has no sheet for it.
    EngineError
        If it cannot be computed.
    """
    book = read_book(package)
    require_assessment(book, package.name)
    written = write_inputs(package, result_cells(book, stored), book)
    computed = recalculate(written, keep=True)
    written = write_inputs(written, input_cells(computed.as_book()), computed.book)
    return patch_results(written, recalculate(written, keep=True))


def require_assessment(book: ReadBook, file: str | None) -> None:
    """Refuse a template without the sheet that keeps an assessment.

    Raises
    ------
    WorkbookError
        If it has none.
    """
    if SETTINGS not in book.names:
        title = tab_title("Assessment", read_tab_language(book.sheets))
        raise WorkbookError.of(
            "XC449.no_sheet", Where(file=file or ""), title=title, value=file or "F"
        )
