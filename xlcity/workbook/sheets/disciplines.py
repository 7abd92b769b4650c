"""`Fields` and `Disciplines`: papers and highly cited papers by field, and what they say."""

from __future__ import annotations

from xlcity.index.satellites import TOP, YEARS
from xlcity.methods.formulas import varies
from xlcity.model.dataset import State
from xlcity.model.satellites import FIELD, GROWTH, MEAN_SHARE, TOP_FIELDS
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import cell
from xlcity.workbook.layout.groups import Populations
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
    POSITION,
    SatelliteLayout,
)
from xlcity.workbook.sheets.calculate import above, stubs, unit_columns
from xlcity.workbook.sheets.satellites import name_of

ROW_TENTH = ROW_MEAN


def draw_inputs(book: Book) -> None:
    """Draw `Fields`: inputs that no other sheet names but by whole columns."""
    canvas, layout, found = book.canvas(INPUT_SHEET), book.layout, SatelliteLayout(book.layout)
    dataset = book.spec.dataset
    canvas.heading("fields", "fields.note", banner_column=INPUT_LEFT + 2)
    canvas.widths([16, 18])
    canvas.columns(INPUT_LEFT, INPUT_LEFT + len(found.inputs) - 1, 11)
    canvas.sheet.set_row(IN_CODE - 3, 74)
    canvas.thin(range(3, IN_CODE - 2))
    canvas.gap(IN_CODE - 1)
    for column, name in ((1, "id"), (2, "name")):
        canvas.label(IN_CODE - 2, column, f"data.{name}", "header")
        canvas.text(IN_CODE, column, name, "stub_code")
    names = {satellite.code: satellite for satellite in found.all}
    for offset, code in enumerate(found.inputs):
        of, _, kind = code.rpartition(".")
        said = f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'
        canvas.formula(IN_CODE - 2, INPUT_LEFT + offset, said, "header", font_size=8)
        canvas.text(IN_CODE, INPUT_LEFT + offset, code, "stub_code")
    by_code = {code: position for position, code in enumerate(dataset.codes)}
    ids, display = layout.city("id").ref(), layout.city("display").ref()
    for slot in range(layout.slots):
        row, known = IN_FIRST + slot, slot < len(dataset.units)
        canvas.input(row, 1, dataset.units[slot].id if known else None, "input", "@")
        unit = cell(row, 1, "c")
        found_name = f"INDEX({display},MATCH({unit},{ids},0))"
        canvas.formula(row, 2, f'IFERROR(IF({unit}="","",{found_name}),"")', "name")
        for offset, code in enumerate(found.inputs):
            value: object = None
            if known and code in by_code:
                at = slot, by_code[code]
                if dataset.states[at] == State.VALUE:
                    value = float(dataset.values[at])
                elif dataset.states[at] == State.MISSING:
                    value = "NA"
            canvas.input(row, INPUT_LEFT + offset, value, "input", "General", count=True)
    canvas.closing(layout.closing, "data.closing", INPUT_LEFT + len(found.inputs) - 1)
    book.define("in_field_units", found.input_ids)
    book.define("in_fields", found.input_block)
    block = found.input_block
    heads = canvas.area(IN_CODE, INPUT_LEFT, IN_CODE, block.last_column)
    book.define("xl_field_codes", heads)
    values = canvas.area(IN_FIRST, INPUT_LEFT, layout.in_last, block.last_column)
    here = cell(IN_FIRST, INPUT_LEFT)
    canvas.mark(values, f'AND(TYPE({here})=2,TRIM({here})<>"",TRIM({here})<>"NA")', "bad")
    canvas.frame(IN_CODE, 2)
    canvas.page(canvas.area(1, 1, layout.closing, block.last_column), a3=True)


