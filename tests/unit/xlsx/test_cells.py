import re
import time
from dataclasses import replace

import pytest

from xlcity.errors import CellError, WorkbookError
from xlcity.xlsx import cells
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.read_sheet import read_cells as read
from xlcity.xlsx.rich_text import RichTexts


def row(cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{cells}</row>'


def only(make, cells: str, **options):
    return read_book(make(row(cells), **options)).sheets["S"].cells


STRINGS = (
    "<si><t>北京</t></si>"
    '<si><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r>'
    '<rPh sb="0" eb="1"><t>pinyin</t></rPh></si>'
    "<si><t>a_x000D_b &amp; c_x005F_x0041_</t></si>"
    "<si/>"
    "<si><t>R&amp;amp;D &amp;#1; _x0002_</t></si>"
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1"><v>1.5</v></c>', 1.5),
        ('<c r="A1" t="n"><v>1E-3</v></c>', 1e-3),
        ("<c r='A1' t='s'><v>0</v></c>", "北京"),
        ('<c t="s" s="3" r="A1"><v>1</v></c>', "rich text"),
        ('<c r="A1" t="s"><v>2</v></c>', "a\rb & c_x0041_"),
        ('<c r="A1" t="s"><v>3</v></c>', ""),
        ('<c r="A1" t="s"><v>4</v></c>', "R&amp;D &#1; \x02"),
        (
            '<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a&lt;b </t></is></c>',
            " a<b ",
        ),
        ('<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', ""),
        ('<c r="A1" t="str"><f>""</f><v/></c>', ""),
        ('<c r="A1" t="str"><f>B1</f><v> x\r\ny </v></c>', " x\ny "),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="b"><v>0</v></c>', False),
        ('<c r="A1" t="e"><v>#DIV/0!</v></c>', CellError.DIV0),
        ('<c r="A1" t="e"><f>X()</f><v>#SPILL!</v></c>', CellError.VALUE),
        ('<c r="A1" t="d"><v>2024-01-02T12:00:00</v></c>', 45293.5),
        ('<c r="A1" t="d"><v>2024-01-02T06:00:00Z</v></c>', 45293.25),
        ('<c r="A1" t="d"><v>18:30:36</v></c>', (18 * 3600 + 30 * 60 + 36) / 86_400),
        ('<c r="A1" t="d"><v>soon</v></c>', "soon"),
        ('<c r="A1"/>', None),
        ('<c r="A1"><f>B1</f></c>', None),
        ('<c r="A1"><f>B1</f><v></v></c>', None),
        (
            '<c r="A1" t="str"><f>B1</f><v>&#x4EAC;&#60;&amp;lt;&apos;</v></c>',
            "京<&lt;'",
        ),
        ('<c r="A1" t="str"><f>B1</f><v><![CDATA[a<&amp;]]>b</v></c>', "a<&amp;b"),
        ("<c><v>7</v></c>", 7.0),
        # A type without a value, in either spelling of an empty cell.
        ('<c r="A1" t="s"/>', None),
        ('<c t="s" r="A1"/>', None),
        ('<c r="A1" t="b"></c>', None),
        ('<c r="A1" t="str"/>', ""),
        ('<c t="str" r="A1"/>', ""),
        ('<c r="A1" t="inlineStr"/>', ""),
        ('<c t="inlineStr" r="A1"/>', ""),
        ('<c r="A1" t="n"><v>4</v></c>', 4.0),
        ('<c t="n" r="A1"><v>4</v></c>', 4.0),
        ('<c r="A1" t="b"><v>true</v></c>', True),
        ('<!-- <c r="A1"><v>9</v></c> --><c r="A1"><v>8</v></c>', 8.0),
    ],
)
def test_values(make, cell, value):
    found = only(make, cell, strings=STRINGS)[1, 1].value
    assert found == value
    assert type(found) is type(value)


def test_dates_follow_the_workbook(make):
    cell = '<c r="A1" t="d"><v>2024-01-02</v></c>'
    cells = only(make, cell, workbook_pr='<workbookPr date1904="1"/>')
    assert cells[1, 1].value == 45293 - 1462


def test_cells_without_an_address_follow_the_one_before(make):
    book = read_book(
        make(
            '<row><c r="B1"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>'
        )
    )
    assert {p: c.value for p, c in book.sheets["S"].cells.items()} == {
        (1, 2): 1.0,
        (1, 3): 2.0,
        (2, 1): 3.0,
    }


