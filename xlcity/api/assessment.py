"""How robust an index is, for Python and the command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xlcity.api.data import labelled
from xlcity.assess.make_plan import make_plan
from xlcity.assess.plan import Plan, replicate_inputs
from xlcity.assess.uncertainty import CHUNK, TOP, Uncertainty, sample_of, uncertainty
from xlcity.errors import UsageError
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

#: Replicates, unless told otherwise.
REPLICATES = 1000


@dataclass(frozen=True, eq=False)
class Assessment:
    """How robust the ranks of an index are.

    Attributes
    ----------
    plan
        What was varied.
    uncertainty
        What the replicates say.
    seconds
        Wall time.
    """

    plan: Plan
    uncertainty: Uncertainty
    seconds: float

    @property
    def replicates(self) -> int:
        """How many replicates there are."""
        return self.uncertainty.replicates

    @property
    def choices(self) -> list[dict[str, object]]:
        """What was varied: each choice and its options."""
        return [choice.as_dict() for choice in self.plan.choices]

    @cached_property
    def units(self) -> pd.DataFrame:
        """Ranks of the cities: as they are, median, 5 % and 95 %, probabilities of the first k."""
        import pandas as pd

        rows = {row["unit"]: {**row, **row["top"]} for row in self._units()}
        found = pd.DataFrame.from_dict(rows, orient="index").drop(columns=["unit", "top"])
        return found.rename(columns={k: f"top {k}" for k in self._top})

    @cached_property
    def above(self) -> pd.DataFrame:
        """Probability that the city of the row is above that of the column."""
        ids = [unit.id for unit in self.plan.dataset.units]
        return labelled(self.uncertainty.above, self.plan.dataset.units, ids)

    @cached_property
    def _top(self) -> tuple[int, ...]:
        ranked = int((self.plan.base.rank(self.plan.node) > 0).sum())
        return tuple(k for k in TOP if k < ranked)

    def _units(self) -> list[dict[str, Any]]:
        found, base = self.uncertainty, self.plan.base.rank(self.plan.node).tolist()
        low, middle, high = (found.quantile(share) for share in (0.05, 0.5, 0.95))
        top = {k: found.top(k) for k in self._top}
        return [
            {
                "unit": unit.id,
                "rank": base[row] or None,
                "median": middle[row],
                "low": low[row],
                "high": high[row],
                "top": {k: float(shares[row]) for k, shares in top.items()},
                "unranked": int(found.unranked[row]),
            }
            for row, unit in enumerate(self.plan.dataset.units)
            if unit.population
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON document of the command line."""
        found = self.uncertainty
        ids = [unit.id for unit in self.plan.dataset.units]
        return {
            "replicates": found.replicates,
            "seed": self.plan.seed,
            "seconds": self.seconds,
            "node": self.plan.node,
            "choices": self.choices,
            "synthetic": self.plan.dataset.synthetic,
            "units": self._units(),
            "above": {"units": ids, "p": found.above.tolist()},
            "groups": [list(group) for group in found.groups],
            "convergence": [
                {"replicates": count, "median": median, "interval": interval}
                for count, median, interval in found.convergence
            ],
        }

    def replicate(self, number: int) -> tuple[Framework, Recipe, Dataset]:
        """Return framework, recipe and data of one replicate, numbered from 0.

        Raises
        ------
        UsageError
            If there is no such replicate.
        """
        if not 0 <= number < self.replicates:
            message = f"there is no replicate {number}."
            raise UsageError(message, f"They are numbered from 0 to {self.replicates - 1}.")
        return replicate_inputs(self.plan, sample_of(self.plan, [number]), 0)

    def replicate_tables(self, number: int) -> Mapping[str, str]:
        """Return a replicate as files, from which `xlcity index` computes it again.

        Raises
        ------
        UsageError
            If there is no such replicate.
        """
        from xlcity.workbook.migrate.content import Content
        from xlcity.workbook.migrate.tables import tables_of

        framework, recipe, dataset = self.replicate(number)
        return tables_of(Content("", framework, recipe, dataset))


def assess(
    framework: Framework,
    recipe: Recipe,
    dataset: Dataset,
    *,
    n: int = REPLICATES,
    seed: int = 0,
    vary: Sequence[str] = (),
    node: str | None = None,
    jobs: int = 1,
    chunk: int = CHUNK,
    progress: Callable[[int], None] | None = None,
) -> Assessment:
    """Assess how robust the ranks of an index are.

    Parameters
    ----------
    n
        How many replicates.
    seed
        Everything random follows from it.
    vary
        What varies, as on the command line: "weights=noise:25%", "data=normal:10%".
    node
        The node whose ranks are assessed; None: the root.
    jobs, chunk
        Processes at the same time, and replicates in the memory of each. Results do not depend on
        them.
    progress
        Called with the number of replicates done.

    Raises
    ------
    RecipeError
        With everything that is wrong with choices and index, all at once.
    UsageError
        If a number is too small, or there is no such node.
    """
    start = time.perf_counter()
    if n < 1 or chunk < 1 or jobs < 1:
        raise UsageError(f"n is {n}, jobs {jobs}, chunk {chunk}.", "All are 1 or more.")
    plan = make_plan(framework, recipe, dataset, vary, seed, node)
    found = uncertainty(plan, n, jobs=jobs, chunk=chunk, progress=progress)
    return Assessment(plan, found, time.perf_counter() - start)
