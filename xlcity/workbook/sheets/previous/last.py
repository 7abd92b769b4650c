"""`LastEdition` and `Change`: the numbers of the previous edition, and changes since."""

from __future__ import annotations

from collections.abc import Callable

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import SCORE, VALUE
from xlcity.workbook.sheets.inputs.sources import LETTERS as VALUE_LETTERS
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    RowCells,
    draw_block,
    unit_heads,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.spec.previous_edition import COMPUTED, KINDS, LastEdition

STORE, CHANGE = "LastEdition", "Change"
#: Status word -> letter; a number of the previous edition may be computed from what was entered.
LETTERS = {**VALUE_LETTERS, COMPUTED: "C"}
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
    canvas.put(1, 8, last.edition, "section")
    book.define("xl_last_edition", canvas.area(1, 8))
    canvas.widths([16, 20])
    unit_heads(canvas)
    old_name = _old_names(book, last)
    for kind in SHOWN_AS:
        _draw_numbers(book, canvas, previous, kind, old_name)
    for row, unit in enumerate(last.units, FIRST):
        canvas.put(row, 1, unit, "id")
        id_cell = cell(row, 1, "c")
        name = f"IFERROR({book.layout.name_of(id_cell)},{id_cell})"
        canvas.formula(row, 2, name, "name")
    _draw_mapping(book, canvas, previous)
    bottom = previous.ids.r2
    book.define("xl_last_units", canvas.area(CODE, 1, bottom))
    for name, block in previous.blocks.items():
        if block.codes:
            book.define(f"xl_last_{name}", canvas.area(CODE, block.left, bottom, block.right))
    bottom = max(bottom, CODE + len(last.mapping))
    canvas.cut(previous.mapping_left)
    canvas.close(ROW_NAME, 2, head=CODE)


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
            canvas.put(CODE, target, code, "stub_code")
        for row, unit in enumerate(last.units, FIRST):
            value = last.numbers(kind).get((unit, code))
            canvas.put(row, column, value, "published", form)
            if value is None:
                canvas.put(row, beside, None, "published_center")
            else:
                letter = LETTERS.get(last.status.get((kind, unit, code), ""), "")
                canvas.put(row, beside, letter, "published_center", font_size=8)
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
        canvas.put(CODE, column, name, "stub_code")
    for row, mapped in enumerate(previous.last.mapping, FIRST):
        for offset, name in enumerate(MAP_COLUMNS):
            canvas.put(row, left + offset, getattr(mapped, name), "published", font_size=9)
    bottom = CODE + max(len(previous.last.mapping), 1)
    right = left + len(MAP_COLUMNS) - 1
    book.define("xl_last_mapping", canvas.area(CODE, left, bottom, right))
    canvas.mark_words(canvas.area(FIRST, left, bottom), MARKS)
    return right


def draw_change(book: Book) -> None:
    """Draw `Change`: new cities, changes of ranks, and values that look like a slip."""
    previous, layout = PreviousLayout(book.layout), book.layout
    canvas = unit_sheet(book, CHANGE, banner=5)
    old_codes, ids = previous.last.comparable(), previous.ids.ref()
    if previous.nodes or previous.codes:
        (book.labels.text("change.change"),)

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
    max(previous.then.right, previous.before.right)
    canvas.close(ROW_NAME, 3, head=CODE)


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
