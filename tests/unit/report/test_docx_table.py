"""Tables of Word documents: nothing is cut, alone on a page, or runs into its neighbour."""

import re

import pytest

from xlcity.figures.contents import Label
from xlcity.figures.style import ems
from xlcity.report.contents import Field, ReportTable
from xlcity.report.docx_table import table_xml

NONE = Label("", "")
CITY, RANK = Field(Label("城市", "City"), "text"), Field(Label("名次", "Rank"), "rank")


def ranked(cities, fields=(CITY, RANK), across=1):
    rows = [[Label(f"城{at}", f"Town {at}"), *[at] * (len(fields) - 1)] for at in range(cities)]
    return ReportTable("t", NONE, fields, rows, NONE, NONE, across=across)


def lines(xml):
    """Return the rows of a table below its heading."""
    return [row for row in re.findall(r"<w:tr>.*?</w:tr>", xml) if "<w:tblHeader/>" not in row]


def test_the_first_and_the_last_rows_of_a_long_table_stay_with_its_heading_and_its_note():
    kept = ["<w:keepNext/>" in row for row in lines(table_xml(ranked(60), "zh", 16.4))]
    assert kept == [True] * 3 + [False] * 54 + [True] * 3


@pytest.mark.parametrize(("cities", "whole"), [(90, True), (130, False)])
def test_blocks_side_by_side_stay_on_one_page_if_they_fit_it(cities, whole):
    rows = lines(table_xml(ranked(cities, across=2), "zh", 16.4))
    assert all("<w:keepNext/>" in row for row in rows) is whole


def test_a_block_begins_clearly_to_the_right_of_the_numbers_of_the_one_before():
    (first, *_) = lines(table_xml(ranked(40, across=2), "zh", 16.4))
    cells = re.findall(r"<w:tc>.*?</w:tc>", first)
    indents = [re.search(r'<w:ind w:left="(\d+)"', cell) for cell in cells]
    assert [found and int(found[1]) for found in indents] == [None, None, 2 * 170, None]


@pytest.mark.parametrize("room", [5.0, 6.0, 7.0, 8.0])
def test_no_character_of_a_chinese_heading_is_alone_in_its_line(room):
    heads = [Field(Label("国际直航城市数量", "Cities"), "rank") for _ in range(3)]
    xml = table_xml(ranked(9, (CITY, *heads)), "zh", room)
    found = re.findall(r"<w:b/>.*?</w:r>", xml)
    texts = [re.findall(r"<w:t [^>]*>([^<]*)<", head) for head in found][1:]
    assert all("".join(parts) == "国际直航城市数量" for parts in texts)
    assert all(len(part) > 1 for parts in texts for part in parts)


def test_headings_have_one_line_where_there_is_room_and_words_are_not_broken():
    heads = [Field(Label("影响", "International influence"), "rank") for _ in range(2)]
    xml = table_xml(ranked(9, (CITY, *heads)), "en", 16.4)
    size = int(re.search(r'<w:sz w:val="(\d+)"', xml)[1]) / 2
    widths = [int(wide) / 20 / size for wide in re.findall(r'<w:gridCol w:w="(\d+)"', xml)]
    assert all(wide > ems("International influence") * 1.15 for wide in widths[1:])
