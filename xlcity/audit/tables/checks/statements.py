"""What the text says about the tables: lists of names, tiers, counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from xlcity.audit.tables.finding import Ends, TableCheck
from xlcity.audit.tables.printed_numbers import RANK, Series, whole_number
from xlcity.audit.tables.spec.load import PrintedTables, Row, selected
from xlcity.audit.tables.spec.rules import CountRule, ListRule
from xlcity.grouping import grouped

OUT_OF_ORDER = "out of order"
#: A unit may stand at any place from the first to the last of these.
Places = tuple[int, int]


class _Tally(NamedTuple):
    """The fewest and the most that the tables leave, and what was counted."""

    low: int
    high: int
    of: str


def places_in(
    printed: PrintedTables, node: str, words: Mapping[str, str] | None = None
) -> dict[str, Places]:
    """Return where the units of a group stand in a node, as far as print tells.

    Printed ranks count first: with ranks shared by t units, each may be named at any of t places.
    Without ranks the printed scores decide, any order inside equal scores.
    """
    places = _places_by_ranks(printed, node)
    if not places:
        scores = printed.book.first(Series(node)).items()
        spans = {unit: (-cell.value, -cell.value) for unit, cell in scores}
        places = _places_by_spans(spans)
    if not words:
        return places
    members = [unit for unit in places if belongs(printed, unit, words)]
    return _places_by_spans({unit: places[unit] for unit in members})


def _places_by_ranks(printed: PrintedTables, node: str) -> dict[str, Places]:
    """Return the places that printed ranks leave; each stands for itself, also among gaps."""
    cells = printed.book.first(Series(node, RANK)).items()
    ranks = {unit: int(cell.value) for unit, cell in cells}
    sharing = Counter(ranks.values())
    last = {rank: rank + number - 1 for rank, number in sharing.items()}
    return {unit: (rank, last[rank]) for unit, rank in ranks.items()}


def _places_by_spans(spans: Mapping[str, tuple[Any, Any]]) -> dict[str, Places]:
    """Return the places that units can have by their spans: the least number comes first."""
    firsts = sorted(first for first, _ in spans.values())
    lasts = sorted(last for _, last in spans.values())
    return {
        unit: (1 + bisect_left(lasts, first), bisect_right(firsts, last))
        for unit, (first, last) in spans.items()
    }


def belongs(printed: PrintedTables, unit: str, words: Mapping[str, str]) -> bool:
    """Tell whether a unit has the words of its group; `a|b` is either."""
    own = printed.attributes.get(unit, {})
    return all(
        own.get(attribute) in word.split("|") for attribute, word in words.items()
    )


def group_of(rule: Any, row: Row) -> dict[str, str]:
    """Return the attributes and words of the group that a row is about; none are all units."""
    words = dict(getattr(rule, "members", {}))
    words |= {
        name: row[name] for name in getattr(rule, "member_columns", ()) if row[name]
    }
    group = [row[name] for name in rule.group_columns]
    return words | (dict([group]) if group and "all" not in group else {})


def node_of(rule: Any, row: Row) -> str:
    """Return the node that a row is about: the column's or the rule's."""
    return str(row[rule.node_column] if rule.node_column else rule.node)


class PrintedList(NamedTuple):
    """Units of a group that one row of the text names, or rows of a table, and their places."""

    rows: Sequence[Row]
    node: str
    group: str
    names: Sequence[str]
    places: Mapping[str, Places]
    #: First and last place that the list covers.
    ends: Places
    #: Printed number of units, and the places that a rule gives the list.
    size: int | None = None
    limit: Places | None = None

    def fault_of(self, number: int) -> str:
        """Return what is wrong with a name, by its number, apart from the order of all."""
        name = self.names[number]
        start, end = self.ends
        first, last = self.places.get(name, (end + 1, end))
        if name in self.names[:number]:
            return "named twice"
        return "" if first <= end and last >= start else "not in this tier"

    def compare_order(self) -> Iterator[tuple[int, str | None, bool]]:
        """Yield the number of each name, the unit of its place there, and whether it may have it.

        Names repeated are left out.
        """
        order = sorted(self.places, key=self.places.__getitem__)[: self.ends[1]]
        numbers = {name: number for number, name in enumerate(self.names)}
        ranked = enumerate(numbers.items(), start=self.ends[0])
        for rank, (name, number) in ranked:
            expected = order[rank - 1] if rank <= len(order) else None
            first, last = self.places.get(name, (0, -1))
            yield number, expected, expected is not None and first <= rank <= last

    def find_wrong_names(self) -> list[tuple[str, str]]:
        """Return the names that do not belong; if all do, those out of order."""
        faults = [self.fault_of(number) for number in range(len(self.names))]
        if any(faults):
            pairs = zip(self.names, faults, strict=True)
            return [(name, fault) for name, fault in pairs if fault]
        displaced = (number for number, _, right in self.compare_order() if not right)
        return [(self.names[number], OUT_OF_ORDER) for number in displaced]


def _list_blocks(rule: ListRule, printed: PrintedTables) -> list[list[Row]]:
    """Return the rows of each list: one, or all of a node and its groups."""
    rows = [*printed.rows(rule.table, rule.where)]
    if rule.kind != "rows":
        return [[row] for row in rows]
    keys = [(node_of(rule, row), _names(rule, row)) for row in rows]
    return [*grouped(zip(keys, rows, strict=True)).values()]


def printed_lists(rule: ListRule, printed: PrintedTables) -> Iterator[PrintedList]:
    """Yield tiers, or tables of groups; without a limit a list goes on where the last stopped."""
    limits = _read_limits(rule, printed)
    covered: dict[tuple[str, ...], int] = {}
    for block in _list_blocks(rule, printed):
        row = block[0]
        node = node_of(rule, row)
        group = _names(rule, row)
        if rule.names:
            names = row[rule.names].split("|")
        else:
            names = [own[printed.unit_columns[rule.table]] for own in block]
        size = whole_number(row[rule.size]) if rule.size else None
        limit = None
        if not (rule.open and selected(row, rule.open)):
            limit = limits.get((*group, row.get(rule.position, "")))
        start = 1 if rule.kind == "rows" else covered.get((node, *group), 0) + 1
        ends = limit or (start, start - 1 + (size or len(names)))
        covered[node, *group] = ends[1]
        yield PrintedList(
            block,
            node,
            " ".join(group),
            names,
            places=places_in(printed, node, group_of(rule, row)),
            ends=ends,
            size=size,
            limit=limit,
        )


def _read_limits(
    rule: ListRule, printed: PrintedTables
) -> dict[tuple[str, ...], Places]:
    """Return the places that a table of rules gives each list, by its group and position."""
    limits: dict[tuple[str, ...], Places] = {}
    for row in printed.files[rule.rules] if rule.rules else ():
        first = whole_number(row["rank_from"]) or 1
        last = whole_number(row["rank_to"]) or 1
        limits[*_names(rule, row), row[rule.position]] = (first, last)
    return limits


def _names(rule: ListRule, row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in rule.group_columns)


def check_list(check: TableCheck) -> None:
    """Check a list of names: tiers, or single names."""
    if check.rule.kind == "tiers":
        check.name = "tiers"
        check_tiers(check)
    else:
        check.name = f"list-{check.rule.kind}"
        check_names(check)


def check_tiers(check: TableCheck) -> None:
    """Check lists: each name in its tier and once, else in order."""
    rule: ListRule = check.rule
    for tier in printed_lists(rule, check.printed):
        first, last = tier.ends
        check.cells += len(tier.names)
        wrong = tier.find_wrong_names()
        # One name out of order moves those after it; two may just have changed places.
        is_order = OUT_OF_ORDER in dict(wrong).values()
        for name, kind in wrong[:1] if is_order else wrong:
            span = tier.places.get(name)
            stands = "has no rank there"
            if span is not None:
                stands = f"stands at place {span[0]} of {tier.group}"
            check.add(
                f"{kind}: the text names {name} among places {first} to {last} of {tier.group} in "
                f"{tier.node}; by the tables it {stands}.",
                tier.rows[0],
                unit=name,
                node=tier.node,
                published=f"{first}-{last}",
                expected=_ends_of(span),
                kind=kind,
            )


def _ends_of(span: Places | None) -> Ends:
    """Return places as a finding has them."""
    if span is None:
        return None, None
    first, last = span
    return float(first), float(last)


class _Claim(NamedTuple):
    """What a row of the text says of a unit: a number, its words, and whether it is right."""

    number: int
    published: str
    right: bool


def check_names(check: TableCheck) -> None:
    """Check single names: at their place, in their group, among the first, or tied."""
    rule: ListRule = check.rule
    is_at_place = rule.kind in ("places", "rows")
    places_of = cache(lambda node, *words: places_in(check.printed, node, dict(words)))
    for row in check.rows():
        node = node_of(rule, row)
        unit = row[check.unit_column]
        words = group_of(rule, row)
        places = places_of(node, *words.items())
        span = places.get(unit)
        if span is None and not words:
            continue
        claim = _read_claim(rule, row, span or (0, 0), len(places))
        named = f"as {claim.published}"
        if is_at_place:
            named = f"at place {claim.number}"
        of = " ".join([*words.values(), "in", node])
        check.compare(
            row,
            claim.number,
            span[0] if span else None,
            f"the text names {unit} {named}; {_tell_place(span, of)}.",
            right=claim.right,
            unit=unit,
            node=node,
            published=claim.published,
            expected=_ends_of(span),
            suggestion=str(span[0]) if span and is_at_place else "",
            kind="text against table" if span else "membership",
        )


def _read_claim(rule: ListRule, row: Row, span: Places, size: int) -> _Claim:
    """Return what a row says of a unit that has some places among so many."""
    first, last = span
    if rule.kind in ("places", "rows"):
        number = whole_number(row[rule.position]) or 0
        return _Claim(number, str(number), right=first <= number <= last)
    if rule.kind == "members":
        number = rule.first or size
        return _Claim(number, f"first {number}", right=0 < first <= number)
    number = rule.place or 1
    return _Claim(number, f"joint {number}", right=first == number < last)


def _tell_place(span: Places | None, of: str) -> str:
    """Return which places the tables give a unit."""
    if span is None:
        return f"it has no rank {of}"
    first, last = span
    to_last = f" to {last}" if last > first else ""
    return f"the tables give place {first}{to_last} {of}"


def check_counts(check: TableCheck) -> None:
    """Check printed counts against those that the tables leave."""
    rule: CountRule = check.rule
    count = _tally if rule.nodes else _count
    for row in check.rows():
        low, high, of = count(rule, row, check.printed)
        value = whole_number(row[rule.value])
        is_enough = value is None or rule.at_least or low <= value
        to_high = f" to {high}" if high > low else ""
        check.compare(
            row,
            value,
            min(max(value or 0, low), high),
            f"{value} are printed; {of}: {low}{to_high}.",
            right=is_enough and (value is None or value <= high),
            unit=row.get(rule.unit_column, ""),
            node=node_of(rule, row),
            expected=(float(low), float(high)),
            suggestion=str(low) if low == high else "",
            kind="text against table",
        )


def _first(rule: CountRule, row: Row) -> int:
    column = rule.first_column
    return rule.first or (column and whole_number(row[column])) or 0


def _tally(rule: CountRule, row: Row, printed: PrintedTables) -> _Tally:
    """Return in how many nodes a unit is among the first."""
    unit = row[rule.unit_column]
    first = _first(rule, row) or 1
    places = (places_in(printed, node) for node in rule.nodes)
    spans = [by_unit[unit] for by_unit in places if unit in by_unit]
    of = f"nodes of {len(rule.nodes)} in which {unit} is among the first {first}"
    return _Tally(*_count_first(spans, first, rule.nodes, printed), of)


def _count_first(
    spans: Sequence[Places],
    first: int,
    nodes: Sequence[str],
    printed: PrintedTables,
) -> tuple[int, int]:
    """Return how many are surely, and how many perhaps among the first so many."""
    sure = sum(end <= first for _, end in spans)
    maybe = sum(start <= first for start, _ in spans)
    # A printed rank of at most n counts as among the first n, shared or not.
    ranked = all(Series(node, RANK) in printed.book.series for node in nodes)
    return (maybe if ranked else sure), maybe


def _count(rule: CountRule, row: Row, printed: PrintedTables) -> _Tally:
    """Return how many units of a group are above the mean, among the first, or in all."""
    node = node_of(rule, row)
    words = group_of(rule, row)
    first = _first(rule, row)
    group = ", ".join(f"{a} {w}" for a, w in words.items()) or "all units"

    def count_members(units: Iterable[str]) -> int:
        return sum(belongs(printed, unit, words) for unit in units)

    if rule.above_mean:
        number = count_members(_units_above_mean(printed, node))
        return _Tally(number, number, f"{group} above the mean of {node}")
    if not node or not first:
        number = count_members(printed.attributes)
        return _Tally(number, number, group)
    places = places_in(printed, node)
    members = [span for unit, span in places.items() if belongs(printed, unit, words)]
    of = f"{group} among the first {first} of {node}"
    if len(places) < len(printed.attributes):
        of += f", {len(places)} units printed"
    return _Tally(*_count_first(members, first, [node], printed), of)


def _units_above_mean(printed: PrintedTables, node: str) -> list[str]:
    scores = printed.book.first(Series(node))
    total = sum(Fraction(cell.value) for cell in scores.values())
    mean = total / max(len(scores), 1)
    return [unit for unit, cell in scores.items() if cell.value > mean]
