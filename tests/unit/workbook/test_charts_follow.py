"""A chart of a workbook shows other numbers as soon as the cell that chooses them changes."""

import re

import pytest

from tests.helpers.own import made_book
from tests.helpers.templates import edited, small_template
from xlcity.xlsx.package import Package


def shown(package):
    """Return what the charts have stored: reference -> texts and numbers."""
    pattern = r"<c:f>([^<]*)</c:f>\s*<c:(?:num|str)Cache>(.*?)</c:(?:num|str)Cache>"
    return {
        place.replace("$", ""): re.findall("<c:v>([^<]*)</c:v>", cache)
        for name, part in package.parts.items()
        if name.startswith("xl/charts/chart")
        for place, cache in re.findall(pattern, part.decode(), re.DOTALL)
    }


@pytest.mark.long
@pytest.mark.libreoffice
def test_the_chart_of_the_ranking_follows_the_node_that_is_chosen():
    from xlcity.recalc.engines.soffice import recalculate_in_office

    after = edited(small_template(), {"Ranking": {"D4": "IMG_COM"}})
    charts = [
        shown(Package.from_bytes(recalculate_in_office(package.to_bytes(), 120)))
        for package in (small_template(), after)
    ]
    values = [
        next(
            cells for place, cells in one.items() if re.match(r"Ranking!G\d+:G", place)
        )
        for one in charts
    ]
    assert charts[0]["Ranking!E4"] != charts[1]["Ranking!E4"]
    assert values[0] != values[1]
    # Ranked from the top down by the node that is shown.
    assert all(
        [*map(float, one)] == sorted(map(float, one), reverse=True) for one in values
    )


@pytest.mark.parametrize(
    ("method", "begins_at_0"), [("zscore", False), ("minmax", True)]
)
def test_bars_of_scores_below_0_are_drawn(method, begins_at_0):
    package = Package.from_bytes(
        made_book(("--normalise", method, "--cells", "native"))
    )
    charts = [
        xml
        for name in package.parts
        if name.startswith("xl/charts/chart")
        and "barChart" in (xml := package.text(name))
    ]
    # Of the ranking, and two of the profile.
    assert len(charts) == 3
    for xml in charts:
        axis = re.search(r"<c:valAx>.*?</c:valAx>", xml)[0]
        assert ('<c:min val="0"/>' in axis) == begins_at_0
        # Names stand beside the bars, not across those below 0.
        assert (
            re.search(r"<c:catAx>.*?</c:catAx>", xml)[0].count(
                '<c:tickLblPos val="low"/>'
            )
            == 1
        )
