"""What people typed and set outside the input cells is where it belongs, or on the leftovers."""

import io
from random import Random

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.helpers.cli import run, run_json
from tests.helpers.desk import Desk
from tests.helpers.own import CODES, UNITS, Edited, own_bytes
from xlcity.workbook.migrate.leftovers import Leftover
from xlcity.xlsx.address import cell_name, column_letters
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.slow

RED = PatternFill("solid", bgColor="FFFF0000", fgColor="FFFF0000")


def annotate(edited: Edited) -> None:
    """Do what people do to a workbook beside typing values."""
    data = edited.book["Data"]
    first = edited.cell("city00", "A0")
    memo = edited.cell("city00", CODES[-1]).column + 1
    data.cell(9, memo).value = "memo"
    for unit in UNITS[:3]:
        data.cell(edited.cell(unit, "A0").row, memo).value = f"ask the bureau of {unit}"
    data.cell(first.row, memo + 1).value = f"={first.coordinate}*10"
    data.cell(35, 1).value = "Source of this table: yearbooks"
    data.cell(36, 2).value = f"=SUM(D{first.row}:D{first.row + 11})"
    edited.free_cell("out_scores", 2).value = "looks too low"
    edited.book["README"]["B70"] = "our own remark"
    edited.book["Profile"]["B4"] = "city07"
    edited.cell("city03", "B0").value = "=20000+3000"
    edited.cell("city04", "B0").number_format = "#,##0.00"
    edited.cell("city04", "B1").font = Font(bold=True)
    edited.colour("city05", "A2", "00FF00")
    edited.cell("city06", "X", "out_scores").number_format = "0.0000"
    here = f"{first.coordinate}:I{first.row + 11}"
    data.conditional_formatting.add(
        here, CellIsRule(operator="greaterThan", formula=["70"], fill=RED)
    )
    area, formula = rule_of_scores(edited)
    edited.page_of("out_scores").conditional_formatting.add(
        area, FormulaRule(formula=[formula], fill=RED)
    )
    rule = DataValidation(type="decimal", operator="lessThan", formula1="1000")
    rule.add(f"D{first.row}:D{first.row + 2}")
    data.add_data_validation(rule)
    data.row_dimensions[edited.cell("city08", "A0").row].hidden = True
    data.column_dimensions["F"].hidden = True
    data["H1"].comment = Comment("on the heading", "Li")
    data["H1"].hyperlink = "https://example.org/data"
    data["H1"].value = "our data"
    edited.book.defined_names["my_limit"] = DefinedName(
        "my_limit", attr_text="Data!$D$12"
    )
    edited.book["Messages"].sheet_state = "hidden"
    data.sheet_properties.tabColor = "FFC00000"
    data.freeze_panes = f"E{first.row + 2}"
    edited.page_of("out_scores").freeze_panes = None
    data.auto_filter.ref = f"A9:I{first.row + 11}"
    edited.book["Cities"].auto_filter.ref = None
    edited.book.create_sheet("Mine", 3)["A1"] = "ours"
    edited.book.create_sheet("Notes")["A1"] = "ours, too"
    edited.book.move_sheet("Ranking", -edited.book.index(edited.book["Ranking"]))
    # Typed over a formula of the template: it cannot stay.
    edited.cell("city02", "A", "out_scores").value = 99.0


def rule_of_scores(edited: Edited) -> tuple[str, str]:
    """Return the range of the scores and a formula of its first cell."""
    _, row, left, last, right = edited.named("out_scores")
    first = cell_name(row, left)
    letters = column_letters(left)
    return f"{first}:{cell_name(last, right)}", f"{first}>${letters}${row}"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    edited = Edited(own_bytes(udf=False))
    annotate(edited)
    return edited.save(tmp_path_factory.mktemp("carry") / "own.xlsx")


def rules(page):
    return {
        (str(area.sqref), rule.type, tuple(rule.formula))
        for area in page.conditional_formatting
        for rule in area.rules
    }


