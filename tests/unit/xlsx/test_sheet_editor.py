"""One sheet changed as a person changes it: each element in its place, all else as it was."""

import re
from xml.etree import ElementTree as ET

import pytest

from xlcity.errors import WorkbookError
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.comments import Comment, read_comments
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.editing.patch import CellEntry, write_entries, write_inputs
from xlcity.xlsx.editing.sheet_editor import SheetEditor
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import ContentTypes, Relations

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PART = "xl/worksheets/sheet1.xml"
CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def sheet(inner: str, prefix: str = "") -> str:
    colon = f":{prefix}" if prefix else ""
    xml = f'<worksheet xmlns{colon}="{MAIN}">{inner}</worksheet>'
    return re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}:", xml) if prefix else xml


def written(editor: SheetEditor) -> Package:
    types = ContentTypes.read_from(editor.package)
    parts = editor.parts(types)
    if parts:
        parts[ContentTypes.PART] = types.to_bytes()
    return editor.package.replace(parts)


def edited(make, inner: str, change, prefix: str = "") -> str:
    """Return what is inside the sheet after a change of its editor."""
    editor = SheetEditor(make(sheet(inner, prefix)), PART)
    change(editor)
    text = written(editor).text(PART)
    return re.sub(r"^<[^>]*>|</[^<]*>$", "", text).replace(" />", "/>")


DATA = f"<sheetData>{CELL}</sheetData>"


def test_a_sheet_in_which_nothing_changes_stays_byte_for_byte(make):
    package = make(
        sheet(f"<!-- odd --><dimension  ref='A1'/>{DATA}<pageMargins  left='1' />")
    )
    assert written(SheetEditor(package, PART)) is package


@pytest.mark.parametrize("prefix", ["", "x"])
def test_children_are_made_in_their_place(make, prefix):
    def change(editor):
        editor.child("pageMargins").set("left", "1")
        editor.child("sheetPr", "pageSetUpPr").set("fitToPage", "1")
        editor.child("sheetPr", "tabColor").set("rgb", "FF112233")
        editor.child("headerFooter", "oddFooter").text = "f"
        editor.child("headerFooter", "oddHeader").text = "h"
        editor.child("hyperlinks", "hyperlink")
        assert editor.child("pageMargins").get("left") == "1"
        assert editor.find("drawing") is None

    xml = edited(make, f"{DATA}<pageSetup/>", change, prefix)
    assert xml.replace("x:", "") == (
        '<sheetPr><tabColor rgb="FF112233"/><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'{DATA}<hyperlinks><hyperlink/></hyperlinks><pageMargins left="1"/><pageSetup/>'
        "<headerFooter><oddHeader>h</oddHeader><oddFooter>f</oddFooter></headerFooter>"
    )
    # Every tag has the prefix of the sheet.
    assert bool(prefix) == (not re.search(r"</?(?!x:)\w", xml))


def test_an_element_is_added_behind_its_siblings_and_counted(make):
    def change(editor):
        one = editor.add("conditionalFormatting", {"sqref": "B1"})
        editor.append(one, '<cfRule type="top10"><formula>1</formula></cfRule>')
        editor.add("dataValidation", {"sqref": "B1"}, "dataValidations").text = "two"
        editor.add("hyperlink", {"ref": "A1"}, "hyperlinks")
        editor.add("hyperlink", {"ref": "A2"}, "hyperlinks")

    before = (
        f'{DATA}<conditionalFormatting sqref="A1"/><dataValidations count="1">'
        '<dataValidation sqref="A1"/><extLst/></dataValidations>'
    )
    assert edited(make, before, change) == (
        f'{DATA}<conditionalFormatting sqref="A1"/><conditionalFormatting sqref="B1">'
        '<cfRule type="top10"><formula>1</formula></cfRule></conditionalFormatting>'
        '<dataValidations count="3"><dataValidation sqref="A1"/>'
        '<dataValidation sqref="B1">two</dataValidation><extLst/></dataValidations>'
        '<hyperlinks><hyperlink ref="A1"/><hyperlink ref="A2"/></hyperlinks>'
    )
    added = edited(
        make, DATA, lambda editor: editor.add("conditionalFormatting", {"sqref": "B1"})
    )
    assert added == f'{DATA}<conditionalFormatting sqref="B1"/>'


