"""The workbook of examples: every call beside its result, computed and stored."""

import pytest

from tools.workbooks import NAMES, build_examples
from xlcity.errors import CellError
from xlcity.functions.registry import BUILT_IN
from xlcity.hosts.cells import call
from xlcity.xlsx.cells import read_book


@pytest.fixture(scope="module")
def package():
    return build_examples()


def test_twelve_functions_each_on_its_sheet(package):
    assert list(read_book(package).sheets) == ["README", *NAMES]
    assert len(set(NAMES)) == 12
    assert set(NAMES) <= set(BUILT_IN)


@pytest.mark.parametrize("name", NAMES)
def test_formula_and_values_agree_with_the_function(package, name):
    sheet = read_book(package).sheets[name]
    expected = call(name, BUILT_IN[name].example.arguments)
    at = {
        value: place for place, value in sheet_values(sheet) if isinstance(value, str)
    }
    top, left = at["公式 · Formula"]
    _, beside = at["数值 · Values"]
    for down, row in enumerate(expected, start=1):
        for across, cell in enumerate(row):
            assert sheet.value(top + down, left + across) == cell
            stored = sheet.value(top + down, beside + across)
            # Constants are written with 16 digits.
            shown = (
                str(cell)
                if isinstance(cell, CellError)
                else pytest.approx(cell, rel=1e-15)
            )
            assert stored == shown


def sheet_values(sheet):
    for row in range(1, 60):
        for column in range(1, 30):
            value = sheet.value(row, column)
            if value is not None:
                yield (row, column), value


def test_the_same_bytes_each_time(package):
    assert build_examples().to_bytes() == package.to_bytes()
