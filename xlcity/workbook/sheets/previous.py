"""`LastEdition`, `Change`, `LastLinks`, `LastItems`: the previous edition, and changes since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan, nan

from xlcity.errors import CellValue
from xlcity.methods.links import SYMMETRIC
from xlcity.model.dataset import Item, Link, Status
from xlcity.model.recipe import flow_of
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.links import LinkLayout, link_layout
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.sheets.calculation.calculate import SCORE, VALUE, unit_heads
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.workbook.sheets.inputs.sources import LETTERS as VALUE_LETTERS
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    RowCells,
    draw_block,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.spec.previous_edition import COMPUTED, KINDS, LastEdition
from xlcity.workbook.steps.links import line_key
from xlcity.xlsx.cells import ReadBook, resolve

STORE, CHANGE, LINKS, ITEMS = "LastEdition", "Change", "LastLinks", "LastItems"
#: Status word -> letter; a number of the previous edition may be computed from what was entered.
LETTERS = {**VALUE_LETTERS, COMPUTED: "C"}
#: Letter -> status word.
WORDS = {letter: word for word, letter in LETTERS.items()}
#: Kind of numbers -> the label of its columns, and how they are written.
SHOWN_AS = {
    "values": ("lastedition.value", VALUE),
    "made": ("lastedition.made", VALUE),
    "scores": ("lastedition.score", SCORE),
    "ranks": ("lastedition.rank", "0"),
}
MAP_COLUMNS = ("status", "code", "old", "name", "note")
MAP_WIDTHS = (12, 20, 20, 34, 44)
INVENTED = {"Y": "synthetic", "D": "derived"}
MARKS = {"kept": "good", "redefined": "note", "split": "note", "dropped": "missing", "new": "tier1"}


def last_edition(layout: Layout) -> LastEdition:
    """Return the previous edition of a template that has one."""
    last = layout.spec.last
    assert last is not None  # the sheets are drawn only where there is one
    return last


class PreviousLayout:
    """Rows, columns and blocks of the two sheets."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.last = layout, last_edition(layout)
        bottom = FIRST + max(len(self.last.units), 1) - 1
        self.ids = Area(STORE, FIRST, 1, bottom, 1)
        self.blocks: dict[str, Block] = {}
        left = 3
        # Numbers first, then in the same order what each of them is.
        for name in (*KINDS, *(f"{kind}_status" for kind in KINDS)):
            codes = self.last.codes_of(name.removesuffix("_status"))
            self.blocks[name] = Block(STORE, left, codes, FIRST, bottom)
            left += len(codes) + 1 if codes else 0
            if name == KINDS[-1]:
                self.mapping_left = left
                left += len(MAP_COLUMNS) + 1
        self.values, self.ranks = self.blocks["values"], self.blocks["ranks"]
        old_codes = self.last.comparable()
        self.codes = tuple(c for c in layout.inputs if old_codes.get(c) in self.values.codes)
        self.nodes = tuple(c for c in layout.composites if c in self.last.nodes)
        self.change = Block(CHANGE, 4, self.nodes, FIRST, layout.last)
        self.before = Block(CHANGE, self.change.right + 2, self.nodes, FIRST, layout.last)
        self.flags = Block(CHANGE, self.before.right + 2, self.codes, FIRST, layout.last)
        self.growth = Block(CHANGE, self.flags.right + 2, self.codes, FIRST, layout.last)
        self.then = Block(CHANGE, self.growth.right + 2, self.codes, FIRST, layout.last)


def draw_store(book: Book) -> None:
    """Draw `LastEdition`: values, scores and ranks as they were, and the mapping beside."""
    previous = PreviousLayout(book.layout)
    last = previous.last
    canvas = titled_sheet(book, STORE)
    canvas.label(1, 6, "lastedition.edition", "note")
    canvas.text(1, 8, last.edition, "section")
    book.define("xl_last_edition", canvas.area(1, 8))
    canvas.widths([16, 20])
    canvas.thin(range(ROW_WEIGHT, CODE))
    unit_heads(canvas)
    canvas.sheet.set_row(ROW_NAME - 1, 62)
    old_name = _old_names(book, last)
    for kind in SHOWN_AS:
        _draw_numbers(book, canvas, previous, kind, old_name)
    for row, unit in enumerate(last.units, FIRST):
        canvas.text(row, 1, unit, "id")
        id_cell = cell(row, 1, "c")
        name = f"IFERROR({book.layout.name_of(id_cell)},{id_cell})"
        canvas.formula(row, 2, name, "name")
    right = _draw_mapping(book, canvas, previous)
    bottom = previous.ids.r2
    book.define("xl_last_units", canvas.area(CODE, 1, bottom))
    for name, block in previous.blocks.items():
        if block.codes:
            book.define(f"xl_last_{name}", canvas.area(CODE, block.left, bottom, block.right))
    bottom = max(bottom, CODE + len(last.mapping))
    canvas.finish(bottom, right, ROW_NAME, 2, a3=True, split=(previous.mapping_left,))


