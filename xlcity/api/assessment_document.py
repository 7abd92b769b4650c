"""The JSON document of an assessment."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

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
    """Return what can be said before anything varies; correlations are those of the first group."""
    result = found.plan.base
    population = result.populations[0]
    with np.errstate(all="ignore"):
        alpha = alphas(result, population)
        pca = components(result, population)
        related = correlations(result, population)
    return {
        "statistics": [asdict(one) for one in indicator_statistics(result)],
        "correlations": [asdict(one) for one in related],
        "alpha": {node: whole for node, (whole, _) in alpha.items()},
        "alpha_without": {node: less for node, (_, less) in alpha.items()},
        "pca": {node: asdict(one) for node, one in pca.items()},
    }
