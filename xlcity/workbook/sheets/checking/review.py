"""`Review`: remarks on cities and indicators, with authors, answers and status."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, titled_sheet
from xlcity.workbook.drawing.number_formats import AS_TEXT, INTEGER
from xlcity.workbook.sheets.table import Column, Table, field_of, fields

HEADER = 8
FIRST = 9
#: Free lines where there are more remarks than the sheet had lines.
SPARE = 20
#: What is typed, and the widths of its columns.
TYPED = {
    "city": 16,
    "node": 20,
    "cell": 16,
    "remark": 48,
    "who": 14,
    "date": 13,
    "answer": 48,
    "status": 12,
}
STATUSES = {"open": "bad", "answered": "note", "closed": "good"}


def draw(book: Book) -> None:
    """Draw the sheet and define `in_review`."""
    canvas = titled_sheet(book, "Review", lines=2)
    layout = book.layout
    remarks = book.spec.remarks
    rows = book.spec.remark_rows
    if len(remarks) > rows:
        rows = len(remarks) + SPARE
    tree = layout.framework_column("code").ref()
    choices = {"city": "=xl_units", "node": f"={tree}", "status": list(STATUSES)}

    columns = fields(
        "review",
        **{
            name: Column(
                role="input",
                number=AS_TEXT,
                width=width,
                value=field_of(name),
                style={"text_wrap": True, "font_size": 9},
                choices=choices.get(name, ()),
            )
            for name, width in TYPED.items()
        },
    )
    table = Table(
        canvas,
        HEADER - 1,
        first=FIRST,
        last=FIRST + rows - 1,
        columns=columns,
        codes=HEADER,
        items=remarks,
    ).draw()
    status = table.area("status")
    settled = "-".join(
        f'SUMPRODUCT(({status.ref(home="Review")}="{word}")*1)'
        for word in ("answered", "closed")
    )
    canvas.heading(5, 1, "review.open")
    remark_cells = table.area("remark").ref(home="Review")
    canvas.formula(5, 3, f"COUNTA({remark_cells})-{settled}", "check", number=INTEGER)
    canvas.mark_words(status, STATUSES)
    book.define("in_review", canvas.area(HEADER, 1, table.last, len(TYPED)))
    canvas.close(HEADER, 2, titles=(HEADER - 1, HEADER))
