"""Formats of cells: how they are read, told in words, changed, and copied."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
import xlsxwriter

from xlcity.xlsx.appearance import describe_look, hides_numbers
from xlcity.xlsx.editing.restyle import StyleCopier, StyleTable
from xlcity.xlsx.package import Package
from xlcity.xlsx.styles import StyleReader, normalise_format, plain_xml

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PART = "xl/styles.xml"
#: The theme of Office 2007 to 2010.
THEME = """<theme><clrScheme><dk1><sysClr val="windowText" lastClr="000000"/></dk1>
<lt1><sysClr val="window" lastClr="FFFFFF"/></lt1><dk2><srgbClr val="1F497D"/></dk2>
<lt2><srgbClr val="EEECE1"/></lt2><accent1><srgbClr val="4F81BD"/></accent1></clrScheme></theme>"""


def reader(inner: str, theme: str = "") -> StyleReader:
    root = ET.fromstring(f'<styleSheet xmlns="{MAIN}">{inner}</styleSheet>')
    return StyleReader(PART, root, lambda: ET.fromstring(theme) if theme else None)


@pytest.mark.parametrize(
    ("attributes", "colour"),
    [
        ('rgb="FF112233"', "112233"),
        ('rgb="aabbcc"', "AABBCC"),
        ('theme="0"', "FFFFFF"),
        ('theme="1"', "000000"),
        ('theme="3"', "1F497D"),
        ('theme="4"', "4F81BD"),
        ('theme="4" tint="0"', "4F81BD"),
        # As the palette of Office shows them: lighter 40 %, darker 25 %, darker 15 %.
        ('theme="4" tint="0.3999755851924192"', "95B3D7"),
        ('theme="0" tint="-0.249977111117893"', "BFBFBF"),
        ('theme="0" tint="-0.1499984740745262"', "D9D9D9"),
        ('theme="1" tint="0.5"', "808080"),
        ('theme="0" tint="-2"', "000000"),
        ('theme="1" tint="2"', "FFFFFF"),
        ('theme="5"', ""),  # not in this theme
        ('theme="12"', ""),
        ('theme="4" tint="much"', ""),
        ('indexed="10"', "FF0000"),
        ('indexed="23"', "808080"),
        ('indexed="64"', ""),
        ('indexed="1"', "ABCDEF"),  # the workbook's own
        ("", ""),
    ],
)
def test_a_colour_is_read_however_it_is_given(attributes, colour):
    own = '<colors><indexedColors><rgbColor rgb="00000001"/><rgbColor rgb="00abcdef"/>'
    styles = reader(f"{own}</indexedColors></colors>", THEME)
    assert styles.colour(ET.fromstring(f"<color {attributes}/>")) == colour
    assert styles.colour(None) == ""
    assert reader("").colour(ET.fromstring('<color theme="4"/>')) == ""


FONTS = """<fonts><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><i val="0"/><strike val="true"/><u/><color rgb="FF000000"/><vertAlign val="baseline"/>
</font><font><b val="false"/><u val="double"/><sz val="9.0"/><color rgb="FFFF0000"/>
<vertAlign val="superscript"/></font><font><u val="none"/></font></fonts>"""
FILLS = """<fills>
<fill><patternFill patternType="none"><fgColor rgb="FF010101"/></patternFill></fill>
<fill><patternFill patternType="gray125"><fgColor rgb="FF010101"/></patternFill></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FF00FF00"/></patternFill></fill>
<fill><gradientFill/></fill><fill><patternFill><fgColor rgb="FF010101"/></patternFill></fill>
</fills>"""
BORDERS = """<borders><border><left/></border><border diagonalUp="1" diagonalDown="false">
<left style="thin"><color rgb="FF112233"/></left><right style="none"/><top style="thick"/>
<diagonal style="hair"/><vertical style="thin"/></border></borders>"""
NUMBERS = '<numFmts><numFmt numFmtId="164" formatCode="0.0\\ &quot;x&quot;"/></numFmts>'


@pytest.mark.parametrize(
    ("xf", "look"),
    [
        ("<xf/>", {"size": "11", "font": "Calibri"}),
        ('<xf fontId="1"/>', {"bold": "1", "strike": "1", "underline": "1"}),
        (
            '<xf fontId="2"/>',
            {
                "underline": "double",
                "size": "9",
                "colour": "FF0000",
                "script": "superscript",
            },
        ),
        ('<xf fontId="3"/>', {}),
        ('<xf fontId="4"/>', {}),  # there is no such font
        ('<xf fontId="3" fillId="1"/>', {}),
        ('<xf fontId="3" fillId="2"/>', {"fill": "00FF00"}),
        ('<xf fontId="3" fillId="3"/>', {}),
        ('<xf fontId="3" fillId="4"/>', {}),
        ('<xf fontId="3" fillId="5"/>', {}),
        (
            '<xf fontId="3" borderId="1"/>',
            {
                "diagonalUp": "1",
                "left": "thin 112233",
                "top": "thick",
                "diagonal": "hair",
            },
        ),
        ('<xf fontId="3" numFmtId="10"/>', {"number": "0.00%"}),
        ('<xf fontId="3" numFmtId="164"/>', {"number": '0.0" x"'}),
        ('<xf fontId="3" numFmtId="77"/>', {"number": "#77"}),
        (
            '<xf fontId="3"><alignment horizontal="general" wrapText="true" indent="2"/></xf>',
            {"wrapText": "1", "indent": "2"},
        ),
        (
            '<xf fontId="3"><alignment horizontal="fill" wrapText="false"/></xf>',
            {"horizontal": "fill"},
        ),
        (
            '<xf fontId="3"><protection locked="false" hidden="true"/></xf>',
            {"unlocked": "1", "hidden": "1"},
        ),
        ('<xf fontId="3"><protection locked="1" hidden="0"/></xf>', {}),
    ],
)
def test_the_look_of_a_cell_has_what_is_not_the_default(xf, look):
    styles = reader(f"{NUMBERS}{FONTS}{FILLS}{BORDERS}<cellXfs>{xf}</cellXfs>")
    assert styles.look(0) == look
    assert styles.look(1) == {}
    assert (styles.named_style(0), styles.named_style(1)) == ("Normal", "Normal")


@pytest.mark.parametrize(
    ("inner", "changes"),
    [
        ("", ("", "", "", "")),
        (
            '<fill><patternFill><bgColor rgb="FF00FF00"/></patternFill></fill>',
            ("00FF00", "", "", ""),
        ),
        (
            '<fill><patternFill><fgColor rgb="FF0000FF"/><bgColor rgb="FF00FF00"/></patternFill>'
            "</fill>",
            ("00FF00", "", "", ""),
        ),
        (
            '<fill><patternFill patternType="solid"><fgColor rgb="FF0000FF"/></patternFill></fill>',
            ("0000FF", "", "", ""),
        ),
        (
            '<font><b/><i/><color rgb="FFFF0000"/></font>',
            ("", "FF0000", "bolditalic", ""),
        ),
        (
            '<font><b val="0"/><i/><color rgb="FF000000"/></font>',
            ("", "", "italic", ""),
        ),
        ('<numFmt numFmtId="164" formatCode="0.0"/>', ("", "", "", "number 0.0")),
        ('<numFmt numFmtId="0"/>', ("", "", "", "")),
        ('<border><left style="thin"/></border>', ("", "", "", "")),
    ],
)
def test_what_a_conditional_format_changes(inner, changes):
    styles = reader(f"<dxfs><dxf>{inner}</dxf></dxfs>")
    assert styles.changes(styles.entries("dxfs")[0]) == changes


@pytest.mark.parametrize(
    ("look", "words", "is_hidden"),
    [
        ({}, "", False),
        (
            {"number": '0.0" m"', "bold": "1", "size": "11", "font": "Arial"},
            "number 0.0 m, bold",
            False,
        ),
        ({"number": '0"%"'}, 'number 0"%"', False),  # 5 is shown as 5%, not as 500%
        ({"number": ";;;"}, "number ;;;", True),
        ({"size": "3.5"}, "size 3.5", True),
        ({"size": "4"}, "", False),
        ({"size": "13"}, "", False),
        ({"font": "Wingdings 2"}, "font Wingdings 2", True),
        ({"horizontal": "fill"}, "alignment fill", True),
        ({"horizontal": "center"}, "", False),
        ({"script": "superscript"}, "superscript", False),
        ({"textRotation": "45"}, "rotation 45", False),
        ({"colour": "FFFFFF"}, "colour FFFFFF", True),
        ({"fill": "000000"}, "fill 000000", True),
        ({"colour": "FF0000", "fill": "FF0000"}, "colour FF0000, fill FF0000", True),
        ({"colour": "FFFFFF", "fill": "000000"}, "colour FFFFFF, fill 000000", False),
        ({"italic": "1", "strike": "1", "underline": "1"}, "italic, strike", False),
    ],
)
def test_a_look_in_words_names_what_makes_numbers_unreadable(look, words, is_hidden):
    assert describe_look(look) == words
    assert hides_numbers(words) is is_hidden


def test_hours_counted_by_a_chinese_word_keep_their_format():
    assert normalise_format('上午/下午h"时"') == '上午/下午h"时"'
    assert normalise_format("h时") == 'h"时"'


def test_plain_xml_has_no_namespaces_and_only_what_is_of_the_format():
    xml = (
        f'<m:font xmlns:m="{MAIN}" xmlns:x="other" x:a="1" b="2"><m:sz val="9"/><x:ext><x:in/>'
        "</x:ext>text</m:font>"
    )
    assert plain_xml(ET.fromstring(xml)) == '<font b="2"><sz val="9" /></font>'
    everything = '<font b="2"><sz val="9" /><ext><in /></ext></font>'
    assert plain_xml(ET.fromstring(xml), keep_all=True) == everything
    assert plain_xml(ET.fromstring("<font><sz/></font>")) == "<font><sz /></font>"


# -- changes ---------------------------------------------------------------------------------------
def book(*formats: dict[str, object]) -> Package:
    """Return a workbook with a cell below another for each format."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        for row, properties in enumerate(formats):
            sheet.write(row, 0, row, book.add_format(properties))
    return Package.from_bytes(out.getvalue())


