"""`Data`: the input cells, units x indicators. No formula elsewhere names one of its cells.

Other sheets read whole columns (code row to closing row) by city id, so that sorting, inserting,
deleting or moving rows here changes nothing else.
"""

from __future__ import annotations

from xlcity.model.recipe import MAIN
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import FIRST, IN_CODE, IN_FIRST, MESSAGES
from xlcity.workbook.sheets.calculation.calculate import unit_of_measure
from xlcity.workbook.sheets.choosers import typed_city
from xlcity.workbook.sheets.inputs.input_rows import id_rows, shown_value

ROW_NAME, ROW_UOM, ROW_VALID, ROW_FILLED, ROW_GAPS = 3, 4, 5, 6, 7
#: Static heads of the first columns, in the row of codes.
STUBS = ("id", "name", "message")

#: Widths of the message (in one language and in both) and of an indicator.
MESSAGE, MESSAGE_BOTH = 30, 46
#: Width of an indicator, without and with the word synthetic beside values.
COLUMN, COLUMN_MARKED, COLUMN_LARGE = 16, 20, 25
#: A number of so many places needs more room beside the word.
LARGE = 1e8


def draw(book: Book) -> None:
    """Draw the sheet and define `in_units`, `in_data`, `xl_codes`."""
    layout = book.layout
    message = MESSAGE_BOTH if book.spec.language == "both" else MESSAGE
    widths = [16, 18, message, *(column_width(book, code) for code in layout.inputs)]
    canvas = titled_sheet(book, "Data", widths, layout.DATA_LEFT + 2)
    _draw_header(book, canvas)
    _draw_rows(book, canvas)
    left, right = layout.DATA_LEFT, layout.DATA_LEFT + len(layout.inputs) - 1
    canvas.closing(layout.closing, "data.closing", right)
    book.define("in_units", layout.data_ids)
    book.define("in_data", canvas.area(IN_CODE, left, layout.closing, right))
    book.define("xl_codes", canvas.area(IN_CODE, left, IN_CODE, right))
    _draw_guards(book, canvas)
    canvas.frame(ROW_UOM, 3)
    canvas.page(canvas.area(1, 1, layout.closing, right))


def column_width(book: Book, code: str) -> float:
    """Return the width of an indicator's column, larger if cells may show the word synthetic."""
    shipped = book.spec.defaults
    if shipped is None or not shipped.synthetic:
        return COLUMN
    large = code in shipped.codes and (shipped.values[:, shipped.column(code)] >= LARGE).any()
    return COLUMN_LARGE if large else COLUMN_MARKED


def _draw_header(book: Book, canvas: Canvas) -> None:
    layout, left = book.layout, book.layout.DATA_LEFT
    for row, key in enumerate(("uom", "valid", "filled", "gaps"), ROW_UOM):
        canvas.band(row, (1, 2), "stub")
        canvas.label(row, 3, f"data.{key}", "stub_line")
    width = min(column_width(book, code) for code in layout.inputs)
    canvas.fit_names(ROW_NAME, layout.inputs, width, 9)
    nodes = [book.spec.framework.inputs[code] for code in layout.inputs]
    canvas.fit(ROW_UOM, [(t, width) for n in nodes for t in (n.uom_zh, n.uom)], 9)
    canvas.gap(IN_CODE - 1)
    canvas.field_heads(ROW_NAME, "data", STUBS, code_row=IN_CODE)
    populations = populations_of(layout)
    scored = f'COUNTIF({populations.members.ref()},"{MAIN}")'
    if book.spec.apart:
        scored = f"COUNT({populations.numbers.ref()})"
    for offset, code in enumerate(layout.inputs):
        column = left + offset
        typed = layout.typed.over(code, "Data", "rc")
        low, high = (layout.framework_cell(code, name) for name in ("valid_low", "valid_high"))
        name = layout.framework_cell(code, "display")
        canvas.formula(ROW_NAME, column, name, "header", font_size=9)
        canvas.formula(ROW_UOM, column, unit_of_measure(book, code), "stub_center", font_size=9)
        formula = (
            f'IF({high}="",IF({low}="","","≥ "&{low}),IF({low}="","≤ "&{high},{low}&" – "&{high}))'
        )
        canvas.formula(ROW_VALID, column, formula, "stub_center", font_size=9)
        canvas.formula(ROW_FILLED, column, f'COUNT({typed})&" / "&{scored}', "stub_center")
        missing, bad = (
            f'COUNTIF({layout.letters.over(code, "Data", "rc")},"{letter}")' for letter in "M!"
        )
        count = f'{missing}&" / "&{bad}'
        canvas.formula(ROW_GAPS, column, count, "stub_center")
        canvas.text(IN_CODE, column, code, "stub_code")
    gaps = canvas.area(ROW_GAPS, left, ROW_GAPS, left + len(layout.inputs) - 1)
    canvas.mark(gaps, f'RIGHT({cell(ROW_GAPS, left)},4)<>" / 0"', "bad")


def _draw_rows(book: Book, canvas: Canvas) -> None:
    layout, dataset, units = book.layout, book.spec.dataset, book.spec.data_rows
    id_rows(canvas, [dataset.units[unit].id for unit in units], layout.slots)
    shown = value_formats(book.spec.framework, typed=True)
    forms = [(code, shown(code)) for code in layout.inputs]
    for slot in range(layout.slots):
        row = IN_FIRST + slot
        canvas.formula(row, 3, _row_message(book, row), "id", shrink=True, indent=1)
        for offset, (code, form) in enumerate(forms):
            value = shown_value(dataset, units[slot], code) if slot < len(units) else None
            canvas.input(row, layout.DATA_LEFT + offset, value, "input", form, count=True)


