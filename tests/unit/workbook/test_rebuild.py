"""A workbook made again keeps everything people put into it, where it belongs."""

import io
import random

import pytest
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink

from tests.helpers.cli import run, run_json
from tests.helpers.desk import Desk
from tests.helpers.own import UNITS, Edited, own_bytes
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.rebuild import rebuild
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.slow


@pytest.fixture
def edited():
    return Edited(own_bytes())


def with_page(edited: Edited) -> None:
    page = edited.book.create_sheet("我的 notes")
    units = "city04", UNITS[0], UNITS[-1]
    score, first, last = (edited.cell(u, "X", "out_scores") for u in units)
    sheet = score.parent.title
    page["A1"] = "Twice the total of city04"
    page["A1"].font = Font(bold=True)
    page["B1"] = f"={sheet}!{score.coordinate}*2"
    page["B2"] = f"=SUM({sheet}!${first.column_letter}${first.row}:{last.coordinate})"
    page["B3"] = f'="{sheet}!C1"&" stays"'
    chart = BarChart()
    chart.add_data(Reference(page, min_col=2, min_row=1, max_row=2))
    page.add_chart(chart, "D2")


def grow(edited: Edited) -> None:
    """Type a new indicator below the tree and beside the data, as a person would."""
    tree, header, left, last, right = edited.named("xl_framework")
    heads = [tree.cell(header, c).value for c in range(left, right + 1)]
    entries = {
        "code": "A9",
        "parent": "A",
        "weight": 1,
        "direction": 1,
        "name_en": "New",
    }
    for name, value in entries.items():
        tree.cell(last + 1, left + heads.index(name)).value = value
    data, row, _, _, right = edited.named("xl_codes")
    data.cell(row, right + 1).value = "A9"
    for number, unit in enumerate(UNITS):
        data.cell(edited.cell(unit, "A0").row, right + 1).value = float(number)


def test_nothing_changed_gives_the_same_bytes(tmp_path, capsys):
    book = tmp_path / "own.xlsx"
    book.write_bytes(own_bytes())
    code, document = run_json(capsys, "rebuild", book, "-o", tmp_path / "again.xlsx")
    assert (code, document["lost"], document["added"]) == (0, [], [])
    assert (tmp_path / "again.xlsx").read_bytes() == own_bytes()


def test_another_language_is_that_of_a_book_made_in_it(tmp_path, capsys):
    book = tmp_path / "own.xlsx"
    new = tmp_path / "zh.xlsx"
    book.write_bytes(own_bytes())
    code, document = run_json(capsys, "rebuild", book, "-o", new, "--lang", "zh")
    assert (code, document["leftovers"]) == (0, [])
    assert new.read_bytes() == own_bytes(lang="zh")


def test_an_indicator_typed_below_the_tree_joins(tmp_path, capsys, edited):
    edited.comment("city03", "B1", "checked with the yearbook")
    edited.colour("city05", "A2", "00FF00")
    edited.cell("city06", "B0").value = "缺"
    edited.source("A1", "source", "Yearbook 2024")
    edited.exception(
        0,
        city="city02",
        indicator="A1",
        basis="substituted",
        entered_by="Li",
        checked_by="Wang",
        remark="of 2022",
    )
    with_page(edited)
    grow(edited)
    book = edited.save(tmp_path / "own.xlsx")
    new = tmp_path / "新 grown.xlsx"
    code, document = run_json(capsys, "rebuild", book, "-o", new)
    assert (code, document["added"], document["lost"]) == (0, ["A9"], [])
    carried = {kind: number for kind, number in document["carried"].items() if number}
    assert carried == {
        "comments": 1,
        "fills": 1,
        "pages": 1,
        "exceptions": 1,
        "cells": 1,
    }

    template = open_template(new)
    content = read_content(template)
    assert [n.code for n in template.framework.indicators] == [
        "A0",
        "A1",
        "A2",
        "A9",
        "B0",
        "B1",
        "B2",
    ]
    assert template.dataset.values[:, template.dataset.column("A9")].tolist() == list(
        range(12)
    )
    assert content.spec.framework["A1"].source == "Yearbook 2024"
    (text,) = content.edits_of("cell")
    assert (text.about.unit, text.about.code, text.value[0]) == ("city06", "B0", "缺")
    (line,) = content.spec.exceptions
    assert (line.unit, line.entered_by, line.checked_by, line.remark_en) == (
        "city02",
        "Li",
        "Wang",
        "of 2022",
    )
    (note,) = content.edits_of("comment")
    anchor = note.about
    comment = note.value
    assert (anchor.unit, anchor.code, comment.text, comment.author) == (
        "city03",
        "B1",
        "checked with the yearbook",
        "Li",
    )
    looks = [
        (e.about.unit, e.about.code, dict(e.value)) for e in content.edits_of("look")
    ]
    fills = {
        (unit, code, look["fill"]) for unit, code, look in looks if look.get("fill")
    }
    assert fills == {("city05", "A2", "00FF00")}

    code, out, _ = run(capsys, "check", new)
    assert code == 0, out


