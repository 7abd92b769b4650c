"""`Satellites`: means of z-scores or nodes, put on one scale of 0 to 100 inside each population."""

from __future__ import annotations

from xlcity.methods.formulas import varies_condition
from xlcity.model.nodes import Satellite
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.groups import Populations, populations_of
from xlcity.workbook.layout.rows import CODE, ROW_NAME, ROW_WEIGHT
from xlcity.workbook.layout.supplementary import JOINT_SHEET, TABLE, SatelliteLayout
from xlcity.workbook.sheets.calculation.calculate import above
from xlcity.workbook.sheets.calculation.populations import NUMBERS
from xlcity.workbook.sheets.table import draw_block, unit_sheet

#: Header rows: each statistic has a row per population, from the fourth row of the sheet on.
STATISTICS = ("n", "min", "max", "low", "high")
SCORE = "0.00"


def name_of(book: Book, satellite: Satellite) -> str:
    """Return a formula for the name of a satellite in the chosen language."""
    return book.pick(satellite.name_zh, satellite.name_en)


def row_of(statistic: str, position: int, count: int) -> int:
    """Return the header row of a statistic of a population."""
    return ROW_WEIGHT + STATISTICS.index(statistic) * count + position


def draw(book: Book) -> None:
    """Draw the sheet."""
    layout, satellites = book.layout, SatelliteLayout(book.layout)
    populations = populations_of(layout)
    canvas = unit_sheet(book, JOINT_SHEET, [16, 24], 6)
    members = {satellite.code: satellite for satellite in satellites.joint}

    def name(code: str) -> str:
        return name_of(book, members[code])

    def mean(code: str, row: int) -> str:
        return _mean(book, members[code], populations.number(row), row)

    def score(code: str, row: int) -> str:
        return _score(satellites, populations, code, row)

    def rank(code: str, row: int) -> str:
        score = satellites.joint_scores.at(code, row, JOINT_SHEET)
        scores = satellites.joint_scores.over(code, JOINT_SHEET)
        member = layout.population(row)
        better = f"COUNTIFS({populations.members.ref()},{member},{scores},{above(score)})"
        return f'IF(ISNUMBER({score}),{better}+1,"")'

    for block, formula, role, number, what in (
        (satellites.means, mean, "calculation", "0.0000", "mean"),
        (satellites.joint_scores, score, "output", SCORE, "score"),
        (satellites.joint_ranks, rank, "output_center", "0", "rank"),
    ):
        key = f"satellites.{what}"
        draw_block(canvas, block, formula, role, number, key=key, name=name, width=13)
    count = len(populations.names)
    for statistic in STATISTICS:
        key = f"satellites.{statistic}" if statistic in ("low", "high") else f"stat.{statistic}"
        for position, population in enumerate(populations.names):
            row = row_of(statistic, position, count)
            canvas.stub(row, f'{book.labels.ref(key)}&" · {population}"')
    for satellite in satellites.joint:
        for position in range(count):
            _header(canvas, satellites, populations, satellite, position)
    book.define("sat_joint_scores", satellites.joint_scores.span())
    book.define("sat_joint_ranks", satellites.joint_ranks.span())
    book.define(
        "sat_joint_nodes", satellites.joint_scores.rows_of(satellites.means.codes, CODE, CODE)
    )
    _table(book, canvas, satellites)
    max(layout.last, satellites.table.r2)
    canvas.close(ROW_NAME, 2, head=CODE)


def _header(
    canvas: Canvas,
    satellites: SatelliteLayout,
    populations: Populations,
    satellite: Satellite,
    position: int,
) -> None:
    count = len(populations.names)
    column, values = (
        satellites.means.column(satellite.code),
        satellites.means.over(satellite.code, JOINT_SHEET),
    )
    members = populations.members.ref()
    name = populations.name(position)
    n = cell(row_of("n", position, count), column, "r")
    formula = f"COUNTIFS({members},{name},{values},{NUMBERS})"
    canvas.formula(row_of("n", position, count), column, formula, "calculation_center", "0")
    for statistic in ("min", "max"):
        row = row_of(statistic, position, count)
        inside = f"{statistic.upper()}(IF({members}={name},{values}))"
        area = canvas.area(row, column)
        canvas.array(area, f'IF({n}=0,"",{inside})', "calculation", "0.0000")
    same = [s.code for s in satellites.joint if s.scale == satellite.scale]
    for statistic, of in (("low", "min"), ("high", "max")):
        row = row_of(statistic, position, count)
        counts = satellites.means.rows_of(tuple(same), *[row_of("n", position, count)] * 2)
        ends = satellites.means.rows_of(tuple(same), *[row_of(of, position, count)] * 2)
        size = populations.size(position)
        complete = f"AND({size}>0,MIN({counts.ref('rc', JOINT_SHEET)})={size})"
        bound = f'IF({complete},{of.upper()}({ends.ref("rc", JOINT_SHEET)}),"")'
        canvas.formula(row, column, bound, "calculation", "0.0000")


def _mean(book: Book, satellite: Satellite, number: str, row: int) -> str:
    """Return the mean of the parts of a supplementary index, NA where one lacks."""
    layout = book.layout
    parts = [
        (layout.aggregates if part in layout.composites else layout.normalised).at(
            part, row, JOINT_SHEET
        )
        for part in satellite.parts
    ]
    complete = f"COUNT({','.join(parts)})={len(parts)}"
    mean = f"({'+'.join(parts)})/{len(parts)}" if len(parts) > 1 else parts[0]
    return f'IF({number}="","",IF({complete},{mean},"NA"))'


def _score(satellites: SatelliteLayout, populations: Populations, code: str, row: int) -> str:
    """Return the mean on the scale of its population."""
    column, count, number = (
        satellites.means.column(code),
        len(populations.names),
        populations.number(row),
    )
    low, high = (
        f"INDEX({cell(row_of(name, 0, count), column, 'r')}:"
        f"{cell(row_of(name, count - 1, count), column, 'r')},{number})"
        for name in ("low", "high")
    )
    x = satellites.means.at(code, row, JOINT_SHEET)
    scaled = f"IF({varies_condition(low, high)},100*({x}-{low})/({high}-{low}),0)"
    return f'IF({number}="","",IF(AND(ISNUMBER({x}),ISNUMBER({low})),{scaled},"NA"))'


def _table(book: Book, canvas: Canvas, satellites: SatelliteLayout) -> None:
    """Write what the satellites are, by which a workbook tells of them."""
    left = satellites.table_left
    canvas.label(ROW_NAME, left, "satellites.table", "section")
    canvas.widths(dict(zip(range(left, left + len(TABLE)), (9, 11, 26, 34, 30, 9, 9), strict=True)))
    for offset, name in enumerate(TABLE):
        canvas.put(CODE, left + offset, name, "stub_code")
    for row, satellite in enumerate(satellites.all, CODE + 1):
        texts = (
            satellite.code, satellite.kind, satellite.name_zh, satellite.name_en,
            " ".join(satellite.parts), satellite.scale, satellite.group,
        )  # fmt: skip
        for offset, text in enumerate(texts):
            canvas.put(row, left + offset, text, "stub", font_size=9)
    book.define("xl_satellites", satellites.table)
