"""`LastLinks` and `LastItems`: links between cities and lines of lists of the previous edition."""

from __future__ import annotations

import math

from xlcity.errors import CellValue
from xlcity.methods.construct import SYMMETRIC
from xlcity.model.dataset import Item, Link, Status
from xlcity.model.recipe import flow_of
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.links import LinkLayout, link_layout
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.sheets.previous.last import LETTERS, last_edition
from xlcity.workbook.steps.links import line_key
from xlcity.xlsx.cells import ReadBook, resolve

LINKS, ITEMS = "LastLinks", "LastItems"
HEADER, TOP = 5, 6
NA = "NA"
LINK_COLUMNS = ("code", "from", "to", "value", "status", "now", "change", "slip")
LINK_WIDTHS = (20, 16, 16, 12, 8, 12, 12, 10)
ITEM_COLUMNS = ("code", "unit", "item", "status")
ITEM_WIDTHS = (16, 16, 44, 8)


def draw_links(book: Book) -> None:
    """Draw `LastLinks`."""
    last = last_edition(book.layout)
    lines = [(code, link) for code, links in last.links.items() for link in links]
    canvas = _titled_list(book, LINKS, LINK_COLUMNS, LINK_WIDTHS)
    now = {old: code for code, old in last.comparable().items()}
    links = link_layout(book.layout)
    for row, (code, link) in enumerate(lines, TOP):
        for column, text in enumerate((code, link.start, link.end), 1):
            canvas.text(row, column, text, "published", font_size=9)
        if math.isnan(link.value):
            canvas.text(row, 4, NA, "published")
        else:
            canvas.number(row, 4, link.value, "published", "General")
        letter = LETTERS.get(link.basis or Status.ENTERED.value, "E")
        canvas.text(row, 5, letter, "published_center", font_size=8)
        _write_change(canvas, links, row, now.get(code, ""))
    bottom = max(TOP + len(lines) - 1, TOP)
    marked = canvas.area(TOP, 1, bottom, 5)
    canvas.mark(marked, f'{cell(TOP, 5, "c")}="Y"', "synthetic")
    slips = canvas.area(TOP, 8, bottom)
    canvas.mark(slips, f'{cell(TOP, 8)}<>""', "bad")
    book.define("xl_link_slips", slips)
    book.define("xl_last_links", canvas.area(HEADER, 1, bottom, 5))
    canvas.finish(bottom, len(LINK_COLUMNS), HEADER, 3, landscape=False)


def _titled_list(
    book: Book, name: str, names: tuple[str, ...], widths: tuple[float, ...]
) -> Canvas:
    canvas = titled_sheet(book, name, widths, 4)
    canvas.field_heads(HEADER - 1, name.lower(), names)
    return canvas


def _write_change(canvas: Canvas, links: LinkLayout, row: int, code: str) -> None:
    """Write a link as it is now, its change, and a factor of ten or a changed sign.

    Networks that are typed as a matrix have no lines to compare with.
    """
    if code not in links.codes:
        canvas.band(row, (6, 7, 8), "calculation")
        return
    start, end = (cell(row, column, "c") for column in (2, 3))
    forward, backward = (
        f"INDEX(lnk_values,MATCH({line_key(*parts)},lnk_keys,0))"
        for parts in ((f'"{code}"', start, end), (f'"{code}"', end, start))
    )
    otherwise = f'IFERROR({backward},"")' if flow_of(links.step(code)) == SYMMETRIC else '""'
    canvas.formula(row, 6, f"IFERROR({forward},{otherwise})", "calculation", "General")
    then, now = cell(row, 4, "c"), cell(row, 6, "c")
    both = f"COUNT({then},{now})=2"
    canvas.formula(row, 7, f'IF({both},{now}-{then},"")', "output", "General")
    ratio = f"{now}/{then}"
    power = f"ROUND(LOG10({ratio}),0)"
    near = f"ABS(LOG10({ratio})-{power})<par_slip"
    slip = f'IF({power}=0,"",IF({near},"×10^"&{power},""))'
    flag = f'IF({both},IF({then}*{now}<0,"±",IF({then}*{now}=0,"",{slip})),"")'
    canvas.formula(row, 8, flag, "calculation_center")


def draw_items(book: Book) -> None:
    """Draw `LastItems`."""
    last = last_edition(book.layout)
    lines = [(code, item) for code, items in last.items.items() for item in items]
    lists = tuple(dict.fromkeys(name for _, item in lines for name in item.ranks))
    canvas = _titled_list(book, ITEMS, ITEM_COLUMNS, ITEM_WIDTHS)
    for column, name in enumerate(lists, len(ITEM_COLUMNS) + 1):
        canvas.columns(column, column, 14)
        canvas.text(HEADER - 1, column, name, "header")
        canvas.text(HEADER, column, name, "stub_code")
    for row, (code, item) in enumerate(lines, TOP):
        letter = LETTERS.get(item.basis or Status.ENTERED.value, "E")
        texts = (code, item.unit, item.name, letter, *(item.ranks.get(n, "") for n in lists))
        for column, text in enumerate(texts, 1):
            canvas.text(row, column, text, "published", font_size=9)
    bottom, right = max(TOP + len(lines) - 1, TOP), len(ITEM_COLUMNS) + len(lists)
    canvas.mark(canvas.area(TOP, 1, bottom, right), f'{cell(TOP, 4, "c")}="Y"', "synthetic")
    book.define("xl_last_items", canvas.area(HEADER, 1, bottom, right))
    canvas.finish(bottom, right, HEADER, 3, landscape=False)


def read_links(book: ReadBook) -> dict[str, tuple[Link, ...]]:
    """Return the links that `LastLinks` has."""
    links: dict[str, list[Link]] = {}
    for code, start, end, value, letter in _read_lines(book, "xl_last_links"):
        number = number_of(value)
        number = math.nan if number is None else number
        basis = _status_words().get(plain_text(letter), "")
        link = Link(plain_text(start), plain_text(end), number, basis)
        links.setdefault(plain_text(code), []).append(link)
    return {code: tuple(lines) for code, lines in links.items()}


def read_items(book: ReadBook) -> dict[str, tuple[Item, ...]]:
    """Return the lines that `LastItems` has."""
    items: dict[str, list[Item]] = {}
    if "xl_last_items" not in book.names:
        return {}
    head = [plain_text(name) for name in book.block(resolve(book, "xl_last_items"))[0]]
    lists = head[len(ITEM_COLUMNS) :]
    for code, unit, name, letter, *ranks in _read_lines(book, "xl_last_items"):
        given = dict(zip(lists, map(plain_text, ranks), strict=True))
        basis = _status_words().get(plain_text(letter), "")
        item = Item(plain_text(unit), plain_text(name), given, basis)
        items.setdefault(plain_text(code), []).append(item)
    return {code: tuple(lines) for code, lines in items.items()}


def _status_words() -> dict[str, str]:
    return {letter: word for word, letter in LETTERS.items()}


def _read_lines(book: ReadBook, name: str) -> list[list[CellValue]]:
    if name not in book.names:
        return []
    rows = book.block(resolve(book, name))[1:]
    return [list(row) for row in rows if plain_text(row[0])]
