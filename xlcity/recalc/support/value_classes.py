"""Classes of values: where a function is at home, and where its borders are.

A class is a test of one value. Errors belong to every class: which error a function gives for one
is in the measured list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TypeGuard

from xlcity.errors import CellError, CellValue

#: Excel's last day, and the day after the one in 1900 that never was.
_LAST_DAY, _FIRST_DAY = 2958465.0, 61.0
#: Numbers as near as this are found by some engines and not by others.
_NEAR = 1e-11
_DECIMAL = re.compile(r"-?\d{1,15}(?:\.\d{1,14})?\Z", re.ASCII)
_NUMERIC = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*|[ap]\.?m\.?|[eE]", re.I
)
_SIGNS = frozenset(" \t\u00a0.,:;/%$€£¥()+-_'年月日时分秒")
_ISO_DATE = re.compile(r"(19\d[1-9]|19[1-9]\d|20\d\d)-\d\d-\d\d\Z")
_ISO_TIME = re.compile(r"\d{1,2}:[0-5]\d(?::[0-5]\d)?\Z")
_WORD = re.compile(r"[A-Za-z0-9]+\Z")


def is_decimal(text: str) -> bool:
    """Return whether a text is a number that all programs read alike."""
    return _DECIMAL.match(text) is not None


def reads_otherwise(text: str) -> bool:
    """Return whether some program may read a text as a number, date or time, as another does not.

    >>> [reads_otherwise(t) for t in ("1,234", "12%", "3 Jan 2020", "5", "A1", "1_000", "TRUE")]
    [True, True, True, False, False, True, True]
    """
    if is_decimal(text):
        return False
    if text.strip().upper() in ("TRUE", "FALSE"):
        return True
    if not any(char.isnumeric() for char in text):
        return False
    rest = _NUMERIC.sub("", text)
    return all(char.isnumeric() or char in _SIGNS for char in rest)


def has_short_text(value: float) -> bool:
    """Return whether a number's text is the same in every program: 15 digits, no exponent."""
    if value == 0:
        return math.copysign(1, value) > 0
    return 1e-4 <= abs(value) < 1e15 and float(f"{value:.15g}") == value


def _is_number(value: CellValue) -> TypeGuard[float]:
    return isinstance(value, float) and not isinstance(value, bool)


def ordinary(value: float) -> bool:
    """Return whether a number is far from the limits of calculation."""
    return value == 0 or 1e-100 <= abs(value) <= 1e100


def _numeric(test: Callable[[float], bool]) -> Callable[[CellValue], bool]:
    """Return a class of numbers; what reads as one counts as it, other text is an error."""

    def check(value: CellValue) -> bool:
        if value is None or isinstance(value, bool):
            return test(float(value or 0))
        if isinstance(value, str):
            return test(float(value)) if is_decimal(value) else not reads_otherwise(value)
        return isinstance(value, CellError) or (ordinary(value) and test(value))

    return check


def _strictly(test: Callable[[float], bool]) -> Callable[[CellValue], bool]:
    """Return a class of numbers in which text that reads as a number is none."""
    inner = _numeric(test)
    return lambda value: inner(value) and not (isinstance(value, str) and is_decimal(value))


def _only(test: Callable[[float], bool]) -> Callable[[CellValue], bool]:
    """Return a class of numbers that takes nothing for one."""
    return lambda value: isinstance(value, CellError) or (_is_number(value) and test(value))


def _whole(low: float, high: float) -> Callable[[CellValue], bool]:
    return _numeric(lambda x: x.is_integer() and low <= x <= high)


def _count(low: float, high: float) -> Callable[[CellValue], bool]:
    return _strictly(lambda x: x.is_integer() and low <= x <= high)


def _text(value: CellValue) -> bool:
    return has_short_text(value) if _is_number(value) else True


def _digits15(value: CellValue) -> bool:
    if _is_number(value):
        return value == 0 or 1e-4 <= abs(value) < 1e15
    return value is not None and value != ""


def _word(value: CellValue) -> bool:
    return _text(value) and value is not None and value != ""


def _plain(value: CellValue) -> bool:
    if isinstance(value, str):
        return not reads_otherwise(value) and not is_decimal(value)
    return not isinstance(value, bool) and (not _is_number(value) or has_short_text(value))


