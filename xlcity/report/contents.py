"""What a report is made of, as data: tables, sentences, sections; nothing of how they look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Label
from xlcity.figures.figure import Figure

NOTHING = Label("", "")
#: Before a name for each level that it stands below another.
INDENT = "\u3000"
#: Shares that are as good as equal; the greatest denominator of a fraction.
_EXACT = 1e-9
_DENOMINATOR = 12
#: From here on the digits that spreadsheets keep have no decimals.
_WHOLE = 1e15


class Marked(float):
    """A number with a mark behind it, such as † where an indicator is missing."""

    number: float
    mark: str

    def __new__(cls, number: float, mark: str) -> Marked:
        """Return the number with its mark."""
        marked = super().__new__(cls, number)
        marked.number = number
        marked.mark = mark
        return marked


#: A number, a text in both languages, or nothing.
ReportCell = Label | float | int | None
Cells = list[list[ReportCell]]

#: Kind of column -> decimals; what is not here is text.
DECIMALS = {"rank": 0, "count": 0, "change": 0, "growth": 1, "score": 2}
DECIMALS |= {"weight": 4, "share": 4, "coefficient": 3}
#: Scores whose ranks are made on other decimals.
DECIMALS |= {f"score {n}": n for n in range(10)}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table: its heading, its kind of numbers, and a heading over several."""

    head: Label
    kind: str = "text"
    over: Label = NOTHING

    @property
    def is_text(self) -> bool:
        """Whether its cells are texts."""
        return self.kind not in DECIMALS


class FileColumn(NamedTuple):
    """A column of a file of values: its heading and its cells."""

    heading: str
    cells: Sequence[object]


@dataclass(frozen=True)
class TableContent:
    """What a table shows, before it has a name, a title and remarks.

    Attributes
    ----------
    fields, rows
        Columns and cells; a cell without a number is None.
    units
        Row of the data of each city, where a row is a city.
    notes
        What stands below it besides the note of its kind.
    across
        Into how many blocks side by side a page divides it.
    as_printed
        Whether nothing in it rests on an invented value: names, or what a report printed.
    """

    fields: Sequence[Field]
    rows: Sequence[Sequence[ReportCell]]
    units: Sequence[int] = ()
    notes: Sequence[Label] = ()
    across: int = 1
    as_printed: bool = False


@dataclass(frozen=True, eq=False)
class ReportTable:
    """A table.

    Attributes
    ----------
    id
        Its name in files and commands: "ranking-IMG".
    fields, rows
        Columns and cells; a cell without a number is None.
    note, source
        What stands below it.
    synthetic
        How many invented values it rests on; if any, the table itself says so.
    across
        Into how many blocks side by side a page divides it.
    units
        City id of each row, where a row is a city.
    """

    id: str
    title: Label
    fields: Sequence[Field]
    rows: Sequence[Sequence[ReportCell]]
    note: Label = NOTHING
    source: Label = NOTHING
    synthetic: int = 0
    across: int = 1
    units: Sequence[str] = ()


