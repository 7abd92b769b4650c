"""The map of an own index: every ranked city at its place, the first tiers as full dots."""

import numpy as np
import pytest

from tests.helpers.report_parts import makers_of
from tests.unit.report.test_dot_charts import source_of
from xlcity.api.index import Index
from xlcity.api.workbook import Workbook
from xlcity.figures.figure import laid_out
from xlcity.report.figures import ReportFigures
from xlcity.report.story.basis import Basis
from xlcity.report.story.tiers import find_tiers
from xlcity.reports.declarations import coordinates

TREE = "code,parent,name_en,direction\nT,,Total,\na,T,Trees,1\nb,T,Lanes,1\n"
DATA = "id,a,b\nu1,1,5\nu2,2,4\nu3,3,3\nu4,4,1\n"
PLACES = ["10.5,50", "11,51", "12,49", "9,48"]


@pytest.fixture(scope="module")
def source():
    return source_of("own1")


def test_every_ranked_city_stands_where_a_report_knows_it(source):
    chart = makers_of(source)["map"]().content
    rows = Basis(source).overall.rows
    assert [name.zh for name in chart.rows] == [
        source.marked_city(row, source.root).zh for row in rows
    ]
    known = coordinates("image2025")
    for at, row in enumerate(rows):
        latitude, longitude = known[source.units[row].id]
        assert (chart.across[at], chart.up[at]) == (longitude, latitude)


def test_the_first_tiers_are_full_dots_and_their_groups_the_title(source):
    figure = makers_of(source)["map"]()
    chart = figure.content
    basis = Basis(source)
    end = find_tiers(basis).ends[1]
    assert chart.rings == [False] * end + [True] * (basis.overall.n - end)
    eastern = chart.legend[0]
    assert eastern.zh == "东部"
    k = chart.classes[:end].count(0)
    assert figure.title.zh == f"前两个梯队{end}座城市中，东部城市占{k}座"
    assert figure.title.en == "Eight of the nine in tier one or two are eastern cities"
    assert k == 8


def test_a_degree_is_as_long_in_both_directions(source):
    with laid_out(makers_of(source)["map"](), "zh") as picture:
        (axes,) = picture.get_axes()
        ends = axes.transData.transform([(100, 20), (110, 30)])
        dots = axes.collections[0].get_offsets()
    across, up = np.diff(ends, axis=0)[0]
    assert across == pytest.approx(up)
    assert len(dots) == Basis(source).overall.n


def test_too_few_known_places_are_no_map():
    # 21 of 24 cities are known.
    assert makers_of(source_of("own2"))["map"]() is None


def folder_with(tmp_path, places):
    (tmp_path / "framework.csv").write_text(TREE, encoding="utf-8")
    (tmp_path / "data.csv").write_text(DATA, encoding="utf-8")
    lines = [f"u{n},Town {n},{place}" for n, place in enumerate(places, 1)]
    cities = "\n".join(["id,name_en,lon,lat", *lines])
    (tmp_path / "cities.csv").write_text(cities, encoding="utf-8")
    return Index(tmp_path / "framework.csv", tmp_path)


def test_columns_lon_and_lat_are_places_in_tables_and_in_workbooks(tmp_path):
    index = folder_with(tmp_path, PLACES)
    index.to_workbook(tmp_path / "own.xlsx")
    book = Workbook.open(tmp_path / "own.xlsx")
    for source in (index.source(), book.source()):
        chart = ReportFigures(source, "T").map().content
        places = {*zip(chart.across.tolist(), chart.up.tolist(), strict=True)}
        assert places == {(10.5, 50), (11, 51), (12, 49), (9, 48)}
        assert chart.rings == []


@pytest.mark.parametrize("places", [["10,50"] * 4, ["10,50", "11,51", "12,49", ","]])
def test_one_place_or_a_quarter_without_one_are_no_map(tmp_path, places):
    source = folder_with(tmp_path, places).source()
    assert ReportFigures(source, "T").map() is None