def styles_of(package: Package) -> list[int]:
    """Return the index of the format of each cell."""
    cells = re.findall(
        r'<c r="A\d+"(?: s="(\d+)")?', package.text("xl/worksheets/sheet1.xml")
    )
    return [int(style or 0) for style in cells]


FULL = {
    "bold": True,
    "font_color": "#112233",
    "font_size": 20,
    "font_name": "Arial",
    "bg_color": "red",
    "num_format": "0.000",
    "locked": False,
    "align": "center",
    "text_wrap": True,
    "left": 1,
    "diag_type": 1,
    "diag_border": 1,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"fill": "00FF00"},
        {"fill": ""},
        {"bold": ""},
        {"bold": "1", "italic": "1"},
        {"underline": "double"},
        {"size": "9"},
        {"font": "Cambria"},
        {"colour": "FF0000"},
        {"colour": ""},
        {"script": "superscript"},
        {"number": "0.0%"},
        {"number": ""},
        {"number": "0.000"},
        {"number": "0.00"},
        {"number": "#27"},
        {"unlocked": ""},
        {"unlocked": "1"},
        {"hidden": "1"},
        {"hidden": "", "unlocked": "1"},
        {"horizontal": ""},
        {"horizontal": "left", "indent": "1"},
        {"wrapText": ""},
        {"left": ""},
        {"left": "thin 112233", "top": "thick 000000"},
        {"diagonalUp": ""},
        {"diagonalDown": "1", "diagonal": "hair 0000FF"},
        {"fill": "", "number": "@", "bold": ""},
    ],
)
def test_a_changed_look_reads_back_and_no_other_changes(changes):
    package = book({}, FULL)
    before = [package.styles.look(style) for style in styles_of(package)]
    table = StyleTable(package)
    numbers = [table.changed(style, changes) for style in styles_of(package)]
    assert [table.changed(style, changes) for style in styles_of(package)] == numbers
    after = package.replace({table.part: table.to_bytes()}).styles
    assert [after.look(style) for style in styles_of(package)] == before
    for number, old in zip(numbers, before, strict=True):
        expected = {name: text for name, text in (old | changes).items() if text}
        assert after.look(number) == expected
    # As Excel has it: an attribute says that a part of the format is its own.
    xf = ET.tostring(after.entries("cellXfs")[numbers[0]]).decode()
    for names, attribute in (
        (("bold", "underline", "size", "font", "colour", "script"), "applyFont"),
        (("fill",), "applyFill"),
        (("left", "diagonalDown"), "applyBorder"),
        (("number",), "applyNumberFormat"),
        (("unlocked", "hidden"), "applyProtection"),
        (("horizontal", "wrapText"), "applyAlignment"),
    ):
        if any(changes.get(name) for name in names):
            assert f'{attribute}="1"' in xf


