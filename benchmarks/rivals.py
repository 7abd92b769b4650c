"""One index beside numpy, scikit-criteria and pymcdm: min-max, mean, nine digits, ranks.

``python -m benchmarks.rivals [UNITS [INDICATORS [ROUNDS]]]`` prints the least processor time of
each, taken in turns, and the peak of memory as a multiple of the data. All give the same ranks. A
library that is not installed is left out. The exit code is 1 where an index of values that were
read takes more than `TIMES` times numpy and `MORE` milliseconds.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

import xlcity as xc

TIMES = 3
MORE = 20.0


def by_numpy(x: np.ndarray) -> np.ndarray:
    """Return the ranks."""
    low = x.min(axis=0)
    high = x.max(axis=0)
    scores = ((x - low) / (high - low) * 100).mean(axis=1)
    keys = -np.round(scores, 9)
    return np.searchsorted(np.sort(keys), keys) + 1


def by_scikit_criteria(x: np.ndarray) -> np.ndarray:
    """Return the ranks of its pipeline for the same: min-max of the matrix, weighted sum."""
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.pipelines import mkpipe
    from skcriteria.preprocessing.scalers import MinMaxScaler

    problem = skcriteria.mkdm(x, [max] * x.shape[1])
    return np.asarray(
        mkpipe(MinMaxScaler("matrix"), WeightedSumModel()).evaluate(problem).rank_
    )


def by_pymcdm(x: np.ndarray) -> np.ndarray:
    """Return the ranks of its weighted sum of min-max values."""
    from pymcdm.helpers import rrankdata
    from pymcdm.methods import WSM
    from pymcdm.normalizations import minmax_normalization

    weights = np.full(x.shape[1], 1 / x.shape[1])
    types = np.ones(x.shape[1])
    return np.asarray(rrankdata(WSM(minmax_normalization)(x, weights, types)))


def main(units: int = 1000, indicators: int = 50, rounds: int = 15) -> int:
    """Print times and memory; return 1 if the index is above its limit."""
    x = np.random.default_rng(1).normal(50, 10, (units, indicators))
    codes = [f"I{column}" for column in range(indicators)]
    tree = {"code": ["X", *codes], "parent": ["", *["X"] * indicators]}
    framework = xc.Framework.from_frame(pd.DataFrame(tree))
    frame = pd.DataFrame(x, columns=codes, index=[f"U{row}" for row in range(units)])
    data = xc.read_data(frame, framework)
    runs: dict[str, Callable[[], np.ndarray]] = {
        "numpy": lambda: by_numpy(x),
        "scikit-criteria": lambda: by_scikit_criteria(x),
        "pymcdm": lambda: by_pymcdm(x),
        "Index of Data": lambda: xc.Index(framework, data).result.ranks[:, 0],
        "Index of a frame": lambda: xc.Index(framework, frame).result.ranks[:, 0],
        "read_data": lambda: np.array(len(xc.read_data(frame, framework).notes.cells)),
    }
    expected = by_numpy(x)
    memory = {}
    for name, run in [*runs.items()]:
        tracemalloc.start()
        try:
            ranks = run()
        except ImportError:
            del runs[name]
            continue
        memory[name] = tracemalloc.get_traced_memory()[1] / x.nbytes
        tracemalloc.stop()
        # The rivals do not round to nine digits, and part cities that are then equal.
        assert ranks.ndim == 0 or np.mean(ranks != expected) < 1e-3, name
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append((time.process_time() - start) * 1e3)
    best = {name: min(measured) for name, measured in times.items()}
    print(f"{units} x {indicators}, processor time, least of {rounds}")
    for name, shortest in best.items():
        print(f"{name:18}{shortest:9.1f} ms  {memory[name]:5.1f} x the data")
    limit = TIMES * best["numpy"] + MORE
    print(f"limit for Index of Data: {limit:.1f} ms")
    return int(best["Index of Data"] > limit)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4])))
