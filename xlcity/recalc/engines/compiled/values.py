"""Single values: what a cell's value means to an operator, and the operators.

A value is a number, a text, a logical, an error or ``None`` for a blank cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from xlcity.errors import CellError

E = CellError
#: Numbers from here on are left to other engines: what overflows is an error in Excel.
HUGE = 1e150
_DECIMAL = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)\s*\Z", re.A)


class DoubtError(Exception):
    """A formula met what this engine leaves to others."""


def number(value: Any) -> Any:
    """Return what an operator counts with."""
    kind = value.__class__
    if kind is float:
        return value
    if value is None:
        return 0.0
    if kind is bool:
        return 1.0 if value else 0.0
    if kind is str:
        return read_number(value)
    return value


def read_number(text: str) -> Any:
    """Return the number that a text spells; dates, currencies and groups of digits are left out."""
    if (match := _DECIMAL.match(text)) is None:
        if any(sign in text for sign in "/:,$¥€£") and any(c.isdigit() for c in text):
            raise DoubtError(f"{text!r} as a number")
        return E.VALUE
    found = float(match[1])
    if abs(found) >= HUGE:
        raise DoubtError(f"{text!r} as a number")
    return found / 100.0 if match[2] else found


def text(value: Any) -> Any:
    """Return what a value is as a text."""
    kind = value.__class__
    if kind is str:
        return value
    if value is None:
        return ""
    if kind is float:
        return number_text(value)
    if kind is bool:
        return "TRUE" if value else "FALSE"
    return value


def number_text(value: float) -> str:
    """Return a number as a text, without an exponent."""
    if value.is_integer() and -1e15 < value < 1e15:
        return str(int(value))
    shown = repr(value)
    return plain_digits(shown) if "e" in shown else shown


def plain_digits(shown: str) -> str:
    """Return ``1.5e-07`` as ``0.00000015``."""
    digits, _, power = shown.partition("e")
    sign = "-" if digits.startswith("-") else ""
    whole, _, fraction = digits.lstrip("-").partition(".")
    if fraction == "0":
        fraction = ""
    point, figures = len(whole) + int(power), whole + fraction
    if point <= 0:
        return f"{sign}0.{'0' * -point}{figures}"
    if point >= len(figures):
        return sign + figures + "0" * (point - len(figures))
    return f"{sign}{figures[:point]}.{figures[point:]}"


def truth(value: Any) -> Any:
    """Return what a value is as a condition."""
    kind = value.__class__
    if kind is bool:
        return value
    if kind is float:
        return value != 0.0
    if value is None:
        return False
    return E.VALUE if kind is str else value


def _between(
    operate: Callable[[Any, Any], Any], kind: type = float, read: Callable[[Any], Any] = number
) -> Callable[[Any, Any], Any]:
    """Return an operator between two values, which are read as a kind first."""

    def of(a: Any, b: Any) -> Any:
        x = a if a.__class__ is kind else read(a)
        if x.__class__ is E:
            return x
        y = b if b.__class__ is kind else read(b)
        if y.__class__ is E:
            return y
        return operate(x, y)

    return of


def _divide(x: float, y: float) -> Any:
    return x / y if y else E.DIV0


def _power(x: float, y: float) -> Any:
    if x == 0.0:
        return E.NUM if y == 0.0 else E.DIV0 if y < 0.0 else 0.0
    try:
        found = x**y
    except OverflowError:
        return E.NUM
    return found if found.__class__ is float else E.NUM


add = _between(lambda x, y: x + y)
subtract = _between(lambda x, y: x - y)
multiply = _between(lambda x, y: x * y)
divide = _between(_divide)
power = _between(_power)
join = _between(lambda x, y: x + y, str, text)


def negative(a: Any) -> Any:
    """Return -a."""
    x = number(a)
    return x if x.__class__ is E else 0.0 - x


def percent(a: Any) -> Any:
    """Return a%."""
    x = number(a)
    return x if x.__class__ is E else x / 100.0


def key_of(value: Any) -> object:
    """Return what values that count as equal have in common: texts in small letters."""
    kind = value.__class__
    if kind is str:
        return value.lower()
    return ("is", value) if kind is bool else value


#: Numbers come before texts, texts before TRUE and FALSE.
_ORDER = {float: 0, str: 1, bool: 2}


def _pair(a: Any, b: Any) -> tuple[object, object]:
    """Return what two values, none of them an error, are compared by."""
    if a is None:
        a = "" if b.__class__ is str else False if b.__class__ is bool else 0.0
    if b is None:
        b = "" if a.__class__ is str else False if a.__class__ is bool else 0.0
    if a.__class__ is b.__class__:
        if a.__class__ is str:
            return a.lower(), b.lower()
        return a, b
    return _ORDER[a.__class__], _ORDER[b.__class__]


def _comparison(
    holds: Callable[[Any, Any], bool],
) -> Callable[[Any, Any], Any]:
    def of(a: Any, b: Any) -> Any:
        if a.__class__ is E:
            return a
        if b.__class__ is E:
            return b
        return holds(*_pair(a, b))

    return of


equal = _comparison(lambda x, y: x == y)
unequal = _comparison(lambda x, y: x != y)
less = _comparison(lambda x, y: x < y)
greater = _comparison(lambda x, y: x > y)
at_most = _comparison(lambda x, y: x <= y)
at_least = _comparison(lambda x, y: x >= y)

#: Operator -> what computes it of two values.
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "^": power, "&": join,
    "=": equal, "<>": unequal, "<": less, ">": greater, "<=": at_most, ">=": at_least,
}  # fmt: skip


def whole(value: Any) -> Any:
    """Return a count or a place: the number cut to a whole one."""
    x = value if value.__class__ is float else number(value)
    if x.__class__ is E:
        return x
    return math.floor(x) if abs(x) < 1e15 else E.VALUE
