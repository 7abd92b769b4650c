"""Populations on `Index`: which there are, and the statistics of each above and below columns."""

from __future__ import annotations

from xlcity.methods.formulas import ANY_NUMBER
from xlcity.methods.normalise.zscore import group_deviation_formula
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import ANY_SIZE, INTEGER
from xlcity.workbook.drawing.styles import CENTER, SMALL, TINY
from xlcity.workbook.layout.groups import SECTIONS, Populations, populations_of
from xlcity.workbook.layout.rows import (
    INDEX,
    NUMBER_COLUMN,
    POOL_COLUMN,
    POPULATION_COLUMN,
)
from xlcity.workbook.steps.method_table import methods_of
from xlcity.workbook.steps.nodes import missing_rule
from xlcity.workbook.steps.normalising import Normalising
from xlcity.workbook.steps.rescale import span_between

#: Statistics that count.
COUNTS = ("n", "computed", "complete")
#: Statistics by formulas over arrays.
OF_ARRAYS = ("sd", "min", "max")


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the populations and their statistics."""
    populations = populations_of(book.layout)
    _populations(book, canvas, populations)
    canvas.heading(populations.first_below - 1, 2, "populations.below", **SMALL)
    for name in populations.below:
        for position, population in enumerate(populations.names):
            row = populations.first_below + populations.below.index(name) * len(
                populations.names
            )
            text = f'{book.labels.ref(f"populations.{name}")}&" · {population}"'
            canvas.formula(row + position, 2, text, "stub_line", **SMALL)
    for section in SECTIONS:
        for code in populations.block(section).codes:
            for name in populations.statistics(section, code):
                _statistic(book, canvas, section, code, name=name)


def _populations(book: Book, canvas: Canvas, populations: Populations) -> None:
    """Write name, size and pool of each population above the columns about a city."""
    columns = {
        POPULATION_COLUMN: "population",
        NUMBER_COLUMN: "size",
        POOL_COLUMN: "pool",
    }
    for column, key in columns.items():
        canvas.label(
            populations.first - 1, column, f"populations.{key}", "stub", **TINY
        )
    has_pools = any(method.is_pooled for method in methods_of(book.spec))
    for position, population in enumerate(populations.names):
        row = populations.first + position
        own = populations.name(position, INDEX)
        canvas.put(row, POPULATION_COLUMN, population, "stub_code")
        size = f"COUNTIF({populations.members.ref(home=INDEX)},{own})"
        canvas.formula(row, NUMBER_COLUMN, size, CENTER, number=INTEGER)
        taken = position > 0 and has_pools
        pool = f'IF(par_pool="own",{own},par_pool)' if taken else own
        canvas.formula(row, POOL_COLUMN, pool, CENTER, **TINY)
    book.define("xl_populations", populations.each(POPULATION_COLUMN))


def _statistic(
    book: Book,
    canvas: Canvas,
    section: str,
    code: str,
    name: str,
) -> None:
    """Write one statistic of a column for each population, with what it is where it is above."""
    populations = populations_of(book.layout)
    block = populations.block(section)
    form = "0" if name in COUNTS else ANY_SIZE
    for position, population in enumerate(populations.names):
        row = populations.row(section, code, name, position)
        column = block.column(code)
        if name in populations.above(section, code):
            text = f'{book.labels.ref(f"populations.{name}")}&" · {population}"'
            canvas.formula(row, block.left - 1, text, "stub_line", **TINY, shrink=True)
        formula = _formula(
            book, populations, section, code, name=name, position=position
        )
        if formula is not None and name in OF_ARRAYS:
            canvas.array(canvas.area(row, column), formula, "calculation", form)
        elif formula is not None:
            canvas.formula(
                row,
                column,
                formula,
                CENTER if name in COUNTS else "calculation",
                number=form,
            )
        if name == "complete":
            size = populations.size(position, INDEX)
            lacks = f"AND({size}>0,{cell(row, column, Fix.BOTH)}=0)"
            canvas.mark(canvas.area(row, column), lacks, "note")


def _formula(
    book: Book,
    populations: Populations,
    section: str,
    code: str,
    name: str,
    position: int,
) -> str | None:
    """Return the formula of a statistic of one population."""

    def address(statistic: str) -> str:
        return populations.at(section, code, statistic, position, home=INDEX)

    if section == "raw":
        return _of_values(populations, code, name, position)
    members = populations.members.ref(home=INDEX)
    population = populations.name(position, INDEX)
    values = populations.block(section).over(code, INDEX)
    n = address("computed")
    size = populations.size(position, INDEX)
    if name == "computed":
        return f"COUNTIFS({members},{population},{values},{ANY_NUMBER})"
    if name == "average":
        return f'IF({n}=0,"",AVERAGEIF({members},{population},{values}))'
    if name in ("min", "max"):
        return f'IF({n}=0,"",{name.upper()}(IF({members}={population},{values})))'
    if name == "span":
        return span_between(
            populations.layout, code, address("min"), address("max"), home=INDEX
        )
    if missing_rule(book.spec, code) != "refuse":
        return f"IF({n}>0,1,0)"
    counts = _children_computed(book, populations, code, position)
    return f"IF(AND({size}>0,MIN({counts})={size}),1,0)"


def _children_computed(
    book: Book, populations: Populations, code: str, position: int
) -> str:
    """Return how many cities have each child of a node, side by side."""
    children = tuple(child.code for child in book.spec.framework.children(code))
    is_lowest = book.spec.framework.is_indicator(children[0])
    section = "normalised" if is_lowest else "aggregates"
    row = populations.row(section, children[0], "computed", position)
    runs = populations.block(section).runs_of(children, row)
    return ",".join(area.ref(Fix.ROW, INDEX) for area in runs)


def _of_values(
    populations: Populations, code: str, name: str, position: int
) -> str | None:
    """Return a statistic of what is normalised: of a z-score's pool, or a bound of a method."""
    normalising = Normalising(populations.layout, code)
    values = populations.layout.prepared.over(code, INDEX)
    members = populations.members.ref(home=INDEX)
    own = populations.name(position, INDEX)
    among = f"{members}={own}"
    criterion = own
    if normalising.record.is_pooled and position:
        pool = populations.population_cell(POOL_COLUMN, position, INDEX)
        among = f'({members}={pool})+({pool}="all")'
        criterion = f'IF({pool}="all","?*",{pool})'
    # Some engines count FALSE, which IF gives without a third argument, among the numbers.
    numbers = f'IF({among},{values},"")'
    n, least, most = (
        populations.at("raw", code, statistic, position, home=INDEX)
        for statistic in ("n", "min", "max")
    )
    if name == "n":
        return f"COUNTIFS({members},{criterion},{values},{ANY_NUMBER})"
    if name in ("min", "max"):
        return f'IF({n}=0,"",{name.upper()}({numbers}))'
    if name == "mean":
        return f'IF({n}=0,"",AVERAGEIF({members},{criterion},{values}))'
    if name == "sd":
        ddof = populations.layout.framework_cell(code, "base")
        return group_deviation_formula(numbers, n, ddof, least=least, most=most)
    native = normalising.native
    cells = normalising.in_group(position)
    bounds = {"low": native.low, "high": native.high, "span": native.span}
    return bounds[name](cells) if name in bounds else native.tie_formula(cells)
