"""`Regression`: scores on an outside variable, one simple regression per node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xlcity.reports.vitality2014.pages.analysis import (
    Analysis,
    comparable,
    decimals,
    difference,
    flat,
    mark_difference,
    node_name,
    pair_cell,
    pair_heads,
    pair_row,
)
from xlcity.workbook.drawing.canvas import Book, Canvas
from xlcity.workbook.drawing.grid import Area, cell
from xlcity.workbook.drawing.titled_sheet import titled_sheet
from xlcity.workbook.sheets.checking.udf import Call, compare_call

SHEET = "Regression"
WIDTHS = (30.0, 13.0)
VARIABLE, STATE, MESSAGE, HEADER = 4, 5, 6, 9
#: Columns of the results, in the order of REGRESSION_SIMPLE.
RESULTS = ("slope", "intercept", "r", "r2", "p", "n")
NUMBERS = ("0.0000", "0.00", "0.000", "0.000", "0.000", "0")
#: A long name is made small rather than wrapped.
NARROW: dict[str, Any] = {"text_wrap": False, "shrink": True}
PRINTED = {"r": 8, "r2": 10}


@dataclass(frozen=True, slots=True)
class Regressions:
    """What the page shows.

    Parameters
    ----------
    predictor
        The outside variable, an attribute of `Cities`.
    codes
        Nodes regressed on it; they stand side by side on `Index`.
    printed
        Node -> (coefficient, R squared) as printed.
    """

    analysis: Analysis
    predictor: str
    codes: tuple[str, ...]
    printed: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def draw(book: Book, shown: Regressions) -> None:
    """Draw the sheet."""
    size = len(shown.codes)
    right = 11 if shown.printed else 10
    canvas = titled_sheet(book, SHEET, [WIDTHS[0], *[WIDTHS[1]] * (right - 1)])
    _draw_state(book, canvas, shown)
    same = comparable(book, canvas, STATE, WIDTHS[0]) if shown.printed else ""
    canvas.label(HEADER - 1, 1, "regression.native", "section")
    _draw_heads(book, canvas, HEADER)
    first = HEADER + 1
    results = canvas.area(first, 2, HEADER + size, 7)
    below = HEADER + size + 2
    if book.spec.udf:
        below = _draw_function(book, canvas, shown, results, below)
    canvas.label(below, 1, "analysis.pairs", "section")
    pair_heads(book, canvas, below + 1)
    for offset, code in enumerate(shown.codes):
        pair = below + 2 + offset
        pair_row(book, canvas, shown.analysis, pair, shown.predictor, code)
        _draw_regression(book, canvas, code, first + offset, pair)
    if shown.printed:
        _draw_printed(book, canvas, shown, same)
    canvas.finish(below + 1 + size, right, 2, 1, tall=1)


def _draw_state(book: Book, canvas: Canvas, shown: Regressions) -> None:
    """Write the variable, and how many of its values are used."""
    text, given = book.labels.ref, shown.analysis.given.over(shown.predictor, SHEET, "rc")
    canvas.label(VARIABLE, 1, "regression.variable", "stub")
    named = book.labels.ref(f"attribute.{shown.predictor}")
    canvas.merged(VARIABLE, 2, 4, named, "output", shrink=True)
    used = f'COUNT({given})&" "&{text("regression.used")}'
    empty = text("regression.empty")
    canvas.formula(MESSAGE, 1, f"IF(COUNT({given})<2,{empty},{used})", "note")
    bad = f'COUNTIF({given},"bad")'
    canvas.formula(MESSAGE, 8, f'IF({bad}>0,"⚠ "&{bad}&" "&{text("regression.bad")},"")', "warning")


def _draw_heads(book: Book, canvas: Canvas, row: int) -> None:
    keys = ("regression.node", *(f"regression.{name}" for name in RESULTS))
    beside = ("regression.printed_r", "regression.printed_r2", "analysis.difference",
              "udf.difference")  # fmt: skip
    canvas.fit_labels(row, [(key, WIDTHS[1]) for key in (*keys[1:], *beside)], 9, least=30)
    canvas.heads(row, keys, font_size=9)


def _draw_regression(book: Book, canvas: Canvas, code: str, row: int, pair: int) -> None:
    """Write the results of one node from the workings in row `pair`."""
    n, mean_x, mean_y, sxx, sxy, r, p = (
        pair_cell(pair, name) for name in ("n", "mean_x", "mean_y", "sxx", "sxy", "r", "p")
    )
    slope = cell(row, 2, "c")
    formulas = (
        # A constant predictor has no line.
        f'IF({n}<2,"",IF({flat(sxx, n, mean_x)},"",{sxy}/{sxx}))',
        f'IF({slope}="","",{mean_y}-{slope}*{mean_x})',
        r,
        f'IF({r}="","",{r}^2)',
        p,
        n,
    )
    canvas.formula(row, 1, node_name(book, code), "stub", **NARROW)
    for column, (formula, number) in enumerate(zip(formulas, NUMBERS, strict=True), 2):
        role = "output" if column in (4, 5) else "calculation"
        canvas.formula(row, column, formula, role, number)


def _draw_printed(book: Book, canvas: Canvas, shown: Regressions, same: str) -> None:
    """Write the printed numbers and the differences beside the results."""
    for index, (name, left) in enumerate(PRINTED.items()):
        texts = {code: pair[index] for code, pair in shown.printed.items()}
        digits = decimals(tuple(texts.values()))
        canvas.label(HEADER, left, f"regression.printed_{name}", "header", font_size=9)
        canvas.label(HEADER, left + 1, "analysis.difference", "header", font_size=9)
        for row, code in enumerate(shown.codes, HEADER + 1):
            canvas.printed(row, left, texts.get(code, ""), "0." + "0" * digits)
            computed = cell(row, 2 + RESULTS.index(name))
            formula = difference(same, computed, cell(row, left))
            canvas.formula(row, left + 1, formula, "calculation", "0.000;-0.000;0.000")
        last = HEADER + len(shown.codes)
        mark_difference(canvas, canvas.area(HEADER + 1, left + 1, last), digits)


def _draw_function(book: Book, canvas: Canvas, shown: Regressions, native: Area, row: int) -> int:
    """Write the call of the library and how it compares; return the row to go on at."""
    size = len(shown.codes)
    canvas.label(row, 1, "regression.udf", "section")
    _draw_heads(book, canvas, row + 1)
    for offset, code in enumerate(shown.codes):
        canvas.formula(row + 2 + offset, 1, node_name(book, code), "stub", **NARROW)
    area = canvas.area(row + 2, 2, row + 1 + size, 7)
    y = book.layout.scores.span(shown.codes).ref()
    x = shown.analysis.given.over(shown.predictor, SHEET, "rc")
    formula = f"REGRESSION_SIMPLE({y},{x})"
    call = Call("regression.udf", native, shown.codes, formula, number="0.0000", area=area)
    canvas.heads(row + 1, ("udf.difference", "udf.status"), 8, font_size=9)
    compare_call(canvas, call, (row + 2, 8), (row + 2, 9))
    for offset in range(size):
        # Within the block of one formula a number of cities may look as one.
        canvas.number(row + 2 + offset, area.c2, 0, "udf", "0")
    canvas.mark(area, f"ISERROR({cell(area.r1, area.c1)})", "absent")
    return row + 3 + size
