"""Tables that are declared: columns with label, width, role, number format and formula.

A sheet names its columns, `Table.draw` writes headings, widths, cells and marks. A formula is made
for a `RowCells`, in which the other columns of the row are addresses by their names:

    Column("change", "change.change", lambda cells: f"{cells.before}-{cells.rank}", "output", "+0")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell, pick
from xlcity.workbook.drawing.row_heights import CODE_SIZE, head_width, text_width
from xlcity.workbook.drawing.styles import SMALL
from xlcity.workbook.labels import name_in, shown_name
from xlcity.workbook.layout.rows import CODE, FIRST, INDEX, ROW_NAME

#: Number format of what is not shown.
NOTHING = ";;;"
#: Width of columns that serve others, and of those of `Index`.
HELPER_WIDTH = 9
INDEX_WIDTH = 12
#: Least width of that column, and the size of its labels in points.
TITLE_WIDTH = 10
LABEL_SIZE = 9
#: Sheets on which the column before a block says what stands above it.
BESIDE = (INDEX, "Data", "WhatIf")
#: Mark of what is confirmed missing.
MISSING = ('{0}="NA"', "missing")
#: Marks of a difference: criteria (`{0}` is the cell) and conditional format.
RISE_AND_FALL = (
    ("AND(ISNUMBER({0}),{0}>0)", "good"),
    ("AND(ISNUMBER({0}),{0}<0)", "note"),
)


class Address(str):
    """Address of a cell in the row being drawn, with its column over the rows of the table."""

    __slots__ = ("_column", "_table")
    _table: Table
    _column: int

    def __new__(cls, table: Table, column: int, row: int) -> Address:
        """Return the address of a cell in a table's column, given by its numbers on the sheet."""
        address = super().__new__(cls, cell(row, column, Fix.COLUMN))
        address._table = table
        address._column = column
        return address

    @property
    def column_cells(self) -> str:
        """The column over all rows."""
        last = cell(self._table.last, self._column, Fix.BOTH)
        return (
            last if self._table.first == self._table.last else f"{self._first}:{last}"
        )

    @property
    def heading(self) -> str:
        """The heading of the column."""
        return cell(self._table.header, self._column, Fix.ROW)

    @property
    def so_far(self) -> str:
        """The column from the first row to this one."""
        return f"{self._first}:{self}"

    @property
    def _first(self) -> str:
        return cell(self._table.first, self._column, Fix.BOTH)


class RowCells:
    """A row being drawn: its cells by the names of their columns."""

    def __init__(self, table: Table, row: int) -> None:
        self._table = table
        #: The row on the sheet, and its position among the rows of the table, from 0.
        self.row = row
        self.slot = row - table.first
        #: What the row is about, where the table has a list of that; a free row has None.
        self.item: Any = (
            table.items[self.slot] if self.slot < len(table.items) else None
        )

    @property
    def ordinal(self) -> str:
        """The row's position in the table as a formula that does not name its own cell."""
        header = self._table.header
        left = self._table.left
        return f"ROWS({cell(header, left, Fix.BOTH)}:{cell(self.row - 1, left, Fix.COLUMN)})"

    def __getattr__(self, name: str) -> Address:
        return self._table.address(name, self.row)

    __getitem__ = __getattr__


