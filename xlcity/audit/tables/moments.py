"""Means and standard deviations of whole numbers, and coefficients of a weighted sum."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np

from xlcity.audit.tables.cells import Rounding, Series, margins, read_number
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed
from xlcity.audit.tables.rules import Mixture, Moments
from xlcity.audit.tables.spec import Spec
from xlcity.audit.tables.statistics import Told, finding


def moments(spec: Spec, printed: Printed) -> Iterator[Told]:
    """Yield what the checks of means, deviations and coefficients did and found."""
    for rule in spec.rules["moments"]:
        yield _whole_numbers(rule, spec, printed)
    for mixture in spec.rules["mixture"]:
        yield _mixture(mixture, spec, printed)


def _ends(text: str, rounding: Rounding) -> tuple[Fraction, Fraction]:
    value = read_number(text)
    assert value is not None
    below, above = margins(text, rounding)
    return Fraction(value - below), Fraction(value + above)


def possible_moments(
    mean: tuple[Fraction, Fraction], sd: tuple[Fraction, Fraction] | None, n: int, items: int = 1
) -> tuple[bool, bool]:
    """Tell whether n whole numbers (or means of `items` of them) can have this mean, and this sd.

    Parameters
    ----------
    mean, sd
        Lowest and highest number that would be printed so; sd with n - 1.

    Notes
    -----
    The sum S is a whole number, and so is the sum of squares Q, of the same parity as S and at
    least S^2 / n (Brown and Heathers 2017; Anaya 2016). `sd` is tested for items = 1.

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
    count = n * items
    first, last = math.ceil(mean[0] * count), math.floor(mean[1] * count)
    if first > last:
        return False, True
    if sd is None or items != 1 or n < 2:
        return True, True
    low, high = max(sd[0], Fraction(0)) ** 2 * (n - 1), sd[1] ** 2 * (n - 1)
    for total in range(first, last + 1):
        base = Fraction(total * total, n)
        least, most = math.ceil(low + base), math.floor(high + base)
        if any((q - total) % 2 == 0 for q in range(least, min(most, least + 1) + 1)):
            return True, True
    return True, False


def _whole_numbers(rule: Moments, spec: Spec, printed: Printed) -> Told:
    rounding = Rounding(spec.head.rounding)
    told: list[Finding] = []
    cells = 0
    for row in printed.files[rule.table]:
        given = read_number(row[rule.n]) if rule.n else None
        n = rule.count or (int(given) if given is not None else 0)
        if not n or read_number(row[rule.mean]) is None:
            continue
        has_sd = bool(rule.sd) and read_number(row[rule.sd]) is not None
        sd = _ends(row[rule.sd], rounding) if has_sd else None
        right = possible_moments(_ends(row[rule.mean], rounding), sd, n, rule.items or 1)
        cells += 1 + has_sd
        for what, fine, column in zip(("mean", "sd"), right, (rule.mean, rule.sd), strict=True):
            if not fine:
                told.append(_impossible(rule, spec, printed, row, what, column, n))
    return Checked("moments", rule.table, cells), told


def _impossible(
    rule: Moments,
    spec: Spec,
    printed: Printed,
    row: Mapping[str, str],
    what: str,
    column: str,
    n: int,
) -> Finding:
    text = row[column]
    expected: tuple[float | None, float | None] = (None, None)
    if what == "mean":
        count = n * (rule.items or 1)
        value = read_number(text)
        assert value is not None
        below = math.floor(value * count)
        digits = len(text.partition(".")[2])
        ends = [round(Decimal(k) / count, digits) for k in (below, below + 1)]
        expected = (float(ends[0]), float(ends[1]))
    why = {
        "mean": f"no {n} whole numbers have the mean {text}",
        "sd": f"no {n} whole numbers with the mean {row[rule.mean]} have the sd {text}",
    }
    return finding(
        "moments",
        Severity.ERROR,
        rule.table,
        unit=row.get(printed.unit_columns[rule.table], ""),
        node=column,
        published=text,
        expected=expected,
        kind=f"impossible {what}",
        evidence=f"{why[what]}.",
        where=row.get(spec.head.line, ""),
    )


def _mixture(rule: Mixture, spec: Spec, printed: Printed) -> Told:
    """Check r of a weighted sum with an outside variable against those of its parts.

    r of the sum is the sum of w r sd over the sd of the sum, whatever the variable is.
    """
    rows = {row[rule.node]: row for row in printed.files[rule.table]}
    nodes = [rule.parent, *rule.children]
    columns = [printed.book.first(Series(child)) for child in rule.children]
    units = [unit for unit in columns[0] if all(unit in column for column in columns)]
    checked = Checked("mixture", rule.table, len(nodes))
    if any(node not in rows for node in nodes) or len(units) < 3:
        return checked, []
    values = np.array([[float(column[unit].value) for column in columns] for unit in units])
    texts = {node: rows[node][rule.coefficient] for node in nodes}
    bounds = {node: _ends(text, Rounding.NEAREST) for node, text in texts.items()}
    told, fits = [], False
    for name, given in rule.readings.items():
        weights = np.array([float(given.get(child, 0)) for child in rule.children])
        shares = weights * values.std(axis=0) / (values @ weights).std()
        low = sum(w * float(bounds[c][0]) for w, c in zip(shares, rule.children, strict=True))
        high = sum(w * float(bounds[c][1]) for w, c in zip(shares, rule.children, strict=True))
        # The scores' own digits move the shares by less than the coefficients' do.
        reach = 0.25 * (high - low)
        low, high = low - reach, high + reach
        bottom, top = (float(end) for end in bounds[rule.parent])
        fits = fits or (low <= top and bottom <= high)
        told.append((name, low, high))
    if fits or not told:
        return checked, []
    listed = ", ".join(f"{low:.4f} to {high:.4f} under {name}" for name, low, high in told)
    return checked, [
        finding(
            "mixture",
            Severity.WARNING,
            rule.table,
            node=rule.parent,
            published=texts[rule.parent],
            expected=(
                float(min(low for _, low, _ in told)),
                float(max(high for _, _, high in told)),
            ),
            kind="as computed",
            evidence=(
                f"{texts[rule.parent]} is printed for {rule.parent}; from the coefficients of "
                f"{', '.join(rule.children)} and their printed scores it is {listed}."
            ),
            where=rows[rule.parent].get(spec.head.line, ""),
        )
    ]