def draw(book: Book) -> None:
    """Draw `Disciplines`."""
    canvas, layout, found = book.canvas(FIELD_SHEET), book.layout, SatelliteLayout(book.layout)
    populations = Populations(layout)
    canvas.heading("disciplines", "disciplines.note", banner_column=POSITION + 3)
    canvas.widths([16, 20, 8])
    canvas.sheet.set_row(ROW_NAME - 1, 74)
    unit_columns(book, canvas)
    rows = ((ROW_N, "stat.n"), (ROW_TENTH, "disciplines.tenth"), (ROW_MIN, "stat.min"))
    stubs(canvas, (*rows, (ROW_MAX, "stat.max")), ())
    canvas.thin((ROW_WEIGHT,))
    stubs(canvas, ((ROW_FIXED_LOW, "disciplines.top"), (ROW_FIXED_HIGH, "disciplines.years")), ())
    for line, name, count in ((ROW_FIXED_LOW, "top", TOP), (ROW_FIXED_HIGH, "years", YEARS)):
        canvas.number(line, POSITION, count, "stub_center", "0")
        book.define(f"par_fields_{name}", canvas.area(line, POSITION))
    canvas.label(ROW_NAME, POSITION, "disciplines.position", "header", font_size=8)
    names = {satellite.code: satellite for satellite in found.all}
    for block, key in (
        (found.values, ""),
        (found.field_scores, "score"),
        (found.field_ranks, "rank"),
    ):
        canvas.columns(block.left, block.right, 9)
        canvas.columns(block.right + 1, block.right + 1, 2)
        for code in block.codes:
            of, _, kind = code.rpartition(".") if not key else (code, "", key)
            said = f'{book.labels.ref(f"disciplines.{kind}")}&" · "&{name_of(book, names[of])}'
            canvas.formula(ROW_NAME, block.column(code), said, "header", font_size=8)
            canvas.text(CODE, block.column(code), code, "stub_code")
    canvas.columns(found.letters.left, found.letters.right, 5)
    for code in found.letters.codes:
        canvas.text(CODE, found.letters.column(code), code, "stub_code")
    if found.letters.codes:
        canvas.label(ROW_NAME, found.letters.left, "cleaned.letters", "header_left")
        here = cell(FIRST, found.letters.left)
        canvas.mark(found.letters.span(), f'{here}="Y"', "synthetic")
    _statistics(canvas, found)
    # Counted once: every cell of the scores asks for it.
    scored = f"COUNT({populations.numbers.ref()})"
    canvas.formula(ROW_N, POSITION, scored, "calculation_center", "0", font_size=8)
    size = cell(ROW_N, POSITION, "rc")
    for row in range(FIRST, layout.last + 1):
        number = populations.number(row)
        where = f"MATCH({cell(row, 1, 'c')},{found.input_ids.ref()},0)"
        canvas.formula(
            row, POSITION, f'IF({number}="","",IFERROR({where},""))', "calculation_center"
        )
        at = cell(row, POSITION, "c")
        for code in found.inputs:
            value = f"INDEX({found.input(code).ref('r')},{at})"
            made = f'IF({at}="","",IF(TYPE({value})=1,IF({value}="","",{value}),""))'
            canvas.formula(row, found.values.column(code), made, "calculation", "0")
        _letters(canvas, found, row)
        _city(canvas, found, row, size)
    for name, block in (("scores", found.field_scores), ("ranks", found.field_ranks)):
        book.define(f"sat_field_{name}", block.span())
    heads = found.field_scores.rows_of(found.field_scores.codes, CODE, CODE)
    book.define("sat_field_nodes", heads)
    canvas.finish(
        layout.last,
        found.field_ranks.right,
        ROW_NAME,
        2,
        a3=True,
        split=(found.field_scores.left, found.field_ranks.left),
    )


def _letters(canvas: Canvas, found: SatelliteLayout, row: int) -> None:
    """Write what each input of a city is: as shipped, or entered."""
    default = f"Cleaned!{cell(row, found.layout.CLEANED_DEFAULT, 'c')}"
    for code in found.letters.codes:
        value = found.values.at(code, row, FIELD_SHEET)
        shipped, letter = (
            f"INDEX({block.over(code, FIELD_SHEET, 'rc')},{default})"
            for block in (found.shipped_values, found.shipped_letters)
        )
        made = f'IF({default}="","E",IF({value}={shipped},{letter},"E"))'
        canvas.formula(
            row,
            found.letters.column(code),
            f'IF(ISNUMBER({value}),{made},"")',
            "calculation_center",
            font_size=8,
        )


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
            scaled = f"100-par_omega+IF({varies(low, high)},par_omega*{share},0)"
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
