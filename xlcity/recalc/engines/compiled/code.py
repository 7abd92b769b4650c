"""Expressions in Python, the kinds of values they may have, and what is known of functions."""

from __future__ import annotations

from dataclasses import dataclass

#: Kinds of values that an expression may have: number, text, logical, error, blank.
ALL = frozenset("nsbxe")
NO_BLANK = frozenset("nsbx")
NUMBER, TEXT, LOGICAL = frozenset("n"), frozenset("s"), frozenset("b")
KINDS = {
    name: kinds
    for names, kinds in (
        ("ISNUMBER ISTEXT ISLOGICAL ISERROR ISBLANK ISNA", LOGICAL),
        ("COUNT COUNTA ROW ROWS COLUMN COLUMNS", NUMBER),
        ("SIGN LN EXP PERCENTILE SEARCH "
         "ABS INT SQRT LOG10 ROUND TDIST LEN FIND VALUE N ERROR.TYPE TYPE SUM AVERAGE MAX MIN "
         "MEDIAN SUMSQ DEVSQ STDEV.P SKEW KURT SUMPRODUCT LARGE SMALL QUARTILE RANK.EQ MATCH "
         "COUNTIF COUNTIFS SUMIF SUMIFS AVERAGEIF AVERAGEIFS", frozenset("nx")),
        ("AND OR NOT EXACT", frozenset("bx")),
        ("TRIM LEFT RIGHT MID SUBSTITUTE CHAR TEXT", frozenset("sx")),
    )
    for name in names.split()
}  # fmt: skip
#: Which arguments of a function are ranges; the last two repeat where there are more.
CRITERIA = {
    "COUNTIF": ("rv", 2), "COUNTIFS": ("rv", 126), "SUMIF": ("rvr", 3), "AVERAGEIF": ("rvr", 3),
    "SUMIFS": ("rrv", 127), "AVERAGEIFS": ("rrv", 127),
}  # fmt: skip
#: Operators before the operand of a criterion, as texts in a formula.
SIGNS = frozenset(('"<"', '">"', '"<="', '">="', '"="', '"<>"'))
FLAT = {"+", "-", "*"}
ORDER = frozenset(("<", ">", "<=", ">="))
CONSTANT = frozenset(("number", "text"))
#: Functions whose meaning for arrays is not settled among the programs.
SINGLE = frozenset(("TYPE", "ERROR.TYPE", "ISLOGICAL", "EXACT", "TEXT", "N"))


class UntranslatableError(Exception):
    """A formula uses what this engine does not have."""


@dataclass(frozen=True, slots=True)
class Code:
    """An expression in Python and the kinds of values it may have."""

    text: str
    kinds: frozenset[str] = NO_BLANK

    @property
    def simple(self) -> bool:
        """Whether it costs nothing to be evaluated twice."""
        return self.text.replace(".", "").replace("-", "").isalnum()


def literal(text: str) -> str:
    """Return a text in Python, without brackets: by these it is seen what a code reads."""
    return repr(text).replace("[", "\\x5b")
