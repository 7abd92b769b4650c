"""A report that xlcity has never seen: a folder of data, added at run time, does what others do."""

import json

import pytest
from openpyxl import load_workbook

from xlcity.api.index import Index
from xlcity.audit.tables.reproduction import comparisons_of, reproduce_report
from xlcity.cli import main
from xlcity.errors import DataError
from xlcity.index import compute
from xlcity.model.dataset import State
from xlcity.report.items import report_items
from xlcity.reports import load_report, report_ids
from xlcity.reports.loading import read_report

FILES = {
    "report.toml": """
id = "sixth"
name_zh = "玩具指数"
name_en = "Toy index"
edition = "2030"

[data]
kind = "published"
basis = "printed"
note_zh = "四个城市"
note_en = "four cities"

[[table]]
name = "total"
label = "1"
title_zh = "表1"
title_en = "Table 1"

[[not_reproducible]]
table = "figure 1"
reason = "It prints no number."
""",
    "framework.csv": """code,parent,name_zh,name_en,weight,direction,uom
T,,总指数,Total,1,,
A,T,甲,First,0.75,,
B,T,乙,Second,0.25,,
a1,A,甲一,First one,1/2,1,km
a2,A,甲二,First two,1/2,-1,h
b1,B,乙一,Second one,1,1,count
""",
    "cities.csv": """id,name_zh,name_en,aliases,population,coast
paris,巴黎,Paris,,main,inland
rome,罗马,Rome,,main,inland
oslo,奥斯陆,Oslo,,main,coastal
bonn,波恩,Bonn,,main,inland
""",
    "inputs.csv": """unit,a1,a2,b1
paris,10,1,4
rome,6,3,NA
oslo,2,2,2
bonn,4,5,1
""",
    "recipe.toml": """
id = "sixth"

[[step]]
do = "normalise"
method = "rank"
ties = "min"
missing = "lowest"

[[step]]
do = "aggregate"
method = "arithmetic"

[[step]]
do = "rank"
method = "competition"
digits = 9

[[option]]
id = "minmax"
label_zh = "极差"
label_en = "min-max"
changes = [
    { step = 1, param = "method", value = "minmax" },
    { step = 2, param = "missing", value = "zero" },
]
""",
    "groups.csv": """group_type,group_type_zh,group_type_en,group,name_zh,name_en
coast,位置,Place,coastal,沿海,Coastal
coast,位置,Place,inland,内陆,Inland
""",
    "published_columns.csv": "file,column,node\ntotal,first,A\ntotal,total,T\n",
    # Bonn's total is misprinted: 34.4 would be right.
    "published/total.csv": """rank,city_id,name_zh,first,total
1,paris,巴黎,100.0,100.0
2,oslo,奥斯陆,50.0,56.3
3,rome,罗马,62.5,53.1
4,bonn,波恩,37.5,34.9
""",
}
#: Ascending ranks of four: a1 4 3 1 2; a2 (less is better) 4 2 3 1; b1 4 1 3 1, the gap at the tie.
FIRST = {"paris": 4 + 4, "rome": 3 + 2, "oslo": 1 + 3, "bonn": 2 + 1}
SECOND = {"paris": 4, "rome": 1, "oslo": 3, "bonn": 1}


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "reports" / "sixth"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("XLCITY_REPORTS", str(folder.parent))
    return folder


def test_it_stands_among_the_reports(home):
    assert "sixth" in report_ids()
    report = load_report("sixth")
    assert report.folder == home
    (kind,) = report.group_types
    assert [group.value for group in kind.groups] == ["coastal", "inland"]
    assert report.columns == {("total", "first"): "A", ("total", "total"): "T"}


def test_it_is_computed_by_its_recipe(home):
    report = load_report("sixth")
    result = compute(report.framework, report.recipe, report.dataset)
    assert not result.draft
    for row, unit in enumerate(report.dataset.units):
        first = 100 / 4 * FIRST[unit.id] / 2
        second = 100 / 4 * SECOND[unit.id]
        assert result.column("A")[row] == pytest.approx(first)
        assert result.column("T")[row] == pytest.approx(0.75 * first + 0.25 * second)
    assert [(mark.kind, mark.unit, mark.code) for mark in result.marks] == [
        ("lowest", "rome", "b1")
    ]


