"""`Choices`: how ranks depend on two readings: the pool of the mini-hubs, and weighted ties."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.number_formats import ANY_SIZE
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.networks import ID, NetworkLayout
from xlcity.workbook.layout.rows import CODE, FIRST, IN_FIRST, ROW_NAME
from xlcity.workbook.sheets.calculation.calculate import above
from xlcity.workbook.sheets.calculation.populations import NUMBERS
from xlcity.workbook.sheets.table import unit_sheet

SHEET = "Choices"
POOLS = ("own", "main", "all")
#: Columns: totals and ranks of the second population by pool, then totals and ranks by ties.
POOL_LEFT, RANK_LEFT = 3, 6
TIES = ("yes", "no")
TIE_LEFT, TIE_RANK, CHANGE = 10, 12, 14
WORK = 16
#: Rows of the workings: weight, then mean and deviation of each pool.
WEIGHT, STATISTICS = 4, 5
#: Rows that say how much a reading matters: cities with another rank, and the largest move.
MOVED, MOST = 5, 6


def draw(book: Book) -> None:
    """Draw the sheet."""
    layout, widths = book.layout, [16, 22, 11, 11, 11, 8, 8, 8, 2, 11, 11, 9, 9, 9, 2]
    canvas = unit_sheet(book, SHEET, widths, 5)
    canvas.sheet.set_row(ROW_NAME - 1, 44)
    for row in range(STATISTICS + 2 * len(POOLS), CODE):
        canvas.sheet.set_row(row - 1, 3)
    ref = book.labels.ref
    for offset, pool in enumerate(POOLS):
        for left, kind in ((POOL_LEFT, "total"), (RANK_LEFT, "rank")):
            text = f'{ref(f"choices.{kind}")}&" · "&{ref(f"choices.pool.{pool}")}'
            canvas.formula(ROW_NAME, left + offset, text, "header", font_size=9)
            canvas.text(CODE, left + offset, f"{kind} {pool}", "stub_code")
    _draw_workings(book, canvas)
    for row, key in ((MOVED, "moved"), (MOST, "most")):
        canvas.label(row, 2, f"choices.{key}", "stub")
    for offset in range(1, len(POOLS)):
        _draw_moves(canvas, layout.last, RANK_LEFT + offset, RANK_LEFT)
    numbers = populations_of(layout).numbers.ref()
    for row in range(FIRST, layout.last + 1):
        number = populations_of(layout).number(row)
        for offset in range(len(POOLS)):
            _draw_total(book, canvas, row, offset, number)
            z = cell(row, POOL_LEFT + offset)
            column = POOL_LEFT + offset
            all_z = f"{cell(FIRST, column, 'r')}:{cell(layout.last, column, 'r')}"
            rank = f'IF(ISNUMBER({z}),COUNTIF({all_z},{above(z)})+1,"")'
            canvas.formula(row, RANK_LEFT + offset, rank, "output_center", "0")
    if book.spec.udf and book.spec.matrices:
        _draw_ties(book, canvas, numbers)
    canvas.finish(layout.last, CHANGE, ROW_NAME, 2, landscape=False)


def _draw_moves(canvas: Canvas, last: int, column: int, other_column: int) -> None:
    """Write above a column of ranks how many differ from another column, and the largest move."""
    ranks = canvas.range(FIRST, column, last)
    other_ranks = canvas.range(FIRST, other_column, last)
    moved_cell = canvas.area(MOVED, column)
    most_cell = canvas.area(MOST, column)
    for area, statistic in (
        (moved_cell, f"SUM(IFERROR(({ranks}<>{other_ranks})*1,0))"),
        (most_cell, f"SQRT(MAX(IFERROR(({ranks}-{other_ranks})^2,0)))"),
    ):
        canvas.array(area, f'IF(COUNT({ranks})=0,"",{statistic})', "output_center", "0")


def _pool_row(offset: int, statistic: int) -> int:
    return STATISTICS + 2 * offset + statistic


def _draw_workings(book: Book, canvas: Canvas) -> None:
    """Write effective weights, and means and deviations of the three pools, above each other."""
    layout = book.layout
    members, mini = populations_of(layout).members.ref(), book.spec.populations[1]
    main = book.spec.populations[0]
    # When a city belongs to a pool, and the populations that this are.
    conditions = (
        (f'{members}="{mini}"', (mini,)),
        (f'{members}="{main}"', (main,)),
        (f'{members}<>""', book.spec.populations),
    )
    canvas.columns(WORK, WORK, 18)
    canvas.columns(WORK + 1, WORK + len(layout.indicators), 11)
    ref = book.labels.ref
    canvas.label(WEIGHT, WORK, "choices.weight", "stub")
    for offset, pool in enumerate(POOLS):
        for statistic, name in enumerate(("mean", "sd")):
            text = f'{ref(f"choices.{name}")}&" · "&{ref(f"choices.pool.{pool}")}'
            canvas.formula(_pool_row(offset, statistic), WORK, text, "stub")
    # As their values stand on `Index`, so that runs of values meet their statistics.
    codes = tuple(sorted(layout.indicators, key=layout.raw.column))
    canvas.node_heads(ROW_NAME, codes, WORK + 1, 8)
    for column, code in enumerate(codes, WORK + 1):
        weight = layout.framework_cell(code, "effective")
        direction = layout.framework_cell(code, "direction")
        canvas.formula(WEIGHT, column, f"{weight}*{direction}", "calculation", "0.0000")
        values = layout.raw.over(code, SHEET, "rc")
        for offset, (condition, names) in enumerate(conditions):
            counts = (f'COUNTIFS({members},"{name}",{values},{NUMBERS})' for name in names)
            count = "+".join(counts)
            _draw_mean_and_deviation(canvas, offset, column, f'IF({condition},{values},"")', count)


def _draw_mean_and_deviation(
    canvas: Canvas, offset: int, column: int, numbers: str, count: str
) -> None:
    """Write mean and deviation of an array with "" for what is outside, which has its own count.

    Not COUNT of the array: engines differ in it.
    """
    for statistic, function in enumerate(("AVERAGE", "_xlfn.STDEV.P")):
        formula = f'IF({count}=0,"",{function}({numbers}))'
        area = canvas.area(_pool_row(offset, statistic), column)
        canvas.array(area, formula, "calculation", ANY_SIZE)


def _draw_total(book: Book, canvas: Canvas, row: int, offset: int, number: str) -> None:
    layout = book.layout
    parts, first = [], WORK + 1
    for run in layout.raw.runs_of(layout.indicators, row):
        weights, mean, sd = (
            canvas.range(line, first, line, first + run.columns - 1)
            for line in (WEIGHT, _pool_row(offset, 0), _pool_row(offset, 1))
        )
        first += run.columns
        # Where all are equal the z-score is 0.
        parts.append(f"IF({sd}>0,{weights}*({run.ref('c')}-{mean})/{sd},0)")
    n, z = len(layout.indicators), f"SUM({','.join(parts)})"
    x = layout.raw.counted(layout.indicators, row, "")
    sd = canvas.range(_pool_row(offset, 1), WORK + 1, _pool_row(offset, 1), WORK + n)
    is_complete = f"AND({number}=2,COUNT({x})={n},COUNT({sd})={n})"
    column = POOL_LEFT + offset
    formula = f'IFERROR(IF({is_complete},{z},""),"")'
    canvas.array(canvas.area(row, column), formula, "calculation", "0.0000")


def _draw_ties(book: Book, canvas: Canvas, numbers: str) -> None:
    """Write totals and ranks with the vector of weighted and of unweighted ties."""
    layout, ref = book.layout, book.labels.ref
    populations = populations_of(layout)
    network = NetworkLayout(layout, book.spec.matrices[0])
    code, root = network.code, book.spec.framework.root.code
    vectors = WORK + len(layout.indicators) + 2
    flags = network.right + 2
    members = Area(network.sheet, IN_FIRST, flags, layout.in_last, flags).ref()
    for offset, ties in enumerate(TIES):
        column = vectors + offset
        text = f'{ref("choices.vector")}&" · "&{ref(f"choices.ties.{ties}")}'
        canvas.formula(ROW_NAME, column, text, "header", font_size=8)
        call = f'EIGEN_CENTRALITY({network.matrix.ref()},"{ties}","symmetric","",{members})'
        area = canvas.area(FIRST, column, layout.last)
        canvas.array(area, call, "udf", "0.000000")
        canvas.mark(area, f"ISERROR({cell(FIRST, column)})", "absent")
        _draw_standardised(book, canvas, network, column, vectors + 3 + offset)
        for left, kind in ((TIE_LEFT, "total"), (TIE_RANK, "rank")):
            text = f'{ref(f"choices.{kind}")}&" · "&{ref(f"choices.ties.{ties}")}'
            canvas.formula(ROW_NAME, left + offset, text, "header", font_size=9)
            canvas.text(CODE, left + offset, f"{kind} {ties}", "stub_code")
    canvas.label(ROW_NAME, CHANGE, "choices.change", "header", font_size=9)
    _draw_moves(canvas, layout.last, TIE_RANK + 1, TIE_RANK)
    weight = f"{layout.framework_cell(code, 'effective')}"
    for row in range(FIRST, layout.last + 1):
        total = layout.aggregates.at(root, row, SHEET)
        own_score = layout.normalised.at(code, row, SHEET)
        for offset in range(len(TIES)):
            z = cell(row, vectors + 3 + offset)
            changed = f"{total}+{weight}*({z}-{own_score})"
            changed = f'IF(COUNT({total},{own_score},{z})=3,{changed},"")'
            canvas.formula(row, TIE_LEFT + offset, changed, "calculation", "0.0000")
            own_total, column = cell(row, TIE_LEFT + offset), TIE_LEFT + offset
            all_z = f"{cell(FIRST, column, 'r')}:{cell(layout.last, column, 'r')}"
            count = f"COUNTIFS({numbers},{populations.number(row)},{all_z},{above(own_total)})"
            shown = f'IF(ISNUMBER({own_total}),{count}+1,"")'
            canvas.formula(row, TIE_RANK + offset, shown, "output_center", "0")
        a, b = cell(row, TIE_RANK), cell(row, TIE_RANK + 1)
        change = f'IF(COUNT({a},{b})=2,{a}-{b},"")'
        canvas.formula(row, CHANGE, change, "calculation_center", "+0;-0;0")


def _draw_standardised(
    book: Book, canvas: Canvas, network: NetworkLayout, vector: int, column: int
) -> None:
    """Write the vector by city, standardised inside each population."""
    layout = book.layout
    populations = populations_of(layout)
    by_city = column + 3
    ids = network.down(ID).ref()
    values = f"{cell(FIRST, vector, 'rc')}:{cell(layout.last, vector, 'rc')}"
    vector_by_city = f"{cell(FIRST, by_city, 'rc')}:{cell(layout.last, by_city, 'rc')}"
    members = populations.members.ref()
    for index, name in enumerate(populations.names):
        count = f'COUNTIFS({members},"{name}",{vector_by_city},{NUMBERS})'
        numbers = f'IF({members}="{name}",{vector_by_city},"")'
        _draw_mean_and_deviation(canvas, index, by_city, numbers, count)
    for row in range(FIRST, layout.last + 1):
        number = populations.number(row)
        value = f"INDEX({values},MATCH({cell(row, 1, 'c')},{ids},0))"
        # A city without a row in the matrix has no ties; without the functions there is no vector.
        centrality = f'IFERROR({value},IF(COUNT({values})>0,0,""))'
        canvas.formula(
            row, by_city, f'IF({number}="","",{centrality})', "id", "0.000000", font_size=8
        )
        mean, sd = (
            f"IF({number}=1,{cell(_pool_row(0, s), by_city, 'rc')},"
            f"{cell(_pool_row(1, s), by_city, 'rc')})"
            for s in (0, 1)
        )
        x = cell(row, by_city)
        z = f'IFERROR(IF({sd}>0,({x}-{mean})/{sd},0),"")'
        canvas.formula(row, column, f'IF(ISNUMBER({x}),{z},"")', "id", "0.0000", font_size=8)
