"""`Populations`: n, mean, deviation, bounds in each population, and which nodes are whole."""

from __future__ import annotations

from collections.abc import Iterable

from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, Block, cell, spread
from xlcity.workbook.drawing.number_formats import ANY_SIZE
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.groups import (
    BOUNDS,
    FIRST_ROW,
    LEFT,
    NAMES,
    POOL,
    POPULATION,
    SECTIONS,
    SHEET,
    SIZE,
    Populations,
    populations_of,
)
from xlcity.workbook.layout.rows import ROW_FIXED_HIGH, ROW_FIXED_LOW
from xlcity.workbook.normalisers import NATIVE
from xlcity.workbook.steps.method_table import method_address
from xlcity.workbook.steps.nodes import missing_rule
from xlcity.workbook.steps.normalising import Normalising
from xlcity.workbook.steps.rescale import span_between

#: Header rows of `Index` that tell how many cities of the first two populations are computed.
COMPUTED_ROWS = (ROW_FIXED_LOW, ROW_FIXED_HIGH)
#: Every number, as a criterion.
NUMBERS = '">=-1E+300"'
FORMS = {"n": "0", "complete": "0"}
WIDTHS = {"n": 8, "complete": 8, "why": 34}


def draw(book: Book) -> None:
    """Draw the sheet."""
    found = populations_of(book.layout)
    canvas = titled_sheet(book, SHEET, [12, 46], found.column("mean"))
    for name in found.statistics:
        for place in range(len(found.names)):
            canvas.widths({found.column(name, place): WIDTHS.get(name, 13)})
    _header(book, canvas, found)
    for section in SECTIONS:
        title = found.tops[section] - 1
        key = "methods" if section == "normalised" and BOUNDS[0] in found.statistics else section
        canvas.label(title, 1, f"populations.{key}", "section")
        for code in found.block(section).codes:
            _node(book, canvas, found, section, code)
    first = found.column("complete")
    area = canvas.area(FIRST_ROW, first, found.last, first + len(found.names) - 1)
    canvas.mark(area, f"AND(ISNUMBER({cell(FIRST_ROW, first)}),{cell(FIRST_ROW, first)}=0)", "note")
    left = found.column("n")
    last = left + len(found.names) - 1
    book.define("xl_populations", canvas.area(POPULATION, left, POPULATION, last))
    canvas.finish(found.last, found.right, SIZE, 2, a3=True)


def _header(book: Book, canvas: Canvas, found: Populations) -> None:
    for row, key in ((POPULATION, "population"), (POOL, "pool"), (SIZE, "size")):
        canvas.blank(row, 1, "stub")
        canvas.label(row, 2, f"populations.{key}", "stub")
    canvas.heads(NAMES, ("framework.code", "framework.display"))
    for name in found.statistics:
        for place, population in enumerate(found.names):
            column = found.column(name, place)
            canvas.label(NAMES, column, f"populations.{name}", "header", font_size=9)
            canvas.text(POPULATION, column, population, "stub_code")
            if name != "n":
                continue
            own = cell(POPULATION, column)
            pool = (
                own if place == 0 or not found.has_pools else f'IF(par_pool="own",{own},par_pool)'
            )
            canvas.formula(POOL, column, pool, "calculation_center", font_size=8)
            members = found.members.ref()
            canvas.formula(SIZE, column, f"COUNTIF({members},{own})", "calculation_center", "0")


def _node(book: Book, canvas: Canvas, found: Populations, section: str, code: str) -> None:
    row = found.row(section, code)
    canvas.text(row, 1, code, "stub_code")
    canvas.formula(row, 2, book.layout.framework_cell(code, "display"), "name", font_size=9)
    values = found.block(section).over(code, SHEET, "rc")
    for place in range(len(found.names)):
        for name in found.statistics:
            column = found.column(name, place)
            made = _formula(book, found, section, code, name, place, values)
            if made is None:
                continue
            formula, array = made
            form = FORMS.get(name, ANY_SIZE if section == "raw" else "0.0000")
            role = "calculation_center" if name in FORMS else "calculation"
            if array:
                canvas.array(canvas.area(row, column), formula, role, form)
            elif name == "why":
                canvas.formula(row, column, formula, "id", font_size=8, shrink=True)
            else:
                canvas.formula(row, column, formula, role, form)