@pytest.mark.parametrize(
    ("columns", "number", "after"),
    [
        ("", 3, '<col min="3" max="3" width="9.140625" hidden="1"/>'),
        (
            '<col min="1" max="1" width="5"/><col min="5" max="5" width="6"/>',
            3,
            '<col min="1" max="1" width="5"/><col min="3" max="3" width="9.140625" hidden="1"/>'
            '<col min="5" max="5" width="6"/>',
        ),
        (
            '<col min="2" max="4" width="5" style="1"/>',
            3,
            '<col min="2" max="2" width="5" style="1"/>'
            '<col min="3" max="3" width="5" style="1" hidden="1"/>'
            '<col min="4" max="4" width="5" style="1"/>',
        ),
        (
            '<col min="3" max="4" width="5"/>',
            3,
            '<col min="3" max="3" width="5" hidden="1"/><col min="4" max="4" width="5"/>',
        ),
        (
            '<col min="2" max="3" width="5"/>',
            3,
            '<col min="2" max="2" width="5"/><col min="3" max="3" width="5" hidden="1"/>',
        ),
        ('<col width="5"/>', 1, '<col min="1" max="1" width="5" hidden="1"/>'),
    ],
)
def test_a_column_is_set_and_those_listed_with_it_stay(make, columns, number, after):
    before = f"<cols>{columns}</cols>{DATA}" if columns else DATA
    xml = edited(
        make, before, lambda editor: editor.set_column(number, {"hidden": "1"})
    )
    assert xml == f"<cols>{after}</cols>{DATA}"


def test_the_declaration_and_the_used_range_stay_in_step(make):
    start = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    package = make(f'{start}{sheet(f"""<dimension ref="A1"/>{DATA}""")}')
    editor = SheetEditor(package, PART)
    editor.entries[3, 2] = CellEntry(5.0)
    editor.styles[2, 1] = 4
    editor.rows[7] = {"hidden": "1"}
    editor.child("pageSetup").set("scale", "60")
    assert written(editor).text(PART).replace(" />", "/>") == start + sheet(
        '<dimension ref="A1:B3"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="2"><c r="A2" s="4"/></row><row r="3"><c r="B3"><v>5</v></c></row>'
        '<row r="7" hidden="1"></row></sheetData><pageSetup scale="60"/>'
    )


@pytest.mark.parametrize(
    ("attribute", "value", "row"),
    [
        (
            "entries",
            {(2, 1): CellEntry(5.0)},
            '<row r="2"><c r="A2"><v>5</v></c></row>',
        ),
        ("styles", {(2, 1): 4}, '<row r="2"><c r="A2" s="4"/></row>'),
        ("rows", {2: {"ht": "9"}}, '<row r="2" ht="9"></row>'),
    ],
)
def test_one_change_of_any_kind_is_written(make, attribute, value, row):
    for rows in ('<sheetData own="1"/>', '<sheetData own="1"></sheetData>'):
        xml = edited(make, rows, lambda editor: setattr(editor, attribute, value))
        assert xml == f'<sheetData own="1">{row}</sheetData>'


def test_a_part_of_what_one_formula_gives_is_not_replaced(make):
    array = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B1">{1,2}</f><v>1</v></c>'
        '<c r="B1"><v>2</v></c></row>'
    )
    for cell in ((1, 1), (1, 2)):
        editor = SheetEditor(make(sheet(f"<sheetData>{array}</sheetData>")), PART)
        editor.entries[cell] = CellEntry(7.0)
        with pytest.raises(WorkbookError) as error:
            written(editor)
        (problem,) = error.value.problems
        assert (problem.code, problem.where.cell) == ("XC426", "A1")
    whole = edited(
        make,
        f"<sheetData>{array}</sheetData>",
        lambda editor: editor.entries.update(
            {(1, 1): CellEntry(7.0), (1, 2): CellEntry(8.0)}
        ),
    )
    assert "<f" not in whole


