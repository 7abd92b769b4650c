"""The demo data: links between the cities, every one of them invented.

``python -m tools.synthetic.bri2021`` writes `links.csv` again. The same seed gives the
same links. They say nothing about any city.

How they are drawn: each indicator starts from a random network in which nearness of region and the
printed rank of a city's dimension make links stronger. Rows and columns are then scaled in turn
until the sums over international links follow the invented scores of
`synthetic_dimension_scores.csv`, whose order is the printed one. Links inside one country are drawn
at random; by default they do not count.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.synthetic import report_folder
from xlcity.model.dataset import FloatArray, Status
from xlcity.model.reading.tables import read_csv

#: Recorded in the data note.
SEED = 2021
COLUMNS = ("code", "from", "to", "value", "basis")
#: Rounds of scaling rows and columns.
ROUNDS = 400


@dataclass(frozen=True, slots=True)
class Kind:
    """How one indicator is invented.

    `largest` is about the strength of the first city; `share` of the pairs have a link at all;
    `directed` links are split over both directions.
    """

    code: str
    largest: float
    share: float
    directed: bool


KINDS = (
    Kind("BRI_POL_SIS", 13, 0.25, directed=False),
    Kind("BRI_POL_ORG", 90, 1.0, directed=False),
    Kind("BRI_POL_MTG", 60, 0.8, directed=False),
    Kind("BRI_FAC_AIR", 80, 0.8, directed=False),
    Kind("BRI_FAC_SEA", 240, 0.55, directed=False),
    Kind("BRI_FAC_RAIL", 60, 0.25, directed=False),
    Kind("BRI_TRA_VAL", 90_000, 1.0, directed=True),
    Kind("BRI_FIN_FDI", 24_000, 0.9, directed=True),
    Kind("BRI_PEO_SEAT", 160_000, 0.9, directed=True),
    Kind("BRI_INF_BW", 12_000, 1.0, directed=True),
)


class Filling:
    """The cities with what their links follow."""

    def __init__(self, folder: Path, seed: int = SEED) -> None:
        self.rng = np.random.default_rng(seed)
        cities = read_csv(folder / "cities.csv").records()
        self.units = [row["id"] for row in cities]
        self.regions = [row["region"] for row in cities]
        country = np.array([row["country"] for row in cities])
        self.foreign = country[:, None] != country[None, :]
        rows = read_csv(folder / "synthetic_dimension_scores.csv").records()
        self.scores = {row["unit"]: row for row in rows}

    def lines(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield the lines of `links.csv` by indicator and city."""
        for kind in KINDS:
            strengths = self.network(kind)
            for i, start in enumerate(self.units):
                for j, end in enumerate(self.units):
                    if i >= j or not strengths[i, j]:
                        continue
                    total = int(strengths[i, j])
                    there = total
                    if kind.directed:
                        there = round(total * float(self.rng.uniform(0.35, 0.65)))
                    for a, b, value in (
                        (start, end, there),
                        (end, start, total - there),
                    ):
                        if value:
                            yield kind.code, a, b, str(value), Status.SYNTHETIC

    def network(self, kind: Kind) -> FloatArray:
        """Return a symmetric network of whole numbers."""
        dimension = kind.code.rsplit("_", 1)[0]
        wanted = np.array([float(self.scores[unit][dimension]) for unit in self.units])
        sums = kind.largest * (0.08 + 0.92 * wanted / 100)
        start = self.rng.lognormal(0, 0.5, self.foreign.shape) * (
            1 + 0.8 * self._near()
        )
        start = np.triu(start, 1)
        start = (start + start.T) * self.foreign
        start *= self._linked(kind.share, sums)
        for _ in range(ROUNDS):
            factor = np.sqrt(sums / np.maximum(start.sum(axis=1), 1e-12))
            start *= factor[:, None] * factor[None, :]
        found: FloatArray = np.rint(start)
        if kind.code == "BRI_POL_SIS":
            found = np.minimum(found, 1.0)
        return found + self._domestic(found)

    def _near(self) -> FloatArray:
        return np.array([[float(a == b) for b in self.regions] for a in self.regions])

    def _linked(self, share: float, sums: FloatArray) -> FloatArray:
        """Return which pairs have a link: the likelier, the stronger both cities are."""
        n = len(sums)
        likely = np.sqrt(sums[:, None] * sums[None, :])
        drawn = self.rng.random((n, n)) * likely
        drawn = np.triu(drawn, 1)
        drawn = (drawn + drawn.T) * self.foreign
        limit = np.quantile(drawn[self.foreign & ~np.eye(n, dtype=bool)], 1 - share)
        linked: NDArray[np.bool_] = (drawn >= limit) & self.foreign
        for i in range(n):
            # No city is left without any link.
            linked[i, drawn[i].argmax()] = linked[drawn[i].argmax(), i] = True
        made: FloatArray = linked.astype(np.float64)
        return made

    def _domestic(self, found: FloatArray) -> FloatArray:
        """Return links inside a country, about as strong as the strongest across borders."""
        n = len(self.units)
        drawn = np.triu(self.rng.uniform(0.2, 1.0, (n, n)) * found.max(), 1)
        drawn = np.rint(drawn + drawn.T)
        inside = ~self.foreign & ~np.eye(n, dtype=bool)
        made: FloatArray = np.where(inside, np.minimum(drawn, found.max()), 0.0)
        return made


def write(folder: Path, seed: int = SEED) -> None:
    """Write `links.csv`."""
    lines = list(Filling(folder, seed).lines())
    with (folder / "links.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])


if __name__ == "__main__":
    write(report_folder("bri2021"))
