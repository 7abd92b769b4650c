"""`Cleaned`: state, value and status letter of every input, found by city id."""

from __future__ import annotations

from xlcity.model.recipe import MAIN
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import (
    CODE,
    FAULTS,
    FIRST,
    RECORD_COLUMNS,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_RANGE,
    ROW_WEIGHT,
    Layout,
)
from xlcity.workbook.link_layout import LinkLayout
from xlcity.workbook.network_layout import NetworkLayout
from xlcity.workbook.populations import Populations
from xlcity.workbook.recorded import DIGITS, ROWS, WEIGHTS, renewed
from xlcity.workbook.sheets import faults, near_names
from xlcity.workbook.sheets.calculate import (
    COUNTED,
    VALUE,
    block_header,
    stubs,
    unit_columns,
)

#: A bound that no value reaches, where an indicator has none.
FAR = 9e307
COUNT_ROWS = ((ROW_WEIGHT, "ok"), (ROW_FIXED_LOW, "NA"), (ROW_FIXED_HIGH, "blank"), (ROW_N, "bad"))


def draw(book: Book) -> None:
    """Draw `Cleaned`: state, value and status letter of every input, found by city id."""
    canvas, layout = book.canvas("Cleaned"), book.layout
    canvas.heading("cleaned", "cleaned.note", banner_column=layout.states.left + 2)
    canvas.widths([16, 20, 10, 9, 9, 9])
    for block in (layout.states, layout.cleaned, layout.letters):
        canvas.columns(block.left, block.right, 14)
        canvas.columns(block.right + 1, block.right + 1, 2)
    for block, key in (
        (layout.states, "cleaned.states"),
        (layout.cleaned, "cleaned.values"),
        (layout.letters, "cleaned.letters"),
    ):
        block_header(book, canvas, block, key)
    canvas.fit_names(ROW_NAME, layout.indicators, 14, 9, extra=book.labels.texts["cleaned.letters"])
    canvas.thin(range(ROW_MEAN, ROW_RANGE))
    unit_columns(book, canvas)
    for column, key in (
        (layout.CLEANED_POPULATION, "cleaned.population"),
        (layout.CLEANED_POSITION, "cleaned.position"),
        (layout.CLEANED_COUNT, "cleaned.count"),
        (layout.CLEANED_DEFAULT, "cleaned.default"),
    ):
        canvas.label(ROW_NAME, column, key, "header", font_size=9)
        canvas.label(CODE, column, key, "stub_code")
    counts_left = layout.counts_left
    canvas.columns(counts_left, layout.outside_column, 9)
    for offset, state in enumerate(COUNTED):
        key = f"cleaned.n_{state.lower()}"
        canvas.label(ROW_NAME, counts_left + offset, key, "header", font_size=9)
        canvas.text(CODE, counts_left + offset, f"n {state}", "stub_code")
    invented = layout.invented_column
    canvas.label(ROW_NAME, invented, "cleaned.n_synthetic", "header", font_size=9)
    canvas.text(CODE, invented, "n synthetic", "stub_code")
    outside = layout.outside_column
    canvas.label(ROW_NAME, outside, "cleaned.n_outside", "header", font_size=9)
    canvas.text(CODE, outside, "n outside", "stub_code")
    canvas.label(CODE, layout.first_column, "cleaned.first", "stub_code")
    canvas.label(ROW_NAME, layout.without_column, "cleaned.without", "header", font_size=9)
    canvas.text(CODE, layout.without_column, "without", "stub_code")
    right = layout.without_column
    if book.spec.apart:
        right = layout.pool_column
        for column, key in (
            (layout.number_column, "cleaned.number"),
            (layout.pool_column, "cleaned.pool"),
        ):
            canvas.columns(column, column, 10)
            canvas.label(ROW_NAME, column, key, "header", font_size=9)
            canvas.label(CODE, column, key, "stub_code")
    _fault_heads(book, canvas)
    near_names.heads(book, canvas)
    stubs(canvas, [(row, f"cleaned.n_{state.lower()}") for row, state in COUNT_ROWS], ())
    for code in layout.inputs:
        for row, state in COUNT_ROWS:
            canvas.formula(
                row,
                layout.states.column(code),
                state_of_code(layout, code, state, "Cleaned"),
                "calculation_center",
            )
        for row, name, none in (
            (ROW_FIXED_LOW, "valid_low", -FAR),
            (ROW_FIXED_HIGH, "valid_high", FAR),
        ):
            bound = layout.framework_cell(code, name)
            shown = f"IF(ISNUMBER({bound}),{bound},{none:.0E})"
            canvas.formula(row, layout.cleaned.column(code), shown, "calculation", VALUE)
    for row in range(FIRST, layout.last + 1):
        _cleaned_row(book, canvas, row, counts_left)
    for block, criteria, mark in (
        (layout.states, '"bad"', "bad"),
        (layout.states, '"blank"', "note"),
        (layout.states, '"NA"', "missing"),
        (layout.letters, '"D"', "derived"),
        (layout.letters, '"Y"', "synthetic"),
        (layout.letters, '"!"', "bad"),
        (layout.letters, '"S"', "note"),
        (layout.cleaned, '"NA"', "missing"),
    ):
        canvas.mark(block.span(), f"{cell(FIRST, block.left)}={criteria}", mark)
    _recorded(book, canvas)
    book.define("xl_cleaned", layout.cleaned.span())
    book.define("xl_raw", layout.raw.span())
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area("Cleaned", 1, 1, layout.last, right),
        landscape=False,
        split=(layout.cleaned.left, layout.letters.left),
    )
    canvas.protect()


