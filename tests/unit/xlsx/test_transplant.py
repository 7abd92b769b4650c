"""Sheets copied into another workbook, with what hangs on them."""

import io
import re

import pytest
import xlsxwriter

from xlcity.errors import WorkbookError
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.rename_sheets import rename_sheets, sheet_renamer
from xlcity.xlsx.editing.transplant import copy_sheets, order_sheets
from xlcity.xlsx.package import Package
from xlcity.xlsx.relations import Relations

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PART = "xl/worksheets/sheet1.xml"


def test_every_table_has_a_number_of_its_own():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        for name in ("A", "B"):
            workbook.add_worksheet(name).add_table("A1:B3", {"name": f"Table{name}"})
    package = Package.from_bytes(out.getvalue())
    copied = copy_sheets(package, package, {"A": "A2", "B": "B2"})
    tables = [copied.text(part) for part in copied.parts if "/tables/" in part]
    numbers = [re.search(r'<table [^>]*?\bid="(\d+)"', table)[1] for table in tables]
    assert sorted(numbers) == ["1", "2", "3", "4"]
    first = copy_sheets(package, book("C"), {"B": "B"})
    (table,) = (first.text(part) for part in first.parts if "/tables/" in part)
    assert re.search(r'<table [^>]*?\bid="(\d+)"', table)[1] == "1"


def book(*names, chartsheet=""):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        for name in names:
            if name == chartsheet:
                chart = workbook.add_chart({"type": "line"})
                chart.add_series({"values": f"={names[0]}!$A$1:$A$2"})
                workbook.add_chartsheet(name).set_chart(chart)
            else:
                workbook.add_worksheet(name).write(0, 0, f"in {name}")
        for row, name in enumerate(names, 1):
            workbook.define_name(f"{name}!own", f"={name}!$A${row}")
    return Package.from_bytes(out.getvalue())


def tabs(package):
    return [e.get("name") for e in package.workbook.iterfind("{*}sheets/{*}sheet")]


def shown_tab(package):
    view = package.workbook.find("{*}bookViews/{*}workbookView")
    return tabs(package)[int(view.get("activeTab", "0"))]


@pytest.mark.parametrize(
    ("chartsheet", "order", "after"),
    [
        ("", ["C", "A", "B"], ["C", "A", "B"]),
        ("", ["A", "B", "C"], None),
        # What is not named stays behind the tab before it, or in front.
        ("B", ["C", "A"], ["C", "A", "B"]),
        ("A", ["C", "B"], ["A", "C", "B"]),
        ("C", ["B", "A"], ["B", "C", "A"]),
        ("", ["C"], ["A", "B", "C"]),
    ],
)
def test_tabs_in_another_order_keep_their_names_and_what_shows(
    chartsheet, order, after
):
    package = book("A", "B", "C", chartsheet=chartsheet)
    ordered = order_sheets(package, order)
    if after is None or after == tabs(package):
        assert ordered is package
        return
    assert tabs(ordered) == after
    assert shown_tab(ordered) == shown_tab(package) == "A"
    own = {owner: text for (owner, _), text in read_book(package).local_names.items()}
    assert {
        owner: text for (owner, _), text in read_book(ordered).local_names.items()
    } == own
    # So it is after another change, from a tab that is not the first.
    assert shown_tab(order_sheets(ordered, ["B", "A", "C"])) == "A"


def test_copies_get_the_next_numbers_and_names():
    target = copy_sheets(book("A", "B"), book("C"), {"B": "B 2", "A": "A"})
    assert tabs(target) == ["C", "B 2", "A"]
    ids = [e.get("sheetId") for e in target.workbook.iterfind("{*}sheets/{*}sheet")]
    assert ids == ["1", "2", "3"]
    assert [tab.part for tab in target.sheets] == [
        f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3)
    ]
    read = read_book(target)
    assert [read.value(name, 1, 1) for name in ("C", "B 2", "A")] == [
        "in C",
        "in B",
        "in A",
    ]
    # Names of a sheet mean what they meant, on the sheet as it is called now.
    assert read.local_names == {
        ("C", "own"): "C!$A$1",
        ("B 2", "own"): "'B 2'!$A$2",
        ("A", "own"): "A!$A$1",
    }
    with pytest.raises(WorkbookError, match="the sheet is not there"):
        copy_sheets(book("A"), book("C"), {"B": "B"})


