"""Searches whose result hangs on the last digits, on the order of a range or on its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from xlcity.errors import CellError, CellValue
from xlcity.recalc.support.argument_values import ArgumentEvaluator
from xlcity.recalc.support.value_classes import is_near
from xlcity.xlsx.address import Range
from xlcity.xlsx.formulas.evaluate import Unknown
from xlcity.xlsx.formulas.syntax import Expr


def is_found_alike(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether a value is found as it is, or an approximate search is in order."""
    if len(expr.args) < 2:
        return True
    wanted, area = of.value(expr.args[0]), of.area(expr.args[1])
    if isinstance(wanted, Unknown):
        return _is_exact(expr, of)
    if area is None or isinstance(wanted, CellError):
        return expr.text != "LOOKUP" or isinstance(wanted, CellError)
    exact = _is_exact(expr, of)
    values = of.stored.values(_searched(expr, of))
    if isinstance(wanted, str) and "~" in wanted:
        return False
    if isinstance(wanted, float) and is_near(wanted, values):
        return False
    if exact:
        return True
    if expr.text == "MATCH" and of.value(expr.args[2]) == -1.0 if len(expr.args) > 2 else False:
        values = values[::-1]
    return _ascends(wanted, values) and (expr.text != "LOOKUP" or _alike(expr, of))


def is_ranked_clearly(expr: Expr, of: ArgumentEvaluator) -> bool:
    """Return whether a number stands among others, or far from each of them."""
    first, second = (0, 1) if expr.text.startswith("RANK") else (1, 0)
    if len(expr.args) < 2:
        return True
    wanted = of.number(expr.args[first])
    values = [v for v, _ in of.each(expr.args[second]) if isinstance(v, float)]
    return isinstance(wanted, float) and not is_near(wanted, values)


def _is_exact(expr: Expr, of: ArgumentEvaluator) -> bool:
    if expr.text in ("XLOOKUP", "XMATCH"):
        return True
    if expr.text == "LOOKUP":
        return False
    place = 2 if expr.text == "MATCH" else 3
    return len(expr.args) > place and of.number(expr.args[place]) == 0.0


def _searched(expr: Expr, of: ArgumentEvaluator) -> Range:
    """Return the part of the range that is searched."""
    area = of.area(expr.args[1])
    assert area is not None
    if expr.text == "VLOOKUP":
        return replace(area, c2=area.c1)
    if expr.text == "HLOOKUP":
        return replace(area, r2=area.r1)
    if expr.text == "LOOKUP" and area.rows > 1 and area.columns > 1:
        return replace(area, c2=area.c1) if area.rows >= area.columns else replace(area, r2=area.r1)
    return area


def _alike(expr: Expr, of: ArgumentEvaluator) -> bool:
    if len(expr.args) < 3:
        return True
    a, b = of.area(expr.args[1]), of.area(expr.args[2])
    return a is not None and b is not None and a.rows * a.columns == b.rows * b.columns


def _ascends(wanted: CellValue, values: Sequence[CellValue]) -> bool:
    if isinstance(wanted, float) and not isinstance(wanted, bool):
        numbers = [v for v in values if isinstance(v, float) and not isinstance(v, bool)]
        return len(numbers) == len(values) and all(a < b for a, b in pairwise(numbers))
    if isinstance(wanted, str):
        texts = [v.casefold() for v in values if isinstance(v, str) and v.isascii() and v.isalnum()]
        return (
            len(texts) == len(values)
            and wanted.isascii()
            and wanted.isalnum()
            and all(a < b for a, b in pairwise(texts))
        )
    return False