def _cleaned_row(book: Book, canvas: Canvas, row: int, counts_left: int) -> None:
    layout = book.layout
    population = layout.city_cell("population", row)
    unit, scored = cell(row, 1, "c"), cell(row, layout.CLEANED_POPULATION, "c")
    position = cell(row, layout.CLEANED_POSITION, "c")
    default = cell(row, layout.CLEANED_DEFAULT, "c")
    first = cell(row, layout.first_column, "c")
    canvas.formula(
        row,
        layout.CLEANED_POPULATION,
        # A city that stands a second time and a word that names no population are not scored.
        f'IF({unit}="","",IF({first}=1,{_listed(book, population)},""))'
        if book.spec.apart
        else f'IF({unit}="","",IF(AND({population}="{MAIN}",{first}=1),"{MAIN}",""))',
        "calculation_center",
    )
    canvas.formula(
        row,
        layout.CLEANED_POSITION,
        f'IF(OR({unit}="",{scored}=""),"",IFERROR(MATCH({unit},in_units,0),""))',
        "calculation_center",
    )
    canvas.formula(
        row,
        layout.CLEANED_COUNT,
        # Exact, as MATCH is: COUNTIF would count the number 110000 for the text "110000".
        f'IF({unit}="","",IFERROR(SUMPRODUCT((in_units={unit})*1),COUNTIF(in_units,{unit})))',
        "calculation_center",
    )
    has_defaults = bool(layout.default_values.codes)
    if has_defaults:
        canvas.formula(
            row,
            layout.CLEANED_DEFAULT,
            f'IF({scored}="","",IFERROR(MATCH({unit},{layout.published_ids.ref()},0),""))',
            "calculation_center",
        )
    else:
        canvas.blank(row, layout.CLEANED_DEFAULT, "calculation_center")
    for code in layout.inputs:
        raw = f"INDEX({layout.data_column(code).ref('r')},{position})"
        state = layout.states.at(code, row, "Cleaned")
        value = layout.cleaned.at(code, row, "Cleaned")
        refused = layout.framework_cell(code, "no_data")
        blank = _blank_state(book, code, row)
        number = f'IF({refused}="","ok",IF({raw}={refused},"bad","ok"))'
        canvas.formula(
            row,
            layout.states.column(code),
            f'IF({scored}="","",IF({position}="",{blank},IFERROR(IF(TYPE({raw})=1,'
            f'IF({raw}="",{blank},{number}),IF(TRIM({raw})="",{blank},'
            f'IF(SUMPRODUCT((par_missing=TRIM({raw}))*1)>0,"NA","bad"))),"bad")))',
            "calculation_center",
        )
        canvas.formula(
            row,
            layout.cleaned.column(code),
            f'IF({state}="ok",{raw},IF({state}="NA","NA",""))',
            "calculation",
            VALUE,
        )
        letter = '"E"'
        if has_defaults:
            shipped = f"INDEX({layout.default_values.over(code, 'Cleaned', 'rc')},{default})"
            shipped_letter = (
                f"INDEX({layout.default_letters.over(code, 'Cleaned', 'rc')},{default})"
            )
            letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
        code_cell = cell(CODE, layout.states.column(code), "r")
        canvas.formula(
            row,
            layout.letters.column(code),
            f'IF({state}="ok",IFERROR(INDEX(xl_exception_letters,MATCH({unit}&"|"&{code_cell},'
            f'xl_exception_keys,0)),{letter}),IF({state}="NA",{_coded(book, position, raw)},'
            f'IF({state}="bad","!","")))',
            "calculation_center",
        )
    ids = Area("Cleaned", FIRST, 1, layout.last, 1).ref("rc", "Cleaned")
    canvas.formula(
        row,
        layout.first_column,
        f'IF({unit}="","",IF(MATCH({unit},{ids},0)=ROWS({cell(FIRST, 1, "rc")}:{unit}),1,0))',
        "calculation_center",
    )
    if book.spec.apart:
        number = f'IFERROR(MATCH({scored},xl_populations,0),"")'
        canvas.formula(row, layout.number_column, number, "calculation_center")
        here = cell(row, layout.number_column, "c")
        pools = Populations(layout)
        pool = f'IF({here}="","",INDEX({pools.pooled()},1,{here}))'
        canvas.formula(row, layout.pool_column, pool, "calculation_center", font_size=8)
    states = Area("Cleaned", row, layout.states.left, row, layout.states.right).ref("c", "Cleaned")
    letters = Area("Cleaned", row, layout.letters.left, row, layout.letters.right)
    given = letters.ref("c", "Cleaned")
    counted = [(states, "ok"), (given, "M"), (states, "blank"), (states, "bad"), (given, "Y")]
    for offset, (within, word) in enumerate(counted):
        # Not COUNTIF: along a row of text formualizer takes twenty times as long for it.
        made = f'SUMPRODUCT(({within}="{word}")*1)'
        if word == "blank" and takes_blanks(layout):
            made = f'SUMPRODUCT(({states}="NA")*({given}=""))'
        canvas.formula(row, counts_left + offset, made, "calculation_center")
    values = layout.raw.rows_of(layout.indicators, row, row).ref("c", "Cleaned")
    known = f"COUNT({values})+{cell(row, counts_left, 'c')}"
    # What is confirmed missing is no blank.
    blank = f"{cell(row, counts_left + COUNTED.index('blank'), 'c')}>0"
    canvas.formula(
        row,
        layout.without_column,
        f'IF({scored}="","",IF({known}=0,IF({blank},1,0),0))',
        "calculation_center",
    )
    _first_fault(book, canvas, row)
    near_names.row(book, canvas, row)
    numbers = Area("Cleaned", row, layout.cleaned.left, row, layout.cleaned.right)
    low, high = (
        Area("Cleaned", at, layout.cleaned.left, at, layout.cleaned.right).ref("rc", "Cleaned")
        for at in (ROW_FIXED_LOW, ROW_FIXED_HIGH)
    )
    filled, these = f'({states}="ok")', numbers.ref("c", "Cleaned")
    canvas.formula(
        row,
        layout.outside_column,
        f"SUMPRODUCT({filled}*({these}<{low}))+SUMPRODUCT({filled}*({these}>{high}))",
        "calculation_center",
    )


