"""The left of `Index`: the cities, where each stands on `Data`, and what was typed there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.model.reading.values import LARGEST_VALUE
from xlcity.model.recipe import MAIN_POPULATION
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Fix, cell, nested_if
from xlcity.workbook.drawing.number_formats import value_formats
from xlcity.workbook.drawing.styles import CENTER
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import populations_of
from xlcity.workbook.layout.layout import index_cell
from xlcity.workbook.layout.links import LinkLayout
from xlcity.workbook.layout.networks import NetworkLayout
from xlcity.workbook.layout.rows import (
    DATA_ROW_COLUMN,
    FIRST,
    INDEX,
    POOL_COLUMN,
    POPULATION_COLUMN,
    ROW_FIXED_LOW,
    ROW_RANGE,
)
from xlcity.workbook.sheets.calculation.calculate import VALUE, unit_of_measure
from xlcity.workbook.sheets.table import (
    MISSING,
    Above,
    Column,
    Formula,
    RowCells,
    draw_block,
    unit_table,
)
from xlcity.workbook.wildcards import is_plain

#: Header rows of the units of measure, and of the number that stands for a gap.
ROW_UOM = ROW_FIXED_LOW
ROW_REFUSED = ROW_RANGE
#: The largest number that is used, as formulas have it.
LARGEST = f"{LARGEST_VALUE:G}"
#: What stands for an error value that was typed.
TYPED_ERROR = "#!"


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the columns about a city, and the block of what was typed."""
    layout = book.layout
    inputs = book.spec.framework.inputs
    unit_table(canvas, _city(book), left=POPULATION_COLUMN).draw()

    def refused(code: str) -> str | None:
        # A blank cell would be equal to 0.
        number = layout.framework_cell(code, "no_data")
        return (
            None
            if inputs[code].no_data is None
            else f'IF(ISNUMBER({number}),{number},"")'
        )

    draw_block(
        canvas,
        layout.entries,
        partial(_entry, layout),
        "helper",
        key="index.entries",
        prefix=False,
        mutes=True,
    )
    draw_block(
        canvas,
        layout.typed,
        partial(_typed, book),
        key="index.typed",
        prefix=False,
        number=value_formats(book.spec.framework, typed=True),
        marks=[('{0}="?"', "bad"), MISSING],
        above=[
            Above(ROW_UOM, "sources.uom", partial(unit_of_measure, book), "stub_code"),
            Above(ROW_REFUSED, "framework.no_data", refused, number=VALUE),
        ],
    )
    book.define("xl_typed", layout.typed.span())


def _city(book: Book) -> Iterator[Column]:
    """Yield population, row on `Data`, and where they are apart, numbers of populations."""
    layout = book.layout

    def population(cells: RowCells) -> str:
        # A city that stands a second time and one with a word that names no population are not
        # scored; one that cannot be looked up has no values.
        unit, typed = (
            layout.city_cell(name, cells.row) for name in ("id", "population")
        )
        first = layout.city("id")
        own = cell(layout.city_row(cells.row), first.c1, Fix.COLUMN)
        so_far = f"{layout.city_cell('id', FIRST, Fix.BOTH)}:{own}"
        # Not COUNTIF: an id may begin with a sign that it takes for an operator.
        once = f"SUMPRODUCT(({so_far}={unit})*1)=1"
        scored = f'{typed}="{MAIN_POPULATION}"'
        population = f'"{MAIN_POPULATION}"'
        if book.spec.apart:
            names = (f'{typed}="{name}"' for name in book.spec.populations)
            scored = f"OR({','.join(names)})"
            population = typed
        return f'IF(AND({unit}<>"",{scored},{once}),{population},"")'

    def position(cells: RowCells) -> str:
        # Counted from the empty row above the codes, which is that of a city without one.
        unit = layout.city_cell("id", cells.row)
        there = f"IFERROR(MATCH({unit},in_units,0)+1,1)"
        return f'IF({cells.population}="",1,IF({is_plain(unit)},{there},1))'

    formulas: dict[str, Formula] = {"population": population, "position": position}
    if book.spec.apart:
        pools = populations_of(layout).each(POOL_COLUMN).ref(home=INDEX)
        formulas |= {
            "number": lambda cells: (
                f'IF({cells.population}="","",MATCH({cells.population},xl_populations,0))'
            ),
            "pool": lambda cells: (
                f'IF({cells.number}="","",INDEX({pools},{cells.number}))'
            ),
        }
    for name, formula in formulas.items():
        form = '[=1]"";0' if name == "position" else ""
        yield Column(
            name, f"index.{name}", formula, role=CENTER, number=form, width=9, code=name
        )


