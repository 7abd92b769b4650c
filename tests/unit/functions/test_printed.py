import numpy as np
import pytest

from xlcity.functions.block import CellState, ErrorCode
from xlcity.functions.implied import weights_from_ranks, weights_from_scores
from xlcity.functions.printed import affine_check, lattice_check, weights_implied
from xlcity.functions.rounding import round_excel

NA, NUM, VALUE = ErrorCode.NA, ErrorCode.NUM, ErrorCode.VALUE


def test_every_mean_of_ranks_is_possible_and_says_so() -> None:
    rng = np.random.default_rng(3)
    for units, parts in ((46, 5), (46, 3), (30, 4), (119, 2)):
        sums = rng.integers(parts, units * parts + 1, size=400)
        printed = round_excel(100 * sums / (units * parts), 2)
        assert not lattice_check(printed, parts, units).values.any()
        assert (lattice_check(printed, parts, units, what="nearest").values[:, 0] == printed).all()


def test_what_is_off_the_lattice_tells_how_far() -> None:
    # 100 / (46 x 5) x 153 = 66.5217..., x 154 = 66.9565...: 66.69 is 0.1682... above the first.
    gap = lattice_check([[66.69]], 5, 46).values[0, 0]
    assert gap == pytest.approx(66.69 - 100 / 230 * 153 - 0.005)
    assert lattice_check([[66.69]], 5, 46, what="nearest").values[0, 0] == 66.52


def test_ranks_themselves_are_the_lattice_where_no_parts_are_given() -> None:
    # Of four cities 25, 50, 75 and 100 are possible; half of a step is not.
    assert lattice_check([[25.0], [37.5]], units=4).values[:, 0] == pytest.approx([0, -12.495])


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
        score = round_excel(60 + 40 * (raw - raw.min()) / (raw.max() - raw.min()), digits)
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
    x, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[1.0], [2.0], [3.0], [4.0]])
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
def test_from_ranks_the_true_weights_are_always_inside_and_wrong_ones_mostly_refused() -> None:
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
    x, y = rng.uniform(0, 100, size=(40, 2)), rng.uniform(0, 100, size=40)
    found = weights_implied(x, y)
    assert (found.errors[:, :3] == NUM).all()
    assert not found.errors[:, 3:].any()
    empty = weights_implied([[np.nan, 1.0]], [1.0])
    assert (empty.errors[:, :3] == NA).all()
    assert empty.values[:, 4].tolist() == [0.0, 0.0]
