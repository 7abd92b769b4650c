"""Single values: what a cell's value means to an operator, and the operators.

A value is a number, a text, a logical, an error or ``None`` for a blank cell.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.messages import Message
from xlcity.xlsx.formulas.number_texts import (
    differ_by_rounding,
    in_15_digits,
    joined_number,
    reads_otherwise,
)

#: A float, str, bool, `CellError` or, for a blank cell, None. Unchecked: mypy does not follow
#: ``x.__class__ is float``, which is faster than ``isinstance``.
Value = Any

#: Numbers from here on are left to other engines: what overflows is an error in Excel.
HUGE = 1e150
#: Counts and places from here on are not cut to whole numbers.
_MOST_WHOLE = 2**31
#: Shares of the larger operand: a final difference up to the first is 0, up to the second in doubt.
_ROUNDING_SHARE = 1e-15
_DOUBT_SHARE = 4e-15
#: A number as typed, and its percent sign.
_DECIMAL = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)\s*\Z", re.ASCII
)


class UntranslatableError(Exception):
    """A formula uses what this engine does not have."""


class DoubtError(Exception):
    """A formula met what this engine leaves to others."""


def to_number(value: CellValue) -> float | CellError:
    """Return the number that arithmetic takes for a value, a blank being 0, TRUE 1; or an error."""
    if isinstance(value, float):
        return value
    if value is None:
        return 0.0
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    return read_number(value) if isinstance(value, str) else value


def read_number(text: str) -> float | CellError:
    """Return the number that a text spells, or #VALUE!.

    Raises
    ------
    DoubtError
        For dates, currencies and groups of digits, which a region reads in its own way.
    """
    if (match := _DECIMAL.match(text)) is None:
        if text.upper().strip() not in ("TRUE", "FALSE") and reads_otherwise(text):
            raise DoubtError(f"{text!r} as a number")
        return CellError.VALUE
    number_read = float(match[1])
    if abs(number_read) >= HUGE:
        raise DoubtError(f"{text!r} as a number")
    return number_read / 100.0 if match[2] else number_read


def to_text(value: CellValue) -> str | CellError:
    """Return the text that & takes for a value: "" for a blank; or an error."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value


def number_text(value: float) -> str:
    """Return a number as & spells it; `DoubtError` where programs differ."""
    if (shown := joined_number(value)) is None:
        raise DoubtError(f"{value!r} as a text")
    return shown


def to_logical(value: CellValue) -> bool | CellError:
    """Return what a value is as a condition: a number but 0 is true, a blank false; or an error."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value != 0.0
    if value is None:
        return False
    return _spelled_logical(value) if isinstance(value, str) else value


def _spelled_logical(text: str) -> bool | CellError:
    """Return the logical that a text spells, or #VALUE!; `DoubtError` if it has spaces around."""
    upper = text.upper()
    if upper in ("TRUE", "FALSE"):
        return upper == "TRUE"
    if upper.strip() in ("TRUE", "FALSE"):
        raise DoubtError(f"{text!r} as a condition")
    return CellError.VALUE


def _make_converting_operator(
    operate: Callable[[Any, Any], Value],
    kind: type = float,
    convert: Callable[[Value], Value] = to_number,
) -> Callable[[Value, Value], Value]:
    """Return an operator that converts both values to one kind first, and returns their errors.

    Parameters
    ----------
    operate
        The operator between two values of that kind.
    kind, convert
        The kind, and what converts a value to it or gives an error.
    """

    def convert_and_operate(a: Value, b: Value) -> Value:
        """Return the operator's value of two cells' values, or the first error among them."""
        x = a if a.__class__ is kind else convert(a)
        if x.__class__ is CellError:
            return x
        y = b if b.__class__ is kind else convert(b)
        if y.__class__ is CellError:
            return y
        return operate(x, y)

    return convert_and_operate


def _power(base: float, exponent: float) -> float | CellError:
    """Return a power; #NUM! where it is not a real number or too large, #DIV/0! for 0 ^ -1."""
    if base == 0.0:
        if exponent == 0.0:
            return CellError.NUM
        return CellError.DIV0 if exponent < 0.0 else 0.0
    try:
        power = base**exponent
    except OverflowError:
        return CellError.NUM
    return power if isinstance(power, float) else CellError.NUM


def _divide(x: float, y: float) -> float | CellError:
    """Return a quotient; #DIV/0! for 0 below."""
    return x / y if y else CellError.DIV0


add = _make_converting_operator(lambda x, y: x + y)
subtract = _make_converting_operator(lambda x, y: x - y)
multiply = _make_converting_operator(lambda x, y: x * y)
divide = _make_converting_operator(_divide)
power = _make_converting_operator(_power)
join = _make_converting_operator(lambda x, y: x + y, str, to_text)


