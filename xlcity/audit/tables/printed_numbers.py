"""Printed numbers, kept as they were printed: digits, place, and what each may stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from xlcity.audit.text.patterns import whole_number as whole_number_of
from xlcity.functions.block import Matrix
from xlcity.grouping import grouped

#: A printed number: sign, digits with or without commas in threes, decimals. SPSS prints ".649".
_NUMBER = re.compile(r"[+\-−–]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
_WITH_EXPONENT = re.compile(r"[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}")
#: A currency before a number, and blanks between its thousands.
_CURRENCY = re.compile(r"(?<![^+\-−–])[$€£¥₹]\s?(?=[\d.])")
_BLANK_IN_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
#: A printed rank: "1st", "=19" and "19=" for those that share it, "第3名".
_RANK = re.compile(
    r"(?:=|#|第|T-?)?\s*(\d+|[一二三四五六七八九十]+)(?:st|nd|rd|th|=|名|位)?",
    re.IGNORECASE,
)
#: Texts of cells that print no number.
NOT_PRINTED = frozenset(
    {
        "",
        "-",
        "—",
        "–",
        "−",
        "…",
        "..",
        "na",
        "n/a",
        "n.a.",
        "缺",
        "无",
        "无数据",
    }
)
#: So many digits has a number that a program stored, not printed; what its sums are off, relative.
_DIGITS_IN_FULL = 14
_ROUNDING = Decimal("1e-13")

#: What a series holds unless its table says otherwise.
SCORE = "score"
RANK = "rank"


@dataclass(frozen=True, slots=True)
class Series:
    """What a column of numbers is about.

    Parameters
    ----------
    quantity
        "score", "rank", or a word of the spec's own.
    group
        The units that are ranked together; "" = all.
    """

    node: str
    quantity: str = SCORE
    group: str = ""
    edition: str = ""


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One printed number.

    Parameters
    ----------
    row
        Row of the CSV, as an editor counts it (the header is 1).
    text
        As printed.
    half
        How far the number it stands for may lie from the printed one, either way.
    where
        Place in the report, if the table tells it.
    in_order
        The rows of its table stand as printed.
    """

    index: int
    table: str
    row: int
    column: str
    unit: str
    series: Series
    text: str
    value: Decimal
    half: Decimal
    where: str = ""
    in_order: bool = True

    @property
    def node(self) -> str:
        """The node whose number it is."""
        return self.series.node

    @property
    def decimals(self) -> int:
        """Printed decimals."""
        return decimals_of(self.text)

    @property
    def reach(self) -> float:
        """Half of what rounding leaves open."""
        return float(self.half)


def decimals_of(text: str) -> int:
    """Return the number of printed decimals.

    >>> decimals_of("48.60"), decimals_of("7"), decimals_of(".649")
    (2, 0, 3)
    """
    return len(text.partition(".")[2])


def spell(value: Decimal | float, like: str) -> str:
    """Return a number as its cell would print it.

    >>> spell(Decimal("0.5"), "0.62"), spell(0.5, ".62")
    ('0.50', '.50')
    """
    text = f"{value:.{decimals_of(like)}f}"
    return text.replace("0.", ".", 1) if like.lstrip("-+").startswith(".") else text


def digits_of(text: str) -> str:
    """Return a printed number without what is not part of it: full width, blanks, signs of units.

    An exponent, as programs write small numbers, is written out; blanks between thousands become
    commas.

    >>> digits_of("１６.７％"), digits_of(" 48.60 "), digits_of("4.20e-05"), digits_of("-$1 204")
    ('16.7', '48.60', '0.0000420', '-1,204')
    """
    bare = unicodedata.normalize("NFKC", text).strip().removesuffix("%").rstrip()
    bare = _BLANK_IN_THOUSANDS.sub(",", _CURRENCY.sub("", bare))
    return f"{Decimal(bare):f}" if _WITH_EXPONENT.fullmatch(bare) else bare


def rank_of(text: str) -> str:
    """Return a printed rank without the words and marks of ranks around it.

    >>> rank_of("21st"), rank_of("=19"), rank_of("19="), rank_of("第3名"), rank_of("601–800")
    ('21', '19', '19', '3', '601–800')
    >>> rank_of("十一"), rank_of("第二名")
    ('11', '2')
    """
    bare = digits_of(text)
    match = _RANK.fullmatch(bare)
    return str(whole_number_of(match[1])) if match else bare


