"""Arrays through the checked entry: the same numbers, errors and rules as cells."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from xlcity.errors import CellError, FunctionError
from xlcity.functions.block import CellState, as_matrix, make_block
from xlcity.functions.entry import evaluate, read_array
from xlcity.functions.registry import FUNCTIONS

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "functions.py"
X = np.random.default_rng(2).normal(50, 12, (150, 4))


def compute(name, *arguments):
    return evaluate(FUNCTIONS[name], arguments)


@pytest.mark.parametrize(
    "name", ["ZSCORE_WINSOR", "EFFICACY_SCALE", "RANK_UNIFORM", "MPI_INDEX"]
)
@pytest.mark.parametrize("gap", [False, True])
def test_an_array_is_a_block_of_cells(name, gap):
    values = X.copy()
    if gap:
        values[3, 1] = np.nan
    cells = [
        [None if cell != cell else cell for cell in row] for row in values.tolist()
    ]
    assert compute(name, values).cells() == compute(name, cells).cells()


def test_a_row_without_gaps_does_not_depend_on_the_others():
    values = X.copy()
    weights = np.array([1.0, 2.0, 3.0, 4.0])
    whole = compute("WEIGHTED_INDEX", values, weights).values
    values[3, 1] = np.nan
    rest = compute("WEIGHTED_INDEX", values, weights).values
    assert np.array_equal(np.delete(whole, 3), np.delete(rest, 3))


def test_options_may_be_arrays_and_the_array_given_is_not_changed():
    values = X.copy()
    limit = np.array([1.0, np.nan, 0.0, 2.0])
    found = compute("ZSCORE_WINSOR", values, limit)
    assert (
        found.cells()
        == compute("ZSCORE_WINSOR", X.tolist(), [[1.0, None, 0.0, 2.0]]).cells()
    )
    assert np.array_equal(values, X)
    assert np.abs(found.values[:, 0]).max() == 1


def test_what_is_no_block_or_infinite_is_refused():
    with pytest.raises(FunctionError):
        compute("ZSCORE_WINSOR", np.zeros((2, 2, 2)))
    with pytest.raises(FunctionError) as caught:
        compute("ZSCORE_WINSOR", np.array([[1.0], [np.inf]]))
    assert caught.value.value is CellError.NUM
    assert read_array(np.array([1.0, np.nan]))[1].ravel().tolist() == [
        0,
        CellState.BLANK,
    ]


def test_the_benchmark_compares_equal_numbers():
    spec = importlib.util.spec_from_file_location("benchmark_functions", BENCHMARK)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    for name in benchmark.PLAIN:
        plain, ours = benchmark.compare(
            name, X, np.array([1.0, 2.0, 3.0, 4.0]), rounds=1
        )
        assert plain > 0
        assert ours > 0


def test_a_block_is_made_of_two_dimensions_and_leaves_its_numbers_alone():
    values = np.array([[-0.0, np.inf], [1.0, 2.0]])
    for numbers in (values, values[:, :1]):
        before = numbers.copy()
        errors = np.zeros(numbers.shape, dtype=np.uint8)
        make_block(numbers, errors)
        assert numbers.tobytes() == before.tobytes()
    with pytest.raises(ValueError, match="3 dimensions"):
        as_matrix(np.zeros((2, 2, 2)))
