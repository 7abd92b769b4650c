"""Borders that lie between arguments: sizes, orders, halves, last digits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from xlcity.errors import CellValue
from xlcity.recalc.support.argument_values import ArgumentEvaluator
from xlcity.recalc.support.search_tests import is_found_alike, is_ranked_clearly
from xlcity.recalc.support.value_classes import is_decimal, is_near, nearly_whole
from xlcity.xlsx.formulas.evaluate import Unknown
from xlcity.xlsx.formulas.syntax import Expr

_QUOTED = re.compile(r'"[^"]*"|\\.')
#: Excel takes a last difference this small, relative to what it is of, for 0; numbers that differ
#: by less are equal to it.
_SNAP = 4e-15


def snapped(expr: Expr, of: ArgumentEvaluator, value: CellValue) -> bool:
    """Return whether a sum or difference is nothing but rounding, which Excel takes for 0."""
    if not isinstance(value, float) or isinstance(value, bool) or value == 0:
        return False
    for arg in expr.args:
        side = of.number(arg)
        if isinstance(side, float) and abs(value) <= _SNAP * abs(side):
            return True
    return False


def _numbers(expr: Expr, of: ArgumentEvaluator) -> list[float] | None:
    """Return all arguments as numbers; ``None`` where one is not known or is none."""
    values = [of.number(arg) for arg in expr.args if arg.kind != "empty"]
    found = [v for v in values if isinstance(v, float)]
    return found if len(found) == len(values) else None


def _apart(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether numbers are equal or differ in more than their last digits.

    A truth value is above every number, and equals none; LibreOffice has it as 1 or 0.
    """
    a, b = (of.value(arg) for arg in expr.args)
    if isinstance(a, float | bool) and isinstance(b, float | bool) and type(a) is not type(b):
        return expr.text in ("=", "<>") and not is_near(float(a), [float(b)], itself=True)
    if not isinstance(a, float) or not isinstance(b, float):
        return True
    return a == b or abs(a - b) > max(1e-14 * max(abs(a), abs(b)), 1e-15)


