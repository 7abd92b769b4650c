"""`CorrelationPrinted`: coefficients of nodes beside those that a report printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

from xlcity.reports.vitality2014.pages.analysis import (
    Analysis,
    comparable,
    decimals,
    difference,
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

SHEET = "CorrelationPrinted"
WIDTHS = (28.0, 16.0)
#: First row of the two levels of significance, row of the state of the data, first of the matrices.
LEVELS, STATE, FIRST_BAND = 4, 6, 8
#: Significance below which a coefficient carries two stars, or one.
STRONG, WEAK = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Correlations:
    """What the page shows.

    Parameters
    ----------
    analysis
        Whose `codes` stand side by side on `Index`; `codes` here may be fewer of them.
    printed
        (Row node, column node) -> coefficient as printed.
    """

    analysis: Analysis
    codes: tuple[str, ...]
    printed: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A square of cells, a row and a column per node, with names above and on the left."""

    codes: tuple[str, ...]
    row: int
    left: int

    @property
    def area(self) -> Area:
        size = len(self.codes)
        first = self.row + 2
        return Area(SHEET, first, self.left + 1, first + size - 1, self.left + size)

    def at(self, one: str, other: str) -> tuple[int, int]:
        area = self.area
        return area.r1 + self.codes.index(one), area.c1 + self.codes.index(other)

    def ref(self, one: str, other: str) -> str:
        return cell(*self.at(one, other))


def draw(book: Book, shown: Correlations) -> None:
    """Draw the sheet."""
    codes = shown.codes
    size = len(codes)
    canvas = titled_sheet(book, SHEET)
    beside = [WIDTHS[1]] * size
    canvas.widths([WIDTHS[0], *beside, WIDTHS[0], *beside])
    levels = (("correlationprinted.strong", STRONG), ("correlationprinted.weak", WEAK))
    for row, (key, level) in enumerate(levels, LEVELS):
        canvas.label(row, 1, key, "stub", font_size=9)
        canvas.input(row, 2, level, "input_center", "0.00")
    strong, weak = cell(LEVELS, 2, "rc"), cell(LEVELS + 1, 2, "rc")
    same = comparable(book, canvas, STATE, WIDTHS[0]) if shown.printed else ""
    places = bands(codes, printed=bool(shown.printed), udf=book.spec.udf)
    matrices = {name: _titled(book, canvas, matrix, name) for name, matrix in places.items()}
    bottom = max(matrix.area.r2 for matrix in matrices.values())
    if book.spec.udf:
        bottom = max(bottom, _functions(book, canvas, shown, matrices))

    # Workings: a row per pair.
    top = bottom + 2
    canvas.label(top, 1, "analysis.pairs", "section")
    pair_heads(book, canvas, top + 1)
    rows = {}
    for offset, pair in enumerate(combinations_with_replacement(codes, 2)):
        rows[frozenset(pair)] = row = top + 2 + offset
        pair_row(book, canvas, shown.analysis, row, *pair)
    last = top + 1 + len(rows)

    def pair_value(name: str) -> Callable[[str, str], str]:
        return lambda one, other: pair_cell(rows[frozenset((one, other))], name)

    r, p = matrices["r"], matrices["p"]
    _fill(canvas, r, pair_value("r"), "output", "0.000")
    _fill(canvas, p, pair_value("p"), "calculation", "0.000")
    _fill(canvas, matrices["n"], pair_value("n"), "calculation_center", "0")

    def stars(one: str, other: str) -> str:
        here = p.ref(one, other)
        return f'IF({here}="","",IF({here}<{strong},"**",IF({here}<{weak},"*","")))'

    _fill(canvas, matrices["marks"], stars, "output_center", "@")
    if shown.printed:
        _printed(canvas, shown, matrices, same)
    canvas.finish(last, 2 * size + 2, 2, 1, landscape=False, tall=1)


def bands(codes: tuple[str, ...], *, printed: bool, udf: bool) -> dict[str, _Matrix]:
    """Return the matrices, two of them side by side."""
    names = ["r", "marks", "p", "n"]
    if printed:
        names += ["printed", "difference"]
    if udf:
        names += ["udf_r", "udf_p", "udf_n"]
    size = len(codes)
    return {
        name: _Matrix(codes, FIRST_BAND + (place // 2) * (size + 3), 1 + (place % 2) * (size + 1))
        for place, name in enumerate(names)
    }


def _titled(book: Book, canvas: Canvas, matrix: _Matrix, name: str) -> _Matrix:
    shared = {"printed": "analysis.printed", "difference": "analysis.difference"}
    canvas.label(matrix.row, matrix.left, shared.get(name, f"correlationprinted.{name}"), "section")
    canvas.fit_names(matrix.row + 1, matrix.codes, WIDTHS[1])
    canvas.blank(matrix.row + 1, matrix.left, "header")
    for offset, code in enumerate(matrix.codes, 1):
        display = node_name(book, code)
        canvas.formula(matrix.row + 1, matrix.left + offset, display, "header", font_size=9)
        row = matrix.row + 1 + offset
        canvas.formula(row, matrix.left, display, "stub", font_size=9, indent=1)
    return matrix


def _cells(matrix: _Matrix) -> Iterator[tuple[str, str]]:
    for one in matrix.codes:
        for other in matrix.codes:
            yield one, other


def _fill(
    canvas: Canvas, matrix: _Matrix, formula: Callable[[str, str], str], role: str, number: str
) -> None:
    for one, other in _cells(matrix):
        canvas.formula(*matrix.at(one, other), formula(one, other), role, number)


def _printed(
    canvas: Canvas, shown: Correlations, matrices: Mapping[str, _Matrix], same: str
) -> None:
    printed, r = matrices["printed"], matrices["r"]
    digits = decimals(tuple(shown.printed.values()))
    number = "0." + "0" * digits
    for one, other in _cells(printed):
        canvas.printed(*printed.at(one, other), shown.printed.get((one, other), ""), number)

    def gap(one: str, other: str) -> str:
        return difference(same, r.ref(one, other), printed.ref(one, other))

    differences = matrices["difference"]
    _fill(canvas, differences, gap, "calculation", "0.000;-0.000;0.000")
    mark_difference(canvas, differences.area, digits)


def _functions(
    book: Book, canvas: Canvas, shown: Correlations, matrices: Mapping[str, _Matrix]
) -> int:
    """Write the calls of the library beside what they repeat; return the last row."""
    values = book.layout.scores.span(shown.codes).ref()
    last = matrices["udf_n"]
    # The statuses stand in the place that a fourth matrix would take.
    left, row = last.left + len(shown.codes) + 1, last.row
    canvas.label(row, left, "udf.status", "section")
    canvas.heads(row + 1, ("udf.difference", "udf.status"), left + 1, font_size=9)
    canvas.blank(row + 1, left, "header")
    for offset, what in enumerate(("r", "p", "n"), 2):
        matrix = matrices[f"udf_{what}"]
        call = Call(
            f"correlationprinted.udf_{what}",
            matrix.area,
            f'PEARSON_MATRIX({values},"{what}")',
            matrices[what].area,
            shown.codes,
            "0" if what == "n" else "0.000",
        )
        canvas.text(row + offset, left, what, "stub_center")
        compare_call(book, canvas, call, (row + offset, left + 1), (row + offset, left + 2))
        top = cell(matrix.area.r1, matrix.area.c1)
        canvas.mark(matrix.area, f"ISERROR({top})", "absent")
    return row + 4
