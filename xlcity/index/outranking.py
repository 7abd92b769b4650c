"""By how much each unit is ahead of each other in the children of a node."""

from __future__ import annotations

import numpy as np

from xlcity.functions.outranking import outranking_matrix
from xlcity.index.aggregate import child_weights
from xlcity.index.result import IndexResult
from xlcity.model.dataset import FloatArray
from xlcity.model.recipe import Step


def outranking(result: IndexResult, code: str) -> FloatArray:
    """Return (units, units) shares of the weights; NaN between groups and without a result.

    A confirmed gap counts as the node's step `aggregate` says: it ties with everything, or leaves
    the unit out.
    """
    step = result.recipe.step_for("aggregate", code) or Step("aggregate", "arithmetic")
    missing = "na" if step.get("missing", "na") in ("na", "refuse") else "renormalise"
    children = [child.code for child in result.framework.children(code)]
    weights = child_weights(result.framework, code, step)
    values = np.column_stack([result.column(child) for child in children])
    states = np.column_stack([result.states(child) for child in children])
    made = np.full((len(values), len(values)), np.nan)
    for rows in result.dataset.populations.values():
        found = outranking_matrix(values[rows], weights, missing, states=states[rows])
        made[np.ix_(rows, rows)] = found.values
    return made
