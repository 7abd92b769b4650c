"""Supplementary indices: `Satellites`, `Fields` with their inputs, and `Disciplines`.

`Satellites` has means of z-scores or nodes, put on one scale of 0 to 100 inside each population.
"""

from __future__ import annotations

from xlcity.index.satellites import TOP, YEARS
from xlcity.methods.formulas import varies_condition
from xlcity.model.dataset import Status
from xlcity.model.nodes import Satellite
from xlcity.model.satellites import FIELD, GROWTH, MEAN_SHARE, TOP_FIELDS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell, number_at
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.groups import Populations, populations_of
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    IN_CODE,
    IN_FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_WEIGHT,
)
from xlcity.workbook.layout.supplementary import (
    FIELD_SHEET,
    INPUT_LEFT,
    INPUT_SHEET,
    JOINT_SHEET,
    POSITION,
    TABLE,
    SatelliteLayout,
)
from xlcity.workbook.sheets.calculation.calculate import above
from xlcity.workbook.sheets.calculation.populations import NUMBERS
from xlcity.workbook.sheets.inputs.input_rows import id_rows, shown_value
from xlcity.workbook.sheets.table import Column, RowCells, draw_block, unit_sheet, unit_table

#: Header rows: each statistic has a row per population, from the fourth row of the sheet on.
STATISTICS = ("n", "min", "max", "low", "high")
SCORE = "0.00"
#: Row of the tenth value of a field on `Disciplines`.
ROW_TENTH = ROW_MEAN


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
    canvas.sheet.set_row(ROW_NAME - 1, 48)
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
    last = max(layout.last, satellites.table.r2)
    canvas.finish(last, satellites.joint_ranks.right, ROW_NAME, 2, a3=True)


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
        canvas.text(CODE, left + offset, name, "stub_code")
    for row, satellite in enumerate(satellites.all, CODE + 1):
        texts = (
            satellite.code, satellite.kind, satellite.name_zh, satellite.name_en,
            " ".join(satellite.parts), satellite.scale, satellite.group,
        )  # fmt: skip
        for offset, text in enumerate(texts):
            canvas.text(row, left + offset, text, "stub", font_size=9)
    book.define("xl_satellites", satellites.table)


def draw_inputs(book: Book) -> None:
    """Draw `Fields`: inputs that no other sheet names but by whole columns."""
    layout, satellites = book.layout, SatelliteLayout(book.layout)
    dataset = book.spec.dataset
    canvas = titled_sheet(book, INPUT_SHEET, [16, 18], INPUT_LEFT + 2)
    canvas.columns(INPUT_LEFT, INPUT_LEFT + len(satellites.inputs) - 1, 11)
    canvas.sheet.set_row(IN_CODE - 3, 74)
    canvas.thin(range(3, IN_CODE - 2))
    canvas.gap(IN_CODE - 1)
    canvas.field_heads(IN_CODE - 2, "data", ("id", "name"), code_row=IN_CODE)
    names = {satellite.code: satellite for satellite in satellites.all}
    for offset, code in enumerate(satellites.inputs):
        of, _, kind = code.rpartition(".")
        text = f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'
        canvas.formula(IN_CODE - 2, INPUT_LEFT + offset, text, "header", font_size=8)
        canvas.text(IN_CODE, INPUT_LEFT + offset, code, "stub_code")
    id_rows(canvas, [unit.id for unit in dataset.units], layout.slots)
    for slot in range(layout.slots):
        for column, code in enumerate(satellites.inputs, INPUT_LEFT):
            value = shown_value(dataset, slot, code)
            canvas.input(IN_FIRST + slot, column, value, "input", "General", count=True)
    canvas.closing(layout.closing, "data.closing", INPUT_LEFT + len(satellites.inputs) - 1)
    book.define("in_field_units", satellites.input_ids)
    book.define("in_fields", satellites.input_block)
    block = satellites.input_block
    heads = canvas.area(IN_CODE, INPUT_LEFT, IN_CODE, block.c2)
    book.define("xl_field_codes", heads)
    values = canvas.area(IN_FIRST, INPUT_LEFT, layout.in_last, block.c2)
    here = cell(IN_FIRST, INPUT_LEFT)
    canvas.mark(values, f'AND(TYPE({here})=2,TRIM({here})<>"",TRIM({here})<>"NA")', "bad")
    if satellites.has_invented:
        _draw_invented(book, canvas, satellites)
        shipped = cell(IN_FIRST, satellites.shipped_left)
        canvas.mark(values, f'AND({here}={shipped},{shipped}<>"")', "synthetic")
    canvas.frame(IN_CODE, 2)
    canvas.page(canvas.area(1, 1, layout.closing, block.c2), a3=True)


