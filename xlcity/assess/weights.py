"""How far weights may move before ranks change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from xlcity.assess.plan import Plan
from xlcity.functions.block import Matrix
from xlcity.index.steps import child_weights, overall
from xlcity.methods.rescale import MEAN_OF_SCALED


@dataclass(frozen=True, slots=True)
class Overtaking:
    """The weight of a node from which on a city is level with the next one above it.

    `share` is that weight as a share of all weights of the group, the others unchanged.
    """

    unit: str
    above: str
    node: str
    weight: float
    share: float


def overtakings(plan: Plan) -> tuple[Overtaking, ...]:
    """Return the weights at which each city draws level with the one before it, node by node.

    Empty where the assessed node is not an arithmetic mean with weights of the framework.
    """
    scores, weights = _linear(plan)
    if weights is None:
        return ()
    children = plan.framework.children(plan.node)
    units, found = plan.dataset.units, []
    for population in plan.dataset.populations:
        rows = [plan.dataset.row(unit) for unit in plan.base.order(plan.node, population)]
        for ahead, behind in pairwise(rows):
            lead = scores[ahead] - scores[behind]
            if np.isnan(lead).any():
                continue
            for at, child in enumerate(children):
                # The lead is 0 at this weight, all others as they are.
                with np.errstate(all="ignore"):
                    level = weights[at] - (weights @ lead) / lead[at]
                if not np.isfinite(level) or level < 0:
                    continue
                share = level / (weights.sum() - weights[at] + level)
                found.append(
                    Overtaking(
                        units[behind].id, units[ahead].id, child.code, float(level), float(share)
                    )
                )
    return tuple(found)


def top_margins(plan: Plan, sizes: tuple[int, ...]) -> dict[int, float]:
    """Return how far all weights of the group may move before the first k cities change.

    Each weight may be larger or smaller by this share of itself, in any combination: below it no
    city enters the first k. Infinite where no weights do; empty as for `overtakings`.
    """
    scores, weights = _linear(plan)
    found: dict[int, float] = {}
    if weights is None:
        return found
    ranks = plan.base.rank(plan.node)
    for k in sizes:
        margin = np.inf
        for rows in plan.dataset.populations.values():
            inside = rows[(ranks[rows] > 0) & (ranks[rows] <= k)]
            outside = rows[ranks[rows] > k]
            lead = scores[inside][:, None, :] - scores[outside][None, :, :]
            with np.errstate(all="ignore"):
                shares = (lead @ weights) / (np.abs(lead) @ weights)
            margin = min(margin, float(np.nanmin(shares, initial=np.inf)))
        found[k] = margin if margin < 1 else np.inf
    return found


def _linear(plan: Plan) -> tuple[Matrix, Matrix | None]:
    """Return (units, children) scores of an arithmetic mean and its weights, None for another."""
    base, code = plan.base, plan.node
    step, rescale = plan.recipe.step_for("aggregate", code), plan.recipe.step_for("rescale", code)
    if step is None or step.method != "arithmetic" or step.get("weights") == "leaves":
        return np.empty((0, 0)), None
    scaled = step.get("children") == "scores"
    if rescale is not None and code == plan.framework.root.code:
        scaled |= overall(rescale) == MEAN_OF_SCALED
    columns = []
    for child in plan.framework.children(code):
        inner = not scaled and child.code in base.node_codes
        columns.append(
            base.aggregates[:, base.node_codes.index(child.code)]
            if inner
            else base.column(child.code)
        )
    return np.column_stack(columns), np.array(child_weights(base.framework, code, step))
