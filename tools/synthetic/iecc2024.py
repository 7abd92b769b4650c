"""The filling of the default data: printed values where there are any, invented ones elsewhere.

``python -m tools.synthetic.iecc2024`` writes `inputs.csv` and `items.csv` again. The same
seed gives the same numbers. Invented values say nothing about a city: they fill the template so
that every formula has something to calculate with.

How they are drawn: a printed rank of a printed value tells how many cities lie above it. The cities
without a value are put into the spaces between the printed values in the order of their printed
rank in the node above (with noise where the node has several indicators), so that the printed ranks
hold; inside a space values are spread evenly, with noise. Constructed indicators are filled by
inventing what they are made from.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.synthetic import report_folder
from xlcity.functions.construct import BAND_UPPERS, BAND_WEIGHTS
from xlcity.functions.rounding import round_excel
from xlcity.model.dataset import Status
from xlcity.model.reading.tables import read_csv

#: Recorded in every invented row.
SEED = 2024

#: Line of the text that leaves Moscow's congresses without a number.
GAP_LINE = "636"

INPUT_COLUMNS = ("unit", "code", "value", "basis", "period", "source", "report_line")
ITEM_COLUMNS = ("code", "unit", "item", "the", "arwu", "basis")

#: Grids of scores that are published in steps only.
EDUCATION = (50.0, 58.3, 66.7, 75.0, 83.3, 91.7, 100.0)
HEALTH = (50.0, 54.2, 58.3, 62.5, 66.7, 70.8, 75.0, 79.2, 83.3, 87.5, 91.7, 95.8, 100.0)


@dataclass(frozen=True, slots=True)
class Measure:
    """How one measure is invented: bounds where nothing printed bounds it, decimals, a grid."""

    low: float
    high: float
    decimals: int = 0
    grid: tuple[float, ...] = ()


MEASURES = {
    "A1.1": Measure(50, 100, 1, EDUCATION),
    "A1.2": Measure(50, 100, 1, HEALTH),
    "A1.3": Measure(1, 7),
    "A2.1": Measure(56, 88, 1),
    "A3.1": Measure(3, 600, 1),
    "A4.1": Measure(60, 3600, 1),
    "B1.1": Measure(4, 190),
    "B1.2": Measure(0, 90),
    "B1.3": Measure(3, 2300),
    "B2.1.a": Measure(150, 12000),
    "B2.1.b": Measure(0.6, 3.4, 2),
    "B2.1.c": Measure(4, 450),
    "B2.2": Measure(25, 30000),
    "B3.1": Measure(9000, 140000, 1),
    "B3.2": Measure(0, 60),
    "B3.3": Measure(540, 770),
    "B4.1": Measure(0, 8),
    "B4.2.a": Measure(8, 240),
    "B4.2.b": Measure(0.3, 0.9, 2),
    "B4.2.c": Measure(0, 4),
    "B4.3": Measure(0, 3.2, 2),
    "C1.1": Measure(12, 330),
    "C1.2": Measure(12, 112, 1),
    "C2.1": Measure(18, 240, 1),
    "C2.2": Measure(14, 180, 1),
    "C3.1": Measure(0, 60),
    "C3.2": Measure(5, 155, 1),
}
#: Lists that the text gives in order: those cities come first, whatever the node above says.
LISTED = {"B2.1.a": "top10 ordered", "B2.1.c": "top5 ordered", "B2.2": "top3 ordered"}
LISTED |= {"C1.1": "top10 (Dubai 2nd, others in this order)"}
#: Rates of homicide and imprisonment, told for nations: those that are not printed are invented.
RATES = {"A1.4.a": (0.2, 9.0), "A1.4.b": (40.0, 420.0)}
#: How the text names the nation or territory of a city for which it prints a rate.
PLACES = {"中国大陆": "China", "中国": "China", "新加坡": "Singapore", "日本": "Japan"}
PLACES |= {
    "韩国": "South Korea",
    "美国": "United States",
    "瑞典": "Sweden",
    "德国": "Germany",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed value with its rank of 43, where one is printed."""

    text: str
    rank: int | None
    basis: str
    period: str
    line: str

    @property
    def value(self) -> float:
        """The value as a number."""
        return float(self.text)


