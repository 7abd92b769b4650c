"""Translates operators: Python's own where both sides turn out to be numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from ast import literal_eval

from xlcity.recalc.engines.compiled.calls import OPERATORS
from xlcity.recalc.engines.compiled.code import (
    FLAT,
    LOGICAL,
    NUMBER,
    ORDER,
    TEXT,
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
    def value(self, e: Expr) -> Code:
        """Return an expression that gives a single value."""

    @abstractmethod
    def array(self, e: Expr) -> str:
        """Return an expression that gives an array, or a value where it has none."""

    @abstractmethod
    def _is_array(self, e: Expr) -> bool:
        """Return whether an expression gives several values."""

    def new(self) -> str:
        """Return a new name for a value."""
        self._count += 1
        return f"t{self._count}"

    def unary(self, e: Expr) -> Code:
        """Return an operator before or behind a value."""
        inner = self.value(e.args[0])
        if e.text == "+":
            return inner
        if e.text == "-" and inner.kinds == NUMBER:
            return Code(f"(0.0 - {inner.text})", NUMBER)
        if (name := {"-": "negative", "%": "percent"}.get(e.text)) is None:
            raise UntranslatableError(f"the operator {e.text}")
        return Code(f"{name}({inner.text})", frozenset("nx"))

    def binary(self, e: Expr) -> Code:
        """Return an operator between values."""
        operator = e.text
        a, b = (self.value(arg) for arg in e.args)
        if operator == "&":
            return self._join(a, b)
        if operator not in OPERATORS:
            raise UntranslatableError(f"the operator {operator}")
        name = OPERATORS[operator]
        if operator in FLAT:
            kinds = NUMBER if a.kinds == b.kinds == NUMBER else frozenset("nx")
        elif operator in "/^":
            return Code(f"{name}({a.text}, {b.text})", frozenset("nx"))
        else:
            if b.kinds == TEXT and b.text[0] in "'\"" and operator in ("=", "<>"):
                return self._equals_text(operator, a, b)
            kinds = frozenset("bx") if "x" in a.kinds | b.kinds else LOGICAL
            return Code(self._compared(operator, name, a, b), kinds)
        return Code(self._fast(operator, name, a, b), kinds)

    def _compared(self, operator: str, name: str, a: Code, b: Code) -> str:
        """Return a comparison that is Python's own where 15 digits tell two numbers apart."""
        sign = {"=": "==", "<>": "!="}.get(operator, operator)
        x, y = self.new(), self.new()
        tests = f"(({x} := {a.text}).__class__ is F) & (({y} := {b.text}).__class__ is F)"
        apart = f"({x} == {y} or abs({x} - {y}) > 1e-14 * abs({x}))"
        return f"({x} {sign} {y} if {tests} and {apart} else {name}({x}, {y}))"

    def last(self, e: Expr) -> Code:
        """Return an operator that is the last step of a formula: see `values.last_add`."""
        if e.kind != "binary" or e.text not in ("+", "-"):
            return self.value(e)
        a, b = (self.value(arg) for arg in e.args)
        kinds = NUMBER if a.kinds == b.kinds == NUMBER else frozenset("nx")
        return Code(f"last_{OPERATORS[e.text]}({a.text}, {b.text})", kinds)

    def _fast(self, sign: str, name: str, a: Code, b: Code) -> str:
        """Return an operator that is Python's own where both sides are numbers."""
        tests, sides = [], []
        for side in (a, b):
            if side.kinds == NUMBER and side.simple:
                sides.append(side.text)
                continue
            new = self.new()
            sides.append(new)
            tests.append(
                f"(({new} := {side.text}).__class__ is F)"
                if side.kinds != NUMBER
                else f"(({new} := {side.text}) is not None)"
            )
        x, y = sides
        if a.kinds == b.kinds == NUMBER:
            return f"({a.text} {sign} {b.text})"
        return f"({x} {sign} {y} if {' & '.join(tests)} else {name}({x}, {y}))"

    def place(self, e: Expr) -> str | None:
        """Return the sum of ``(range<value)+(range<=value)``, in any order; None for all else."""
        if e.kind != "binary" or e.text != "+":
            return None
        args: list[str] = []
        for side in e.args:
            if side.kind != "binary" or side.text not in ORDER:
                return None
            block, value = side.args
            if block.ref is None or not self._is_array(block) or self._is_array(value):
                return None
            args += repr(side.text), self.array(block), self.array(value)
        return f"place_among({', '.join(args)})"

    def _join(self, a: Code, b: Code) -> Code:
        kinds = frozenset("sx") if "x" in a.kinds | b.kinds else TEXT
        if a.kinds == b.kinds == TEXT:
            return Code(f"({a.text} + {b.text})", TEXT)
        return Code(f"join({a.text}, {b.text})", kinds)

    def _equals_text(self, operator: str, a: Code, b: Code) -> Code:
        """Return a comparison with a text that stands in the formula."""
        t, wanted, swap = self.new(), b.text, "not " if operator == "<>" else ""
        if wanted in ("''", '""'):
            test = f"{swap}({t} is None or {t} == '')"
        else:
            folded = literal(literal_eval(wanted).lower())
            test = f"{swap}({t}.__class__ is S and {t}.lower() == {folded})"
            if folded.upper() == folded:  # a text without letters
                test = f"{t} {'!=' if swap else '=='} {wanted}"
        if "x" not in a.kinds:
            return Code(f"({test} if (({t} := {a.text}), 1) else 0)", LOGICAL)
        return Code(f"({test} if ({t} := {a.text}).__class__ is not E else {t})", frozenset("bx"))
