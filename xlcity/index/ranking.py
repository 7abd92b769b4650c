"""How units are ranked: keys, the rule for ties, ranks in a population or among some units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import round_excel
from xlcity.index.result import IndexResult
from xlcity.methods.record import Settings
from xlcity.model.dataset import FloatArray, StateArray, Unit
from xlcity.model.recipe import Recipe, Step

#: How a node is ranked that no step names.
_UNNAMED = Step("rank", "competition")


def rank_keys(
    recipe: Recipe, nodes: Sequence[str], scores: FloatArray
) -> tuple[FloatArray, list[str]]:
    """Return the keys of (n, nodes) scores, and the rule for ties of each node."""
    keys = np.empty(scores.shape)
    rules = []
    for column, node in enumerate(nodes):
        keys[:, column], rule = rank_key(recipe, node, scores[:, column])
        rules.append(rule)
    return keys, rules


def rank_key(recipe: Recipe, node: str, scores: FloatArray) -> tuple[FloatArray, str]:
    """Return the keys of one node's scores, of any shape, and its rule for ties."""
    settings = rank_settings(recipe, node)
    keys = round_excel(scores, int(settings.number("digits")))
    if (coarse := settings.optional("round_to")) is not None:
        keys = round_excel(keys, int(coarse))
    return keys, settings.text("ties")


def tie_rule(recipe: Recipe, code: str) -> str:
    """Return the rule for ties of a node or an indicator."""
    return rank_settings(recipe, code).text("ties")


def rank_settings(recipe: Recipe, code: str) -> Settings:
    """Return the parameters by which a node or an indicator is ranked."""
    return (recipe.step_for("rank", code) or _UNNAMED).settings()


def rank_units(
    units: Sequence[Unit], keys: FloatArray, ties: Sequence[str], states: StateArray
) -> np.ndarray:
    """Return (n, nodes) ranks inside each population; 0 where there is none."""
    populations = [unit.population for unit in units]
    ranks = rank_competition(keys, ties=ties, groups=populations, states=states).values
    return np.nan_to_num(ranks).astype(np.int64)


def rank_among(
    result: IndexResult, code: str, rows: Sequence[int], keys: FloatArray | None = None
) -> list[int]:
    """Return the ranks of some scored units among themselves, by the rule that ranks a node.

    Parameters
    ----------
    keys
        (units,) what is ranked; None: the keys of the node.
    """
    # The order of the units may settle ties.
    inside = np.sort(np.array(rows, dtype=np.int64))
    every = result.keys[:, result.node_codes.index(code)] if keys is None else keys
    ranks = rank_competition(every[inside], ties=tie_rule(result.recipe, code)).values.ravel()
    places = dict(zip(inside.tolist(), ranks.tolist(), strict=True))
    return [int(places[row]) for row in rows]
