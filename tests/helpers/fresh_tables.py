"""Printed tables with misprints drawn by seed: what makes them, and which misprints break that."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

TABLES = Path(__file__).parents[1] / "unit" / "audit" / "tables" / "fresh"
KINDS = ("swapped digits", "one wrong digit", "wrong rank")


@dataclass(frozen=True)
class Method:
    """A column, what it is made of, and how; it rises or falls throughout with each part."""

    result: str
    parts: Sequence[str]
    compute: Callable[..., float]


@dataclass(frozen=True)
class Misprint:
    """A cell as it should be and as it is misprinted; rows are counted as an editor does."""

    kind: str
    row: int
    column: str
    right: str
    wrong: str


def _sum(*parts: float) -> float:
    return sum(parts)


def _ratio(part: float, whole: float) -> float:
    return 100 * part / whole


RACES = ("White", "Black", "American Indian", "Asian", "Other")
FREEDOMS = (
    "Property rights",
    "Judicial effectiveness",
    "Government integrity",
    "Tax burden",
    "Government spending",
    "Fiscal health",
    "Business freedom",
    "Labor freedom",
    "Monetary freedom",
    "Trade freedom",
    "Investment freedom",
    "Financial freedom",
)
EXPLAINED = (
    "Log GDP per capita",
    "Social support",
    "Healthy life expectancy",
    "Freedom to make life choices",
    "Generosity",
    "Perceptions of corruption",
    "Dystopia + residual",
)
MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
SHARES = {
    "Teaching": 0.3,
    "International outlook": 0.075,
    "Research": 0.3,
    "Citations": 0.3,
    "Industry income": 0.025,
}

METHODS: Mapping[str, Sequence[Method]] = {
    "academe": [
        Method("Overall", (*SHARES,), lambda *x: float(np.dot([*SHARES.values()], x))),
    ],
    "burgers": [
        Method(
            "Price in dollars",
            ("Price in local currency", "Exchange rate"),
            lambda a, b: a / b,
        )
    ],
    "census": [
        Method("Change", ("Population 2020", "Population 2010"), lambda a, b: a - b),
        Method("Percent", ("Change", "Population 2010"), _ratio),
    ],
    "climate": [Method("Year", MONTHS, lambda *x: sum(x) / 12)],
    "counties": [
        Method("Population", RACES, _sum),
        *(
            Method(f"{race} %", (race, "Population"), _ratio)
            for race in RACES
            if race in ("White", "Black", "Asian")
        ),
    ],
    "cricket": [
        Method("Pld", ("W", "L", "NR"), _sum),
        Method("Pts", ("W", "NR"), lambda w, n: 2 * w + n),
    ],
    "districts": [Method("Total", ("Coderre", "Bergeron", "Joly"), _sum)],
    "freedom": [Method("Overall score", FREEDOMS, lambda *x: sum(x) / 12)],
    "golf": [Method("Strokes", ("R1", "R2", "R3", "R4"), _sum)],
    "happiness": [Method("Ladder score", EXPLAINED, _sum)],
    "hockey": [
        Method("Pts", ("W", "OTL"), lambda w, t: 2 * w + t),
        Method("GD", ("GF", "GA"), lambda f, a: f - a),
    ],
    "rugby": [
        Method("Pts", ("W", "D", "B"), lambda w, d, b: 4 * w + 2 * d + b),
        Method("PD", ("PF", "PA"), lambda f, a: f - a),
    ],
}
#: Table -> column of ranks, what it ranks, whether the greatest comes first, column of groups.
RANKS = {
    "academe": ("World rank", "Overall", True, ""),
    "census": ("Rank", "Population 2020", True, ""),
    "freedom": ("World rank", "Overall score", True, ""),
    "golf": ("Place", "Strokes", False, ""),
    "hockey": ("Pos", "Pts", True, "Division"),
    "rugby": ("Pos", "Pts", True, "Pool"),
}


def read(name: str) -> list[list[str]]:
    """Return the rows of a table, its header first."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def number(text: str) -> float:
    """Return a printed number; a missing one is no number."""
    bare = text.lstrip("T").replace(",", "").replace("−", "-")
    return float("nan") if bare == "-" else float(bare)


