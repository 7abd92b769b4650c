"""`Cleaned`: state, value and status letter of every input, found by city id."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlcity.model.recipe import MAIN
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.links import link_layout
from xlcity.workbook.layout.networks import NetworkLayout
from xlcity.workbook.layout.rows import (
    CITY_FACTS,
    CODE,
    FAULTS,
    FIRST,
    ROW_FIXED_HIGH,
    ROW_FIXED_LOW,
    ROW_MEAN,
    ROW_N,
    ROW_NAME,
    ROW_RANGE,
    ROW_WEIGHT,
)
from xlcity.workbook.reading.recorded_values import DIGITS, ROWS, WEIGHTS, renewed
from xlcity.workbook.sheets.calculation import faults, near_names
from xlcity.workbook.sheets.calculation.calculate import COUNTED, VALUE
from xlcity.workbook.sheets.table import (
    Column,
    Formula,
    RowCells,
    Table,
    draw_block,
    unit_sheet,
    unit_table,
)
from xlcity.workbook.wildcards import is_plain

SHEET = "Cleaned"
CENTER = "calculation_center"
#: A bound that no value reaches, where an indicator has none.
FAR = 9e307
#: What stands among entries, which are texts, for a number and for what is neither.
NUMBER, OTHER = 1, 0
COUNT_ROWS = ((ROW_WEIGHT, "ok"), (ROW_FIXED_LOW, "NA"), (ROW_FIXED_HIGH, "blank"), (ROW_N, "bad"))


def draw(book: Book) -> None:
    """Draw `Cleaned`: state, value and status letter of every input, found by city id."""
    layout = book.layout
    canvas = unit_sheet(book, SHEET, banner=layout.states.left + 2)
    canvas.fit_names(ROW_NAME, layout.indicators, 14, 9, extra=book.labels.texts["cleaned.letters"])
    canvas.thin(range(ROW_MEAN, ROW_RANGE))
    city = unit_table(canvas, _city(book)).draw()
    _blocks(book, canvas, city)
    facts = {**dict(_facts(book, city)), **dict(_recorded(book, canvas))}
    columns = [facts.get(name, Column(width=2)) for name in CITY_FACTS]
    unit_table(canvas, columns, left=layout.facts_left).draw()
    _above(book, canvas)
    book.define("xl_near_names", layout.fact("near typed", "near known"))
    book.define("xl_cleaned", layout.cleaned.span())
    book.define("xl_raw", layout.raw.span())
    right = layout.fact("pool" if book.spec.apart else "without").c1
    split = (layout.cleaned.left, layout.letters.left)
    canvas.finish(layout.last, right, ROW_NAME, 2, landscape=False, split=split)


def _city(book: Book) -> Iterator[Column]:
    """Yield what is known of a city before its values: population, row on `Data`, how often."""
    layout = book.layout

    def population(at: RowCells) -> str:
        # A city that stands a second time and a word that names no population are not scored.
        typed, first = (
            layout.city_cell("population", at.row),
            layout.fact_cell("first", at.row, SHEET),
        )
        scored = f'IF(AND({typed}="{MAIN}",{first}=1),"{MAIN}","")'
        if book.spec.apart:
            scored = f'IF({first}=1,{_listed(book, typed)},"")'
        return f'IF({_unit(at)}="","",{scored})'

    def count(at: RowCells) -> str:
        # Exact, as MATCH is: COUNTIF would count the number 110000 for the text "110000".
        exact = f"SUMPRODUCT((in_units={_unit(at)})*1)"
        return f'IF({_unit(at)}="","",IFERROR({exact},COUNTIF(in_units,{_unit(at)})))'

    def shipped(at: RowCells) -> str | None:
        found = f"MATCH({_unit(at)},{layout.published_ids.ref()},0)"
        known = bool(layout.default_values.codes)
        return f'IF({at.population}="","",IFERROR({found},""))' if known else None

    formulas: dict[str, Formula] = {
        "population": population,
        "position": lambda at: (
            f'IF(OR({_unit(at)}="",{at.population}=""),"",'
            f'IFERROR(MATCH({_unit(at)},in_units,0),""))'
        ),
        "count": count,
        "default": shipped,
    }
    for name, formula in formulas.items():
        width = 10 if name == "population" else 9
        yield Column(name, f"cleaned.{name}", formula, CENTER, "", width, code=name)


def _blocks(book: Book, canvas: Canvas, city: Table) -> None:
    """Draw state, value and status letter of every input, and what was typed of each."""
    layout = book.layout

    def state(code: str, row: int) -> str:
        entry, blank = layout.entries.at(code, row, SHEET), _blank_state(book, code, row)
        refused = cell(ROW_FIXED_LOW, layout.entries.column(code), "r")
        number = f'IF({refused}="","ok",IF({_raw(layout, city, code, row)}={refused},"bad","ok"))'
        typed = f'IF({entry}="",{blank},IF(SUMPRODUCT((par_missing={entry})*1)>0,"NA","bad"))'
        known = f'IF(ISNUMBER({entry}),IF({entry}={NUMBER},{number},"bad"),{typed})'
        return f'IF({city.address("population", row)}="","",{known})'

    def value(code: str, row: int) -> str:
        state = layout.states.at(code, row, SHEET)
        return f'IF({state}="ok",{_raw(layout, city, code, row)},IF({state}="NA","NA",""))'

    def entry(code: str, row: int) -> str:
        raw = _raw(layout, city, code, row)
        # Not TYPE, which Gnumeric takes for that of an array where INDEX is its argument.
        other = f"IF(ISTEXT({raw}),TRIM({raw}),{NUMBER})"
        shown = f'IF({raw}="","",IF(ISLOGICAL({raw}),{OTHER},{other}))'
        return f'IF({city.address("position", row)}="","",IFERROR({shown},{OTHER}))'

    marked = {
        "states": {"bad": "bad", "blank": "note", "NA": "missing"},
        "letters": {"D": "derived", "Y": "synthetic", "!": "bad", "S": "note"},
        "values": {"NA": "missing"},
    }
    marks = {
        name: [(f'{{0}}="{word}"', mark) for word, mark in found.items()]
        for name, found in marked.items()
    }
    draw_block(canvas, layout.states, state, CENTER, key="cleaned.states", marks=marks["states"])
    form = value_formats(book.spec.framework)
    draw_block(canvas, layout.cleaned, value, number=form, key="cleaned.values",
               marks=marks["values"])  # fmt: skip
    draw_block(
        canvas, layout.letters, lambda code, row: _letter(book, city, code, row), CENTER,
        key="cleaned.letters", marks=marks["letters"],
    )  # fmt: skip
    draw_block(canvas, layout.entries, entry, "id", width=8, font_size=8)


def _unit(at: RowCells) -> str:
    return cell(at.row, 1, "c")


def _raw(layout: Layout, city: Table, code: str, row: int) -> str:
    """Return the value where it was typed."""
    return f"INDEX({layout.data_column(code).ref('r')},{city.address('position', row)})"


def _letter(book: Book, city: Table, code: str, row: int) -> str:
    """Return the status letter of a value: of an exception, as shipped, or E for entered."""
    layout = book.layout
    state, value = (block.at(code, row, SHEET) for block in (layout.states, layout.cleaned))
    default = city.address("default", row)
    letter = '"E"'
    if layout.default_values.codes:
        shipped, shipped_letter = (
            f"INDEX({block.over(code, SHEET, 'rc')},{default})"
            for block in (layout.default_values, layout.default_letters)
        )
        letter = f'IF({default}="","E",IF({value}={shipped},{shipped_letter},"E"))'
    key = f'{cell(row, 1, "c")}&"|"&{cell(CODE, layout.states.column(code), "r")}'
    coded = '"M"'
    if takes_blanks(layout):
        # A blank that is taken as missing has none.
        coded = f'IF({layout.entries.at(code, row, SHEET)}="","","M")'
    return (
        f'IF({state}="ok",IFERROR(INDEX(xl_exception_letters,MATCH({key},xl_exception_keys,0)),'
        f'{letter}),IF({state}="NA",{coded},IF({state}="bad","!","")))'
    )


def _facts(book: Book, city: Table) -> Iterator[tuple[str, Column]]:
    """Yield the columns about each city behind its values, by name."""
    layout = book.layout

    def along(block: str, row: int) -> str:
        found = getattr(layout, block)
        return Area(SHEET, row, found.left, row, found.right).ref("c", SHEET)

    def counted(word: str, block: str) -> Formula:
        # Not COUNTIF: along a row of text formualizer takes twenty times as long for it.
        if word == "blank" and takes_blanks(layout):
            return lambda at: (
                f'SUMPRODUCT(({along("states", at.row)}="NA")*({along("letters", at.row)}=""))'
            )
        letter = {"NA": "M", "synthetic": "Y"}.get(word, word)
        return lambda at: f'SUMPRODUCT(({along(block, at.row)}="{letter}")*1)'

    def outside(at: RowCells) -> str:
        values, filled = along("cleaned", at.row), f'({along("states", at.row)}="ok")'
        low, high = (
            Area(SHEET, row, layout.cleaned.left, row, layout.cleaned.right).ref("rc", SHEET)
            for row in (ROW_FIXED_LOW, ROW_FIXED_HIGH)
        )
        return f"SUMPRODUCT({filled}*({values}<{low}))+SUMPRODUCT({filled}*({values}>{high}))"

    def without(at: RowCells) -> str:
        values = layout.raw.rows_of(layout.indicators, at.row, at.row).ref("c", SHEET)
        # What is confirmed missing is not a blank.
        none = f"IF(COUNT({values})+{at['n ok']}=0,IF({at['n blank']}>0,1,0),0)"
        return f'IF({city.address("population", at.row)}="","",{none})'

    def first(at: RowCells) -> str:
        unit, top = _unit(at), cell(FIRST, 1, "rc")
        ids = Area(SHEET, FIRST, 1, layout.last, 1).ref("rc", SHEET)
        # A city that cannot be looked up is not scored, and no other is found in its place.
        here = f"IF(MATCH({unit},{ids},0)=ROWS({top}:{unit}),1,0)"
        return f'IF({unit}="","",IF({is_plain(unit)},{here},0))'

    for word, block in (*((w, "states") for w in COUNTED), ("synthetic", "letters")):
        formula = counted(word, "letters" if word == "NA" else block)
        name = f"n {word}"
        yield name, Column(name, f"cleaned.n_{word.lower()}", formula, CENTER, "", 9, code=name)
    for name, key, shown in (
        ("n outside", "cleaned.n_outside", outside),
        ("first", "cleaned.first", first),
        ("without", "cleaned.without", without),
    ):
        yield name, Column(name, key, shown, CENTER, "", 9, code=name)
    if book.spec.apart:
        yield from _populations(book, city)
    yield from _faults(book, city)
    yield from near_names.columns(book, city)


def _populations(book: Book, city: Table) -> Iterator[tuple[str, Column]]:
    """Yield the number of a city's population, and of the one that it is standardised by."""
    pools = populations_of(book.layout).pooled()
    formulas: dict[str, Formula] = {
        "number": lambda at: (
            f'IFERROR(MATCH({city.address("population", at.row)},xl_populations,0),"")'
        ),
        "pool": lambda at: f'IF({at.number}="","",INDEX({pools},1,{at.number}))',
    }
    for name, formula in formulas.items():
        yield name, Column(name, f"cleaned.{name}", formula, CENTER, "", 10, code=name)


