"""The figures of an assessment show its numbers."""

import numpy as np
import pytest

from tests.helpers.robust import invented
from xlcity.api.assessment_figures import KINDS
from xlcity.api.index import Index
from xlcity.errors import UsageError


@pytest.fixture(scope="module")
def found():
    framework, recipe, dataset = invented(n=9, k=12, gaps=0)
    index = Index(framework, dataset, recipe=recipe)
    vary = ["data=normal:20%", "weights=noise:40%"]
    return index.assess(60, vary=vary, compared=["normalise=rank"])


def test_every_kind_has_data_and_its_own_name(found):
    assert {figure.id for figure in found.figures()} == set(KINDS)
    with pytest.raises(UsageError, match="unknown figure 'rank-interval'"):
        found.figure("rank-interval")


def test_intervals_are_those_of_the_table(found):
    chart = found.figure("rank-intervals").content
    table = found.units.sort_values("rank")
    assert [label.en.split()[-1] for label in chart.rows] == table.index.tolist()
    median = chart.series[1]
    for column, ends in (
        ("low", median.low),
        ("median", median.values),
        ("high", median.high),
    ):
        np.testing.assert_array_equal(ends, table[column])
    # The first and the last rank are inside.
    assert (chart.axis.low < 1, chart.axis.high > len(table)) == (True, True)
    first = {group[0] for group in found.uncertainty.groups}
    assert [table.index[at] for at in chart.bands] == [
        u for u in table.index if u in first
    ]


def test_probabilities_are_those_of_the_tables(found):
    chart = found.figure("top-probabilities").content
    shown = [label.en.split()[-1] for label in chart.rows]
    np.testing.assert_array_equal(
        chart.values, found.units.loc[shown, ["top 1", "top 3"]].to_numpy()
    )


def test_what_is_summed_up_is_summed_up(found):
    chart = found.figure("contributions").content
    base = found.plan.base
    node = found.plan.node
    order = [base.dataset.row(unit) for unit in base.order(node, base.populations[0])]
    score = base.column(node)[order]
    sums = sum(one.values for one in chart.left.series)
    np.testing.assert_allclose(sums, score)
    leads = sum(one.values for one in chart.right.series)
    np.testing.assert_allclose(leads[:-1], -np.diff(score))
    assert np.isnan(leads[-1])
    shifts = found.figure("leave-one-out").content
    assert (np.diff(shifts.series[0].values) <= 0).all()
    assert len(shifts.rows) == len(found.leave_one_out)


def test_names_and_choices_stand_in_both_languages(found):
    figure = found.figure("sensitivity")
    assert [row.text("zh") for row in figure.content.rows] == ["数据误差", "权重"]
    assert (figure.content.axis.low, figure.content.axis.high) == (0, 1)  # shares
    assert "60" in figure.source.en
    assert "60" in figure.source.zh


def test_a_notebook_shows_the_intervals(found):
    assert found._repr_png_()[:4] == b"\x89PNG"


def test_a_replicate_is_asked_for_by_its_number(found):
    framework, _, data = found.replicate(59)
    assert len(data.units) == 9
    assert len(framework.indicators) == 12
    for number in (-1, 60):
        with pytest.raises(
            UsageError, match=f"there is no replicate {number}"
        ) as caught:
            found.replicate(number)
        assert caught.value.problems[0].hint == "They are numbered from 0 to 59."
