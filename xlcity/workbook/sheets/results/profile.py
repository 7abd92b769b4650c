"""`Profile`: one city beside another and the mean: scores, ranks, strengths, contributions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xlcity.model.satellites import FIELD, JOINT
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.charts import columns, radar
from xlcity.workbook.drawing.grid import Area, Block, cell, pick
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.labels import quoted, shown_name
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.supplementary import SatelliteLayout
from xlcity.workbook.sheets.calculation.calculate import lower_edge, upper_edge
from xlcity.workbook.sheets.choosers import CITIES, city_match
from xlcity.workbook.sheets.table import Column, Formula, RowCells, Table, item_table
from xlcity.workbook.steps.method_table import methods_of
from xlcity.workbook.steps.nodes import SIGNED
from xlcity.workbook.wildcards import is_plain

CITY_ROW, OTHER_ROW, GROUPS_ROW = 4, 5, 7
NODES_HEADER = 9
STRENGTHS = 3
#: Rows beyond which a page of A4 is too small.
LONG = 50
#: Columns of the tables, and the gap before the charts.
TABLE_WIDTHS = (42, 13, 10.5, 10.5, 10.5, 10.5, 10.5, 10.5, 1.5)
LONG_NAME = 24
#: Charts stand in columns J to O, the helper column beyond them and out of print.
CHART_LEFT, CHART_COLUMN, CHART_COLUMNS = 10, 13, 6
HELPER = CHART_LEFT + CHART_COLUMNS + 1
NAMES = HELPER + 2  # names as the charts show them
BEST = NAMES + 6  # ranks of the indicators in which the city is in the upper half, and edges
LEVEL = NAMES + 9  # names and scores of a level of nodes
WORST = NAMES + 13  # ranks of those in which it is not first
CITY_POSITION, OTHER_POSITION = (cell(row, HELPER, "rc") for row in (CITY_ROW, OTHER_ROW))
#: Pixels: of a row that is not set, by how much the header of a table is higher, of the bars and
#: of the radar of pillars at least, of the radar below that at most.
ROW, HEADER_EXTRA, LEAST_BARS, LEAST_RADAR, MOST_RADAR = 20, 38, 260, 320, 460
#: Fewer pillars make no radar, and more names around one cannot be read.
LEAST_AXES, MOST_AXES = 3, 12
CHART_WIDTH = 92 * CHART_COLUMNS  # pixels: a little less than the columns


def draw(book: Book) -> None:
    """Draw the sheet with its two choosers, tables and charts."""
    spec = book.spec
    widths = [*TABLE_WIDTHS, *[CHART_COLUMN] * CHART_COLUMNS, 2, 9, 12, 30]
    canvas = titled_sheet(book, "Profile", widths, 7)
    _draw_choosers(book, canvas)
    _draw_groups(book, canvas)
    nodes_last = _draw_nodes(book, canvas)
    leaf_header = nodes_last + 3
    leaf_last = _draw_indicators(book, canvas, leaf_header)
    _draw_extremes(book, canvas, leaf_header, leaf_last)
    if spec.apart and spec.framework.satellites:
        _draw_satellites(book, canvas, leaf_last + 3)
    down = _draw_charts(book, canvas, nodes_last, leaf_header, leaf_last)
    last = max(leaf_last + STRENGTHS * 2 + 8, down)
    # Many nodes on a page of A4 would be too small to read.
    _right, _is_long = CHART_LEFT + CHART_COLUMNS - 1, last > LONG
    canvas.close(CITY_ROW + 1, tall=1)


def _draw_choosers(book: Book, canvas: Canvas) -> None:
    """Write both choosers, the names of the cities, and their positions among all."""
    layout, ids = book.layout, [unit.id for unit in book.spec.dataset.units]
    for row, key, value in (
        (CITY_ROW, "profile.city", ids[0] if ids else ""),
        (OTHER_ROW, "profile.other", ids[1] if len(ids) > 1 else ""),
    ):
        canvas.label(row, 1, key, "section")
        canvas.input(row, 2, value, "chooser", "@")
        chosen, position, match = (cell(row, column, "rc") for column in (2, HELPER, NAMES))
        canvas.formula(row, NAMES, city_match(layout, chosen), "helper")
        plain_match = f'IF({is_plain(chosen)},{match},"")'
        canvas.formula(row, HELPER, plain_match, "calculation_center", font_size=8)
        name = f"INDEX({layout.city('display').ref()},{position})"
        shown = f'IF({position}="",{book.labels.ref("profile.unknown")},{name})'
        canvas.formula(row, 3, shown, "title", font_size=14, indent=1)
        canvas.label(row, HELPER + 1, "profile.row", "note", font_size=8)
    canvas.choices(canvas.area(CITY_ROW, 2, OTHER_ROW), "=xl_units", CITIES)


def _draw_charts(
    book: Book, canvas: Canvas, nodes_last: int, leaf_header: int, leaf_last: int
) -> int:
    """Draw the charts, one below the other; return the row below them."""
    spec, first = book.spec, leaf_header + 1
    pillars = len([c for c in book.layout.composites if spec.framework.depth(c) <= 1])
    # z-scores have no bounds of their own.
    scaled = not methods_of(spec) & SIGNED
    leaves: tuple[str, Any] | None = None
    if len(book.layout.indicators) <= MOST_AXES:
        names, lines = _chart_lines(book, canvas, NAMES, (3, 7, 8), first, leaf_last)
        leaves = "profile.radar", radar(book, names, lines, scaled=scaled)
    elif codes := _radar_codes(book):
        names, lines = _draw_level(book, canvas, codes)
        leaves = "profile.level", radar(book, names, lines, scaled=scaled)
    top, bottom = NODES_HEADER + 1, NODES_HEADER + pillars
    names, lines = _chart_lines(book, canvas, NAMES, (2, 6, 5), top, bottom)
    # The header of the table of nodes is a few rows high.
    heights = [max(ROW * (nodes_last - NODES_HEADER + 3), LEAST_BARS)]
    charts = [("profile.bars", columns(book, names, lines))]
    if spec.direct_nodes and pillars - 1 >= LEAST_AXES:
        # Nodes may be given without the indicators below them, whose radar is empty then.
        names, lines = _chart_lines(book, canvas, 1, (2, 6, 5), top + 1, bottom)
        charts.append(("profile.pillars", radar(book, names, lines)))
        heights.append(LEAST_RADAR)
    if leaves:
        charts.append(leaves)
        heights.append(min(ROW * (leaf_last - leaf_header + 15), MOST_RADAR))
    down = NODES_HEADER
    for position, ((key, chart), height) in enumerate(zip(charts, heights, strict=True)):
        title = book.labels.ref(key)
        canvas.insert_chart(chart, title, down, CHART_LEFT, CHART_WIDTH, height)
        rows = math.ceil((height + 8 - (HEADER_EXTRA if position == 0 else 0)) / ROW)
        down = max(down + rows, leaf_header) if position == 0 else down + rows
    return down


def _radar_codes(book: Book) -> list[str]:
    """Return the lowest level of nodes that a radar has room for; none if it is drawn already."""
    framework, composites = book.spec.framework, book.layout.composites
    for depth in range(framework.height, 0 if not book.spec.direct_nodes else 1, -1):
        codes = [code for code in composites if framework.depth(code) == depth]
        if LEAST_AXES <= len(codes) <= MOST_AXES:
            return codes
    return []


def _draw_level(
    book: Book, canvas: Canvas, codes: Sequence[str]
) -> tuple[Area, tuple[tuple[str, Area], ...]]:
    """Write the names and scores of a level of nodes beside the table, as `_lines` returns."""
    first = NODES_HEADER + 1
    places = {code: row for row, code in enumerate(book.layout.composites, first)}
    for row, code in enumerate(codes, first):
        for column, source in enumerate((NAMES, 2, 6, 5), LEVEL):
            shown = cell(places[code], source, "rc")
            canvas.formula(row, column, shown, "helper", "0.00")
    last = first + len(codes) - 1
    return _chart_lines(book, canvas, LEVEL, (LEVEL + 1, LEVEL + 2, LEVEL + 3), first, last)


def _chart_lines(
    book: Book, canvas: Canvas, names: int, values: tuple[int, int, int], first: int, last: int
) -> tuple[Area, tuple[tuple[str, Area], ...]]:
    """Return names and lines of a chart: of the city, of the other one, and of the mean."""
    titles = ("=Profile!$C$4", "=Profile!$C$5", book.labels.text("profile.mean"))
    areas = (canvas.area(first, column, last) for column in values)
    return canvas.area(first, names, last), tuple(zip(titles, areas, strict=True))


def _draw_groups(book: Book, canvas: Canvas) -> None:
    """Write the groups of the chosen city in one line."""
    layout, parts = book.layout, []
    for column, group_type in enumerate(book.spec.group_types, NAMES):
        # One helper cell for each kind of group, behind one another.
        value = f"INDEX({layout.city(group_type.attribute).ref()},{CITY_POSITION})"
        label = book.labels.text(f"attribute.{group_type.attribute}")
        name = book.word_of(f"group.{group_type.attribute}", value)
        shown = f'{quoted(f"{label}: ")}&IFERROR({name},"—")'
        canvas.formula(GROUPS_ROW, column, shown, "helper")
        parts.append(cell(GROUPS_ROW, column, "rc"))
    if parts:
        right = CHART_LEFT + CHART_COLUMNS - 1
        sum(TABLE_WIDTHS) + CHART_COLUMN * CHART_COLUMNS
        line = '&"   "&'.join(parts)
        canvas.merged(GROUPS_ROW, 1, right, line, "note", font_size=9, text_wrap=True)


def _longest_group_line(book: Book) -> str:
    """Return the longest line of groups that a city may have."""
    line = ""
    for group_type in book.spec.group_types:
        name = book.labels.text(f"attribute.{group_type.attribute}")
        texts = book.words[f"group.{group_type.attribute}"].texts
        line += f"{name}: {max(texts, key=len)}   "
    return line


def _write_chart_name(book: Book, canvas: Canvas, row: int, code: str) -> None:
    """Write a node's name for the charts: in one language, a long English one on two lines."""
    own, zh, en = (book.layout.framework_cell(code, n) for n in ("code", "name_zh", "name_en"))
    shown = shown_name(own, zh, en, "en" if book.spec.language == "en" else "zh")
    canvas.formula(row, NAMES + 1, shown, "helper")
    name = cell(row, NAMES + 1, "c")
    broken = f'IF(LEN({name})>{LONG_NAME},SUBSTITUTE({name}," ",CHAR(10),3),{name})'
    canvas.formula(row, NAMES, broken, "helper")