def test_its_option_is_taken(home):
    report = load_report("sixth")
    result = compute(
        report.framework, report.recipe.with_options(["minmax"]), report.dataset
    )
    rome = report.dataset.row("rome")
    expected = 0.75 * ((6 - 2) / (10 - 2) + (5 - 3) / (5 - 1)) / 2 * 100 + 0.25 * 0
    assert result.column("T")[rome] == pytest.approx(expected)


def test_what_it_printed_is_reproduced_without_code_of_its_own(home):
    done = reproduce_report("sixth")
    entries = {entry.what: entry for entry in done.comparisons}
    assert {what: (e.cells, e.within) for what, e in entries.items()} == {
        "scores first": (4, 4),
        "scores total": (4, 3),
        "ranks": (4, 4),
        "rank-sequence": (4, 4),
    }
    assert entries["scores total"].tolerance == pytest.approx(0.05)
    (outside,) = entries["scores total"].outside
    assert (outside.unit, outside.published) == ("bonn", 34.9)
    assert outside.computed == pytest.approx(0.75 * 37.5 + 0.25 * 25)
    assert len(done.counted) == 4
    # A rank that is printed twice is the wrong one in its row.
    total = home / "published" / "total.csv"
    total.write_text(
        total.read_text("utf-8").replace("2,oslo", "1,oslo"), encoding="utf-8"
    )
    read_report.cache_clear()
    (twice,) = reproduce_report("sixth").comparisons[-1].outside
    assert (twice.unit, twice.published, twice.computed) == ("oslo", 1, 2)
    assert done.not_reproducible == (("figure 1", "It prints no number."),)


def test_values_that_are_the_printed_ones_prove_nothing(home):
    (home / "inputs.csv").write_text(
        "unit,A,b1\nparis,100,4\nrome,62.5,1\n", encoding="utf-8"
    )
    report = load_report("sixth")
    assert report.dataset.states[0, report.dataset.column("A")] == State.VALUE
    circular = {entry.what for entry in comparisons_of(report) if entry.by_construction}
    assert circular == {"scores first"}


def test_code_beside_the_data_is_found(home):
    spec = '[audit]\n[[table]]\nname = "total"\n[[reproduce]]\nown = "reproduce"\n'
    (home / "audit.toml").write_text(spec, encoding="utf-8")
    (home / "reproduce.py").write_text(
        "from xlcity.reports.comparison import ComparedCell, compare\n\n\n"
        "def reproduce(report):\n"
        "    cells = [ComparedCell(unit.id, 'T', 1.0, 1.0) for unit in report.dataset.units]\n"
        "    return (compare('total', 'own', cells),)\n",
        encoding="utf-8",
    )
    (only,) = reproduce_report("sixth").comparisons
    assert (only.what, only.cells, only.within) == ("own", 4, 4)


def test_declared_comparisons_need_no_code(home):
    spec = """
[audit]
cities = "cities.csv"
[[table]]
name = "total"
scores = { first = "A", total = "T" }
ranks = { rank = "T" }
[[reproduce]]
compare = "order"
table = "total"
what = "ranks"
columns = "rank"
at = "row of {name_zh}"
[[reproduce]]
compare = "attribute"
table = "total"
what = "names"
columns = "name_zh"
at = ""
"""
    (home / "audit.toml").write_text(spec, encoding="utf-8")
    total = home / "published" / "total.csv"
    total.write_text(
        total.read_text("utf-8").replace("3,rome", "4,rome"), encoding="utf-8"
    )
    read_report.cache_clear()
    ranks, names = reproduce_report("sixth").comparisons
    (outside,) = ranks.outside
    assert (outside.unit, outside.published, outside.computed) == ("rome", 4, 3)
    assert outside.where == "row of 罗马"
    assert (names.cells, names.within) == (4, 4)
    wrong = spec.replace("{name_zh}", "{line}") + '[[reproduce]]\ncompare = "same"\n'
    (home / "audit.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        reproduce_report("sixth")
    messages = [problem.message for problem in refused.value.problems]
    assert messages == [
        "at: the table total has no column 'line'.",
        "'table' is not given.",
    ]
    (home / "audit.toml").write_text(
        f"{spec}[[reproduce]]\nown = 'nothing'\n", encoding="utf-8"
    )
    (home / "reproduce.py").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="function 'nothing'"):
        reproduce_report("sixth")


