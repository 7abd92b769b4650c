"""Printed classes of units: which linkage and metric gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.printed_numbers import Series
from xlcity.audit.tables.spec.load import PrintedTables
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
    values = np.array(
        [[float(cell.value) for cell in cells] for cells in rows.values()]
    )
    count = len({row[rule.column] for row in printed.files[rule.table]})
    for linkage, metric, way in product(LINKAGES, METRICS, STANDARDISATIONS):
        labels = cluster_labels(values, count, linkage, metric, way).values.ravel()
        numbers = [] if np.isnan(labels).any() else labels.astype(int).tolist()
        yield ClusterTrial(linkage, metric, way, dict(zip(rows, numbers, strict=False)))


def check_clusters(check: TableCheck, members: TableCheck) -> None:
    """Say which clusters give printed classes, and which units stand in several or in none."""
    rule: ClustersRule = check.rule
    places = [(row[check.unit_column], row[rule.column]) for row in check.rows()]
    # A unit that is printed twice counts twice.
    labels = dict(enumerate(label for _, label in places))
    trials = list(cluster_trials(rule, check.printed))
    counts = []
    for trial in trials:
        classes = {
            k: trial.classes[u] for k, (u, _) in enumerate(places) if u in trial.classes
        }
        counts.append(agreement(classes, labels).agreeing)
    units = max((list(trial.classes) for trial in trials), key=len)
    check.cells = sum(unit in units for unit, _ in places)
    best = max(counts)
    ordered = sorted(zip(trials, counts, strict=True), key=lambda pair: -pair[1])
    winners = [trial for trial, count in ordered if count == best]
    linkages = list(dict.fromkeys(trial.linkage for trial in winners))
    by_linkage: dict[str, int] = {}
    for trial, count in ordered:
        by_linkage.setdefault(trial.linkage, count)
    text = f"{best} of {check.cells} printed places are reproduced by "
    text += " and ".join(map(str, winners))
    other = rule.stated and rule.stated not in linkages
    if other:
        text += f"; the stated {rule.stated} linkage gives {by_linkage[rule.stated]} at best"
    listed = ", ".join(f"{linkage} {agree}" for linkage, agree in by_linkage.items())
    check.add(
        f"{text}. Best of each linkage: {listed}.",
        published=rule.stated,
        suggestion=linkages[0] if len(linkages) == 1 else "",
        kind="not the stated linkage" if other else "linkage",
    )
    seen: dict[str, str] = {}
    for (unit, label), row in zip(places, check.rows(), strict=True):
        if unit in seen:
            same = "again there" if seen[unit] == label else f"in class {seen[unit]}"
            evidence = f"{unit} is in class {label} and {same}."
            members.add(evidence, row, unit=unit, published=label, kind="named twice")
        seen.setdefault(unit, label)
    for unit in units:
        if unit not in seen:
            members.add(
                f"{unit} has scores but is in no class.", unit=unit, kind="left out"
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
    matched = zip(
        shared.index[rows].tolist(), shared.columns[columns].tolist(), strict=True
    )
    return Agreement(dict(matched), int(counts[rows, columns].sum()), int(counts.sum()))