class Filling:
    """Collects printed values and invents the rest; see the module."""

    def __init__(self, folder: Path, seed: int = SEED) -> None:
        self.rng = np.random.default_rng(seed)
        self.seed = seed
        self.cities = read_csv(folder / "cities.csv").records()
        self.units = [city["id"] for city in self.cities]
        published = folder / "published"
        self.values = read_csv(published / "indicator_values.csv").records()
        self.node_ranks: dict[str, dict[str, int]] = {}
        for row in read_csv(published / "ranks.csv").records():
            self.node_ranks.setdefault(row["node"], {})[row["city_id"]] = int(
                row["rank"]
            )
        self.lists: dict[tuple[str, str], list[str]] = {}
        for row in read_csv(published / "named_lists.csv").records():
            self.lists.setdefault((row["node"], row["list_kind"]), []).append(
                row["city_id"]
            )
        parts = read_csv(folder / "ingredients.csv").records()
        nodes = read_csv(folder / "framework.csv").records()
        self.periods = {row["code"]: row["period"] for row in (*nodes, *parts)}
        self.parents = {row["code"]: row["parent"] for row in nodes}
        self.printed = self._printed()
        self.rows: list[tuple[str, ...]] = []
        self.items: list[tuple[str, ...]] = []

    def _printed(self) -> dict[str, dict[str, Printed]]:
        found: dict[str, dict[str, Printed]] = {}
        for row in self.values:
            code = row["node"]
            if row["entity_type"] != "city" or code not in self.periods:
                continue
            if code == "C3.2" and not row["edition"]:
                code = "C3.2.earlier" if row["period"] == "2022" else "C3.2.later"
            elif row["edition"] != "2024":
                continue
            rank = int(row["rank_of_43"]) if row["rank_of_43"] else None
            text = row["value_printed"].replace(",", "")
            basis = Status.PRINTED.value
            if not row["value"]:
                # A class of world cities: its printed rank is the place in the list.
                if rank is None:
                    continue
                text = str(rank)
                basis = Status.DERIVED.value
            known = found.setdefault(code, {})
            old = known.get(row["city_id"])
            # One datum may be printed twice, rounded once.
            if old is not None and len(old.text) >= len(text):
                text, rank = old.text, old.rank or rank
            elif old is not None:
                rank = rank or old.rank
            known[row["city_id"]] = Printed(
                text, rank, basis, row["period"], row["report_line"]
            )
        return found

    def fill(self) -> None:
        """Fill every measure, in the order of the framework."""
        for code in ("A1.1", "A1.2", "A2.1", "A3.1", "A4.1", "B1.1", "B1.2", "B1.3"):
            self._plain(code)
        self._grades()
        self._rates()
        for code in ("B2.1.a", "B2.1.b", "B2.1.c", "B2.2", "B3.1", "B3.2", "B3.3"):
            self._plain(code)
        self._places()
        for code in ("B4.1", "B4.2.a", "B4.2.b", "B4.2.c"):
            self._plain(code)
        self._universities()
        flown_to = self._plain("C1.1")
        self._made("C1.2", lambda unit, x: {"flights": _text(x * flown_to[unit], 0)})
        for code in ("C2.1", "C2.2"):
            self._made(code, self._speeds)
        self._plain("C3.1")
        self._congresses()

    def _write(self, unit: str, code: str, value: str) -> None:
        source = f"synthetic, seed {self.seed}"
        period = self.periods[code]
        self.rows.append(
            (unit, code, value, Status.SYNTHETIC.value, period, source, "")
        )

    def _write_printed(
        self, code: str, without: Collection[str] = ()
    ) -> dict[str, float]:
        known = self.printed.get(code, {})
        for unit, cell in known.items():
            if unit not in without:
                row = (
                    unit,
                    code,
                    cell.text,
                    cell.basis,
                    cell.period,
                    "report",
                    cell.line,
                )
                self.rows.append(row)
        return {unit: cell.value for unit, cell in known.items()}

    def _plain(self, code: str) -> dict[str, float]:
        values = self._write_printed(code)
        for unit, value in self._invent(code).items():
            values[unit] = value
            self._write(unit, code, _text(value, MEASURES[code].decimals))
        return values

    def _made(self, code: str, parts: Callable[[str, float], dict[str, str]]) -> None:
        self._write_printed(code)
        for unit, value in self._invent(code).items():
            for name, text in parts(unit, value).items():
                self._write(unit, f"{code}.{name}", text)

    def _speeds(self, unit: str, mean: float) -> dict[str, str]:
        down = float(round_excel(mean * self.rng.uniform(1.05, 1.6), 1))
        return {"down": _text(down, 1), "up": _text(2 * mean - down, 1)}

    def _grades(self) -> None:
        """Fill concentrations that give the points; Toronto's is printed."""
        self._write_printed("A1.3")
        measured = self._write_printed("A1.3.raw")
        ends = (2.0, 5.0, 10.0, 15.0, 25.0, 35.0, 50.0, 90.0)
        for unit, points in self._invent("A1.3").items():
            if unit in measured:
                continue
            place = 7 - round(points)
            low = ends[place] + 0.1
            high = ends[place + 1]
            self._write(unit, "A1.3.raw", _text(self.rng.uniform(low, high), 1))

    def _rates(self) -> None:
        for code, (low, high) in RATES.items():
            given = {
                PLACES.get(row["name_zh"], row["name_zh"]): row
                for row in self.values
                if row["node"] == code and row["entity_type"] == "country/region"
            }
            known = self._write_printed(code)
            invented: dict[str, float] = {}
            for city in self.cities:
                unit = city["id"]
                place = city["country"]
                if unit in known:
                    continue
                if unit == "hong_kong":
                    place = "香港"
                elif code == "A1.4.a" and place == "United States":
                    place = unit
                if place in given:
                    row = given[place]
                    cells = (row["value_printed"], Status.PRINTED.value, row["period"])
                    self.rows.append((unit, code, *cells, "report", row["report_line"]))
                    continue
                if place not in invented:
                    invented[place] = low * (high / low) ** self.rng.random()
                self._write(
                    unit, code, _text(invented[place], 2 if code == "A1.4.a" else 0)
                )

    def _places(self) -> None:
        """Give the free places of the list of world cities to the cities without one."""
        taken = {round(value) for value in self._write_printed("B3.4").values()}
        free = [place for place in range(1, len(self.units) + 1) if place not in taken]
        for unit, place in zip(self._order("B3.4"), free, strict=True):
            self._write(unit, "B3.4", str(place))

    def _universities(self) -> None:
        """Invent universities whose weights add up to about the invented index."""
        self._write_printed("B4.3")
        names = {city["id"]: city["name_en"] for city in self.cities}
        for unit, target in self._invent("B4.3").items():
            for number, band in enumerate(self._bands(target), start=1):
                first = int(BAND_UPPERS[band - 1]) + 1 if band else 1
                last = int(BAND_UPPERS[band])
                rank = str(int(self.rng.integers(first, last + 1)))
                # Beyond 100 both lists print bands; the other list puts it lower, or nowhere.
                shown = f"{first}–{last}" if last > 100 else rank
                other = str(int(self.rng.integers(last + 1, 101))) if last < 100 else ""
                ranks = (shown, other) if self.rng.random() < 0.5 else (other, shown)
                label = f"Synthetic university {number} of {names[unit]}"
                self.items.append(("B4.3", unit, label, *ranks, Status.SYNTHETIC.value))

    def _bands(self, target: float) -> list[int]:
        """Return the bands, of many drawn sets, whose weights come nearest to a sum."""
        weights = np.array(BAND_WEIGHTS)
        best: list[int] = []
        for _ in range(2000):
            drawn = self.rng.integers(0, len(weights), self.rng.integers(1, 9))
            if abs(weights[drawn].sum() - target) < abs(weights[best].sum() - target):
                best = sorted(int(band) for band in drawn)
        return best

    def _congresses(self) -> None:
        """Fill two years; Moscow, below five in both, is the confirmed gap."""
        years = [self._write_printed(f"C3.2.{name}") for name in ("earlier", "later")]
        # Where both years are printed the mean is left to be calculated.
        means = {unit: (years[0][unit] + years[1][unit]) / 2 for unit in years[0]}
        self._write_printed("C3.2", without=means)
        known = self.printed["C3.2"]
        for unit, mean in means.items():
            known.setdefault(unit, Printed(str(mean), None, Status.DERIVED, "", ""))
        self.rows.append(
            ("moscow", "C3.2", "NA", "", self.periods["C3.2"], "report", GAP_LINE)
        )
        for unit, mean in self._invent("C3.2", without=["moscow"]).items():
            total = round(2 * mean)
            earlier = round(total * self.rng.uniform(0.4, 0.5))
            self._write(unit, "C3.2.earlier", str(earlier))
            self._write(unit, "C3.2.later", str(total - earlier))

    def _order(self, code: str, without: Collection[str] = ()) -> list[str]:
        """Return the cities without a printed value, the best first."""
        base = code if code in self.parents else code.rpartition(".")[0]
        above = self.parents[base]
        alone = sum(up == above for up in self.parents.values()) == 1
        listed = self.lists.get((code, LISTED.get(code, "")), [])
        known = self.printed.get(code, {})
        keys = {
            unit: self.node_ranks[above][unit] + (0 if alone else self.rng.normal(0, 4))
            for unit in self.units
        }
        keys |= {unit: place - 100 for place, unit in enumerate(listed)}
        waiting = [
            unit for unit in self.units if unit not in known and unit not in without
        ]
        return sorted(waiting, key=lambda unit: keys[unit])

    def _invent(self, code: str, without: Collection[str] = ()) -> dict[str, float]:
        """Return values for the cities without a printed one, so that printed ranks hold."""
        measure = MEASURES[code]
        known = self.printed.get(code, {})
        waiting = self._order(code, without)
        anchors = sorted(
            {(cell.value, cell.rank) for cell in known.values() if cell.rank},
            reverse=True,
        )
        found: dict[str, float] = {}
        top = max([measure.high, *(cell.value for cell in known.values())])
        above = 0
        for value, rank in [*anchors, (measure.low, None)]:
            printed_above = sum(cell.value > value for cell in known.values())
            wanted = len(waiting) if rank is None else rank - 1 - printed_above
            count = max(0, min(wanted, len(waiting) + above) - (above if rank else 0))
            chosen, waiting = waiting[:count], waiting[count:]
            open_end = rank is not None
            found |= dict(
                zip(
                    chosen,
                    self._spread(measure, value, top, count, open_end),
                    strict=True,
                )
            )
            above += count
            top = value if anchors else top
        return found

    def _spread(
        self, measure: Measure, low: float, high: float, count: int, open_end: bool
    ) -> list[float]:
        """Return values from high to low, above `low` where that is a printed value."""
        unit = 10.0**-measure.decimals
        if measure.grid:
            inside = [
                x
                for x in measure.grid
                if low < x <= high or (x == low and not open_end)
            ]
            places = np.sort(self.rng.random(count))[::-1]
            return [inside[int(place * len(inside))] for place in places]
        if high - low < unit:
            return [high] * count
        steps = (np.arange(count) + self.rng.uniform(0.2, 0.8, count)) / max(count, 1)
        lowest = low + unit if open_end else low
        values = high - unit / 2 - steps * (high - unit / 2 - lowest)
        return [max(float(round_excel(x, measure.decimals)), lowest) for x in values]


def _text(value: float, decimals: int) -> str:
    return f"{float(round_excel(value, decimals)):.{decimals}f}"


def build(
    folder: Path, seed: int = SEED
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the rows of `inputs.csv` and `items.csv`, ordered by city and code."""
    filling = Filling(folder, seed)
    filling.fill()
    codes = list(filling.periods)
    order = {unit: place for place, unit in enumerate(filling.units)}
    filling.rows.sort(key=lambda row: (order[row[0]], _place(codes, row[1])))
    filling.items.sort(key=lambda row: order[row[1]])
    return filling.rows, filling.items


def _place(codes: Sequence[str], code: str) -> tuple[int, int]:
    """Put ingredients behind their indicator."""
    base = code if code.count(".") < 2 else code.rpartition(".")[0]
    return codes.index(base), codes.index(code)


def write(folder: Path, seed: int = SEED) -> None:
    """Write both tables."""
    rows, items = build(folder, seed)
    for name, header, body in (
        ("inputs.csv", INPUT_COLUMNS, rows),
        ("items.csv", ITEM_COLUMNS, items),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *body])


if __name__ == "__main__":
    write(report_folder("iecc2024"))
