"""Invented index tables as a report would print them, clean or with known slips.

The check here is its own: exact fractions over the printed digits, nothing of the audit's code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.functions.rounding import round_excel

PILLARS = ("P1", "P2", "P3")


@dataclass
class Printed:
    """Tables as texts: name -> header, rows; and what generates them."""

    tables: dict[str, tuple[list[str], list[list[str]]]]
    weights: dict[str, dict[str, Fraction]]
    #: (table, row, column) -> (printed, altered to)
    altered: dict[tuple[str, int, int], tuple[str, str]] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    #: The cells of each alteration.
    slips: list[tuple[str, list[tuple[str, int, int]]]] = field(default_factory=list)

    @property
    def spec(self) -> dict:
        """The spec that describes the tables, as TOML would be read."""
        leaves = {pillar: list(self.weights[pillar]) for pillar in PILLARS}
        tables = [
            {
                "name": "total",
                "scores": {**{p: p for p in PILLARS}, "total": "T"},
                "ranks": {"rank": "T"},
            }
        ]
        for pillar in PILLARS:
            columns = [*leaves[pillar], pillar]
            tables.append(
                {
                    "name": pillar,
                    "scores": {c: c for c in columns},
                    "ranks": {"rank": pillar},
                }
            )
        return {
            "audit": {"unit": "unit"},
            "table": tables,
            "aggregate": [
                {"parent": parent, "children": {c: str(w) for c, w in children.items()}}
                for parent, children in self.weights.items()
            ],
            "ranking": [
                {"nodes": ["T", *PILLARS], "ties": "distinct", "complete": True}
            ],
        }

    def write(self, folder: Path) -> dict[str, Path]:
        """Write a CSV per table."""
        paths = {}
        for name, (header, rows) in self.tables.items():
            paths[name] = folder / f"{name}.csv"
            with paths[name].open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows([header, *rows])
        return paths

    def unit(self, place: tuple[str, int, int]) -> str:
        """Return the unit of a cell."""
        name, row, _ = place
        return self.tables[name][1][row][1]

    def node(self, place: tuple[str, int, int]) -> str:
        """Return the column's node."""
        name, _, column = place
        head = self.tables[name][0][column]
        return {"rank": "T" if name == "total" else name, "total": "T"}.get(head, head)


def two(x: np.ndarray) -> list[str]:
    """Return numbers as printed: two decimals, half up."""
    return [f"{value:.2f}" for value in round_excel(x, 2)]


def make(rng: np.random.Generator) -> Printed:
    """Make clean tables of 40 to 120 units, three pillars, two to five leaves each."""
    n = int(rng.integers(40, 121))
    units = [f"u{k:03}" for k in range(n)]
    common = rng.normal(size=n)
    weights: dict[str, dict[str, Fraction]] = {"T": {}}
    weights["T"] = dict(zip(PILLARS, _weights(rng, 3), strict=True))
    tables: dict[str, tuple[list[str], list[list[str]]]] = {}
    scores = {}
    for pillar in PILLARS:
        k = int(rng.integers(2, 6))
        names = [f"{pillar}{'abcde'[j]}" for j in range(k)]
        weights[pillar] = dict(zip(names, _weights(rng, k), strict=True))
        raw = 0.7 * common[:, None] + rng.normal(size=(n, k))
        leaves = 100 * (raw - raw.min(axis=0)) / (raw.max(axis=0) - raw.min(axis=0))
        scores[pillar] = leaves @ np.array([float(w) for w in weights[pillar].values()])
        tables[pillar] = _table(units, [*names, pillar], [*leaves.T, scores[pillar]])
    total = sum(float(w) * scores[p] for p, w in weights["T"].items())
    tables["total"] = _table(units, [*PILLARS, "total"], [*scores.values(), total])
    return Printed(tables, weights)


def _weights(rng: np.random.Generator, k: int) -> list[Fraction]:
    """Return equal weights one time in three, else multiples of 0.05."""
    if rng.random() < 1 / 3:
        return [Fraction(1, k)] * k
    parts = 2 + rng.multinomial(20 - 2 * k, np.ones(k) / k)
    return [Fraction(int(part), 20) for part in parts]


def _table(units, names, columns):
    order = np.argsort(-columns[-1], kind="stable")
    texts = [two(column) for column in columns]
    rows = [
        [str(place), units[at], *(text[at] for text in texts)]
        for place, at in enumerate(order, start=1)
    ]
    return ["rank", "unit", *names], rows


