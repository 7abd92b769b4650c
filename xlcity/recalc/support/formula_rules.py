"""What makes one formula doubtful for an engine: its structure, and what its cells hold.

Values of cells have a letter for their sort: see `contents`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain

from xlcity.data_files import text_beside
from xlcity.messages import Message
from xlcity.recalc.support.contents import (
    BLANK,
    ERROR,
    EXTREME,
    LOGICAL,
    LONG_FRACTION,
    NUMBERS,
    PLAIN_NUMBERS,
    TEXTS,
    Contents,
    differ_in_last_digits_only,
    letter_of,
)
from xlcity.xlsx.address import Range
from xlcity.xlsx.formulas.syntax import Expr


def _read_letters() -> dict[str, str]:
    """Return letter -> engine, as the head of the table's last column explains them."""
    head, _, _ = text_beside(__file__, "functions.tsv").partition("\n")
    *_, letters = head.split("\t")
    return dict(entry.split("=") for entry in letters.split())


_ENGINES_BY_LETTER = _read_letters()
#: Engines that have a letter in the table, in the order in which ``auto`` tries them.
ENGINES = tuple(_ENGINES_BY_LETTER.values())
#: Kinds of arguments that take ranges as they are.
RANGE_KINDS = frozenset("repCR")
#: Kind -> letters of `contents` that are in doubt there. A kind that is not here takes anything.
DOUBTED_LETTERS = {
    "n": "betrszyLh",  # a number
    "o": "rh",  # a side of an arithmetic operator
    "u": "betrszyLhl",  # a number to be cut
    "s": "lhLy",  # a text
    "a": "lhLyzx",  # a text of ASCII
    "q": "rhLebl",  # a text to be read as a number
    "r": "trLh",  # numbers among other values
    "e": "trLhx",  # the same, where an error among them may be left out
    "p": "betrszyLh",  # pairs of numbers
    "C": "trLhx",  # cells that a criterion chooses from
    "c": "erLhlbxtzy",  # a criterion
    "w": "erLhlbty",  # a value looked for
    "W": "erLhlbtyf",  # a value looked for, compared digit by digit
    "m": "beftrszyLhlx",  # a choice by a whole number
    "j": "etrszyh",  # a condition
    "D": "ibeftrszyLhl",  # a day
    "g": "dbeftrszyLhl",  # a number of digits
    "k": "beftrszyLhl",  # a count or a place
}


@dataclass(frozen=True, slots=True)
class FunctionLine:
    """A line of the table.

    Attributes
    ----------
    arguments, further
        A letter for the kind of each argument, as in `DOUBTED_LETTERS`; the further ones repeat.
    result
        ``n`` a number, ``s`` text, ``l`` a logical, ``g`` one of its arguments, ``A`` an array,
        ``R`` a reference.
    engines
        Those that compute it as Excel does.
    """

    arguments: str
    further: str
    result: str
    engines: frozenset[str]

    def kind(self, index: int) -> str:
        """Return the letter for the kind of an argument, which is counted from 0."""
        if index < len(self.arguments):
            return self.arguments[index]
        if not self.further:
            return "v"
        return self.further[(index - len(self.arguments)) % len(self.further)]


@cache
def function_table() -> dict[str, FunctionLine]:
    """Return name of a function or operator -> kinds of its arguments and result, and engines.

    Read from ``functions.tsv``; the engines are those known to compute it as Excel does.
    """
    table = {}
    for line in text_beside(__file__, "functions.tsv").splitlines()[1:]:
        name, arguments, further, result, letters = line.split("\t")
        engines = frozenset(filter(None, map(_ENGINES_BY_LETTER.get, letters)))
        table[name] = FunctionLine(
            arguments.strip("-"), further.strip("-"), result, engines
        )
    return table