def copied_cells(make, body, prefix="", strings="<si><t>shared</t></si>"):
    """Return the rows of a sheet after its copy into another workbook."""
    colon = f":{prefix}" if prefix else ""
    xml = f'<worksheet xmlns{colon}="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
    if prefix:
        xml = re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}:", xml)
    left = []
    copy = copy_sheets(make(xml, strings=strings), book("C"), {"S": "S"}, None, left)
    rows = re.search(
        r"sheetData>(.*)</(x:)?sheetData>", copy.text("xl/worksheets/sheet2.xml")
    )
    return rows[1], left


@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize(
    ("cell", "copy"),
    [
        (
            '<c r="A1" t="s"><v>0</v></c>',
            '<c r="A1" t="inlineStr"><is><t>shared</t></is></c>',
        ),
        (
            '<c r="A1" s="9" t="s" cm="1"><v>0</v></c>',
            '<c r="A1" s="0" t="inlineStr" cm="1"><is><t>shared</t></is></c>',
        ),
        # Damaged: there is no such text.
        ('<c r="A1" t="s"><v>1</v></c>', '<c r="A1" t="inlineStr"><is></is></c>'),
        ('<c r="A1" t="s"><v>7</v></c>', '<c r="A1" t="inlineStr"><is></is></c>'),
        ('<c r="A1"><f>B1</f><v>1</v></c>', '<c r="A1"><f>B1</f><v>1</v></c>'),
        (
            '<c r="A1"><f t="shared" ref="A1:A2" si="0">B1&amp;1</f></c>'
            '<c r="A2"><f t="shared" si="0"/></c>',
            '<c r="A1"><f>B1&amp;1</f></c><c r="A2"><f>B2&amp;1</f></c>',
        ),
        # A shared formula whose first cell is not there.
        (
            '<c r="A2"><f t="shared" si="3"/></c>',
            '<c r="A2"><f t="shared" si="3"/></c>',
        ),
        (
            '<c r="A1"><f t="array" ref="A1:B1">"shared"</f></c>',
            '<c r="A1"><f t="array" ref="A1:B1">"shared"</f></c>',
        ),
    ],
)
def test_a_copied_cell_needs_nothing_of_its_old_workbook(make, prefix, cell, copy):
    rows, left = copied_cells(make, f'<row r="1">{cell}</row>', prefix)
    if prefix:
        assert not re.search(r"</?(?!x:|t>)\w", rows)
        rows = rows.replace("x:", "")
    assert (rows, left) == (f'<row r="1">{copy}</row>', [])


def test_what_reads_another_file_is_left_behind_and_told(make):
    cells = (
        '<c r="A1"><f>[1]T!A1*2</f><v>4</v></c><c r="B1"><f>SUM(\'[2]T t\'!A1)</f></c>'
        '<c r="C1"><f>t[1]</f></c>'
    )
    rows, left = copied_cells(make, f'<row r="1">{cells}</row>')
    assert rows == (
        '<row r="1"><c r="A1"><v>4</v></c><c r="B1"><f>SUM(\'[2]T t\'!A1)</f></c>'
        '<c r="C1"><f>t[1]</f></c></row>'
    )
    assert left == [("S", "=[1]T!A1*2")]


def test_parts_of_a_program_are_left_behind_and_those_with_data_are_told():
    package = book("A")
    links = Relations(PART)
    kinds = {
        "printerSettings": "p",
        "customProperty": "c",
        "pivotTable": "t",
        "slicer": "s",
        "image": "i",
    }
    for kind, name in kinds.items():
        links.add(kind, f"xl/{name}.bin")
    links.add("lost", "xl/lost.bin")
    links.add("hyperlink", "https://x.org", external=True)
    ids = {e.get("Type").rpartition("/")[2]: e.get("Id") for e in links.root}
    refer = "".join(f'<x r:id="{rid}"/>' for rid in [*ids.values(), "unknown"])
    xml = package.text(PART).replace("</worksheet>", f"{refer}</worksheet>")
    parts = {f"xl/{name}.bin": name.encode() for name in kinds.values()}
    package = package.replace(
        {PART: xml.encode(), links.part: links.to_bytes(), **parts}
    )
    left = []
    copy = copy_sheets(package, book("C"), {"A": "A"}, None, left)
    assert left == [("A", "pivotTable"), ("A", "slicer"), ("A", "lost")]
    new = copy.relations("xl/worksheets/sheet2.xml")
    assert [(link.kind, link.external) for link in new] == [
        ("image", False),
        ("hyperlink", True),
    ]
    assert new[0].target == "xl/i1.bin"
    assert copy.parts[new[0].target] == b"i"
    referred = re.findall(r'<x r:id="([^"]*)"/>', copy.text("xl/worksheets/sheet2.xml"))
    assert referred == [*(link.id for link in new), "unknown"]


