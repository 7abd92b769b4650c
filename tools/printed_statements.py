"""Regenerate the statements that the five reports print in prose, from their printed tables.

    python -m tools.printed_statements [REPORT...]

Kinds: lists of the first cities, tiers, counts of a group among the first, sizes of groups, counts
above the mean, ranks and moves, means compared. Each whose numbers the tables contradict is listed.
Each is computed from the printed scores and ranks (`PrintedSource`), for the node, the group and
the number of places that the report chose.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from xlcity.api.audits import text_evidence
from xlcity.api.index import Index
from xlcity.audit.text.evidence import Group as PrintedGroup
from xlcity.audit.text.evidence import TextEvidence
from xlcity.figures.contents import Label
from xlcity.functions.rounding import is_above
from xlcity.model.dataset import FloatArray
from xlcity.report.earlier_editions import EarlierRanks
from xlcity.report.source import ReportSource
from xlcity.reports import load_report, report_ids
from xlcity.reports.report import Report

Row = Mapping[str, str]


@dataclass(frozen=True)
class PrintedSource(ReportSource):
    """An index whose numbers are those of printed tables; what these lack is not known."""

    evidence: TextEvidence = field(kw_only=True)

    #: Printed numbers are not invented.
    synthetic = 0

    @property
    def node_status(self) -> Mapping[str, str]:
        """Nothing rests on the values of the index."""
        return {}

    def order(self, code: str, population: str = "") -> list[int]:
        """Return the rows of the cities with a printed place, the first one first."""
        rows = self.result.dataset.rows
        return [
            rows[unit]
            for unit in self.evidence.order(code, (), population or self.population)
        ]

    def scores(self, code: str) -> FloatArray:
        """Return the printed scores, NaN without one."""
        cells = [self.evidence.scores.get((code, unit.id)) for unit in self.units]
        return np.array([cell.value if cell else np.nan for cell in cells])

    def rank(self, row: int, code: str) -> int | None:
        """Return the printed rank, or that of the printed scores."""
        cell = self.evidence.place(code, self.units[row].id)
        return int(cell.text) if cell else None

    def has(self, code: str) -> bool:
        """Tell whether any place of a node is printed."""
        return bool(self.evidence.table(code))

    def without(self, table: str) -> PrintedSource:
        """Return the same without what one table prints."""
        ranks = {
            key: cell
            for key, cell in self.evidence.ranks.items()
            if cell.table != table
        }
        return replace(self, evidence=replace(self.evidence, ranks=ranks))


def printed_source(report: str) -> PrintedSource:
    """Return what a report printed as a source of facts."""
    computed = Index(load_report(report)).source()
    evidence = text_evidence(report)
    ranks = {
        (unit, code): int(cell.text) for (code, unit), cell in evidence.earlier.items()
    }
    earlier = (EarlierRanks(Label("上届", "the previous edition"), ranks),)
    return PrintedSource(
        computed.spec, computed.result, earlier, computed.outside, evidence=evidence
    )


@dataclass(frozen=True)
class Statement:
    """A printed statement and the same from the tables; None where the tables do not decide it."""

    kind: str
    what: str
    printed: object
    computed: object | None
    #: Other values that equal places allow.
    also: tuple[object, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether the numbers are the same."""
        return self.computed == self.printed or self.printed in self.also


def counted(
    source: PrintedSource, what: str, code: str, k: int, row: Row, *keys: str
) -> Statement:
    """Return a statement on how many of the first k cities belong to a group.

    Parameters
    ----------
    keys
        Attribute and values of the group.
    """
    attribute, *values = keys
    printed = int(row["value"])
    evidence = source.evidence
    if not evidence.knows_first(code, k):
        return Statement("count", what, printed, None)
    ranks = evidence.ranks_in(code)
    first = [unit for unit, rank in ranks.items() if rank <= k]
    mine = [u for u in first if evidence.unit[u].attributes.get(attribute) in values]
    # Of cities that share the last place, the text may count any.
    last = [u for u in first if len(first) > k and ranks[u] == ranks[first[-1]]]
    also = tuple(range(sum(u not in last for u in mine), len(mine) + 1))
    return Statement("count", what, printed, len(mine), also)


def sized(source: PrintedSource, what: str, row: Row, *keys: str) -> Statement:
    """Return a statement on how many cities belong to a group of all."""
    attribute, *values = keys
    found = size(source.evidence, [((attribute, value),) for value in values])
    return Statement("size", what, int(row["value"]), found)


def size(evidence: TextEvidence, groups: list[PrintedGroup]) -> int:
    """Return how many cities belong to one of some groups."""
    return sum(
        any(evidence.is_in(unit.id, group) for group in groups)
        for unit in evidence.units
    )


