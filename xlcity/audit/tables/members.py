"""Groups of units: subtables against the main ranking, means of groups against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from xlcity.audit.tables.cells import Series, whole_number
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed, selected
from xlcity.audit.tables.rules import Greater, Subtable
from xlcity.audit.tables.spec import Spec
from xlcity.audit.tables.standing import standing
from xlcity.audit.tables.statistics import Told, finding


def memberships(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Yield what the checks of groups did and found."""
    for rule in spec.rules["subtable"]:
        yield _subtable(rule, spec, printed)
    for rule in spec.rules["greater"]:
        yield _greater(rule, spec, printed)


def _subtable(rule: Subtable, spec: Spec, printed: Printed) -> Told:
    """Check that a subtable lists the first members of its group, each at its place."""
    unit_column = printed.unit_columns[rule.table]
    blocks: dict[tuple[str, str, str], list[Mapping[str, str]]] = {}
    for row in printed.files[rule.table]:
        node = row[rule.node_column] if rule.node_column else rule.node
        attribute, word = (row[name] for name in rule.group_columns)
        blocks.setdefault((node, attribute, word), []).append(row)
    told: list[Finding] = []
    cells = 0
    for (node, attribute, word), rows in blocks.items():
        own = {unit for unit, about in printed.attributes.items() if about.get(attribute) == word}
        places = standing(printed, node).within(sorted(own)).places
        listed = [row[unit_column] for row in rows]
        cells += len(listed)
        for row in rows:
            unit = row[unit_column]
            place, at = places.get(unit), whole_number(row[rule.rank]) or 0
            if unit not in own:
                why = f"{unit} does not belong to {attribute} {word}"
            elif place is not None and not place[0] <= at <= place[1]:
                why = f"{unit} stands at {at} of {attribute} {word} in {node}, by the main ranking "
                why += f"at {place[0]}"
            else:
                continue
            told.append(
                finding(
                    "subtable",
                    Severity.WARNING,
                    rule.table,
                    unit=unit,
                    node=node,
                    published=row[rule.rank],
                    expected=(None, None) if place is None else tuple(map(float, place)),
                    suggestion="" if place is None else str(place[0]),
                    kind="membership" if unit not in own else "place in the group",
                    evidence=f"{why}.",
                    where=row.get(spec.head.line, ""),
                )
            )
        for unit, (_, last) in places.items():
            if last <= len(listed) and unit not in listed:
                evidence = f"{unit} is among the first {len(listed)} of {attribute} {word} in "
                evidence += f"{node} by the main ranking, and is not listed."
                told.append(
                    finding(
                        "subtable",
                        Severity.WARNING,
                        rule.table,
                        unit=unit,
                        node=node,
                        suggestion=str(last),
                        kind="left out",
                        evidence=evidence,
                    )
                )
    return Checked("subtable", rule.table, cells), told


def _greater(rule: Greater, spec: Spec, printed: Printed) -> Told:
    """Check that one group's mean of printed scores is greater than another's."""
    told: list[Finding] = []
    cells = 0
    for row in printed.files[rule.table]:
        if not selected(row, rule.where):
            continue
        node, attribute = row[rule.node_column], row[rule.attribute_column]
        scores = printed.book.first(Series(node))
        more = {name: row[name] for name in rule.also if row[name]}
        means = []
        for word in (row[rule.first], row[rule.second]):
            chosen = [
                cell
                for unit, cell in scores.items()
                if _has(printed, unit, {attribute: word, **more})
            ]
            if chosen:
                low = sum(Fraction(c.value - c.below) for c in chosen) / len(chosen)
                high = sum(Fraction(c.value + c.above) for c in chosen) / len(chosen)
                means.append((low, high))
        if len(means) < 2:
            continue
        cells += 1
        (_, first_high), (second_low, _) = means
        if first_high <= second_low:
            one, other = (f"{float(low + high) / 2:.3f}" for low, high in means)
            told.append(
                finding(
                    "greater-mean",
                    Severity.WARNING,
                    rule.table,
                    node=node,
                    published=f"{row[rule.first]} > {row[rule.second]}",
                    kind="text against table",
                    evidence=(
                        f"the mean of {node} is {one} in {row[rule.first]} and {other} in "
                        f"{row[rule.second]}."
                    ),
                    where=row.get(spec.head.line, ""),
                )
            )
    return Checked("greater-mean", rule.table, cells), told


def _has(printed: Printed, unit: str, words: Mapping[str, str]) -> bool:
    own = printed.attributes.get(unit, {})
    return all(own.get(attribute) == word for attribute, word in words.items())
