"""`PreviousData` and `Previous`: the previous edition, and how ranks have moved since.

Ranks and values of the previous edition are inputs: a matrix, looked up by the id of a city.
The printed numbers are listed on a sheet of their own, so that an overwritten cell loses its
status.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell, number_at
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    IN_CODE,
    IN_FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.sheets.inputs.input_rows import id_rows
from xlcity.workbook.sheets.previous.last import LETTERS
from xlcity.workbook.sheets.table import (
    RISE_AND_FALL,
    Column,
    RowCells,
    gap,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.spec.previous_edition import LastEdition

DATA, PRINTED, SHEET = "PreviousData", "PreviousPrinted", "Previous"
#: Rows of the printed list.
LIST_HEADER, LIST_FIRST = 4, 6
COLUMN = 13
#: Columns of `Previous` before the nodes: id, name, position on `PreviousData`, "*" for a new city.
POSITION, NEW, LEFT = 3, 4, 5
NODE = ("then", "now", "change", "status")
#: Columns of the list of what was printed.
LISTED = (
    "key", "unit", "code", "rank", "value", "period", "letter", "where", "current",
    "current_period", "growth", "rank_letter",
)  # fmt: skip
LISTED_WIDTHS = (24, 16, 9, 8, 10, 18, 8, 10, 10, 18, 10, 8)
CHANGE = '"▲ "0;"▼ "0;"＝"'


@dataclass(frozen=True, slots=True)
class Line:
    """The numbers of one unit and code in the previous edition, and those printed of this one."""

    unit: str
    code: str
    rank: int | None = None
    value: float | None = None
    period: str = ""
    basis: str = "printed"
    where: str = ""
    current: float | None = None
    current_period: str = ""
    growth: float | None = None
    #: Status of the rank, where it is not that of the value.
    rank_basis: str = ""


@dataclass(frozen=True)
class Edition:
    """The previous edition and its addresses.

    Parameters
    ----------
    lines
        What the report printed of it.
    new
        Attribute and its value that say a unit is new in this edition; without an attribute it is
        one that the previous edition did not have.
    averages
        Indicator -> printed average growth, as a share.
    units
        Ids of the cities of the previous edition; None takes those that the template ships with.
    """

    layout: Layout
    lines: tuple[Line, ...]
    new: tuple[str, str] = ("", "")
    averages: Mapping[str, float] = field(default_factory=dict)
    units: tuple[str, ...] | None = None

    @property
    def unit_ids(self) -> tuple[str, ...]:
        """Ids of the cities of the previous edition."""
        shipped = self.layout.spec.published_units
        return tuple(unit.id for unit in shipped) if self.units is None else self.units

    @property
    def last(self) -> int:
        """Last input row of `PreviousData`; the closing row is below it."""
        return IN_FIRST + max(self.layout.slots, len(self.unit_ids)) - 1

    @property
    def valued(self) -> tuple[str, ...]:
        """Codes that may have a value or a score in the previous edition."""
        return (*self.layout.composites, *self.layout.indicators)

    def column(self, what: str, code: str) -> int:
        """Return the column of a code's "rank" or "value" on `PreviousData`."""
        if what == "rank":
            return 3 + self.layout.composites.index(code)
        return 4 + len(self.layout.composites) + self.valued.index(code)

    def column_ref(self, column: int) -> str:
        """Return a column of `PreviousData`, code row to closing row."""
        return Area(DATA, IN_CODE, column, self.last + 1, column).ref()

    def listed(self, name: str) -> str:
        """Return a column of the printed list."""
        column = LISTED.index(name) + 1
        last = LIST_FIRST + max(len(self.lines), 1) - 1
        return Area(PRINTED, LIST_FIRST, column, last, column).ref()

    def number(self, what: str, code: str, position: str) -> str:
        """Return the formula of a number of the previous edition, "" where there is none."""
        return number_at(self.column_ref(self.column(what, code)), position)

    def letter(self, what: str, unit: str, code: str, number: str) -> str:
        """Return the formula of a number's status letter; `code` is a formula, too."""
        line = f'MATCH({unit}&"|"&{code},{self.listed("key")},0)'
        letter = "rank_letter" if what == "rank" else "letter"
        return (
            f"IF(ISNUMBER({number}),IFERROR(IF(INDEX({self.listed(what)},{line})={number},"
            f'INDEX({self.listed(letter)},{line}),"E"),"E"),"")'
        )


