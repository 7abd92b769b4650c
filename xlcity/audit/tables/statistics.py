"""Checks of whole columns: correlations, classes, shares of one total, changes that balance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from xlcity.audit.tables.cells import Book, Cell, Rounding, Series, margins, read_number
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed, selected
from xlcity.audit.tables.rules import Correlations
from xlcity.audit.tables.spec import Spec
from xlcity.functions.block import Matrix
from xlcity.functions.correlate import fit_line

Told = tuple[Checked, list[Finding]]


def statistics(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Yield what each check of columns did and found."""
    for rule in spec.rules["correlations"]:
        yield from _correlations(rule, spec, printed)
    yield from _squares(spec, printed)
    yield from _totals(spec, printed)
    yield from _balances(spec, printed)
    yield from _words(spec, printed)
    for rule in spec.rules["clusters"]:
        from xlcity.audit.tables.classes import classes

        yield classes(rule, spec, printed)


def finding(check: str, severity: Severity, table: str, **more: object) -> Finding:
    """Return a finding on a table; what is not given is empty."""
    filled: dict[str, object] = {
        "unit": "",
        "node": "",
        "published": "",
        "expected": (None, None),
        "suggestion": "",
        "kind": "",
        "evidence": "",
        **more,
    }
    return Finding(check, severity, table, **filled)  # type: ignore[arg-type]


def _correlations(rule: Correlations, spec: Spec, printed: Printed) -> Iterator[Told]:
    rows = [row for row in printed.files[rule.table] if row[rule.row] != row[rule.column]]
    line = spec.head.line
    found, tested, mirrored = [], [], []
    seen: dict[frozenset[str], Mapping[str, str]] = {}
    for row in rows:
        pair = frozenset((row[rule.row], row[rule.column]))
        if pair in seen:
            first = seen[pair]
            if first[rule.r] != row[rule.r]:
                mirrored.append(
                    finding(
                        "correlation",
                        Severity.WARNING,
                        rule.table,
                        node=f"{row[rule.row]}-{row[rule.column]}",
                        published=row[rule.r],
                        suggestion=first[rule.r],
                        kind="not symmetric",
                        evidence=f"{row[rule.r]} and {first[rule.r]} stand for the same pair.",
                        where=row.get(line, ""),
                    )
                )
            continue
        seen[pair] = row
        told = _one_r(rule, row, printed.book, line)
        found += [] if told is None else [told]
        tested += list(_significance(rule, row, line))
    yield Checked("correlation", rule.table, len(seen)), found + mirrored
    yield Checked("significance", rule.table, len(seen)), tested


def _columns(book: Book, one: str, other: str) -> tuple[list[Cell], list[Cell]]:
    a, b = book.first(Series(one)), book.first(Series(other))
    units = [unit for unit in a if unit in b]
    return [a[unit] for unit in units], [b[unit] for unit in units]


def _one_r(rule: Correlations, row: Mapping[str, str], book: Book, line: str) -> Finding | None:
    """Compare a printed r with those that the printed columns leave possible."""
    x, y = _columns(book, row[rule.row], row[rule.column])
    text = row[rule.r]
    printed = read_number(text)
    if printed is None or len(x) < 3:
        return None
    low, high = _r_range(x, y)
    half = float(margins(text, Rounding.NEAREST)[0])
    value = float(printed)
    if value + half >= low and value - half <= high:
        return None
    ranks = _spearman(x, y)
    also = (
        "" if abs(ranks - value) > half else f" Spearman's rank correlation would be {ranks:.4f}."
    )
    return finding(
        "correlation",
        Severity.WARNING,
        rule.table,
        node=f"{row[rule.row]}-{row[rule.column]}",
        published=text,
        expected=(low, high),
        suggestion=_like((low + high) / 2, text),
        kind="as computed",
        evidence=(
            f"r = {text} is printed; over the {len(x)} units with both scores printed it lies "
            f"between {low:.4f} and {high:.4f}: it was computed from other numbers.{also}"
        ),
        where=row.get(line, ""),
    )


