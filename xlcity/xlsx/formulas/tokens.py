"""Formulas as tokens whose references are relative to their cell.

Two cells hold the same formula when their *keys* are equal: references in R1C1 form, names in one
case, no spaces, no prefixes of the program that saved the file. What a save by Excel, WPS or
LibreOffice may change is not part of a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple

from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Range, column_number

_LEXER = re.compile(
    r"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<error>\#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!))
    | (?P<sheet>'(?:[^']|'')*'!|\[[^\[\]]*\][\w.]*!|[^\W\d][\w.]*!)
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
    re.X | re.S,
)
#: One end of a reference: a column, a row, or both.
_CORNER = re.compile(r"(?:(\$?)([A-Za-z]+))?(?:(\$?)(\d+))?")
#: Kinds of pieces that are references.
REFERENCES = frozenset(("range", "columns", "rows"))
#: Splits a formula into pieces; the name of a match's group is its kind. Nothing else in the
#: project reads formulas by a pattern of its own.
lex = _LEXER.finditer
_LOGICAL = frozenset(("TRUE", "FALSE"))
_PREFIX = re.compile(r"(?:_XLFN\.|_XLWS\.|_XLDUDF_|_XLL\.)+")
_BOOK = re.compile(r"\[([^\[\]]+)\]")
_ADD_IN = re.compile(r"(?:\[\d+\]|'?[^'!]*\.xla[m]?'?)!\Z", re.I)


@dataclass(frozen=True, slots=True)
class Corner:
    """A row or a column: its number, or its distance from the formula's own cell."""

    fixed: bool
    number: int

    def at(self, home: int, most: int) -> int:
        """Return the number, seen from a cell; off the sheet it comes in at the other side."""
        return self.number if self.fixed else (home + self.number - 1) % most + 1

    def text(self, letter: str) -> str:
        """Return the R1C1 spelling."""
        if self.fixed:
            return f"{letter}{self.number}"
        return f"{letter}[{self.number}]" if self.number else letter


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to cells.

    `sheet` is "" for the formula's own sheet, `book` the other file's name or number, or "".
    `single` tells whether it is one cell, `fixed` whether it means the same cells from everywhere:
    both are asked for at every cell, so they are found once.
    """

    r1: Corner
    c1: Corner
    r2: Corner
    c2: Corner
    sheet: str = ""
    book: str = ""
    single: bool = field(init=False, repr=False, compare=False)
    fixed: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        corners = self.r1, self.c1, self.r2, self.c2
        object.__setattr__(self, "single", self.r1 == self.r2 and self.c1 == self.c2)
        object.__setattr__(self, "fixed", all(corner.fixed for corner in corners))

    def area(self, home: str, row: int, column: int) -> Range:
        """Return the cells meant by a formula in the cell named."""
        a, c = self.r1.at(row, MAX_ROWS), self.c1.at(column, MAX_COLUMNS)
        if self.single:
            return Range(self.sheet or home, a, c, a, c)
        b, d = self.r2.at(row, MAX_ROWS), self.c2.at(column, MAX_COLUMNS)
        return Range(self.sheet or home, min(a, b), min(c, d), max(a, b), max(c, d))

    def text(self) -> str:
        """Return the R1C1 spelling."""
        first = self.r1.text("R") + self.c1.text("C")
        last = "" if self.single else ":" + self.r2.text("R") + self.c2.text("C")
        book = f"[{self.book}]" if self.book else ""
        sheet = f"{book}{self.sheet}!" if self.sheet or book else ""
        return f"{sheet.upper()}{first}{last}"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    `kind` is text, number, error, ref, name, function, operator, open, close, separator or brace.
    The text is as keys have it: upper case (but for text), without prefixes.
    """

    kind: str
    text: str
    ref: Ref | None = None


