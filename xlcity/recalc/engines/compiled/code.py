"""Expressions in Python, the kinds of values they may have, and what is known of functions."""

from __future__ import annotations

from dataclasses import dataclass

#: Kinds of values that an expression may have: number, text, logical, error, blank.
NUMBER, TEXT, LOGICAL, ERROR, BLANK = map(frozenset, "nsbxe")
NUMBER_OR_ERROR, TEXT_OR_ERROR, LOGICAL_OR_ERROR = NUMBER | ERROR, TEXT | ERROR, LOGICAL | ERROR
NO_BLANK = NUMBER | TEXT | LOGICAL | ERROR
ALL = NO_BLANK | BLANK
#: Function -> the kinds of values it may give.
KINDS_BY_FUNCTION = {
    name: kinds
    for names, kinds in (
        ("ISNUMBER ISTEXT ISLOGICAL ISERROR ISBLANK ISNA", LOGICAL),
        ("COUNT COUNTA ROW ROWS COLUMN COLUMNS", NUMBER),
        ("SIGN LN EXP PERCENTILE SEARCH "
         "ABS INT SQRT LOG10 ROUND TDIST LEN FIND VALUE N ERROR.TYPE TYPE SUM AVERAGE MAX MIN "
         "MEDIAN SUMSQ DEVSQ STDEV.P SKEW KURT SUMPRODUCT LARGE SMALL QUARTILE RANK.EQ MATCH "
         "COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF AVERAGEIFS", NUMBER_OR_ERROR),
        ("AND OR NOT EXACT", LOGICAL_OR_ERROR),
        ("TRIM LEFT RIGHT MID SUBSTITUTE CHAR TEXT", TEXT_OR_ERROR),
    )
    for name in names.split()
}  # fmt: skip
#: Function -> its arguments, r for a range and v for a value, "rv" being repeated as needed; and
#: how many arguments it may have.
CRITERIA_ARGUMENTS = {
    "COUNTIF": ("rv", 2), "COUNTIFS": ("rv", 126), "SUMIF": ("rvr", 3), "AVERAGEIF": ("rvr", 3),
    "SUMIFS": ("rrv", 127), "AVERAGEIFS": ("rrv", 127),
}  # fmt: skip
#: Operators before the operand of a criterion, as texts in a formula.
CRITERION_SIGNS = frozenset(('"<"', '">"', '"<="', '">="', '"="', '"<>"'))
#: Operators that are Python's own between numbers.
PYTHON_OPERATORS = {"+", "-", "*"}
#: Comparisons of order.
ORDER = frozenset(("<", ">", "<=", ">="))
#: Kinds of expressions that are written out in a formula.
CONSTANT = frozenset(("number", "text"))
#: Functions whose meaning for arrays is not settled among the programs.
UNSETTLED_FOR_ARRAYS = frozenset(("TYPE", "ERROR.TYPE", "ISLOGICAL", "EXACT", "TEXT", "N"))


class UntranslatableError(Exception):
    """A formula uses what this engine does not have."""


@dataclass(frozen=True, slots=True)
class Code:
    """An expression in Python and the kinds of values it may have (`NUMBER`, `TEXT`, …)."""

    text: str
    kinds: frozenset[str] = NO_BLANK

    @property
    def simple(self) -> bool:
        """Whether it costs nothing to be evaluated twice."""
        return self.text.replace(".", "").replace("-", "").isalnum()


def literal(text: str) -> str:
    """Return a text as a Python literal without [: code is searched for ``A[`` and ``V[``."""
    return repr(text).replace("[", "\\x5b")
