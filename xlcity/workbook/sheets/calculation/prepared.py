"""Raw values denominated, screened, filled and treated, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from xlcity.index.prepare import ScreenGroup, forced_units
from xlcity.model.recipe import Step
from xlcity.workbook import preparations
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell
from xlcity.workbook.drawing.number_formats import MADE
from xlcity.workbook.layout.prepared import PrepareLayout, prepare_layout
from xlcity.workbook.layout.rows import (
    CODE,
    FIRST,
    INDEX,
    ROW_HIGH,
    ROW_LOW,
    ROW_MAX,
    ROW_MEAN,
    ROW_MIN,
    ROW_N,
    ROW_NAME,
    ROW_SD,
)
from xlcity.workbook.live_recipe import screen_cells
from xlcity.workbook.preparations import DRAWN, HELD, KEPT, MEDIANS
from xlcity.workbook.sheets.calculation.calculate import (
    STATISTICS,
    VALUE,
    block_header,
    block_stubs,
)
from xlcity.workbook.spec import denominator_of
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.prepare import ROW_FLAG, ROW_KURT, ROW_METHOD, ROW_SKEW

_STATISTICS = (ROW_SKEW, ROW_KURT, ROW_N, ROW_MEAN, ROW_SD, ROW_MIN, ROW_MAX)
#: Shares of the same size are equal whatever rounding made of them.
_NOISE = "1E-12"


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the steps before normalising."""
    prepared = prepare_layout(book.layout)
    own = {ROW_METHOD: "method", ROW_SKEW: "skew", ROW_KURT: "kurt", ROW_LOW: "low",
           ROW_HIGH: "high", ROW_FLAG: "flag"}  # fmt: skip
    rows = [*((row, f"prepared.{name}") for row, name in own.items()), *STATISTICS]
    drawn = {
        KEPT: _kept,
        MEDIANS: _functions,
        DRAWN: _functions,
        HELD: _held,
        "denominate": _denominate,
        "screen": _screen,
        "impute_raw": _fill,
        "treat": _treat,
    }
    for name, block in prepared.blocks.items():
        title = f"prepared.{name}"
        block_stubs(canvas, block, title, rows if name in ("treat", HELD) else rows[:1])
        if name != KEPT:
            block_header(book, canvas, block, title=title)
        drawn[name](book, canvas, prepared, block)
        if name in prepared.doing:
            _marks(canvas, prepared, name, block)


def _rows(book: Book) -> range:
    return range(FIRST, book.layout.last + 1)


def _acted_on(
    book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block, do: str
) -> Iterator[tuple[str, Step, int]]:
    """Yield the indicators that a step acts on, with their columns; copy all others."""
    for code in block.codes:
        step, column = preparations.step_of(book.spec, do, code), block.column(code)
        if step is not None:
            yield code, step, column
            continue
        value_before = partial(prepared.before(do).at, home=INDEX)
        canvas.fill(block, value_before, number=VALUE, codes=(code,))


