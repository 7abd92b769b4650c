"""Groups of units, ranked afresh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.functions.rank import rank_competition
from xlcity.index.rank_keys import tie_rule
from xlcity.index.result import IndexResult
from xlcity.model.dataset import FloatArray


def ranks_among(
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