def require_all(path, shift=0):
    """Hold a workbook to all of `annotate`; columns behind the indicators have moved by `shift`."""
    again = Edited(path.read_bytes())
    data = again.book["Data"]
    first = again.cell("city00", "A0")
    memo = again.cell("city00", CODES[-1]).column + 1
    memo = next(c for c in range(memo, memo + 6) if data.cell(9, c).value == "memo")
    for unit in UNITS[:3]:
        assert (
            data.cell(again.cell(unit, "A0").row, memo).value
            == f"ask the bureau of {unit}"
        )
    assert data.cell(first.row, memo + 1).value == f"={first.coordinate}*10"
    texts = {
        str(c.value): c for row in data.iter_rows() for c in row if c.value is not None
    }
    assert "Source of this table: yearbooks" in texts
    last = again.cell("city11", "A0").row
    assert f"=SUM(D{first.row}:D{last})" in texts
    assert data["H1"].value == "our data"
    assert data["H1"].comment.text == "on the heading"
    assert data["H1"].hyperlink.target == "https://example.org/data"
    assert again.book["Profile"]["B4"].value == "city07"
    pages = again.page_of("out_scores"), again.book["README"]
    for page, text in zip(pages, ("looks too low", "our own remark"), strict=True):
        found = [c for row in page.iter_rows() for c in row if c.value == text]
        assert found, text
    assert again.cell("city04", "B0").number_format == "#,##0.00"
    assert again.cell("city04", "B1").font.b
    assert again.cell("city06", "X", "out_scores").number_format == "0.0000"
    area = f"{first.coordinate}:{again.cell('city11', CODES[-1]).coordinate}"
    assert (area, "cellIs", ("70",)) in rules(data)
    area, formula = rule_of_scores(again)
    assert (area, "expression", (formula,)) in rules(again.page_of("out_scores"))
    sqrefs = {str(v.sqref): v for v in data.data_validations.dataValidation}
    assert sqrefs[f"D{first.row}:D{first.row + 2}"].formula1 == "1000"
    assert data.row_dimensions[again.cell("city08", "A0").row].hidden
    assert data.column_dimensions["F"].hidden
    assert again.book["Messages"].sheet_state == "hidden"
    assert data.sheet_properties.tabColor.rgb == "FFC00000"
    corner = again.cell("city02", CODES[1]).coordinate
    assert (data.freeze_panes, again.page_of("out_scores").freeze_panes) == (
        corner,
        None,
    )
    assert data.auto_filter.ref == f"A9:I{last}"
    assert again.book["Cities"].auto_filter.ref is None
    order = [name for name in again.book.sheetnames if name != "Previous"]
    assert order[:6] == ["Ranking", "README", "Data", "Checks", "Mine", "Profile"]
    assert order[-3:] == ["Messages", "Notes", "Leftovers"]
    assert again.book["Ranking"].print_title_rows == "$3:$7"
    assert again.book.defined_names["my_limit"].attr_text == "Data!$D$12"
    return again


def leftovers(document):
    return {
        (line["what"], line["sheet"], line["content"]) for line in document["leftovers"]
    }


def test_a_save_by_another_program_is_nothing_typed(tmp_path, capsys):
    """LibreOffice writes rules and formats in words of its own, and loses panes and colours."""
    bare = Edited(own_bytes(udf=False))
    bare.book["Data"].sheet_properties.tabColor = bare.book["Data"].freeze_panes = None
    for program, carried in (("LibreOffice", 0), ("Microsoft Excel", 2)):
        saved = Package.read(bare.save(tmp_path / "bare.xlsx"))
        properties = saved.parts["docProps/app.xml"].replace(
            b"Microsoft Excel", program.encode()
        )
        saved.replace({"docProps/app.xml": properties}).write(tmp_path / "saved.xlsx")
        words = ("rebuild", tmp_path / "saved.xlsx", "-o", tmp_path / "again.xlsx")
        assert run_json(capsys, *words)[1]["carried"]["settings"] == carried
    book = Workbook()
    book.active["A1"].number_format = "\\+0;\\-0;0"
    book.active["A2"].number_format = "+0;-0;0"
    buffer = io.BytesIO()
    book.save(buffer)
    package = Package.from_bytes(buffer.getvalue())
    looks = package.styles
    cells = read_book(package).sheets["Sheet"].cells
    assert looks.look(cells[1, 1].style) == looks.look(cells[2, 1].style)


