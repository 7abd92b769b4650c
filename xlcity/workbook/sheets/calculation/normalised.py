"""Every indicator normalised by its method, with statistics and bounds above its column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from xlcity.methods.formulas import deviation_formula
from xlcity.methods.normalise.record import SKIPPED, ColumnCells, Native
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Block, cell, spread
from xlcity.workbook.drawing.number_formats import sized_format
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
    ROW_WEIGHT,
)
from xlcity.workbook.normalisers import NATIVE, shown
from xlcity.workbook.sheets.calculation.calculate import (
    STATISTICS,
    VALUE,
    block_header,
    block_stub,
    block_stubs,
    statistics,
    weight_row,
)
from xlcity.workbook.sheets.inputs.methods import labels_of_bounds
from xlcity.workbook.steps.impute import ROW_DIMENSION, ROW_IMPUTED, ROW_PILLAR, Relatives
from xlcity.workbook.steps.method_table import method_address
from xlcity.workbook.steps.nodes import needs_exact_zero
from xlcity.workbook.steps.normalising import Normalising

ROW_METHOD = ROW_FIXED_LOW
#: Characters of a bound; one that is longer names extremes that stand above it.
LONGEST = 155
#: Header rows of imputed values: what is imputed from, and how many are.
_IMPUTING = {ROW_DIMENSION: "dimension", ROW_PILLAR: "pillar", ROW_IMPUTED: "imputed"}


def draw(book: Book, canvas: Canvas) -> None:
    """Draw the normalised values and the steps to them, with statistics and bounds above."""
    layout = book.layout
    for block, key in _blocks(book).items():
        block_header(book, canvas, block, title=key)
        rows = _rows(book) if block is layout.scores_before_imputing else ()
        block_stubs(canvas, block, key, rows)
    final = layout.normalised
    block_stub(canvas, final, ROW_WEIGHT, "stat.weight")
    weight_row(book, canvas, final)
    if book.spec.imputes:
        for row, name in _IMPUTING.items():
            block_stub(canvas, final, row, f"stat.{name}")
    drawn = {row for code in final.codes for row in _head(book, canvas, code)}
    for row, key in STATISTICS:
        if row in drawn:
            named = key if row == ROW_SD else key.replace("stat.", "stat.raw_")
            block_stub(canvas, layout.scores_before_imputing, row, named)
    parameter_rows = _parameter_rows(book, drawn)
    for name, row in parameter_rows.items():
        block_stub(canvas, layout.scores_before_imputing, row, f"methods.{name}")
    for code in final.codes:
        _scores(book, canvas, code, parameter_rows)
    _marks(book, canvas)


def _blocks(book: Book) -> dict[Block, str]:
    """Return the blocks with the labels of what they hold."""
    layout = book.layout
    labels = {
        layout.clipped: "normalised.clipped",
        layout.scores_before_imputing: "normalised.scored",
        layout.normalised: "normalised.title",
    }
    return {block: key for block, key in labels.items() if block.codes}


def _rows(book: Book) -> Iterator[tuple[int, str]]:
    """Yield what the rows above are in which bounds stand."""
    yield ROW_METHOD, "stat.method"
    if any(
        "constant" in shown(Normalising(book.layout, code).step) for code in book.layout.indicators
    ):
        yield ROW_TIE, "stat.tie"
    if not book.spec.apart:
        heads = zip((ROW_LOW, ROW_HIGH, ROW_RANGE), labels_of_bounds(book), strict=True)
        yield from ((row, f"stat.{head}") for row, head in heads)


def _head(book: Book, canvas: Canvas, code: str) -> tuple[int, ...]:
    """Write method and bounds above an indicator's scores; return the rows of statistics."""
    layout, here = book.layout, Normalising(book.layout, code)
    column = layout.scores_before_imputing.column(code)
    method, direction = (method_address(book.spec, code, name) for name in ("method", "direction"))
    shown_method = f'{method}&IF({direction}<0," ↓"," ↑")'
    canvas.formula(ROW_METHOD, column, shown_method, "calculation_center", font_size=9)
    if not book.spec.apart:
        score = here.formula(FIRST)
        return write_bounds(canvas, column, NATIVE[here.method], here.own, score)
    if here.method == "zscore":
        limit = NATIVE[here.method].high(here.own)
        canvas.formula(ROW_HIGH, column, limit, "calculation", VALUE)
    return ()


