"""Evaluates parts of formulas on stored values, as far as needed to follow a reference.

Not an engine: what it does not know is `UNKNOWN`, and then all that a formula could read counts as
read.
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
#: A value, or `UNKNOWN`.
EvaluatedValue = CellValue | Unknown

_COMPARE: dict[str, Callable[[CellValue, CellValue], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}
#: A function of the evaluator of a cell, its arguments and its call.
Function = Callable[["Evaluator", Sequence[Expr], Expr], EvaluatedValue]
#: The operator and the operand of a criterion.
_CRITERION = re.compile(r"(<>|<=|>=|=|<|>)?(.*)\Z", re.S)


class Evaluator:
    """Evaluates expressions of one cell's formula on the stored values of its workbook.

    Parameters
    ----------
    graph, stored
        The workbook's formulas and its stored values.
    sheet, position
        The cell.
    """

    def __init__(self, graph: Graph, stored: RangeValues, sheet: str, position: Position) -> None:
        self.graph, self.stored, self.sheet, self.position = graph, stored, sheet, position
        #: Results by identity of the expression: a test is evaluated and then followed.
        self._areas: dict[int, Range | None] = {}
        self._values: dict[int, EvaluatedValue] = {}

    # -- references ------------------------------------------------------------------------------
    def area(self, expr: Expr) -> Range | None:
        """Return the cells an expression refers to; ``None`` if that is unknown."""
        key = id(expr)
        if key not in self._areas:
            self._areas[key] = self._find_area(expr)
        return self._areas[key]

    def _find_area(self, expr: Expr) -> Range | None:
        """Return `area`, not cached."""
        if expr.ref is not None:
            return self.graph.area(expr.ref, self.sheet, self.position)
        if expr.kind == "name":
            areas = self.graph.name(expr.text, self.sheet)
            return areas[0] if len(areas) == 1 else None
        if expr.kind == "call" and expr.text == "INDEX":
            return self._area_of_index(expr)
        return None

    def _area_of_index(self, call: Expr) -> Range | None:
        """Return the cell, row or column that INDEX refers to; None if that is unknown."""
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

    def find_match(self, call: Expr) -> tuple[Range, int] | None:
        """Return the cell in which an exact MATCH finds its value, and its place from 1.

        None if it finds none, or that is unknown.
        """
        if len(call.args) < 3 or call.args[2].text != "0":
            return None
        area, wanted = self.area(call.args[1]), self.value(call.args[0])
        if area is None or isinstance(wanted, (Unknown, CellError)) or wanted is None:
            return None
        if is_too_large(area):
            return None
        if isinstance(wanted, str) and any(mark in wanted for mark in "*?~"):
            return None
        if (number := self.stored.place_of(area, wanted)) is None:
            return None
        down, right = divmod(number - 1, area.columns)
        position = area.r1 + down, area.c1 + right
        return Range(area.sheet, *position, *position), number

    # -- values ----------------------------------------------------------------------------------
    def value(self, expr: Expr) -> EvaluatedValue:
        """Return the value of an expression."""
        key = id(expr)
        if key not in self._values:
            self._values[key] = self._evaluate(expr)
        return self._values[key]

    def _evaluate(self, expr: Expr) -> EvaluatedValue:
        """Return `value`, not cached."""
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
            return self._evaluate_binary(expr)
        if expr.kind == "unary" and expr.text in "+-":
            inner = self.value(expr.args[0])
            sign = -1 if expr.text == "-" else 1
            return sign * inner if isinstance(inner, float) else UNKNOWN
        if expr.kind == "call":
            function = _CALLS.get(expr.text)
            return UNKNOWN if function is None else function(self, expr.args, expr)
        return UNKNOWN

    def _evaluate_binary(self, expr: Expr) -> EvaluatedValue:
        """Return the value of an operator between two expressions."""
        a, b = (self.value(arg) for arg in expr.args)
        for side in (a, b):
            if isinstance(side, (Unknown, CellError)):
                return side
        assert not isinstance(a, (Unknown, CellError))
        assert not isinstance(b, (Unknown, CellError))
        if expr.text == "&":
            left, right = _to_text(a), _to_text(b)
            return UNKNOWN if left is None or right is None else left + right
        if expr.text in _COMPARE:
            return _compare_values(expr.text, a, b)
        x, y = (0.0 if side is None else side for side in (a, b))
        if isinstance(x, str) or isinstance(y, str):
            return CellError.VALUE
        return _compute_arithmetic(expr.text, float(x), float(y))

    def list_values(self, args: Sequence[Expr]) -> list[EvaluatedValue] | None:
        """Return the values of arguments, of ranges all cells; None if one is unknown."""
        values: list[EvaluatedValue] = []
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


def _compute_arithmetic(operator: str, x: float, y: float) -> EvaluatedValue:
    """Return the result of +, -, *, / or ^, or its error."""
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


def _to_text(value: CellValue) -> str | None:
    """Return the text that & takes for a value; None where that is not known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return joined_number(value)
    return str(value)


