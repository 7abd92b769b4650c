"""Tables of Word documents: nothing is cut, alone on a page, or runs into its neighbour.

And which templates are taken.
"""

import io
import re
import zipfile
from dataclasses import replace

import docx
import docx.enum.style
import docx.shared
import pytest

from xlcity.errors import DataError
from xlcity.figures.contents import Label, TreeDiagram
from xlcity.figures.figure import Figure
from xlcity.report.contents import Field, ReportTable, Section
from xlcity.report.docx_file import _PIXEL, TABLE_STYLE, DocxFile
from xlcity.report.docx_table import letters, tables_xml

NONE = Label("", "")
CITY = Field(Label("城市", "City"), "text")
RANK = Field(Label("名次", "Rank"), "rank")


def ranked(cities, fields=(CITY, RANK), across=1):
    rows = [
        [Label(f"城{at}", f"Town {at}"), *[at] * (len(fields) - 1)]
        for at in range(cities)
    ]
    return ReportTable("t", NONE, fields, rows, NONE, NONE, across=across)


def parts_xml(*args):
    """Return the parts of a table as they are shown."""
    return [part.shown for part in tables_xml(*args)]


def table_xml(table, lang, room):
    return "".join(parts_xml(table, lang, room))


def lines(xml):
    """Return the rows of a table below its heading."""
    return [
        row
        for row in re.findall(r"<w:tr>.*?</w:tr>", xml, re.DOTALL)
        if "<w:tblHeader/>" not in row
    ]


def test_the_first_and_the_last_rows_of_a_long_table_stay_with_its_heading_and_its_note():
    kept = ["<w:keepNext/>" in row for row in lines(table_xml(ranked(60), "zh", 16.4))]
    assert kept == [True] * 5 + [False] * 50 + [True] * 5


def test_what_is_printed_for_its_pages_alone_has_cells_that_may_have_several_lines():
    names = ["Lyon", "Guangdong-Hong Kong-Macao Greater Bay Area Development Office"]
    rows = [[Label(name, name), 1, 2, 3] for name in names]
    table = ReportTable("t", NONE, (CITY, RANK, RANK, RANK), rows, NONE, NONE)
    (part,) = tables_xml(table, "en", 6.5, "The note")
    short, long, note = lines(part.draft)
    assert (short.count("<w:tc>"), "Lyon" in short) == (1, False)
    assert (long.count("<w:tc>"), names[1] in long) == (1, True)
    assert note == lines(part.shown)[-1]
    # The text is broken in the room that its own cell has.
    first, *others = map(int, re.findall(r'gridCol w:w="(\d+)"', part.shown))
    (width,) = re.findall(r'tcW w:w="(\d+)"', long)
    assert int(width) == first + sum(others)
    assert f'w:right="{sum(others)}"' in long


@pytest.mark.parametrize(("cities", "pages"), [(90, 1), (130, 2)])
def test_blocks_side_by_side_are_those_of_their_page(cities, pages):
    made = parts_xml(ranked(cities, across=2), "zh", 16.4)
    assert len(made) == pages
    assert all("<w:keepNext/>" in row for xml in made for row in lines(xml))
    # What stands on a page is read down there: the last place of the first page is on it.
    places = [[int(one) for one in re.findall(r">(\d+)<", xml)] for xml in made]
    assert all(set(page) == {*range(min(page), max(page) + 1)} for page in places)


def test_names_of_several_lines_make_no_block_that_is_higher_than_a_page():
    # A program that cannot keep a table on a page leaves its caption alone on the one before.
    name = Label("", "International communication power of the cities of a country")
    fields = Field(Label("", "Indicator"), "text"), CITY, *[RANK] * 3
    rows = [[name, Label("", f"Town {at}"), at, at, at] for at in range(80)]
    xml = table_xml(
        ReportTable("t", NONE, fields, rows, NONE, NONE, across=2), "en", 16.4
    )
    assert xml.count(">Indicator<") == 1
    assert not all("<w:keepNext/>" in row for row in lines(xml))
    long = ReportTable(
        "t", NONE, fields[:2], [[Label("", "Words " * 90), name]] * 12, NONE, NONE
    )
    assert not all("<w:keepNext/>" in row for row in lines(table_xml(long, "en", 16.4)))


def test_no_heading_is_turned_for_blocks_side_by_side():
    heads = (
        Field(Label("复算", "Recomputed"), "rank"),
        Field(Label("公布", "As printed"), "rank"),
    )
    made = {
        room: table_xml(ranked(40, (CITY, *heads), across=2), "en", room)
        for room in (16, 8)
    }
    assert {
        room: (len(lines(xml)), "textDirection" in xml) for room, xml in made.items()
    } == {
        16: (20, False),
        8: (40, False),
    }


