"""The figures of an index of z-scores of 60 cities: all marks inside their axes."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from tests.helpers.drawn_marks import marks_outside
from xlcity.api.index import Index
from xlcity.figures.figure import Figure, laid_out
from xlcity.model.framework import Framework
from xlcity.report.figures import ReportFigures
from xlcity.report.items import report_items
from xlcity.workbook.reading.stored_assessment import StoredAssessment

TREE = """code,parent,weight,direction,name_zh,name_en
T,,1,1,总分,Total
P,T,1,1,环境,Environment
Q,T,2,1,出行,Mobility
R,T,1,1,治安,Safety
a,P,1,1,甲,Parks
b,P,1,-1,乙,Noise
c,Q,1,1,丙,Buses
d,R,1,-1,丁,Crime
"""
N = 60


@pytest.fixture(scope="module")
def source():
    """Return an index that was assessed: each rank may be 9 places worse."""
    rng = np.random.default_rng(2)
    units = [f"u{at}" for at in range(N)]
    table = pd.DataFrame(rng.normal(50, 9, (N, 4)), columns=[*"abcd"], index=units)
    table["Group_side"] = ["north" if at % 3 else "south" for at in range(N)]
    made = Index(Framework.read(TREE), table, normalise="zscore").source()
    cities = [
        {
            "unit": unit,
            "rank": made.rank(row, "T"),
            "score": made.score(row, "T"),
            "low": made.rank(row, "T"),
            "high": made.rank(row, "T") + 9,
        }
        for row, unit in enumerate(units)
    ]
    stored = StoredAssessment({"replicates": 500}, {"xl_robustness": tuple(cities)}, {})
    return dataclasses.replace(
        made, spec=dataclasses.replace(made.spec, assessed=stored)
    )


def figures_of(source):
    for item in report_items(source).values():
        if isinstance(figure := item.make(), Figure):
            yield figure


@pytest.mark.slow
def test_all_figures_have_their_marks_inside(source):
    outside = {}
    for figure in figures_of(source):
        with laid_out(figure, "en") as picture:
            outside[figure.id] = marks_outside(picture)
    assert {"rank-intervals", "bars-T", "heat-map"} <= {*outside}
    assert {name: marks for name, marks in outside.items() if marks} == {}


def test_ranks_of_all_columns_are_on_the_axis(source):
    (figure,) = (one for one in figures_of(source) if one.id == "rank-intervals")
    with laid_out(figure, "en") as picture:
        ends = {tuple(axes.get_xlim()) for axes in picture.get_axes()}
        assert marks_outside(picture) == []
    ((low, high),) = ends
    assert low <= 1
    assert high >= N + 9


def test_strips_show_where_a_city_stands(source):
    """The last city stands further left than the first."""
    figures = ReportFigures(source, "T")
    charts = [figures.strips(row).content for row in source.order("T")]
    means = [np.nanmean(chart.places) for chart in charts]
    assert means[-1] < means[0] / 2
    for chart in charts:
        assert np.nanmin(chart.places) >= 0
        assert np.nanmax(chart.places) <= 1
