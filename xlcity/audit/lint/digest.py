"""The handful of findings to read first: one for each cause, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from xlcity.audit.lint.finding import LEAST, LintFinding
from xlcity.audit.lint.registry import SEVERITIES
from xlcity.errors import counted
from xlcity.xlsx.address import quote_sheet, ranges_text
from xlcity.xlsx.cells import Position

#: Errors shown at most, findings up to which warnings fill the list, and warnings in any case.
ERRORS, HANDFUL, _WARNINGS = 12, 5, 3
#: Rules whose findings have one cause, however many cells show it.
_ONCE = frozenset(("E01", "E09", "E11"))
#: Warnings about values and sums come before those about the way a formula is written.
_FIRST = (
    "W13", "W25", "W24", "W17", "W23", "W27", "W26", "W28", "W02", "W06", "W12",
    "W07", "W08", "W15", "W05", "W04", "W03", "W09",
)  # fmt: skip


def digest(findings: Sequence[LintFinding], *, certain: bool) -> list[LintFinding]:
    """Return the findings to show by default.

    Parameters
    ----------
    findings
        All findings.
    certain
        Whether formulas were compared with a template: then no cause is left out.
    """
    severities = ([f for f in findings if f.severity == name] for name in SEVERITIES.values())
    if certain:
        return [one for found in severities for one in _by_place(found)]
    errors, warnings, notes = map(_by_cause, severities)
    errors.sort(key=lambda finding: -finding.surprise)
    errors = [finding for finding in errors if finding.surprise >= LEAST][:ERRORS]
    warnings.sort(key=lambda f: _FIRST.index(f.rule) if f.rule in _FIRST else len(_FIRST))
    return [*errors, *warnings[: max(HANDFUL - len(errors), _WARNINGS)], *notes]


def _by_place(findings: Iterable[LintFinding]) -> list[LintFinding]:
    """Return a finding for each cause: what has one fault, or cells of one rule that touch."""
    groups: dict[tuple[str, ...], list[LintFinding]] = {}
    cells: dict[tuple[str, str], dict[Position, LintFinding]] = {}
    for finding in findings:
        alone = finding.region or finding.beside or finding.position is None
        if finding.rule in _ONCE or finding.fault or alone:
            cause = "" if finding.rule in _ONCE else finding.fault or finding.message
            groups.setdefault((finding.rule, cause), []).append(finding)
        elif finding.position is not None:
            cells.setdefault((finding.rule, finding.sheet), {})[finding.position] = finding
    for key, by_cell in cells.items():
        for number, area in enumerate(_areas(by_cell)):
            groups[(*key, str(number))] = [by_cell[position] for position in area]
    return [_one(group) for group in groups.values()]


def _areas(positions: Iterable[Position]) -> Iterator[list[Position]]:
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


def _by_cause(findings: Iterable[LintFinding]) -> list[LintFinding]:
    groups: dict[tuple[str, str], list[LintFinding]] = {}
    for finding in findings:
        cause = finding.fault or f"{finding.sheet}!{finding.cell}"
        if finding.severity != "error" or finding.rule in _ONCE:
            cause = ""
        groups.setdefault((finding.rule, cause), []).append(finding)
    # Sheets made of one another have their faults in the same places.
    copies: dict[tuple[str, str, str], list[LintFinding]] = {}
    for (rule, _), group in groups.items():
        same = (rule, group[0].cell, _without_places(group[0]))
        copies.setdefault(same, []).extend(group)
    return [_one(group) for group in copies.values()]


def _without_places(finding: LintFinding) -> str:
    """Return a message without the names of its own sheet and without numbers."""
    text = finding.message.replace(f"{quote_sheet(finding.sheet)}!", "")
    return re.sub(r"\b\d[\d.]*", "", text)


def _one(group: list[LintFinding]) -> LintFinding:
    """Return one finding for several: the most telling, with the cells of all."""
    first = max(group, key=lambda finding: finding.surprise)
    if len(group) == 1:
        return first
    places: dict[str, list[Position]] = {first.sheet: []}
    for finding in group:
        if finding.position is not None:
            places.setdefault(finding.sheet, []).append(finding.position)
    regions = [
        text if sheet == first.sheet else f"{quote_sheet(sheet)}!{text}"
        for sheet, cells in places.items()
        for text in ranges_text(dict.fromkeys(cells)).split(", ")
    ]
    elsewhere = sum(f.sheet != first.sheet for f in group)
    message = f"{first.message} ({counted(len(group) - 1, 'more cell', 'more cells')}"
    message += f", {elsewhere} of them on other sheets)" if elsewhere else ")"
    return replace(first, message=message, region=", ".join(regions))