def _draw_table(
    canvas: Canvas, header: int, codes: Sequence[str], columns: Sequence[Column]
) -> Table:
    """Draw a table with a row per node, and the names that its chart shows."""
    table = item_table(canvas, header, codes, columns).draw()
    for row, code in enumerate(codes, table.first):
        _write_chart_name(canvas.book, canvas, row, code)
    return table


def _pick_city(block: Block, position: str = CITY_POSITION) -> Formula:
    """Return the formula that picks a city's value from a block."""
    return lambda cells: pick(block.over(cells.item, "Profile", "rc"), position)


def _other_city_column(book: Book, key: str, block: Block, role: str, number: str) -> Column:
    """Return a column of the other city, headed by its name."""
    head = f'$C${OTHER_ROW}&" · "&{book.labels.ref(key)}'
    return Column("", "", _pick_city(block, OTHER_POSITION), role, number, head=head)


def _draw_nodes(book: Book, canvas: Canvas) -> int:
    """Write the table of composite nodes and return its last row."""
    layout, framework = book.layout, book.spec.framework
    scores, ranks, plain, center = layout.scores, layout.ranks, "calculation", "calculation_center"

    def statistic(name: str, function: str) -> Formula:
        if book.spec.apart:
            return lambda cells: _population_statistic(book, "scores", cells.item, name)

        def of_all(cells: RowCells) -> str:
            values = scores.over(cells.item, "Profile", "rc")
            return f'IF(COUNT({values})=0,"",{function}({values}))'

        return of_all

    def behind(cells: RowCells) -> str:
        return f'IF(COUNT({cells.score},{cells.best})=2,{cells.best}-{cells.score},"")'

    columns = (
        Column("", "profile.node", lambda cells: layout.framework_cell(cells.item, "display"),
               "name", style=lambda cells: {"indent": 1 + framework.depth(cells.item)}),
        Column("score", "profile.score", _pick_city(scores), "output", "0.00"),
        Column("", "ranking.rank", _pick_city(ranks), "output_center", "0"),
        Column("", "profile.behind", behind, plain, "0.00"),
        Column("", "profile.mean", statistic("average", "AVERAGE"), plain, "0.00"),
        _other_city_column(book, "profile.score", scores, plain, "0.00"),
        _other_city_column(book, "ranking.rank", ranks, center, "0"),
        Column("best", "profile.best", statistic("max", "MAX"), plain, "0.00"),
    )  # fmt: skip
    return _draw_table(canvas, NODES_HEADER, layout.composites, columns).last


