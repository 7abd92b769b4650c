"""The filling of the default data: printed values where there are any, invented ones elsewhere.

``python -m tools.synthetic.gihi2023`` writes `inputs.csv` and `links.csv` again. The same
seed gives the same numbers. Invented values say nothing about a city: they fill the template so
that every formula has something to calculate with.

How they are drawn: a city's strength in an indicator is the printed score of the sub-pillar above
it (of the pillar, for mini-hubs; the foot of the scale where nothing is printed), with noise. The
value is a power of that strength between two bounds. Indicators per million inhabitants are filled
by inventing what they are made from.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.synthetic import report_folder
from xlcity.functions.rounding import round_excel
from xlcity.model.dataset import Status
from xlcity.model.reading.tables import read_csv

#: Recorded in every invented row.
SEED = 2023
LINK_COLUMNS = ("code", "from", "to", "value", "basis")
COLUMNS = ("unit", "code", "value", "basis", "period", "source", "report_line")
MILLION = 1_000_000
#: Noise of a strength, which runs from 0 to 1.
NOISE = 0.05
#: Tables by sub-pillar, and the pillar's column in the table of mini-hubs.
PILLARS = {"A": ("science", "score_a"), "B": ("innovation", "score_b")}
PILLARS |= {"C": ("ecosystem", "score_c")}


@dataclass(frozen=True, slots=True)
class Measure:
    """Bounds between which a measure is invented, how steeply it rises, and its decimals."""

    low: float
    high: float
    power: float = 2.0
    decimals: int = 0


MEASURES = {
    "01": Measure(300, 45000, 1.2),
    "02": Measure(0, 40, 4),
    "03": Measure(0, 9, 1.4),
    "04": Measure(0, 14, 1.4),
    "05": Measure(0, 22, 1.5),
    "06": Measure(0, 38, 2),
    "07": Measure(300, 90000, 1.8),
    "08": Measure(900, 260000, 1.8),
    "09": Measure(2, 5200, 2),
    "10": Measure(10, 52000, 2.4),
    "11": Measure(0, 190, 1.8),
    "12": Measure(0, 240, 2.6),
    "13": Measure(0, 3.6e12, 3, -8),
    "14": Measure(1e8, 1.4e12, 2.4, -7),
    "15": Measure(-4, 14, 1, 2),
    "16.gdp": Measure(14000, 190000, 1, 0),
    "19": Measure(1e7, 1.2e10, 1.6, -5),
    "20": Measure(1e7, 3.8e10, 2, -5),
    "21": Measure(0, 2.1e10, 2.6, -4),
    "22": Measure(0, 1.8e10, 2.6, -4),
    "23": Measure(90, 9500, 1.6),
    "24": Measure(1, 210, 1.8),
    "25": Measure(12, 260, 1, 1),
    "26": Measure(200, 160000, 1.6),
    "28": Measure(150, 21000, 1.6),
    "29": Measure(7, 14.3, 0.8, 2),
    "30": Measure(2, 320, 1.4),
}
#: Indicators per million, whose counts are invented.
COUNTED = ("01", "09", "23", "26", "28", "30")


class Filling:
    """Collects printed values and invents the rest; see the module."""

    def __init__(self, folder: Path, seed: int = SEED) -> None:
        self.rng = np.random.default_rng(seed)
        self.seed = seed
        self.cities = read_csv(folder / "cities.csv").records()
        nodes = read_csv(folder / "framework.csv").records()
        self.parents = {row["code"]: row["parent"] for row in nodes}
        parts = read_csv(folder / "ingredients.csv").records()
        self.periods = {row["code"]: row["period"] for row in (*nodes, *parts)}
        self.supplementary_indices = read_csv(folder / "supplementary.csv").records()
        published = folder / "published"
        self.figures = {
            row["city_id"]: row
            for row in read_csv(published / "fig6_fig7.csv").records()
        }
        self.scores: dict[tuple[str, str], float] = {}
        for pillar, (table, column) in PILLARS.items():
            for row in read_csv(published / f"{table}.csv").records():
                for number in "1234":
                    score = row[f"score_{pillar.lower()}{number}"]
                    self.scores[row["city_id"], f"{pillar}{number}"] = float(score)
            for row in read_csv(published / "minihubs.csv").records():
                for number in "1234":
                    self.scores[row["city_id"], f"{pillar}{number}"] = float(
                        row[column]
                    )
        self.rows: list[tuple[str, ...]] = []
        self.links: list[tuple[str, ...]] = []

    def fill(self) -> None:
        """Fill every measure, city by city."""
        services = {
            city["country"]: self.rng.uniform(0.45, 0.99) for city in self.cities
        }
        for city in self.cities:
            unit = city["id"]
            mini = city["population"] == "mini"
            people = self._population(unit, mini)
            self._write(unit, "01.population", people, 0)
            for code in MEASURES:
                self._measure(unit, code, people)
            self._write(unit, "27", services[city["country"]], 4)
        self._disciplines()
        self._network("17", "A4", 5.0, 3.0)
        self._network("18", "B1", 0.12, 4.0)

    def _disciplines(self) -> None:
        """Invent papers and highly cited papers of every field, and papers of two years."""
        fields = [
            row["code"] for row in self.supplementary_indices if row["kind"] == "field"
        ]
        weights = {field: self.rng.lognormal(9.5, 0.9) for field in fields}
        for city in self.cities:
            unit = city["id"]
            strength = self._strength(unit, "A4")
            size = 0.02 + strength**1.3
            quality = 0.55 + 1.1 * strength + self.rng.normal(0, 0.12)
            asia = city["region"] == "asia"
            total = 0.0
            for field in fields:
                papers = float(
                    round(weights[field] * size * self.rng.lognormal(0.3, 0.35) + 5)
                )
                cited = self.rng.binomial(
                    int(papers), min(0.03, max(0.001, quality / 100))
                )
                total += papers
                self._write(unit, f"{field}.papers", papers, 0)
                self._write(unit, f"{field}.hcp", float(cited), 0)
            growth = self.rng.normal(0.085 if asia else 0.045, 0.015)
            first = total / sum((1 + growth) ** year for year in range(10))
            self._write(unit, "DGROW.first", first, 0)
            self._write(unit, "DGROW.last", first * (1 + growth) ** 9, 0)

    def _network(self, code: str, node: str, scale: float, steepness: float) -> None:
        """Invent the ties of a network: strong cities, and those near each other, have more."""
        mass = [
            np.exp(steepness * self._strength(city["id"], node)) for city in self.cities
        ]
        for at, city in enumerate(self.cities):
            for further, other in enumerate(self.cities[at + 1 :], start=at + 1):
                near = 1.0 + 0.8 * (city["region"] == other["region"])
                near += 1.4 * (city["country"] == other["country"])
                expected = scale * near * float(mass[at] * mass[further]) ** 0.8
                value = int(self.rng.poisson(expected * self.rng.uniform(0.5, 1.5)))
                if value:
                    ends = (city["id"], other["id"])
                    self.links.append((code, *ends, str(value), Status.SYNTHETIC.value))

    def _population(self, unit: str, mini: bool) -> float:
        if mini:
            return float(self.rng.uniform(60_000, 900_000))
        size = max(0.0, self._strength(unit, "B3"))
        return float(
            np.exp(self.rng.normal(np.log(3e6) + 1.6 * size, 0.5)).clip(1.02e6, 3.6e7)
        )

    def _measure(self, unit: str, code: str, people: float) -> None:
        printed = self._printed(unit, code)
        if printed:
            self.rows.append(printed)
            return
        measure = MEASURES[code]
        leaf = code.partition(".")[0]
        strength = self._strength(unit, self.parents[leaf]) ** measure.power
        value = measure.low + (measure.high - measure.low) * strength
        if code in COUNTED:
            self._write(unit, f"{code}.count", value * people / MILLION, 0)
        elif code == "16.gdp":
            workers = people * self.rng.uniform(0.62, 0.74)
            self._write(unit, "16.gdp", value * workers, -6)
            self._write(unit, "16.workers", workers, 0)
        elif code == "25":
            fixed = value * self.rng.uniform(0.7, 1.3)
            self._write(unit, "25.fixed", fixed, 1)
            self._write(unit, "25.mobile", max(3.0, 2 * value - fixed), 1)
        else:
            self._write(unit, code, value, measure.decimals)

    def _printed(self, unit: str, code: str) -> tuple[str, ...] | None:
        figure = {
            "01": ("active_researchers_per_million", "report_line_fig6"),
            "02": ("top_prize_winners", "report_line_fig7"),
        }.get(code)
        if figure is None or unit not in self.figures:
            return None
        column, line = figure
        row = self.figures[unit]
        period = self.periods[code]
        return (
            unit,
            code,
            row[column],
            Status.PRINTED.value,
            period,
            "report",
            row[line],
        )

    def _strength(self, unit: str, node: str) -> float:
        printed = (self.scores.get((unit, node), 60.0) - 60) / 40
        return float(np.clip(printed + self.rng.normal(0, NOISE), 0, 1))

    def _write(self, unit: str, code: str, value: float, decimals: int) -> None:
        number = float(round_excel(value, decimals))
        text = f"{number:.{max(decimals, 0)}f}"
        source = f"synthetic, seed {self.seed}"
        period = self.periods.get(code, "2012-2021")
        row = (unit, code, text, Status.SYNTHETIC.value, period, source, "")
        self.rows.append(row)


def main() -> None:
    """Write the data beside this module."""
    folder = report_folder("gihi2023")
    filling = Filling(folder)
    filling.fill()
    for name, columns, rows in (
        ("inputs.csv", COLUMNS, filling.rows),
        ("links.csv", LINK_COLUMNS, filling.links),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
