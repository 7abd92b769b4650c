"""Bands: institutions on ranking lists counted by the weight of their band."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from xlcity.errors import CellError, CellValue, FunctionError
from xlcity.functions.block import NA, VALUE, Block, block
from xlcity.functions.missing import is_missing_code
from xlcity.functions.options import as_label

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
        found = _RANK.match(cell.strip())
        if found is None:
            raise FunctionError(f"{cell!r} is no rank")
        first, last, more = found.groups()
        rank, low = float(last or first), float(first)
        if more:
            return math.inf
    elif isinstance(cell, (bool, CellError)):
        raise FunctionError(f"{cell} is no rank")
    else:
        rank = low = float(cell)
    if not 1 <= low <= rank < DATE_SERIAL:
        raise FunctionError(f"{cell!r} is no rank")
    return rank


def band_weight(
    rank: float,
    uppers: Sequence[float] = BAND_UPPERS,
    weights: Sequence[float] = BAND_WEIGHTS,
) -> float:
    """Return the weight of the band that a rank falls into; 0 beyond the last band."""
    return next((w for upper, w in zip(uppers, weights, strict=True) if rank <= upper), 0.0)


def band_index(
    units: Sequence[CellValue],
    item_units: Sequence[CellValue],
    ranks_a: Sequence[CellValue],
    ranks_b: Sequence[CellValue] | None = None,
    uppers: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Block:
    """Return for each unit the sum of the band weights of its institutions.

    Parameters
    ----------
    units
        (n,) labels of the units; "" has no result.
    item_units
        (m,) label of the unit of each institution; "" is an empty line.
    ranks_a, ranks_b
        (m,) ranks of each institution on one list and on another; see `read_rank`.
    uppers, weights
        (b,) last rank and weight of each band, the best band first; None = `BAND_UPPERS` and
        `BAND_WEIGHTS`.

    Returns
    -------
    Block
        (n, 1) sums.

    Notes
    -----
    An institution takes the larger of the weights that its two ranks give, and none from a list
    on which it stands beyond the last band. Units without an institution are 0; where no line names
    any unit, the list is not filled yet and all are #N/A. A rank that cannot be read makes its unit
    #VALUE!. Labels are compared without case and outer spaces.

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
    sums: dict[str, float] = {}
    unreadable: set[str] = set()
    for label, one, other in zip(map(_fold, item_units), ranks_a, second, strict=True):
        if not label:
            continue
        try:
            found = [band_weight(read_rank(rank), ends, shares) for rank in (one, other)]
        except FunctionError:
            unreadable.add(label)
            continue
        sums[label] = sums.get(label, 0.0) + max(found)
    names = [_fold(unit) for unit in units]
    values = np.array([sums.get(name, 0.0) for name in names], dtype=np.float64)
    errors = np.zeros(len(names), dtype=np.uint8)
    errors[[name in unreadable for name in names]] = VALUE
    blank = [not name or not (sums or unreadable) for name in names]
    errors[blank] = NA
    return block(values[:, None], errors[:, None])


def _fold(label: CellValue) -> str:
    return as_label(label).casefold()