def _population_statistic(book: Book, section: str, code: str, statistic: str) -> str:
    """Return the formula of a statistic of the chosen city's population."""
    populations = populations_of(book.layout)
    number = f"INDEX({populations.numbers.ref()},{CITY_POSITION})"
    return f'IFERROR({populations.own(section, code, statistic, number)},"")'


def _draw_indicators(book: Book, canvas: Canvas, header: int) -> int:
    """Write the table of indicators and return its last row."""
    layout, normalised, plain = book.layout, book.layout.normalised, "calculation"

    def contribution(cells: RowCells) -> str:
        # A catalogue has no total that indicators could contribute to.
        has_parts = f"COUNT({cells.value}:{cells.share},$B${NODES_HEADER + 1})=3"
        return f'IF({has_parts},{cells.value}*{cells.share},"")'

    def rank(cells: RowCells) -> str:
        count = _count_cities(book, cells.item, f'">"&{cell(cells.row, HELPER + 1, "c")}')
        return f'IF(ISNUMBER({cells.value}),{count}+1,"")'

    def mean(cells: RowCells) -> str:
        if book.spec.apart:
            return _population_statistic(book, "normalised", cells.item, "average")
        values = normalised.over(cells.item, "Profile", "rc")
        return f'IF(COUNT({values})=0,"",AVERAGE({values}))'

    # Whether a city is before or after its equals is not counted here.
    head = "profile.shared" if book.spec.consecutive_ranks else "ranking.rank"
    columns = (
        Column("", "profile.indicator", lambda cells: layout.framework_cell(cells.item, "display"),
               "name"),
        Column("", "profile.raw", _pick_city(layout.raw), plain,
               value_formats(book.spec.framework)),
        Column("value", "profile.normalised", _pick_city(normalised), "output", "0.00"),
        Column("share", "framework.effective",
               lambda cells: layout.framework_cell(cells.item, "effective"), "calculation_center",
               "0.0%"),
        Column("", "profile.contribution", contribution, plain, "0.00"),
        Column("", head, rank, "calculation_center", "0"),
        _other_city_column(book, "profile.normalised", normalised, plain, "0.00"),
        Column("", "profile.mean", mean, plain, "0.00"),
    )  # fmt: skip
    table = _draw_table(canvas, header, layout.indicators, columns)
    for row in range(table.first, table.last + 1):
        for column, edge in ((HELPER + 1, upper_edge), (BEST + 1, lower_edge)):
            edge_value = f'IF(ISNUMBER($C{row}),{edge(f"$C{row}")},"")'
            canvas.formula(row, column, edge_value, "helper")
    last = table.last
    total, summed = f"$B${NODES_HEADER + 1}", f"$E{last + 1}"
    same = f"ABS({summed}-{total})<=0.000001*(1+ABS({total}))"
    equal, other = (book.labels.ref(key) for key in ("profile.sum", "profile.sum.other"))
    # Only a weighted mean is the sum of its parts: the cells say whether this one is.
    text = f"IF(COUNT({summed},{total})<2,{other},IF({same},{equal},{other}))"
    canvas.formula(last + 1, 1, f'IF(ISNUMBER({total}),{text},"")', "stub")
    parts = f"$E{header + 1}:$E{last}"
    short = f"COUNT({parts})<ROWS({parts})"
    sum_of_parts = f'IF(OR({short},NOT(ISNUMBER({total}))),"",SUM({parts}))'
    canvas.formula(last + 1, 5, sum_of_parts, "output", "0.00")
    return last