def handles_days(name: str) -> bool:
    """Return whether a function takes or gives a day.

    >>> handles_days("YEAR"), handles_days("DATE"), handles_days("SUM")
    (True, True, False)
    """
    if name in DAY_FUNCTIONS or name == "NOW":
        return True
    line = function_table().get(name)
    return line is not None and "D" in line.arguments


def table_name(expr: Expr) -> str:
    """Return the name of an operator or a function in the table; ``u-`` or ``u+`` for a sign."""
    return f"u{expr.text}" if expr.kind == "unary" else expr.text


COMPARISONS = frozenset(("=", "<>", "<", ">", "<=", ">="))
_OPERATION_KINDS = ("binary", "unary", "percent", "call")
#: Functions whose result is one of the values of their arguments, from which argument on.
_FIRST_CHOSEN_ARGUMENT = {
    "IF": 1,
    "IFERROR": 0,
    "IFNA": 0,
    "CHOOSE": 1,
    "INDEX": 0,
    "MAX": 0,
    "MIN": 0,
    "LARGE": 0,
    "SMALL": 0,
    "VLOOKUP": 1,
    "HLOOKUP": 1,
    "LOOKUP": 1,
    "SWITCH": 1,
    "IFS": 0,
    "u+": 0,
}
#: Functions that give a whole number.
_GIVE_WHOLE_NUMBERS = frozenset(
    "COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS ROW ROWS COLUMN COLUMNS MATCH LEN YEAR MONTH DAY"  # noqa: SIM905
    " HOUR MINUTE SECOND WEEKDAY INT FIND SEARCH CODE RANK RANK.EQ TYPE QUOTIENT SIGN".split()
)
#: Functions that give the same in every program where there is no number.
_SAFE_WITHOUT_NUMBERS = frozenset(
    "SUM COUNT COUNTA COUNTBLANK MAX MIN SUMSQ SUBTOTAL AVERAGE INDEX"  # noqa: SIM905
    " VLOOKUP HLOOKUP LOOKUP MATCH XMATCH SUMIF SUMIFS AVERAGEIFS MAXIFS MINIFS AVERAGEIF".split()
)
#: Functions that give a day; programs count those before March 1900 in different ways.
DAY_FUNCTIONS = frozenset("DATE DATEVALUE EDATE EOMONTH TODAY WORKDAY".split())  # noqa: SIM905
#: Years of which every month given by a number is the same day in all programs.
_FIRST_YEAR = 1901
_LAST_YEAR = 9998
#: Functions that search -> the argument that says how, from 0; LOOKUP has none.
_LOOKUP_MODE_ARGUMENT = {
    "MATCH": 2,
    "VLOOKUP": 3,
    "HLOOKUP": 3,
    "LOOKUP": 9,
    "XMATCH": 2,
}
#: Functions of values or conditions that take ranges as they are.
_TAKE_RANGES = frozenset(("AND", "OR", "XOR", "COUNTA", "COUNTBLANK"))
_MOST_DIGITS = 15
#: Smaller numbers may become text with an exponent, which programs write differently.
_LEAST_WITHOUT_EXPONENT = 1e-4
_RANK_FUNCTIONS = frozenset(("RANK", "RANK.EQ"))
#: Letter of a text of digits.
_DIGITS_LETTER = "t"
#: Signs before the number of a plain criterion.
_CRITERION_SIGNS = ("<", ">", "<=", ">=", "=")


def constant_or_self(expr: Expr) -> object:
    """Return the value of a number, text or logical in a formula, else the expression itself."""
    if expr.kind == "number":
        return float(expr.text)
    if expr.kind == "unary" and expr.args[0].kind == "number":
        return float(f"{expr.text}{expr.args[0].text}")
    if expr.kind == "text":
        return expr.text[1:-1].replace('""', '"')
    if expr.kind == "name" and expr.text in ("TRUE", "FALSE"):
        return expr.text == "TRUE"
    return expr


def is_operation(expr: Expr) -> bool:
    """Return whether an expression is an operator or a call."""
    return expr.kind in _OPERATION_KINDS