def alter(printed: Printed, rng: np.random.Generator, slips: int) -> None:
    """Put in so many slips: swapped digits, a wrong digit, rows exchanged in a column."""
    used: set[tuple[str, int, int]] = set()
    while len(printed.slips) < slips:
        kind = str(rng.choice(["digit swap", "digit change", "row swap"]))
        name = str(rng.choice(list(printed.tables)))
        header, rows = printed.tables[name]
        column = int(rng.choice([c for c in range(len(header)) if c != 1]))
        row = int(rng.integers(len(rows) - 1))
        places = [(name, row, column)]
        if kind == "row swap":
            places.append((name, row + 1, column))
        old = [rows[r][c] for _, r, c in places]
        new = old[::-1] if kind == "row swap" else [_slip(old[0], kind, rng)]
        if new == old or "" in new or used & set(places):
            continue
        used |= set(places)
        for (_, r, c), before, after in zip(places, old, new, strict=True):
            rows[r][c] = after
            printed.altered[name, r, c] = (before, after)
        printed.slips.append((kind, places))


def _slip(text: str, kind: str, rng: np.random.Generator) -> str:
    places = [at for at, char in enumerate(text) if char != "."]
    if kind == "digit change":
        at = int(rng.choice(places))
        digit = str(rng.choice([d for d in "0123456789" if d != text[at]]))
        new = text[:at] + digit + text[at + 1 :]
    else:
        if len(places) < 2:
            return ""
        k = int(rng.integers(len(places) - 1))
        a = places[k]
        b = places[k + 1]
        new = text[:a] + text[b] + text[a + 1 : b] + text[a] + text[b + 1 :]
    whole = new.partition(".")[0]
    # What nobody prints: 07.13, a rank of 0 or 012.
    if (len(whole) > 1 and whole[0] == "0") or (("." not in new) and whole == "0"):
        return ""
    return new


def violated(printed: Printed) -> list[set[tuple[str, int, int]]]:
    """Return the cells of every violated identity: sums, copies, orders, ranks."""
    half = Fraction(1, 200)
    at = {}
    for name, (header, rows) in printed.tables.items():
        for r, row in enumerate(rows):
            for c in range(len(header)):
                if c != 1:
                    node = "rank" if c == 0 else printed.node((name, r, c))
                    at[name, row[1], node] = ((name, r, c), Fraction(row[c]))
    units = [row[1] for row in printed.tables["total"][1]]
    found = []
    for parent, children in printed.weights.items():
        name = "total" if parent == "T" else parent
        for unit in units:
            place, value = at[name, unit, parent]
            parts = [at[name, unit, child] for child in children]
            total = sum(
                w * v for w, (_, v) in zip(children.values(), parts, strict=True)
            )
            if abs(value - total) > half + half * sum(children.values()):
                found.append({place, *(p for p, _ in parts)})
    for pillar in PILLARS:
        for unit in units:
            one = at["total", unit, pillar]
            other = at[pillar, unit, pillar]
            if one[1] != other[1]:
                found.append({one[0], other[0]})
    for name in printed.tables:
        node = "T" if name == "total" else name
        for k, one in enumerate(units):
            place, rank = at[name, one, "rank"]
            if not 1 <= rank <= len(units):
                found.append({place})
            for other in units[:k]:
                p2, r2 = at[name, other, "rank"]
                (p3, s1), (p4, s2) = at[name, one, node], at[name, other, node]
                if rank == r2 or ((rank < r2) and s1 < s2) or ((rank > r2) and s1 > s2):
                    found.append({place, p2, p3, p4})
    return found


def outcome(
    printed: Printed, found: Audit
) -> Iterator[tuple[str, bool, bool, bool, bool]]:
    """Yield of each slip: its kind, and whether it is identifiable, located, repaired first, named.

    Located: a cell of it is among the smallest repairs of some group. Repaired first: the likeliest
    repair of some group restores all its cells. Named: a finding stands on a cell of it.
    """
    seen = violated(printed)
    place = {
        cell.index: (
            cell.table,
            cell.row - 2,
            printed.tables[cell.table][0].index(cell.column),
        )
        for cell in found.printed.book.cells
    }
    repairs = [
        [
            {place[index]: text for index, text in repair.changed.items()}
            for repair in group.repairs
        ]
        for group in found.groups
    ]
    named = {
        (f.table, f.row - 2, printed.tables[f.table][0].index(f.column))
        for f in found.findings
        if f.row is not None
    }
    for kind, places in printed.slips:
        identifiable = any(set(places) & cells for cells in seen)
        located = any(
            cell in repair for group in repairs for repair in group for cell in places
        )
        right = {cell: printed.altered[cell][0] for cell in places}
        first = any(right.items() <= group[0].items() for group in repairs if group)
        yield kind, identifiable, located, first, bool(named & set(places))
