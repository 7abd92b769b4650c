"""Raw values denominated, screened, filled and treated, step by step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from xlcity.index.prepare import ScreenGroup, forced_units, screen_groups
from xlcity.methods.formulas import ANY_NUMBER, gap_formula_of_two, usable_formula
from xlcity.methods.impute_raw.mean import middle_formula
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.registry import find_method
from xlcity.workbook import preparations
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Fix, cell
from xlcity.workbook.drawing.number_formats import MADE
from xlcity.workbook.drawing.styles import CENTER, TINY
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.rows import FIRST, INDEX, ROW_HIGH, ROW_LOW, ROW_MEAN, ROW_N
from xlcity.workbook.live_recipe import screen_cells
from xlcity.workbook.preparations import (
    DEVIATIONS,
    DRAWN,
    FILLS,
    HELD,
    KEPT,
    PREDICTOR_DEVIATIONS,
)
from xlcity.workbook.sheets.calculation.by_function import draw_part
from xlcity.workbook.sheets.calculation.calculate import STATISTICS, VALUE, rows_above
from xlcity.workbook.sheets.table import MISSING, Above, draw_block
from xlcity.workbook.spec import denominator_of
from xlcity.workbook.steps import prepare
from xlcity.workbook.steps.by_function import call_of
from xlcity.workbook.steps.prepare import ROW_FLAG, ROW_KURT, ROW_METHOD, ROW_SKEW

#: Shares of the same size are equal whatever rounding made of them.
_NOISE = "1E-12"
#: Rows above a block of treated values, and their labels.
_ROWS = {
    ROW_SKEW: "prepared.skew",
    ROW_KURT: "prepared.kurt",
    ROW_LOW: "prepared.low",
    ROW_HIGH: "prepared.high",
    ROW_FLAG: "prepared.flag",
    **STATISTICS,
}
_rows_above = partial(rows_above, labels=_ROWS, counts=(ROW_N, ROW_FLAG))


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the steps before normalising."""
    drawers: dict[str, Callable[[Canvas, str], None]] = {
        KEPT: _draw_kept,
        FILLS: _draw_functions,
        DRAWN: _draw_functions,
        HELD: _draw_held,
        PREDICTOR_DEVIATIONS: _draw_deviations,
        DEVIATIONS: _draw_deviations,
    }
    for name, codes in preparations.columns(book.spec):
        if codes:
            drawers.get(name, _draw_step)(canvas, name)


def _draw_step(canvas: Canvas, do: str) -> None:
    """Draw the values after a step; those of indicators that it leaves alone are copies."""
    layout = canvas.book.layout
    spec = canvas.book.spec
    before = layout.before(do)
    block = layout.blocks[do]
    steps = {code: preparations.step_of(spec, do, code) for code in block.codes}

    def value(code: str, row: int) -> str:
        x = before.at(code, row, INDEX)
        acts = steps[code] is not None or do == "screen"
        return (
            _value_after(layout, do, code, row, x=x) if acts else _passed(layout, do, x)
        )

    def number(code: str) -> str:
        return VALUE if steps[code] is None or do == "screen" else MADE

    def method(code: str) -> str | None:
        if (step := steps[code]) is None or do == "screen":
            return None
        shown = f"/ {denominator_of(spec, code)}" if do == "denominate" else step.method
        group = prepare.source_of(spec, code) if do == "impute_raw" else ""
        return quoted(f"{shown} {group}".strip())

    heads = {
        code: _heads(layout, do, code)
        for code, step in steps.items()
        if step is not None
    }
    predicts = do == "impute_raw" and any(
        preparations.predictor_of(spec, c) for c in block.codes
    )
    labels = _ROWS | ({ROW_LOW: "prepared.slope"} if predicts else {})
    if do == "impute_raw":
        # Which of them, the method on `Framework` decides.
        labels |= {ROW_MEAN: "prepared.middle"}
    here = cell(FIRST, block.left)
    old = before.at(block.codes[0], FIRST, INDEX)
    changed = (f"AND(ISNUMBER({here}),{here}<>{old})", "derived")
    draw_block(
        canvas,
        block,
        value,
        key=f"prepared.{do}",
        number=number,
        above=[
            Above(ROW_METHOD, "prepared.method", method, "stub_code"),
            *_rows_above(heads, labels=labels),
        ],
        marks=[MISSING, changed] if do in ("impute_raw", "treat") else [MISSING],
    )


