"""`Without`: the index without one of its dimensions, and what that does to the ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import cell
from xlcity.workbook.layout.rows import FIRST, ROW_WEIGHT
from xlcity.workbook.sheets.calculate import key_digits
from xlcity.workbook.sheets.toplists import group_text

SHEET = "Without"
HEADER = 6
#: Best cities that are listed with their ranks, and a rank that is marked.
LISTED, MARKED = 10, 5


@dataclass(frozen=True, slots=True)
class Without:
    """What is shown: the node left out, its printed effects, the attribute beside the cities."""

    node: str
    attribute: str
    printed: Mapping[str, int] = field(default_factory=dict)


def draw(book: Book, shown: Without) -> None:
    """Draw the cities on the left, the first ten with the ranks of the other nodes on the right."""
    canvas, layout = book.canvas(SHEET), book.layout
    root = book.spec.framework.root.code
    children = tuple(child.code for child in book.spec.framework.children(root))
    others = tuple(code for code in children if code != shown.node)
    canvas.heading("without", "without.note", banner_column=8, note_column=3)
    left = 12
    canvas.widths([16, 22, 14, 13, 2, 11, 11, 11, 11, 10, 2, 6, 22, 14, *[13] * len(others)])
    canvas.label(3, 1, "without.left", "section")
    canvas.formula(3, 3, layout.framework_cell(shown.node, "display"), "output")
    canvas.fit_names(HEADER, others, 13, 9)
    heads = {1: "data.id", 2: "data.name", 3: f"attribute.{shown.attribute}", 4: "without.score",
             6: "without.rank", 7: "without.overall", 8: "without.effect"}  # fmt: skip
    for column, key in heads.items():
        canvas.label(HEADER, column, key, "header", font_size=9)
    if shown.printed:
        canvas.label(HEADER, 9, "without.printed", "header", font_size=9)
    first, last = HEADER + 1, HEADER + layout.slots
    keys = canvas.range(first, 4, last)
    values = layout.scores
    weights = values.rows_of(children, ROW_WEIGHT, ROW_WEIGHT).ref()
    weight = values.at(shown.node, ROW_WEIGHT, SHEET, "rc")
    attribute = layout.city(shown.attribute)
    for slot in range(layout.slots):
        row, source = first + slot, FIRST + slot
        canvas.formula(row, 1, f'IF(Scores!{cell(source, 1)}="","",Scores!{cell(source, 1)})', "id")
        canvas.formula(row, 2, f"Scores!{cell(source, 2)}", "name")
        value = cell(attribute.first_row + slot, attribute.first_column)
        group = group_text(shown.attribute, f"Cities!{value}")
        canvas.formula(row, 3, group, "calculation_center", font_size=9)
        span = values.rows_of(children, source, source).ref("c", SHEET)
        own = values.at(shown.node, source, SHEET)
        made = f"(SUMPRODUCT({span},{weights})-{own}*{weight})/(SUM({weights})-{weight})"
        canvas.formula(
            row,
            4,
            f'IF(COUNT({span})=COUNT({weights}),ROUND({made},{key_digits(made)}),"")',
            "calculation",
            "0.00",
        )
        key, overall = cell(row, 4, "c"), layout.ranks.at(root, source, SHEET)
        canvas.formula(
            row, 6, f'IF(ISNUMBER({key}),COUNTIF({keys},">"&{key})+1,"")', "output_center", "0"
        )
        canvas.formula(row, 7, f'IF(ISNUMBER({overall}),{overall},"")', "calculation_center", "0")
        both = f"COUNT({cell(row, 6, 'c')}:{cell(row, 7, 'c')})=2"
        effect = f"{cell(row, 6, 'c')}-{cell(row, 7, 'c')}"
        canvas.formula(row, 8, f'IF({both},{effect},"")', "output_center", "+0;-0;0")
        units = book.spec.published_units
        printed = shown.printed.get(units[slot].id) if slot < len(units) else None
        if printed is not None:
            # The printed effect is that of the city that stood here as shipped.
            canvas.formula(
                row, 9, f'IF({cell(row, 1, "c")}="{units[slot].id}",{printed},"")',
                "published_center", "+0;-0;0",
            )  # fmt: skip
    effects = canvas.area(first, 8, last)
    canvas.mark(effects, f"AND(ISNUMBER({cell(first, 8)}),{cell(first, 8)}>0)", "good")
    canvas.mark(effects, f"AND(ISNUMBER({cell(first, 8)}),{cell(first, 8)}<0)", "note")
    _first_cities(book, canvas, shown, others, left)
    canvas.finish(last, left + 2 + len(others), HEADER, 2)


def _first_cities(
    book: Book, canvas: Canvas, shown: Without, others: tuple[str, ...], left: int
) -> None:
    """List the first cities with their ranks in the other nodes."""
    layout, root = book.layout, book.spec.framework.root.code
    canvas.label(HEADER - 1, left, "without.first", "section")
    for offset, key in enumerate(("ranking.rank", "data.name", f"attribute.{shown.attribute}")):
        canvas.label(HEADER, left + offset, key, "header", font_size=9)
    for offset, code in enumerate(others, left + 3):
        canvas.formula(
            HEADER, offset, layout.framework_cell(code, "display"), "header", font_size=9
        )
    positions = layout.positions.over(root, SHEET, "rc")
    names = layout.names("Scores")
    attribute = layout.city(shown.attribute).ref()
    for place in range(1, LISTED + 1):
        row = HEADER + place
        at = f"MATCH({place},{positions},0)"
        canvas.formula(
            row, left, f'IFERROR(INDEX({layout.ranks.over(root, SHEET, "rc")},{at}),"")',
            "output_center", "0",
        )  # fmt: skip
        canvas.formula(row, left + 1, f'IFERROR(INDEX({names},{at}),"")', "name")
        group = group_text(shown.attribute, f"INDEX({attribute},{at})")
        canvas.formula(row, left + 2, group, "calculation_center", font_size=9)
        for offset, code in enumerate(others, left + 3):
            ranks = layout.ranks.over(code, SHEET, "rc")
            canvas.formula(
                row, offset, f'IFERROR(INDEX({ranks},{at}),"")', "calculation_center", "0"
            )
    block = canvas.area(HEADER + 1, left + 3, HEADER + LISTED, left + 2 + len(others))
    here = cell(HEADER + 1, left + 3)
    canvas.mark(block, f"AND(ISNUMBER({here}),{here}<={MARKED})", "good")