def is_call_of(expr: Expr, names: Collection[str]) -> bool:
    """Return whether an expression is a call of one of some functions."""
    return expr.kind == "call" and expr.text.rpartition("!")[2] in names


class StructureRules:
    """What is in doubt about a formula whatever its cells hold.

    Parameters
    ----------
    engine
        Its name; of one without a column in the table, only what no engine knows is in doubt.
    library
        Names of our own functions, which any engine may call.
    is_range
        Whether a reference or a name means several cells; ``None`` for what leads nowhere.
    in_array
        Whether the formula is an array formula.
    """

    def __init__(
        self,
        engine: str,
        library: Collection[str],
        is_range: Callable[[Expr], bool | None],
        *,
        in_array: bool,
    ) -> None:
        self._engine = engine
        self._library = library
        self._is_range = is_range
        self._maps_arrays = engine == "libreoffice"
        # Of other engines only what no engine computes is doubted.
        self._is_measured = engine in ENGINES
        self._in_array = in_array

    def doubts(self, expr: Expr, *, array: bool = False) -> Iterator[str]:
        """Yield what is in doubt about an expression, in words.

        `array` says whether it is an argument that is computed as an array.
        """
        if expr.ref is not None and expr.ref.book:
            yield Message("doubt.other_workbook")
        elif expr.kind in ("ref", "name"):
            yield from self._reference_doubts(expr)
        elif expr.kind == "array" and self._is_measured:
            yield Message("doubt.array_of_constants")
        elif expr.kind in _OPERATION_KINDS:
            yield from self._operation_doubts(expr, array=array)

    def _reference_doubts(self, expr: Expr) -> Iterator[str]:
        """Yield what is in doubt about a reference or a name: that it leads nowhere."""
        is_constant = constant_or_self(expr) is not expr
        if is_constant or self._is_range(expr) is not None:
            return
        if expr.ref:
            yield Message("doubt.lost_reference")
        else:
            yield Message("doubt.name", name=expr.text)

    def _operation_doubts(self, expr: Expr, *, array: bool) -> Iterator[str]:
        """Yield what is in doubt about an operator or a call and its arguments.

        `array` says whether it is itself an argument that is computed as an array.
        """
        name = table_name(expr)
        if is_call_of(expr, self._library):
            yield from self._doubts_of_all(expr.args, array=True)
            return
        line = function_table().get(name)
        if line is None or (self._is_measured and self._engine not in line.engines):
            yield Message("doubt.range_between_references") if name == ":" else name
            yield from self._doubts_of_all(expr.args, array=array)
            return
        for index, arg in enumerate(expr.args):
            kind = line.kind(index)
            in_array = array or kind == "p"  # pairs of numbers
            yield from self.doubts(arg, array=in_array)
            if not self._is_measured:
                continue
            # Kinds: v any value, j a condition, m a choice by a whole number.
            if arg.kind == "empty" and kind not in "vjm":
                yield Message("doubt.argument_left_out", name=name)
            # Which branch IF gives is not computed cell by cell.
            is_branch = name == "IF" and index > 0
            if not is_branch and self._takes_one_value(name, kind):
                yield from self._array_doubts(name, arg, in_array=in_array)

    def _doubts_of_all(self, args: Collection[Expr], *, array: bool) -> Iterator[str]:
        """Yield what is in doubt about arguments one after the other."""
        for arg in args:
            yield from self.doubts(arg, array=array)

    def _takes_one_value(self, name: str, kind: str) -> bool:
        """Return whether an argument of a kind is one value, not a range as it is."""
        return kind not in RANGE_KINDS and name not in _TAKE_RANGES

    def _array_doubts(self, name: str, arg: Expr, *, in_array: bool) -> Iterator[str]:
        """Yield the doubt about several values where a function takes one."""
        is_mapped = self._maps_arrays and (in_array or self._in_array)
        if not is_mapped and self.is_array(arg):
            yield Message("doubt.several_cells", name=name)

    def is_array(self, expr: Expr) -> bool:
        """Return whether an expression may give several values."""
        if expr.kind in ("ref", "name"):
            return constant_or_self(expr) is expr and bool(self._is_range(expr))
        if expr.kind == "array":
            return True
        if expr.kind not in _OPERATION_KINDS or is_call_of(expr, self._library):
            return False
        return self._is_operation_array(expr)

    def _is_operation_array(self, expr: Expr) -> bool:
        """Return whether an operator or a call may give several values."""
        name = table_name(expr)
        line = function_table().get(name)
        if line is None or line.result == "A":
            return True
        if name == "INDEX":
            return any(map(_is_left_out_or_zero, expr.args[1:]))
        if name in ("ROW", "COLUMN"):
            return any(map(self.is_array, expr.args))
        if name in _TAKE_RANGES:
            return False
        return any(
            self.is_array(arg)
            for index, arg in enumerate(expr.args)
            if line.kind(index) not in RANGE_KINDS
        )


