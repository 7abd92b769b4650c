"""Raw values denominated, screened, filled and treated, step by step."""

from __future__ import annotations

from functools import partial

from xlcity.index.prepare import ScreenGroup, forced_units
from xlcity.methods.formulas import gap_formula_of_two
from xlcity.workbook import preparations
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell
from xlcity.workbook.drawing.number_formats import MADE
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout.prepared import PrepareLayout, prepare_layout
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_HIGH, ROW_LOW, ROW_MEAN, ROW_N
from xlcity.workbook.live_recipe import screen_cells
from xlcity.workbook.preparations import DRAWN, HELD, KEPT, MEDIANS
from xlcity.workbook.sheets.calculation.calculate import CENTER, STATISTICS, VALUE, rows_above
from xlcity.workbook.sheets.table import MISSING, Above, draw_block
from xlcity.workbook.spec import denominator_of
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.prepare import ROW_FLAG, ROW_KURT, ROW_METHOD, ROW_SKEW

#: Shares of the same size are equal whatever rounding made of them.
_NOISE = "1E-12"
#: Rows above a block of treated values, and their labels.
_ROWS = {
    ROW_SKEW: "prepared.skew", ROW_KURT: "prepared.kurt", ROW_LOW: "prepared.low",
    ROW_HIGH: "prepared.high", ROW_FLAG: "prepared.flag",
    **STATISTICS,
}  # fmt: skip
_rows_above = partial(rows_above, labels=_ROWS, counts=(ROW_N, ROW_FLAG))


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the steps before normalising."""
    prepared = prepare_layout(book.layout)
    for name, block in prepared.blocks.items():
        if name == KEPT:
            _draw_kept(book, canvas, prepared, block)
        elif name in (MEDIANS, DRAWN):
            _draw_functions(canvas, prepared, name, block)
        elif name == HELD:
            _draw_held(canvas, prepared, block)
        else:
            _draw_step(book, canvas, prepared, name, block)


def _draw_step(book: Book, canvas: Canvas, prepared: PrepareLayout, do: str, block: Block) -> None:
    """Draw the values after a step; those of indicators that it leaves alone are copies."""
    before, spec = prepared.before(do), book.spec
    steps = {code: preparations.step_of(spec, do, code) for code in block.codes}

    def value(code: str, row: int) -> str:
        x = before.at(code, row, INDEX)
        acts = steps[code] is not None or do == "screen"
        return _value_after(prepared, do, code, row, x) if acts else x

    def method(code: str) -> str | None:
        if (step := steps[code]) is None or do == "screen":
            return None
        shown = f"/ {denominator_of(spec, code)}" if do == "denominate" else step.method
        group = preparations.group_of(spec, code) if do == "impute_raw" else ""
        return quoted(f"{shown} {group}".strip())

    heads = {code: _heads(prepared, do, code) for code, step in steps.items() if step is not None}
    here, old = cell(FIRST, block.left), before.at(block.codes[0], FIRST, INDEX)
    changed = (f"AND(ISNUMBER({here}),{here}<>{old})", "derived")
    draw_block(
        canvas, block, value, key=f"prepared.{do}",
        number=lambda code: VALUE if steps[code] is None or do == "screen" else MADE,
        above=[Above(ROW_METHOD, "prepared.method", method, "stub_code"), *_rows_above(heads)],
        marks=[MISSING, changed] if do in ("impute_raw", "treat") else [MISSING],
    )  # fmt: skip


def _heads(prepared: PrepareLayout, do: str, code: str) -> dict[int, str]:
    """Return what a step reads above an indicator's values: row -> formula."""
    column = prepared.blocks[do].column(code)
    xs = prepared.before(do).over(code, INDEX)
    if do == "impute_raw":
        # One formula for all columns; the method stands on `Framework`.
        method = prepared.parameter(code, "impute_raw")
        by = f'IF({method}="median",MEDIAN({xs}),AVERAGE({xs}))'
        return {ROW_N: f"COUNT({xs})", ROW_MEAN: f'IF({cell(ROW_N, column)}=0,"",{by})'}
    if do != "treat":
        return {}
    spec = prepared.layout.spec
    values, heads = prepare.values_of(spec, code), prepare.tests(column, xs)
    if (method := str(values["treat"])) in ("percentile", "clip"):
        t1, t2 = (prepared.parameter(code, name) for name in ("t1", "t2"))
        heads[ROW_LOW], heads[ROW_HIGH] = prepare.limits(method, column, xs, t1, t2)
    heads[ROW_FLAG] = f"SUMPRODUCT(({xs}<>{prepared.blocks[do].over(code, INDEX)})*1)"
    if values["skew"] != "":
        # Of what winsorising made, where the logarithm is taken if that is not enough.
        twice = preparations.tries_twice(spec, code)
        of = prepared.blocks[HELD].column(code) if twice else column
        skew, kurt = (cell(row, of) for row in (ROW_SKEW, ROW_KURT))
        most_skew, most_kurt = (prepared.parameter(code, name) for name in ("skew", "kurt"))
        fails = f"AND(ABS({skew})>={most_skew}-1E-10,{kurt}>={most_kurt}-1E-10)"
        heads[ROW_FLAG] = f"IF(COUNT({skew})+COUNT({kurt})=2,IF({fails},1,0),0)"
    return heads


