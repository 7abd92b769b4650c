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
    ends = _ends(row[rule.r])
    if not ends:
        return
    first = Series(row[rule.row])
    second = Series(row[rule.column])
    pairs = [*printed.book.together(first, second).values()]
    stated = row[rule.n] if rule.n else ""
    n = int(stated) if stated else len(pairs)
    if len(pairs) > 2:
        yield _compare_r(row[rule.r], ends, pairs)
        yield StatisticCell(
            "n",
            float(n),
            float(len(pairs)),
            right=n == len(pairs),
            evidence=f"{len(pairs)} units have both scores printed.",
        )
    if row[rule.row] != row[rule.column] and n >= 3:
        yield from _compare_significance(rule, row, ends, n)


def _compare_r(
    text: str, ends: _Limits, pairs: Sequence[Sequence[PrintedCell]]
) -> StatisticCell:
    """Return a printed r beside that of pairs of printed scores."""
    exact, low, high = _r_range(*zip(*pairs, strict=True))
    return StatisticCell(
        "r",
        float(text),
        exact,
        right=ends.low <= high and low <= ends.high,
        evidence=f"r = {text} is printed; over the {len(pairs)} units with both scores printed it "
        f"lies between {low:.4f} and {high:.4f}: it was computed from other numbers.",
        expected=(low, high),
        suggestion=spell((low + high) / 2, text),
    )


def _compare_significance(
    rule: CorrelationsRule,
    row: Row,
    ends: _Limits,
    n: int,
) -> Iterator[StatisticCell]:
    """Yield p and stars of a row beside those of its r, between some limits, and n."""
    squares = (ends.low**2, ends.high**2)
    weakest = 0.0 if ends.low <= 0 <= ends.high else min(squares)
    most = _p_of(weakest, n)
    least = _p_of(max(squares), n)
    evidence = f"p of r = {row[rule.r]} with n = {n} is {least:.5f} to {most:.5f}."
    printed = _ends(row[rule.p]) if rule.p else None
    if printed:
        yield StatisticCell(
            "p",
            float(row[rule.p]),
            min(max(float(row[rule.p]), least), most),
            right=printed.low <= most and least <= printed.high,
            evidence=evidence,
            expected=(least, most),
        )
    if rule.flag:
        flag = row[rule.flag]
        fewest = sum(most < level for level in LEVELS)
        greatest = sum(least < level for level in LEVELS)
        # Three stars may be printed where the levels know of two.
        is_possible = fewest <= len(flag) <= max(greatest, len(flag) == 3)
        yield StatisticCell(
            "flag",
            flag,
            "*" * min(max(len(flag), fewest), greatest),
            right=flag.strip("*") != "" or is_possible,
            evidence=evidence,
        )


def _p_of(square: float, n: int) -> float:
    """Return p of a correlation of which the square is given."""
    return two_sided_p(square / (1 - min(square, 1 - 1e-15)), n - 2)


def check_correlations(check: TableCheck, tested: TableCheck) -> None:
    """Check r of each pair against the printed scores, and its significance."""
    rule: CorrelationsRule = check.rule
    rows: dict[frozenset[str], Row] = {}
    for row in check.rows():
        rows.setdefault(frozenset((row[rule.row], row[rule.column])), row)
    pairs = [row for nodes, row in rows.items() if len(nodes) == 2]
    for row in pairs:
        for cell in correlation_cells(rule, row, check.printed):
            if cell.key == "n":
                continue
            is_r = cell.key == "r"
            (check if is_r else tested).compare(
                row,
                cell.published,
                cell.computed,
                cell.evidence,
                right=cell.right,
                node=f"{row[rule.row]}-{row[rule.column]}",
                published=row[getattr(rule, cell.key)],
                expected=cell.expected,
                suggestion=cell.suggestion,
                kind="as computed" if is_r else "",
            )
    check.cells = tested.cells = len(pairs)


class _Limits(NamedTuple):
    """The least and the greatest number that may be printed as a text."""

    low: float
    high: float


def _ends(text: str) -> _Limits | None:
    """Return the numbers that may be printed so; None where none is printed."""
    ends = interval_of_text(text)
    return None if ends is None else _Limits(float(ends.low), float(ends.high))


def _r_range(
    x: Sequence[PrintedCell], y: Sequence[PrintedCell]
) -> tuple[float, float, float]:
    """Return r, and bounds of it over everything that rounds to the printed columns.

    r is monotone in each number as far as half a printed digit goes, so each is pushed to the side
    that its derivative tells: first order, the rest is widened by half as much again.
    """
    a = np.array([float(cell.value) for cell in x])
    b = np.array([float(cell.value) for cell in y])
    r = float(fit_line(a, b).r)
    za = (a - a.mean()) / a.std()
    zb = (b - b.mean()) / b.std()
    half_a = np.array([cell.reach for cell in x])
    half_b = np.array([cell.reach for cell in y])
    reach_a = np.abs(zb - r * za) @ half_a / a.std()
    reach_b = np.abs(za - r * zb) @ half_b / b.std()
    widened = 1.5 * float(reach_a + reach_b) / len(a)
    return r, r - widened, r + widened


def check_words(check: TableCheck) -> None:
    """Check that a column holds names out of a list."""
    rule = check.rule
    for row in check.rows():
        word = row[rule.column]
        if not word:
            continue
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
