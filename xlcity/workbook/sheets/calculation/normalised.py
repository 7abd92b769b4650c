"""Every indicator normalised by its method, with statistics and bounds above its column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain

from xlcity.methods.normalise.record import SKIPPED, ColumnCells, NativeNormalisation
from xlcity.methods.normalise.zscore import once_more_formula
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Fix, cell, spread
from xlcity.workbook.drawing.number_formats import INTEGER, THREE_DECIMALS, sized_format
from xlcity.workbook.drawing.styles import CENTER, SMALL
from xlcity.workbook.labels import quoted
from xlcity.workbook.layout.layout import OWN
from xlcity.workbook.layout.rows import (
    FIRST,
    INDEX,
    ROW_FIXED_LOW,
    ROW_HIGH,
    ROW_LOW,
    ROW_MEAN,
    ROW_RANGE,
    ROW_SD,
    ROW_TIE,
)
from xlcity.workbook.sheets.calculation.by_function import draw_part
from xlcity.workbook.sheets.calculation.calculate import (
    STATISTICS,
    VALUE,
    rows_above,
    statistics,
    weight_line,
)
from xlcity.workbook.sheets.inputs.methods import labels_of_bounds
from xlcity.workbook.sheets.table import MISSING, Above, draw_block
from xlcity.workbook.steps.nodes import needs_exact_zero
from xlcity.workbook.steps.normalising import Normalising
from xlcity.workbook.steps.prepare import (
    ROW_DIMENSION,
    ROW_IMPUTED,
    ROW_PILLAR,
    Relatives,
)

ROW_METHOD = ROW_FIXED_LOW
#: Labels of the statistics above scores: they are those of the values before.
RAW_STATISTICS = {
    row: key if row == ROW_SD else key.replace("stat.", "stat.raw_")
    for row, key in STATISTICS.items()
}
#: Characters of a bound; one that is longer names extremes that stand above it.
LONGEST = 155


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the normalised values and the steps to them, with statistics and bounds above."""
    layout = book.layout
    spec = book.spec
    before = layout.scores_before_imputing
    final = layout.normalised
    clipped = layout.clipped
    here = {code: Normalising(layout, code) for code in layout.indicators}
    heads = {
        code: _bounds(spec.apart, normalising) for code, normalising in here.items()
    }
    read = {code: _parameters_read(normalising) for code, normalising in here.items()}
    # A parameter has the same row in all columns; where none is left, formulas read `Framework`.
    taken = {*chain.from_iterable(heads.values())}
    free = [row for row in STATISTICS if row not in taken]
    names = dict.fromkeys(chain.from_iterable(read.values()))
    rows = dict(zip(names, [] if spec.apart else free, strict=False))
    parameters = {}
    for code, addresses in read.items():
        shown = [name for name in addresses if name in rows]
        parameters[code] = {rows[name]: addresses[name] for name in shown}

    def score(code: str, row: int) -> str:
        formula = here[code].formula(row)
        for above, address in parameters[code].items():
            formula = _pattern(address).sub(
                cell(above, before.column(code), Fix.ROW), formula
            )
        return formula

    def method(code: str) -> str:
        name, direction = (
            layout.framework_cell(code, n) for n in ("method", "direction")
        )
        return f'{name}&IF({direction}<0," ↓"," ↑")'

    formats = {code: step.native.number_format for code, step in here.items()}
    form = formats.__getitem__

    def bound_form(code: str) -> str:
        return sized_format() if here[code].native.has_wide_bounds else VALUE

    bounds = zip(
        (ROW_LOW, ROW_HIGH, ROW_RANGE, ROW_TIE),
        (*labels_of_bounds(book), "tie"),
        strict=True,
    )
    lines = [
        Above(ROW_METHOD, "stat.method", method, CENTER, style=SMALL),
        *rows_above(heads, {row: f"stat.{name}" for row, name in bounds}, bound_form),
        *rows_above(heads, RAW_STATISTICS),
        *rows_above(
            parameters, {row: f"methods.{name}" for name, row in rows.items()}, VALUE
        ),
    ]
    key = "normalised.scored"
    weights = weight_line(book)
    if before == final:
        key, lines = "normalised.title", [weights, *lines]

    def standardised(code: str, row: int) -> str:
        return (
            _once_more(book, code, row) if code in clipped.codes else score(code, row)
        )

    draw_part(canvas, OWN, "scores.function", lambda _: THREE_DECIMALS)
    draw_block(
        canvas,
        clipped,
        score,
        number=form,
        key="normalised.clipped",
        marks=[MISSING],
        above=_spread(book),
    )
    draw_block(
        canvas, before, standardised, number=form, key=key, above=lines, marks=[MISSING]
    )
    if before != final:
        _draw_imputed(book, canvas, weights, form)
    _mark_scores(book, canvas, here)


def _bounds(apart: bool, normalising: Normalising) -> dict[int, str]:
    """Return the bounds above an indicator's scores, and the statistics that are read."""
    native = normalising.native
    own = normalising.own
    if not apart:
        column = normalising.layout.scores_before_imputing.column(normalising.code)
        return bounds_above(column, native, own, normalising.formula(FIRST))
    return {ROW_HIGH: native.high(own)} if native.is_high_common else {}