def test_a_picture_on_two_sheets_is_copied_once(make):
    package = make(
        {"S": "", "T": ""}, extra={"xl/media/image1.png": "p", "xl/media/1.png": "n"}
    )
    for number in (1, 2):
        links = Relations(f"xl/worksheets/sheet{number}.xml")
        links.add("image", "xl/media/image1.png")
        links.add("image", "xl/media/1.png")
        package = package.replace({links.part: links.to_bytes()})
    target = book("C").replace({"xl/media/image1.png": b"other", "xl/media/1.png": b""})
    copy = copy_sheets(package, target, {"S": "S", "T": "T"})
    linked = [[link.target for link in copy.relations(tab.part)] for tab in copy.sheets]
    assert linked == [[], *[["xl/media/image2.png", "xl/media/2.png"]] * 2]
    assert copy.parts["xl/media/image2.png"] == b"p"
    assert copy.parts["xl/media/image1.png"] == b"other"


@pytest.mark.parametrize(
    ("formula", "renamed"),
    [
        ("A!A1+'A'!B1+Ab!C1", "'B b'!A1+'B b'!B1+Ab!C1"),
        ("xA!A1+x.A!A1+[1]A!A1+'x'A!A1", "xA!A1+x.A!A1+[1]A!A1+'x'A!A1"),
        ('"A!A1"&A!A1&"say ""A!A1"""', '"A!A1"&\'B b\'!A1&"say ""A!A1"""'),
        # What follows the last of an odd number of quotation marks is no text.
        ('A!A1&"A!B1', "'B b'!A1&\"'B b'!B1"),
        ("'it''s'!A1+it!A1", "New!A1+it!A1"),
        ("Same!A1", "Same!A1"),
        ("A1", "A1"),
    ],
)
def test_sheets_are_renamed_in_formulas_but_not_in_texts(formula, renamed):
    rename = sheet_renamer({"A": "B b", "it's": "New", "Same": "Same"})
    assert rename(formula) == renamed
    assert sheet_renamer({"A": "A"})(formula) == formula


def test_renamed_sheets_are_renamed_wherever_they_are_named(make):
    rules = (
        "<conditionalFormatting><cfRule><formula>A!$A$1&gt;1</formula></cfRule>"
        "</conditionalFormatting><dataValidations><dataValidation><formula1>A!$A$1</formula1>"
        "<formula2>A!$A$2</formula2></dataValidation></dataValidations>"
        '<hyperlinks><hyperlink location="A!A1"/></hyperlinks>'
    )
    cells = '<row r="1"><c r="A1" t="str"><f>A!A1&amp;"A!"</f><v>A!</v></c></row>'
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData>{rules}</worksheet>'
    )
    chart = {"xl/charts/chart1.xml": "<c><f>A!$A$1</f></c>", "xl/x.bin": b"\xff A!A1"}
    package = make({"A": sheet, "B": ""}, names={"n": "A!$A$1"}, extra=chart)
    renamed = rename_sheets(package, {"A": 'New "<1>"', "C": "D"})
    new = "'New &quot;&lt;1&gt;&quot;'!"
    assert tabs(renamed) == ['New "<1>"', "B"]
    assert read_book(renamed).names == {"n": "'New \"<1>\"'!$A$1"}
    assert renamed.text("xl/charts/chart1.xml") == f"<c><f>{new}$A$1</f></c>"
    assert renamed.text("xl/worksheets/sheet1.xml") == sheet.replace(
        '<f>A!A1&amp;"A!"</f>', f"<f>{new}A1&amp;&quot;A!&quot;</f>"
    ).replace("A!$A$", f"{new}$A$").replace('location="A!', f'location="{new}')
    assert {
        part for part in package.parts if package.parts[part] != renamed.parts[part]
    } == {"xl/workbook.xml", "xl/charts/chart1.xml", "xl/worksheets/sheet1.xml"}
    assert rename_sheets(package, {}) is package