def test_an_inserted_row_is_no_leftover(tmp_path, capsys):
    """It moves the thin row that ends the rows for more cities."""
    desk = Desk(own_bytes(udf=False), Random(1), 0)
    desk.shift(desk.data, "row", 12, 1)
    path = desk.save(tmp_path / "inserted.xlsx")
    code, document = run_json(capsys, "rebuild", path, "-o", tmp_path / "again.xlsx")
    assert (code, document["leftovers"]) == (0, [])


def test_a_range_that_ends_on_a_row_for_more_cities_is_led_along(tmp_path, capsys):
    """One copy has a row more, the other changed the sheet: there is no conflict."""
    base = Edited(own_bytes(udf=False))
    page = base.book.create_sheet("sums")
    page["A1"], page["A2"] = "=SUM(Data!D10:D27)", "=COUNT(Data!$D$10:$D$32)"
    path = base.save(tmp_path / "base.xlsx")
    desk = Desk(path.read_bytes(), Random(1), 0)
    desk.shift(desk.data, "row", 12, 1)
    other = Edited(path.read_bytes())
    other.book["sums"]["B1"] = "more"
    copies = desk.save(tmp_path / "inserted.xlsx"), other.save(tmp_path / "other.xlsx")
    code, document = run_json(
        capsys, "merge", path, *copies, "-o", tmp_path / "merged.xlsx"
    )
    assert (code, document["conflicts"], document["leftovers"]) == (0, [], [])
    assert load_workbook(tmp_path / "merged.xlsx")["sums"]["B1"].value == "more"


def test_rebuild_keeps_it_where_it_was(tmp_path, capsys, book):
    new = tmp_path / "new.xlsx"
    code, document = run_json(capsys, "rebuild", book, "-o", new)
    again = require_all(new)
    assert again.cell("city03", "B0").value == "=20000+3000"
    assert again.cell("city05", "A2").fill.fgColor.rgb == "FF00FF00"
    assert load_workbook(new, data_only=True)["Data"]["G13"].value == 23000
    (line,) = document["leftovers"]
    sheet = again.page_of("out_scores").title
    assert code == 1
    assert (line["what"], line["sheet"], line["unit"], line["code"]) == (
        "cell",
        sheet,
        "city02",
        "A",
    )
    assert line["cell"] == line["at"].partition("!")[2]
    where = f"{sheet}!{line['cell']} · city02 · A"
    assert Leftover(**line).text("zh") == (
        f"{where} 内容：99（现为 {line['at']}；该单元格是模板的公式）"
    )
    page = again.book["Leftovers"]
    assert [page.cell(5, c).value for c in (2, 3, 4, 7)] == [
        sheet,
        line["cell"],
        line["at"],
        "99",
    ]
    counts = {kind: n for kind, n in document["carried"].items() if n}
    assert counts == {
        "comments": 1,
        "fills": 1,
        "cells": 9,
        "formulas": 3,
        "formats": 3,
        "links": 1,
        "conditional_formats": 2,
        "validations": 1,
        "lines": 3,
        "names": 1,
        "settings": 5,
        "pages": 2,
    }
    # Once more: the same again, and what was listed stays listed.
    code, document = run_json(capsys, "rebuild", new, "-o", tmp_path / "third.xlsx")
    assert (code, document["leftovers"]) == (0, [])
    third = require_all(tmp_path / "third.xlsx")
    assert third.book["Leftovers"].cell(5, 7).value == "99"
    code, out, _ = run(capsys, "check", new)
    assert code == 0, out
    assert "=20000+3000" in out


