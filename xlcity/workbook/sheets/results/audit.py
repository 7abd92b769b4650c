"""`Audit`: where one number comes from: the nodes above it up to the total, and its parts.

City and node are chosen. A helper table beside the print area has one row per node of the tree,
for the chosen city; the three tables read it by the node's code. Everything is a native formula.
"""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import steps
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.prepared import prepare_layout
from xlcity.workbook.layout.rows import CODE as CODE_ROW
from xlcity.workbook.layout.rows import ROW_WEIGHT
from xlcity.workbook.sheets.choosers import CITIES, NODES, city_position, node_code
from xlcity.workbook.sheets.table import Column, Formula, RowCells, item_table
from xlcity.workbook.steps.nodes import missing_rule

SHEET = "Audit"
CITY_ROW, NODE_ROW, PATH_HEADER = 4, 5, 7
#: Columns of the tables.
CODE, NAME, VALUE, WEIGHT, SHARE, POINTS, START, END = range(1, 9)
WIDTHS = (20, 40, 13, 11, 11, 13, 13, 13, 2)
CHART_LEFT, CHART_COLUMNS, CHART_WIDTH = 10, 6, 12
#: Columns of the helper table, behind the charts.
H_CODE, H_PARENT, H_POSITION, H_VALUE, H_WEIGHT, H_OWN, H_SCORE, H_RANK, H_COUNTED, H_NAME = range(
    CHART_LEFT + CHART_COLUMNS + 1, CHART_LEFT + CHART_COLUMNS + 11
)
#: Columns beside the table of parts that its chart is drawn from, and the position of a part.
PART_AT = H_NAME + 2
SERIES = tuple(range(PART_AT + 1, PART_AT + 7))
HELPER_FIRST = 10
_CITY = cell(CITY_ROW, H_CODE, "rc")
_NODE = cell(NODE_ROW, H_CODE, "rc")


def draw(book: Book) -> None:
    """Draw the sheet."""
    layout = book.layout
    framework = book.spec.framework
    canvas = titled_sheet(book, SHEET, [*WIDTHS, *[CHART_WIDTH] * CHART_COLUMNS], CHART_LEFT)
    canvas.columns(H_CODE, SERIES[-1], 9)
    canvas.thin((3, 6))
    _draw_choosers(book, canvas)
    nodes = tuple(node.code for node in framework.tree_order)
    helper = _Helper(len(nodes))
    _draw_helper(book, canvas, helper, nodes)
    row = _draw_path(book, canvas, helper, framework.height + 1)
    most = max(len(framework.children(code)) for code in layout.composites)
    row = _draw_parts(book, canvas, helper, row + 2, most)
    last = _draw_steps(book, canvas, row + 2)
    down = PATH_HEADER + 22
    canvas.finish(max(last, down), CHART_LEFT + CHART_COLUMNS - 1, NODE_ROW, tall=1)


class _Helper:
    """Addresses of the helper table."""

    def __init__(self, rows: int) -> None:
        self.last = HELPER_FIRST + rows - 1

    def column(self, column: int) -> str:
        return Area(SHEET, HELPER_FIRST, column, self.last, column).ref("rc", SHEET)

    def entry(self, column: int, code: str) -> str:
        """Return the formula of a column's entry for the node whose code is in a cell, else ""."""
        entry = f"INDEX({self.column(column)},MATCH({code},{self.column(H_CODE)},0))"
        return f'IFERROR(IF({code}="","",{entry}),"")'


def _draw_choosers(book: Book, canvas: Canvas) -> None:
    """Write the choosers of city and node, their names, and the position and code chosen."""
    layout, units, ref = book.layout, book.spec.dataset.units, book.labels.ref
    codes = layout.framework_column("code").ref()
    row_of_node = f"MATCH({_NODE},{codes},0)"
    city = f"INDEX({layout.city('display').ref()},{_CITY})"
    node = f"INDEX({layout.framework_column('display').ref()},{row_of_node})"
    for row, key, value, source, warning, chosen_name in (
        (CITY_ROW, "profile.city", units[0].id if units else "", "=xl_units", CITIES,
         f'IF({_CITY}="",{ref("profile.unknown")},{city})'),
        (NODE_ROW, "audit.node", book.spec.framework.root.code, f"={codes}", NODES,
         f"IFERROR({node},{ref('audit.unknown')})"),
    ):  # fmt: skip
        canvas.sheet.set_row(row - 1, 20)
        canvas.label(row, CODE, key, "section")
        canvas.chooser(row, CODE + 1, value, source, warning)
        chosen = cell(row, CODE + 1, "rc")
        code_or_position = (
            city_position(layout, chosen) if row == CITY_ROW else node_code(layout, chosen)
        )
        canvas.formula(row, H_CODE, code_or_position, "calculation_center", font_size=8)
        canvas.formula(row, VALUE, chosen_name, "title", font_size=13)
    canvas.label(CITY_ROW, H_CODE + 1, "profile.row", "note", font_size=8)


