import numpy as np
import pytest

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.implied import weights_from_ranks, weights_from_scores
from xlcity.functions.printed import affine_check, lattice_check, weights_implied
from xlcity.functions.rounding import round_excel

NA = ErrorCode.NA
NUM = ErrorCode.NUM
VALUE = ErrorCode.VALUE


def test_every_mean_of_ranks_is_possible_and_says_so() -> None:
    rng = np.random.default_rng(3)
    for units, parts in ((46, 5), (46, 3), (30, 4), (119, 2)):
        sums = rng.integers(parts, units * parts + 1, size=400)
        printed = round_excel(100 * sums / (units * parts), 2)
        assert not lattice_check(printed, parts, units).values.any()
        assert (
            lattice_check(printed, parts, units, what="nearest").values[:, 0] == printed
        ).all()


def test_what_is_off_the_lattice_tells_how_far() -> None:
    # 100 / (46 x 5) x 153 = 66.5217..., x 154 = 66.9565...: 66.69 is 0.1682... above the first.
    gap = lattice_check([[66.69]], 5, 46).values[0, 0]
    assert gap == pytest.approx(66.69 - 100 / 230 * 153 - 0.005)
    assert lattice_check([[66.69]], 5, 46, what="nearest").values[0, 0] == 66.52


def test_ranks_themselves_are_the_lattice_where_no_parts_are_given() -> None:
    # Of four cities 25, 50, 75 and 100 are possible; half of a step is not.
    assert lattice_check([[25.0], [37.5]], units=4).values[:, 0] == pytest.approx(
        [0, -12.495]
    )


def test_means_of_whole_numbers_as_grim_tests_them() -> None:
    # 28 answers from 1 to 7: 5.19 is no mean of them, 5.18 = 145 / 28 is.
    assert lattice_check([[5.19], [5.18]], 28, 1, 1).values.ravel().tolist() == [
        pytest.approx(5.19 - 145 / 28 - 0.005),
        0.0,
    ]


def test_units_default_to_the_numbers_of_the_column() -> None:
    column = [[100.0], [66.67], [33.33], [np.nan]]
    result = lattice_check(column)
    assert result.values[:3].ravel().tolist() == [0.0, 0.0, 0.0]
    assert result.errors[3, 0] == NA


def test_rescaled_scores_lie_on_a_line_whatever_the_scale() -> None:
    rng = np.random.default_rng(8)
    for digits in (0, 1, 2):
        x = round_excel(rng.uniform(0, 500, size=(60, 3)), 1)
        raw = x @ [0.2, 0.5, 0.3]
        score = round_excel(
            60 + 40 * (raw - raw.min()) / (raw.max() - raw.min()), digits
        )
        found = affine_check(x, score, decimals=1, whole_decimals=digits)
        assert not found.values.any()
    score[7] += 3
    gap = affine_check(x, score, decimals=1, whole_decimals=2).values[:, 0]
    assert np.flatnonzero(gap).tolist() == [7]
    assert 2.9 < gap[7] <= 3.0
    fit = affine_check(x, score, decimals=1, whole_decimals=2, what="fit").values[7, 0]
    assert fit == pytest.approx(score[7] - 3, abs=0.02)


def test_a_falling_part_needs_its_direction() -> None:
    x = np.arange(1.0, 12.0)[:, None]
    y = 100 - 4 * x
    assert (affine_check(x, y).errors == NUM).all()
    assert not affine_check(x, y, direction=-1.0).values.any()


def test_rows_with_gaps_and_too_few_rows() -> None:
    x = np.array([[1.0], [2.0], [3.0], [4.0]])
    y = np.array([[1.0], [2.0], [3.0], [4.0]])
    states = np.array(
        [[CellState.NUMBER], [CellState.MISSING], [CellState.TEXT], [CellState.NUMBER]]
    )
    result = affine_check(x, y, states=states.astype(np.uint8))
    assert result.errors.ravel().tolist() == [NUM, NA, VALUE, NUM]