def test_a_usual_size_and_font_are_those_of_a_new_workbook():
    package = book(FULL)
    table = StyleTable(package)
    number = table.changed(styles_of(package)[0], {"size": "", "font": ""})
    look = package.replace({table.part: table.to_bytes()}).styles.look(number)
    assert (look["size"], look["font"]) == ("11", "Calibri")


def table_of(inner: str) -> StyleTable:
    """Return the formats of a workbook whose part with formats has these elements."""
    package = book({})
    return StyleTable(
        package.replace(
            {PART: f'<styleSheet xmlns="{MAIN}">{inner}</styleSheet>'.encode()}
        )
    )


def test_own_number_formats_are_numbered_from_164_on():
    table = table_of("")
    assert [
        table.number_format(text)
        for text in ("0.000", "0.0000", "0.000", "0.00", "", "#27")
    ] == [164, 165, 164, 2, 0, 27]
    used = table_of('<numFmts><numFmt numFmtId="200" formatCode="0.000"/></numFmts>')
    assert [used.number_format(text) for text in ("0.000", "0.0000")] == [200, 201]
    assert b'<numFmt numFmtId="201" formatCode="0.0000"' in used.to_bytes()
    assert b'<numFmts count="2"' in used.to_bytes()


@pytest.mark.parametrize("style", [0, 1, 9])
def test_a_number_beyond_the_end_of_a_list_means_the_first_entry(style):
    xfs = '<cellXfs><xf fontId="1" fillId="7"/></cellXfs>'
    table = table_of(f"<fonts><font><b/></font></fonts><fills/>{xfs}")
    number = table.changed(style, {"italic": "1", "fill": "00FF00"})
    root = ET.fromstring(table.to_bytes())
    look = StyleReader(PART, root, lambda: None).look(number)
    assert look == {"bold": "1", "italic": "1", "fill": "00FF00"}
    # Lists come in the order of the format, each of its own kind of elements.
    assert [child.tag.rpartition("}")[2] for child in root] == [
        "fonts",
        "fills",
        "borders",
        "cellXfs",
    ]
    assert [[entry.tag.rpartition("}")[2] for entry in child] for child in root] == [
        ["font"] * 2,
        ["fill"] * 2,
        ["border"],
        ["xf"] * 2,
    ]