def _source_block(book: Book, code: str) -> Block:
    """Return the block whose values of a node its parent is aggregated from."""
    spec, layout = book.spec, book.layout
    if (parent := spec.framework[code].parent) is None:
        return layout.aggregates
    if parent == spec.framework.root.code and spec.means_of_scaled:
        return layout.root_child_block(code)
    return layout.children(parent)[0]


def _draw_helper(book: Book, canvas: Canvas, helper: _Helper, nodes: tuple[str, ...]) -> None:
    layout, spec = book.layout, book.spec
    framework = spec.framework
    heads = ("code", "parent", "place", "value", "weight", "own", "score", "rank", "counted")
    for offset, head in enumerate((*heads, "name")):
        canvas.text(HELPER_FIRST - 1, H_CODE + offset, head, "note", font_size=8)
    root = framework.root.code

    def of_city(block: Block, code: str) -> str:
        return pick(block.over(code, SHEET, "rc"), _CITY)

    for offset, code in enumerate(nodes):
        row = HELPER_FIRST + offset
        parent = framework[code].parent
        leaf = framework.is_indicator(code)
        used = _source_block(book, code)
        score = layout.normalised if leaf else layout.scores
        own = score if leaf else layout.aggregates
        if code == root and spec.means_of_scaled:
            own = layout.scores
        value, weight = (cell(row, column, "c") for column in (H_VALUE, H_WEIGHT))
        counts = f"ISNUMBER({value})"
        if parent is not None and missing_rule(spec, parent) == "zero":
            counts = f'OR({counts},{value}="NA")'
        written = {
            H_CODE: layout.framework_cell(code, "code"),
            H_PARENT: layout.framework_cell(code, "parent") if parent else '""',
            H_POSITION: f"IF({cell(row, H_PARENT, 'c')}={_NODE},COUNTIF("
            f'{cell(HELPER_FIRST, H_PARENT, "rc")}:{cell(row, H_PARENT, "c")},{_NODE}),"")',
            H_VALUE: of_city(used, code),
            H_WEIGHT: f"{used.sheet}!{cell(ROW_WEIGHT, used.column(code), 'rc')}"
            if parent
            else '""',
            H_OWN: of_city(own, code),
            H_SCORE: of_city(score, code),
            H_RANK: '""' if leaf else of_city(layout.ranks, code),
            H_COUNTED: f'IF({counts},{weight},"")',
            H_NAME: layout.framework_cell(code, "display"),
        }
        for column, formula in written.items():
            canvas.formula(row, column, formula, "id", "General", font_size=8)


def _share(helper: _Helper, code: str, parent: str) -> str:
    """Return a child's weight as a share of the weights that count under its parent."""
    total = f"SUMIF({helper.column(H_PARENT)},{parent},{helper.column(H_COUNTED)})"
    counted = helper.entry(H_COUNTED, code)
    return f'IFERROR(IF({counted}="","",{counted}/{total}),"")'


def _draw_path(book: Book, canvas: Canvas, helper: _Helper, rows: int) -> int:
    """Write the nodes from the chosen one up to the root; return the last row."""
    first = helper.entry(H_CODE, _NODE)

    def entry(source: int) -> Formula:
        return lambda cells: helper.entry(source, cells.code)

    def path_code(cells: RowCells) -> str:
        return helper.entry(H_PARENT, cell(cells.row - 1, CODE, "c")) if cells.slot else first

    def points(cells: RowCells) -> str:
        value = helper.entry(H_VALUE, cells.code)
        return f'IF(COUNT({cells.share},{value})=2,{cells.share}*{value},"")'

    columns = (
        Column("code", "audit.code", path_code, "id"),
        Column("", "audit.up", entry(H_NAME), "name"),
        Column("", "profile.score", entry(H_SCORE), "output", "0.00"),
        Column("", "framework.weight", entry(H_WEIGHT), number="0.####"),
        Column("share", "audit.share",
               lambda cells: _share(helper, cells.code, helper.entry(H_PARENT, cells.code)),
               number="0.0%"),
        Column("", "audit.points", points, number="0.000"),
        Column("", "ranking.rank", entry(H_RANK), "output_center", "0"),
    )  # fmt: skip
    canvas.fit_labels(PATH_HEADER, [(column.key, 12.0) for column in columns], 9, 30)
    return item_table(canvas, PATH_HEADER, range(rows), columns).draw().last