@pytest.mark.parametrize("seed", range(12))
def test_weights_come_back_from_scores_within_rounding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = int(rng.integers(2, 6))
    true = rng.dirichlet(np.ones(k))
    x = rng.uniform(0, 100, size=(int(rng.integers(20, 110)), k))
    whole = round_excel(x @ true, 2)
    found = weights_implied(round_excel(x, 2), whole)
    low, middle, high, outside, used = found.values.T
    assert (low <= true + 1e-7).all()
    assert (true <= high + 1e-7).all()
    # Two decimals on scores that spread over 100 points leave about 1e-4.
    assert (high - low).max() < 2e-3
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert outside.tolist() == [0.0] * k
    assert used.tolist() == [float(len(x))] * k


def test_a_wrong_total_is_set_aside() -> None:
    rng = np.random.default_rng(0)
    x = round_excel(rng.uniform(0, 100, size=(50, 3)), 2)
    whole = round_excel(x @ [0.3, 0.5, 0.2], 2)
    whole[11] += 5
    found = weights_from_scores(x, whole)
    assert found.outside == (11,)
    assert (np.abs(found.weight - [0.3, 0.5, 0.2]) < 1e-3).all()


@pytest.mark.slow
def test_from_ranks_the_true_weights_are_always_inside_and_wrong_ones_mostly_refused() -> (
    None
):
    refused = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(2, 5))
        true = rng.dirichlet(2 * np.ones(k))
        x = rng.uniform(0, 100, size=(int(rng.integers(25, 70)), k))
        ranks = np.argsort(np.argsort(-(x @ true))) + 1.0
        found = weights_from_ranks(round_excel(x, 2), ranks)
        assert found.has_region
        assert found.outside == ()
        assert (found.low <= true + 1e-7).all()
        assert (true <= found.high + 1e-7).all()
        equal = np.full(k, 1 / k)
        outside = ((equal < found.low - 1e-9) | (equal > found.high + 1e-9)).any()
        # Refused where the region excludes it: then some printed pair must stand the other way.
        if outside:
            refused += 1
            assert (np.argsort(np.argsort(-(x @ equal))) + 1 != ranks).any()
    assert refused >= 25


def test_no_weights_at_all() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 100, size=(40, 2))
    y = rng.uniform(0, 100, size=40)
    found = weights_implied(x, y)
    assert (found.errors[:, :3] == NUM).all()
    assert not found.errors[:, 3:].any()
    empty = weights_implied([[np.nan, 1.0]], [1.0])
    assert (empty.errors[:, :3] == NA).all()
    assert empty.values[:, 4].tolist() == [0.0, 0.0]


def off_by(rows: int, x: np.ndarray) -> np.ndarray:
    """Return printed totals of which the first rows are wrong, each by something else."""
    whole = round_excel(x @ [0.3, 0.5, 0.2], 2)
    whole[:rows] += (7.0 + np.arange(rows)) * (-1) ** np.arange(rows)
    return whole


def test_a_third_of_the_rows_may_be_wrong_and_no_more() -> None:
    x = round_excel(np.random.default_rng(2).uniform(0, 100, size=(30, 3)), 2)
    found = weights_from_scores(x, off_by(10, x))
    assert found.outside == tuple(range(10))
    assert found.used == 20
    assert found.weight == pytest.approx([0.3, 0.5, 0.2], abs=1e-3)
    none = weights_from_scores(x, off_by(11, x))
    assert not none.has_region
    assert len(none.outside) == 11
    assert none.used == 30
    assert np.isnan([*none.low, *none.weight, *none.high, *none.constant]).all()


def test_no_row_is_set_aside_where_the_rest_is_as_few_as_the_weights() -> None:
    # Two rows would fit (0.5, 0.5) without the third, as two weights fit any two rows.
    found = weights_from_scores([[1.0, 5.0], [2.0, 3.0], [4.0, 4.0]], [3.0, 2.5, 9.0])
    assert not found.has_region
    assert found.outside == (2,)


