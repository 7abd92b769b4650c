"""How telling it is that a cell differs from the run of formulas it stands in."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from xlcity.audit.lint.finding import LintFinding
from xlcity.xlsx.cells import Position

#: Copies from which what a formula does is meant, and cells of another kind that make a line one
#: of them, if they are this part of its formulas.
SEVERAL, _PART = 3, 1 / 8


def surprise_of(kind: str, run: int, alone: bool, copies: int) -> float:
    """Return how telling a difference from a run of equal formulas is.

    The same cell without its $ has the same value, and a formula that has copies elsewhere, such
    as a row of subtotals that crosses a column of totals, is meant. So is another operator in
    three cells of a sheet or more, such as the lower bounds among upper ones.
    """
    if copies >= SEVERAL and kind in ("operator", "sign"):
        return 0.0
    if not alone and kind in ("other cell", "one off"):
        return math.log2(run + 1) - 2.0
    telling = {"extent": 2.0, "operator": 3.0, "sign": 2.0, "other cell": 0.0}
    telling |= {"one off": 3.0, "other sheet": 3.0, "part": 0.0}
    return math.log2(run + 1) + telling.get(kind, -2.0)


def stray(found: list[LintFinding], keys: Iterable[Position]) -> Iterator[LintFinding]:
    """Yield formulas of another kind; a whole row or column of them is a total, not a slip."""
    lines = _lines(position for f in found if (position := f.position))
    formulas = _lines(keys)
    for finding in found:
        position = finding.position
        assert position is not None
        if all(
            lines[line] < SEVERAL or lines[line] < _PART * formulas[line]
            for line in enumerate(position)
        ):
            yield finding


def typed_alone(found: list[LintFinding], keys: Iterable[Position]) -> Iterator[LintFinding]:
    """Yield typed numbers; where a whole line of them crosses the runs, it is one of inputs."""
    along = Counter(f.fault for f in found)
    crossing = Counter((f.fault[0], _across(f)) for f in found)
    formulas = _lines(keys)
    for finding in found:
        inputs = crossing[finding.fault[0], _across(finding)]
        several = inputs > 1 and inputs >= _PART * formulas[_across(finding)]
        fewer = 3.0 * several + math.log2(along[finding.fault])
        yield replace(finding, surprise=finding.surprise - fewer)


def _across(finding: LintFinding) -> tuple[int, int]:
    """Return the line that crosses the run: 0 and a row, or 1 and a column."""
    side = int(finding.fault[0] == "r")
    return side, (finding.position or (0, 0))[side]


def _lines(positions: Iterable[Position]) -> Counter[tuple[int, int]]:
    """Count cells by row (0 and its number) and by column (1 and its number)."""
    return Counter(line for position in positions for line in enumerate(position))