def test_the_second_block_of_a_tree_begins_with_a_branch():
    names = [
        "根",
        "\u3000甲",
        *["\u3000\u3000项"] * 5,
        "\u3000乙",
        *["\u3000\u3000目"] * 6,
    ]
    rows = [[Label(name), at] for at, name in enumerate(names)]
    made = table_xml(ReportTable("t", NONE, (CITY, RANK), rows, across=2), "zh", 16.4)
    first = re.findall(r">([^<>]+)</w:t>", lines(made)[0])
    assert first == ["根", "0", "乙", "7"]
    # All lines of a name are moved in, not the first alone.
    assert "\u3000" not in made
    assert 'w:ind w:left="340"' in made


def test_short_chinese_headings_that_have_no_room_are_read_down():
    links = Label("迪拜—伊斯坦布尔", "")
    fields = [
        field
        for _ in range(6)
        for field in (RANK, Field(Label("城市联系", ""), "text"))
    ]
    table = ReportTable("t", NONE, fields, [[1, links] * 6], NONE, NONE)
    xml = table_xml(table, "zh", 17.4)
    assert re.findall(">(名|次|名次)<", xml) == ["名", "次"] * 6
    assert "textDirection" not in xml


@pytest.mark.parametrize(("columns", "turned"), [(5, 0), (22, 22)])
def test_no_column_of_a_wide_table_is_lost(columns, turned):
    name = "Agricultural and food sciences"
    heads = [Field(Label(f"域{at}", f"{name} {at}"), "rank") for at in range(columns)]
    (xml,) = parts_xml(ranked(16, (CITY, *heads)), "en", 16.4)
    assert [f"{name} {at}" in xml for at in range(columns)] == [True] * columns
    assert xml.count("btLr") == turned
    assert sum(map(int, re.findall(r'gridCol w:w="(\d+)"', xml))) <= 16.4 * 567 + 9
    high = re.search(r'trHeight w:val="(\d+)"', xml)
    assert bool(turned) == bool(high)
    if high:  # bold type is half as wide as it is high, and a tenth more
        size = int(re.search(r"xlcitycell(\d+)", xml)[1]) / 2
        assert int(high[1]) / 20 / size > 1.1 * len(f"{name} {columns - 1}") / 2


def test_a_table_of_very_many_columns_has_several_parts_with_the_names_of_the_rows():
    """Sixty editions in one had a digit a line."""
    over = Label("维度", "Pillar")
    years = [Field(Label(str(year), str(year)), "score") for year in range(1960, 2020)]
    years[9:11] = (Field(Label(head, head), "score", over) for head in ("a", "b"))
    made = parts_xml(ranked(12, (CITY, *years)), "en", 16.4, "The note")
    assert len(made) > 2
    assert all(f"Town {at}<" in xml for xml in made for at in range(12))
    assert sum(xml.count(">Pillar<") for xml in made) == 1
    shown = [head for xml in made for head in re.findall(r">(\d{4}|[ab])</w:t>", xml)]
    assert sorted(shown) == sorted(year.head.en for year in years)
    assert ["The note" in xml for xml in made] == [False] * (len(made) - 1) + [True]
    widths = [sum(map(int, re.findall(r'gridCol w:w="(\d+)"', xml))) for xml in made]
    assert max(widths) <= 16.4 * 567 + 9


def test_a_block_begins_clearly_to_the_right_of_the_numbers_of_the_one_before():
    (first, *_) = lines(table_xml(ranked(40, across=2), "zh", 16.4))
    cells = re.findall(r"<w:tc>.*?</w:tc>", first, re.DOTALL)
    indents = [re.search(r'<w:ind w:left="(\d+)"', cell) for cell in cells]
    assert [found and int(found[1]) for found in indents] == [None, None, 2 * 170, None]


@pytest.mark.parametrize("room", [5.0, 6.0, 7.0, 8.0])
def test_no_character_of_a_chinese_heading_is_alone_in_its_line(room):
    heads = [Field(Label("国际直航城市数量", "Cities"), "rank") for _ in range(3)]
    xml = table_xml(ranked(9, (CITY, *heads)), "zh", room)
    found = re.findall(r"<w:b/>.*?</w:r>", xml, re.DOTALL)
    texts = [re.findall(r"<w:t [^>]*>([^<]*)<", head) for head in found][1:]
    assert all("".join(parts) == "国际直航城市数量" for parts in texts)
    assert all(len(part) > 1 for parts in texts for part in parts)


def test_headings_have_one_line_where_there_is_room_and_words_are_not_broken():
    heads = [Field(Label("影响", "International influence"), "rank") for _ in range(2)]
    xml = table_xml(ranked(9, (CITY, *heads)), "en", 16.4)
    size = int(re.search(r"xlcitycell(\d+)", xml)[1]) / 2
    widths = [
        int(wide) / 20 / size for wide in re.findall(r'<w:gridCol w:w="(\d+)"', xml)
    ]
    assert all(wide > len("International influence") / 2 * 1.1 for wide in widths[1:])


def test_columns_have_room_for_the_minus_of_their_numbers():
    # Chinese documents write it as wide as a character: "−0.12" was broken before its last digit.
    assert letters("−100.12") == letters("1100.12") + 1


