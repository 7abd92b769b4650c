"""The statistical audit of an index: per node what the JRC's audits look at, with their limits."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from xlcity.assess.statistics import (
    HIGH,
    LEAST_AVAILABLE,
    LOW,
    alphas,
    components,
    indicator_statistics,
    measure_availability,
    population_rows,
)
from xlcity.functions.correlate import fit_line
from xlcity.functions.treat import KURT_LIMIT, SKEW_LIMIT
from xlcity.index import IndexResult
from xlcity.index.steps import effective_weights

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
    shares = effective_weights(tree, result.recipe)
    statistics = {
        line.indicator: line
        for line in indicator_statistics(result)
        if line.population == population
    }
    coverage = {
        line.node: line.share
        for line in measure_availability(result)[1]
        if line.population == population
    }
    alpha = alphas(result, population)
    pca = components(result, population)
    audits = []
    for node in tree.tree_order:
        code = node.code
        nan = float("nan")
        skew = kurt = treated = weight = ratio = r_elsewhere = nan
        if code in statistics:
            line = statistics[code]
            skew = line.skew
            kurt = line.kurt
            treated = float(line.treated)
        if node.parent:
            siblings = [sibling.code for sibling in tree.children(node.parent)]
            weight = shares[code] / sum(shares[sibling] for sibling in siblings)
            squares = sum(r_above[sibling] ** 2 for sibling in siblings)
            ratio = r_above[code] ** 2 / squares / weight if squares and weight else nan
            depth = tree.depth(node.parent)
            others = [
                fit_line(scores[n.code], scores[code]).r
                for n in tree.tree_order
                if tree.depth(n.code) == depth
                and n.code != node.parent
                and not tree.is_indicator(n.code)
            ]
            r_elsewhere = float(np.fmax.reduce(others)) if others else nan
        children = [child.code for child in tree.children(code)]
        r = [
            fit_line(scores[b], scores[a]).r for a, b in combinations(children, 2)
        ] or [nan]
        variance = np.array(pca[code].variance if code in pca else [nan])
        audits.append(
            NodeAudit(
                node=code,
                population=population,
                coverage=coverage[code],
                skew=skew,
                kurt=kurt,
                treated=treated,
                weight=weight,
                r_above=r_above.get(code, nan),
                r_elsewhere=r_elsewhere,
                importance=r_above.get(code, nan) ** 2,
                ratio=ratio,
                children=float(len(children)) or nan,
                mean_r=float(np.mean(r)),
                lowest_r=float(np.min(r)),
                highest_r=float(np.max(r)),
                alpha=alpha[code][0] if code in alpha else nan,
                component=float(variance[0]),
                factors=float((variance * len(children) > 1 + 1e-9).sum())
                if code in pca
                else nan,
            )
        )
    return tuple(audits)