def read_number(text: str) -> Decimal | None:
    """Return a printed number, exactly; None where the cell prints none.

    >>> read_number("1,204.50"), read_number("−3"), read_number("—") is None
    (Decimal('1204.50'), Decimal('-3'), True)

    Raises
    ------
    ValueError
        If the text is something else.
    """
    bare = text.strip()
    if bare.casefold() in NOT_PRINTED:
        return None
    has_digits = any(char.isdigit() for char in bare)
    if not has_digits or not _NUMBER.fullmatch(bare):
        raise ValueError(text)
    digits = bare.replace(",", "")
    return Decimal(digits.replace("−", "-").replace("–", "-"))


def is_readable(text: str) -> bool:
    """Tell whether a text prints a number, or none as a dash does."""
    try:
        read_number(text)
    except ValueError:
        return False
    return True


def whole_number(text: str) -> int | None:
    """Return a printed whole number; None where the cell prints none.

    >>> whole_number("1,204"), whole_number("+3"), whole_number("—")
    (1204, 3, None)
    """
    value = read_number(digits_of(text))
    return None if value is None else int(value)


def half_unit(text: str) -> Decimal:
    """Return how far the unrounded number may lie from the printed one, either way.

    The ends count as possible, so that half-up and half-even both fit.
    """
    return Decimal(1).scaleb(-decimals_of(text)) / 2


def rounding_of_doubles(number: Decimal) -> Decimal:
    """Return how far arithmetic with doubles may have moved a number stored in full, 0 else.

    >>> rounding_of_doubles(Decimal("5309.64913122725")) > 0, rounding_of_doubles(Decimal("53.2"))
    (True, Decimal('0'))
    """
    is_in_full = len(number.as_tuple().digits) >= _DIGITS_IN_FULL
    return abs(number) * _ROUNDING if is_in_full else Decimal(0)


class PrintedNumbers:
    """All printed numbers of an audit.

    Attributes
    ----------
    series
        Series -> unit -> the cells that print it.
    """

    def __init__(self, cells: Iterable[PrintedCell]) -> None:
        self.cells = tuple(cells)
        self.series: dict[Series, dict[str, list[PrintedCell]]] = {}
        for cell in self.cells:
            by_unit = self.series.setdefault(cell.series, {})
            by_unit.setdefault(cell.unit, []).append(cell)
        self._columns = grouped(
            ((cell.table, cell.column, cell.series), cell) for cell in self.cells
        )

    def all(self, series: Series, unit: str) -> Sequence[PrintedCell]:
        """Return every cell that prints a number."""
        return self.series.get(series, {}).get(unit, ())

    def one(
        self, series: Series, unit: str, table: str | None = None
    ) -> PrintedCell | None:
        """Return the cell that prints a number: that of a table, or the one with most digits."""
        cells = self.all(series, unit)
        if table is not None:
            return next((cell for cell in cells if cell.table == table), None)
        return most_precise(cells) if cells else None

    def column(self, cell: PrintedCell) -> list[PrintedCell]:
        """Return the cells that stand in one column with a cell, in printed order."""
        return self._columns[cell.table, cell.column, cell.series]

    def first(self, series: Series) -> dict[str, PrintedCell]:
        """Return one cell per unit: of a series printed twice, the one with most digits."""
        by_unit = self.series.get(series, {})
        return {unit: most_precise(cells) for unit, cells in by_unit.items()}

    def matrix(
        self, several: Iterable[Series], units: Iterable[str]
    ) -> tuple[Matrix, Matrix]:
        """Return the numbers of some units, a column per series, and their reaches; else NaN."""
        columns = [self.first(series) for series in several]
        values = []
        reaches = []
        for unit in units:
            cells = [column.get(unit) for column in columns]
            values.append([float(cell.value) if cell else np.nan for cell in cells])
            reaches.append([cell.reach if cell else np.nan for cell in cells])
        return np.array(values), np.array(reaches)

    def together(self, *several: Series) -> dict[str, tuple[PrintedCell, ...]]:
        """Return a cell of each series for the units that have them all."""
        columns = [self.first(series) for series in several]
        units = set(columns[0]).intersection(*columns)
        rows = {}
        for unit in columns[0]:
            if unit in units:
                rows[unit] = tuple(column[unit] for column in columns)
        return rows


def most_precise(cells: Sequence[PrintedCell]) -> PrintedCell:
    """Return the cell with most decimals, the first of equals."""
    return max(cells, key=lambda cell: (cell.decimals, -cell.index))
