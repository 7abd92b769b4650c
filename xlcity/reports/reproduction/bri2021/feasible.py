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
        place = list(self.dimensions).index(dimension)
        return place * len(self.units) + self.units.index(unit)

    def total(self, unit: str, dimensions: Sequence[str], width: int) -> np.ndarray:
        """Return the row of coefficients that sums a city's dimensions."""
        row = np.zeros(width)
        row[[self.at(name, unit) for name in dimensions]] = 1.0
        return row

    def bounds(self) -> list[tuple[float, float]]:
        """Return the least and the greatest value of every score."""
        found = []
        for name, ranks in self.dimensions.items():
            worst = max(ranks.values())
            for unit in self.units:
                low, high = 0.0, FULL
                if name in self.bounded and ranks[unit] == 1:
                    low = FULL
                if name in self.bounded and ranks[unit] == worst:
                    high = 0.0
                found.append((low, high))
        return found

    def order(self, width: int) -> list[tuple[np.ndarray, bool]]:
        """Return rows that must lead by more than nothing (True), or be 0 (a printed tie)."""
        rows = []
        for name, ranks in self.dimensions.items():
            listed = sorted(self.units, key=ranks.__getitem__)
            for better, worse in pairwise(listed):
                row = np.zeros(width)
                row[self.at(name, better)], row[self.at(name, worse)] = 1.0, -1.0
                rows.append((row, ranks[better] < ranks[worse]))
        return rows


def largest_lead(programme: Programme, overall: Ranks) -> float:
    """Return by how much each city can lead the next, in score points; 0 or less is not at all."""
    from scipy.optimize import linprog

    width = programme.size + 1
    names = list(programme.dimensions)
    rows = programme.order(width)
    listed = sorted(programme.units, key=overall.__getitem__)
    for better, worse in pairwise(listed):
        lead = programme.total(better, names, width) - programme.total(worse, names, width)
        rows.append((lead / len(names), overall[better] < overall[worse]))
    leading = np.array([row for row, leads in rows if leads])
    leading[:, -1] = -1.0
    equal = np.array([row for row, leads in rows if not leads])
    aim = np.zeros(width)
    aim[-1] = -1.0
    found = linprog(
        aim,
        A_ub=-leading,
        b_ub=np.zeros(len(leading)),
        A_eq=equal if len(equal) else None,
        b_eq=np.zeros(len(equal)) if len(equal) else None,
        bounds=[*programme.bounds(), (-FULL, FULL)],
    )
    return float(found.x[-1]) if found.success else 0.0


def ranks_are_possible(
    programme: Programme, overall: Ranks, dimensions: Sequence[str], wanted: Ranks
) -> bool:
    """Tell whether scores in the printed orders give some cities the ranks wanted of them.

    The ranks are those of the mean of `dimensions`; a city's rank is 1 and the number of cities
    with a greater mean. Whether another city has one is a yes or no for every two cities.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    others = [(city, other) for city in wanted for other in programme.units if other != city]
    width = programme.size + len(others)
    rows = [(row, LEAD if leads else 0.0, np.inf if leads else 0.0)
            for row, leads in programme.order(width)]  # fmt: skip
    names = list(programme.dimensions)
    listed = sorted(programme.units, key=overall.__getitem__)
    for better, worse in pairwise(listed):
        lead = programme.total(better, names, width) - programme.total(worse, names, width)
        rows.append((lead, LEAD, np.inf))
    most = FULL * len(dimensions) + 1
    for place, (city, other) in enumerate(others):
        lead = programme.total(other, dimensions, width)
        lead -= programme.total(city, dimensions, width)
        # Above: the lead is at least LEAD. Not above: it is 0 at most.
        above, below = lead.copy(), lead.copy()
        above[programme.size + place] = -(most + LEAD)
        below[programme.size + place] = -most
        rows += [(above, -most, np.inf), (below, -np.inf, 0.0)]
    for city, rank in wanted.items():
        row = np.zeros(width)
        row[[programme.size + i for i, (of, _) in enumerate(others) if of == city]] = 1.0
        rows.append((row, rank - 1.0, rank - 1.0))
    low = np.array([*(b[0] for b in programme.bounds()), *np.zeros(len(others))])
    high = np.array([*(b[1] for b in programme.bounds()), *np.ones(len(others))])
    whole = np.array([*np.zeros(programme.size), *np.ones(len(others))])
    constraint = LinearConstraint(
        np.array([row for row, _, _ in rows]),
        np.array([least for _, least, _ in rows]),
        np.array([greatest for _, _, greatest in rows]),
    )
    found = milp(
        np.zeros(width), constraints=constraint, bounds=Bounds(low, high), integrality=whole
    )
    return bool(found.success)