def _formula(
    book: Book,
    found: Populations,
    section: str,
    code: str,
    name: str,
    place: int,
    values: str,
) -> tuple[str, bool] | None:
    """Return the formula of a statistic and whether it is an array formula; None for none."""
    members, population = found.members.ref(), found.header(POPULATION, place, SHEET)
    n, size = found.at(section, code, "n", place, SHEET), found.header(SIZE, place, SHEET)
    inside = f"IF({members}={population},{values})"
    if name == "n":
        return f"COUNTIFS({members},{population},{values},{NUMBERS})", False
    if name in ("min", "max"):
        if section == "normalised":
            return None
        return f'IF({n}=0,"",{name.upper()}({inside}))', True
    if name == "mean" and section != "raw":
        return f'IF({n}=0,"",AVERAGEIF({members},{population},{values}))', False
    if name in ("mean", "sd"):
        return _pooled(found, section, code, name, place, values)
    if section == "aggregates" and name == "span":
        low, high = (found.at(section, code, end, place, SHEET) for end in ("min", "max"))
        return span_between(found.layout, code, low, high, SHEET), False
    if name in BOUNDS:
        return _bound(found, section, code, name, place)
    if name == "complete":
        return _complete(book, found, section, code, place, size)
    return _why(book, found, section, code, place)


def _pooled(
    found: Populations, section: str, code: str, name: str, place: int, values: str
) -> tuple[str, bool] | None:
    """Return mean or deviation of the numbers that a population is standardised by."""
    if section != "raw":
        return None

    scaled = Normalising(found.layout, code).method != "zscore"
    members = found.members.ref()
    pool = found.header(POPULATION if scaled else POOL, place, SHEET)

    def of_pool(statistic: str, whole: str) -> str:
        """Return a statistic of the pool: that of a population, or over all of them."""
        row, column = found.row(section, code), found.column(statistic)
        last = column + len(found.names) - 1
        each = Area(SHEET, row, column, row, last).ref("rc", SHEET)
        names = Area(SHEET, POPULATION, LEFT, POPULATION, LEFT + len(found.names) - 1)
        one = f"INDEX({each},1,MATCH({pool},{names.ref('rc', SHEET)},0))"
        if statistic == "n":
            one = f"IFERROR({one},0)"
        return f'IF({pool}="all",{whole}({each}),{one})'

    # Some engines count FALSE, which IF gives without a third argument, among the numbers.
    own = f'IF({pool}="all",IF({members}<>"",{values},""),IF({members}={pool},{values},""))'
    n = of_pool("n", "SUM")
    if name == "mean":
        return f'IF({n}=0,"",AVERAGE({own}))', True
    # Numbers that are equal but for rounding are a constant column: their sd is not 0.
    low, high = of_pool("min", "MIN"), of_pool("max", "MAX")
    # Other methods than z-scores turn the deviation into that of a sample themselves.
    ddof = "0" if scaled else method_address(found.layout.spec, code, "base")
    return spread(own, n, low, high, ddof), True


def _bound(
    found: Populations, section: str, code: str, name: str, place: int
) -> tuple[str, bool] | None:
    """Return a bound of the method of an indicator, or its span, for a population."""
    here = Normalising(found.layout, code)
    if section != "raw" or here.method == "zscore":
        return None
    native = NATIVE[here.method]
    made = {"low": native.low, "high": native.high, "span": native.span, "tie": native.tie_formula}[
        name
    ]
    formula = made(here.in_group(place))
    return None if formula is None else (formula, False)


