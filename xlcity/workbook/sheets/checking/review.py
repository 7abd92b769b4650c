"""`Review`: remarks on cities and indicators, with authors, answers and status."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import CODE
from xlcity.workbook.sheets.choosers import city_position, node_code
from xlcity.workbook.spec import Remark

HEADER, FIRST = 8, 9
#: Free lines where there are more remarks than the sheet had lines.
SPARE = 20
COLUMNS = ("city", "node", "cell", "remark", "who", "date", "answer", "status", "name", "value")
WIDTHS = (16, 20, 16, 48, 14, 13, 48, 12, 34, 14)
TYPED = 8
STATUSES = ("open", "answered", "closed")


def draw(book: Book) -> None:
    """Draw the sheet and define `in_review`."""
    canvas, layout = titled_sheet(book, "Review", WIDTHS), book.layout
    for row, key in enumerate(("review.how1", "review.how2"), 3):
        canvas.label(row, 1, key, "plain")
    canvas.field_heads(HEADER - 1, "review", COLUMNS)
    remarks = book.spec.remarks
    rows = book.spec.remark_rows
    if len(remarks) > rows:
        rows = len(remarks) + SPARE
    last = FIRST + rows - 1
    status, remark = canvas.area(FIRST, 8, last), canvas.area(FIRST, 4, last)
    settled = "-".join(
        f'SUMPRODUCT(({status.ref("rc", "Review")}="{word}")*1)' for word in ("answered", "closed")
    )
    canvas.label(5, 1, "review.open", "section")
    canvas.formula(5, 3, f"COUNTA({remark.ref('rc', 'Review')})-{settled}", "check", "0")
    tree = layout.framework_column("code").ref()
    names = layout.framework_column("display").ref()
    for offset in range(rows):
        row = FIRST + offset
        wording = remarks[offset] if offset < len(remarks) else Remark()
        for column, name in enumerate(COLUMNS[:TYPED], 1):
            text = getattr(wording, name)
            canvas.input(row, column, text, "input", "@", text_wrap=True, font_size=9)
        city, node = cell(row, 1, "c"), cell(row, 2, "c")
        shown = layout.city("display").ref()
        position, code = city_position(layout, city), node_code(layout, node)
        formula = (
            f'IFERROR(IF({city}="","",INDEX({shown},{position})),"?")&'
            f'IF(OR({city}="",{node}=""),""," · ")&'
            f'IFERROR(IF({node}="","",INDEX({names},MATCH({code},{tree},0))),"?")'
        )
        canvas.formula(row, 9, formula, "name", font_size=9)
        canvas.formula(row, 10, _value_now(book, city, node), "calculation", "General", font_size=9)
    canvas.choices(canvas.area(FIRST, 1, last), "=xl_units", error_type="warning")
    canvas.choices(canvas.area(FIRST, 2, last), f"={tree}", error_type="warning")
    canvas.choices(status, list(STATUSES), error_type="warning")
    canvas.mark_words(status, {"open": "bad", "answered": "note", "closed": "good"})
    book.define("in_review", canvas.area(HEADER, 1, last, TYPED))
    canvas.close(HEADER, 2, titles=(HEADER - 1, HEADER))


def _value_now(book: Book, city: str, node: str) -> str:
    """Return the formula of the value now: of an indicator its raw value, else the score."""
    layout = book.layout
    parts = '""'
    blocks = (layout.typed, layout.constructed_values, layout.scores)
    for block in (block for block in blocks if block.codes):
        head = block.rows_of(block.codes, CODE, CODE).ref()
        parts = (
            f"IFERROR(INDEX({block.span().ref()},{city_position(layout, city)},"
            f"MATCH({node_code(layout, node)},{head},0)),{parts})"
        )
    return f'IF(OR({city}="",{node}=""),"",{parts})'
