"""What is read out of an index: contributions of indicators, gaps behind scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xlcity.index.result import IndexResult, Mark, PairResult
from xlcity.index.steps import child_weights, overall_reading
from xlcity.messages import Message
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import MEAN_OF_SCALED, SCALED
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
    shares = _leaf_shares(result, top)
    explained = np.where(shares == 0, 0.0, shares * result.normalised)
    computed = result.states(top) == State.VALUE
    return np.where(computed[:, None], explained, np.nan)


def _leaf_shares(result: IndexResult, code: str) -> FloatArray:
    """Return (units, leaves) share of each indicator's score in the node `code`, unit by unit.

    Children that are not counted pass their weight on to the others. 0 for indicators elsewhere;
    NaN below a node that has a value of its own.
    """
    framework = result.framework
    shares = np.zeros(result.normalised.shape)
    if framework.is_indicator(code):
        shares[:, result.leaf_codes.index(code)] = 1.0
        return shares
    step = result.recipe.step_for("aggregate", code)
    if step is None or not find_method(Aggregation, step.method).adds_up:
        raise ValueError(Message("node.no_arithmetic_mean", code=code))
    children = framework.children(code)
    states = np.column_stack([result.states(child.code) for child in children])
    is_counted = states == State.VALUE
    if step.get("missing", "na") == "zero":
        is_counted |= states == State.MISSING
    weights = is_counted * np.array(child_weights(framework, code, step))
    with np.errstate(all="ignore"):
        weights = weights / weights.sum(axis=1, keepdims=True)
    for column, child in enumerate(children):
        # A child that is not counted adds nothing, whatever its own parts are.
        child_shares = weights[:, column, None] * _leaf_shares(result, child.code)
        shares += np.where(is_counted[:, column, None], child_shares, 0.0)
    units = result.dataset.units
    own_values = result.own_values
    has_own_value = [(unit.id, code) in own_values for unit in units]
    leaf_columns = [
        result.leaf_codes.index(leaf.code) for leaf in framework.leaves_below(code)
    ]
    shares[np.ix_(has_own_value, leaf_columns)] = np.nan
    return shares


def scaled_contributions(result: IndexResult, code: str | None = None) -> FloatArray:
    """Return the points that each indicator adds to the score of a node as it is rescaled.

    Parameters
    ----------
    result
        An index.
    code
        The composite; None is the root.

    Returns
    -------
    ndarray
        (n, leaves): as `contributions`, each times what a point of it is on the scale. Rows sum to
        the score less a shift that is the same for all cities.

    Raises
    ------
    ValueError
        If a node on the way is not an arithmetic mean.
    """
    root = result.framework.root.code
    top = root if code is None else code
    parts = contributions(result, top)
    if is_rescaled(result, top):
        return parts * scale_factors(result, top)[:, None]
    step = result.recipe.step_for("rescale", root)
    if top != root or overall_reading(step) != MEAN_OF_SCALED:
        return parts
    for child in result.framework.children(root):
        if child.code in result.node_codes:
            leaves = result.framework.leaves_below(child.code)
            columns = [result.leaf_codes.index(leaf.code) for leaf in leaves]
            parts[:, columns] *= scale_factors(result, child.code)[:, None]
    return parts


def is_rescaled(result: IndexResult, code: str) -> bool:
    """Tell whether the scores of a node are its aggregates on another scale."""
    step = result.recipe.step_for("rescale", code)
    is_root = code == result.framework.root.code
    return step is not None and (not is_root or overall_reading(step) == SCALED)


def scale_factors(result: IndexResult, code: str) -> FloatArray:
    """Return (units,) by how many points a node's score grows with a point of its aggregate.

    All methods to rescale are linear in each group of cities; 1 where all aggregates are equal.
    """
    factors = np.ones(len(result.dataset.units))
    aggregates = result.aggregate(code)
    scores = result.column(code)
    groups = np.array([unit.population for unit in result.dataset.units])
    for group in result.populations:
        rows = np.flatnonzero((groups == group) & np.isfinite(aggregates))
        order = rows[np.argsort(aggregates[rows], kind="stable")]
        if len(order) and aggregates[order[0]] < aggregates[order[-1]]:
            reach = aggregates[order[-1]] - aggregates[order[0]]
            factors[rows] = (scores[order[-1]] - scores[order[0]]) / reach
    return factors


#: Written behind a score or a rank that rests on a missing indicator.
MISSING_SIGN = "†"
#: Written behind a score or a rank that rests on an estimated indicator.
ESTIMATED_SIGN = "‡"
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
        """Count the missing and the estimated indicators below every node, by unit."""
        self._result = result
        self._row = {unit.id: row for row, unit in enumerate(result.dataset.units)}
        missing = result.raw_states != State.VALUE
        estimated = np.zeros_like(missing)
        tree = result.framework
        leaf_of = {leaf.code: leaf.code for leaf in tree.indicators}
        for leaf in tree.indicators:
            leaf_of |= {part.code: leaf.code for part in tree.ingredients_of(leaf.code)}
        for mark in result.marks:
            if (code := leaf_of.get(mark.code)) is None:
                continue
            cell = self._row[mark.unit], result.leaf_codes.index(code)
            estimated[cell] |= mark.kind == "imputed"
            missing[cell] |= mark.kind in _PARTS_MISSING
            # What has no rating is rated so by the method.
            missing[cell] &= mark.kind not in ("imputed", "unrated")
        self._missing = self._count_below(missing)
        self._estimated = self._count_below(estimated)

    def _count_below(self, leaves: BoolArray) -> dict[str, NDArray[np.int64]]:
        """Return node -> (units,) how many indicators below it are flagged.

        Parameters
        ----------
        leaves
            (units, leaves) which indicators are flagged.
        """
        tree = self._result.framework
        codes = self._result.leaf_codes
        counts = {
            code: leaves[:, column].astype(np.int64)
            for column, code in enumerate(codes)
        }
        for node in reversed(tree.composites):
            counts[node.code] = sum(
                (counts[child.code] for child in tree.children(node.code)),
                np.zeros(len(leaves), dtype=np.int64),
            )
            for unit, code in self._result.own_values:
                if code == node.code:
                    counts[code][self._row[unit]] = 0
        return counts

    def missing_count(self, row: int, code: str) -> int:
        """Return how many indicators of a city's score in a node are missing."""
        return int(self._missing[code][row])

    def signs(self, rows: int | Sequence[int], code: str) -> str:
        """Return the signs of gaps in one or several cities' scores of a node; "" without a gap."""
        marks = MISSING_SIGN * bool(np.any(self._missing[code][rows]))
        return marks + ESTIMATED_SIGN * bool(np.any(self._estimated[code][rows]))


