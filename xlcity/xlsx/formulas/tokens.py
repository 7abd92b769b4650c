"""Splits formulas into tokens whose references are relative to their cell.

Two cells hold the same formula when their *keys* are equal: references in R1C1 form, names in one
case, no spaces, no prefixes of the program that saved the file. What a save by Excel, WPS or
LibreOffice may change is not part of a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Range, column_number

_LEXER = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<error>\#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!))
    | (?P<sheet>'(?:[^']|'')*'!|\[[^\[\]]*\][\w.]*!|\w[\w.·‧：]*!
        |(?<!!)(?!\$?[A-Za-z]{1,3}\$?\d+:)[^\W\d][\w.]*:\w[\w.]*!)
    | (?P<columns>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w.(!:$]))
    | (?P<rows>\$?[1-9]\d{0,6}:\$?[1-9]\d{0,6}(?![\w.(!:]))
    | (?P<range>\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6}(?::\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6})?(?![\w.(!\[]))
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<word>[\w.\\?]+(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\])?)
    | (?P<operator><>|<=|>=|[-+*/^&=<>%:@])
    | (?P<open>\() | (?P<close>\)) | (?P<separator>[,;]) | (?P<brace>[{}])
    | (?P<space>\s+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: One end of a reference: a column, a row, or both, each with its dollar sign.
_REFERENCE_END = re.compile(r"(?:(\$?)([A-Za-z]+))?(?:(\$?)(\d+))?")
#: Kinds of pieces that are references.
REFERENCES = frozenset(("range", "columns", "rows"))
#: Splits a formula into matches of `_LEXER`; the name of a match's last group is its kind.
lex = _LEXER.finditer
_LOGICAL = frozenset(("TRUE", "FALSE"))
_FUNCTION_PREFIX = re.compile(r"(?:_XLFN\.|_XLWS\.|_XLDUDF_|_XLL\.)+")
_BOOK_IN_PREFIX = re.compile(r"\[([^\[\]]+)\]")
_ADD_IN_PREFIX = re.compile(r"(?:\[\d+\]|'?[^'!]*\.xla[m]?'?)!\Z", re.IGNORECASE)


class Corner(NamedTuple):
    """A row or a column of a reference: its number, or its distance from the formula's cell."""

    fixed: bool
    number: int

    def resolve(self, home: int, most: int) -> int:
        """Return the row or column meant by a formula in row or column `home`.

        A sheet has `most` of them; beyond its end they begin again.
        """
        return self.number if self.fixed else (home + self.number - 1) % most + 1

    def text(self, letter: str) -> str:
        """Return the R1C1 spelling with a letter: R5 or R[-2]."""
        if self.fixed:
            return f"{letter}{self.number}"
        return f"{letter}[{self.number}]" if self.number else letter


#: The ends of whole rows and columns.
_FIRST_LINE = Corner(True, 1)
_LAST_ROW = Corner(True, MAX_ROWS)
_LAST_COLUMN = Corner(True, MAX_COLUMNS)


class Ref(NamedTuple):
    """A reference to cells.

    Attributes
    ----------
    r1, c1, r2, c2
        Its corners.
    sheet, book
        The sheet, "" for the formula's own; the other file's name or number, or "".
    """

    r1: Corner
    c1: Corner
    r2: Corner
    c2: Corner
    sheet: str = ""
    book: str = ""

    @property
    def single(self) -> bool:
        """Whether it is one cell."""
        return self.r1 == self.r2 and self.c1 == self.c2

    @property
    def fixed(self) -> bool:
        """Whether it means the same cells from every cell."""
        return self.r1.fixed and self.c1.fixed and self.r2.fixed and self.c2.fixed

    def area(self, home: str, row: int, column: int) -> Range:
        """Return the cells meant by a formula in a cell of the sheet `home`."""
        r1 = self.r1.resolve(row, MAX_ROWS)
        c1 = self.c1.resolve(column, MAX_COLUMNS)
        if self.single:
            return Range(self.sheet or home, r1, c1, r2=r1, c2=c1)
        r2 = self.r2.resolve(row, MAX_ROWS)
        c2 = self.c2.resolve(column, MAX_COLUMNS)
        return Range(
            self.sheet or home,
            r1=min(r1, r2),
            c1=min(c1, c2),
            r2=max(r1, r2),
            c2=max(c1, c2),
        )

    def text(self) -> str:
        """Return the R1C1 spelling in capitals, such as "DATA!R9C4:R[-2]C"."""
        first = self.r1.text("R") + self.c1.text("C")
        last = ""
        if not self.single:
            last = ":" + self.r2.text("R") + self.c2.text("C")
        book = f"[{self.book}]" if self.book else ""
        sheet = f"{book}{self.sheet}!" if self.sheet or book else ""
        return f"{sheet.upper()}{first}{last}"


