"""What the lint found, and what a person has allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlcity.audit.lint.registry import rules
from xlcity.data_files import parse_toml
from xlcity.errors import Problem, UsageError, Where
from xlcity.xlsx.address import cell_name, parse_cell, parse_range
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import Comment
from xlcity.xlsx.limits import read_file

_NOTE = re.compile(r"xlcity\s*:\s*allow\s+([EW]\d\d(?:\s*[, ]\s*[EW]\d\d)*)\s*[:,;-]?\s*(.*)", re.S)


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One finding: the rule, the cell, what was seen there.

    `region` is the range of cells that share the fault where `cell` is only the first of them,
    `beside` the cells that contradict it. Findings with one `fault` have one cause. What is judged
    by its neighbours alone `is_guess`: a warning, whatever the rule.
    """

    rule: str
    sheet: str
    cell: str
    message: str
    fix: str = ""
    region: str = ""
    beside: str = ""
    fault: str = ""
    is_guess: bool = False

    @property
    def severity(self) -> str:
        """Severity: that of the rule, or "warning" for a guess."""
        return "warning" if self.is_guess else rules()[self.rule].severity

    @property
    def position(self) -> Position | None:
        """Row and column; ``None`` for a whole sheet or workbook."""
        return parse_cell(self.cell) if self.cell else None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        document = {
            "rule": self.rule,
            "severity": self.severity,
            "sheet": self.sheet,
            "cell": self.cell,
            "message": self.message,
            "fix": self.fix or rules()[self.rule].fix,
        }
        cells = {"region": self.region, "beside": self.beside}
        return {**document, **{key: text for key, text in cells.items() if text}}


def finding_at(
    rule: str, sheet: str, position: Position, message: str, **details: Any
) -> LintFinding:
    """Return a finding in a cell."""
    return LintFinding(rule, sheet, cell_name(*position), message, **details)


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exception with its reason: a rule in some cells; no sheet or no range means all."""

    rule: str
    reason: str
    sheet: str = ""
    cells: str = ""

    def covers(self, finding: LintFinding) -> bool:
        """Tell whether a finding is allowed."""
        if self.rule != finding.rule or self.sheet not in ("", finding.sheet):
            return False
        if not self.cells:
            return True
        if finding.position is None:
            return False
        r1, c1, r2, c2 = parse_range(self.cells.replace("$", ""))
        row, column = finding.position
        return r1 <= row <= r2 and c1 <= column <= c2


def read_allowed(path: str | Path) -> tuple[Exemption, ...]:
    """Read exceptions from a TOML file of ``[[allow]]`` tables: rule, reason, sheet, cells.

    Raises
    ------
    UsageError
        If the file cannot be read, or an exception lacks its rule or its reason: all at once.
    """
    try:
        document = parse_toml(read_file(path).decode("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", "It is a TOML file.") from error
    problems: list[Problem] = []
    exemptions = []
    for number, entry in enumerate(document.get("allow", ()), 1):
        words = (str(entry.get(key, "")) for key in ("rule", "reason", "sheet", "cells"))
        exemption = Exemption(*words)
        wrong = "" if exemption.rule in rules() else f"unknown rule {exemption.rule!r}"
        if not wrong and not exemption.reason.strip():
            wrong = "an exception needs its reason"
        if not wrong and exemption.cells:
            try:
                parse_range(exemption.cells.replace("$", ""))
            except ValueError as error:
                wrong = str(error)
        if wrong:
            where = Where(file=str(path))
            hint = 'Write rule = "W01", reason = "…", and sheet and cells if it is not everywhere.'
            problems.append(Problem("XC100", f"exception {number}: {wrong}.", hint, where))
        exemptions.append(exemption)
    if problems:
        raise UsageError(problems)
    return tuple(exemptions)


def allowed_in_notes(
    comments: Mapping[tuple[str, Position], Comment],
) -> Iterator[Exemption]:
    """Yield the exceptions in cell comments: ``xlcity: allow W01 because …``."""
    for (sheet, position), comment in comments.items():
        match = _NOTE.search(comment.text)
        if match is not None and match[2].strip():
            for rule in re.findall(r"[EW]\d\d", match[1]):
                yield Exemption(rule, match[2].strip(), sheet, cell_name(*position))