def _old_names(book: Book, last: LastEdition) -> Callable[[str], str]:
    """Return a function that gives the formula for the name of a code of the previous edition."""
    new_codes = {old: code for code, old in last.comparable().items()}
    rows = {n.code for n in book.spec.framework.nodes}
    rows |= {*book.layout.variables, *book.layout.ingredients}
    # Inputs beside the tree, such as those of fields, have no row on `Framework`.
    inputs = book.spec.framework.inputs.items()
    names = {code: f"{node.name_zh} {node.name_en}".strip() for code, node in inputs}
    names |= {m.old: m.name for m in last.mapping if m.old}

    def old_name(code: str) -> str:
        new_code = new_codes.get(code, code)
        if new_code in rows:
            return book.layout.framework_cell(new_code, "display")
        return quoted(names.get(code, code))

    return old_name


def _draw_numbers(
    book: Book, canvas: Canvas, previous: PreviousLayout, kind: str, old_name: Callable[[str], str]
) -> None:
    """Write the numbers of a kind, and their status letters in a block of their own."""
    last, block, letters = previous.last, previous.blocks[kind], previous.blocks[f"{kind}_status"]
    key, form = SHOWN_AS[kind]
    heading = book.labels.ref(key)
    for code in block.codes:
        column, beside = block.column(code), letters.column(code)
        canvas.formula(ROW_NAME, column, f'{heading}&" · "&{old_name(code)}', "header", font_size=9)
        text = f'{book.labels.ref("lastedition.status")}&" · "&{heading}'
        canvas.formula(ROW_NAME, beside, text, "header", font_size=8)
        for target in (column, beside):
            canvas.text(CODE, target, code, "stub_code")
        for row, unit in enumerate(last.units, FIRST):
            value = last.numbers(kind).get((unit, code))
            canvas.static(row, column, value, "published", form)
            if value is None:
                canvas.blank(row, beside, "published_center")
            else:
                letter = LETTERS.get(last.status.get((kind, unit, code), ""), "")
                canvas.text(row, beside, letter, "published_center", font_size=8)
    if block.codes:
        for part, width in ((block, 14), (letters, 7)):
            canvas.block_columns(part, width)
            canvas.mark_words(part.span(), INVENTED, cell(FIRST, letters.left))


def _draw_mapping(book: Book, canvas: Canvas, previous: PreviousLayout) -> int:
    """Write what became of each indicator beside the blocks; return the last column."""
    left = previous.mapping_left
    for column, (name, width) in enumerate(zip(MAP_COLUMNS, MAP_WIDTHS, strict=True), left):
        canvas.columns(column, column, width)
        canvas.label(ROW_NAME, column, f"lastedition.map_{name}", "header")
        canvas.text(CODE, column, name, "stub_code")
    for row, mapped in enumerate(previous.last.mapping, FIRST):
        for offset, name in enumerate(MAP_COLUMNS):
            canvas.text(row, left + offset, getattr(mapped, name), "published", font_size=9)
    bottom = CODE + max(len(previous.last.mapping), 1)
    right = left + len(MAP_COLUMNS) - 1
    book.define("xl_last_mapping", canvas.area(CODE, left, bottom, right))
    canvas.mark_words(canvas.area(FIRST, left, bottom), MARKS)
    return right