def _is_left_out_or_zero(arg: Expr) -> bool:
    """Return whether a row or column of INDEX is the whole of it."""
    return arg.kind == "empty" or constant_or_self(arg) == 0.0


class CellRules:
    """What is in doubt about a formula because of the values in the cells it names.

    Parameters
    ----------
    engine
        Its name.
    contents
        The values of cells.
    area
        Reference or name -> the cells it means for the formula, or for all copies of it together;
        None where it leads nowhere.
    """

    def __init__(
        self, engine: str, contents: Contents, area: Callable[[Expr], Range | None]
    ) -> None:
        self._is_formualizer = engine == "formualizer"
        self._contents = contents
        self._area = area

    def letters(self, expr: Expr) -> frozenset[str]:
        """Return the letters for the sorts of values an expression may have: see `letter_of`."""
        value = constant_or_self(expr)
        if value is not expr:
            return frozenset(letter_of(value))  # type: ignore[arg-type]
        if expr.kind in ("ref", "name"):
            area = self._area(expr)
            return frozenset(ERROR) if area is None else self._contents.letters(area)
        if expr.kind not in _OPERATION_KINDS:
            return frozenset(BLANK if expr.kind == "empty" else ERROR)
        return self._result_letters(expr)

    def _result_letters(self, expr: Expr) -> frozenset[str]:
        """Return the letters for the sorts of values that an operator or a call may give.

        i a whole number, d a date, f and l fractions of few and of many digits, b a blank, L a
        logical, x an error, others texts: see `letter_of`. By the function's name, else by what
        the table says of its result: s a text, l a logical.
        """
        name = table_name(expr)
        if (first := _FIRST_CHOSEN_ARGUMENT.get(name)) is not None:
            return self._chosen_letters(expr.args[first:])
        if name in _GIVE_WHOLE_NUMBERS:
            return frozenset("i")
        if name in DAY_FUNCTIONS:  # others than those are in doubt for themselves
            return frozenset("d")
        if name in ("ROUND", "ROUNDUP", "ROUNDDOWN", "TRUNC"):
            return frozenset("if")
        if name in COMPARISONS:
            return frozenset(LOGICAL)
        line = function_table().get(name)
        if line is None:
            return frozenset("ilst")
        if name in ("+", "-", "*", "u-", "SUM", "ABS"):
            sides = frozenset().union(*map(self.letters, expr.args))
            return frozenset("i" if sides <= frozenset("idbesLx") else LONG_FRACTION)
        by_result = {"s": frozenset("etrsz"), "l": frozenset(LOGICAL)}
        return by_result.get(line.result, frozenset(LONG_FRACTION))

    def _chosen_letters(self, args: Collection[Expr]) -> frozenset[str]:
        """Return the letters of a result that is one of some arguments; a blank becomes 0."""
        letters = frozenset().union(*map(self.letters, args))
        return letters - {BLANK} | {"i"} if BLANK in letters else letters

    def doubts(self, expr: Expr) -> Iterator[str]:
        """Yield what is in doubt about an expression and all in it, in words."""
        if expr.kind not in _OPERATION_KINDS:
            return
        for arg in expr.args:
            yield from self.doubts(arg)
        name = table_name(expr)
        line = function_table().get(name)
        if line is None:
            return
        if name in COMPARISONS:
            yield from self._comparison_doubts(expr)
        for index, arg in enumerate(expr.args):
            yield from self._argument_doubts(name, line, line.kind(index), arg)
        if name in ("^", "POWER"):
            yield from self._power_doubts(expr, name)
        yield from self._paired_range_doubts(expr, name, line.arguments + line.further)
        if name == "DATE":
            yield from self._year_doubts(expr.args[0])
        if name in _LOOKUP_MODE_ARGUMENT:
            yield from self._lookup_doubts(expr, name)
        if name in _RANK_FUNCTIONS and len(expr.args) > 1:
            yield from self._rank_doubts(expr, name)

    def _power_doubts(self, expr: Expr, name: str) -> Iterator[str]:
        """Yield what is in doubt about a power: 0 of 0, and a root of a negative number."""
        if all(map(self._may_be_zero, expr.args)):
            yield Message("doubt.both_zero", name=name)
        if not self._is_formualizer and self._may_be_root(*expr.args):
            yield Message("doubt.root_of_negative", name=name)

    def _rank_doubts(self, expr: Expr, name: str) -> Iterator[str]:
        """Yield what is in doubt about a rank: numbers nearly equal, and errors."""
        number, values = expr.args[:2]
        area = self._area(values)
        if area is None or self._has_any_near(area, self._numbers(number)):
            yield Message("doubt.beside_last_digits", name=name)
        # It gives #N/A.
        if self._is_formualizer and ERROR in self.letters(number):
            yield Message(_DOUBT_OF_LETTER[ERROR], name=name)

    def _has_any_near(self, area: Range, numbers: Collection[float]) -> bool:
        """Return whether a number in an area differs from one of some in the last digits only."""
        return any(self._contents.has_near_number(area, number) for number in numbers)

    def _year_doubts(self, year: Expr) -> Iterator[str]:
        """Yield what is in doubt about the year of DATE; one that is computed is not judged."""
        numbers = [] if is_operation(year) else self._numbers(year)
        if any(not _FIRST_YEAR <= number <= _LAST_YEAR for number in numbers):
            yield Message("doubt.year_of_date")

    def _argument_doubts(
        self, name: str, line: FunctionLine, kind: str, arg: Expr
    ) -> Iterator[str]:
        """Yield what is in doubt about an argument because of the values that it may have.

        Parameters
        ----------
        name, line
            The function or operator, and its line of the table.
        kind, arg
            The argument, and its kind: s a text, g a number of digits, n a number, r numbers among
            other values, or another of `DOUBTED_LETTERS`.
        """
        letters = self.letters(arg)
        doubted = letters & set(self._doubted_letters(kind, arg, line))
        numbers = self._numbers(arg) if kind in "sgn" else []
        # LibreOffice writes all digits of a fraction as Excel does, but not an exponent.
        if kind == "s" and not self._is_formualizer and not _has_exponent(numbers):
            doubted -= {LONG_FRACTION}
        yield from self._number_doubts(name, kind, numbers)
        if doubted:
            yield Message(_DOUBT_OF_LETTER[min(doubted)], name=name)
        lacks_numbers = not letters & (NUMBERS | {EXTREME, ERROR})
        if kind == "r" and lacks_numbers and name not in _SAFE_WITHOUT_NUMBERS:
            yield Message("doubt.no_numbers", name=name)
        if LOGICAL in letters and not self._is_formualizer:
            yield from self._logical_doubts(name, line, kind, arg)

    def _number_doubts(
        self, name: str, kind: str, numbers: Collection[float]
    ) -> Iterator[str]:
        """Yield what is in doubt about the numbers of an argument: see `_argument_doubts`."""
        if name == "INT" and any(map(_is_nearly_whole, numbers)):
            yield Message("doubt.int_nearly_whole")
        if kind == "g" and any(abs(number) > _MOST_DIGITS for number in numbers):
            yield Message("doubt.many_digits", name=name, most=_MOST_DIGITS)

    def _logical_doubts(
        self, name: str, line: FunctionLine, kind: str, arg: Expr
    ) -> Iterator[str]:
        """Yield what is in doubt about an argument that may be a logical: see `_argument_doubts`.

        LibreOffice has numbers for them; where one is written, comparisons and ISNUMBER tell.
        """
        if arg.kind not in ("ref", "name"):
            return
        if constant_or_self(arg) is arg:
            yield Message("doubt.truth_value_in_cell", name=name)
        elif kind == "v" and line.result == "l":
            yield Message("doubt.with_truth_value", name=name)

    def _may_be_root(self, base: Expr, exponent: Expr) -> bool:
        """Return whether a base may be negative and an exponent a fraction."""
        if all(number.is_integer() for number in self._numbers(exponent)):
            return False
        is_difference = any(map(_is_minus, base.walk()))
        return is_difference or any(number < 0 for number in self._numbers(base))

    def _may_be_zero(self, expr: Expr) -> bool:
        """Return whether an expression is 0 or names a cell that is 0; computed ones are not."""
        return expr.kind not in _OPERATION_KINDS and 0.0 in self._numbers(expr)

    def _doubted_letters(self, kind: str, arg: Expr, line: FunctionLine) -> str:
        """Return the letters of the sorts of values that are in doubt for an argument.

        `kind` is the argument's, as in `DOUBTED_LETTERS`; `line` is the table's line of the
        function that is called. For letters see `letter_of`.
        """
        # Kinds: r numbers among other values, C cells that a criterion chooses from, n a number,
        # c a criterion: of one that is computed see `_criterion_texts`.
        if kind == "c" and is_operation(arg):
            return ""
        if kind == "r" and arg.kind not in ("ref", "name"):
            return DOUBTED_LETTERS["n"]
        if kind == "r" and "C" in line.arguments + line.further:
            return DOUBTED_LETTERS["C"]
        return DOUBTED_LETTERS.get(kind, "")

    def _comparison_doubts(self, expr: Expr) -> Iterator[str]:
        """Yield what is in doubt about a comparison: last digits, the order of texts."""
        # The letters for the sorts of values of both sides; e is an empty text.
        left, right = map(self.letters, expr.args)
        is_order = expr.text not in ("=", "<>")
        filled_texts = TEXTS - {"e"}
        if is_order and left & filled_texts and right & filled_texts:
            yield Message("doubt.order_of_texts")
        if not self._is_formualizer:
            return
        if EXTREME in left | right:
            yield Message("doubt.comparison_beyond_limits")
        if left & NUMBERS and right & NUMBERS:
            yield from self._compared_number_doubts(expr, left | right)

    def _compared_number_doubts(
        self, expr: Expr, letters: frozenset[str]
    ) -> Iterator[str]:
        """Yield what is in doubt about a comparison of numbers: their last digits.

        `letters` are those for the sorts of values of both sides; f is a fraction.
        """
        if LONG_FRACTION in letters and any(map(_is_computed, expr.args)):
            yield Message("doubt.comparison_of_computed")
        elif letters & {"f", LONG_FRACTION}:
            shorter, longer = sorted(map(self._numbers, expr.args), key=len)
            if _has_near_pair(shorter, sorted(longer)):
                yield Message("doubt.comparison_of_last_digits")

    def _numbers(self, expr: Expr) -> list[float]:
        """Return the numbers that an expression names: constants, and all of its cells.

        They are not computed: those of A1-1 are the one in A1, and 1.
        """
        value = constant_or_self(expr)
        if isinstance(value, float):
            return [value]
        area = self._area(expr) if expr.kind in ("ref", "name") else None
        if area is not None:
            return self._contents.numbers(area)
        return list(chain.from_iterable(map(self._numbers, expr.args)))

    def _paired_range_doubts(self, expr: Expr, name: str, kinds: str) -> Iterator[str]:
        """Yield in words what is in doubt about ranges that must be of one size, and criteria.

        Parameters
        ----------
        expr, name
            A call and the name of its function.
        kinds
            The kinds of its arguments: p pairs of numbers, C cells that a criterion chooses from.
        """
        if "p" not in kinds and "C" not in kinds:
            return
        line = function_table()[name]
        kinds_of_equal_size = "p" if "p" in kinds else "Cr"
        areas = self._areas_of_kinds(expr, line, kinds_of_equal_size)
        if len({(area.rows, area.columns) for area in areas}) > 1:
            yield Message("doubt.unequal_ranges", name=name)
        for index, arg in enumerate(expr.args):
            if line.kind(index) == "c":
                yield from self._criterion_doubts(name, arg, areas)

    def _areas_of_kinds(
        self, expr: Expr, line: FunctionLine, kinds: str
    ) -> list[Range]:
        """Return the cells that the arguments of some kinds name."""
        named = [
            arg
            for index, arg in enumerate(expr.args)
            if line.kind(index) in kinds and arg.kind in ("ref", "name")
        ]
        return list(filter(None, map(self._area, named)))

    def _criterion_doubts(
        self, name: str, arg: Expr, areas: list[Range]
    ) -> Iterator[str]:
        """Yield in words what is in doubt about a criterion, as of COUNTIF.

        `name` is the function, `arg` the criterion; `areas` are the ranges of the call.
        """
        texts = self._criterion_texts(arg)
        if any(map(_is_unusual_criterion, texts)):
            yield Message("doubt.odd_criterion", name=name)
        numbers = list(self._numbers(arg if arg.kind != "binary" else arg.args[-1]))
        operands = [text.lstrip("<>=") for text in texts]
        numbers += [float(o) for o in operands if letter_of(o) == _DIGITS_LETTER]
        if any(self._has_any_near(area, numbers) for area in areas):
            yield Message("doubt.beside_last_digits", name=name)

    def _criterion_texts(self, arg: Expr) -> list[str]:
        """Return the texts that a criterion may be: a constant, those of cells, or computed ones.

        Of a computed one, such as ``">"&A1``, nothing where a plain number follows a sign or
        stands alone; else ``<>``, which is as unusual as what it may be.
        """
        value = constant_or_self(arg)
        if value is not arg:
            return [value] if isinstance(value, str) else []
        area = self._area(arg) if arg.kind in ("ref", "name") else None
        if area is not None:
            return self._texts_in(area)
        operand = arg
        if arg.kind == "binary" and isinstance(constant_or_self(arg.args[0]), str):
            sign, operand = arg.args
            if constant_or_self(sign) not in _CRITERION_SIGNS:
                return ["<>"]
        return [] if self.letters(operand) <= PLAIN_NUMBERS else ["<>"]

    def _texts_in(self, area: Range) -> list[str]:
        """Return the texts in an area."""
        return [v for v in self._contents.values(area) if isinstance(v, str)]

    def _lookup_doubts(self, expr: Expr, name: str) -> Iterator[str]:
        """Yield in words what is in doubt about a search such as MATCH or VLOOKUP.

        Texts with wildcards, values not in order, numbers nearly equal. `name` is the function.
        """
        sought, *others = expr.args
        if any(map(_has_wildcard, self._texts(sought))):
            yield Message("doubt.wildcard", name=name)
        area = self._area(others[0]) if others else None
        if area is None:
            yield Message("doubt.no_range", name=name)
            return
        searched = _first_line(area, is_row=name == "HLOOKUP")
        modes = expr.args[_LOOKUP_MODE_ARGUMENT[name] :]
        mode = constant_or_self(modes[0]) if modes else 1.0
        if mode == 0.0:  # FALSE is 0 in Python too, and TRUE is 1
            if self._has_any_near(searched, self._numbers(sought)):
                yield Message("doubt.beside_last_digits", name=name)
            return
        if mode != 1.0 or not self._contents.is_ascending(searched):
            yield Message("doubt.values_not_in_order", name=name)
        elif not self.letters(sought) <= PLAIN_NUMBERS:
            yield Message("doubt.no_plain_number", name=name)

    def _texts(self, expr: Expr) -> list[str]:
        """Return the texts that an expression may have; ``*`` for those that it computes."""
        value = constant_or_self(expr)
        if isinstance(value, str):
            return [value]
        area = self._area(expr) if expr.kind in ("ref", "name") else None
        if area is None:
            return ["*"] if self.letters(expr) & TEXTS else []
        return self._texts_in(area)


