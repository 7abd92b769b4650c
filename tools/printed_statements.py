"""Regenerate the statements that the five reports print in prose, from their printed tables.

    python -m tools.printed_statements [REPORT...]

Kinds: lists of the first cities, tiers, counts of a group among the first, sizes of groups, counts
above the mean, ranks and moves, means compared. Each whose numbers the tables contradict is listed.
The facts of `xlcity.report` state them from the printed scores and ranks (`PrintedSource`), for the
node, the group and the number of places that the report chose; "by facts" counts these. What no
fact states is computed here from the same tables.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from xlcity.api.index import Index
from xlcity.api.inputs import of_report
from xlcity.api.report import index_source
from xlcity.api.text_audit import text_evidence
from xlcity.audit.text.evidence import Group as PrintedGroup
from xlcity.audit.text.evidence import TextEvidence
from xlcity.figures.contents import Label
from xlcity.model.dataset import FloatArray
from xlcity.report.city_facts import CityFacts
from xlcity.report.contents import Sentence
from xlcity.report.earlier_editions import EarlierRanks
from xlcity.report.facts import group_name
from xlcity.report.group_facts import GroupFacts
from xlcity.report.source import ReportSource
from xlcity.reports import load_report, report_ids
from xlcity.reports.report import Group, GroupType, Report

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

    def order(self, code: str, population: str) -> list[int]:
        """Return the rows of the cities with a printed place, the first one first."""
        rows = self.result.dataset.rows
        return [rows[unit] for unit in self.evidence.order(code, (), population)]

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
        return code in self.evidence.nodes

    def without(self, table: str) -> PrintedSource:
        """Return the same without what one table prints."""
        ranks = {key: cell for key, cell in self.evidence.ranks.items() if cell.table != table}
        return replace(self, evidence=replace(self.evidence, ranks=ranks))

    def grouped(self, attribute: str, values: Iterable[str] = ()) -> GroupType:
        """Return a type of groups: as declared, or every value that the cities have."""
        declared = self.group_type(attribute)
        chosen = [*values]
        if declared and not chosen:
            return declared
        words = [unit.attributes.get(attribute, "") for unit in self.units]
        names = {group.value: group for group in declared.groups} if declared else {}
        groups = {
            word: names.get(word) or Group(word, word, word)
            for word in words
            if not chosen or word in chosen
        }
        return GroupType(attribute, attribute, attribute, tuple(groups.values()))


def printed_source(report: str) -> PrintedSource:
    """Return what a report printed as a source of facts."""
    computed, evidence = index_source(Index.of(of_report(report))), text_evidence(report)
    ranks = {(unit, code): int(cell.text) for (code, unit), cell in evidence.earlier.items()}
    earlier = (EarlierRanks(Label("上届", "the previous edition"), ranks),)
    return PrintedSource(
        computed.spec, computed.result, earlier, computed.outside, evidence=evidence
    )


@dataclass(frozen=True)
class Statement:
    """A printed statement and the same from the tables; None where the tables do not settle it."""

    kind: str
    what: str
    printed: object
    computed: object | None
    #: Other values that equal places allow.
    also: tuple[object, ...] = ()
    #: Whether a fact of the product states it.
    by_fact: bool = False

    @property
    def is_same(self) -> bool:
        """Whether the numbers are the same."""
        return self.computed == self.printed or self.printed in self.also


def facts_of(source: PrintedSource, code: str) -> GroupFacts:
    """Return the facts of a node, of all cities."""
    return GroupFacts(source, code, source.result.populations[0])


def counted(source: PrintedSource, what: str, code: str, k: int, row: Row, *keys: str) -> Statement:
    """Return a statement on how many of the first k cities belong to a group.

    Parameters
    ----------
    keys
        Attribute and values of the group.
    """
    attribute, *values = keys
    printed, evidence = int(row["value"]), source.evidence
    if not evidence.knows_first(code, k):
        return Statement("count", what, printed, None)
    said = [*facts_of(source, code).composition(source.grouped(attribute), k)]
    counts = said[0].values["counts"] if said else None
    ranks = evidence.ranks_in(code)
    first = [unit for unit, rank in ranks.items() if rank <= k]
    mine = [u for u in first if evidence.unit[u].attributes.get(attribute) in values]
    # Of cities that share the last place, the text may count any.
    last = [u for u in first if len(first) > k and ranks[u] == ranks[first[-1]]]
    also = tuple(range(sum(u not in last for u in mine), len(mine) + 1))
    if not isinstance(counts, dict):
        return Statement("count", what, printed, len(mine), also)
    found = sum(counts.get(value, 0) for value in values)
    return Statement("count", what, printed, found, also, by_fact=True)


def sized(source: PrintedSource, what: str, row: Row, *keys: str) -> Statement:
    """Return a statement on how many cities belong to a group of all."""
    attribute, *values = keys
    said = [*facts_of(source, source.root).sizes(source.grouped(attribute))]
    counts = said[0].values["counts"] if said else None
    if isinstance(counts, dict):
        found = sum(counts.get(value, 0) for value in values)
        if source.result.populations[1:]:
            # Cities of all lists.
            found = size(source.evidence, [((attribute, value),) for value in values])
            return Statement("size", what, int(row["value"]), found)
        return Statement("size", what, int(row["value"]), found, by_fact=True)
    found = size(source.evidence, [((attribute, value),) for value in values])
    return Statement("size", what, int(row["value"]), found)


def size(evidence: TextEvidence, groups: list[PrintedGroup]) -> int:
    """Return how many cities belong to one of some groups."""
    return sum(any(evidence.is_in(unit.id, group) for group in groups) for unit in evidence.units)


def named(said: Sequence[Sentence]) -> list[str]:
    """Return the cities of a sentence in their order."""
    return [cell.unit for cell in said[0].cells] if said else []


def lists(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the lists of the first cities, from tables that print no rank of their own."""
    names: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for table, place in (("named_lists", "position"), ("top_ten", "place")):
        for row in report.published[table].rows if table in report.published else ():
            kind = row.get("list_kind", "top ordered")
            if kind.endswith(" ordered") and kind.startswith("top") and row[place].isdigit():
                names[table, row["node"]].append((int(row[place]), row["city_id"]))
    for (table, code), places in names.items():
        printed, other = [unit for _, unit in sorted(places)], source.without(table)
        stated = other.has(code) and code in other.result.node_codes  # facts are of composites
        found = named([*facts_of(other, code).leaders(len(printed))]) if stated else []
        ranks = other.evidence.ranks_in(code) if other.has(code) else {}
        # Cities that share a place stand in any order.
        order = [ranks.get(unit, len(printed) + 1) for unit in printed]
        same = order == sorted(order) and order[-1] <= len(printed)
        what = f"{code}: first {len(printed)}"
        also = (printed,) if same else ()
        yield Statement("leaders", what, printed, found or None, also, by_fact=bool(found))


