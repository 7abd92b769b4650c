"""Bands: institutions on ranking lists counted by the weight of their band."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.arguments import CellColumn, NumberList
from xlcity.functions.block import NA, VALUE, CellArray, block
from xlcity.functions.decorator import function
from xlcity.functions.options import as_label
from xlcity.functions.spellings import is_missing_code

#: Last rank of each band.
BAND_UPPERS = (10.0, 20.0, 30.0, 40.0, 50.0, 100.0, 150.0, 200.0)
#: Weight of each band: 1, then one over the root of 2, 4, 6, ...
BAND_WEIGHTS = (1.0, *(1.0 / math.sqrt(2.0 * place) for place in range(1, len(BAND_UPPERS))))

#: A sheet that is left alone makes dates of "1-10" and "11-20"; no list has that many ranks.
DATE_SERIAL = 36526.0

_RANK = re.compile(
    r"=?\s*([0-9]+(?:\.[0-9]+)?)(?:\s*[-‐‑‒–—−~～至]+\s*([0-9]+(?:\.[0-9]+)?)|\s*(\+))?\Z"
)


def read_rank(cell: CellValue) -> float:
    """Return the rank that a cell holds: a number, or the last rank of a band such as 101–150.

    Not on the list (blank, a missing code) and "201+" are infinite.

    Raises
    ------
    FunctionError
        #VALUE! for anything else, and for a number that is a date.

    Examples
    --------
    >>> read_rank("101–150"), read_rank(7.0), read_rank("=32"), read_rank("")
    (150.0, 7.0, 32.0, inf)
    """
    if cell is None or (isinstance(cell, str) and (not cell.strip(" ") or is_missing_code(cell))):
        return math.inf
    if isinstance(cell, str):
        if (found := _RANK.match(cell.strip())) is None:
            raise FunctionError(f"{cell!r} is not a rank")
        first, last, more = found.groups()
        rank, low = float(last or first), float(first)
        if more:
            return math.inf
    elif isinstance(cell, (bool, CellError)):
        raise FunctionError(f"{cell} is not a rank")
    else:
        rank = low = float(cell)
    if not 1 <= low <= rank < DATE_SERIAL:
        raise FunctionError(f"{cell!r} is not a rank")
    return rank


def band_weight(
    rank: float,
    uppers: Sequence[float] = BAND_UPPERS,
    weights: Sequence[float] = BAND_WEIGHTS,
) -> float:
    """Return the weight of the band that a rank falls into; 0 beyond the last band."""
    return next((w for upper, w in zip(uppers, weights, strict=True) if rank <= upper), 0.0)


def _band_options(options: Mapping[str, Any]) -> CellError | None:
    """Return #VALUE! for columns or bands that do not fit, #NUM! for bands out of order."""
    count = len(options["item_units"])
    lists = [options[name] for name in ("ranks_a", "ranks_b") if options[name] is not None]
    uppers = BAND_UPPERS if options["uppers"] is None else options["uppers"]
    weights = BAND_WEIGHTS if options["weights"] is None else options["weights"]
    if any(len(ranks) != count for ranks in lists) or len(uppers) != len(weights):
        return CellError.VALUE
    return CellError.NUM if np.any(np.diff(uppers) <= 0) else None


@function(category="construct", returns="column", check=_band_options)
def band_index(
    units: CellColumn,
    item_units: CellColumn,
    ranks_a: CellColumn,
    ranks_b: CellColumn | None = None,
    uppers: NumberList | None = None,
    weights: NumberList | None = None,
) -> CellArray:
    """Return for each city the sum of the band weights of its institutions on ranking lists.

    Parameters
    ----------
    units : (n,)
        Ids of the cities, in one column.
    item_units : (m,)
        Id of the city of each institution, in one column; empty lines are skipped.
    ranks_a : (m,)
        Rank of each institution, or its band such as 101-150 as text; blank where it is not on the
        list.
    ranks_b : (m,), default none
        Ranks on a second list; the better weight of the two counts.
    uppers : (b,), default 10, 20, 30, 40, 50, 100, 150, 200
        Last rank of each band, ascending.
    weights : (b,), default 1, 1/√2, 1/√4, 1/√6, …
        Weight of each band.

    See Also
    --------
    weighted_index

    Notes
    -----
    ``SUM(MAX(w(band of rank a), w(band of rank b)))``

    - A city without an institution is 0 once any line names a city; before that the list is not
      filled yet and every city is #N/A.
    - Format the cells of bands as text before typing: a spreadsheet makes dates of 1-10 and 11-20.
      Such numbers are #VALUE!.
    - Beyond the last band a list gives no weight.

    References
    ----------
    IECC 2024, indicator B4.3: bands and weights of the top 200 universities.

    Examples
    --------
    >>> band_index(["rome", "oslo"], ["rome"], ["101-150"], ["11-20"]).values.tolist()
    [[0.7071067811865475], [0.0]]
    """
    ends = BAND_UPPERS if uppers is None else tuple(np.asarray(uppers, float).ravel().tolist())
    shares = BAND_WEIGHTS if weights is None else tuple(np.asarray(weights, float).ravel().tolist())
    second: Sequence[CellValue] = [None] * len(item_units) if ranks_b is None else ranks_b
    ranks = zip(map(_fold, item_units), ranks_a, second, strict=True)
    sums, unreadable = _sums(ranks, ends, shares)
    names = [_fold(unit) for unit in units]
    values = np.array([sums.get(name, 0.0) for name in names], dtype=np.float64)
    errors = np.zeros(len(names), dtype=np.uint8)
    errors[[name in unreadable for name in names]] = VALUE
    errors[[not name or not (sums or unreadable) for name in names]] = NA
    return block(values[:, None], errors[:, None])


def _fold(label: CellValue) -> str:
    return as_label(label).casefold()


def _sums(
    ranks: Iterable[tuple[str, CellValue, CellValue]],
    ends: tuple[float, ...],
    shares: tuple[float, ...],
) -> tuple[dict[str, float], set[str]]:
    """Return the sum of the weights of each label, and the labels with a rank of no meaning."""
    sums: dict[str, float] = {}
    unreadable: set[str] = set()
    for label, *both in ranks:
        if not label:
            continue
        try:
            best = max(band_weight(read_rank(rank), ends, shares) for rank in both)
        except FunctionError:
            unreadable.add(label)
            continue
        sums[label] = sums.get(label, 0.0) + best
    return sums, unreadable
