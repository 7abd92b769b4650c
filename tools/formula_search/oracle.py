"""What Excel gives for a formula, by rule: per function and class of argument.

The rules are those of Excel's documentation (support.microsoft.com, the page of each function),
written without a look at any engine:

* An argument that takes one number: blank is 0, TRUE is 1, text that is a plain number (``" 5"``,
  ``1e3`` and ``12%`` too) counts as it; other text is #VALUE!; text that only the formats of a
  region make a number (``1,234``, dates) is `Open`: no engine can know. ("Calculation operators and
  precedence: how Excel converts values in formulas".)
* Statistics: in references only numbers count, blanks, text and truth values are ignored; typed
  truth values and numbers as text count, other typed text is #VALUE! (pages of AVERAGE, STDEV.P).
* Pairs (CORREL, SLOPE, SUMXMY2): a pair with text, a truth value or a blank is left out; ranges of
  unequal size are #N/A.
* Counts (LEFT, INDEX, FACT, degrees of freedom) are cut to whole numbers.
* A number becomes text with at most 15 digits ("Excel specifications and limits"), as values that
  Excel stored show it: without an exponent up to 20 signs; in between is `Open`.
* Comparisons put numbers before text before truth values, case does not matter; numbers are
  compared by 15 digits ("Floating-point arithmetic may give inaccurate results"); criteria and
  searches beside a number that differs in its last digits only are `Open`.
* A last sum or difference that is nothing but rounding is 0 (same page).
* An error in an argument that is evaluated is the result.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tools.formula_search.catalogue import signatures
from tools.formula_search.definitions import DEFINED
from tools.formula_search.make import Argument, Made
from xlcity.errors import CellError, CellValue
from xlcity.xlsx.formulas.number_texts import (
    differ_by_rounding,
    in_15_digits,
    is_decimal,
    joined_number,
    reads_otherwise,
)

_PLAIN = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)\s*\Z", re.ASCII
)


class Open(Exception):  # noqa: N818
    """What the documentation does not settle; no engine is to be believed."""


class NoRuleError(Exception):
    """No rule is written for the formula."""


class Fault(Exception):  # noqa: N818
    """The formula gives an error; `value` is ``None`` where only that it is one is said."""

    def __init__(self, value: CellError | None = None) -> None:
        super().__init__(str(value))
        self.value = value


def expected(made: Made) -> CellValue:
    """Return what Excel gives for a formula.

    Raises
    ------
    Open
        If no rule decides it.
    NoRuleError
        If no rule is written for it.
    Fault
        If it is an error.
    """
    rule = RULES.get(made.name)
    if rule is not None:
        return rule(*made.arguments)
    compute = DEFINED.get(made.name)
    if compute is None:
        raise NoRuleError
    return _defined(made, compute)


def _defined(made: Made, compute: Callable[..., float]) -> CellValue:
    signature = signatures()[made.name]
    arguments: list[Any] = []
    lists = [a for i, a in enumerate(made.arguments) if signature.letter(i) == "a"]
    pairs = _pairs(lists) if len(lists) > 1 else [numbers(a) for a in lists]
    for index, argument in enumerate(made.arguments):
        letter = signature.letter(index)
        if letter == "a":
            arguments.append(pairs.pop(0))
        elif letter == "r":
            arguments.append(numbers(argument))
        elif letter == "m":
            arguments.append(argument.value)
        else:
            arguments.append(number(argument))
        if (
            letter != "a"
            and isinstance(arguments[-1], float)
            and abs(arguments[-1]) > 1e100
        ):
            raise Open
    if signature.group == "r" and not [
        v for a in arguments if isinstance(a, list) for v in a
    ]:
        if made.name in ("SUM", "MAX", "MIN", "COUNT", "SUMSQ", "PRODUCT"):
            return 0.0
        raise Fault
    if made.name in ("^", "POWER") and arguments == [0.0, 0.0]:
        raise Fault(CellError.NUM)
    if made.name == "TDIST":
        x = arguments[0]
        freedom = math.trunc(arguments[1])
        tails = math.trunc(arguments[2])
        if x < 0 or freedom < 1 or tails not in (1, 2):
            raise Fault(CellError.NUM)
        arguments = [x, float(freedom), float(tails)]
    if made.name in ("GEOMEAN", "HARMEAN") and min(_flat(arguments)) <= 0:
        raise Fault(CellError.NUM)
    least = {"SKEW": 3, "KURT": 4}.get(made.name, 0)
    if len(_flat(arguments)) < least:
        raise Fault(CellError.DIV0)
    try:
        found = float(compute(*arguments))
    except (ValueError, ArithmeticError, IndexError, TypeError) as error:
        raise Fault from error
    if not math.isfinite(found):
        raise Fault
    if made.name in ("+", "-") and found != 0:
        largest = max(abs(a) for a in arguments)
        if abs(found) <= 1e-15 * largest:
            return 0.0
    return found


def _flat(arguments: list[Any]) -> list[float]:
    return [v for a in arguments for v in (a if isinstance(a, list) else [a])]


# -- classes of arguments --------------------------------------------------------------------------
def number(argument: Argument) -> float:
    """Return an argument that takes one number."""
    if argument.form == "range":
        raise NoRuleError
    return as_number(argument.value)


def as_number(value: CellValue) -> float:
    """Return a value as a number."""
    if isinstance(value, CellError):
        raise Fault(value)
    if value is None or isinstance(value, bool):
        return float(value or 0)
    if isinstance(value, str):
        if (match := _PLAIN.match(value)) is not None and abs(float(match[1])) < 1e100:
            return float(match[1]) / (100.0 if match[2] else 1.0)
        if value.upper() not in ("TRUE", "FALSE") and reads_otherwise(value):
            raise Open
        raise Fault(CellError.VALUE)
    return value


def numbers(argument: Argument) -> list[float]:
    """Return what a statistic takes of an argument."""
    if argument.form in ("typed", "computed"):
        return [as_number(argument.value)]
    values = [value for row in argument.rows for value in row]
    for value in values:
        if isinstance(value, CellError):
            raise Fault(value)
    return [v for v in values if isinstance(v, float) and not isinstance(v, bool)]


def _pairs(arguments: Sequence[Argument]) -> list[Any]:
    columns = [[v for row in a.rows for v in row] for a in arguments]
    for column in columns:
        for value in column:
            if isinstance(value, CellError):
                raise Fault(value)
    if len({len(column) for column in columns}) > 1:
        raise Fault
    rows = list(zip(*columns, strict=True))
    kept = [
        r
        for r in rows
        if all(isinstance(v, float) and not isinstance(v, bool) for v in r)
    ]
    if not kept:
        raise Fault
    return [list(column) for column in zip(*kept, strict=True)]


def text(argument: Argument) -> str:
    """Return an argument that takes text."""
    if argument.form == "range":
        raise NoRuleError
    return as_text(argument.value)


def as_text(value: CellValue) -> str:
    """Return a value as text: a number has at most 15 digits."""
    if isinstance(value, CellError):
        raise Fault(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return value
    if (shown := joined_number(value)) is None:
        raise Open
    return shown


def whole(argument: Argument) -> int:
    """Return a count: cut to a whole number."""
    count = number(argument)
    if abs(count) >= 2**31 or differ_by_rounding(round(count), count):
        raise Open
    return math.trunc(count)


def truth(argument: Argument) -> bool:
    """Return a condition."""
    value = argument.value
    if isinstance(value, str):
        if value.upper() in ("TRUE", "FALSE"):
            return value.upper() == "TRUE"
        raise (
            Fault(CellError.VALUE)
            if not is_decimal(value) and not reads_otherwise(value)
            else Open
        )
    return bool(as_number(value))


# -- functions -------------------------------------------------------------------------------------
def _compared(test: Callable[[Any, Any], bool]) -> Callable[..., CellValue]:
    order = {float: 0, str: 1, bool: 2}

    def rule(left: Argument, right: Argument) -> CellValue:
        a = left.value
        b = right.value
        for value in (a, b):
            if isinstance(value, CellError):
                raise Fault(value)
        if a is None:
            a = "" if isinstance(b, str) else False if isinstance(b, bool) else 0.0
        if b is None:
            b = "" if isinstance(a, str) else False if isinstance(a, bool) else 0.0
        if type(a) is not type(b):
            return test(order[type(a)], order[type(b)])
        if isinstance(a, str) and isinstance(b, str):
            a, b = a.casefold(), b.casefold()
            plain = not a or not b or ((a + b).isascii() and (a + b).isalnum())
            if a != b and not plain and test not in (_equal, _unequal):
                raise Open  # the order of other signs follows the region
        elif isinstance(a, float):
            a, b = in_15_digits(a), in_15_digits(float(b))  # type: ignore[arg-type]
        return test(a, b)

    return rule


def _equal(a: Any, b: Any) -> bool:
    return bool(a == b)


def _unequal(a: Any, b: Any) -> bool:
    return bool(a != b)


def _left(of: Argument, count: Argument | None = None) -> CellValue:
    size = 1 if count is None else whole(count)
    if size < 0:
        raise Fault(CellError.VALUE)
    return text(of)[:size]


def _right(of: Argument, count: Argument | None = None) -> CellValue:
    said = text(of)
    size = 1 if count is None else whole(count)
    if size < 0:
        raise Fault(CellError.VALUE)
    return said[-size:] if size else ""


def _mid(of: Argument, start: Argument, count: Argument) -> CellValue:
    said = text(of)
    first = whole(start)
    size = whole(count)
    if first < 1 or size < 0:
        raise Fault(CellError.VALUE)
    return said[first - 1 : first - 1 + size]


def _replace(
    of: Argument, start: Argument, count: Argument, new: Argument
) -> CellValue:
    said = text(of)
    first = whole(start)
    size = whole(count)
    put = text(new)
    if first < 1 or size < 0:
        raise Fault(CellError.VALUE)
    return said[: first - 1] + put + said[first - 1 + size :]


def _find(what: Argument, within: Argument, start: Argument | None = None) -> CellValue:
    sought = text(what)
    said = text(within)
    first = 1 if start is None else whole(start)
    if first < 1 or first > len(said) + (sought == ""):
        raise Fault(CellError.VALUE)
    found = said.find(sought, first - 1)
    if found < 0:
        raise Fault(CellError.VALUE)
    return float(found + 1)


def _substitute(
    of: Argument, old: Argument, new: Argument, at: Argument | None = None
) -> CellValue:
    said = text(of)
    sought = text(old)
    put = text(new)
    if at is not None:
        place = whole(at)
        if place < 1:
            raise Fault(CellError.VALUE)
        parts = said.split(sought) if sought else [said]
        if place >= len(parts):
            return said
        return sought.join(parts[:place]) + put + sought.join(parts[place:])
    return said.replace(sought, put) if sought else said


def _joined(*arguments: Argument) -> CellValue:
    return "".join(as_text(v) for a in arguments for row in a.rows for v in row)


def _text_join(sign: Argument, skip: Argument, *arguments: Argument) -> CellValue:
    between = text(sign)
    leave = truth(skip)
    said = [as_text(v) for a in arguments for row in a.rows for v in row]
    return between.join(t for t in said if t or not leave)


def _value(of: Argument) -> CellValue:
    if isinstance(of.value, bool):
        raise Fault(CellError.VALUE)
    if of.value == "":
        raise Fault(CellError.VALUE)
    return number(of)


def _if(test: Argument, *branches: Argument) -> CellValue:
    taken = truth(test)
    index = 0 if taken else 1
    if index >= len(branches):
        return False
    value = branches[index].value
    if isinstance(value, CellError):
        raise Fault(value)
    return 0.0 if value is None else value


def _if_error(first: Argument, other: Argument) -> CellValue:
    value = other.value if isinstance(first.value, CellError) else first.value
    if isinstance(value, CellError):
        raise Fault(value)
    return 0.0 if value is None else value


def _truths(combine: Callable[[list[bool]], bool]) -> Callable[..., CellValue]:
    def rule(*arguments: Argument) -> CellValue:
        found: list[bool] = []
        for argument in arguments:
            if argument.form in ("typed", "computed"):
                found.append(truth(argument))
                continue
            for row in argument.rows:
                for value in row:
                    if isinstance(value, CellError):
                        raise Fault(value)
                    if isinstance(value, float | bool):
                        found.append(bool(value))
        if not found:
            raise Fault(CellError.VALUE)
        return combine(found)

    return rule


def _is(test: Callable[[CellValue], bool]) -> Callable[[Argument], CellValue]:
    return lambda argument: test(argument.value)


def _count_a(*arguments: Argument) -> CellValue:
    return float(sum(v is not None for a in arguments for row in a.rows for v in row))


def _count(*arguments: Argument) -> CellValue:
    found = 0
    for argument in arguments:
        for row in argument.rows:
            for value in row:
                if isinstance(value, float) and not isinstance(value, bool):
                    found += 1
                elif argument.form in ("typed", "computed"):
                    with contextlib.suppress(Fault):
                        found += value is None or isinstance(as_number(value), float)
    return float(found)


def _met(criterion: Argument) -> Callable[[CellValue], bool]:
    """Return the test of a plain criterion: a number, a comparison with one, a word."""
    wanted = criterion.value
    if isinstance(wanted, float) and not isinstance(wanted, bool):
        return _number_met("=", wanted)
    if wanted is None:
        return _number_met("=", 0.0)
    if isinstance(wanted, bool):
        return lambda v: v is wanted
    if not isinstance(wanted, str):
        raise Open
    if wanted == "":
        return lambda v: v is None or v == ""
    for sign in ("<>", "<=", ">=", "=", "<", ">"):
        if wanted.startswith(sign):
            rest = wanted[len(sign) :]
            break
    else:
        sign = "="
        rest = wanted
    if is_decimal(rest):
        return _number_met(sign, float(rest))
    if reads_otherwise(rest) or not rest.isalnum() or not rest.isascii():
        raise NoRuleError
    if sign not in ("=", "<>"):
        raise NoRuleError
    same = sign == "="
    return lambda v: (isinstance(v, str) and v.casefold() == rest.casefold()) is same


def _number_met(sign: str, wanted: float) -> Callable[[CellValue], bool]:
    tests: dict[str, Callable[[float], bool]] = {
        "=": lambda v: v == wanted,
        "<>": lambda v: v != wanted,
        "<": lambda v: v < wanted,
        ">": lambda v: v > wanted,
        "<=": lambda v: v <= wanted,
        ">=": lambda v: v >= wanted,
    }

    def test(value: CellValue) -> bool:
        if isinstance(value, str) and (is_decimal(value) or reads_otherwise(value)):
            if sign not in ("=", "<>"):
                return False
            match = _PLAIN.match(value)
            if match is None or match[2] or float(match[1]) == wanted:
                raise Open  # it is met as the number it reads as
            return sign == "<>"
        if isinstance(value, float) and not isinstance(value, bool):
            if value != wanted and abs(value - wanted) <= 1e-14 * abs(wanted):
                raise Open
            return tests[sign](value)
        return sign == "<>"

    return test


def _cells(argument: Argument) -> list[CellValue]:
    return [v for row in argument.rows for v in row]


def _chosen(pairs: Sequence[Argument]) -> list[bool]:
    sizes = {len(_cells(a)) for a in pairs[::2]}
    if len(sizes) > 1:
        raise Fault(CellError.VALUE)
    found = [True] * sizes.pop()
    for area, criterion in zip(pairs[::2], pairs[1::2], strict=True):
        test = _met(criterion)
        found = [a and test(v) for a, v in zip(found, _cells(area), strict=True)]
    return found


def _conditional(reduce: Callable[[list[float]], float]) -> Callable[..., CellValue]:
    def rule(area: Argument, *pairs: Argument) -> CellValue:
        values = _cells(area)
        chosen = _chosen(pairs)
        if len(values) != len(chosen):
            raise Fault(CellError.VALUE)
        return _reduced(reduce, [v for v, c in zip(values, chosen, strict=True) if c])

    return rule


def _reduced(
    reduce: Callable[[list[float]], float], values: list[CellValue]
) -> CellValue:
    for value in values:
        if isinstance(value, CellError):
            raise Fault(value)
    found = [v for v in values if isinstance(v, float) and not isinstance(v, bool)]
    try:
        return reduce(found)
    except ZeroDivisionError as error:
        raise Fault(CellError.DIV0) from error


def _conditional_one(
    reduce: Callable[[list[float]], float],
) -> Callable[..., CellValue]:
    def rule(
        area: Argument, criterion: Argument, other: Argument | None = None
    ) -> CellValue:
        values = _cells(area if other is None else other)
        chosen = _chosen([area, criterion])
        if len(values) != len(chosen):
            raise Open  # the range is taken in the size of the first one
        return _reduced(reduce, [v for v, c in zip(values, chosen, strict=True) if c])

    return rule


def _match(wanted: Argument, area: Argument, mode: Argument) -> CellValue:
    sought = wanted.value
    if isinstance(sought, CellError):
        raise Fault(sought)
    if mode.value != 0.0 or sought is None or isinstance(sought, bool):
        raise NoRuleError
    if isinstance(sought, str) and not sought.isalnum():
        raise NoRuleError
    for place, value in enumerate(_cells(area), 1):
        if type(value) is type(sought):
            if isinstance(value, str) and isinstance(sought, str):
                if value.casefold() == sought.casefold():
                    return float(place)
            elif value == sought:
                return float(place)
            elif abs(value - sought) <= 1e-14 * abs(sought):  # type: ignore[operator, arg-type]
                raise Open
    raise Fault(CellError.NA)


def _sum_product(*arguments: Argument) -> CellValue:
    """Multiply; what is not a number counts as 0."""
    sizes = {(len(a.rows), len(a.rows[0])) for a in arguments}
    if len(sizes) > 1:
        raise Fault(CellError.VALUE)
    columns = [_cells(a) for a in arguments]
    for value in (v for column in columns for v in column):
        if isinstance(value, CellError):
            raise Fault(value)
    return math.fsum(
        math.prod(
            v if isinstance(v, float) and not isinstance(v, bool) else 0.0 for v in row
        )
        for row in zip(*columns, strict=True)
    )


def _day(argument: Argument) -> date:
    value = number(argument)
    if value < 0 or value >= 2958466:
        raise Fault(CellError.NUM)
    if value < 61:
        raise Open
    return date(1899, 12, 30) + timedelta(days=math.floor(value))


def _rounded(step: Callable[[Decimal], int]) -> Callable[..., CellValue]:
    def rule(value: Argument, digits: Argument | None = None) -> CellValue:
        of = number(value)
        places = 0 if digits is None else whole(digits)
        if abs(places) > 15 or abs(of) > 1e14 or in_15_digits(of) != of:
            raise Open
        return float(
            Decimal(step(Decimal(f"{of:.15g}").scaleb(places))).scaleb(-places)
        )

    return rule


def _away(value: Decimal) -> int:
    return math.ceil(value) if value > 0 else math.floor(value)


RULES: dict[str, Callable[..., CellValue]] = {
    "&": lambda a, b: text(a) + text(b),
    "=": _compared(_equal),
    "<>": _compared(_unequal),
    "<": _compared(lambda a, b: a < b),
    ">": _compared(lambda a, b: a > b),
    "<=": _compared(lambda a, b: a <= b),
    ">=": _compared(lambda a, b: a >= b),
    "LEN": lambda a: float(len(text(a))),
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "REPLACE": _replace,
    "FIND": _find,
    "SUBSTITUTE": _substitute,
    "UPPER": lambda a: text(a).upper(),
    "LOWER": lambda a: text(a).lower(),
    "TRIM": lambda a: " ".join(p for p in text(a).split(" ") if p),
    "EXACT": lambda a, b: text(a) == text(b),
    "REPT": lambda a, n: (
        text(a) * whole(n) if whole(n) >= 0 else _raise(CellError.VALUE)
    ),
    "CONCAT": _joined,
    "CONCATENATE": _joined,
    "TEXTJOIN": _text_join,
    "VALUE": _value,
    "IF": _if,
    "IFERROR": _if_error,
    "AND": _truths(all),
    "OR": _truths(any),
    "XOR": _truths(lambda found: sum(found) % 2 == 1),
    "NOT": lambda a: not truth(a),
    "ISNUMBER": _is(lambda v: isinstance(v, float) and not isinstance(v, bool)),
    "ISTEXT": _is(lambda v: isinstance(v, str)),
    "ISNONTEXT": _is(lambda v: not isinstance(v, str)),
    "ISBLANK": _is(lambda v: v is None),
    "ISLOGICAL": _is(lambda v: isinstance(v, bool)),
    "ISERROR": _is(lambda v: isinstance(v, CellError)),
    "ISNA": _is(lambda v: v is CellError.NA),
    "ISERR": _is(lambda v: isinstance(v, CellError) and v is not CellError.NA),
    "COUNT": _count,
    "COUNTA": _count_a,
    "COUNTIF": lambda area, c: float(sum(_chosen([area, c]))),
    "COUNTIFS": lambda *pairs: float(sum(_chosen(pairs))),
    "SUMIF": _conditional_one(math.fsum),
    "AVERAGEIF": _conditional_one(lambda v: math.fsum(v) / len(v)),
    "SUMIFS": _conditional(math.fsum),
    "AVERAGEIFS": _conditional(lambda v: math.fsum(v) / len(v)),
    "MAXIFS": _conditional(lambda v: max(v, default=0.0)),
    "MINIFS": _conditional(lambda v: min(v, default=0.0)),
    "SUMPRODUCT": _sum_product,
    "MATCH": _match,
    "YEAR": lambda a: float(_day(a).year),
    "MONTH": lambda a: float(_day(a).month),
    "DAY": lambda a: float(_day(a).day),
    "TRUNC": _rounded(math.trunc),
    "ROUNDDOWN": _rounded(math.trunc),
    "ROUNDUP": _rounded(_away),
}


def _raise(value: CellError) -> CellValue:
    raise Fault(value)
