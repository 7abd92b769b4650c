"""Means of groups of units, crossed with a second grouping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.assess.scores import default_codes
from xlcity.index import IndexResult
from xlcity.index.groups import ALL, in_group
from xlcity.model.dataset import Unit


@dataclass(frozen=True, slots=True)
class GroupMean:
    """Means of one group, or of the part of it that a second grouping names.

    Parameters
    ----------
    group, subset
        The group, and the group of the second grouping ("all" = the whole group).
    units
        Ids of its units.
    means
        Node -> simple mean of the scores of those units that have one; NaN if none has.
    """

    group: str
    subset: str
    units: tuple[str, ...]
    means: Mapping[str, float]


def regional_means(
    result: IndexResult,
    group_type: str,
    split: str = "",
    codes: Sequence[str] | None = None,
    population: str = "main",
) -> tuple[GroupMean, ...]:
    """Return the means of every group, each followed by its parts.

    Parameters
    ----------
    group_type
        Attribute that names the groups; units without it belong to none. "all" is everyone.
    split
        Attribute that divides each group; empty = no parts.
    codes
        The nodes; None = the root and those right under it.
    """
    chosen = codes if codes is not None else (result.framework.root.code, *default_codes(result))
    units = [unit for unit in result.dataset.units if unit.population == population]
    found = []
    for group in _groups(units, group_type):
        inside = [unit for unit in units if in_group(unit, group_type, group)]
        found.append(_mean(result, chosen, group, ALL, inside))
        for subset in _groups(inside, split) if split else ():
            part = [unit for unit in inside if in_group(unit, split, subset)]
            found.append(_mean(result, chosen, group, subset, part))
    return tuple(found)


def _groups(units: Iterable[Unit], group_type: str) -> tuple[str, ...]:
    """Return the groups in the order in which the units name them."""
    if group_type == ALL:
        return (ALL,)
    names = dict.fromkeys(unit.attributes.get(group_type, "") for unit in units)
    return tuple(name for name in names if name)


def _mean(
    result: IndexResult, codes: Sequence[str], group: str, subset: str, units: Sequence[Unit]
) -> GroupMean:
    rows = [result.dataset.row(unit.id) for unit in units]
    means = {}
    for code in codes:
        scores = result.column(code)[rows]
        known = scores[~np.isnan(scores)]
        means[code] = float(known.mean()) if known.size else float("nan")
    return GroupMean(group, subset, tuple(unit.id for unit in units), means)