class Token(NamedTuple):
    """One token.

    `kind` is text, number, error, ref, name, function, operator, open, close, separator or brace.
    The text is as keys have it: upper case (but for text), without prefixes.
    """

    kind: str
    text: str
    ref: Ref | None = None


@dataclass(frozen=True)
class NormalisedFormula:
    """A formula whose relative references do not depend on its cell."""

    tokens: tuple[Token, ...]

    @cached_property
    def key(self) -> str:
        """The formula as one text: formulas are copies if their keys are equal."""
        return "".join(token.text for token in self.tokens)

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """Its references, in reading order."""
        return tuple(token.ref for token in self.tokens if token.ref is not None)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Defined names it uses (upper case), TRUE and FALSE left out."""
        words = (token.text for token in self.tokens if token.kind == "name")
        return tuple(name for name in words if name not in ("TRUE", "FALSE"))

    @cached_property
    def books(self) -> tuple[str, ...]:
        """Other files that its references and names are of, each by its name or number."""
        names = [name for name in self.names if name.startswith("[")]
        books_of_names = (name[1:].partition("]")[0] for name in names)
        return (*(ref.book for ref in self.refs if ref.book), *books_of_names)

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions it calls."""
        return frozenset(
            token.text for token in self.tokens if token.kind == "function"
        )


# A workbook that is saved again has the formulas that it had.
@lru_cache(maxsize=1 << 13)
def normalise_formula(formula: str, row: int, column: int) -> NormalisedFormula:
    """Return a formula as tokens relative to its cell.

    >>> normalise_formula("sum( 'Data'!$D$9:$D$126 )/C5", 7, 3).key
    'SUM(DATA!R9C4:R126C4)/R[-2]C'
    """
    tokens: list[Token] = []
    for token in _read_tokens(formula, row, column):
        is_end = len(tokens) > 1 and tokens[-1].text == ":"
        if is_end and (area := _join_corners(tokens[-2].ref, token.ref)):
            tokens[-2:] = [Token("ref", area.text(), area)]
        else:
            tokens.append(token)
    return NormalisedFormula(tuple(tokens))


def _join_corners(first: Ref | None, last: Ref | None) -> Ref | None:
    """Return the area of two cells of one sheet, Data!A1:B2 of Data!A1 and Data!B2, else None."""
    if first is None or last is None or not (first.single and last.single):
        return None
    is_same_sheet = (first.sheet, first.book) == (last.sheet, last.book)
    return first._replace(r2=last.r1, c2=last.c1) if is_same_sheet else None


def _read_tokens(formula: str, row: int, column: int) -> Iterator[Token]:
    """Yield the tokens of a formula in the cell of a row and column.

    They are spelled alike however a program wrote them: upper case, no function prefixes, one
    separator, references relative to the cell. Only functions lose the file that they are of.
    """
    # What stands before a reference or a name: sheet, other file, and both as written.
    sheet = book = prefix = ""
    pieces = list(lex(formula.lstrip(" +")))  # =+A1 is =A1
    next_index = 0
    for index, match in enumerate(pieces):
        kind = match.lastgroup or "other"
        if kind == "space" or index < next_index:
            continue
        if kind == "sheet":
            prefix = match[0]
            if not _ADD_IN_PREFIX.match(prefix):
                sheet, book = split_prefix(prefix)
            continue
        if kind in REFERENCES:
            ref = _read_ref(match, row, column, sheet=sheet, book=book)
            yield Token("ref", ref.text(), ref)
        elif kind == "word":
            owner = _owner_of_name(prefix, sheet)
            token, next_index = _read_word(pieces, index, owner)
            yield token
        else:
            owner = f"{sheet}!".upper() if prefix else ""
            yield _read_other(kind, match[0], owner)
        sheet = book = prefix = ""


