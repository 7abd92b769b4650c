"""The statistical audit of an index: per node what the JRC's audits look at, with their limits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np

from xlcity.assess.statistics import (
    HIGH,
    LEAST_AVAILABLE,
    LOW,
    Components,
    IndicatorStatistics,
    alphas,
    components,
    indicator_statistics,
    measure_availability,
    population_rows,
)
from xlcity.functions.block import Matrix
from xlcity.functions.correlate import fit_line
from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT
from xlcity.index import IndexResult
from xlcity.index.steps import effective_weights
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node

#: Limits of what is audited; `factors` are components with an eigenvalue above 1, and the ratio of
#: importance to weight may also be the reciprocal of its limit.
LIMITS = {
    "coverage": LEAST_AVAILABLE,
    "skew": SKEW_LIMIT,
    "kurt": KURT_LIMIT,
    "r_above": LOW,
    "ratio": 0.5,
    "highest_r": HIGH,
    "alpha": 0.7,
    "factors": 1.0,
}


@dataclass(frozen=True, slots=True)
class NodeAudit:
    """What an audit says of one node in one group of cities; NaN where there is no such number.

    Attributes
    ----------
    coverage
        Share of the values of its indicators that are there.
    skew, kurt, treated
        Skewness and kurtosis of an indicator's values, and how many of them the recipe treats.
    weight
        Its share in the weights of its siblings.
    r_above, r_elsewhere
        Correlation of its scores with those of the node above, and the largest with another node
        of that one's level.
    importance, ratio
        Pearson's correlation ratio, linear: `r_above` squared. Its share among the siblings,
        divided by `weight`.
    children, mean_r, lowest_r, highest_r, alpha
        How many children, their correlations with one another, and Cronbach's alpha.
    component, factors
        Share of the variance of their first principal component; components with an eigenvalue
        above 1.
    """

    node: str
    population: str
    coverage: float
    skew: float
    kurt: float
    treated: float
    weight: float
    r_above: float
    r_elsewhere: float
    importance: float
    ratio: float
    children: float
    mean_r: float
    lowest_r: float
    highest_r: float
    alpha: float
    component: float
    factors: float

    @property
    def findings(self) -> tuple[str, ...]:
        """What is beyond a limit, one word each; comparisons with NaN find nothing."""
        limits = LIMITS
        is_beyond = {
            "coverage": self.coverage < limits["coverage"],
            "skewed": abs(self.skew) >= limits["skew"]
            and self.kurt >= limits["kurt"]
            and not self.treated,
            "negative": self.r_above < 0,
            "weak": 0 <= self.r_above < limits["r_above"],
            "elsewhere": self.r_elsewhere > self.r_above,
            "unbalanced": self.ratio < limits["ratio"]
            or self.ratio > 1 / limits["ratio"],
            "redundant": self.highest_r > limits["highest_r"],
            "alpha": self.alpha < limits["alpha"],
            "factors": self.factors > limits["factors"],
        }
        return tuple(word for word, is_so in is_beyond.items() if is_so)


def audit_nodes(result: IndexResult, population: str) -> tuple[NodeAudit, ...]:
    """Return the audit of every node in the order of the framework, for a group of cities.

    Notes
    -----
    Limits of the JRC's audits: coverage 65 %; |skewness| 2 and kurtosis 3.5; correlations from 0.3
    to 0.92; alpha 0.7; one component with an eigenvalue above 1. Each node shall correlate with the
    node above it more than with others of that level, and be as important as its weight says.

    References
    ----------
    Paruolo, Saisana, Saltelli (2013), Ratings and rankings: voodoo or science?, JRSS A 176(3);
    JRC (2020), Statistical audit of the Global Innovation Index.
    """
    tree = result.framework
    rows = population_rows(result, population)
    scores = {node.code: result.column(node.code)[rows] for node in tree.tree_order}
    r_above = {
        node.code: fit_line(scores[node.parent], scores[node.code]).r
        for node in tree.tree_order
        if node.parent
    }
    statistics = {
        line.indicator: line
        for line in indicator_statistics(result)
        if line.population == population
    }
    _, availability = measure_availability(result)
    coverage = {
        line.node: line.share for line in availability if line.population == population
    }
    alpha_and_without = alphas(result, population)
    evidence = _Evidence(
        tree=tree,
        population=population,
        scores=scores,
        r_above=r_above,
        shares=effective_weights(tree, result.recipe),
        statistics=statistics,
        coverage=coverage,
        alpha={code: found[0] for code, found in alpha_and_without.items()},
        pca=components(result, population),
    )
    return tuple(_audit_node(evidence, node) for node in tree.tree_order)


class _Evidence(NamedTuple):
    """What an audit is made from, by node, of one group of cities."""

    tree: Framework
    population: str
    #: (n,) scores.
    scores: Mapping[str, Matrix]
    #: Correlation with the node right above.
    r_above: Mapping[str, float]
    #: Effective weights.
    shares: Mapping[str, float]
    statistics: Mapping[str, IndicatorStatistics]
    #: Shares of values that are there.
    coverage: Mapping[str, float]
    #: Cronbach's alpha of the children.
    alpha: Mapping[str, float]
    pca: Mapping[str, Components]


def _audit_node(evidence: _Evidence, node: Node) -> NodeAudit:
    """Return the audit of one node."""
    tree = evidence.tree
    code = node.code
    nan = float("nan")
    line = evidence.statistics.get(code)
    above = _audit_against_parent(evidence, node)
    children = [child.code for child in tree.children(code)]
    r = [
        fit_line(evidence.scores[b], evidence.scores[a]).r
        for a, b in combinations(children, 2)
    ] or [nan]
    audit = NodeAudit(
        node=code,
        population=evidence.population,
        coverage=evidence.coverage[code],
        skew=line.skew if line else nan,
        kurt=line.kurt if line else nan,
        treated=float(line.treated) if line else nan,
        weight=above.weight,
        r_above=above.r,
        r_elsewhere=above.r_elsewhere,
        importance=above.r**2,
        ratio=above.ratio,
        children=float(len(children)) or nan,
        mean_r=float(np.mean(r)),
        lowest_r=float(np.min(r)),
        highest_r=float(np.max(r)),
        alpha=evidence.alpha.get(code, nan),
        component=nan,
        factors=nan,
    )
    if code not in evidence.pca:
        return audit
    variance = np.array(evidence.pca[code].variance)
    # As eigenvalues: a factor explains more than a single child does.
    counts_as_factor = variance * len(children) > 1 + 1e-9
    return replace(
        audit,
        component=float(variance[0]),
        factors=float(counts_as_factor.sum()),
    )


class _AgainstParent(NamedTuple):
    """What a node weighs and says in the node above it: see `NodeAudit`."""

    weight: float = math.nan
    r: float = math.nan
    ratio: float = math.nan
    r_elsewhere: float = math.nan


def _audit_against_parent(evidence: _Evidence, node: Node) -> _AgainstParent:
    """Return what a node weighs and says in the node above it; NaN for the root."""
    if not node.parent:
        return _AgainstParent()
    tree = evidence.tree
    r_above = evidence.r_above
    siblings = [sibling.code for sibling in tree.children(node.parent)]
    weight_sum = sum(evidence.shares[sibling] for sibling in siblings)
    weight = evidence.shares[node.code] / weight_sum
    squares = sum(r_above[sibling] ** 2 for sibling in siblings)
    r = r_above[node.code]
    others = [
        fit_line(evidence.scores[other], evidence.scores[node.code]).r
        for other in _composites_beside(tree, node.parent)
    ]
    return _AgainstParent(
        weight=weight,
        r=r,
        ratio=r**2 / squares / weight if squares and weight else math.nan,
        r_elsewhere=float(np.fmax.reduce(others)) if others else math.nan,
    )


def _composites_beside(tree: Framework, code: str) -> list[str]:
    """Return the other nodes as deep as one that are no indicators."""
    depth = tree.depth(code)
    beside = [node.code for node in tree.tree_order if tree.depth(node.code) == depth]
    return [other for other in beside if other != code and not tree.is_indicator(other)]
