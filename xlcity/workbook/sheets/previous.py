"""`LastEdition` and `Change`: the previous edition, and changes since."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.drawing.number_formats import INTEGER, TWO_DECIMALS, value_formats
from xlcity.workbook.drawing.styles import (
    CENTER,
    OUTPUT_CENTER,
    PUBLISHED_CENTER,
    SMALL,
    TINY,
)
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.blocks import side_by_side
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import SCORE, VALUE
from xlcity.workbook.sheets.inputs.sources import LETTERS as VALUE_LETTERS
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    RowCells,
    Table,
    draw_block,
    field_of,
    unit_heads,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.spec.previous_edition import COMPUTED, KINDS, LastEdition

STORE = "LastEdition"
CHANGE = "Change"
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
#: Columns of what became of each indicator, and their widths.
MAP_COLUMNS = {"status": 12, "code": 20, "old": 20, "name": 34, "note": 44}
INVENTED = {"Y": "synthetic", "D": "derived"}
MARKS = {
    "kept": "good",
    "redefined": "note",
    "split": "note",
    "dropped": "missing",
    "new": "tier1",
}


class PreviousLayout:
    """Rows, columns and blocks of the two sheets."""

    def __init__(self, layout: Layout) -> None:
        assert layout.spec.last is not None, (
            "the sheets are drawn only where there is one"
        )
        self.layout = layout
        self.last = layout.spec.last
        bottom = FIRST + max(len(self.last.units), 1) - 1
        self.ids = Area.of_column(STORE, 1, FIRST, bottom)
        # Numbers first, then what became of each indicator, and what each of the numbers is.
        numbers = {kind: self.last.codes_of(kind) for kind in KINDS}
        letters = {f"{kind}_status": codes for kind, codes in numbers.items()}
        columns = numbers | {"mapping": tuple(MAP_COLUMNS)} | letters
        self.blocks = side_by_side(STORE, 3, columns.items(), bottom)
        #: Code -> code then, of the inputs that were kept.
        self.old_codes = self.last.comparable()
        self.codes = tuple(
            c for c in layout.inputs if self.old_codes.get(c) in self.last.codes
        )
        self.nodes = tuple(c for c in layout.composites if c in self.last.nodes)
        columns = {"change": self.nodes, "before": self.nodes}
        columns |= dict.fromkeys(("flags", "growth", "then"), self.codes)
        drawn = side_by_side(CHANGE, 4, columns.items(), layout.last)
        self.change, self.before, self.flags, self.growth, self.then = drawn.values()

    def entry(self, home: str, kind: str, code: str, row: int) -> str:
        """Return the formula for a city's entry in a block of `LastEdition`, an error for none."""
        code_then = self.old_codes[code] if kind.startswith("values") else code
        column = self.blocks[kind].over(code_then, home, Fix.BOTH)
        return f"INDEX({column},MATCH({cell(row, 1, Fix.COLUMN)},{self.ids.ref()},0))"

    def shown_entry(self, home: str, kind: str, code: str, row: int) -> str:
        """Return the formula for such an entry, "" for none."""
        entry = self.entry(home, kind, code, row)
        return f'IFERROR(IF({entry}="","",{entry}),"")'

    def mark_invented(self, canvas: Canvas, kind: str, block: Block) -> None:
        """Mark what rests on invented values, as letters of that kind say."""
        for code in block.codes:
            invented = f'IFERROR({self.entry(canvas.name, kind, code, FIRST)},"")="Y"'
            canvas.mark(block.span((code,)), invented, "synthetic")


def draw_store(book: Book) -> None:
    """Draw `LastEdition`: values, scores and ranks as they were, and the mapping beside."""
    previous = PreviousLayout(book.layout)
    last = previous.last
    bottom = previous.ids.r2
    canvas = titled_sheet(book, STORE, [16, 20])
    canvas.label(1, 6, "lastedition.edition", "note")
    canvas.put(1, 8, last.edition, "section")
    book.define("xl_last_edition", canvas.area(1, 8))
    unit_heads(canvas)
    for row, unit in enumerate(last.units, FIRST):
        canvas.put(row, 1, unit, "id")
        id_cell = cell(row, 1, Fix.COLUMN)
        canvas.formula(
            row, 2, f"IFERROR({book.layout.name_of(id_cell)},{id_cell})", "name"
        )
    book.define("xl_last_units", canvas.area(CODE, 1, bottom))
    for kind in SHOWN_AS:
        _draw_numbers(canvas, previous, kind)
    fields = tuple(
        Column(
            name,
            f"lastedition.map_{name}",
            role="published",
            width=width,
            style=SMALL,
            value=field_of(name),
            code=name,
        )
        for name, width in MAP_COLUMNS.items()
    )
    table = Table(
        canvas,
        ROW_NAME,
        first=FIRST,
        last=CODE + max(len(last.mapping), 1),
        columns=fields,
        left=previous.blocks["mapping"].left,
        codes=CODE,
        head_style={},
        items=last.mapping,
        define="xl_last_mapping",
    ).draw()
    canvas.mark_words(table.area("status", "note"), MARKS)
    canvas.close(ROW_NAME, 2, head=CODE)


