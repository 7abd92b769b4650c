"""Whether six equally weighted dimensions can give the printed ranks at all.

The scores are not printed, only their order. They are unknowns here: a linear programme looks for
scores that stand in the printed order in every dimension and whose sums stand in the printed
overall order, as far apart as they can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Ranks = Mapping[str, int]
#: Full score; least lead that counts as one where ranks are searched for.
FULL, LEAD = 100.0, 0.01


@dataclass(frozen=True, slots=True)
class Programme:
    """Unknown scores: one per dimension and city, then the lead that is to be as large as can be.

    `dimensions` maps each dimension to its printed ranks; those in `bounded` have one indicator,
    so that the best city scores 100 and the worst 0.
    """

    units: Sequence[str]
    dimensions: Mapping[str, Ranks]
    bounded: frozenset[str]

    @property
    def size(self) -> int:
        """Number of scores."""
        return len(self.units) * len(self.dimensions)

    def at(self, dimension: str, unit: str) -> int:
        """Return the place of a score among the unknowns."""
        position = list(self.dimensions).index(dimension)
        return position * len(self.units) + self.units.index(unit)

    def lead(self, ahead: str, behind: str, dimensions: Sequence[str], width: int) -> np.ndarray:
        """Return the row of coefficients of one city's sum of dimensions less another's."""
        row = np.zeros(width)
        row[[self.at(name, ahead) for name in dimensions]] = 1.0
        row[[self.at(name, behind) for name in dimensions]] = -1.0
        return row

    def bounds(self) -> list[tuple[float, float]]:
        """Return the least and the greatest value of every score."""
        bounds = []
        for name, ranks in self.dimensions.items():
            worst = max(ranks.values())
            for unit in self.units:
                low, high = 0.0, FULL
                if name in self.bounded and ranks[unit] == 1:
                    low = FULL
                if name in self.bounded and ranks[unit] == worst:
                    high = 0.0
                bounds.append((low, high))
        return bounds

    def order(self, overall: Ranks, width: int) -> list[tuple[np.ndarray, bool]]:
        """Return rows that must lead by more than nothing (True), or be 0 (a printed tie).

        Those of the overall order are of the mean of all dimensions.
        """
        names = list(self.dimensions)
        lists = [([name], ranks) for name, ranks in self.dimensions.items()]
        return [
            (self.lead(better, worse, of, width) / len(of), ranks[better] < ranks[worse])
            for of, ranks in (*lists, (names, overall))
            for better, worse in pairwise(sorted(self.units, key=ranks.__getitem__))
        ]

    def solved(
        self,
        rows: Sequence[tuple[np.ndarray, float, float]],
        further_bounds: Sequence[tuple[float, float]],
        *,
        integer: bool = False,
    ) -> np.ndarray | None:
        """Return scores and further unknowns, the sum of these as large as can be; None: no way.

        Parameters
        ----------
        rows
            Coefficients, and the least and the greatest value of their sum.
        more
            Bounds of the further unknowns, which are whole numbers if `integer`.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        low, high = np.array([*self.bounds(), *further_bounds]).T
        further = np.repeat([0.0, 1.0], [self.size, len(further_bounds)])
        matrix, least, greatest = (np.array(part) for part in zip(*rows, strict=True))
        constraint = LinearConstraint(matrix, least, greatest)
        aim, kind = (further * 0, further) if integer else (-further, further * 0)
        solution = milp(aim, constraints=constraint, bounds=Bounds(low, high), integrality=kind)
        return solution.x if solution.success else None


def largest_lead(programme: Programme, overall: Ranks) -> float:
    """Return by how much each city can lead the next, in score points; 0 or less is not at all."""
    rows = []
    for row, leads in programme.order(overall, programme.size + 1):
        row[-1] = -1.0 if leads else 0.0
        rows.append((row, 0.0, np.inf if leads else 0.0))
    solution = programme.solved(rows, [(-FULL, FULL)])
    return 0.0 if solution is None else float(solution[-1])


def ranks_are_possible(
    programme: Programme, overall: Ranks, dimensions: Sequence[str], wanted: Ranks
) -> bool:
    """Tell whether scores in the printed orders give some cities the ranks wanted of them.

    The ranks are those of the mean of `dimensions`; a city's rank is 1 and the number of cities
    with a greater mean. Whether another city has one is a yes or no for every two cities.
    """
    others = [(city, other) for city in wanted for other in programme.units if other != city]
    width = programme.size + len(others)
    rows = [(row, LEAD if leads else 0.0, np.inf if leads else 0.0)
            for row, leads in programme.order(overall, width)]  # fmt: skip
    most = FULL * len(dimensions) + 1
    for column, (city, other) in enumerate(others, programme.size):
        # Above: the lead is at least LEAD. Not above: it is 0 at most.
        above = programme.lead(other, city, dimensions, width)
        below = above.copy()
        above[column], below[column] = -(most + LEAD), -most
        rows += [(above, -most, np.inf), (below, -np.inf, 0.0)]
    for city, rank in wanted.items():
        of_city = [0.0] * programme.size + [float(of == city) for of, _ in others]
        rows.append((np.array(of_city), rank - 1.0, rank - 1.0))
    return programme.solved(rows, [(0.0, 1.0)] * len(others), integer=True) is not None
