import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlcity.errors import CellError, WorkbookError
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.engine_copy import engine_copy
from xlcity.xlsx.editing.patch import patch_values, write_inputs
from xlcity.xlsx.package import Package

PART = "xl/worksheets/sheet1.xml"


def body(package: Package) -> str:
    text = package.parts[PART].decode()
    return text[text.index("<sheetData>") + 11 : text.index("</sheetData>")]


def value(package: Package, row: int, column: int):
    return read_book(package).value("S", row, column)


@pytest.mark.parametrize(
    ("new", "cell"),
    [
        (2.5, '<c r="A1" s="3" cm="1"><f>B1</f><v>2.5</v></c>'),
        (3.0, '<c r="A1" s="3" cm="1"><f>B1</f><v>3</v></c>'),
        (0.1 + 0.2, '<c r="A1" s="3" cm="1"><f>B1</f><v>0.30000000000000004</v></c>'),
        (1e300, '<c r="A1" s="3" cm="1"><f>B1</f><v>1E+300</v></c>'),
        (True, '<c r="A1" s="3" cm="1" t="b"><f>B1</f><v>1</v></c>'),
        ("", '<c r="A1" s="3" cm="1" t="str"><f>B1</f><v></v></c>'),
        ("a<b&c", '<c r="A1" s="3" cm="1" t="str"><f>B1</f><v>a&lt;b&amp;c</v></c>'),
        ("x\ry", '<c r="A1" s="3" cm="1" t="str"><f>B1</f><v>x_x000D_y</v></c>'),
        (CellError.NA, '<c r="A1" s="3" cm="1" t="e"><f>B1</f><v>#N/A</v></c>'),
        (float("nan"), '<c r="A1" s="3" cm="1" t="e"><f>B1</f><v>#NUM!</v></c>'),
        (None, '<c r="A1" s="3" cm="1"><f>B1</f></c>'),
    ],
)
def test_results(make, new, cell):
    package = make(
        '<row r="1"><c r="A1" s="3" t="str" cm="1"><f>B1</f><v>old</v></c></row>'
    )
    out = patch_values(package, {"S": {(1, 1): new}})
    assert body(out) == f'<row r="1">{cell}</row>'


@pytest.mark.parametrize("old", ["old", " old", ""])
@pytest.mark.parametrize("new", [" a", "a ", "a\n", " ", "a", "a  b"])
@pytest.mark.parametrize("odd", ["", "<!-- c -->"])
def test_spaces_at_the_ends_of_a_result_are_kept(make, old, new, odd):
    # LibreOffice and Excel trim a text that does not ask for its spaces.
    cells = f'<c r="A1" t="str"><f>B1</f><v>{old}</v></c><c r="B1"><f>1</f><v>1</v></c>'
    package = make(f'{odd}<row r="1">{cells}</row>')
    out = patch_values(package, {"S": {(1, 1): new, (1, 2): 2.0}})
    space = "" if new == new.strip() else ' xml:space="preserve"'
    assert f"<v{space}>{new}</v>" in body(out)
    assert (value(out, 1, 1), value(out, 1, 2)) == (new, 2.0)
    again = patch_values(out, {"S": {(1, 1): "x", (1, 2): 3.0}})
    assert "<f>B1</f><v>x</v>" in body(again)
    assert "<v>" not in body(engine_copy(out, read_book(out)))


def test_everything_around_a_cell_stays(make):
    before = "<!-- c --><row r='1' ht=\"20\" >\n "
    after = '<extLst><ext/></extLst></c>\n<c r="B1" t="s"><v>0</v></c></row>\n'
    text = before + "<c  r='A1'  t='n' ><f  ca='1'>B1</f> <v>1</v> " + after
    out = patch_values(make(text, strings="<si><t>a</t></si>"), {"S": {(1, 1): 2.0}})
    assert body(out) == before + "<c  r='A1'><f  ca='1'>B1</f><v>2</v>  " + after


def test_the_same_values_change_no_byte(make):
    package = make(
        '<row r="1"><c r="A1"><f>B1</f><v>1.50</v></c><c r="B1" t="str"><f>C1</f><v/></c>'
        '<c r="C1" t="b"><f>1</f><v>true</v></c><c r="D1"><f>0</f><v>-0</v></c></row>'
    )
    values = {"S": {(1, 1): 1.5, (1, 2): "", (1, 3): True, (1, 4): 0.0}}
    assert patch_values(package, values) is package
    changed = patch_values(package, {"S": {(1, 1): 2.0}})
    assert patch_values(changed, {"S": {(1, 1): 2.0}}) is changed
    assert "true" in body(changed)


def test_true_is_not_one_and_an_empty_text_is_not_blank(make):
    package = make(
        '<row r="1"><c r="A1"><f>B1</f><v>1</v></c><c r="B1"><f>C1</f></c></row>'
    )
    out = patch_values(package, {"S": {(1, 1): True, (1, 2): ""}})
    assert value(out, 1, 1) is True
    assert value(out, 1, 2) == ""