def test_a_constant_is_found_with_the_weights() -> None:
    x = np.arange(1.0, 9.0)[:, None]
    found = weights_from_scores(x, 5 + 2 * x, 0.0, 0.01, relative=False, constant=True)
    low, inside, high = found.constant
    assert low <= 5 - 0.009 < 5 + 0.009 <= high
    assert low < inside < high
    assert inside == found.points[0, 0]
    assert found.weight == found.points[0, 1]
    # The line may turn about its middle: by 2 * 0.01 over 7 steps.
    assert found.low[0] == pytest.approx(2 - 0.02 / 7, abs=1e-5)
    assert found.high[0] == pytest.approx(2 + 0.02 / 7, abs=1e-5)


def test_weights_that_no_row_limits_are_not_limited() -> None:
    tied = weights_from_ranks([[1.0, 2.0], [3.0, 1.0]], [1, 1])
    assert tied.low.tolist() == [0.0, 0.0]
    assert tied.high.tolist() == [1.0, 1.0]
    free = weights_from_scores(
        [[1.0, 0.0], [2.0, 0.0]], [2.0, 4.0], 0.0, relative=False
    )
    assert free.low[1] == 0
    assert np.isinf(free.high[1])
    assert free.weight[0] == pytest.approx(2, abs=0.01)


def test_an_order_of_cities_limits_their_weights() -> None:
    found = weights_from_ranks([[4.0, 0.0], [0.0, 1.0]], [1, 2], 0.0)
    # 4 w1 >= w2 and w1 + w2 = 1: w1 is a fifth at least.
    assert found.low == pytest.approx([0.2, 0.0], abs=1e-5)
    assert found.high == pytest.approx([1.0, 0.8], abs=1e-5)
    rounded = weights_from_ranks([[4.0, 0.0], [0.0, 1.0]], [1, 2], 0.5)
    # Two decimals, if nothing else is said: 4.01 w1 >= 0.99 w2.
    printed = weights_from_ranks([[4.0, 0.0], [0.0, 1.0]], [1, 2])
    assert printed.low == pytest.approx([0.198, 0.0], abs=1e-5)
    # (4 + 1) w1 >= (1 - 1) w2: any weights.
    assert rounded.low == pytest.approx([0.0, 0.0], abs=1e-5)


def test_noise_of_doubles_is_no_gap_in_large_scores() -> None:
    # Multiples of 1, two decimals: 0.005 is rounding, and 1e-9 of a million is noise.
    x = [[1e6 + 0.0055], [1e6 - 0.0055], [1e6 + 0.0065], [0.0051], [-0.0051]]
    gaps = lattice_check(x, 1, 1, 1).values.ravel()
    assert gaps == pytest.approx([0, 0, 0.0015, 0.0001, -0.0001], abs=1e-9)
    assert gaps[:2].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("what", ["gap", "fit"])
def test_fits_need_two_rows_more_than_parts(what: str) -> None:
    x = np.array([[1.0, 5.0], [2.0, 3.0], [4.0, 4.0], [7.0, 1.0]])
    y = 10 + x @ [2.0, 3.0]
    assert not affine_check(x, y, what=what).errors.any()
    assert (affine_check(x[:3], y[:3], what=what).errors == NUM).all()


def test_a_gap_to_a_fit_has_its_sign() -> None:
    x = np.arange(1.0, 9.0)[:, None]
    for wrong in (3.0, -3.0):
        y = 60 + 2 * x[:, 0]
        y[4] += wrong
        gaps = affine_check(x, y).values[:, 0]
        assert np.flatnonzero(gaps).tolist() == [4]
        assert gaps[4] == pytest.approx(wrong, abs=0.05)
        assert abs(gaps[4]) < 3