def _has_exponent(numbers: Collection[float]) -> bool:
    """Return whether one of some numbers is so small that a text of it has an exponent."""
    return any(number and abs(number) < _LEAST_WITHOUT_EXPONENT for number in numbers)


def _is_nearly_whole(number: float) -> bool:
    """Return whether a number differs from a whole one in its last digits only."""
    return differ_in_last_digits_only(number, float(round(number)))


def _is_minus(expr: Expr) -> bool:
    """Return whether an expression is a difference or has a minus sign."""
    return is_operation(expr) and table_name(expr) in ("-", "u-")


def _is_computed(expr: Expr) -> bool:
    """Return whether an expression's value is none of those that it names."""
    return is_operation(expr) and table_name(expr) not in _FIRST_CHOSEN_ARGUMENT


def _has_wildcard(text: str) -> bool:
    """Return whether a text has a character that is not itself in a search."""
    return any(sign in text for sign in "*?~")


def _has_near_pair(numbers: list[float], ascending: list[float]) -> bool:
    """Return whether some number differs from one of `ascending` in its last digits only."""
    for number in numbers:
        index = bisect_left(ascending, number)
        after = bisect_right(ascending, number)
        larger = ascending[after] if after < len(ascending) else number
        smaller = ascending[index - 1] if index else number
        differs_from_smaller = differ_in_last_digits_only(number, smaller)
        if differs_from_smaller or differ_in_last_digits_only(number, larger):
            return True
    return False


