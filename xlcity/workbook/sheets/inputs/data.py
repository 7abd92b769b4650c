"""`Data`: the input cells, units x indicators. No formula elsewhere names one of its cells.

Other sheets read whole columns (code row to closing row) by city id, so that sorting, inserting,
deleting or moving rows here changes nothing else.
"""

from __future__ import annotations

from functools import partial

from xlcity.model.recipe import MAIN_POPULATION
from xlcity.workbook.drawing.canvas import Book, Canvas, titled_sheet
from xlcity.workbook.drawing.grid import Area, Block, Fix, cell
from xlcity.workbook.drawing.number_formats import GENERAL, value_formats
from xlcity.workbook.drawing.styles import SMALL, STUB_CENTER
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.rows import FIRST, IN_CODE, IN_FIRST, MESSAGES
from xlcity.workbook.sheets.calculation.calculate import unit_of_measure
from xlcity.workbook.sheets.inputs.input_rows import input_content, unit_columns
from xlcity.workbook.sheets.table import (
    Above,
    Column,
    RowCells,
    Table,
    draw_above,
    fields,
)

ROW_NAME = 3
ROW_UOM = 4
ROW_FILLED = 5
#: Widths of the message (in one language and in both) and of an indicator.
MESSAGE = 30
MESSAGE_BOTH = 46
#: Width of an indicator, without and with the word synthetic beside values.
COLUMN = 16
COLUMN_MARKED = 25


def draw(book: Book) -> None:
    """Draw the sheet and define `in_units`, `in_data`, `xl_codes`."""
    layout = book.layout
    dataset = book.spec.dataset
    order = {unit: number for number, unit in enumerate(book.spec.data_order)}
    behind = len(order)
    units = sorted(dataset.units, key=lambda unit: order.get(unit.id, behind))
    canvas = titled_sheet(book, "Data", [16, 18], banner=True)
    if book.spec.nodes_alone:  # columns of indicators are empty
        canvas.last_printed = layout.DATA_LEFT + len(book.spec.direct_nodes) - 1
    block = Block(
        "Data", layout.DATA_LEFT, layout.inputs, IN_FIRST, last_row=layout.in_last
    )

    # Cells may show the word synthetic behind a value.
    width = COLUMN_MARKED if (book.spec.defaults or dataset).synthetic else COLUMN

    def value(code: str, cells: RowCells) -> object:
        return (
            input_content(dataset, dataset.rows[cells.item], code)
            if cells.item
            else None
        )

    def of_code(code: str) -> Column:
        return Column(
            code,
            role="input",
            number=GENERAL,
            width=width,
            style={},
            value=partial(value, code),
            head=layout.node_name(code),
            code=code,
            head_style=SMALL,
        )

    Table(
        canvas,
        ROW_NAME,
        first=IN_FIRST,
        last=layout.in_last,
        columns=(
            *unit_columns(layout),
            *fields(
                "data",
                message=Column(
                    formula=partial(_row_message, book),
                    role="id",
                    style={"shrink": True, "indent": 1},
                    width=MESSAGE_BOTH if book.spec.language == "both" else MESSAGE,
                ),
            ),
            *map(of_code, layout.inputs),
        ),
        codes=IN_CODE,
        items=[unit.id for unit in units],
        mutes=True,
    ).draw()
    book.counts.input_cells += layout.slots * len(layout.inputs)
    for key, row, of in (
        ("uom", ROW_UOM, _unit_and_range),
        ("filled", ROW_FILLED, _count),
    ):
        draw_above(
            canvas,
            block,
            Above(
                row,
                f"data.{key}",
                partial(of, book),
                STUB_CENTER,
                style=SMALL,
            ),
        )
    counts = block.rows_of(block.codes, ROW_FILLED, ROW_FILLED)
    canvas.mark(counts, f'RIGHT({cell(ROW_FILLED, block.left)},4)<>" / 0"', "bad")
    canvas.gap(IN_CODE - 1)
    canvas.closing(layout.closing, "data.closing", block.right)
    book.define("in_units", canvas.area(IN_CODE, 1, layout.closing))
    book.define("in_data", block.rows_of(block.codes, IN_CODE, layout.closing))
    book.define("xl_codes", block.rows_of(block.codes, IN_CODE, IN_CODE))
    _draw_guards(book, canvas)
    canvas.close(ROW_UOM, 3, head=IN_CODE - 2, protected=False)


