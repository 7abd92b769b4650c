"""Tiers that the text names: who belongs, who stands twice, who is out of order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from xlcity.audit.tables.checks.rank_positions import (
    Places,
    RankPositions,
    group_of,
    members_of,
    standing,
)
from xlcity.audit.tables.finding import TableCheck, node_of
from xlcity.audit.tables.spec.cells import whole_number
from xlcity.audit.tables.spec.load import PrintedTables, selected
from xlcity.audit.tables.spec.rules import ListRule

Row = Mapping[str, str]


class Misnamed(NamedTuple):
    """A name that a tier should not have where it has it."""

    name: str
    #: The places that the tables give it, and those of the tier.
    place: Places | None
    limit: Places
    kind: str


class PrintedList(NamedTuple):
    """Units of a group that one row of the text names, or rows of a table, and their places."""

    rows: Sequence[Row]
    node: str
    group: tuple[str, ...]
    names: Sequence[str]
    inside: RankPositions
    #: First and last place that the list covers.
    ends: Places
    #: Printed number of units, and the places that a rule gives the list.
    size: int | None = None
    limit: Places | None = None


def printed_lists(rule: ListRule, printed: PrintedTables) -> Iterator[PrintedList]:
    """Yield tiers; without a limit a list goes on where the one before it stopped."""
    limits = _limits(rule, printed)
    covered: dict[tuple[str, ...], int] = {}
    standings: dict[str, RankPositions] = {}
    for row in printed.files[rule.table]:
        if not selected(row, rule.where):
            continue
        node, group = node_of(rule, row), group_of(row, rule.group_columns)
        if node not in standings:
            standings[node] = standing(printed, node)
        inside = standings[node].within(members_of(printed, group, standings[node]))
        names = row[rule.names].split("|")
        size = whole_number(row[rule.size]) if rule.size else None
        key = (node, *group)
        open_ended = bool(rule.open) and selected(row, rule.open)
        limit = None if open_ended else limits.get((*group, row[rule.position]))
        start = covered.get(key, 0) + 1
        ends = limit or (start, start - 1 + (size or len(names)))
        covered[key] = ends[1]
        yield PrintedList((row,), node, group, names, inside, ends, size, limit)


def tiers(check: TableCheck) -> TableCheck:
    """Check tiers: each name in its tier and once, in order; the size as printed."""
    for tier in printed_lists(check.rule, check.printed):
        check.cells += len(tier.names)
        wrong = list(_tier(check.rule, tier.names, tier.ends, tier.inside))
        other = _whose(check, tier.rows[0], tier.names, tier.ends) if wrong[1:] else ""
        for name in wrong:
            _misnamed(check, tier.rows[0], name, other)
        if tier.limit and tier.size:
            check.cells += 1
            wanted = tier.limit[1] - tier.limit[0] + 1
            if tier.size != wanted:
                _size(
                    check,
                    f"{tier.size} units are printed for a tier of {wanted}.",
                    tier.rows[0],
                    node=tier.node,
                    published=str(tier.size),
                    wanted=wanted,
                )
    _rules_add_up(check)
    return check


def _limits(rule: ListRule, printed: PrintedTables) -> dict[tuple[str, ...], Places]:
    """Return the places of each tier, from the table of rules."""
    if not rule.rules:
        return {}
    return {
        (*group_of(row, rule.group_columns), row[rule.position]): (
            whole_number(row["rank_from"]) or 1,
            whole_number(row["rank_to"]) or 1,
        )
        for row in printed.files[rule.rules]
    }


def _misnamed(check: TableCheck, row: Row, wrong: Misnamed, other: str) -> None:
    group, node = " ".join(group_of(row, check.rule.group_columns)), check.node(row)
    name, span, (first, last), kind = wrong
    stands = "has no rank there" if span is None else f"stands at place {span[0]} of {group}"
    check.add(
        f"{kind}: the text names {name} among places {first} to {last} of {group} in {node}; by "
        f"the tables it {stands}.{other}",
        row,
        unit=name,
        node=node,
        published=f"{first}-{last}",
        expected=(None, None) if span is None else (float(span[0]), float(span[1])),
        kind=kind,
    )


def _size(
    check: TableCheck,
    evidence: str,
    row: Row | None,
    *,
    wanted: int,
    node: str,
    published: str,
    **options: str,
) -> None:
    check.add(
        evidence,
        row,
        node=node,
        published=published,
        expected=(float(wanted), float(wanted)),
        suggestion=str(wanted),
        kind="size",
        **options,
    )


def _rules_add_up(check: TableCheck) -> None:
    """Report tiers whose size is not that of their ranks."""
    rule: ListRule = check.rule
    for row in check.printed.files[rule.rules] if rule.rules else ():
        size = (whole_number(row["rank_to"]) or 0) - (whole_number(row["rank_from"]) or 0) + 1
        if whole_number(row.get("n", "")) not in (None, size):
            _size(
                check,
                f"places {row['rank_from']} to {row['rank_to']} are {size}.",
                None,
                wanted=size,
                node=" ".join(group_of(row, rule.group_columns)),
                published=row["n"],
                table=rule.rules,
            )


def _tier(
    rule: ListRule, names: Sequence[str], limit: Places, inside: RankPositions
) -> Iterator[Misnamed]:
    """Yield names that do not belong, that stand twice, and the fewest that are out of order."""
    start, end = limit
    fitting: list[tuple[str, Places]] = []
    for position, name in enumerate(names):
        span = inside.places.get(name)
        if name in names[:position]:
            yield Misnamed(name, span, limit, "named twice")
        elif span is None or span[0] > end or span[1] < start:
            yield Misnamed(name, span, limit, "not in this tier")
        else:
            fitting.append((name, span))
    in_order = _longest(fitting)
    last = start + len(dict.fromkeys(names)) - 1
    for name, span in fitting:
        if name not in in_order:
            yield Misnamed(name, span, limit, "out of order")
        elif rule.leading and span[0] > last:
            yield Misnamed(name, span, (start, last), "not the next")


def _longest(listed: Sequence[tuple[str, Places]]) -> set[str]:
    """Return the most names that stand in a possible order."""
    best: list[tuple[int, int]] = []
    for position, (_, (first, last)) in enumerate(listed):
        before = [
            (best[k][0], k)
            for k in range(position)
            if listed[k][1][0] < last or listed[k][1] == (first, last)
        ]
        length, link = max(before, default=(0, -1), key=lambda chain: (chain[0], -chain[1]))
        best.append((length + 1, link))
    chosen: set[str] = set()
    position = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while position >= 0:
        chosen.add(listed[position][0])
        position = best[position][1]
    return chosen


def _whose(check: TableCheck, row: Row, names: Sequence[str], limit: Places) -> str:
    """Return a sentence if the names are right for another node: a list copied to a wrong place."""
    rule: ListRule = check.rule
    group, own = group_of(row, rule.group_columns), check.node(row)
    nodes = dict.fromkeys(map(check.node, check.rows())) if rule.node_column else {}
    for node in nodes:
        places = standing(check.printed, node)
        inside = places.within(members_of(check.printed, group, places))
        if node != own and not list(_tier(rule, names, limit, inside)):
            return f" In {node} these names are all right: the list seems to be that of {node}."
    return ""
