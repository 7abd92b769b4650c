"""Printed classes of units: which linkage and metric gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.spec.cells import Series
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import ClustersRule
from xlcity.functions.block import Matrix
from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS, cluster_labels


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


def classes(rule: ClustersRule, spec: Spec, printed: PrintedTables) -> Iterator[TableCheck]:
    """Yield the verdict on printed classes, with units that stand in several or in none."""
    check = TableCheck("clustering", rule, spec, printed, Severity.NOTE)
    places = [(row[check.unit_column], row[rule.column]) for row in check.rows()]
    columns = [printed.book.first(Series(node)) for node in rule.nodes]
    units = [unit for unit in columns[0] if all(unit in column for column in columns)]
    labels = list(dict.fromkeys(label for _, label in places))
    known = [(units.index(unit), labels.index(label)) for unit, label in places if unit in units]
    values = np.array([[float(column[unit].value) for column in columns] for unit in units])
    trials = [
        ClusterTrial(*how, _agreement(values, known, len(labels), how))
        for how in product(LINKAGES, METRICS, STANDARDISATIONS)
    ]
    trials.sort(key=lambda trial: -trial.agree)
    check.cells = len(known)
    _verdict(check, trials)
    members = TableCheck("membership", rule, spec, printed)
    _doubles(members, places, units)
    check.found += members.found
    yield check


def _agreement(
    values: Matrix,
    known: list[tuple[int, int]],
    count: int,
    how: tuple[str, str, str],
) -> int:
    """Return how many printed places agree under the best naming of the classes."""
    from scipy.optimize import linear_sum_assignment

    linkage, metric, standardise = how
    made = cluster_labels(values, count, linkage, metric, standardise).values.ravel()
    if np.isnan(made).any():
        return 0
    table = np.zeros((count, count))
    for row, label in known:
        table[label, int(made[row]) - 1] += 1
    rows, columns = linear_sum_assignment(-table)
    return int(table[rows, columns].sum())


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
