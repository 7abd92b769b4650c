"""Ids and codes with signs that MATCH takes for any text: one of them broke all scores."""

import pytest

from tests.helpers.own import write_tables
from tests.helpers.templates import (
    SEARCH,
    city_cell,
    data_row,
    edited,
    require_agreement,
    seen,
    small_template,
)
from xlcity.cli import main
from xlcity.recalc.compare import compare_engines
from xlcity.recalc.workbook import recalculate

pytestmark = pytest.mark.slow
IDS = ["xia~men", "x*", "?iamen", "~"]


def template_with(unit):
    """Return the small template with another id for a city."""
    edits = {
        "Cities": {city_cell("xiamen", "id"): unit},
        "Data": {f"A{data_row('xiamen')}": unit},
    }
    return edited(small_template(), edits)


@pytest.mark.parametrize("unit", IDS)
def test_a_city_that_cannot_be_looked_up_is_named_and_spoils_no_other(unit):
    book = seen(template_with(unit))
    assert "duplicate-id" in book.red
    assert [p.code for p in book.template.problems] == ["XC313"]
    assert f"the id '{unit}' has a wildcard" in str(book.template.problems[0])
    scored = {city for (city, node), value in book.scores.items() if value is not None}
    assert scored == {
        "beijing",
        "chengdu",
        "shanghai",
        "shenzhen",
        "changsha",
        "qingdao",
        "haikou",
    }
    require_agreement(book)
    assert book.normalised["haikou", SEARCH] is not None


@pytest.mark.libreoffice
@pytest.mark.parametrize("unit", IDS)
def test_libreoffice_computes_the_same(unit):
    package = template_with(unit)
    book = seen(package)
    second = recalculate(package, "libreoffice", book=book.template.book)
    compared = compare_engines(book.fresh.values, second.values, "libreoffice")
    assert compared.differing == ()


@pytest.mark.parametrize(
    ("old", "new"), [("city03", "city~03"), ("city04", "c*"), ("B1", "B?")]
)
def test_a_template_refuses_them_and_the_index_does_not(tmp_path, capsys, old, new):
    write_tables(tmp_path)
    for name in ("fw.csv", "data.csv"):
        path = tmp_path / name
        path.write_text(path.read_text().replace(f"{old},", f"{new},"))
    inputs = [
        "--framework",
        str(tmp_path / "fw.csv"),
        "--data",
        str(tmp_path / "data.csv"),
    ]
    assert main(["new", *inputs, "-o", str(tmp_path / "own.xlsx")]) == 3
    assert f"{new!r} has a wildcard" in capsys.readouterr().err
    assert main(["index", *inputs]) == 0
    capsys.readouterr()
