"""The arithmetic of a formula as people write it: ``0.3 x 73.16 + 0.5 x 67.91 + 0.2 x 90.64``.

Numbers stand for cells, tests are taken as they came out, and a factor of 1 is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlcity.errors import CellError, CellValue
from xlcity.xlsx.formulas.evaluate import Evaluator
from xlcity.xlsx.formulas.syntax import Expr

#: Numbers of a range that are written out; a longer one is no arithmetic for the eye.
MOST = 12
_SUM, _PRODUCT, _NUMBER = 1, 2, 3
_SIGNS = {"+": (" + ", _SUM), "-": (" - ", _SUM), "*": (" × ", _PRODUCT), "/": (" / ", _PRODUCT)}
#: Functions of numbers that may stand in a range.
_OF_RANGES = ("AVERAGE", "MAX", "MIN", "PRODUCT")


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


def arithmetic(expr: Expr, of: Evaluator) -> str:
    """Return the arithmetic of a formula with the numbers of its cells, "" where it has none."""
    try:
        term = _term(expr, of)
    except _NotShownError:
        return ""
    return term.text if term.number is None else ""


def shown_number(value: float) -> str:
    """Return a number with six figures."""
    return f"{value:.6g}"


def _number(value: object) -> _Term:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _NotShownError
    return _Term(shown_number(value), number=float(value))


def _term(expr: Expr, of: Evaluator) -> _Term:
    if expr.kind == "binary" and expr.text in _SIGNS:
        return _joined(expr.text, *(_term(arg, of) for arg in expr.args))
    if expr.kind == "unary" and expr.text in "+-":
        inner = _term(expr.args[0], of)
        if expr.text == "+":
            return inner
        number = None if inner.number is None else -inner.number
        return _Term(f"-{inner.inside(_NUMBER, right=True)}", _PRODUCT, number)
    if expr.kind == "call":
        return _call(expr, of)
    return _number(of.value(expr))


def _joined(operator: str, left: _Term, right: _Term) -> _Term:
    """Return two terms with a sign between them; what changes nothing is left out."""
    if right.number == (0 if operator in "+-" else 1):
        return left
    if (operator, left.number) in (("+", 0), ("*", 1)):
        return right
    sign, binds = _SIGNS[operator]
    behind = binds + (operator in "-/")
    return _Term(f"{left.inside(binds)}{sign}{right.inside(behind, right=True)}", binds)


def _call(call: Expr, of: Evaluator) -> _Term:
    name, args = call.text.removeprefix("_XLFN."), call.args
    if name == "IF" and len(args) > 1:
        test = of.value(args[0])
        if not isinstance(test, (bool, float)):
            raise _NotShownError
        taken = args[1:2] if test else args[2:3]
        return _term(taken[0], of) if taken else _number(None)
    if name in ("IFERROR", "IFNA") and len(args) == 2:
        return _term(args[1 if isinstance(of.value(args[0]), CellError) else 0], of)
    if name == "ROUND" and len(args) == 2:
        inner, digits = _term(args[0], of), of.value(args[1])
        behind = f", {digits:g}" if isinstance(digits, float) else ""
        return _Term(f"{name}({inner.text}{behind})")
    if name == "SUMPRODUCT" and len(args) == 2:
        return _total([_joined("*", _number(y), _number(x)) for x, y in _pairs(args, of)
                       if isinstance(x, float) and isinstance(y, float)])  # fmt: skip
    if name == "SUM":
        return _total([_number(value) for arg in args for value in _numbers(arg, of)])
    if name == "SUMIF" and len(args) == 3 and args[1].text == '"<>NA"':
        pairs = _pairs((args[0], args[2]), of)
        summands = [y for x, y in pairs if x != "NA" and isinstance(y, float)]
        return _total([_number(value) for value in summands])
    if name in ("MAX", "MIN") and not any(_is_range(arg, of) for arg in args):
        return _extreme(call, of)
    if isinstance(value := of.value(call), float):
        return _number(value)
    if name in _OF_RANGES:
        texts = [shown_number(value) for arg in args for value in _numbers(arg, of)]
    else:
        texts = [_term(arg, of).text for arg in args]
    return _Term(f"{name}({', '.join(texts)})")


def _extreme(call: Expr, of: Evaluator) -> _Term:
    """Return the part of MAX or MIN that is taken; all of them where a plain limit is."""
    values = [of.value(arg) for arg in call.args]
    terms = [_term(arg, of) for arg in call.args]
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) == len(values):
        taken = terms[numbers.index(max(numbers) if call.text == "MAX" else min(numbers))]
        if taken.number is None or all(term.number is not None for term in terms):
            return taken
    return _Term(f"{call.text}({', '.join(term.text for term in terms)})")


def _total(terms: list[_Term]) -> _Term:
    """Return a sum; if all its parts are numbers and make 1, just that."""
    if not terms:
        raise _NotShownError
    numbers = [term.number for term in terms if term.number is not None]
    if len(numbers) == len(terms) and abs(sum(numbers) - 1) < 1e-12:
        return _number(1.0)
    total = terms[0]
    for term in terms[1:]:
        total = _joined("+", total, term)
    return total


def _is_range(expr: Expr, of: Evaluator) -> bool:
    area = of.area(expr)
    return area is not None and area.rows * area.columns > 1


def _numbers(expr: Expr, of: Evaluator) -> list[float]:
    """Return the numbers of a range, or of one expression."""
    if of.area(expr) is None:
        if (number := _term(expr, of).number) is None:
            raise _NotShownError
        return [number]
    return [value for value in _cells(expr, of) if isinstance(value, float)]


def _pairs(args: tuple[Expr, ...], of: Evaluator) -> list[tuple[CellValue, CellValue]]:
    first, second = (_cells(arg, of) for arg in args)
    if len(first) != len(second):
        raise _NotShownError
    return list(zip(first, second, strict=True))


def _cells(expr: Expr, of: Evaluator) -> list[CellValue]:
    """Return the values of a range that is short enough to be written out."""
    area = of.area(expr)
    if area is None or area.rows * area.columns > MOST:
        raise _NotShownError
    return of.stored.values(area)
