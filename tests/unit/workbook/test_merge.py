"""Copies filled by different hands are put together; nothing is lost, conflicts are named."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.helpers.cli import codes, run, run_json
from tests.helpers.desk import Desk
from tests.helpers.few_cities import of_cities
from tests.helpers.own import CODES, UNITS, Edited, own_bytes
from xlcity.api.remake import merge_workbooks
from xlcity.errors import UsageError
from xlcity.reports import load_report
from xlcity.workbook.build import draw
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.migrate.kinds import DISPUTED
from xlcity.workbook.migrate.merge import Decisions
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.spec.from_template import read_chosen_pages
from xlcity.xlsx.address import cell_name

pytestmark = pytest.mark.slow


def resorted(edited: Edited) -> None:
    """Sort the rows of Data by city, backwards, as the sheet's filter does."""
    rows = {}
    for unit in UNITS:
        cells = [edited.cell(unit, code) for code in CODES]
        rows[unit] = (
            [c.value for c in cells],
            [c.comment.text if c.comment else None for c in cells],
        )
    places = {unit: edited.cell(unit, CODES[0]).row for unit in UNITS}
    page = edited.book["Data"]
    for unit, other in zip(UNITS, reversed(UNITS), strict=True):
        row = places[other]
        page.cell(row, 1).value = unit
        for column, value in enumerate(
            rows[unit][0], edited.cell(UNITS[0], CODES[0]).column
        ):
            page.cell(row, column).value = value


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Three copies: two cells in conflict, each with changes of its own, one of them sorted."""
    tmp_path = tmp_path_factory.mktemp("copies")
    (tmp_path / "base.xlsx").write_bytes(own_bytes())
    first, second, third = (Edited(own_bytes()) for _ in range(3))
    first.cell("city00", "A0").value = 11.5
    first.cell("city01", "A0").value = 21.0
    first.cell("city02", "B2").value = "缺"
    first.comment("city05", "A1", "from the yearbook", "Li")
    first.colour("city03", "A1", "00FF00")
    first.source("B0", "source", "Yearbook")
    second.cell("city00", "A0").value = 12.5
    second.cell("city03", "A1").value = 31.0
    second.cell("city07", "B1").value = 7.25
    second.exception(
        0, city="city03", indicator="A1", basis="substituted", remark="of 2022"
    )
    second.book.create_sheet("Notes of B")["A1"] = "kept"
    third.cell("city03", "A1").value = 32.0
    third.cell("city07", "B1").value = 7.25
    third.cell("city09", "B0").value = 90.0
    resorted(third)
    # A row that is gone says nothing of its city.
    page = third.book["Data"]
    page.delete_rows(third.cell("city11", "A0").row)
    # openpyxl leaves heights where they were; spreadsheet programs move them with their rows.
    gap = max(row for row, line in page.row_dimensions.items() if line.height)
    page.row_dimensions[gap - 1].height = page.row_dimensions[gap].height
    page.row_dimensions[gap].height = None
    return [
        tmp_path / "base.xlsx",
        first.save(tmp_path / "甲.xlsx"),
        second.save(tmp_path / "乙 2.xlsx"),
        third.save(tmp_path / "丙.xlsx"),
    ]


def values(path):
    dataset = open_template(path).dataset
    return {
        (unit.id, code): dataset.values[row, dataset.column(code)]
        for row, unit in enumerate(dataset.units)
        for code in CODES
    }


def test_everything_arrives_and_both_conflicts_are_named(tmp_path, capsys, copies):
    out = tmp_path / "merged.xlsx"
    code, document = run_json(capsys, "merge", *copies, "-o", out)
    assert code == 1
    assert [c["changes"] for c in document["copies"]] == [6, 5, 3]
    assert [c["rowless"] for c in document["copies"]] == [[], [], ["city11"]]
    assert document["agreed"] == 1
    found = {(c["unit"], c["indicator"]): c for c in document["conflicts"]}
    assert set(found) == {("city00", "A0"), ("city03", "A1")}
    assert found["city00", "A0"]["said"] == {"甲": 11.5, "乙 2": 12.5}
    assert found["city03", "A1"]["said"] == {"乙 2": 31.0, "丙": 32.0}
    (line,) = document["leftovers"]
    assert (line["unit"], line["code"], line["content"]) == (
        "city03",
        "A1",
        "fill 00FF00",
    )
    base = values(copies[0])
    merged = values(out)
    assert merged == pytest.approx(
        base
        | {
            ("city01", "A0"): 21.0,
            ("city02", "B2"): float("nan"),
            ("city07", "B1"): 7.25,
            ("city09", "B0"): 90.0,
        },
        nan_ok=True,
    )
    content = read_content(open_template(out))
    (text,) = content.edits_of("cell")
    assert (text.about.unit, text.about.code, text.value[0]) == ("city02", "B2", "缺")
    assert content.spec.framework["B0"].source == "Yearbook"
    assert [(d.unit, d.code, d.basis) for d in content.spec.exceptions] == [
        ("city03", "A1", "substituted")
    ]
    edits = content.edits_of("comment")
    notes = {(edit.about.unit, edit.about.code): edit.value.text for edit in edits}
    assert notes["city05", "A1"] == "from the yearbook"
    assert notes["city00", "A0"] == "⚠ 甲: 11.5 | 乙 2: 12.5"
    looks = content.edits_of("look")
    marked = {
        (edit.about.unit, edit.about.code)
        for edit in looks
        if dict(edit.value).get("fill") == DISPUTED
    }
    assert marked == {("city00", "A0"), ("city03", "A1")}
    assert content.source.pages == ("Notes of B", "Leftovers")
    # A conflict is settled when its comment is deleted: the colour goes with it.
    settled = Edited(out.read_bytes())
    settled.cell("city00", "A0").comment = None
    content = read_content(open_template(settled.save(tmp_path / "settled.xlsx")))
    looks = content.edits_of("look")
    assert {(edit.about.unit, edit.about.code) for edit in looks} == {("city03", "A1")}
    code, out_text, _ = run(capsys, "check", out)
    assert code == 0, out_text


def test_what_stands_in_a_row_that_a_copy_emptied_is_kept(tmp_path, capsys):
    base = Edited(own_bytes(udf=False))
    copy = Edited(own_bytes(udf=False))
    for edited in (base, copy):
        row = edited.cell("city11", "A0").row
        edited.book["Data"].cell(9, 15).value = "per head"
        edited.book["Data"].cell(row, 15).value = f"=E{row}*2"
        edited.comment("city11", "A1", "asked by letter")
    for cells in copy.book["Data"].iter_rows(row, row):
        for cell in cells:
            cell.value = cell.comment = None
    paths = base.save(tmp_path / "base.xlsx"), copy.save(tmp_path / "copy.xlsx")
    _, document = run_json(capsys, "merge", *paths, "-o", tmp_path / "merged.xlsx")
    assert document["copies"][0]["rowless"] == ["city11"]
    merged = Edited((tmp_path / "merged.xlsx").read_bytes())
    row = merged.cell("city11", "A0").row
    assert merged.cell("city11", "A1").comment.text == "asked by letter"
    assert f"=E{row}*2" in [cell.value for cell in merged.book["Data"][row]]


def test_a_cell_gets_one_validation(tmp_path, capsys):
    """Of two copies: for the same cells a conflict; where cells overlap the first one's stays."""

    def copy(name, limit, last):
        edited = Edited(own_bytes(udf=False))
        cells = [
            edited.cell(*place).coordinate
            for place in (("city00", "A0"), ("city01", "A1"))
        ]
        for area in (cells[0], f"{cells[1]}:{edited.cell(last, 'A1').coordinate}"):
            rule = DataValidation(
                type="decimal", operator="lessThan", formula1=str(limit)
            )
            rule.add(area)
            edited.book["Data"].add_data_validation(rule)
        return edited.save(tmp_path / name), cells

    base = tmp_path / "base.xlsx"
    base.write_bytes(own_bytes(udf=False))
    (left, cells), (right, _) = (
        copy("left.xlsx", 1000, "city02"),
        copy("right.xlsx", 2000, "city03"),
    )
    for prefer, kept in (((), []), (("--prefer", right), ["2000"])):
        code, document = run_json(
            capsys, "merge", base, left, right, "-o", tmp_path / "m.xlsx", *prefer
        )
        assert code == 1
        (conflict,) = document["conflicts"]
        assert conflict["said"].keys() == {"left", "right"}
        assert (conflict["sheet"], conflict["cells"]) == ("Data", cells[0])
        left_over = [(one["what"], one["cell"]) for one in document["leftovers"]]
        assert left_over.count(("validation", cells[0])) == 2 - len(kept)
        assert len(left_over) == 3 - len(kept)
        found = load_workbook(tmp_path / "m.xlsx")[
            "Data"
        ].data_validations.dataValidation
        found = [
            rule
            for rule in found
            if rule.type == "decimal" and rule.operator == "lessThan"
        ]
        places = [cell for rule in found for cell in expand(rule.sqref)]
        assert len(places) == len(set(places)) == 3 + len(kept)
        assert [r.formula1 for r in found if cells[0] in expand(r.sqref)] == kept


