"""`Beside`: ranks in this index beside ranks in another one, among the cities of both."""

from __future__ import annotations

from xlcity.workbook.canvas import Book
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import FIRST

SHEET = "Beside"
HEADER = 5

LABELS = (
    ("contents.Beside", "与另一指数的相对名次比较", "Ranks beside those of another index"),
    ("beside.title", "与另一指数的相对名次", "Ranks beside another index"),
    (
        "beside.note",
        "另一指数的名次填在 Cities 的外部变量列；两边都只在双方均有名次的城市中重新编号。"
        "差为正：本指数中更靠前。",
        "The other index's ranks stand in the outside variable of Cities; both are renumbered "
        "among the cities that have both. Above 0: the city does better in this index.",
    ),
    ("beside.other", "另一指数的名次", "Rank in the other index"),
    ("beside.relative", "本指数相对名次", "Relative rank here"),
    ("beside.relative_other", "另一指数相对名次", "Relative rank there"),
    ("beside.difference", "差", "Difference"),
    ("beside.side", "更强的一侧", "Stronger"),
    ("beside.here", "区域", "in the region"),
    ("beside.there", "全球", "in the world"),
    ("beside.same", "相同", "the same"),
)


def draw(book: Book, attribute: str) -> None:
    """Draw the cities in the order of `Cities`."""
    canvas, layout = book.canvas(SHEET), book.layout
    root = book.spec.framework.root.code
    canvas.heading("beside", "beside.note", banner_column=4)
    canvas.widths([16, 24, 12, 14, 14, 14, 10, 16])
    heads = ["data.id", "data.name", "ranking.rank", "beside.other", "beside.relative",
             "beside.relative_other", "beside.difference", "beside.side"]  # fmt: skip
    canvas.sheet.set_row(HEADER - 1, 44)
    for place, key in enumerate(heads, 1):
        canvas.label(HEADER, place, key, "header", font_size=9)
    first, last = HEADER + 1, HEADER + layout.slots
    column = layout.city(attribute)
    mine, theirs = (Area(SHEET, first, c, last, c).ref("rc", SHEET) for c in (3, 4))
    for slot in range(layout.slots):
        row, source = first + slot, FIRST + slot
        outside = f"Cities!{cell(column.first_row + slot, column.first_column, 'c')}"
        rank = layout.ranks.at(root, source, SHEET)
        both = f'AND(ISNUMBER({rank}),TYPE({outside})=1,{outside}<>"")'
        canvas.formula(row, 1, f'IF(Scores!{cell(source, 1)}="","",Scores!{cell(source, 1)})', "id")
        canvas.formula(row, 2, f"Scores!{cell(source, 2)}", "name")
        # Only cities that have both ranks take part.
        canvas.formula(row, 3, f'IF({both},{rank},"")', "calculation_center", "0")
        canvas.formula(row, 4, f'IF({both},{outside},"")', "calculation_center", "0")
        a, b = cell(row, 3, "c"), cell(row, 4, "c")
        for at, value, over in ((5, a, mine), (6, b, theirs)):
            # Compared as numbers: a criterion is text, and a long number may be less than its text.
            formula = f'IF(ISNUMBER({value}),SUMPRODUCT(({over}<{value})*1)+1,"")'
            canvas.formula(row, at, formula, "output_center", "0")
        one, other = cell(row, 5, "c"), cell(row, 6, "c")
        canvas.formula(
            row, 7, f'IF(ISNUMBER({one}),{other}-{one},"")', "calculation_center", "+0;-0;0"
        )
        shown = cell(row, 7, "c")
        here, there, same = (book.labels.ref(f"beside.{key}") for key in ("here", "there", "same"))
        side = f"IF({shown}>0,{here},IF({shown}<0,{there},{same}))"
        canvas.formula(row, 8, f'IF(ISNUMBER({shown}),{side},"")', "calculation_center")
    differences = Area(SHEET, first, 7, last, 8)
    shown = cell(first, 7, "c")
    canvas.mark(differences, f"AND(ISNUMBER({shown}),{shown}>0)", "good")
    canvas.mark(differences, f"AND(ISNUMBER({shown}),{shown}<0)", "note")
    canvas.frame(HEADER, 2)
    canvas.page(Area(SHEET, 1, 1, last, 8), landscape=False)
    canvas.protect()