def lines_of(last: LastEdition, codes: Collection[str]) -> tuple[Line, ...]:
    """Return the lines of a stored previous edition: ranks, scores, and comparable values.

    `codes` are those of this edition.
    """
    lines = []
    same = {**{node: node for node in last.nodes}, **last.comparable()}
    for code, old_code in same.items():
        if code not in codes:
            continue
        kinds = ("scores",) if old_code in last.nodes else ("values", "made")
        for unit in last.units:
            key = unit, old_code
            kind = next((kind for kind in kinds if key in last.numbers(kind)), "")
            value = last.numbers(kind)[key] if kind else None
            rank = last.ranks.get(key)
            if rank is None and value is None:
                continue
            line = Line(
                unit,
                code,
                rank,
                value,
                last.edition,
                last.status.get((kind, *key), ""),
                rank_basis=last.status.get(("ranks", *key), ""),
            )
            lines.append(line)
    return tuple(lines)


def draw_data(book: Book, edition: Edition) -> None:
    """Draw `PreviousData`."""
    canvas, layout = titled_sheet(book, DATA, [16, 18], 7), book.layout
    units, typed = edition.unit_ids, value_formats(book.spec.framework, typed=True)
    canvas.label_heads(ROW_NAME + 1, IN_CODE, ("data.id", "data.name"))
    canvas.thin(range(ROW_NAME + 3, IN_CODE))
    canvas.fit_names(ROW_NAME + 1, edition.valued, COLUMN)
    line_of = {(line.unit, line.code): line for line in edition.lines}
    id_rows(canvas, units, edition.last - IN_FIRST + 1)
    blocks = (("rank", layout.composites), ("value", edition.valued))
    for what, codes in blocks:
        left = edition.column(what, codes[0])
        canvas.columns(left, left + len(codes) - 1, COLUMN)
        canvas.columns(left + len(codes), left + len(codes), 2)
        canvas.label(ROW_NAME, left, f"previousdata.{what}s", "section")
        for code in codes:
            column = edition.column(what, code)
            name = layout.framework_cell(code, "display")
            canvas.formula(ROW_NAME + 1, column, name, "header", font_size=9)
            periods = {line.period: 0 for line in edition.lines
                       if line.code == code and what == "value" and line.period}  # fmt: skip
            canvas.input(ROW_NAME + 2, column, " / ".join(periods), "input", font_size=8,
                         text_wrap=True)  # fmt: skip
            canvas.text(IN_CODE, column, f"rank {code}" if what == "rank" else code, "stub_code")
            number_format = "General" if what == "rank" else typed(code)
            for slot in range(edition.last - IN_FIRST + 1):
                line = line_of.get((units[slot], code)) if slot < len(units) else None
                entry = None if line is None else getattr(line, what)
                canvas.input(IN_FIRST + slot, column, entry, "input", number_format)
    canvas.label(ROW_NAME + 2, 2, "previousdata.period", "stub")
    canvas.sheet.set_row(ROW_NAME + 1, 40)
    right = edition.column("value", edition.valued[-1])
    canvas.label(edition.last + 1, 1, "data.closing", "closing")
    canvas.band(edition.last + 1, range(2, right + 1), "closing")
    canvas.choices(canvas.area(IN_FIRST, 1, edition.last), "=xl_units", error_type="warning")
    split = (
        edition.column("value", edition.valued[0]),
        edition.column("value", layout.indicators[0]),
    )
    canvas.finish(edition.last + 1, right, ROW_NAME + 2, 2, a3=True, split=split)


def draw_printed(book: Book, edition: Edition) -> None:
    """Draw `PreviousPrinted`: the printed numbers, one line each."""
    canvas = titled_sheet(book, PRINTED, LISTED_WIDTHS)
    keys = {"unit": "data.id", "period": "previousdata.period"}
    names = [keys.get(name, f"previousdata.{name}") for name in LISTED]
    canvas.fit_labels(LIST_HEADER, zip(names, LISTED_WIDTHS, strict=True), 9)
    for column, (name, key) in enumerate(zip(LISTED, names, strict=True), 1):
        canvas.label(LIST_HEADER, column, key, "header", font_size=9)
        canvas.text(LIST_FIRST - 1, column, name, "stub_code")
    for row, line in enumerate(edition.lines, LIST_FIRST):
        letter = LETTERS.get(line.rank_basis or line.basis, "") if line.rank is not None else None
        entries = {
            "key": f"{line.unit}|{line.code}",
            "letter": LETTERS.get(line.basis, ""),
            "rank_letter": letter,
        }
        for column, name in enumerate(LISTED, 1):
            number = "0.0%" if name == "growth" else ""
            entry = entries[name] if name in entries else getattr(line, name)
            canvas.static(row, column, entry, "published", number, font_size=9)
    last = LIST_FIRST + max(len(edition.lines), 1) - 1
    canvas.finish(last, len(LISTED), LIST_HEADER, landscape=False)


def node_left(layout: Layout, code: str) -> int:
    """Return the first of a node's columns on `Previous`."""
    return LEFT + (len(NODE) + 1) * layout.composites.index(code)


