"""Groups of rows with statistics, bounds and ranks of their own."""

import numpy as np
import pytest

from xlcity.errors import CellError
from xlcity.functions.aggregate import weighted_index
from xlcity.functions.block import CellState
from xlcity.functions.entry import evaluate
from xlcity.functions.normalise import zscore_winsor
from xlcity.functions.rank import rank_competition
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.scale import efficacy_scale

VALUES = np.array([[1.0], [2.0], [6.0], [10.0], [30.0], [99.0]])
GROUPS = ["a", "a", "a", "b", "b", ""]


def apart(core, *args, **options):
    """Compute each group by itself with plain calls."""
    found = np.full(VALUES.shape, np.nan)
    for name in ("a", "b"):
        rows = np.array([group == name for group in GROUPS])
        found[rows] = core(VALUES[rows], *args, **options).values
    return found


@pytest.mark.parametrize(
    ("core", "args"),
    [(zscore_winsor, (0,)), (efficacy_scale, ()), (rank_competition, ())],
)
def test_groups_are_computed_as_if_alone_and_rows_without_one_are_left_out(core, args):
    got = core(VALUES, *args, groups=GROUPS)
    np.testing.assert_allclose(got.values, apart(core, *args))
    assert got.error(5, 0) is CellError.NA


def test_a_row_can_be_measured_by_the_statistics_of_another_group_or_of_all():
    a = VALUES[:3, 0]
    everyone = VALUES[:5, 0]
    got = zscore_winsor(
        VALUES, 0, groups=GROUPS, pools=["", "", "", "a", "all", "a"]
    ).values[:, 0]
    np.testing.assert_allclose(got[:3], (a - a.mean()) / a.std())
    assert got[3] == pytest.approx((10 - a.mean()) / a.std())
    assert got[4] == pytest.approx((30 - everyone.mean()) / everyone.std())
    assert np.isnan(got[5])


def test_a_constant_group_has_no_z_score_unless_one_is_named():
    values = [[3.0], [3.0], [4.0], [8.0]]
    groups = ["a", "a", "b", "b"]
    assert zscore_winsor(values, groups=groups).error(0, 0) is CellError.DIV0
    got = zscore_winsor(values, groups=groups, constant=0).values.ravel()
    assert got.tolist() == [0.0, 0.0, -1.0, 1.0]


@pytest.mark.parametrize("gap", [CellState.BLANK, CellState.MISSING])
def test_refuse_leaves_a_whole_group_without_a_mean(gap):
    values = np.array([[1.0, 3.0], [np.nan, 5.0], [2.0, 4.0]])
    states = np.where(np.isnan(values), gap, CellState.NUMBER).astype(np.uint8)
    got = weighted_index(
        values, [1, 1], missing="refuse", groups=["a", "a", "b"], states=states
    )
    assert [got.error(row, 0) for row in range(3)] == [CellError.NA, CellError.NA, None]
    assert got.values[2, 0] == 3.0
    alone = weighted_index(values, [1, 1], missing="refuse", states=states)
    assert np.isnan(alone.values).all()


@pytest.mark.parametrize(
    "name", ["ZSCORE_WINSOR", "EFFICACY_SCALE", "RANK_COMPETITION"]
)
def test_the_wrong_number_of_groups_is_an_error_of_the_call(name):
    function = FUNCTIONS[name]
    at = [argument.name for argument in function.arguments].index("groups")
    arguments = [[[1.0], [2.0]], *[None] * (at - 1), [["a"], ["b"], ["b"]]]
    with pytest.raises(Exception, match="exclude") as caught:
        evaluate(function, arguments)
    assert caught.value.value is CellError.VALUE