def _unit_and_range(book: Book, code: str) -> str:
    """Return the formula of the unit of measure, and of the plausible range if there is one."""
    low, high = (
        book.layout.framework_cell(code, name) for name in ("valid_low", "valid_high")
    )
    ends = f'IF({high}="","≥ "&{low},IF({low}="","≤ "&{high},{low}&" – "&{high}))'
    return f'{unit_of_measure(book, code)}&IF({low}&{high}="",""," · "&{ends})'


def _count(book: Book, code: str) -> str:
    """Return the formula of the count of values and cities, of missing codes and unusable cells."""
    layout = book.layout
    populations = populations_of(book.layout)
    scored = f'COUNTIF({populations.members.ref()},"{MAIN_POPULATION}")'
    if book.spec.apart:
        scored = f"COUNT({populations.numbers.ref()})"
    counts = [
        f'COUNTIF({layout.letters.over(code, "Data", Fix.BOTH)},"{letter}")'
        for letter in "M!"
    ]
    typed = f"COUNT({layout.typed.over(code, 'Data', Fix.BOTH)})"
    return f'{typed}&" / "&{scored}&" · "&{counts[0]}&" / "&{counts[1]}'


def _row_message(book: Book, cells: RowCells) -> str:
    """Return the formula of a row's message: on its city first, then on its values."""
    layout = book.layout
    ref = book.labels.ref
    unit = cells.id
    values = f"{cells[layout.inputs[0]]}:{cells[layout.inputs[-1]]}"
    text = f"INDEX({layout.fact('text').ref()},MATCH({unit},{layout.ids()},0))"
    advice = f"INDEX({layout.fact('advice').ref()},ROW()-{IN_CODE})"
    # The outer IFERROR is for an error typed as an id.
    return (
        f'IFERROR(IF({unit}="",IF(COUNTA({values})>0,{ref("data.noid")},""),'
        f"IF(COUNTIF(in_units,{unit})>1,{ref('data.duplicate')},"
        f"IFERROR({text},{advice}))),{ref('data.unknown')})"
    )


def _draw_guards(book: Book, canvas: Canvas) -> None:
    """Mark and refuse unusable ids and values, and mark the messages."""
    layout = book.layout
    ids = canvas.area(IN_FIRST, 1, layout.in_last)
    unit = cell(IN_FIRST, 1, Fix.COLUMN)
    text = cell(IN_FIRST, 3, Fix.COLUMN)
    language = "en" if book.spec.language == "en" else "zh"
    # Inserted rows have no formula beside their ids: the message stands in the entry itself.
    for wrong, mark in (
        (f"ISNA(MATCH({unit},xl_units,0))", "unknown"),
        (f"COUNTIF(in_units,{unit})>1", "twice"),
    ):
        canvas.mark(
            ids, f'AND({unit}<>"",{text}="",{wrong})', f"{mark}_{language}", stop=True
        )
        canvas.mark(ids, f'AND({unit}<>"",{wrong})', "bad", stop=True)
    _mark_values(book, canvas, language)
    _mark_messages(book, canvas, text)
    about = "请填 Cities 表中的城市代码 / an id from the sheet Cities"
    canvas.choices(ids, "=xl_units", about)
    book.define("xl_letters", layout.letters.span())
    book.define(
        "xl_letter_units",
        Area.of_column(MESSAGES, 1, FIRST, layout.last),
    )