@dataclass(frozen=True)
class NormalisedFormula:
    """A formula free of its place."""

    tokens: tuple[Token, ...]

    @cached_property
    def key(self) -> str:
        """The formula as one text: equal keys are equal formulas."""
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
    def functions(self) -> frozenset[str]:
        """The functions it calls."""
        return frozenset(token.text for token in self.tokens if token.kind == "function")

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Numbers typed in it."""
        return tuple(token.text for token in self.tokens if token.kind == "number")


def normalise_formula(formula: str, row: int, column: int) -> NormalisedFormula:
    """Return a formula as tokens relative to its cell.

    >>> normalise_formula("sum( 'Data'!$D$9:$D$126 )/C5", 7, 3).key
    'SUM(DATA!R9C4:R126C4)/R[-2]C'
    """
    return NormalisedFormula(tuple(_read_tokens(formula, row, column)))


class RefSpan(NamedTuple):
    """Where a reference stands in the text of a formula.

    Formulas that differ in digits alone have their references in the same spots, so that one of
    them is read and the rows of the others are cut out.

    Attributes
    ----------
    sheet, book
        As in `Ref`.
    c1, c2
        The columns.
    first, last
        Where the rows stand in the text; ``None`` for whole columns.
    """

    sheet: str
    book: str
    c1: int
    c2: int
    first: slice | None
    last: slice | None

    @property
    def single(self) -> bool:
        """Whether it is written as one cell."""
        return self.first is not None and (self.first is self.last or self.first == self.last)

    def rows(self, formula: str) -> tuple[int, int]:
        """Return the first and the last row that a formula names here."""
        if self.first is None or self.last is None:
            return 1, MAX_ROWS
        a, b = int(formula[self.first]), int(formula[self.last])
        return (a, b) if a <= b else (b, a)


#: The pieces of a formula that `spans` looks at, and those in which it must not look; spelled as
#: in `_LEXER`, with the ends of a reference in groups.
_SPANS = re.compile(
    r"""
    [-+*/^&=<>%@(),;{}\s]*+(?:
      (?:"[^"]*+")++ | \#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)
    | ('(?:[^']|'')*'!|\[[^\[\]]*\][\w.]*!|[^\W\d][\w.]*!)
    | \$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})(?![\w.(!:$])
    | \$?([1-9]\d{0,6}):\$?([1-9]\d{0,6})(?![\w.(!:])
    | \$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})(?::\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6}))?(?![\w.(!\[])
    | (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])
    | [\w.\\?]+(?:\[(?:[^\[\]]|\[[^\[\]]*\])*\])?)
    """,
    re.X | re.S,
)


def find_references(formula: str) -> tuple[RefSpan, ...]:
    """Return where the references of a formula stand, in the order of `NormalisedFormula.refs`."""
    reference_spans = []
    sheet = book = ""
    for match in _SPANS.finditer(formula):
        last = match.lastindex
        if last == 1:
            if not _ADD_IN.match(match[1]):
                sheet, book = _split_prefix(match[1])
            continue
        if last is not None:
            reference_spans.append(_read_span(match, last, sheet, book))
        sheet = book = ""
    return tuple(reference_spans)


def _read_span(match: re.Match[str], last: int, sheet: str, book: str) -> RefSpan:
    """Return where a reference stands, by the last group of `_SPANS` that is there."""
    rows: tuple[slice, slice] | tuple[None, None] = None, None
    if last == 3:
        c1, c2 = column_number(match[2]), column_number(match[3])
    elif last == 5:
        c1, c2 = 1, MAX_COLUMNS
        rows = slice(*match.span(4)), slice(*match.span(5))
    else:
        c1 = c2 = column_number(match[6])
        first = slice(*match.span(7))
        rows = first, first
        if last == 9:
            c2, rows = column_number(match[8]), (first, slice(*match.span(9)))
    return RefSpan(sheet, book, min(c1, c2), max(c1, c2), *rows)


def _read_tokens(formula: str, row: int, column: int) -> Iterator[Token]:
    sheet = book = prefix = ""
    pieces = list(lex(formula))
    done = 0
    for index, match in enumerate(pieces):
        kind, text = match.lastgroup or "other", match[0]
        if kind == "space" or index < done:
            continue
        if kind == "sheet":
            prefix = text
            if _ADD_IN.match(text):
                continue
            sheet, book = _split_prefix(text)
            continue
        if kind in REFERENCES:
            ref = _read_ref(match, row, column, sheet, book)
            yield Token("ref", ref.text(), ref)
        elif kind == "word":
            name = _PREFIX.sub("", text.upper())
            following = next((p for p in pieces[index + 1 :] if p.lastgroup != "space"), None)
            called = following is not None and following.lastgroup == "open"
            if called and name in _LOGICAL:
                # LibreOffice saves TRUE as TRUE().
                after = [n for n in range(index + 1, len(pieces)) if pieces[n].lastgroup != "space"]
                if len(after) > 1 and pieces[after[1]].lastgroup == "close":
                    called, done = False, after[1] + 1
            owner = "" if called or not sheet else f"{sheet.upper()}!"
            yield Token("function" if called else "name", owner + name)
        elif kind == "number":
            yield Token("number", _normalise_number(text))
        elif kind == "error":
            yield Token("error", (prefix and f"{sheet}!".upper()) + text.upper())
        elif kind == "separator":
            yield Token("separator", ",")
        else:
            yield Token(kind if kind != "other" else "operator", text)
        sheet = book = prefix = ""


def find_corners(match: re.Match[str]) -> list[re.Match[str]]:
    """Return the ends of a reference: groups $, column, $, row, at their places in the formula."""
    return [end for end in _CORNER.finditer(match.string, *match.span()) if end[0]]


def _normalise_number(text: str) -> str:
    value = float(text)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


@cache
def _split_prefix(prefix: str) -> tuple[str, str]:
    """Return (sheet, book) of ``'[Other.xlsx]A b'!``."""
    text = prefix[:-1]
    if text.startswith("'"):
        text = text[1:-1].replace("''", "'")
    match = _BOOK.search(text)
    return (text, "") if match is None else (text[match.end() :], match[1])


def _read_ref(match: re.Match[str], row: int, column: int, sheet: str, book: str) -> Ref:
    ends = find_corners(match)
    first, last = ends[0], ends[-1]
    across = [
        _make_corner(end[1], end[2] and column_number(end[2]), column) for end in (first, last)
    ]
    down = [_make_corner(end[3], end[4] and int(end[4]), row) for end in (first, last)]
    if match.lastgroup == "columns":
        down = [Corner(True, 1), Corner(True, MAX_ROWS)]
    elif match.lastgroup == "rows":
        across = [Corner(True, 1), Corner(True, MAX_COLUMNS)]
    return Ref(down[0], across[0], down[1], across[1], sheet, book)


def _make_corner(dollar: str | None, number: int | str | None, home: int) -> Corner:
    coordinate = int(number or 1)
    return Corner(True, coordinate) if dollar or not number else Corner(False, coordinate - home)
