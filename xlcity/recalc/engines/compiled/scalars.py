"""Functions of single values: mathematics, texts, logic and what a value is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from xlcity.errors import CellError
from xlcity.functions.correlate import two_sided_p
from xlcity.recalc.engines.compiled.values import (
    DoubtError,
    number,
    read_number,
    text,
    truth,
    whole,
)
from xlcity.xlsx.formulas.number_texts import is_nearly

#: Degrees of freedom up to which the distribution has all its digits.
_MOST_FREEDOM = 10_000
#: For arguments that are left out.
_ABSENT: Any = object()


def _numeric(*functions: Callable[..., Any]) -> Callable[..., Any]:
    (function,) = functions

    def of(*args: Any) -> Any:
        numbers = []
        for arg in args:
            x = arg if arg.__class__ is float else number(arg)
            if x.__class__ is CellError:
                return x
            numbers.append(x)
        return function(*numbers)

    return of


def round_half_up(x: float, digits: int) -> float:
    """Return a number rounded as Excel does it: halves away from zero, by the digits shown."""
    if digits > 15 or x == 0.0:
        return x if digits > 15 else 0.0
    scale = 10.0 ** abs(digits)
    scaled = x * scale if digits >= 0 else x / scale
    size = abs(scaled)
    if size >= 1e15:
        return x
    below = math.floor(size)
    # 1.005 is just below; with 15 digits it is a half.
    up = below + 1 if float(f"{size - below:.15g}") >= 0.5 or _is_half(size, below) else below
    rounded = up / scale if digits >= 0 else up * scale
    return math.copysign(rounded, x) if rounded else 0.0


def _is_half(size: float, below: int) -> bool:
    return float(f"{size:.15g}") >= below + 0.5


def _round(x: float, digits: float) -> Any:
    if abs(digits) > 20:
        raise DoubtError("ROUND to more than 20 digits")
    return round_half_up(x, math.trunc(digits))


def _int(x: float) -> float:
    if is_nearly(round(x), x):
        raise DoubtError(f"INT({x!r})")
    return float(math.floor(x))


def _log10(x: float) -> Any:
    return math.log10(x) if x > 0 else CellError.NUM


def _ln(x: float) -> Any:
    return math.log(x) if x > 0 else CellError.NUM


def _exp(x: float) -> Any:
    if x > 300:
        raise DoubtError("numbers beyond the limits")
    return math.exp(x)


def _sqrt(x: float) -> Any:
    return math.sqrt(x) if x >= 0 else CellError.NUM


def _tdist(x: float, degrees: float, tails: float) -> Any:
    freedom, sides = whole(degrees), whole(tails)
    if freedom > _MOST_FREEDOM:
        raise DoubtError(f"TDIST with {freedom} degrees")
    if x < 0 or freedom < 1 or sides not in (1, 2):
        return CellError.NUM
    return two_sided_p(x * x / freedom, freedom) * sides / 2.0


def _texts(*functions: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a text and of more values, which gives the first error among them."""
    (function,) = functions

    def of(first: Any, *rest: Any) -> Any:
        word = first if first.__class__ is str else text(first)
        if word.__class__ is CellError:
            return word
        for value in rest:
            if value.__class__ is CellError:
                return value
        return function(word, *rest)

    return of


def _trim(value: str) -> Any:
    return " ".join(part for part in value.split(" ") if part) if " " in value else value


def _length(value: str) -> Any:
    # Excel counts in UTF-16; what lies beyond is left to others.
    _require_plane(value)
    return float(len(value))


def _require_plane(value: str) -> None:
    if not value.isascii() and max(value) > "\uffff":
        raise DoubtError("a text with characters beyond the first plane")


def _end(cut: Callable[[str, int], str]) -> Callable[..., Any]:
    """Return LEFT or RIGHT, by what they cut off."""

    def of(value: str, count: Any = 1.0) -> Any:
        n = whole(count)
        if n.__class__ is CellError:
            return n
        if n < 0:
            return CellError.VALUE
        _require_plane(value)
        return cut(value, n)

    return of


def _mid(value: str, start: Any, count: Any) -> Any:
    first, n = whole(start), whole(count)
    if first.__class__ is CellError:
        return first
    if n.__class__ is CellError:
        return n
    if first < 1 or n < 0:
        return CellError.VALUE
    _require_plane(value)
    return value[first - 1 : first - 1 + n]


def pattern_of(word: str, end: str = r"\Z") -> re.Pattern[str] | None:
    """Return the pattern that a text with wildcards is; ``None`` where it has none."""
    if not any(sign in word for sign in "*?~"):
        return None
    pieces = re.findall(r"~[*?~]|.", word, re.S)
    spelled = [
        ".*" if p == "*" else "." if p == "?" else re.escape(p[1:] if len(p) == 2 else p)
        for p in pieces
    ]
    return re.compile("".join(spelled) + end, re.S | re.I)


def _place(find: Callable[[str, str, int], int]) -> Callable[..., Any]:
    """Return FIND or SEARCH, by what finds a word in a text; -1 where it is not there."""

    def of(word: str, value: Any, start: Any = 1.0) -> Any:
        within, first = text(value), whole(start)
        if within.__class__ is CellError:
            return within
        if first.__class__ is CellError:
            return first
        if first < 1 or first > len(within) + (not word):
            return CellError.VALUE
        _require_plane(within)
        index = find(word, within, first - 1)
        return float(index + 1) if index >= 0 else CellError.VALUE

    return of