def _faults(book: Book, city: Table) -> Iterator[tuple[str, Column]]:
    """Yield the columns about the first unusable value of a city, and what it is."""
    layout = book.layout
    codes = layout.states.rows_of(layout.states.codes, CODE, CODE).ref("rc", SHEET)

    def of(fault: str) -> Formula:
        return lambda at: formula(fault, at)

    def formula(name: str, at: RowCells) -> str:
        if name == "code":
            states = layout.states.rows_of(layout.states.codes, at.row, at.row).ref("c", SHEET)
            return f'IF({at["n bad"]}=0,"",INDEX({codes},1,MATCH("bad",{states},0)))'
        cells = {fault: at[f"fault {fault}"] for fault in FAULTS}
        raw = f"INDEX(in_data,{city.address('position', at.row)},MATCH({cells['code']},xl_codes,0))"
        return f'IF({cells["code"]}="","",{faults.chain(book, cells, raw)[name]})'

    for fault in FAULTS:
        name, key = f"fault {fault}", "cleaned.fault" if fault == FAULTS[0] else ""
        yield name, Column(name, key, of(fault), "id", "", 10, code=name, helper=True)


def _recorded(book: Book, canvas: Canvas) -> Iterator[tuple[str, Column]]:
    """Yield what was recorded of the values, and how it compares with the values now."""
    layout, spec, block = book.layout, book.spec, book.layout.cleaned
    known = renewed(spec.recorded, spec.framework, layout.inputs, spec.dataset)
    canvas.stubs([(ROW_RANGE, "cleaned.record_weight")])
    for code in block.codes:
        weight = known.weights.get(code, 0.0)
        canvas.number(ROW_RANGE, block.column(code), weight, "calculation", VALUE, font_size=8)
    book.define(WEIGHTS, canvas.area(ROW_RANGE, block.left, CODE, block.right))
    book.define(ROWS, layout.fact("record unit", "record sum"))
    weights = block.rows_of(block.codes, ROW_RANGE, ROW_RANGE).ref("rc", SHEET)
    lines = [*known.sums.items()]

    def stored(place: int) -> Callable[[RowCells], object]:
        return lambda at: lines[at.slot][place] if at.slot < len(lines) else None

    def now(at: RowCells) -> str:
        values = block.rows_of(block.codes, at.row, at.row).ref("c", SHEET)
        return f"ROUND(SUMPRODUCT({values},{weights}),{DIGITS})"

    def own(at: RowCells) -> str:
        found = f"INDEX({at['record sum'].whole},MATCH({_unit(at)},{at['record unit'].whole},0))"
        return f'IF({_unit(at)}="","",IFERROR({found},""))'

    def moved(at: RowCells) -> str:
        # 1 where it differs, 2 where it is the record of another city.
        now, own = at["record now"], at["record own"]
        elsewhere = f"IF(ISNUMBER(MATCH({now},{at['record sum'].whole},0)),2,1)"
        # Gnumeric's ROUND may differ in the last bit.
        same = f"ABS({now}-{own})<=1E-14*ABS({own})"
        return f'IF({own}="",0,IF({same},0,{elsewhere}))'

    def whose(at: RowCells) -> str:
        place = f"MATCH({at['record now']},{at['record sum'].whole},0)"
        return f'IF({at["record moved"]}=2,INDEX({at["record unit"].whole},{place}),"")'

    made: dict[str, Formula] = {"now": now, "own": own, "moved": moved, "whose": whose}
    for place, name in enumerate(("unit", "sum", *made)):
        key, head = f"record {name}", f"cleaned.record_{name}"
        role, number = ("id", "") if name == "unit" else ("calculation", VALUE)
        values = None if name in made else stored(place)
        formula = made.get(name)
        yield key, Column(key, head, formula, role, number, 13, value=values, code=key, helper=True)


