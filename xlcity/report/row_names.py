"""Names of rows of charts: after ranks, with numbers of cities, with units; how many come first."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.figures.contents import Label
from xlcity.reports.report import Group

#: How many times as many cities are shown at most where several are equal to the last.
_TIED = 1.5


def sized(group: Group, count: int) -> Label:
    """Return the name of a group with the number of its cities."""
    return Label(f"{group.name_zh}（{count}）", f"{group.name_en} ({count})")


def through_ties(places: Sequence[object], most: int) -> int:
    """Return how many come first: so many, and those that are equal to the last of them.

    Where very many are equal, such as zeros, none is added.

    >>> through_ties([1, 2, 2, 4], 2), through_ties([9, 8, 0, 0, 0, 0], 3)
    (3, 3)
    """
    end = min(most, len(places))
    while end and end < len(places) and places[end] == places[end - 1]:
        end += 1
    return end if end <= _TIED * most else min(most, len(places))


def numbered(rank: int | None, name: Label) -> Label:
    """Return a name after its rank."""
    return Label(f"{rank}  {name.zh}", f"{rank}  {name.en}") if rank else name


def with_unit(name: Label, uom: Label) -> Label:
    """Return a name with a unit of measure, where there is one."""
    return Label(f"{name.zh}（{uom.zh}）", f"{name.en} ({uom.en})") if uom.zh else name