def draw_change(book: Book) -> None:
    """Draw `Change`: new cities, changes of ranks, and values that look like a slip."""
    previous, layout = PreviousLayout(book.layout), book.layout
    canvas = unit_sheet(book, CHANGE, banner=5)
    canvas.thin(range(ROW_WEIGHT, CODE))
    old_codes, ids = previous.last.comparable(), previous.ids.ref()
    if previous.nodes or previous.codes:
        extra = (book.labels.text("change.change"),)
        canvas.fit_names(ROW_NAME, (*previous.nodes, *previous.codes), 13, 9, extra=extra)

    def new_city(cells: RowCells) -> str:
        unit, scored = cell(cells.row, 1, "c"), layout.city_cell("population", cells.row)
        return f'IF(OR({unit}="",{scored}=""),"",IF(COUNTIF({ids},{unit})=0,"new",""))'

    def rank_change(node: str, row: int) -> str:
        old_rank, rank = previous.before.at(node, row, CHANGE), layout.ranks.at(node, row, CHANGE)
        return f'IF(AND(ISNUMBER({rank}),ISNUMBER({old_rank})),{old_rank}-{rank},"")'

    def old_rank(node: str, row: int) -> str:
        return _old_entry(previous.ranks.over(node, CHANGE, "rc"), cell(row, 1, "c"), ids)

    def old_value(code: str, row: int) -> str:
        old_column = previous.values.over(old_codes[code], CHANGE, "rc")
        return _old_entry(old_column, cell(row, 1, "c"), ids)

    def ratio(code: str, row: int) -> str:
        value, earlier = layout.typed.at(code, row, CHANGE), previous.then.at(code, row, CHANGE)
        return f'IF(AND(ISNUMBER({value}),ISNUMBER({earlier})),IFERROR({value}/{earlier},""),"")'

    def slip(code: str, row: int) -> str:
        ratio = previous.growth.at(code, row, CHANGE)
        power = f"ROUND(LOG10({ratio}),0)"
        near = f'IF(ABS(LOG10({ratio})-{power})<par_slip,"×10^"&{power},"")'
        some = f'IF({ratio}=0,"",IF({power}=0,"",{near}))'
        return f'IF(NOT(ISNUMBER({ratio})),"",IF({ratio}<0,"±",{some}))'

    center = "calculation_center"
    # Of several marks the first wins.
    _mark_synthetic(canvas, previous)
    marks = [('{0}="new"', "tier1")]
    unit_table(
        canvas, [Column("new", "change.new", new_city, center, width=10, code="new", marks=marks)]
    ).draw()
    draw_block(canvas, previous.change, rank_change, "output_center", "+0;-0;0",
               key="change.change", width=13, marks=RISE_AND_FALL)  # fmt: skip
    draw_block(canvas, previous.before, old_rank, center, "0", key="change.before", width=13)
    draw_block(canvas, previous.flags, slip, center, key="change.flag", width=13,
               marks=[('{0}<>""', "bad")])  # fmt: skip
    draw_block(canvas, previous.growth, ratio, number="0.00", key="change.growth", width=13)
    form = value_formats(book.spec.framework)
    draw_block(canvas, previous.then, old_value, number=form, key="lastedition.value", width=13)
    split = (
        (previous.flags.left, previous.growth.left, previous.then.left) if previous.codes else ()
    )
    right = max(previous.then.right, previous.before.right)
    canvas.finish(layout.last, right, ROW_NAME, 3, split=split)


def _mark_synthetic(canvas: Canvas, previous: PreviousLayout) -> None:
    """Mark previous ranks and values that rest on synthetic ones, and their changes."""
    old_codes, ids, unit = previous.last.comparable(), previous.ids.ref(), cell(FIRST, 1, "c")
    lists: tuple[tuple[str, tuple[str, ...], tuple[Block, ...], dict[str, str]], ...] = (
        ("ranks", previous.nodes, (previous.before, previous.change), {}),
        ("values", previous.codes, (previous.then, previous.growth), old_codes),
    )
    for kind, codes, blocks, renamed in lists:
        letters = previous.blocks[f"{kind}_status"]
        for code in codes:
            old_letters = letters.over(renamed.get(code, code), CHANGE, "rc")
            is_synthetic = f'IFERROR(INDEX({old_letters},MATCH({unit},{ids},0)),"")="Y"'
            for block in blocks:
                canvas.mark(block.span((code,)), is_synthetic, "synthetic")


def _old_entry(old_column: str, unit: str, ids: str) -> str:
    """Return the formula for a city's entry in a column of `LastEdition`, "" for none."""
    entry = f"INDEX({old_column},MATCH({unit},{ids},0))"
    return f'IFERROR(IF({entry}="","",{entry}),"")'


