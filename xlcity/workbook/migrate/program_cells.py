"""Cells of a template that the program writes: what stands there was not typed by anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlcity.workbook.layout.rows import FRAMEWORK_COLUMNS
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.inputs.record import RECIPE_HASH
from xlcity.workbook.steps.weigh import SHEET as WEIGHTS
from xlcity.workbook.steps.weigh import stored_rows
from xlcity.workbook.tab_titles import title_in
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import Position, ReadBook, find_area, resolve
from xlcity.xlsx.parts import local

#: Single cells that the template writes about itself.
_PROGRAM_NAMES = (
    "xl_report", "xl_version", "xl_edition", "xl_data_kind", "xl_input_hash", "xl_lang", "xl_bars",
    "xl_balance_bars", "xl_recipe", "xl_record", "xl_record_weights", "par_missing",
    "xl_methods_built", "xl_parameters_built", "xl_format", RECIPE_HASH,
)  # fmt: skip
#: Columns of `Framework` with what the template was built with.
_AS_BUILT = ("report_weight",)


def list_unread(template: Template, names: Iterable[str]) -> Iterator[Leftover]:
    """Yield what was typed into parameters that nothing reads."""
    used_values = {v for step in template.recipe.steps for v in step.params.values()}
    for name in names:
        area = template.area(name) if name in template.book.names else None
        value = None if area is None else template.book.value(area.sheet, area.r1, area.c1)
        if area is not None and value not in (None, "", *used_values):
            cell = cell_name(area.r1, area.c1)
            text = f"{name} = {plain_text(value)}"
            yield Leftover("cell", area.sheet, cell, content=text, reason="unread")


def list_beside_sheets(template: Template) -> Iterator[Leftover]:
    """Yield what a workbook has beside its sheets of cells: sheets of charts, a protection."""
    for element in template.package.workbook.iter():
        title, tag = element.get("name", ""), local(element.tag)
        if tag == "workbookProtection":
            yield Leftover("setting", content="protection of the workbook", reason="kind")
        elif tag == "sheet" and title not in template.book.sheets:
            yield Leftover("page", title, content="chart sheet", reason="kind")


def program_cells(
    book: ReadBook, names: Iterable[str]
) -> Iterator[tuple[str, frozenset[Position]]]:
    """Yield sheet by sheet the cells that no person types into; `names` are those of others."""
    by_sheet: dict[str, set[Position]] = {}
    for name in (*_PROGRAM_NAMES, *names):
        if (area := find_area(book, name)) is not None:
            by_sheet.setdefault(area.sheet, set()).update(area.positions)
    tree, methods = resolve(book, "xl_framework"), find_area(book, "xl_methods")
    for column, title in enumerate(book.block(tree)[0], tree.c1):
        # Weights and directions stand in the table of methods, too; people type formulas there.
        of_method = methods is not None and column <= methods.c2 and title not in FRAMEWORK_COLUMNS
        if title in _AS_BUILT or of_method:
            rows = range(tree.r1 + 1, tree.r2 + 1)
            by_sheet.setdefault(tree.sheet, set()).update((row, column) for row in rows)
    if stored := stored_rows(book):
        cells = book.sheets[WEIGHTS].cells.items()
        by_sheet[title_in(book, WEIGHTS)] = {
            p for p, c in cells if p[0] in stored and number_of(c.value) is not None
        }
    for sheet, positions in by_sheet.items():
        yield sheet, frozenset(positions)
