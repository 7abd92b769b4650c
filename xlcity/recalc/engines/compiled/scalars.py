"""Functions of single values: mathematics, texts, logic and what a value is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from xlcity.errors import CellError
from xlcity.functions.correlate import two_sided_p
from xlcity.messages import Message
from xlcity.recalc.engines.compiled.values import (
    DoubtError,
    Value,
    to_logical,
    to_number,
    to_text,
    to_whole_number,
)
from xlcity.xlsx.formulas.number_texts import differ_by_rounding

#: Degrees of freedom up to which the distribution has all its digits.
_MOST_DEGREES = 10_000
#: For arguments that are left out.
_ABSENT: Any = object()


def _make_number_function(function: Callable[..., Value]) -> Callable[..., Value]:
    """Return a function that converts its arguments to numbers first, or gives the first error."""

    def call_with_numbers(*args: Value) -> Value:
        """Return the function's value of cells' values, or their first error."""
        numbers = []
        for arg in args:
            number = arg if arg.__class__ is float else to_number(arg)
            if isinstance(number, CellError):
                return number
            numbers.append(number)
        return function(*numbers)

    return call_with_numbers


def round_half_up(number: float, digits: int) -> float:
    """Return ROUND: halves, as 15 digits show them, go away from zero.

    `digits` are those after the decimal point; negative, those before it that become 0.
    """
    if digits > 15:
        return number
    scale = 10.0 ** abs(digits)
    scaled = number * scale if digits >= 0 else number / scale
    size = abs(scaled)
    if size >= 1e15:
        return number
    floor = math.floor(size)
    # 1.005 is just below; with 15 digits it is a half.
    goes_up = (
        float(f"{size - floor:.15g}") >= 0.5 or float(f"{size:.15g}") >= floor + 0.5
    )
    nearest = floor + 1 if goes_up else floor
    rounded = nearest / scale if digits >= 0 else nearest * scale
    return math.copysign(rounded, number) if rounded else 0.0


def _round_number(number: float, digits: float) -> float:
    """Return ROUND; `DoubtError` for more than 20 digits."""
    if abs(digits) > 20:
        raise DoubtError(Message("doubt.round_to_many_digits"))
    return round_half_up(number, math.trunc(digits))


def _floor_number(number: float) -> float:
    """Return INT; `DoubtError` for a number that is nearly whole, which programs cut otherwise."""
    if differ_by_rounding(round(number), number):
        raise DoubtError(f"INT({number!r})")
    return float(math.floor(number))


def _raise_e(exponent: float) -> float:
    """Return EXP; `DoubtError` for a result that is nearly too large."""
    if exponent > 300:
        raise DoubtError(Message("doubt.beyond_limits"))
    return math.exp(exponent)


def _t_probability(t: float, degrees: float, tails: float) -> Value:
    """Return TDIST: the probability of values beyond t, in one or two tails.

    `degrees` of freedom and `tails` are numbers as cells have them.
    """
    freedom = to_whole_number(degrees)
    sides = to_whole_number(tails)
    assert isinstance(freedom, int)
    assert isinstance(sides, int)
    if freedom > _MOST_DEGREES:
        raise DoubtError(f"TDIST with {freedom} degrees")
    if t < 0 or freedom < 1 or sides not in (1, 2):
        return CellError.NUM
    return two_sided_p(t * t / freedom, freedom) * sides / 2.0


def _make_text_function(function: Callable[..., Value]) -> Callable[..., Value]:
    """Return a function that converts its first argument to a text, or gives the first error."""

    def call_with_text(first: Value, *others: Value) -> Value:
        """Return the function's value of a text and other cells' values, or their first error."""
        text = first if first.__class__ is str else to_text(first)
        if isinstance(text, CellError):
            return text
        for value in others:
            if isinstance(value, CellError):
                return value
        return function(text, *others)

    return call_with_text


def _text_length(value: str) -> float:
    """Return LEN of a text; `DoubtError` for characters that Excel counts as two."""
    _require_basic_plane(value)
    return float(len(value))


def _require_basic_plane(value: str) -> None:
    """Raise `DoubtError` for characters that are two for Excel, which counts in UTF-16."""
    if not value.isascii() and max(value) > "\uffff":
        raise DoubtError(Message("doubt.beyond_first_plane"))


def _make_cut(cut: Callable[[str, int], str]) -> Callable[..., Value]:
    """Return LEFT or RIGHT of a text.

    `cut` takes a text and a number of characters, and gives the first or the last ones.
    """

    def cut_text(value: str, count: Value = 1.0) -> Value:
        """Return so many characters of a text; `count` is a cell's value, which may be an error."""
        n = to_whole_number(count)
        if isinstance(n, CellError):
            return n
        if n < 0:
            return CellError.VALUE
        _require_basic_plane(value)
        return cut(value, n)

    return cut_text


