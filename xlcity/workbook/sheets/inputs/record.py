"""The foot of `Framework`: words that formulas look up, the record of the book, the recipe."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from xlcity import __version__
from xlcity.model.reading.values import FAULT_KINDS
from xlcity.model.recipe_toml import recipe_lines
from xlcity.reports import tiers
from xlcity.reports.groups import COLUMNS, group_rows
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.number_formats import AS_TEXT
from xlcity.workbook.drawing.styles import SMALL
from xlcity.workbook.labels import in_language
from xlcity.workbook.layout.inputs import XL_GROUPS, XL_TIERS
from xlcity.workbook.layout.rows import FRAMEWORK_COLUMNS, TEMPLATE_FORMAT
from xlcity.workbook.sheets.table import Column, RowCells, Table, fields

#: Name of the cell with the hash of the recipe.
RECIPE_HASH = "xl_recipe_hash"
#: Under which `Book.words` has all words of groups: "attribute.value", and texts.
WORD_KEYS = "all groups"
#: Columns of the list of a value, of the value and of its text, which is below the names.
_LIST = 1
#: Free lines of the table of tiers.
_FREE_TIERS = 2
_VALUE = 2
_TEXT = FRAMEWORK_COLUMNS.index("display") + 1


def draw_foot(book: Book, canvas: Canvas, row: int) -> None:
    """Write the foot from a row on."""
    row = _draw_words(book, canvas, row)
    if book.layout.group_rows:
        row = _draw_groups(book, canvas, row + 2)
    if book.spec.tiers and not book.spec.group_types:
        row = _draw_tiers(book, canvas, row + 2)
    row = _draw_record(book, canvas, row + 2)
    _draw_recipe(book, canvas, row + 2)


def _word_keys(book: Book) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield beginnings of labels and the last words of those that formulas look up."""
    for group_type in book.spec.group_types:
        values = tuple(group.value for group in group_type.groups)
        yield f"group.{group_type.attribute}", values
    yield "fault", FAULT_KINDS
    yield "fault.fix", FAULT_KINDS


def _draw_words(book: Book, canvas: Canvas, row: int) -> int:
    """Write the words of coded values; return the last row."""
    start = row
    canvas.section(row, "framework.words", 1, _TEXT)
    for beginning, values in _word_keys(book):
        for value in values:
            row += 1
            canvas.put(
                row, _LIST, f"{beginning}.{value}".removeprefix("group."), "stub"
            )
            canvas.put(row, _VALUE, value, "stub")
            canvas.label(row, _TEXT, f"{beginning}.{value}", text_wrap=True)
        if values:
            top = row - len(values) + 1
            words, texts = (
                canvas.area(top, column, row).ref() for column in (_VALUE, _TEXT)
            )
            book.words[beginning] = words, texts
    if row > start:
        book.words[WORD_KEYS] = (
            canvas.area(start + 1, _LIST, row).ref(),
            canvas.area(start + 1, _TEXT, row).ref(),
        )
    return row


def _draw_groups(book: Book, canvas: Canvas, row: int) -> int:
    """Write what groups of cities are called, of an index of one's own; return the last row."""
    canvas.section(row, "named_groups.title", 1, len(COLUMNS))
    canvas.label(row + 1, 1, "named_groups.note", "note")
    header = row + 2
    last = header + 1 + book.layout.group_rows
    style = {**SMALL, "shrink": True}

    def column(name: str) -> Column:
        def content(cells: RowCells) -> str | None:
            return cells.item[name] or None if cells.item else None

        return Column(role="input", number=AS_TEXT, value=content, style=style)

    Table(
        canvas,
        header,
        header + 2,
        last,
        columns=fields("named_groups", **{name: column(name) for name in COLUMNS}),
        codes=header + 1,
        items=[*group_rows(book.spec.named_groups)],
        define=XL_GROUPS,
    ).draw()
    return last


def _draw_tiers(book: Book, canvas: Canvas, row: int) -> int:
    """Write the tiers of an index of one's own, with some free lines; return the last row."""
    canvas.section(row, "named_tiers.title", 1, len(tiers.COLUMNS))
    header = row + 1
    last = header + 1 + len(book.spec.tiers) + _FREE_TIERS

    def column(name: str) -> Column:
        def content(cells: RowCells) -> str | None:
            return cells.item[name] or None if cells.item else None

        return Column(role="input", number="@", value=content, style={"font_size": 9})

    Table(
        canvas,
        header,
        header + 2,
        last,
        columns=fields("named_tiers", **{name: column(name) for name in tiers.COLUMNS}),
        codes=header + 1,
        items=[*tiers.tier_rows(book.spec.tiers)],
        define=XL_TIERS,
    ).draw()
    return last


def _draw_record(book: Book, canvas: Canvas, row: int) -> int:
    """Write report, version, edition, language and fingerprints; return the last row."""
    spec = book.spec
    canvas.section(row, "log.title", 1, _TEXT)
    lines = recipe_lines(spec.recipe)
    entries = (
        ("log.report", spec.id, "xl_report"),
        ("log.version", __version__, "xl_version"),
        ("log.format", TEMPLATE_FORMAT, "xl_format"),
        ("log.language", spec.language, "xl_lang"),
        ("log.edition", spec.edition, "xl_edition"),
        ("log.kind", spec.kind, "xl_data_kind"),
        ("log.pages", ", ".join(spec.chosen_pages), "xl_pages"),
        ("log.inputs", spec.dataset.digest(), "xl_input_hash"),
        ("log.recipe_hash", sha256("\n".join(lines).encode()).hexdigest(), RECIPE_HASH),
    )
    for key, value, name in entries:
        row += 1
        canvas.label(row, 1, key, "stub", text_wrap=True)
        canvas.put(row, 2, value)
        book.define(name, canvas.area(row, 2))
    row += 1
    canvas.label(row, 1, "log.data", "stub")
    canvas.put(row, 2, in_language(spec.note_zh, spec.note_en, spec.language, " / "))
    return row


def _draw_recipe(book: Book, canvas: Canvas, row: int) -> None:
    """Write the recipe as TOML lines."""
    canvas.section(row, "log.recipe", 1, _TEXT)
    lines = recipe_lines(book.spec.recipe)
    for line_row, line in enumerate(lines, row + 1):
        canvas.put(line_row, 1, line, "toml")
    book.define("xl_recipe", canvas.area(row + 1, 1, row + len(lines)))
