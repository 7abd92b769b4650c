"""`Intake`: paste names and values in any order, copy back a block in the order of `Data`."""

from __future__ import annotations

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.rows import (
    IN_CODE,
    IN_FIRST,
    INTAKE_FEWEST,
    INTAKE_ROWS,
)
from xlcity.workbook.sheets.calculation import faults

#: Helper columns: the count of a row's unusable values, the first and its kind, then all states.
FAULT = 4
STATES = FAULT + 3

#: Rows below the last line in which what is pasted is noticed.
BELOW = 5000

NO_BREAK_SPACE, WIDE_SPACE = "\u00a0", "\u3000"


def draw(book: Book) -> None:
    """Draw the sheet; nothing reads it."""
    layout = book.layout
    codes = layout.inputs
    k = len(codes)
    # Pasted name and k values | id, message || result block || helper columns
    status = k + 2
    result = status + 3
    # Helper columns stand at the right, out of the printed page.
    helper = result + 2 + k + 1
    canvas = titled_sheet(book, "Intake")
    for row, key in enumerate(("intake.how1", "intake.how2", "intake.how3"), 3):
        canvas.label(row, 1, key, "plain")
    message = 46 if book.spec.language == "both" else 34
    canvas.widths(
        [20, *[13] * k, 16, message, 2, 16, 18, *[13] * k, 2, 14, 14, *[8] * (STATES - 2 + k)]
    )
    canvas.gap(IN_CODE - 1)
    for column, name in ((1, "paste"), (status, "match"), (helper, "helpers"), (result, "result")):
        canvas.label(6, column, f"intake.{name}", "section")
    for left in (2, result + 2):
        canvas.node_heads(IN_CODE - 2, codes, left, 9, IN_CODE)
    for left, page, names in (
        (1, "intake", ("name",)),
        (status, "data", ("id", "message")),
        (helper, "intake", ("clean", "base", "row", "pasted")),
        (helper + FAULT, "intake", ("state",)),
        (result, "data", ("id", "name")),
    ):
        canvas.field_heads(IN_CODE - 2, page, names, left, IN_CODE)
    last = IN_FIRST + min(INTAKE_ROWS, max(INTAKE_FEWEST, layout.slots * 3 // 2)) - 1
    for row in range(IN_FIRST, last + 1):
        _draw_paste_row(book, canvas, row, status, helper, last)
    for slot in range(layout.slots):
        _draw_result_row(book, canvas, IN_FIRST + slot, status, result, helper + 3, last)
    below = canvas.range(last + 1, 1, last + BELOW, k + 1)
    rows_text = book.labels.ref("intake.more")
    canvas.formula(6, status + 1, f'IF(COUNTA({below})=0,"",{rows_text}&" {last}")', "id")
    canvas.mark(canvas.area(6, status + 1), f'{cell(6, status + 1, "rc")}<>""', "bad")
    text = canvas.area(IN_FIRST, status + 1, last)
    here, ref = cell(IN_FIRST, status + 1, "c"), book.labels.ref
    canvas.mark(text, f"{here}={ref('intake.ok')}", "good")
    canvas.mark(text, f'{here}<>""', "bad")
    values = canvas.area(IN_FIRST, 2, last, k + 1)
    canvas.mark(values, f'{cell(IN_FIRST, helper + STATES)}="bad"', "bad")
    canvas.close(IN_CODE, 1, protected=False)


def _draw_paste_row(
    book: Book, canvas: Canvas, row: int, status: int, helper: int, last: int
) -> None:
    """Write a row to paste into: the city it matches, its message, and the helper cells."""
    layout, ref = book.layout, book.labels.ref
    canvas.input(row, 1, None, "input", "@")
    for column in range(2, status):
        canvas.input(row, column, None, "input", "General")
    typed, unit = cell(row, 1, "c"), cell(row, status, "c")
    clean, base = cell(row, helper, "c"), cell(row, helper + 1, "c")
    city_position = cell(row, helper + 2, "c")
    ids = canvas.range(IN_FIRST, status, last)
    spaced = f'SUBSTITUTE(SUBSTITUTE({typed}&"","{WIDE_SPACE}"," "),"{NO_BREAK_SPACE}"," ")'
    canvas.formula(row, helper, f"TRIM({spaced})", "id")
    # A city's name may carry its 市; wildcards would match the first city in MATCH.
    formula = (
        f'IF(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({clean},"*",""),"?",""),"~","")<>{clean},"",'
        f'IF(AND(LEN({clean})>2,RIGHT({clean},1)="市"),LEFT({clean},LEN({clean})-1),{clean}))'
    )
    canvas.formula(row, helper + 1, formula, "id")
    columns = ("id", "name_zh", "name_en", "alias_1", "alias_2")
    lookups = [layout.city(name).ref() for name in columns]
    # Last of all without the spaces inside: 北 京, Qing dao.
    joined = f'SUBSTITUTE({base}," ","")'
    match = f"IFERROR(MATCH({joined},{lookups[1]},0),IFERROR(MATCH({joined},{lookups[0]},0),0))"
    for names in reversed(lookups):
        match = f"IFERROR(MATCH({base},{names},0),{match})"
    canvas.formula(row, helper + 2, f'IF({base}="",0,{match})', "id")
    city_id = f'IF({city_position}=0,"",INDEX({lookups[0]},{city_position}))'
    canvas.formula(row, status, city_id, "calculation", font_size=9)
    twins = f"OR(COUNTIF({lookups[1]},{base})>1,COUNTIF({lookups[2]},{base})>1)"
    values = canvas.range(row, 2, row, status - 1, fix="c")
    unusable, words = _draw_faults(book, canvas, row, helper)
    usable = f'IF({unusable}=0,{ref("intake.ok")},{unusable}&" "&{ref("data.notanumber")}&{words})'
    message = (
        f'IF({clean}="",IF(COUNTA({values})>0,{ref("data.noid")},""),IF({city_position}=0,'
        f"{ref('intake.unmatched')},IF(AND(NOT(EXACT({base},{unit})),{twins}),"
        f"{ref('intake.ambiguous')},IF(COUNTIF({ids},{unit})>1,{ref('data.duplicate')},"
        f"IF(COUNTIF(in_units,{unit})=0,{ref('intake.nodata')},{usable})))))"
    )
    canvas.formula(row, status + 1, message, "id", shrink=True, indent=1)


def _draw_faults(book: Book, canvas: Canvas, row: int, helper: int) -> tuple[str, str]:
    """Write which pasted values of a row cannot be used; return their count and the first's words.

    They are judged as those of `Data` are, but by cells of this sheet alone.
    """
    codes = book.layout.inputs
    values = canvas.range(row, 2, row, len(codes) + 1, fix="c")
    for column, code in enumerate(codes):
        pasted = cell(row, 2 + column, "c")
        refused = book.layout.framework_cell(code, "no_data")
        # Logical values first: LibreOffice takes them for numbers.
        state = (
            f'IF(ISERROR({pasted}),"bad",IF({pasted}="","",IF(ISLOGICAL({pasted}),"bad",'
            f'IF(ISNUMBER({pasted}),IF({refused}="","",IF({pasted}={refused},"bad","")),'
            f'IF(TRIM({pasted})="","",IF(SUMPRODUCT((par_missing=TRIM({pasted}))*1)>0,"","bad"))))))'
        )
        canvas.formula(row, helper + STATES + column, state, "id")
    right = helper + STATES + len(codes) - 1
    states = canvas.range(row, helper + STATES, row, right, fix="c")
    heads = canvas.range(IN_CODE, 2, IN_CODE, len(codes) + 1)
    count, entry, kind = (cell(row, helper + FAULT + offset, "c") for offset in range(3))
    position = f'MATCH("bad",{states},0)'
    first = faults.first_entry(f"INDEX({values},1,{position})")
    for offset, formula in enumerate((
        f'SUMPRODUCT(({states}="bad")*1)',
        f'IF({count}=0,"",{first})',
        f'IF({count}=0,"",{faults.kind_of(entry)})',
    )):  # fmt: skip
        canvas.formula(row, helper + FAULT + offset, formula, "id")
    return count, f'INDEX({heads},1,{position})&" "&{faults.words(book, kind)}'


def _draw_result_row(
    book: Book, canvas: Canvas, row: int, status: int, result: int, helper: int, last: int
) -> None:
    """Write a row to copy: a city in the order of `Data`, with pasted values or those typed."""
    layout = book.layout
    unit, pasted_row = cell(row, result, "c"), cell(row, helper, "c")
    ids = canvas.range(IN_FIRST, status, last)
    entry = f"INDEX(in_units,ROW()-{IN_CODE - 1})"
    formula = f'IFERROR(IF(OR({entry}="",ROW()-{IN_CODE - 1}>=ROWS(in_units)),"",{entry}),"")'
    canvas.formula(row, result, formula, "id")
    name = (
        f'IF({unit}="","",IFERROR(INDEX({layout.city("display").ref()},MATCH({unit},'
        f'{layout.city("id").ref()},0)),""))'
    )
    canvas.formula(row, result + 1, name, "name")
    text = f'IF({unit}="",0,IFERROR(MATCH({unit},{ids},0),0))'
    canvas.formula(row, helper, text, "id")
    for offset, code in enumerate(layout.inputs):
        column = canvas.range(IN_FIRST, 2 + offset, last)
        typed = f"INDEX({layout.data_column(code).ref('rc')},ROW()-{IN_CODE - 1})"
        pasted = f"INDEX({column},{pasted_row})"
        stays = f'IF({pasted_row}=0,TRUE,IF(ISERROR({pasted}),TRUE,{pasted}=""))'
        shown = f'IFERROR(IF({stays},IF({typed}="","",{typed}),{pasted}),"")'
        canvas.formula(row, result + 2 + offset, shown, "output", "General")
