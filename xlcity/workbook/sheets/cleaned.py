"""`Cleaned`: state, value and status letter of every input, found by city id."""

from __future__ import annotations

from xlcity.model.recipe import MAIN
from xlcity.workbook.canvas import Book, Canvas
from xlcity.workbook.grid import Area, cell
from xlcity.workbook.layout import (
    CODE,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_SD,
    ROW_WEIGHT,
    Layout,
)
from xlcity.workbook.link_layout import LinkLayout
from xlcity.workbook.network_layout import NetworkLayout
from xlcity.workbook.populations import Populations
from xlcity.workbook.sheets.calculate import (
    COUNTED,
    VALUE,
    block_header,
    stubs,
    unit_columns,
)

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
    canvas.thin(range(ROW_SD, CODE))
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
    canvas.columns(counts_left, counts_left + 4, 9)
    for offset, state in enumerate(COUNTED):
        key = f"cleaned.n_{state.lower()}"
        canvas.label(ROW_NAME, counts_left + offset, key, "header", font_size=9)
        canvas.text(CODE, counts_left + offset, f"n {state}", "stub_code")
    invented = layout.invented_column
    canvas.label(ROW_NAME, invented, "cleaned.n_synthetic", "header", font_size=9)
    canvas.text(CODE, invented, "n synthetic", "stub_code")
    canvas.label(CODE, layout.first_column, "cleaned.first", "stub_code")
    right = layout.first_column
    if book.spec.apart:
        right = layout.pool_column
        for column, key in (
            (layout.number_column, "cleaned.number"),
            (layout.pool_column, "cleaned.pool"),
        ):
            canvas.columns(column, column, 10)
            canvas.label(ROW_NAME, column, key, "header", font_size=9)
            canvas.label(CODE, column, key, "stub_code")
    stubs(canvas, [(row, f"cleaned.n_{state.lower()}") for row, state in COUNT_ROWS], ())
    stubs(canvas, [(ROW_MEAN, "cleaned.n_odd")], ())
    for code in layout.inputs:
        for row, state in COUNT_ROWS:
            canvas.formula(
                row,
                layout.states.column(code),
                f'COUNTIF({layout.states.over(code, "Cleaned")},"{state}")',
                "calculation_center",
            )
        values = layout.cleaned.over(code, "Cleaned")
        canvas.formula(
            ROW_MEAN, layout.cleaned.column(code), _odd(values), "calculation_center", "0"
        )
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
    book.define("xl_cleaned", layout.cleaned.span())
    book.define("xl_raw", layout.raw.span())
    canvas.frame(ROW_NAME, 2)
    canvas.page(
        Area("Cleaned", 1, 1, layout.last, right),
        landscape=False,
        split=(layout.cleaned.left, layout.letters.left),
    )
    canvas.protect()


def _odd(values: str) -> str:
    """Count a largest value far above the second, and one negative value among positive ones."""
    return (
        f"IF(COUNT({values})<4,0,IF(AND(LARGE({values},2)>0,"
        f"LARGE({values},1)>par_neighbour*LARGE({values},2)),1,0)+"
        f'IF(AND(COUNTIF({values},"<0")=1,COUNTIF({values},">0")>2),1,0))'
    )


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
            f'xl_exception_keys,0)),{letter}),IF({state}="NA","M",IF({state}="bad","!","")))',
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
    counted = [(states, state_name) for state_name in COUNTED]
    counted.append((letters.ref("c", "Cleaned"), "Y"))
    for offset, (within, word) in enumerate(counted):
        # Not COUNTIF: along a row of text formualizer takes twenty times as long for it.
        canvas.formula(
            row, counts_left + offset, f'SUMPRODUCT(({within}="{word}")*1)', "calculation_center"
        )


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
    empty = '"NA"' if book.spec.recipe.blank == "missing" else '"blank"'
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
