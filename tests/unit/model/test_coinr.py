"""COINr's tables: every mistake at once with its row, panels, flat ones, xlsx, the way back."""

import json
import math

import numpy as np
import openpyxl
import pytest

from tests.helpers.asem import asem, write
from xlcity.cli import main
from xlcity.functions.impute import impute_series
from xlcity.index import compute
from xlcity.index.method_options import default_recipe
from xlcity.index.panel import compute_panel
from xlcity.model.framework import Framework
from xlcity.model.panel import read_panel
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.reading.template import open_template

GAPPY = asem(gaps=True)
META = """Level,iCode,iName,Parent,Direction,Weight,Type,Denominator,goalpost_lower,\
goalpost_upper,treat
1,a,A,P,1,1,Indicator,NA,0,10,winsor
1,b,B,P,1,x,Indicator,NA,9,3,NA
1,a,A again,Q,1,1,Indicator,NA,NA,NA,NA
1,c c,Spaced,Q,1,1,Indicator,NA,NA,NA,NA
1,d,Orphan,Z,1,1,Indicator,NA,NA,NA,smooth:2
1,e,No weight,P,1,NA,Indicator,NA,NA,NA,NA
1,f,Sideways,P,up,1,Indicator,Nowhere,NA,NA,NA
2,P,P,Index,1,1,Aggregate,NA,NA,NA,NA
2,Q,Q,R,1,1,Aggregate,NA,NA,NA,NA
3,R,Loop,Q,1,1,Aggregate,NA,NA,NA,NA
3,Index,Index,NA,1,1,Aggregate,NA,NA,NA,NA
3,Other,Other root,NA,1,1,Aggregate,NA,NA,NA,NA
"""
DATA = "uCode,a,b,P\nx,1,2,3\ny,about 5,2,3\n"
RECIPE = """id = "own"

[[step]]
do = "normalise"
method = "magic"
"""


def run(capsys, *arguments):
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def sheets_of(path, **tables):
    """Write CSV texts as sheets of a workbook."""
    book = openpyxl.Workbook()
    for name, text in tables.items():
        sheet = book.create_sheet(name)
        for line in text.splitlines():
            sheet.append([_cell(cell) for cell in line.split(",")])
    del book["Sheet"]
    book.save(path)


@pytest.mark.parametrize("form", ["iMeta", "csv", "sheet"])
def test_every_mistake_of_a_framework_is_told_at_once_with_its_row(
    tmp_path, capsys, form
):
    meta, data, recipe = (
        tmp_path / name for name in ("meta.csv", "data.csv", "recipe.toml")
    )
    table = META
    if form == "csv":
        # A plain table has no types and levels; then a node may have values of its own.
        kept = [line.split(",") for line in META.splitlines()]
        table = "\n".join(",".join(row[1:6] + row[7:]) for row in kept).replace(
            "iCode", "code"
        )
    meta.write_text(table, encoding="utf-8")
    data.write_text(DATA, encoding="utf-8")
    recipe.write_text(RECIPE, encoding="utf-8")
    if form == "sheet":
        meta = data = tmp_path / "both.xlsx"
        sheets_of(meta, iMeta=META, iData=DATA)
    code, document = run(
        capsys,
        *(
            "index",
            "--framework",
            str(meta),
            "--data",
            str(data),
            "--normalise",
            "nonsense:3",
        ),
        *("--recipe", str(recipe)),
    )
    assert code == 3
    told = {
        (e["code"], e["where"]["indicator"], e["where"]["cell"])
        for e in document["errors"]
    }
    expected = {
        ("XC201", "a", "row 4"),
        ("XC222", "b", "row 3"),
        ("XC215", "b", "row 3"),
        ("XC213", "c c", "row 5"),
        ("XC203", "d", "row 6"),
        ("XC212", "e", "row 7"),
        ("XC223", "f", "row 8"),
        ("XC214", "f", "row 8"),
        ("XC205", "Q", "row 10"),
        ("XC205", "R", "row 11"),
        ("XC205", "a", "row 2"),
        ("XC205", "c c", "row 5"),
        ("XC202", "Index", "row 12"),
        ("XC202", "Other", "row 13"),
        ("XC252", "d", "row 6"),  # the method of a row
        ("XC252", None, "row 3, step 1"),  # of the recipe
        ("XC252", None, None),  # of the command line
        ("XC301", "a", "B3" if form == "sheet" else "row 3"),
    }
    if form != "csv":
        expected.add(("XC309", "P", "column D"))
    assert told == expected
    twice = next(e for e in document["errors"] if e["code"] == "XC201")
    assert "row 2 and row 4" in twice["message"]
    files = {e["where"]["file"] for e in document["errors"]}
    assert files == {str(meta), str(data), str(recipe), None}


