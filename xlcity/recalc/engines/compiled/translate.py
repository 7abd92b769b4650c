"""Translates a formula to Python: one function for all cells that hold its copies.

In the code, V is the list of all cells' values, A the list of areas, K a dictionary from a name to
the number of its cell or area; F, S, B and E are the classes of numbers, texts, logicals, errors.
"""

from __future__ import annotations

from ast import literal_eval
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from xlcity.errors import CELL_ERRORS
from xlcity.messages import Message
from xlcity.recalc.engines.compiled.aggregates import AGGREGATES, FIRST_BLOCK
from xlcity.recalc.engines.compiled.calls import OPERATORS, name_in_code
from xlcity.recalc.engines.compiled.scalars import SCALARS
from xlcity.recalc.engines.compiled.values import UntranslatableError
from xlcity.xlsx.formulas.syntax import Expr

_T = TypeVar("_T")
#: Kinds of values that an expression may have: number, text, logical, error, blank.
_NUMBER, _TEXT, _LOGICAL, _ERROR, _BLANK = map(frozenset, "nsbxe")
_NUMBER_OR_ERROR = _NUMBER | _ERROR
_TEXT_OR_ERROR = _TEXT | _ERROR
_LOGICAL_OR_ERROR = _LOGICAL | _ERROR
_NO_BLANK = _NUMBER | _TEXT | _LOGICAL | _ERROR
_ALL = _NO_BLANK | _BLANK
_NUMBER_FUNCTIONS = """
SIGN LN EXP PERCENTILE SEARCH
ABS INT SQRT LOG10 ROUND TDIST LEN FIND VALUE N ERROR.TYPE TYPE SUM AVERAGE MAX MIN
MEDIAN SUMSQ DEVSQ STDEV.P STDEV.S SKEW KURT SLOPE CORREL
SUMPRODUCT LARGE SMALL QUARTILE RANK.EQ RANK.AVG MATCH
COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF AVERAGEIFS
"""
_TEXT_FUNCTIONS = "TRIM LEFT RIGHT SUBSTITUTE CHAR TEXT"
_COUNTING_FUNCTIONS = "COUNT COUNTA ROW ROWS COLUMN COLUMNS"
_TESTING_FUNCTIONS = "ISNUMBER ISTEXT ISLOGICAL ISERROR ISBLANK ISNA"
#: Function -> the kinds of values it may give.
_KINDS_OF_RESULT = {
    **dict.fromkeys(_TESTING_FUNCTIONS.split(), _LOGICAL),
    **dict.fromkeys(_COUNTING_FUNCTIONS.split(), _NUMBER),
    **dict.fromkeys(_NUMBER_FUNCTIONS.split(), _NUMBER_OR_ERROR),
    **dict.fromkeys(("AND", "OR", "NOT", "EXACT"), _LOGICAL_OR_ERROR),
    **dict.fromkeys(_TEXT_FUNCTIONS.split(), _TEXT_OR_ERROR),
}
#: Function -> its arguments, r for a range and v for a value, "rv" being repeated as needed; and
#: how many arguments it may have.
_CRITERIA_ARGUMENTS = {
    "COUNTIF": ("rv", 2),
    "COUNTIFS": ("rv", 126),
    "SUMIF": ("rvr", 3),
    "AVERAGEIF": ("rvr", 3),
    "SUMIFS": ("rrv", 127),
    "AVERAGEIFS": ("rrv", 127),
}
#: Operators before the operand of a criterion, as texts in a formula.
_CRITERION_SIGNS = frozenset(('"<"', '">"', '"<="', '">="', '"="', '"<>"'))
#: Operators that are Python's own between numbers.
_PYTHON_OPERATORS = {"+", "-", "*", "/"}
#: Function and number of arguments -> Python's code for numbers. AVERAGE gives 0 for -0.
_OF_NUMBERS = {
    ("AVERAGE", 1): "({0} + 0.0)",
    ("MAX", 2): "({0} if {0} >= {1} else {1})",
    ("MIN", 2): "({0} if {0} <= {1} else {1})",
}
#: Function of logicals -> Python's operator.
_OF_LOGICALS = {"AND": " and ", "OR": " or "}
#: Function -> the class of values for which it is true.
_CLASS_TESTS = {"ISNUMBER": "F", "ISTEXT": "S", "ISLOGICAL": "B", "ISERROR": "E"}
#: Kinds of expressions that are written out in a formula.
_CONSTANT_KINDS = frozenset(("number", "text"))
#: Functions whose meaning for arrays is not settled among the programs.
_UNSETTLED_FOR_ARRAYS = frozenset(
    ("TYPE", "ERROR.TYPE", "ISLOGICAL", "EXACT", "TEXT", "N")
)