def test_a_prefix_before_every_element(make):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    xml = (
        f'<?xml version="1.0"?><x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="2">'
        '<x:c r="B2" s="4"><x:f>A1*2</x:f><x:v>4</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    cell = read_book(make(xml)).sheets["S"].cells[2, 2]
    assert (cell.value, cell.formula, cell.style) == (4.0, "A1*2", 4)


def test_shared_formulas_are_expanded(make):
    book = read_book(
        make(
            row('<c r="B1"><f t="shared" ref="B1:B3" si="0">A1*$C$1</f><v>1</v></c>')
            + row('<c r="B2"><f t="shared" si="0"/><v>2</v></c>', 2)
            + row('<c r="B3"><f si="0" t="shared"></f><v>3</v></c>', 3)
        )
    )
    cells = book.sheets["S"].cells
    assert [cells[r, 2].formula for r in (1, 2, 3)] == ["A1*$C$1", "A2*$C$1", "A3*$C$1"]


@pytest.mark.parametrize(
    "f",
    [
        '<f t="array" ref="A1:B2">f(C1:C2)</f>',
        '<f aca="false" t="array" ref="A1:B2">=f(C1:C2)</f>',
        "<f ref='$A$1:$B$2' ca=\"1\" t='array'>f(C1:C2)</f>",
    ],
)
def test_array_ranges_mark_their_members_even_those_without_an_element(make, f):
    cells = only(make, f'<c r="A1" cm="1">{f}<v>1</v></c><c r="B1" s="2"><v>2</v></c>')
    assert (cells[1, 1].formula, cells[1, 1].array) == ("f(C1:C2)", "A1:B2")
    assert cells[1, 1].in_array is None
    assert cells[1, 2].value == 2.0
    assert cells[1, 2].style == 2
    for member in ((1, 2), (2, 1), (2, 2)):
        assert cells[member].in_array == (1, 1)
        assert cells[member].formula is None
        assert cells[member].computed
    assert cells[2, 1].value is None


def test_a_what_if_table_is_no_formula(make):
    cells = only(make, '<c r="A1"><f t="dataTable" ref="A1:A2" r1="C1"/><v>5</v></c>')
    assert not cells[1, 1].computed
    assert cells[1, 1].value == 5.0


def test_names_and_sheets_in_order(make):
    book = read_book(
        make(
            {"数据 2024": "", "it's": "", "A1": ""},
            names={
                "in_data": "'数据 2024'!$B$3:$D$9",
                "par_x": "0.4",
                "two": "A1!$A$1,A1!$C$1",
            },
            local_names="<definedName name=\"here\" localSheetId=\"1\">'it''s'!$A$1</definedName>",
        )
    )
    assert list(book.sheets) == ["数据 2024", "it's", "A1"]
    assert list(book.names) == ["in_data", "par_x", "two"]
    assert resolve(book, "IN_DATA") == Range("数据 2024", 3, 2, 9, 4)
    for name, says in [
        ("nope", "no defined name"),
        ("par_x", "not one range"),
        ("here", "no def"),
    ]:
        with pytest.raises(WorkbookError, match=says):
            resolve(book, name)
    with pytest.raises(WorkbookError, match="not one range"):
        resolve(book, "two")


def test_a_name_that_stands_twice_is_not_one_range(make):
    again = '<definedName name="in_data">A1!$B${}</definedName>'
    for row, areas in ((2, None), (3, "A1!$B$2,A1!$B$3")):
        names = {"in_data": "A1!$B$2"}
        book = read_book(make({"A1": ""}, names=names, local_names=again.format(row)))
        if areas is None:
            assert resolve(book, "in_data") == Range("A1", 2, 2, 2, 2)
        else:
            with pytest.raises(WorkbookError, match=re.escape(f"it says {areas!r}")):
                resolve(book, "in_data")


def test_a_sheet_that_is_the_same_in_the_next_save_is_not_read_again(make):
    package = make(
        {"A": row('<c r="A1"><v>1</v></c>'), "B": row('<c r="A1"><v>2</v></c>')}
    )
    before = read_book(package)
    part = before.sheets["B"].part
    changed = package.replace({part: package.parts[part].replace(b"<v>2<", b"<v>3<")})
    after = read_book(changed)
    assert after.sheets["A"].cells is before.sheets["A"].cells
    assert after.value("B", 1, 1) == 3.0
    cells.READ_LATELY.clear()
    assert after == read_book(changed)


SAVED = (
    '<c r="A1"><v>1</v></c><c r="B1" t="s"><v>0</v></c><c r="C1"><f>A1*2</f><v>2</v></c>'
    '<c r="D1" s="1"/>'
)


@pytest.mark.parametrize(
    ("old", "new", "only_values"),
    [
        ("<v>1</v></c><c", "<v>5.5</v></c><c", True),
        ("<v>2</v>", "<v>11</v>", True),
        ('t="s"><v>0</v>', 't="s"><v>1</v>', True),
        ('t="s"><v>0</v>', 't="e"><v>#N/A</v>', True),
        # Filled, emptied, formatted, with another formula, or somewhere else.
        ('s="1"/>', 's="1"><v>4</v></c>', False),
        ('<c r="A1"><v>1</v>', '<c r="A1">', False),
        ('r="A1"', 'r="A1" s="1"', False),
        ("A1*2", "A1*3", False),
        ("<f>A1*2", '<f ca="1">A1*2', False),
        ('r="D1"', 'r="E1"', False),
        ('r="B1"', 'r="B2"', False),
        ('s="1"/>', 's="1"/><c r="E1"><v>1</v></c>', False),
        ('r="C1"><f>A1*2</f><v>2</v>', 'r="C1" t="str"><f>A1*2</f><v>two</v>', True),
        (
            'r="C1"><f>A1*2</f><v>2</v>',
            'r="C1" t="str"><f>A1*2</f><v>R&amp;D</v>',
            False,
        ),
        ('r="C1"><f>A1*2</f><v>2</v>', 'r="C1" t="str"><f>A1*2</f><v>a\nb</v>', False),
        ("<v>2</v>", "", True),
        ('t="s"><v>0</v>', 't="inlineStr"><is><t>x</t></is>', True),
        ('t="s"><v>0</v>', 't="inlineStr"><is><t>R&amp;D</t></is>', False),
    ],
)
def test_values_of_the_next_save_are_read_alone_if_nothing_else_changed(
    make, monkeypatch, old, new, only_values
):
    strings = "<si><t>x</t></si><si><t>y</t></si>"
    changed = make(row(SAVED.replace(old, new, 1)), strings=strings)
    whole = read_book(changed)
    before = make(row(SAVED), strings=strings)
    assert changed.parts != before.parts
    cells.READ_LATELY.clear()
    read_book(before)
    read_anew = []
    monkeypatch.setattr(
        cells, "read_cells", lambda *given: read_anew.append(1) or read(*given)
    )
    after = read_book(changed)
    assert after == whole
    assert [*after.sheets["S"].cells.items()] == [*whole.sheets["S"].cells.items()]
    assert bool(read_anew) != only_values


def test_cells_alike_serve_a_workbook_that_numbers_its_texts_otherwise(
    make, monkeypatch
):
    read_book(make(row(SAVED), strings="<si><t>x</t></si><si><t>y</t></si>"))
    monkeypatch.setattr(cells, "read_cells", None)
    other = "<si><t>y</t></si><si><t>x</t></si>"
    for number, text in ((0, "y"), (1, "x")):
        again = make(row(SAVED.replace("<v>0</v>", f"<v>{number}</v>")), strings=other)
        assert read_book(again).value("S", 1, 2) == text
    days = make(row(SAVED), strings=other, workbook_pr='<workbookPr date1904="1"/>')
    with pytest.raises(TypeError):  # dates count from another day: all is read
        read_book(days)


def test_a_name_on_a_sheet_that_is_gone(make):
    book = read_book(make({"S": ""}, names={"gone": "Old!$A$1", "ref": "#REF!$A$1"}))
    for name in ("gone", "ref"):
        with pytest.raises(WorkbookError, match="Name Manager"):
            resolve(book, name)


def test_blocks_of_values(make):
    book = read_book(make(row('<c r="A1"><v>1</v></c><c r="C1" t="b"><v>1</v></c>')))
    assert book.block(Range("S", 1, 1, 2, 3)) == [[1.0, None, True], [None, None, None]]


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1"><v>one</v></c>',
        '<c r="A1" t="s"><v>9</v></c>',
        '<c r="A0"><v>1</v></c>',
        # Python reads these, or reads them otherwise than the engines do.
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1" t="s"><v>\u0663</v></c>',
        '<c r="A1"><v>1_000</v></c>',
        '<c r="A1"><v>\u0663</v></c>',
        '<c r="A1"><v> 5 </v></c>',
        '<c r=""><v>1</v></c>',
        '<c r="A1 "><v>1</v></c>',
        '<c r="$A$1"><v>1</v></c>',
        '<c t="n" r="A2"><v>1</v></c>',
        '<c r="A1" t="x"><v>1</v></c>',
    ],
)
def test_a_damaged_cell_names_the_sheet(make, cells):
    with pytest.raises(WorkbookError, match="damaged") as caught:
        only(make, cells, strings=STRINGS)
    assert caught.value.problems[0].where.sheet == "S"