def _make_final_operator(
    operate: Callable[[Value, Value], Value],
) -> Callable[[Value, Value], Value]:
    """Return + or - as the final step of a formula: a sum that is only rounding becomes 0.

    `operate` is + or - of two cells' values.
    """

    def operate_without_residue(a: Value, b: Value) -> Value:
        """Return the sum or difference; 0 for one that is tiny beside its operands."""
        outcome = operate(a, b)
        if outcome.__class__ is CellError or not outcome:
            return outcome
        # No error among the operands: the outcome would be one.
        largest = max(abs(to_number(a)), abs(to_number(b)))  # type: ignore[arg-type]
        if abs(outcome) <= _ROUNDING_SHARE * largest:
            return 0.0
        if abs(outcome) <= _DOUBT_SHARE * largest:
            raise DoubtError(Message("doubt.difference_near_zero"))
        return outcome

    return operate_without_residue


final_add = _make_final_operator(add)
final_subtract = _make_final_operator(subtract)


def negative(value: Value) -> float | CellError:
    """Return the operator - before a cell's value, or its error."""
    number = to_number(value)
    return number if isinstance(number, CellError) else 0.0 - number


def percent(value: Value) -> float | CellError:
    """Return the operator % behind a cell's value, or its error."""
    number = to_number(value)
    return number if isinstance(number, CellError) else number / 100.0


def comparison_key(value: Value) -> object:
    """Return a key that values have in common if = calls them equal: a text in small letters.

    TRUE becomes ``("is", True)``, since Python's True equals 1.0.
    """
    kind = value.__class__
    if kind is str:
        return value.lower()
    return ("is", value) if kind is bool else value


#: Numbers come before texts, texts before TRUE and FALSE.
_KIND_ORDER = {float: 0, str: 1, bool: 2}
#: What a blank counts as beside a value of a kind; beside others it is 0.
_BLANK_BESIDE: dict[type, Value] = {str: "", bool: False}


def _comparable_pair(a: Value, b: Value) -> tuple[object, object]:
    """Return what Python compares as Excel compares two values, neither of them an error.

    A blank counts as 0, "" or FALSE, by the kind of the other one; texts compare in small letters,
    nearly equal numbers in 15 digits, different kinds by `_KIND_ORDER`: numbers, texts, logicals.
    """
    if a is None:
        a = _BLANK_BESIDE.get(b.__class__, 0.0)
    if b is None:
        b = _BLANK_BESIDE.get(a.__class__, 0.0)
    if a.__class__ is b.__class__:
        if a.__class__ is str:
            return a.lower(), b.lower()
        if a.__class__ is float and differ_by_rounding(a, b):
            return in_15_digits(a), in_15_digits(b)
        return a, b
    return _KIND_ORDER[a.__class__], _KIND_ORDER[b.__class__]


def require_sortable(*texts: Value) -> None:
    """Raise `DoubtError` for texts whose order depends on a region: all but letters and digits."""
    for text in texts:
        if text.__class__ is str and text and not (text.isascii() and text.isalnum()):
            raise DoubtError(f"the order of {text!r}")


def _make_comparison(
    compare: Callable[[Any, Any], bool], *, ordered: bool = True
) -> Callable[[Value, Value], Value]:
    """Return a comparison of two cells' values, which gives the first error among them.

    Parameters
    ----------
    compare
        The comparison, of two values that Python orders as Excel orders them.
    ordered
        Whether it is one of order, such as <: texts whose order is in doubt are refused then.
    """

    def compare_or_error(a: Value, b: Value) -> Value:
        """Return whether the comparison of two cells' values holds, or their first error."""
        if a.__class__ is CellError:
            return a
        if b.__class__ is CellError:
            return b
        if ordered and a.__class__ is b.__class__ is str:
            require_sortable(a, b)
        return compare(*_comparable_pair(a, b))

    return compare_or_error


equal = _make_comparison(lambda x, y: x == y, ordered=False)
unequal = _make_comparison(lambda x, y: x != y, ordered=False)
less = _make_comparison(lambda x, y: x < y)
greater = _make_comparison(lambda x, y: x > y)
at_most = _make_comparison(lambda x, y: x <= y)
at_least = _make_comparison(lambda x, y: x >= y)

#: Operator -> what computes it of two values.
BINARY: dict[str, Callable[[Value, Value], Value]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "^": power,
    "&": join,
    "=": equal,
    "<>": unequal,
    "<": less,
    ">": greater,
    "<=": at_most,
    ">=": at_least,
}


def has_near_number(ascending: list[float], number: float) -> bool:
    """Return whether a sorted list has a number that is unequal to `number` but nearly the same.

    Nearly: the same in 15 digits, which are all that some programs compare.
    """
    reach = 1e-14 * abs(number)
    low = bisect_left(ascending, number - reach)
    high = bisect_right(ascending, number + reach)
    equal_count = bisect_right(ascending, number) - bisect_left(ascending, number)
    return high - low != equal_count


def to_whole_number(value: Value) -> int | CellError:
    """Return a value as a count or a place, cut down to a whole number; or its error.

    `DoubtError` for numbers that are too large, or all but whole.
    """
    x = value if value.__class__ is float else to_number(value)
    if isinstance(x, CellError):
        return x
    if x.is_integer() and abs(x) < _MOST_WHOLE:
        return int(x)
    if abs(x) >= _MOST_WHOLE:
        raise DoubtError(f"{x!r} as a count")
    if differ_by_rounding(round(x), x):
        raise DoubtError(f"{x!r} cut to a whole number")
    return math.floor(x)
