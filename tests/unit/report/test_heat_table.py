"""The heat table and the bars of contributions: what is drawn is what the index has."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tests.helpers.report_parts import makers_of
from tests.unit.report.test_dot_charts import source_of
from xlcity import Framework
from xlcity.api.index import Index
from xlcity.figures.figure import laid_out
from xlcity.report.figures import ReportFigures
from xlcity.report.story.basis import Basis
from xlcity.report.story.tiers import find_tiers

TREE = """code,parent,name_en
T,,Total
P,T,Parks
Q,T,Roads
R,T,Homes
a,P,Trees
b,Q,Lanes
c,R,Rooms
"""


@pytest.fixture(scope="module", params=["own1", "own2"])
def source(request):
    return source_of(request.param)


def ranks_of(source, code):
    """Return row -> rank by the scores of a node, the highest first, as printed."""
    scores = np.asarray(source.scores(code))
    decimals = source.rank_decimals(code)
    if decimals is not None:
        scores = np.round(scores + 1e-9, decimals)
    return {
        row: 1 + int((scores > scores[row] + 1e-9).sum()) for row in range(len(scores))
    }


def test_cells_are_scores_in_shades_of_their_ranks(source):
    every = ReportFigures(source, source.root).heat_map().content
    ranking = Basis(source).overall
    assert every.columns == [source.node(code) for code in source.main_nodes[1:]]
    assert len(every.rows) == ranking.n
    for column, code in enumerate(source.main_nodes[1:]):
        ranks = ranks_of(source, code)
        scores = np.asarray(source.scores(code))
        for at, row in enumerate(ranking.rows):
            assert every.ranks[at, column] == ranks[row]
            text = every.texts[at][column]
            assert float(text.rstrip("†‡")) == pytest.approx(scores[row], abs=0.051)
            assert every.rows[at].en.endswith(source.marked_city(row, source.root).en)
    assert [*every.thirds[:2]] == [-(-ranking.n // 3), -(-2 * ranking.n // 3)]


def test_the_chapter_has_the_first_cities_and_how_many_are_strong_in_all(source):
    figures = ReportFigures(source, source.root)
    first = figures.first_heat_map()
    basis = Basis(source)
    shown = {35: 20, 24: 24}[basis.overall.n]
    assert len(first.content.rows) == shown >= find_tiers(basis).ends[1]
    limit = -(-basis.overall.n // 3)
    every = [ranks_of(source, code) for code in source.main_nodes[1:]]
    strong = [
        row for row in basis.overall.rows if max(ranks[row] for ranks in every) <= limit
    ]
    assert first.title.zh.startswith(f"{len(strong)}座城市")
    # What is the title of one figure is not that of another.
    rest = figures.whole_heat_map()
    assert (rest is None) == (shown == basis.overall.n)
    assert rest is None or rest.title != first.title


def drawn_cells(figure):
    """Return how many cells have each look, and the bold numbers."""
    with laid_out(figure, "en") as picture:
        (axes,) = picture.get_axes()
        looks = Counter(
            "gap" if patch.get_hatch() else patch.get_facecolor()
            for patch in axes.patches
        )
        bold = [text.get_text() for text in axes.texts if text.get_path_effects()]
        return looks, bold


def test_each_shade_is_drawn_as_often_as_its_third_has_ranks(source):
    figure = ReportFigures(source, source.root).heat_map()
    content = figure.content
    looks, bold = drawn_cells(figure)
    ends = [0, *content.thirds]
    counts = [
        int(((content.ranks > low) & (content.ranks <= high)).sum())
        for low, high in pairwise(ends)
    ]
    assert sorted(looks.values()) == sorted(counts)
    assert len(bold) == int((content.ranks == 1).sum()) >= len(content.columns)


def test_a_gap_is_hatched_and_named():
    frame = pd.DataFrame(
        {"a": [9.0, 8, 7, 6], "b": [4.0, 3, 2, 1], "c": [np.nan, 5, 6, 7]},
        index=[*"uvwx"],
    )
    source = Index(Framework.read(TREE), frame).source()
    figure = ReportFigures(source, "T").heat_map()
    assert int(np.isnan(figure.content.ranks).sum()) == 1
    looks, _ = drawn_cells(figure)
    assert looks["gap"] == 1
    with laid_out(figure, "en") as picture:
        legends = [
            text.get_text()
            for part in picture.subfigs
            for one in part.legends
            for text in one.get_texts()
        ]
    assert "no score" in legends


def test_one_part_is_no_table():
    frame = pd.DataFrame({"a": [3.0, 2, 1]}, index=[*"uvw"])
    tree = "code,parent\nT,\nP,T\na,P\n"
    source = Index(Framework.read(tree), frame).source()
    assert makers_of(source)["heat-map"]() is None


def parts_of(chart):
    return [np.asarray(own.values) for own in chart.series]


def test_parts_add_up_to_scores_and_to_printed_leads():
    source = source_of("own1")
    figure = makers_of(source)["contributions"]()
    content = figure.content
    ranking = Basis(source).overall
    assert len(content.rows) == 10
    sums = np.sum(parts_of(content.left), axis=0)
    assert sums == pytest.approx(ranking.scores[:10])
    leads = np.array(parts_of(content.right))
    assert leads.sum(axis=0) == pytest.approx(ranking.drops[:10])
    assert [*content.right.ends] == [f"{drop:.1f}" for drop in ranking.drops[:10]]
    best = int(leads[:, 0].argmax())
    part = source.node(source.main_nodes[1 + best]).zh
    assert figure.title.zh == f"天津{part}多得{leads[best, 0]:.1f}分，领先无锡"
    shades = [own.shade for own in content.left.series]
    assert shades == [own.shade for own in content.right.series]


def test_bars_of_leads_are_drawn_left_and_right_of_zero():
    source = source_of("own1")
    figure = makers_of(source)["contributions"]()
    with laid_out(figure, "zh") as picture:
        right = picture.get_axes()[1]
        widths = np.array([bar.get_width() for bar in right.patches])
    drawn = np.concatenate(parts_of(figure.content.right))
    assert widths == pytest.approx(drawn)
    assert widths.min() < 0 < widths.max()


def test_geometric_means_have_no_parts():
    assert makers_of(source_of("own2"))["contributions"]() is None