#: Returns the formula of a column's cell in a row; None leaves the cell empty.
Formula = Callable[[RowCells], str | None]
Style = Mapping[str, Any] | Callable[[RowCells], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        By which formulas of other columns find it; a column without one only takes room.
    key
        Label of the heading; `head` is a formula instead of it.
    formula
        Formula of a row. `value` is static content where there is none, or what an input starts
        with.
    role
        The role, or what returns that of a row's item; "" leaves the cell alone.
    code
        Static text under the heading, in the row of codes.
    number
        The number format, or what returns that of a row's item.
    marks
        Conditional formats: criteria, in which `{0}` is the first cell, and mark.
    helper
        It serves other cells: small type, and no part of the printed page.
    hidden
        It repeats in codes what another column names.
    muted
        Its code does not show.
    head_style
        Style of the heading, where it is not that of the table's.
    choices
        Source of a drop-down list: what is typed may be something else.
    define
        Name of the column's cells.
    """

    name: str = ""
    key: str = ""
    formula: Formula | None = None
    role: str | Callable[[Any], str] = "calculation"
    number: str | Callable[[Any], str] = ""
    width: float = 0
    style: Style = field(default_factory=dict)
    value: Callable[[RowCells], object] | None = None
    head: str = ""
    code: str = ""
    marks: Sequence[tuple[str, str]] = ()
    helper: bool = False
    hidden: bool = False
    muted: bool = False
    head_style: Mapping[str, Any] | None = None
    choices: str | Sequence[str] = ()
    define: str = ""


def lookup(source: str, position: str = "position") -> Formula:
    """Return a formula that looks up in `source` the position that another column has."""
    return lambda cells: pick(source, cells[position])


def field_of(name: str) -> Callable[[RowCells], object]:
    """Return the static content of a column: a field of what each row is about, if anything."""
    return lambda cells: getattr(cells.item, name, None)


def fields(page: str, /, **columns: Column) -> tuple[Column, ...]:
    """Return columns under their names, with the headings that the labels of a page give."""
    return tuple(
        replace(
            column,
            name=name,
            key=column.key or f"{page}.{name}",
            code=name,
            head_style=column.head_style or {},
        )
        for name, column in columns.items()
    )


def gap(width: float = 2) -> Column:
    """Return an empty column between blocks."""
    return Column(width=width)


@dataclass(frozen=True)
class Table:
    """Rows of the same columns on a sheet.

    Parameters
    ----------
    header
        Row of the headings, 0 for none; `codes` is the row of static texts below them.
    first, last
        Rows of the table.
    left
        Its first column.
    items
        What each row is about, such as the code of a node.
    define
        Name of its cells with the row of codes, or of headings where it has no codes.
    copied
        Whether formulas in rows below the first are copies of those in the first.
    mutes
        Whether words of the contract in the row of codes, which headings say, too, do not show.
    """

    canvas: Canvas
    header: int
    first: int
    last: int
    columns: tuple[Column, ...]
    left: int = 1
    codes: int = 0
    head_style: Mapping[str, Any] = field(default_factory=lambda: SMALL)
    items: Sequence[Any] = ()
    define: str = ""
    code_style: Mapping[str, Any] = field(default_factory=dict)
    copied: bool = False
    mutes: bool = False

    def __post_init__(self) -> None:
        numbers = {
            column.name: number for number, column in enumerate(self.columns, self.left)
        }
        object.__setattr__(self, "_column_numbers", numbers)

    @property
    def right(self) -> int:
        """The last column."""
        return self.left + len(self.columns) - 1

    def column(self, name: str) -> int:
        """Return the number of a column on the sheet."""
        return self._column_numbers[name]  # type: ignore[attr-defined, no-any-return]

    def area(self, name: str, last: str = "") -> Area:
        """Return the cells of a column, or of adjacent ones up to `last`."""
        right = self.column(last or name)
        return Area(
            self.canvas.name,
            r1=self.first,
            c1=self.column(name),
            r2=self.last,
            c2=right,
        )

    def address(self, name: str, row: int) -> Address:
        """Return the address of a column's cell in a row of this sheet."""
        return Address(self, self.column(name), row)

    def draw(self) -> Table:
        """Write headings, widths, cells and marks."""
        rows = [RowCells(self, row) for row in range(self.first, self.last + 1)]
        for sheet_column, column in enumerate(self.columns, self.left):
            self._shape(sheet_column, column)
            if self.header:
                self._head(sheet_column, column)
            if self.copied and rows and column.formula and not column.value:
                self._cell(rows[0], sheet_column, column, self.last)
            elif column.formula or column.value:
                for cells in rows:
                    self._cell(cells, sheet_column, column)
            self._mark(sheet_column, column)
        if self.define:
            self._name()
        return self

    def _shape(self, sheet_column: int, column: Column) -> None:
        """Set the width of a column, and whether it shows."""
        if column.width or column.helper:
            width = column.width or HELPER_WIDTH
            self.canvas.columns(sheet_column, sheet_column, width)
        if column.hidden:
            self.canvas.hide(sheet_column)

    def _mark(self, sheet_column: int, column: Column) -> None:
        """Set conditional formats, choices and name of the cells of a column."""
        canvas = self.canvas
        area = Area.of_column(canvas.name, sheet_column, self.first, self.last)
        for criteria, mark in column.marks:
            canvas.mark(area, criteria.format(cell(self.first, sheet_column)), mark)
        if column.choices:
            canvas.choices(area, column.choices, error_type="warning")
        if column.define:
            canvas.book.define(column.define, area)

    def _name(self) -> None:
        """Name the cells of the columns with a code, of all where none has one."""
        right = self.right
        for sheet_column, column in enumerate(self.columns, self.left):
            if column.code:
                right = sheet_column
        head = self.codes or self.header
        area = self.canvas.area(head, self.left, self.last, right)
        self.canvas.book.define(self.define, area)

    def _head(self, sheet_column: int, column: Column) -> None:
        canvas = self.canvas
        role = "header"
        style = self.head_style
        if column.head_style is not None:
            style = column.head_style
        if column.helper:
            role = "helper_head"
            style = {}
        if column.head:
            canvas.formula(self.header, sheet_column, column.head, role, **style)
        elif column.key:
            canvas.label(self.header, sheet_column, column.key, role, **style)
        if column.code:
            code_role = "helper" if column.helper else "stub_code"
            is_mute = column.muted or (self.mutes and column.key)
            number = NOTHING if is_mute else ""
            canvas.put(
                self.codes,
                sheet_column,
                column.code,
                code_role,
                number=number,
                **self.code_style,
            )

    def _cell(
        self, cells: RowCells, sheet_column: int, column: Column, last: int = 0
    ) -> None:
        """Write a cell of a column; with a last row, its copies down to that."""
        canvas = self.canvas
        row = cells.row
        role = column.role if isinstance(column.role, str) else column.role(cells.item)
        role = "helper" if column.helper else role
        if not role:
            return
        style = column.style(cells) if callable(column.style) else column.style
        number = (
            column.number
            if isinstance(column.number, str)
            else column.number(cells.item)
        )
        formula = column.formula(cells) if column.formula else None
        if formula is None and column.value is not None:
            is_typed = role.startswith(("input", "chooser"))
            write = canvas.input if is_typed else canvas.put
            content = column.value(cells)
            write(row, sheet_column, content, role, number=number, **style)
        else:
            canvas.formula(
                row, sheet_column, formula, role, number=number, last=last, **style
            )


def item_table(
    canvas: Canvas,
    header: int,
    items: Sequence[Any],
    columns: Iterable[Column],
    **options: Any,
) -> Table:
    """Return a table with a row for each of some items, right below its headings."""
    last = header + len(items)
    return Table(
        canvas,
        header,
        first=header + 1,
        last=last,
        columns=tuple(columns),
        items=items,
        **options,
    )


def unit_table(canvas: Canvas, columns: Iterable[Column], left: int = 3) -> Table:
    """Return columns over the unit rows of a sheet that calculates."""
    last = canvas.book.layout.last
    return Table(
        canvas,
        ROW_NAME,
        first=FIRST,
        last=last,
        columns=tuple(columns),
        left=left,
        codes=CODE,
        copied=True,
        mutes=True,
    )


def unit_heads(canvas: Canvas) -> None:
    """Write what the first two columns of a sheet of cities are."""
    for column, key in enumerate(("data.id", "data.name"), 1):
        canvas.label(ROW_NAME, column, key, "header")
        canvas.label(CODE, column, key, "stub_code", number=NOTHING)


def unit_sheet(
    book: Book,
    name: str,
    widths: Sequence[float] = (16, 20),
    *,
    banner: bool = False,
    **options: Any,
) -> Canvas:
    """Return the canvas of a sheet whose rows are cities, with title, ids and names."""
    canvas = titled_sheet(book, name, widths, banner=banner, **options)
    layout = book.layout
    for row in range(FIRST, layout.last + 1):
        unit, zh, en = (
            layout.city_cell(column, row) for column in ("id", "name_zh", "name_en")
        )
        named = f'IF({unit}="","",{shown_name(unit, zh, en, book.spec.language)})'
        canvas.formula(row, 1, f'IF({unit}="","",{unit})', "id")
        canvas.formula(
            row,
            2,
            named if name == INDEX else f"{INDEX}!{cell(row, 2, Fix.COLUMN)}",
            "name",
        )
    unit_heads(canvas)
    return canvas


#: What stands in a cell above a column: a formula, a number, or nothing.
Content = str | float | None


@dataclass(frozen=True, slots=True)
class Above:
    """A row above the columns of a block.

    Parameters
    ----------
    row
        On the sheet.
    key
        Label of what it holds.
    of
        Returns the content for the code of a column; a row without any is not drawn.
    """

    row: int
    key: str
    of: Callable[[str], Content]
    role: str = "calculation"
    number: str | Callable[[str], str] = ""
    style: Mapping[str, Any] = field(default_factory=dict)


def draw_above(canvas: Canvas, block: Block, line: Above) -> None:
    """Draw a row above the columns of a block."""
    contents = {code: line.of(code) for code in block.codes}
    contents = {
        code: content for code, content in contents.items() if content is not None
    }
    if contents and line.key:
        text = canvas.book.labels.text(line.key)
        if canvas.name in BESIDE:
            style = {**SMALL, "shrink": canvas.name == "Data"}
            canvas.put(line.row, block.left - 1, text, "stub_line", **style)
        else:
            canvas.stub(line.row, text)
    for code, content in contents.items():
        number = line.number if isinstance(line.number, str) else line.number(code)
        write: Any = canvas.formula if isinstance(content, str) else canvas.put
        if line.role.startswith("input"):
            write = canvas.input
        write(
            line.row,
            block.column(code),
            content,
            line.role,
            number=number,
            **line.style,
        )


def draw_block(
    canvas: Canvas,
    block: Block,
    formula: Callable[[str, int], str | None] | None = None,
    role: str | Callable[[str], str] = "calculation",
    number: str | Callable[[str], str] = "",
    *,
    key: str = "",
    prefix: bool = True,
    name: Callable[[str], str] | None = None,
    above: Iterable[Above] = (),
    marks: Sequence[tuple[str, str]] = (),
    width: float = 14,
    head_size: float = 9,
    copied: bool = True,
    value: Callable[[str, RowCells], object] | None = None,
    items: Sequence[Any] = (),
    define: str = "",
    mutes: bool = False,
    **style: Any,
) -> None:
    """Draw a column for each code of a block, with an empty one behind them.

    `formula` is called with code and row, where it is copied with the first row alone; without it,
    only what stands above is drawn. `key` is the label of what the columns hold: the heading shows
    it before the name of the node, or before what `name` returns, unless `prefix` is false. On
    `Index` the column before a block names it, too. Codes do not show where the block `mutes` them.
    """
    if not block.codes:
        return
    above = tuple(above)
    book = canvas.book
    text = canvas.book.labels.text(key) if key else ""
    if canvas.name == INDEX:
        labels = (book.labels.text(line.key) for line in above if line.key)
        widths = (text_width(label, LABEL_SIZE) for label in labels)
        canvas.widths({block.left - 1: max((TITLE_WIDTH, *widths))})
        for code, named in (
            (code, book.spec.framework.inputs.get(code)) for code in block.codes
        ):
            title = f"{text} · {name_in(book.spec.language, named)}" if named else ""
            least = max(INDEX_WIDTH, text_width(code, CODE_SIZE))
            width = head_width(title, head_size, least)
            canvas.columns(block.column(code), block.column(code), width)
        canvas.put(ROW_NAME, block.left - 1, text, "block", **SMALL)
    else:
        canvas.columns(block.left, block.right, width)
        canvas.columns(block.right + 1, block.right + 1, 2)
    # The format shows it: the cell holds the name.
    head_style = {
        "font_size": head_size,
        "number": f';;;"{text} · "@' if text and prefix else "",
    }

    def column(code: str) -> Column:
        head = name(code) if name else book.layout.node_name(code)
        look, form = (
            part if isinstance(part, str) else part(code) for part in (role, number)
        )
        content = None if formula is None else lambda cells: formula(code, cells.row)
        static = None if value is None else partial(value, code)
        return Column(
            formula=content,
            role=look,
            number=form,
            style=style,
            value=static,
            head=head,
            code=code,
            muted=mutes,
        )

    Table(
        canvas,
        ROW_NAME,
        first=block.first_row,
        last=block.last_row,
        columns=tuple(map(column, block.codes)),
        left=block.left,
        codes=CODE,
        head_style=head_style,
        items=items,
        define=define,
        copied=copied,
    ).draw()
    for line in above:
        draw_above(canvas, block, line)
    for criteria, mark in marks:
        canvas.mark(
            block.span(), criteria.format(cell(block.first_row, block.left)), mark
        )
