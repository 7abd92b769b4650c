"""`Profile`: one city beside another and the mean: scores, ranks, strengths, contributions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xlcity.methods.formulas import ANY_NUMBER
from xlcity.workbook.drawing.canvas import ROW_PIXELS, Book, Canvas, titled_sheet
from xlcity.workbook.drawing.charts import bars, columns
from xlcity.workbook.drawing.grid import Block, Fix, cell, pick
from xlcity.workbook.drawing.number_formats import (
    AS_TEXT,
    INTEGER,
    THREE_DECIMALS,
    TWO_DECIMALS,
    value_format,
)
from xlcity.workbook.drawing.styles import CENTER, OUTPUT_CENTER
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.sheets.calculation.calculate import above, rank_edge
from xlcity.workbook.sheets.choosers import CITIES, city_match, typed_name
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table
from xlcity.workbook.wildcards import is_plain

CITY_ROW = 4
OTHER_ROW = 5
NODES_HEADER = 9
STRENGTHS = 3
#: Columns of the tables, and the gap before the charts; the workings stand behind these.
WIDTHS = (20, 10, 9.5, 9, 9, 8.5, 9.5, 8.5, 1)
CHART_LEFT = 10
CHART_COLUMN = 8
CHART_COLUMNS = 6
WRAPPED = {"text_wrap": True}
#: Columns over which strengths and weaknesses are written.
LISTED = 3
HELPER = CHART_LEFT + CHART_COLUMNS + 1
CITY_POSITION, OTHER_POSITION = (
    cell(row, HELPER, Fix.BOTH) for row in (CITY_ROW, OTHER_ROW)
)
#: Looks of names in the list of nodes by their level.
LEVELS: tuple[dict[str, object], ...] = (
    {"bold": True, "bg_color": "#CFE2F9"},
    {"bold": True, "bg_color": "#E8EFF8"},
    {},
)
#: Height of the columns in pixels, of a name beside bars, and what else these need; rows from one
#: chart to the next.
BARS = 290
NAME_HEIGHT = 34
AROUND_BARS = 70
CHART_ROWS = 14
#: More names beside bars cannot be read.
MOST_NAMES = 12
CHART_WIDTH = 58 * CHART_COLUMNS  # pixels: a little less than the columns


def draw(book: Book) -> None:
    """Draw the sheet with its two choosers, tables and charts."""
    canvas = titled_sheet(
        book, "Profile", [*WIDTHS, *[CHART_COLUMN] * CHART_COLUMNS, 2], banner=True
    )
    canvas.last_printed = HELPER - 1
    _draw_choosers(book, canvas)
    nodes = item_table(
        canvas, NODES_HEADER, book.layout.composites, _node_columns(book)
    ).draw()
    tables = [nodes]
    if not book.spec.nodes_alone:
        leaves = item_table(
            canvas, nodes.last + 3, book.layout.indicators, _indicator_columns(book)
        ).draw()
        _draw_sum(book, canvas, leaves)
        _draw_extremes(book, canvas, leaves)
        tables.append(leaves)
    _draw_charts(book, canvas, tables)
    for table in tables:  # heads with the other city's name
        canvas.sheet.set_row_pixels(table.first - 2, _height_of_formula_texts(book))
    canvas.close(OTHER_ROW, tall=1, head=NODES_HEADER - 2)


def _height_of_formula_texts(book: Book) -> int:
    """Return the height of a row whose longest text a formula gives: two lines in each language."""
    return (4 if book.spec.language == "both" else 2) * ROW_PIXELS


def _draw_choosers(book: Book, canvas: Canvas) -> None:
    """Write both choosers, the names of the cities, and their positions among all."""
    layout = book.layout
    first_two = book.spec.dataset.units[:2]
    chosen_first = [*map(typed_name(book.spec), first_two), "", ""]
    for row, key, value in (
        (CITY_ROW, "profile.city", chosen_first[0]),
        (OTHER_ROW, "profile.other", chosen_first[1]),
    ):
        canvas.heading(row, 1, key)
        canvas.input(row, 2, value, "chooser", number=AS_TEXT, shrink=True)
        chosen, position, plain = (
            cell(row, column, Fix.BOTH) for column in (2, HELPER, HELPER + 1)
        )
        canvas.formula(
            row, HELPER, f'IF({plain}="","",{city_match(layout, plain)})', "helper"
        )
        canvas.formula(row, HELPER + 1, f'IF({is_plain(chosen)},{chosen},"")', "helper")
        name = f"INDEX({layout.names()},{position})"
        shown = f'IF({position}="",{book.labels.ref("profile.unknown")},{name})'
        canvas.formula(row, 3, shown, "title", font_size=14, indent=1)
    canvas.choices(canvas.area(CITY_ROW, 2, OTHER_ROW), f"={layout.names()}", CITIES)


def _entry(book: Book, column: str) -> Formula:
    """Return the formula of a node's entry on `Framework`."""
    return lambda cells: book.layout.framework_cell(cells.item, column)


