"""Regenerate the statements that the five reports print in prose, from their printed tables.

    python -m tools.printed_statements [REPORT...]

Kinds: lists of the first cities, tiers, counts of a group among the first, sizes of groups, counts
above the mean, ranks and moves, means compared. Each whose numbers the tables contradict is listed.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlcity.api.text_audit import text_evidence
from xlcity.audit.text.evidence import Group, TextEvidence
from xlcity.reports import load_report, report_ids
from xlcity.reports.report import Report

Row = Mapping[str, str]


@dataclass(frozen=True)
class Statement:
    """A printed statement and the same from the tables; None where the tables do not settle it."""

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


def in_top(
    evidence: TextEvidence, code: str, k: int, groups: list[Group]
) -> tuple[int, int] | None:
    """Return how many of the first k belong to one of some groups: least and most with ties."""
    if not evidence.knows_first(code, k):
        return None
    ranks = evidence.ranks_in(code)
    first = [unit for unit, rank in ranks.items() if rank <= k]
    last = [u for u in first if len(first) > k and ranks[u] == ranks[first[-1]]]
    mine = [u for u in first if any(evidence.is_in(u, group) for group in groups)]
    return sum(u not in last for u in mine), len(mine)


def counted(kind: str, what: str, printed: str, found: tuple[int, int] | None) -> Statement:
    """Return a statement on a count that ties may leave open."""
    if found is None:
        return Statement(kind, what, int(printed), None)
    also = tuple(range(found[0], found[1] + 1))
    return Statement(kind, what, int(printed), found[1], also)


def size(evidence: TextEvidence, group: Group) -> int:
    """Return how many cities belong to a group."""
    return sum(evidence.is_in(unit.id, group) for unit in evidence.units)


def lists(report: Report, evidence: TextEvidence) -> Iterator[Statement]:
    """Yield the lists of the first cities, from tables that print no rank of their own."""
    names: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for table, place in (("named_lists", "position"), ("top_ten", "place")):
        for row in report.published[table].rows if table in report.published else ():
            kind = row.get("list_kind", "top ordered")
            if kind.endswith(" ordered") and kind.startswith("top") and row[place].isdigit():
                names[table, row["node"]].append((int(row[place]), row["city_id"]))
    for (table, code), places in names.items():
        printed = [unit for _, unit in sorted(places)]
        known = evidence.ranks_in(code) if code in evidence.nodes else {}
        tables = {u: r for u, r in known.items() if evidence.ranks[code, u].table != table}
        ranks = [tables.get(unit, len(printed) + 1) for unit in printed]
        order = sorted(tables.items(), key=lambda pair: pair[1])
        first = [unit for unit, rank in order if rank <= len(printed)]
        # Cities that share a place stand in any order.
        same = ranks == sorted(ranks) and ranks[-1] <= len(printed)
        what = f"{code}: first {len(printed)}"
        yield Statement("leaders", what, printed, printed if same else first or None)


def image(report: Report, evidence: TextEvidence) -> Iterator[Statement]:
    """Yield the counts and tiers of image2025."""
    for row in report.published["facts"].rows:
        if row["what"] == "in_top":
            kind: Group = ((row["group_type"], row["group"]),)
            found = in_top(evidence, row["node"], int(row["top"]), [kind])
            what = f"{row['node']}: {row['group']} among the first {row['top']}"
            yield counted("count", what, row["value"], found)
        else:
            cells = [evidence.scores[row["node"], unit].value for unit in evidence.members(())]
            above = sum(value > sum(cells) / len(cells) for value in cells)
            yield Statement("above_mean", row["node"], int(row["value"]), above)
    start: Counter[tuple[str, str, str]] = Counter()
    for row in report.published["tiers"].rows:
        group: Group = () if row["group"] == "all" else ((row["group_type"], row["group"]),)
        key = row["node"], row["group_type"], row["group"]
        printed = row["named_cities_in_print_order"].split("|")
        low, n = start[key] + 1, int(row["n_cities_printed"] or 0)
        if not n:
            continue
        start[key] += n
        ranks = evidence.ranks_in(row["node"], group)
        inside = [unit for unit, rank in ranks.items() if low <= rank < low + n]
        # Of a tie at the edge the report puts some above it and some below.
        share = Counter(ranks.values())
        edge = [u for u, rank in ranks.items() if rank < low < rank + share[rank]]
        same = set(printed) <= {*inside, *edge} and len(set(printed)) == len(printed)
        what = f"{row['node']} {row['group']} tier {row['tier']} ({n} cities)"
        yield Statement("tier", what, printed, printed if same else inside[: len(printed)])


def hubs(report: Report, evidence: TextEvidence) -> Iterator[Statement]:
    """Yield the counts of gihi2023."""
    for row in report.published["facts"].rows:
        keys = [("region", r) for r in row["region"].split("|") if r]
        groups: list[Group] = [((key, value),) for key, value in keys]
        groups += [(("country", row["country"]),)] if row["country"] else []
        what = f"{row['node']} {row['top']} {row['region']}{row['country']}".strip()
        if row["what"] == "members":
            found = in_top(evidence, row["node"], int(row["top"]), groups)
            yield counted("count", what, row["value"], found)
        elif row["what"] in ("cities", "main", "mini"):
            population = [u for u in evidence.units if row["what"] in ("cities", u.population)]
            n = sum(not groups or any(evidence.is_in(u.id, g) for g in groups) for u in population)
            yield Statement("size", what or row["what"], int(row["value"]), n)
    ranks = {
        (code, row["city_id"]): row[column]
        for table in report.published.values()
        for column, code in table.ranks.items()
        for row in table.rows
    }
    for row in report.published["rank_history"].rows:
        what = f"{row['node']} {row['city_id']}"
        now = ranks.get((row["node"], row["city_id"]))
        yield Statement("rank", what, row["rank_2023"], now)


def exchange(report: Report, evidence: TextEvidence) -> Iterator[Statement]:
    """Yield the counts and moves of iecc2024."""
    words = {
        "capitals": ("capital", "capital"),
        "European cities": ("continent", "europe"),
        "Asian cities": ("continent", "asia"),
        "North American cities": ("continent", "north_america"),
        "US cities": ("country", "United States"),
        "Chinese cities": ("country", "China"),
    }
    nodes = {"overall": evidence.root, "connectivity": "C", "C1": "C1", "B2": "B2"}
    for row in report.published["group_facts"].rows:
        group = next((g for word, g in words.items() if row["fact"].startswith(word)), None)
        if group is None:
            continue
        if row["fact"].endswith("in sample"):
            yield Statement("size", row["fact"], int(row["value"]), size(evidence, (group,)))
            continue
        node, _, k = row["fact"].replace(" in ", " among ").split(" among ")[1].split()
        found = in_top(evidence, nodes[node], int(k), [(group,)])
        yield counted("count", row["fact"], row["value"], found)
    ranks = {(r["node"], r["city_id"]): r["rank"] for r in report.published["ranks"].rows}
    for row in report.published["edition_comparison"].rows:
        printed, before = row["rank_2024_edition"], row["rank_2022_edition"]
        now = ranks.get((row["node"], row["city_id"]))
        if printed:
            change = str(int(before) - int(now)) if before and now else row["improvement"]
            what = f"{row['node']} {row['city_id']}: rank and change"
            same = (now, change) if now else None
            yield Statement("move", what, (printed, row["improvement"]), same)


def road(report: Report, evidence: TextEvidence) -> Iterator[Statement]:
    """Yield the counts of bri2021."""
    nodes = [code for code in evidence.nodes if code != evidence.root]
    for row in report.published["facts"].rows:
        what = f"{row['what']} {row['node']} {row['subject']}".strip()
        if row["what"] == "group_size":
            found = size(evidence, ((row["node"], row["subject"]),))
            yield Statement("size", what, int(row["value"]), found)
        elif row["what"] == "chinese_in_top_ten":
            chinese: list[Group] = [(("chinese", "chinese"),)]
            yield counted("count", what, row["value"], in_top(evidence, row["node"], 10, chinese))
        elif row["what"] in ("led_by", "first_three_in", "dimension_in_first_five"):
            k = {"led_by": 1, "first_three_in": 3, "dimension_in_first_five": 5}[row["what"]]
            n = sum(evidence.ranks_in(code).get(row["subject"], 99) <= k for code in nodes)
            # Of the sixth to the tenth city the text says "in at least one".
            also = tuple(range(1, n + 1)) if k == 5 else ()
            yield Statement("places", what, int(row["value"]), n, also)
        elif row["what"] == "champions":
            first = {u for code in nodes for u, r in evidence.ranks_in(code).items() if r == 1}
            yield Statement("places", what, int(row["value"]), len(first))


def vitality(report: Report, evidence: TextEvidence) -> Iterator[Statement]:
    """Yield the sizes and compared means of vitality2014."""
    for row in report.published["facts"].rows:
        group: Group = ((row["group_type"], row["group"]),)
        if row["what"] == "count":
            group += (("capital", row["capital"]),) if row["capital"] else ()
            yield Statement("size", f"{group}", int(row["value"]), size(evidence, group))
        elif row["what"] == "greater_mean":
            other: Group = ((row["group_type"], row["than"]),)
            more = (("capital", row["capital"]),) if row["capital"] else ()
            means: list[float] = []
            for one in (group + more, other + more):
                cells = [evidence.scores.get((row["node"], u)) for u in evidence.members(one)]
                known = [cell.value for cell in cells if cell]
                means.append(sum(known) / len(known))
            what = f"{row['node']}: {row['group']} above {row['than']} {row['capital']}"
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
    report, evidence = load_report(report_id), text_evidence(report_id)
    return [*lists(report, evidence), *OWN[report_id](report, evidence)]


def main() -> None:
    """Print how many statements of each kind come out, and each that does not."""
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
                print(f"  {one.kind}: {one.what}: printed {one.printed}, tables {one.computed}")
    print(f"all: {same} of {total}")


if __name__ == "__main__":
    main()
