"""Tables in running text: where they begin, what their columns and headings are."""

import pytest

from xlcity.errors import DataError
from xlcity.model.reading.text_tables import read_text_table

PAGES = """\
Yearbook of Rivers 2020
Table 3  Ports, traffic and growth
  12 notes stand before it
                     Ships      Cargo     Growth
City                (calls)     (1000 t)    (%)
New York             1 204        88       3.1
Los Lobos              871       102.5     –
San Marino              92         4      12.0
Zug am See              105        61       0.4
Yearbook   9
\f                     Ships      Cargo     Growth
City                (calls)     (1000 t)    (%)
Bern                 2 000         7       n.a.
Rio Negro               15       310      11.5
Aix les Bains          640        22       0.9
Yearbook   10
"""
HEADINGS = ("City", "Ships (calls)", "Cargo (1000 t)", "Growth (%)")


def test_pages_of_a_layout_are_one_table():
    assert read_text_table(PAGES, "f.txt") == [
        (5, ("City", "Ships (calls)", "Cargo (1000 t)", "Growth (%)")),
        (6, ("New York", "1 204", "88", "3.1")),
        (7, ("Los Lobos", "871", "102.5", "–")),
        (8, ("San Marino", "92", "4", "12.0")),
        (9, ("Zug am See", "105", "61", "0.4")),
        (13, ("Bern", "2 000", "7", "n.a.")),
        (14, ("Rio Negro", "15", "310", "11.5")),
        (15, ("Aix les Bains", "640", "22", "0.9")),
    ]


def test_a_page_with_other_columns_is_another_table():
    pages = (
        PAGES
        + "\f"
        + "\n".join(f"Port {name}   {n}   {n}" for n, name in enumerate("abc", 1))
    )
    with pytest.raises(DataError, match=r"2 tables, on the lines from 5, 16\."):
        read_text_table(pages, "f.txt")


def test_tables_without_headings_and_texts_without_tables():
    lines = ["Ash   12   7", "Elm    9  11", "Fir   10   3"]
    rows = [(n, tuple(line.split())) for n, line in enumerate(lines, 1)]
    assert read_text_table("\n".join(lines), "f.txt") == [(0, ("", "", "")), *rows]
    for text in (
        "\n".join(lines[:2]),
        "a,b\n1,2\n3,4\n5,6\n",
        "Ash\t12\nElm\t9\nFir\t10\n",
        "",
    ):
        assert read_text_table(text, "f.txt") is None


@pytest.mark.parametrize(("gap", "is_foot"), [("\n" * 3, True), ("\n" * 2, False)])
def test_the_foot_of_a_page_is_no_row_whatever_numbers_it_has(gap, is_foot):
    page = "City    A    B\n\nAsh   12   7\nElm    9  11\nFir   10   3\n"
    rows = read_text_table(f"{page}{gap}Report  2021   12\n", "f.txt")
    assert len(rows) == 4 + (not is_foot)


def test_a_table_of_markdown_ends_with_its_pipes():
    text = "City | *Ships*\n--|--:\n[Bern](b.md) | 7\\|8\nUr | **9**\n\nNote 1 | 2\n"
    rows = [(1, ("City", "Ships")), (3, ("Bern", "7|8")), (4, ("Ur", "9"))]
    assert read_text_table(text, "f.md") == rows
    with pytest.raises(DataError, match=r"2 tables, on the lines from 1, 5\."):
        read_text_table("a | b\n--|--\n1 | 2\n3 | 4\nc | d\n--|--\n5 | 6\n", "f.md")
