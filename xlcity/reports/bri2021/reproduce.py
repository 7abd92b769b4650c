"""What of the printed ranks, lists and counts only code can compare.

No score is printed, so nothing is computed end to end. What can be tested is whether the tables
agree: effects and renumbered ranks with the overall order, pairs and regions with the cities.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import Any

import numpy as np
import pandas as pd

from xlcity.audit.tables.printed_numbers import decimals_of
from xlcity.functions.block import Matrix
from xlcity.functions.rounding import round_excel
from xlcity.index.construct import counted_unit_pairs
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    competition_rank,
    frame,
    row_cells,
)
from xlcity.reports.report import Record, Report

TOTAL = "BRI"
INFORMATION = "BRI_INF"
#: How many cities a printed list has.
FIRST = 5
#: Scores that are looked for lie between 0 and this; different ranks are at least a unit apart.
TOP = 1e4
#: How the report names the regions of a city in a pair: China counts as East Asia, and the Europe
#: of the pairs that are named is the east of it.
REGIONS = {
    "china": "东亚",
    "east_asia": "东亚",
    "southeast_asia": "东南亚",
    "europe": "东欧",
    "west_asia": "西亚",
    "south_asia": "南亚",
    "central_asia": "中亚",
    "africa": "非洲",
}


def printed_ranks(report: Report) -> pd.DataFrame:
    """Return the printed ranks: a row per city, a column per node."""
    rows = frame(report.published["ranks"])
    return rows.pivot_table(index="city_id", columns="node", values="rank").astype(int)


def first_cities(report: Report) -> Iterator[Comparison]:
    """Table 8 lists the first ten cities, wherever they lie."""
    listed = {row["city_id"] for row in report.published["top10_china_vs_intl"].rows}
    first = printed_ranks(report)[TOTAL].nsmallest(10).index
    cells = [
        ComparedCell(city, TOTAL, city, city if city in listed else None, "table 8")
        for city in first
    ]
    yield compare(
        "top10_china_vs_intl", "cities", cells, how="the first ten of table 2"
    )


def equal_weights(report: Report) -> Iterator[Comparison]:
    """Table 2: scores in the printed orders of the dimensions can have means in the overall order.

    Where there are none, the cities that are out of order in the nearest scores are wrong.
    """
    slack = least_slack(printed_ranks(report))
    rows = frame(report.published["ranks"])
    rows = rows[rows["node"] == TOTAL]
    right = rows["city_id"].map(slack) <= 1e-6
    cells = row_cells(
        rows, "rank", rows["rank"].where(right), where="table 2", right=right
    )
    how = (
        "a linear programme finds dimension scores in the printed orders whose mean gives this "
        "order"
    )
    yield compare("ranks", "equal-weights", cells, how=how)


def least_slack(ranks: pd.DataFrame) -> pd.Series:
    """Return by how much each city's mean must be out of order, at the least sum; 0 = possible."""
    from scipy.optimize import linprog

    n = len(ranks)
    k = ranks.shape[1] - 1
    rows, bounds, equal = order_rows(ranks)
    solution = linprog(
        np.tile([0.0] * k + [1.0], n),
        A_ub=rows,
        b_ub=bounds,
        A_eq=equal,
        b_eq=np.zeros(len(equal)),
        bounds=np.tile([[0.0, TOP]] * k + [[0.0, np.inf]], (n, 1)),
        method="highs",
    )
    return pd.Series(solution.x.reshape(n, k + 1)[:, k], ranks.index)


def order_rows(ranks: pd.DataFrame) -> tuple[Matrix, list[float], Matrix]:
    """Return what scores in printed orders owe each other: rows of at most a bound, and rows of 0.

    A row has a coefficient per city and dimension, and after the dimensions one for the slack of
    the city's mean. Equal ranks are equal scores; cities that share an overall rank stand in any
    order.
    """
    parts = ranks.drop(columns=TOTAL).to_numpy()
    n, k = parts.shape
    rows = list[Matrix]()
    bounds = list[float]()
    equal = list[Matrix]()
    for column in range(k):
        for better, worse in pairwise(
            np.argsort(parts[:, column], kind="stable").tolist()
        ):
            row = np.zeros((n, k + 1))
            row[[worse, better], column] = 1.0, -1.0
            if parts[better, column] == parts[worse, column]:
                equal.append(row)
            else:
                rows.append(row)
                bounds.append(-1.0)
    overall = ranks[TOTAL].to_numpy()
    by_rank = [np.flatnonzero(overall == rank) for rank in np.unique(overall)]
    for ahead, behind in pairwise(by_rank):
        for better, worse in product(ahead, behind):
            row = np.zeros((n, k + 1))
            row[worse, :k], row[better, :k] = 1 / k, -1 / k
            row[[better, worse], k] = -1.0
            rows.append(row)
            bounds.append(0.0)
    return (
        np.reshape(rows, (-1, n * (k + 1))),
        bounds,
        np.reshape(equal, (-1, n * (k + 1))),
    )