def test_sheets_of_the_user_follow_their_cells(tmp_path, capsys, edited):
    with_page(edited)
    grow(edited)
    book = edited.save(tmp_path / "own.xlsx")
    new = tmp_path / "new.xlsx"
    extra = tmp_path / "cities.csv"
    names = [f"extra{k}" for k in range(10)]
    extra.write_text("city_id,name_en\n" + "".join(f"{n},{n}\n" for n in names))
    code, _ = run_json(capsys, "rebuild", book, "-o", new, "--cities", extra)
    assert code == 0
    again = Edited(new.read_bytes())
    page = again.book["我的 notes"]
    units = "city04", UNITS[0], UNITS[-1]
    score, first, last = (again.cell(u, "X", "out_scores") for u in units)
    sheet = score.parent.title
    assert page["B1"].value == f"={sheet}!{score.coordinate}*2"
    assert page["B2"].value == (
        f"=SUM({sheet}!${first.column_letter}${first.row}:{last.coordinate})"
    )
    assert page["B3"].value == f'="{sheet}!C1"&" stays"'
    assert page["A1"].font.b
    assert len(page._charts) == 1
    stored = load_workbook(new, data_only=True)
    assert stored["我的 notes"]["B1"].value == pytest.approx(
        2 * stored[sheet][score.coordinate].value
    )
    assert {u.id for u in open_template(new).dataset.units} == {*UNITS, *names}


def test_a_table_of_exceptions_that_grew_is_the_templates(tmp_path, capsys, edited):
    # The table is full with a line a city; two more stand right below it.
    lines = [(city, "A0") for city in UNITS] + [(city, "A1") for city in UNITS[:2]]
    for line, (city, code) in enumerate(lines):
        edited.exception(
            line, city=city, indicator=code, basis="substituted", entered_by="Li"
        )
    path = edited.save(tmp_path / "own.xlsx")
    again = tmp_path / "again.xlsx"
    code, document = run_json(capsys, "rebuild", path, "-o", again)
    assert (code, document["carried"]["exceptions"], document["leftovers"]) == (
        0,
        len(lines),
        [],
    )
    assert document["carried"]["formats"] == document["carried"]["fills"] == 0
    grown = Edited(again.read_bytes())
    page, top, left, bottom, _ = grown.named("xl_exceptions")
    assert bottom >= edited.named("xl_exceptions")[3] + len(lines) - len(UNITS)
    assert page.cell(top + len(lines), left).value == UNITS[1]
    assert "W20" not in run(capsys, "check", again)[1]


def test_what_has_nowhere_to_go_is_told(tmp_path, capsys, edited):
    edited.comment("city03", "B1", "about an indicator that goes")
    book = edited.save(tmp_path / "own.xlsx")
    lines = [
        "code,parent,weight,direction",
        "X,,1,1",
        "A,X,1,1",
        "A0,A,1,1",
        "A1,A,1,1",
        "A2,A,1,-1",
    ]
    (tmp_path / "smaller.csv").write_text("\n".join(lines) + "\n")
    words = [
        "rebuild",
        book,
        "-o",
        tmp_path / "new.xlsx",
        "--framework",
        tmp_path / "smaller.csv",
    ]
    code, document = run_json(capsys, *words)
    assert code == 1
    assert len(document["lost"]) == len(document["leftovers"])
    left = {(c["what"], c["unit"], c["code"]): c for c in document["leftovers"]}
    # The values of indicators that go are kept there as well, and what the nodes were called.
    values = {(kind, u, c) for kind, u, c in left if kind == "value"}
    assert values == {("value", u, c) for u in UNITS for c in ("B0", "B1", "B2")}
    assert {c for kind, _, c in left if kind == "node"} == {"B", "B0", "B1", "B2"}
    comment = left["comment", "city03", "B1"]
    assert (comment["sheet"], comment["cell"], comment["reason"]) == (
        "Data",
        "H13",
        "gone",
    )
    page = load_workbook(tmp_path / "new.xlsx")["Leftovers"]
    assert page["A1"].value == "Leftovers"
    assert page.max_row == 4 + len(left)
    assert set(document["dropped"]) == {"B", "B0", "B1", "B2"}


def test_a_value_without_a_city_is_refused(tmp_path, capsys, edited):
    edited.cell("city03", "A0").parent.cell(
        edited.cell("city03", "A0").row, 1
    ).value = "nowhere"
    book = edited.save(tmp_path / "own.xlsx")
    code, document = run_json(capsys, "rebuild", book, "-o", tmp_path / "new.xlsx")
    assert code == 3
    assert {error["code"] for error in document["errors"]} == {"XC311"}
    assert not (tmp_path / "new.xlsx").exists()