def _count_cities(book: Book, code: str, test: str) -> str:
    """Return the formula that counts the cities of the chosen one's population by a criterion."""
    values = book.layout.normalised.over(code, "Profile", "rc")
    members = populations_of(book.layout).members.ref()
    if book.spec.apart:
        return f"COUNTIFS({members},INDEX({members},{CITY_POSITION}),{values},{test})"
    return f"COUNTIF({values},{test})"


def _draw_satellites(book: Book, canvas: Canvas, top: int) -> None:
    """Write the chosen city's satellites beside its strengths; single fields are left out.

    What follows from fields is shown where the page is that computes it.
    """
    layout = SatelliteLayout(book.layout)
    canvas.label(top, 4, "profile.satellites", "section")
    for column, key in ((7, "profile.score"), (8, "ranking.rank")):
        canvas.label(top, column, key, "section", font_size=9, align="center")
    shown = [s for s in layout.all if s.kind == JOINT or (layout.shows_fields and s.kind != FIELD)]
    for row, satellite in enumerate(shown, top + 1):
        joint = satellite.kind == JOINT
        scores = layout.joint_scores if joint else layout.field_scores
        ranks = layout.joint_ranks if joint else layout.field_ranks
        name = book.pick(satellite.name_zh, satellite.name_en)
        canvas.merged(row, 4, 6, name, "name")
        for column, block, role, form in (
            (7, scores, "output", "0.00"),
            (8, ranks, "calculation_center", "0"),
        ):
            values = block.over(satellite.code, "Profile", "rc")
            canvas.formula(row, column, pick(values, CITY_POSITION), role, form)


