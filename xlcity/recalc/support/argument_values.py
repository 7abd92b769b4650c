"""The values that formulas read now, and parts of formulas evaluated on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.recalc.engines.protocol import Values
from xlcity.recalc.support.value_classes import has_short_text, is_decimal, reads_otherwise
from xlcity.xlsx.cells import Position, ReadBook, Sheet
from xlcity.xlsx.formulas.evaluate import UNKNOWN, Evaluator, Found
from xlcity.xlsx.formulas.graph import Graph
from xlcity.xlsx.formulas.range_values import Stored
from xlcity.xlsx.formulas.syntax import Expr


class CurrentValues:
    """A workbook whose formula cells hold what an engine computed."""

    def __init__(self, book: ReadBook, values: Values | None) -> None:
        self._book, self._values = book, values or {}
        self.sheets: Mapping[str, Any] = {
            name: _Tab(sheet, self._values.get(name, {})) for name, sheet in book.sheets.items()
        }

    def __getattr__(self, name: str) -> Any:
        return getattr(self._book, name)

    def value(self, sheet: str, row: int, column: int) -> CellValue:
        """Return what a cell holds."""
        found = self._values.get(sheet, {})
        if (row, column) in found:
            return found[row, column]
        return self._book.value(sheet, row, column)


class _Tab:
    def __init__(self, sheet: Sheet, values: Mapping[Position, CellValue]) -> None:
        self._sheet, self._values = sheet, values

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet, name)

    def stored(self) -> Callable[[Position], CellValue]:
        old, new = self._sheet.cells.value, self._values
        return lambda position: new[position] if position in new else old(position)


class ArgumentEvaluator(Evaluator):
    """Evaluates arguments; what it is not sure of is unknown."""

    def __init__(self, graph: Graph, stored: Stored, sheet: str, position: Position) -> None:
        super().__init__(graph, stored, sheet, position)

    def _value(self, expr: Expr) -> Found:
        if expr.kind == "percent":
            inner = self.number(expr.args[0])
            return inner / 100 if isinstance(inner, float) else inner
        if expr.kind == "error":
            return CellError.VALUE
        if (expr.kind == "binary" and expr.text in "+-*/^") or expr.kind == "unary":
            return self._reckoned(expr)
        found = super()._value(expr)
        if expr.kind == "binary" and expr.text == "&" and not self._is_plain(expr):
            return UNKNOWN
        return found

    def _is_plain(self, expr: Expr) -> bool:
        values = [self.value(arg) for arg in expr.args]
        return all(not _is_number(v) or has_short_text(v) for v in values)  # type: ignore[arg-type]

    def number(self, expr: Expr) -> Found:
        """Return an argument as a number."""
        value = self.value(expr)
        if value is None or isinstance(value, bool):
            return float(value or 0)
        if isinstance(value, str):
            if is_decimal(value):
                return float(value)
            return UNKNOWN if reads_otherwise(value) else CellError.VALUE
        return value

    def _reckoned(self, expr: Expr) -> Found:
        values = [self.number(arg) for arg in expr.args]
        for value in values:
            if not isinstance(value, float):
                return value
        if expr.kind == "unary":
            return -values[0] if expr.text == "-" else values[0]  # type: ignore[operator]
        a, b = values
        try:
            found = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide, "^": _power}
            return found[expr.text](a, b)  # type: ignore[arg-type]
        except ZeroDivisionError:
            return CellError.DIV0
        except (OverflowError, ValueError):
            return CellError.NUM

    def _call(self, call: Expr) -> Found:
        if (made := _SIMPLE.get(call.text)) is None:
            return super()._call(call)
        args = []
        for arg in call.args:
            value = self.number(arg) if call.text in _OF_NUMBERS else self.value(arg)
            if not isinstance(value, float | str | bool | None):
                return value
            args.append(value)
        try:
            return made(*args)
        except (ValueError, ArithmeticError, TypeError, IndexError):
            return UNKNOWN

    @classmethod
    def evaluates(cls, name: str) -> bool:
        """Return whether the value of a function can be found."""
        return name in _SIMPLE or super().evaluates(name)

    def each(self, expr: Expr) -> Iterator[tuple[Found, bool]]:
        """Yield the values of an argument, and whether each stands in a cell."""
        if expr.kind == "array":
            yield from ((self._value(item), False) for item in expr.args)
            return
        area = self.area(expr) if expr.kind in ("ref", "name") or expr.text == "INDEX" else None
        if area is None:
            yield self.value(expr), False
        elif area.rows * area.columns == 1:
            yield self.value(expr), True
        else:
            yield from ((value, True) for value in self.stored.values(area))


def _is_number(value: object) -> bool:
    return isinstance(value, float) and not isinstance(value, bool)


def _add(a: float, b: float) -> float:
    return a + b


def _subtract(a: float, b: float) -> float:
    return a - b


def _multiply(a: float, b: float) -> float:
    return a * b


def _divide(a: float, b: float) -> float:
    return a / b


def _power(a: float, b: float) -> float:
    return math.pow(a, b)


def _round(value: float, digits: float = 0.0) -> float:
    return round(value, int(digits))


def _text_of(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if not has_short_text(value):
            raise ValueError
        return f"{value:.15g}"
    return str(value)


def _left(text: CellValue, count: float = 1.0) -> str:
    return _text_of(text)[: int(count)]


def _right(text: CellValue, count: float = 1.0) -> str:
    return _text_of(text)[-int(count) :] if int(count) else ""


def _mid(text: CellValue, start: float, count: float) -> str:
    return _text_of(text)[int(start) - 1 : int(start) - 1 + int(count)]


def _find(sought: CellValue, text: CellValue, start: float = 1.0) -> CellValue:
    found = _text_of(text).find(_text_of(sought), int(start) - 1)
    return CellError.VALUE if found < 0 else float(found + 1)


def _value(text: CellValue) -> CellValue:
    if isinstance(text, str) and not is_decimal(text):
        if reads_otherwise(text):
            raise ValueError
        return CellError.VALUE
    return float(text or 0.0)  # type: ignore[arg-type]


def _substitute(text: CellValue, old: CellValue, new: CellValue) -> str:
    return _text_of(text).replace(_text_of(old), _text_of(new))


_SIMPLE: dict[str, Callable[..., CellValue]] = {
    "ROUND": _round,
    "ABS": abs,
    "INT": lambda x: float(math.floor(x)),
    "SQRT": math.sqrt,
    "EXP": math.exp,
    "LN": math.log,
    "PI": lambda: math.pi,
    "LEFT": _left,
    "RIGHT": _right,
    "MID": _mid,
    "UPPER": lambda t: _text_of(t).upper(),
    "LOWER": lambda t: _text_of(t).lower(),
    "LEN": lambda t: float(len(_text_of(t))),
    "FIND": _find,
    "VALUE": _value,
    "SUBSTITUTE": _substitute,
    "CONCATENATE": lambda *texts: "".join(map(_text_of, texts)),
}
_OF_NUMBERS = frozenset(("ROUND", "ABS", "INT", "SQRT", "EXP", "LN"))