def _draw_invented(book: Book, canvas: Canvas, satellites: SatelliteLayout) -> None:
    """Write the invented values as shipped, out of print, and count those that still stand."""
    defaults, inputs, left = book.spec.defaults, satellites.inputs, satellites.shipped_left
    assert defaults is not None
    codes = [code for code in inputs if code in defaults.codes]
    canvas.label(IN_CODE - 2, left - 1, "fields.invented", "header", font_size=8)
    canvas.label(IN_CODE - 2, left, "fields.shipped", "header_left", font_size=8)
    for row, unit in enumerate(book.spec.dataset.units, IN_FIRST):
        if unit.id not in defaults.rows:
            continue
        for code in codes:
            position = defaults.rows[unit.id], defaults.column(code)
            if defaults.basis[position] == Status.SYNTHETIC:
                value, column = float(defaults.values[position]), left + inputs.index(code)
                canvas.number(row, column, value, "published", "General", font_size=8)
        typed, shipped = (
            canvas.range(row, first, row, first + len(inputs) - 1, fix="c")
            for first in (INPUT_LEFT, left)
        )
        same = f'SUMPRODUCT(({typed}={shipped})*({shipped}<>""))'
        counted = f'IF({cell(row, 1, "c")}="{unit.id}",{same},0)'
        canvas.formula(row, left - 1, counted, "calculation_center", "0", font_size=8)
    counts = canvas.range(IN_FIRST, left - 1, book.layout.in_last)
    canvas.formula(IN_CODE, left - 1, f"SUM({counts})", "calculation_center", "0")


def draw_fields(book: Book) -> None:
    """Draw `Disciplines`: scores of fields and what follows from them."""
    layout, satellites = book.layout, SatelliteLayout(book.layout)
    canvas = unit_sheet(book, FIELD_SHEET, banner=POSITION + 3)
    canvas.widths({POSITION: 8})
    canvas.sheet.set_row(ROW_NAME - 1, 74)
    rows = (
        (ROW_N, "stat.n"),
        (ROW_TENTH, "disciplines.tenth"),
        (ROW_MIN, "stat.min"),
        (ROW_MAX, "stat.max"),
        (ROW_FIXED_LOW, "disciplines.top"),
        (ROW_FIXED_HIGH, "disciplines.years"),
    )
    canvas.stubs(rows)
    canvas.thin((ROW_WEIGHT,))
    for row, name, count in ((ROW_FIXED_LOW, "top", TOP), (ROW_FIXED_HIGH, "years", YEARS)):
        canvas.number(row, POSITION, count, "stub_center", "0")
        book.define(f"par_fields_{name}", canvas.area(row, POSITION))
    # Counted once: every cell of the scores asks for it.
    scored = f"COUNT({populations_of(layout).numbers.ref()})"
    canvas.formula(ROW_N, POSITION, scored, "calculation_center", "0", font_size=8)
    size = cell(ROW_N, POSITION, "rc")
    _values(book, canvas, satellites)
    for block, key in ((satellites.field_scores, "score"), (satellites.field_ranks, "rank")):
        _heads(book, canvas, satellites, block, key)
        name = f"sat_field_{key}s"
        book.define(name, block.span())
    heads = satellites.field_scores.rows_of(satellites.field_scores.codes, CODE, CODE)
    book.define("sat_field_nodes", heads)
    _statistics(canvas, satellites)
    for row in range(FIRST, layout.last + 1):
        _city(canvas, satellites, row, size)
    split = (satellites.field_scores.left, satellites.field_ranks.left)
    canvas.finish(layout.last, satellites.field_ranks.right, ROW_NAME, 2, a3=True, split=split)


def _heads(book: Book, canvas: Canvas, satellites: SatelliteLayout, block: Block, key: str) -> None:
    """Write what the columns of a block are: values by their kind, or all of them scores or so."""
    names = {satellite.code: satellite for satellite in satellites.all}

    def name(code: str) -> str:
        of, _, kind = (code, "", key) if key else code.rpartition(".")
        return f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'

    draw_block(canvas, block, name=name, width=9, head_size=8)


def _values(book: Book, canvas: Canvas, satellites: SatelliteLayout) -> None:
    """Write where a city stands on `Fields`, and its values from there."""
    populations = populations_of(book.layout)

    def position(cells: RowCells) -> str:
        where = f"MATCH({cell(cells.row, 1, 'c')},{satellites.input_ids.ref()},0)"
        return f'IF({populations.number(cells.row)}="","",IFERROR({where},""))'

    column = Column("", "disciplines.position", position, "calculation_center",
                    head_style={"font_size": 8})  # fmt: skip
    unit_table(canvas, (column,), left=POSITION).draw()
    _heads(book, canvas, satellites, satellites.values, "")

    def value(code: str, row: int) -> str:
        return number_at(satellites.input(code).ref("r"), cell(row, POSITION, "c"))

    canvas.fill(satellites.values, value, number="0")


