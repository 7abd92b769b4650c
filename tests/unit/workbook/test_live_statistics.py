"""`Statistics` and `Correlation`: every cell as numpy and scipy have it, in every engine."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from tests.helpers.own_books import CODES, KINDS, own_book, own_book_spec, own_values
from xlcity.index import compute
from xlcity.recalc.workbook import recalculate
from xlcity.reports import load_report
from xlcity.workbook.build import draw
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.analysis import AnalysisLayout
from xlcity.workbook.sheets.analyses import statistics as sheet
from xlcity.workbook.sheets.analyses.correlation import SHEET as CORRELATION
from xlcity.workbook.sheets.analyses.correlation import Triangle, triangles
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.cells import ReadBook, read_book

ENGINES = ["compiled", pytest.param("libreoffice", marks=pytest.mark.libreoffice)]
#: The columns of `Statistics` from the left.
SPEC = own_book_spec("gaps")
COLUMNS = sheet.column_names(SimpleNamespace(spec=SPEC, layout=Layout(SPEC)))


def computed(kind: str, engine: str) -> ReadBook:
    package = own_book(kind)
    if engine == "compiled":
        return read_book(package)
    return recalculate(package, engine).as_book()


def close(expected: float) -> object:
    return pytest.approx(expected, rel=1e-9, abs=1e-9)


def named(column: np.ndarray, extreme: float) -> str:
    rows = np.flatnonzero(column == extreme)
    return f"{len(rows)} cities" if len(rows) > 1 else f"City {rows[0]:02d}"


def expected_statistics(column: np.ndarray) -> dict[str, object]:
    """Return what a row of `Statistics` shows of a column of values."""
    numbers = column[~np.isnan(column)]
    n = len(numbers)
    varying = numbers.max() > numbers.min()
    skew = stats.skew(numbers, bias=False) if n > 2 and varying else ""
    kurt = stats.kurtosis(numbers, bias=False) if n > 3 and varying else ""
    skewed = kurt != "" and abs(skew) > 2 and kurt > 3.5
    median = float(np.median(numbers))
    distances = np.abs(np.log10(column / median))
    limit = max(0.6, 5 * np.nanmedian(distances)) if n >= 8 else ""
    far = 0 if limit == "" else int((distances > limit).sum())
    farthest = f"City {int(np.nanargmax(distances)):02d}" if 0 < far <= 2 else ""
    return {
        "n": n,
        "missing": len(column) - n,
        "open": 0,
        "coverage": n / len(column),
        "mean": numbers.mean(),
        "sd": numbers.std(ddof=1),
        "median": median,
        "minimum": numbers.min(),
        "minimum_city": named(column, numbers.min()),
        "maximum": numbers.max(),
        "maximum_city": named(column, numbers.max()),
        "skew": skew,
        "kurt": kurt,
        "flag": "skewed" if skewed else "",
        "far_city": farthest + (" and 1 more" if far == 2 else ""),
        "far_distance": limit,
        "far": far,
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
def test_statistics_are_those_of_numpy_and_scipy(kind, engine):
    book = computed(kind, engine)
    for position, code in enumerate(CODES):
        row = sheet.HEADER + 1 + position
        shown = {
            name: book.value(sheet.SHEET, row, column)
            for column, name in enumerate(COLUMNS, 1)
        }
        assert shown["code"] == code
        for name, expected in expected_statistics(
            own_values(kind)[:, position]
        ).items():
            is_text = isinstance(expected, str)
            wanted = expected if is_text else close(expected)
            assert (shown[name] or "" if is_text else shown[name]) == wanted, (
                code,
                name,
            )


def pairs_of(book: ReadBook, table: Triangle) -> dict[tuple[str, str], object]:
    """Return the cells of a table by its pairs of codes."""
    area = table.area
    return {
        (one, other): book.value(CORRELATION, area.r1 + row, area.c1 + column)
        for row, one in enumerate(table.codes)
        for column, other in enumerate(table.codes[:row])
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
def test_correlations_are_those_of_scipy(kind, engine):
    spec = own_book_spec(kind)
    layout = Layout(spec)
    result = compute(spec.framework, spec.recipe, spec.dataset)
    columns = {code: result.column(code) for code in AnalysisLayout(layout).correlated}
    ranks = {
        code: stats.rankdata(column, nan_policy="omit")
        for code, column in columns.items()
    }
    book = computed(kind, engine)
    tables = triangles(layout)
    pearson = pairs_of(book, tables.pearson)
    counts = pairs_of(book, tables.counts)
    chances = pairs_of(book, tables.chances)
    assert len(pearson) == 8 * 7 / 2
    for (one, other), shown in pearson.items():
        both = ~np.isnan(columns[one]) & ~np.isnan(columns[other])
        x, y = columns[one][both], columns[other][both]
        assert counts[one, other] == both.sum()
        if len(set(x)) < 2 or len(set(y)) < 2:
            assert shown in ("", None)
            assert chances[one, other] in ("", None)
            continue
        r, p = stats.pearsonr(x, y)
        assert shown == close(r), (one, other)
        assert chances[one, other] == close(p), (one, other)
    spearman = pairs_of(book, tables.spearman)
    assert len(spearman) == 5 * 4 / 2
    for (one, other), shown in spearman.items():
        both = ~np.isnan(ranks[one]) & ~np.isnan(ranks[other])
        x, y = ranks[one][both], ranks[other][both]
        if len(set(x)) < 2 or len(set(y)) < 2:
            assert shown in ("", None)
        else:
            assert shown == close(np.corrcoef(x, y)[0, 1]), (one, other)


@pytest.mark.parametrize("engine", ENGINES)
def test_values_alike_but_for_their_last_digits_count_as_equal(engine):
    # The own engine computes the book: it leaves none to another one for them.
    package, _ = draw(own_book_spec("last digits"))
    book = recalculate(package, engine)
    assert book.engine == engine
    cells = book.as_book()
    shown = {
        (code, name): cells.value(
            sheet.SHEET, sheet.HEADER + 1 + row, COLUMNS.index(name) + 1
        )
        for row, code in enumerate(CODES)
        for name in ("minimum_city", "maximum_city", "far_city")
    }
    assert shown["A", "maximum_city"] == shown["B", "maximum_city"] == "2 cities"
    assert shown["C", "minimum_city"] == "2 cities"
    assert shown["E", "far_city"] == "City 02 and 1 more"


def test_a_report_of_nodes_alone_tells_of_these():
    spec = with_pages(template_spec(load_report("vitality2014")), [])
    assert spec.nodes_alone
    book = read_book(draw(replace(spec, tab_language="en"))[0])
    first, last = sheet.HEADER + 1, sheet.HEADER + len(spec.direct_nodes)
    code = COLUMNS.index("code") + 1
    shown = [book.value(sheet.SHEET, row, code) for row in range(first, last + 1)]
    assert tuple(shown) == spec.direct_nodes
    assert not book.value(sheet.SHEET, last + 1, code)
    with_values = template_spec(load_report("image2025"))
    assert not with_values.nodes_alone


def test_a_value_typed_moves_both_sheets():
    from xlcity.xlsx.editing.patch import write_inputs

    spec = own_book_spec("gaps")
    layout = Layout(spec)
    place = layout.data_column("A")
    package = write_inputs(own_book("gaps"), {"Data": {(place.r1 + 3, place.c1): 99.0}})
    before = computed("gaps", "compiled")
    after = recalculate(package).as_book()
    mean = sheet.HEADER + 1, COLUMNS.index("mean") + 1
    table = triangles(layout).pearson.area
    for name, row, column in (
        (sheet.SHEET, *mean),
        (CORRELATION, table.r1 + 1, table.c1),
    ):
        assert before.value(name, row, column) != after.value(name, row, column)