def _heads(layout: Layout, do: str, code: str) -> dict[int, str]:
    """Return what a step reads above an indicator's values: row -> formula."""
    xs = layout.before(do).over(code, INDEX)
    if do == "impute_raw":
        return _heads_of_filling(layout, code, xs)
    return _heads_of_treatment(layout, code, xs) if do == "treat" else {}


def _heads_of_filling(layout: Layout, code: str, xs: str) -> dict[int, str]:
    """Return what fills gaps of an indicator: count, and mean, median or slope."""
    do = "impute_raw"
    n = cell(ROW_N, layout.blocks[do].column(code))
    if predictor := preparations.predictor_of(layout.spec, code):
        ps = layout.before(do).over(predictor, INDEX)
        deviations = (
            layout.blocks[name].over(code, INDEX)
            for name in (PREDICTOR_DEVIATIONS, DEVIATIONS)
        )
        return {ROW_N: _count_of_pairs(xs, ps), ROW_LOW: _slope(n, *deviations)}
    heads = {ROW_N: f"COUNT({xs})"}
    if not preparations.by_function(layout.spec, do, code):
        # One formula for all columns; the method stands on `Framework`.
        by = middle_formula(layout.framework_cell(code, do), xs)
        heads[ROW_MEAN] = f'IF({n}=0,"",{by})'
    return heads


def _heads_of_treatment(layout: Layout, code: str, xs: str) -> dict[int, str]:
    """Return what tests an indicator for outliers, the bounds, and how many values they change."""
    spec = layout.spec
    treated = layout.blocks["treat"]
    column = treated.column(code)
    heads = prepare.tests(column, xs)
    bounds = prepare.treatment_of(spec, code).native.bounds
    if bounds is not None:
        cells = prepare.treated_cells(layout, code, column, xs=xs)
        heads[ROW_LOW], heads[ROW_HIGH] = bounds(cells)
    heads[ROW_FLAG] = f"SUMPRODUCT(({xs}<>{treated.over(code, INDEX)})*1)"
    if prepare.values_of(spec, code)["skew"] != "":
        # Of what winsorising made, where the logarithm is taken if that is not enough.
        twice = preparations.tries_twice(spec, code)
        of = layout.blocks[HELD].column(code) if twice else column
        skew, kurt = (cell(row, of) for row in (ROW_SKEW, ROW_KURT))
        most_skew, most_kurt = (
            layout.framework_cell(code, name) for name in ("skew", "kurt")
        )
        fails = f"AND(ABS({skew})>={most_skew}-1E-10,{kurt}>={most_kurt}-1E-10)"
        heads[ROW_FLAG] = f"IF(COUNT({skew})+COUNT({kurt})=2,IF({fails},1,0),0)"
    return heads


def _passed(layout: Layout, do: str, x: str) -> str:
    """Return the formula of a value that a step leaves alone; `x` is the cell before it."""
    return usable_formula(x) if do == layout.spec.preparing[0] else x