#: Rows of the lists of links and items: the codes of their columns, and the first line.
LIST_CODES, LIST_TOP = 5, 6
LINK_COLUMNS = ("code", "from", "to", "value", "status", "now", "change", "slip")
LINK_WIDTHS = (20, 16, 16, 12, 8, 12, 12, 10)
ITEM_COLUMNS = ("code", "unit", "item", "status")
ITEM_WIDTHS = (16, 16, 44, 8)


def draw_links(book: Book) -> None:
    """Draw `LastLinks`: links between cities, each with its value now."""
    last, links = last_edition(book.layout), link_layout(book.layout)
    lines = [(code, link) for code, of_code in last.links.items() for link in of_code]
    canvas = titled_sheet(book, LINKS, LINK_WIDTHS, 4)
    canvas.field_heads(LIST_CODES - 1, LINKS.lower(), LINK_COLUMNS)
    bottom = _draw_lines(
        canvas,
        [
            (code, link.start, link.end, MISSING_TEXT if isnan(link.value) else link.value,
             _letter_of(link))
            for code, link in lines
        ],
        LINK_COLUMNS.index("status") + 1,
    )  # fmt: skip
    code_now = {old: code for code, old in last.comparable().items()}
    for row, (code, _) in enumerate(lines, LIST_TOP):
        _write_change(canvas, links, row, code_now.get(code, ""))
    slips = canvas.area(LIST_TOP, 8, bottom)
    canvas.mark(slips, f'{cell(LIST_TOP, 8)}<>""', "bad")
    book.define("xl_link_slips", slips)
    book.define("xl_last_links", canvas.area(LIST_CODES, 1, bottom, 5))
    canvas.finish(bottom, len(LINK_COLUMNS), LIST_CODES, 3, landscape=False)


def _letter_of(line: Link | Item) -> str:
    return LETTERS.get(line.basis or Status.ENTERED.value, "E")


def _draw_lines(canvas: Canvas, lines: Sequence[Sequence[object]], status: int) -> int:
    """Write lines as they were, invented ones marked by their status; return the last row."""
    for row, entries in enumerate(lines, LIST_TOP):
        for column, entry in enumerate(entries, 1):
            role = "published_center" if column == status else "published"
            canvas.static(row, column, entry, role, font_size=9)
    bottom = LIST_TOP + max(len(lines), 1) - 1
    right = max(map(len, lines), default=status)
    is_synthetic = f'{cell(LIST_TOP, status, "c")}="Y"'
    canvas.mark(canvas.area(LIST_TOP, 1, bottom, right), is_synthetic, "synthetic")
    return bottom


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
    """Draw `LastItems`: lines of lists."""
    items = last_edition(book.layout).items
    lines = [(code, item) for code, of_code in items.items() for item in of_code]
    lists = tuple(dict.fromkeys(name for _, item in lines for name in item.ranks))
    canvas = titled_sheet(book, ITEMS, ITEM_WIDTHS, 4)
    canvas.field_heads(LIST_CODES - 1, ITEMS.lower(), ITEM_COLUMNS)
    for column, name in enumerate(lists, len(ITEM_COLUMNS) + 1):
        canvas.columns(column, column, 14)
        canvas.text(LIST_CODES - 1, column, name, "header")
        canvas.text(LIST_CODES, column, name, "stub_code")
    entries = [
        (code, item.unit, item.name, _letter_of(item), *(item.ranks.get(n, "") for n in lists))
        for code, item in lines
    ]
    bottom, right = _draw_lines(canvas, entries, 4), len(ITEM_COLUMNS) + len(lists)
    book.define("xl_last_items", canvas.area(LIST_CODES, 1, bottom, right))
    canvas.finish(bottom, right, LIST_CODES, 3, landscape=False)


def read_links(book: ReadBook) -> dict[str, tuple[Link, ...]]:
    """Return the links that `LastLinks` has."""
    links: dict[str, list[Link]] = {}
    for code, start, end, value, letter in _read_lines(book, "xl_last_links"):
        number = number_of(value)
        number = nan if number is None else number
        basis = WORDS.get(plain_text(letter), "")
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
        basis = WORDS.get(plain_text(letter), "")
        item = Item(plain_text(unit), plain_text(name), given, basis)
        items.setdefault(plain_text(code), []).append(item)
    return {code: tuple(lines) for code, lines in items.items()}


def _read_lines(book: ReadBook, name: str) -> list[list[CellValue]]:
    if name not in book.names:
        return []
    rows = book.block(resolve(book, name))[1:]
    return [list(row) for row in rows if plain_text(row[0])]
