"""Checks of printed statistics: correlations, their significance, words of a list."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xlcity.audit.tables.finding import Ends, TableCheck
from xlcity.audit.tables.number_intervals import interval_of_text
from xlcity.audit.tables.printed_numbers import PrintedCell, Series, spell
from xlcity.audit.tables.spec.load import PrintedTables, Row
from xlcity.audit.tables.spec.rules import CorrelationsRule
from xlcity.functions.correlate import fit_line, two_sided_p
from xlcity.reports.comparison import Printed

#: Two-sided p below which a coefficient has one star more.
LEVELS = (0.05, 0.01)


class StatisticCell(NamedTuple):
    """A printed statistic of a row beside what the printed scores, or r and n, give."""

    key: str
    published: Printed
    computed: Printed
    right: bool
    evidence: str
    expected: Ends = (None, None)
    suggestion: str = ""


def correlation_cells(
    rule: CorrelationsRule, row: Row, printed: PrintedTables
) -> Iterator[StatisticCell]:
    """Yield r, n, p and the stars of a row.

    r is that of everything that rounds to the printed scores; p and stars those of the printed r
    and n.
    """
    book = printed.book
    is_pair = row[rule.row] != row[rule.column]
    units = book.together(Series(row[rule.row]), Series(row[rule.column]))
    x, y = ([cells[side] for cells in units.values()] for side in (0, 1))
    text = row[rule.r]
    if not (ends := _ends(text)):
        return
    n = int(row[rule.n]) if rule.n and row[rule.n] else len(units)
    if len(units) > 2:
        exact, low, high = _r_range(x, y)
        yield StatisticCell(
            "r",
            float(text),
            exact,
            ends[0] <= high and low <= ends[1],
            f"r = {text} is printed; over the {len(x)} units with both scores printed it lies "
            f"between {low:.4f} and {high:.4f}: it was computed from other numbers.",
            (low, high),
            spell((low + high) / 2, text),
        )
        evidence = f"{len(units)} units have both scores printed."
        yield StatisticCell("n", float(n), float(len(units)), n == len(units), evidence)
    if not is_pair or n < 3:
        return
    squares = [0.0 if ends[0] <= 0 <= ends[1] else ends[0] ** 2, *(e * e for e in ends)]
    ratios = (r2 / (1 - min(r2, 1 - 1e-15)) for r2 in (min(squares), max(squares)))
    most, least = (two_sided_p(ratio, n - 2) for ratio in ratios)
    evidence = f"p of r = {text} with n = {n} is {least:.5f} to {most:.5f}."
    if rule.p and (printed_p := _ends(row[rule.p])):
        nearest = min(max(float(row[rule.p]), least), most)
        right = printed_p[0] <= most and least <= printed_p[1]
        yield StatisticCell(
            "p", float(row[rule.p]), nearest, right, evidence, (least, most)
        )
    if rule.flag:
        flag = row[rule.flag]
        fewest, greatest = (sum(p < level for level in LEVELS) for p in (most, least))
        right = flag.strip("*") != "" or fewest <= len(flag) <= max(
            greatest, len(flag) == 3
        )
        stars = "*" * min(max(len(flag), fewest), greatest)
        yield StatisticCell("flag", flag, stars, right, evidence)


def check_correlations(check: TableCheck, tested: TableCheck) -> None:
    """Check r of each pair against the printed scores, and its significance."""
    rule: CorrelationsRule = check.rule
    pairs: dict[frozenset[str], Row] = {}
    for row in check.rows():
        pairs.setdefault(frozenset((row[rule.row], row[rule.column])), row)
    for row in (row for several, row in pairs.items() if len(several) == 2):
        for cell in correlation_cells(rule, row, check.printed):
            if cell.key != "n":
                (check if cell.key == "r" else tested).compare(
                    row,
                    cell.published,
                    cell.computed,
                    cell.evidence,
                    right=cell.right,
                    node=f"{row[rule.row]}-{row[rule.column]}",
                    published=row[getattr(rule, cell.key)],
                    expected=cell.expected,
                    suggestion=cell.suggestion,
                    kind="as computed" if cell.key == "r" else "",
                )
    check.cells = tested.cells = sum(len(pair) == 2 for pair in pairs)


def _ends(text: str) -> tuple[float, float] | None:
    """Return the least and greatest number that may be printed so; None where none is printed."""
    ends = interval_of_text(text)
    return None if ends is None else (float(ends.low), float(ends.high))


def _r_range(
    x: Sequence[PrintedCell], y: Sequence[PrintedCell]
) -> tuple[float, float, float]:
    """Return r, and bounds of it over everything that rounds to the printed columns.

    r is monotone in each number as far as half a printed digit goes, so each is pushed to the side
    that its derivative tells: first order, the rest is widened by half as much again.
    """
    a, b = (np.array([float(cell.value) for cell in cells]) for cells in (x, y))
    r = float(fit_line(a, b).r)
    za = (a - a.mean()) / a.std()
    zb = (b - b.mean()) / b.std()
    half_a, half_b = (np.array([cell.reach for cell in cells]) for cells in (x, y))
    reach = (
        np.abs(zb - r * za) @ half_a / a.std() + np.abs(za - r * zb) @ half_b / b.std()
    )
    widened = 1.5 * float(reach) / len(a)
    return r, r - widened, r + widened


def check_words(check: TableCheck) -> None:
    """Check that a column holds names out of a list."""
    rule = check.rule
    for row in check.rows():
        if word := row[rule.column]:
            near = "".join(difflib.get_close_matches(word, rule.allowed, 1))
            check.compare(
                row,
                word,
                near,
                f"{word!r} is none of {', '.join(rule.allowed)}.",
                right=word in rule.allowed,
                unit=row.get(check.unit_column, ""),
                node=row.get("node", rule.column),
                suggestion=near,
                kind="spelling" if near else "",
                column=rule.column,
            )