def _denominate(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    for code, _, column in _acted_on(book, canvas, prepared, block, "denominate"):
        of = denominator_of(book.spec, code)
        canvas.put(ROW_METHOD, column, f"/ {of}", "stub_code")
        factor = prepared.parameter(code, "factor")
        for row in _rows(book):
            x = prepared.before("denominate").at(code, row, INDEX)
            below = prepared.below(of).at(of, row, INDEX)
            formula = prepare.denominated(x, below, factor)
            canvas.formula(row, column, formula, "calculation", MADE)


def _kept(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    """Write which cities are kept: enough values, not too many zeros, or said so by the recipe."""
    column, groups = block.left, prepared.screens
    canvas.label(ROW_NAME, column, "prepared.kept", "header", font_size=9)
    canvas.put(CODE, column, KEPT, "stub_code")
    several = len(groups) > 1
    if several:
        canvas.node_heads(ROW_NAME, [group.node for group in groups], column + 1)
        for group_column, group in enumerate(groups, start=column + 1):
            canvas.put(CODE, group_column, group.node, "stub_code")
    for row in _rows(book):
        scored = book.layout.population(row, INDEX)
        keeps = _enough(prepared, groups[0], row)
        if several:
            for group_column, group in enumerate(groups, start=column + 1):
                own = _enough(prepared, group, row)
                canvas.formula(row, group_column, f'IF({scored}="","",{own})', "calculation_center")
            keeps = f"MIN({cell(row, column + 1)}:{cell(row, block.right)})"
        for word, listed in forced_units(groups):
            same = ",".join(f'{cell(row, 1, "c")}="{name}"' for name in listed)
            keeps = f"IF(OR({same}),{int(word == 'keep')},{keeps})"
        canvas.formula(row, column, f'IF({scored}="","",{keeps})', "calculation_center")
    here = cell(FIRST, column)
    canvas.mark(block.span(), f"AND(ISNUMBER({here}),{here}=0)", "missing")


def _enough(prepared: PrepareLayout, group: ScreenGroup, row: int) -> str:
    """Return the formula of 1 for a city with enough values in a group of indicators, else 0."""
    values = prepared.before("screen").rows_of(group.indicators, row, row).ref("c", INDEX)
    data, nonzero = screen_cells(group).values()
    size = f"COLUMNS({values})"
    present = f'({size}-COUNTIF({values},"NA"))'
    enough = f"{present}/{size}>={data}-{_NOISE}"
    zeros = f"1-COUNTIF({values},0)/{present}>={nonzero}-{_NOISE}"
    return f"IF({enough},IF({present}=0,1,IF({zeros},1,0)),0)"


def _screen(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    def screened(code: str, row: int) -> str:
        return f'IF({prepared.kept(row)}=1,{prepared.before("screen").at(code, row, INDEX)},"")'

    canvas.fill(block, screened, number=VALUE)


def _functions(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    """Write the calls of steps that have no native form, and say so."""
    part = next(name for name, columns in prepared.blocks.items() if columns is block)
    for code in block.codes:
        canvas.array(block.span((code,)), prepared.function(part, code), "udf", VALUE)
        name = prepared.function(part, code).partition("(")[0]
        canvas.put(ROW_METHOD, block.column(code), name, "stub_code")
    canvas.label(ROW_FLAG, block.left, "prepared.function", "warning", font_size=8)


def _fill(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    before = prepared.before("impute_raw")
    for code, step, column in _acted_on(book, canvas, prepared, block, "impute_raw"):
        xs, group = before.over(code, INDEX), preparations.group_of(book.spec, code)
        canvas.put(ROW_METHOD, column, f"{step.method} {group}".strip(), "stub_code")
        canvas.formula(ROW_N, column, f"COUNT({xs})", "calculation_center")
        # One formula for all columns; the method stands on `Framework`.
        by = f'IF({prepared.parameter(code, "impute_raw")}="median",MEDIAN({xs}),AVERAGE({xs}))'
        centre = f'IF({cell(ROW_N, column)}=0,"",{by})'
        canvas.formula(ROW_MEAN, column, centre, "calculation", VALUE)
        for row in _rows(book):
            x = before.at(code, row, INDEX)
            if preparations.by_function(book.spec, "impute_raw", code):
                # The function keeps what is given; it is read for gaps only.
                formula = prepare.filled(x, "median", prepared.blocks[MEDIANS].at(code, row, INDEX))
            else:
                mean = cell(ROW_MEAN, column, "r")
                of = book.layout.city_cell(group, row) if group else ""
                groups = prepared.groups(code).ref() if group else ""
                formula = prepare.filled(x, step.method, mean, of, groups, xs)
            canvas.formula(row, column, formula, "calculation", MADE)


def _treat(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    before = prepared.before("treat")
    for code, step, column in _acted_on(book, canvas, prepared, block, "treat"):
        xs, values = before.over(code, INDEX), prepare.values_of(book.spec, code)
        canvas.put(ROW_METHOD, column, step.method, "stub_code")
        _tests(canvas, column, xs)
        t1, t2 = (prepared.parameter(code, name) for name in ("t1", "t2"))
        if step.method in ("percentile", "clip"):
            both = prepare.limits(step.method, column, xs, t1, t2)
            for row, formula in zip((ROW_LOW, ROW_HIGH), both, strict=True):
                canvas.formula(row, column, formula, "calculation", VALUE)
        after = block.over(code, INDEX)
        flag = f"SUMPRODUCT(({xs}<>{after})*1)"
        if values["skew"] != "":
            # Of what winsorising made, where the logarithm is taken if that is not enough.
            of = prepared.blocks[HELD] if preparations.tries_twice(book.spec, code) else block
            column_of = of.column(code)
            flag = prepare.skewed(
                cell(ROW_SKEW, column_of),
                cell(ROW_KURT, column_of),
                prepared.parameter(code, "skew"),
                prepared.parameter(code, "kurt"),
            )
        canvas.formula(ROW_FLAG, column, flag, "calculation_center", "0")
        for row in _rows(book):
            drawn = prepared.blocks[DRAWN].at(code, row, INDEX) if DRAWN in prepared.blocks and (
                code in prepared.blocks[DRAWN].codes
            ) else ""  # fmt: skip
            x = before.at(code, row, INDEX)
            formula = prepare.treated(values, x, column, t1, drawn)
            canvas.formula(row, column, formula, "calculation", MADE)


def _tests(canvas: Canvas, column: int, values: str) -> None:
    """Write how skewed a column is, above it."""
    for row, formula in prepare.tests(column, values).items():
        role = "calculation_center" if row == ROW_N else "calculation"
        canvas.formula(row, column, formula, role, "0" if row == ROW_N else "0.0000")


def _held(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    """Write what the function drew in, without the errors of gaps, and test it."""
    for code in block.codes:
        column, xs = block.column(code), block.over(code, INDEX)
        _tests(canvas, column, xs)

    def held(code: str, row: int) -> str:
        drawn = prepared.blocks[DRAWN].at(code, row, INDEX)
        return f'IF(ISNUMBER({drawn}),{drawn},"")'

    canvas.fill(block, held, number=VALUE)


def _marks(canvas: Canvas, prepared: PrepareLayout, do: str, block: Block) -> None:
    before = prepared.before(do)
    here = cell(FIRST, block.left)
    canvas.mark(block.span(), f'{here}="NA"', "missing")
    if do in ("impute_raw", "treat"):
        old = before.at(block.codes[0], FIRST, INDEX)
        canvas.mark(block.span(), f"AND(ISNUMBER({here}),{here}<>{old})", "derived")