def _parameter_rows(book: Book, drawn: Collection[int]) -> dict[str, int]:
    """Return the row above the scores for each parameter that their formulas read.

    A parameter has the same row in all columns. Where no row is left, formulas read `Framework`.
    """
    read = {
        name: None
        for code in book.layout.indicators
        for name in _parameters_read(Normalising(book.layout, code))
    }
    rows = [row for row, _ in STATISTICS if row not in drawn]
    return dict(zip(read, [] if book.spec.apart else rows, strict=False))


def _parameters_read(here: Normalising) -> dict[str, str]:
    """Return the parameters in the formula of a score, with their addresses on `Framework`."""
    score = here.formula(FIRST)
    return {name: address for name, address in here.plain.at.items() if _names(score, address)}


def _scores(book: Book, canvas: Canvas, code: str, parameter_rows: Mapping[str, int]) -> None:
    """Write the parameters above an indicator's scores, the working step, and the scores."""
    layout, here = book.layout, Normalising(book.layout, code)
    column, form = layout.scores_before_imputing.column(code), NATIVE[here.method].form
    own_cells = {}
    for name, address in _parameters_read(here).items():
        if name in parameter_rows:
            canvas.formula(parameter_rows[name], column, address, "calculation", VALUE)
            own_cells[address] = cell(parameter_rows[name], column, "r")
    scores = layout.clipped if here.again else layout.scores_before_imputing
    if here.again:
        _spread(book, canvas, code)
    for row in range(FIRST, layout.last + 1):
        formula = here.formula(row)
        for address, own_cell in own_cells.items():
            formula = _pattern(address).sub(own_cell, formula)
        canvas.formula(row, scores.column(code), formula, "calculation", form)
        if here.again:
            standardised = _once_more(book, code, row)
            canvas.formula(
                row, layout.scores_before_imputing.column(code), standardised, "calculation", form
            )
    if book.spec.imputes:
        _imputed(book, canvas, code, form)


def write_bounds(
    canvas: Canvas, column: int, native: Native, c: ColumnCells, score: str
) -> tuple[int, ...]:
    """Write bounds and what equal values score above a column, and the statistics that are read.

    `score` is the formula of a score below. Returns the rows of the statistics.
    """
    above = _bound_formulas(native, replace(c, least=f"MIN({c.values})", most=f"MAX({c.values})"))
    if max(map(len, above.values())) > LONGEST:
        above = _bound_formulas(native, c)
    for row, formula in above.items():
        if formula not in ("", SKIPPED):
            number = sized_format() if native is NATIVE["zscore"] else VALUE
            canvas.formula(row, column, formula, "calculation", number)
    text = " ".join((score, *above.values()))
    read = tuple(row for row, _ in STATISTICS if _names(text, cell(row, column, "r")))
    statistics(canvas, column, c.values, read)
    return read


def _bound_formulas(native: Native, c: ColumnCells) -> dict[int, str]:
    """Return what stands above a column: row -> formula, "" for none."""
    return {
        ROW_LOW: native.low(c),
        ROW_HIGH: native.high(c),
        ROW_RANGE: native.divisor(c),
        ROW_TIE: native.tie_formula(c) or native.within(c),
    }


def _names(text: str, address: str) -> bool:
    """Tell whether formulas name a cell."""
    return _pattern(address).search(text) is not None


def _pattern(address: str) -> re.Pattern[str]:
    """Return the pattern of an address that is not part of a longer one."""
    return re.compile(rf"(?<![A-Z!]){re.escape(address)}(?!\d)")


