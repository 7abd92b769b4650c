"""Printed classes of units: which linkage and metric gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcity.audit.tables.cells import Series
from xlcity.audit.tables.checked import Checked
from xlcity.audit.tables.constraints import Severity
from xlcity.audit.tables.findings import Finding
from xlcity.audit.tables.load import Printed
from xlcity.audit.tables.rules import Clusters
from xlcity.audit.tables.spec import Spec
from xlcity.functions.block import Matrix
from xlcity.functions.cluster import LINKAGES, METRICS, STANDARDISATIONS, cluster_labels


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to cluster, and how many printed places it gives."""

    linkage: str
    metric: str
    standardise: str
    agree: int

    def __str__(self) -> str:
        words = [self.linkage, self.metric]
        return " ".join([*words, "z-scores"] if self.standardise == "zscore" else words)


def classes(rule: Clusters, spec: Spec, printed: Printed) -> tuple[Checked, list[Finding]]:
    """Return the verdict on printed classes, and units that stand in several or in none."""
    unit_column = printed.unit_columns[rule.table]
    places = [(row[unit_column], row[rule.column]) for row in printed.files[rule.table]]
    columns = [printed.book.first(Series(node)) for node in rule.nodes]
    units = [unit for unit in columns[0] if all(unit in column for column in columns)]
    labels = list(dict.fromkeys(label for _, label in places))
    known = [(units.index(unit), labels.index(label)) for unit, label in places if unit in units]
    values = np.array([[float(column[unit].value) for column in columns] for unit in units])
    trials = [
        Trial(linkage, metric, standardise, _agreement(values, known, len(labels), rest))
        for linkage in LINKAGES
        for metric in METRICS
        for standardise in STANDARDISATIONS
        for rest in [(linkage, metric, standardise)]
    ]
    trials.sort(key=lambda trial: -trial.agree)
    return (
        Checked("clustering", rule.table, len(known)),
        [_verdict(rule, trials, len(known)), *_doubles(rule, spec, printed, places, units)],
    )


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


def _verdict(rule: Clusters, trials: list[Trial], places: int) -> Finding:
    best = trials[0].agree
    winners = [trial for trial in trials if trial.agree == best]
    linkages = list(dict.fromkeys(trial.linkage for trial in winners))
    stated = [trial for trial in trials if trial.linkage == rule.stated]
    by_linkage = {
        linkage: max(trial.agree for trial in trials if trial.linkage == linkage)
        for linkage in dict.fromkeys(trial.linkage for trial in trials)
    }
    told = ", ".join(f"{linkage} {agree}" for linkage, agree in by_linkage.items())
    start = f"{best} of {places} printed places come out under {' and '.join(map(str, winners))}"
    if stated and rule.stated not in linkages:
        start += f"; the stated {rule.stated} linkage gives {stated[0].agree} at best"
    sure = len(linkages) == 1
    return Finding(
        check="clustering",
        severity=Severity.NOTE,
        table=rule.table,
        unit="",
        node="",
        published=rule.stated,
        expected=(None, None),
        suggestion=linkages[0] if sure else "",
        kind="not the stated linkage" if rule.stated and rule.stated not in linkages else "linkage",
        evidence=f"{start}. Best of each linkage: {told}.",
    )


def _doubles(
    rule: Clusters,
    spec: Spec,
    printed: Printed,
    places: list[tuple[str, str]],
    units: list[str],
) -> list[Finding]:
    """Return units that are listed twice, or not at all."""
    found = []
    rows = printed.files[rule.table]
    seen: dict[str, str] = {}
    for (unit, label), row in zip(places, rows, strict=True):
        if unit in seen:
            same = "again there" if seen[unit] == label else f"in class {seen[unit]}"
            found.append(
                _about(
                    rule,
                    unit,
                    label,
                    f"{unit} stands in class {label} and {same}.",
                    row.get(spec.head.line, ""),
                )
            )
        seen.setdefault(unit, label)
    missing = [unit for unit in units if unit not in seen]
    found += [
        _about(rule, unit, "", f"{unit} has scores and stands in no class.", "") for unit in missing
    ]
    return found


def _about(rule: Clusters, unit: str, label: str, evidence: str, where: str) -> Finding:
    return Finding(
        check="membership",
        severity=Severity.WARNING,
        table=rule.table,
        unit=unit,
        node="",
        published=label,
        expected=(None, None),
        suggestion="",
        kind="named twice" if label else "left out",
        evidence=evidence,
        where=where,
    )
