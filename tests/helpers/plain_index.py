"""An index computed by numpy alone: what stories are recomputed from uses nothing of the package.

For the methods of the two model indices: z-scores with a limit, goalposts, gaps closed by the mean
of a city's other scores, weighted arithmetic or geometric means, dimensions scaled from 60 to 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

Column = np.ndarray


@dataclass(frozen=True)
class Node:
    """A node of the tree: its place, its weight beside others, its names, its goalposts."""

    code: str
    parent: str
    weight: float
    direction: int
    names: tuple[str, str]
    posts: tuple[float, float] = (np.nan, np.nan)


@dataclass(frozen=True)
class PlainMethod:
    """How an index is made."""

    normalise: str
    mean: str = "arithmetic"
    limit: float = 0.0
    has_imputed: bool = False
    is_rescaled: bool = False


@dataclass(frozen=True)
class PlainIndex:
    """Values of indicators, and how scores are made of them; some may have scores already."""

    nodes: Mapping[str, Node]
    values: Mapping[str, Column]
    method: PlainMethod
    weights: Mapping[str, float] = field(default_factory=dict)
    given: Mapping[str, Column] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The node without a parent."""
        return next(code for code, node in self.nodes.items() if not node.parent)

    def children(self, code: str) -> list[str]:
        """Return the children of a node that any indicator is below."""
        below = [own.code for own in self.nodes.values() if own.parent == code]
        return [own for own in below if own in self.values or self.children(own)]

    def shares(self, code: str) -> dict[str, float]:
        """Return the share of each child in a node."""
        below = self.children(code)
        own = {
            child: self.weights.get(child, self.nodes[child].weight) for child in below
        }
        return {child: weight / sum(own.values()) for child, weight in own.items()}

    def scores(self) -> dict[str, Column]:
        """Return the scores of all nodes; NaN where a city has none."""
        scores = {code: self._normalised(code) for code in self.values}
        if self.method.has_imputed:
            scores = self._imputed(scores)
        for code in reversed([*self.nodes]):
            if code not in (self.root, *self.values) and self.children(code):
                scores[code] = self._mean(code, scores)
        if self.method.is_rescaled:
            scores |= {own: _scaled(scores[own]) for own in self.children(self.root)}
        return scores | {self.root: self._mean(self.root, scores)}

    def without(self, code: str) -> PlainIndex:
        """Return the index without an indicator."""
        return replace(self, values={k: v for k, v in self.values.items() if k != code})

    def reweighted(self, weights: Mapping[str, float]) -> PlainIndex:
        """Return the index with other weights."""
        return replace(self, weights={**self.weights, **weights})

    def by(self, **changes: object) -> PlainIndex:
        """Return the index made by another method."""
        return replace(self, method=replace(self.method, **changes))

    def _normalised(self, code: str) -> Column:
        if code in self.given:
            return self.given[code]
        x = self.values[code]
        way = self.nodes[code].direction
        known = np.isfinite(x)
        if self.method.normalise == "zscore":
            z = way * (x - np.nanmean(x)) / np.nanstd(x)
            limit = self.method.limit or np.inf
            return np.clip(z, -limit, limit)
        if self.method.normalise == "rank":
            below = [np.sum(way * x[known] < way * own) + 1 for own in x]
            return np.where(known, 100 * np.array(below) / known.sum(), np.nan)
        low, high = np.nanmin(x), np.nanmax(x)
        base = 0.0
        if self.method.normalise == "goalposts":
            low, high = self.nodes[code].posts
            base = 1.0
        share = np.clip((x - low) / (high - low), 0, 1)
        return base + (100 - base) * (share if way > 0 else 1 - share)

    def _imputed(self, scores: Mapping[str, Column]) -> dict[str, Column]:
        closed = dict(scores)
        for part in self.children(self.root):
            codes = self.children(part)
            block = np.array([scores[code] for code in codes])
            count = np.isfinite(block).sum(axis=0)
            mean = np.nansum(block, axis=0) / np.where(count, count, np.nan)
            closed |= {
                c: np.where(np.isfinite(scores[c]), scores[c], mean) for c in codes
            }
        return closed

    def _mean(self, code: str, scores: Mapping[str, Column]) -> Column:
        shares = self.shares(code)
        block = np.array([scores[child] for child in shares])
        weights = np.array([*shares.values()])[:, None] * np.isfinite(block)
        if self.method.normalise != "goalposts":
            weights = np.where(np.isfinite(block).all(axis=0), weights, np.nan)
        total = weights.sum(axis=0)
        if self.method.mean == "geometric":
            return np.exp(np.nansum(weights * np.log(block), axis=0) / total)
        return np.nansum(weights * block, axis=0) / total


def _scaled(x: Column) -> Column:
    """Return scores from 60 to 100."""
    return 60 + 40 * (x - np.nanmin(x)) / (np.nanmax(x) - np.nanmin(x))


def ranks(scores: Column, decimals: int) -> Column:
    """Return the ranks of scores that are rounded half up; 0 without one."""
    keys = np.floor(scores * 10**decimals + 0.5 + 1e-9)
    return np.array([np.sum(keys > own) + 1 if own == own else 0 for own in keys])


def read_nodes(rows: Sequence[Mapping[str, str]]) -> dict[str, Node]:
    """Return the nodes of a framework."""
    return {row["code"]: _read_node(row) for row in rows}


def _read_node(row: Mapping[str, str]) -> Node:
    low, high = (row.get(f"goalpost_{end}") or "nan" for end in ("low", "high"))
    return Node(
        row["code"],
        row["parent"],
        _number(row["weight"]),
        int(row.get("direction") or 1),
        (row["name_zh"], row.get("name_en", "")),
        (float(low), float(high)),
    )


def _number(text: str) -> float:
    numerator, _, denominator = text.partition("/")
    return float(numerator) / float(denominator or 1)