def _row_message(book: Book, row: int) -> str:
    """Return the formula of a row's message: on its city first, then on its values."""
    layout, ref = book.layout, book.labels.ref
    unit = cell(row, 1, "c")
    values = Area(
        "Data", row, layout.DATA_LEFT, row, layout.DATA_LEFT + len(layout.inputs) - 1
    ).ref("c", "Data")
    text = f"INDEX({layout.fact('text').ref()},MATCH({unit},{layout.ids()},0))"
    suggestion = (
        f"IFERROR({ref('data.write')}&INDEX({layout.city('id').ref()},"
        f"{typed_city(layout, unit)}),{ref('data.unknown')})"
    )
    # The outer IFERROR is for an error typed as an id.
    return (
        f'IFERROR(IF({unit}="",IF(COUNTA({values})>0,{ref("data.noid")},""),'
        f"IF(COUNTIF(in_units,{unit})>1,{ref('data.duplicate')},"
        f"IFERROR({text},{suggestion}))),{ref('data.unknown')})"
    )


def _draw_guards(book: Book, canvas: Canvas) -> None:
    """Mark and refuse unusable ids and values, and mark the messages."""
    layout = book.layout
    ids, unit = canvas.area(IN_FIRST, 1, layout.in_last), cell(IN_FIRST, 1, "c")
    text, language = cell(IN_FIRST, 3, "c"), mark_language(book)
    # Inserted rows have no formula beside their ids: the message stands in the entry itself.
    for wrong, mark in (
        (f"ISNA(MATCH({unit},xl_units,0))", "unknown"),
        (f"COUNTIF(in_units,{unit})>1", "twice"),
    ):
        canvas.mark(ids, f'AND({unit}<>"",{text}="",{wrong})', f"{mark}_{language}", stop=True)
        canvas.mark(ids, f'AND({unit}<>"",{wrong})', "bad", stop=True)
    _mark_values(book, canvas)
    _mark_messages(book, canvas, text)
    about = "请填 Cities 表中的城市代码 / an id from the sheet Cities"
    canvas.choices(ids, "=xl_units", about)
    book.define("xl_letters", layout.letters.span())
    book.define("xl_letter_units", Area(MESSAGES, FIRST, 1, layout.last, 1))


def mark_language(book: Book) -> str:
    """Return the language of the words that marks put before values."""
    return "en" if book.spec.language == "en" else "zh"


def _mark_values(book: Book, canvas: Canvas) -> None:
    layout, left = book.layout, book.layout.DATA_LEFT
    block = canvas.area(IN_FIRST, left, layout.in_last, left + len(layout.inputs) - 1)
    here, unit = cell(IN_FIRST, left), cell(IN_FIRST, 1, "c")
    missing = f"SUMPRODUCT((par_missing={here})*1)"
    # An error in AND would make the condition an error, which marks nothing.
    unusable = f'AND({here}<>"",TYPE({here})<>1,{missing}=0)'
    canvas.mark(block, f'AND({unit}="",{here}<>"")', "bad", stop=True)
    canvas.mark(block, f"IF(ISERROR({here}),TRUE,{unusable})", "bad", stop=True)
    canvas.mark(block, f"TYPE({here})=2", "missing", stop=True)
    for offset, code in enumerate(layout.inputs):
        column = canvas.area(IN_FIRST, left + offset, layout.in_last)
        value = cell(IN_FIRST, left + offset)
        low, high = (layout.framework_cell(code, name) for name in ("valid_low", "valid_high"))
        # N() makes a number of a blank bound, so that the comparison itself is always sound.
        outside = f'AND({low}<>"",{value}<N({low})),AND({high}<>"",{value}>N({high}))'
        refused = layout.framework_cell(code, "no_data")
        outside += f',AND({refused}<>"",{value}={refused})'
        canvas.mark(column, f'AND(TYPE({value})=1,{value}<>"",OR({outside}))', "bad", stop=True)
    letter = f"INDEX(xl_letters,MATCH({unit},xl_letter_units,0),COLUMN()-{left - 1})"
    # The word synthetic itself stands in the cell.
    for status, mark in (("D", "derived"), ("Y", f"synthetic_{mark_language(book)}")):
        canvas.mark(block, f'IFERROR({letter}="{status}",FALSE)', mark, stop=True)
    about = "请填数字；确认缺失请填 NA。\nA number, or NA if confirmed missing."
    rule = {
        "validate": "custom",
        "value": f"=OR(ISNUMBER({here}),{missing}>0)",
        "error_title": "xlcity",
        "error_message": about,
    }
    canvas.validate(block, rule)


def _mark_messages(book: Book, canvas: Canvas, message: str) -> None:
    ref, message_cells = book.labels.ref, canvas.area(IN_FIRST, 3, book.layout.in_last)
    duplicate, noid, unknown, write = (
        ref(f"data.{name}") for name in ("duplicate", "noid", "unknown", "write")
    )
    wrong = f"OR({message}={duplicate},{message}={noid},"
    for name in ("notanumber", "outside"):
        wrong += f"ISNUMBER(SEARCH({ref(f'data.{name}')},{message})),"
    wrong += f"{message}={unknown},LEFT({message},LEN({write}))={write})"
    canvas.mark(message_cells, wrong, "bad")
    canvas.mark(message_cells, f"{message}={ref('data.ok')}", "faint")
    canvas.mark(message_cells, f'{message}<>""', "note")