@pytest.mark.parametrize("said", [None, "rank"])
def test_rows_of_a_framework_may_name_their_methods(tmp_path, capsys, said):
    meta = tmp_path / "meta.csv"
    data = tmp_path / "data.csv"
    meta.write_text(
        "code,parent,normalise,aggregate\nX,,,geometric\na,X,goalposts:0:10,\nb,X,,\n",
        encoding="utf-8",
    )
    data.write_text("unit,a,b\nu,4,1\nv,20,3\nw,5,2\n", encoding="utf-8")
    more = ["--normalise", said] if said else []
    arguments = ("--framework", str(meta), "--data", str(data), *more)
    code, document = run(capsys, "index", *arguments)
    assert code == (0 if said else 1)  # b of u scores 0, which has no geometric mean
    found = {unit["unit"]: unit["scores"]["X"] for unit in document["units"]}
    if said:
        # What is said for all replaces what rows say of the same step, not of another.
        assert found == pytest.approx({"u": 100 / 3, "v": 100.0, "w": 200 / 3})
    else:
        assert found == {
            "u": None,
            "v": pytest.approx(100.0),
            "w": pytest.approx(math.sqrt(50 * 50)),
        }


def test_text_in_numbers_and_unknown_methods_are_told_together(tmp_path, capsys):
    meta, data = write(tmp_path, GAPPY)
    text = data.read_text(encoding="utf-8").replace("NA", "about 5", 1)
    data.write_text(text, encoding="utf-8")
    code, document = run(
        capsys,
        *("index", "--framework", str(meta), "--data", str(data)),
        *("--aggregate", "median,P9=geometric", "--treat", "winsor:many"),
    )
    assert code == 3
    codes = sorted(error["code"] for error in document["errors"])
    assert codes == ["XC252", "XC253", "XC255", "XC301"]


def test_framework_and_data_as_sheets_of_one_workbook(tmp_path, capsys):
    meta, data = write(tmp_path, GAPPY)
    book = openpyxl.Workbook()
    for name, path in (("iMeta", meta), ("iData", data)):
        sheet = book.create_sheet(name)
        for line in path.read_text(encoding="utf-8").splitlines():
            sheet.append([_cell(text) for text in line.split(",")])
    del book["Sheet"]
    both = tmp_path / "both.xlsx"
    book.save(both)
    _, one = run(capsys, "index", "--framework", str(both), "--data", str(both))
    _, other = run(capsys, "index", "--framework", str(meta), "--data", str(data))
    for mine, theirs in zip(one["units"], other["units"], strict=True):
        assert mine["scores"] == pytest.approx(theirs["scores"], rel=1e-12)


def _cell(text):
    try:
        return float(text)
    except ValueError:
        return text


def test_a_flat_table_has_one_root(tmp_path, capsys):
    meta = tmp_path / "m.csv"
    data = tmp_path / "d.csv"
    head = "Level,iCode,Parent,Direction,Weight,Type\n"
    meta.write_text(
        head + "1,a,NA,1,1,Indicator\n1,b,NA,-1,3,Indicator\n", encoding="utf-8"
    )
    data.write_text("uCode,a,b\nx,1,5\ny,3,9\nz,2,6\n", encoding="utf-8")
    _, document = run(capsys, "index", "--framework", str(meta), "--data", str(data))
    found = [unit["scores"]["INDEX"] for unit in document["units"]]
    assert found == pytest.approx([(0 + 3 * 100) / 4, (100 + 0) / 4, (50 + 3 * 75) / 4])


PANEL = """uCode,Time,a,b
x,2020,1,5
y,2020,3,9
z,2020,2,6
x,2022,2,NA
y,2022,5,8
z,2022,NA,7
x,2023,4,4
y,2023,NA,9
z,2023,6,2
"""
FLAT = "code,parent,weight,direction\nT,,1,\na,T,1,1\nb,T,1,-1\n"


@pytest.fixture
def panel(tmp_path):
    (tmp_path / "f.csv").write_text(FLAT, encoding="utf-8")
    (tmp_path / "p.csv").write_text(PANEL, encoding="utf-8")
    framework = Framework.read(tmp_path / "f.csv")
    return framework, read_panel(tmp_path / "p.csv", framework, default_recipe())[0]


def recipe(method):
    steps = default_recipe().steps
    return Recipe(
        "p", (Step("impute_raw", method), *steps), weights="relative", blank="missing"
    )


@pytest.mark.parametrize("method", ["latest", "linear", "constant"])
def test_gaps_are_filled_from_other_editions(panel, method):
    framework, data = panel
    found = compute_panel(framework, recipe(method), data)
    assert [one.edition for one in found] == ["2020", "2022", "2023"]
    series = np.array([[1, 2, 4], [3, 5, np.nan], [2, np.nan, 6]])
    states = np.where(np.isnan(series), 2, 0).astype(np.uint8)
    filled = impute_series(series, method, [2020, 2022, 2023], states=states).values
    for place, one in enumerate(found):
        assert one.result.dataset.values[:, 0].tolist() == filled[:, place].tolist()
        alone = compute(framework, default_recipe(), one.result.dataset)
        assert one.scores.tolist() == alone.scores.tolist()
    told = [(mark.unit, mark.code) for one in found for mark in one.marks]
    assert told == [("z", "a"), ("x", "b"), ("y", "a")]


