"""What the text says about the tables: lists of names, tiers, counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from xlcity.audit.tables.checks.rank_positions import RankPositions, group_of, standing
from xlcity.audit.tables.checks.tiers import tiers
from xlcity.audit.tables.finding import TableCheck, node_of
from xlcity.audit.tables.spec.cells import RANK, Series, whole_number
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import CountRule, ListRule

#: Its findings come after those of modules with a smaller one.
PLACE = 6


def published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of the text."""
    for rule in spec.rules["list"]:
        if rule.kind == "tiers":
            yield tiers(TableCheck("tiers", rule, spec, printed))
        else:
            yield _named(TableCheck(f"list-{rule.kind}", rule, spec, printed))
    for rule in spec.rules["count"]:
        yield _counts(TableCheck("count", rule, spec, printed))


def _named(check: TableCheck) -> TableCheck:
    """Check single names: at their place, among the first, or tied."""
    rule: ListRule = check.rule
    standings: dict[str, RankPositions] = {}
    for row in check.rows():
        node, unit = check.node(row), row[check.unit_column]
        if node not in standings:
            standings[node] = standing(check.printed, node)
        if (span := standings[node].places.get(unit)) is None:
            continue
        check.cells += 1
        claimed = rule.place or 1
        if rule.kind == "places":
            claimed = whole_number(row[rule.position]) or 0
            published, right = row[rule.position], span[0] <= claimed <= span[1]
        elif rule.kind == "members":
            last = rule.first or len(standings[node].places)
            published, right = f"first {last}", span[0] <= last
        else:
            published, right = f"joint {claimed}", span[0] == claimed and span[1] > span[0]
        if not right:
            ends = f"{span[0]}" if span[0] == span[1] else f"{span[0]} to {span[1]}"
            named = f"at place {claimed}" if rule.kind == "places" else f"as {published}"
            check.add(
                f"the text names {unit} {named}; the tables give place {ends} in {node}.",
                row,
                unit=unit,
                node=node,
                published=published,
                expected=(float(span[0]), float(span[1])),
                suggestion=str(span[0]) if rule.kind == "places" else "",
                kind="text against table",
            )
    return check


class CountClaim(NamedTuple):
    """A printed count, the fewest and most that the tables leave, and what was counted."""

    value: int | None
    low: int
    high: int
    of: str
    right: bool


def _counts(check: TableCheck) -> TableCheck:
    rule: CountRule = check.rule
    for row in check.rows():
        claim = counted(rule, row, check.printed)
        check.cells += 1
        if claim.right:
            continue
        low, high = claim.low, claim.high
        check.add(
            f"{claim.value} are printed; {claim.of}: {low}"
            + (f" to {high}." if high > low else "."),
            row,
            unit=row[rule.unit_column] if rule.unit_column else "",
            node=check.node(row),
            published=row[rule.value],
            expected=(float(low), float(high)),
            suggestion=str(low) if low == high else "",
            kind="text against table",
        )
    return check


def counted(rule: CountRule, row: Mapping[str, str], printed: PrintedTables) -> CountClaim:
    """Return the count that a row prints beside those that the tables leave."""
    low, high, of = (_tally if rule.nodes else _count)(rule, row, printed)
    value = whole_number(row[rule.value])
    right = value is None or low <= value <= high or (rule.at_least and value <= high)
    return CountClaim(value, low, high, of, right)


def _tally(rule: CountRule, row: Mapping[str, str], printed: PrintedTables) -> tuple[int, int, str]:
    """Return in how many nodes a unit is among the first, and what was counted."""
    unit = row[rule.unit_column]
    first = rule.first or (whole_number(row[rule.first_column]) or 1 if rule.first_column else 1)
    places = [standing(printed, node).places.get(unit) for node in rule.nodes]
    spans = [span for span in places if span is not None]
    low = sum(last <= first for _, last in spans)
    high = sum(start <= first for start, _ in spans)
    # A shared rank of at most n counts as among the first n, as a rank does.
    ranked = all(printed.book.units(Series(node, RANK)) for node in rule.nodes)
    of = f"nodes of {len(rule.nodes)} in which {unit} is among the first {first}"
    return (high if ranked else low), high, of


def _count(rule: CountRule, row: Mapping[str, str], printed: PrintedTables) -> tuple[int, int, str]:
    """Return the fewest and most that the tables leave, and what was counted."""
    node = node_of(rule, row)
    words = dict(rule.members)
    words |= {name: row[name] for name in rule.member_columns if row[name]}
    if rule.group_columns:
        attribute, word = group_of(row, rule.group_columns)
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
    first = rule.first or (whole_number(row[rule.first_column]) or 0 if rule.first_column else 0)
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