def _shown(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether a number has one rounding to the digits of its format, or is a date."""
    value, pattern = (of.value(arg) for arg in expr.args[:2])
    if not isinstance(value, float) or not isinstance(pattern, str):
        return not isinstance(pattern, Unknown) and not isinstance(value, Unknown)
    bare = _QUOTED.sub("", pattern).lower()
    if bare in ("general", "@"):
        return True
    if any(letter in bare for letter in "ymdhs"):
        return isinstance(value, float) and 61 <= value < 2958465 and _is_second(value)
    digits = sum(char in "0#?" for char in bare.partition(".")[2].partition("e")[0])
    if "e" in bare:
        return value != 0 and rounds_alike(value / 10 ** math.floor(math.log10(abs(value))), digits)
    return rounds_alike(value, digits + 2 * bare.count("%"))


def _is_second(value: float) -> bool:
    seconds = value * 86400
    return abs(seconds - round(seconds)) < 0.01


def _flows(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether money goes out first and comes back later, and more of it."""
    values = [v for v, _ in of.each(expr.args[0])]
    flows = [v for v in values if isinstance(v, float)]
    if len(flows) != len(values) or len(flows) < 2:
        return False
    return flows[0] < 0 and min(flows[1:]) >= 0 and sum(flows) > 0 and sum(flows) < -20 * flows[0]


def _repaid(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether a loan is paid back in full, at 0 to 50 % a period."""
    if (found := _numbers(expr, of)) is None:
        return True
    periods, payment, loan = found[:3]
    rest = found[3] if len(found) > 3 else 0.0
    return payment * loan < 0 and rest == 0 and 2 <= abs(loan / payment) <= periods


def _rising_bins(expr: Expr, of: ArgumentEvaluator) -> bool:
    values = [v for v, _ in of.each(expr.args[1])] if len(expr.args) > 1 else []
    bins = [v for v in values if isinstance(v, float)]
    return len(bins) == len(values) and all(a < b for a, b in pairwise(bins))


def _student(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether freedom / (freedom + x^2) is known well enough.

    At the border the result has an error of 1.4e-8, with 300 degrees of freedom and x = 1e-6, too.
    """
    found = _numbers(expr, of)
    return found is None or len(found) < 2 or found[1] <= 300 or found[0] >= found[1] / 3e8


def _steps(expr: Expr, of: ArgumentEvaluator) -> bool:
    if (found := _numbers(expr, of)) is None:
        return True
    digits = found[1] if len(found) > 1 else 0.0
    return not nearly_whole(found[0] * 10.0**digits) and abs(found[0]) * 10.0**digits < 1e14


def _halves(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether the 15 digits and the binary number round to the same."""
    if (found := _numbers(expr, of)) is None:
        return True
    default = 2.0 if expr.text in ("FIXED", "DOLLAR") else 0.0
    return rounds_alike(found[0], int(found[1] if len(found) > 1 else default))


def rounds_alike(value: float, digits: int) -> bool:
    """Return whether a number has one rounding only."""
    if abs(value) >= 1e14 or not -15 <= digits <= 15 or abs(value) * 10.0**digits >= 1e14:
        return False
    place = Decimal(1).scaleb(-digits)
    shown, exact = Decimal(f"{value:.15g}"), Decimal(value)
    a, b = ((d / place).quantize(Decimal(1), ROUND_HALF_UP) for d in (shown, exact))
    return a == b


def _multiple(expr: Expr, of: ArgumentEvaluator) -> bool:
    if (found := _numbers(expr, of)) is None:
        return True
    step = found[1] if len(found) > 1 else 1.0
    if step == 0:
        return False
    ratio = found[0] / step
    if abs(ratio) >= 1e9 or nearly_whole(ratio):
        return False
    return not ratio.is_integer() or math.fmod(found[0], step) == 0


def _power(expr: Expr, of: ArgumentEvaluator) -> bool:
    found = _numbers(expr, of)
    if found is None or len(found) < 2:
        return True
    base, exponent = found
    if base == 0:
        return exponent > 0
    if abs(exponent * math.log10(abs(base))) > 100:
        return False
    return base > 0 or float(exponent).is_integer()


def _not_above(first: int, second: int) -> Callable[[Expr, ArgumentEvaluator], bool]:
    """Return the test that one argument is not above another."""

    def check(expr: Expr, of: ArgumentEvaluator) -> bool:
        if len(expr.args) <= max(first, second):
            return True
        a, b = of.number(expr.args[first]), of.number(expr.args[second])
        return not isinstance(a, float) or not isinstance(b, float) or a <= b

    return check


def _life(expr: Expr, of: ArgumentEvaluator) -> bool:
    return _not_above(3, 2)(expr, of) and _not_above(1, 0)(expr, of)


def _urn(expr: Expr, of: ArgumentEvaluator) -> bool:
    if (found := _leading(expr.args[:4], of)) is None:
        return True
    x, n, success, size = found
    return n <= size and success <= size and max(0, n + success - size) <= x <= min(n, success)


def _leading(args: Sequence[Expr], of: ArgumentEvaluator) -> list[float] | None:
    found = [v for v in map(of.number, args) if isinstance(v, float)]
    return found if len(found) == len(args) else None


def _between(expr: Expr, of: ArgumentEvaluator) -> bool:
    if (found := _leading(expr.args, of)) is None:
        return False
    rest = found[3 if expr.text == "BETADIST" else 4 :]
    low, high = (*rest, 0.0, 1.0)[:2] if len(rest) != 1 else (rest[0], 1.0)
    span = high - low
    return span > 0 and low + span * 1e-3 <= found[0] <= high - span * 1e-3


def _beta_inverse(expr: Expr, of: ArgumentEvaluator) -> bool:
    rest = _leading(expr.args[3:], of)
    return rest is not None and (not rest or (len(rest) == 2 and rest[0] < rest[1]))


def _sizes(*places: int) -> Callable[[Expr, ArgumentEvaluator], bool]:
    """Return the test that ranges are of one size; without places, all of them."""

    def check(expr: Expr, of: ArgumentEvaluator) -> bool:
        chosen = places or range(len(expr.args))
        sizes = set()
        for place in chosen:
            if place < len(expr.args) and (area := of.area(expr.args[place])) is not None:
                sizes.add((area.rows, area.columns))
        return len(sizes) <= 1

    return check


def _conditions(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether ranges are of one size and no number is all but the one asked for."""
    one = expr.text in ("SUMIF", "AVERAGEIF", "COUNTIF")
    first = 0 if one or expr.text == "COUNTIFS" else 1
    last = 2 if one else len(expr.args)
    places = [0, 2] if one else [*range(first), *range(first, last, 2)]
    if not _sizes(*places)(expr, of):
        return False
    for place in range(first, last - 1, 2):
        area, criterion = of.area(expr.args[place]), of.value(expr.args[place + 1])
        wanted = _number_asked(criterion)
        if area is None or wanted is None:
            continue
        held = of.stored.values(area)
        # A truth value is a number to LibreOffice.
        ordered = isinstance(criterion, str) and criterion.startswith(("<", ">"))
        if is_near(wanted, held) or (ordered and any(isinstance(v, bool) for v in held)):
            return False
    return True


def _number_asked(criterion: object) -> float | None:
    if isinstance(criterion, str):
        rest = criterion.lstrip("<>=")
        return float(rest) if is_decimal(rest) else None
    return criterion if isinstance(criterion, float) else None


def _distinct(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether numbers are equal or differ in more than their last digits."""
    found = sorted(v for arg in expr.args for v, _ in of.each(arg) if isinstance(v, float))
    return not any(is_near(a, [b]) for a, b in pairwise(found))


def _fitted(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether columns are of one size, and none loses its digits in sums of squares."""
    return _sizes()(expr, of) and all(_keeps_digits(arg, of) for arg in expr.args)


def _keeps_digits(arg: Expr, of: ArgumentEvaluator) -> bool:
    numbers = [v for v, _ in of.each(arg) if isinstance(v, float)]
    sizes = [abs(v) for v in numbers if v != 0]
    if len(sizes) < 2:
        return True
    spread = max(numbers) - min(numbers)
    return max(sizes) <= 1e9 * min(sizes) and (spread == 0 or max(sizes) <= 1e6 * spread)


#: Function -> test of its arguments together.
SPECIAL: dict[str, Callable[[Expr, ArgumentEvaluator], bool]] = {
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), _apart),
    **dict.fromkeys(("TRUNC", "ROUNDDOWN", "ROUNDUP"), _steps),
    **dict.fromkeys(("ROUND", "FIXED", "DOLLAR"), _halves),
    **dict.fromkeys(
        "CEILING FLOOR CEILING.MATH FLOOR.MATH CEILING.PRECISE FLOOR.PRECISE ISO.CEILING MOD"  # noqa: SIM905
        " QUOTIENT".split(),
        _multiple,
    ),
    **dict.fromkeys(("^", "POWER"), _power),
    **dict.fromkeys(("BINOM.DIST", "BINOMDIST"), _not_above(0, 1)),
    "BINOM.DIST.RANGE": lambda e, of: _not_above(2, 0)(e, of) and _not_above(2, 3)(e, of),
    **dict.fromkeys(("COMBIN", "PERMUT", "COMBINA", "PERMUTATIONA"), _not_above(1, 0)),
    **dict.fromkeys(("HYPGEOM.DIST", "HYPGEOMDIST"), _urn),
    **dict.fromkeys(("BETA.DIST", "BETADIST"), _between),
    **dict.fromkeys(("BETA.INV", "BETAINV"), _beta_inverse),
    "TEXT": _shown,
    **dict.fromkeys(("RANK", "RANK.EQ", "RANK.AVG"), is_ranked_clearly),
    **dict.fromkeys(("PERCENTRANK", "PERCENTRANK.INC", "PERCENTRANK.EXC"), is_ranked_clearly),
    "IRR": _flows,
    "RATE": _repaid,
    "FREQUENCY": _rising_bins,
    "PROB": _not_above(2, 3),
    "TDIST": _student,
    "SLN": _not_above(1, 0),
    "DATEDIF": _not_above(0, 1),
    **dict.fromkeys(("IPMT", "PPMT"), _not_above(1, 2)),
    **dict.fromkeys(("SYD", "DDB", "DB"), _life),
    **dict.fromkeys(
        "SUMIF AVERAGEIF COUNTIF SUMIFS AVERAGEIFS MAXIFS MINIFS COUNTIFS".split(),  # noqa: SIM905
        _conditions,
    ),
    **dict.fromkeys(
        "SUMPRODUCT SUMX2MY2 SUMX2PY2 SUMXMY2 CHISQ.TEST CHITEST".split(),  # noqa: SIM905
        _sizes(),
    ),
    **dict.fromkeys(
        "CORREL PEARSON RSQ SLOPE INTERCEPT STEYX COVAR COVARIANCE.P COVARIANCE.S TREND LINEST"  # noqa: SIM905
        " GROWTH LOGEST".split(),
        _fitted,
    ),
    **dict.fromkeys(("MODE", "MODE.SNGL", "DELTA", "GESTEP"), _distinct),
    **dict.fromkeys(("FORECAST", "FORECAST.LINEAR"), _sizes(1, 2)),
    **dict.fromkeys(("T.TEST", "TTEST"), _sizes(0, 1)),
    **dict.fromkeys(("MATCH", "VLOOKUP", "HLOOKUP", "LOOKUP"), is_found_alike),
    "XLOOKUP": lambda e, of: is_found_alike(e, of) and _sizes(1, 2)(e, of),
    "XMATCH": is_found_alike,
}
