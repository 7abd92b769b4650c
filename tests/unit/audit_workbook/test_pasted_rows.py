"""Rows pasted over others, and rows exchanged among many."""

import numpy as np
import pytest

from xlcity.audit.lint.rules.input_slips import (
    InputComparison,
    InputMatrix,
    find_pasted_rows,
)


def inputs(values):
    return InputMatrix(tuple(map(str, range(len(values)))), tuple("abcdefghi"), values)


@pytest.mark.parametrize("seed", range(4))
def test_a_row_with_the_numbers_of_another_is_found(seed):
    rng = np.random.default_rng(seed)
    values = np.round(rng.lognormal(3, 1, (40, 8)), 1)
    values[rng.random(values.shape) < 0.05] = np.nan
    values[5:8, 0] = 0.0
    values[:, 7] = rng.integers(0, 3, 40)  # tells no cities apart
    assert list(find_pasted_rows(inputs(values))) == []
    values[11, :7] = values[9, :7]
    ((cells, message),) = find_pasted_rows(inputs(values))
    assert {row for row, _ in cells} == {11}
    assert message.startswith("9 and 11 have the same numbers in ")


@pytest.mark.parametrize(("rows", "pairs"), [(30, [(3, 11), (4, 28)]), (2000, [(30, 1100)])])
@pytest.mark.parametrize("seed", range(3))
def test_exchanged_rows_are_found_among_many(rows, pairs, seed):
    rng = np.random.default_rng(seed)
    former = rng.normal(0, 10, (rows, 9))
    values = former.copy()
    for first, second in pairs:
        values[[first, second]] = values[[second, first]]
    values[rng.random(values.shape) < 0.1] = np.nan
    slips = InputComparison(inputs(values), former, "the shipped values").find_slips(set())
    exchanged = [message for _, message in slips if message.startswith("the rows")]
    assert len(exchanged) == len(pairs)
    for (first, second), message in zip(pairs, exchanged, strict=True):
        assert message.startswith(f"the rows of {first} and {second} look exchanged")
