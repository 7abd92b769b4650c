"""A synthetic framework in COINr's tables: 49 indicators, 8 pillars, 2 sub-indices, 51 units.

All values are invented. Some columns are skewed, some gaps are confirmed, some indicators negative.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

UNITS = 51
INDICATORS = 49
#: Indicators per pillar; the first five pillars belong to one sub-index.
PILLARS = (8, 5, 7, 6, 4, 9, 5, 5)
GROUPS = ("small", "medium", "large")


@dataclass(frozen=True)
class Asem:
    """The tables as arrays: NaN is a gap."""

    values: np.ndarray
    directions: np.ndarray
    weights: np.ndarray
    pillar_weights: np.ndarray
    sub_weights: np.ndarray
    denominator: np.ndarray
    groups: list[str]

    @property
    def units(self) -> list[str]:
        return [f"U{at:02d}" for at in range(UNITS)]

    @property
    def codes(self) -> list[str]:
        return [f"I{at:02d}" for at in range(INDICATORS)]

    @property
    def oriented(self) -> np.ndarray:
        return self.values * self.directions

    @property
    def pillar_of(self) -> np.ndarray:
        return np.repeat(np.arange(8), PILLARS)


def asem(gaps: bool = False, seed: int = 4) -> Asem:
    rng = np.random.default_rng(seed)
    values = np.exp(rng.normal(3, 0.4, (UNITS, INDICATORS)))
    values[:, ::6] = np.exp(rng.normal(1, 1.6, values[:, ::6].shape))  # skewed
    values[5:11, 12] = 1000.0 * 2.0 ** np.arange(
        6
    )  # six outliers: five points do not help
    values[:, 3] = np.round(values[:, 3] / 5)  # many ties
    values[:2, 7] = [900.0, 800.0]
    if gaps:
        holes = rng.random(values.shape) < 0.06
        holes[0] = False
        values[holes] = np.nan
    return Asem(
        values=values,
        directions=np.where(np.arange(INDICATORS) % 5 == 2, -1.0, 1.0),
        weights=rng.choice([0.5, 1.0, 2.0], INDICATORS),
        pillar_weights=rng.choice([1.0, 1.5], 8),
        sub_weights=np.array([1.0, 2.0]),
        denominator=np.exp(rng.normal(2, 0.5, UNITS)),
        groups=[GROUPS[at % 3] for at in range(UNITS)],
    )


def write(
    folder: Path, made: Asem, denominators: tuple[str, ...] = (), called: str = "Area"
) -> tuple[Path, Path]:
    """Write iMeta.csv and iData.csv, as COINr has them; return their paths.

    `denominators` are the indicators that are divided by the variable `called`.
    """
    folder.mkdir(exist_ok=True)
    rows = [
        [
            "Level",
            "iCode",
            "iName",
            "Parent",
            "Direction",
            "Weight",
            "Type",
            "Denominator",
            "Unit",
        ]
    ]
    for code, pillar, direction, weight in zip(
        made.codes, made.pillar_of, made.directions, made.weights, strict=True
    ):
        by = called if code in denominators else "NA"
        row = [
            1,
            code,
            f"Name of {code}",
            f"P{pillar}",
            int(direction),
            weight,
            "Indicator",
            by,
        ]
        rows.append([*row, "x"])
    for at, weight in enumerate(made.pillar_weights):
        sub = "Conn" if at < 5 else "Sust"
        rows.append(
            [2, f"P{at}", f"Pillar {at}", sub, 1, weight, "Aggregate", "NA", "Score"]
        )
    for code, weight in zip(("Conn", "Sust"), made.sub_weights, strict=True):
        rows.append([3, code, code, "Index", 1, weight, "Aggregate", "NA", "Score"])
    rows.append([4, "Index", "The index", "NA", 1, 1, "Aggregate", "NA", "Score"])
    rows.append(
        ["NA", called, "Land area", "NA", "NA", "NA", "Denominator", "NA", "km2"]
    )
    rows.append(["NA", "Size", "Size class", "NA", "NA", "NA", "Group", "NA", "NA"])
    meta = folder / "iMeta.csv"
    data = folder / "iData.csv"
    _write(meta, rows)
    lines = [["uName", "uCode", "Size", called, *made.codes]]
    for at, unit in enumerate(made.units):
        cells = ["NA" if x != x else repr(float(x)) for x in made.values[at]]
        area = repr(float(made.denominator[at]))
        lines.append([f"Unit {unit}", unit, made.groups[at], area, *cells])
    _write(data, lines)
    return meta, data


def _write(path: Path, rows: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
