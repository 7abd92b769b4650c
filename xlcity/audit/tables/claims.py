"""What the text says about the tables: lists of names, tiers, counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from xlcity.audit.tables.cells import RANK, Series
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed, selected
from xlcity.audit.tables.spec import Count, Lists, Spec
from xlcity.audit.tables.statistics import Told, finding

#: A place may be any from the first to the last of these.
Places = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where each unit stands in a node: the places that printed ranks, or scores, leave it."""

    places: Mapping[str, Places]

    def within(self, members: Sequence[str]) -> Standing:
        """Return the standing among some of the units."""
        chosen = {unit: self.places[unit] for unit in members if unit in self.places}
        firsts = sorted(first for first, _ in chosen.values())
        lasts = sorted(last for _, last in chosen.values())
        return Standing(
            {
                unit: (1 + bisect_right(lasts, first - 1), bisect_right(firsts, last))
                for unit, (first, last) in chosen.items()
            }
        )


def standing(printed: Printed, node: str) -> Standing:
    """Return where units stand in a node.

    Printed ranks count first: with ranks shared by t units, each may be named at any of t places.
    Without ranks the printed scores decide, any order inside equal scores.
    """
    book = printed.book
    ranks = {unit: int(cell.value) for unit, cell in book.first(Series(node, RANK)).items()}
    if ranks:
        tied: dict[int, int] = {}
        for rank in ranks.values():
            tied[rank] = tied.get(rank, 0) + 1
        return Standing({unit: (rank, rank + tied[rank] - 1) for unit, rank in ranks.items()})
    scores = {unit: cell.value for unit, cell in book.first(Series(node)).items()}
    ordered = sorted(scores.values())
    places = {}
    for unit, score in scores.items():
        ahead = len(ordered) - bisect_right(ordered, score)
        places[unit] = (ahead + 1, len(ordered) - bisect_left(ordered, score))
    return Standing(places)


