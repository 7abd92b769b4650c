"""Names that a spreadsheet program would calculate: texts in every file, and read back the same."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers import hostile
from xlcity.cli import main
from xlcity.cli.result import TextTable
from xlcity.model.reading.tables import csv_text, guard_formula, parse_csv
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

NAMES = (
    '=HYPERLINK("http://x",1)',
    "@SUM(1)",
    "+1+1",
    "-2+cmd|' /C calc'!A0",
    "\t=1",
    "＝1",
    "'=x",
    "Oslo;=1+1",
    "Oslo;'=1+1;@x",
    "Oslo\n=1+1",
)
NUMBERS = ("-5", "+3", "1e-300", "-1,234.5", "-12 %", "-.5", "-", "--", -5.0)
TRIGGERS = tuple("=+-@\t\r＝＋－＠")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_text_and_comes_back(name):
    text = csv_text([["unit", "x"], [name, "1"]])
    (_, (cell, _)) = csv.reader(io.StringIO(text, newline=""))
    assert not cell.startswith(TRIGGERS)
    # A program of a country where semicolons separate cells does not heed quotes inside of one.
    assert not re.search(r"[;\r\n][=+\-@]", cell)
    assert parse_csv(text, "f").rows == ((name, "1"),)


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_and_dashes_stay(number):
    assert guard_formula(number) == number


@given(st.text(st.sampled_from("'=+-@\t＝5a ,%;\n"), max_size=6))
def test_every_text_comes_back(text):
    written = csv_text([["unit"], [text or "x"]])
    table = parse_csv(written, "f") if text.strip() else None
    if table is not None:
        assert [row[0] for row in table.rows] == [text]


def test_tables_of_results():
    table = TextTable(["unit", "score"], [[NAMES[0], -5.0], [NAMES[1], None]])
    assert table.csv().splitlines()[1:] == [
        '"\'=HYPERLINK(""http://x"",1)",-5.0',
        "'@SUM(1),",
    ]
    cells = (
        read_book(Package.from_bytes(table.xlsx_file("results")))
        .sheets["results"]
        .cells
    )
    assert (cells[2, 1].value, cells[2, 1].formula) == (NAMES[0], None)
    assert cells[2, 2].value == -5.0


@pytest.mark.slow
def test_from_a_workbook_to_tables_and_into_a_template(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = (*NAMES[:3], "北京")
    (tmp_path / "team.xlsx").write_bytes(hostile.team_workbook(names))
    (tmp_path / "map.toml").write_text(hostile.MAP, encoding="utf-8")
    assert main(["adopt", "team.xlsx", "--map", "map.toml", "-o", "tables"]) == 0
    text = (tmp_path / "tables" / "data.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == [f"'{name}" for name in names[:3]] + ["北京"]
    new = "new --framework tables/framework.csv --data tables/data.csv -o book.xlsx --no-udf"
    assert main(new.split()) == 0
    book = read_book(Package.read("book.xlsx"))
    held = [cell.value for cell in book.sheets["Cities"].cells.values()]
    assert set(names) <= set(held)
    for sheet in book.sheets.values():
        for formula in sheet.cells.texts().values():
            assert "HYPERLINK" not in formula
    assert main(["results", "book.xlsx", "--csv", "out.csv"]) == 0
    for row in csv.reader(
        io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))
    ):
        for cell in row:
            assert not cell.startswith(TRIGGERS) or re.fullmatch(
                r"-?[\d.]+(e-?\d+)?", cell
            )
    assert main(["export", "book.xlsx", "-o", "again"]) == 0
    assert main(["index", "--framework", "again", "--data", "again", "--csv"]) in (0, 2)


def test_pages_escape_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "</script><img src=x onerror=alert(1)>"
    (tmp_path / "team.xlsx").write_bytes(hostile.team_workbook((name,), C9="=A2"))
    assert main(["trace", "team.xlsx", "S!C9", "--html", "page.html"]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert name not in page
    assert page.count("</script>") == page.count("<script")