def data_value(layout: Layout, code: str, row: int, home: str = "") -> str:
    """Return the value of a city where it was typed, as it is; that of no row is blank."""
    data_row = index_cell(row, DATA_ROW_COLUMN, Fix.COLUMN, home)
    return f"INDEX({layout.data_column(code, 1).ref(Fix.ROW)},{data_row})"


def _entry(layout: Layout, code: str, row: int) -> str:
    """Return what stands on `Data`: a blank is "", which would be 0 in a cell, an error a text."""
    value = data_value(layout, code, row, INDEX)
    return f'IFERROR(IF({value}="","",{value}),"{TYPED_ERROR}")'


def _typed(book: Book, code: str, row: int) -> str:
    """Return a number, "NA" for a missing code, "" for a blank, "?" for anything else.

    Programs take a logical for a number, so that it is asked for first. Squares and sums of
    larger numbers overflow.
    """
    layout = book.layout
    entry = layout.entries.at(code, row, INDEX)
    usable = f"ABS({entry})<={LARGEST}"
    if book.spec.framework.inputs[code].no_data is not None:
        refused = cell(ROW_REFUSED, layout.typed.column(code), Fix.ROW)
        usable = f"({usable})*({entry}<>{refused})"
    is_code = f"SUMPRODUCT((par_missing={entry})*1)>0"
    cases = {
        f"ISLOGICAL({entry})": '"?"',
        f"ISNUMBER({entry})": f'IF({usable},{entry},"?")',
        f'{entry}=""': _blank(book, code, row),
        is_code: '"NA"',
    }
    return f"""IFERROR({nested_if(cases, '"?"')},"?")"""


def takes_blanks(layout: Layout) -> bool:
    """Tell whether the recipe takes a blank as a missing code."""
    return layout.spec.recipe.blank == "missing"


def _blank(book: Book, code: str, row: int) -> str:
    """Return what a blank is: "", or "NA" where the recipe takes it so and a value is needed."""
    if not takes_blanks(book.layout):
        return '""'
    word = blank_word(book, code, row, "NA", home=INDEX)
    return (
        f'IF({book.layout.population(row, INDEX)}="","",{word})'
        if word != '""'
        else word
    )


def blank_word(
    book: Book,
    code: str,
    row: int,
    word: str,
    home: str,
) -> str:
    """Return a word for a blank where a value is needed, else "".

    A direct value makes what it replaces unneeded; a place for a direct value is never needed.
    """
    layout = book.layout
    framework = book.spec.framework
    if code in book.spec.direct_nodes:
        return '""'
    of = next((i.of for i in framework.ingredients if i.code == code), None)
    if of is None and layout.ingredients_of(code):
        return '""'
    if code in layout.variables:
        return f'"{word}"'
    given = [*_given_above(book, of or code, row, home)]
    if of:
        # An indicator that has a value, or is confirmed missing, needs no ingredients.
        value = layout.typed.at(of, row, home)
        given += [f"ISNUMBER({value})", f'{value}="NA"']
    given += _made_of_others(layout, code)
    return f'IF(OR({",".join(given)}),"","{word}")' if given else f'"{word}"'


def _given_above(book: Book, code: str, row: int, home: str) -> Iterator[str]:
    """Yield the tests whether nodes from the root down to one have values of their own."""
    for node in book.spec.framework.path(code):
        if node.code in book.spec.direct_nodes:
            yield f"ISNUMBER({book.layout.typed.at(node.code, row, home)})"


def _made_of_others(layout: Layout, code: str) -> Iterator[str]:
    """Yield the tests whether a value follows from institutions, ties or links."""
    if code in layout.item_codes:
        yield f"{layout.item_count(code)}>0"
    if code in layout.spec.matrices:
        yield f"{NetworkLayout(layout, code).filled}>0"
    linked = LinkLayout(layout)
    if code in linked.codes:
        yield f"{linked.table_cell(code, 'filled')}>0"
