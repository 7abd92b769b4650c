"""Values of indicators as people write them: with the decimals of their column and their unit."""

from __future__ import annotations

import numpy as np

from xlcity.figures.contents import Label
from xlcity.model.dataset import FloatArray
from xlcity.report.contents import points
from xlcity.report.source import ReportSource

#: Decimals at most; units that readers do not need behind a number.
_MOST_DECIMALS = 4
_UNSAID = ("ratio", "index", "score", "points", "比值", "比", "指数", "得分", "分")
#: Noise of floats that makes no decimals, and that of large ones as their share.
_NOISE = 1e-9
_RELATIVE_NOISE = 1e-12


def decimals_of(values: FloatArray) -> int:
    """Return how many decimals a column of values has, at most four.

    >>> decimals_of(np.array([1.5, 2.25, np.nan])), decimals_of(np.array([12.0, 3.0]))
    (2, 0)
    """
    finite = values[np.isfinite(values)]
    noise = _NOISE + _RELATIVE_NOISE * np.abs(finite)
    for decimals in range(_MOST_DECIMALS):
        if (np.abs(finite - finite.round(decimals)) <= noise).all():
            return decimals
    return _MOST_DECIMALS


def written_value(source: ReportSource, row: int, code: str) -> Label | None:
    """Return a city's value of an indicator with its unit; None without one."""
    if code not in source.result.leaf_codes:
        return None
    values = source.values(code)
    if not np.isfinite(values[row]):
        return None
    return with_uom(source, code, float(values[row]), decimals_of(values))


def written_mean(source: ReportSource, code: str) -> Label | None:
    """Return the average of an indicator over all cities with a value; None without any."""
    if code not in source.result.leaf_codes:
        return None
    values = source.values(code)
    if not np.isfinite(values).any():
        return None
    decimals = max(decimals_of(values), 1)
    return with_uom(source, code, float(np.nanmean(values)), decimals)


def with_uom(source: ReportSource, code: str, value: float, decimals: int) -> Label:
    """Return a value with its unit of measure, unless the unit says nothing or the name says it."""
    number = points(value, decimals)
    uom = source.shown_uom(code)
    name = source.node(code)
    zh = "" if uom.zh in _UNSAID or uom.zh == name.zh else uom.zh
    words = name.en.lower().split()
    is_said = uom.en in _UNSAID or uom.en.lower() in words
    en = "" if is_said else uom.en
    gap = "" if en.startswith(("%", "°", "‰")) or not en else " "
    return Label(number + zh, number + gap + en)
