"""Tiers that the text names: who belongs, who stands twice, who is out of order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from xlcity.audit.tables.cells import whole_number
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed, selected
from xlcity.audit.tables.rules import Lists
from xlcity.audit.tables.spec import Spec
from xlcity.audit.tables.standing import Places, Standing, group_of, members_of, standing
from xlcity.audit.tables.statistics import Told, finding


def tiers(rule: Lists, rows: Sequence[Mapping[str, str]], spec: Spec, printed: Printed) -> Told:
    """Check tiers: each name in its tier and once, in order; the size as printed."""
    limits = _limits(rule, printed)
    covered: dict[tuple[str, ...], int] = {}
    told: list[Finding] = []
    cells = 0
    known: dict[str, Standing] = {}
    for row in rows:
        node = row[rule.node_column] if rule.node_column else rule.node
        group = group_of(row, rule.group_columns)
        if node not in known:
            known[node] = standing(printed, node)
        inside = known[node].within(members_of(printed, group, known[node]))
        names = row[rule.names].split(rule.separator)
        size = whole_number(row[rule.size]) if rule.size else None
        key = (node, *group)
        open_ended = bool(rule.open) and selected(row, rule.open)
        limit = None if open_ended else limits.get((*group, row[rule.position]))
        start = limit[0] if limit else covered.get(key, 0) + 1
        end = limit[1] if limit else start - 1 + (size or len(names))
        covered[key] = end
        cells += len(names)
        wrong = list(_tier(rule, row, node, names, (start, end), inside, spec))
        other = _whose(rule, rows, row, names, (start, end), printed, spec) if wrong[1:] else ""
        told += [replace(f, evidence=f"{f.evidence}{other}") for f in wrong]
        if limit and size:
            cells += 1
            if size != end - start + 1:
                told.append(_size(rule, row, node, str(size), end - start + 1, spec))
    told += list(_rules_add_up(rule, printed))
    return Checked("tiers", rule.table, cells), told


def _limits(rule: Lists, printed: Printed) -> dict[tuple[str, ...], Places]:
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


def _rules_add_up(rule: Lists, printed: Printed) -> Iterator[Finding]:
    """Yield tiers whose size is not that of their ranks."""
    for row in printed.files[rule.rules] if rule.rules else ():
        size = (whole_number(row["rank_to"]) or 0) - (whole_number(row["rank_from"]) or 0) + 1
        if whole_number(row.get("n", "")) not in (None, size):
            yield finding(
                "tiers",
                Severity.WARNING,
                rule.rules,
                node=" ".join(group_of(row, rule.group_columns)),
                published=row["n"],
                expected=(float(size), float(size)),
                suggestion=str(size),
                kind="size",
                evidence=f"places {row['rank_from']} to {row['rank_to']} are {size}.",
            )


def _tier(
    rule: Lists,
    row: Mapping[str, str],
    node: str,
    names: Sequence[str],
    limit: Places,
    inside: Standing,
    spec: Spec,
) -> Iterator[Finding]:
    """Yield names that do not belong, that stand twice, and the fewest that are out of order."""
    start, end = limit
    kept: list[tuple[str, Places]] = []
    for at, name in enumerate(names):
        place = inside.places.get(name)
        if name in names[:at]:
            yield _misnamed(rule, row, node, name, place, limit, "named twice", spec)
        elif place is None or place[0] > end or place[1] < start:
            yield _misnamed(rule, row, node, name, place, limit, "not in this tier", spec)
        else:
            kept.append((name, place))
    in_order = _longest(kept)
    last = start + len(dict.fromkeys(names)) - 1
    for name, place in kept:
        if name not in in_order:
            yield _misnamed(rule, row, node, name, place, limit, "out of order", spec)
        elif rule.leading and place[0] > last:
            yield _misnamed(rule, row, node, name, place, (start, last), "not the next", spec)


def _longest(kept: Sequence[tuple[str, Places]]) -> set[str]:
    """Return the most names that stand in a possible order."""
    best: list[tuple[int, int]] = []
    for at, (_, (first, last)) in enumerate(kept):
        before = [
            (best[k][0], k)
            for k in range(at)
            if kept[k][1][0] < last or kept[k][1] == (first, last)
        ]
        length, link = max(before, default=(0, -1), key=lambda entry: (entry[0], -entry[1]))
        best.append((length + 1, link))
    chosen: set[str] = set()
    at = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while at >= 0:
        chosen.add(kept[at][0])
        at = best[at][1]
    return chosen


def _misnamed(
    rule: Lists,
    row: Mapping[str, str],
    node: str,
    name: str,
    place: Places | None,
    limit: Places,
    kind: str,
    spec: Spec,
) -> Finding:
    group = " ".join(group_of(row, rule.group_columns))
    stands = "has no rank there" if place is None else f"stands at place {place[0]} of {group}"
    return finding(
        "tiers",
        Severity.WARNING,
        rule.table,
        unit=name,
        node=node,
        published=f"{limit[0]}-{limit[1]}",
        expected=(None, None) if place is None else (float(place[0]), float(place[1])),
        kind=kind,
        evidence=(
            f"{kind}: the text names {name} among places {limit[0]} to {limit[1]} of {group} in "
            f"{node}; by the tables it {stands}."
        ),
        where=row.get(spec.head.line, ""),
    )


def _size(
    rule: Lists, row: Mapping[str, str], node: str, size: str, wanted: int, spec: Spec
) -> Finding:
    return finding(
        "tiers",
        Severity.WARNING,
        rule.table,
        node=node,
        published=size,
        expected=(float(wanted), float(wanted)),
        suggestion=str(wanted),
        kind="size",
        evidence=f"{size} units are printed for a tier of {wanted}.",
        where=row.get(spec.head.line, ""),
    )


def _whose(
    rule: Lists,
    rows: Sequence[Mapping[str, str]],
    row: Mapping[str, str],
    names: Sequence[str],
    limit: Places,
    printed: Printed,
    spec: Spec,
) -> str:
    """Return a sentence if the names are right for another node: a list copied to a wrong place."""
    group = group_of(row, rule.group_columns)
    own = row[rule.node_column] if rule.node_column else rule.node
    nodes = dict.fromkeys(other[rule.node_column] for other in rows) if rule.node_column else {}
    for node in nodes:
        places = standing(printed, node)
        inside = places.within(members_of(printed, group, places))
        if node != own and not list(_tier(rule, row, node, names, limit, inside, spec)):
            return f" In {node} these names are all right: the list seems to be that of {node}."
    return ""