def claims(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Yield what each check of the text did and found."""
    for rule in spec.rules["list"]:
        rows = [row for row in printed.files[rule.table] if selected(row, rule.where)]
        if rule.kind == "tiers":
            yield _tiers(rule, rows, spec, printed)
        else:
            yield _named(rule, rows, spec, printed)
    for rule in spec.rules["count"]:
        yield _counts(rule, spec, printed)


def _group_of(row: Mapping[str, str], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[name] for name in columns)


def _members(printed: Printed, columns: tuple[str, ...], standing_: Standing) -> list[str]:
    """Return the units of a group that is named by attribute and word; "all" is all."""
    if not columns or "all" in columns:
        return list(standing_.places)
    attribute, word = columns
    return [
        unit
        for unit in standing_.places
        if printed.attributes.get(unit, {}).get(attribute, "") == word
    ]


def _named(rule: Lists, rows: Sequence[Mapping[str, str]], spec: Spec, printed: Printed) -> Told:
    """Check single names: at their place, among the first, or tied."""
    unit_column = printed.unit_columns[rule.table]
    told: list[Finding] = []
    checked = 0
    known: dict[str, Standing] = {}
    for row in rows:
        node = row[rule.node_column] if rule.node_column else rule.node
        unit = row[unit_column]
        if node not in known:
            known[node] = standing(printed, node)
        place = known[node].places.get(unit)
        if place is None:
            continue
        checked += 1
        wanted: Places
        if rule.kind == "places":
            at = int(row[rule.position])
            wanted, published, right = (at, at), row[rule.position], place[0] <= at <= place[1]
        elif rule.kind == "members":
            last = rule.first or len(known[node].places)
            wanted, published, right = (1, last), f"first {last}", place[0] <= last
        else:
            at = rule.place or 1
            wanted, published = (at, at), f"joint {at}"
            right = place[0] == at and place[1] > place[0]
        if not right:
            ends = f"{place[0]}" if place[0] == place[1] else f"{place[0]} to {place[1]}"
            told.append(
                finding(
                    f"list-{rule.kind}",
                    Severity.WARNING,
                    rule.table,
                    row,
                    unit=unit,
                    node=node,
                    published=published,
                    expected=(float(place[0]), float(place[1])),
                    suggestion=str(place[0]) if rule.kind == "places" else "",
                    kind="text against table",
                    evidence=(
                        f"the text names {unit} at place {wanted[0]}"
                        if rule.kind == "places"
                        else f"the text names {unit} as {published}"
                    )
                    + f"; the tables give place {ends} in {node}.",
                    where=row.get(spec.head.line, ""),
                )
            )
    return Checked(f"list-{rule.kind}", rule.table, checked), told


def _tiers(rule: Lists, rows: Sequence[Mapping[str, str]], spec: Spec, printed: Printed) -> Told:
    """Check tiers: each name in its tier and once, in order; the size as printed."""
    limits = _limits(rule, printed)
    covered: dict[tuple[str, ...], int] = {}
    told: list[Finding] = []
    cells = 0
    known: dict[str, Standing] = {}
    for row in rows:
        node = row[rule.node_column] if rule.node_column else rule.node
        group = _group_of(row, rule.group_columns)
        if node not in known:
            known[node] = standing(printed, node)
        inside = known[node].within(_members(printed, group, known[node]))
        names = row[rule.names].split(rule.separator)
        size = row.get(rule.size, "") if rule.size else ""
        key = (node, *group)
        limit = limits.get((*group, row[rule.position])) if row.get("kind") != "listing" else None
        start = limit[0] if limit else covered.get(key, 0) + 1
        end = limit[1] if limit else start - 1 + (int(size) if size else len(names))
        covered[key] = end
        cells += len(names)
        told += _tier(rule, row, node, names, (start, end), inside, spec)
        if limit and size:
            cells += 1
            if int(size) != end - start + 1:
                told.append(_size(rule, row, node, size, end - start + 1, spec))
    told += list(_rules_add_up(rule, printed))
    return Checked("tiers", rule.table, cells), told


def _limits(rule: Lists, printed: Printed) -> dict[tuple[str, ...], Places]:
    """Return the places of each tier, from the table of rules."""
    if not rule.rules:
        return {}
    return {
        (*_group_of(row, rule.group_columns), row[rule.position]): (
            int(row["rank_from"]),
            int(row["rank_to"]),
        )
        for row in printed.files[rule.rules]
    }


def _rules_add_up(rule: Lists, printed: Printed) -> Iterator[Finding]:
    """Yield tiers whose size is not that of their ranks."""
    for row in printed.files[rule.rules] if rule.rules else ():
        size = int(row["rank_to"]) - int(row["rank_from"]) + 1
        if row.get("n") and int(row["n"]) != size:
            yield finding(
                "tiers",
                Severity.WARNING,
                rule.rules,
                row,
                node=" ".join(_group_of(row, rule.group_columns)),
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
    group = " ".join(_group_of(row, rule.group_columns))
    stands = "has no rank there" if place is None else f"stands at place {place[0]} of {group}"
    return finding(
        "tiers",
        Severity.WARNING,
        rule.table,
        row,
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
        row,
        node=node,
        published=size,
        expected=(float(wanted), float(wanted)),
        suggestion=str(wanted),
        kind="size",
        evidence=f"{size} units are printed for a tier of {wanted}.",
        where=row.get(spec.head.line, ""),
    )


def _counts(rule: Count, spec: Spec, printed: Printed) -> Told:
    told: list[Finding] = []
    checked = 0
    for row in printed.files[rule.table]:
        if not selected(row, rule.where):
            continue
        node = row[rule.node_column] if rule.node_column else rule.node
        if rule.nodes:
            low, high, of = _tally(rule, row, printed)
        else:
            low, high, of = _count(rule, row, node, printed)
        checked += 1
        value = int(row[rule.value])
        if low <= value <= high or (rule.at_least and value <= high):
            continue
        told.append(
            finding(
                "count",
                Severity.WARNING,
                rule.table,
                row,
                unit=row[rule.unit_column] if rule.unit_column else "",
                node=node,
                published=row[rule.value],
                expected=(float(low), float(high)),
                suggestion=str(low) if low == high else "",
                kind="text against table",
                evidence=f"{value} are printed; {of}: {low}"
                + (f" to {high}." if high > low else "."),
                where=row.get(spec.head.line, ""),
            )
        )
    return Checked("count", rule.table, checked), told


def _tally(rule: Count, row: Mapping[str, str], printed: Printed) -> tuple[int, int, str]:
    """Return in how many nodes a unit is among the first, and what was counted."""
    unit = row[rule.unit_column]
    first = rule.first or (int(row[rule.first_column]) if rule.first_column else 1)
    places = [standing(printed, node).places.get(unit) for node in rule.nodes]
    known = [place for place in places if place is not None]
    low = sum(last <= first for _, last in known)
    high = sum(start <= first for start, _ in known)
    # A shared rank of at most n counts as among the first n, as a rank does.
    ranked = all(printed.book.units(Series(node, RANK)) for node in rule.nodes)
    of = f"nodes of {len(rule.nodes)} in which {unit} is among the first {first}"
    return (high if ranked else low), high, of


def _count(
    rule: Count, row: Mapping[str, str], node: str, printed: Printed
) -> tuple[int, int, str]:
    """Return the fewest and most that the tables leave, and what was counted."""
    words = dict(rule.members)
    words |= {name: row[name] for name in rule.member_columns if row[name]}
    if rule.group_columns:
        attribute, word = _group_of(row, rule.group_columns)
        if word != "all":
            words[attribute] = word

    def belongs(unit: str) -> bool:
        own = printed.attributes.get(unit, {})
        return all(own.get(attribute) in word.split("|") for attribute, word in words.items())

    group = ", ".join(f"{a} {w}" for a, w in words.items()) or "all units"
    if rule.above_mean:
        scores = printed.book.first(Series(node))
        mean = sum(Fraction(cell.value) for cell in scores.values()) / max(len(scores), 1)
        number = sum(belongs(unit) and cell.value > mean for unit, cell in scores.items())
        return number, number, f"{group} above the mean of {node}"
    first = rule.first or (int(row[rule.first_column]) if rule.first_column else 0)
    if not node or not first:
        number = sum(belongs(unit) for unit in printed.attributes)
        return number, number, group
    places = standing(printed, node).places
    ranked = bool(printed.book.units(Series(node, RANK)))
    sure = sum(belongs(u) and last <= first for u, (_, last) in places.items())
    maybe = sum(belongs(u) and start <= first for u, (start, _) in places.items())
    # A printed rank of at most n counts as among the first n, shared or not.
    of = f"{group} among the first {first} of {node}"
    if len(places) < len(printed.attributes):
        of += f", {len(places)} units printed"
    return (maybe if ranked else sure), maybe, of
