"""Parses a formula into a tree of expressions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from xlcity.xlsx.formulas.tokens import Ref, Token

#: Binary operator -> how strongly it binds; and the same of a sign before an operand.
_STRENGTH_OF_OPERATOR = {
    "=": 1,
    "<>": 1,
    "<": 1,
    ">": 1,
    "<=": 1,
    ">=": 1,
    "&": 2,
    "+": 3,
    "-": 3,
    "*": 4,
    "/": 4,
    "^": 5,
    ":": 8,
}
_STRENGTH_OF_SIGN = 6
#: Formulas that nest deeper are not parsed: recursion over the tree would exhaust the stack. Excel
#: allows 64 functions, each with signs and brackets of its own.
_MOST_LEVELS = 200


@dataclass(frozen=True, slots=True)
class Expr:
    """One expression: a leaf (text, number, error, ref, name, empty, array) or an operation.

    `kind` "call" has the function's name as `text`, "binary", "unary" and "percent" the operator.
    """

    kind: str
    text: str = ""
    args: tuple[Expr, ...] = field(default=())
    ref: Ref | None = None

    def walk(self) -> Iterator[Expr]:
        """Yield this and every expression in it."""
        yield self
        for arg in self.args:
            yield from arg.walk()


def parse(tokens: tuple[Token, ...]) -> Expr | None:
    """Return the tree of a formula, None where it is not understood or nests too deep."""
    parser = _FormulaParser(tokens)
    try:
        expr = parser.parse_expression(0)
    except (IndexError, _SyntaxError, RecursionError):
        return None
    return expr if parser.index == len(tokens) and not _is_too_deep(expr) else None


def is_in_brackets(tokens: tuple[Token, ...]) -> bool:
    """Return whether one pair of brackets encloses all tokens of a formula."""
    depth = 0
    for token in tokens[:-1]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return False
    return tokens[0].kind == "open"


def _is_too_deep(expr: Expr) -> bool:
    """Return whether the tree of an expression has more than `_MOST_LEVELS` levels."""
    level: tuple[Expr, ...] = (expr,)
    for _ in range(_MOST_LEVELS):
        level = tuple(chain.from_iterable(inner.args for inner in level))
        if not level:
            return False
    return True


class _SyntaxError(Exception):
    """The tokens are not a formula."""

    pass


class _FormulaParser:
    """Parses tokens by precedence; `IndexError` or `_SyntaxError` where they are no formula."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        #: The tokens, and the index of the next one.
        self.tokens = tokens
        self.index = 0

    def take_token(self) -> Token:
        """Return the next token, and go on to the one after it."""
        token = self.tokens[self.index]
        self.index += 1
        return token

    def parse_expression(self, least: int) -> Expr:
        """Return the next expression, up to an operator that binds less strongly than `least`."""
        left = self.parse_operand()
        while (
            self.index < len(self.tokens)
            and (token := self.tokens[self.index]).kind == "operator"
        ):
            if token.text == "%":
                self.take_token()
                left = Expr("percent", "%", (left,))
                continue
            strength = _STRENGTH_OF_OPERATOR.get(token.text)
            if strength is None or strength < least:
                break
            self.take_token()
            left = Expr(
                "binary", token.text, (left, self.parse_expression(strength + 1))
            )
        return left

    def parse_operand(self) -> Expr:
        """Return the next operand: a leaf, a call, an array, or an expression in brackets."""
        token = self.take_token()
        if token.kind == "operator" and token.text in "+-@":
            return Expr(
                "unary", token.text, (self.parse_expression(_STRENGTH_OF_SIGN),)
            )
        if token.kind == "open":
            inner = self.parse_expression(0)
            parts = [inner]
            while self.tokens[self.index].kind == "separator":  # a union of ranges
                self.take_token()
                parts.append(self.parse_expression(0))
            self.expect_token("close")
            return inner if len(parts) == 1 else Expr("call", "UNION", tuple(parts))
        if token.kind == "function":
            return self.parse_call(token)
        if token.kind == "brace":
            return self.parse_array()
        if token.kind in ("text", "number", "error", "name", "ref"):
            return Expr(token.kind, token.text, (), token.ref)
        raise _SyntaxError

    def parse_call(self, function: Token) -> Expr:
        """Return the call of a function, whose token was taken, with its arguments."""
        self.expect_token("open")
        args: list[Expr] = []
        if self.tokens[self.index].kind == "close":
            self.take_token()
            return Expr("call", function.text)
        while True:
            if self.tokens[self.index].kind in ("separator", "close"):
                args.append(Expr("empty"))
            else:
                args.append(self.parse_expression(0))
            after_argument = self.take_token()
            if after_argument.kind == "close":
                return Expr("call", function.text, tuple(args))
            if after_argument.kind != "separator":
                raise _SyntaxError

    def parse_array(self) -> Expr:
        """Return the constants in braces, {1,2;3}, as one list; the first brace was taken."""
        constants = []
        sign = ""
        while (token := self.take_token()).text != "}":
            if token.kind in ("text", "number", "error", "name"):
                constants.append(Expr(token.kind, sign + token.text))
            sign = "-" if token.text == "-" else ""
        return Expr("array", "", tuple(constants))

    def expect_token(self, kind: str) -> None:
        """Take the next token; `_SyntaxError` if it is not of a kind such as "close"."""
        if self.take_token().kind != kind:
            raise _SyntaxError
