"""The JSON document of an assessment."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity.assess.availability import LEAST, availability
from xlcity.assess.clusters import dendrogram
from xlcity.assess.statistics import alphas, components, correlations, indicator_statistics

if TYPE_CHECKING:
    from xlcity.api.assessment import Assessment
    from xlcity.assess.sensitivity import SobolIndices


def document(found: Assessment) -> dict[str, Any]:
    """Return everything that an assessment says; see `docs/reference/assessment.md`."""
    plan, made = found.plan, found.uncertainty
    ids = [unit.id for unit in plan.dataset.units]
    return {
        "replicates": made.replicates,
        "seed": plan.seed,
        "seconds": found.seconds,
        "node": plan.node,
        "choices": found.choices,
        "synthetic": plan.dataset.synthetic,
        "units": found.unit_rows(),
        "above": {"units": ids, "p": made.above.tolist()},
        "groups": [list(group) for group in made.groups],
        "convergence": [
            {"replicates": count, "median": median, "interval": interval}
            for count, median, interval in made.convergence
        ],
        "leave_one_out": [asdict(one) for one in found.leave_one_out],
        "sensitivity": {} if found.sobol is None else _by_choice(found, found.sobol),
        "city_sensitivity": {
            unit: _by_choice(found, shares) for unit, shares in found.city_sobol.items()
        },
        "overtaking": [asdict(one) for one in found.overtakings],
        "top_margins": found.top_margins,
        "decisive_data": [asdict(one) for one in found.decisive_data],
        "compare": [
            {
                "variant": one.variant,
                "mean_shift": one.mean_shift,
                "max_shift": one.max_shift,
                "kendall": one.kendall,
                "ranks": {
                    unit: int(rank) or None for unit, rank in zip(ids, one.ranks, strict=True)
                },
            }
            for one in found.comparisons
        ],
        **statistics_document(found),
    }


def _by_choice(found: Assessment, shares: SobolIndices) -> dict[str, Any]:
    return {
        choice.name: {
            "first": shares.first[at],
            "total": shares.total[at],
            "first_interval": shares.first_interval[at].tolist(),
            "total_interval": shares.total_interval[at].tolist(),
        }
        for at, choice in enumerate(found.plan.choices)
    }


def statistics_document(found: Assessment) -> dict[str, Any]:
    """Return what can be said before anything varies; `populations` has the groups after the first.

    Their correlations and outside measures are in one list with those of the first.
    """
    result = found.plan.base
    first, *others = result.populations
    with np.errstate(all="ignore"):
        related = [one for name in result.populations for one in correlations(result, name)]
        own = {name: _of_population(found, name) for name in result.populations}
    units, nodes = availability(result)
    return {
        "statistics": [asdict(one) for one in indicator_statistics(result)],
        "availability": {
            "least": LEAST,
            "units": [asdict(one) for one in units],
            "nodes": [asdict(one) for one in nodes],
        },
        "correlations": [asdict(one) for one in related],
        **own[first],
        "populations": {name: own[name] for name in others},
        "outside": [asdict(one) for one in found.explanations],
        "editions": {
            "units": [asdict(one) for one in found.editions[0]],
            "convergence": [asdict(one) for one in found.editions[1]],
        },
    }


def _of_population(found: Assessment, population: str) -> dict[str, Any]:
    """Return how nodes hang together in one group of cities, and which of its cities are alike."""
    result = found.plan.base
    alpha, pca = alphas(result, population), components(result, population)
    tree, peers = dendrogram(result, population), found.peers(population)
    return {
        "alpha": {node: whole for node, (whole, _) in alpha.items()},
        "alpha_without": {node: less for node, (_, less) in alpha.items()},
        "pca": {node: asdict(one) for node, one in pca.items()},
        "clusters": None if tree is None else asdict(tree),
        "peers": None if peers is None else asdict(peers),
    }
