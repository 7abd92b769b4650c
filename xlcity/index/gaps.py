"""Which scores rest on gaps: on indicators that are missing, or that a rule estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from xlcity.index.result import IndexResult
from xlcity.model.dataset import State

#: What stands behind a score or a rank that rests on a missing, or on an estimated indicator.
MISSING, ESTIMATED = "†", "‡"
#: Marks of an indicator that was made although parts of it are missing.
_PARTS_MISSING = ("renormalised", "zero")

BoolArray = NDArray[np.bool_]


class ScoreGaps:
    """Knows for every score which of its indicators are missing or estimated.

    What lies below a node with a value of its own does not count.

    Parameters
    ----------
    result
        The index.
    """

    def __init__(self, result: IndexResult) -> None:
        self._result = result
        self._row = {unit.id: row for row, unit in enumerate(result.dataset.units)}
        self._direct = {(m.unit, m.code) for m in result.marks if m.kind == "direct"}
        missing = result.raw_states != State.VALUE
        estimated = np.zeros_like(missing)
        tree = result.framework
        leaf_of = {leaf.code: leaf.code for leaf in tree.indicators}
        for leaf in tree.indicators:
            leaf_of |= {part.code: leaf.code for part in tree.ingredients_of(leaf.code)}
        for mark in result.marks:
            code = leaf_of.get(mark.code)
            if code is None or mark.unit not in self._row:
                continue
            at = self._row[mark.unit], result.leaf_codes.index(code)
            estimated[at] |= mark.kind == "imputed"
            missing[at] |= mark.kind in _PARTS_MISSING
            # What has no rating is rated so by the method.
            missing[at] &= mark.kind not in ("imputed", "unrated")
        self._missing, self._estimated = self._of_nodes(missing), self._of_nodes(estimated)

    def _of_nodes(self, leaves: BoolArray) -> dict[str, NDArray[np.int64]]:
        """Return for every node how many indicators below it are so, city by city."""
        tree, codes = self._result.framework, self._result.leaf_codes
        counts = {code: leaves[:, at].astype(np.int64) for at, code in enumerate(codes)}
        for node in reversed(tree.composites):
            counts[node.code] = sum(
                (counts[child.code] for child in tree.children(node.code)),
                np.zeros(len(leaves), dtype=np.int64),
            )
            for unit, code in self._direct:
                if code == node.code and unit in self._row:
                    counts[code][self._row[unit]] = 0
        return counts

    def missing(self, row: int, code: str) -> int:
        """Return how many indicators of a city's score in a node are missing."""
        return int(self._missing[code][row])

    def estimated(self, row: int, code: str) -> int:
        """Return how many indicators of a city's score in a node are estimated."""
        return int(self._estimated[code][row])

    def mark(self, rows: int | Sequence[int], code: str) -> str:
        """Return what stands behind one or several cities' scores in a node; "" without a gap."""
        marks = MISSING * bool(np.any(self._missing[code][rows]))
        return marks + ESTIMATED * bool(np.any(self._estimated[code][rows]))