def _of_city(block: Block, position: str = CITY_POSITION) -> Formula:
    """Return the formula that picks a city's value from a block."""
    return lambda cells: pick(block.over(cells.item, "Profile", Fix.BOTH), position)


def _of_other(book: Book, key: str, block: Block) -> Column:
    """Return a column of the other city, headed by its name."""
    head = f'$C${OTHER_ROW}&" · "&{book.labels.ref(key)}'
    return Column(
        formula=_of_city(block, OTHER_POSITION), number=TWO_DECIMALS, head=head
    )


def _statistic(book: Book, section: str, name: str, function: str) -> Formula:
    """Return the formula of a statistic over all cities, or those of the chosen one's group."""
    populations = populations_of(book.layout)

    def formula(cells: RowCells) -> str:
        values = populations.block(section).over(cells.item, "Profile", Fix.BOTH)
        if not book.spec.apart:
            return f'IF(COUNT({values})=0,"",{function}({values}))'
        number = f"INDEX({populations.numbers.ref()},{CITY_POSITION})"
        return f'IFERROR({populations.own(section, cells.item, name, number)},"")'

    return formula


def _node_columns(book: Book) -> Iterator[Column]:
    """Yield the columns of the composite nodes."""
    layout = book.layout
    plain = "calculation"
    scores = layout.scores
    ranks = layout.ranks

    def behind(cells: RowCells) -> str:
        return f'IF(COUNT({cells.score},{cells.best})=2,{cells.best}-{cells.score},"")'

    def of_level(cells: RowCells) -> dict[str, object]:
        """Return the look of a name: the total, its parts, and what is below these.

        The list goes level by level: an indent would make a node look like a part of the one above
        it.
        """
        depth = book.spec.framework.depth(cells.item)
        return {**WRAPPED, **LEVELS[min(depth, len(LEVELS) - 1)]}

    yield Column(
        "name", "profile.node", _entry(book, "display"), "name", style=of_level
    )
    yield Column(
        "score", "profile.score", _of_city(scores), role="output", number=TWO_DECIMALS
    )
    yield Column(
        key="ranking.rank",
        formula=_of_city(ranks),
        role=OUTPUT_CENTER,
        number=INTEGER,
    )
    yield Column(key="profile.behind", formula=behind, role=plain, number=TWO_DECIMALS)
    mean, best = (
        _statistic(book, "scores", *names)
        for names in (("average", "AVERAGE"), ("max", "MAX"))
    )
    yield Column("mean", "profile.mean", mean, role=plain, number=TWO_DECIMALS)
    yield _of_other(book, "profile.score", scores)
    yield Column(
        key="profile.its_rank",
        formula=_of_city(ranks, OTHER_POSITION),
        role=CENTER,
        number=INTEGER,
    )
    yield Column("best", "profile.best", best, role=plain, number=TWO_DECIMALS)


