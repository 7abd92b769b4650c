"""Function calls that fill more cells than formualizer takes from one call."""

import numpy as np
import pytest
from scipy import stats

from xlcity.recalc.engines import formualizer
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.package import Package


@pytest.fixture
def values():
    return np.round(np.random.default_rng(3).normal(50, 9, (420, 30)), 2)


def book(make_bytes, values, formula, last="AJ420"):
    def write(made):
        sheet = made.add_worksheet("S")
        for row, line in enumerate(values):
            sheet.write_row(row, 0, line)
        calls = made.add_worksheet("UDF")
        calls.write_array_formula(f"A1:{last}", f"{{={formula}}}")
        sheet.write_formula("AL1", f"=SUM(UDF!A1:{last})")

    return Package.from_bytes(make_bytes(write))


def test_every_cell_of_a_large_block_is_filled(make_bytes, values):
    package = book(make_bytes, values, "ZSCORE_WINSOR(S!A1:AD420,0)", "AD420")
    assert values.size > formualizer.MOST_CELLS
    result = recalculate(package, "formualizer")
    found = np.array([[result.value("UDF", r, c) for c in range(1, 31)] for r in range(1, 421)])
    assert found == pytest.approx(stats.zscore(values, axis=0), rel=1e-9, abs=1e-12)
    assert result.value("S", 1, 38) == pytest.approx(found.sum(), abs=1e-9)


def test_what_a_result_does_not_reach_is_na(make_bytes, values):
    package = book(make_bytes, values, "ZSCORE_WINSOR(S!A1:AD400)", "AJ420")
    result = recalculate(package, "formualizer")
    assert isinstance(result.value("UDF", 400, 30), float)
    assert str(result.value("UDF", 401, 1)) == str(result.value("UDF", 400, 31)) == "#N/A"


def test_blocks_cover_the_range_once(monkeypatch):
    monkeypatch.setattr(formualizer, "MOST_CELLS", 12)
    for rows, columns in ((5, 7), (13, 2), (3, 4), (30, 1)):
        covered = set()
        for (row, column), (_, formula) in formualizer.split_call(
            "F()", 2, 3, rows + 1, columns + 2
        ).items():
            top, left, height, width = map(int, formula.rstrip(")").split(",")[1:])
            assert (row, column) == (top + 2, left + 3)
            assert height * width <= 12
            cells = {(top + i, left + j) for i in range(height) for j in range(width)}
            assert not cells & covered
            covered |= cells
        assert covered == {(i, j) for i in range(rows) for j in range(columns)}
