"""One cell's content as a value, a blank, a missing code, or a refusal with a remedy.

`Notes` holds what a reader returns besides values: conversions, unused columns, doubtful values.
Only files and pasted values go through here. A workbook's formulas read its cells natively.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from sys import float_info
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellError, CellValue, Problem, Where
from xlcity.functions.block import MISSING_CODES
from xlcity.grouping import grouped
from xlcity.messages import Message, joined
from xlcity.model.dataset import FloatArray, State
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.reading.tables import CommaNumber, parse_float
from xlcity.xlsx.plain_cells import PercentNumber

#: Why a column of names or remarks is not used: no score is expected from it.
DESCRIBES = Message("unused.describes")
#: Squares and sums of numbers that are larger are not finite.
LARGEST_VALUE = 1e150
#: Spreadsheet programs take numbers that are closer to 0 for 0.
LEAST_VALUE = float_info.min


@dataclass(frozen=True, slots=True)
class Conversion:
    """Something that was read as what it evidently means; people see a list of these."""

    where: Where
    raw: str
    result: str
    note: str

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        address = {
            "file": self.where.file,
            "sheet": self.where.sheet,
            "cell": self.where.cell,
        }
        unit = {"unit": self.where.unit, "indicator": self.where.indicator}
        return {
            **address,
            **unit,
            "raw": self.raw,
            "result": self.result,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class DataCell:
    """One written cell: a value or a missing code. Absent and blank cells are not among them."""

    unit: str
    code: str
    value: float
    state: State
    basis: str
    where: Where


class LeftOutRow(NamedTuple):
    """A row that is not read as a city: the address of its name, and the name."""

    cell: str
    text: str

    @property
    def message(self) -> str:
        """What is said of it."""
        return Message("left_out.row", cell=self.cell, text=self.text)


@dataclass(frozen=True, slots=True)
class Notes:
    """What a reader returns besides the values.

    Parameters
    ----------
    cells
        Every written cell, in reading order, so that a caller can overlay them.
    converted
        Texts and names that were converted.
    unused
        (heading, reason) of columns that no score is made from.
    left_out
        Rows that are not read: totals, means, notes, and texts alone that are not a city.
    doubtful
        Values outside the plausible bounds of their indicator; they are used.
    blanks
        (unit, code) of cells that the table has and leaves empty.
    codes
        The codes that the table has cells of, filled or empty.
    """

    cells: Collection[DataCell] = ()
    converted: tuple[Conversion, ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    doubtful: tuple[Problem, ...] = ()
    blanks: tuple[tuple[str, str], ...] = ()
    left_out: tuple[LeftOutRow, ...] = ()
    codes: frozenset[str] = frozenset()

    @property
    def problems(self) -> Iterator[Problem]:
        """What a reader should know of the data: doubtful values, columns without use."""
        yield from self.doubtful
        unused = ((why, heading) for heading, why in self.unused if why != DESCRIBES)
        for reason, headings in grouped(unused).items():
            yield Problem.of("XC346.not_used", headings=headings, reason=reason)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headings of the columns that no score is made from."""
        return tuple(heading for heading, _ in self.unused)


#: Kind -> what is wrong with the cell; sheets number the kinds in this order.
FAULTS = {
    "error": "XC301.error",
    "logical": "XC301.logical",
    "no_data": "XC301.means_no_data",
    "full_width": "XC301.full_width",
    "as_text": "XC301.stored_as_text",
    "comma": "XC301.comma",
    "percent": "XC301.percent",
    "suffix": "XC301.suffix",
    "several": "XC301.several",
    "text": "XC301.text",
    "too_large": "XC301.too_large",
}
FAULT_KINDS = tuple(FAULTS)

#: Full-width characters of numbers -> ASCII.
HALF_WIDTH_OF = dict(
    zip("０１２３４５６７８９．，－＋％", "0123456789.,-+%", strict=True)
)
IGNORED_SPACES = "\u3000\u00a0 "
_TO_HALF_WIDTH = str.maketrans(HALF_WIDTH_OF)
_NO_SPACES = dict.fromkeys(map(ord, IGNORED_SPACES))
_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))
#: What may be left of one number without its digits.
NUMBER_RESTS = ("", ".", "-", "-.", "+", "+.")
SUFFIXES = ("万", "亿")
#: How a range, a bound or an estimate begins.
INEXACT = ("<", ">", "≤", "≥", "~", "≈", "约")