def _indicator_columns(book: Book) -> Iterator[Column]:
    """Yield the columns of the indicators."""
    layout = book.layout
    normalised = book.layout.normalised
    plain = "calculation"

    def contribution(cells: RowCells) -> str:
        # A catalogue has no total that indicators could contribute to.
        has_parts = f"COUNT({cells.value}:{cells.share},$B${NODES_HEADER + 1})=3"
        return f'IF({has_parts},{cells.value}*{cells.share},"")'

    def rank(cells: RowCells) -> str:
        count = _count_cities(book, cells.item, above(cells.value))
        return f'IF(ISNUMBER({cells.value}),{count}+1,"")'

    # Whether a city is before or after its equals is not counted here.
    rank_key = "profile.shared" if book.spec.consecutive_ranks else "ranking.rank"
    yield Column(
        "name", "profile.indicator", _entry(book, "display"), "name", style=WRAPPED
    )

    def form(code: str) -> str:
        return value_format(
            book.spec.framework, code, typed=code not in layout.constructed
        )

    yield Column(
        key="profile.raw", formula=_of_city(layout.raw), role=plain, number=form
    )
    yield Column(
        "value",
        "profile.normalised",
        _of_city(normalised),
        role="output",
        number=TWO_DECIMALS,
    )
    yield Column(
        "share",
        "framework.effective",
        _entry(book, "effective"),
        role=CENTER,
        number="0.0%",
    )
    yield Column(
        "points", "profile.contribution", contribution, role=plain, number=TWO_DECIMALS
    )
    yield Column("rank", rank_key, rank, role=CENTER, number=INTEGER)
    yield _of_other(book, "profile.normalised", normalised)
    mean = _statistic(book, "normalised", "average", "AVERAGE")
    yield Column("mean", "profile.mean", mean, role=plain, number=TWO_DECIMALS)


def _count_cities(book: Book, code: str, test: str) -> str:
    """Return the formula that counts the cities of the chosen one's population by a criterion."""
    values = book.layout.normalised.over(code, "Profile", Fix.BOTH)
    if book.spec.apart:
        members = populations_of(book.layout).members.ref()
        return f"COUNTIFS({members},INDEX({members},{CITY_POSITION}),{values},{test})"
    return f"COUNTIF({values},{test})"


def _draw_sum(book: Book, canvas: Canvas, leaves: Table) -> None:
    """Write the sum of the contributions, and whether it is the total: of weighted means it is."""
    row = leaves.last + 1
    parts = leaves.area("points").ref(home="Profile")
    total = f"$B${NODES_HEADER + 1}"
    summed = cell(row, leaves.column("points"), Fix.COLUMN)
    same = f"ABS({summed}-{total})<=0.000001*(1+ABS({total}))"
    equal, other = (
        book.labels.ref(key) for key in ("profile.sum", "profile.sum.other")
    )
    text = f"IF(COUNT({summed},{total})<2,{other},IF({same},{equal},{other}))"
    last = leaves.column("points") - 1
    canvas.merged(row, 1, last, f'IF(ISNUMBER({total}),{text},"")', role="stub")
    canvas.sheet.set_row_pixels(row - 1, _height_of_formula_texts(book))
    short = f"OR(COUNT({parts})<ROWS({parts}),NOT(ISNUMBER({total})))"
    canvas.formula(
        row,
        leaves.column("points"),
        f'IF({short},"",SUM({parts}))',
        "output",
        number=TWO_DECIMALS,
    )


