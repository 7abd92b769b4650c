"""Rankings with tiers, groups, parts and change: what is drawn is what the index has."""

from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.report_parts import makers_of
from xlcity.api.index import Index
from xlcity.figures.contents import DotPanels, SlopeChart
from xlcity.report.story.basis import Basis
from xlcity.report.story.change import EditionChanges
from xlcity.report.story.robustness import Variants, robustness
from xlcity.report.story.sections import Chapter
from xlcity.report.story.tiers import find_tiers

MODELS = Path(__file__).parent / "story/models"


def source_of(name):
    folder = MODELS / name
    recipe = folder / "recipe.toml"
    return Index(folder / "framework.csv", folder, recipe=recipe).source()


@pytest.fixture(scope="module", params=["own1", "own2"])
def source(request):
    return source_of(request.param)


@pytest.fixture(scope="module")
def figures(source):
    return makers_of(source)


def test_the_ranking_has_a_dot_a_city_and_a_band_a_tier(source, figures):
    figure = figures[f"bars-{source.root}"]()
    basis = Basis(source)
    ranking = basis.overall
    (panel,) = figure.content.panels
    assert [row.dots[0].value for row in panel.rows] == pytest.approx(ranking.scores)
    assert [row.dots[0].rank for row in panel.rows] == [*ranking.ranks]
    assert panel.line == pytest.approx(ranking.mean)
    tiers = find_tiers(basis)
    assert [*accumulate(band.count for band in panel.bands)] == [*tiers.ends]
    for band, end in zip(panel.bands, tiers.ends[:-1], strict=False):
        drop = ranking.scores[end - 1] - ranking.scores[end]
        assert band.border.en == f"−{drop:.1f}"
    assert figure.title.zh.startswith(f"{tiers.ends[0]}座城市自成第一梯队")
    assert f"{ranking.drops[tiers.ends[0] - 1]:.1f}" in figure.title.zh


def test_groups_have_a_dot_a_city_and_a_bar_at_their_mean(source, figures):
    scores = np.asarray(source.scores(source.root))
    for kind in source.group_types:
        figure = figures[f"means-{kind.attribute}"]()
        (panel,) = figure.content.panels
        large = [
            group
            for group in kind.groups
            if len(source.members(kind, group, source.root)) > 2
        ]
        assert len(panel.rows) == len(large)
        for row, group in zip(panel.rows, large, strict=True):
            members = source.members(kind, group, source.root)
            own = scores[members]
            assert sorted(dot.value for dot in row.dots) == pytest.approx(sorted(own))
            assert row.mean == pytest.approx(own.mean())
            assert row.first.zh.startswith(source.city(members[0]).zh)
        dimensions = figures[f"parts-{kind.attribute}"]().content
        assert [own.title for own in dimensions.panels] == [
            source.node(code) for code in source.main_nodes[1:]
        ]
        assert dimensions.has_one_axis


def test_a_panel_has_its_first_ten_and_all_others(source, figures):
    for code in source.main_nodes:
        content = figures[f"leaders-{code}"]().content
        for panel, child in zip(content.panels, source.children(code), strict=True):
            scores = np.asarray(source.scores(child))
            every = [dot for row in panel.rows for dot in row.dots]
            assert sorted(dot.value for dot in every) == pytest.approx(
                sorted(scores[[*Basis(source).ranking(child).rows]])
            )
            *first, others = panel.rows
            assert 10 <= len(first) <= 15
            assert {dot.shade for dot in others.dots} == {None}
            assert first[0].dots[0].value == max(dot.value for dot in every)
            assert first[0].end.zh
            assert panel.line == pytest.approx(np.mean([dot.value for dot in every]))


def test_cities_that_the_text_on_a_dimension_names_have_a_row_each(source, figures):
    added = 0
    for code in source.main_nodes[1:]:
        paragraphs = Chapter(source).dimension(code)
        text = "".join(one.text.zh for own in paragraphs for one in own.sentences)
        rows = Basis(source).ranking(code).rows
        named = {source.city(row).zh for row in rows if source.city(row).zh in text}
        panels = figures[f"leaders-{code}"]().content.panels
        labels = [row.label.zh for panel in panels for row in panel.rows]
        assert all(any(name in label for label in labels) for name in named)
        added += max(len(panel.rows) for panel in panels) > 12
    assert named
    assert bool(added) == (source.root == "GTI")


def test_scores_of_both_editions_are_joined_in_the_order_of_their_change():
    source = source_of("own1")
    figure = makers_of(source)[f"slopes-{source.root}"]()
    content = figure.content
    own = EditionChanges(Basis(source))
    assert isinstance(content, DotPanels)
    assert content.is_joined
    rows = content.panels[0].rows
    pairs = [[dot.value for dot in row.dots] for row in rows if len(row.dots) == 2]
    gains = [now - then for then, now in pairs]
    assert gains == sorted(gains, reverse=True)
    assert gains == pytest.approx(
        sorted((own.gain(move.row) for move in own.moves), reverse=True)
    )
    new = [row.label.zh for row in rows if len(row.dots) == 1]
    assert len(pairs) + len(new) == Basis(source).overall.n
    assert len(new) == len([r for r in own.rows if own.editions.is_new(r)])
    assert sum(row.is_strong for row in rows) == 10


def test_no_two_figures_have_one_message(source, figures):
    names = [f"bars-{source.root}"]
    names += [
        name for name in figures if name.startswith(("leaders", "means", "parts"))
    ]
    titles = [figures[name]().title for name in names]
    assert len({*titles}) == len(titles)
    for title in titles:
        assert len(title.zh) <= 22
        assert len(title.en) <= 60


def test_few_cities_have_slopes_of_ranks():
    source = source_of("own1")
    code = source.main_nodes[1]
    assert isinstance(makers_of(source)[f"slopes-{code}"]().content, SlopeChart)


def test_intervals_of_ranks_span_the_variants_of_the_text(source, figures):
    figure = figures["rank-intervals"]()
    basis = Basis(source)
    variants = Variants(basis).all()
    (series,) = figure.content.series
    for at, row in enumerate(basis.overall.rows):
        ranks = [own.ranks[row] for own in variants if own.ranks[row] > 0]
        ranks.append(basis.overall.ranks[at])
        assert (series.low[at], series.high[at]) == (min(ranks), max(ranks))
        assert series.values[at] == basis.overall.ranks[at]
    first = basis.overall.rows[0]
    wins = sum(own.ranks[first] == 1 for own in variants)
    told = f"{len(variants)}种替代算法下{wins}次居首"
    is_settled = wins >= 0.6 * len(variants)
    assert (told in figure.title.zh) == is_settled
    (sentence, *_) = robustness(basis)
    assert sentence.values["variants"] == len(variants)
    assert sentence.values["k"] == wins