def test_bounds_over_all_editions_make_scores_comparable(panel):
    framework, data = panel
    found = compute_panel(framework, recipe("linear"), data, together=True)
    a = np.array([[1, 2, 4], [3, 5, 5], [2, 2 + 4 * 2 / 3, 6]])
    b = np.array([[5, 5 - 2 / 3, 4], [9, 8, 9], [6, 7, 2]])
    expected = ((a - 1) / 5 + (9 - b) / 7) / 2 * 100
    for place, one in enumerate(found):
        assert one.scores[:, 0] == pytest.approx(expected[:, place])
        order = (-expected[:, place]).argsort().argsort() + 1
        assert one.ranks[:, 0].tolist() == order.tolist()


def test_a_panel_on_the_command_line(tmp_path, panel, capsys):
    arguments = [
        "index",
        "--framework",
        str(tmp_path / "f.csv"),
        "--data",
        str(tmp_path / "p.csv"),
    ]
    code, document = run(capsys, *arguments, "--impute", "latest")
    assert code == 0
    assert [edition["edition"] for edition in document["editions"]] == [
        "2020",
        "2022",
        "2023",
    ]
    last = {unit["unit"]: unit["scores"] for unit in document["editions"][-1]["units"]}
    assert last == {unit["unit"]: unit["scores"] for unit in document["units"]}
    assert main([*arguments, "--together"]) == 0
    assert "2022" in capsys.readouterr().out.splitlines()[0]


def test_a_year_beside_units_that_stand_once_makes_no_panel(tmp_path, capsys):
    (tmp_path / "f.csv").write_text(FLAT, encoding="utf-8")
    (tmp_path / "d.csv").write_text(
        "unit,year,a,b\nx,2020,1,5\ny,2021,3,9\n", encoding="utf-8"
    )
    code, document = run(
        capsys,
        *(
            "index",
            "--framework",
            str(tmp_path / "f.csv"),
            "--data",
            str(tmp_path / "d.csv"),
        ),
    )
    assert code == 0
    assert "editions" not in document
    assert [unit["scores"]["T"] for unit in document["units"]] == [50, 50]


def test_a_template_of_a_panel_has_its_last_edition_and_the_one_before(
    tmp_path, panel, capsys
):
    meta = tmp_path / "f.csv"
    data = tmp_path / "p.csv"
    made = tmp_path / "panel.xlsx"
    arguments = ("--framework", str(meta), "--data", str(data), "--impute", "latest")
    code, document = run(capsys, "new", *arguments, "-o", str(made))
    assert (code, document["edition"]) == (0, "2023")
    assert {"LastEdition", "Change"} <= set(document["sheets"])
    code, checked = run(capsys, "check", str(made))
    assert (code, checked["workbooks"][0]["verdict"]) == (0, "pass")
    _, shown = run(capsys, "results", str(made))
    _, whole = run(capsys, "index", *arguments)
    last = {u["unit"]: u["scores"] for u in whole["editions"][-1]["units"]}
    for unit in shown["units"]:
        assert unit["scores"] == pytest.approx(last[unit["unit"]], rel=1e-9)
    content = read_content(open_template(made))
    filled = {(d.unit, d.code, d.value, d.basis) for d in content.spec.exceptions}
    marks = whole["editions"][-1]["marks"]
    assert {(unit, node) for unit, node, _, _ in filled} == {
        (m["unit"], m["node"]) for m in marks
    }
    assert {basis for _, _, _, basis in filled} == {"substituted"}
    before = {u["unit"]: u["scores"]["T"] for u in whole["editions"][-2]["units"]}
    assert content.spec.last.edition == whole["editions"][-2]["edition"]
    for (unit, node), score in content.spec.last.scores.items():
        if node == "T":
            assert score == pytest.approx(before[unit], rel=1e-9)


def test_sums_and_catalogues_in_words(tmp_path, capsys):
    meta = tmp_path / "g.csv"
    data = tmp_path / "e.csv"
    meta.write_text(
        "code,parent,weight\nT,,\nP,T,1\nQ,T,1\na,P,1\nb,P,2\nc,Q,1\nd,Q,1\n"
    )
    data.write_text("unit,a,b,c,d\nx,1,2,3,NA\ny,2,4,5,6\nz,3,NA,7,8\n")
    tables = (
        "index",
        "--framework",
        str(meta),
        "--data",
        str(data),
        "--normalise",
        "none",
    )
    _, document = run(capsys, *tables, "--aggregate", "arithmetic,P=sum,T=none")
    found = {unit["unit"]: unit["scores"] for unit in document["units"]}
    assert found["x"] == {
        "T": None,
        "P": 1 + 2 * 2,
        "Q": 3,
    }  # d is missing: weighed anew
    assert found["y"] == {"T": None, "P": 2 + 2 * 4, "Q": (5 + 6) / 2}
    assert found["z"] == {"T": None, "P": None, "Q": (7 + 8) / 2}
