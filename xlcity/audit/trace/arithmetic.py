"""The arithmetic of a formula as people write it: ``0.3 × 73.16 + 0.5 × 67.91``.

Numbers stand for cells, tests for their outcome, and a factor of 1 is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

from xlcity.errors import CellError, CellValue
from xlcity.methods.formulas import ANY_NUMBER
from xlcity.recalc.precedents import Evaluator
from xlcity.workbook.reading.records import is_number
from xlcity.xlsx.formulas.syntax import Expr

#: Figures of a number that is not rounded.
_FEW_FIGURES = 9
#: Numbers of a range that are written out; a longer one is no arithmetic for the eye.
MOST = 12
#: Of more products the first ones and the last are written; of ranges of so many cells at most.
_SHOWN_PRODUCTS = 3
_MOST_PRODUCTS = 1000
_SUM = 1
_PRODUCT = 2
_NUMBER = 3
_SIGNS = {
    "+": (" + ", _SUM),
    "-": (" - ", _SUM),
    "*": (" × ", _PRODUCT),
    "/": (" / ", _PRODUCT),
}
#: Functions of numbers that may stand in a range.
_OF_RANGES = ("AVERAGE", "MAX", "MIN", "PRODUCT")
#: Functions that look up or count, of which the number says more than the arguments.
_LOOKED_UP = frozenset(
    (
        "INDEX",
        "MATCH",
        "MAX",
        "MIN",
        "COUNT",
        "COUNTA",
        "COUNTIF",
        "TYPE",
        "ROW",
        "ROWS",
        "COLUMN",
        "COLUMNS",
    )
)


@dataclass(frozen=True, slots=True)
class _Term:
    """A part of the arithmetic: its text, how strongly it binds, and its number if it is one."""

    text: str
    binds: int = _NUMBER
    number: float | None = None

    def inside(self, binds: int, *, right: bool = False) -> str:
        """Return the text as part of something that binds so strongly."""
        negative = right and self.text.startswith("-")
        return f"({self.text})" if self.binds < binds or negative else self.text


class _NotShownError(Exception):
    """A part cannot be written with numbers."""


def write_arithmetic(expr: Expr, evaluator: Evaluator) -> str:
    """Return the arithmetic of a formula with the numbers of its cells, "" where it has none."""
    try:
        term = _write_term(expr, evaluator)
    except _NotShownError:
        return ""
    return term.text if term.number is None else ""


def format_number(value: float) -> str:
    """Return a number as it is if that takes few figures, else with six, whole ones in full."""
    if float(f"{value:.{_FEW_FIGURES}g}") == value:
        return f"{value:.15g}"
    return f"{value:.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:.6g}"


def _number_term(value: object) -> _Term:
    if not is_number(value):
        raise _NotShownError
    return _Term(format_number(value), number=float(value))


def _write_term(expr: Expr, evaluator: Evaluator) -> _Term:
    if expr.kind == "binary" and expr.text in _SIGNS:
        return _join_terms(
            expr.text, *(_write_term(arg, evaluator) for arg in expr.args)
        )
    if expr.kind == "unary" and expr.text in "+-":
        inner = _write_term(expr.args[0], evaluator)
        if expr.text == "+":
            return inner
        number = None if inner.number is None else -inner.number
        return _Term(f"-{inner.inside(_NUMBER, right=True)}", _PRODUCT, number)
    if expr.kind == "call":
        return _write_call(expr, evaluator)
    return _number_term(evaluator.value(expr))


def _join_terms(operator: str, left: _Term, right: _Term) -> _Term:
    """Return two terms with a sign between them; what changes nothing is left out."""
    if right.number == (0 if operator in "+-" else 1):
        return left
    if (operator, left.number) in (("+", 0), ("*", 1)):
        return right
    sign, binds = _SIGNS[operator]
    behind = binds + (operator in "-/")
    return _Term(f"{left.inside(binds)}{sign}{right.inside(behind, right=True)}", binds)


def _write_call(call: Expr, evaluator: Evaluator) -> _Term:
    """Return the arithmetic of a call: of choices what is taken, of sums their parts."""
    name = call.text.removeprefix("_XLFN.")
    args = call.args
    if name == "IF" and len(args) > 1:
        return _write_choice(args, evaluator)
    if len(args) == 2 and name in _OF_TWO:
        return _OF_TWO[name](call, evaluator)
    most_cells = max((_cell_count(arg, evaluator) for arg in args), default=0)
    if most_cells > MOST:
        return _number_term(evaluator.value(call))
    if name in ("MAX", "MIN") and most_cells < 2:
        return _write_extreme(call, evaluator)
    numbers = _find_added(name, args, evaluator)
    if numbers is None:
        return _write_named(name, call, evaluator)
    return _add_terms([*map(_number_term, numbers)])


def _find_added(
    name: str, args: Sequence[Expr], evaluator: Evaluator
) -> list[float] | None:
    """Return the numbers that a call adds up, None if it is no sum."""
    if name == "SUM":
        return [*_read_all_numbers(args, evaluator)]
    if name == "SUMIF" and len(args) == 3 and args[1].text == ANY_NUMBER:
        pairs = _read_pairs((args[0], args[2]), evaluator)
        return [weight for _, weight in pairs]
    return None


def _write_named(name: str, call: Expr, evaluator: Evaluator) -> _Term:
    """Return the name of a function with its arguments; of a lookup the number found."""
    args = call.args
    value = evaluator.value(call) if name in _LOOKED_UP else None
    if isinstance(value, float):
        return _number_term(value)
    if name in _OF_RANGES:
        texts = [*map(format_number, _read_all_numbers(args, evaluator))]
    else:
        texts = [_write_term(arg, evaluator).text for arg in args]
    return _Term(f"{name}({', '.join(texts)})")


def _write_choice(args: Sequence[Expr], evaluator: Evaluator) -> _Term:
    """Return the part of IF that its test takes."""
    test = evaluator.value(args[0])
    if not isinstance(test, (bool, float)):
        raise _NotShownError
    taken = args[1:2] if test else args[2:3]
    return _write_term(taken[0], evaluator) if taken else _number_term(None)


def _write_fallback(call: Expr, evaluator: Evaluator) -> _Term:
    """Return the part of IFERROR that is taken."""
    value, instead = call.args
    failed = isinstance(evaluator.value(value), CellError)
    return _write_term(instead if failed else value, evaluator)


def _write_rounded(call: Expr, evaluator: Evaluator) -> _Term:
    inner = _write_term(call.args[0], evaluator)
    digits = evaluator.value(call.args[1])
    if inner.number is not None:
        return _number_term(evaluator.value(call))
    if not isinstance(digits, float):
        return inner
    return _Term(f"ROUND({inner.text}, {digits:g})")


def _write_products(call: Expr, evaluator: Evaluator) -> _Term:
    """Return the products of SUMPRODUCT; of many the first ones and the last."""
    pairs = _read_pairs(call.args, evaluator, _MOST_PRODUCTS)
    products = [_join_terms("*", _number_term(b), _number_term(a)) for a, b in pairs]
    if len(products) > MOST:
        products = [*products[:_SHOWN_PRODUCTS], _Term("…"), products[-1]]
    return _add_terms(products)


def _write_extreme(call: Expr, evaluator: Evaluator) -> _Term:
    """Return the part of MAX or MIN that is taken; all of them where a plain limit is."""
    terms = [_write_term(arg, evaluator) for arg in call.args]
    numbers: list[Any] = [evaluator.value(arg) for arg in call.args]
    if all(isinstance(number, float) for number in numbers):
        choose = max if call.text == "MAX" else min
        taken = terms[numbers.index(choose(numbers))]
        if taken.number is None or all(term.number is not None for term in terms):
            return taken
    texts = ", ".join(term.text for term in terms)
    return _Term(f"{call.text}({texts})")


def _read_all_numbers(args: Iterable[Expr], evaluator: Evaluator) -> Iterator[float]:
    """Yield the numbers of ranges and expressions."""
    for arg in args:
        yield from _read_numbers(arg, evaluator)


def _add_terms(terms: list[_Term]) -> _Term:
    """Return a sum; if all its parts are numbers and make 1, just that."""
    if not terms:
        raise _NotShownError
    numbers = [term.number for term in terms if term.number is not None]
    if len(numbers) == len(terms) and abs(sum(numbers) - 1) < 1e-12:
        return _number_term(1.0)
    return reduce(partial(_join_terms, "+"), terms)


def _cell_count(expr: Expr, evaluator: Evaluator) -> int:
    area = evaluator.area(expr)
    return 0 if area is None else area.rows * area.columns


def _read_numbers(expr: Expr, evaluator: Evaluator) -> list[float]:
    """Return the numbers of a range, or of one expression."""
    if evaluator.area(expr) is None:
        number = _write_term(expr, evaluator).number
        if number is None:
            raise _NotShownError
        return [number]
    return [value for value in _read_cells(expr, evaluator) if isinstance(value, float)]


def _read_pairs(
    args: tuple[Expr, ...], evaluator: Evaluator, most: int = MOST
) -> list[tuple[float, float]]:
    """Return the numbers that stand at the same place of two ranges."""
    first, second = (_read_cells(arg, evaluator, most) for arg in args)
    if len(first) != len(second):
        raise _NotShownError
    pairs = []
    for a, b in zip(first, second, strict=True):
        if isinstance(a, float) and isinstance(b, float):
            pairs.append((a, b))
    return pairs


def _read_cells(expr: Expr, evaluator: Evaluator, most: int = MOST) -> list[CellValue]:
    """Return the values of a range that is short enough to be written out."""
    area = evaluator.area(expr)
    if area is None or _cell_count(expr, evaluator) > most:
        raise _NotShownError
    return evaluator.block(area).flat


#: Functions of two arguments -> what writes their calls.
_OF_TWO: Mapping[str, Callable[[Expr, Evaluator], _Term]] = {
    "IFERROR": _write_fallback,
    "IFNA": _write_fallback,
    "ROUND": _write_rounded,
    "SUMPRODUCT": _write_products,
}