def _compare_values(operator: str, a: CellValue, b: CellValue) -> EvaluatedValue:
    """Return a comparison as Excel makes it: a blank as 0, "" or FALSE, numbers in 15 digits."""
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


def _if(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
    """Return IF; #VALUE! for a text as its condition."""
    test = evaluator.value(args[0])
    if isinstance(test, (Unknown, CellError)):
        return test
    if isinstance(test, str):
        return CellError.VALUE
    if test:
        return evaluator.value(args[1]) if len(args) > 1 else UNKNOWN
    return evaluator.value(args[2]) if len(args) > 2 else False


def _iferror(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
    first = evaluator.value(args[0])
    return evaluator.value(args[1]) if isinstance(first, CellError) else first


def _and_or_or(evaluator: Evaluator, args: Sequence[Expr], call: Expr) -> EvaluatedValue:
    """Return AND or OR of single values; unknown with a text among them."""
    values = [evaluator.value(arg) for arg in args]
    if any(isinstance(value, (Unknown, str)) for value in values):
        return UNKNOWN
    error = next((value for value in values if isinstance(value, CellError)), None)
    if error is not None:
        return error
    return all(values) if call.text == "AND" else any(values)


def _not(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
    value = evaluator.value(args[0])
    return value if isinstance(value, (Unknown, CellError, str)) else not value


def _type_test(test: Callable[[CellValue], bool]) -> Function:
    """Return a function such as ISNUMBER, by a test of a known value."""

    def check_argument(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
        value = evaluator.value(args[0])
        return value if isinstance(value, Unknown) else test(value)

    return check_argument


def _count(evaluator: Evaluator, args: Sequence[Expr], call: Expr) -> EvaluatedValue:
    """Return COUNT or COUNTA."""
    if (values := evaluator.list_values(args)) is None:
        return UNKNOWN
    if call.text == "COUNTA":
        return float(sum(value is not None for value in values))
    return float(sum(isinstance(value, float) for value in values))


def _countif(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
    """Return COUNTIF; unknown for wildcards, blank criteria and very large ranges."""
    area, criterion = evaluator.area(args[0]), evaluator.value(args[1])
    if area is None or is_too_large(area):
        return UNKNOWN
    if criterion is None or isinstance(criterion, (Unknown, CellError)):
        return UNKNOWN
    operator, operand = "=", criterion
    if isinstance(criterion, str):
        match = _CRITERION.match(criterion)
        assert match is not None
        operator, operand = match[1] or "=", _read_operand(match[2])
        if any(wildcard in match[2] for wildcard in "*?~"):
            return UNKNOWN
    # A value of another kind than the operand differs from it, and is in no order with it.
    return float(
        sum(
            _COMPARE[operator](fold_case(value), fold_case(operand))
            if type(value) is type(operand)
            else operator == "<>"
            for value in evaluator.stored.values(area)
        )
    )


def _read_operand(text: str) -> float | str | bool:
    """Return the number, logical or text that a criterion compares with."""
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    try:
        return float(text)
    except ValueError:
        return text


def _row_or_column(evaluator: Evaluator, args: Sequence[Expr], call: Expr) -> EvaluatedValue:
    """Return ROW, COLUMN, ROWS or COLUMNS: the first one of a reference, or how many it has."""
    if not args:
        return float(evaluator.position[0] if call.text == "ROW" else evaluator.position[1])
    if (area := evaluator.area(args[0])) is None:
        return UNKNOWN
    if call.text in ("ROWS", "COLUMNS"):
        return float(area.rows if call.text == "ROWS" else area.columns)
    return float(area.r1 if call.text == "ROW" else area.c1)


def _match(evaluator: Evaluator, args: Sequence[Expr], call: Expr) -> EvaluatedValue:
    """Return MATCH for an equal value, or #N/A; unknown for other kinds and wildcards."""
    if (cell_and_place := evaluator.find_match(call)) is not None:
        return float(cell_and_place[1])
    is_exact = len(args) > 2 and args[2].text == "0"
    wanted = evaluator.value(args[0])
    if not is_exact or isinstance(wanted, Unknown) or evaluator.area(args[1]) is None:
        return UNKNOWN
    if isinstance(wanted, str) and any(mark in wanted for mark in "*?~"):
        return UNKNOWN
    return wanted if isinstance(wanted, CellError) else CellError.NA


def _index(evaluator: Evaluator, _: Sequence[Expr], call: Expr) -> EvaluatedValue:
    """Return INDEX of one cell, or an error in its row or column number."""
    if (area := evaluator.area(call)) is None:
        numbers = [evaluator.value(arg) for arg in call.args[1:]]
        return next((value for value in numbers if isinstance(value, CellError)), UNKNOWN)
    if area.rows * area.columns > 1:
        return UNKNOWN
    return evaluator.graph.book.value(area.sheet, area.r1, area.c1)


def _type(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
    """Return TYPE: 1 a number or blank, 2 a text, 4 a logical, 16 an error."""
    value = evaluator.value(args[0])
    if isinstance(value, Unknown):
        return value
    if isinstance(value, CellError):
        return 16.0
    return 4.0 if isinstance(value, bool) else 2.0 if isinstance(value, str) else 1.0


def _trim(evaluator: Evaluator, args: Sequence[Expr], _: Expr) -> EvaluatedValue:
    value = evaluator.value(args[0])
    if isinstance(value, (Unknown, CellError)):
        return value
    text = _to_text(value)
    return UNKNOWN if text is None else " ".join(filter(None, text.split(" ")))


def _sum_max_or_min(evaluator: Evaluator, args: Sequence[Expr], call: Expr) -> EvaluatedValue:
    """Return SUM, MAX or MIN of the numbers in arguments; unknown with an error among them."""
    values = evaluator.list_values(args)
    if values is None or any(isinstance(value, CellError) for value in values):
        return UNKNOWN
    numbers = [value for value in values if isinstance(value, float)]
    if call.text == "SUM":
        return sum(numbers, 0.0)
    return (max if call.text == "MAX" else min)(numbers, default=0.0)


_CALLS: dict[str, Function] = {
    "IF": _if,
    "IFERROR": _iferror,
    "AND": _and_or_or,
    "OR": _and_or_or,
    "NOT": _not,
    "ISNUMBER": _type_test(lambda v: isinstance(v, float) and not isinstance(v, bool)),
    "ISBLANK": _type_test(lambda v: v is None),
    "ISERROR": _type_test(lambda v: isinstance(v, CellError)),
    "ISTEXT": _type_test(lambda v: isinstance(v, str)),
    "COUNT": _count,
    "COUNTA": _count,
    "COUNTIF": _countif,
    "ROW": _row_or_column,
    "COLUMN": _row_or_column,
    "ROWS": _row_or_column,
    "COLUMNS": _row_or_column,
    "MATCH": _match,
    "INDEX": _index,
    "TYPE": _type,
    "TRIM": _trim,
    "MAX": _sum_max_or_min,
    "MIN": _sum_max_or_min,
    "SUM": _sum_max_or_min,
}


#: Most cells of a range whose values are listed.
_MOST_CELLS = 1 << 22


def is_too_large(area: Range) -> bool:
    """Return whether a range has so many cells that its values are not listed."""
    return area.rows * area.columns > _MOST_CELLS


class RangeValues:
    """The stored values of a workbook's ranges.

    Parameters
    ----------
    book
        The workbook; it must not change while this is in use.
    """

    def __init__(self, book: ReadBook) -> None:
        self._book = book
        self._values: dict[Range, list[CellValue]] = {}
        self._places: dict[Range, dict[tuple[type, CellValue], int]] = {}

    def values(self, area: Range) -> list[CellValue]:
        """Return the values of a range, row by row."""
        if (values := self._values.get(area)) is None:
            sheet = self._book.sheets.get(area.sheet)
            cells = area.rows * area.columns
            values = [None] * cells if sheet is None else sheet.values(area.positions)
            self._values[area] = values
        return values

    def place_of(self, area: Range, wanted: CellValue) -> int | None:
        """Return the place, from 1 and row by row, of the first equal value, capitals ignored.

        None if there is none.
        """
        if (places := self._places.get(area)) is None:
            places = self._places[area] = {}
            for place, value in enumerate(self.values(area), 1):
                places.setdefault((type(value), fold_case(value)), place)
        return places.get((type(wanted), fold_case(wanted)))


def fold_case(value: CellValue) -> CellValue:
    """Return a text casefolded, as comparisons ignore capitals; other values as they are."""
    return value.casefold() if isinstance(value, str) else value