def test_members_of_an_array_without_an_element_are_inserted_in_order(make):
    package = make(
        '<row r="1" spans="2:2"><c r="B1"><f t="array" ref="B1:C3">f(x)</f><v>0</v></c>'
        '<c r="E1"><v>9</v></c></row><row r="3" spans="1:1"><c r="A3"><v>5</v></c></row>'
        '<row r="4"/>'
    )
    values = {(r, c): float(10 * r + c) for r in (1, 2, 3) for c in (2, 3)}
    out = patch_values(package, {"S": values})
    assert body(out) == (
        '<row r="1" spans="2:3"><c r="B1"><f t="array" ref="B1:C3">f(x)</f><v>12</v></c>'
        '<c r="C1"><v>13</v></c><c r="E1"><v>9</v></c></row>'
        '<row r="2"><c r="B2"><v>22</v></c><c r="C2"><v>23</v></c></row>'
        '<row r="3" spans="1:3"><c r="A3"><v>5</v></c><c r="B3"><v>32</v></c>'
        '<c r="C3"><v>33</v></c></row>'
        '<row r="4"/>'
    )
    assert patch_values(out, {"S": values}) is out


def test_a_picture_in_a_cell_does_not_outlive_its_value(make):
    package = make(
        '<row r="1"><c r="A1" t="e" vm="1"><f>B1</f><v>#VALUE!</v></c></row>'
    )
    out = patch_values(package, {"S": {(1, 1): 4.0}})
    assert body(out) == '<row r="1"><c r="A1"><f>B1</f><v>4</v></c></row>'


def test_only_formula_cells_are_patched(make):
    package = make(
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>A1</f><v>1</v></c></row>'
    )
    with pytest.raises(WorkbookError) as caught:
        patch_values(
            package, {"S": {(1, 1): 2.0, (1, 2): 2.0, (9, 9): 1.0}, "T": {(1, 1): 1.0}}
        )
    assert [(p.where.sheet, p.where.cell) for p in caught.value.problems] == [
        ("T", None),
        ("S", "A1"),
        ("S", "I9"),
    ]


def test_inputs_keep_formats_and_find_their_place(make):
    package = make(
        '<row r="2" s="7" customFormat="1"><c r="B2" s="4" t="s"><v>0</v></c>'
        '<c r="D2" s="5"/></row><row r="5"><c r="A5"><v>1</v></c></row>',
        strings="<si><t>old</t></si>",
    )
    out = write_inputs(
        package,
        {
            "S": {
                (2, 2): 1.5,
                (2, 4): "上海",
                (2, 3): True,
                (1, 1): 2.0,
                (3, 2): " x",
                (5, 1): None,
            }
        },
    )
    assert body(out) == (
        '<row r="1"><c r="A1"><v>2</v></c></row>'
        '<row r="2" s="7" customFormat="1"><c r="B2" s="4"><v>1.5</v></c>'
        '<c r="C2" s="7" t="b"><v>1</v></c>'
        '<c r="D2" s="5" t="inlineStr"><is><t>上海</t></is></c></row>'
        '<row r="3"><c r="B3" t="inlineStr"><is><t xml:space="preserve"> x</t></is></c></row>'
        '<row r="5"><c r="A5"/></row>'
    )


def test_emptying_what_is_not_there_changes_nothing(make):
    package = make('<row r="1"><c r="A1" s="2"/></row>')
    assert write_inputs(package, {"S": {(1, 1): None, (9, 9): None}}) is package


def test_an_empty_sheet_and_the_used_range(make):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = make(
        f'<worksheet xmlns="{main}"><dimension ref="B2"/><sheetData/></worksheet>'
    )
    out = write_inputs(package, {"S": {(4, 3): 1.0}})
    assert out.parts[PART].decode() == (
        f'<worksheet xmlns="{main}"><dimension ref="B2:C4"/><sheetData><row r="4"><c r="C4">'
        "<v>1</v></c></row></sheetData></worksheet>"
    )


def test_formula_cells_and_bad_places_are_no_inputs(make):
    package = make(
        '<row r="1"><c r="A1"><f t="array" ref="A1:A2">f(x)</f><v>1</v></c></row>'
    )
    with pytest.raises(WorkbookError) as caught:
        write_inputs(
            package, {"S": {(1, 1): 1.0, (2, 1): 1.0, (0, 1): 1.0, (1, 2): 1.0}}
        )
    assert [p.where.cell for p in caught.value.problems] == ["A1", "A2", "A0"]
    assert "formula" in str(caught.value)


def test_a_prefix_is_kept(make):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = make(
        f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>B1</x:f>'
        "<x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    out = write_inputs(
        patch_values(package, {"S": {(1, 1): "a"}}), {"S": {(1, 2): "b"}}
    )
    assert (
        '<x:c r="A1" t="str"><x:f>B1</x:f><x:v>a</x:v></x:c>'
        '<x:c r="B1" t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c>'
    ) in out.parts[PART].decode()


@given(
    new=st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.sampled_from(
            ["_x0041_", "_x005F_x0041_", "]]>", "{0}", " a ", "\t", "\r\n", "'=1"]
        ),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.sampled_from(list(CellError)),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_value_reads_back_from_both_kinds_of_cell(make, new):
    package = make('<row r="1"><c r="A1"><f>B1</f><v>1</v></c></row>')
    out = patch_values(package, {"S": {(1, 1): new}})
    out = write_inputs(out, {"S": {(2, 1): new}})
    again = Package.from_bytes(out.to_bytes())
    for position in ((1, 1), (2, 1)):
        found = value(again, *position)
        assert found == new
        assert type(found) is type(new)