def _draw_extremes(book: Book, canvas: Canvas, leaves: Table) -> None:
    """List the indicators with the best ranks of the chosen city, and those with the worst.

    A rank that more than half of the cities share or are above is not a strength, and a strength is
    not a weakness. Ties keep every indicator: a rank and its row make one key.
    """

    def key(cells: RowCells) -> str:
        rank = leaves.address("rank", cells.row)
        return f'IF(ISNUMBER({rank}),{rank}+{cells.ordinal}/1000,"")'

    def count_sharing(cells: RowCells) -> str:
        edge = rank_edge(leaves.address("value", cells.row), "-")
        return _count_cities(book, cells.item, f'">"&{edge}')

    def best(cells: RowCells) -> str:
        sharing = cells.sharing if book.spec.apart else count_sharing(cells)
        ranked = _count_cities(book, cells.item, ANY_NUMBER)
        strong = f'IF(2*{sharing}>{ranked},"",{cells.key})'
        return f'IF(ISNUMBER({cells.key}),{strong},"")'

    formulas: dict[str, Formula] = {"key": key}
    if book.spec.apart:  # the count inside a group is long: it has a column of its own
        formulas["sharing"] = lambda cells: (
            f'IF(ISNUMBER({cells.key}),{count_sharing(cells)},"")'
        )
    formulas["best"] = best
    workings = item_table(
        canvas,
        leaves.header,
        leaves.items,
        [
            Column(name, formula=formula, number=THREE_DECIMALS, helper=True)
            for name, formula in formulas.items()
        ],
        left=HELPER,
    ).draw()
    names = leaves.area("name").ref(home="Profile")
    all_keys, best_keys = (
        workings.area(name).ref(home="Profile") for name in ("key", "best")
    )
    top = leaves.last + 3
    for title, function, keys in (
        ("strengths", "SMALL", best_keys),
        ("weaknesses", "LARGE", all_keys),
    ):
        canvas.heading(top, 1, f"profile.{title}")
        for row in range(top + 1, top + 1 + STRENGTHS):
            chosen = f"{function}({keys},ROWS($A${top}:$A{row - 1}))"
            name = f'INDEX({names},MATCH({chosen},{keys},0))&" ("&INT({chosen})&")"'
            if title == "weaknesses":
                name = f'IF(COUNTIF({best_keys},{chosen})>0,"",{name})'
            canvas.merged(row, 1, LISTED, f'IFERROR({name},"")', role="name")
        top += STRENGTHS + 2


def _bars_height(names: Sequence[str]) -> int:
    """Return the height of a chart of bars in pixels."""
    return max(BARS, AROUND_BARS + NAME_HEIGHT * len(names))


def _draw_charts(book: Book, canvas: Canvas, tables: Sequence[Table]) -> None:
    """Draw columns of total and pillars, and below them bars of indicators or nodes.

    `tables` are that of the nodes and, unless these are given alone, that of the indicators.
    """
    spec = book.spec
    nodes = tables[0]
    leaves = tables[-1]
    framework = book.spec.framework

    def lines(
        table: Table, codes: Sequence[str], values: Sequence[int]
    ) -> tuple[Any, Any]:
        """Return names and lines of a chart: of the city, of the other one, and of the mean."""
        first = table.first + table.items.index(codes[0])
        area = [
            canvas.area(first, column, first + len(codes) - 1)
            for column in (1, *values)
        ]
        names = ("=Profile!$C$4", "=Profile!$C$5", book.labels.text("profile.mean"))
        return area[0], tuple(zip(names, area[1:], strict=True))

    def level(depth: int) -> list[str]:
        return [code for code in nodes.items if framework.depth(code) == depth]

    charts = [
        (
            "bars",
            BARS,
            columns(
                book,
                *lines(
                    nodes,
                    [nodes.items[0], *level(1)],
                    (2, 6, 5),
                ),
            ),
        )
    ]
    levels = [
        codes
        for codes in map(level, range(framework.height, 0, -1))
        if 1 < len(codes) <= MOST_NAMES
    ]
    # Nodes may be given without the indicators below them, whose bars would be empty.
    if len(leaves.items) <= MOST_NAMES and not spec.direct_nodes:
        chart = bars(book, *lines(leaves, leaves.items, (3, 7, 8)))
        charts.append(("indicators", _bars_height(leaves.items), chart))
    elif levels:
        chart = bars(book, *lines(nodes, levels[0], (2, 6, 5)))
        charts.append(("level", _bars_height(levels[0]), chart))
    for number, (key, height, chart) in enumerate(charts):
        row = NODES_HEADER + number * CHART_ROWS
        canvas.insert_chart(
            chart,
            book.labels.ref(f"profile.{key}"),
            row,
            CHART_LEFT,
            width=CHART_WIDTH,
            height=height,
        )
