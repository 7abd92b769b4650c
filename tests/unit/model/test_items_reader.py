"""Lists of institutions behind an indicator."""

from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.lines import ItemReader, KnownLines
from xlcity.model.reading.tables import parse_csv
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read("code,parent\nT,\na,T\n")
RECIPE = Recipe("r", (Step("construct", "bands", {"lists": ("arwu", "the")}, ("a",)),))


def test_lines_are_read_and_empty_ones_skipped():
    lines = "u,A,7,,a\n,,,,a\nv,,,101-150,a\nu,B,,,a\nv,,,,a\n"
    table = parse_csv(f"unit,item,arwu,the,code\n{lines}", "items")
    known = KnownLines(FRAMEWORK, RECIPE, (Unit("u"), Unit("v")))
    reader = ItemReader(table, known)
    items = reader.read()
    assert [(item.unit, item.name, dict(item.ranks)) for item in items["a"]] == [
        ("u", "A", {"arwu": "7", "the": ""}),
        ("v", "", {"arwu": "", "the": "101-150"}),
        ("u", "B", {"arwu": "", "the": ""}),
        # A city alone is a line, too: it has an institution that has no rank.
        ("v", "", {"arwu": "", "the": ""}),
    ]
    assert reader.problems == []


def test_a_line_of_no_city_is_refused():
    table = parse_csv("unit,item,arwu,the\nu,A,7,\n,B,,9\nNowhere,C,1,\n", "items")
    reader = ItemReader(table, KnownLines(FRAMEWORK, RECIPE, (Unit("u"),)))
    reader.read()
    assert [problem.where.cell for problem in reader.problems] == ["row 3", "row 4"]