def test_a_list_that_grows_loses_nothing_of_the_leftovers(tmp_path, capsys):
    """Lines of both hands are more than the list was drawn for, so the workbook is drawn again."""
    base = tmp_path / "base.xlsx"
    base.write_bytes(own_bytes(udf=False))
    copies = []
    for name, limit, cities in (
        ("left", 1000, UNITS[:6]),
        ("right", 2000, UNITS[6:12]),
    ):
        edited = Edited(own_bytes(udf=False))
        rule = DataValidation(type="decimal", operator="lessThan", formula1=str(limit))
        rule.add(edited.cell("city00", "A0").coordinate)
        edited.book["Data"].add_data_validation(rule)
        for line, city in enumerate(cities):
            edited.exception(line, city=city, indicator="A1", basis="substituted")
        copies.append(edited.save(tmp_path / f"{name}.xlsx"))
    _, document = run_json(
        capsys, "merge", base, *copies, "-o", tmp_path / "merged.xlsx"
    )
    merged = Edited((tmp_path / "merged.xlsx").read_bytes())
    page, row, left, last, _ = merged.named("xl_exceptions")
    assert {page.cell(r, left).value for r in range(row + 1, last + 1)} >= set(
        UNITS[:12]
    )
    listed = [
        [cell.value for cell in line] for line in merged.book["Leftovers"].iter_rows()
    ]
    on_sheet = [line for line in listed if "validation" in str(line)]
    assert len(document["leftovers"]) == len(on_sheet) == 2