def _value_after(
    layout: Layout,
    do: str,
    code: str,
    row: int,
    x: str,
) -> str:
    """Return the formula of a value after a step; `x` is the cell before it."""
    spec = layout.spec
    if do == "screen":
        is_kept = f"{layout.blocks[KEPT].at(KEPT, row, INDEX, Fix.COLUMN)}=1"
        return f'IF({is_kept},{_passed(layout, do, x)},"")'
    if do == "denominate":
        # A denominator of 0 leaves no value.
        of = denominator_of(spec, code)
        below = prepare.denominators(layout, of).at(of, row, INDEX)
        ratio = (
            f'IF({below}=0,"NA",{x}/{below}*{layout.framework_cell(code, "factor")})'
        )
        return f"IF(COUNT({x},{below})=2,{ratio},{gap_formula_of_two(x, below)})"
    if do == "treat":
        column = layout.blocks[do].column(code)
        drawn = layout.blocks[DRAWN]
        drawn_in = drawn.at(code, row, INDEX) if code in drawn.codes else ""
        cells = prepare.treated_cells(
            layout, code, column, Fix.ROW, x=x, drawn=drawn_in
        )
        return prepare.treatment_of(spec, code).native.cell_formula(cells)
    return f'IF({x}="NA",{_filling(layout, do, code, row)},{_passed(layout, do, x)})'


def _filling(layout: Layout, do: str, code: str, row: int) -> str:
    """Return the formula of what takes the place of a confirmed gap.

    That is the mean or median of its column, or of its group of cities, or what other indicators
    say.
    """
    spec = layout.spec
    column = layout.blocks[do].column(code)
    if predictor := preparations.predictor_of(spec, code):
        slope = cell(ROW_LOW, column, Fix.ROW)
        p = layout.before(do).at(predictor, row, INDEX)
        mean_of_p, mean = (
            cell(ROW_MEAN, layout.blocks[name].column(code), Fix.ROW)
            for name in (PREDICTOR_DEVIATIONS, DEVIATIONS)
        )
        return f'IF(COUNT({slope},{p})=2,{mean}+{slope}*({p}-{mean_of_p}),"NA")'
    group = preparations.group_of(spec, code)
    if preparations.by_function(spec, do, code):
        filled = layout.blocks[FILLS].at(code, row, INDEX)
    elif group:
        of = layout.city_cell(group, row)
        groups = layout.city(group).ref()
        step = preparations.step_of(spec, do, code)
        assert step is not None, "it fills from groups of cities"
        function = find_method(RawImputation, step.method).group_function
        mean = f"{function}({groups},{of},{layout.before(do).over(code, INDEX)})"
        return f'IF({of}="","NA",IFERROR({mean},"NA"))'
    else:
        filled = cell(ROW_MEAN, column, Fix.ROW)
    return f'IF(ISNUMBER({filled}),{filled},"NA")'


def _draw_kept(canvas: Canvas, part: str) -> None:
    """Draw which cities are kept: enough values, not too many zeros, or said so by the recipe."""
    book = canvas.book
    block = book.layout.blocks[part]
    groups = screen_groups(book.spec.framework, book.spec.recipe)
    group_of = dict(zip(block.codes[1:], groups, strict=False))

    def name(code: str) -> str:
        if code in group_of:
            return book.layout.node_name(group_of[code].node)
        return book.labels.ref("prepared.kept")

    def is_kept(code: str, row: int) -> str:
        keeps = _enough(book.layout, group_of.get(code, groups[0]), row)
        if code not in group_of:
            if group_of:
                keeps = f"MIN({cell(row, block.left + 1)}:{cell(row, block.right)})"
            for word, listed in forced_units(groups):
                same = ",".join(
                    f'{cell(row, 1, Fix.COLUMN)}="{unit}"' for unit in listed
                )
                keeps = f"IF(OR({same}),{int(word == 'keep')},{keeps})"
        return f'IF({book.layout.population(row, INDEX)}="","",{keeps})'

    marks = [("AND(ISNUMBER({0}),{0}=0)", "missing")]
    draw_block(
        canvas,
        block,
        is_kept,
        CENTER,
        key="prepared.kept",
        prefix=False,
        name=name,
        marks=marks,
    )


