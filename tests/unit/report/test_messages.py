"""The messages that titles of figures state, and how their numbers are printed."""

from dataclasses import replace

import pandas as pd
import pytest

from tests.helpers.report_parts import tables_of
from xlcity import Framework
from xlcity.api.index import Index
from xlcity.figures.contents import Label
from xlcity.model.recipe import Recipe, Step
from xlcity.report.earlier_editions import EarlierRanks
from xlcity.report.figures import ReportFigures
from xlcity.report.messages import of_ranking
from xlcity.reports import load_report


def source_of(scores, name="u", **rank):
    """Return an index whose scores are given."""
    framework = Framework.read("code,parent,name_en\nT,,Total\na,T,A\n")
    data = pd.DataFrame({"a": scores}, index=[f"{name}{n}" for n in range(len(scores))])
    steps = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
        Step("rank", "competition", {"digits": 9, **rank}),
    )
    return Index(
        framework, data, recipe=Recipe("r", steps, weights="relative")
    ).source()


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        # The standard deviation is 20: half of it is enough.
        ([50, 40, 10, 10, 10, 0], "Overall: u0 leads by 10.0 points"),
        ([50, 41, 10, 10, 10, 0], ""),
        ([90.0, 50.0, 49.0, 48.0, 47.0, 46.0], "Overall: u0 leads by 40.0 points"),
        # Five of sixteen lie together; so do the last, of whom no title tells.
        (
            [100, 92, 84, 83, 82, 81, 80, 50, 40, 30, 20, 10, 9, 8, 7, 6],
            "Overall: 4.0 points between ranks 3 and 7",
        ),
        # Five share a rank.
        ([100, 92, 80, 80, 80, 80, 80, 50, 40, 30, 20, 10, 9, 8, 7, 6], ""),
    ],
)
def test_a_ranking_says_who_leads_or_where_it_is_close(scores, message):
    assert of_ranking(source_of([*map(float, scores)]), "T", "main").en == message


@pytest.mark.parametrize(
    ("rank", "printed"),
    [
        ({}, "12.35"),
        ({"round_to": 0}, "12"),
        ({"round_to": 1}, "12.3"),
        ({"round_to": -1}, "12.35"),
    ],
)
def test_scores_have_the_decimals_that_ranks_are_made_on(rank, printed):
    assert source_of([12.345, 5.0, 1.0], **rank).points(12.345, "T") == printed


def test_a_table_of_sources_names_a_dimension_once():
    table = tables_of(Index(load_report("vitality2014")).source())["c2"]
    dimensions = [cells[0].en for cells in table.rows]
    names = [name for name in dimensions if name]
    assert len({*names}) == len(names) == 4
    assert dimensions[0] == names[0]


@pytest.mark.parametrize(
    ("cities", "title"), [(19, "all 19 cities"), (60, "the top 20 cities")]
)
def test_ranks_over_the_editions_are_those_of_all_cities_where_all_are_shown(
    cities, title
):
    source = source_of([*map(float, range(cities))])
    ranks = {(unit.id, "T"): rank for rank, unit in enumerate(source.units, 1)}
    source = replace(source, earlier=(EarlierRanks(Label("2024年", "2024"), ranks),))
    figure = ReportFigures(source, "T", "main").earlier()
    assert (
        f"Ranks of {title} in the Index, by edition"
        in f"{figure.title.en} {figure.subtitle.en}"
    )


@pytest.mark.parametrize(
    ("cities", "name", "shown"),
    [
        (240, "u", 240),
        (241, "u", 240),
        (700, "u", 240),
        (150, "University of Santa Barbara ", 120),
    ],
)
def test_of_more_cities_than_a_page_has_room_for_charts_show_the_first_and_say_so(
    cities, name, shown
):
    figures = ReportFigures(source_of([*map(float, range(cities))], name), "T", "main")
    figure = figures.bars()
    assert len(figure.content.rows) == shown
    assert figure.content.rows[0].en.endswith(f"{name}{cities - 1}")
    assert (f"the first {shown} are shown" in figure.subtitle.en) == (shown < cities)
    assert f"{cities} cities" in figure.subtitle.en
    # A single part is no table, and no parts.
    assert figures.heat_map() is figures.contributions() is None
    assert (figures.dendrogram() is None) == (shown < cities)