def test_a_conflict_among_exceptions_is_named_by_their_own_column(tmp_path, capsys):
    base = tmp_path / "base.xlsx"
    base.write_bytes(own_bytes(udf=False))
    copies = []
    for name, year in (("left", 2022), ("right", 2023)):
        edited = Edited(own_bytes(udf=False))
        edited.exception(
            0, city="city03", indicator="A1", basis="substituted", year=year
        )
        copies.append(edited.save(tmp_path / f"{name}.xlsx"))
    _, document = run_json(
        capsys, "merge", base, *copies, "-o", tmp_path / "merged.xlsx"
    )
    (conflict,) = document["conflicts"]
    about = [conflict[key] for key in ("kind", "sheet", "unit", "indicator", "field")]
    assert about == ["exception", "Sources", "city03", "A1", "year"]
    assert conflict["said"] == {"left": 2022, "right": 2023}


def test_new_cities_have_a_row_on_both_sheets_or_on_none(tmp_path, capsys):
    """Someone inserted a row among the cities, so that Data has room for one more than Cities."""
    opened = Desk(own_bytes(udf=False), Random(0), 0)
    opened.shift(opened.data, "row", opened.units["city03"], 1)
    base = opened.save(tmp_path / "base.xlsx")
    copies = []
    for number, name in enumerate(("left", "right"), 1):
        desk = Desk(base.read_bytes(), Random(number), 100 * number)
        for _ in range(number):
            desk.do_city()
        desk.do_name()
        copies.append(desk.save(tmp_path / f"{name}.xlsx"))
    third = Desk(base.read_bytes(), Random(3), 300)
    third.do_city()
    third.book.defined_names["tok_new"] = DefinedName(
        "tok_new", attr_text=f"Data!$D${third.units['new301']}"
    )
    copies.append(third.save(tmp_path / "third.xlsx"))
    _, document = run_json(
        capsys, "merge", base, *copies, "-o", tmp_path / "merged.xlsx"
    )
    merged = Desk((tmp_path / "merged.xlsx").read_bytes(), Random(0), 0)
    page, heads, rows = merged.table("xl_cities")
    listed = {page.cell(row, heads["id"]).value for row in rows} - {None}
    assert listed == merged.units.keys() >= {"new101", "new201"}
    lost = {"new101", "new201", "new301"} - listed
    assert len(lost) == 1
    sheets = {line["sheet"] for line in document["leftovers"] if line["unit"] in lost}
    assert {"Cities", "Data"} <= sheets
    assert run(capsys, "check", tmp_path / "merged.xlsx")[0] in (0, 1)