def draw(book: Book, edition: Edition) -> None:
    """Draw `Previous`."""
    layout, ids = book.layout, edition.column_ref(1)
    canvas = unit_sheet(book, SHEET, banner=LEFT)
    canvas.thin(range(ROW_MEAN, CODE))
    attribute, value = edition.new

    def position(cells: RowCells) -> str:
        unit = cell(cells.row, 1, "c")
        return f'IF({unit}="","",IFERROR(MATCH({unit},{ids},0),""))'

    def is_new(cells: RowCells) -> str:
        if attribute:
            return f'IF({layout.city_cell(attribute, cells.row)}="{value}","*","")'
        return f'IF(AND({cell(cells.row, 1, "c")}<>"",{cells.position}=""),"*","")'

    small = {"font_size": 8}
    columns = (
        Column("position", "previous.position", position, "id", "", 5, small),
        Column("new", "previous.new", is_new, "calculation_center", "", 5),
    )
    unit_table(canvas, columns, left=POSITION).draw()
    for column in columns:
        sheet_column = POSITION + columns.index(column)
        canvas.blank(ROW_WEIGHT, sheet_column, "header")
        canvas.label(CODE, sheet_column, column.key, "stub_code")
    keys = [f"previous.{name}" for name in ("up", "same", "down", "compared")]
    rows = (ROW_FIXED_LOW, ROW_FIXED_HIGH, ROW_N, ROW_MEAN)
    canvas.stubs(zip(rows, keys, strict=True))
    canvas.fit_names(ROW_NAME, layout.composites, 26, 10)
    canvas.fit_labels(ROW_WEIGHT, [(f"previous.{name}", 7.0) for name in NODE], 9)
    for code in layout.composites:
        _draw_node(book, canvas, edition, code)
    pillars = [child.code for child in book.spec.framework.children(layout.composites[0])]
    starts = [node_left(layout, code) for code in _page_starts(layout, pillars)]
    right = node_left(layout, layout.composites[-1]) + len(NODE) - 1
    canvas.finish(layout.last, right, ROW_WEIGHT, 2, landscape=False, a3=True, split=starts)


def _page_starts(layout: Layout, pillars: list[str]) -> list[str]:
    """Return the composites that begin a printed page: the first child of each pillar."""
    children = (layout.spec.framework.children(pillar) for pillar in pillars)
    return [nodes[0].code for nodes in children if nodes and nodes[0].code in layout.composites]


def _draw_node(book: Book, canvas: Canvas, edition: Edition, code: str) -> None:
    layout, left = book.layout, node_left(book.layout, code)

    def old_rank(cells: RowCells) -> str:
        rank = edition.number("rank", code, cell(cells.row, POSITION, "c"))
        return f'IF(ISNUMBER({rank}),{rank},IF({cell(cells.row, NEW, "c")}="*","*",""))'

    def rank_change(cells: RowCells) -> str:
        return f'IF(COUNT({cells.then}:{cells.now})=2,{cells.then}-{cells.now},"")'

    def status_letter(cells: RowCells) -> str:
        return edition.letter("rank", cell(cells.row, 1, "c"), cell(CODE, left, "r"), cells.then)

    center, small = "calculation_center", {"font_size": 8}
    marks = [
        (f'{cell(FIRST, left + NODE.index("status"), "c")}="{letter}"', mark)
        for letter, mark in (("D", "derived"), ("Y", "synthetic"))
    ]
    columns = (
        Column("then", "", old_rank, center, "0", 7, code=code, marks=marks),
        Column("now", "", lambda cells: layout.ranks.at(code, cells.row, SHEET), center, "0", 7),
        Column(
            "change", "", rank_change,
            "output_center", CHANGE, 7, marks=RISE_AND_FALL,
        ),
        Column("status", "", status_letter, center, "", 6, small, marks=marks),
        gap(1.5),
    )  # fmt: skip
    table = unit_table(canvas, columns, left=left).draw()
    canvas.heads(ROW_WEIGHT, [f"previous.{name}" for name in NODE], left, font_size=9)
    for column in range(left + 1, left + len(NODE)):
        canvas.text(CODE, column, "", "stub_code")
    name = layout.framework_cell(code, "display")
    canvas.merged(ROW_NAME, left, left + len(NODE) - 1, name, "header", font_size=9)
    moved, change = table.area("change").ref("r", SHEET), table.column("change")
    for row, criterion in ((ROW_FIXED_LOW, ">0"), (ROW_FIXED_HIGH, "0"), (ROW_N, "<0")):
        canvas.formula(row, change, f'COUNTIF({moved},"{criterion}")', center, "0")
    canvas.formula(ROW_MEAN, change, f"COUNT({moved})", center, "0")
