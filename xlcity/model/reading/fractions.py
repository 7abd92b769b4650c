"""Values that were probably typed as fractions, in indicators counted in percent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlcity.errors import Problem, Where
from xlcity.model.framework import Framework
from xlcity.model.reading.values import is_percent

#: Other values that are needed to judge.
OTHERS = 3
#: How many times as large as a fraction the smallest other value is at least.
APART = 5.0


def fractions_as_percent(
    framework: Framework, values: Iterable[tuple[str, float, Where]]
) -> Iterator[Problem]:
    """Yield values up to 1 of an indicator in percent whose other values lie far above.

    A value is suspected if the gap between it and the others is wider than that between their
    least one and their median, and closes when it is read as a fraction. Where most values are at
    most 1, they are what the indicator has. `CheckCounts` of a workbook counts by the same rule.

    Parameters
    ----------
    framework
        States the measures of the indicators.
    values
        Indicator, value and place of each.
    """
    columns: dict[str, list[tuple[float, Where]]] = {}
    for code, value, where in values:
        if value > 0 and is_percent(framework.inputs[code].uom):
            columns.setdefault(code, []).append((value, where))
    for code, cells in columns.items():
        small = [cell for cell in cells if cell[0] <= 1]
        others = sorted(value for value, _ in cells if value > 1)
        if not small or len(others) < max(OTHERS, len(small)):
            continue
        low, high = others[0], others[-1]
        step = max(APART, others[len(others) // 2] / low)
        if low < step * max(value for value, _ in small):
            continue
        for value, where in small:
            if low / APART <= value * 100 <= high * APART:
                message = (
                    f"{value:g} counts as {value:g} %, while other cities of {code} have "
                    f"{low:g} to {high:g} %."
                )
                hint = f"If it is a fraction, type {value * 100:.12g}."
                yield Problem("XC308", message, hint, where)