def test_what_python_alone_takes_for_a_number_is_named(make):
    with pytest.raises(WorkbookError, match="'_' in a number"):
        only(make, '<c r="A1"><v>1_000</v></c>')


def test_a_lost_sheet_is_named(make):
    package = make({"S": ""})
    parts = dict(package.parts)
    del parts["xl/worksheets/sheet1.xml"]
    with pytest.raises(WorkbookError, match=r"sheet1\.xml is absent"):
        read_book(replace(package, parts=parts))


def test_twenty_thousand_cells_are_quick(make):
    body = "".join(
        row(
            "".join(
                f'<c r="{c}{r}" s="3"><f>SUM(A{r}:D{r})*Data!$A$1</f><v>{r / 7}</v></c>'
                for c in "EFGHIJKLMN"
            ),
            r,
        )
        for r in range(1, 2001)
    )
    package = make(body)
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        book = read_book(package)
        best = min(best, time.perf_counter() - start)
    assert len(book.sheets["S"].cells) == 10 * 2000
    assert best < 1.0  # 0.15 s where it was measured; the rest is for busy machines


def test_names_of_a_sheet_that_is_not_there_are_left_out(make):
    local = "".join(
        f'<definedName name="n" localSheetId="{owner}">S!$A$1</definedName>'
        for owner in ("0", "1", "-1", "x", "")
    )
    assert read_book(make("", local_names=local)).local_names == {("S", "n"): "S!$A$1"}