def wildcard_pattern(word: str, end: str = r"\Z") -> re.Pattern[str] | None:
    """Return the pattern of a text with the wildcards * and ?; None where it has none.

    ~ before a character means the character itself. `end` is what the pattern ends with: by default
    a whole text must match.
    """
    if not any(sign in word for sign in "*?~"):
        return None
    pieces = map(_wildcard_piece, re.findall(r"~.|.", word, re.DOTALL))
    return re.compile("".join(pieces) + end, re.DOTALL | re.IGNORECASE)


def _wildcard_piece(piece: str) -> str:
    """Return the pattern of a wildcard, or of a character, which may have ~ before it."""
    if piece == "*":
        return ".*"
    if piece == "?":
        return "."
    return re.escape(piece[-1])


def _find_text(
    sought: str, within: Value, start: Value = 1.0, *, has_wildcards: bool = False
) -> Value:
    """Return FIND, or SEARCH with wildcards and any capitals: the place of a text, from 1.

    `sought` is looked for in `within` from the character `start` on; #VALUE! if it is not there.
    """
    text = to_text(within)
    first = to_whole_number(start)
    if isinstance(text, CellError):
        return text
    if isinstance(first, CellError):
        return first
    # An empty text is also behind the last character.
    if first < 1 or first > len(text) + (not sought):
        return CellError.VALUE
    _require_basic_plane(text)
    hit = _sought_pattern(sought, has_wildcards).search(text, first - 1)
    return CellError.VALUE if hit is None else float(hit.start() + 1)


def _sought_pattern(sought: str, has_wildcards: bool) -> re.Pattern[str]:
    """Return the pattern of what FIND looks for, or SEARCH with wildcards and any capitals."""
    if not has_wildcards:
        return re.compile(re.escape(sought))
    pattern = wildcard_pattern(sought, "")
    if pattern is not None:
        return pattern
    return re.compile(re.escape(sought), re.IGNORECASE)


def _substitute_text(
    value: str, old: Value, new: Value, instance: Value = _ABSENT
) -> Value:
    """Return SUBSTITUTE of values that are not errors: one occurrence from 1, or all."""
    old_text = to_text(old)
    new_text = to_text(new)
    assert isinstance(old_text, str)
    assert isinstance(new_text, str)
    n = 1 if instance is _ABSENT else to_whole_number(instance)
    if isinstance(n, CellError):
        return n
    if n < 1:
        return CellError.VALUE
    if not old_text:
        return value
    if instance is _ABSENT:
        return value.replace(old_text, new_text)
    parts = value.split(old_text)
    if n >= len(parts):
        return value
    return old_text.join(parts[:n]) + new_text + old_text.join(parts[n:])


def _character_of_code(value: Value) -> Value:
    """Return CHAR; `DoubtError` beyond ASCII, where Excel's code page decides."""
    n = to_whole_number(value)
    if isinstance(n, CellError):
        return n
    if not 1 <= n <= 255:
        return CellError.VALUE
    if n > 126:
        raise DoubtError(Message("doubt.char_beyond_ascii"))
    return chr(n)


#: Formats of TEXT that are computed here -> the decimals to round to.
_DECIMALS_BY_FORMAT = {
    "0": 0,
    "0.0": 1,
    "0.00": 2,
    "0.000": 3,
    "0.0000": 4,
    "0.0%": 3,
    "0.00%": 4,
}


def _format_number(value: Value, number_format: Value) -> Value:
    """Return TEXT of a number or a blank; `DoubtError` for all else and for other formats."""
    if isinstance(value, CellError):
        return value
    if value.__class__ is bool or number_format not in _DECIMALS_BY_FORMAT:
        raise DoubtError(f"TEXT with the format {number_format!r}")
    x = to_number(value) if value.__class__ is not str else None
    if not isinstance(x, float):
        raise DoubtError(Message("doubt.text_of_text"))
    is_percent = number_format.endswith("%")
    decimals = _DECIMALS_BY_FORMAT[number_format]
    rounded = round_half_up(float(f"{x:.15g}"), decimals)
    if is_percent:
        shown = f"{float(f'{rounded * 100:.15g}'):.{decimals - 2}f}%"
    else:
        shown = f"{rounded:.{decimals}f}"
    return shown if rounded else shown.lstrip("-")


