"""A formula that a file has once for several cells: what is left if one of them is written anew."""

import pytest

from xlcity.errors import WorkbookError
from xlcity.recalc.engine_selection import _places_if_all_stored, freeze_cells
from xlcity.recalc.engines.protocol import Task
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.editing.patch import CellEntry, patch_values, write_entries
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes

#: Two groups as Excel writes them: down column B, and across row 5.
SHARED = (
    '<row r="1"><c r="A1"><v>1</v></c>'
    '<c r="B1"><f t="shared" ref="B1:B3" si="0">A1*2&amp;""</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
    '<row r="3"><c r="A3"><v>3</v></c><c r="B3"><f t="shared" si="0"/><v>6</v></c></row>'
    '<row r="5"><c r="A5"><f t="shared" ref="A5:B5" si="1">A$1+B1</f><v>3</v></c>'
    '<c r="B5"><f t="shared" si="1"/><v>9</v></c></row>'
)
FORMULAS = {
    (1, 2): 'A1*2&""',
    (2, 2): 'A2*2&""',
    (3, 2): 'A3*2&""',
    (5, 1): "A$1+B1",
    (5, 2): "B$1+C1",
}
#: An array formula of three cells and a what-if table of four.
WHOLE = (
    '<row r="1"><c r="A1"><f t="array" ref="A1:A3">C1:C3*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><v>4</v></c></row><row r="3"><c r="A3"><v>6</v></c></row>'
    '<row r="5"><c r="A5"><f t="dataTable" ref="A5:B6" dt2D="1" r1="C1" r2="C2"/><v>1</v></c>'
    '<c r="B5"><v>2</v></c></row>'
    '<row r="6"><c r="A6"><v>3</v></c><c r="B6"><v>4</v></c></row>'
)


def formulas(package):
    """Return the formulas of a workbook's sheet by cell, those that are shared expanded."""
    texts = read_book(package).sheets["S"].cells.texts()
    return dict(texts)


def frozen(package, cells):
    book = read_book(package)
    return engine_copy(package, book, constants={"S": dict.fromkeys(cells, 7.0)})


def entered(package, cells):
    entries = dict.fromkeys(cells, CellEntry(7.0))
    return write_entries(package, {"S": entries}, read_book(package))


def edited(package, cells):
    book = read_book(package)
    editor = SheetEditor(package, book.sheets["S"].part)
    editor.entries |= dict.fromkeys(cells, CellEntry(7.0))
    return package.replace(editor.parts(ContentTypes.read_from(package)))


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("write", [frozen, entered, edited])
@pytest.mark.parametrize(
    "cells",
    [[(1, 2)], [(2, 2)], [(1, 2), (3, 2)], [(1, 2), (5, 1)], [*FORMULAS]],
    ids=str,
)
def test_the_other_cells_keep_their_formulas(make, write, cells, prefix):
    package = make(SHARED)
    if prefix:
        text = package.text("xl/worksheets/sheet1.xml")
        text = text.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
        text = text.replace("xmlns=", "xmlns:x=")
        package = package.replace({"xl/worksheets/sheet1.xml": text.encode()})
    assert formulas(package) == FORMULAS
    after = write(package, cells)
    left = {cell: text for cell, text in FORMULAS.items() if cell not in cells}
    assert formulas(after) == left
    assert formulas(Package.from_bytes(after.to_bytes())) == left
    book = read_book(after)
    assert [book.value("S", *cell) for cell in cells] == [7.0] * len(cells)


def test_other_results_leave_shared_formulas_shared(make):
    package = make(SHARED)
    after = patch_values(package, {"S": {(1, 2): 8.0, (3, 2): 9.0}})
    text = after.text("xl/worksheets/sheet1.xml")
    assert text.count('t="shared"') == SHARED.count('t="shared"')
    assert formulas(after) == FORMULAS


@pytest.mark.parametrize(
    ("cells", "area"),
    [
        ([(1, 1)], "A1:A3"),
        ([(3, 1)], "A1:A3"),
        ([(5, 1), (5, 2), (6, 1)], "A5:B6"),
        ([(6, 2)], "A5:B6"),
    ],
)
def test_a_part_of_what_one_formula_gives_is_not_replaced(make, cells, area):
    with pytest.raises(WorkbookError, match=f"one formula gives the values of {area}"):
        entered(make(WHOLE), cells)


@pytest.mark.parametrize(
    "cells",
    [[(1, 1), (2, 1), (3, 1)], [(5, 1), (5, 2), (6, 1), (6, 2)], [(4, 1)]],
)
def test_the_whole_of_it_is(make, cells):
    book = read_book(entered(make(WHOLE), cells))
    assert [book.value("S", *cell) for cell in cells] == [7.0] * len(cells)


def test_a_frozen_cell_of_an_array_takes_the_others_with_it(make):
    package = make(WHOLE)
    book = read_book(package)
    for cell in ((1, 1), (2, 1)):
        places = _places_if_all_stored(book, [("S", cell)])
        assert places == {("S", (1, 1)), ("S", (2, 1)), ("S", (3, 1))}
    task = Task(package, book, {}, 10, False)
    task = freeze_cells(
        task, {place: book.value(*[place[0], *place[1]]) for place in places}
    )
    assert not task.book.sheets["S"].cells.computed()
