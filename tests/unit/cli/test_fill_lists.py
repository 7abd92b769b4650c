"""The verb `fill` on lists behind indicators: ranks of institutions, in lines of their own."""

from types import SimpleNamespace

import pytest

from tests.helpers.cli import codes, run_json
from tests.helpers.sheets import sheet_of
from xlcity.audit.trace.trace import trace
from xlcity.model.dataset import Unit
from xlcity.workbook.filling.tables import value_tables
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import Cell, ReadBook
from xlcity.xlsx.editing.patch import write_inputs

FRAMEWORK = "code,parent,weight,direction,name_en\nX,,1,1,Index\nA,X,1,1,Plain\nB,X,1,1,Listed\n"
RECIPE = """id = "X"
weights = "relative"
blank = "draft"
[[step]]
do = "construct"
method = "bands"
codes = ["B"]
lists = ["the", "arwu"]
uppers = [10, 100]
weights = [1, 0.5]
[[step]]
do = "normalise"
method = "minmax"
[[step]]
do = "aggregate"
method = "arithmetic"
[[step]]
do = "rank"
method = "competition"
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    from xlcity.cli import main

    folder = tmp_path_factory.mktemp("lists")
    (folder / "framework.csv").write_text(FRAMEWORK)
    (folder / "recipe.toml").write_text(RECIPE)
    (folder / "data.csv").write_text("unit,A\na,1\nb,2\nc,4\n")
    (folder / "items.csv").write_text(
        "unit,code,item,the,arwu\na,B,First,7,\nb,B,Second,50,60\nc,B,Third,101–150,\n"
    )
    words = [
        "--framework",
        folder,
        "--data",
        folder,
        "--recipe",
        folder / "recipe.toml",
    ]
    assert main(["new", *map(str, words), "-o", str(folder / "book.xlsx")]) == 0
    return folder / "book.xlsx"


def lines(path):
    items = open_template(path).dataset.items["B"]
    return {
        (item.unit, item.name): (item.ranks["the"], item.ranks["arwu"])
        for item in items
    }


def fill(capsys, book, folder, text, *words):
    folder.mkdir()
    (folder / "data.csv").write_text("unit,A\na,1\n")
    (folder / "items.csv").write_text(text)
    out = folder / "filled.xlsx"
    code, document = run_json(capsys, "fill", book, "--data", folder, "-o", out, *words)
    return code, document, out


def test_known_lines_are_changed_and_new_ones_added(capsys, book, tmp_path):
    text = (
        "unit,code,item,the,arwu\na,B,First,9,\nb,B,Second,,61\nb,B,Fourth,8,201–300\n"
    )
    code, document, out = fill(capsys, book, tmp_path / "清单", text)
    assert (code, document["written"]) == (0, 4)
    assert lines(out) == {
        ("a", "First"): ("9", ""),
        ("b", "Second"): ("50", "61"),
        ("c", "Third"): ("101–150", ""),
        ("b", "Fourth"): ("8", "201–300"),
    }
    code, document = run_json(capsys, "check", out)
    assert {c["status"] for c in document["workbooks"][0]["checks"]} <= {
        "pass",
        "note",
        "skipped",
    }


def test_a_city_may_be_typed_by_another_spelling(capsys, book, tmp_path):
    template = open_template(book)
    area = template.area("in_items")
    typed = write_inputs(
        template.package, {area.sheet: {(area.r1 + 1, area.c1 + 1): "Ａ"}}
    )
    typed.write(tmp_path / "typed.xlsx")
    text = "unit,code,item,the,arwu\na,B,First,9,\n"
    _, document, out = fill(
        capsys, tmp_path / "typed.xlsx", tmp_path / "x", text, "--no-recalc"
    )
    assert document["written"] == 1
    found = open_template(out).book
    column = [
        found.value(area.sheet, area.r1 + down, area.c1 + 2) for down in range(1, 5)
    ]
    assert column == ["First", "Second", "Third", None]
    assert found.value(area.sheet, area.r1 + 1, area.c1 + 3) == 9


def test_the_table_of_fields_has_rows_and_columns_of_its_own():
    named = (("a", "甲"), ("b", "乙"), ("c", "丙"))
    units = tuple(Unit(name, name_zh, "") for name, name_zh in named)
    cells = {
        (1, 3): "F1.papers",
        (1, 4): "F1.hcp",
        (2, 1): "b",
        (2, 3): 5.0,
        (3, 1): "甲市",
    }
    fields = sheet_of("Fields", {place: Cell(value) for place, value in cells.items()})
    sheets = {"Data": sheet_of("Data", {}), "Fields": fields}
    areas = {
        "in_units": Range("Data", 1, 1, 9, 1),
        "in_data": Range("Data", 1, 3, 9, 4),
        "in_field_units": Range("Fields", 1, 1, 7, 1),
        "in_fields": Range("Fields", 1, 3, 7, 4),
        "xl_field_codes": Range("Fields", 1, 3, 1, 4),
    }
    template = SimpleNamespace(
        area=areas.__getitem__,
        rows={},
        columns={},
        file="x",
        dataset=SimpleNamespace(units=units),
        book=ReadBook(sheets, dict.fromkeys(areas, "")),
    )
    _, fields = value_tables(template)
    assert fields.rows == {("b",): 2, ("a",): 3}
    assert fields.columns == {"F1.papers": 3, "F1.hcp": 4}
    assert [fields.row("a"), fields.row("c")] == [3, 4]
    assert (fields.cells, [*fields.problems()]) == ({(4, 1): "c"}, [])
    assert [fields.row("d"), fields.row("e")] == [5, None]
    assert [problem.code for problem in fields.problems()] == ["XC433"]


def test_a_trace_names_the_institution_a_score_comes_from(book):
    template = open_template(book)
    scores = template.area("out_scores")
    traced = trace(book, f"{scores.sheet}!{cell_name(scores.r1, scores.c2)}")
    typed = [step for step in traced.steps.values() if step.kind == "input"]
    ranks = {
        (step.description.unit, step.description.node, step.value)
        for step in typed
        if step.key.startswith("Items!") and step.description.step == "data"
    }
    assert ranks == {
        ("a", "B", 7.0),
        ("b", "B", 50.0),
        ("b", "B", 60.0),
        ("c", "B", "101–150"),
    }
    labels = [step.description.label for step in typed if step.value == "101–150"]
    assert labels
    assert all("Third" in label for label in labels)


def test_clear_empties_ranks_that_the_file_has_blank(capsys, book, tmp_path):
    text = "unit,code,item,the,arwu\nb,B,Second,,60\n"
    _, document, out = fill(capsys, book, tmp_path / "x", text, "--clear")
    assert document["written"] == 1
    assert lines(out)["b", "Second"] == ("", "60")


def test_too_many_lines_are_refused(capsys, book, tmp_path):
    many = "".join(f"a,B,University {k},5,\n" for k in range(400))
    code, document, out = fill(
        capsys, book, tmp_path / "x", "unit,code,item,the,arwu\n" + many
    )
    assert (code, codes(document)) == (3, {"XC433"})
    assert not out.exists()


def test_an_indicator_without_its_list_is_named(capsys, book, tmp_path):
    run_json(capsys, "roll", book, "--edition", "2", "-o", tmp_path / "next.xlsx")
    (tmp_path / "data.csv").write_text("unit,A\na,1\n")
    words = ["fill", tmp_path / "next.xlsx", "--no-recalc", "-o", tmp_path / "out.xlsx"]
    _, document = run_json(capsys, *words, "--data", tmp_path / "data.csv")
    assert document["unlisted"] == ["B"]
    (tmp_path / "items.csv").write_text("unit,code,item,the,arwu\na,B,First,9,\n")
    _, document = run_json(capsys, *words, "--data", tmp_path)
    assert document["unlisted"] == []