def takes_blanks(layout: Layout) -> bool:
    """Tell whether the recipe takes a blank as a missing code."""
    return layout.spec.recipe.blank == "missing"


def state_of_code(layout: Layout, code: str, state: str, sheet: str, order: str = "r") -> str:
    """Return the formula that counts the cities whose input is in a state.

    What is confirmed missing was typed: a blank that is taken as missing is not filled.
    """
    states, letters = (block.over(code, sheet, order) for block in (layout.states, layout.letters))
    coded = f'COUNTIF({letters},"M")'
    if state == "NA":
        return coded
    if state == "blank" and takes_blanks(layout):
        return f'COUNTIF({states},"NA")-{coded}'
    return f'COUNTIF({states},"{state}")'


def _coded(book: Book, position: str, raw: str) -> str:
    """Return the letter of what counts as missing: none for a blank that is taken so."""
    if not takes_blanks(book.layout):
        return '"M"'
    return f'IF({position}="","",IF(TRIM({raw})="","","M"))'


def _fault_heads(book: Book, canvas: Canvas) -> None:
    left = book.layout.fault_left
    canvas.columns(left, left + len(FAULTS) - 1, 10)
    canvas.label(ROW_NAME, left, "cleaned.fault", "header", font_size=9)
    for column, name in enumerate(FAULTS, left):
        canvas.text(CODE, column, f"fault {name}", "stub_code")


def _first_fault(book: Book, canvas: Canvas, row: int) -> None:
    """Find the first unusable value of a city, and what it is."""
    layout = book.layout
    at = {name: cell(row, layout.fault(name).first_column, "c") for name in FAULTS}
    count = cell(row, layout.counts_left + COUNTED.index("bad"), "c")
    states = Area("Cleaned", row, layout.states.left, row, layout.states.right).ref("c", "Cleaned")
    codes = Area("Cleaned", CODE, layout.states.left, CODE, layout.states.right)
    place = cell(row, layout.CLEANED_POSITION, "c")
    formulas = {
        "code": f'INDEX({codes.ref("rc", "Cleaned")},MATCH("bad",{states},0))',
        **faults.chain(book, at, f"INDEX(in_data,{place},MATCH({at['code']},xl_codes,0))"),
    }
    for name, formula in formulas.items():
        found = f"{count}=0" if name == "code" else f'{at["code"]}=""'
        canvas.formula(row, layout.fault(name).first_column, f'IF({found},"",{formula})', "id")


