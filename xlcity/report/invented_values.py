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


def is_mixed(quantities: Sequence[Quantity], rows: Sequence[int]) -> bool:
    """Tell whether some numbers of some cities are invented and others are not."""
    invented = [row in quantity.invented_rows for quantity in quantities for row in rows]
    return any(invented) and not all(invented)


def status_names(
    names: Sequence[Label], quantities: Sequence[Quantity], rows: Sequence[int]
) -> list[Label]:
    """Return names of cities, with a mark where one of their numbers is invented."""
    if not is_mixed(quantities, rows):
        return [*names]
    marks = [
        INVENTED * any(row in quantity.invented_rows for quantity in quantities) for row in rows
    ]
    pairs = zip(names, marks, strict=True)
    return [Label(f"{name.zh}{mark}", f"{name.en}{mark}") for name, mark in pairs]


def status_series(
    series: Sequence[BarSeries], quantities: Sequence[Quantity], rows: Sequence[int]
) -> list[BarSeries]:
    """Return series in two where some of their numbers are invented and others are not.

    Beside a number of a city that is not invented, its invented ones are left out: they would
    be compared.
    """
    if not is_mixed(quantities, rows):
        return [*series]
    parts = []
    has_real = [any(row not in line.invented_rows for line in quantities) for row in rows]
    for line, quantity in zip(series, quantities, strict=True):
        invented = np.array([row in quantity.invented_rows for row in rows])
        shown = np.isfinite(line.values) & ~(invented & np.array(has_real))
        if (shown & ~invented).any():
            parts.append(replace(line, values=np.where(invented, np.nan, line.values)))
        if (shown & invented).any():
            values = np.where(shown & invented, line.values, np.nan)
            label = say("declared.invented", what=line.label)
            parts.append(replace(line, label=label, values=values, shade=None))
    return parts


def printed_places(
    source: ReportSource, code: str, quantities: Sequence[Quantity]
) -> list[tuple[int, int]]:
    """Return rows with numbers that are not invented, and their printed places in a node.

    Empty where all numbers are invented or none is: then nothing printed is overruled.
    """
    scores = next((table.scores for table in source.spec.printed if table.node == code), {})
    units = source.units
    rows = [row for row in range(len(units)) if scores.get(units[row].id)]
    if not is_mixed(quantities, rows):
        return []
    value = {row: float(scores[units[row].id]) for row in rows}
    order = sorted(rows, key=lambda row: -value[row])
    return [
        (row, sum(other > value[row] for other in value.values()) + 1)
        for row in order
        if not any(row in table.invented_rows for table in quantities)
    ]
