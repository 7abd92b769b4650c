"""Books whose steps only functions can do keep what these gave last, for programs without them."""

import io

import numpy as np
import openpyxl
import pytest

from tests.helpers.templates import fill_file
from tests.unit.workbook.test_prepared import (
    MEAN,
    MINMAX,
    RANK,
    framework,
    own,
    skewed_data,
)
from xlcity.audit.check.check import check_workbook
from xlcity.index import compute
from xlcity.model.recipe import Step
from xlcity.recalc.held_values import HELD, HELD_CALLS
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.workbook.build import build
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package

RECIPE = own(
    Step("impute_raw", "median", {"group": "size"}, ("I01",)),
    Step("treat", "winsor", {"points": 2}, ("I00", "I02")),
    MINMAX,
    Step("aggregate", "owa", {"exponent": 2}, ("P0",)),
    MEAN,
    RANK,
)


@pytest.fixture(scope="module")
def book():
    spec = own_spec(framework(4), RECIPE, skewed_data(4), cells="both")
    return build(spec).package


def renamed(package, typed=()):
    """Return a book that calls functions which nobody has, with other values on `Data`."""
    page = openpyxl.load_workbook(io.BytesIO(package.to_bytes()))
    for row in page["UDF"].iter_rows():
        for cell in row:
            if text := getattr(cell.value, "text", ""):
                cell.value.text = "=NOT_THERE(" + text.partition("(")[2]
    for address, value in typed:
        page["Data"][address] = value
    out = io.BytesIO()
    page.save(out)
    return Package.from_bytes(out.getvalue())


def without_functions(package, *typed):
    """Return the cells of a book as a program has them that knows no function of ours."""
    computed = recalculate(renamed(package, typed), "formualizer")
    results = computed.block(resolve(computed.book, HELD_CALLS))
    assert {str(value) for row in results for value in row} == {"#NAME?"}
    return computed.as_book()


def scores_of(book):
    rows = book.block(resolve(book, "out_scores"))
    return np.array(
        [[x if isinstance(x, float) else np.nan for x in row] for row in rows]
    )


def test_totals_are_computed_where_no_function_is(book):
    cells = read_book(book)
    expected = scores_of(cells)
    assert np.isfinite(expected[:, -1]).sum() > 10
    bare = without_functions(book)
    np.testing.assert_allclose(scores_of(bare), expected, rtol=1e-12)
    checks = {row[0]: row for row in bare.block(resolve(bare, "chk_table"))}
    assert checks["udf-native"][2] == "skipped"
    assert bare.block(resolve(bare, "chk_verdict")) == [["pass"]]


def test_on_index_stand_formulas_and_on_udf_the_calls(book):
    cells = read_book(book)
    calls = resolve(cells, HELD_CALLS)
    assert calls.sheet == "UDF"
    head = cells.block(resolve(cells, HELD))[0]
    assert head[0] == "u00"
    sheet = cells.sheets["Index"].cells
    formulas = [text for text in sheet.texts().values() if "UDF!" in text]
    # A column for each call, a row for each city and spare row.
    assert len(formulas) >= calls.rows * calls.columns
    assert max(map(len, formulas)) <= 120


def test_other_values_are_computed_from_what_is_held(book):
    """The chain goes on: what is typed moves all that needs no function."""
    before = scores_of(read_book(book))
    bare = without_functions(book, (typed_cell(book), 0.5))
    after = scores_of(bare)
    # P1 is a mean of I01 and I03, P0 is held.
    assert after[0, 1] != pytest.approx(before[0, 1])
    assert after[0, 0] == pytest.approx(before[0, 0])


def typed_cell(book):
    """Return the address of a value that no function reads."""
    cells = read_book(book)
    codes = resolve(cells, "xl_codes")
    ids = resolve(cells, "in_units")
    row = [line[0] for line in cells.block(ids)].index("u00")
    column = cells.block(codes)[0].index("I03")
    return cell_name(ids.r1 + row, codes.c1 + column)


@pytest.mark.parametrize("recalculated", [True, False])
def test_what_is_held_follows_a_filling(book, tmp_path, recalculated):
    path = tmp_path / "book.xlsx"
    path.write_bytes(book.to_bytes())
    more = tmp_path / "more.csv"
    more.write_text("unit,I00,I02\nu03,1234,\nu05,3,7\n")
    template = open_template(path)
    filled = fill_file(template, more, recalculated=recalculated).package
    path.write_bytes(filled.to_bytes())
    filled_template = open_template(path)
    assert not read_content(filled_template).edits_of("cell")
    assert check_workbook(filled_template).checks[0].cells == ()
    expected = compute(
        filled_template.framework, filled_template.recipe, filled_template.dataset
    )
    codes = filled_template.book.block(resolve(filled_template.book, "out_nodes"))[0]
    order = [expected.node_codes.index(str(code)) for code in codes]
    bare = scores_of(without_functions(filled))
    known = bare[: len(expected.scores)]
    np.testing.assert_allclose(known, expected.scores[:, order], rtol=1e-9)


def test_what_no_engine_can_call_stays_held(book):
    bare = renamed(book)
    patched = read_book(patch_results(bare, recalculate(bare, "formualizer")))
    held = resolve(patched, HELD)
    assert patched.block(held) == read_book(bare).block(held)