def _search(word: str, within: str, start: int) -> int:
    pattern = pattern_of(word, "") or re.compile(re.escape(word), re.I)
    hit = pattern.search(within, start)
    return -1 if hit is None else hit.start()


def _substitute(value: str, old: Any, new: Any, instance: Any = _ABSENT) -> Any:
    word, other = text(old), text(new)
    if not word:
        return value
    if instance is _ABSENT:
        return value.replace(word, other)
    n = whole(instance)
    if n.__class__ is CellError:
        return n
    if n < 1:
        return CellError.VALUE
    parts = value.split(word)
    return value if n >= len(parts) else word.join(parts[:n]) + other + word.join(parts[n:])


def _exact(value: str, other: Any) -> Any:
    return value == text(other)


def _value(value: Any) -> Any:
    kind = value.__class__
    if kind is float or kind is CellError:
        return value
    if kind is str:
        return read_number(value)
    return CellError.VALUE if kind is bool else 0.0


def _char(value: Any) -> Any:
    n = whole(value)
    if n.__class__ is CellError:
        return n
    if not 1 <= n <= 255:
        return CellError.VALUE
    if n > 126:
        raise DoubtError("CHAR beyond ASCII")
    return chr(n)


#: Formats of TEXT that are computed here.
_FORMATS = {"0": 0, "0.0": 1, "0.00": 2, "0.000": 3, "0.0000": 4, "0.0%": 3, "0.00%": 4}


def _text(value: Any, form: Any) -> Any:
    if value.__class__ is CellError:
        return value
    if value.__class__ is bool or form.__class__ is not str or form not in _FORMATS:
        raise DoubtError(f"TEXT with the format {form!r}")
    x = number(value) if value.__class__ is not str else None
    if x.__class__ is not float:
        raise DoubtError("TEXT of a text")
    share = form.endswith("%")
    places = _FORMATS[form] - (2 if share else 0)
    rounded = round_half_up(float(f"{x:.15g}"), _FORMATS[form])
    shown = f"{float(f'{rounded * 100:.15g}') if share else rounded:.{places}f}"
    if not rounded:
        shown = shown.lstrip("-")
    return shown + "%" if share else shown


def _n(value: Any) -> Any:
    kind = value.__class__
    if kind is float or kind is CellError:
        return value
    return 1.0 if value is True else 0.0


_TYPES = {float: 1.0, str: 2.0, bool: 4.0, type(None): 1.0, CellError: 16.0}
_ERROR_NUMBERS = {
    CellError.NULL: 1.0, CellError.DIV0: 2.0, CellError.VALUE: 3.0, CellError.REF: 4.0,
    CellError.NAME: 5.0, CellError.NUM: 6.0, CellError.NA: 7.0,
}  # fmt: skip


def _error_type(value: Any) -> Any:
    return _ERROR_NUMBERS.get(value, CellError.NA)


def _not(value: Any) -> Any:
    logical = truth(value)
    return logical if logical.__class__ is CellError else not logical


#: Functions that take single values: name -> (function, least and most arguments).
SCALARS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "ABS": (_numeric(abs), 1, 1),
    "INT": (_numeric(_int), 1, 1),
    "SQRT": (_numeric(_sqrt), 1, 1),
    "SIGN": (_numeric(lambda x: float((x > 0) - (x < 0))), 1, 1),
    "LN": (_numeric(_ln), 1, 1),
    "EXP": (_numeric(_exp), 1, 1),
    "LOG10": (_numeric(_log10), 1, 1),
    "ROUND": (_numeric(_round), 2, 2),
    "TDIST": (_numeric(_tdist), 3, 3),
    "TRIM": (_texts(_trim), 1, 1),
    "LEN": (_texts(_length), 1, 1),
    "LEFT": (_texts(_end(lambda value, n: value[:n])), 1, 2),
    "RIGHT": (_texts(_end(lambda value, n: value[-n:] if n else "")), 1, 2),
    "MID": (_texts(_mid), 3, 3),
    "FIND": (_texts(_place(lambda word, within, start: within.find(word, start))), 2, 3),
    "SEARCH": (_texts(_place(_search)), 2, 3),
    "SUBSTITUTE": (_texts(_substitute), 3, 4),
    "EXACT": (_texts(_exact), 2, 2),
    "VALUE": (_value, 1, 1),
    "CHAR": (_char, 1, 1),
    "TEXT": (_text, 2, 2),
    "NOT": (_not, 1, 1),
    "N": (_n, 1, 1),
    "TYPE": (lambda value: _TYPES[value.__class__], 1, 1),
    "ERROR.TYPE": (_error_type, 1, 1),
    "ISNUMBER": (lambda value: value.__class__ is float, 1, 1),
    "ISTEXT": (lambda value: value.__class__ is str, 1, 1),
    "ISLOGICAL": (lambda value: value.__class__ is bool, 1, 1),
    "ISERROR": (lambda value: value.__class__ is CellError, 1, 1),
    "ISBLANK": (lambda value: value is None, 1, 1),
    "ISNA": (lambda value: value is CellError.NA, 1, 1),
}
