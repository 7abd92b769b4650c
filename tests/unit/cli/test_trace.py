"""`trace` as text: a line a step, indented below what reads it."""

import xlsxwriter

from tests.helpers.cli import run
from tests.helpers.own import own_bytes


def test_the_text_shows_values_arithmetic_and_sources_below_what_reads_them(
    tmp_path, capsys
):
    book = tmp_path / "own.xlsx"
    book.write_bytes(own_bytes(udf=False))
    code, text, _ = run(capsys, "trace", book, "city03", "X", "--depth", "5")
    assert code == 0
    lines = text.splitlines()
    assert lines[0] == (
        "city03 · X Index · score = 44.1192 = (44.6682 + 43.5702) / (1 + 1)  [Index!AC19]"
    )
    assert lines[1].startswith("  city03 · A Pillar A · score = 44.6682 = (39.9513 + ")
    assert lines[2].startswith("    city03 · A0 Indicator A0 · normalised = 39.9513 = ")
    typed = "city03 · A0 Indicator A0 · data = 42.1809  [Data!D13] (entered) ← entered by a user"
    assert f"          {typed}" in lines
    # A range is as many cells, without one value; what was shown before is not repeated.
    assert f"{' ' * 10}15 cells · A0 · raw value  [Index!M16:M30]" in lines
    assert (
        f"{' ' * 6}A0 Indicator A0 · Low (scores 0) · minmax ↑ = 22.8884  [Index!T12] …"
        in lines
    )
    assert lines[-1].startswith("=IF(COUNT(AA19:AB19)")


def test_a_relative_name_leads_to_the_cell_of_its_row(tmp_path, capsys):
    book = tmp_path / "names.xlsx"
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("S")
        made.define_name("hours", "=S!$A1")
        for row in (1, 2, 3):
            sheet.write(row, 0, row * 10)
            sheet.write_formula(row, 1, "=hours*2", None, row * 20)
    lines = run(capsys, "trace", book, "S!B4")[1].splitlines()
    assert lines[0].endswith("= 60 = 30 × 2  [S!B4]")
    assert lines[1].endswith("= 30  [S!A4]")


def test_a_grade_is_led_back_to_what_decides_it(tmp_path, capsys):
    book = tmp_path / "grades.xlsx"
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet("S")
        sheet.write_row("A1", ["city", "score", "grade"])
        sheet.write_row("A2", ["Lyon", 83])
        sheet.write_formula("C2", '=IF(B2>80,"A","B")', None, "A")
        sheet.write_formula("D2", '=IF(C2="A",B2,0)', None, 83)
    code, text, _ = run(capsys, "trace", book, "S!C2")
    assert (code, text.splitlines()[1]) == (0, "  Lyon · score · S = 83  [S!B2]")
    # Where values enter, what decides stands in the file (--json, --html).
    assert "S!C2]" not in run(capsys, "trace", book, "S!D2")[1]
