"""The engine begins before all cells are read; what it then says is what it always says."""

from pathlib import Path

import pytest
import xlsxwriter

from xlcity.errors import WorkbookError
from xlcity.recalc import early, recalculate
from xlcity.recalc import workbook as module
from xlcity.recalc.early import Early
from xlcity.recalc.formualizer import Formualizer
from xlcity.recalc.protocol import CannotComputeError, Task
from xlcity.recalc.udf import find_udf_cells, library_names
from xlcity.xlsx.cells import BookReader
from xlcity.xlsx.package import Package

BOOKS = Path(__file__).parents[3] / "workbooks"


@pytest.fixture
def begun(monkeypatch) -> list[tuple[Early, bool]]:
    """Let every workbook be begun early, and note each with whether it was used."""
    seen: list[tuple[Early, bool]] = []
    fits = Early.fits

    def noted(self: Early, task: Task) -> bool:
        right = fits(self, task)
        seen.append((self, right))
        return right

    monkeypatch.setattr(early, "LEAST", 0)
    monkeypatch.setattr(Early, "fits", noted)
    return seen


def book(make_bytes, write) -> Package:
    return Package.from_bytes(make_bytes(write))


def numbers(file: xlsxwriter.Workbook) -> xlsxwriter.worksheet.Worksheet:
    sheet = file.add_worksheet("S")
    for row, number in enumerate((2.0, 3.0, 7.0)):
        sheet.write(row, 0, number)
    sheet.write_formula("B1", "=SUM(A1:A3)", None, 1)
    return sheet


def same(package: Package, begun: list[tuple[Early, bool]]) -> bool:
    """Compare with the usual way, and return whether the early calculation was used."""
    found = recalculate(package, "formualizer")
    used = begun[-1][1]
    count = len(begun)
    usual = recalculate(package, "formualizer", parallel=False)
    assert len(begun) == count
    assert found.values == usual.values
    assert found.udf_cells == usual.udf_cells
    return used


def test_a_template_is_begun_early(begun):
    package = Package.read(BOOKS / "vitality2014.xlsx")
    assert same(package, begun)
    assert recalculate(package).engine == "formualizer"
    assert begun[-1][1]


def test_arrays_over_several_cells_are_read_first(make_bytes, begun):
    def write(file):
        sheet = numbers(file)
        sheet.write_array_formula("C1:C3", "{=RANK_UNIFORM(A1:A3)}", None, 5)
        sheet.write("C2", 8.0)  # results of an earlier calculation
        sheet.write("C3", 9.0)
        file.add_worksheet("T").write_formula("A1", "=S!C3+S!B1", None, 1)

    package = book(make_bytes, write)
    assert same(package, begun)
    assert recalculate(package, "formualizer").value("T", 1, 1) == 112.0


def test_a_call_where_none_was_expected_is_begun_again(make_bytes, begun):
    def write(file):
        numbers(file)
        other = file.add_worksheet("T")
        other.write_formula("A1", "=INDEX(RANK_UNIFORM(S!A1:A3),3,1)", None, 0)
        other.write_formula("A2", "=_xldudf_WEIGHTED_INDEX(S!A1:A3,1)", None, 0)

    package = book(make_bytes, write)
    assert not same(package, begun)
    assert recalculate(package, "formualizer").value("T", 1, 1) == 100.0


def test_another_spelling_is_begun_again(make_bytes, begun):
    package = book(make_bytes, lambda file: numbers(file))
    part = "xl/worksheets/sheet1.xml"
    xml = package.parts[part]
    # A comment between formula and result, as the specification allows.
    odd = xml.replace(b"</f><v>", b"</f><!-- --><v>")
    assert odd != xml
    package = package.replace({part: odd})
    assert not same(package, begun)
    assert recalculate(package, "formualizer").value("S", 1, 2) == 12.0


def test_a_foreign_workbook_is_not_begun_early_by_auto(make_bytes, monkeypatch):
    monkeypatch.setattr(early, "LEAST", 0)
    monkeypatch.setattr(module, "begin", lambda *_: pytest.fail("begun"))
    assert recalculate(book(make_bytes, lambda file: numbers(file))).value("S", 1, 2) == 12.0


def test_small_workbooks_are_read_first(make_bytes):
    assert early.begin(BookReader(book(make_bytes, lambda file: numbers(file))), 9.0) is None


def test_what_cannot_be_loaded_says_so(make_bytes, begun):
    def write(file):
        numbers(file).write_formula("C1", "=_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(1)", None, 0)

    with pytest.raises(CannotComputeError):
        recalculate(book(make_bytes, write), "formualizer")


def test_a_damaged_sheet_stops_it(make_bytes, begun):
    def write(file):
        numbers(file)
        file.add_worksheet("T").write_formula("A1", "=S!B1", None, 1)

    package = book(make_bytes, write)
    part = "xl/worksheets/sheet2.xml"
    broken = package.parts[part].replace(b"<v>1</v>", b"<v>one</v>")
    with pytest.raises(WorkbookError, match="T"):
        recalculate(package.replace({part: broken}), "formualizer")
    assert begun == []


def test_the_calculation_of_another_workbook_does_not_fit(make_bytes):
    one = BookReader(book(make_bytes, lambda file: numbers(file)))
    started = Early(one, 9.0)
    other = BookReader(book(make_bytes, lambda file: numbers(file)))
    cells = other.book()
    task = Task(other.package, cells, find_udf_cells(cells, library_names()), 9.0, ahead=started)
    assert not started.fits(task)
    assert Formualizer().evaluate(task)["S"][1, 2] == 12.0
    started.cancel()
    assert not started.fits(task)