@dataclass(frozen=True, slots=True)
class Code:
    """An expression in Python and the kinds of values it may have (`_NUMBER`, `_TEXT`, …)."""

    text: str
    kinds: frozenset[str] = _NO_BLANK

    @property
    def is_simple(self) -> bool:
        """Whether the code is a name or a number, which may be evaluated twice."""
        return self.text.replace(".", "").replace("-", "").isalnum()


class _ReferenceCode(NamedTuple):
    """A cell or a range in Python, ``V[…]`` or ``A[…]``, and whether it is a range."""

    text: str
    is_range: bool


def _literal(text: str) -> str:
    """Return a text as a Python literal in which [ is escaped.

    Generated code is searched for ``A[`` and ``V[``, which must not come from a text.
    """
    return repr(text).replace("[", "\\x5b")


class Translator:
    """Translates one formula.

    Parameters
    ----------
    slots
        ``id`` of each reference in the formula's tree -> (its number, whether it is a range); those
        that mean the same have one number.
    names
        Upper-case name -> whether it means several cells.
    functions
        Names of the library's functions.
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
        self._count = 0
        self.slots = slots
        self.names = names
        self.functions = functions
        self.is_array_formula = array
        self._needs_address = False
        #: Expression -> its number, by ``id``; those that are written alike have the same one.
        self._numbers: dict[int, int] = {}
        #: Operations that are written several times, by their numbers.
        self._repeated: set[int] = set()
        #: Those that are computed already wherever the code stands that is translated now.
        self._computed: dict[int, Code] = {}

    def translate_formula(self, expr: Expr, *, bracketed: bool) -> str:
        """Return the code of a function that computes all copies of a formula.

        Parameters
        ----------
        expr
            The formula.
        bracketed
            Whether the whole formula is in brackets: a final difference that is nothing but
            rounding is then not taken for 0.
        """
        self._number_expressions(expr, {})
        counts = Counter(self._numbers[id(part)] for part in expr.walk())
        self._repeated = {number for number, count in counts.items() if count > 1}
        distinct = sorted({number for number, _ in self.slots.values()})
        names = ["o", *(f"p{number}" for number in distinct)]
        if self.is_array_formula:
            names += ["rows", "columns", "step"]
            body = f"fill_array_range(V, o, rows, columns, step, {self._translate_array(expr)})"
        else:
            code = (
                self._translate_value(expr)
                if bracketed
                else self._translate_final_step(expr)
            )
            may_be_blank = code.kinds >= _BLANK
            shown = (
                f"0.0 if (t0 := {code.text}) is None else t0"
                if may_be_blank
                else code.text
            )
            body = f"V[o] = {shown}"
        if self._needs_address:
            names += ["down", "across"]
        return f"def formula(V, A, K, cells):\n for {', '.join(names)}, in cells:\n  {body}\n"

    # -- operations that are written several times ------------------------------------------------
    def _number_expressions(self, expr: Expr, numbers: dict[object, int]) -> int:
        """Give an expression, and all in it, its number, and return it.

        `numbers` has those of what was numbered before, by all that makes it what it is.
        """
        args = [self._number_expressions(arg, numbers) for arg in expr.args]
        content = expr.text if expr.ref is None else self.slots[id(expr.ref)]
        number = numbers.setdefault((expr.kind, content, *args), len(numbers))
        self._numbers[id(expr)] = number
        return number

    def _translate_operation(self, expr: Expr) -> Code:
        """Return Python code for an operator or a call that gives a single value.

        What is written several times is computed once, and has a name from there on.
        """
        translate = (
            self._translate_binary if expr.kind == "binary" else self._translate_call
        )
        if (number := self._numbers[id(expr)]) not in self._repeated:
            return translate(expr)
        if number not in self._computed:
            code = translate(expr)
            name = self._new_name()
            self._computed[number] = Code(name, code.kinds)
            return Code(f"({name} := {code.text})", code.kinds)
        return self._computed[number]

    def _translate_branch(self, expr: Expr, translate: Callable[[Expr], _T]) -> _T:
        """Return the code of an expression that is computed in some cases only.

        What has a name in it has none elsewhere. `translate` is the method that translates it.
        """
        computed_before = self._computed.copy()
        code = translate(expr)
        self._computed = computed_before
        return code

    # -- references ------------------------------------------------------------------------------
    def _reference_code(self, expr: Expr) -> _ReferenceCode | None:
        """Return ``V[…]`` for a cell or ``A[…]`` for a range, and whether it is a range.

        None for what is no reference.
        """
        if expr.ref is not None:
            number, is_range = self.slots[id(expr.ref)]
            where = f"p{number}"
        elif expr.kind == "name" and expr.text in self.names:
            is_range = self.names[expr.text]
            where = f"K[{expr.text!r}]"
        else:
            return None
        read_list = "A" if is_range else "V"
        return _ReferenceCode(f"{read_list}[{where}]", is_range)

    def _is_array(self, expr: Expr) -> bool:
        """Return whether an expression of a formula gives several values, as a range does."""
        if (reference := self._reference_code(expr)) is not None:
            return reference.is_range
        if expr.kind in ("binary", "unary", "percent"):
            return any(map(self._is_array, expr.args))
        if expr.kind != "call":
            return expr.kind == "array"
        if expr.text in self.functions:
            return True
        if expr.text in SCALARS or expr.text in ("IF", "IFERROR"):
            return any(map(self._is_array, expr.args))
        return False

    def _translate_block(self, expr: Expr) -> str:
        """Return Python code for an expression that gives a `CellBlock`, as a range does.

        `UntranslatableError` for an expression that gives a single value.
        """
        reference = self._reference_code(expr)
        if reference is not None and reference.is_range:
            return reference.text
        if reference is not None:
            return f"block_of_one({reference.text})"
        if self._is_array(expr):
            return self._translate_array(expr)
        raise UntranslatableError("a value as a range")

    # -- single values ---------------------------------------------------------------------------
    def _translate_value(self, expr: Expr) -> Code:
        """Return Python code for an expression that gives a single value."""
        if (reference := self._reference_code(expr)) is not None:
            if reference.is_range:
                raise UntranslatableError("a range where one value is wanted")
            return Code(reference.text, _ALL)
        if expr.kind in ("unary", "percent"):
            return self._translate_unary(expr)
        if expr.kind in ("binary", "call"):
            return self._translate_operation(expr)
        return self._translate_constant(expr)

    @staticmethod
    def _translate_constant(expr: Expr) -> Code:
        """Return Python code for a value that a formula spells out."""
        if expr.kind == "number":
            return Code(repr(float(expr.text)), _NUMBER)
        if expr.kind == "text":
            return Code(_literal(expr.text[1:-1].replace('""', '"')), _TEXT)
        if expr.kind == "error" and expr.text in CELL_ERRORS:
            return Code(f"E.{CELL_ERRORS[expr.text].name}", _ERROR)
        if expr.kind == "name" and expr.text in ("TRUE", "FALSE"):
            return Code(expr.text.title(), _LOGICAL)
        raise UntranslatableError(f"{expr.kind} {expr.text}")

    def _new_name(self) -> str:
        """Return a name that the code does not use yet: t1, t2, …."""
        self._count += 1
        return f"t{self._count}"

    # -- operators -------------------------------------------------------------------------------
    def _translate_unary(self, expr: Expr) -> Code:
        """Return Python code for +, - or % of a single value."""
        inner = self._translate_value(expr.args[0])
        if expr.text == "+":
            return inner
        if expr.text not in "-%":
            raise UntranslatableError(f"the operator {expr.text}")
        pattern = "0.0 - {}" if expr.text == "-" else "{} / 100.0"
        if inner.kinds == _NUMBER:
            return Code(f"({pattern.format(inner.text)})", _NUMBER)
        (t,), test = self._name_values([inner])
        of_number = pattern.format(t)
        name = "negative" if expr.text == "-" else "percent"
        return Code(f"({of_number} if {test} else {name}({t}))", _NUMBER_OR_ERROR)

    def _translate_binary(self, expr: Expr) -> Code:
        """Return Python code for an operator between two single values."""
        operator = expr.text
        a, b = (self._translate_value(arg) for arg in expr.args)
        if operator == "&":
            kinds = _TEXT_OR_ERROR if a.kinds | b.kinds >= _ERROR else _TEXT
            return Code(f"join({a.text}, {b.text})", kinds)
        if operator not in OPERATORS:
            raise UntranslatableError(f"the operator {operator}")
        name = OPERATORS[operator]
        if operator == "^":
            return Code(f"{name}({a.text}, {b.text})", _NUMBER_OR_ERROR)
        if operator in _PYTHON_OPERATORS:
            is_number = a.kinds == b.kinds == _NUMBER and operator != "/"
            kinds = _NUMBER if is_number else _NUMBER_OR_ERROR
            return Code(self._arithmetic_code(operator, name, a, b), kinds)
        return self._translate_comparison(operator, a, b)

    def _translate_comparison(self, operator: str, a: Code, b: Code) -> Code:
        """Return Python code for a comparison of two single values."""
        is_literal = b.kinds == _TEXT and b.text[0] in "'\""
        if is_literal and operator in ("=", "<>"):
            return self._compare_with_text(operator, a, b)
        kinds = _LOGICAL_OR_ERROR if a.kinds | b.kinds >= _ERROR else _LOGICAL
        code = self._comparison_code(operator, OPERATORS[operator], a, b)
        return Code(code, kinds)

    def _comparison_code(self, operator: str, name: str, a: Code, b: Code) -> str:
        """Return Python code for a comparison of two values, whose codes are `a` and `b`.

        It is Python's own between numbers that 15 digits tell apart; else the function `name` is
        called.
        """
        sign = {"=": "==", "<>": "!="}.get(operator, operator)
        (x, y), are_numbers = self._name_values([a, b])
        are_distinct = f"({x} == {y} or abs({x} - {y}) > 1e-14 * abs({x}))"
        return f"({x} {sign} {y} if {are_numbers} and {are_distinct} else {name}({x}, {y}))"

    def _name_values(
        self, values: Sequence[Code], kind: str = "F"
    ) -> tuple[list[str], str]:
        """Return names of values, and a test that assigns them all: whether they are numbers.

        `kind` is the class that it tests for. A value that is simple is its own name.
        """
        names = []
        tests = []
        for value in values:
            if value.is_simple and value.kinds == _NUMBER and kind == "F":
                names.append(value.text)
                continue
            names.append(self._new_name())
            tests.append(f"(({names[-1]} := {value.text}).__class__ is {kind})")
        # & instead of ``and``: all must be assigned.
        return names, " & ".join(tests) or "True"

    def _translate_final_step(self, expr: Expr) -> Code:
        """Return Python code for a whole formula that gives a single value.

        + or - as its final step calls ``final_add`` or ``final_subtract``, which give 0 for what is
        only rounding, as Excel does.
        """
        if expr.kind != "binary" or expr.text not in ("+", "-"):
            return self._translate_value(expr)
        a, b = (self._translate_value(arg) for arg in expr.args)
        kinds = _NUMBER if a.kinds == b.kinds == _NUMBER else _NUMBER_OR_ERROR
        return Code(f"final_{OPERATORS[expr.text]}({a.text}, {b.text})", kinds)

    def _arithmetic_code(self, sign: str, name: str, a: Code, b: Code) -> str:
        """Return Python code for +, -, * or / of two values, whose codes are `a` and `b`.

        It is Python's own operator between numbers; else the function `name` is called.
        """
        if sign != "/" and a.kinds == b.kinds == _NUMBER:
            return f"({a.text} {sign} {b.text})"
        # As a number TRUE is 1.
        a, b = (
            Code(f"(1.0 if {side.text} else 0.0)", _NUMBER)
            if side.kinds == _LOGICAL
            else side
            for side in (a, b)
        )
        (x, y), are_numbers = self._name_values([a, b])
        condition = f"{are_numbers} and {y}" if sign == "/" else are_numbers
        return f"({x} {sign} {y} if {condition} else {name}({x}, {y}))"

    def _compare_with_text(self, operator: str, a: Code, b: Code) -> Code:
        """Return Python code for = or <> of a value and a text written in the formula.

        `a` and `b` are their codes; texts are compared in small letters.
        """
        t = self._new_name()
        literal = b.text
        negation = "not " if operator == "<>" else ""
        if literal in ("''", '""'):  # a blank equals it
            test = f"{negation}({t} is None or {t} == '')"
        else:
            folded = _literal(literal_eval(literal).lower())
            test = f"{negation}({t}.__class__ is S and {t}.lower() == {folded})"
        return Code(
            f"({test} if ({t} := {a.text}).__class__ is not E else {t})",
            _LOGICAL_OR_ERROR,
        )

    # -- functions -------------------------------------------------------------------------------
    def _translate_call(self, expr: Expr) -> Code:
        """Return Python code for the single value of a function's call."""
        name = expr.text
        if name == "NA" and not expr.args:
            return Code("E.NA", _ERROR)
        if name in self.functions:
            return Code(f"top_left_value({self._translate_library(expr)})")
        kinds = _KINDS_OF_RESULT.get(name, _NO_BLANK)
        special = {
            "IF": self._translate_if,
            "IFERROR": self._translate_iferror,
            "INDEX": self._translate_index,
            "MATCH": self._translate_match,
            "CHOOSE": self._translate_choose,
            "ROW": self._translate_row,
            "COLUMN": self._translate_row,
            "ROWS": self._translate_size,
            "COLUMNS": self._translate_size,
            "RANK.EQ": self._translate_rank,
            "RANK.AVG": self._translate_rank,
        }.get(name)
        if special is not None:
            return special(expr)
        if name in _CRITERIA_ARGUMENTS:
            return Code(self._translate_criteria(expr), kinds)
        if name in SCALARS:
            return self._translate_scalar(expr, kinds)
        if name in AGGREGATES:
            return self._translate_aggregate(expr, kinds)
        if name in FIRST_BLOCK:
            self._require_arguments(expr, 2, 2)
            block, value = expr.args
            args = (
                f"{self._translate_block(block)}, {self._translate_value(value).text}"
            )
            return Code(f"{name_in_code(name)}({args})", kinds)
        raise UntranslatableError(f"the function {name}")

    def _require_arguments(self, expr: Expr, least: int, most: int) -> None:
        """Raise `UntranslatableError` for a call with too few, too many or empty arguments."""
        if not least <= len(expr.args) <= most or any(
            arg.kind == "empty" for arg in expr.args
        ):
            raise UntranslatableError(f"the arguments of {expr.text}")

    def _translate_scalar(self, expr: Expr, kinds: frozenset[str]) -> Code:
        """Return Python code for a call of a function of single values.

        `kinds` are the kinds of values that it may give.
        """
        function = SCALARS[expr.text]
        self._require_arguments(expr, function.least, function.most)
        args = [self._translate_value(arg).text for arg in expr.args]
        if expr.text in _CLASS_TESTS:
            kind = _CLASS_TESTS[expr.text]
            return Code(f"({args[0]}.__class__ is {kind})", kinds)
        return Code(f"{name_in_code(expr.text)}({', '.join(args)})", kinds)

    def _translate_if(self, expr: Expr) -> Code:
        """Return Python code for IF: a conditional expression, which computes only one branch."""
        self._require_arguments(expr, 2, 3)
        test = self._translate_value(expr.args[0])
        yes, *others = (
            self._translate_branch(arg, self._translate_value) for arg in expr.args[1:]
        )
        no = others[0] if others else Code("False", _LOGICAL)
        kinds = yes.kinds | no.kinds
        if test.kinds == _LOGICAL:
            return Code(f"({yes.text} if {test.text} else {no.text})", kinds)
        t = self._new_name()
        condition = (
            test.text if test.kinds == _LOGICAL_OR_ERROR else f"to_logical({test.text})"
        )
        other = f"{no.text} if {t} is False else {t}"
        text = f"({yes.text} if ({t} := {condition}) is True else {other})"
        return Code(text, kinds | _ERROR)

    def _translate_iferror(self, expr: Expr) -> Code:
        """Return Python code for IFERROR: a conditional expression."""
        self._require_arguments(expr, 2, 2)
        value = self._translate_value(expr.args[0])
        other = self._translate_branch(expr.args[1], self._translate_value)
        t = self._new_name()
        text = f"({other.text} if ({t} := {value.text}).__class__ is E else {t})"
        return Code(text, (value.kinds - _ERROR) | other.kinds)

    def _translate_index(self, expr: Expr) -> Code:
        """Return Python code for INDEX of a block, with one place or with row and column."""
        self._require_arguments(expr, 2, 3)
        block = self._translate_block(expr.args[0])
        places = [self._translate_value(arg).text for arg in expr.args[1:]]
        return Code(f"index({block}, {', '.join(places)})", _ALL)

    def _translate_match(self, expr: Expr) -> Code:
        """Return code for MATCH with 0; a search in an order is not translated."""
        self._require_arguments(expr, 3, 3)
        if expr.args[2].text != "0":
            raise UntranslatableError("MATCH in an order")
        value = self._translate_value(expr.args[0]).text
        return Code(
            f"match({value}, {self._translate_block(expr.args[1])})", _NUMBER_OR_ERROR
        )

    def _translate_choose(self, expr: Expr) -> Code:
        """Return Python code for CHOOSE: conditional expressions, which compute only one value."""
        self._require_arguments(expr, 2, 255)
        number = self._translate_value(expr.args[0])
        values = [
            self._translate_branch(arg, self._translate_value) for arg in expr.args[1:]
        ]
        kinds = _ERROR.union(*(value.kinds for value in values))
        t = self._new_name()
        chosen = "E.VALUE"
        # Built from the last value, which is the innermost. The number may have a fraction, which
        # is cut off: below n + 1 it is n.
        for n, value in reversed(list(enumerate(values, 1))):
            chosen = f"({value.text} if {t} < {n + 1} else {chosen})"
        chosen = f"(E.VALUE if {t} < 1 else {chosen})"
        is_number = f"({t} := to_whole_number({number.text})).__class__ is not E"
        return Code(f"({chosen} if {is_number} else {t})", kinds)

    def _translate_row(self, expr: Expr) -> Code:
        """Return code for ROW() or COLUMN(); with an argument they may give several numbers."""
        self._require_arguments(expr, 0, 0)
        self._needs_address = True
        place = "across" if expr.text == "COLUMN" else "down"
        return Code(f"float({place})", _NUMBER)

    def _translate_size(self, expr: Expr) -> Code:
        """Return Python code for ROWS or COLUMNS of a reference."""
        self._require_arguments(expr, 1, 1)
        if (reference := self._reference_code(expr.args[0])) is None:
            raise UntranslatableError(f"{expr.text} of something other than a range")
        area_code, is_range = reference
        if not is_range:
            return Code("1.0", _NUMBER)
        return Code(f"float({area_code}.{expr.text.lower()})", _NUMBER)

    def _translate_rank(self, expr: Expr) -> Code:
        """Return code for RANK.EQ or RANK.AVG of a value in a block, in an order if given."""
        self._require_arguments(expr, 2, 3)
        value = self._translate_value(expr.args[0]).text
        block = self._translate_block(expr.args[1])
        order = [self._translate_value(arg).text for arg in expr.args[2:]]
        options = ["averaged=True"] if expr.text == "RANK.AVG" else []
        arguments = ", ".join([value, block, *order, *options])
        return Code(f"rank({arguments})", _NUMBER_OR_ERROR)

    def _translate_criteria(self, expr: Expr) -> str:
        """Return code for COUNTIF, SUMIF, AVERAGEIF and those with S; see `_CRITERIA_ARGUMENTS`."""
        pattern, most = _CRITERIA_ARGUMENTS[expr.text]
        self._require_arguments(expr, 2, most)
        argument_kinds = (pattern + "rv" * len(expr.args))[: len(expr.args)]
        if expr.text.endswith("S") and argument_kinds[-1] != "v":
            raise UntranslatableError(f"the arguments of {expr.text}")
        args = [
            self._range_code(arg) if kind == "r" else self._translate_criterion(arg)
            for arg, kind in zip(expr.args, argument_kinds, strict=True)
        ]
        return f"{expr.text.lower()}({', '.join(args)})"

    def _translate_criterion(self, expr: Expr) -> str:
        """Return code for a criterion; ``">"&A1`` is not joined to a text and read again."""
        if (
            expr.kind == "binary"
            and expr.text == "&"
            and expr.args[0].text in _CRITERION_SIGNS
        ):
            operand = self._translate_value(expr.args[1]).text
            return f"join_criterion({expr.args[0].text[1:-1]!r}, {operand})"
        return self._translate_value(expr).text

    def _range_code(self, expr: Expr) -> str:
        """Return code that gives the `CellBlock` of a reference; other expressions are refused."""
        if (reference := self._reference_code(expr)) is None:
            raise UntranslatableError(Message("doubt.position_in_no_range"))
        return (
            reference.text if reference.is_range else f"block_of_one({reference.text})"
        )

    def _translate_aggregate(self, expr: Expr, kinds: frozenset[str]) -> Code:
        """Return Python code for a call of a function of many values, such as SUM.

        `kinds` are the kinds of values that it may give.
        """
        self._require_arguments(expr, 1, 255)
        may_be_array = expr.text == "SUMPRODUCT"
        if may_be_array and (text := self._translate_count(expr.args)) is not None:
            return Code(text, kinds)
        args = [
            self._translate_argument(arg, may_be_array=may_be_array)
            for arg in expr.args
        ]
        is_for_python = (
            expr.text in _OF_LOGICALS or (expr.text, len(args)) in _OF_NUMBERS
        )
        if is_for_python and not any(map(self._is_array, expr.args)):
            return Code(self._call_of_values(expr.text, args), kinds)
        return Code(f"{name_in_code(expr.text)}({', '.join(args)})", kinds)

    def _call_of_values(self, function: str, args: Sequence[str]) -> str:
        """Return Python code for a call of a function in `_OF_NUMBERS` or `_OF_LOGICALS`.

        It is Python's own where all values are of that kind; else the function is called. `args`
        are the codes of the arguments, a cell as a block of one.
        """
        values = [arg.removeprefix("block_of_one") for arg in args]
        kind = "B" if function in _OF_LOGICALS else "F"
        names, test = self._name_values([Code(value) for value in values], kind)
        if function in _OF_LOGICALS:
            text = _OF_LOGICALS[function].join(names)
        else:
            text = _OF_NUMBERS[function, len(args)].format(*names)
        arguments = [
            name if value == arg else f"block_of_one({name})"
            for name, value, arg in zip(names, values, args, strict=True)
        ]
        return (
            f"({text} if {test} else {name_in_code(function)}({', '.join(arguments)}))"
        )

    def _translate_count(self, args: Sequence[Expr]) -> str | None:
        """Return code for SUMPRODUCT of ``(range=value)*1``; None for other arguments."""
        product = args[0]
        if len(args) > 1 or product.text != "*" or product.args[1].text != "1":
            return None
        test = product.args[0]
        if test.kind != "binary" or test.text != "=" or self._is_array(test.args[1]):
            return None
        area = self._reference_code(test.args[0])
        if area is None or not area.is_range:
            return None
        return f"count_equal({area.text}, {self._translate_value(test.args[1]).text})"

    def _translate_argument(self, expr: Expr, *, may_be_array: bool) -> str:
        """Return code for an `Argument` of a function of many values.

        Other arrays than ranges are refused outside of array formulas, unless `may_be_array`.
        """
        if (reference := self._reference_code(expr)) is not None:
            return (
                reference.text
                if reference.is_range
                else f"block_of_one({reference.text})"
            )
        if not self._is_array(expr):
            code = self._translate_value(expr).text
            # INDEX gives a cell, in which a text or a logical does not count.
            is_index = expr.kind == "call" and expr.text == "INDEX"
            return f"block_of_one({code})" if is_index else code
        if not (self.is_array_formula or may_be_array):
            raise UntranslatableError("an array in a formula that is no array formula")
        return self._translate_array(expr)

    # -- arrays ----------------------------------------------------------------------------------
    def _translate_array(self, expr: Expr) -> str:
        """Return Python code for an expression in an array formula.

        It gives a `CellBlock`, or a single value where nothing in it has several.
        """
        if (reference := self._reference_code(expr)) is not None:
            return reference.text
        if not self._is_array(expr):
            return self._translate_value(expr).text
        if expr.kind == "binary":
            a, b = (self._translate_array(arg) for arg in expr.args)
            return f"apply_binary({expr.text!r}, {a}, {b})"
        if expr.kind in ("unary", "percent"):
            return f"apply_unary({expr.text!r}, {self._translate_array(expr.args[0])})"
        if expr.kind == "call":
            return self._translate_array_call(expr)
        raise UntranslatableError(expr.kind)

    def _translate_array_call(self, expr: Expr) -> str:
        """Return Python code for a call with an array among its arguments, or that gives one."""
        if expr.text in self.functions:
            return self._translate_library(expr)
        if not self.is_array_formula and expr.text in ("IF", "IFERROR"):
            raise UntranslatableError(
                f"{expr.text} of an array in a formula that is none"
            )
        if expr.text == "IF":
            return self._translate_array_if(expr)
        args = ", ".join(self._translate_array(arg) for arg in expr.args)
        if expr.text == "IFERROR":
            self._require_arguments(expr, 2, 2)
            if not self._is_array(expr.args[0]):
                raise UntranslatableError("IFERROR of a value or an array")
            return f"iferror_array({args})"
        if expr.text in _UNSETTLED_FOR_ARRAYS:
            raise UntranslatableError(f"{expr.text} of an array")
        function = SCALARS[expr.text]
        self._require_arguments(expr, function.least, function.most)
        return f"map_places({name_in_code(expr.text)}, {args})"

    def _translate_array_if(self, expr: Expr) -> str:
        """Return Python code for IF whose condition, or both branches, are arrays."""
        self._require_arguments(expr, 2, 3)
        condition, *branches = expr.args
        if self._is_array(condition):
            args = [*map(self._translate_array, expr.args), "False"][:3]
            return f"if_array({', '.join(args)})"
        if not all(
            self._is_array(arg) or arg.kind in _CONSTANT_KINDS for arg in branches
        ):
            raise UntranslatableError("IF that gives a value or an array")
        t = self._new_name()
        test = f"({t} := to_logical({self._translate_value(condition).text}))"
        arrays = [
            self._translate_branch(arg, self._translate_array) for arg in branches
        ]
        yes, no = [*arrays, "False"][:2]
        return f"({yes} if {test} is True else {no} if {t} is False else {t})"

    def _translate_library(self, expr: Expr) -> str:
        """Return Python code for the block that a function of the library gives.

        An argument that is left out is passed as "".
        """
        args = [
            "''" if arg.kind == "empty" else self._translate_array(arg)
            for arg in expr.args
        ]
        return f"call_library({', '.join([repr(expr.text), *args])})"


def parameter_names(code: str) -> list[str]:
    """Return the parameters that `translate_formula` gives a formula, in order.

    o is the index of its cell, p0, p1 … those of its references; rows, columns and step describe
    the range of an array formula, down and across the address.
    """
    _, _, loop = code.partition(" for ")
    names, _, _ = loop.partition(", in cells:")
    return names.split(", ")