@pytest.mark.parametrize(("most", "is_refused"), [(5, True), (6, False)])
def test_all_array_formulas_of_a_workbook_fill_so_many_cells(
    make, monkeypatch, most, is_refused
):
    # Three cells beside the anchor on either sheet, which have no element.
    monkeypatch.setattr(cells, "MOST_FILLED", most)
    sheet = '<row r="1"><c r="A1"><f t="array" ref="A1:B2">x</f></c></row>'
    package = make({"S": sheet, "T": sheet})
    for again in (package, make({"S": sheet, "T": sheet})):
        if is_refused:
            with pytest.raises(
                WorkbookError, match="over A1:B2 fills 4 cells"
            ) as caught:
                read_book(again)
            where = caught.value.problems[0].where
            assert (where.sheet, where.cell) == ("T", "A1")
        else:
            assert read_book(again).value("T", 2, 2) is None


def test_the_cells_of_an_earlier_save_count_among_those_that_arrays_fill(
    make, monkeypatch
):
    sheet = '<row r="1"><c r="A1"><f t="array" ref="A1:B2">x</f></c></row>'
    read_book(make({"S": sheet, "T": sheet}))
    monkeypatch.setattr(cells, "MOST_FILLED", 5)
    with pytest.raises(WorkbookError, match="over A1:B2 fills 4 cells"):
        read_book(make({"S": sheet, "T": sheet}))


def test_a_cell_belongs_to_the_first_range_over_it_unless_it_has_a_formula(make):
    book = read_book(
        make(
            row(
                '<c r="A1"><f t="array" ref="A1:B2">x</f></c><c r="B1"><f>1</f></c>'
                '<c r="C1"><f t="array" ref="B1:C2">y</f></c><c r="D1"><f t="array">z</f></c>'
            )
        )
    )
    members = book.sheets["S"].cells.members
    assert members == {(2, 1): (1, 1), (2, 2): (1, 1), (2, 3): (1, 3)}


def test_array_formulas_over_too_many_cells_are_refused(make):
    def sheet(last):
        return f'<row r="1"><c r="A1"><f t="array" ref="A1:B{last}">x</f></c></row>'

    assert len(read_book(make(sheet(3))).sheets["S"].cells) == 2 * 3
    with pytest.raises(WorkbookError, match="over A1:B200000 fills 400,000 cells"):
        read_book(make(sheet(200_000)))


RUN = "<r>{}<t>{}</t></r>"
BOLD = "<rPr><b/></rPr>"
RED = '<rPr><color rgb="FFFF0000"/><vertAlign val="superscript"/></rPr>'