def _recorded(book: Book, canvas: Canvas) -> None:
    """Write what was recorded of the values, and compare it with the values now."""
    layout, spec = book.layout, book.spec
    known = renewed(spec.recorded, spec.framework, layout.inputs, spec.dataset)
    block = layout.cleaned
    stubs(canvas, [(ROW_RANGE, "cleaned.record_weight")], ())
    for code in block.codes:
        weight = known.weights.get(code, 0.0)
        canvas.number(ROW_RANGE, block.column(code), weight, "calculation", VALUE, font_size=8)
    book.define(WEIGHTS, Area("Cleaned", ROW_RANGE, block.left, CODE, block.right))
    canvas.columns(layout.record_left - 1, layout.record_left - 1, 2)
    for name in RECORD_COLUMNS:
        column = layout.recorded(name).first_column
        canvas.columns(column, column, 13)
        canvas.label(ROW_NAME, column, f"cleaned.record_{name}", "header", font_size=9)
        canvas.text(CODE, column, f"record {name}", "stub_code")
    ids, sums = layout.recorded("unit"), layout.recorded("sum")
    book.define(ROWS, Area("Cleaned", FIRST, ids.first_column, layout.last, sums.first_column))
    weights = Area("Cleaned", ROW_RANGE, block.left, ROW_RANGE, block.right).ref("rc", "Cleaned")
    lines = [*known.sums.items()]
    here, there = ids.ref("rc", "Cleaned"), sums.ref("rc", "Cleaned")
    for row in range(FIRST, layout.last + 1):
        place = row - FIRST
        if place < len(lines):
            canvas.text(row, ids.first_column, lines[place][0], "id")
            canvas.number(row, sums.first_column, lines[place][1], "calculation", VALUE)
        unit = cell(row, 1, "c")
        now, own, moved = (
            cell(row, layout.recorded(name).first_column, "c") for name in ("now", "own", "moved")
        )
        values = Area("Cleaned", row, block.left, row, block.right).ref("c", "Cleaned")
        formulas = {
            "now": f"ROUND(SUMPRODUCT({values},{weights}),{DIGITS})",
            "own": f'IF({unit}="","",IFERROR(INDEX({there},MATCH({unit},{here},0)),""))',
            # 1 where it differs, 2 where it is the record of another city.
            "moved": f'IF({own}="",0,IF({now}={own},0,IF(ISNUMBER(MATCH({now},{there},0)),2,1)))',
            "whose": f'IF({moved}=2,INDEX({here},MATCH({now},{there},0)),"")',
        }
        for name, formula in formulas.items():
            column = layout.recorded(name).first_column
            canvas.formula(row, column, formula, "calculation", VALUE, font_size=9)


def state_count(layout: Layout, state: str) -> str:
    """Return the formula that counts the inputs in a state."""
    column = layout.counts_left + COUNTED.index(state)
    return f"SUM({Area('Cleaned', FIRST, column, layout.last, column).ref()})"


def _listed(book: Book, population: str) -> str:
    """Return a population as typed if it is one of the method's, else ""."""
    found = '""'
    for name in reversed(book.spec.populations):
        found = f'IF({population}="{name}","{name}",{found})'
    return found


def _blank_state(book: Book, code: str, row: int) -> str:
    """Return the state of an empty input: "blank", or "" where no value is needed there.

    A direct value makes what it replaces unneeded; a place for a direct value is never needed. A
    recipe that takes a blank as a missing code has no draft and no "blank".
    """
    layout, framework = book.layout, book.spec.framework
    empty = '"NA"' if takes_blanks(layout) else '"blank"'
    if code in book.spec.direct_nodes:
        return '""'
    of = next((i.of for i in framework.ingredients if i.code == code), None)
    if of is None and layout.ingredients_of(code):
        return '""'
    if code in layout.variables:
        return empty
    above = [node.code for node in framework.path(of or code)]
    covers = [c for c in above if c in book.spec.direct_nodes] + ([of] if of else [])
    given = [f'{layout.states.at(c, row, "Cleaned")}="ok"' for c in covers]
    if of:
        # An indicator that is confirmed missing needs no ingredients either.
        given.append(f'{layout.states.at(of, row, "Cleaned")}="NA"')
    if code in layout.item_codes:
        given.append(f"{layout.item_count(code)}>0")
    if code in book.spec.matrices:
        given.append(f"{NetworkLayout(layout, code).filled}>0")
    linked = LinkLayout(layout)
    if code in linked.codes:
        given.append(f"{linked.filled(code)}>0")
    if not given:
        return empty
    return f'IF(OR({",".join(given)}),"",{empty})'