def _like(value: float, text: str) -> str:
    shown = f"{value:.{len(text.partition('.')[2])}f}"
    return shown.replace("0.", ".", 1) if text.lstrip("-").startswith(".") else shown


def _values(cells: Sequence[Cell]) -> Matrix:
    return np.array([float(cell.value) for cell in cells])


def _r_range(x: Sequence[Cell], y: Sequence[Cell]) -> tuple[float, float]:
    """Return bounds of r over everything that rounds to the printed columns.

    r is monotone in each number as far as half a printed digit goes, so each is pushed to the side
    that its derivative tells: first order, the rest is widened by half as much again.
    """
    a, b = _values(x), _values(y)
    r = float(fit_line(a, b).r)
    n = len(a)
    za, zb = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    half_a = np.array([float(cell.below + cell.above) / 2 for cell in x])
    half_b = np.array([float(cell.below + cell.above) / 2 for cell in y])
    reach = np.abs(zb - r * za) @ half_a / (n * a.std()) + np.abs(za - r * zb) @ half_b / (
        n * b.std()
    )
    return r - 1.5 * float(reach), r + 1.5 * float(reach)


def _spearman(x: Sequence[Cell], y: Sequence[Cell]) -> float:
    from scipy.stats import rankdata

    return float(fit_line(rankdata(_values(x)), rankdata(_values(y))).r)


def _significance(rule: Correlations, row: Mapping[str, str], line: str) -> Iterator[Finding]:
    """Compare p with that of r and n, and the flag with both."""
    r, n = read_number(row[rule.r]), read_number(row[rule.n]) if rule.n else None
    if r is None or n is None or n < 3:
        return
    half = float(margins(row[rule.r], Rounding.NEAREST)[0])
    ends = sorted(_p(end, int(n)) for end in (float(r) - half, float(r) + half))
    if abs(r) <= half:
        ends[1] = 1.0
    printed = read_number(row[rule.p]) if rule.p else None
    if printed is not None:
        reach = float(margins(row[rule.p], Rounding.NEAREST)[0])
        value = float(printed)
        if value + reach < ends[0] or value - reach > ends[1]:
            yield finding(
                "significance",
                Severity.ERROR,
                rule.table,
                node=f"{row[rule.row]}-{row[rule.column]}",
                published=row[rule.p],
                expected=(ends[0], ends[1]),
                evidence=f"p of r = {row[rule.r]} with n = {n} is {ends[0]:.5f} to {ends[1]:.5f}.",
                where=row.get(line, ""),
            )
    if rule.flag:
        stars = row[rule.flag].count("*")
        levels = [sum(p < level for level in (0.05, 0.01)) for p in ends]
        if row[rule.flag].strip("*") == "" and not min(levels) <= stars <= max(
            max(levels), stars == 3
        ):
            yield finding(
                "significance",
                Severity.ERROR,
                rule.table,
                node=f"{row[rule.row]}-{row[rule.column]}",
                published=row[rule.flag],
                evidence=f"p of r = {row[rule.r]} with n = {n} is {ends[0]:.5f} to {ends[1]:.5f}.",
                where=row.get(line, ""),
            )


def _p(r: float, n: int) -> float:
    from scipy.special import betainc

    r = max(-1.0, min(1.0, r))
    return float(betainc((n - 2) / 2, 0.5, 1 - r * r))


