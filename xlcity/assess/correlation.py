"""Correlation of the scores of nodes with one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.assess.scores import default_codes, score_block
from xlcity.functions.correlate import pearson_matrix
from xlcity.index import IndexResult
from xlcity.model.dataset import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """Correlation of k nodes.

    Parameters
    ----------
    codes
        The k nodes.
    r, p
        (k, k) Pearson coefficients and their two-sided significance; NaN where there is none (the
        diagonal of `p` among them).
    n
        (k, k) units that count.
    """

    codes: tuple[str, ...]
    r: FloatArray
    p: FloatArray
    n: np.ndarray

    def at(self, one: str, other: str) -> tuple[float, float, int]:
        """Return r, p and n of two nodes."""
        place = self.codes.index(one), self.codes.index(other)
        return float(self.r[place]), float(self.p[place]), int(self.n[place])

    def flag(self, one: str, other: str) -> str:
        """Return "**" for p < .01, "*" for p < .05, else ""."""
        p = self.at(one, other)[1]
        return "**" if p < 0.01 else "*" if p < 0.05 else ""


def correlate(
    result: IndexResult, codes: Sequence[str] | None = None, population: str = "main"
) -> Correlation:
    """Return the correlation of nodes over the units of one population.

    Parameters
    ----------
    codes
        The nodes; None = those right under the root.
    """
    chosen = tuple(codes) if codes is not None else default_codes(result)
    values, states = score_block(result, chosen, population)
    r, p, n = (pearson_matrix(values, what, states=states).values for what in ("r", "p", "n"))
    return Correlation(chosen, r, p, n.astype(np.int64))