def _complete(
    book: Book, found: Populations, section: str, code: str, place: int, size: str
) -> tuple[str, bool] | None:
    """Return whether every city of a population has all children of a node."""
    if section == "normalised":
        return f"IF({size}=0,0,IF({found.at(section, code, 'n', place, SHEET)}={size},1,0))", False
    if section != "aggregates":
        return None
    if missing_rule(book.spec, code) != "refuse":
        return f"IF({found.at(section, code, 'n', place, SHEET)}>0,1,0)", False
    rows = _children(book, found, code, "n", place)
    return f"IF({size}=0,0,IF(MIN({rows})={size},1,0))", False


def _children(book: Book, found: Populations, code: str, statistic: str, place: int) -> str:
    """Return a statistic of a node's children, one below the other."""
    framework = book.spec.framework
    children = [child.code for child in framework.children(code)]
    section = "normalised" if framework.is_indicator(children[0]) else "aggregates"
    column = found.column(statistic, place)
    rows = [found.row(section, child) for child in children]
    return Area(SHEET, rows[0], column, rows[-1], column).ref("rc", SHEET)


def _why(
    book: Book, found: Populations, section: str, code: str, place: int
) -> tuple[str, bool] | None:
    """Return the first gap below a node that is not whole, "" where it is."""
    if section not in ("normalised", "aggregates"):
        return None
    complete = found.at(section, code, "complete", place, SHEET)
    if section == "aggregates":
        n, why = (_children(book, found, code, name, place) for name in ("n", "why"))
        return f'IF({complete}=1,"",IFERROR(INDEX({why},MATCH(MIN({n}),{n},0)),""))', False
    values = found.block(section).over(code, SHEET, "rc")
    members, population = found.members.ref(), found.header(POPULATION, place, SHEET)
    names = book.layout.names()
    gap = f'MATCH(1,({members}={population})*((({values}="")+({values}="NA"))>0),0)'
    n, size = found.at(section, code, "n", place, SHEET), found.header(SIZE, place, SHEET)
    label = book.layout.framework_cell(code, "display")
    text = f'"{code} "&{label}&" "&{n}&"/"&{size}&" · "&IFERROR(INDEX({names},{gap}),"")'
    return f'IF({complete}=1,"",{text})', True


def write_computed_counts(canvas: Canvas, layout: Layout, section: str) -> None:
    """Write how many cities of each population have a node, above its column."""
    found = populations_of(layout)
    block = found.block(section)
    for place, row in enumerate(COMPUTED_ROWS[: len(found.names)]):
        text = f'{canvas.book.labels.ref("stat.computed")}&" · {found.names[place]}"'
        canvas.formula(row, block.left - 1, text, "stub_line", font_size=8, shrink=True)
        for code in block.codes:
            n, size = found.at(section, code, "n", place), found.header(SIZE, place)
            canvas.formula(
                row, block.column(code), f'{n}&" / "&{size}', "calculation_center", font_size=9
            )
        column = block.left
        first, last = cell(row, column, "r"), block.rows_of(block.codes, row, row)
        size = found.header(SIZE, place)
        canvas.mark(last, f'{first}<>{size}&" / "&{size}', "note")


def write_header_statistics(
    book: Book, canvas: Canvas, section: str, block: Block, codes: Iterable[str]
) -> None:
    """Write above columns what their formulas read of each population, from `Populations`."""
    found = populations_of(book.layout)
    for code in codes:
        for name in found.header_statistics(section, code):
            form = "0" if name == "complete" else ANY_SIZE
            label = book.labels.ref(f"populations.{name}")
            for place, row in enumerate(found.header_rows(section, code, name)):
                text = f'{label}&" · {found.names[place]}"'
                canvas.formula(row, block.left - 1, text, "stub_line", font_size=8, shrink=True)
                value = found.at(section, code, name, place)
                canvas.formula(row, block.column(code), value, "calculation", form)
