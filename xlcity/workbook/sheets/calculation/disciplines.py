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
    ROW_WEIGHT,
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
    layout, found = book.layout, SatelliteLayout(book.layout)
    dataset = book.spec.dataset
    canvas = titled_sheet(book, INPUT_SHEET, [16, 18], INPUT_LEFT + 2)
    canvas.columns(INPUT_LEFT, INPUT_LEFT + len(found.inputs) - 1, 11)
    canvas.sheet.set_row(IN_CODE - 3, 74)
    canvas.thin(range(3, IN_CODE - 2))
    canvas.gap(IN_CODE - 1)
    canvas.field_heads(IN_CODE - 2, "data", ("id", "name"), code_row=IN_CODE)
    names = {satellite.code: satellite for satellite in found.all}
    for offset, code in enumerate(found.inputs):
        of, _, kind = code.rpartition(".")
        text = f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'
        canvas.formula(IN_CODE - 2, INPUT_LEFT + offset, text, "header", font_size=8)
        canvas.text(IN_CODE, INPUT_LEFT + offset, code, "stub_code")
    id_rows(canvas, [unit.id for unit in dataset.units], layout.slots)
    for slot in range(layout.slots):
        for column, code in enumerate(found.inputs, INPUT_LEFT):
            value = shown_value(dataset, slot, code)
            canvas.input(IN_FIRST + slot, column, value, "input", "General", count=True)
    canvas.closing(layout.closing, "data.closing", INPUT_LEFT + len(found.inputs) - 1)
    book.define("in_field_units", found.input_ids)
    book.define("in_fields", found.input_block)
    block = found.input_block
    heads = canvas.area(IN_CODE, INPUT_LEFT, IN_CODE, block.c2)
    book.define("xl_field_codes", heads)
    values = canvas.area(IN_FIRST, INPUT_LEFT, layout.in_last, block.c2)
    here = cell(IN_FIRST, INPUT_LEFT)
    canvas.mark(values, f'AND(TYPE({here})=2,TRIM({here})<>"",TRIM({here})<>"NA")', "bad")
    canvas.frame(IN_CODE, 2)
    canvas.page(canvas.area(1, 1, layout.closing, block.c2), a3=True)


def draw(book: Book) -> None:
    """Draw `Disciplines`."""
    layout, found = book.layout, SatelliteLayout(book.layout)
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
    _values(book, canvas, found)
    for block, key in ((found.field_scores, "score"), (found.field_ranks, "rank")):
        _heads(book, canvas, found, block, key)
        name = f"sat_field_{key}s"
        book.define(name, block.span())
    heads = found.field_scores.rows_of(found.field_scores.codes, CODE, CODE)
    book.define("sat_field_nodes", heads)
    _statistics(canvas, found)
    _letters(canvas, found)
    for row in range(FIRST, layout.last + 1):
        _city(canvas, found, row, size)
    split = (found.field_scores.left, found.field_ranks.left)
    canvas.finish(layout.last, found.field_ranks.right, ROW_NAME, 2, a3=True, split=split)


def _heads(book: Book, canvas: Canvas, found: SatelliteLayout, block: Block, key: str) -> None:
    """Write what the columns of a block are: values by their kind, or all of them scores or so."""
    names = {satellite.code: satellite for satellite in found.all}

    def name(code: str) -> str:
        of, _, kind = (code, "", key) if key else code.rpartition(".")
        return f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'

    draw_block(canvas, block, name=name, width=9, head_size=8)


def _values(book: Book, canvas: Canvas, found: SatelliteLayout) -> None:
    """Write where a city stands on `Fields`, and its values from there."""
    populations = populations_of(book.layout)

    def position(at: RowCells) -> str:
        where = f"MATCH({cell(at.row, 1, 'c')},{found.input_ids.ref()},0)"
        return f'IF({populations.number(at.row)}="","",IFERROR({where},""))'

    column = Column("", "disciplines.position", position, "calculation_center",
                    head_style={"font_size": 8})  # fmt: skip
    unit_table(canvas, (column,), left=POSITION).draw()
    _heads(book, canvas, found, found.values, "")

    def value(code: str, row: int) -> str:
        return number_at(found.input(code).ref("r"), cell(row, POSITION, "c"))

    canvas.fill(found.values, value, number="0")
    letters = found.letters
    for code in letters.codes:
        canvas.text(CODE, letters.column(code), code, "stub_code")
    if letters.codes:
        canvas.columns(letters.left, letters.right, 5)
        canvas.label(ROW_NAME, letters.left, "messages.letters", "header_left")
        canvas.mark(letters.span(), f'{cell(FIRST, letters.left)}="Y"', "synthetic")