def test_a_new_city_below_an_inserted_row_leaves_no_formula_over(tmp_path, capsys):
    base = tmp_path / "base.xlsx"
    base.write_bytes(own_bytes(udf=False))
    copies = []
    for seed, name in enumerate(("left", "right")):
        desk = Desk(base.read_bytes(), Random(seed), 100 * seed)
        desk.shift(desk.data, "row", desk.units["city03"], 1)
        desk.do_city()
        copies.append(desk.save(tmp_path / f"{name}.xlsx"))
    out = tmp_path / "merged.xlsx"
    code, document = run_json(capsys, "merge", base, *copies, "-o", out)
    assert (code, document["leftovers"], document["conflicts"]) == (0, [], [])
    assert {"new1", "new101"} <= Desk(out.read_bytes(), Random(0), 0).units.keys()


def expand(areas):
    return [cell_name(r, c) for area in areas.ranges for r, c in area.cells]


def test_one_hand_may_be_preferred(tmp_path, capsys, copies):
    merged = tmp_path / "merged.xlsx"
    words = ["merge", *copies, "-o", merged, "--prefer", copies[2]]
    _, document = run_json(capsys, *words)
    assert {c["kept"] for c in document["conflicts"]} == {12.5, 31.0}
    found = values(merged)
    assert [found["city00", "A0"], found["city03", "A1"]] == [12.5, 31.0]


def test_a_conflict_is_decided_and_who_changed_what_is_noted(tmp_path, capsys, copies):
    merged = tmp_path / "merged.xlsx"
    words = ["merge", *copies, "-o", merged]
    found = run_json(capsys, *words)[1]["conflicts"]
    cells = {c["unit"]: f"{c['sheet']}!{c['cells']}" for c in found}
    words += ["--decide", f"{cells['city00']}=12.25", "--remarks"]
    code, document = run_json(capsys, *words, "--decide", f"{cells['city03']}=丙")
    assert (code, document["conflicts"]) == (0, [])
    assert [c["kept"] for c in document["decided"]] == [12.25, 32.0]
    found = values(merged)
    assert [found["city00", "A0"], found["city03", "A1"]] == [12.25, 32.0]
    content = read_content(open_template(merged))
    notes = {
        (edit.about.unit, edit.about.code): edit.value.text
        for edit in content.edits_of("comment")
    }
    assert notes["city00", "A0"] == "甲: 11.5 | 乙 2: 12.5 → 12.25"
    assert notes["city09", "B0"].startswith("丙: ")
    # Nothing is left to decide where it stays as it was; elsewhere there was nothing.
    stays = f"{cells['city00']}="
    code, document = run_json(capsys, *words[:-3], "--decide", stays)
    assert [c["unit"] for c in document["conflicts"]] == ["city03"]
    assert values(merged)["city00", "A0"] == values(copies[0])["city00", "A0"]
    with pytest.raises(UsageError, match="unknown conflict"):
        merge_workbooks(*decided(copies, merged, {"Data!A1": "甲"}))


def decided(copies, target, words):
    """Return the arguments of a merge with decisions."""
    base, *others = map(str, copies)
    return base, others, str(target), None, Decisions(words)


def test_wrong_copies_are_refused_together(tmp_path, capsys, copies):
    bad = Edited(own_bytes())
    bad.book["Data"].cell(bad.cell("city03", "A0").row, 1).value = "nowhere"
    worse = Edited(own_bytes())
    worse.book["Data"].cell(worse.cell("city04", "A0").row, 1).value = "city05"
    paths = [bad.save(tmp_path / "x.xlsx"), worse.save(tmp_path / "y.xlsx")]
    code, document = run_json(
        capsys, "merge", copies[0], *paths, "-o", tmp_path / "z.xlsx"
    )
    assert (code, codes(document)) == (3, {"XC311", "XC313"})
    assert {e["where"]["file"] for e in document["errors"]} == set(map(str, paths))
    assert not (tmp_path / "z.xlsx").exists()


