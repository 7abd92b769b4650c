"""Replicates of an assessment that varies methods, weights and data at once, by size of the index.

``python -m benchmarks.assess [REPLICATES [JOBS]]`` prints milliseconds a replicate, on the wall
clock and of processor time, of 51 units x 49 indicators, of 119 x 30, and of more rows and columns.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.timing import seconds
from xlcity.assess.plan import make_plan
from xlcity.assess.uncertainty import uncertainty
from xlcity.index.method_options import default_recipe
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework

#: Units and indicators; the first two are those of other tools' examples.
SIZES = ((51, 49), (119, 30), (102, 49), (204, 49), (51, 98), (51, 196))
VARY = (
    "normalise=minmax,zscore,percentile",
    "impute=none,row_mean,median",
    "weights=noise:25%",
    "aggregate=arithmetic,level3=geometric",
    "data=normal:10%",
)
#: Share of the values that are missing, and nodes of the second and first level.
GAPS = 0.03
SECOND = 12
FIRST = 4


def index(units: int, indicators: int) -> tuple[Framework, Dataset]:
    """Return a tree of three levels, and random values with gaps."""
    rng = np.random.default_rng(1)
    lines = ["code,parent,weight,direction", "T,,1,1"]
    lines += [f"P{at},T,{rng.integers(1, 5)},1" for at in range(FIRST)]
    lines += [f"S{at},P{at % FIRST},{rng.integers(1, 5)},1" for at in range(SECOND)]
    for at in range(indicators):
        direction = -1 if at % 7 == 3 else 1
        lines.append(f"I{at},S{at % SECOND},{rng.integers(1, 5)},{direction}")
    values = np.exp(rng.normal(size=(units, indicators))) * 10
    missing = rng.random(values.shape) < GAPS
    values[missing] = np.nan
    states = np.where(missing, State.MISSING, State.VALUE).astype(np.uint8)
    basis = np.where(missing, "", "entered").astype("<U12")
    cities = tuple(Unit(f"u{at}") for at in range(units))
    codes = tuple(f"I{at}" for at in range(indicators))
    framework = Framework.read("\n".join(lines) + "\n")
    return framework, Dataset(cities, codes, values, states, basis)


def main(replicates: int = 2000, jobs: int = 1) -> None:
    """Print the time of a replicate for every size."""
    for units, indicators in SIZES:
        framework, data = index(units, indicators)
        plan = make_plan(framework, default_recipe(), data, VARY)
        uncertainty(plan, 64)
        took = seconds(lambda plan=plan: uncertainty(plan, replicates, jobs=jobs))  # type: ignore[misc]
        wall, cpu = (1000 * part / replicates for part in took)
        print(
            f"{units:4} x {indicators:3}: {wall:.3f} ms a replicate, {cpu:.3f} of processor time"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
