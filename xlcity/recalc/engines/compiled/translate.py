"""Translates a formula to Python: one function for all cells that hold its copies."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from xlcity.errors import CELL_ERRORS
from xlcity.recalc.engines.compiled.aggregates import AGGREGATES, FIRST_BLOCK
from xlcity.recalc.engines.compiled.calls import function_name
from xlcity.recalc.engines.compiled.code import (
    ALL,
    CONSTANT,
    CRITERIA,
    KINDS,
    LOGICAL,
    NO_BLANK,
    NUMBER,
    SIGNS,
    SINGLE,
    TEXT,
    Code,
    UntranslatableError,
    literal,
)
from xlcity.recalc.engines.compiled.operators import OperatorTranslator
from xlcity.recalc.engines.compiled.scalars import SCALARS
from xlcity.xlsx.formulas.syntax import Expr


class Translator(OperatorTranslator):
    """Translates one formula.

    Parameters
    ----------
    slots
        Identity of each reference -> (its number, whether it is a range).
    names
        Upper-case name -> whether it stands for several cells.
    functions
        The functions of the library.
    array
        Whether it is an array formula.
    """

    def __init__(
        self,
        slots: Mapping[int, tuple[int, bool]],
        names: Mapping[str, bool],
        functions: Collection[str],
        array: bool,
    ) -> None:
        super().__init__()
        self.slots, self.names, self.functions = slots, names, functions
        self.arrays = array
        self.position = False

    # -- references ------------------------------------------------------------------------------
    def _reference(self, e: Expr) -> tuple[str, bool] | None:
        """Return what a reference is in Python, and whether it is a range."""
        if e.ref is not None:
            number, wide = self.slots[id(e.ref)]
            return (f"A[p{number}]", True) if wide else (f"V[p{number}]", False)
        if e.kind == "name" and e.text in self.names:
            wide = self.names[e.text]
            return f"{'A' if wide else 'V'}[K[{e.text!r}]]", wide
        return None

    def _is_array(self, e: Expr) -> bool:
        """Return whether an expression gives several values."""
        if (reference := self._reference(e)) is not None:
            return reference[1]
        if e.kind in ("binary", "unary", "percent"):
            return any(map(self._is_array, e.args))
        if e.kind != "call":
            return e.kind == "array"
        if e.text in self.functions:
            return True
        if e.text == "INDEX":
            return self._gives_line(e)
        if e.text in SCALARS or e.text in ("IF", "IFERROR"):
            return any(map(self._is_array, e.args))
        return False

    def _gives_line(self, e: Expr) -> bool:
        return any(arg.kind == "empty" or arg.text == "0" for arg in e.args[1:])

    def block(self, e: Expr) -> str:
        """Return an expression that gives a block."""
        reference = self._reference(e)
        if reference is not None and reference[1]:
            return reference[0]
        if reference is not None:
            return f"one_cell({reference[0]})"
        if self._is_array(e):
            return self.array(e)
        raise UntranslatableError("a value as a range")

    # -- single values ---------------------------------------------------------------------------
    def value(self, e: Expr) -> Code:
        """Return an expression that gives a single value."""
        if (reference := self._reference(e)) is not None:
            if reference[1]:
                raise UntranslatableError("a range where one value is wanted")
            return Code(reference[0], ALL)
        if e.kind == "number":
            return Code(repr(float(e.text)), NUMBER)
        if e.kind == "text":
            return Code(literal(e.text[1:-1].replace('""', '"')), TEXT)
        if e.kind == "error" and e.text in CELL_ERRORS:
            return Code(f"E.{CELL_ERRORS[e.text].name}", frozenset("x"))
        if e.kind == "name" and e.text in ("TRUE", "FALSE"):
            return Code(e.text.title(), LOGICAL)
        if e.kind == "binary":
            return self.binary(e)
        if e.kind in ("unary", "percent"):
            return self.unary(e)
        if e.kind == "call":
            return self._call(e)
        raise UntranslatableError(f"{e.kind} {e.text}")

    # -- functions -------------------------------------------------------------------------------
    def _call(self, e: Expr) -> Code:
        name = e.text
        if name == "NA" and not e.args:
            return Code("E.NA", frozenset("x"))
        if name in self.functions:
            return Code(f"first({self._library(e)})")
        kinds = KINDS.get(name, NO_BLANK)
        special = {
            "IF": self._if, "IFERROR": self._iferror, "INDEX": self._index, "MATCH": self._match,
            "CHOOSE": self._choose, "ROW": self._row, "COLUMN": self._row, "ROWS": self._size,
            "COLUMNS": self._size, "COUNT": self._count_cells, "RANK.EQ": self._rank,
        }.get(name)  # fmt: skip
        if special is not None:
            return special(e)
        if name in CRITERIA:
            return Code(self._criteria(e), kinds)
        if name in SCALARS:
            return self._scalar(e, kinds)
        if name in AGGREGATES:
            return self._aggregate(e, kinds)
        if name in FIRST_BLOCK:
            _, least, most = FIRST_BLOCK[name]
            self._require(e, least, most)
            values = [self.block(e.args[0]), *(self.value(arg).text for arg in e.args[1:])]
            return Code(f"{function_name(name)}({', '.join(values)})", kinds)
        raise UntranslatableError(f"the function {name}")

    def _require(self, e: Expr, least: int, most: int) -> None:
        if not least <= len(e.args) <= most or any(arg.kind == "empty" for arg in e.args):
            raise UntranslatableError(f"the arguments of {e.text}")

    def _scalar(self, e: Expr, kinds: frozenset[str]) -> Code:
        _, least, most = SCALARS[e.text]
        self._require(e, least, most)
        args = [self.value(arg) for arg in e.args]
        if e.text == "ISNUMBER":
            return Code(f"({args[0].text}.__class__ is F)", kinds)
        if e.text == "ISERROR":
            return Code(f"({args[0].text}.__class__ is E)", kinds)
        if e.text == "ABS" and args[0].kinds == NUMBER:
            return Code(f"abs({args[0].text})", NUMBER)
        return Code(f"{function_name(e.text)}({', '.join(arg.text for arg in args)})", kinds)

    def _if(self, e: Expr) -> Code:
        self._require(e, 2, 3)
        test, yes = self.value(e.args[0]), self.value(e.args[1])
        no = self.value(e.args[2]) if len(e.args) > 2 else Code("False", LOGICAL)
        kinds = yes.kinds | no.kinds
        if test.kinds == LOGICAL:
            return Code(f"({yes.text} if {test.text} else {no.text})", kinds)
        t = self.new()
        condition = test.text if test.kinds == frozenset("bx") else f"truth({test.text})"
        other = f"{no.text} if {t} is False else {t}"
        text = f"({yes.text} if ({t} := {condition}) is True else {other})"
        return Code(text, kinds | frozenset("x"))

    def _iferror(self, e: Expr) -> Code:
        self._require(e, 2, 2)
        value, other = (self.value(arg) for arg in e.args)
        if "x" not in value.kinds:
            return value
        t = self.new()
        text = f"({other.text} if ({t} := {value.text}).__class__ is E else {t})"
        return Code(text, (value.kinds - {"x"}) | other.kinds)

    def _index(self, e: Expr) -> Code:
        self._require(e, 2, 3)
        if self._gives_line(e):
            raise UntranslatableError("INDEX of a whole line")
        places = [self.value(arg).text for arg in e.args[1:]]
        return Code(f"index({self.block(e.args[0])}, {', '.join(places)})", ALL)

    def _match(self, e: Expr) -> Code:
        self._require(e, 3, 3)
        mode = {"0": "match", "1": "match_ascending"}.get(e.args[2].text)
        if mode is None:
            raise UntranslatableError("MATCH in another order")
        value = self.value(e.args[0]).text
        return Code(f"{mode}({value}, {self.block(e.args[1])})", frozenset("nx"))

    def _choose(self, e: Expr) -> Code:
        self._require(e, 2, 255)
        number, *values = (self.value(arg) for arg in e.args)
        kinds = frozenset("x").union(*(value.kinds for value in values))
        t, out = self.new(), "E.VALUE"
        # In Python's own conditions, so that what is not chosen is not computed.
        for n, value in reversed(list(enumerate(values, 1))):
            out = f"({value.text} if {t} < {n + 1} else {out})"
        test = f"(E.VALUE if {t} < 1 else {out})"
        if number.kinds != NUMBER:
            test = f"({test} if ({t} := whole_number({number.text})).__class__ is not E else {t})"
        else:
            test = f"({test} if (({t} := {number.text}), 1) else 0)"
        return Code(test, kinds)

    def _row(self, e: Expr) -> Code:
        # Of several cells they give several numbers.
        self._require(e, 0, 0)
        self.position = True
        return Code(f"float({'across' if e.text == 'COLUMN' else 'down'})", NUMBER)

    def _size(self, e: Expr) -> Code:
        self._require(e, 1, 1)
        if (reference := self._reference(e.args[0])) is None:
            raise UntranslatableError(f"{e.text} of what is no range")
        if not reference[1]:
            return Code("1.0", NUMBER)
        return Code(f"float({reference[0]}.{e.text.lower()})", NUMBER)

    def _rank(self, e: Expr) -> Code:
        self._require(e, 2, 3)
        value, order = self.value(e.args[0]).text, [self.value(a).text for a in e.args[2:]]
        return Code(f"rank({', '.join([value, self.block(e.args[1]), *order])})", frozenset("nx"))

    def _count_cells(self, e: Expr) -> Code:
        references = [self._reference(arg) for arg in e.args]
        if all(reference is not None and not reference[1] for reference in references):
            tests = " + ".join(
                f"({reference[0]}.__class__ is F)"
                for reference in references
                if reference is not None
            )
            return Code(f"float({tests})", NUMBER)
        if len(references) == 1 and references[0] is not None:
            return Code(f"float(len({references[0][0]}.floats))", NUMBER)
        return self._aggregate(e, NUMBER)

    def _criteria(self, e: Expr) -> str:
        pattern, most = CRITERIA[e.text]
        self._require(e, 2, most)
        kinds = pattern[: len(e.args)]
        while len(kinds) < len(e.args):
            kinds += "rv"
        if e.text.endswith("S") and kinds[-1] != "v":
            raise UntranslatableError(f"the arguments of {e.text}")
        args = [
            self._cells(arg) if kind == "r" else self._criterion(arg)
            for arg, kind in zip(e.args, kinds, strict=True)
        ]
        return f"{e.text.lower()}({', '.join(args)})"

    def _criterion(self, e: Expr) -> str:
        if e.kind == "binary" and e.text == "&" and e.args[0].text in SIGNS:
            return f"sign({e.args[0].text[1:-1]!r}, {self.value(e.args[1]).text})"
        return self.value(e).text

    def _cells(self, e: Expr) -> str:
        reference = self._reference(e)
        if reference is None or not reference[1]:
            raise UntranslatableError("a place of what is no range")
        return reference[0]

    def _aggregate(self, e: Expr, kinds: frozenset[str]) -> Code:
        self._require(e, 1, 255)
        product = e.text == "SUMPRODUCT"
        if e.text in ("MAX", "MIN") and len(e.args) > 1:
            plain = [arg for arg in e.args if self._reference(arg) is None]
            if len(plain) == len(e.args) == 2 and not any(map(self._is_array, e.args)):
                a, b = (self.value(arg) for arg in e.args)
                return self._extreme(e.text, a, b)
        if product and len(e.args) == 1 and (position := self.place(e.args[0])) is not None:
            return Code(position, kinds)
        args = [self._argument(arg, product) for arg in e.args]
        return Code(f"{function_name(e.text)}({', '.join(args)})", kinds)

    def _extreme(self, name: str, a: Code, b: Code) -> Code:
        x, y = self.new(), self.new()
        tests = f"(({x} := {a.text}).__class__ is F) & (({y} := {b.text}).__class__ is F)"
        both = f"({name.lower()}({x}, {y}) if {tests} else {function_name(name)}({x}, {y}))"
        return Code(both, NUMBER if a.kinds == b.kinds == NUMBER else frozenset("nx"))

    def _argument(self, e: Expr, product: bool) -> str:
        """Return an argument of a function of many values."""
        if (reference := self._reference(e)) is not None:
            return reference[0] if reference[1] else f"({reference[0]},)"
        if not self._is_array(e):
            code = self.value(e).text
            return f"({code},)" if e.kind == "call" and e.text == "INDEX" else code
        if not self.arrays and not product and not (e.kind == "call" and e.text == "INDEX"):
            raise UntranslatableError("an array in a formula that is no array formula")
        return self.array(e)

    # -- arrays ----------------------------------------------------------------------------------
    def array(self, e: Expr) -> str:
        """Return an expression that gives an array, or a value where it has none."""
        if (reference := self._reference(e)) is not None:
            return reference[0]
        if not self._is_array(e):
            return self.value(e).text
        if e.kind == "binary":
            a, b = (self.array(arg) for arg in e.args)
            return f"binary({e.text!r}, {a}, {b})"
        if e.kind in ("unary", "percent"):
            return f"unary({e.text!r}, {self.array(e.args[0])})"
        if e.kind == "call":
            return self._array_call(e)
        raise UntranslatableError(e.kind)

    def _array_call(self, e: Expr) -> str:
        if e.text in self.functions:
            return self._library(e)
        if e.text == "INDEX":
            return self._index_line(e)
        if not self.arrays and e.text in ("IF", "IFERROR"):
            raise UntranslatableError(f"{e.text} of an array in a formula that is none")
        if e.text == "IF":
            return self._array_if(e)
        args = ", ".join(self.array(arg) for arg in e.args)
        if e.text == "IFERROR":
            self._require(e, 2, 2)
            if not self._is_array(e.args[0]):
                raise UntranslatableError("IFERROR of a value or an array")
            return f"iferror_array({args})"
        if e.text in SINGLE:
            raise UntranslatableError(f"{e.text} of an array")
        _, least, most = SCALARS[e.text]
        self._require(e, least, most)
        return f"lift({function_name(e.text)}, {args})"

    def _array_if(self, e: Expr) -> str:
        self._require(e, 2, 3)
        yes = self.array(e.args[1])
        no = self.array(e.args[2]) if len(e.args) > 2 else "False"
        if self._is_array(e.args[0]):
            return f"if_array({self.array(e.args[0])}, {yes}, {no})"
        if any(not self._is_array(arg) and arg.kind not in CONSTANT for arg in e.args[1:]):
            raise UntranslatableError("IF that gives a value or an array")
        t = self.new()
        test = f"({t} := truth({self.value(e.args[0]).text}))"
        return f"({yes} if {test} is True else {no} if {t} is False else {t})"

    def _index_line(self, e: Expr) -> str:
        places = ["0.0" if arg.kind == "empty" else self.value(arg).text for arg in (*e.args[1:],)]
        if len(places) != 2:
            raise UntranslatableError("INDEX of a whole line")
        return f"index_line({self.block(e.args[0])}, {', '.join(places)})"

    def _library(self, e: Expr) -> str:
        args = ["''" if arg.kind == "empty" else self.array(arg) for arg in e.args]
        return f"library({', '.join([repr(e.text), *args])})"


def source(
    e: Expr, translator: Translator, count: int, array: bool, *, bracketed: bool = False
) -> str:
    """Return the code of a function that computes all copies of a formula.

    In brackets, a last difference that is nothing but rounding stays what it is.
    """
    if array:
        body = f"spill(V, o, rows, columns, step, {translator.array(e)})"
    else:
        code = translator.value(e) if bracketed else translator.last(e)
        text = code.text
        if "e" in code.kinds:
            text = f"0.0 if (t0 := {text}) is None else t0"
        body = f"V[o] = {text}"
    params = ["o", *(f"p{number}" for number in range(count))]
    if array:
        params += ["rows", "columns", "step"]
    if translator.position:
        params += ["down", "across"]
    return f"def formula(V, A, K, cells):\n for {', '.join(params)}, in cells:\n  {body}\n"


def parameters(code: str) -> list[str]:
    """Return what the values of a cell are in the code of `source`, in order."""
    return code.split(" for ", 1)[1].split(", in cells:", 1)[0].split(", ")