def test_values_of_supplementary_indices_are_kept(tmp_path, capsys):
    report = load_report("gihi2023")
    units = [unit.id for unit in report.dataset.units if unit.population]
    spec = template_spec(report)
    spec = replace(spec, dataset=of_cities(spec.dataset, [*units[:4], *units[-4:]]))
    base = tmp_path / "base.xlsx"
    out = tmp_path / "merged.xlsx"
    draw(spec)[0].write(base)
    code, document = run_json(capsys, "merge", base, base, "-o", out)
    assert (code, document["leftovers"], document["copies"][0]["changes"]) == (0, [], 0)
    before, after = (read_content(open_template(path)).spec for path in (base, out))
    assert after.framework.supplementary == before.framework.supplementary != ()
    assert any(
        node.code in after.dataset.codes
        for node in before.framework.supplementary_inputs
    )
    for code in after.dataset.codes:
        old, new = (
            c.dataset.values[:, c.dataset.column(code)] for c in (before, after)
        )
        np.testing.assert_array_equal(old, new)


def test_what_stands_beside_a_line_of_a_list_stays_with_it(tmp_path, capsys):
    """Two hands add links and remarks: the first line of one is not the first one of the other."""
    (tmp_path / "fw.csv").write_text("code,parent,weight\nP,,1\nA,P,0.5\nT,P,0.5\n")
    (tmp_path / "cities.csv").write_text("id\na\nb\nc\n")
    (tmp_path / "recipe.toml").write_text(
        'id = "x"\n[[step]]\ndo = "construct"\nmethod = "link_strength"\ncodes = ["T"]\n'
        '[[step]]\ndo = "normalise"\nmethod = "minmax"\nconstant = 0\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n'
    )
    base = tmp_path / "base.xlsx"
    words = ("--framework", tmp_path / "fw.csv", "--recipe", tmp_path / "recipe.toml")
    more = ("--cities", tmp_path / "cities.csv", "--pages", "review", "--no-udf")
    assert run(capsys, "new", *words, "--empty", *more, "-o", base)[0] == 0
    copies = []
    for name, ties in (("li", ("ab", "ac")), ("wang", ("bc", "ba"))):
        edited = Edited(base.read_bytes())
        page, row, *_ = edited.named("in_links")
        review, head, *_ = edited.named("in_review")
        for line, (start, end) in enumerate(ties, row + 1):
            for column, value in enumerate(("T", start, end, line), 1):
                page.cell(line, column).value = value
            page.cell(line, 15).value = f"{name} {start}{end}"
            review.cell(line - row + head, 1).value = "a"
            review.cell(line - row + head, 4).value = f"{name} {line}"
            review.cell(line - row + head, 12).value = f"{name} {line}"
        edited.book.create_sheet(name)["A1"] = f"=Links!D{row + 2}"
        if name == "wang":  # One city more: the list is longer in a book drawn anew.
            spare = edited.named("xl_cities")
            spare[0].cell(spare[1] + 4, 1).value = "d"
        copies.append(edited.save(tmp_path / f"{name}.xlsx"))
    merged = tmp_path / "merged.xlsx"
    code, document = run_json(capsys, "merge", base, *copies, "-o", merged)
    assert (code, document["conflicts"], document["leftovers"]) == (0, [], [])
    book = load_workbook(merged)
    beside = [
        [c.value for c in line] for line in book["Links"].iter_rows(min_row=row + 1)
    ]
    notes = {f"{line[1]}{line[2]}": line[14] for line in beside if line[14]}
    assert notes == {"ab": "li ab", "ac": "li ac", "bc": "wang bc", "ba": "wang ba"}
    remarks = book["Review"].iter_rows(min_row=head + 1, values_only=True)
    said = [line[3::8] for line in remarks if line[3]]
    assert len(said) == 4
    assert all(text == note for text, note in said)
    assert {name: book[name]["A1"].value for name in ("li", "wang")} == {
        "li": f"=Links!D{row + 2}",
        "wang": f"=Links!D{row + 4}",
    }