def test_verbs_know_it(home, capsys):
    assert main(["list", "--json"]) == 0
    listed = {
        entry["id"]: entry for entry in json.loads(capsys.readouterr().out)["reports"]
    }
    assert (listed["sixth"]["units"], listed["sixth"]["indicators"]) == (4, 3)
    assert main(["reproduce", "sixth", "--json"]) == 1
    tables = json.loads(capsys.readouterr().out)["reports"]["sixth"]["tables"]
    assert sum(table["cells"] for table in tables) == 16


def test_a_template_of_it_is_built_calculated_and_checked(home, tmp_path, capsys):
    book = str(tmp_path / "sixth.xlsx")
    out = str(tmp_path / "again.xlsx")
    assert main(["new", "sixth", "-o", book, "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert built["data"] == "published"
    assert built["formula_cells"] > 500
    assert main(["recalc", book, "-o", out, "--engine", "formualizer", "--json"]) == 0
    (done,) = json.loads(capsys.readouterr().out)["workbooks"]
    assert (done["status"], done["errors"]) == ("ok", {})
    assert main(["check", out, "--json"]) == 0
    (checked,) = json.loads(capsys.readouterr().out)["workbooks"]
    assert checked["verdict"] == "pass"
    status = {check["name"]: check["status"] for check in checked["checks"]}
    assert (status["python-native"], status["udf-native"]) == ("pass", "pass")
    assert main(["results", out, "--json"]) == 0
    units = {u["unit"]: u for u in json.loads(capsys.readouterr().out)["units"]}
    assert units["oslo"]["scores"]["T"] == pytest.approx(0.75 * 50 + 0.25 * 75)
    assert [
        units[name]["ranks"]["T"] for name in ("paris", "rome", "oslo", "bonn")
    ] == [1, 3, 2, 4]


#: What the folder has of its own besides data: a sheet with words, figures, a table, a comparison.
OWN = {
    "labels.toml": """
"contents.Nearest" = { zh = "与首位之差", en = "Behind the first" }
"nearest.title" = { zh = "与首位之差", en = "Behind the first" }
"nearest.note" = { zh = "按得分", en = "By score" }
"nearest.of" = { zh = "与首位之差", en = "Behind the first" }
""",
    "nearest.py": """
from xlcity.workbook.drawing.canvas import titled_sheet

SHEET = "Nearest"


def draw(book):
    canvas, layout = titled_sheet(book, SHEET, [12, 12], 2), book.layout
    for column, key in enumerate(("data.id", "nearest.of"), 1):
        canvas.label(5, column, key, "header")
    scores = layout.scores.over("T", SHEET, "rc")
    for row in range(6, 6 + len(book.spec.dataset.units)):
        canvas.formula(row, 1, f"INDEX({layout.ids()},{row - 5})", "id")
        canvas.formula(row, 2, f"MAX({scores})-INDEX({scores},{row - 5})", "output", "0.00")
    canvas.close(5)
""",
    "pages.py": """
from dataclasses import replace

from xlcity.workbook.spec import Page

from . import nearest


def extend(report, spec):
    return replace(spec, pages=(*spec.pages, Page(nearest.SHEET, nearest.draw)))


""",
    "chapter.toml": """
[series.budget]
keys = [["2030", "预算", "Budget"]]
uom = ["万元", "10,000 yuan"]

[figures.f1]
kind = "bars"
values = ["score:A", "score:B"]

[figures.f2]
kind = "map"
class = "coast"

[figures.f3]
kind = "own"
own = "difference"
values = ["score:A", "score:B"]
note = ["两项之差。", "One less the other."]

[tables.t2]
kind = "own"
own = "budgets"
note = ["城市预算。", "Budgets of the cities."]
""",
    "chapter.py": """
from xlcity.figures.contents import Axis, BarChart, BarSeries, Label
from xlcity.report.contents import Field
from xlcity.report.declared_tables import TableContent
from xlcity.report.texts import head


def difference(figures, rule):
    first, second = used = figures.quantities.all(rule["values"])
    rows = figures.quantities.rows(rule)
    series = BarSeries(Label("差", "Difference"), (first.values - second.values)[rows])
    return BarChart([figures.city(row) for row in rows], [series], Axis(Label("分"))), used, rows


def budgets(tables, rule):
    budget = tables.quantities.find("series:budget/2030")
    rows = tables.ranked_rows(rule)
    cells = [[tables.source.city(row), float(budget.values[row])] for row in rows]
    fields = [head("city"), Field(budget.label, "score")]
    return TableContent(fields, cells, rows)
""",
    "coordinates.csv": "unit,latitude,longitude\nparis,48.9,2.4\nrome,41.9,12.5\noslo,59.9,10.8\n",
    "inventory.csv": """id,number,title_zh,title_en,kind,node,made,status,series,needs_zh,needs
sixth-f1,图1,甲与乙,first and second,figure,T,f1,yes,,,
sixth-f2,图2,城市,cities,figure,T,f2,yes,,,
sixth-f3,图3,甲减乙,first less second,figure,T,f3,yes,,,
sixth-t2,表2,预算,budgets,table,T,t2,yes,budget,城市预算,budgets of the cities
sixth-f9,图9,照片,photograph,figure,,,no,,照片,the photograph
""",
    "reproduce.py": """
from xlcity.reports.comparison import ComparedCell, compare


def first_is_paris(report):
    first = report.published["total"].rows[0]
    yield compare("total", "first city", [ComparedCell("", "T", first["city_id"], "paris")])
""",
    "audit.toml": """
[audit]
cities = "cities.csv"
[[table]]
name = "total"
scores = { first = "A", total = "T" }
ranks = { rank = "T" }
[[reproduce]]
compare = "order"
table = "total"
what = "ranks"
columns = "rank"
at = "row of {name_zh}"
[[reproduce]]
own = "first_is_paris"
""",
}


@pytest.fixture
def own_home(home):
    for name, text in OWN.items():
        (home / name).write_text(text, encoding="utf-8")
    return home


def test_it_has_a_sheet_of_its_own_with_its_words(own_home, tmp_path, capsys):
    book = str(tmp_path / "sixth.xlsx")
    out = str(tmp_path / "again.xlsx")
    assert main(["new", "sixth", "-o", book, "--json"]) == 0
    assert main(["recalc", book, "-o", out, "--engine", "formualizer", "--json"]) == 0
    capsys.readouterr()
    sheet = load_workbook(out, data_only=True)["Nearest"]
    assert sheet["B5"].value == "与首位之差"
    behind = {row[0]: row[1] for row in sheet.iter_rows(6, 9, 1, 2, values_only=True)}
    assert behind["oslo"] == pytest.approx(100 - (0.75 * 50 + 0.25 * 75))
    assert main(["check", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workbooks"][0]["verdict"] == "pass"


@pytest.mark.slow
def test_its_chapter_shows_what_it_declares_and_what_its_code_makes(
    own_home, tmp_path, capsys
):
    book = str(tmp_path / "sixth.xlsx")
    out = tmp_path / "chapter"
    assert main(["new", "sixth", "-o", book, "--json"]) == 0
    capsys.readouterr()
    only = ["--only", "f1", "f2", "f3", "t2"]
    assert main(["report", book, "-o", str(out), "--lang", "en", *only, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert {entry["id"] for entry in document["waiting"]} == {
        "sixth-f9",
        "sixth-t2",
        "changes",
    }
    assert not [entry for entry in document["files"] if entry["id"] == "t2"]
    series = tmp_path / "budgets.csv"
    lines = [
        f"{unit},budget,2030,{at}"
        for at, unit in enumerate(("paris", "rome", "oslo", "bonn"))
    ]
    series.write_text("\n".join(["unit,series,key,value", *lines]), encoding="utf-8")
    more = ["--series", str(series)]
    assert (
        main(["report", book, "-o", str(out), "--lang", "en", *only, *more, "--json"])
        == 0
    )
    document = json.loads(capsys.readouterr().out)
    assert "sixth-t2" not in {entry["id"] for entry in document["waiting"]}
    assert [entry["kind"] for entry in document["files"] if entry["id"] == "t2"] == [
        "table"
    ]
    items = report_items(Index(load_report("sixth")).source())
    difference = items["f3"].make()
    assert difference.title.en == "First less second"
    assert difference.note.en.startswith("One less the other.")
    oslo = [name.en for name in difference.content.rows].index("Oslo")
    assert difference.content.series[0].values[oslo] == pytest.approx(50 - 75)
    assert len(items["f2"].make().content.rows) == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('kind = "bar"', "unknown kind 'bar'"),
        ('kind = "own"\nown = "x"', "no function 'x'"),
    ],
)
def test_a_figure_that_nothing_makes_is_refused(own_home, words, message):
    (own_home / "chapter.toml").write_text(f"[figures.f1]\n{words}\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        report_items(Index(load_report("sixth")).source())["f1"].make()


def test_its_own_comparison_stands_beside_declared_ones(own_home, capsys):
    assert main(["reproduce", "sixth", "--json"]) == 0
    tables = json.loads(capsys.readouterr().out)["reports"]["sixth"]["tables"]
    assert [(table["what"], table["cells"]) for table in tables] == [
        ("ranks", 4),
        ("first city", 1),
    ]


VITALITY = load_report("vitality2014")


@pytest.mark.slow
@pytest.mark.parametrize("option", [option.id for option in VITALITY.recipe.options])
def test_cells_and_functions_follow_every_option_of_a_recipe_it_borrows(
    home, tmp_path, capsys, option
):
    recipe = (VITALITY.folder / "recipe.toml").read_text(encoding="utf-8")
    (home / "recipe.toml").write_text(
        recipe.replace("vitality2014", "sixth"), encoding="utf-8"
    )
    report = load_report("sixth")
    plain_ranks = compute(report.framework, report.recipe, report.dataset)
    chosen = compute(
        report.framework, report.recipe.with_options([option]), report.dataset
    )
    book = str(tmp_path / "sixth.xlsx")
    assert main(["new", "sixth", "--option", option, "-o", book, "--json"]) == 0
    capsys.readouterr()
    assert main(["check", book, "--json"]) == 0
    (checked,) = json.loads(capsys.readouterr().out)["workbooks"]
    status = {check["name"]: check["status"] for check in checked["checks"]}
    assert (checked["verdict"], status["python-native"], status["udf-native"]) == (
        "pass",
    ) * 3
    assert main(["results", book, "--json"]) == 0
    units = {u["unit"]: u for u in json.loads(capsys.readouterr().out)["units"]}
    for row, unit in enumerate(report.dataset.units):
        assert units[unit.id]["scores"]["T"] == pytest.approx(chosen.column("T")[row])
        assert (units[unit.id]["ranks"]["B"] or 0) == chosen.rank("B")[row]
    # Rome and Bonn share the last place in B, or do not; every other option moves a score.
    if option == "consecutive":
        assert plain_ranks.rank("B").tolist() == [1, 3, 2, 3]
        assert chosen.rank("B").tolist() == [1, 3, 2, 4]
    else:
        assert chosen.column("T").tolist() != plain_ranks.column("T").tolist()