def test_rows_that_a_filter_hides_are_shown_again_and_the_filter_is_listed(tmp_path):
    edited = Edited(own_bytes(udf=False))
    page = edited.book["Data"]
    rows = [edited.cell(unit, "A0").row for unit in UNITS[:2]]
    page.auto_filter.ref = f"A9:I{rows[-1]}"
    page.auto_filter.add_filter_column(0, ["city05"])
    hidden = edited.cell(UNITS[7], "A0").row
    for row in (*rows, hidden):
        page.row_dimensions[row].hidden = True
    content = read_content(open_template(edited.save(tmp_path / "own.xlsx")))
    assert [edit.text for edit in content.edits_of("line")] == [
        f"row {UNITS[7]} hidden"
    ]
    assert [(line.what, line.content) for line in content.source.edits[1]] == [
        ("filter", page.auto_filter.ref)
    ]
    assert content.edits_of("setting") == []


def test_formulas_over_cities_survive_an_empty_row_and_sorting(tmp_path):
    desk = Desk(own_bytes(udf=False), random.Random(1), 0)
    desk.shift(desk.data, "row", desk.units["city05"], 1)
    rows = desk.units.values()
    edited = Edited(desk.save(tmp_path / "shifted.xlsx").read_bytes())
    data = edited.book["Data"]
    here, there = (edited.cell(unit, "A0").row for unit in ("city01", "city04"))
    for column in range(1, data.max_column + 1):
        one = data.cell(here, column)
        other = data.cell(there, column)
        if not str(one.value).startswith("="):
            one.value, other.value = other.value, one.value
    page = edited.book.create_sheet("Mine")
    two = f"Data!D{here - 1}:D{here}"
    page["A1"] = f'=SUM({two})+MAX({two},"),(")'
    page["A2"] = f"=INDEX({two},2)"
    page["A6"] = f"=SUM(Data!E{min(rows)}:E{max(rows)})"
    for row in range(3, 6):
        page.cell(row, 1).value = f"=Data!D{here + row - 4}*2"
    first, second = (f"Data!{column}{min(rows)}:{column}{max(rows)}" for column in "DE")
    # The rows of Data keep their order, so that what depends on it stays, too.
    first, second = (f"Data!{column}{min(rows)}:{column}{max(rows)}" for column in "DE")
    ids = f"Data!A{min(rows)}:A{max(rows)}"
    over = [
        f"INDEX({first},3)",
        f"SUMPRODUCT(({first}>50)*{second})",
        f'INDEX({second},MATCH("city04",{ids},0))',
    ]
    for row, formula in enumerate(over, 1):
        page.cell(row, 3).value = f"={formula}"
    # Addresses in texts are led along where they are addresses.
    texts = [
        f'INDIRECT("Data!D{max(rows)}")',
        f'HYPERLINK("#Data!D{max(rows)}")',
        "INDIRECT(B1)",
        'INDIRECT("Mine!A99")',
        f'"Data!D{max(rows)}"',
    ]
    for row, formula in enumerate(texts, 1):
        page.cell(row, 5).value = f"={formula}"
    page["F1"].hyperlink = Hyperlink("F1", location=f"Data!D{here}")
    data.cell(here, 30).hyperlink = Hyperlink(f"AD{here}", location=f"Data!D{here}")
    place = f"INDEX(Data!$D${min(rows)}:$D${max(rows)},3)"
    edited.book.defined_names["third"] = DefinedName("third", attr_text=place)
    rule = FormulaRule(
        formula=[f"D{here}>{place.replace('Data!', '')}"], font=Font(bold=True)
    )
    data.conditional_formatting.add(f"D{here}:D{here + 1}", rule)
    package = Package.read(edited.save(tmp_path / "plain.xlsx"))
    sheet = read_book(package).sheets["Mine"]
    xml = package.parts[sheet.part].decode()
    # A formula that is filled down is shared, as Excel writes it.
    for row in (3, 4, 5):
        text = f"<f>{sheet.cells[row, 1].formula}</f>"
        head = '<f t="shared" si="0"'
        assert text in xml
        first = text.replace("<f>", f'{head} ref="A3:A5">')
        xml = xml.replace(text, first if row == 3 else f"{head}/>")
    path = tmp_path / "own.xlsx"
    path.write_bytes(package.replace({sheet.part: xml.encode()}).to_bytes())
    built = rebuild(read_content(open_template(path)))
    made = {
        place: cell.formula
        for place, cell in read_book(built.package).sheets["Mine"].cells.items()
    }
    assert built.leftovers == ()
    assert (
        made[1, 1]
        == f'SUM(Data!D{here - 1}:D{here})+MAX(Data!D{here - 1}:D{here},"),(")'
    )
    assert [made[row, 1] for row in (3, 4, 5)] == [
        f"Data!D{row}*2" for row in (here - 1, here, here + 1)
    ]
    assert made[6, 1] == f"SUM(Data!E{min(rows)}:E{max(rows) - 1})"
    last = f"D{max(rows) - 1}"
    assert [made[row, 3] for row in (1, 2, 3)] == [
        formula.replace(f"{max(rows)}", f"{max(rows) - 1}") for formula in over
    ]
    assert [made[row, 5] for row in range(1, 6)] == [
        f'INDIRECT("Data!{last}")',
        f'HYPERLINK("#Data!{last}")',
        *texts[2:],
    ]
    book = load_workbook(io.BytesIO(built.package.to_bytes()))
    assert book["Data"].cell(here, 30).hyperlink.location == f"Data!D{here}"