def test_notes_get_boxes_beside_their_cells(make):
    notes = {
        (9, 3): Comment("b & <c>", "Li"),
        (1, 1): Comment(" a", "Wang"),
        (2, 5): Comment("", "Li"),
    }
    editor = SheetEditor(make(CELL), PART)
    editor.notes = notes
    package = written(editor)
    read = read_comments(package, read_book(package))
    assert read == {
        ("S", place): Comment(note.text.strip(), note.author)
        for place, note in notes.items()
    }
    links = Relations.read_from(package, PART).root
    kinds = {
        e.get("Type").rpartition("/")[2]: (e.get("Id"), e.get("Target")) for e in links
    }
    assert {kind: target for kind, (_, target) in kinds.items()} == {
        "comments": "../comments_sheet1.xml",
        "vmlDrawing": "../drawings/notes_sheet1.vml",
    }
    # The sheet refers to the boxes, which Excel does not show otherwise.
    (drawing,) = package.root(PART).iter(f"{{{MAIN}}}legacyDrawing")
    assert drawing.attrib == {f"{{{Relations.NAMESPACE}}}id": kinds["vmlDrawing"][0]}
    types = package.text(ContentTypes.PART)
    assert 'PartName="/xl/comments_sheet1.xml"' in types
    assert 'Extension="vml"' in types
    boxes = package.root("xl/drawings/notes_sheet1.vml").findall("{*}shape")
    assert [box.get("id") for box in boxes] == [
        "_x0000_s1025",
        "_x0000_s1026",
        "_x0000_s1027",
    ]
    said = [
        [box.findtext(f".//{{*}}{tag}") for tag in ("Row", "Column", "Anchor")]
        for box in boxes
    ]
    # Counted from 0; a box begins right of its cell, a row above it if there is one.
    assert said == [
        ["0", "0", "1, 15, 0, 10, 3, 15, 4, 4"],
        ["1", "4", "5, 15, 0, 10, 7, 15, 5, 4"],
        ["8", "2", "3, 15, 7, 10, 5, 15, 12, 4"],
    ]
    # Other notes take their place; what else is drawn there stays.
    other = "xl/drawings/notes_sheet1.vml"
    drawn = package.text(other).replace("</xml>", '<v:shape id="button"/></xml>')
    editor = SheetEditor(package.replace({other: drawn.encode()}), PART)
    editor.notes = {(4, 4): Comment("new", "Li")}
    again = written(editor)
    assert read_comments(again, read_book(again)) == {
        ("S", (4, 4)): Comment("new", "Li")
    }
    shapes = [box.get("id") for box in again.root(other).findall("{*}shape")]
    assert shapes == ["button", "_x0000_s1025"]
    assert again.text(PART) == package.text(PART)
    assert again.parts.keys() == package.parts.keys()


# -- cells and rows --------------------------------------------------------------------------------
def entered(make, body: str, entries: dict) -> str:
    package = make(body)
    text = write_entries(package, {"S": entries}, read_book(package)).text(PART)
    return text[text.index("<sheetData>") + 11 : text.index("</sheetData>")]