def _value_after(prepared: PrepareLayout, do: str, code: str, row: int, x: str) -> str:
    """Return the formula of a value after a step; `x` is the cell before it."""
    layout, spec, column = prepared.layout, prepared.layout.spec, prepared.blocks[do].column(code)
    if do == "screen":
        return f'IF({prepared.kept(row)}=1,{x},"")'
    if do == "denominate":
        # A denominator of 0 leaves no value.
        of = denominator_of(spec, code)
        below, factor = prepared.below(of).at(of, row, INDEX), prepared.parameter(code, "factor")
        ratio = f'IF({below}=0,"NA",{x}/{below}*{factor})'
        return f"IF(COUNT({x},{below})=2,{ratio},{gap_formula_of_two(x, below)})"
    if do == "treat":
        drawn = prepared.blocks.get(DRAWN)
        drawn_in = drawn.at(code, row, INDEX) if drawn and code in drawn.codes else ""
        power = prepared.parameter(code, "t1")
        return prepare.treated(prepare.values_of(spec, code), x, column, power, drawn_in)
    # A confirmed gap takes the mean or median of its column, or of its group of cities.
    if preparations.by_function(spec, do, code):
        centre = prepared.blocks[MEDIANS].at(code, row, INDEX)
    elif group := preparations.group_of(spec, code):
        of, groups = layout.city_cell(group, row), prepared.groups(code).ref()
        mean = f"AVERAGEIF({groups},{of},{prepared.before(do).over(code, INDEX)})"
        return f'IF({x}="NA",IF({of}="","NA",IFERROR({mean},"NA")),{x})'
    else:
        centre = cell(ROW_MEAN, column, "r")
    return f'IF({x}="NA",IF(ISNUMBER({centre}),{centre},"NA"),{x})'


def _draw_kept(book: Book, canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    """Draw which cities are kept: enough values, not too many zeros, or said so by the recipe."""
    groups = prepared.screens
    group_of = dict(zip(block.codes[1:], groups, strict=False))

    def name(code: str) -> str:
        if code in group_of:
            return book.layout.framework_cell(group_of[code].node, "display")
        return book.labels.ref("prepared.kept")

    def is_kept(code: str, row: int) -> str:
        keeps = _enough(prepared, group_of.get(code, groups[0]), row)
        if code not in group_of:
            if group_of:
                keeps = f"MIN({cell(row, block.left + 1)}:{cell(row, block.right)})"
            for word, listed in forced_units(groups):
                same = ",".join(f'{cell(row, 1, "c")}="{unit}"' for unit in listed)
                keeps = f"IF(OR({same}),{int(word == 'keep')},{keeps})"
        return f'IF({book.layout.population(row, INDEX)}="","",{keeps})'

    marks = [("AND(ISNUMBER({0}),{0}=0)", "missing")]
    draw_block(
        canvas, block, is_kept, CENTER, key="prepared.kept", prefix=False, name=name, marks=marks
    )


def _enough(prepared: PrepareLayout, group: ScreenGroup, row: int) -> str:
    """Return the formula of 1 for a city with enough values in a group of indicators, else 0."""
    values = prepared.before("screen").rows_of(group.indicators, row, row).ref("c", INDEX)
    data, nonzero = screen_cells(group).values()
    size = f"COLUMNS({values})"
    present = f'({size}-COUNTIF({values},"NA"))'
    enough = f"{present}/{size}>={data}-{_NOISE}"
    zeros = f"1-COUNTIF({values},0)/{present}>={nonzero}-{_NOISE}"
    return f"IF({enough},IF({present}=0,1,IF({zeros},1,0)),0)"


def _draw_functions(canvas: Canvas, prepared: PrepareLayout, part: str, block: Block) -> None:
    """Draw the calls of steps that have no native form, and say so."""
    call = partial(prepared.function, part)

    def function(code: str) -> str:
        return quoted(call(code).partition("(")[0])

    draw_block(canvas, block, key=f"prepared.{part}",
               above=[Above(ROW_METHOD, "prepared.method", function, "stub_code")])  # fmt: skip
    for code in block.codes:
        canvas.array(block.span((code,)), call(code), "udf", VALUE)
    canvas.label(ROW_FLAG, block.left, "prepared.function", "warning", font_size=8)


def _draw_held(canvas: Canvas, prepared: PrepareLayout, block: Block) -> None:
    """Draw what the function drew in, without the errors of gaps, and test it."""

    def held(code: str, row: int) -> str:
        drawn = prepared.blocks[DRAWN].at(code, row, INDEX)
        return f'IF(ISNUMBER({drawn}),{drawn},"")'

    heads = {
        code: prepare.tests(block.column(code), block.over(code, INDEX)) for code in block.codes
    }
    draw_block(canvas, block, held, number=VALUE, key=f"prepared.{HELD}", above=_rows_above(heads))
