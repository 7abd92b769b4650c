"""`CorrelationPrinted`: coefficients of nodes beside the printed ones."""

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

    def at(self, row_code: str, column_code: str) -> tuple[int, int]:
        area = self.area
        return area.r1 + self.codes.index(row_code), area.c1 + self.codes.index(column_code)

    def ref(self, row_code: str, column_code: str) -> str:
        return cell(*self.at(row_code, column_code))


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
    matrices = lay_out_matrices(codes, printed=bool(shown.printed), udf=book.spec.udf)
    for name, matrix in matrices.items():
        _draw_titles(book, canvas, matrix, name)
    bottom = max(matrix.area.r2 for matrix in matrices.values())
    if book.spec.udf:
        bottom = max(bottom, _draw_functions(book, canvas, shown, matrices))

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
        return lambda *pair: pair_cell(rows[frozenset(pair)], name)

    r, p = matrices["r"], matrices["p"]
    _fill_matrix(canvas, r, pair_value("r"), "output", "0.000")
    _fill_matrix(canvas, p, pair_value("p"), "calculation", "0.000")
    _fill_matrix(canvas, matrices["n"], pair_value("n"), "calculation_center", "0")

    def stars(row_code: str, column_code: str) -> str:
        p_value = p.ref(row_code, column_code)
        return f'IF({p_value}="","",IF({p_value}<{strong},"**",IF({p_value}<{weak},"*","")))'

    _fill_matrix(canvas, matrices["marks"], stars, "output_center", "@")
    if shown.printed:
        _draw_printed(canvas, shown, matrices, same)
    canvas.finish(last, 2 * size + 2, 2, 1, landscape=False, tall=1)


def lay_out_matrices(codes: tuple[str, ...], *, printed: bool, udf: bool) -> dict[str, _Matrix]:
    """Return the matrices, two of them side by side."""
    names = ["r", "marks", "p", "n"]
    if printed:
        names += ["printed", "difference"]
    if udf:
        names += ["udf_r", "udf_p", "udf_n"]
    size = len(codes)
    return {
        name: _Matrix(codes, FIRST_BAND + (index // 2) * (size + 3), 1 + (index % 2) * (size + 1))
        for index, name in enumerate(names)
    }


def _draw_titles(book: Book, canvas: Canvas, matrix: _Matrix, name: str) -> None:
    """Write the title of a matrix and the names of its rows and columns."""
    shared = {"printed": "analysis.printed", "difference": "analysis.difference"}
    canvas.label(matrix.row, matrix.left, shared.get(name, f"correlationprinted.{name}"), "section")
    canvas.fit_names(matrix.row + 1, matrix.codes, WIDTHS[1])
    canvas.blank(matrix.row + 1, matrix.left, "header")
    for offset, code in enumerate(matrix.codes, 1):
        display = node_name(book, code)
        canvas.formula(matrix.row + 1, matrix.left + offset, display, "header", font_size=9)
        row = matrix.row + 1 + offset
        canvas.formula(row, matrix.left, display, "stub", font_size=9, indent=1)


def _code_pairs(matrix: _Matrix) -> Iterator[tuple[str, str]]:
    for row_code in matrix.codes:
        for column_code in matrix.codes:
            yield row_code, column_code


def _fill_matrix(
    canvas: Canvas, matrix: _Matrix, formula: Callable[[str, str], str], role: str, number: str
) -> None:
    for row_code, column_code in _code_pairs(matrix):
        canvas.formula(
            *matrix.at(row_code, column_code), formula(row_code, column_code), role, number
        )


def _draw_printed(
    canvas: Canvas, shown: Correlations, matrices: Mapping[str, _Matrix], same: str
) -> None:
    printed, r = matrices["printed"], matrices["r"]
    digits = decimals(tuple(shown.printed.values()))
    number = "0." + "0" * digits
    for row_code, column_code in _code_pairs(printed):
        coefficient = shown.printed.get((row_code, column_code), "")
        canvas.printed(*printed.at(row_code, column_code), coefficient, number)

    def difference_of(row_code: str, column_code: str) -> str:
        return difference(same, r.ref(row_code, column_code), printed.ref(row_code, column_code))

    differences = matrices["difference"]
    _fill_matrix(canvas, differences, difference_of, "calculation", "0.000;-0.000;0.000")
    mark_difference(canvas, differences.area, digits)


def _draw_functions(
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
            matrices[what].area,
            shown.codes,
            f'PEARSON_MATRIX({values},"{what}")',
            number="0" if what == "n" else "0.000",
            area=matrix.area,
        )
        canvas.text(row + offset, left, what, "stub_center")
        compare_call(canvas, call, (row + offset, left + 1), (row + offset, left + 2))
        top = cell(matrix.area.r1, matrix.area.c1)
        canvas.mark(matrix.area, f"ISERROR({top})", "absent")
    return row + 4