def fault_kind(value: CellValue) -> str:
    """Return the kind of a cell's content that is neither a usable number nor a missing code.

    Examples
    --------
    >>> [fault_kind(v) for v in ("3.5", "３．５", "3,5", "12%", "5万", "<5", "3-5", "n.v.", 0.0)]
    ['as_text', 'full_width', 'comma', 'percent', 'suffix', 'several', 'several', 'text', 'no_data']
    """
    if isinstance(value, CellError):
        return "error"
    if isinstance(value, bool):
        return "logical"
    # Of other numbers only the one that means no data is not usable.
    if isinstance(value, (int, float)):
        return "too_large" if abs(value) > LARGEST_VALUE else "no_data"
    text = str(value).translate(_NO_SPACES)
    half_width = text.translate(_TO_HALF_WIDTH)
    kind = _fault_of_text(half_width)
    return "full_width" if kind == "as_text" and half_width != text else kind


def _fault_of_text(text: str) -> str:
    """Return the kind of a text without spaces, its digits in half width."""
    rest = text.translate(_NO_DIGITS)
    if rest == text:
        return "text"
    # A sign stands before its number: 3-5 are two of them.
    if rest in ("", ".") or (rest in NUMBER_RESTS and text[0] == rest[0]):
        return "as_text"
    if "," in rest and rest.replace(",", "") in NUMBER_RESTS:
        return "comma"
    if text[0] in INEXACT:
        return "several"
    if text[-1] == "%":
        return "percent"
    if text[-1] in SUFFIXES:
        return "suffix"
    return "several" if rest == "-" else "text"


def describe_fault(value: CellValue) -> tuple[str, str]:
    """Return what is wrong with a cell that holds no usable value, and what to do.

    Examples
    --------
    >>> describe_fault("3,5")[0], describe_fault(True)[0]
    ("'3,5' has a comma.", 'TRUE is not a number.')
    """
    key = FAULTS[fault_kind(value)]
    shown = repr(value) if isinstance(value, str) else str(value).upper()
    return Message(key, shown=shown), Message(f"{key}.hint")


#: Full-width ASCII -> ASCII. Not NFKC: that would turn "12²" into 122.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
#: Spaces that are not the space bar's, and marks that show nothing.
_SPACES = "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000\t\r\n"
_ODD_SPACES = dict.fromkeys(map(ord, _SPACES), " ")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"), None)
_MINUS = dict.fromkeys(map(ord, "−﹣–"), "-")
#: Signs that look like those of missing codes: dashes of any length, and dots.
_DASHES = re.compile("[-‐‑‒–—―─－−]+")
_DOTS = re.compile("(?:…|\\.{2,})+")

_SHORT_NUMBER = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?\Z")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?\Z")
_SPACE_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?: [0-9]{3})+(?:\.[0-9]+)?\Z")
_INFINITE = re.compile(r"[+-]?(?:inf|infinity|∞)\Z")

#: Suffix -> power of ten; longer ones first.
_SUFFIXES = {"万亿": 12, "亿": 8, "万": 4, "%": -2}
#: Other values of an indicator that are needed to judge whether some are fractions of 1.
LEAST_OTHERS = 3
#: How many times as large as a fraction the smallest other value is at least.
FRACTION_GAP = 5.0


