"""How formulas use functions: on single cells, over ranges, lifted over an array, and so on.

An engine that computes ABS(A1) may fail at ABS(A1:A9), so trust is given to ways of use. A way has
a letter for each argument:

``n`` one value or cell · ``r`` a range · ``w`` whole columns or rows · ``a`` an array that was
computed · ``k`` an array of constants · ``i`` a range of which a plain formula takes the cell in
its own row or column · ``o`` left empty · ``0`` a row or column number that is 0 or left out ·
``=TEXT`` the constant that chooses a mode · ``<`` ``<>`` ``*`` ``""`` criteria of each sort.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from xlcity.recalc.support.catalogue import FunctionSignature
from xlcity.recalc.support.range_types import content_letter
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS
from xlcity.xlsx.formulas.syntax import Expr, parse
from xlcity.xlsx.formulas.tokens import NormalisedFormula, Ref, form

_MANY = frozenset("rwak")
_LIFTS = frozenset("rwaki")
#: Of several cells they give several numbers, which an engine that knows ranges may not.
_NUMBERED = frozenset(("ROW", "COLUMN"))
#: Of #REF! in place of cells engines make another error, or a number.
_SEEKING = frozenset(
    "MATCH XMATCH LOOKUP HLOOKUP VLOOKUP XLOOKUP ROWS COLUMNS COUNT COUNTBLANK".split()  # noqa: SIM905
)
_COMPARISONS = frozenset(("=", "<>", "<", ">", "<=", ">="))
_COMPARES = re.compile(r"(<>|<=|>=|=|<|>)?(.*)\Z", re.S)
_WILD = re.compile(r"[*?~]")
_TABLE_PART = re.compile(r"#(?:ALL|DATA|HEADERS|TOTALS)")
_UNARY = {"+": "u+", "-": "u-"}
_MAX_DEPTH = 12
_SHEETS = "a reference over several sheets"
#: What the grammar of formulas does not have.
UNREAD = "a formula that is not understood"


@dataclass(frozen=True, slots=True)
class ArgumentUse:
    """An argument as a way of use sees it.

    Attributes
    ----------
    way
        Its letter.
    content
        What a constant or a computed value is: see `content_letter`; "" where the way says it.
    ref
        The cells it names, if it is a reference.
    """

    way: str
    content: str = "n"
    ref: Ref | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """One way a formula uses one function; `way` has the letters of the arguments."""

    name: str
    arguments: tuple[ArgumentUse, ...] = ()
    way: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "way", ",".join(argument.way for argument in self.arguments))


@dataclass(frozen=True, slots=True)
class _Value:
    """What an expression gives: its kind (a letter of a way), what is in it, how large it is."""

    kind: str
    content: str = "n"
    ref: Ref | None = None
    shape: tuple[int, int] | None = None
    #: A result that is laid over its range by us and not by the engine.
    free: bool = False


_ONE = _Value("n", shape=(1, 1))


@dataclass(frozen=True, slots=True)
class NameMeanings:
    """What names stand for in a workbook.

    Attributes
    ----------
    signatures
        Function -> its parameters.
    library
        Our own functions.
    defined
        Name in capitals -> its formula, for one sheet.
    """

    signatures: Mapping[str, FunctionSignature]
    library: frozenset[str] = frozenset()
    defined: Mapping[str, str] = field(default_factory=dict)


def is_lifted(use: Use, signature: FunctionSignature | None) -> bool:
    """Return whether a use computes arrays, where two engines are known to be wrong together."""
    return signature is not None and any(
        argument.way in _LIFTS and (signature.letter(i) in "vczmf" or argument.way in "aki")
        for i, argument in enumerate(use.arguments)
    )


def uses(
    formula: str, row: int, column: int, names: NameMeanings, array: tuple[int, int] | None = None
) -> list[Use]:
    """Return the ways in which a formula uses functions.

    Parameters
    ----------
    formula
        The formula, without ``=``.
    row, column
        Its cell.
    names
        What its names mean.
    array
        Rows and columns of the range of an array formula; ``None`` for a plain one.
    """
    return uses_of(form(formula, row, column), names, array)


def uses_of(
    made: NormalisedFormula, names: NameMeanings, array: tuple[int, int] | None = None
) -> list[Use]:
    """Return the ways in which a formula uses functions; its references stay those of `made`."""
    tree = parse(made.tokens)
    if tree is None:
        return [Use(UNREAD)]
    reader = _UsageReader(names)
    value = reader.value(tree, array is not None)
    if array is None and value.kind in _MANY and not value.free:
        reader.found.append(Use("@", (ArgumentUse("i" if value.kind in "rw" else value.kind),)))
    if array is not None and value.content == "l" and value.kind != "o":
        reader.found.append(Use("a truth value from an array formula"))
    if array is not None and array != (1, 1) and not value.free:
        reader.found.append(Use("{}", (ArgumentUse(_fit(value, array)),)))
    return reader.found


def _needs_brackets(expr: Expr) -> bool:
    """Return whether an operator has one beside it that binds less, or as much on its right.

    Sums in brackets do not matter: each engine keeps those.
    """
    inner = [arg.text if arg.kind == "binary" else "" for arg in expr.args]
    if expr.text in _COMPARISONS:
        return inner[1] in _COMPARISONS
    return not _COMPARISONS.isdisjoint(inner) if expr.text == "&" else "&" in inner


def _fit(value: _Value, array: tuple[int, int]) -> str:
    """Return how a result lies in the range of its array formula."""
    shape = (1, 1) if value.kind == "n" else value.shape
    if shape is None:
        return "unknown size"
    if shape == array:
        return "fits"
    if shape == (1, 1):
        return "one value"
    if any(have not in (1, want) for have, want in zip(shape, array, strict=True)):
        return (
            "too large"
            if all(h in (1,) or h >= w for h, w in zip(shape, array, strict=True))
            else "too small"
        )
    return "repeated"


class _UsageReader:
    def __init__(self, names: NameMeanings) -> None:
        self.names = names
        self.found: list[Use] = []
        self.depth = 0

    def value(self, expr: Expr, array: bool) -> _Value:
        method: Callable[[Expr, bool], _Value] = getattr(self, f"_{expr.kind}")
        return method(expr, array)

    def _text(self, expr: Expr, _array: bool) -> _Value:
        return _Value("n", content_letter(expr.text[1:-1].replace('""', '"')), shape=(1, 1))

    def _number(self, _expr: Expr, _array: bool) -> _Value:
        return _ONE

    def _error(self, _expr: Expr, _array: bool) -> _Value:
        return _Value("n", "x", shape=(1, 1))

    def _empty(self, _expr: Expr, _array: bool) -> _Value:
        return _Value("o", "b", shape=(1, 1))

    def _array(self, expr: Expr, _array: bool) -> _Value:
        return _Value("k", shape=None)

    def _ref(self, expr: Expr, _array: bool) -> _Value:
        ref = expr.ref
        assert ref is not None
        if ref.book:
            self.found.append(Use("a reference to another workbook"))
        elif ":" in ref.sheet:
            self.found.append(Use(_SHEETS))
            return _Value("r")
        if ref.single:
            return _Value("n", "n", ref, (1, 1))
        if _whole(ref):
            return _Value("w", "n", ref)
        return _Value("r", "n", ref, _ref_shape(ref))

    def _name(self, expr: Expr, array: bool) -> _Value:
        name = expr.text
        if name in ("TRUE", "FALSE"):
            return _Value("n", "l", shape=(1, 1))
        if "[" in name:
            row = "@" in name or "#THIS ROW" in name
            part = _TABLE_PART.search(name)
            way = "#THIS ROW" if row else part[0] if part else "columns"
            self.found.append(Use("a structured reference", (ArgumentUse(way),)))
            return _Value("n" if row else "r", shape=(1, 1) if row else None)
        text = self.names.defined.get(name.rpartition("!")[2])
        if text is None or self.depth > _MAX_DEPTH:
            self.found.append(Use(f"the name {name}"))
            return _ONE
        tree = parse(form(text, 1, 1).tokens)
        if tree is None:
            self.found.append(Use(f"the name {name}"))
            return _ONE
        self.depth += 1
        try:
            return self.value(tree, True)
        finally:
            self.depth -= 1

    def _binary(self, expr: Expr, array: bool) -> _Value:
        if expr.text == ":":
            first, last = expr.args
            if last.ref is not None and last.ref.sheet and not (first.ref and first.ref.sheet):
                self.found.append(Use(_SHEETS))
                return _Value("r")
            self.value(first, array)
            self.value(last, array)
            self.found.append(Use("a range between computed ends"))
            return _Value("r")
        if _needs_brackets(expr):
            self.found.append(Use("brackets around & or a comparison"))
        return self._apply(expr.text, expr.args, array)

    def _unary(self, expr: Expr, array: bool) -> _Value:
        if expr.text == "@":
            self.value(expr.args[0], array)
            self.found.append(Use("@", (ArgumentUse("i"),)))
            return _ONE
        return self._apply(_UNARY[expr.text], expr.args, array)

    def _percent(self, expr: Expr, array: bool) -> _Value:
        return self._apply("%", expr.args, array)

    def _call(self, expr: Expr, array: bool) -> _Value:
        name = expr.text.rpartition("!")[2]
        if name in self.names.library:
            for arg in expr.args:
                self.value(arg, array)
            return _Value("a", free=True)
        if name not in self.names.signatures:
            for arg in expr.args:
                self.value(arg, array)
            self.found.append(Use(name))
            return _ONE
        return self._apply(name, expr.args, array)

    def _apply(self, name: str, args: tuple[Expr, ...], array: bool) -> _Value:
        signature = self.names.signatures[name]
        arguments, lifted, passed = [], False, []
        shape: tuple[int, int] | None = (1, 1)
        for index, arg in enumerate(args):
            letter = signature.letter(index)
            value = self.value(arg, array or letter == "a")
            if arg.kind == "error" and arg.text.endswith("#REF!") and name in _SEEKING:
                self.found.append(Use(f"#REF! in {name}"))
            argument = self._argument(letter, arg, value, array)
            if name in _NUMBERED and argument.way in _MANY:
                argument = ArgumentUse("a", "n", value.ref)
            arguments.append(argument)
            if letter in "vczmf" and argument.way in _MANY:
                lifted = True
                shape = _together(shape, value.shape)
            elif letter == "p":
                passed.append(value)
        for group in signature.split(len(args)):
            self.found.append(Use(name, tuple(arguments[i] for i in group)))
        return _result(name, signature, arguments, passed, lifted, shape)

    def _argument(self, letter: str, arg: Expr, value: _Value, array: bool) -> ArgumentUse:
        kind = value.kind
        if letter in "mf" and arg.kind != "empty":
            literal = _literal(arg)
            return ArgumentUse(f"={literal}" if literal is not None else "=?", "")
        if letter == "c" and kind == "n" and value.ref is None:
            way = _criterion(arg)
            return ArgumentUse(way, value.content if way == "n" else "")
        if letter == "z" and (kind == "o" or _literal(arg) == "0"):
            return ArgumentUse("0", "")
        if letter in "vczp" and kind in "rw" and not array and letter != "p":
            return ArgumentUse("i", "n", value.ref)
        # What is in constants was measured with the way itself.
        return ArgumentUse(kind, "" if kind in "ok" else value.content, value.ref)


def _result(
    name: str,
    signature: FunctionSignature,
    arguments: list[ArgumentUse],
    passed: list[_Value],
    lifted: bool,
    shape: tuple[int, int] | None,
) -> _Value:
    kind = signature.result
    if passed:
        many = next((v for v in passed if v.kind in _MANY), None)
        for value in passed:
            shape = _together(shape, value.shape) if value.kind in _MANY or lifted else shape
        if lifted:
            return _Value("a", shape=shape)
        if many is not None:
            return _Value(many.kind, shape=many.shape)
        return _Value("n", passed[0].content, shape=(1, 1))
    if lifted:
        return _Value("a", _content_of(kind), shape=shape)
    if kind == "A" or (name in _NUMBERED and arguments and arguments[0].way == "a"):
        return _Value("a")
    if name == "INDEX":
        whole = any(argument.way == "0" for argument in arguments[1:])
        return _Value("r") if whole else _ONE
    return _Value("n", _content_of(kind), shape=(1, 1))


def _content_of(result: str) -> str:
    return result if result in "nsl" else "n"


def _together(a: tuple[int, int] | None, b: tuple[int, int] | None) -> tuple[int, int] | None:
    if a is None or b is None:
        return None
    return max(a[0], b[0]), max(a[1], b[1])


def _literal(arg: Expr) -> str | None:
    if arg.kind == "unary" and arg.args[0].kind == "number":
        return arg.text.replace("+", "") + arg.args[0].text
    if arg.kind == "number":
        return arg.text
    if arg.kind == "text":
        return arg.text[1:-1].replace('""', '"')
    if arg.kind == "name" and arg.text in ("TRUE", "FALSE"):
        return arg.text
    return None


def _criterion(arg: Expr) -> str:
    """Return the sort of a criterion that is written out or put together."""
    first = arg
    while first.kind == "binary" and first.text == "&":
        first = first.args[0]
    if first.kind != "text":
        return "n"
    match = _COMPARES.match(first.text[1:-1].replace('""', '"'))
    assert match is not None
    sign, rest = match[1] or "", match[2]
    if _WILD.search(rest):
        return "<>*" if sign == "<>" else "*"
    if sign in ("<", ">", "<=", ">="):
        return "<"
    if not rest and first is arg:
        return f'{sign}""'
    return sign or "n"


def _whole(ref: Ref) -> bool:
    rows = ref.r1.fixed and ref.r2.fixed and (ref.r1.number, ref.r2.number) == (1, MAX_ROWS)
    return rows or (
        ref.c1.fixed and ref.c2.fixed and (ref.c1.number, ref.c2.number) == (1, MAX_COLUMNS)
    )


def _ref_shape(ref: Ref) -> tuple[int, int] | None:
    if ref.r1.fixed != ref.r2.fixed or ref.c1.fixed != ref.c2.fixed:
        return None
    return abs(ref.r2.number - ref.r1.number) + 1, abs(ref.c2.number - ref.c1.number) + 1