def image(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the counts and tiers of image2025."""
    for row in report.published["facts"].rows:
        if row["what"] == "in_top":
            what = f"{row['node']}: {row['group']} among the first {row['top']}"
            keys = row["group_type"], row["group"]
            yield counted(source, what, row["node"], int(row["top"]), row, *keys)
        else:
            said = [*facts_of(source, row["node"]).above_mean()]
            found = said[0].values["count"]
            yield Statement("above_mean", row["node"], int(row["value"]), found, by_fact=True)
    start: Counter[tuple[str, str, str]] = Counter()
    for row in report.published["tiers"].rows:
        key = row["node"], row["group_type"], row["group"]
        printed = row["named_cities_in_print_order"].split("|")
        low, n = start[key] + 1, int(row["n_cities_printed"] or 0)
        if not n:
            continue
        start[key] += n
        yield tier(source, row, printed, low, n)


def tier(source: PrintedSource, row: Row, printed: list[str], low: int, n: int) -> Statement:
    """Return the statement on the first cities and the size of a tier."""
    group: PrintedGroup = () if row["group"] == "all" else ((row["group_type"], row["group"]),)
    kind = source.grouped(row["group_type"], [row["group"]]) if group else None
    said = [
        one
        for one in facts_of(source, row["node"]).tiers(kind)
        if (one.values["tier"], one.values["n"]) == (int(row["tier"]), n)
    ]
    ranks = source.evidence.ranks_in(row["node"], group)
    inside = named(said) or [unit for unit, rank in ranks.items() if low <= rank < low + n]
    # Of a tie at the edge the report puts some above it and some below.
    share = Counter(ranks.values())
    edge = [u for u, rank in ranks.items() if rank < low < rank + share[rank]]
    same = set(printed) <= {*inside, *edge} and len(set(printed)) == len(printed)
    what = f"{row['node']} {row['group']} tier {row['tier']} ({n} cities)"
    found = printed if same else inside[: len(printed)]
    return Statement("tier", what, printed, found, by_fact=bool(said))


def hubs(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the counts of gihi2023."""
    for row in report.published["facts"].rows:
        keys = (
            ("country", row["country"]) if row["country"] else ("region", *row["region"].split("|"))
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
        what, printed = f"{row['node']} {row['city_id']}", row["rank_2023"]
        yield placed(source.without("rank_history"), what, row, printed)


def placed(source: PrintedSource, what: str, row: Row, printed: str) -> Statement:
    """Return the statement on the rank of a city."""
    at = source.result.dataset.row(row["city_id"])
    said = [*CityFacts(source, at, row["node"]).place()]
    rank = said[0].values["rank"] if said else source.rank(at, row["node"])
    found = None if rank is None else str(rank)
    return Statement("rank", what, printed, found, by_fact=bool(said))


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
        keys = next((g for word, g in words.items() if row["fact"].startswith(word)), None)
        if keys is None:
            continue
        if row["fact"].endswith("in sample"):
            yield sized(source, row["fact"], row, *keys)
            continue
        node, _, k = row["fact"].replace(" in ", " among ").split(" among ")[1].split()
        yield counted(source, row["fact"], nodes[node], int(k), row, *keys)
    ranks = {(r["node"], r["city_id"]): r["rank"] for r in report.published["ranks"].rows}
    for row in report.published["edition_comparison"].rows:
        printed, before = row["rank_2024_edition"], row["rank_2022_edition"]
        now = ranks.get((row["node"], row["city_id"]))
        if not printed:
            continue
        at = source.result.dataset.row(row["city_id"])
        said = [*CityFacts(source, at, row["node"]).moved()]
        by = said[0].values["change"] if said else None
        change = str(by) if by is not None else row["improvement"]
        if by is None and before and now:
            change = str(int(before) - int(now))
        what = f"{row['node']} {row['city_id']}: rank and change"
        same = (now, change) if now else None
        yield Statement("move", what, (printed, row["improvement"]), same, by_fact=bool(said))


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
            said = [*CityFacts(source, at).among()]
            counts = said[0].values["counts"] if said else None
            n = counts[words[row["what"]]] if isinstance(counts, dict) else 0
            # Of the sixth to the tenth city the text says "in at least one".
            also = tuple(range(1, n + 1)) if words[row["what"]] == 5 else ()
            yield Statement("places", what, int(row["value"]), n, also, by_fact=True)
        elif row["what"] == "champions":
            said = [*facts_of(source, source.root).child_leaders()]
            yield Statement("places", what, int(row["value"]), len({*named(said)}), by_fact=True)


def vitality(report: Report, source: PrintedSource) -> Iterator[Statement]:
    """Yield the sizes and compared means of vitality2014."""
    evidence = source.evidence
    for row in report.published["facts"].rows:
        group: PrintedGroup = ((row["group_type"], row["group"]),)
        more: PrintedGroup = (("capital", row["capital"]),) if row["capital"] else ()
        if row["what"] == "count" and more:
            yield Statement("size", f"{group}", int(row["value"]), size(evidence, [group + more]))
        elif row["what"] == "count":
            yield sized(source, f"{group}", row, row["group_type"], row["group"])
        elif row["what"] == "greater_mean":
            what = f"{row['node']}: {row['group']} above {row['than']} {row['capital']}"
            kind = source.grouped(row["group_type"], [row["group"], row["than"]])
            said = [] if more else [*facts_of(source, row["node"]).group_means(kind)]
            if said:
                mine = next(one for one in kind.groups if one.value == row["group"])
                best = said[0].values["best"] == group_name(mine)
                yield Statement("group_means", what, True, best, by_fact=True)
                continue
            other: PrintedGroup = ((row["group_type"], row["than"]),)
            means: list[float] = []
            for one in (group + more, other + more):
                cells = [evidence.scores.get((row["node"], u)) for u in evidence.members(one)]
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
    report, source = load_report(report_id), printed_source(report_id)
    return [*lists(report, source), *OWN[report_id](report, source)]


def main() -> None:
    """Print how many statements of each kind come out, and each that does not."""
    total = same = by_facts = 0
    for report_id in sys.argv[1:] or report_ids():
        found = statements(report_id)
        kinds = Counter(one.kind for one in found)
        right = Counter(one.kind for one in found if one.is_same)
        total, same = total + len(found), same + right.total()
        stated = [one for one in found if one.by_fact]
        by_facts += len(stated)
        shown = ", ".join(f"{kind} {right[kind]} of {n}" for kind, n in kinds.items())
        print(f"{report_id}: {right.total()} of {len(found)} ({shown})")
        print(f"  by facts: {sum(one.is_same for one in stated)} of {len(stated)}")
        for one in found:
            if not one.is_same:
                print(f"  {one.kind}: {one.what}: printed {one.printed}, tables {one.computed}")
    print(f"all: {same} of {total}; {by_facts} stated by facts of the product")


if __name__ == "__main__":
    main()
