"""Means and standard deviations of whole numbers, and coefficients of a weighted sum."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import numpy as np

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.spec.cells import Rounding, Series, decimals_of, margins, read_number
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import MixtureRule, MomentsRule

#: Its findings come after those of modules with a smaller one.
PLACE = 3


def published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of means, deviations and coefficients."""
    for rule in spec.rules["moments"]:
        yield _whole_numbers(TableCheck("moments", rule, spec, printed, Severity.ERROR))
    for rule in spec.rules["mixture"]:
        yield _mixture(TableCheck("mixture", rule, spec, printed))


def _ends(text: str, rounding: Rounding) -> tuple[Fraction, Fraction]:
    value = read_number(text)
    assert value is not None
    below, above = margins(text, rounding)
    return Fraction(value - below), Fraction(value + above)


def possible_moments(
    mean: tuple[Fraction, Fraction], sd: tuple[Fraction, Fraction] | None, n: int
) -> tuple[bool, bool]:
    """Tell whether n whole numbers can have this mean, and this sd.

    Parameters
    ----------
    mean, sd
        Lowest and highest number that would be printed so; sd with n - 1.

    Notes
    -----
    The sum S is a whole number, and so is the sum of squares Q, of the same parity as S and at
    least S^2 / n (Brown and Heathers 2017; Anaya 2016).

    Examples
    --------
    >>> half = Fraction(1, 200)
    >>> around = lambda x: (Fraction(x) - half, Fraction(x) + half)
    >>> possible_moments(around("5.19"), None, 28)
    (False, True)
    >>> possible_moments(around("3.50"), around("0.58"), 4)
    (True, True)
    >>> possible_moments(around("3.50"), around("0.70"), 4)
    (True, False)
    """
    first, last = math.ceil(mean[0] * n), math.floor(mean[1] * n)
    if first > last:
        return False, True
    if sd is None or n < 2:
        return True, True
    low, high = max(sd[0], Fraction(0)) ** 2 * (n - 1), sd[1] ** 2 * (n - 1)
    for total in range(first, last + 1):
        base = Fraction(total * total, n)
        least, most = math.ceil(low + base), math.floor(high + base)
        if any((q - total) % 2 == 0 for q in range(least, min(most, least + 1) + 1)):
            return True, True
    return True, False


def _whole_numbers(check: TableCheck) -> TableCheck:
    rule: MomentsRule = check.rule
    rounding = Rounding(check.spec.head.rounding)
    for row in check.rows():
        given = read_number(row[rule.n]) if rule.n else None
        n = rule.count or (int(given) if given is not None else 0)
        if not n or read_number(row[rule.mean]) is None:
            continue
        has_sd = bool(rule.sd) and read_number(row[rule.sd]) is not None
        sd = _ends(row[rule.sd], rounding) if has_sd else None
        mean = row[rule.mean]
        right = possible_moments(_ends(mean, rounding), sd, n)
        check.cells += 1 + has_sd
        why = {
            "mean": f"no {n} whole numbers have the mean {mean}.",
            "sd": f"no {n} whole numbers with the mean {mean} have the sd {row.get(rule.sd, '')}.",
        }
        for what, fine, column in zip(why, right, (rule.mean, rule.sd), strict=True):
            if not fine:
                check.add(
                    why[what],
                    row,
                    unit=row.get(check.unit_column, ""),
                    node=column,
                    published=row[column],
                    expected=_nearest(mean, n) if what == "mean" else (None, None),
                    kind=f"impossible {what}",
                )
    return check


def _nearest(text: str, count: int) -> tuple[float, float]:
    """Return the means of whole numbers on either side of a printed one, as they are printed."""
    value = read_number(text)
    assert value is not None
    below = math.floor(value * count)
    first, last = (round(Decimal(k) / count, decimals_of(text)) for k in (below, below + 1))
    return float(first), float(last)


def _mixture(check: TableCheck) -> TableCheck:
    """Check r of a weighted sum with an outside variable against those of its parts.

    r of the sum is the sum of w r sd over the sd of the sum, whatever the variable is.
    """
    rule: MixtureRule = check.rule
    rows = {row[rule.node]: row for row in check.rows()}
    nodes = [rule.parent, *rule.children]
    columns = [check.printed.book.first(Series(child)) for child in rule.children]
    units = [unit for unit in columns[0] if all(unit in column for column in columns)]
    check.cells = len(nodes)
    if any(node not in rows for node in nodes) or len(units) < 3:
        return check
    values = np.array([[float(column[unit].value) for column in columns] for unit in units])
    texts = {node: rows[node][rule.coefficient] for node in nodes}
    bounds = {node: _ends(text, Rounding.NEAREST) for node, text in texts.items()}
    bottom, top = (float(end) for end in bounds[rule.parent])
    intervals, fits = [], False
    for name, given in rule.readings.items():
        weights = np.array([float(given.get(child, 0)) for child in rule.children])
        shares = weights * values.std(axis=0) / (values @ weights).std()
        low, high = (
            sum(w * float(bounds[c][end]) for w, c in zip(shares, rule.children, strict=True))
            for end in (0, 1)
        )
        # The scores' own digits move the shares by less than the coefficients' do.
        reach = 0.25 * (high - low)
        low, high = low - reach, high + reach
        fits = fits or (low <= top and bottom <= high)
        intervals.append((name, low, high))
    if intervals and not fits:
        listed = ", ".join(f"{low:.4f} to {high:.4f} under {name}" for name, low, high in intervals)
        check.add(
            f"{texts[rule.parent]} is printed for {rule.parent}; from the coefficients of "
            f"{', '.join(rule.children)} and their printed scores it is {listed}.",
            rows[rule.parent],
            node=rule.parent,
            published=texts[rule.parent],
            expected=(float(min(t[1] for t in intervals)), float(max(t[2] for t in intervals))),
            kind="as computed",
        )
    return check