@dataclass(frozen=True, slots=True)
class Converted:
    """What a cell holds; `note` says how the text was changed to become that (else None)."""

    state: State
    value: float
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a cell cannot be used, and what to do; whoever knows the address makes it a problem."""

    code: str
    message: str
    hint: str

    @classmethod
    def of(
        cls,
        key: str,
        /,
        *,
        hint: str | None = None,
        **values: Any,
    ) -> Refusal:
        """Return the refusal of a key, as `Problem.of` takes it."""
        problem = Problem.of(key, hint=hint, **values)
        return cls(problem.code, problem.message, problem.hint)

    def problem(self, where: Where) -> Problem:
        """Return the problem at an address."""
        return Problem(self.code, self.message, self.hint, where)

    @property
    def is_number(self) -> bool:
        """Whether it is a number all the same, one that cannot be computed with."""
        return self.code == "XC303"


_BLANK = Converted(State.BLANK, math.nan)
_MISSING = Converted(State.MISSING, math.nan)


def is_percent(uom: str) -> bool:
    """Tell whether a unit of measure is percent, so that a percent sign says nothing new."""
    word = uom.strip().translate(_FULL_WIDTH).lower()
    return word.startswith(("%", "percent", "per cent", "百分"))


def counts_in_suffix(uom: str) -> bool:
    """Tell whether a unit of measure counts in 万 or 亿 itself; 件/百万人 counts single ones."""
    numerator = uom.partition("/")[0]
    return "万" in numerator or "亿" in numerator


def read_value(
    raw: object, uom: str = "", missing_codes: Iterable[str] = MISSING_CODES
) -> Converted | Refusal:
    """Read one cell.

    Parameters
    ----------
    raw
        What the file holds: a number, text, None, a logical, an error, a date.
    uom
        The indicator's measure; decides what a percent sign means.
    missing_codes
        The texts that stand for "confirmed missing", compared without case and outer spaces.

    Returns
    -------
    Converted or Refusal
        A refusal names the trouble ("12,3", "约12", "<5", an infinite number) and a remedy.

    Notes
    -----
    Converted, with a note: full-width characters, other dashes as minus or as a missing code (with
    dots: "......"), odd spaces, commas (or spaces) between groups of
    three digits, the suffixes 万, 亿 and 万亿, and a percent sign, which is dropped where the uom
    is percent and divides by 100 elsewhere. Nothing else is guessed.

    Examples
    --------
    >>> read_value("１２").value, read_value("１２").note
    (12.0, 'full-width characters')
    >>> read_value("12.3%", "%").value
    12.3
    >>> read_value("12,3").message
    "'12,3' is not a number."
    """
    if raw is None:
        return _BLANK
    if isinstance(raw, CellError):
        if raw is CellError.NA:
            return _MISSING
        return Refusal.of("XC302.shows", error=str(raw))
    if isinstance(raw, bool):
        hint = Message("hint.type_number")
        return Refusal.of("XC301.unreadable", hint=hint, shown=str(raw).upper())
    if isinstance(raw, PercentNumber):
        return _read_percent(raw, uom)
    if isinstance(raw, (int, float)):
        if float(raw) in number_codes(tuple(missing_codes)):
            return _MISSING
        return _value_or_refusal(float(raw), str(raw))
    if isinstance(raw, str):
        return _read_text(raw, uom, _fold_codes(tuple(missing_codes)))
    return Refusal.of("XC301.content", shown=str(raw))


@lru_cache(maxsize=64)
def _fold_codes(codes: tuple[str, ...]) -> frozenset[str]:
    """Return missing codes without case, outer spaces and marks that show nothing."""
    return frozenset(map(_fold_text, codes))


@lru_cache(maxsize=64)
def number_codes(codes: tuple[str, ...]) -> frozenset[float]:
    """Return the missing codes that are numbers, such as -999."""
    numbers = map(parse_float, codes)
    return frozenset(number for number in numbers if number is not None)


def _fold_text(text: str) -> str:
    """Return a text without case, outer spaces and marks that show nothing."""
    return text.translate(_ODD_SPACES).translate(_INVISIBLE).strip().casefold()


def _fold_signs(text: str) -> str:
    """Return a text of dashes or dots as the common code that it looks like; others unchanged.

    >>> [_fold_signs(text) for text in ("–", "——", "……", "-5", ".5")]
    ['-', '-', '…', '-5', '.5']
    """
    if _DASHES.fullmatch(text):
        return "-"
    return "…" if _DOTS.fullmatch(text) else text


@overload
def is_usable(numbers: float) -> bool: ...
@overload
def is_usable(numbers: FloatArray) -> NDArray[np.bool_]: ...
def is_usable(numbers: float | FloatArray) -> bool | NDArray[np.bool_]:
    """Tell whether a number can be computed with; of an array, which of its numbers can.

    >>> [is_usable(number) for number in (0.0, -2e-308, 1e151, math.inf, math.nan)]
    [True, False, False, False, False]
    """
    # Operators that numbers and arrays have in common.
    sizes: Any = abs(numbers)
    is_large_enough = (sizes == 0) | (sizes >= LEAST_VALUE)
    usable: bool | NDArray[np.bool_] = is_large_enough & (sizes <= LARGEST_VALUE)
    return usable


def _value_or_refusal(
    number: float, shown: str, note: str | None = None
) -> Converted | Refusal:
    """Return a number as a value; a refusal if it cannot be computed with.

    Parameters
    ----------
    shown
        How the message shows it.
    note
        How the text was changed to become this number, None for not at all.
    """
    if is_usable(number):
        return Converted(State.VALUE, number, note)
    key = "XC303.too_small"
    if not math.isfinite(number):
        key = "XC303.not_finite"
    elif abs(number) > LARGEST_VALUE:
        key = "XC303.too_large"
    return Refusal.of(key, hint=Message("hint.type_number"), shown=shown)


def _read_percent(raw: PercentNumber, uom: str) -> Converted | Refusal:
    """Return a number in percentage format (0.12 shown as 12 %), with a note on how it was read.

    In percent if the indicator's measure `uom` is, else as stored.
    """
    if not is_percent(uom):
        stored = Message("conversion.percent_format_stored")
        return _value_or_refusal(float(raw), str(raw), stored)
    # Fifteen digits are what a cell shows: 0.07 x 100 is 7, not 7.000000000000001.
    note = Message("conversion.percent_format")
    return _value_or_refusal(float(f"{raw * 100:.15g}"), str(raw), note)


def _read_text(raw: str, uom: str, missing: frozenset[str]) -> Converted | Refusal:
    """Return what the text of a cell means: number, blank, missing code, or why it cannot be used.

    Parameters
    ----------
    raw, uom
        The text, and the indicator's unit of measure, which decides what a percent sign means.
    missing
        Missing codes without case, outer spaces and invisible marks.
    """
    if raw not in missing and _SHORT_NUMBER.match(raw):
        # Nearly all values; below, Decimal gives the same number from so few digits.
        return _value_or_refusal(float(raw), repr(raw))
    folded = _fold_text(raw)
    if not folded:
        return _BLANK
    if folded in missing:
        return _MISSING
    if _fold_signs(folded) in missing:
        note = Message("conversion.dash_or_dots")
        return Converted(State.MISSING, math.nan, note)
    notes: list[str] = []
    text = _plain_text(raw, notes)
    if text.casefold() in missing:
        return Converted(State.MISSING, math.nan, _note_of(notes))
    if _INFINITE.match(text.casefold()):
        return _value_or_refusal(math.inf, repr(raw))
    return _read_number(raw, text, uom, notes)


def _plain_text(raw: str, notes: list[str]) -> str:
    """Return a text in plain characters, without outer spaces; what changed is added to `notes`."""
    narrow = raw.translate(_FULL_WIDTH)
    text = narrow.translate(_MINUS)
    trimmed = text.translate(_ODD_SPACES).translate(_INVISIBLE).strip()
    if narrow != raw:
        notes.append(Message("conversion.full_width"))
    if text != narrow:
        notes.append(Message("conversion.dash_read_as_minus"))
    if trimmed != text:
        notes.append(Message("conversion.odd_spaces"))
    return trimmed


def _note_of(notes: list[str]) -> str | None:
    """Return how a text was changed, all in one; None for one that was not."""
    return joined(notes, "list.clauses") or None


def _read_number(
    raw: str, text: str, uom: str, notes: list[str]
) -> Converted | Refusal:
    """Return the number that a text is, with or without a suffix; `raw` is how it was typed."""
    number_text, power = _take_suffix(text, uom, notes)
    if power > 0 and counts_in_suffix(uom):
        return Refusal.of("XC304.counts_already", raw=raw, uom=uom)
    groups = "conversion.commas"
    if isinstance(raw, CommaNumber):
        groups = "conversion.points"
    number = _parse_number(number_text, notes, groups)
    has_two_powers = power > 0 and "e" in number_text.lower()
    if number is None or has_two_powers:
        hint = _suggest_remedy(text)
        return Refusal.of("XC301.unreadable", hint=hint, shown=repr(raw))
    # Decimal, so that 12.3% is the double nearest to 0.123.
    exact = float(number.scaleb(power))
    return _value_or_refusal(exact, repr(raw), _note_of(notes))


def _take_suffix(
    text: str,
    uom: str,
    notes: list[str],
) -> tuple[str, int]:
    """Return a number's text without 万, 亿 or %, and the power of ten that this stands for.

    Parameters
    ----------
    uom
        The indicator's unit of measure: a percent sign says nothing new where it is percent.
    notes
        What was changed is added to it.
    """
    suffix = next(filter(text.endswith, _SUFFIXES), "")
    power = _SUFFIXES.get(suffix, 0)
    if power > 0:
        notes.append(Message("conversion.factor", suffix=suffix, factor=10**power))
    elif suffix and is_percent(uom):
        notes.append(Message("conversion.percent_dropped"))
        power = 0
    elif suffix:
        notes.append(Message("conversion.percent_divided"))
    return text.removesuffix(suffix).rstrip(), power


def _parse_number(text: str, notes: list[str], groups: str) -> Decimal | None:
    """Return the number that a text is, with or without separated thousands; None for others.

    What was changed is added to `notes`; `groups` is the message for commas between thousands.
    """
    if _COMMA_GROUPS.match(text):
        notes.append(Message(groups))
    elif _SPACE_GROUPS.match(text):
        notes.append(Message("conversion.spaces"))
    elif not _PLAIN_NUMBER.match(text):
        return None
    return Decimal(text.replace(",", "").replace(" ", ""))


def _suggest_remedy(text: str) -> str:
    """Return what to do about a text that is not a number."""
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return Message("hint.decimal_point", number=text.replace(",", "."))
    if text[0] in INEXACT:
        return Message("hint.decide")
    if text.startswith("="):
        return Message("hint.not_calculated")
    return Message("hint.plain_number")


def _uom_of(node: Node | Ingredient) -> str:
    """Return the unit of measure that values of an indicator are read in.

    It is the English one, or the Chinese one where that counts in 万 or 亿.
    """
    return node.uom_zh if counts_in_suffix(node.uom_zh) else node.uom


def read_indicator_value(
    raw: object, node: Node | Ingredient, missing_codes: Iterable[str]
) -> Converted | Refusal:
    """Read one cell of an indicator: as `read_value`, and its "no data" number is refused."""
    converted = read_value(raw, _uom_of(node), missing_codes)
    if (
        isinstance(converted, Converted)
        and node.no_data is not None
        and converted.value == node.no_data
    ):
        return Refusal.of("XC305.no_data", value=converted.value, code=node.code)
    return converted


def implausibility_message(value: float, node: Node | Ingredient) -> str:
    """Return a sentence if a value lies outside the plausible bounds of its indicator, else ""."""
    low = node.valid_low
    high = node.valid_high
    if low is not None and value < low:
        return Message("XC317.below", value=value, low=low, code=node.code)
    if high is not None and value > high:
        return Message("XC317.above", value=value, high=high, code=node.code)
    return ""


class _PlacedValue(NamedTuple):
    """A value, and its address."""

    value: float
    where: Where


def fractions_as_percent(
    inputs: Mapping[str, Node | Ingredient], values: Iterable[tuple[str, float, Where]]
) -> Iterator[Problem]:
    """Yield values up to 1 of an indicator in percent whose other values lie far above.

    A value is suspected if the gap between it and the others is wider than that between their
    least one and their median, and closes when it is read as a fraction. Where most values are at
    most 1, they are what the indicator has.

    Parameters
    ----------
    inputs
        The indicators by code, with their measures.
    values
        Indicator, value and place of each.
    """
    columns: dict[str, list[_PlacedValue]] = {}
    for code, value, where in values:
        if value > 0 and is_percent(inputs[code].uom):
            columns.setdefault(code, []).append(_PlacedValue(value, where))
    for code, cells in columns.items():
        yield from _fractions_in_column(code, cells)


def _fractions_in_column(code: str, cells: Sequence[_PlacedValue]) -> Iterator[Problem]:
    fractions = [cell for cell in cells if cell.value <= 1]
    larger = sorted(cell.value for cell in cells if cell.value > 1)
    if not fractions or len(larger) < max(LEAST_OTHERS, len(fractions)):
        return
    low = larger[0]
    high = larger[-1]
    least_gap = max(FRACTION_GAP, larger[len(larger) // 2] / low)
    if low < least_gap * max(cell.value for cell in fractions):
        return
    for value, where in fractions:
        if low / FRACTION_GAP <= value * 100 <= high * FRACTION_GAP:
            yield Problem.of(
                "XC308.fraction",
                where,
                value=value,
                code=code,
                low=low,
                high=high,
                percent=value * 100,
            )