def _letters(canvas: Canvas, found: SatelliteLayout) -> None:
    def letter(code: str, row: int) -> str:
        default = f"{MESSAGES}!{cell(row, SHIPPED_ROW_COLUMN, 'c')}"
        value = found.values.at(code, row, FIELD_SHEET)
        shipped, known = (
            f"INDEX({block.over(code, FIELD_SHEET, 'rc')},{default})"
            for block in (found.shipped_values, found.shipped_letters)
        )
        made = f'IF({default}="","E",IF({value}={shipped},{known},"E"))'
        return f'IF(ISNUMBER({value}),{made},"")'

    canvas.fill(found.letters, letter, "calculation_center", font_size=8)


def _statistics(canvas: Canvas, found: SatelliteLayout) -> None:
    for code in found.inputs:
        column, values = found.values.column(code), found.values.over(code, FIELD_SHEET)
        n = cell(ROW_N, column, "r")
        canvas.formula(ROW_N, column, f"COUNT({values})", "calculation_center", "0", font_size=8)
        for row, made in (
            (ROW_TENTH, f"LARGE({values},MIN(par_fields_top,{n}))"),
            (ROW_MIN, f"MIN({values})"),
            (ROW_MAX, f"MAX({values})"),
        ):
            shown = f'IF({n}=0,"",{made})'
            canvas.formula(row, column, shown, "calculation", "0", font_size=8)


def _city(canvas: Canvas, found: SatelliteLayout, row: int, size: str) -> None:
    papers, cited = (
        found.values.rows_of(found.of_fields(name), row, row).ref("c", FIELD_SHEET)
        for name in ("papers", "hcp")
    )
    tenth = found.values.rows_of(found.of_fields("hcp"), ROW_TENTH, ROW_TENTH).ref(
        "rc", FIELD_SHEET
    )
    counts = found.values.rows_of(
        (*found.of_fields("papers"), *found.of_fields("hcp")), ROW_N, ROW_N
    ).ref("rc", FIELD_SHEET)
    fields = f"COLUMNS({papers})"
    whole = f"AND(COUNT({papers})={fields},COUNT({cited})={fields},MIN({counts})={size})"
    for satellite in found.others:
        code = satellite.code
        column = found.field_scores.column(code)
        if satellite.kind == FIELD:
            best = f"{code}.hcp"
            x, at = found.values.at(best, row, FIELD_SHEET), found.values.column(best)
            low, high, n = (cell(r, at, "r") for r in (ROW_MIN, ROW_MAX, ROW_N))
            share = f"({x}-{low})/({high}-{low})"
            scaled = f"100-par_omega+IF({varies_condition(low, high)},par_omega*{share},0)"
            made = f'IF(AND(ISNUMBER({x}),{n}={size}),{scaled},"")'
        elif satellite.kind == TOP_FIELDS:
            made = f'IF({whole},SUMPRODUCT(({cited}>={tenth})*1),"")'
        elif satellite.kind == MEAN_SHARE:
            # Each share over all fields; a field without papers adds nothing.
            shares = f"SUM(IF({papers}>0,{cited}/{papers},0))"
            area = canvas.area(row, column)
            canvas.array(area, f'IF({whole},100*{shares}/{fields},"")', "output", "0.00")
            _rank(canvas, found, satellite.code, satellite.kind, row)
            continue
        else:
            assert satellite.kind == GROWTH
            first, last = (
                found.values.at(f"{code}.{n}", row, FIELD_SHEET) for n in ("first", "last")
            )
            grown = f"100*(({last}/{first})^(1/par_fields_years)-1)"
            made = f'IF(COUNT({first},{last})=2,IF({first}>0,{grown},""),"")'
        number = "0" if satellite.kind == TOP_FIELDS else "0.00"
        canvas.formula(row, column, made, "output", number)
        _rank(canvas, found, satellite.code, satellite.kind, row)


def _rank(canvas: Canvas, found: SatelliteLayout, code: str, kind: str, row: int) -> None:
    score = found.field_scores.at(code, row, FIELD_SHEET)
    scores = found.field_scores.over(code, FIELD_SHEET)
    if kind == FIELD:
        # By the counts themselves.
        score = found.values.at(f"{code}.hcp", row, FIELD_SHEET)
        scores = found.values.over(f"{code}.hcp", FIELD_SHEET)
        better = f"COUNTIF({scores},{above(score)})"
        score = found.field_scores.at(code, row, FIELD_SHEET)
    elif kind == TOP_FIELDS:
        share = next(s.code for s in found.others if s.kind == MEAN_SHARE)
        mine = found.field_scores.at(share, row, FIELD_SHEET)
        shares = found.field_scores.over(share, FIELD_SHEET)
        better = f'COUNTIF({scores},">"&{score})+COUNTIFS({scores},{score},{shares},{above(mine)})'
    else:
        better = f"COUNTIF({scores},{above(score)})"
    column = found.field_ranks.column(code)
    canvas.formula(row, column, f'IF(ISNUMBER({score}),{better}+1,"")', "output_center", "0")
