"""Printed classes of units: which linkage and metric gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.spec.cells import Series
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import ClustersRule
from xlcity.functions.block import Matrix
from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS, cluster_labels

#: Its findings come after those of modules with a smaller one.
PLACE = 2


@dataclass(frozen=True, slots=True)
class ClusterTrial:
    """One way to cluster, and how many printed places it gives."""

    linkage: str
    metric: str
    standardise: str
    agree: int

    def __str__(self) -> str:
        words = [self.linkage, self.metric]
        return " ".join([*words, "z-scores"] if self.standardise == "zscore" else words)


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


def _scored(rule: ClustersRule, printed: PrintedTables) -> tuple[list[str], Matrix]:
    """Return the units with every score printed, and their scores."""
    columns = [printed.book.first(Series(node)) for node in rule.nodes]
    units = [unit for unit in columns[0] if all(unit in column for column in columns)]
    return units, np.array([[float(column[unit].value) for column in columns] for unit in units])


def clusterings(
    rule: ClustersRule, printed: PrintedTables
) -> Iterator[tuple[str, str, str, dict[str, int]]]:
    """Yield linkage, metric, standardisation, and the class of each unit with printed scores.

    There are as many classes as printed ones; no unit has one where so many cannot be made.
    """
    units, values = _scored(rule, printed)
    count = len({row[rule.column] for row in printed.files[rule.table]})
    for how in product(LINKAGES, METRICS, STANDARDISATIONS):
        linkage, metric, standardise = how
        labels = cluster_labels(values, count, linkage, metric, standardise).values.ravel()
        complete = not np.isnan(labels).any()
        yield *how, dict(zip(units, labels.astype(int).tolist(), strict=True)) if complete else {}


def published_checks(spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the checks of printed classes."""
    for rule in spec.rules["clusters"]:
        yield from _classes(rule, spec, printed)


def _classes(rule: ClustersRule, spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the verdict on printed classes, with units that stand in several or in none."""
    check = TableCheck("clustering", rule, spec, printed, Severity.NOTE)
    places = [(row[check.unit_column], row[rule.column]) for row in check.rows()]
    # A unit that is printed twice counts twice.
    labels = dict(enumerate(label for _, label in places))
    units, _ = _scored(rule, printed)
    trials = []
    for linkage, metric, standardise, classes in clusterings(rule, printed):
        own = {
            position: classes[unit] for position, (unit, _) in enumerate(places) if unit in classes
        }
        trials.append(ClusterTrial(linkage, metric, standardise, agreement(own, labels).agreeing))
    trials.sort(key=lambda trial: -trial.agree)
    check.cells = sum(unit in units for unit, _ in places)
    _verdict(check, trials)
    members = TableCheck("membership", rule, spec, printed)
    _doubles(members, places, units)
    check.found += members.found
    yield check


def agreement(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> Agreement:
    """Match the classes of two classifications so that as many units as possible agree.

    Examples
    --------
    >>> agreement({"a": 1, "b": 1, "c": 2}, {"a": 7, "b": 7, "c": 7}).agreeing
    2
    """
    from scipy.optimize import linear_sum_assignment

    units = [unit for unit in first if unit in second]
    rows, columns = (
        sorted({first[unit] for unit in units}),
        sorted({second[unit] for unit in units}),
    )
    shared = np.zeros((len(rows), len(columns)), dtype=np.int64)
    for unit in units:
        shared[rows.index(first[unit]), columns.index(second[unit])] += 1
    chosen = list(zip(*linear_sum_assignment(shared, maximize=True), strict=True))
    return Agreement(
        {rows[row]: columns[column] for row, column in chosen},
        int(sum(shared[row, column] for row, column in chosen)),
        len(units),
    )


def _verdict(check: TableCheck, trials: list[ClusterTrial]) -> None:
    stated_linkage, best = check.rule.stated, trials[0].agree
    winners = [trial for trial in trials if trial.agree == best]
    linkages = list(dict.fromkeys(trial.linkage for trial in winners))
    stated = [trial for trial in trials if trial.linkage == stated_linkage]
    by_linkage: dict[str, int] = {}
    for trial in trials:
        by_linkage.setdefault(trial.linkage, trial.agree)
    text = ", ".join(f"{linkage} {agree}" for linkage, agree in by_linkage.items())
    start = f"{best} of {check.cells} printed places are reproduced by "
    start += " and ".join(map(str, winners))
    if stated and stated_linkage not in linkages:
        start += f"; the stated {stated_linkage} linkage gives {stated[0].agree} at best"
    other = stated_linkage and stated_linkage not in linkages
    check.add(
        f"{start}. Best of each linkage: {text}.",
        published=stated_linkage,
        suggestion=linkages[0] if len(linkages) == 1 else "",
        kind="not the stated linkage" if other else "linkage",
    )


def _doubles(check: TableCheck, places: list[tuple[str, str]], units: list[str]) -> None:
    """Report units that are listed twice, or not at all."""
    seen: dict[str, str] = {}
    for (unit, label), row in zip(places, check.rows(), strict=True):
        if unit in seen:
            same = "again there" if seen[unit] == label else f"in class {seen[unit]}"
            evidence = f"{unit} is in class {label} and {same}."
            check.add(evidence, row, unit=unit, published=label, kind="named twice")
        seen.setdefault(unit, label)
    for unit in units:
        if unit not in seen:
            check.add(f"{unit} has scores but is in no class.", unit=unit, kind="left out")
