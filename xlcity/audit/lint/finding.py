"""What the lint found, and what a person has allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xlcity.audit.lint.registry import rules
from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.cells import Position
from xlcity.xlsx.editing.comments import Comment

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


def allowed_in_notes(
    comments: Mapping[tuple[str, Position], Comment],
) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield (rule, sheet, cell) and reason of notes such as ``xlcity: allow E02 as in print``."""
    for (sheet, position), comment in comments.items():
        match = _NOTE.search(comment.text)
        if match is not None and match[2].strip():
            for rule in re.findall(r"[EW]\d\d", match[1]):
                yield (rule, sheet, cell_name(*position)), match[2].strip()