def _decimal(value: CellValue) -> bool:
    if isinstance(value, str):
        return is_decimal(value)
    return _is_number(value) or isinstance(value, CellError)


def _order(value: CellValue) -> bool:
    if isinstance(value, str):
        return value == "" or _WORD.match(value) is not None
    return True


def _sought(value: CellValue) -> bool:
    if isinstance(value, str):
        return not reads_otherwise(value) and value != ""
    return value is not None and not isinstance(value, bool)


def _criterion(value: CellValue) -> bool:
    if isinstance(value, str):
        rest = re.sub(r"\A(?:<>|<=|>=|[<>=])", "", value)
        if rest != (bare := rest.replace("*", "").replace("?", "")) and not bare.isalpha():
            return False
        return rest != "" and not reads_otherwise(rest) and "~" not in rest and rest == rest.strip()
    return _is_number(value) and abs(value) < 1e15


def _moment(x: float) -> bool:
    """Return whether a day with its time is a whole second, whatever is rounded."""
    if not 0 <= x < _LAST_DAY or 1 <= x < _FIRST_DAY:
        return False
    second = round(x * 86400)
    return (
        abs(x * 86400 - second) < 0.01
        and math.floor(x * 1440) == second // 60
        and math.floor(x * 24) == second // 3600
    )


#: Name -> its test.
CLASSES: dict[str, Callable[[CellValue], bool]] = {
    "any": lambda _: True,
    "num": _numeric(lambda _: True),
    "truth": _strictly(lambda _: True),
    "bool": lambda v: isinstance(v, bool),
    "switch": _count(0, 1),
    "text": _text,
    "digits15": _digits15,
    "word": _word,
    "ascii": lambda v: _word(v) and (not isinstance(v, str) or v.isascii()),
    "order": _order,
    "short": _numeric(has_short_text),
    "plain": _plain,
    "decimal": _decimal,
    "shown": lambda v: v is not None and not isinstance(v, bool) and _plain(v),
    "coded": lambda v: _word(v) and not (isinstance(v, float) and not v.is_integer()),
    "letter": _only(lambda x: x.is_integer() and 32 <= x < 0xD800),
    "roman": lambda v: isinstance(v, str) and re.fullmatch("[MDCLXVI]*", v) is not None,
    "roman_number": _whole(1, 3999),
    "row_number": _count(1, 1_048_576),
    "column_number": _count(1, 16_384),
    "kind": _count(1, 4),
    "figures": lambda v: isinstance(v, str) and v.isascii() and v.isalnum(),
    "pattern": lambda v: _word(v) and not (isinstance(v, str) and "~" in v),
    "base": _whole(2, 36),
    "whole": _whole(-1e9, 1e9),
    "few": _count(0, 100),
    "small": _count(0, 60),
    "count": _whole(1, 1e9),
    "count0": _whole(0, 1e9),
    "choice": _whole(1, 254),
    "digits": _whole(-12, 12),
    "stepped": _numeric(lambda x: not nearly_whole(x)),
    "stride": _numeric(lambda x: x != 0 and abs(x) >= 1e-9),
    "nonzero": _strictly(lambda x: abs(x) >= 1e-9),
    "positive": _strictly(lambda x: 1e-9 <= x <= 1e9),
    "log_base": _strictly(lambda x: 1e-6 <= x <= 1e6 and abs(x - 1) > 1e-6),
    "scale": _strictly(lambda x: 1e-3 <= x <= 1e3),
    "shape": _strictly(lambda x: 0.05 <= x <= 150),
    "moderate": _strictly(lambda x: abs(x) <= 25),
    "above": _strictly(lambda x: 1e-6 <= x <= 1e3),
    "angle": _numeric(lambda x: abs(x) <= 1e5),
    "exponent": _numeric(lambda x: abs(x) <= 15),
    "steep_angle": _numeric(lambda x: x == 0 or 1e-9 <= abs(x) <= 1e5),
    "steep_exponent": _numeric(lambda x: x == 0 or 1e-9 <= abs(x) <= 15),
    "factorial": _count(0, 100),
    "prob": _strictly(lambda x: 1e-5 <= x <= 1 - 1e-5),
    "share": _strictly(lambda x: 0 <= x < 1),
    "freedom": _count(2, 300),
    "freedoms": _count(2, 10_000),
    "tails": _count(1, 2),
    "trial": _count(0, 100),
    "trials": _count(1, 200),
    "date": _strictly(lambda x: _FIRST_DAY <= x < _LAST_DAY),
    "day": _strictly(lambda x: _FIRST_DAY <= x < _LAST_DAY and x.is_integer()),
    "moment": _strictly(_moment),
    "year": _whole(1901, 9000),
    "months": _whole(-1000, 1000),
    "clock": _whole(0, 59),
    "iso_date": lambda v: isinstance(v, str) and _ISO_DATE.match(v) is not None,
    "iso_time": lambda v: isinstance(v, str) and _ISO_TIME.match(v) is not None,
    "rate": _strictly(lambda x: x == 0 or 1e-5 <= x <= 10 or -0.99 <= x <= -1e-5),
    "positive_rate": _strictly(lambda x: 1e-4 <= x <= 100),
    "span": _strictly(lambda x: 0.01 <= x <= 1000),
    "periods": _count(1, 1000),
    "sought": _sought,
    "criterion": _criterion,
}