def _mark_values(book: Book, canvas: Canvas, language: str) -> None:
    layout = book.layout
    left = book.layout.DATA_LEFT
    block = canvas.area(IN_FIRST, left, layout.in_last, left + len(layout.inputs) - 1)
    here = cell(IN_FIRST, left)
    unit = cell(IN_FIRST, 1, Fix.COLUMN)
    missing = f"SUMPRODUCT((par_missing={here})*1)"
    # An error in AND would make the condition an error, which marks nothing.
    unusable = f'AND({here}<>"",TYPE({here})<>1,{missing}=0)'
    canvas.mark(block, f'AND({unit}="",{here}<>"")', "bad", stop=True)
    canvas.mark(block, f"IF(ISERROR({here}),TRUE,{unusable})", "bad", stop=True)
    canvas.mark(block, f"TYPE({here})=2", "missing", stop=True)
    for column, code in enumerate(layout.inputs, left):
        value = cell(IN_FIRST, column)
        is_outside = (
            f'AND(TYPE({value})=1,{value}<>"",OR({_outside(book, code, value)}))'
        )
        area = canvas.area(IN_FIRST, column, layout.in_last)
        canvas.mark(area, is_outside, "bad", stop=True)
    letter = f"INDEX(xl_letters,MATCH({unit},xl_letter_units,0),COLUMN()-{left - 1})"
    # The word synthetic itself stands in the cell.
    for status, mark in (("D", "derived"), ("Y", f"synthetic_{language}")):
        is_marked = f'IFERROR({letter}="{status}",FALSE)'
        canvas.mark(block, is_marked, mark, stop=mark != "derived")
    _show_decimals(book, canvas)
    rule = {
        "validate": "custom",
        "value": f"=OR(ISNUMBER({here}),{missing}>0)",
        "error_title": "xlcity",
        "error_message": "请填数字；确认缺失请填 NA。\nA number, or NA if confirmed missing.",
    }
    canvas.validate(block, rule)


def _outside(book: Book, code: str, value: str) -> str:
    """Return the tests whether a number is outside its plausible range, or means no data."""
    low, high, refused = (
        book.layout.framework_cell(code, name)
        for name in ("valid_low", "valid_high", "no_data")
    )
    # N() makes a number of a blank bound, so that the comparison itself is always sound.
    below = f'AND({low}<>"",{value}<N({low}))'
    above = f'AND({high}<>"",{value}>N({high}))'
    return f'{below},{above},AND({refused}<>"",{value}={refused})'


def _show_decimals(book: Book, canvas: Canvas) -> None:
    """Show numbers with separators and unit by a conditional format.

    The cells themselves are General: in a cell with a number format, LibreOffice takes TRUE for 1.
    It takes one of several conditions of the same cells alone; these begin a row higher.
    """
    layout = book.layout
    shown = value_formats(book.spec.framework, typed=True)
    for column, code in enumerate(layout.inputs, layout.DATA_LEFT):
        value = cell(IN_CODE, column)
        is_number = f"AND(ISNUMBER({value}),NOT(ISLOGICAL({value})))"
        cells = canvas.area(IN_CODE, column, layout.in_last)
        canvas.mark(cells, is_number, {"num_format": shown(code)})


def _mark_messages(book: Book, canvas: Canvas, message: str) -> None:
    ref = book.labels.ref
    message_cells = canvas.area(IN_FIRST, 3, book.layout.in_last)
    duplicate, noid, unknown, write = (
        ref(f"data.{name}") for name in ("duplicate", "noid", "unknown", "write")
    )
    wrong = f"OR({message}={duplicate},{message}={noid},"
    for name in ("notanumber", "outside"):
        wrong += f"ISNUMBER(SEARCH({ref(f'data.{name}')},{message})),"
    wrong += f"{message}={unknown},LEFT({message},LEN({write}))={write})"
    canvas.mark(message_cells, wrong, "bad")
    canvas.mark(message_cells, f"{message}={ref('data.ok')}", "faint")
    canvas.mark(message_cells, f'{message}<>""', "said")