def _old_names(book: Book, last: LastEdition) -> Callable[[str], str]:
    """Return a function that gives the formula for the name of a code of the previous edition."""
    new_codes = {old: code for code, old in last.comparable().items()}
    rows = {n.code for n in book.spec.framework.nodes}
    rows |= {*book.layout.variables, *book.layout.ingredients}
    # Inputs beside the tree, such as those of fields, have no row on `Framework`.
    names = {m.old: m.name for m in last.mapping if m.old}

    def old_name(code: str) -> str:
        new_code = new_codes.get(code, code)
        if new_code in rows:
            return book.layout.node_name(new_code)
        return quoted(names.get(code, code))

    return old_name


def _draw_numbers(canvas: Canvas, previous: PreviousLayout, kind: str) -> None:
    """Write the numbers of a kind, and their status letters in a block of their own."""
    book = canvas.book
    last = previous.last
    block = previous.blocks[kind]
    letters = previous.blocks[f"{kind}_status"]
    if not block.codes:
        return
    key, form = SHOWN_AS[kind]
    numbers = last.numbers(kind)
    old_name = _old_names(book, last)
    heading = book.labels.text(key)
    status = f"{book.labels.text('lastedition.status')} · {heading}"

    def letter(code: str, cells: RowCells) -> str:
        word = last.status.get((kind, cells.item, code), "")
        return LETTERS.get(word, "")

    def number(code: str, cells: RowCells) -> float | None:
        return numbers.get((cells.item, code))

    draw = partial(draw_block, canvas, items=last.units)
    draw(
        block,
        role="published",
        number=form,
        value=number,
        define=f"xl_last_{kind}",
        name=lambda code: f'"{heading} · "&{old_name(code)}',
    )
    draw(
        letters,
        role=PUBLISHED_CENTER,
        value=letter,
        define=f"xl_last_{kind}_status",
        name=lambda _: quoted(status),
        width=7,
        **TINY,
    )
    for part in (block, letters):
        canvas.mark_words(part.span(), INVENTED, cell(FIRST, letters.left))


def draw_change(book: Book) -> None:
    """Draw `Change`: new cities, changes of ranks, and values that look like a slip."""
    previous = PreviousLayout(book.layout)
    layout = book.layout
    canvas = unit_sheet(book, CHANGE, banner=True)
    ids = previous.ids.ref()

    def new_city(cells: RowCells) -> str:
        unit = cell(cells.row, 1, Fix.COLUMN)
        scored = layout.city_cell("population", cells.row)
        return f'IF(OR({unit}="",{scored}=""),"",IF(COUNTIF({ids},{unit})=0,"new",""))'

    def rank_change(node: str, row: int) -> str:
        old_rank = previous.before.at(node, row, CHANGE)
        rank = layout.ranks.at(node, row, CHANGE)
        return f'IF(AND(ISNUMBER({rank}),ISNUMBER({old_rank})),{old_rank}-{rank},"")'

    def ratio(code: str, row: int) -> str:
        value = layout.typed.at(code, row, CHANGE)
        earlier = previous.then.at(code, row, CHANGE)
        return f'IF(AND(ISNUMBER({value}),ISNUMBER({earlier})),IFERROR({value}/{earlier},""),"")'

    def slip(code: str, row: int) -> str:
        ratio = previous.growth.at(code, row, CHANGE)
        power = f"ROUND(LOG10({ratio}),0)"
        near = f'IF(ABS(LOG10({ratio})-{power})<par_slip,"×10^"&{power},"")'
        some = f'IF({ratio}=0,"",IF({power}=0,"",{near}))'
        return f'IF(NOT(ISNUMBER({ratio})),"",IF({ratio}<0,"±",{some}))'

    # Of several marks the first wins: ranks and values that rest on invented ones, and changes.
    for kind, *blocks in (
        ("ranks_status", previous.before, previous.change),
        ("values_status", previous.then, previous.growth),
    ):
        for block in blocks:
            previous.mark_invented(canvas, kind, block)
    old_entry = partial(previous.shown_entry, CHANGE)
    unit_table(
        canvas,
        [
            Column(
                "new",
                "change.new",
                new_city,
                CENTER,
                width=10,
                code="new",
                marks=[('{0}="new"', "tier1")],
            )
        ],
    ).draw()
    draw_block(
        canvas,
        previous.change,
        rank_change,
        OUTPUT_CENTER,
        number="+0;-0;0",
        key="change.change",
        width=13,
        marks=RISE_AND_FALL,
    )
    draw_block(
        canvas,
        previous.before,
        partial(old_entry, "ranks"),
        CENTER,
        number=INTEGER,
        key="change.before",
        width=13,
    )
    draw_block(
        canvas,
        previous.flags,
        slip,
        CENTER,
        key="change.flag",
        width=13,
        marks=[('{0}<>""', "bad")],
    )
    draw_block(
        canvas,
        previous.growth,
        ratio,
        number=TWO_DECIMALS,
        key="change.growth",
        width=13,
    )
    draw_block(
        canvas,
        previous.then,
        partial(old_entry, "values"),
        width=13,
        number=value_formats(book.spec.framework),
        key="lastedition.value",
    )
    canvas.close(ROW_NAME, 3, head=CODE)
