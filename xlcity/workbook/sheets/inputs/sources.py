"""`Sources`: the sources of values, by indicator and, where they differ, by cell."""

from __future__ import annotations

from xlcity.reports.report import SourceException
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import in_language, name_in, shown_text
from xlcity.workbook.layout.rows import CODE

FIRST_INDICATOR = 6
WIDTHS = (22, 26, 40, 18, 30, 34, 20, 20, 26, 22, 10, 3, 14, 8, 44, 8)
#: Status word -> letter, as the sheets show it.
LETTERS = {"printed": "P", "entered": "E", "substituted": "S", "derived": "D", "synthetic": "Y"}
#: The letters in the legend: its first row, and the column that counts the values.
SHOWN = (*LETTERS.items(), ("missing", "M"), ("unusable", "!"))
LEGEND, COUNT = 4, 16
DEFAULT_COLUMNS = (
    "code",
    "display",
    "definition",
    "uom",
    "source_zh",
    "source",
    "period",
    "scope",
    "url",
)
EXCEPTION_COLUMNS = (
    "city",
    "indicator",
    "value",
    "basis",
    "year",
    "url",
    "entered_by",
    "checked_by",
    "remark",
    "key",
    "letter",
)


def draw(book: Book) -> None:
    """Draw the sheet; the status letters themselves stand beside the values on `Messages`."""
    canvas, layout = titled_sheet(book, "Sources", WIDTHS), book.layout
    canvas.label(3, 1, "sources.defaults", "section")
    canvas.field_heads(FIRST_INDICATOR - 2, "sources", DEFAULT_COLUMNS)
    for offset, code in enumerate(layout.inputs):
        _draw_indicator(book, canvas, FIRST_INDICATOR + offset, code)
    last = FIRST_INDICATOR + len(layout.inputs) - 1
    book.define("xl_sources", canvas.area(FIRST_INDICATOR - 1, 1, last, len(DEFAULT_COLUMNS)))
    _draw_legend(book, canvas)
    title = last + 2
    canvas.label(title, 1, "sources.exceptions", "section")
    canvas.label(title + 1, 1, "sources.exceptions.note", "note")
    header = title + 2
    canvas.field_heads(header, "sources", EXCEPTION_COLUMNS)
    first = header + 2
    bottom = first + layout.exception_rows - 1
    exceptions = book.spec.exceptions
    for index, row in enumerate(range(first, bottom + 1)):
        _draw_exception(book, canvas, row, exceptions[index] if index < len(exceptions) else None)
    book.define("xl_exceptions", canvas.area(header + 1, 1, bottom, len(EXCEPTION_COLUMNS)))
    book.define("xl_exception_keys", canvas.area(first, 10, bottom))
    book.define("xl_exception_letters", canvas.area(first, 11, bottom))
    canvas.choices(canvas.area(first, 1, bottom), "=xl_units", error_type="warning")
    canvas.choices(canvas.area(first, 2, bottom), "=xl_codes", error_type="warning")
    canvas.choices(canvas.area(first, 4, bottom), list(LETTERS), error_type="warning")
    canvas.close(2, 2)


def _draw_indicator(book: Book, canvas: Canvas, row: int, code: str) -> None:
    layout, node = book.layout, book.spec.framework.inputs[code]
    texts = [(name_in(book.spec.language, node), 26.0)]
    texts += [(node.definition_zh, 40), (node.definition, 40), (node.uom, 18)]
    texts += [
        (getattr(node, name), width)
        for name, width in zip(DEFAULT_COLUMNS[4:], WIDTHS[4:], strict=False)
    ]

    def either(zh: str, en: str) -> str:
        left, right = layout.framework_cell(code, zh), layout.framework_cell(code, en)
        return shown_text(right, left, book.spec.language)

    canvas.put(row, 1, code, "stub", font_size=9)
    canvas.formula(row, 2, layout.framework_cell(code, "display"), "name", text_wrap=True)
    canvas.formula(
        row, 3, either("definition_zh", "definition"), "calculation", text_wrap=True, font_size=9
    )
    canvas.formula(row, 4, either("uom_zh", "uom"), "calculation", text_wrap=True, font_size=9)
    for column, name in enumerate(DEFAULT_COLUMNS[4:], 5):
        canvas.input(row, column, getattr(node, name), "input", text_wrap=True, font_size=9)


def _draw_legend(book: Book, canvas: Canvas) -> None:
    """Write what each status letter means and how many values have it."""
    letters = book.layout.letters.span().ref()
    canvas.label(3, 13, "sources.status", "section")
    for row, (word, letter) in enumerate(SHOWN, LEGEND):
        canvas.put(row, 13, word, "stub")
        canvas.put(row, 14, letter, "stub_center")
        canvas.label(row, 15, f"status.{word}", "calculation", font_size=9)
        number = f'COUNTIF({letters},"{letter}")'
        canvas.formula(row, COUNT, number, "calculation_center", "0", font_size=9)
    last = LEGEND + len(LETTERS) - 1
    book.define("xl_status_words", canvas.area(LEGEND, 13, last))
    book.define("xl_status_letters", canvas.area(LEGEND, 14, last))


def letter_count(letter: str) -> str:
    """Return the cell that counts the values with a status letter: one count for all sheets."""
    row = LEGEND + [shown for _, shown in SHOWN].index(letter)
    return f"Sources!{cell(row, COUNT, 'rc')}"


def _draw_exception(
    book: Book, canvas: Canvas, row: int, exception: SourceException | None
) -> None:
    layout = book.layout
    entries: tuple[object, ...] = (None,) * 9
    if exception is not None:
        remark = _remark_in_language(exception, book.spec.language)
        entries = (exception.unit, exception.code, exception.value, exception.basis,
                   exception.year, exception.url, exception.entered_by or None,
                   exception.checked_by or None, remark)  # fmt: skip
        zip((exception.url, remark), (WIDTHS[5], WIDTHS[8]), strict=True)
    for column, entry in enumerate(entries, 1):
        number = "General" if column == 3 else "@"
        canvas.input(row, column, entry, "input", number, font_size=9, text_wrap=column in (6, 9))
    unit, code, value, basis = (cell(row, column, "c") for column in (1, 2, 3, 4))
    codes = layout.typed.rows_of(layout.inputs, CODE, CODE).ref()
    now = f"INDEX(xl_typed,MATCH({unit},xl_letter_units,0),MATCH({code},{codes},0))"
    key = f'{unit}&"|"&{code}'
    formula = (
        f'IF(OR({unit}="",{code}="",{basis}=""),"",IF({value}="",{key},'
        f'IFERROR(IF({now}={value},{key},""),"")))'
    )
    canvas.formula(row, 10, formula, "id")
    letter = (
        f'IF({basis}="","",IFERROR(INDEX(xl_status_letters,MATCH({basis},xl_status_words,0)),"?"))'
    )
    canvas.formula(row, 11, letter, "calculation_center")


def _remark_in_language(exception: SourceException, language: str) -> str:
    """Return a remark in the language of the book."""
    return in_language(exception.remark_zh, exception.remark_en, language, " / ")
