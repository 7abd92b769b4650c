"""Functions that our engine lacks, in terms of those that it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from xlcity.xlsx.formulas.syntax import Expr

#: Other names of functions.
_SAME = {
    "RANK": "RANK.EQ",
    "STDEVP": "STDEV.P",
    "PERCENTILE.INC": "PERCENTILE",
    "QUARTILE.INC": "QUARTILE",
    "IFNA": "IFERROR",
    "ISERR": "ISERROR",
}
#: Number in SUBTOTAL -> function.
_SUBTOTALS = {
    "1": "AVERAGE",
    "2": "COUNT",
    "4": "MAX",
    "5": "MIN",
    "7": "STDEV.S",
    "8": "STDEV.P",
    "9": "SUM",
}
#: Digits to which PERCENTRANK cuts its result where it is not told.
_PERCENTRANK_DIGITS = 3


def rewritten(expr: Expr) -> Expr:
    """Return a formula with functions that our engine has."""
    args = tuple(map(rewritten, expr.args))
    new = replace(expr, args=args)
    if expr.kind != "call":
        return new
    if expr.text in _SAME:
        return replace(new, text=_SAME[expr.text])
    rule = _RULES.get(expr.text)
    if rule is None:
        return new
    made = rule(args)
    return new if made is None else made


def call(name: str, *args: Expr) -> Expr:
    """Return a call of a function."""
    return Expr("call", name, args)


def number(value: float) -> Expr:
    """Return a number in a formula."""
    return Expr("number", f"{value:.15g}")


def _binary(left: Expr, operator: str, right: Expr) -> Expr:
    return Expr("binary", operator, (left, right))


def _variance(args: Sequence[Expr]) -> Expr:
    less_one = _binary(call("COUNT", *args), "-", number(1))
    return _binary(call("DEVSQ", *args), "/", less_one)


def _deviation(args: Sequence[Expr]) -> Expr:
    return call("SQRT", _variance(args))


def _population_variance(args: Sequence[Expr]) -> Expr:
    return _binary(call("DEVSQ", *args), "/", call("COUNT", *args))


def _standardised(args: Sequence[Expr]) -> Expr | None:
    if len(args) != 3:
        return None
    return _binary(_binary(args[0], "-", args[1]), "/", args[2])


def _mean_rank(args: Sequence[Expr]) -> Expr | None:
    if len(args) < 2:
        return None
    equal = call("COUNTIF", args[1], args[0])
    tied = _binary(equal, "-", number(1))
    return _binary(call("RANK.EQ", *args), "+", _binary(tied, "/", number(2)))


def _percent_rank(args: Sequence[Expr]) -> Expr | None:
    """Return PERCENTRANK of a number that is among the numbers."""
    if len(args) < 2:
        return None
    criterion = _binary(Expr("text", '"<"'), "&", args[1])
    below = call("COUNTIF", args[0], criterion)
    others = _binary(call("COUNT", args[0]), "-", number(1))
    share = _binary(below, "/", others)
    digits = number(_PERCENTRANK_DIGITS) if len(args) == 2 else args[2]
    power = _binary(number(10), "^", digits)
    # The engine's INT takes 0.3 * 10 for 3, as Excel's does.
    return _binary(call("INT", _binary(share, "*", power)), "/", power)


def _power(args: Sequence[Expr]) -> Expr | None:
    return _binary(args[0], "^", args[1]) if len(args) == 2 else None


def _logarithm(args: Sequence[Expr]) -> Expr:
    if len(args) == 1:
        return call("LOG10", *args)
    return _binary(call("LN", args[0]), "/", call("LN", args[1]))


def _choice(args: Sequence[Expr]) -> Expr | None:
    """Return IFS as one IF in another."""
    if len(args) < 2 or len(args) % 2:
        return None
    condition, result, *others = args
    if not others:
        return call("IF", condition, result, call("NA"))
    rest = _choice(others)
    return None if rest is None else call("IF", condition, result, rest)


def _subtotal(args: Sequence[Expr]) -> Expr | None:
    name = _SUBTOTALS.get(args[0].text[-1:]) if args else None
    return None if name is None else rewritten(call(name, *args[1:]))


def _product(args: Sequence[Expr]) -> Expr:
    """Return the product of numbers above 0."""
    logarithms = [call("SUMPRODUCT", call("LN", arg)) for arg in args]
    total = logarithms[0]
    for term in logarithms[1:]:
        total = _binary(total, "+", term)
    return call("EXP", total)


def _geometric_mean(args: Sequence[Expr]) -> Expr:
    exponent = _binary(number(1), "/", call("COUNT", *args))
    return _binary(_product(args), "^", exponent)


def _harmonic_mean(args: Sequence[Expr]) -> Expr:
    inverse = [call("SUMPRODUCT", _binary(number(1), "/", arg)) for arg in args]
    total = inverse[0]
    for term in inverse[1:]:
        total = _binary(total, "+", term)
    return _binary(call("COUNT", *args), "/", total)


def _squared_distance(args: Sequence[Expr]) -> Expr | None:
    if len(args) != 2:
        return None
    difference = _binary(args[0], "-", args[1])
    return call("SUMPRODUCT", _binary(difference, "^", number(2)))


def _looked_up(args: Sequence[Expr]) -> Expr | None:
    """Return LOOKUP of a number in steps."""
    if len(args) != 3:
        return None
    place = call("MATCH", args[0], args[1], number(1))
    return call("INDEX", args[2], place)


_RULES: dict[str, Callable[[Sequence[Expr]], Expr | None]] = {
    "STDEV": _deviation,
    "STDEV.S": _deviation,
    "VAR": _variance,
    "VAR.S": _variance,
    "VARP": _population_variance,
    "VAR.P": _population_variance,
    "STANDARDIZE": _standardised,
    "RANK.AVG": _mean_rank,
    "PERCENTRANK": _percent_rank,
    "PERCENTRANK.INC": _percent_rank,
    "POWER": _power,
    "LOG": _logarithm,
    "IFS": _choice,
    "SUBTOTAL": _subtotal,
    "PRODUCT": _product,
    "GEOMEAN": _geometric_mean,
    "HARMEAN": _harmonic_mean,
    "LOOKUP": _looked_up,
    "SUMXMY2": _squared_distance,
}
