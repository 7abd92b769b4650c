"""How functions of the library are computed beside LibreOffice, which a stand-in plays."""

import io

import pytest
import xlsxwriter

from xlcity.errors import CellError, EngineError
from xlcity.recalc.engines import libreoffice
from xlcity.recalc.engines import registry as engines
from xlcity.recalc.engines.formualizer import Formualizer
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import find_udf_cells, library_names
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import patch_values
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import Relations


@pytest.fixture
def office(monkeypatch):
    """LibreOffice without Python, played by formualizer; counts the conversions."""
    seen = []
    names = library_names()

    def recalculate_in_office(data: bytes, timeout: float) -> bytes:
        package = Package.from_bytes(data)
        seen.append(package)
        book = read_book(package)
        values = Formualizer().evaluate(Task(package, book, {}, 60.0))
        for sheet, cells in find_udf_cells(book, names).items():
            values[sheet].update(dict.fromkeys(cells, CellError.NAME))
        return patch_values(package, values).to_bytes()

    monkeypatch.setattr(libreoffice, "recalculate_in_office", recalculate_in_office)
    monkeypatch.setattr(LibreOffice, "available", lambda _: True)
    monkeypatch.setitem(engines.engines(), "libreoffice", LibreOffice())
    monkeypatch.setattr(LibreOffice, "version", lambda _: "7.4")
    return seen


def task_of(package: Package) -> Task:
    book = read_book(package)
    return Task(package, book, find_udf_cells(book, library_names()), 60.0)


def load(make_bytes, write) -> Package:
    return Package.from_bytes(make_bytes(write))


def scores(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("S")
    sheet.write_column("A1", [3, 1, 2])
    sheet.write_column("B1", ["NA"])
    sheet.write_formula("B2", "=A2*2", None, 0)
    sheet.write_formula("B3", "=A3*2", None, 0)
    sheet.write_array_formula("C1:C4", "{=RANK_UNIFORM(B1:B3)}", None, 0)
    sheet.write_formula("D1", "=SUM(C2:C3)", None, 0)
    sheet.write_formula("D2", "=ROUND(INDEX(RANK_UNIFORM(A1:A3),1,1)/3,2)", None, 0)


EXPECTED = [CellError.NA, 1 / 2 * 100, 2 / 2 * 100, CellError.NA]


def test_functions_are_computed_from_its_values(make_bytes, office):
    result = recalculate(load(make_bytes, scores), "libreoffice")
    assert [result.value("S", r, 3) for r in range(1, 5)] == EXPECTED
    assert result.value("S", 1, 4) == 50 + 100
    assert result.value("S", 2, 4) == 33.33
    assert (result.udf_by, result.udf_cells) == ("formualizer", 4 + 1)
    assert len(office) == 1 + 1
    # After the first try, what LibreOffice gets holds no call that it cannot make.
    assert [
        b"RANK_UNIFORM" in package.parts["xl/worksheets/sheet1.xml"]
        for package in office
    ] == [
        True,
        False,
    ]


def test_pivot_tables_are_not_drawn_anew(make_bytes, office):
    package = load(
        make_bytes, lambda book: book.add_worksheet("S").write_formula("A1", "=1")
    )
    relations = Relations("xl/worksheets/sheet1.xml")
    for kind in ("pivotTable", "comments"):
        relations.add(kind, f"xl/{kind}1.xml")
        package = package.replace({f"xl/{kind}1.xml": b"<x/>"})
    recalculate(package.replace({relations.part: relations.to_bytes()}), "libreoffice")
    kinds = [
        relation.kind for relation in office[0].relations("xl/worksheets/sheet1.xml")
    ]
    assert kinds == ["comments"]


def test_each_workbook_is_tried_with_its_calls_first(make_bytes, office):
    package = load(make_bytes, scores)
    first = recalculate(package, "libreoffice")
    done = patch_values(package, first.values)
    office.clear()
    second = recalculate(done, "libreoffice")
    assert second.values == first.values
    assert len(office) == 1 + 1


@pytest.mark.parametrize(("gap", "conversions"), [(None, 1), ("=NA()", 2)])
def test_its_own_calls_count_unless_their_ranges_may_hold_a_missing_code(
    make_bytes, office, monkeypatch, gap, conversions
):
    converted = []

    def compute_with_library(data: bytes, timeout: float) -> bytes:
        converted.append(package := Package.from_bytes(data))
        return patch_values(
            package, Formualizer().evaluate(task_of(package))
        ).to_bytes()

    def write(book):
        scores(book)
        book.add_worksheet("T").write("A1", gap)

    monkeypatch.setattr(libreoffice, "recalculate_in_office", compute_with_library)
    result = recalculate(load(make_bytes, write), "libreoffice")
    assert [result.value("S", r, 3) for r in range(1, 5)] == EXPECTED
    assert len(converted) == conversions
    assert result.udf_by == ("libreoffice" if gap is None else "formualizer")


def test_functions_on_functions_settle(make_bytes, office):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [3, 1, 2])
        sheet.write_array_formula("B1:B3", "{=RANK_UNIFORM(A1:A3)}", None, 0)
        sheet.write_formula("C1", "=B1*2", None, 0)
        sheet.write_formula("C2", "=B2*2", None, 0)
        sheet.write_array_formula("D1:D2", "{=RANK_UNIFORM(C1:C2)}", None, 0)
        sheet.write_formula("E1", "=D1+D2", None, 0)

    result = recalculate(load(make_bytes, write), "libreoffice")
    assert result.value("S", 1, 5) == 100 * 2 / 2 + 100 * 1 / 2