# -- the result as a JSON document -----------------------------------------------------------------
def results_document(result: IndexResult, report: str | None = None) -> dict[str, Any]:
    """Return scores, normalised values and ranks of every unit as JSON; what is missing is None.

    Parameters
    ----------
    result
        The index.
    report
        Id of the report it belongs to, if any.
    """
    supplementary = result.supplementary
    codes = (*result.node_codes, *supplementary.codes)
    scores = np.hstack([result.scores, supplementary.scores])
    ranks = np.hstack([result.ranks, supplementary.ranks])
    units = [
        {
            "unit": unit.id,
            "name_zh": unit.name_zh,
            "name_en": unit.name_en,
            "population": unit.population,
            "scores": _number_by_code(codes, scores[row]),
            "normalised": _number_by_code(result.leaf_codes, result.normalised[row]),
            "ranks": _rank_by_code(codes, ranks[row]),
        }
        for row, unit in enumerate(result.dataset.units)
    ]
    return {
        "report": report,
        "draft": result.draft,
        "synthetic": result.dataset.synthetic,
        "units": units,
        "pairs": pair_documents(result.pairs),
    }


def pair_documents(pairs: PairResult | None) -> list[dict[str, Any]]:
    """Return each pair of units as JSON, with the id `a|b`; [] where no pairs are scored."""
    if pairs is None:
        return []
    return [
        {
            "unit": "|".join(pair),
            "scores": _number_by_code(pairs.node_codes, pairs.scores[row]),
            "normalised": _number_by_code(pairs.leaf_codes, pairs.normalised[row]),
            "ranks": _rank_by_code(pairs.node_codes, pairs.ranks[row]),
        }
        for row, pair in enumerate(pairs.pairs)
    ]


def _number_by_code(
    codes: Sequence[str], numbers: FloatArray
) -> dict[str, float | None]:
    """Return code -> number of a unit, as JSON has it: None for NaN."""
    cells = (None if number != number else number for number in numbers.tolist())
    return dict(zip(codes, cells, strict=True))


def _rank_by_code(
    codes: Sequence[str],
    ranks: np.ndarray,
) -> dict[str, int | None]:
    """Return code -> rank of a unit, as JSON has it: None for 0, which is not a rank."""
    return {
        code: rank or None for code, rank in zip(codes, ranks.tolist(), strict=True)
    }


def remarks_document(result: IndexResult) -> dict[str, Any]:
    """Return what else a reader should know: unfilled inputs, failures, notes, marked cells."""
    return {
        "unfilled": [
            {"unit": unit, "indicator": code} for unit, code in result.unfilled
        ],
        "failures": [problem.as_dict() for problem in result.failures],
        "notes": [problem.as_dict() for problem in result.notes],
        "marks": mark_documents(result.marks),
    }


def mark_documents(marks: Iterable[Mark]) -> list[dict[str, str]]:
    """Return each mark, which says what a rule did to which cell, as JSON."""
    return [
        {"kind": m.kind, "unit": m.unit, "node": m.code, "detail": m.detail}
        for m in marks
    ]