@pytest.mark.parametrize(
    ("runs", "described"),
    [
        ([("", "a"), (BOLD, "b")], 'as usual: "a"; bold 1: "b"'),
        (
            [(BOLD, "a"), (RED, "b")],
            'bold 1: "a"; colour FF0000 script superscript: "b"',
        ),
        # Parts that look alike are one, and a text of one look is plain.
        (
            [("", "a"), (BOLD, "b"), (BOLD, "c"), ("", "d")],
            'as usual: "a"; bold 1: "bc"; as usual: "d"',
        ),
        ([(BOLD, "a"), (BOLD, "b")], None),
        ([(BOLD, "a")], None),
        ([("", "a"), ('<rPr><sz val="9"/><rFont val="Arial"/></rPr>', "b")], None),
        ([("", "a"), ('<rPr><vertAlign val="baseline"/></rPr>', "b")], None),
        ([("", "a"), (BOLD, "_x000D_&amp;")], 'as usual: "a"; bold 1: "\r&"'),
    ],
)
@pytest.mark.parametrize("is_shared", [True, False])
def test_texts_of_which_parts_look_otherwise(make, is_shared, runs, described):
    text = "".join(RUN.format(*run) for run in runs)
    plain = (
        '<c r="B1" t="inlineStr"><is><t>rPr</t></is></c><c r="C1" t="s"><v>0</v></c>'
    )
    cell = (
        '<c r="A1" t="s"><v>1</v></c>'
        if is_shared
        else (f'<c r="A1" t="inlineStr"><is>{text}</is></c>')
    )
    package = make(
        row(cell + plain),
        strings=f"<si><t>x</t></si><si>{text if is_shared else ''}</si>",
    )
    rich = RichTexts(package, package.styles).of_sheet("xl/worksheets/sheet1.xml")
    expected = {} if described is None else {(1, 1): described}
    assert {position: one.described() for position, one in rich.items()} == expected
    for one in rich.values():
        # What is written again reads back as the same text.
        again = make(row(f'<c r="A1" t="inlineStr"><is>{one.xml}</is></c>'))
        read = RichTexts(again, again.styles).of_sheet("xl/worksheets/sheet1.xml")
        assert read == {(1, 1): one}


def test_a_cell_is_read_alike_however_a_sheet_writes_it(make):
    """One pattern finds the cells of most sheets; a comment makes them be read one by one."""
    cells = (
        '<c r="A1"/><c r="B1" s="3"><v>1.5</v></c><c r="C1" s="2" t="s"><v>0</v></c>'
        '<c r="D1" t="str"><f>A1&amp;"&lt;"</f><v xml:space="preserve"> x </v></c>'
        '<c r="E1" t="b"><f ca="1">TRUE</f><v>1</v></c><c r="F1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="G1"><f t="array" ref="G1:G2">A1:A2</f><v>0</v></c><c r="H1" t="inlineStr"><is>'
        '<t>in</t></is></c><c r="XFD1"><f t="shared" si="1" '
        'ref="XFD1:XFD2">A1*2</f><v>1</v></c>'
    )
    last = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    tables = [
        read_book(make(f"{odd}{row(cells)}{last}", strings="<si><t>s</t></si>"))
        .sheets["S"]
        .cells
        for odd in ("", "<!-- one by one -->")
    ]
    fast, slow = ([*table.items()] for table in tables)
    assert fast == slow
    assert (tables[0].elements, tables[1].elements) == (10, 0)
    assert tables[0].arrays == tables[1].arrays == {(1, 7): "G1:G2"}
    assert tables[0][1, 16_384].formula == "A1*2"


@pytest.mark.parametrize("name", ["XFE1", "A1048577", "AAAA1"])
def test_a_cell_outside_the_sheet_is_damage(make, name):
    number = int("".join(filter(str.isdigit, name)))
    with pytest.raises(WorkbookError, match=name):
        read_book(make(row(f'<c r="{name}"><v>1</v></c>', number)))


def test_a_cell_that_stands_twice_counts_as_it_is_last(make):
    cells = only(
        make, '<c r="A1"><v>1</v></c><c r="B1"><v>2</v></c><c r="A1"><v>3</v></c>'
    )
    assert {position: cell.value for position, cell in cells.items()} == {
        (1, 1): 3.0,
        (1, 2): 2.0,
    }


@pytest.mark.parametrize(
    "rows", ["", "<!-- none -->", '<row r="1"/>', '<!-- --><row r="1"/>']
)
def test_a_sheet_may_have_no_cell(make, rows):
    sheet = read_book(make(rows)).sheets["S"]
    assert (len(sheet.cells), sheet.cells.extent(), sheet.value(1, 1)) == (
        0,
        (1, 1),
        None,
    )