def _owner_of_name(prefix: str, sheet: str) -> str:
    """Return the sheet and the other file that a name is of, in upper case: "[1]DATA!".

    `prefix` is what stands before the name as written, `sheet` the sheet in it.
    """
    book = split_prefix(prefix)[1] if prefix else ""
    if book:
        return f"[{book}]{sheet}!".upper()
    return f"{sheet}!".upper() if sheet else ""


def _read_word(
    pieces: Sequence[re.Match[str]], index: int, owner: str
) -> tuple[Token, int]:
    """Return the token of a word, a function or a name, and the index of the next piece to read.

    `index` is that of the word among the pieces of its formula; `owner` is what a name is of.
    """
    name = _FUNCTION_PREFIX.sub("", pieces[index][0].upper())
    following = range(index + 1, len(pieces))
    visible = (number for number in following if pieces[number].lastgroup != "space")
    next_two = [*islice(visible, 2)]
    kinds = [pieces[number].lastgroup for number in next_two]
    if kinds[:1] != ["open"]:
        return Token("name", owner + name), index + 1
    if kinds[1:] == ["close"] and name in _LOGICAL:
        # LibreOffice saves TRUE as TRUE().
        return Token("name", owner + name), next_two[1] + 1
    return Token("function", name), index + 1


def _read_other(kind: str, text: str, owner: str) -> Token:
    """Return the token of a number, an error, a separator or a sign.

    `kind` is that of `lex`; `owner` is the sheet that an error is of, "DATA!", or "".
    """
    if kind == "number":
        return Token("number", _normalise_number(text))
    if kind == "error":
        return Token("error", owner + text.upper())
    if kind == "separator":
        return Token("separator", ",")
    return Token("operator" if kind == "other" else kind, text)


def find_corners(match: re.Match[str]) -> list[re.Match[str]]:
    """Return the two ends (or one) of a reference, a match of `_LEXER`, as matches.

    Their groups 1 to 4 are the $ and letters of a column, the $ and digits of a row.
    """
    return [
        end for end in _REFERENCE_END.finditer(match.string, *match.span()) if end[0]
    ]


def _normalise_number(text: str) -> str:
    """Return the text of a number in one spelling: "1.50" is "1.5", "1E2" is "100"."""
    value = float(text)
    is_short_whole = value.is_integer() and abs(value) < 1e15
    return str(int(value)) if is_short_whole else repr(value)


def split_prefix(prefix: str) -> tuple[str, str]:
    """Return (sheet, book) of ``'[Other.xlsx]A b'!``."""
    text = prefix[:-1]
    if text.startswith("'"):
        text = text[1:-1].replace("''", "'")
    match = _BOOK_IN_PREFIX.search(text)
    if match is None:
        return text, ""
    # [0] is the workbook itself.
    return text[match.end() :], match[1].removeprefix("0")


def _read_ref(
    match: re.Match[str],
    row: int,
    column: int,
    *,
    sheet: str,
    book: str,
) -> Ref:
    """Return a match of `_LEXER` as a reference of a formula in the cell of a row and column.

    `sheet` and `book` are what the prefix before it names, "" for none.
    """
    ends = find_corners(match)
    first = ends[0]
    last = ends[-1]
    r1 = c1 = _FIRST_LINE
    r2 = _LAST_ROW
    c2 = _LAST_COLUMN
    if match.lastgroup != "rows":
        c1 = _make_corner(first[1], column_number(first[2]), column)
        c2 = _make_corner(last[1], column_number(last[2]), column)
    if match.lastgroup != "columns":
        r1 = _make_corner(first[3], int(first[4]), row)
        r2 = _make_corner(last[3], int(last[4]), row)
    return Ref(r1, c1, r2, c2, sheet=sheet, book=book)


def _make_corner(dollar: str, number: int, home: int) -> Corner:
    """Return the row or column of a reference: fixed, or relative to the formula's cell.

    `dollar` is "$" if it is fixed, `home` the row or column of the formula's cell.
    """
    return Corner(True, number) if dollar else Corner(False, number - home)
