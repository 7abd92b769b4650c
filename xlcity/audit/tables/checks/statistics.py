"""Checks of whole columns: correlations, classes, shares of one total, changes that balance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import numpy as np

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.spec.cells import (
    PrintedCell,
    PrintedNumbers,
    Rounding,
    Series,
    margins,
    read_number,
)
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import CorrelationsRule
from xlcity.functions.block import Matrix
from xlcity.functions.correlate import fit_line

#: Its findings come after those of modules with a smaller one.
PLACE = 1


def published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of columns."""
    for rule in spec.rules["correlations"]:
        yield from _correlations(rule, spec, printed)
    for rule in spec.rules["r_square"]:
        yield _squares(TableCheck("r-square", rule, spec, printed, Severity.ERROR))
    for rule in spec.rules["share"]:
        if not rule.total:
            yield from _total(TableCheck("shares", rule, spec, printed))
    for rule in spec.rules["change"]:
        if rule.balanced:
            yield _balance(TableCheck("change", rule, spec, printed, Severity.ERROR))
    for rule in spec.rules["words"]:
        yield _words(TableCheck("words", rule, spec, printed))


def _correlations(
    rule: CorrelationsRule, spec: Spec, printed: PrintedTables
) -> Iterator[TableCheck]:
    check = TableCheck("correlation", rule, spec, printed)
    tested = TableCheck("significance", rule, spec, printed, Severity.ERROR)
    mirrored: list[tuple[Mapping[str, str], Mapping[str, str]]] = []
    seen: dict[frozenset[str], Mapping[str, str]] = {}
    for row in check.rows():
        pair = frozenset((row[rule.row], row[rule.column]))
        if len(pair) == 1:
            continue
        first = seen.setdefault(pair, row)
        if first is not row:
            if first[rule.r] != row[rule.r]:
                mirrored.append((first, row))
            continue
        _one_r(check, row)
        _significance(tested, row)
    for first, row in mirrored:
        check.add(
            f"{row[rule.r]} and {first[rule.r]} are the same pair.",
            row,
            node=_pair(rule, row),
            published=row[rule.r],
            suggestion=first[rule.r],
            kind="not symmetric",
        )
    check.cells = tested.cells = len(seen)
    yield check
    yield tested


def _pair(rule: CorrelationsRule, row: Mapping[str, str]) -> str:
    return f"{row[rule.row]}-{row[rule.column]}"


def _columns(
    book: PrintedNumbers, first: str, second: str
) -> tuple[list[PrintedCell], list[PrintedCell]]:
    a, b = book.first(Series(first)), book.first(Series(second))
    units = [unit for unit in a if unit in b]
    return [a[unit] for unit in units], [b[unit] for unit in units]


def _one_r(check: TableCheck, row: Mapping[str, str]) -> None:
    """Compare a printed r with those that the printed columns leave possible."""
    rule = check.rule
    x, y = _columns(check.printed.book, row[rule.row], row[rule.column])
    text = row[rule.r]
    printed = read_number(text)
    if printed is None or len(x) < 3:
        return
    low, high = _r_range(x, y)
    half = float(margins(text, Rounding.NEAREST)[0])
    value = float(printed)
    if value + half >= low and value - half <= high:
        return
    ranks = _spearman(x, y)
    also = (
        "" if abs(ranks - value) > half else f" Spearman's rank correlation would be {ranks:.4f}."
    )
    check.add(
        f"r = {text} is printed; over the {len(x)} units with both scores printed it lies between "
        f"{low:.4f} and {high:.4f}: it was computed from other numbers.{also}",
        row,
        node=_pair(rule, row),
        published=text,
        expected=(low, high),
        suggestion=_like((low + high) / 2, text),
        kind="as computed",
    )


def _like(value: float, text: str) -> str:
    shown = f"{value:.{len(text.partition('.')[2])}f}"
    return shown.replace("0.", ".", 1) if text.lstrip("-").startswith(".") else shown


def _values(cells: Sequence[PrintedCell]) -> Matrix:
    return np.array([float(cell.value) for cell in cells])


def _r_range(x: Sequence[PrintedCell], y: Sequence[PrintedCell]) -> tuple[float, float]:
    """Return bounds of r over everything that rounds to the printed columns.

    r is monotone in each number as far as half a printed digit goes, so each is pushed to the side
    that its derivative tells: first order, the rest is widened by half as much again.
    """
    a, b = _values(x), _values(y)
    r = float(fit_line(a, b).r)
    n = len(a)
    za, zb = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    half_a, half_b = (np.array([cell.reach for cell in cells]) for cells in (x, y))
    reach = np.abs(zb - r * za) @ half_a / a.std() + np.abs(za - r * zb) @ half_b / b.std()
    return r - 1.5 * float(reach) / n, r + 1.5 * float(reach) / n


def _spearman(x: Sequence[PrintedCell], y: Sequence[PrintedCell]) -> float:
    from scipy.stats import rankdata

    return float(fit_line(rankdata(_values(x)), rankdata(_values(y))).r)


