"""Findings grouped by cause: one for each, with all the cells that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from xlcity.audit.lint.finding import LintFinding
from xlcity.errors import counted
from xlcity.xlsx.address import quote_sheet, ranges_text
from xlcity.xlsx.cells import Position

#: Rules whose findings have one cause, however many cells show it.
_ONE_CAUSE = frozenset(("E01", "E09", "E11"))


def group_by_cause(findings: Sequence[LintFinding]) -> list[LintFinding]:
    """Return a finding for each cause, errors first.

    Those of one rule have one cause that have one fault or message, or whose cells touch.
    """
    groups: dict[tuple[str, ...], list[LintFinding]] = {}
    cells: dict[tuple[str, str], dict[Position, LintFinding]] = {}
    for finding in findings:
        alone = finding.region or finding.beside or finding.position is None
        if finding.rule in _ONE_CAUSE or finding.fault or alone:
            cause = "" if finding.rule in _ONE_CAUSE else finding.fault or finding.message
            groups.setdefault((finding.severity, finding.rule, cause), []).append(finding)
        elif finding.position is not None:
            by_position = cells.setdefault((finding.rule, finding.sheet), {})
            by_position[finding.position] = finding
    for (rule, sheet), by_position in cells.items():
        for number, area in enumerate(_touching_cells(by_position)):
            group = [by_position[position] for position in area]
            groups[group[0].severity, rule, sheet, str(number)] = group
    severities = [finding.severity for finding in findings]
    order = sorted(groups, key=lambda key: severities.index(key[0]))
    return [_joined_finding(groups[key]) for key in order]


def _touching_cells(positions: Iterable[Position]) -> Iterator[list[Position]]:
    """Yield the cells that touch each other, corners included."""
    left = dict.fromkeys(sorted(positions))
    while left:
        area = [next(iter(left))]
        del left[area[0]]
        for row, column in area:
            for near in product((row - 1, row, row + 1), (column - 1, column, column + 1)):
                if near in left:
                    del left[near]
                    area.append(near)
        yield sorted(area)


def _joined_finding(group: list[LintFinding]) -> LintFinding:
    """Return one finding for several: the first, with the cells of all."""
    first = group[0]
    if len(group) == 1:
        return first
    positions: dict[str, list[Position]] = {first.sheet: []}
    for finding in group:
        if finding.position is not None:
            positions.setdefault(finding.sheet, []).append(finding.position)
    regions = [
        text if sheet == first.sheet else f"{quote_sheet(sheet)}!{text}"
        for sheet, cells in positions.items()
        for text in ranges_text(dict.fromkeys(cells)).split(", ")
    ]
    elsewhere = sum(f.sheet != first.sheet for f in group)
    message = f"{first.message} ({counted(len(group) - 1, 'more cell', 'more cells')}"
    message += f", {elsewhere} of them on other sheets)" if elsewhere else ")"
    return replace(first, message=message, region=", ".join(regions))