_TYPE_NUMBERS = {
    float: 1.0,
    str: 2.0,
    bool: 4.0,
    type(None): 1.0,
    CellError: 16.0,
}
_ERROR_NUMBERS = {
    CellError.NULL: 1.0,
    CellError.DIV0: 2.0,
    CellError.VALUE: 3.0,
    CellError.REF: 4.0,
    CellError.NAME: 5.0,
    CellError.NUM: 6.0,
    CellError.NA: 7.0,
}


def _negate_logical(value: Value) -> Value:
    """Return NOT of a cell's value, or its error."""
    logical = to_logical(value)
    return logical if isinstance(logical, CellError) else not logical


def _square_root(number: float) -> Value:
    """Return SQRT; #NUM! for a negative number."""
    return math.sqrt(number) if number >= 0 else CellError.NUM


def _natural_logarithm(number: float) -> Value:
    """Return LN; #NUM! for a number that is not positive."""
    return math.log(number) if number > 0 else CellError.NUM


def _common_logarithm(number: float) -> Value:
    """Return LOG10; #NUM! for a number that is not positive."""
    return math.log10(number) if number > 0 else CellError.NUM


def _last_characters(text: str, count: int) -> str:
    """Return so many characters from the end of a text."""
    return text[-count:] if count else ""


def _value_of_text(value: Value) -> Value:
    """Return VALUE: the number that a text spells; #VALUE! for a logical."""
    return CellError.VALUE if value.__class__ is bool else to_number(value)


def _number_or_zero(value: Value) -> Value:
    """Return N: the number of a value, 0 for a text."""
    return 0.0 if value.__class__ is str else to_number(value)


class ScalarFunction(NamedTuple):
    """A function of values, and how many arguments it takes at least and at most."""

    compute: Callable[..., Value]
    least: int
    most: int


def _one(compute: Callable[..., Value]) -> ScalarFunction:
    """Return a function of one argument."""
    return ScalarFunction(compute, 1, 1)


def _two(compute: Callable[..., Value]) -> ScalarFunction:
    """Return a function of two arguments."""
    return ScalarFunction(compute, 2, 2)


def _sign_of(x: float) -> float:
    """Return 1 for a positive number, -1 for a negative one, 0 for 0."""
    return float((x > 0) - (x < 0))


def _without_spare_spaces(text: str) -> str:
    """Return a text with one space between its words, none around them."""
    return " ".join(filter(None, text.split(" ")))


#: Functions that take single values.
SCALARS: dict[str, ScalarFunction] = {
    "ABS": _one(_make_number_function(abs)),
    "INT": _one(_make_number_function(_floor_number)),
    "SQRT": _one(_make_number_function(_square_root)),
    "SIGN": _one(_make_number_function(_sign_of)),
    "LN": _one(_make_number_function(_natural_logarithm)),
    "EXP": _one(_make_number_function(_raise_e)),
    "LOG10": _one(_make_number_function(_common_logarithm)),
    "ROUND": _two(_make_number_function(_round_number)),
    "TDIST": ScalarFunction(_make_number_function(_t_probability), 3, 3),
    "TRIM": _one(_make_text_function(_without_spare_spaces)),
    "LEN": _one(_make_text_function(_text_length)),
    "LEFT": ScalarFunction(
        _make_text_function(_make_cut(lambda text, count: text[:count])), 1, 2
    ),
    "RIGHT": ScalarFunction(_make_text_function(_make_cut(_last_characters)), 1, 2),
    "FIND": ScalarFunction(_make_text_function(_find_text), 2, 3),
    "SEARCH": ScalarFunction(
        _make_text_function(partial(_find_text, has_wildcards=True)), 2, 3
    ),
    "SUBSTITUTE": ScalarFunction(_make_text_function(_substitute_text), 3, 4),
    "EXACT": _two(_make_text_function(lambda value, other: value == to_text(other))),
    "VALUE": _one(_value_of_text),
    "CHAR": _one(_character_of_code),
    "TEXT": _two(_format_number),
    "NOT": _one(_negate_logical),
    "N": _one(_number_or_zero),
    "TYPE": _one(lambda value: _TYPE_NUMBERS[value.__class__]),
    "ERROR.TYPE": _one(lambda value: _ERROR_NUMBERS.get(value, CellError.NA)),
    "ISNUMBER": _one(lambda value: value.__class__ is float),
    "ISTEXT": _one(lambda value: value.__class__ is str),
    "ISLOGICAL": _one(lambda value: value.__class__ is bool),
    "ISERROR": _one(lambda value: isinstance(value, CellError)),
    "ISBLANK": _one(lambda value: value is None),
    "ISNA": _one(lambda value: value is CellError.NA),
}
