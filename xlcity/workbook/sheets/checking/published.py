"""`Published`: printed numbers, their differences from the cells, and the shipped values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xlcity.model.dataset import Dataset, State, Status
from xlcity.reports.report import PublishedScores
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell, pick
from xlcity.workbook.drawing.number_formats import INTEGER
from xlcity.workbook.drawing.styles import (
    CENTER,
    OUTPUT_CENTER,
    PUBLISHED_CENTER,
    SMALL,
    STUB_CENTER,
    TINY,
)
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.methods_in_cells import normalisation_of
from xlcity.workbook.sheets.inputs.input_rows import input_content
from xlcity.workbook.sheets.inputs.methods import built_address
from xlcity.workbook.sheets.inputs.sources import LETTERS, letter_count
from xlcity.workbook.sheets.table import Column, RowCells, Table, draw_block, unit_heads
from xlcity.workbook.steps.method_table import methods_of

SHEET = "Published"
#: How far a computed number may be from the printed one.
BOUND = "par_print_tolerance+par_udf_tolerance"
#: Rows above the comparison: how many weights and parameters are not those as built, and how many
#: bounds or values; how many numbers lie within the tolerance, are compared and were as built, of
#: tables that the data were derived from and of all others; the table that they are from.
METHOD = 5
MOVED = 6
DERIVED_FROM = 8
COUNTED = 11
TABLE = 14
#: Columns about a city: whether it is compared, its row on `Index`, how many values are those
#: shipped.
COMPARABLE = 3
INDEX_ROW = 4
SHIPPED_VALUES = 5
#: What is counted above a node: numbers within the tolerance, compared, and comparable as built.
COUNTS = ("within", "of", "built")
#: What the values of a report rest on that need no letter of `MOVED`.
_OF_PRINT = (Status.PRINTED, Status.DERIVED)
#: Role of the counts.


def draw(book: Book) -> None:
    """Draw printed against computed numbers, and the values that the template ships with."""
    layout = book.layout
    spec = book.spec
    canvas = titled_sheet(book, SHEET, [16, 18])
    unit_heads(canvas)
    chinese = spec.language != "en"
    for row, unit in enumerate(spec.published_units, FIRST):
        canvas.put(row, 1, unit.id, "id")
        names = (unit.name_zh, unit.name_en)
        canvas.put(row, 2, names[not chinese] or names[chinese], "name")
    if spec.printed:
        _draw_comparison(book, canvas)
    if spec.defaults is not None:
        for block, section, role in (
            (layout.default_values, "published.defaults", "published"),
            (layout.default_letters, "published.letters", PUBLISHED_CENTER),
        ):
            _draw_shipped(canvas, spec.defaults, block, section, role=role)
    canvas.close(ROW_WEIGHT, 2, head=CODE)


def _draw_shipped(
    canvas: Canvas, defaults: Dataset, block: Block, section: str, role: str
) -> None:
    """Write the shipped values, or their status letters."""
    letters = role == PUBLISHED_CENTER

    def content(code: str, cells: RowCells) -> object:
        value = input_content(defaults, cells.slot, code)
        if not isinstance(value, float):
            return None
        basis = defaults.basis[cells.slot, defaults.column(code)]
        return LETTERS.get(str(basis)) if letters else value

    if block.codes:
        canvas.heading(ROW_WEIGHT, block.left, section)
    draw_block(
        canvas, block, role=role, value=content, items=canvas.book.spec.published_units
    )


def _comparable_as_built(book: Book, printed: PublishedScores) -> int:
    """Count the printed numbers of a node to compare with scores of the values as shipped.

    A city with an invented value or a missing code is not compared; where every city says something
    to every other, none is then. What rests on a blank has no score.
    """
    defaults = book.spec.defaults
    codes = book.layout.default_values.codes
    if defaults is None or not codes:
        return 0
    columns = [defaults.column(code) for code in codes if code in defaults.codes]
    states = defaults.states[:, columns]
    basis = defaults.basis[:, columns]
    filled = states == State.VALUE
    blank = states == State.BLANK
    usable = ((filled & (basis != Status.SYNTHETIC)) | blank).all(axis=1)
    if (
        not _bounded_codes(book)
        and not ((filled & np.isin(basis, _OF_PRINT)) | blank).all()
    ):
        return 0
    numbers = printed.ranks if printed.compares_ranks else printed.scores
    compared = zip(
        defaults.units, usable & _scored(book, defaults, printed.node), strict=True
    )
    return sum(bool(numbers.get(unit.id)) for unit, yes in compared if yes)


def _scored(book: Book, defaults: Dataset, code: str) -> NDArray[np.bool_]:
    """Return which cities have a value of a node that is given, or of all that it is made of."""
    if code in defaults.codes:
        return np.equal(defaults.states[:, defaults.column(code)], State.VALUE)
    children = book.spec.framework.children(code)
    scored = np.full(len(defaults.units), bool(children))
    for child in children:
        scored &= _scored(book, defaults, child.code)
    return scored


def count_cells(book: Book) -> dict[str, str]:
    """Return the cells with each of `COUNTS` above the nodes, by the name of the count."""
    left = book.layout.printed.left
    right = book.layout.printed.right
    cells = {}
    for prefix, first in count_rows(book).items():
        for row, name in enumerate(COUNTS, first):
            area = Area.of_row(SHEET, row, left, right)
            cells[f"{prefix}{name}"] = area.ref()
    return cells


def count_rows(book: Book) -> dict[str, int]:
    """Return the first row of each kind of counts, by what precedes the names of its counts."""
    kinds = {
        printed.by_construction
        for printed in book.spec.printed
        if _is_counted(book, printed)
    }
    rows = {}
    if True in kinds:
        rows["derived_"] = DERIVED_FROM
    if kinds != {True}:
        rows[""] = COUNTED
    return rows


def _is_counted(book: Book, printed: PublishedScores) -> bool:
    """Tell whether cells give what was printed of a node, other than as it was typed."""
    is_computed = printed.node in book.layout.composites
    return is_computed and bool(printed.ranks or not printed.is_given)


def changed_method(book: Book) -> str:
    """Return the formula that counts the weights and parameters that are not those as built."""
    changed = book.layout.framework_column("changed").ref()
    return f"SUM({changed})+SUMPRODUCT((xl_parameters<>xl_parameters_built)*1)"


def _bounded_codes(book: Book) -> tuple[str, ...]:
    """Return the indicators whose bounds are all that other cities' values say to a score.

    In z-scores and ranks every city says something to every other.
    """
    scaled = all(method.native.by_bounds for method in methods_of(book.spec))
    return book.layout.indicators if scaled and book.layout.default_values.codes else ()


def _draw_comparison(book: Book, canvas: Canvas) -> None:
    """Draw printed against computed, only where the data are the published ones."""
    layout = book.layout
    canvas.columns(layout.printed.left, layout.printed.right, 10)
    for column in (SHIPPED_VALUES + 1, layout.printed.right + 1):
        canvas.columns(column, column, 2)
    labels = {METHOD: "method", MOVED: "moved"}
    for prefix, first in count_rows(book).items():
        labels |= {row: f"{prefix}{name}" for row, name in enumerate(COUNTS, first)}
    for row, name in labels.items():
        canvas.label(row, 1, f"compare.{name}", **SMALL)
    moved = _draw_moved_bounds(book, canvas)
    canvas.formula(METHOD, INDEX_ROW, changed_method(book), CENTER, number=INTEGER)
    canvas.formula(MOVED, INDEX_ROW, moved, CENTER, number=INTEGER)
    counts = canvas.area(METHOD, INDEX_ROW, MOVED)
    canvas.mark(counts, f"{cell(METHOD, INDEX_ROW)}>0", "note")
    _draw_city_columns(book, canvas)
    for printed in book.spec.printed:
        _draw_node(book, canvas, printed)


def _draw_moved_bounds(book: Book, canvas: Canvas) -> str:
    """Count the moved bounds of each indicator; return the formula that counts what moved.

    Where no bounds are those of the cities as shipped, values count instead.
    """
    shipped = book.layout.default_values
    codes = _bounded_codes(book)
    for code in codes:
        moved = _count_moved(book, code)
        canvas.formula(MOVED, shipped.column(code), moved, CENTER, number=INTEGER)
    if codes:
        return f"SUM({shipped.rows_of(codes, MOVED, MOVED).ref(home=SHEET)})"
    if not shipped.codes:
        return "0"
    return "+".join(letter_count(letter) for letter in ("E", "S", "Y", "M"))


def _count_moved(book: Book, code: str) -> str:
    """Return the formula that counts which bounds of an indicator are not those as shipped."""
    shipped = book.layout.default_values.over(code, SHEET, Fix.BOTH)
    columns = {
        parameter.cell.column
        for parameter in normalisation_of(book.spec, code).parameters
        if parameter.cell is not None
    }
    moved = []
    source = book.layout.normalised.column(code)
    for name, function, bound in (("a", "MIN", ROW_LOW), ("b", "MAX", ROW_HIGH)):
        fixed = built_address(book, code, name)
        if name in columns:
            built = f'IF({fixed}="",{function}({shipped}),{fixed})'
            # A number: SUM passes over what is true or false in cells.
            moved.append(f"({built}<>{INDEX}!{cell(bound, source, Fix.BOTH)})*1")
    return "+".join(moved)


def _draw_city_columns(book: Book, canvas: Canvas) -> None:
    """Write whether each city is compared, its row on `Index`, and its count of shipped values.

    Values themselves are compared with the shipped ones, as letters may be set by hand.
    """
    layout = book.layout
    shipped = book.layout.default_values
    ids = layout.ids()
    letters = layout.letters.span().ref()
    yes = book.labels.ref("compare.yes")
    no = book.labels.ref("compare.no")

    def equal_values(cells: RowCells) -> str:
        values = shipped.rows_of(shipped.codes, cells.row, cells.row).ref(
            Fix.COLUMN, SHEET
        )
        equal = f"({layout.typed.span(shipped.codes).ref()}={values})"
        return f"SUMPRODUCT(({ids}={cell(cells.row, 1, Fix.COLUMN)})*{equal})"

    def comparable_text(cells: RowCells) -> str:
        # One IF in the other: the values need not be compared where the method differs.
        equal = (
            f"IF({cells.same}={len(shipped.codes)},{yes},{no})"
            if shipped.codes
            else yes
        )
        changes = canvas.range(METHOD, INDEX_ROW, MOVED)
        invented = (
            f'SUMPRODUCT(({ids}={cell(cells.row, 1, Fix.COLUMN)})*({letters}="Y"))'
        )
        if_comparable = f"IF(SUM({changes})<>0,{no},IF({invented}>0,{no},{equal}))"
        return f'IF({cells.index_row}="","",{if_comparable})'

    columns = [
        Column(
            key="compare.comparable",
            formula=comparable_text,
            role=CENTER,
            width=15,
            style={**SMALL, "shrink": True},
            marks=[(f"{{0}}={no}", "skipped")],
        ),
        Column(
            "index_row",
            "compare.place",
            lambda cells: (
                f'IFERROR(MATCH({cell(cells.row, 1, Fix.COLUMN)},{ids},0),"")'
            ),
            number=INTEGER,
            width=9,
            helper=True,
        ),
        Column(
            "same",
            "compare.same",
            equal_values,
            number=INTEGER,
            width=9,
            helper=True,
        ),
    ]
    columns = columns if shipped.codes else columns[:2]
    Table(
        canvas,
        ROW_WEIGHT,
        first=FIRST,
        last=layout.published_last,
        columns=tuple(columns),
        left=COMPARABLE,
    ).draw()


def _draw_node(book: Book, canvas: Canvas, printed: PublishedScores) -> None:
    """Draw the columns of a node, and above them how many of its cells agree."""
    layout = book.layout
    code = printed.node
    block = book.layout.printed
    names = [name for name in block.codes if name.split(" ")[0] == code]
    left = block.column(names[0])
    right = block.column(names[-1])
    yes = f"{{}}={book.labels.ref('compare.yes')}"
    decimals = printed.decimals

    def number_of(numbers: Mapping[str, object], cells: RowCells) -> float | None:
        text = str(numbers.get(cells.item.id, "")) if cells.item else ""
        return float(text) if text else None

    ranks = (
        layout.ranks.over(code, SHEET, Fix.BOTH) if code in layout.ranks.codes else ""
    )

    def difference(cells: RowCells) -> str:
        compared = yes.format(cell(cells.row, COMPARABLE, Fix.COLUMN))
        if printed.compares_ranks:
            # 0 for any place inside a tie of computed scores.
            rank = cells.rank
            within = f"{cells.printed_rank}<{rank}+COUNTIF({ranks},{rank})"
            off = f"IF(AND({cells.printed_rank}>={rank},{within}),0,{rank}-{cells.printed_rank})"
            return f'IF(AND({compared},COUNT({cells.printed_rank},{rank})=2),{off},"")'
        scores = layout.scores.over(code, SHEET, Fix.BOTH)
        off = (
            f"INDEX({scores},{cell(cells.row, INDEX_ROW, Fix.COLUMN)})-{cells.printed}"
        )
        return f'IFERROR(IF(AND({compared},ISNUMBER({cells.printed})),{off},""),"")'

    columns = {
        "printed": Column(
            role="published",
            number="0." + "0" * decimals if decimals else INTEGER,
            value=lambda cells: number_of(printed.scores, cells),
        ),
        "difference": Column(
            formula=difference,
            number="0;-0;0" if printed.compares_ranks else "0.000;-0.000;0.000",
            marks=[(f"AND(ISNUMBER({{0}}),ABS({{0}})>{BOUND})", "note")],
        ),
        "printed_rank": Column(
            role=PUBLISHED_CENTER,
            number=INTEGER,
            value=lambda cells: number_of(printed.ranks, cells),
        ),
        "rank": Column(
            formula=lambda cells: pick(ranks, cell(cells.row, INDEX_ROW, Fix.COLUMN)),
            role=CENTER,
            number=INTEGER,
        ),
    }
    named = []
    for name in names:
        column = name.partition(" ")[2]
        shown = replace(columns[column], name=column, key=f"compare.{column}")
        named.append(shown)
    table = Table(
        canvas,
        ROW_WEIGHT,
        first=FIRST,
        last=layout.published_last,
        columns=tuple(named),
        left=left,
        items=book.spec.published_units,
    ).draw()
    canvas.put(CODE, left, code, "stub_code")
    canvas.band(CODE, range(left + 1, right + 1), "stub_code")
    # A number alone would read as one of the column.
    prefix = (
        f"{book.labels.text('published.table')} " if printed.table.isdecimal() else ""
    )
    canvas.put(TABLE, left, f"{prefix}{printed.table}", STUB_CENTER, **TINY)
    nodes = (node.code for node in book.spec.framework.nodes)
    if code in layout.inputs or code in nodes:
        name = layout.node_name(code)
        canvas.merged(
            ROW_NAME, left, right, name, role="header_left", **SMALL, text_wrap=True
        )
    if not _is_counted(book, printed):
        return
    inside = table.area("difference").ref(Fix.ROW, SHEET)
    built = _comparable_as_built(book, printed)
    counts = [
        f'COUNTIFS({inside},">="&-par_print_tolerance-par_udf_tolerance,{inside},"<="&{BOUND})',
        f"COUNT({inside})",
    ]
    if built:
        # With another method or only other values, nothing is to be compared.
        same = Area.of_column(SHEET, SHIPPED_VALUES, FIRST, layout.published_last)
        shipped = f"COUNTIF({same.ref(home=SHEET)},{len(layout.default_values.codes)})"
        counts.append(f"IF(OR({cell(METHOD, INDEX_ROW)}>0,{shipped}=0),0,{built})")
    first = DERIVED_FROM if printed.by_construction else COUNTED
    for row, formula in enumerate(counts, first):
        canvas.formula(row, left, formula, OUTPUT_CENTER, number=INTEGER)
