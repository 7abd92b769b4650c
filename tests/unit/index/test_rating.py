"""Levels of scores, and trends by the change since the previous edition."""

import numpy as np
import pytest

from xlcity.index import compute
from xlcity.index.rating import rate_nodes
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step

FRAMEWORK = Framework.read("code,parent\nT,\na,T\n")


def rating(values, before=(), **params):
    """Return the one rating of cities with these scores."""
    units = tuple(Unit(f"u{row}") for row in range(len(values)))
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
    found = rating([50, 50, 50, 50], [52, 50, 49, np.nan], trend=(-1.0, 0.0, 1.0))
    assert found.progress.tolist()[:3] == [-2, 0, 1]
    assert found.trends.tolist() == [0, 2, 3, -1]


def test_progress_to_a_target_is_a_share_of_what_was_due():
    # From 40 to the target 80, half of it due: 20 points. Whoever was there must remain there.
    scores, before = [50, 60, 30, 85, 79, 50], [40, 40, 40, 80, 90, np.nan]
    found = rating(scores, before, trend=(0.0, 0.5, 1.0), target=80.0, due=0.5)
    assert found.progress[:5].tolist() == pytest.approx([0.5, 1, -0.5, 1, -1])
    assert found.trends.tolist() == [2, 3, 0, 3, 0, -1]


def test_levels_and_arrows_have_names():
    found = rating([95, 10], [90, 12], trend=(-1.0, 0.0, 1.0))
    assert (found.rating("level", 0).en, found.rating("level", 1).en) == (
        "Goal achieved",
        "Major challenges remain",
    )
    assert [found.rating("trend", row).sign for row in (0, 1)] == ["↑", "↓"]
    assert rating([95]).rating("trend", 0) is None
