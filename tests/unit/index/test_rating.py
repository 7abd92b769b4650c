"""Levels of scores, and trends by the change since the previous edition."""

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.index.rating import rate_nodes, rating_problems
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read("code,parent\nT,\na,T\n")
TREND = (-1.0, 0.0, 1.0)


def rating(values, before=(), *, populations=None, **params):
    """Return the one rating of cities with these scores."""
    groups = populations or ["main"] * len(values)
    units = tuple(Unit(f"u{row}", population=group) for row, group in enumerate(groups))
    column = np.array(values, dtype=float)[:, None]
    states = np.where(np.isnan(column), State.MISSING, State.VALUE).astype(np.uint8)
    data = Dataset(units, ("a",), column, states, empty_dataset(units, ("a",)).basis)
    steps = (
        Step("normalise", "none"),
        Step("aggregate", "arithmetic", {"missing": "na"}),
        Step("rate", "cuts", {"cuts": (30.0, 60.0, 90.0), **params}),
    )
    scores_before = {(f"u{row}", "T"): score for row, score in enumerate(before)}
    (found,) = rate_nodes(compute(FRAMEWORK, Recipe("r", steps), data), scores_before)
    return found


def test_a_score_on_a_cut_point_is_in_the_level_that_the_recipe_says():
    scores = [29, 30, 60.5, 90, np.nan]
    assert rating(scores).levels.tolist() == [0, 1, 2, 3, -1]
    assert rating(scores, edge="lower").levels.tolist() == [0, 0, 2, 2, -1]
    # Where cut points fall, less is better.
    assert rating(scores, cuts=(90.0, 60.0, 30.0)).levels.tolist() == [3, 3, 1, 1, -1]


def test_cut_points_in_standard_deviations_from_the_mean():
    # The mean is 4, the deviation with n - 1 is 2: cut points at 1, 3, 5 and 7.
    around = {"by": "sd", "cuts": (-1.5, -0.5, 0.5, 1.5)}
    assert rating([2, 4, 6], **around).levels.tolist() == [1, 2, 3]
    # Without a deviation there is no level.
    assert rating([4, 4, 4], **around).levels.tolist() == [-1, -1, -1]
    assert rating([4, np.nan], **around).levels.tolist() == [-1, -1]


def test_a_trend_is_the_change_of_the_score():
    found = rating([50, 50, 50, 50], [52, 50, 49, np.nan], trend=TREND)
    assert found.progress.tolist()[:3] == [-2, 0, 1]
    assert found.trends.tolist() == [0, 2, 3, -1]


def test_progress_to_a_target_is_a_share_of_what_was_due():
    # From 40 to the target 80, half of it due: 20 points. Whoever was there must remain there.
    scores = [50, 60, 30, 85, 79, 50]
    before = [40, 40, 40, 80, 90, np.nan]
    found = rating(scores, before, trend=(0.0, 0.5, 1.0), target=80.0, due=0.5)
    assert found.progress[:5].tolist() == pytest.approx([0.5, 1, -0.5, 1, -1])
    assert found.trends.tolist() == [2, 3, 0, 3, 0, -1]


def test_levels_and_arrows_have_names():
    found = rating([95, 10], [90, 12], trend=TREND)
    assert (found.rating("level", 0).en, found.rating("level", 1).en) == (
        "Goal achieved",
        "Major challenges remain",
    )
    assert [found.rating("trend", row).sign for row in (0, 1)] == ["↑", "↓"]
    assert rating([95]).rating("trend", 0) is None


def test_a_city_that_is_not_scored_has_neither_level_nor_trend():
    found = rating([95, 95], [90, 90], trend=TREND, populations=["main", ""])
    assert found.levels.tolist() == [3, -1]
    assert found.trends.tolist() == [3, -1]
    assert rating([95], [90]).trends.tolist() == [-1]


def test_cut_points_in_deviations_lie_on_their_side_of_the_mean_of_each_group():
    around = {"by": "sd", "cuts": (-1.0, 0.4, 1.0)}
    # The mean is 4 and the deviation 2: cut points at 2, 4.8 and 6.
    assert rating([2, 4, 6], **around).levels.tolist() == [1, 1, 3]
    # Two are enough; the other group has the mean 50 and the deviation 14.1.
    groups = ["main"] * 3 + ["mini"] * 2
    found = rating([2, 4, 6, 40, 60], **around, populations=groups)
    assert found.levels.tolist() == [1, 1, 3, 1, 2]


def test_who_was_at_the_target_is_on_track_while_it_remains_there():
    found = rating([80, 79.9, 81], [85, 85, 80], trend=TREND, target=80.0)
    assert found.progress.tolist() == [1, -1, 1]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"of": "values", "codes": ("a",)}], ""),
        (
            [{"of": "values", "codes": ("T",)}],
            "step 3 (rate): T has no values of its own.",
        ),
        ([{"codes": ("T",)}, {"codes": ("a",)}], ""),
        (
            [{"codes": ("T",)}, {"codes": ("a",), "words_en": ("A", "B", "C", "D")}],
            "step 4 (rate): its words, colours or arrows are not those of the step rate before it.",
        ),
    ],
)
def test_steps_that_rate_share_a_legend_and_rate_values_of_indicators(steps, says):
    rates = [
        Step("rate", "cuts", {"cuts": (30.0, 60.0, 90.0), **step}, step.pop("codes"))
        for step in map(dict, steps)
    ]
    recipe = Recipe(
        "r", (Step("normalise", "none"), Step("aggregate", "arithmetic"), *rates)
    )
    found = [(p.code, p.message) for p in rating_problems(FRAMEWORK, recipe)]
    assert found == ([("XC262", says)] if says else [])