def _spread(book: Book, canvas: Canvas, code: str) -> None:
    """Write mean and deviation of clipped z-scores, by which they are standardised once more."""
    block = book.layout.clipped
    values, column = block.over(code, INDEX), block.column(code)
    n, extremes = f"COUNT({values})", (f"MIN({values})", f"MAX({values})")
    ddof = method_address(book.spec, code, "base")
    mean, sd = f'IF({n}=0,"",AVERAGE({values}))', spread(values, n, *extremes, ddof)
    for row, formula in ((ROW_MEAN, mean), (ROW_SD, sd)):
        canvas.formula(row, column, formula, "calculation", "0.0000")


def _once_more(book: Book, code: str, row: int) -> str:
    """Return the formula of one clipped value standardised once more."""
    block = book.layout.clipped
    x, column = block.at(code, row, INDEX), block.column(code)
    mean, sd = cell(ROW_MEAN, column, "r"), cell(ROW_SD, column, "r")
    exact_zero = needs_exact_zero(book.spec, code)
    score = f"IF(ISNUMBER({x}),{deviation_formula(x, mean, sd, exact_zero=exact_zero)},{x})"
    return f'IF(ISNUMBER({sd}),{score},IF(ISNUMBER({mean}),"",{x}))'


def _imputed(book: Book, canvas: Canvas, code: str, form: str) -> None:
    """Write an indicator with a mean of the city's other scores in place of confirmed gaps."""
    layout = book.layout
    block, before = layout.normalised, layout.scores_before_imputing
    column, relatives = block.column(code), Relatives.of(book.spec)
    near, far = relatives.labels(code)
    canvas.put(ROW_DIMENSION, column, near, "stub_code")
    canvas.put(ROW_PILLAR, column, far, "stub_code")
    old, new = (part.over(code, INDEX) for part in (before, block))
    count = f'COUNTIF({old},"NA")-COUNTIF({new},"NA")'
    canvas.formula(ROW_IMPUTED, column, count, "calculation_center", "0")
    groups = relatives.groups(code)
    for row in range(FIRST, layout.last + 1):
        here, imputed = before.at(code, row, INDEX), '"NA"'
        for codes in reversed(groups):
            values = ",".join(area.ref("c", INDEX) for area in before.runs_of(codes, row))
            imputed = f"IF(COUNT({values})>0,AVERAGE({values}),{imputed})"
        canvas.formula(row, column, f'IF({here}="NA",{imputed},{here})', "calculation", form)


def _marks(book: Book, canvas: Canvas) -> None:
    """Mark gaps, clipped values, and scores that stand for a gap."""
    layout = book.layout
    final, before = layout.normalised, layout.scores_before_imputing
    for block in _blocks(book):
        canvas.mark(block.span(), f'{cell(FIRST, block.left)}="NA"', "missing")
    for code in layout.indicators:
        normalising = Normalising(layout, code)
        if normalising.method == "zscore" and normalising.own.has("clip"):
            block = layout.clipped if normalising.again else before
            z = block.at(code, FIRST, INDEX)
            clipped = f"AND(ISNUMBER({z}),ABS({z})={normalising.own.high})"
            canvas.mark(block.span((code,)), clipped, "note")
    here = cell(FIRST, final.left)
    if before != final:
        book.define("xl_oriented", before.span())
        gap = f'INDEX(xl_oriented,ROW()-{FIRST - 1},COLUMN()-{final.left - 1})="NA"'
        canvas.mark(final.span(), f"AND(ISNUMBER({here}),{gap})", "derived")
    elif not book.spec.prepares:
        for code in final.codes:
            here, gap = final.at(code, FIRST, INDEX), layout.raw.at(code, FIRST, INDEX)
            canvas.mark(final.span((code,)), f'AND(ISNUMBER({here}),{gap}="NA")', "note")