def _significance(check: TableCheck, row: Mapping[str, str]) -> None:
    """Compare p with that of r and n, and the flag with both."""
    rule = check.rule
    r, n = read_number(row[rule.r]), read_number(row[rule.n]) if rule.n else None
    if r is None or n is None or n < 3:
        return
    half = float(margins(row[rule.r], Rounding.NEAREST)[0])
    ends = sorted(_p(end, int(n)) for end in (float(r) - half, float(r) + half))
    if abs(r) <= half:
        ends[1] = 1.0
    evidence = f"p of r = {row[rule.r]} with n = {n} is {ends[0]:.5f} to {ends[1]:.5f}."
    node = _pair(rule, row)
    printed = read_number(row[rule.p]) if rule.p else None
    if printed is not None:
        reach = float(margins(row[rule.p], Rounding.NEAREST)[0])
        value = float(printed)
        if value + reach < ends[0] or value - reach > ends[1]:
            check.add(evidence, row, node=node, published=row[rule.p], expected=tuple(ends))
    if rule.flag:
        flag = row[rule.flag]
        stars = flag.count("*")
        levels = [sum(p < level for level in (0.05, 0.01)) for p in ends]
        most = max(max(levels), stars == 3)
        if flag.strip("*") == "" and not min(levels) <= stars <= most:
            check.add(evidence, row, node=node, published=flag)


def _p(r: float, n: int) -> float:
    from scipy.special import betainc

    r = max(-1.0, min(1.0, r))
    return float(betainc((n - 2) / 2, 0.5, 1 - r * r))


def _squares(check: TableCheck) -> TableCheck:
    rule = check.rule
    for row in check.rows():
        r, square = read_number(row[rule.coefficient]), read_number(row[rule.r_square])
        if r is None or square is None:
            continue
        check.cells += 2
        down, up = margins(row[rule.coefficient], Rounding.NEAREST)
        low = (abs(r) - down) ** 2 if abs(r) > down else Decimal(0)
        low, high = sorted((low, (abs(r) + up) ** 2))
        below, above = margins(row[rule.r_square], Rounding.NEAREST)
        if square + above < low or square - below > high:
            check.add(
                f"with one predictor R2 is the square of the coefficient {row[rule.coefficient]}: "
                f"{low:.4f} to {high:.4f}.",
                row,
                node=row.get(rule.node, "") if rule.node else "",
                published=row[rule.r_square],
                expected=(float(low), float(high)),
                suggestion=_like(float(r) ** 2, row[rule.r_square]),
                kind="as computed",
            )
    return check


def _total(check: TableCheck) -> Iterator[TableCheck]:
    """Infer the one total that all shares of counts go with."""
    rule = check.rule
    lows, highs = [], []
    for row in check.rows():
        count, share = read_number(row[rule.count]), read_number(row[rule.share])
        if count is None or share is None or share <= 0:
            continue
        below, above = margins(row[rule.share], Rounding.NEAREST)
        lows.append(100 * count / (share + above))
        highs.append(100 * count / (share - below))
    if not lows:
        return
    low, high = max(lows), min(highs)
    first, last = math.ceil(low), math.floor(high)
    possible = first <= last
    check.add(
        f"every share is that of one total between {first} and {last}."
        if possible
        else f"no one total fits all shares ({float(low):.2f} to {float(high):.2f}).",
        severity=Severity.NOTE if possible else Severity.ERROR,
        node=rule.share,
        expected=(float(low), float(high)),
        suggestion=str(first) if first == last else "",
        kind="total inferred" if possible else "",
    )
    check.cells = 2 * len(lows)
    yield check


def _balance(check: TableCheck) -> TableCheck:
    """Check that the moves of units among themselves sum to 0."""
    column = check.rule.change
    moves = [read_number(row[column]) for row in check.rows()]
    total = sum((move for move in moves if move is not None), Decimal(0))
    check.cells = len(moves)
    if total != 0:
        check.add(
            f"the moves of {len(moves)} units among themselves sum to {total}.",
            node=column,
            published=str(total),
            expected=(0.0, 0.0),
        )
    return check


def _words(check: TableCheck) -> TableCheck:
    rule = check.rule
    for row in check.rows():
        word = row[rule.column]
        if not word:
            continue
        check.cells += 1
        if word not in rule.allowed:
            near = nearest_word(word, rule.allowed)
            check.add(
                f"{word!r} is none of {', '.join(rule.allowed)}.",
                row,
                unit=row.get(check.unit_column, ""),
                node=row.get("node", rule.column),
                published=word,
                suggestion=near,
                kind="spelling" if near else "",
                column=rule.column,
            )
    return check


def nearest_word(word: str, allowed: Sequence[str]) -> str:
    """Return the word that another is a misspelling of; "" if none is near."""
    import difflib

    return next(iter(difflib.get_close_matches(word, allowed, 1)), "")