def _above(book: Book, canvas: Canvas) -> None:
    """Write above the cities how many values are in each state, and the plausible range."""
    layout = book.layout
    canvas.stubs([(row, f"cleaned.n_{state.lower()}") for row, state in COUNT_ROWS])
    for code in layout.inputs:
        for row, state in COUNT_ROWS:
            formula = state_of_code(layout, code, state, SHEET)
            canvas.formula(row, layout.states.column(code), formula, CENTER)
        for row, name, none in (
            (ROW_FIXED_LOW, "valid_low", -FAR),
            (ROW_FIXED_HIGH, "valid_high", FAR),
        ):
            bound = layout.framework_cell(code, name)
            shown = f"IF(ISNUMBER({bound}),{bound},{none:.0E})"
            canvas.formula(row, layout.cleaned.column(code), shown, "calculation", VALUE)
        refused, column = layout.framework_cell(code, "no_data"), layout.entries.column(code)
        shown = f'IF(ISNUMBER({refused}),{refused},"")'
        canvas.formula(ROW_FIXED_LOW, column, shown, "id", VALUE, font_size=8)


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
    given = [f'{layout.states.at(c, row, SHEET)}="ok"' for c in covers]
    if of:
        # An indicator that is confirmed missing needs no ingredients either.
        given.append(f'{layout.states.at(of, row, SHEET)}="NA"')
    if code in layout.item_codes:
        given.append(f"{layout.item_count(code)}>0")
    if code in book.spec.matrices:
        given.append(f"{NetworkLayout(layout, code).filled}>0")
    linked = link_layout(layout)
    if code in linked.codes:
        given.append(f"{linked.filled(code)}>0")
    return f'IF(OR({",".join(given)}),"",{empty})' if given else empty
