"""The structure of a formula: which function has which arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from xlcity.xlsx.formulas.tokens import Ref, Token

_BINARY = {
    "=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1,
    "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5, ":": 8,
}  # fmt: skip
_PREFIXED = 6
#: Formulas that nest deeper have no structure here: those who walk it would run out of stack.
#: Excel stops at 64 functions; each may stand in signs and brackets of its own.
_DEEPEST = 200


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

    def calls(self, *names: str) -> Iterator[Expr]:
        """Yield the calls of functions in it; without names all."""
        for expr in self.walk():
            if expr.kind == "call" and (not names or expr.text in names):
                yield expr

    @property
    def depth(self) -> int:
        """How deep calls stand in calls."""
        inner = max((arg.depth for arg in self.args), default=0)
        return inner + (self.kind == "call")


def parse(tokens: tuple[Token, ...]) -> Expr | None:
    """Return the structure of a formula, ``None`` where it has none we know of."""
    parser = _FormulaParser(tokens)
    try:
        expr = parser.expression(0)
    except (IndexError, _SyntaxError, RecursionError):
        return None
    return expr if parser.at == len(tokens) and not _is_too_deep(expr) else None


def in_brackets(tokens: tuple[Token, ...]) -> bool:
    """Return whether one pair of brackets encloses all of a formula."""
    depth = 0
    for token in tokens[:-1]:
        depth += (token.kind == "open") - (token.kind == "close")
        if depth == 0:
            return False
    return tokens[0].kind == "open"


def _is_too_deep(expr: Expr) -> bool:
    level: tuple[Expr, ...] = (expr,)
    for _ in range(_DEEPEST):
        level = tuple(arg for inner in level for arg in inner.args)
        if not level:
            return False
    return True


class _SyntaxError(Exception):
    pass


class _FormulaParser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens, self.at = tokens, 0

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def expression(self, least: int) -> Expr:
        left = self.operand()
        while self.at < len(self.tokens) and (token := self.tokens[self.at]).kind == "operator":
            if token.text == "%":
                self.take()
                left = Expr("percent", "%", (left,))
                continue
            power = _BINARY.get(token.text)
            if power is None or power < least:
                break
            self.take()
            left = Expr("binary", token.text, (left, self.expression(power + 1)))
        return left

    def operand(self) -> Expr:
        token = self.take()
        if token.kind == "operator" and token.text in "+-@":
            return Expr("unary", token.text, (self.expression(_PREFIXED),))
        if token.kind == "open":
            inner = self.expression(0)
            parts = [inner]
            while self.tokens[self.at].kind == "separator":  # a union of ranges
                self.take()
                parts.append(self.expression(0))
            self.expect("close")
            return inner if len(parts) == 1 else Expr("call", "UNION", tuple(parts))
        if token.kind == "function":
            return self.call(token)
        if token.kind == "brace":
            return self.array()
        if token.kind in ("text", "number", "error", "name", "ref"):
            return Expr(token.kind, token.text, (), token.ref)
        raise _SyntaxError

    def call(self, token: Token) -> Expr:
        self.expect("open")
        args: list[Expr] = []
        following = self.tokens[self.at]
        if following.kind == "close":
            self.take()
            return Expr("call", token.text)
        while True:
            following = self.tokens[self.at]
            if following.kind in ("separator", "close"):
                args.append(Expr("empty"))
            else:
                args.append(self.expression(0))
            following = self.take()
            if following.kind == "close":
                return Expr("call", token.text, tuple(args))
            if following.kind != "separator":
                raise _SyntaxError

    def array(self) -> Expr:
        items = []
        while (token := self.take()).text != "}":
            if token.kind in ("text", "number", "error", "name"):
                items.append(Expr(token.kind, token.text))
        return Expr("array", "", tuple(items))

    def expect(self, kind: str) -> None:
        if self.take().kind != kind:
            raise _SyntaxError