def _squares(spec: Spec, printed: Printed) -> Iterator[Told]:
    for rule in spec.rules["r_square"]:
        told, rows = [], 0
        for row in printed.files[rule.table]:
            r, square = read_number(row[rule.coefficient]), read_number(row[rule.r_square])
            if r is None or square is None:
                continue
            rows += 2
            down, up = margins(row[rule.coefficient], Rounding.NEAREST)
            ends = sorted(
                ((abs(r) - down) ** 2 if abs(r) > down else Decimal(0), (abs(r) + up) ** 2)
            )
            below, above = margins(row[rule.r_square], Rounding.NEAREST)
            if square + above < ends[0] or square - below > ends[1]:
                told.append(
                    finding(
                        "r-square",
                        Severity.ERROR,
                        rule.table,
                        node=row.get(rule.node, "") if rule.node else "",
                        published=row[rule.r_square],
                        expected=(float(ends[0]), float(ends[1])),
                        suggestion=_like(float(r) ** 2, row[rule.r_square]),
                        kind="as computed",
                        evidence=(
                            f"with one predictor R2 is the square of the coefficient "
                            f"{row[rule.coefficient]}: {ends[0]:.4f} to {ends[1]:.4f}."
                        ),
                        where=row.get(spec.head.line, ""),
                    )
                )
        yield Checked("r-square", rule.table, rows), told


def _totals(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Infer the one total that all shares of counts go with."""
    for rule in spec.rules["share"]:
        if rule.total:
            continue
        lows, highs = [], []
        for row in printed.files[rule.table]:
            count, share = read_number(row[rule.count]), read_number(row[rule.share])
            if count is None or share is None or share <= 0:
                continue
            below, above = margins(row[rule.share], Rounding.NEAREST)
            lows.append(100 * count / (share + above))
            highs.append(100 * count / (share - below))
        if not lows:
            continue
        low, high = max(lows), min(highs)
        whole = math.ceil(low), math.floor(high)
        possible = whole[0] <= whole[1]
        text = (
            f"every share is that of one total between {whole[0]} and {whole[1]}"
            if possible
            else f"no one total fits all shares ({float(low):.2f} to {float(high):.2f})"
        )
        yield (
            Checked("shares", rule.table, 2 * len(lows)),
            [
                finding(
                    "shares",
                    Severity.NOTE if possible else Severity.ERROR,
                    rule.table,
                    node=rule.share,
                    expected=(float(low), float(high)),
                    suggestion=str(whole[0]) if whole[0] == whole[1] else "",
                    kind="total inferred" if possible else "",
                    evidence=f"{text}.",
                )
            ],
        )


def _balances(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Check that the moves of units among themselves sum to 0."""
    for rule in spec.rules["change"]:
        if not rule.balanced:
            continue
        rows = [row for row in printed.files[rule.table] if selected(row, rule.where)]
        moves = [read_number(row[rule.change]) for row in rows]
        total = sum((move for move in moves if move is not None), Decimal(0))
        told = []
        if total != 0:
            told.append(
                finding(
                    "change",
                    Severity.ERROR,
                    rule.table,
                    node=rule.change,
                    published=str(total),
                    expected=(0.0, 0.0),
                    evidence=f"the moves of {len(moves)} units among themselves sum to {total}.",
                )
            )
        yield Checked("change", rule.table, len(moves)), told


def _words(spec: Spec, printed: Printed) -> Iterator[Told]:
    for rule in spec.rules["words"]:
        told, cells = [], 0
        for row in printed.files[rule.table]:
            word = row[rule.column]
            if not selected(row, rule.where) or not word:
                continue
            cells += 1
            if word not in rule.allowed:
                near = _nearest(word, rule.allowed)
                told.append(
                    finding(
                        "words",
                        Severity.WARNING,
                        rule.table,
                        unit=row.get(printed.unit_columns[rule.table], ""),
                        node=row.get("node", rule.column),
                        published=word,
                        suggestion=near,
                        kind="spelling" if near else "",
                        evidence=f"{word!r} is none of {', '.join(rule.allowed)}.",
                        column=rule.column,
                        where=row.get(spec.head.line, ""),
                    )
                )
        yield Checked("words", rule.table, cells), told


def _nearest(word: str, allowed: Sequence[str]) -> str:
    import difflib

    return next(iter(difflib.get_close_matches(word, allowed, 1)), "")