def _parameters_read(here: Normalising) -> dict[str, str]:
    """Return the parameters in the formula of a score, with their addresses on `Framework`."""
    score = here.formula(FIRST)
    return {
        name: address
        for name, address in here.plain.cell_of.items()
        if _pattern(address).search(score)
    }


def bounds_above(
    column: int, native: NativeNormalisation, c: ColumnCells, score: str
) -> dict[int, str]:
    """Return bounds and what equal values score above a column, and the statistics that are read.

    `score` is the formula of a score below.
    """

    def formulas(c: ColumnCells) -> dict[int, str]:
        rows = {ROW_LOW: native.low(c), ROW_HIGH: native.high(c)}
        rows[ROW_RANGE] = native.divisor_formula(c)
        rows[ROW_TIE] = native.tie_or_nearness_formula(c)
        return {row: text for row, text in rows.items() if text}

    above = formulas(replace(c, minimum=f"MIN({c.values})", maximum=f"MAX({c.values})"))
    if max(map(len, above.values())) > LONGEST:
        above = formulas(c)
    text = " ".join((score, *above.values()))
    read = [
        row for row in STATISTICS if _pattern(cell(row, column, Fix.ROW)).search(text)
    ]
    return {row: f for row, f in above.items() if f != SKIPPED} | statistics(
        c.values, read
    )


def _pattern(address: str) -> re.Pattern[str]:
    """Return the pattern of an address that is not part of a longer one."""
    return re.compile(rf"(?<![A-Z!]){re.escape(address)}(?!\d)")


def _spread(book: Book) -> list[Above]:
    """Return mean and deviation of clipped z-scores, by which they are standardised once more."""
    block = book.layout.clipped
    contents = {}
    for code in block.codes:
        values = block.over(code, INDEX)
        ddof = book.layout.framework_cell(code, "base")
        n, low, high = (f"{function}({values})" for function in ("COUNT", "MIN", "MAX"))
        deviation = spread(values, n, low, high, ddof=ddof)
        contents[code] = {
            ROW_MEAN: f'IF({n}=0,"",AVERAGE({values}))',
            ROW_SD: deviation,
        }
    return rows_above(contents, {ROW_MEAN: "stat.mean", ROW_SD: "stat.sd_ddof"})


def _once_more(book: Book, code: str, row: int) -> str:
    """Return the formula of one clipped value standardised once more."""
    block = book.layout.clipped
    x = block.at(code, row, INDEX)
    mean, sd = (
        block.at(
            code,
            above,
            INDEX,
            Fix.ROW,
        )
        for above in (ROW_MEAN, ROW_SD)
    )
    exact_zero = needs_exact_zero(book.spec, code)
    return once_more_formula(x, mean, sd, exact_zero=exact_zero)


def _draw_imputed(
    book: Book, canvas: Canvas, weights: Above, form: Callable[[str], str]
) -> None:
    """Draw indicators with a mean of the city's other scores in place of confirmed gaps."""
    block = book.layout.normalised
    before = book.layout.scores_before_imputing
    relatives = Relatives.of(book.spec)

    def imputed_count(code: str) -> str:
        old, new = (part.over(code, INDEX) for part in (before, block))
        return f'COUNTIF({old},"NA")-COUNTIF({new},"NA")'

    def score(code: str, row: int) -> str:
        here = before.at(code, row, INDEX)
        imputed = '"NA"'
        for codes in reversed(relatives.groups(code)):
            values = ",".join(
                area.ref(Fix.COLUMN, INDEX) for area in before.runs_of(codes, row)
            )
            imputed = f"IF(COUNT({values})>0,AVERAGE({values}),{imputed})"
        return f'IF({here}="NA",{imputed},{here})'

    def label(position: int, code: str) -> str:
        return quoted(relatives.labels(code)[position])

    above = (
        weights,
        Above(ROW_DIMENSION, "stat.dimension", partial(label, 0), "stub_code"),
        Above(ROW_PILLAR, "stat.pillar", partial(label, 1), "stub_code"),
        Above(
            ROW_IMPUTED, "stat.imputed", of=imputed_count, role=CENTER, number=INTEGER
        ),
    )
    draw_block(
        canvas,
        block,
        score,
        number=form,
        key="normalised.title",
        above=above,
        marks=[MISSING],
    )


def _mark_scores(book: Book, canvas: Canvas, here: Mapping[str, Normalising]) -> None:
    """Mark clipped values, and scores that stand for a gap."""
    layout = book.layout
    final = layout.normalised
    before = layout.scores_before_imputing
    for code, normalising in here.items():
        if normalising.own.has_cell("clip"):
            block = layout.clipped if normalising.again else before
            z = block.at(code, FIRST, INDEX)
            clipped = f"AND(ISNUMBER({z}),ABS({z})={normalising.own.high})"
            canvas.mark(block.span((code,)), clipped, "note")
    shown = cell(FIRST, final.left)
    if before != final:
        book.define("xl_oriented", before.span())
        gap = f'INDEX(xl_oriented,ROW()-{FIRST - 1},COLUMN()-{final.left - 1})="NA"'
        canvas.mark(final.span(), f"AND(ISNUMBER({shown}),{gap})", "derived")
    elif not book.spec.preparing:
        for code in final.codes:
            shown = final.at(code, FIRST, INDEX)
            gap = layout.raw.at(code, FIRST, INDEX)
            canvas.mark(
                final.span((code,)), f'AND(ISNUMBER({shown}),{gap}="NA")', "note"
            )
