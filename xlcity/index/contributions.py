"""How much each indicator contributes to a score."""

from __future__ import annotations

import numpy as np

from xlcity.index.aggregate import child_weights
from xlcity.index.result import IndexResult
from xlcity.model.dataset import FloatArray, State


def contributions(result: IndexResult, code: str | None = None) -> FloatArray:
    """Return the points that each indicator adds to the score of a node.

    Parameters
    ----------
    result
        An index whose nodes are arithmetic means down from `code`.
    code
        The composite; None is the root.

    Returns
    -------
    ndarray
        (n, leaves): rows sum to the score, before it is rescaled. NaN in the rows of units without
        one, and where a node on the way has a value of its own, which no indicator explains; 0 for
        indicators elsewhere.

    Raises
    ------
    ValueError
        If a node on the way is not an arithmetic mean: then a score is not a sum of parts.
    """
    top = result.framework.root.code if code is None else code
    shares = _shares(result, top)
    explained = np.where(shares == 0, 0.0, shares * result.normalised)
    computed = result.states(top) == State.VALUE
    return np.where(computed[:, None], explained, np.nan)


def _shares(result: IndexResult, code: str) -> FloatArray:
    """Return the effective weight of each leaf in a node, unit by unit."""
    framework = result.framework
    shares = np.zeros(result.normalised.shape)
    if framework.is_indicator(code):
        shares[:, result.leaf_codes.index(code)] = 1.0
        return shares
    step = result.recipe.step_for("aggregate", code)
    if step is None or step.method != "arithmetic":
        raise ValueError(
            f"{code} is not an arithmetic mean: its score is not a sum of contributions"
        )
    children = framework.children(code)
    counted = np.array([result.states(child.code) == State.VALUE for child in children]).T
    if step.get("missing", "na") == "zero":
        counted |= np.array([result.states(child.code) == State.MISSING for child in children]).T
    weights = counted * np.array(child_weights(framework, code, step))
    with np.errstate(all="ignore"):
        weights = weights / weights.sum(axis=1, keepdims=True)
    for place, child in enumerate(children):
        # A child that is not counted adds nothing, whatever its own parts are.
        part = weights[:, place, None] * _shares(result, child.code)
        shares += np.where(counted[:, place, None], part, 0.0)
    direct = {mark.unit for mark in result.marks if mark.kind == "direct" and mark.code == code}
    rows = [row for row, unit in enumerate(result.dataset.units) if unit.id in direct]
    below = [result.leaf_codes.index(leaf.code) for leaf in framework.leaves_below(code)]
    shares[np.ix_(rows, below)] = np.nan
    return shares
