"""`Audit`: where one number comes from: its way up to the total, and its parts.

City and node are chosen. A helper table beside the print area has one row per node of the tree,
for the chosen city; the three tables read it by the node's code. Everything is a native formula.
"""

from __future__ import annotations

from typing import Any

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import steps
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.layout.prepared import PrepareLayout
from xlcity.workbook.layout.rows import CODE as CODE_ROW
from xlcity.workbook.layout.rows import ROW_WEIGHT
from xlcity.workbook.sheets.choosers import CITIES, NODES, city_position, node_code
from xlcity.workbook.steps import missing_rule

SHEET = "Audit"
CITY_ROW, NODE_ROW, PATH_HEADER = 4, 5, 7
#: Columns of the tables.
CODE, NAME, VALUE, WEIGHT, SHARE, POINTS, START, END = range(1, 9)
WIDTHS = (20, 40, 13, 11, 11, 13, 13, 13, 2)
CHART_LEFT, CHART_COLUMNS, CHART_WIDTH = 10, 6, 12
#: Columns of the helper table, behind the charts.
H_CODE, H_PARENT, H_PLACE, H_VALUE, H_WEIGHT, H_OWN, H_SCORE, H_RANK, H_COUNTED, H_NAME = range(
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
    canvas, layout = book.canvas(SHEET), book.layout
    framework = book.spec.framework
    canvas.heading("audit", "audit.note", banner_column=CHART_LEFT)
    canvas.widths([*WIDTHS, *[CHART_WIDTH] * CHART_COLUMNS])
    canvas.columns(H_CODE, SERIES[-1], 9)
    canvas.thin((3, 6))
    _choosers(book, canvas)
    nodes = tuple(node.code for node in framework.tree_order)
    helper = _Helper(len(nodes))
    _helper(book, canvas, helper, nodes)
    row = _path(book, canvas, helper, framework.height + 1)
    most = max(len(framework.children(code)) for code in layout.composites)
    row = _parts(book, canvas, helper, row + 2, most)
    last = _indicator(book, canvas, helper, row + 2)
    down = PATH_HEADER + 22
    canvas.finish(max(last, down), CHART_LEFT + CHART_COLUMNS - 1, NODE_ROW, tall=1)


class _Helper:
    """Addresses of the helper table."""

    def __init__(self, rows: int) -> None:
        self.last = HELPER_FIRST + rows - 1

    def column(self, column: int) -> str:
        return Area(SHEET, HELPER_FIRST, column, self.last, column).ref("rc", SHEET)

    def of(self, column: int, code: str) -> str:
        """Return a column's entry of the node whose code a cell holds; "" where there is none."""
        found = f"INDEX({self.column(column)},MATCH({code},{self.column(H_CODE)},0))"
        return f'IFERROR(IF({code}="","",{found}),"")'


def _choosers(book: Book, canvas: Canvas) -> None:
    layout, units = book.layout, book.spec.dataset.units
    root = book.spec.framework.root.code
    for row, key, value in (
        (CITY_ROW, "profile.city", units[0].id if units else ""),
        (NODE_ROW, "audit.node", root),
    ):
        canvas.sheet.set_row(row - 1, 20)
        canvas.label(row, CODE, key, "section")
        canvas.input(row, CODE + 1, value, "chooser", "@")
    chosen = cell(CITY_ROW, CODE + 1, "rc")
    canvas.formula(
        CITY_ROW, H_CODE, city_position(layout, chosen), "calculation_center", font_size=8
    )
    canvas.label(CITY_ROW, H_CODE + 1, "profile.row", "note", font_size=8)
    code = node_code(layout, cell(NODE_ROW, CODE + 1, "rc"))
    canvas.formula(NODE_ROW, H_CODE, code, "calculation_center", font_size=8)
    unknown = book.labels.ref("profile.unknown")
    shown = f"INDEX({layout.city('display').ref()},{_CITY})"
    canvas.formula(CITY_ROW, VALUE, f'IF({_CITY}="",{unknown},{shown})', "title", font_size=13)
    title = f"INDEX({layout.framework_column('display').ref()},MATCH({_NODE},"
    title += f"{layout.framework_column('code').ref()},0))"
    unknown = book.labels.ref("audit.unknown")
    canvas.formula(NODE_ROW, VALUE, f"IFERROR({title},{unknown})", "title", font_size=13)
    canvas.choices(canvas.area(CITY_ROW, CODE + 1), "=xl_units", CITIES)
    nodes = f"={layout.framework_column('code').ref()}"
    canvas.choices(canvas.area(NODE_ROW, CODE + 1), nodes, NODES)


def _used(book: Book, code: str) -> Block:
    """Return the block from which a node's parent takes its value."""
    spec, layout = book.spec, book.layout
    parent = spec.framework[code].parent
    if parent is None:
        return layout.aggregates
    if parent == spec.framework.root.code and spec.means_of_scaled:
        return layout.rooted_from(code)
    return layout.children(parent)[0]


def _helper(book: Book, canvas: Canvas, helper: _Helper, nodes: tuple[str, ...]) -> None:
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
        used = _used(book, code)
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
            H_PLACE: f"IF({cell(row, H_PARENT, 'c')}={_NODE},COUNTIF("
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
    counted = helper.of(H_COUNTED, code)
    return f'IFERROR(IF({counted}="","",{counted}/{total}),"")'


def _path(book: Book, canvas: Canvas, helper: _Helper, rows: int) -> int:
    """Write the way from the chosen node up to the total; return its last row."""
    heads = ("audit.code", "audit.up", "profile.score", "framework.weight", "audit.share",
             "audit.points", "ranking.rank")  # fmt: skip
    canvas.heads(PATH_HEADER, heads, room=12.0, font_size=9)
    for offset in range(rows):
        row = PATH_HEADER + 1 + offset
        code = cell(row, CODE, "c")
        above = cell(row - 1, CODE, "c")
        first = helper.of(H_CODE, _NODE)
        canvas.formula(row, CODE, first if not offset else helper.of(H_PARENT, above), "id")
        canvas.formula(row, NAME, helper.of(H_NAME, code), "name")
        canvas.formula(row, VALUE, helper.of(H_SCORE, code), "output", "0.00")
        canvas.formula(row, WEIGHT, helper.of(H_WEIGHT, code), "calculation", "0.####")
        parent = helper.of(H_PARENT, code)
        canvas.formula(row, SHARE, _share(helper, code, parent), "calculation", "0.0%")
        share, value = cell(row, SHARE, "c"), helper.of(H_VALUE, code)
        canvas.formula(
            row, POINTS, f'IF(COUNT({share},{value})=2,{share}*{value},"")', "calculation", "0.000"
        )
        canvas.formula(row, START, helper.of(H_RANK, code), "output_center", "0")
    return PATH_HEADER + rows


def _parts(book: Book, canvas: Canvas, helper: _Helper, header: int, most: int) -> int:
    """Write the parts of the chosen node and how they add up; return the last row."""
    heads = ("audit.code", "audit.part", "audit.value", "framework.weight", "audit.share",
             "audit.points", "audit.from", "audit.to")  # fmt: skip
    canvas.heads(header, heads, room=12.0, font_size=9)
    first, last = header + 1, header + most
    for row in range(first, last + 1):
        at = cell(row, PART_AT, "c")
        # Counted over an empty column: a cell that names itself in ROWS is a circle for some.
        place = f"ROWS({cell(first, PART_AT - 1, 'rc')}:{cell(row, PART_AT - 1, 'c')})"
        canvas.formula(
            row, PART_AT, f'IFERROR(MATCH({place},{helper.column(H_PLACE)},0),"")', "id",
            font_size=8,
        )  # fmt: skip
        code = cell(row, CODE, "c")
        for column, source, role, number in (
            (CODE, H_CODE, "id", ""),
            (NAME, H_NAME, "name", ""),
            (VALUE, H_VALUE, "calculation", "0.000"),
            (WEIGHT, H_WEIGHT, "calculation", "0.####"),
        ):
            canvas.formula(row, column, pick(helper.column(source), at), role, number)
        canvas.formula(row, SHARE, _share(helper, code, _NODE), "calculation", "0.0%")
        share, value = cell(row, SHARE, "c"), cell(row, VALUE, "c")
        points = f'IF(COUNT({share},{value})=2,{share}*{value},IF({value}="NA",0,""))'
        canvas.formula(row, POINTS, f'IF({at}="","",{points})', "output", "0.000")
        made = cell(row, POINTS, "c")
        before = f"SUM({cell(first, POINTS, 'rc')}:{cell(row, POINTS, 'c')})"
        canvas.formula(
            row, START, f'IF(ISNUMBER({made}),{before}-{made},"")', "calculation", "0.000"
        )
        canvas.formula(row, END, f'IF(ISNUMBER({made}),{before},"")', "calculation", "0.000")
        _bars(canvas, row)
    parts = f"{cell(first, POINTS, 'rc')}:{cell(last, POINTS, 'rc')}"
    total, own = cell(last + 1, POINTS, "rc"), helper.of(H_OWN, _NODE)
    canvas.label(last + 1, NAME, "audit.sum", "stub")
    canvas.formula(last + 1, POINTS, f'IF(COUNT({parts})=0,"",SUM({parts}))', "output", "0.000")
    canvas.label(last + 2, NAME, "audit.own", "stub")
    canvas.formula(last + 2, POINTS, own, "output", "0.000")
    equal = f"ABS({total}-{cell(last + 2, POINTS, 'rc')})"
    bound = f"par_udf_tolerance*(1+ABS({total}))"
    same = f'IF({equal}<={bound},"=",{book.labels.ref("audit.unequal")})'
    both = f"COUNT({total},{cell(last + 2, POINTS, 'rc')})=2"
    # A node with a value of its own has no parts to add up, where these are not filled.
    alone = f'IF(ISNUMBER({cell(last + 2, POINTS, "rc")}),{book.labels.ref("audit.unequal")},"")'
    canvas.formula(last + 2, START, f"IF({both},{same},{alone})", "note")
    canvas.label(last + 3, NAME, "audit.score", "stub")
    canvas.formula(last + 3, POINTS, helper.of(H_SCORE, _NODE), "output", "0.00")
    chart = steps(
        book,
        "audit.chart",
        canvas.area(first, NAME, last),
        tuple(canvas.area(first, column, last) for column in SERIES),
    )
    canvas.insert_chart(chart, PATH_HEADER, CHART_LEFT, 86 * CHART_COLUMNS, 400)
    return last + 3


def _bars(canvas: Canvas, row: int) -> None:
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


def _indicator(book: Book, canvas: Canvas, helper: _Helper, header: int) -> int:
    """Write the steps of the chosen node, where it is an indicator; return the last row."""
    layout = book.layout
    canvas.label(header, CODE, "audit.steps", "section")
    steps_: list[tuple[str, Any]] = [("profile.raw", layout.raw)]
    prepared = PrepareLayout(layout)
    steps_ += [(f"prepared.{do}", prepared.blocks[do]) for do in prepared.doing]
    steps_ += [("audit.working", layout.working), ("audit.scored", layout.oriented)]
    steps_.append(("profile.normalised", layout.normalised))
    seen = set()
    row = header
    letters = layout.letters
    position = f"MATCH({_NODE},{letters.rows_of(letters.codes, CODE_ROW, CODE_ROW).ref()},0)"
    row += 1
    canvas.label(row, NAME, "audit.letter", "stub")
    letter = f"INDEX({letters.span().ref()},{_CITY},{position})"
    canvas.formula(row, VALUE, f'IF({_CITY}="","",IFERROR({letter},""))', "calculation_center")
    for key, block in steps_:
        if not block.codes or (block.sheet, block.left) in seen:
            continue
        seen.add((block.sheet, block.left))
        row += 1
        canvas.label(row, NAME, key, "stub")
        codes = block.rows_of(block.codes, CODE_ROW, CODE_ROW).ref()
        place = f"MATCH({_NODE},{codes},0)"
        value = f"INDEX({block.span().ref()},{_CITY},{place})"
        shown = f'IF({_CITY}="","",IFERROR({value},""))'
        canvas.formula(row, VALUE, shown, "calculation", "0.######")
    row += 1
    canvas.label(row, NAME, "framework.effective", "stub")
    effective = f"INDEX({layout.framework_column('effective').ref()},MATCH({_NODE},"
    effective += f"{layout.framework_column('code').ref()},0))"
    canvas.formula(row, VALUE, f'IFERROR({effective},"")', "calculation", "0.00%")
    return row
