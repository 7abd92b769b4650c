"""What single numbers of declared figures rest on: marks where some are invented and some not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from xlcity.figures.contents import BarSeries, Label
from xlcity.report.quantities import Quantity
from xlcity.report.source import ReportSource
from xlcity.report.texts import say

#: Behind the name of a city of which a number is invented, where others are not.
INVENTED = "°"


def is_mixed(found: Sequence[Quantity], rows: Sequence[int]) -> bool:
    """Tell whether some numbers of some cities are invented and others are not."""
    invented = [row in one.invented_rows for one in found for row in rows]
    return any(invented) and not all(invented)


def status_names(
    names: Sequence[Label], found: Sequence[Quantity], rows: Sequence[int]
) -> list[Label]:
    """Return names of cities, with a mark where one of their numbers is invented."""
    if not is_mixed(found, rows):
        return [*names]
    marks = [INVENTED * any(row in one.invented_rows for one in found) for row in rows]
    pairs = zip(names, marks, strict=True)
    return [Label(f"{name.zh}{mark}", f"{name.en}{mark}") for name, mark in pairs]


def status_series(
    series: Sequence[BarSeries], found: Sequence[Quantity], rows: Sequence[int]
) -> list[BarSeries]:
    """Return series in two where some of their numbers are invented and others are not.

    Beside a number of a city that is not invented, its invented ones are left out: they would
    be compared.
    """
    if not is_mixed(found, rows):
        return [*series]
    parts = []
    has_real = [any(row not in one.invented_rows for one in found) for row in rows]
    for one, quantity in zip(series, found, strict=True):
        invented = np.array([row in quantity.invented_rows for row in rows])
        known = np.isfinite(one.values) & ~(invented & np.array(has_real))
        if (known & ~invented).any():
            parts.append(replace(one, values=np.where(invented, np.nan, one.values)))
        if (known & invented).any():
            values = np.where(known & invented, one.values, np.nan)
            label = say("declared.invented", what=one.label)
            parts.append(replace(one, label=label, values=values, shade=None))
    return parts


def printed_places(
    source: ReportSource, code: str, found: Sequence[Quantity]
) -> list[tuple[int, int]]:
    """Return rows with numbers that are not invented, and their printed places in a node.

    Empty where all numbers are invented or none is: then nothing printed is overruled.
    """
    scores = next((one.scores for one in source.spec.printed if one.node == code), {})
    units = source.units
    rows = [row for row in range(len(units)) if scores.get(units[row].id)]
    if not is_mixed(found, rows):
        return []
    value = {row: float(scores[units[row].id]) for row in rows}
    order = sorted(rows, key=lambda row: -value[row])
    return [
        (row, sum(other > value[row] for other in value.values()) + 1)
        for row in order
        if not any(row in one.invented_rows for one in found)
    ]