def test_it_follows_cities_and_indicators_that_move(tmp_path, capsys, book):
    more = ["code,parent,weight,direction,name_en", "X,,1,1,Index"]
    for pillar in "AB":
        more.append(f"{pillar},X,1,1,Pillar {pillar}")
        more += [
            f"{pillar}{n},{pillar},1,{-1 if n == 2 else 1},Indicator {pillar}{n}"
            for n in range(4)
        ]
    (tmp_path / "fw.csv").write_text("\n".join(more) + "\n")
    (tmp_path / "cities.csv").write_text("id,name_en\nnewa,New A\n")
    new = tmp_path / "new.xlsx"
    words = ["rebuild", book, "-o", new, "--framework", tmp_path / "fw.csv"]
    run_json(capsys, *words, "--cities", tmp_path / "cities.csv")
    again = Edited(new.read_bytes())
    data = again.book["Data"]
    head = {cell.value: cell.column for cell in data[9] if cell.value}
    assert head["memo"] == head["B3"] + 1
    row = again.cell("city02", "A0").row
    assert data.cell(row, head["memo"]).value == "ask the bureau of city02"
    assert data.freeze_panes == again.cell("city02", "A1").coordinate
    # The new city and the new indicator stand right behind the last ones.
    assert data.auto_filter.ref == f"A9:K{again.cell('newa', 'A0').row}"
    assert again.cell("city03", "B0").value == "=20000+3000"
    assert "D10:I21" not in {str(a.sqref) for a in data.conditional_formatting}
    note = next(c for c in data["A"] if c.value == "Source of this table: yearbooks")
    assert note.row == 36


def test_roll_keeps_what_belongs_to_no_value(tmp_path, capsys, book):
    new = tmp_path / "2026.xlsx"
    _, document = run_json(capsys, "roll", book, "--edition", "2026", "-o", new)
    again = require_all(new)
    assert again.cell("city03", "B0").value is None
    assert ("formula", "Data", "=20000+3000") in leftovers(document)
    assert ("format", "Data", "fill 00FF00") in leftovers(document)


def test_merge_takes_it_from_every_copy(tmp_path, capsys, book):
    (tmp_path / "base.xlsx").write_bytes(own_bytes(udf=False))
    other = Edited(own_bytes(udf=False))
    other.book["Data"].cell(9, 10).value = "checked"
    other.book["Data"].cell(other.cell("city01", "A0").row, 10).value = "yes"
    other.free_cell("out_scores", 2).value = "looks right"
    other.cell("city09", "B0").value = "=7*3"
    second = other.save(tmp_path / "other.xlsx")
    new = tmp_path / "merged.xlsx"
    code, document = run_json(
        capsys, "merge", tmp_path / "base.xlsx", book, second, "-o", new
    )
    assert code == 1
    again = Edited(new.read_bytes())
    data = again.book["Data"]
    head = {cell.value: cell.column for cell in data[9] if cell.value}
    assert {"memo", "checked"} <= head.keys()
    assert data.cell(again.cell("city01", "A0").row, head["checked"]).value == "yes"
    assert data.cell(again.cell("city01", "A0").row, head["memo"]).value.endswith(
        "city01"
    )
    assert again.cell("city09", "B0").value == "=7*3"
    assert again.cell("city03", "B0").value == "=20000+3000"
    assert data.sheet_properties.tabColor.rgb == "FFC00000"
    tabs = again.book.sheetnames
    assert tabs.index("Mine") == tabs.index("Checks") + 1
    said = {
        line["content"]
        for line in document["leftovers"]
        if line["reason"] == "conflict"
    }
    assert said == {"looks too low", "looks right"}


def test_release_and_export_name_what_they_leave_out(tmp_path, capsys, book):
    run_json(capsys, "recalc", book, "-o", tmp_path / "fresh.xlsx")
    words = ["release", tmp_path / "fresh.xlsx", "-o", tmp_path / "public.xlsx"]
    _, document = run_json(capsys, *words)
    contents = {line["content"] for line in document["left_out"]}
    assert {"our own remark", "ask the bureau of city01", "=20000+3000"} <= contents
    content = (tmp_path / "public.xlsx").read_bytes()
    assert b"bureau" not in content
    code, document = run_json(
        capsys, "export", tmp_path / "fresh.xlsx", "-o", tmp_path / "tables"
    )
    assert code == 0
    said = (tmp_path / "tables" / "leftovers.csv").read_text()
    for text in (
        "our own remark",
        "ask the bureau of city01",
        "=20000+3000",
        "greaterThan 70",
        "tab colour: C00000",
    ):
        assert text in said, text
    assert (
        "city03,23000"
        in (tmp_path / "tables" / "data.csv").read_text().replace(",,", ",")
        or ",23000," in (tmp_path / "tables" / "data.csv").read_text()
    )
