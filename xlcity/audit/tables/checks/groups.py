"""Groups of units: subtables against the main ranking, means of groups against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from xlcity.audit.tables.checks.rank_positions import group_of, members_of, standing
from xlcity.audit.tables.checks.tiers import PrintedList
from xlcity.audit.tables.finding import TableCheck, node_of
from xlcity.audit.tables.spec.cells import Series, whole_number
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import GreaterRule, SubtableRule
from xlcity.grouping import grouped

#: Its findings come after those of modules with a smaller one.
PLACE = 5


def published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of groups."""
    for rule in spec.rules["subtable"]:
        yield _subtable(TableCheck("subtable", rule, spec, printed))
    for rule in spec.rules["greater"]:
        yield _greater(TableCheck("greater-mean", rule, spec, printed))


def printed_subtables(rule: SubtableRule, printed: PrintedTables) -> Iterator[PrintedList]:
    """Yield the subtables of a table."""
    blocks = grouped(
        ((node_of(rule, row), group_of(row, rule.group_columns)), row)
        for row in printed.files[rule.table]
    )
    for (node, group), rows in blocks.items():
        places = standing(printed, node)
        inside = places.within(members_of(printed, group, places))
        names = [row[printed.unit_columns[rule.table]] for row in rows]
        yield PrintedList(rows, node, group, names, inside, (1, len(names)))


def _subtable(check: TableCheck) -> TableCheck:
    """Check that a subtable lists the first members of its group, each at its place."""
    rule: SubtableRule = check.rule
    for rows, node, (attribute, word), listed, inside, *_ in printed_subtables(rule, check.printed):
        places = inside.places
        check.cells += len(listed)
        for row, unit in zip(rows, listed, strict=True):
            span, printed_place = places.get(unit), whole_number(row[rule.rank]) or 0
            stranger = not _has(check.printed, unit, {attribute: word})
            if stranger:
                why = f"{unit} does not belong to {attribute} {word}"
            elif span is not None and not span[0] <= printed_place <= span[1]:
                why = f"{unit} stands at {printed_place} of {attribute} {word} in {node}, "
                why += f"by the main ranking at {span[0]}"
            else:
                continue
            check.add(
                f"{why}.",
                row,
                unit=unit,
                node=node,
                published=row[rule.rank],
                expected=(None, None) if span is None else tuple(map(float, span)),
                suggestion="" if span is None else str(span[0]),
                kind="membership" if stranger else "place in the group",
            )
        for unit, (_, last) in places.items():
            if last <= len(listed) and unit not in listed:
                check.add(
                    f"{unit} is among the first {len(listed)} of {attribute} {word} in {node} by "
                    "the main ranking, and is not listed.",
                    unit=unit,
                    node=node,
                    suggestion=str(last),
                    kind="left out",
                )
    return check


def _greater(check: TableCheck) -> TableCheck:
    """Check that one group's mean of printed scores is greater than another's."""
    rule: GreaterRule = check.rule
    for row in check.rows():
        node = row[rule.node_column]
        scores = check.printed.book.first(Series(node))
        means = []
        for units in compared_groups(rule, row, check.printed):
            chosen = [cell for unit, cell in scores.items() if unit in units]
            if chosen:
                low = sum(Fraction(c.value - c.below) for c in chosen) / len(chosen)
                high = sum(Fraction(c.value + c.above) for c in chosen) / len(chosen)
                means.append((low, high))
        if len(means) < 2:
            continue
        check.cells += 1
        (_, first_high), (second_low, _) = means
        if first_high <= second_low:
            first_mean, second_mean = (f"{float(low + high) / 2:.3f}" for low, high in means)
            first, second = row[rule.first], row[rule.second]
            check.add(
                f"the mean of {node} is {first_mean} in {first} and {second_mean} in {second}.",
                row,
                node=node,
                published=f"{first} > {second}",
                kind="text against table",
            )
    return check


def compared_groups(
    rule: GreaterRule, row: Mapping[str, str], printed: PrintedTables
) -> tuple[set[str], set[str]]:
    """Return the units of the group that is said to have the greater mean, and of the other."""
    common = {name: row[name] for name in rule.also if row[name]}
    first, second = (
        {
            unit
            for unit in printed.attributes
            if _has(printed, unit, {row[rule.attribute_column]: row[word], **common})
        }
        for word in (rule.first, rule.second)
    )
    return first, second


def _has(printed: PrintedTables, unit: str, words: Mapping[str, str]) -> bool:
    own = printed.attributes.get(unit, {})
    return all(own.get(attribute) == word for attribute, word in words.items())