def _draw_parts(book: Book, canvas: Canvas, helper: _Helper, header: int, most: int) -> int:
    """Write the parts of the chosen node, their sum and its comparison; return the last row."""
    first, ref = header + 1, book.labels.ref

    def helper_row(cells: RowCells) -> str:
        return cell(cells.row, PART_AT, "c")

    def entry(source: int) -> Formula:
        return lambda cells: pick(helper.column(source), helper_row(cells))

    def points(cells: RowCells) -> str:
        share, value = cells.share, cells.value
        product = f'IF(COUNT({share},{value})=2,{share}*{value},IF({value}="NA",0,""))'
        return f'IF({helper_row(cells)}="","",{product})'

    def running_total(less: str) -> Formula:
        return lambda cells: (
            f'IF(ISNUMBER({cells.points}),SUM({cells.points.so_far}){less.format(cells.points)},"")'
        )

    columns = (
        Column("code", "audit.code", entry(H_CODE), "id"),
        Column("name", "audit.part", entry(H_NAME), "name"),
        Column("value", "audit.value", entry(H_VALUE), number="0.000"),
        Column("", "framework.weight", entry(H_WEIGHT), number="0.####"),
        Column("share", "audit.share", lambda cells: _share(helper, cells.code, _NODE),
               number="0.0%"),
        Column("points", "audit.points", points, "output", "0.000"),
        Column("", "audit.from", running_total("-{0}"), number="0.000"),
        Column("", "audit.to", running_total(""), number="0.000"),
    )  # fmt: skip
    canvas.fit_labels(header, [(column.key, 12.0) for column in columns], 9, 30)
    table = item_table(canvas, header, range(most), columns).draw()
    last = table.last
    for row in range(first, last + 1):
        # Counted over an empty column: a cell that names itself in ROWS is a circle for some.
        ordinal = f"ROWS({cell(first, PART_AT - 1, 'rc')}:{cell(row, PART_AT - 1, 'c')})"
        match = f'IFERROR(MATCH({ordinal},{helper.column(H_POSITION)},0),"")'
        canvas.formula(row, PART_AT, match, "id", font_size=8)
        _write_bars(canvas, row)
    parts = table.area("points").ref("rc", SHEET)
    total, own = (cell(last + offset, POINTS, "rc") for offset in (1, 2))
    for offset, key, formula, number in (
        (1, "sum", f'IF(COUNT({parts})=0,"",SUM({parts}))', "0.000"),
        (2, "own", helper.entry(H_OWN, _NODE), "0.000"),
        (3, "score", helper.entry(H_SCORE, _NODE), "0.00"),
    ):
        canvas.label(last + offset, NAME, f"audit.{key}", "stub")
        canvas.formula(last + offset, POINTS, formula, "output", number)
    bound, unequal = f"par_udf_tolerance*(1+ABS({total}))", ref("audit.unequal")
    same = f'IF(ABS({total}-{own})<={bound},"=",{unequal})'
    # A node with a value of its own has no parts to add up, where these are not filled.
    alone = f'IF(ISNUMBER({own}),{unequal},"")'
    canvas.formula(last + 2, START, f"IF(COUNT({total},{own})=2,{same},{alone})", "note")
    series = tuple(canvas.area(first, column, last) for column in SERIES)
    chart = steps(book, table.area("name"), series)
    canvas.insert_chart(chart, ref("audit.chart"), PATH_HEADER, CHART_LEFT, 86 * CHART_COLUMNS, 400)
    return last + 3


def _write_bars(canvas: Canvas, row: int) -> None:
    """Write the columns of the waterfall: hidden and shown stretches, above and below zero."""
    start, end, points = (cell(row, column, "c") for column in (START, END, POINTS))
    high, low = f"MAX({start},{end})", f"MIN({start},{end})"
    above, below = f"(MAX({high},0)-MAX({low},0))", f"(MIN({low},0)-MIN({high},0))"
    written = (
        f"MAX({low},0)",
        f"IF({points}>=0,{above},0)",
        f"IF({points}<0,{above},0)",
        f"MIN({high},0)",
        f"IF({points}>=0,{below},0)",
        f"IF({points}<0,{below},0)",
    )
    for column, formula in zip(SERIES, written, strict=True):
        canvas.formula(row, column, f"IF(ISNUMBER({end}),{formula},0)", "id", "0.000", font_size=8)


def _draw_steps(book: Book, canvas: Canvas, header: int) -> int:
    """Write the steps of the chosen node, where it is an indicator; return the last row."""
    layout, prepared = book.layout, prepare_layout(book.layout)
    canvas.label(header, CODE, "audit.steps", "section")
    blocks = [
        ("audit.letter", layout.letters),
        ("profile.raw", layout.constructed_values),
        ("profile.raw", layout.typed),
        *((f"prepared.{do}", prepared.blocks[do]) for do in prepared.doing),
        ("audit.scored", layout.scores_before_imputing),
        ("profile.normalised", layout.normalised),
    ]
    row, seen = header, set()
    for key, block in blocks:
        if not block.codes or (block.sheet, block.left) in seen:
            continue
        seen.add((block.sheet, block.left))
        row += 1
        canvas.label(row, NAME, key, "stub")
        column_of_node = f"MATCH({_NODE},{block.rows_of(block.codes, CODE_ROW, CODE_ROW).ref()},0)"
        value = f"INDEX({block.span().ref()},{_CITY},{column_of_node})"
        shown = f'IF({_CITY}="","",IFERROR({value},""))'
        style = ("calculation", "0.######") if row > header + 1 else ("calculation_center", "")
        canvas.formula(row, VALUE, shown, *style)
    row += 1
    canvas.label(row, NAME, "framework.effective", "stub")
    codes, shares = (layout.framework_column(name).ref() for name in ("code", "effective"))
    effective = f'IFERROR(INDEX({shares},MATCH({_NODE},{codes},0)),"")'
    canvas.formula(row, VALUE, effective, "calculation", "0.00%")
    return row
