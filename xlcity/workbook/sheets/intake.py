"""`Intake`: paste names and values in any order, copy back a block in the order of `Data`."""

from __future__ import annotations

from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import IN_CODE, IN_FIRST, INTAKE_ROWS

NO_BREAK_SPACE, WIDE_SPACE = "\u00a0", "\u3000"


def draw(book: Book) -> None:
    """Draw the sheet; nothing reads it."""
    canvas, layout = book.canvas("Intake"), book.layout
    codes = layout.inputs
    k = len(codes)
    # Pasted name and k values | id, message || result block || helper columns
    status = k + 2
    result = status + 3
    # Helper columns stand at the right, out of the printed page.
    helper = result + 2 + k + 1
    canvas.heading("intake", "intake.note")
    for row, key in enumerate(("intake.how1", "intake.how2", "intake.how3"), 3):
        canvas.label(row, 1, key, "plain")
    message = 46 if book.spec.language == "both" else 34
    canvas.widths([20, *[13] * k, 16, message, 2, 16, 18, *[13] * k, 2, 14, 14, 8, 8])
    canvas.thin((6,))
    canvas.label(7, 1, "intake.paste", "section")
    canvas.label(7, status, "intake.match", "section")
    canvas.label(7, helper, "intake.helpers", "section")
    canvas.label(7, result, "intake.result", "section")
    canvas.fit_names(IN_CODE - 1, codes, 13)
    for left in (2, result + 2):
        for offset, code in enumerate(codes):
            canvas.formula(
                IN_CODE - 1,
                left + offset,
                layout.framework_cell(code, "display"),
                "header",
                font_size=9,
            )
            canvas.text(IN_CODE, left + offset, code, "stub_code")
    for column, key in (
        (1, "intake.name"),
        (status, "data.id"),
        (status + 1, "data.message"),
        (helper, "intake.clean"),
        (helper + 1, "intake.base"),
        (helper + 2, "intake.row"),
        (helper + 3, "intake.pasted"),
        (result, "data.id"),
        (result + 1, "data.name"),
    ):
        canvas.label(IN_CODE - 1, column, key, "header")
        canvas.blank(IN_CODE, column, "stub_code")
    last = IN_FIRST + INTAKE_ROWS - 1
    for row in range(IN_FIRST, last + 1):
        _paste_row(book, canvas, row, status, helper, last)
    for slot in range(layout.slots):
        _result_row(book, canvas, IN_FIRST + slot, status, result, helper + 3, last)
    said = Area("Intake", IN_FIRST, status + 1, last, status + 1)
    here, ref = cell(IN_FIRST, status + 1, "c"), book.labels.ref
    canvas.mark(said, f"{here}={ref('data.ok')}", "good")
    canvas.mark(said, f'{here}<>""', "bad")
    values = Area("Intake", IN_FIRST, 2, last, k + 1)
    first = cell(IN_FIRST, 2)
    canvas.mark(
        values,
        f'AND(TRIM({first})<>"",TYPE({first})<>1,SUMPRODUCT((par_missing=TRIM({first}))*1)=0)',
        "bad",
    )
    canvas.frame(IN_CODE, 1)
    canvas.page(
        Area("Intake", 1, 1, max(last, IN_FIRST + layout.slots - 1), result + 1 + k),
        a3=True,
        tall=1,
    )


def _paste_row(book: Book, canvas: Canvas, row: int, status: int, helper: int, last: int) -> None:
    layout, ref = book.layout, book.labels.ref
    canvas.input(row, 1, None, "input", "@")
    for column in range(2, status):
        canvas.input(row, column, None, "input", "General")
    typed, unit = cell(row, 1, "c"), cell(row, status, "c")
    clean, base = cell(row, helper, "c"), cell(row, helper + 1, "c")
    place = cell(row, helper + 2, "c")
    ids = Area("Intake", IN_FIRST, status, last, status).ref("rc", "Intake")
    spaced = f'SUBSTITUTE(SUBSTITUTE({typed}&"","{WIDE_SPACE}"," "),"{NO_BREAK_SPACE}"," ")'
    canvas.formula(row, helper, f"TRIM({spaced})", "id")
    # A city's name may carry its 市; wildcards would match the first city in MATCH.
    canvas.formula(
        row,
        helper + 1,
        f'IF(SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({clean},"*",""),"?",""),"~","")<>{clean},"",'
        f'IF(AND(LEN({clean})>2,RIGHT({clean},1)="市"),LEFT({clean},LEN({clean})-1),{clean}))',
        "id",
    )
    columns = ("id", "name_zh", "name_en", "alias_1", "alias_2")
    lookups = [layout.city(name).ref() for name in columns]
    # Last of all without the spaces inside: 北 京, Qing dao.
    joined = f'SUBSTITUTE({base}," ","")'
    found = f"IFERROR(MATCH({joined},{lookups[1]},0),IFERROR(MATCH({joined},{lookups[0]},0),0))"
    for names in reversed(lookups):
        found = f"IFERROR(MATCH({base},{names},0),{found})"
    canvas.formula(row, helper + 2, f'IF({base}="",0,{found})', "id")
    canvas.formula(
        row, status, f'IF({place}=0,"",INDEX({lookups[0]},{place}))', "calculation", font_size=9
    )
    twins = f"OR(COUNTIF({lookups[1]},{base})>1,COUNTIF({lookups[2]},{base})>1)"
    values = Area("Intake", row, 2, row, status - 1).ref("c", "Intake")
    canvas.formula(
        row,
        status + 1,
        f'IF({clean}="",IF(COUNTA({values})>0,{ref("data.noid")},""),IF({place}=0,'
        f"{ref('intake.unmatched')},IF(AND(NOT(EXACT({base},{unit})),{twins}),"
        f"{ref('intake.ambiguous')},IF(COUNTIF({ids},{unit})>1,{ref('data.duplicate')},"
        f"IF(COUNTIF(in_units,{unit})=0,{ref('intake.nodata')},{ref('data.ok')})))))",
        "id",
        shrink=True,
        indent=1,
    )


def _result_row(
    book: Book, canvas: Canvas, row: int, status: int, result: int, helper: int, last: int
) -> None:
    layout = book.layout
    unit, place = cell(row, result, "c"), cell(row, helper, "c")
    ids = Area("Intake", IN_FIRST, status, last, status).ref("rc", "Intake")
    entry = f"INDEX(in_units,ROW()-{IN_CODE - 1})"
    canvas.formula(
        row,
        result,
        f'IFERROR(IF(OR({entry}="",ROW()-{IN_CODE - 1}>=ROWS(in_units)),"",{entry}),"")',
        "id",
    )
    canvas.formula(
        row,
        result + 1,
        f'IF({unit}="","",IFERROR(INDEX({layout.city("display").ref()},MATCH({unit},'
        f'{layout.city("id").ref()},0)),""))',
        "name",
    )
    said = f'IF({unit}="",0,IFERROR(MATCH({unit},{ids},0),0))'
    canvas.formula(row, helper, said, "id")
    for offset, code in enumerate(layout.inputs):
        column = Area("Intake", IN_FIRST, 2 + offset, last, 2 + offset).ref("rc", "Intake")
        kept = f"INDEX({layout.data_column(code).ref('rc')},ROW()-{IN_CODE - 1})"
        pasted = f"INDEX({column},{place})"
        stays = f'IF({place}=0,TRUE,IF(ISERROR({pasted}),TRUE,{pasted}=""))'
        canvas.formula(
            row,
            result + 2 + offset,
            f'IFERROR(IF({stays},IF({kept}="","",{kept}),{pasted}),"")',
            "output",
            "General",
        )