def _enough(layout: Layout, group: ScreenGroup, row: int) -> str:
    """Return the formula of 1 for a city with enough values in a group of indicators, else 0."""
    values = (
        layout.before("screen")
        .rows_of(group.indicators, row, row)
        .ref(Fix.COLUMN, INDEX)
    )
    data, nonzero = (name for name, _ in screen_cells(group).values())
    size = f"COLUMNS({values})"
    present = f'({size}-COUNTIF({values},"NA"))'
    enough = f"{present}/{size}>={data}-{_NOISE}"
    zeros = f"1-COUNTIF({values},0)/{present}>={nonzero}-{_NOISE}"
    return f"IF({enough},IF({present}=0,1,IF({zeros},1,0)),0)"


def _draw_functions(canvas: Canvas, part: str) -> None:
    """Draw what steps give that have no native form, and say so."""
    layout = canvas.book.layout

    def function(code: str) -> str:
        return quoted(call_of(layout, part, code, INDEX).partition("(")[0])

    above = [Above(ROW_METHOD, "prepared.method", function, "stub_code")]
    draw_part(canvas, part, f"prepared.{part}", lambda _: VALUE, above=above)
    left = layout.blocks[part].left
    canvas.label(ROW_FLAG, left, "prepared.function", "warning", **TINY)


def _count_of_pairs(xs: str, ps: str) -> str:
    """Return the formula of how many cities have a number in two columns."""
    return f"COUNTIFS({xs},{ANY_NUMBER},{ps},{ANY_NUMBER})"


def _slope(n: str, predictor_deviations: str, deviations: str) -> str:
    """Return the formula of the slope of a regression of `n` pairs; "" where it has none."""
    squares = f"SUMSQ({predictor_deviations})"
    products = f"SUMPRODUCT({predictor_deviations},{deviations})"
    return f'IF({n}<3,"",IF({squares}=0,"",{products}/{squares}))'


def _draw_deviations(canvas: Canvas, name: str) -> None:
    """Draw how far predictors, or what they predict, are from their means, 0 for other cities."""
    layout = canvas.book.layout
    spec = canvas.book.spec
    block = layout.blocks[name]
    before = layout.before("impute_raw")
    predictors = {code: preparations.predictor_of(spec, code) for code in block.codes}
    shown = (
        predictors
        if name == PREDICTOR_DEVIATIONS
        else {code: code for code in block.codes}
    )

    def deviation(code: str, row: int) -> str:
        pair = ",".join(
            before.at(
                c,
                row,
                INDEX,
            )
            for c in (code, predictors[code])
        )
        value = before.at(shown[code], row, INDEX)
        mean = cell(ROW_MEAN, block.column(code), Fix.ROW)
        return f"IF(COUNT({pair})=2,{value}-{mean},0)"

    def heads(code: str) -> dict[int, str]:
        xs, ps = (before.over(c, INDEX) for c in (code, predictors[code]))
        mean = f"AVERAGEIFS({before.over(shown[code], INDEX)},{xs},{ANY_NUMBER},{ps},{ANY_NUMBER})"
        n = cell(ROW_N, block.column(code))
        return {ROW_N: _count_of_pairs(xs, ps), ROW_MEAN: f'IF({n}=0,"",{mean})'}

    draw_block(
        canvas,
        block,
        deviation,
        number=VALUE,
        key=f"prepared.{name}",
        above=_rows_above({code: heads(code) for code in block.codes}),
    )


def _draw_held(canvas: Canvas, part: str) -> None:
    """Draw what the function drew in, without the errors of gaps, and test it."""
    block, drawn_block = (canvas.book.layout.blocks[name] for name in (part, DRAWN))

    def held(code: str, row: int) -> str:
        drawn = drawn_block.at(code, row, INDEX)
        return f'IF(ISNUMBER({drawn}),{drawn},"")'

    heads = {
        code: prepare.tests(block.column(code), block.over(code, INDEX))
        for code in block.codes
    }
    draw_block(
        canvas,
        block,
        held,
        number=VALUE,
        key=f"prepared.{part}",
        above=_rows_above(heads),
    )