#: What a report shows besides its text.
Exhibit = ReportTable | Figure
#: Id -> what has it.
Contents = Mapping[str, Exhibit]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement with numbers from the index.

    Attributes
    ----------
    fact
        Which wording of the catalogue it has: "leads2_drop".
    node
        Code of the node it is about.
    text
        The sentence.
    values
        What its text was filled with.
    """

    fact: str
    node: str
    text: Label
    values: Mapping[str, object] = field(default_factory=dict, compare=False)
    kinds: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Paragraph:
    """A paragraph of a section.

    Attributes
    ----------
    title
        The finding that stands above it, if any does.
    is_gap
        Whether it is what the author must add, in a style of its own.
    is_case
        Whether its title begins its first line.
    """

    sentences: Sequence[Sentence]
    title: Label = NOTHING
    is_gap: bool = False
    is_case: bool = False

    def as_one(self) -> Sentence:
        """Return its title and its sentences as one statement."""
        texts = [one.text for one in self.sentences]
        zh = "".join([f"{self.title.zh}。", *(text.zh for text in texts)])
        en = " ".join([f"{self.title.en}.", *(text.en for text in texts)])
        return replace(self.sentences[0], text=Label(zh, en))


@dataclass(frozen=True, eq=False)
class Section:
    """A part of a document: heading, paragraphs, then tables and figures with numbers.

    Attributes
    ----------
    anchor
        Its name in a page.
    units
        City ids it is about.
    level
        Level of its heading in Word, 1 to 3.
    """

    title: Label
    paragraphs: Sequence[Paragraph] = ()
    items: Sequence[Exhibit] = ()
    anchor: str = ""
    units: tuple[str, ...] = field(default=())
    level: int = 1

    @property
    def said(self) -> list[Paragraph]:
        """Its paragraphs without questions to its author."""
        return [own for own in self.paragraphs if not own.is_gap]

    def statements(self) -> Iterator[Sentence]:
        """Yield what can be read alone: the sentences, those of a case behind its title."""
        for own in self.paragraphs:
            if own.is_case:
                yield own.as_one()
            else:
                yield from own.sentences


def shown(cell: ReportCell, kind: str, lang: str) -> str:
    """Return a cell as readers see it; "—" without a number.

    >>> shown(12.345, "score", "en"), shown(3, "change", "en"), shown(None, "rank", "en")
    ('12.35', '+3', '—')
    >>> shown(-0.231, "score", "en"), shown(-0.001, "score", "en")
    ('−0.23', '0.00')
    >>> shown(Marked(2, "†"), "rank", "en")
    '2†'
    """
    if isinstance(cell, Marked):
        return f"{shown(cell.number, kind, lang)}{cell.mark}"
    if isinstance(cell, Label):
        return cell.text(lang)
    if cell is None or not np.isfinite(cell):
        return "—"
    if kind == "weight":
        return share_text(float(cell))
    # One below the other, shares of the total have the same decimals.
    if kind == "share":
        return f"{rounded(100 * cell, 2):.2f}%"
    sign = "+" if kind == "growth" or (kind == "change" and cell) else ""
    number = rounded(float(cell), DECIMALS[kind])
    return f"{number:{sign}z,.{DECIMALS[kind]}f}".replace("-", "−")


def share_text(share: float) -> str:
    """Return a share of 1 as readers know it: in per cent, or as a fraction where that is exact.

    >>> share_text(0.3), share_text(1 / 3), share_text(0.025), share_text(0.12345)
    ('30%', '1/3', '2.5%', '12.35%')
    """
    tenths = 1000 * share
    if abs(tenths - round(tenths)) < _EXACT:
        return f"{round(tenths) / 10:g}%"
    fraction = Fraction(share).limit_denominator(_DENOMINATOR)
    if abs(float(fraction) - share) < _EXACT:
        return str(fraction)
    return f"{rounded(100 * share, 2):.2f}%"


def shown_rows(table: ReportTable, lang: str) -> list[list[str]]:
    """Return the cells of a table as readers see them."""
    kinds = [field.kind for field in table.fields]
    rows: list[list[str]] = []
    for row in table.rows:
        cells = zip(row, kinds, strict=True)
        rows.append([shown(cell, kind, lang) for cell, kind in cells])
    return rows


def number_pattern(decimals: int) -> str:
    """Return how spreadsheets write numbers with some decimals.

    >>> number_pattern(0), number_pattern(2)
    ('#,##0', '#,##0.00')
    """
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def rounded(value: float, decimals: int) -> float:
    """Return a number rounded half up, as spreadsheets do.

    >>> rounded(2.675, 2), rounded(-0.5, 0)
    (2.68, -1.0)
    """
    if not abs(value) < _WHOLE:
        return float(value)
    # As `round_excel` on the 15 digits that spreadsheets keep; arrays of one number cost more.
    digits = Decimal(f"{value:.15g}")
    return float(digits.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0


def bound(value: float, decimals: int) -> str:
    """Return what numbers do not exceed, rounded up so that it holds as it is printed.

    >>> bound(0.31, 1), bound(0.3, 1), bound(1.1000000000000014, 1)
    ('0.4', '0.3', '1.1')
    """
    step = 10.0**-decimals
    is_below = rounded(value, decimals) < value - _EXACT
    return points(rounded(value, decimals) + step * is_below, decimals)


def points(value: float, decimals: int = 2) -> str:
    """Return a score as texts print it.

    >>> points(66.005), points(72.56, 1)
    ('66.01', '72.6')
    """
    return f"{rounded(value, decimals):z.{decimals}f}".replace("-", "−")