def interval(text: str) -> tuple[float, float]:
    """Return what a rounded number may stand for; a whole number is taken as it is."""
    decimals = len(text.partition(".")[2])
    half = 0.5 * 10.0**-decimals if decimals else 0.0
    return number(text) - half, number(text) + half


def holds(method: Method, row: Mapping[str, str]) -> bool:
    """Tell whether a row follows a method within rounding."""
    given = [
        method.compute(*ends)
        for ends in product(*(interval(row[p]) for p in method.parts))
    ]
    low, high = interval(row[method.result])
    shares = row[method.result].endswith("%") or "." in row[method.result]
    room = 0.0 if shares else 0.5 * any("." in row[part] for part in method.parts)
    return not (min(given) > high + room + 1e-9 or max(given) < low - room - 1e-9)


def in_order(name: str, rows: Sequence[Mapping[str, str]]) -> bool:
    """Tell whether the ranks of a table, or of each group, go by what they rank."""
    rank, node, descending, group = RANKS[name]
    sign = 1 if descending else -1
    for first, second in product(rows, rows):
        if not group or first[group] == second[group]:
            ahead = number(first[rank]) < number(second[rank])
            if ahead and sign * (number(first[node]) - number(second[node])) < 0:
                return False
    own = [(row.get(group, ""), number(row[rank])) for row in rows]
    scores = [(row.get(group, ""), number(row[node])) for row in rows]
    return all(
        own.count(a) == 1 or scores.count(b) > 1
        for a, b in zip(own, scores, strict=True)
    )


def misprints(name: str) -> list[Misprint]:
    """Return a misprint of each kind, each in a row of its own and against what makes the table.

    A table without ranks gets a second wrong digit.
    """
    random = np.random.default_rng(zlib.crc32(name.encode()))
    header, *rows = read(name)
    bound = {c for method in METHODS[name] for c in (method.result, *method.parts)}
    drawn: list[Misprint] = []
    for kind in KINDS:
        while len(drawn) <= KINDS.index(kind):
            position = int(random.integers(len(rows)))
            ranked = kind == "wrong rank" and name in RANKS
            columns = [RANKS[name][0]] if ranked else [c for c in header if c in bound]
            column = str(random.choice(columns))
            right = rows[position][header.index(column)]
            own = KINDS[1] if kind == KINDS[2] and not ranked else kind
            wrong = _misprinted(right, own, random)
            used = {m.row for m in drawn}
            if (
                wrong != right
                and position + 2 not in used
                and _breaks(name, header, rows, position, column, wrong)
            ):
                drawn.append(Misprint(own, position + 2, column, right, wrong))
    return drawn


def _misprinted(right: str, kind: str, random: np.random.Generator) -> str:
    places = [index for index, char in enumerate(right) if char.isdigit()]
    if not places:
        return right
    letters = list(right)
    if kind == KINDS[0]:
        if len(places) < 2:
            return right
        first = int(random.integers(len(places) - 1))
        a = places[first]
        b = places[first + 1]
        letters[a], letters[b] = letters[b], letters[a]
    elif kind == KINDS[1]:
        letters[int(random.choice(places))] = str(random.integers(10))
    else:
        bare = right.lstrip("T")
        letters = [
            right.removesuffix(bare),
            str(max(1, int(bare) + int(random.integers(-5, 6)))),
        ]
    text = "".join(letters)
    leading = text.lstrip("T+-−").partition(".")[0]
    return right if len(leading) > 1 and leading.startswith("0") else text


def _breaks(
    name: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    position: int,
    column: str,
    wrong: str,
) -> bool:
    altered = [dict(zip(header, row, strict=True)) for row in rows]
    altered[position][column] = wrong
    if name in RANKS and column == RANKS[name][0]:
        return not in_order(name, altered)
    return any(
        not holds(m, altered[position])
        for m in METHODS[name]
        if column in (m.result, *m.parts)
    )


def write(folder: Path, name: str, chosen: Sequence[Misprint]) -> Path:
    """Write a table with misprints, and return its file."""
    rows = read(name)
    for misprint in chosen:
        cells = rows[misprint.row - 1]
        column = rows[0].index(misprint.column)
        assert cells[column] == misprint.right
        cells[column] = misprint.wrong
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
