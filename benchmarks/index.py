"""An index of many units and indicators beside numpy's z-scores of the same values.

``python benchmarks/index.py [UNITS [INDICATORS]]`` prints the median times, taken in turns, their
ratio, and the peak of memory as a multiple of the data. The exit code is 1 above a limit.
"""

from __future__ import annotations

import statistics
import sys
import time
import tracemalloc

import numpy as np

from xlcity.index import compute
from xlcity.index.method_options import default_recipe
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node

#: What the index may take, as multiples of the time of the z-scores and of the bytes of the data.
TIME_LIMIT = 25.0
MEMORY_LIMIT = 10.0
ROUNDS = 7
#: Indicators in a pillar, pillars in a sub-index.
WIDTH = 10


def framework(indicators: int) -> Framework:
    """Return a tree of indicators, pillars, sub-indices and a root."""
    pillars = -(-indicators // WIDTH)
    nodes = [Node("T", None, "", "")]
    nodes += [Node(f"S{at}", "T", "", "") for at in range(-(-pillars // WIDTH))]
    nodes += [Node(f"P{at}", f"S{at // WIDTH}", "", "") for at in range(pillars)]
    nodes += [Node(f"I{at}", f"P{at // WIDTH}", "", "") for at in range(indicators)]
    return Framework(tuple(nodes))


def dataset(units: int, indicators: int) -> Dataset:
    """Return random values."""
    values = np.random.default_rng(1).normal(50, 10, (units, indicators))
    return Dataset(
        tuple(Unit(f"U{at}") for at in range(units)),
        tuple(f"I{at}" for at in range(indicators)),
        values,
        np.zeros(values.shape, dtype=np.uint8),
        np.full(values.shape, "", dtype="<U12"),
    )


def main(units: int = 5000, indicators: int = 200) -> int:
    """Print times and memory; return 1 if either is above its limit."""
    tree = framework(indicators)
    data = dataset(units, indicators)
    recipe = default_recipe()
    x = data.values
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for kept, run in zip(
            times,
            (
                lambda: (x - x.mean(axis=0)) / x.std(axis=0),
                lambda: compute(tree, recipe, data),
            ),
            strict=True,
        ):
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    plain, ours = map(statistics.median, times)
    tracemalloc.start()
    compute(tree, recipe, data)
    memory = tracemalloc.get_traced_memory()[1] / x.nbytes
    tracemalloc.stop()
    print(
        f"{units} x {indicators}: z-scores {plain * 1e3:.1f} ms, index {ours * 1e3:.1f} ms"
    )
    print(
        f"ratio {ours / plain:.1f} (limit {TIME_LIMIT}), memory {memory:.1f} x the data"
    )
    return int(ours / plain > TIME_LIMIT or memory > MEMORY_LIMIT)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