def first_rows(source: PrintedSource, code: str, k: int) -> list[int]:
    """Return the first k cities of a node, with all that share the last rank."""
    rows = source.order(code, source.result.populations[0])
    if k >= len(rows):
        return []
    last = source.rank(rows[k - 1], code) or 0
    return [row for row in rows if (source.rank(row, code) or 0) <= last]


def lists(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the lists of the first cities, from tables that print no rank of their own."""
    names: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for table, place in (("named_lists", "position"), ("top_ten", "place")):
        for row in report.published[table].rows if table in report.published else ():
            kind = row.get("list_kind", "top ordered")
            if (
                kind.endswith(" ordered")
                and kind.startswith("top")
                and row[place].isdigit()
            ):
                names[table, row["node"]].append((int(row[place]), row["city_id"]))
    for (table, code), places in names.items():
        printed = [unit for _, unit in sorted(places)]
        other = source.without(table)
        stated = other.has(code) and code in other.result.node_codes
        rows = first_rows(other, code, len(printed)) if stated else []
        found = [other.units[row].id for row in rows]
        ranks = other.evidence.ranks_in(code) if other.has(code) else {}
        # Cities that share a place stand in any order.
        order = [ranks.get(unit, len(printed) + 1) for unit in printed]
        same = order == sorted(order) and order[-1] <= len(printed)
        what = f"{code}: first {len(printed)}"
        also = (printed,) if same else ()
        yield Statement("leaders", what, printed, found or None, also)


def image(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the counts and tiers of image2025."""
    for row in report.published["facts"].rows:
        if row["what"] == "in_top":
            what = f"{row['node']}: {row['group']} among the first {row['top']}"
            keys = row["group_type"], row["group"]
            yield counted(source, what, row["node"], int(row["top"]), row, *keys)
        else:
            scores = source.scores(row["node"])
            scores = scores[np.isfinite(scores)]
            found = int(is_above(scores, scores.mean()).sum())
            yield Statement("above_mean", row["node"], int(row["value"]), found)
    start: Counter[tuple[str, str, str]] = Counter()
    for row in report.published["tiers"].rows:
        key = row["node"], row["group_type"], row["group"]
        printed = row["named_cities_in_print_order"].split("|")
        low = start[key] + 1
        n = int(row["n_cities_printed"] or 0)
        if not n:
            continue
        start[key] += n
        yield tier(source, row, printed, low, n)


def tier(
    source: PrintedSource, row: Row, printed: list[str], low: int, n: int
) -> Statement:
    """Return the statement on the first cities and the size of a tier."""
    group: PrintedGroup = (
        () if row["group"] == "all" else ((row["group_type"], row["group"]),)
    )
    ranks = source.evidence.ranks_in(row["node"], group)
    inside = [unit for unit, rank in ranks.items() if low <= rank < low + n]
    # Of a tie at the edge the report puts some above it and some below.
    share = Counter(ranks.values())
    edge = [u for u, rank in ranks.items() if rank < low < rank + share[rank]]
    same = set(printed) <= {*inside, *edge} and len(set(printed)) == len(printed)
    what = f"{row['node']} {row['group']} tier {row['tier']} ({n} cities)"
    found = printed if same else inside[: len(printed)]
    return Statement("tier", what, printed, found)


def hubs(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the counts of gihi2023."""
    for row in report.published["facts"].rows:
        keys = (
            ("country", row["country"])
            if row["country"]
            else ("region", *row["region"].split("|"))
        )
        what = f"{row['node']} {row['top']} {row['region']}{row['country']}".strip()
        if row["what"] == "members":
            yield counted(source, what, row["node"], int(row["top"]), row, *keys)
        elif row["what"] in ("cities", "main", "mini"):
            if row["region"] or row["country"]:
                yield sized(source, what, row, *keys)
                continue
            units = source.evidence.units
            n = sum(row["what"] in ("cities", unit.population) for unit in units)
            yield Statement("size", row["what"], int(row["value"]), n)
    for row in report.published["rank_history"].rows:
        what = f"{row['node']} {row['city_id']}"
        printed = row["rank_2023"]
        yield placed(source.without("rank_history"), what, row, printed)


def placed(source: PrintedSource, what: str, row: Row, printed: str) -> Statement:
    """Return the statement on the rank of a city."""
    at = source.result.dataset.row(row["city_id"])
    rank = source.rank(at, row["node"])
    return Statement("rank", what, printed, None if rank is None else str(rank))


def exchange(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the counts and moves of iecc2024."""
    words = {
        "capitals": ("capital", "capital"),
        "European cities": ("continent", "europe"),
        "Asian cities": ("continent", "asia"),
        "North American cities": ("continent", "north_america"),
        "US cities": ("country", "United States"),
        "Chinese cities": ("country", "China"),
    }
    nodes = {"overall": source.root, "connectivity": "C", "C1": "C1", "B2": "B2"}
    for row in report.published["group_facts"].rows:
        keys = next(
            (g for word, g in words.items() if row["fact"].startswith(word)), None
        )
        if keys is None:
            continue
        if row["fact"].endswith("in sample"):
            yield sized(source, row["fact"], row, *keys)
            continue
        node, _, k = row["fact"].replace(" in ", " among ").split(" among ")[1].split()
        yield counted(source, row["fact"], nodes[node], int(k), row, *keys)
    ranks = {
        (r["node"], r["city_id"]): r["rank"] for r in report.published["ranks"].rows
    }
    for row in report.published["edition_comparison"].rows:
        printed = row["rank_2024_edition"]
        before = row["rank_2022_edition"]
        now = ranks.get((row["node"], row["city_id"]))
        if not printed:
            continue
        at = source.result.dataset.row(row["city_id"])
        by = source.editions.change(at, row["node"])
        change = str(by) if by is not None else row["improvement"]
        if by is None and before and now:
            change = str(int(before) - int(now))
        what = f"{row['node']} {row['city_id']}: rank and change"
        same = (now, change) if now else None
        yield Statement("move", what, (printed, row["improvement"]), same)


def road(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the counts of bri2021."""
    words = {"led_by": 1, "first_three_in": 3, "dimension_in_first_five": 5}
    for row in report.published["facts"].rows:
        what = f"{row['what']} {row['node']} {row['subject']}".strip()
        if row["what"] == "group_size":
            yield sized(source, what, row, row["node"], row["subject"])
        elif row["what"] == "chinese_in_top_ten":
            yield counted(source, what, row["node"], 10, row, "chinese", "chinese")
        elif row["what"] in words:
            at = source.result.dataset.row(row["subject"])
            ranks = [source.rank(at, child) for child in source.children(source.root)]
            n = sum(rank is not None and rank <= words[row["what"]] for rank in ranks)
            # Of the sixth to the tenth city the text says "in at least one".
            also = tuple(range(1, n + 1)) if words[row["what"]] == 5 else ()
            yield Statement("places", what, int(row["value"]), n, also)
        elif row["what"] == "champions":
            leaders = [
                row_first
                for child in source.children(source.root)
                for row_first in range(len(source.units))
                if source.rank(row_first, child) == 1
            ]
            yield Statement("places", what, int(row["value"]), len({*leaders}))


def vitality(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the sizes and compared means of vitality2014."""
    evidence = source.evidence
    for row in report.published["facts"].rows:
        group: PrintedGroup = ((row["group_type"], row["group"]),)
        more: PrintedGroup = (("capital", row["capital"]),) if row["capital"] else ()
        if row["what"] == "count" and more:
            yield Statement(
                "size", f"{group}", int(row["value"]), size(evidence, [group + more])
            )
        elif row["what"] == "count":
            yield sized(source, f"{group}", row, row["group_type"], row["group"])
        elif row["what"] == "greater_mean":
            what = f"{row['node']}: {row['group']} above {row['than']} {row['capital']}"
            other: PrintedGroup = ((row["group_type"], row["than"]),)
            means: list[float] = []
            for one in (group + more, other + more):
                cells = [
                    evidence.scores.get((row["node"], u)) for u in evidence.members(one)
                ]
                known = [cell.value for cell in cells if cell]
                means.append(sum(known) / len(known))
            yield Statement("group_means", what, True, means[0] > means[1])


OWN = {
    "image2025": image,
    "gihi2023": hubs,
    "iecc2024": exchange,
    "bri2021": road,
    "vitality2014": vitality,
}


def statements(report_id: str) -> list[Statement]:
    """Return the statements of a report."""
    report = load_report(report_id)
    source = printed_source(report_id)
    return [*lists(report, source), *OWN[report_id](report, source)]


def main() -> None:
    """Print how many statements of each kind are recomputed, and each that is not."""
    total = same = 0
    for report_id in sys.argv[1:] or report_ids():
        found = statements(report_id)
        kinds = Counter(one.kind for one in found)
        right = Counter(one.kind for one in found if one.is_same)
        total, same = total + len(found), same + right.total()
        shown = ", ".join(f"{kind} {right[kind]} of {n}" for kind, n in kinds.items())
        print(f"{report_id}: {right.total()} of {len(found)} ({shown})")
        for one in found:
            if not one.is_same:
                print(
                    f"  {one.kind}: {one.what}: printed {one.printed}, tables {one.computed}"
                )
    print(f"all: {same} of {total}")


if __name__ == "__main__":
    main()