DOCUMENT = (
    '<?xml version="1.0"?>{}<w:document '
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    "<w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT.format("", "no section"),
        DOCUMENT.format(
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "&e;"
        ),
        DOCUMENT.format("", "x" * 200_000_000),
        DOCUMENT.format("", "x")[:-20],
        None,
    ],
    ids=["no section", "entity", "bomb", "cut short", "no zip"],
)
def test_a_template_that_is_no_document_or_means_harm_is_refused(tmp_path, document):
    path = tmp_path / "template.docx"
    whole = io.BytesIO()
    docx.Document().save(whole)
    with (
        zipfile.ZipFile(whole) as parts,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in parts.namelist():
            is_text = name == "word/document.xml" and document
            out.writestr(name, document if is_text else parts.read(name))
    if document is None:
        path.write_text("hello")
    with pytest.raises(DataError, match="not a Word document"):
        DocxFile(Label("t", "t"), "en", path)
    with pytest.raises(DataError, match="no such file"):
        DocxFile(Label("t", "t"), "en", tmp_path / "misspelt.docx")


def narrow_house(path):
    """Save a template whose page is 17 by 24 cm."""
    house = docx.Document()
    (section,) = house.sections
    section.page_width = docx.shared.Cm(17)
    section.page_height = docx.shared.Cm(24)
    section.left_margin = section.right_margin = docx.shared.Cm(2)
    house.core_properties.author = "The house"
    style = house.styles.add_style(TABLE_STYLE, docx.enum.style.WD_STYLE_TYPE.TABLE)
    style.font.italic = True
    house.save(path)


def written(folder, *tables):
    """Return a document with tables, in the house's style."""
    narrow_house(folder / "house.docx")
    file = DocxFile(Label("标题", "Title"), "zh", folder / "house.docx", edition="2026")
    section = Section(Label("节", "Section"), (), tables, "s-X", level=3)
    file.fill([section], {"f": _PIXEL}, {})
    return docx.Document(io.BytesIO(file.to_bytes()))


def test_tables_have_the_named_style_which_a_house_may_define(tmp_path):
    document = written(tmp_path, ranked(9))
    (table,) = document.tables
    assert table.style.name == TABLE_STYLE
    assert table.style.font.italic
    assert "w:tblBorders" not in table._tbl.xml
    assert [p.text for p in document.paragraphs if p.style.name == "Heading 3"] == [
        "节"
    ]
    assert "\ufeff" not in document.element.xml
    properties = document.core_properties
    assert (properties.title, properties.subject) == ("标题", "2026")
    assert (properties.author, properties.last_modified_by) == ("The house",) * 2


def turned_pages(document):
    return [s.page_width > s.page_height for s in document.sections]


def test_a_table_that_is_too_wide_stands_on_a_turned_page(tmp_path):
    heads = [Field(Label(f"指标{n}", ""), "score 3") for n in range(18)]
    wide = ranked(3, (CITY, *heads))
    document = written(tmp_path, ranked(3), wide, wide, ranked(3))
    assert turned_pages(document) == [False, True, False]
    assert len({len(table.columns) for table in document.tables}) == 2
    tree = Figure("f", Label("图", "Figure"), TreeDiagram([Label("根", "")], [-1]))
    assert turned_pages(written(tmp_path, tree, wide, tree)) == [False, True, False]


def test_blocks_of_a_short_table_stand_below_one_another_before_a_page_is_turned(
    tmp_path,
):
    overs = [Label(f"维度{n}", f"Pillar {n}") for n in range(6)]
    heads = [replace(own, over=over) for over in overs for own in (RANK, CITY)]
    row = [1, Label("新加坡—莫斯科", "")] * 6
    table = ReportTable("t", NONE, heads, [row] * 5, NONE, NONE)
    document = written(tmp_path, table)
    assert turned_pages(document) == [False]
    assert [len(part.columns) for part in document.tables] == [6, 6]
    many = ReportTable("t", NONE, heads, [row] * 20, NONE, NONE)
    assert turned_pages(written(tmp_path, many)) == [False, True, False]


@pytest.mark.parametrize("room", [8, 10, 13])
def test_no_heading_or_number_is_broken_where_texts_can_give_way(room):
    fields = (CITY, CITY, CITY, RANK, Field(Label("", "Rank"), "rank"), RANK)
    name = Label("", "A name of several words that may be broken")
    table = ReportTable("t", NONE, fields, [[name, name, name, 11, 12, 13]] * 4)
    xml = table_xml(table, "en", room)
    widths = [int(n) for n in re.findall(r'gridCol w:w="(\d+)"', xml)]
    # Four bold letters of the smallest type, and the sides of a cell.
    assert min(widths[3:]) >= 4 * 1.2 * 70 + 100
    assert sum(widths) <= room * 567 + 6


def test_a_document_has_no_properties_of_the_library():
    file = DocxFile(Label("标题", "Title"), "en", edition="Index 2026")
    file.fill([], {}, {})
    with zipfile.ZipFile(io.BytesIO(file.to_bytes())) as archive:
        core = archive.read("docProps/core.xml").decode()
        program = archive.read("docProps/app.xml").decode()
    assert "Index 2026" in core
    assert not re.search("2013|python-docx", core)
    assert "<Application>xlcity</Application>" in program
