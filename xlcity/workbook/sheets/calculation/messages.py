"""`Messages`: the status of every value, and what is found out about a city's values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import cell
from xlcity.workbook.layout.rows import (
    CITY_FACTS,
    CODE,
    DATA_COUNT_COLUMN,
    DATA_ROW_COLUMN,
    FAULTS,
    INDEX,
    MESSAGES,
    ROW_HIGH,
    ROW_LOW,
    ROW_NAME,
    ROW_RANGE,
    ROW_WEIGHT,
    SHIPPED_ROW_COLUMN,
)
from xlcity.workbook.reading.recorded_values import DIGITS, ROWS, WEIGHTS, renewed
from xlcity.workbook.sheets.calculation import faults
from xlcity.workbook.sheets.calculation.calculate import COUNTED, VALUE
from xlcity.workbook.sheets.calculation.typed import blank_word, data_value, takes_blanks
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    draw_block,
    unit_sheet,
    unit_table,
)

CENTER = "calculation_center"
#: A bound that no value reaches, where an indicator has none.
FAR = 9e307
#: What stands among the status letters for a blank that is not filled.
BLANK = "blank"


def draw(book: Book) -> None:
    """Draw what is found out about each value and each city beside the path of a score."""
    layout = book.layout
    canvas = unit_sheet(book, MESSAGES, banner=layout.letters.left + 2)
    canvas.fit_names(ROW_NAME, layout.inputs, 14, 9)
    canvas.thin(range(ROW_WEIGHT, ROW_LOW))
    unit_table(canvas, _city(book), left=DATA_COUNT_COLUMN).draw()
    marked = {"D": "derived", "Y": "synthetic", "!": "bad", "S": "note", BLANK: "note"}
    marks = [(f'{{0}}="{word}"', mark) for word, mark in marked.items()]
    draw_block(canvas, layout.letters, partial(_letter, book), CENTER, marks=marks, width=10)
    facts = {**dict(_facts(book)), **dict(_recorded(book, canvas))}
    columns = [facts.get(name, Column(width=2)) for name in CITY_FACTS]
    unit_table(canvas, columns, left=layout.facts_left).draw()
    _bounds(book, canvas)
    right = layout.fact("without").c1
    canvas.finish(layout.last, right, ROW_NAME, 2, landscape=False)


def _city(book: Book) -> Iterator[Column]:
    """Yield how often a city stands on `Data`, and its row among the shipped values."""
    layout = book.layout

    def count(at: RowCells) -> str:
        # Exact, as MATCH is: COUNTIF would count the number 110000 for the text "110000".
        exact = f"SUMPRODUCT((in_units={_unit(at)})*1)"
        return f'IF({_unit(at)}="","",IFERROR({exact},COUNTIF(in_units,{_unit(at)})))'

    def shipped(at: RowCells) -> str | None:
        found = f"MATCH({_unit(at)},{layout.published_ids.ref()},0)"
        known = bool(layout.default_values.codes)
        return f'IF({layout.population(at.row)}="","",IFERROR({found},""))' if known else None

    for name, formula in (("count", count), ("default", shipped)):
        yield Column(name, f"messages.{name}", formula, CENTER, "", 9, code=name)


def _unit(at: RowCells) -> str:
    return cell(at.row, 1, "c")


def _letter(book: Book, code: str, row: int) -> str:
    """Return the status letter of a value: of an exception, as shipped, or E for entered.

    What is no value has "M" for confirmed missing, "!" for unusable, "blank", or "" where none is
    needed.
    """
    layout = book.layout
    value, default = layout.typed.at(code, row, MESSAGES), cell(row, SHIPPED_ROW_COLUMN, "c")
    letter = '"E"'
    if layout.default_values.codes:
        shipped, shipped_letter = (
            f"INDEX({block.over(code, MESSAGES, 'rc')},{default})"
            for block in (layout.default_values, layout.default_letters)
        )
        letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
    key = f'{cell(row, 1, "c")}&"|"&{cell(CODE, layout.letters.column(code), "r")}'
    status = f"IFERROR(INDEX(xl_exception_letters,MATCH({key},xl_exception_keys,0)),{letter})"
    missing, blank = '"M"', blank_word(book, code, row, BLANK, MESSAGES)
    if takes_blanks(layout):
        left_blank = f'IFERROR({data_value(layout, code, row)}="",TRUE)'
        missing, blank = f'IF({left_blank},"{BLANK}","M")', '""'
    return (
        f'IF({layout.population(row)}="","",IF(ISNUMBER({value}),{status},'
        f'IF({value}="NA",{missing},IF({value}="?","!",{blank}))))'
    )


def _facts(book: Book) -> Iterator[tuple[str, Column]]:
    """Yield the columns about each city behind its letters, by name."""
    layout = book.layout

    def letters_of(row: int) -> str:
        return layout.letters.rows_of(layout.inputs, row, row).ref("c", MESSAGES)

    def counted(word: str) -> Formula:
        letter = {"NA": "M", "bad": "!", "synthetic": "Y"}.get(word, word)
        # Not COUNTIF: along a row of text formualizer takes twenty times as long for it.
        return lambda at: f'SUMPRODUCT(({letters_of(at.row)}="{letter}")*1)'

    def outside(at: RowCells) -> str:
        letters = letters_of(at.row)
        values = layout.typed.rows_of(layout.inputs, at.row, at.row).ref("c")
        filled = "*".join(f'({letters}<>"{word}")' for word in ("", "M", "!", BLANK))
        low, high = (
            layout.letters.rows_of(layout.inputs, row, row).ref("rc", MESSAGES)
            for row in (ROW_LOW, ROW_HIGH)
        )
        return f"SUMPRODUCT({filled}*({values}<{low}))+SUMPRODUCT({filled}*({values}>{high}))"

    def without(at: RowCells) -> str:
        blocks = (block for block in (layout.typed, layout.constructed_values) if block.codes)
        values = ",".join(b.rows_of(b.codes, at.row, at.row).ref("c") for b in blocks)
        # What is confirmed missing is not a blank.
        none = f"IF(COUNT({values})=0,IF({at['n blank']}>0,1,0),0)"
        return f'IF({layout.population(at.row)}="","",{none})'

    for word in (*COUNTED, "synthetic"):
        name = f"n {word}"
        key = f"messages.n_{word.lower()}"
        yield name, Column(name, key, counted(word), CENTER, "", 9, code=name)
    for name, key, shown in (
        ("n outside", "messages.n_outside", outside),
        ("without", "messages.without", without if takes_blanks(layout) else None),
    ):
        yield name, Column(name, key, shown, CENTER, "", 9, code=name)
    yield from _faults(book)


def _faults(book: Book) -> Iterator[tuple[str, Column]]:
    """Yield the columns about the first unusable value of a city, and what it is."""
    layout = book.layout
    codes = layout.letters.rows_of(layout.inputs, CODE, CODE).ref("rc", MESSAGES)

    def of(fault: str) -> Formula:
        return lambda at: formula(fault, at)

    def formula(name: str, at: RowCells) -> str:
        if name == "code":
            letters = layout.letters.rows_of(layout.inputs, at.row, at.row).ref("c", MESSAGES)
            return f'IF({at["n bad"]}=0,"",INDEX({codes},1,MATCH("!",{letters},0)))'
        cells = {fault: at[f"fault {fault}"] for fault in FAULTS}
        place = f"{INDEX}!{cell(at.row, DATA_ROW_COLUMN, 'c')}"
        raw = f"INDEX(in_data,{place}-1,MATCH({cells['code']},xl_codes,0))"
        return f'IF({cells["code"]}="","",{faults.chain(cells, raw)[name]})'

    for fault in FAULTS:
        name, key = f"fault {fault}", "messages.fault" if fault == FAULTS[0] else ""
        yield name, Column(name, key, of(fault), "id", "", 10, code=name, helper=True)


def _recorded(book: Book, canvas: Canvas) -> Iterator[tuple[str, Column]]:
    """Yield what was recorded of the values, and how it compares with the values now."""
    layout, spec, block = book.layout, book.spec, book.layout.letters
    known = renewed(spec.recorded, spec.framework, layout.inputs, spec.dataset)
    canvas.stubs([(ROW_RANGE, "messages.record_weight")])
    for code in block.codes:
        weight = known.weights.get(code, 0.0)
        canvas.number(ROW_RANGE, block.column(code), weight, "calculation", VALUE, font_size=8)
    book.define(WEIGHTS, canvas.area(ROW_RANGE, block.left, CODE, block.right))
    book.define(ROWS, layout.fact("record unit", "record sum"))
    weights = block.rows_of(block.codes, ROW_RANGE, ROW_RANGE).ref("rc", MESSAGES)
    lines = [*known.sums.items()]

    def stored(place: int) -> Callable[[RowCells], object]:
        return lambda at: lines[at.slot][place] if at.slot < len(lines) else None

    def now(at: RowCells) -> str:
        values = layout.typed.rows_of(layout.inputs, at.row, at.row).ref("c")
        return f"ROUND(SUMPRODUCT({values},{weights}),{DIGITS})"

    def moved(at: RowCells) -> str:
        # 1 where it differs, 2 where it is the record of another city.
        now, sums = at["record now"], at["record sum"].whole
        own = f"INDEX({sums},MATCH({_unit(at)},{at['record unit'].whole},0))"
        # Gnumeric's ROUND may differ in the last bit.
        same = f"ABS({now}-{own})<=1E-14*ABS({own})"
        differs = f"IF({same},0,IF(ISNUMBER(MATCH({now},{sums},0)),2,1))"
        return f'IF({_unit(at)}="",0,IFERROR({differs},0))'

    made: dict[str, Formula] = {"now": now, "moved": moved}
    for place, name in enumerate(("unit", "sum", *made)):
        key, head = f"record {name}", f"messages.record_{name}"
        role, number = ("id", "") if name == "unit" else ("calculation", VALUE)
        values = None if name in made else stored(place)
        formula = made.get(name)
        yield key, Column(key, head, formula, role, number, 13, value=values, code=key, helper=True)


def _bounds(book: Book, canvas: Canvas) -> None:
    """Write the plausible range above the letters."""
    layout = book.layout
    bounds = ((ROW_LOW, "valid_low", -FAR), (ROW_HIGH, "valid_high", FAR))
    canvas.stubs((row, f"framework.{name}") for row, name, _ in bounds)
    for code in layout.inputs:
        for row, name, none in bounds:
            bound = layout.framework_cell(code, name)
            shown = f"IF(ISNUMBER({bound}),{bound},{none:.0E})"
            column = layout.letters.column(code)
            canvas.formula(row, column, shown, "calculation", VALUE, font_size=8, shrink=True)
