"""`Tiers`: for a chosen node, the units of every tiered group in order, by tier."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.sheets.choosers import node_code
from xlcity.workbook.sheets.results.groups import ALL, group_name

TIERS_HEADER = 9


def draw(book: Book) -> None:
    """Draw the sheet."""
    canvas, layout = book.canvas("Tiers"), book.layout
    canvas.heading("tiers", "tiers.note", banner_column=8, note_column=3)
    canvas.sheet.set_row(3, 20)
    canvas.label(4, 1, "ranking.choose", "section", font_size=10)
    canvas.input(4, 3, book.spec.framework.root.code, "chooser", "@")
    canvas.choices(canvas.area(4, 3), "=out_nodes", error_type="warning")
    found = f"MATCH({node_code(layout, '$C$4')},out_nodes,0)"
    nodes, names = (layout.framework_column(n).ref() for n in ("code", "display"))
    # The title names what is shown, also where the code typed is none of a node.
    shown = f"INDEX({names},MATCH(INDEX(out_nodes,1,xl_tier_column),{nodes},0))"
    canvas.formula(4, 5, f'IF(ISNUMBER({found}),"","? → ")&{shown}', "title", font_size=12)
    canvas.formula(5, 3, f"IFERROR({found},1)", "calculation_center")
    canvas.label(5, 1, "ranking.column", "note")
    book.define("xl_tier_column", canvas.area(5, 3))
    canvas.widths([7, *[17, 7, 2] * len(layout.tier_groups)])
    canvas.label(TIERS_HEADER, 1, "ranking.position", "header", font_size=9)
    depth = 0
    for offset, (group_type, group) in enumerate(layout.tier_groups):
        depth = max(depth, _tier_list(book, canvas, offset, group_type, group))
    for place in range(depth):
        row = TIERS_HEADER + 1 + place
        canvas.formula(
            row, 1, f"ROWS($A${TIERS_HEADER}:$A{row - 1})", "calculation_center", "0", font_size=8
        )
    right = 1 + 3 * len(layout.tier_groups)
    canvas.finish(TIERS_HEADER + depth, right, TIERS_HEADER, 1)


def _tier_list(book: Book, canvas: Canvas, offset: int, group_type: str, group: str) -> int:
    layout = book.layout
    left = 2 + 3 * offset
    rules = sorted(
        (t for t in book.spec.tiers if (t.group_type, t.group) == (group_type, group)),
        key=lambda t: t.tier,
    )
    name = group_name(book, group_type, group)
    canvas.merged(6, left, left + 1, name, "section", font_size=10, shrink=True)
    # Rank at which each tier ends: an input, so that another cut is one number away.
    ends = [cell(7 + place, left + 1, "rc") for place in range(len(rules) - 1)]
    for place, rule in enumerate(rules[:-1]):
        canvas.label(7 + place, left, f"tiers.end{place + 1}", "note", font_size=8)
        canvas.input(7 + place, left + 1, rule.rank_to, "input_center", "0", font_size=8)
    canvas.label(TIERS_HEADER, left, "data.name", "header", font_size=9)
    canvas.label(TIERS_HEADER, left + 1, "tiers.tier", "header", font_size=9)
    key = layout.tier_keys.over(f"tier|{group_type}|{group}", "Tiers", "rc")
    names = layout.names("Scores")
    depth = (
        layout.slots
        if group_type == ALL
        else max(r.rank_to for r in rules) + (book.spec.spare_units)
    )
    first = TIERS_HEADER + 1
    for place in range(depth):
        row = first + place
        k = f"ROWS({cell(TIERS_HEADER, left, 'rc')}:{cell(row - 1, left)})"
        canvas.formula(
            row, left, f'IFERROR(INDEX({names},MATCH({k},{key},0)),"")', "name", font_size=9
        )
        tier = str(len(rules))
        for number in range(len(ends), 0, -1):
            tier = f"IF({k}<={ends[number - 1]},{number},{tier})"
        canvas.formula(
            row,
            left + 1,
            f'IF({cell(row, left)}="","",{tier})',
            "calculation_center",
            "0",
            font_size=9,
        )
    area = canvas.area(first, left, first + depth - 1, left + 1)
    here = cell(first, left + 1, "c")
    canvas.mark(area, f"{here}=1", "tier1")
    canvas.mark(area, f"{here}=2", "tier2")
    return depth
