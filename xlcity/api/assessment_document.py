"""An assessment as a JSON document, and as a workbook keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity import __version__
from xlcity.assess.clusters import dendrogram, nearest_units
from xlcity.assess.statistics import (
    LEAST_AVAILABLE,
    alphas,
    components,
    correlations,
    indicator_statistics,
    measure_availability,
)
from xlcity.assess.uncertainty import SURE_SHARE
from xlcity.errors import CellValue
from xlcity.workbook.reading.stored_assessment import (
    AUDIT,
    CITIES,
    PAIRS,
    PEER_COUNT,
    PEERS,
    TABLES,
    StoredAssessment,
    unranked_text,
)
from xlcity.xlsx.address import find_runs

if TYPE_CHECKING:
    from xlcity.api.assessment import Assessment
    from xlcity.assess.choices import Choice
    from xlcity.assess.sensitivity import SobolIndices


#: Numbers of places whose probability a workbook shows.
_TOP = (3, 5, 10)
#: Options of a choice that a workbook lists, and runs of ranks.
_LISTED = 4
_RUNS = 3


def document(assessment: Assessment) -> dict[str, Any]:
    """Return everything that an assessment says; see `docs/reference/assessment.md`."""
    plan = assessment.plan
    simulated = assessment.uncertainty
    ids = [unit.id for unit in plan.dataset.units]
    by_city = assessment.city_sobol.items()
    comparisons = []
    for compared in assessment.comparisons:
        ranks = (int(rank) or None for rank in compared.ranks)
        comparisons.append(
            {**asdict(compared), "ranks": dict(zip(ids, ranks, strict=True))}
        )
    return {
        **{
            name: getattr(assessment, name)
            for name in ("replicates", "seconds", "choices")
        },
        "seed": plan.seed,
        "node": plan.node,
        "synthetic": plan.dataset.synthetic,
        "units": assessment.unit_rows(),
        "above": {"units": ids, "p": simulated.above.tolist()},
        "groups": [list(group) for group in simulated.groups],
        "convergence": [
            dict(zip(("replicates", "median", "interval"), stage, strict=True))
            for stage in simulated.convergence
        ],
        "leave_one_out": [asdict(left_out) for left_out in assessment.leave_one_out],
        "reversals": [asdict(reversal) for reversal in assessment.reversals],
        "sensitivity": {}
        if assessment.sobol is None
        else _by_choice(assessment, assessment.sobol),
        "city_sensitivity": {
            unit: _by_choice(assessment, shares) for unit, shares in by_city
        },
        "overtaking": [asdict(overtaking) for overtaking in assessment.overtakings],
        "top_margins": assessment.top_margins,
        "all_margins": assessment.all_margins,
        "decisive_data": [asdict(datum) for datum in assessment.decisive_data],
        "compare": comparisons,
        **statistics_document(assessment),
    }


def _by_choice(assessment: Assessment, shares: SobolIndices) -> dict[str, Any]:
    names = ("first", "total", "first_interval", "total_interval")
    return {
        choice.name: {
            n: np.asarray(getattr(shares, n)[position]).tolist() for n in names
        }
        for position, choice in enumerate(assessment.plan.choices)
    }


def statistics_document(assessment: Assessment) -> dict[str, Any]:
    """Return what can be said before anything varies; `populations` has the groups after the first.

    Their correlations and outside measures are in one list with those of the first.
    """
    result = assessment.plan.base
    first, *others = result.populations
    with np.errstate(all="ignore"):
        related = [
            pair for name in result.populations for pair in correlations(result, name)
        ]
        own = {name: _of_population(assessment, name) for name in result.populations}
    units, nodes = measure_availability(result)
    return {
        "statistics": [asdict(indicator) for indicator in indicator_statistics(result)],
        "availability": {
            "least": LEAST_AVAILABLE,
            "units": [asdict(unit) for unit in units],
            "nodes": [asdict(node) for node in nodes],
        },
        "correlations": [asdict(pair) for pair in related],
        "audit": [
            {**asdict(audit), "findings": [*audit.findings]}
            for audit in assessment.audits
        ],
        "sizes": [asdict(size) for size in assessment.sizes],
        **own[first],
        "populations": {name: own[name] for name in others},
        "outside": [asdict(explanation) for explanation in assessment.explanations],
        "editions": {
            "units": [asdict(unit) for unit in assessment.editions[0]],
            "convergence": [asdict(group) for group in assessment.editions[1]],
            "breaks": [
                asdict(b) for b in (assessment.panel.breaks if assessment.panel else ())
            ],
        },
    }


def _of_population(assessment: Assessment, population: str) -> dict[str, Any]:
    """Return how nodes hang together in one group of cities, and which of its cities are alike."""
    result = assessment.plan.base
    alpha = alphas(result, population)
    pca = components(result, population)
    tree = dendrogram(result, population)
    peers = assessment.peers(population)
    return {
        "alpha": {node: all_together for node, (all_together, _) in alpha.items()},
        "alpha_without": {node: less for node, (_, less) in alpha.items()},
        "pca": {node: asdict(part) for node, part in pca.items()},
        "clusters": None if tree is None else asdict(tree),
        "peers": None if peers is None else asdict(peers),
    }


def stored_form(assessment: Assessment) -> StoredAssessment:
    """Return what the sheets of a workbook keep of an assessment."""
    plan = assessment.plan
    simulated = assessment.uncertainty
    base = plan.base
    scores = dict(
        zip((u.id for u in plan.dataset.units), base.column(plan.node), strict=True)
    )
    rows = assessment.ranked_rows()
    groups = {
        unit: number
        for number, group in enumerate(simulated.groups, 1)
        for unit in group
    }
    alike = _not_apart(assessment)
    cities = [
        {
            **row,
            **{f"top_{k}": row["top"].get(k) for k in _TOP},
            "score": scores[row["unit"]],
            "group": groups.get(row["unit"]),
            "alike": alike[row["unit"]] or None,
        }
        for row in rows
    ]
    groups_of, near = _peers(assessment)
    peers = [
        {
            "unit": row["unit"],
            "group": groups_of.get(row["unit"]),
            **{
                f"peer_{number}": unit
                for number, unit in enumerate(near.get(row["unit"], ()), 1)
            },
        }
        for row in rows
    ]
    settings: dict[str, CellValue] = {
        "replicates": float(simulated.replicates),
        "seed": float(plan.seed),
        "node": plan.node,
        "synthetic": float(plan.dataset.synthetic),
        "version": __version__,
        "varied": "; ".join(map(_in_words, plan.choices)),
        "unranked": unranked_text(assessment.unranked_shares) or None,
    }
    pairs = [
        {**asdict(pair), "first": pair.a, "second": pair.b, "node": pair.group}
        for name in base.populations
        for pair in correlations(base, name)
    ]
    audits = map(asdict, assessment.audits)
    tables: dict[str, Iterable[dict[str, Any]]] = {
        CITIES: cities,
        PEERS: peers,
        PAIRS: pairs,
        AUDIT: audits,
    }
    lines = {
        name: tuple(
            {key: _cell(line.get(key)) for key in TABLES[name]} for line in table
        )
        for name, table in tables.items()
    }
    return StoredAssessment(settings, lines, {})


def _peers(
    assessment: Assessment,
) -> tuple[dict[str, float], dict[str, tuple[str, ...]]]:
    """Return the peer group of each city, numbered on from group to group, and those nearest."""
    numbers: dict[str, float] = {}
    near: dict[str, tuple[str, ...]] = {}
    for population in assessment.plan.base.populations:
        before = max(numbers.values(), default=0.0)
        if (peer_groups := assessment.peers(population)) is not None:
            numbers |= {
                unit: before + number for unit, number in peer_groups.groups.items()
            }
        near |= nearest_units(assessment.plan.base, population, PEER_COUNT)
    return numbers, near


def _not_apart(assessment: Assessment) -> dict[str, str]:
    """Return the ranks of the cities that each cannot be distinguished from, its own among them.

    Two cities are distinguished where one is above the other in nearly all replicates.
    """
    units = assessment.plan.dataset.units
    ranks = assessment.plan.base.rank(assessment.plan.node)
    sure = assessment.uncertainty.above >= SURE_SHARE
    groups = np.array([unit.population for unit in units])
    ends = {}
    for row, unit in enumerate(units):
        alike = (groups == unit.population) & (ranks > 0) & ~(sure[row] | sure[:, row])
        alike_ranks = sorted({int(rank) for rank in ranks[alike]})
        ends[unit.id] = spans(alike_ranks) if ranks[row] > 0 and alike.sum() > 1 else ""
    return ends


def spans(numbers: Sequence[int]) -> str:
    """Return ascending whole numbers as people write them; of many, the ends and how many.

    >>> spans([1, 3, 4, 5, 9])
    '1, 3–5, 9'
    >>> spans([1, 3, 5, 7])
    '1–7 (4)'
    """
    runs = find_runs(numbers)
    if len(runs) > _RUNS:
        return f"{numbers[0]}–{numbers[-1]} ({len(numbers)})"
    return ", ".join("–".join(map(str, dict.fromkeys(run))) for run in runs)


def _cell(value: float | str | None) -> CellValue:
    """Return what a cell holds; it has one kind of number, and no NaN."""
    if value is None or isinstance(value, str):
        return value
    return None if np.isnan(value) else float(value)


def _in_words(choice: Choice) -> str:
    """Return a choice with its options, as far as there is room."""
    labels = [variation.label for variation in choice.variations]
    rest = f" … ({len(labels)})" if len(labels) > _LISTED else ""
    return f"{choice.name}={','.join(labels[:_LISTED])}{rest}"