def effects(report: Report) -> Iterator[Comparison]:
    """Table 10: the effect of the information dimension on the overall rank."""
    ranks = printed_ranks(report)
    rows = frame(report.published["info_effect"])
    wanted = (rows["overall_rank_table2"] + rows["effect"]).astype(int)
    pairs = zip(rows["city_id"], wanted, strict=True)
    possible = [can_have_rank(ranks, INFORMATION, city, rank) for city, rank in pairs]
    computed = wanted.where(pd.Series(possible))
    cells = row_cells(rows, wanted, computed, node=TOTAL, right=possible)
    how = (
        "overall rank + effect is a rank among five equally weighted dimensions that scores in "
        "the printed orders can give"
    )
    yield compare("info_effect", "effects", cells, how=how)


def can_have_rank(ranks: pd.DataFrame, left_out: str, city: str, wanted: int) -> bool:
    """Tell whether scores in the printed orders give a city a rank once a dimension is left out.

    A rank is 1 and the number of cities with a greater mean; whether another city has one is a yes
    or no for each.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    parts = ranks.drop(columns=TOTAL)
    n, k = parts.shape
    own = ranks.index.get_loc(city)
    rows, bounds, equal = order_rows(ranks)
    orders = np.concatenate([rows, equal])
    least = np.repeat([-np.inf, 0.0], [len(rows), len(equal)])
    most = np.array([*bounds, *np.zeros(len(equal))])
    # A city is above, or not: its lead is at least 1, or at most 0.
    others = [other for other in range(n) if other != own]
    leads = np.zeros((n - 1, n, k + 1))
    used = [column for column, name in enumerate(parts) if name != left_out]
    for number, other in enumerate(others):
        leads[number, other, used] = 1.0
        leads[number, own, used] = -1.0
    eye = np.eye(n - 1)
    far = k * TOP + 1
    matrix = np.block(
        [
            [orders, np.zeros((len(orders), n - 1))],
            [leads.reshape(n - 1, -1), -far * eye],
            [leads.reshape(n - 1, -1), -(far + 1) * eye],
            [np.zeros((1, n * (k + 1))), np.ones((1, n - 1))],
        ]
    )
    low = [*least, *[-np.inf] * (n - 1), *[-far] * (n - 1), wanted - 1]
    high = [*most, *[0.0] * (n - 1), *[np.inf] * (n - 1), wanted - 1]
    limits = np.concatenate([np.tile([TOP] * k + [0.0], n), np.ones(n - 1)])
    solution = milp(
        np.zeros(len(limits)),
        constraints=LinearConstraint(matrix, low, high),
        bounds=Bounds(0.0, limits),
        integrality=np.repeat([0, 1], [n * (k + 1), n - 1]),
    )
    return bool(solution.success)


def other_index(report: Report) -> Iterator[Comparison]:
    """Table 11: overall ranks renumbered among the cities that both lists have."""
    rows = frame(report.published["region_vs_global"])
    left_out = frame(report.published["region_vs_global_excluded"])
    absent = left_out[left_out["reason_printed"].str.contains("not listed")]["city_id"]
    listed = printed_ranks(report)[TOTAL].drop(absent)
    renumbered = rows["city_id"].map(
        lambda city: competition_rank(listed[city], listed)
    )
    cells = row_cells(rows, "bri_rank_printed", renumbered, node=TOTAL)
    yield compare(
        "region_vs_global", "ranks", cells, how="table 2, renumbered without Urumqi"
    )
    given = rows["gci_relative_rank"]
    once = given.between(1, len(listed)) & ~given.duplicated(keep=False)
    cells = row_cells(rows, given, given, node="other index", right=once)
    yield compare("region_vs_global", "rank-sequence", cells, how="1 to n, each once")
    side = np.where(given > renumbered, "regional_stronger", "global_stronger")
    cells = row_cells(rows, "group", side, node=TOTAL)
    yield compare(
        "region_vs_global", "groups", cells, how="which of the two ranks is the better"
    )


def pairs(report: Report) -> Iterator[Comparison]:
    """Tables 6 and 7: pairs exist and stand once, and lie in the regions that are named."""
    units = report.dataset.units
    rows = frame(report.published["pair_ranks"])
    allowed = {
        frozenset((units[a].id, units[b].id))
        for a, b in counted_unit_pairs(units, "country")
    }
    ends = pd.Series(map(frozenset, zip(rows["city_a"], rows["city_b"], strict=True)))
    names = rows["city_a"] + "|" + rows["city_b"]
    once = ~pd.DataFrame({"node": rows["node"], "ends": ends}).duplicated(keep=False)
    rows, right = rows.assign(pair=names), ends.isin(allowed) & once
    cells = row_cells(rows, names, names.where(right), unit="pair")
    yield compare(
        "pair_ranks", "pairs", cells, how="an international pair, once in its list"
    )


def regions(report: Report) -> Iterator[Comparison]:
    """Compare how the report names the regions of a pair with where its cities lie."""
    region = {
        unit.id: REGIONS[unit.attributes["region"]] for unit in report.dataset.units
    }
    order = list(dict.fromkeys(REGIONS.values()))
    rows = frame(report.published["pair_ranks"])
    rows = rows[rows["region_label_zh"] != ""].assign(
        pair=rows["city_a"] + "|" + rows["city_b"]
    )
    labels = []
    for city, other in zip(rows["city_a"], rows["city_b"], strict=True):
        parts = sorted({region[city], region[other]}, key=order.index)
        labels.append(f"{parts[0]}范围内" if len(parts) == 1 else "和".join(parts))
    cells = row_cells(rows, "region_label_zh", labels, unit="pair")
    yield compare("pair_ranks", "regions", cells, how="the regions of both cities")


def weights(report: Report) -> Iterator[Comparison]:
    """Compare the printed weights with those of the framework."""
    rows = report.published["weights"].rows
    digits = [decimals_of(row["percent"]) for row in rows]
    shares = [report.framework[row["node"]].weight * 100 for row in rows]
    rounded = [
        float(round_excel(share, d)) for share, d in zip(shares, digits, strict=True)
    ]
    cells = row_cells(frame(report.published["weights"]), "percent", rounded, unit="")
    yield compare(
        "weights", "weights", cells, how="exact shares, rounded as they are printed"
    )


def other_count(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield a count that no group or list gives beside what the tables give."""
    what = row["what"]
    node = row["node"]
    subject = row["subject"]
    ranks = printed_ranks(report)
    units = report.dataset.units
    parts = ranks.drop(columns=TOTAL)
    n = len(units)
    lists = frame(report.published["pair_ranks"])
    top = lists[lists["node"] == TOTAL]
    coast = pd.Series({unit.id: unit.attributes["coast"] for unit in units})

    def sides() -> str:
        """Tell whether more of the first five lie on a coast than inland."""
        first = coast[ranks.index[ranks[node] <= FIRST]].value_counts()
        return "yes" if first.get("coastal", 0) > first.get("inland", 0) else "no"

    counts: dict[str, Callable[[], Any]] = {
        "units": lambda: n,
        "indicators": lambda: len(report.framework.indicators),
        "dimensions": lambda: len(report.framework.children(TOTAL)),
        "pairs": lambda: len(counted_unit_pairs(units, "country")),
        # The directed links of a full table: every indicator, every city to every other.
        "more_items_than": lambda: len(report.framework.indicators) * n * (n - 1),
        "champions": lambda: (parts == 1).any(axis=1).sum(),
        # Pairs from the first on that have a city at one end, without a break.
        "pairs_with": lambda: (
            (top[["city_a", "city_b"]] == subject).any(axis=1).cumprod().sum()
        ),
        "pairs_labelled": lambda: (top["region_label_zh"] == subject).sum(),
        # The worst overall rank of a city in the first ten pairs.
        "pairs_from_first": lambda: ranks.loc[
            [*top["city_a"], *top["city_b"]], TOTAL
        ].max(),
        "shared_fifth": lambda: (
            (lists["node"] == node) & (lists["rank"] == FIRST)
        ).sum(),
        "coastal_outnumber_inland": sides,
    }
    kind = str if row["value"] == "yes" else int
    counted = counts[what]()
    published = kind(row["value"])
    computed = kind(counted)
    # Some counts are printed as a bound.
    bounds = {"more_items_than": operator.gt, "pairs_from_first": operator.le}
    right = bounds[what](computed, published) if what in bounds else None
    unit = subject if subject in ranks.index else ""
    where = f"report line {row['report_line']}"
    yield ComparedCell(unit, node or what, published, computed, where, right)