@pytest.mark.parametrize(
    ("body", "entries", "after"),
    [
        # Nothing where nothing is.
        ('<row r="1"/>', {(1, 1): CellEntry(), (2, 1): CellEntry()}, '<row r="1"/>'),
        ('<row r="1" ht="3"></row>', {(1, 1): CellEntry()}, '<row r="1" ht="3"></row>'),
        (
            '<row r="2"/>',
            {(2, 2): CellEntry(1.0), (1, 1): CellEntry(2.0)},
            '<row r="1"><c r="A1"><v>2</v></c></row><row r="2"><c r="B2"><v>1</v></c></row>',
        ),
        (CELL, {(1, 1): CellEntry()}, '<row r="1"><c r="A1"/></row>'),
        (
            CELL,
            {(1, 1): CellEntry(2.0, "1+1<3")},
            '<row r="1"><c r="A1"><f>1+1&lt;3</f><v>2</v></c></row>',
        ),
        (
            CELL,
            {(1, 1): CellEntry("x", "F(B1)", "A1:A2")},
            '<row r="1"><c r="A1" t="str"><f t="array" ref="A1:A2">F(B1)</f><v>x</v></c></row>',
        ),
        # A formula goes, and its value; what else is in a cell stays.
        (
            (
                '<row r="1"><c r="A1" s="2" '
                't="str"><f>B1</f><v>x</v><extLst><v>9</v></extLst></c></row>'
            ),
            {(1, 1): CellEntry(5.0)},
            '<row r="1"><c r="A1" s="2"><v>5</v><extLst><v>9</v></extLst></c></row>',
        ),
        (
            '<row r="1"><c r="B1"/><c r="D1"/></row>',
            {(1, 3): CellEntry(3.0), (1, 1): CellEntry(1.0), (1, 5): CellEntry(5.0)},
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1"/><c r="C1"><v>3</v></c><c r="D1"/>'
            '<c r="E1"><v>5</v></c></row>',
        ),
        # New rows and cells in the order of their numbers, 9 before 10.
        (
            CELL,
            {(10, 1): CellEntry(2.0), (9, 1): CellEntry(1.0)},
            (
                f'{CELL}<row r="9"><c r="A9"><v>1</v></c></row><row '
                f'r="10"><c r="A10"><v>2</v></c></row>'
            ),
        ),
        (
            '<row r="1" spans="2:3"/>',
            {(1, 5): CellEntry(1.0)},
            '<row r="1" spans="2:5"><c r="E1"><v>1</v></c></row>',
        ),
        # The format of a row is that of its new cells only where the row says so.
        (
            '<row r="1" s="7"/>',
            {(1, 1): CellEntry(1.0)},
            '<row r="1" s="7"><c r="A1"><v>1</v></c></row>',
        ),
        (
            '<row r="1" s="7" customFormat="1" spans="2:3"/>',
            {(1, 1): CellEntry(1.0)},
            '<row r="1" s="7" customFormat="1" spans="1:3"><c r="A1" s="7"><v>1</v></c></row>',
        ),
    ],
)
def test_entries_stand_in_their_place(make, body, entries, after):
    assert entered(make, body, entries) == after


def test_inputs_may_stand_in_the_last_row_and_column_and_no_further(make):
    package = make(CELL)
    last = {(1_048_576, 16_384): 1.0, (1, 16_384): 2.0, (1_048_576, 1): 3.0}
    written = write_inputs(package, {"S": last})
    assert {place: read_book(written).value("S", *place) for place in last} == last
    beyond = [(1_048_577, 1), (1, 16_385), (0, 1), (1, 0), (-1, 1)]
    with pytest.raises(WorkbookError) as caught:
        write_inputs(package, {"S": dict.fromkeys(beyond, 1.0)})
    assert [p.message for p in caught.value.problems] == [
        "the cell is outside the sheet."
    ] * 5


def test_an_engine_gets_formulas_without_values_constants_and_its_own_names(make):
    formulas = (
        '<c r="A1"><f>MY(B1)</f><v>1</v></c>',
        '<c r="B1" t="str"><f>C1</f><v>x</v></c>',
        '<c r="C1"><f>D1&amp;"&lt;"</f><v>3</v></c>',
        '<c r="D1"><v>4</v></c>',
        '<c r="E1"><f t="shared" ref="E1:F1" si="0">MY(A1)</f></c>',
        '<c r="F1"><f t="shared" si="0"/></c>',
        '<c r="G1" s="2"><f>1</f></c>',
    )
    for odd in ("", "<!-- read cell by cell -->"):
        package = make(f'{odd}<row r="1">{"".join(formulas)}</row>')
        copy = engine_copy(
            package,
            read_book(package),
            lambda text, cell: text.replace("MY(", "YOUR(<"),
            {"S": {(1, 2): "", (1, 7): True}, "T": {(1, 1): 1.0}},
            {"S": [(1, 1), (1, 3), (1, 5), (1, 6)]},
        )
        text = copy.text(PART)
        assert re.findall("<c .*?(?:</c>|/>(?=<c|</row))", text) == [
            '<c r="A1"><f>YOUR(&lt;B1)</f></c>',
            '<c r="B1" t="str"><f>""</f><v></v></c>',
            '<c r="C1"><f>D1&amp;"&lt;"</f></c>',
            '<c r="D1"><v>4</v></c>',
            '<c r="E1"><f t="shared" ref="E1:F1" si="0">YOUR(&lt;A1)</f></c>',
            '<c r="F1"><f t="shared" si="0"/></c>',
            '<c r="G1" s="2" t="b"><v>1</v></c>',
        ]
    assert ET.fromstring(text) is not None
