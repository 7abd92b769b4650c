"""`Fields` and `Disciplines`: papers and highly cited papers by field, and what they say."""

from __future__ import annotations

from xlcity.index.satellites import TOP, YEARS
from xlcity.methods.formulas import varies_condition
from xlcity.model.satellites import FIELD, GROWTH, MEAN_SHARE, TOP_FIELDS
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell, number_at
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    IN_CODE,
    IN_FIRST,
    MESSAGES,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    SHIPPED_ROW_COLUMN,
)
from xlcity.workbook.layout.supplementary import (
    FIELD_SHEET,
    INPUT_LEFT,
    INPUT_SHEET,
    POSITION,
    SatelliteLayout,
)
from xlcity.workbook.sheets.calculation.calculate import above
from xlcity.workbook.sheets.calculation.satellites import name_of
from xlcity.workbook.sheets.inputs.input_rows import id_rows, shown_value
from xlcity.workbook.sheets.table import Column, RowCells, draw_block, unit_sheet, unit_table

ROW_TENTH = ROW_MEAN


def draw_inputs(book: Book) -> None:
    """Draw `Fields`: inputs that no other sheet names but by whole columns."""
    layout, satellites = book.layout, SatelliteLayout(book.layout)
    dataset = book.spec.dataset
    canvas = titled_sheet(book, INPUT_SHEET, [16, 18], INPUT_LEFT + 2)
    canvas.columns(INPUT_LEFT, INPUT_LEFT + len(satellites.inputs) - 1, 11)
    canvas.gap(IN_CODE - 1)
    canvas.field_heads(IN_CODE - 2, "data", ("id", "name"), code_row=IN_CODE)
    names = {satellite.code: satellite for satellite in satellites.all}
    for offset, code in enumerate(satellites.inputs):
        of, _, kind = code.rpartition(".")
        text = f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'
        canvas.formula(IN_CODE - 2, INPUT_LEFT + offset, text, "header", font_size=8)
        canvas.put(IN_CODE, INPUT_LEFT + offset, code, "stub_code")
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
    canvas.close(IN_CODE, 2, protected=False)


def draw(book: Book) -> None:
    """Draw `Disciplines`."""
    layout, satellites = book.layout, SatelliteLayout(book.layout)
    canvas = unit_sheet(book, FIELD_SHEET, banner=POSITION + 3)
    canvas.widths({POSITION: 8})
    rows = (
        (ROW_N, "stat.n"),
        (ROW_TENTH, "disciplines.tenth"),
        (ROW_MIN, "stat.min"),
        (ROW_MAX, "stat.max"),
        (ROW_FIXED_LOW, "disciplines.top"),
        (ROW_FIXED_HIGH, "disciplines.years"),
    )
    canvas.stubs(rows)
    for row, name, count in ((ROW_FIXED_LOW, "top", TOP), (ROW_FIXED_HIGH, "years", YEARS)):
        canvas.put(row, POSITION, count, "stub_center", "0")
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
    _letters(canvas, satellites)
    for row in range(FIRST, layout.last + 1):
        _city(canvas, satellites, row, size)
    canvas.close(ROW_NAME, 2, head=CODE)


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
    letters = satellites.letters
    for code in letters.codes:
        canvas.put(CODE, letters.column(code), code, "stub_code")
    if letters.codes:
        canvas.columns(letters.left, letters.right, 5)
        canvas.label(ROW_NAME, letters.left, "messages.letters", "header_left")
        canvas.mark(letters.span(), f'{cell(FIRST, letters.left)}="Y"', "synthetic")


def _letters(canvas: Canvas, satellites: SatelliteLayout) -> None:
    def letter(code: str, row: int) -> str:
        default = f"{MESSAGES}!{cell(row, SHIPPED_ROW_COLUMN, 'c')}"
        value = satellites.values.at(code, row, FIELD_SHEET)
        shipped, shipped_letter = (
            f"INDEX({block.over(code, FIELD_SHEET, 'rc')},{default})"
            for block in (satellites.shipped_values, satellites.shipped_letters)
        )
        value_letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
        return f'IF(ISNUMBER({value}),{value_letter},"")'

    canvas.fill(satellites.letters, letter, "calculation_center", font_size=8)


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