def nearly_whole(value: float) -> bool:
    """Return whether a number is a whole one but for its last digits."""
    near = round(value) if abs(value) < 1e15 else value
    return value != near and abs(value - near) <= 1e-11 * max(1.0, abs(value))


# Classes of whole ranges: a test of each value, and of a value that is typed or computed.
def _amount(value: CellValue) -> bool:
    return not _is_number(value) or ordinary(value)


def _is_amount(value: CellValue) -> bool:
    return isinstance(value, CellError) or (_is_number(value) and ordinary(value))


def _natural(value: CellValue) -> bool:
    return value is None or (_is_number(value) and value.is_integer() and 0 <= value <= 1e9)


def _is_holiday(value: CellValue) -> bool:
    return value is None or (_is_number(value) and CLASSES["day"](value))


def _met(value: CellValue) -> bool:
    """Return whether a criterion meets a value in one way only."""
    return not isinstance(value, str) or not reads_otherwise(value)


#: Name -> test of a value in a cell of the range, test of one that is in no cell.
RANGES: dict[str, tuple[Callable[[CellValue], bool], Callable[[CellValue], bool]]] = {
    "amounts": (_amount, _is_amount),
    "amounts_a": (lambda v: v is None or _is_amount(v), _is_amount),
    "numbers": (_is_amount, _is_amount),
    "positives": (_only(lambda x: 1e-9 <= x <= 1e9), lambda _: False),
    "flows": (_is_amount, _is_amount),
    "naturals": (_natural, _natural),
    "pairs": (lambda v: _is_number(v) and ordinary(v), lambda _: False),
    # TRUE in a cell counts as 0, and as 1 in all engines.
    "arrays": (lambda v: _amount(v) and not isinstance(v, bool) and _met(v), _is_amount),
    "plains": (lambda v: not _is_number(v) or has_short_text(v), lambda _: False),
    "distinct": (_only(lambda x: has_short_text(x)), lambda _: False),
    "dates": (_is_holiday, _is_holiday),
    "measures": (_only(lambda x: abs(x) <= 1e9), lambda _: False),
    "texts": (_text, _text),
    "digits15s": (
        lambda v: not _is_number(v) or v == 0 or 1e-4 <= abs(v) < 1e15,
        lambda v: not _is_number(v) or v == 0 or 1e-4 <= abs(v) < 1e15,
    ),
    "truths": (
        lambda v: not isinstance(v, str) or not reads_otherwise(v),
        lambda v: not isinstance(v, str),
    ),
    "referred": (_amount, lambda _: False),
    "criteria_range": (_met, lambda _: False),
}


def is_near(wanted: float, values: Sequence[CellValue], *, itself: bool = False) -> bool:
    """Return whether some number is the one wanted but for its last digits, or a truth value is.

    With `itself`, the very number counts as well.
    """
    reach = _NEAR * max(1.0, abs(wanted))
    return any(
        isinstance(v, float | bool)
        and abs(v - wanted) <= reach
        and (v != wanted or itself or isinstance(v, bool))
        for v in values
    )
