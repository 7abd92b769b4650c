"""`Matrices`: the two-way strengths between cities, a block per indicator."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.row_heights import TURNED
from xlcity.workbook.drawing.styles import CENTER, SMALL, TINY
from xlcity.workbook.layout.links import LEFT, LinkLayout
from xlcity.workbook.layout.rows import FIRST, INDEX
from xlcity.workbook.live_recipe import part_name
from xlcity.workbook.sheets.calculation.calculate import VALUE as NUMBER
from xlcity.workbook.steps.construct import line_key


def draw(book: Book) -> None:
    """Draw `Matrices`."""
    links = LinkLayout(book.layout)
    ties = [7.5] * book.layout.slots
    widths = [16, 22, 10, *ties, 2, 13, 13]
    canvas = titled_sheet(book, "Matrices", widths, banner=True)
    if links.group:
        _mask(book, canvas, links)
    for code in links.codes:
        _block(book, canvas, links, code)
    tops = map(links.top, links.codes)
    breaks = [top - 1 for top in tops if top > 4]
    canvas.close(2, 3, breaks=breaks)


def _head(book: Book, canvas: Canvas, links: LinkLayout, code: str) -> None:
    """Write places and ids of the cities above and left of a block."""
    top = links.top(code)
    first = links.first(code)
    for slot in range(book.layout.slots):
        column = LEFT + slot
        row = first + slot
        if code:
            key = shown_id(cell(row, LEFT - 1, Fix.BOTH))
            canvas.formula(
                first - 2, column, key, "stub_code", font_size=7, shrink=True
            )
        canvas.formula(
            first - 1,
            column,
            shown_id(cell(row, 1, Fix.BOTH)),
            "header",
            **TINY,
            **TURNED,
        )
        scored = book.layout.population(FIRST + slot)
        unit = f"{INDEX}!{cell(FIRST + slot, 1, Fix.COLUMN)}"
        canvas.formula(row, 1, f'IF({scored}="","",{unit})', "id")
        name = f"{INDEX}!{cell(FIRST + slot, 2, Fix.COLUMN)}"
        canvas.formula(row, 2, f'IF({cell(row, 1, Fix.COLUMN)}="","",{name})', "name")
    canvas.put(top, 3, role="stub")


def shown_id(ref: str) -> str:
    """Return a formula that shows a cell, nothing where it is empty."""
    return f'IF({ref}="","",{ref})'


def _mask(book: Book, canvas: Canvas, links: LinkLayout) -> None:
    """Write which pairs count: 1, or 0 for a city with itself and for domestic links."""
    canvas.heading(links.top(""), 1, "matrices.mask")
    _head(book, canvas, links, "")
    first = links.first("")
    canvas.label(first - 1, 3, "matrices.group", "header", **TINY)
    group_column = book.layout.city_columns.index(links.group) + 1
    for slot in range(book.layout.slots):
        row = first + slot
        city = f"Cities!{cell(book.layout.city_row(FIRST + slot), group_column, Fix.COLUMN)}"
        mine = cell(row, 1, Fix.COLUMN)
        canvas.formula(row, 3, f'IF({mine}="","",IF({city}="","",{city}))', "id")
        for other in range(book.layout.slots):
            theirs = cell(first + other, 3, Fix.BOTH)
            group = cell(row, 3, Fix.COLUMN)
            header = cell(first - 1, LEFT + other, Fix.ROW)
            counts = f'IF(par_domestic="include",1,IF({group}="",1,IF({group}={theirs},0,1)))'
            formula = (
                f'IF(OR({mine}="",{header}=""),0,{counts})' if other != slot else "0"
            )
            canvas.formula(row, LEFT + other, formula, CENTER, number=INTEGER)
    canvas.mark(links.matrix(""), f"{cell(first, LEFT)}=0", "faint")


def _block(book: Book, canvas: Canvas, links: LinkLayout, code: str) -> None:
    top = links.top(code)
    first = links.first(code)
    canvas.put(top, 1, code, "section")
    canvas.formula(top, LEFT, book.layout.node_name(code), "section")
    _head(book, canvas, links, code)
    canvas.label(first - 1, LEFT - 1, "matrices.key", "header", **TINY)
    for offset, name in enumerate(("strength", "partners"), links.strength_column):
        canvas.label(first - 1, offset, f"matrices.{name}", "header", **SMALL)
    beginning = cell(top, 1, Fix.BOTH)
    filled = links.table_cell(code, "filled")
    for slot in range(book.layout.slots):
        row = first + slot
        unit = cell(row, 1, Fix.COLUMN)
        key = line_key(beginning, unit, '""')
        has_key = f'IF(OR({unit}="",{filled}=0),"",{key})'
        canvas.formula(row, LEFT - 1, has_key, "stub_code", **TINY, shrink=True)
        _draw_ties(canvas, links, code, slot)
        _draw_sums(canvas, links, code, slot)
    canvas.mark(links.matrix(code), f"{cell(first, LEFT)}=0", "faint")


def _draw_ties(canvas: Canvas, links: LinkLayout, code: str, slot: int) -> None:
    """Write the ties of a city with all others, each once above the diagonal."""
    first = links.first(code)
    row = first + slot
    for other in range(canvas.book.layout.slots):
        if other == slot:
            formula = f'IF({cell(row, LEFT - 1, Fix.COLUMN)}="","",0)'
        elif other < slot:
            formula = cell(first + other, LEFT + slot)
        else:
            formula = _two_way(links, code, slot, other)
        canvas.formula(row, LEFT + other, formula, number=NUMBER, **TINY)


def _draw_sums(canvas: Canvas, links: LinkLayout, code: str, slot: int) -> None:
    """Write the strength of a city and the number of its partners."""
    row = links.first(code) + slot
    key = cell(row, LEFT - 1, Fix.COLUMN)
    ties, mask = (
        canvas.range(
            links.first(of) + slot, LEFT, last_column=links.right, fix=Fix.COLUMN
        )
        for of in (code, "")
    )
    count = f'(COUNTIF({ties},">0")+COUNTIF({ties},"<0"))'
    total = f"SUM({ties})"
    step = canvas.book.layout.construct_of(code)
    if links.group and step.get("group"):
        count = f"SUMPRODUCT(({ties}<>0)*{mask})"
        total = f"SUMPRODUCT({ties},{mask})"
    shown = None
    if "count" in step.record.names:
        strength = f'IF({part_name("count", code)}="presence",{count},{total})'
        shown = f'IF({key}="","",{strength})'
    column = links.strength_column
    canvas.formula(row, column, shown, number=NUMBER)
    canvas.formula(row, column + 1, f'IF({key}="","",{count})', number=INTEGER)


def _two_way(links: LinkLayout, code: str, slot: int, other_slot: int) -> str:
    """Return the formula of the strength between two cities, found on `Links` by its key.

    Left of a block and above it stand the first parts of keys, where there are links. Flows of
    both directions add up; a symmetric tie may stand in either.
    """
    head = links.first(code) - 1
    row = links.first(code) + slot
    unit = cell(row, 1, Fix.COLUMN)
    key = cell(row, LEFT - 1, Fix.COLUMN)
    other_unit, other_key = (
        cell(above, LEFT + other_slot, Fix.ROW) for above in (head, head - 1)
    )
    there, back = (
        f"INDEX(lnk_values,MATCH({text},lnk_keys,0))"
        for text in (f"{key}&{other_unit}", f"{other_key}&{unit}")
    )
    value = f"IFERROR({there},IFERROR({back},0))"
    if links.layout.construct_of(code).text("flow") == "directed":
        value = f"IFERROR({there},0)+IFERROR({back},0)"
    return f'IF(OR({key}="",{other_key}=""),"",{value})'