def test_a_circle_through_functions_ends(make_bytes, office):
    def write(book):
        sheet = book.add_worksheet("S")
        sheet.write("A2", 1)
        sheet.write_formula("A1", "=B1+1", None, 0)
        sheet.write_array_formula("B1:B2", "{=WEIGHTED_INDEX(A1:A2,1)}", None, 0)

    with pytest.raises(EngineError, match="circle"):
        recalculate(load(make_bytes, write), "libreoffice")


def test_calls_that_it_cannot_make_need_formualizer(make_bytes, office, monkeypatch):
    package = load(make_bytes, scores)

    class Absent(Formualizer):
        def available(self) -> bool:
            return False

    monkeypatch.setattr(libreoffice, "Formualizer", Absent)
    with pytest.raises(
        EngineError, match="functions of the library are called"
    ) as caught:
        recalculate(package, "libreoffice")
    assert caught.value.problems[0].where.cell == "C1"


def test_a_cell_it_leaves_empty_is_named(make_bytes, office, monkeypatch):
    def write(book):
        book.add_worksheet("S").write_formula("A1", "=1+1", None, 0)

    def empty(data: bytes, timeout: float) -> bytes:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            book.add_worksheet("S")
        return out.getvalue()

    monkeypatch.setattr(libreoffice, "recalculate_in_office", empty)
    with pytest.raises(EngineError, match="S!A1"):
        recalculate(load(make_bytes, write), "libreoffice")


def test_references_that_lead_nowhere_are_written_as_it_reads_them(make_bytes, office):
    formulas = [
        "INDEX(#REF!,2)",
        "MATCH(1,S!#REF!,0)",
        "'S'!#REF!*2",
        'LEN("a#REF!")',
        "#REF!+A4",
    ]

    def write(book):
        sheet = book.add_worksheet("S")
        for row, formula in enumerate(formulas):
            sheet.write_formula(row, 0, f"={formula}", None, 0)

    recalculate(load(make_bytes, write), "libreoffice")
    found = [cell.formula for cell in read_book(office[-1]).sheets["S"].cells.values()]
    gone = 'INDIRECT("")'
    assert found == [
        f"INDEX({gone},2)",
        f"MATCH(1,{gone},0)",
        f"{gone}*2",
        formulas[3],
        f"{gone}+A4",
    ]


def test_the_copy_it_gets_keeps_what_the_book_holds(make_bytes, office):
    recalculate(load(make_bytes, scores), "libreoffice")
    assert read_book(office[-1]).value("S", 1, 2) == "NA"
    assert read_book(office[-1]).value("S", 3, 3) == 100


@pytest.mark.slow
@pytest.mark.libreoffice
def test_libreoffice_itself_calls_the_functions(make_bytes):
    def write(book):
        scores(book)
        sheet = book.add_worksheet("T")
        sheet.write_formula("A1", "=RATING_SCALE(S!A1:A3,,1)", None, 0)
        sheet.write_array_formula(
            "B1:B2", "{=_xldudf_RATING_SCALE(S!A1:A2,NA())}", None, 0
        )

    result = recalculate(load(make_bytes, write), "libreoffice")
    assert result.udf_by == "libreoffice"
    assert [result.value("S", r, 3) for r in range(1, 5)] == EXPECTED
    assert (result.value("S", 1, 4), result.value("S", 2, 4)) == (50 + 100, 33.33)
    # An omitted argument is its default, not 0; one cell shows the first value and spills nothing.
    assert result.value("T", 1, 1) == 3 / 5 * 1
    assert result.value("T", 2, 1) is None
    assert [result.value("T", r, 2) for r in (1, 2)] == [CellError.NA, CellError.NA]
