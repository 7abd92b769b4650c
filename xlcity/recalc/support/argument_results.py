"""In which classes an argument is for what makes it, whatever cells hold."""

from __future__ import annotations

from xlcity.recalc.support.argument_values import ArgumentEvaluator
from xlcity.recalc.support.catalogue import signatures
from xlcity.recalc.support.value_classes import RANGES
from xlcity.xlsx.formulas.syntax import Expr

#: Results that are whole numbers, dates, texts, whatever the arguments.
_WHOLE = frozenset(
    "COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS ROW ROWS COLUMN COLUMNS MATCH XMATCH LEN YEAR MONTH"  # noqa: SIM905
    " DAY HOUR MINUTE SECOND WEEKDAY WEEKNUM ISOWEEKNUM INT FIND SEARCH CODE RANK RANK.EQ TYPE"
    " DAYS NETWORKDAYS QUOTIENT DATEDIF ERROR.TYPE SIGN".split()
)
_DATES = frozenset("TODAY DATE EDATE EOMONTH WORKDAY DATEVALUE".split())  # noqa: SIM905
_FOR_WHOLE = frozenset(
    "num truth text word plain short shown order whole count count0 digits few months"  # noqa: SIM905
    " stepped periods sought criterion stride nonzero choice small moderate".split()
)
_FOR_DATE = _FOR_WHOLE | {"date", "day", "moment"}
_FOR_NUMBER = frozenset(
    "num truth angle order nonzero stepped sought truths rate positive".split()  # noqa: SIM905
)
_FOR_ROUNDED = _FOR_NUMBER | {"text", "plain", "short", "shown", "criterion"}
_FOR_TEXT = frozenset("text word order texts sought criterion".split())  # noqa: SIM905


def always_in(letter: str, arg: Expr) -> bool:
    """Return whether an argument is in a class whatever cells hold."""
    if letter == "any" or arg.kind == "empty":
        return True
    if letter == "criterion" or not in_by_result(letter, arg):
        return False
    return _is_never_known(arg)


def is_from_1(expr: Expr) -> bool:
    """Return whether an expression is 1 or more, if its value can be found."""
    numbers = (float(arg.text) for arg in expr.args if arg.kind == "number")
    return expr.kind == "call" and expr.text == "MAX" and any(number >= 1 for number in numbers)


def _is_never_known(expr: Expr) -> bool:
    """Return whether an expression is an error or has a value that cannot be found."""
    if expr.kind == "call":
        return not ArgumentEvaluator.evaluates(expr.text)
    arithmetic = expr.kind == "binary" and expr.text in "+-*/^"
    return arithmetic and any(map(_is_never_known, expr.args))


def in_by_result(letter: str, arg: Expr) -> bool:
    """Return whether an argument that could not be evaluated is in a class for what makes it."""
    if arg.kind == "call":
        if arg.text in _WHOLE:
            return letter in _FOR_WHOLE or letter in RANGES
        if arg.text in _DATES:
            return letter in _FOR_DATE or letter in RANGES
        if arg.text == "ROUND":
            return letter in _FOR_ROUNDED
    result = "n"
    if arg.kind == "call" or arg.kind == "binary":
        signature = signatures().get(arg.text)
        result = "g" if signature is None else signature.result
    if arg.kind in ("ref", "name"):
        return letter in RANGES or letter in _FOR_NUMBER
    if result == "s":
        return letter in _FOR_TEXT
    if result == "l":
        return letter in ("truth", "bool", "truths", "num", "order", "switch")
    if letter in RANGES:
        return letter not in ("pairs", "distinct")
    return letter in _FOR_NUMBER or (result == "g" and letter in ("text", "texts"))