def _statistics(canvas: Canvas, satellites: SatelliteLayout) -> None:
    for code in satellites.inputs:
        column, values = satellites.values.column(code), satellites.values.over(code, FIELD_SHEET)
        n = cell(ROW_N, column, "r")
        canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0", font_size=8)
        for row, statistic in (
            (ROW_TENTH, f"LARGE({values},MIN(par_fields_top,{n}))"),
            (ROW_MIN, f"MIN({values})"),
            (ROW_MAX, f"MAX({values})"),
        ):
            shown = f'IF({n}=0,"",{statistic})'
            canvas.formula(row, column, shown, "calculation", "0", font_size=8)


def _city(canvas: Canvas, satellites: SatelliteLayout, row: int, size: str) -> None:
    papers, cited = (
        satellites.values.rows_of(satellites.of_fields(name), row, row).ref("c", FIELD_SHEET)
        for name in ("papers", "hcp")
    )
    tenth = satellites.values.rows_of(satellites.of_fields("hcp"), ROW_TENTH, ROW_TENTH).ref(
        "rc", FIELD_SHEET
    )
    counts = satellites.values.rows_of(
        (*satellites.of_fields("papers"), *satellites.of_fields("hcp")), ROW_N, ROW_N
    ).ref("rc", FIELD_SHEET)
    fields = f"COLUMNS({papers})"
    complete = f"AND(COUNT({papers})={fields},COUNT({cited})={fields},MIN({counts})={size})"
    for satellite in satellites.others:
        code = satellite.code
        column = satellites.field_scores.column(code)
        if satellite.kind == FIELD:
            best = f"{code}.hcp"
            x, cited_column = (
                satellites.values.at(best, row, FIELD_SHEET),
                satellites.values.column(best),
            )
            low, high, n = (cell(r, cited_column, "r") for r in (ROW_MIN, ROW_MAX, ROW_N))
            share = f"({x}-{low})/({high}-{low})"
            scaled = f"100-par_omega+IF({varies_condition(low, high)},par_omega*{share},0)"
            formula = f'IF(AND(ISNUMBER({x}),{n}={size}),{scaled},"")'
        elif satellite.kind == TOP_FIELDS:
            formula = f'IF({complete},SUMPRODUCT(({cited}>={tenth})*1),"")'
        elif satellite.kind == MEAN_SHARE:
            # Each share over all fields; a field without papers adds nothing.
            shares = f"SUM(IF({papers}>0,{cited}/{papers},0))"
            area = canvas.area(row, column)
            canvas.array(area, f'IF({complete},100*{shares}/{fields},"")', "output", "0.00")
            _rank(canvas, satellites, satellite.code, satellite.kind, row)
            continue
        else:
            assert satellite.kind == GROWTH
            first, last = (
                satellites.values.at(f"{code}.{n}", row, FIELD_SHEET) for n in ("first", "last")
            )
            grown = f"100*(({last}/{first})^(1/par_fields_years)-1)"
            formula = f'IF(COUNT({first},{last})=2,IF({first}>0,{grown},""),"")'
        number = "0" if satellite.kind == TOP_FIELDS else "0.00"
        canvas.formula(row, column, formula, "output", number)
        _rank(canvas, satellites, satellite.code, satellite.kind, row)


def _rank(canvas: Canvas, satellites: SatelliteLayout, code: str, kind: str, row: int) -> None:
    score = satellites.field_scores.at(code, row, FIELD_SHEET)
    scores = satellites.field_scores.over(code, FIELD_SHEET)
    if kind == FIELD:
        # By the counts themselves.
        score = satellites.values.at(f"{code}.hcp", row, FIELD_SHEET)
        scores = satellites.values.over(f"{code}.hcp", FIELD_SHEET)
        better = f"COUNTIF({scores},{above(score)})"
        score = satellites.field_scores.at(code, row, FIELD_SHEET)
    elif kind == TOP_FIELDS:
        share = next(s.code for s in satellites.others if s.kind == MEAN_SHARE)
        mine = satellites.field_scores.at(share, row, FIELD_SHEET)
        shares = satellites.field_scores.over(share, FIELD_SHEET)
        better = f'COUNTIF({scores},">"&{score})+COUNTIFS({scores},{score},{shares},{above(mine)})'
    else:
        better = f"COUNTIF({scores},{above(score)})"
    column = satellites.field_ranks.column(code)
    canvas.formula(row, column, f'IF(ISNUMBER({score}),{better}+1,"")', "output_center", "0")