def _is_unusual_criterion(criterion: str) -> bool:
    """Return whether a criterion is none of a number, a word, or a sign and a number."""
    operand = criterion.lstrip("<>=")
    sign = criterion[: len(criterion) - len(operand)]
    # Letters: e an empty text, r one that a region may read as a number.
    if _has_wildcard(operand) or sign == "<>" or letter_of(operand) in "er":
        return True
    return sign in ("<", ">", "<=", ">=") and letter_of(operand) != _DIGITS_LETTER


def _first_line(area: Range, *, is_row: bool) -> Range:
    """Return the cells that a search goes through: the first column of an area, or its row.

    The first row where `is_row`, as for HLOOKUP; of an area of one row, the row.
    """
    if is_row:
        return replace(area, r2=area.r1)
    if area.rows == 1:
        return area
    return replace(area, c2=area.c1)


#: Letter -> the key of the doubt about an argument that has it.
_DOUBT_OF_LETTER = {
    "b": "doubt.with_blank",
    "e": "doubt.with_empty_text",
    "t": "doubt.with_text_as_number",
    "r": "doubt.with_regional_text",
    "s": "doubt.with_text",
    "z": "doubt.with_text",
    "y": "doubt.with_rare_signs",
    "L": "doubt.with_truth_value",
    "h": "doubt.with_number_beyond_limits",
    "l": "doubt.with_long_number",
    "f": "doubt.with_fraction",
    "d": "doubt.with_number_from_61",
    "i": "doubt.with_no_day",
    "x": "doubt.with_error",
}
