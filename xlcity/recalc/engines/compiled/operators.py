"""Translates operators: Python's own where both sides turn out to be numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from ast import literal_eval

from xlcity.recalc.engines.compiled.calls import OPERATORS
from xlcity.recalc.engines.compiled.code import (
    ERROR,
    LOGICAL,
    LOGICAL_OR_ERROR,
    NUMBER,
    NUMBER_OR_ERROR,
    ORDER,
    PYTHON_OPERATORS,
    TEXT,
    TEXT_OR_ERROR,
    Code,
    UntranslatableError,
    literal,
)
from xlcity.xlsx.formulas.syntax import Expr


class OperatorTranslator(ABC):
    """Translates the operators of one formula."""

    def __init__(self) -> None:
        self._count = 0

    @abstractmethod
    def translate_value(self, expr: Expr) -> Code:
        """Return code that gives a single value."""

    @abstractmethod
    def translate_array(self, expr: Expr) -> str:
        """Return code that gives a `CellBlock`, or a value where nothing in it has several."""

    @abstractmethod
    def _is_array(self, expr: Expr) -> bool:
        """Return whether an expression gives several values."""

    def new_name(self) -> str:
        """Return a name that the code does not use yet: t1, t2, …."""
        self._count += 1
        return f"t{self._count}"

    def translate_unary(self, expr: Expr) -> Code:
        """Return code for +a, -a or a%."""
        inner = self.translate_value(expr.args[0])
        if expr.text == "+":
            return inner
        if expr.text == "-" and inner.kinds == NUMBER:
            return Code(f"(0.0 - {inner.text})", NUMBER)
        if (name := {"-": "negative", "%": "percent"}.get(expr.text)) is None:
            raise UntranslatableError(f"the operator {expr.text}")
        return Code(f"{name}({inner.text})", NUMBER_OR_ERROR)

    def translate_binary(self, expr: Expr) -> Code:
        """Return code for an operator between single values."""
        operator = expr.text
        a, b = (self.translate_value(arg) for arg in expr.args)
        if operator == "&":
            return self._translate_join(a, b)
        if operator not in OPERATORS:
            raise UntranslatableError(f"the operator {operator}")
        name = OPERATORS[operator]
        if operator in PYTHON_OPERATORS:
            kinds = NUMBER if a.kinds == b.kinds == NUMBER else NUMBER_OR_ERROR
        elif operator in "/^":
            return Code(f"{name}({a.text}, {b.text})", NUMBER_OR_ERROR)
        else:
            if b.kinds == TEXT and b.text[0] in "'\"" and operator in ("=", "<>"):
                return self._compare_with_text(operator, a, b)
            kinds = LOGICAL_OR_ERROR if a.kinds | b.kinds >= ERROR else LOGICAL
            return Code(self._plain_comparison(operator, name, a, b), kinds)
        return Code(self._plain_arithmetic(operator, name, a, b), kinds)

    def _plain_comparison(self, operator: str, name: str, a: Code, b: Code) -> str:
        """Return code for a comparison: Python's own where 15 digits tell two numbers apart.

        Else the function `name` is called.
        """
        sign = {"=": "==", "<>": "!="}.get(operator, operator)
        x, y = self.new_name(), self.new_name()
        tests = f"(({x} := {a.text}).__class__ is F) & (({y} := {b.text}).__class__ is F)"
        apart = f"({x} == {y} or abs({x} - {y}) > 1e-14 * abs({x}))"
        return f"({x} {sign} {y} if {tests} and {apart} else {name}({x}, {y}))"

    def translate_whole(self, expr: Expr) -> Code:
        """Return code for a whole formula; + or - as its final step is `values.final_add`."""
        if expr.kind != "binary" or expr.text not in ("+", "-"):
            return self.translate_value(expr)
        a, b = (self.translate_value(arg) for arg in expr.args)
        kinds = NUMBER if a.kinds == b.kinds == NUMBER else NUMBER_OR_ERROR
        return Code(f"final_{OPERATORS[expr.text]}({a.text}, {b.text})", kinds)

    def _plain_arithmetic(self, sign: str, name: str, a: Code, b: Code) -> str:
        """Return code for +, - or *: Python's own between numbers, else a call of `name`."""
        tests, sides = [], []
        for side in (a, b):
            if side.kinds == NUMBER and side.simple:
                sides.append(side.text)
                continue
            t = self.new_name()
            sides.append(t)
            tests.append(
                f"(({t} := {side.text}).__class__ is F)"
                if side.kinds != NUMBER
                else f"(({t} := {side.text}) is not None)"
            )
        x, y = sides
        if a.kinds == b.kinds == NUMBER:
            return f"({a.text} {sign} {b.text})"
        return f"({x} {sign} {y} if {' & '.join(tests)} else {name}({x}, {y}))"

    def two_counts_code(self, expr: Expr) -> str | None:
        """Return code for SUMPRODUCT of ``(range<value)+(range<=value)`` with any comparisons.

        None for all other expressions.
        """
        if expr.kind != "binary" or expr.text != "+":
            return None
        args: list[str] = []
        for side in expr.args:
            if side.kind != "binary" or side.text not in ORDER:
                return None
            block, value = side.args
            if block.ref is None or not self._is_array(block) or self._is_array(value):
                return None
            args += repr(side.text), self.translate_array(block), self.translate_array(value)
        return f"sum_two_counts({', '.join(args)})"

    def _translate_join(self, a: Code, b: Code) -> Code:
        """Return code for a & b."""
        kinds = TEXT_OR_ERROR if a.kinds | b.kinds >= ERROR else TEXT
        if a.kinds == b.kinds == TEXT:
            return Code(f"({a.text} + {b.text})", TEXT)
        return Code(f"join({a.text}, {b.text})", kinds)

    def _compare_with_text(self, operator: str, a: Code, b: Code) -> Code:
        """Return code for a = or <> b, where b is a text written in the formula."""
        t, wanted, negation = self.new_name(), b.text, "not " if operator == "<>" else ""
        if wanted in ("''", '""'):
            test = f"{negation}({t} is None or {t} == '')"
        else:
            folded = literal(literal_eval(wanted).lower())
            test = f"{negation}({t}.__class__ is S and {t}.lower() == {folded})"
            if folded.upper() == folded:  # a text without letters
                test = f"{t} {'!=' if negation else '=='} {wanted}"
        if not a.kinds >= ERROR:
            return Code(f"({test} if (({t} := {a.text}), 1) else 0)", LOGICAL)
        return Code(f"({test} if ({t} := {a.text}).__class__ is not E else {t})", LOGICAL_OR_ERROR)
