"""Evaluates parts of formulas on stored values, as far as needed to follow a reference.

Not an engine: what it does not know is `UNKNOWN`, and whoever asks must then take all that a
formula could read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from xlcity.errors import CellError, CellValue
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import Position, ReadBook
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.number_texts import in_15_digits, is_nearly, joined_number
from xlcity.xlsx.formulas.syntax import Expr


class Unknown:
    """A value that cannot be known before calculating."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
#: A value, or what we cannot tell.
Found = CellValue | Unknown

_COMPARE: dict[str, Callable[[float | str, float | str], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}
_CRITERION = re.compile(r"(<>|<=|>=|=|<|>)?(.*)\Z", re.S)


class Evaluator:
    """Evaluates expressions of one cell's formula on the stored values of its workbook."""

    def __init__(self, graph: Graph, stored: Stored, sheet: str, position: Position) -> None:
        self.graph, self.stored, self.sheet, self.position = graph, stored, sheet, position
        #: What was found before, by identity: a test is asked for its value and then followed.
        self._areas: dict[int, Range | None] = {}
        self._found: dict[int, Found] = {}

    # -- references ------------------------------------------------------------------------------
    def area(self, expr: Expr) -> Range | None:
        """Return the cells an expression refers to; ``None`` if that is unknown."""
        key = id(expr)
        if key not in self._areas:
            self._areas[key] = self._area(expr)
        return self._areas[key]

    def _area(self, expr: Expr) -> Range | None:
        if expr.ref is not None:
            return self.graph.area(expr.ref, self.sheet, self.position)
        if expr.kind == "name":
            areas = self.graph.name(expr.text, self.sheet)
            return areas[0] if len(areas) == 1 else None
        if expr.kind == "call" and expr.text == "INDEX":
            return self._index(expr)
        return None

    def _index(self, call: Expr) -> Range | None:
        """Return the cell or the row or column that INDEX gives."""
        area = self.area(call.args[0]) if call.args else None
        numbers = [self.value(arg) if arg.kind != "empty" else 0.0 for arg in call.args[1:3]]
        if area is None or not numbers:
            return None
        whole_numbers = [n for n in numbers if isinstance(n, float) and n.is_integer() and n >= 0]
        if len(whole_numbers) != len(numbers):
            return None
        down, right = int(whole_numbers[0]), int(whole_numbers[1]) if len(whole_numbers) > 1 else 0
        if len(whole_numbers) == 1 and area.rows == 1:
            down, right = 1, down
        elif len(whole_numbers) == 1 and area.columns == 1:
            right = 1
        if down > area.rows or right > area.columns:
            return None
        r1, r2 = (area.r1, area.r2) if not down else (area.r1 + down - 1,) * 2
        c1, c2 = (area.c1, area.c2) if not right else (area.c1 + right - 1,) * 2
        return Range(area.sheet, r1, c1, r2, c2)

    def match(self, call: Expr) -> tuple[Range, int] | None:
        """Return the cell in which an exact MATCH finds its value, and its number."""
        if len(call.args) < 3 or call.args[2].text != "0":
            return None
        area, wanted = self.area(call.args[1]), self.value(call.args[0])
        if area is None or isinstance(wanted, (Unknown, CellError)) or wanted is None:
            return None
        if is_too_large(area):
            return None
        if isinstance(wanted, str) and any(mark in wanted for mark in "*?~"):
            return None
        if (number := self.stored.first(area, wanted)) is None:
            return None
        down, right = divmod(number - 1, area.columns)
        position = area.r1 + down, area.c1 + right
        return Range(area.sheet, *position, *position), number

    # -- values ----------------------------------------------------------------------------------
    def value(self, expr: Expr) -> Found:
        """Return the value of an expression."""
        key = id(expr)
        if key not in self._found:
            self._found[key] = self._value(expr)
        return self._found[key]

    def _value(self, expr: Expr) -> Found:
        if expr.kind == "number":
            return float(expr.text)
        if expr.kind == "text":
            return expr.text[1:-1].replace('""', '"')
        if expr.kind == "name" and expr.text in ("TRUE", "FALSE"):
            return expr.text == "TRUE"
        if expr.kind in ("ref", "name"):
            area = self.area(expr)
            if area is None or area.rows * area.columns > 1:
                return UNKNOWN
            return self.graph.book.value(area.sheet, area.r1, area.c1)
        if expr.kind == "binary":
            return self._binary(expr)
        if expr.kind == "unary" and expr.text in "+-":
            inner = self.value(expr.args[0])
            sign = -1 if expr.text == "-" else 1
            return sign * inner if isinstance(inner, float) else UNKNOWN
        if expr.kind == "call":
            return self._call(expr)
        return UNKNOWN

    def _binary(self, expr: Expr) -> Found:
        a, b = (self.value(arg) for arg in expr.args)
        for side in (a, b):
            if isinstance(side, (Unknown, CellError)):
                return side
        assert not isinstance(a, (Unknown, CellError))
        assert not isinstance(b, (Unknown, CellError))
        if expr.text == "&":
            left, right = _text(a), _text(b)
            return UNKNOWN if left is None or right is None else left + right
        if expr.text in _COMPARE:
            return _compared(expr.text, a, b)
        x, y = (0.0 if side is None else side for side in (a, b))
        if isinstance(x, str) or isinstance(y, str):
            return CellError.VALUE
        return _arithmetic(expr.text, float(x), float(y))

    def _call(self, call: Expr) -> Found:
        function = _CALLS.get(call.text)
        return UNKNOWN if function is None else function(self, call.args, call)

    def numbers(self, args: Sequence[Expr]) -> list[Found] | None:
        """Return all values in arguments, ranges opened; ``None`` where one cannot be known."""
        values: list[Found] = []
        for arg in args:
            area = self.area(arg) if arg.kind in ("ref", "name", "call") else None
            if area is not None:
                if is_too_large(area):
                    return None
                values += self.stored.values(area)
                continue
            value = self.value(arg)
            if isinstance(value, Unknown):
                return None
            values.append(value)
        return values


def _arithmetic(operator: str, x: float, y: float) -> Found:
    try:
        if operator == "/":
            return x / y
        if operator == "^":
            power = x**y
            return UNKNOWN if isinstance(power, complex) else float(power)
    except ZeroDivisionError:
        return CellError.DIV0
    except OverflowError:
        return CellError.NUM
    simple = {"+": x + y, "-": x - y, "*": x * y}
    return simple.get(operator, UNKNOWN)


def _text(value: CellValue) -> str | None:
    """Return a value as a text; ``None`` where that is not known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return joined_number(value)
    return str(value)


def _compared(operator: str, a: CellValue, b: CellValue) -> Found:
    if a is None:
        a = "" if isinstance(b, str) else False if isinstance(b, bool) else 0.0
    if b is None:
        b = "" if isinstance(a, str) else False if isinstance(a, bool) else 0.0
    # Numbers come before texts, texts before TRUE and FALSE.
    order = {float: 0, str: 1, bool: 2}
    if type(a) is not type(b):
        return _COMPARE[operator](order.get(type(a), 0), order.get(type(b), 0))
    if isinstance(a, float) and isinstance(b, float) and is_nearly(a, b):
        a, b = in_15_digits(a), in_15_digits(b)
    x, y = fold_case(a), fold_case(b)
    assert isinstance(x, (float, str, int))
    assert isinstance(y, (float, str, int))
    return _COMPARE[operator](x, y)


def _if(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
    test = of.value(args[0])
    if isinstance(test, (Unknown, CellError)):
        return test
    if isinstance(test, str):
        return CellError.VALUE
    if test:
        return of.value(args[1]) if len(args) > 1 else UNKNOWN
    return of.value(args[2]) if len(args) > 2 else False


def _iferror(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
    first = of.value(args[0])
    return of.value(args[1]) if isinstance(first, CellError) else first


def _logic(of: Evaluator, args: Sequence[Expr], call: Expr) -> Found:
    values = [of.value(arg) for arg in args]
    if any(isinstance(value, (Unknown, str)) for value in values):
        return UNKNOWN
    wrong = next((value for value in values if isinstance(value, CellError)), None)
    if wrong is not None:
        return wrong
    return all(values) if call.text == "AND" else any(values)


def _not(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
    value = of.value(args[0])
    return value if isinstance(value, (Unknown, CellError, str)) else not value


def _is(test: Callable[[CellValue], bool]) -> Callable[[Evaluator, Sequence[Expr], Expr], Found]:
    def call(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
        value = of.value(args[0])
        return value if isinstance(value, Unknown) else test(value)

    return call


def _count(of: Evaluator, args: Sequence[Expr], call: Expr) -> Found:
    if (values := of.numbers(args)) is None:
        return UNKNOWN
    if call.text == "COUNTA":
        return float(sum(value is not None for value in values))
    return float(sum(isinstance(value, float) for value in values))


def _countif(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
    area, wanted = of.area(args[0]), of.value(args[1])
    if area is None or isinstance(wanted, (Unknown, CellError)) or wanted is None:
        return UNKNOWN
    if is_too_large(area):
        return UNKNOWN
    operator, text = "=", wanted
    if isinstance(wanted, str):
        match = _CRITERION.match(wanted)
        assert match is not None
        operator, text = match[1] or "=", match[2]
        if any(mark in match[2] for mark in "*?~"):
            return UNKNOWN
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = None
    count = 0
    for value in of.stored.values(area):
        if number is not None and isinstance(value, float):
            count += _COMPARE[operator](value, number)
        elif number is None and isinstance(value, str):
            count += _COMPARE[operator](value.casefold(), str(text).casefold())
        elif operator == "<>":
            count += 1
    return float(count)


def _rows(of: Evaluator, args: Sequence[Expr], call: Expr) -> Found:
    if not args:
        return float(of.position[0] if call.text == "ROW" else of.position[1])
    if (area := of.area(args[0])) is None:
        return UNKNOWN
    if call.text in ("ROWS", "COLUMNS"):
        return float(area.rows if call.text == "ROWS" else area.columns)
    return float(area.r1 if call.text == "ROW" else area.c1)


def _match(of: Evaluator, args: Sequence[Expr], call: Expr) -> Found:
    if (matched_cell := of.match(call)) is not None:
        return float(matched_cell[1])
    exact = len(args) > 2 and args[2].text == "0"
    wanted = of.value(args[0])
    if not exact or isinstance(wanted, Unknown) or of.area(args[1]) is None:
        return UNKNOWN
    if isinstance(wanted, str) and any(mark in wanted for mark in "*?~"):
        return UNKNOWN
    return wanted if isinstance(wanted, CellError) else CellError.NA


def _index(of: Evaluator, _: Sequence[Expr], call: Expr) -> Found:
    if (area := of.area(call)) is None:
        wrong = [of.value(arg) for arg in call.args[1:]]
        return next((value for value in wrong if isinstance(value, CellError)), UNKNOWN)
    if area.rows * area.columns > 1:
        return UNKNOWN
    return of.graph.book.value(area.sheet, area.r1, area.c1)


def _type(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
    value = of.value(args[0])
    if isinstance(value, Unknown):
        return value
    if isinstance(value, CellError):
        return 16.0
    return 4.0 if isinstance(value, bool) else 2.0 if isinstance(value, str) else 1.0


def _trim(of: Evaluator, args: Sequence[Expr], _: Expr) -> Found:
    value = of.value(args[0])
    if isinstance(value, (Unknown, CellError)):
        return value
    text = _text(value)
    return UNKNOWN if text is None else " ".join(filter(None, text.split(" ")))


def _extreme(of: Evaluator, args: Sequence[Expr], call: Expr) -> Found:
    values = of.numbers(args)
    if values is None or any(isinstance(value, CellError) for value in values):
        return UNKNOWN
    numbers = [value for value in values if isinstance(value, float)]
    if call.text == "SUM":
        return sum(numbers, 0.0)
    return (max if call.text == "MAX" else min)(numbers, default=0.0)


_CALLS: dict[str, Callable[[Evaluator, Sequence[Expr], Expr], Found]] = {
    "IF": _if,
    "IFERROR": _iferror,
    "AND": _logic,
    "OR": _logic,
    "NOT": _not,
    "ISNUMBER": _is(lambda v: isinstance(v, float) and not isinstance(v, bool)),
    "ISBLANK": _is(lambda v: v is None),
    "ISERROR": _is(lambda v: isinstance(v, CellError)),
    "ISTEXT": _is(lambda v: isinstance(v, str)),
    "COUNT": _count,
    "COUNTA": _count,
    "COUNTIF": _countif,
    "ROW": _rows,
    "COLUMN": _rows,
    "ROWS": _rows,
    "COLUMNS": _rows,
    "MATCH": _match,
    "INDEX": _index,
    "TYPE": _type,
    "TRIM": _trim,
    "MAX": _extreme,
    "MIN": _extreme,
    "SUM": _extreme,
}


#: Cells of a range whose values are listed one by one.
_MOST = 1 << 22


def is_too_large(area: Range) -> bool:
    """Return whether a range has so many cells that its values are not listed."""
    return area.rows * area.columns > _MOST


class Stored:
    """The stored values of a workbook's ranges.

    Parameters
    ----------
    book
        The workbook; it must not change while this is in use.
    """

    def __init__(self, book: ReadBook) -> None:
        self._book = book
        self._values: dict[Range, list[CellValue]] = {}
        self._firsts: dict[Range, dict[tuple[type, CellValue], int]] = {}

    def values(self, area: Range) -> list[CellValue]:
        """Return the values of a range, row by row."""
        if (values := self._values.get(area)) is None:
            sheet = self._book.sheets.get(area.sheet)
            value = (lambda _: None) if sheet is None else sheet.stored()
            columns = range(area.c1, area.c2 + 1)
            rows = range(area.r1, area.r2 + 1)
            values = self._values[area] = [value((r, c)) for r in rows for c in columns]
        return values

    def first(self, area: Range, wanted: CellValue) -> int | None:
        """Return which value of a range, from 1, is the first that equals one in any case."""
        if (firsts := self._firsts.get(area)) is None:
            firsts = self._firsts[area] = {}
            for number, value in enumerate(self.values(area), 1):
                firsts.setdefault((type(value), fold_case(value)), number)
        return firsts.get((type(wanted), fold_case(wanted)))


def fold_case(value: CellValue) -> CellValue:
    """Return a value as comparisons see it: upper and lower case are one."""
    return value.casefold() if isinstance(value, str) else value
