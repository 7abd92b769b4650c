"""Single values: what a cell's value means to an operator, and the operators.

A value is a number, a text, a logical, an error or ``None`` for a blank cell.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from xlcity.errors import CellError
from xlcity.xlsx.formulas.number_texts import (
    in_15_digits,
    is_nearly,
    joined_number,
    reads_otherwise,
)

#: Numbers from here on are left to other engines: what overflows is an error in Excel.
HUGE = 1e150
#: Counts and places that are cut to whole numbers.
_MOST_COUNTED = 2**31
#: Shares of the larger operand: a last difference up to the first is 0, up to the second unknown.
_ROUNDING, _BORDER = 1e-15, 4e-15
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
        if text.upper().strip() not in ("TRUE", "FALSE") and reads_otherwise(text):
            raise DoubtError(f"{text!r} as a number")
        return CellError.VALUE
    number_read = float(match[1])
    if abs(number_read) >= HUGE:
        raise DoubtError(f"{text!r} as a number")
    return number_read / 100.0 if match[2] else number_read


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
    """Return a number as a text."""
    if (shown := joined_number(value)) is None:
        raise DoubtError(f"{value!r} as a text")
    return shown


def truth(value: Any) -> Any:
    """Return what a value is as a condition."""
    kind = value.__class__
    if kind is bool:
        return value
    if kind is float:
        return value != 0.0
    if value is None:
        return False
    return _spelt_truth(value) if kind is str else value


def _spelt_truth(text: str) -> Any:
    upper = text.upper()
    if upper in ("TRUE", "FALSE"):
        return upper == "TRUE"
    if upper.strip() in ("TRUE", "FALSE"):
        raise DoubtError(f"{text!r} as a condition")
    return CellError.VALUE


def _between(
    operate: Callable[[Any, Any], Any], kind: type = float, read: Callable[[Any], Any] = number
) -> Callable[[Any, Any], Any]:
    """Return an operator between two values, which are read as a kind first."""

    def of(a: Any, b: Any) -> Any:
        x = a if a.__class__ is kind else read(a)
        if x.__class__ is CellError:
            return x
        y = b if b.__class__ is kind else read(b)
        if y.__class__ is CellError:
            return y
        return operate(x, y)

    return of


def _divide(x: float, y: float) -> Any:
    return x / y if y else CellError.DIV0


def _power(x: float, y: float) -> Any:
    if x == 0.0:
        return CellError.NUM if y == 0.0 else CellError.DIV0 if y < 0.0 else 0.0
    try:
        power = x**y
    except OverflowError:
        return CellError.NUM
    return power if power.__class__ is float else CellError.NUM


add = _between(lambda x, y: x + y)
subtract = _between(lambda x, y: x - y)
multiply = _between(lambda x, y: x * y)
divide = _between(_divide)
power = _between(_power)
join = _between(lambda x, y: x + y, str, text)


def _last(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return + or - as the last step of a formula: what only rounding leaves is 0."""

    def of(a: Any, b: Any) -> Any:
        outcome = operate(a, b)
        if outcome.__class__ is CellError or not outcome:
            return outcome
        largest = max(abs(number(a)), abs(number(b)))
        if abs(outcome) <= _ROUNDING * largest:
            return 0.0
        if abs(outcome) <= _BORDER * largest:
            raise DoubtError("a difference that Excel may take for 0")
        return outcome

    return of


last_add, last_subtract = _last(add), _last(subtract)


def negative(a: Any) -> Any:
    """Return -a."""
    x = number(a)
    return x if x.__class__ is CellError else 0.0 - x


def percent(a: Any) -> Any:
    """Return a%."""
    x = number(a)
    return x if x.__class__ is CellError else x / 100.0


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
        if a.__class__ is float and is_nearly(a, b):
            return in_15_digits(a), in_15_digits(b)
        return a, b
    return _ORDER[a.__class__], _ORDER[b.__class__]


def require_order(*texts: Any) -> None:
    """Refuse texts whose order depends on a region: letters and digits have one."""
    for text in texts:
        if text.__class__ is str and text and not (text.isascii() and text.isalnum()):
            raise DoubtError(f"the order of {text!r}")


def _comparison(
    holds: Callable[[Any, Any], bool], *, ordered: bool = True
) -> Callable[[Any, Any], Any]:
    def of(a: Any, b: Any) -> Any:
        if a.__class__ is CellError:
            return a
        if b.__class__ is CellError:
            return b
        if ordered and a.__class__ is b.__class__ is str:
            require_order(a, b)
        return holds(*_pair(a, b))

    return of


equal = _comparison(lambda x, y: x == y, ordered=False)
unequal = _comparison(lambda x, y: x != y, ordered=False)
less = _comparison(lambda x, y: x < y)
greater = _comparison(lambda x, y: x > y)
at_most = _comparison(lambda x, y: x <= y)
at_least = _comparison(lambda x, y: x >= y)

#: Operator -> what computes it of two values.
BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add, "-": subtract, "*": multiply, "/": divide, "^": power, "&": join,
    "=": equal, "<>": unequal, "<": less, ">": greater, "<=": at_most, ">=": at_least,
}  # fmt: skip


def is_crowded(ascending: list[float], x: float) -> bool:
    """Return whether numbers stand beside one that 15 digits may not tell from it."""
    reach = 1e-14 * abs(x)
    low, high = bisect_left(ascending, x - reach), bisect_right(ascending, x + reach)
    return high - low != bisect_right(ascending, x) - bisect_left(ascending, x)


def whole(value: Any) -> Any:
    """Return a count or a place: the number cut to a whole one."""
    x = value if value.__class__ is float else number(value)
    if x.__class__ is CellError:
        return x
    if abs(x) >= _MOST_COUNTED:
        raise DoubtError(f"{x!r} as a count")
    if is_nearly(round(x), x):
        raise DoubtError(f"{x!r} cut to a whole number")
    return math.floor(x)
