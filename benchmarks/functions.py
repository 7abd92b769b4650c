"""Library functions beside the plain numpy expressions for the same numbers.

``python benchmarks/functions.py [ROWS [COLUMNS]]`` prints one line per function: the median time of
the numpy expression and of the checked entry on the same array, taken in turns, and their ratio.
The exit code is 1 if a ratio is above the limit.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from xlcity.functions.entry import evaluate
from xlcity.functions.registry import FUNCTIONS

#: What the checked entry may cost, as a multiple of the numpy expression.
LIMIT = 2.5
ROUNDS = 25

Matrix = np.ndarray


def zscore(x: Matrix, _: Matrix) -> Matrix:
    """Return z-scores clipped at 1.96."""
    return np.clip((x - x.mean(axis=0)) / x.std(axis=0), -1.96, 1.96)


def efficacy(x: Matrix, _: Matrix) -> Matrix:
    """Return efficacy scores from 60 to 100."""
    low = x.min(axis=0)
    high = x.max(axis=0)
    return (x - low) / (high - low) * 40 + 60


def uniform(x: Matrix, _: Matrix) -> Matrix:
    """Return ranks as scores: sort and searchsorted, column by column."""
    ranks = [np.searchsorted(np.sort(column), column) + 1 for column in x.T]
    return 100 / len(x) * np.column_stack(ranks)


def weighted(x: Matrix, w: Matrix) -> Matrix:
    """Return weighted means of the rows."""
    return ((x * w).sum(axis=1) / w.sum())[:, None]


PLAIN: dict[str, Callable[[Matrix, Matrix], Matrix]] = {
    "ZSCORE_WINSOR": zscore,
    "EFFICACY_SCALE": efficacy,
    "RANK_UNIFORM": uniform,
    "WEIGHTED_INDEX": weighted,
}


def compare(
    name: str, x: Matrix, w: Matrix, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Return the median seconds of the numpy expression and of the checked entry, side by side.

    Raises
    ------
    AssertionError
        If their numbers differ.
    """
    arguments = [x, w] if name == "WEIGHTED_INDEX" else [x]

    def ours() -> Matrix:
        return evaluate(FUNCTIONS[name], arguments).values

    np.testing.assert_allclose(ours(), PLAIN[name](x, w), rtol=1e-9, atol=1e-9)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for kept, run in zip(times, (lambda: PLAIN[name](x, w), ours), strict=True):
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def main(rows: int = 100_000, columns: int = 10) -> int:
    """Print the comparison; return 1 if a function costs more than the limit."""
    rng = np.random.default_rng(1)
    x = rng.normal(50, 12, (rows, columns))
    w = rng.uniform(1, 2, columns)
    worst = 0.0
    print(f"{rows} x {columns}: numpy expression, checked entry, ratio (limit {LIMIT})")
    for name in PLAIN:
        plain, ours = compare(name, x, w)
        worst = max(worst, ours / plain)
        print(
            f"{name:<15} {plain * 1e3:8.2f} ms {ours * 1e3:8.2f} ms {ours / plain:6.2f}"
        )
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