def test_formats_are_copied_with_all_that_they_refer_to():
    # Both workbooks number their own formats from 164 on.
    source = book({"num_format": "0.000"}, FULL, {})
    target = book({"num_format": "0.0%"})
    text = source.text(PART).replace("</xf></cellXfs>", "<extLst/></xf></cellXfs>")
    source = source.replace({PART: text.encode()})
    table = StyleTable(target)
    copier = StyleCopier(source, table)
    numbers = [copier.cell_format(style) for style in styles_of(source)]
    assert [copier.cell_format(style) for style in styles_of(source)] == numbers
    assert copier.cell_format(99) == 0
    after = target.replace({table.part: table.to_bytes()}).styles
    assert [after.look(number) for number in numbers] == [
        source.styles.look(style) for style in styles_of(source)
    ]
    assert [after.look(style)["number"] for style in styles_of(target)] == ["0.0%"]
    children = {
        child.tag.rpartition("}")[2]
        for n in numbers
        for child in after.entries("cellXfs")[n]
    }
    assert children == {"alignment", "protection"}
    assert copier.conditional(0) == 0  # the source has none


def test_a_line_under_text_is_written_as_excel_has_it():
    table = table_of("<fonts><font/></fonts><cellXfs><xf/></cellXfs>")
    for underline, written in (("1", b"<u />"), ("double", b'<u val="double" />')):
        table.changed(0, {"underline": underline})
        assert written in table.to_bytes()


def test_a_copied_conditional_format_has_nothing_of_other_namespaces():
    dxfs = '<dxfs xmlns:x="other"><dxf/><dxf><font><b/></font><x:ext/></dxf></dxfs>'
    source = book({})
    target = book({})
    text = re.sub("<dxfs.*?/>", dxfs, source.text(PART))
    table = StyleTable(target)
    copier = StyleCopier(source.replace({PART: text.encode()}), table)
    assert [copier.conditional(number) for number in (1, 1, 2)] == [0, 0, 0]
    assert b"<dxf><font><b /></font></dxf>" in table.to_bytes()
