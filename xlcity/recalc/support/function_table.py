"""The table of functions: what each takes, and which engines compute it as Excel does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from xlcity.data_files import text_beside
from xlcity.xlsx.formulas.syntax import Expr

#: Engines that have a column in the table, the one asked first before the other.
ENGINES = ("formualizer", "libreoffice")
_LETTERS = {"f": "formualizer", "l": "libreoffice"}
#: Kinds of arguments that take ranges as they are.
RANGES = frozenset("repCR")
#: Kind -> letters of `contents` that are in doubt there. A kind that is not here takes anything.
DOUBTED = {
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
        A letter for the kind of each argument; the further ones repeat.
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
        """Return the kind of an argument."""
        if index < len(self.arguments):
            return self.arguments[index]
        if not self.further:
            return "v"
        return self.further[(index - len(self.arguments)) % len(self.further)]


@cache
def functions() -> dict[str, FunctionLine]:
    """Return the table by name."""
    lines = (line.split("\t") for line in text_beside(__file__, "functions.tsv").splitlines()[1:])
    return {
        name: FunctionLine(
            arguments.strip("-"),
            further.strip("-"),
            result,
            frozenset(_LETTERS[letter] for letter in engines if letter in _LETTERS),
        )
        for name, arguments, further, result, engines in lines
    }


def name_of(expr: Expr) -> str:
    """Return how the table calls an operator or a function."""
    return f"u{expr.text}" if expr.kind == "unary" else expr.text