def test_a_note_or_a_colour_on_a_sheet_of_ones_own_is_a_change(tmp_path, capsys):
    """And a formula that another program spells otherwise is none: there is no conflict."""
    edited = Edited(own_bytes(udf=False))
    for name in ("notes", "colours", "spelled"):
        page = edited.book.create_sheet(name)
        page["A1"], page["A2"] = "text", "=VLOOKUP(1,Data!D10:E20,2,FALSE)"
    base = edited.save(tmp_path / "base.xlsx")
    first, second = (Edited(base.read_bytes()) for _ in range(2))
    first.book["notes"]["A1"].comment = Comment("Li: sure?", "Li")
    first.book["spelled"]["B1"] = "more"
    second.book["colours"]["A1"].fill = PatternFill("solid", fgColor="FF00FF00")
    second.book["spelled"]["A2"] = "=VLOOKUP(1,Data!D10:E20,2,FALSE())"
    copies = [first.save(tmp_path / "li.xlsx"), second.save(tmp_path / "wang.xlsx")]
    merged = tmp_path / "merged.xlsx"
    code, document = run_json(capsys, "merge", base, *copies, "-o", merged)
    assert (code, document["conflicts"]) == (0, [])
    book = load_workbook(merged)
    assert book["notes"]["A1"].comment.text == "Li: sure?"
    assert book["colours"]["A1"].fill.fgColor.rgb == "FF00FF00"
    assert book["spelled"]["B1"].value == "more"


def test_pages_that_hands_added_are_pages_of_the_merged_workbook(tmp_path, capsys):
    """A remark on a `Review` that only one copy has is a remark; the README lists both pages."""
    base, li, wang = (tmp_path / f"{name}.xlsx" for name in ("base", "li", "wang"))
    base.write_bytes(own_bytes(udf=False))
    for page, path in (("whatif", li), ("review", wang)):
        assert run(capsys, "pages", base, "--add", page, "-o", path)[0] == 0
    edited = Edited(wang.read_bytes())
    review, head, *_ = edited.named("in_review")
    review.cell(head + 1, 1).value = "city03"
    review.cell(head + 1, 4).value = "Is this right?"
    edited.save(wang)
    merged = tmp_path / "merged.xlsx"
    _, document = run_json(capsys, "merge", base, li, wang, "-o", merged)
    assert (document["lost"], document["leftovers"]) == ([], [])
    template = open_template(merged)
    assert read_chosen_pages(template) == ("whatif", "review")
    (remark,) = read_content(template).spec.remarks
    assert (remark.city, remark.remark) == ("city03", "Is this right?")
    _, document = run_json(capsys, "diff", base, merged)
    assert {(line["kind"], line["sheet"]) for line in document["cells"]} == {
        ("sheet", "WhatIf"),
        ("sheet", "Review"),
    }


def test_parameters_missing_codes_and_the_order_of_tabs_arrive(tmp_path, capsys):
    base = tmp_path / "base.xlsx"
    base.write_bytes(own_bytes())
    first, second, third = (Edited(own_bytes()) for _ in range(3))
    page, row, column, *_ = first.named("xl_framework")
    heads = {cell.value: cell.column for cell in page[row] if cell.column >= column}
    line = next(n for n in range(row, row + 20) if page.cell(n, column).value == "A0")
    first.book["Framework"].cell(line, heads["a"]).value = 1.5
    assert (
        page.cell(line, heads["scale"]).value == "=par_scale"
    )  # an input all the same
    first.book["Framework"].cell(line, heads["scale"]).value = 50
    codes_page, top, left, *_ = second.named("par_missing")
    codes_page.cell(top, left).value = "none"
    second.book.move_sheet("Data", 2)
    third.book.move_sheet("Data", 1)
    copies = [
        edited.save(tmp_path / f"{n}.xlsx")
        for n, edited in enumerate((first, second, third))
    ]
    code, document = run_json(capsys, "merge", base, *copies, "-o", tmp_path / "m.xlsx")
    assert (code, document["conflicts"]) == (1, [])
    (left_over,) = document["leftovers"]
    assert (left_over["reason"], left_over["source"]) == ("conflict", "2")
    merged = load_workbook(tmp_path / "m.xlsx")
    cells = [
        merged["Framework"].cell(line, heads[name]).value for name in ("a", "scale")
    ]
    assert cells == [1.5, 50]
    assert merged["Framework"].cell(top, left).value == "none"
    assert merged.sheetnames[:-1] == second.book.sheetnames
