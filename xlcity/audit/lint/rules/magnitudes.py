"""Values of an order of magnitude that is not the one of the others, or not the one of before.

Values are compared on the log scale. How far away counts as far was measured on whole indices with
one value at a time multiplied by ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from xlcity.messages import Message

Numbers = npt.NDArray[np.float64]

#: Median absolute deviations from the median beyond which a value is far, and within which one is
#: that was multiplied by mistake and is divided again.
_FAR_DEVIATIONS = 5
_NEAR_DEVIATIONS = 2
#: Decimal orders of magnitude within which no value is far.
_LEAST_ORDERS = 0.6
#: Numbers that a column needs, and far values with which it is only wide.
_LEAST_NUMBERS = 8
_MOST_FAR = 2
#: Slips of a decimal point, in decimal orders of magnitude.
_ORDERS = (1, 2, 3)
#: Decimal orders between a ratio and a power of ten: of a value typed over, of an earlier edition.
_EXACT = 0.02
_EDITION = 0.2
#: Share of a column that has one factor, how many values that are at least, and how far apart.
_SHARE = 0.8
_LEAST_COLUMN = 4
_ONE_FACTOR = 1e-4
#: Days that spreadsheets count for 2000-01-01 to 2050-12-31, and the day before their first one.
_DATES = range(36526, 55153)
_FIRST_DAY = date(1899, 12, 30)
#: No number that a program takes for day and month is as large: 31.12.
_MOST_TYPED = 32


@dataclass(frozen=True, slots=True)
class FarValue:
    """A value that is far from the others of its column, and what it may be: "x10?"."""

    row: int
    word: str
    median: float


def find_far_values(values: Numbers) -> Iterator[FarValue]:
    """Yield the values of a column that are far from its median on the log scale.

    Examples
    --------
    >>> column = np.array([310.0, 290, 305, 280, 330, 2970, 300, 315, 295])
    >>> [(far.row, far.word) for far in find_far_values(column)]
    [(5, 'x10?')]

    A number of a day is a date where the column has values that are typed as one:

    >>> column = np.array([5.12, 4.3, 6.5, 7.1, 45712, 5.9, 6.6, 4.8, 5.5])
    >>> [far.word for far in find_far_values(column)]
    ['a date (2025-02-24)?']
    """
    numbers = values[~np.isnan(values)]
    median = float(np.median(numbers)) if numbers.size else 0.0
    if median <= 0 or (numbers > 0).sum() < _LEAST_NUMBERS:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        orders = np.where(values > 0, np.log10(values / median), np.nan)
    deviation = float(np.nanmedian(np.abs(orders)))
    limit = max(_LEAST_ORDERS, _FAR_DEVIATIONS * deviation)
    far = np.flatnonzero(np.abs(orders) > limit).tolist()
    if len(far) > _MOST_FAR:
        return
    for row in far:
        word = _word_of(float(orders[row]), _NEAR_DEVIATIONS * deviation)
        if values[row] in _DATES and numbers.min() < _MOST_TYPED:
            word = _date_word(float(values[row]))
        yield FarValue(row, word, median)


def _word_of(order: float, near: float) -> str:
    """Return the slip that brings a value back to the others, else that it is far from them."""
    distances = {shift: abs(abs(order) - shift) for shift in _ORDERS}
    shift = min(distances, key=lambda shift: distances[shift])
    if distances[shift] > near:
        return Message("slip.far")
    return _factor_word(shift if order > 0 else -shift)


def _factor_word(order: int) -> str:
    """Return the word for a power of ten."""
    if order > 0:
        return Message("slip.times", factor=10**order)
    return Message("slip.divided", factor=10**-order)


def find_slip(now: float, former: float, within: float = _EXACT) -> str:
    """Return the slip that made one value of another: "x10?", "lost sign?", "a date?", else "".

    Examples
    --------
    >>> find_slip(29700, 2970), find_slip(2.97, 2970), find_slip(-4, 4), find_slip(46015, 12.25)
    ('x10?', '÷1000?', 'lost sign?', 'a date (2025-12-24)?')
    """
    if now == former or not former or not now:
        return ""
    order = float(np.log10(abs(now / former)))
    if now * former < 0:
        return Message("slip.sign") if abs(order) < _EXACT else ""
    if abs(round(order)) in _ORDERS and abs(order - round(order)) < within:
        return _factor_word(round(order))
    if now in _DATES and abs(former) < _MOST_TYPED:
        return _date_word(now)
    return ""


def _date_word(number: float) -> str:
    """Return the slip that makes a number of a day: programs take "5.12" for one."""
    day = _FIRST_DAY + timedelta(days=int(number))
    return Message("slip.date", day=str(day))


def find_edition_slips(now: Numbers, then: Numbers) -> Iterator[tuple[int, str]]:
    """Yield rows of a column with a slip beside an earlier edition, and the slip.

    Where a whole column grew by an order of magnitude, a row is measured by what the others did.
    """
    orders = _orders(now, then)
    usual = np.nanmedian(orders) if not np.isnan(orders).all() else 0.0
    has_both = ~np.isnan(now) & ~np.isnan(then)
    for row in np.flatnonzero(has_both).tolist():
        number = float(now[row])
        before = float(then[row])
        slip = find_slip(number, before, _EDITION)
        has_moved = abs(orders[row] - usual) > _LEAST_ORDERS
        if slip and (has_moved or number * before < 0):
            yield row, slip


def find_column_factor(now: Numbers, former: Numbers) -> float | None:
    """Return the factor by which nearly all values of a column differ, None if there is none.

    Examples
    --------
    >>> find_column_factor(np.array([1e4, 2e4, 3e4, 5e4]), np.array([1.0, 2, 3, 5]))
    10000.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = now / former
    ratios = ratios[np.isfinite(ratios) & (ratios != 0)]
    if len(ratios) < _LEAST_COLUMN:
        return None
    factor = float(np.median(ratios))
    if not factor or abs(factor - 1) < _ONE_FACTOR:
        return None
    alike = np.abs(ratios / factor - 1) < _ONE_FACTOR
    return float(f"{factor:.5g}") if alike.sum() >= _SHARE * len(ratios) else None


def find_edition_factor(now: Numbers, then: Numbers) -> float | None:
    """Return the factor between a column and that of an earlier edition, None if it only grew.

    It is one number for nearly all, or a power of ten and what they grew by.
    """
    if (factor := find_column_factor(now, then)) is not None:
        return factor
    orders = _orders(now, then)
    orders = orders[~np.isnan(orders)]
    if len(orders) < _LEAST_COLUMN:
        return None
    shift = round(float(np.median(orders)))
    near = np.abs(orders - shift) < 2 * _EDITION
    is_shifted = shift != 0 and abs(float(np.median(orders)) - shift) < _EDITION
    return 10.0**shift if is_shifted and near.sum() >= _SHARE * len(orders) else None


def _orders(now: Numbers, then: Numbers) -> Numbers:
    """Return the decimal orders of magnitude between values, NaN where one is none or 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = now / then
        return np.where(ratios > 0, np.log10(ratios), np.nan)