def _draw_extremes(book: Book, canvas: Canvas, header: int, last: int) -> None:
    """List the indicators with the best and the worst ranks of the chosen city.

    An indicator in which the city is first is never a weakness.
    """
    first = header + 1
    start = last + 3
    ranks = canvas.range(first, HELPER, last)
    most = max(1, min(STRENGTHS, (last - header) // STRENGTHS))
    for row, code in enumerate(book.layout.indicators, first):
        # Ties keep every indicator: a rank and its row make one key.
        key = f'IF(ISNUMBER($F{row}),$F{row}+ROWS($F${first}:$F{row})/1000,"")'
        canvas.formula(row, HELPER, key, "helper", "0.000")
        # A rank that more than half of the cities share or are above is not a strength.
        above = _count_cities(book, code, f'">"&{cell(row, BEST + 1, "c")}')
        ranked_cities = _count_cities(book, code, '">-1E+300"')
        own = cell(row, HELPER, "c")
        limit, half = (cell(row, BEST + step, "c") for step in (1, 2))
        canvas.formula(
            row,
            BEST + 2,
            f"IF(ISNUMBER({limit}),2*{above}<={ranked_cities},FALSE)",
            "id",
            font_size=8,
        )
        weak = f'IF(ISNUMBER($F{row}),IF($F{row}>1,{own},""),"")'
        canvas.formula(row, WORST, weak, "helper", "0.000")
        best = f'IF(AND({half},OR($F{row}=1,{own}<LARGE({ranks},{most}))),{own},"")'
        enough = f"AND(ISNUMBER({own}),COUNT({ranks})>={most})"
        canvas.formula(row, BEST, f'IF({enough},{best},"")', "helper", "0.000")
    names = canvas.range(first, 1, last)
    for offset, (title, function, column) in enumerate(
        (("profile.strengths", "SMALL", BEST), ("profile.weaknesses", "LARGE", WORST))
    ):
        extreme_keys = canvas.range(first, column, last)
        row = start + offset * (STRENGTHS + 2)
        canvas.label(row, 1, title, "section")
        canvas.label(row, 2, "ranking.rank", "section", font_size=9, align="center")
        for position in range(1, STRENGTHS + 1):
            line = row + position
            key = f"{function}({extreme_keys},ROWS($A${row}:$A{line - 1}))"
            canvas.formula(
                line, 1, f'IFERROR(INDEX({names},MATCH({key},{extreme_keys},0)),"")', "name"
            )
            canvas.formula(line, 2, f'IFERROR(INT({key}),"")', "calculation_center", "0")
