"""`Published`: printed numbers, their differences from the cells, and the shipped values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xlcity.model.dataset import Dataset, State
from xlcity.reports.report import PublishedScores
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.layout.rows import CODE, FIRST, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.sheets.inputs.sources import LETTERS, letter_count
from xlcity.workbook.sheets.table import Column, RowCells, Table, unit_heads
from xlcity.workbook.steps.method_table import methods_of

SHEET = "Published"
#: How far a computed number may be from the printed one.
BOUND = "par_print_tolerance+par_udf_tolerance"
#: Rows above the comparison: how many weights and parameters are not those as built, and how many
#: values; how many numbers lie within the tolerance and are compared; the table that they are from.
METHOD, MOVED, COUNTED, TABLE = 5, 6, 11, 14
#: Columns about a city: whether it is compared, its row on `Index`.
COMPARABLE, INDEX_ROW = 3, 4
#: What is counted above a node: numbers within the tolerance, and compared.
COUNTS = ("within", "of")
#: Letters of values that are not of the report; and where bounds are all that a city's values say
#: to the scores of others, as they do not in z-scores and ranks.
OTHER_VALUES, BOUNDED_VALUES = ("E", "S", "Y", "M"), ("E", "S")


def draw(book: Book) -> None:
    """Draw printed against computed numbers, and the values that the template ships with."""
    layout, spec = book.layout, book.spec
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
            (layout.default_letters, "published.letters", "published_center"),
        ):
            _draw_shipped(canvas, spec.defaults, block, section, role)
    canvas.close(ROW_WEIGHT, 2, head=CODE)


def _draw_shipped(canvas: Canvas, defaults: Dataset, block: Block, section: str, role: str) -> None:
    """Write the shipped values, or their status letters."""
    layout, letters = canvas.book.layout, role == "published_center"

    def shipped(code: str) -> Mapping[str, object]:
        if code not in defaults.codes:
            return {}
        column = defaults.column(code)
        basis = (LETTERS.get(str(status)) for status in defaults.basis[:, column])
        contents = basis if letters else map(float, defaults.values[:, column])
        filled = defaults.states[:, column] == State.VALUE
        cells = zip(defaults.units, contents, filled, strict=True)
        return {unit.id: content for unit, content, is_filled in cells if is_filled}

    def column_of(code: str) -> Column:
        contents = shipped(code)
        head = layout.framework_cell(code, "display")
        return Column("", "", None, role, "", 14, head=head, code=code,
                      value=lambda cells: contents.get(cells.item.id))  # fmt: skip

    if block.codes:
        canvas.block_columns(block, 14)
        canvas.label(ROW_WEIGHT, block.left, section, "section")
        columns = tuple(map(column_of, block.codes))
        units = canvas.book.spec.published_units
        Table(canvas, ROW_NAME, FIRST, FIRST + len(units) - 1, columns, block.left, CODE,
              {"font_size": 9}, units).draw()  # fmt: skip


def compared_nodes(book: Book) -> list[str]:
    """Return the composite nodes whose printed numbers are compared, in framework order."""
    printed = {p.node for p in book.spec.printed if p.ranks or not p.by_construction}
    return [code for code in book.layout.composites if code in printed]


def count_cells(book: Book) -> dict[str, str]:
    """Return the cells with each of `COUNTS` above the nodes."""
    left, right = book.layout.printed.left, book.layout.printed.right
    rows = enumerate(COUNTS, COUNTED)
    return {name: Area(SHEET, row, left, row, right).ref() for row, name in rows}


def changed_method(book: Book) -> str:
    """Return the formula that counts the weights and parameters that are not those as built."""
    changed = book.layout.framework_column("changed").ref()
    return f"SUM({changed})+SUMPRODUCT((xl_parameters<>xl_parameters_built)*1)"


def _draw_comparison(book: Book, canvas: Canvas) -> None:
    """Draw printed against computed, only where the data are the published ones."""
    layout, scaled = book.layout, methods_of(book.spec) <= {"minmax", "rating"}
    canvas.columns(layout.printed.left, layout.printed.right, 10)
    for column in (INDEX_ROW + 1, INDEX_ROW + 2, layout.printed.right + 1):
        canvas.columns(column, column, 2)
    labels = {METHOD: "method", MOVED: "moved"} | dict(enumerate(COUNTS, COUNTED))
    for row, name in labels.items():
        canvas.label(row, 1, f"compare.{name}", font_size=9)
    moved = map(letter_count, BOUNDED_VALUES if scaled else OTHER_VALUES)
    for row, formula in ((METHOD, changed_method(book)), (MOVED, "+".join(moved))):
        canvas.formula(row, INDEX_ROW, formula, "calculation_center", "0")
    counts = canvas.area(METHOD, INDEX_ROW, MOVED)
    canvas.mark(counts, f"{cell(METHOD, INDEX_ROW)}>0", "note")
    _draw_city_columns(book, canvas)
    for printed in book.spec.printed:
        _draw_node(book, canvas, printed)


def _draw_city_columns(book: Book, canvas: Canvas) -> None:
    """Write whether each city is compared, and its row on `Index`."""
    layout, ids = book.layout, book.layout.ids()
    yes, no = book.labels.ref("compare.yes"), book.labels.ref("compare.no")

    def comparable_text(cells: RowCells) -> str:
        changes, letters = canvas.range(METHOD, INDEX_ROW, MOVED), layout.letters.span().ref()
        invented = f'SUMPRODUCT(({ids}={cell(cells.row, 1, "c")})*({letters}="Y"))'
        return f'IF({cells.index_row}="","",IF(SUM({changes})+{invented}>0,{no},{yes}))'

    columns = (
        Column("", "compare.comparable", comparable_text, "calculation_center", "", 15,
               {"font_size": 9, "shrink": True}, marks=[(f"{{0}}={no}", "skipped")]),
        Column("index_row", "compare.place",
               lambda cells: f'IFERROR(MATCH({cell(cells.row, 1, "c")},{ids},0),"")', "id", "0", 9,
               helper=True),
    )  # fmt: skip
    Table(canvas, ROW_WEIGHT, FIRST, layout.published_last, columns, COMPARABLE).draw()


def _draw_node(book: Book, canvas: Canvas, printed: PublishedScores) -> None:
    """Draw the columns of a node, and above them how many of its cells agree."""
    layout, code, block = book.layout, printed.node, book.layout.printed
    shown = [name for name in block.codes if name.split(" ")[0] == code]
    left, right = (block.column(name) for name in (shown[0], shown[-1]))
    yes = f"{{}}={book.labels.ref('compare.yes')}"
    decimals = max((len(t.partition(".")[2]) for t in printed.scores.values()), default=0)

    def number_of(numbers: Mapping[str, object], cells: RowCells) -> float | None:
        text = str(numbers.get(cells.item.id, "")) if cells.item else ""
        return float(text) if text else None

    ranks = layout.ranks.over(code, SHEET, "rc") if code in layout.ranks.codes else ""

    def difference(cells: RowCells) -> str:
        compared = yes.format(cell(cells.row, COMPARABLE, "c"))
        if printed.compares_ranks:
            # 0 for any place inside a tie of computed scores.
            rank = cells.rank
            within = f"{cells.printed_rank}<{rank}+COUNTIF({ranks},{rank})"
            off = f"IF(AND({cells.printed_rank}>={rank},{within}),0,{rank}-{cells.printed_rank})"
            return f'IF(AND({compared},COUNT({cells.printed_rank},{rank})=2),{off},"")'
        scores = layout.scores.over(code, SHEET, "rc")
        off = f"INDEX({scores},{cell(cells.row, INDEX_ROW, 'c')})-{cells.printed}"
        return f'IFERROR(IF(AND({compared},ISNUMBER({cells.printed})),{off},""),"")'

    columns = {
        "printed": Column(role="published", number="0." + "0" * decimals if decimals else "0",
                          value=lambda cells: number_of(printed.scores, cells)),
        "difference": Column(formula=difference,
                             number="0;-0;0" if printed.compares_ranks else "0.000;-0.000;0.000",
                             marks=[(f"AND(ISNUMBER({{0}}),ABS({{0}})>{BOUND})", "note")]),
        "printed_rank": Column(role="published_center", number="0",
                               value=lambda cells: number_of(printed.ranks, cells)),
        "rank": Column(formula=lambda cells: pick(ranks, cell(cells.row, INDEX_ROW, "c")),
                       role="calculation_center", number="0"),
    }  # fmt: skip
    named = tuple(
        replace(columns[name], name=name, key=f"compare.{name}")
        for _, _, name in (column.partition(" ") for column in shown)
    )
    table = Table(canvas, ROW_WEIGHT, FIRST, layout.published_last, named, left,
                  items=book.spec.published_units).draw()  # fmt: skip
    canvas.put(CODE, left, code, "stub_code")
    canvas.band(CODE, range(left + 1, right + 1), "stub_code")
    # A number alone would read as one of the column.
    prefix = f"{book.labels.text('groups.table')} " if printed.table.isdecimal() else ""
    canvas.put(TABLE, left, f"{prefix}{printed.table}", "stub_center", font_size=8)
    if code in {*layout.inputs, *(node.code for node in book.spec.framework.nodes)}:
        name = layout.framework_cell(code, "display")
        canvas.merged(ROW_NAME, left, right, name, "header_left", font_size=9, text_wrap=True)
    if code not in compared_nodes(book):
        return
    inside = table.area("difference").ref("r", SHEET)
    within = f'">="&-par_print_tolerance-par_udf_tolerance,{inside},"<="&{BOUND}'
    for row, formula in enumerate((f"COUNTIFS({inside},{within})", f"COUNT({inside})"), COUNTED):
        canvas.formula(row, left, formula, "output_center", "0")
