"""Printed classes of units: which linkage and metric gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.printed_numbers import PrintedCell, Series
from xlcity.audit.tables.spec.load import PrintedTables, Row
from xlcity.audit.tables.spec.rules import ClustersRule
from xlcity.functions.cluster import (
    LINKAGES,
    METRICS,
    STANDARDISATIONS,
    ZSCORES,
    cluster_labels,
)


@dataclass(frozen=True, slots=True)
class ClusterTrial:
    """One way to cluster the units with printed scores: the class of each, as many as printed."""

    linkage: str
    metric: str
    standardise: str
    classes: Mapping[str, int]

    def __str__(self) -> str:
        words = f"{self.linkage} {self.metric}"
        return f"{words} z-scores" if self.standardise == ZSCORES else words


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two classifications compare.

    Parameters
    ----------
    classes
        Class of the one -> class of the other that it is matched with.
    agreeing
        Units that are in matched classes.
    units
        Units that are in both classifications.
    """

    classes: Mapping[Any, Any]
    agreeing: int
    units: int


def cluster_trials(
    rule: ClustersRule, printed: PrintedTables
) -> Iterator[ClusterTrial]:
    """Yield every way to cluster; no unit has a class where so many cannot be made."""
    rows = printed.book.together(*map(Series, rule.nodes))
    scores = [[*map(_value_of, cells)] for cells in rows.values()]
    values = np.array(scores)
    count = len({row[rule.column] for row in printed.files[rule.table]})
    for way in product(LINKAGES, METRICS, STANDARDISATIONS):
        labels = cluster_labels(values, count, *way).values.ravel()
        numbers: list[int] = []
        if not np.isnan(labels).any():
            numbers = labels.astype(int).tolist()
        yield ClusterTrial(*way, classes=dict(zip(rows, numbers, strict=False)))


def _value_of(cell: PrintedCell) -> float:
    return float(cell.value)


class _Tried(NamedTuple):
    """A way to cluster, and how many printed places it reproduces."""

    trial: ClusterTrial
    places: int


def check_clusters(check: TableCheck, members: TableCheck) -> None:
    """Say which clusters give printed classes, and which units stand in several or in none."""
    rule: ClustersRule = check.rule
    rows = [*check.rows()]
    named = [row[check.unit_column] for row in rows]
    labels = [row[rule.column] for row in rows]
    tried = [
        _Tried(trial, _count_agreeing(trial, named, labels))
        for trial in cluster_trials(rule, check.printed)
    ]
    units = max((list(own.trial.classes) for own in tried), key=len)
    check.cells = sum(unit in units for unit in named)
    _tell_linkage(check, sorted(tried, key=lambda own: own.places, reverse=True))
    _tell_repeated(members, rows, rule.column)
    for unit in units:
        if unit not in named:
            evidence = f"{unit} has scores but is in no class."
            members.add(evidence, unit=unit, kind="left out")


def _tell_repeated(members: TableCheck, rows: Sequence[Row], column: str) -> None:
    """Say which units are named in several rows."""
    seen: dict[str, str] = {}
    for row in rows:
        unit = row[members.unit_column]
        label = row[column]
        if unit in seen:
            same = "again there" if seen[unit] == label else f"in class {seen[unit]}"
            evidence = f"{unit} is in class {label} and {same}."
            members.add(evidence, row, unit=unit, published=label, kind="named twice")
        seen.setdefault(unit, label)


def _count_agreeing(
    trial: ClusterTrial, named: Sequence[str], labels: Sequence[str]
) -> int:
    """Return how many printed places a way to cluster reproduces; a unit named twice has two."""
    classes = {}
    for place, unit in enumerate(named):
        if unit in trial.classes:
            classes[place] = trial.classes[unit]
    return agreement(classes, dict(enumerate(labels))).agreeing


def _tell_linkage(check: TableCheck, tried: Sequence[_Tried]) -> None:
    """Say which linkage gives printed classes; the ways that were tried come in order."""
    stated = check.rule.stated
    best = tried[0].places
    winners = [own.trial for own in tried if own.places == best]
    linkages = list(dict.fromkeys(trial.linkage for trial in winners))
    by_linkage: dict[str, int] = {}
    for trial, count in tried:
        by_linkage.setdefault(trial.linkage, count)
    text = f"{best} of {check.cells} printed places are reproduced by "
    text += " and ".join(map(str, winners))
    is_other = stated and stated not in linkages
    if is_other:
        text += f"; the stated {stated} linkage gives {by_linkage[stated]} at best"
    listed = ", ".join(f"{linkage} {agree}" for linkage, agree in by_linkage.items())
    check.add(
        f"{text}. Best of each linkage: {listed}.",
        published=stated,
        suggestion=linkages[0] if len(linkages) == 1 else "",
        kind="not the stated linkage" if is_other else "linkage",
    )


def agreement(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> Agreement:
    """Match the classes of two classifications so that as many units as possible agree.

    Examples
    --------
    >>> agreement({"a": 1, "b": 1, "c": 2}, {"a": 7, "b": 7, "c": 7}).agreeing
    2
    """
    import pandas as pd
    from scipy.optimize import linear_sum_assignment

    shared = pd.crosstab(pd.Series(first), pd.Series(second))
    counts = shared.to_numpy()
    rows, columns = linear_sum_assignment(counts, maximize=True)
    own = shared.index[rows].tolist()
    others = shared.columns[columns].tolist()
    return Agreement(
        classes=dict(zip(own, others, strict=True)),
        agreeing=int(counts[rows, columns].sum()),
        units=int(counts.sum()),
    )
