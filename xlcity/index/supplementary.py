"""Supplementary indices: measures beside an index's tree, with scores and ranks of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import round_excel
from xlcity.functions.scale import efficacy_scale
from xlcity.grouping import grouped
from xlcity.index.construct import input_values
from xlcity.index.result import IndexResult
from xlcity.model.dataset import FloatArray
from xlcity.model.nodes import SupplementaryIndex
from xlcity.model.recipe import Recipe, Step
from xlcity.model.supplementary import (
    FIELD,
    GROWTH,
    INPUTS_OF_KIND,
    JOINT,
    MEAN_SHARE,
    TOP_FIELDS,
    supplementary_of_kind,
)

#: Places that count as the first of a field.
TOP_PLACES = 10
#: Decimals that ranks are taken from.
RANK_DECIMALS = 9
#: Years from the first to the last of growth.
GROWTH_YEARS = 9


@dataclass(frozen=True, slots=True, eq=False)
class SupplementaryScores:
    """(units, indices) scores and ranks of supplementary indices; NaN and 0 where there is none."""

    codes: tuple[str, ...]
    scores: FloatArray
    ranks: np.ndarray

    def column(self, code: str) -> FloatArray:
        """Return (units,) scores of the supplementary index with this code."""
        return self.scores[:, self.codes.index(code)]


def score_supplementary(result: IndexResult) -> SupplementaryScores:
    """Compute the supplementary indices that a framework declares beside its tree.

    Notes
    -----
    Joint ones: the mean of their parts, minus the least and over the range of all indices of one
    scale in the group of units, times 100; nothing where a part lacks in one city. Fields: highly
    cited papers on the scale of the nodes (60 to 100 as published) between the least and the
    greatest of all scored cities; how many fields a city is among the first ten of; its mean share
    of highly cited papers in per cent; growth of its papers in per cent a year. These rank all
    scored cities together; the number of fields by the mean share where it is equal. Equals share
    the best rank, whatever the recipe's rule for ties is: they are not part of the tree.
    """
    codes = tuple(
        supplementary.code for supplementary in result.framework.supplementary
    )
    shape = (len(result.dataset.units), len(codes))
    scores = SupplementaryScores(
        codes, np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    )
    if codes:
        _score_joint(result, scores)
        _score_fields(result, scores)
    return scores


def _write_scores(
    table: SupplementaryScores,
    rows: np.ndarray,
    code: str,
    scores: FloatArray,
    *,
    keys: FloatArray | None = None,
) -> None:
    """Write scores and ranks of the supplementary index `code` into `table`.

    Parameters
    ----------
    rows
        Positions of the units among all units of the table.
    scores, keys
        (rows,) their scores, and the numbers that are ranked, the largest first.
    """
    column = table.codes.index(code)
    table.scores[rows, column] = scores
    shown = round_excel(scores if keys is None else keys, RANK_DECIMALS)
    ranks = rank_competition(shown).values[:, 0]
    whole_ranks = np.nan_to_num(ranks, nan=0).astype(np.int64)
    table.ranks[rows, column] = whole_ranks


def _score_joint(result: IndexResult, table: SupplementaryScores) -> None:
    """Write the scores of indices that are means of parts into `table`; see `score_supplementary`.

    Indices of one scale are put on 0 to 100 together, in each group of units by itself.
    """
    indices_by_scale = grouped(
        (joint.scale, joint) for joint in supplementary_of_kind(result.framework, JOINT)
    )
    for rows in result.dataset.populations.values():
        for indices in indices_by_scale.values():
            means = np.column_stack(
                [_mean_of_parts(result, index)[rows] for index in indices]
            )
            if np.isnan(means).any():
                continue
            for index, scores in zip(indices, _zero_to_hundred(means).T, strict=True):
                _write_scores(table, rows, index.code, scores)


def _zero_to_hundred(means: FloatArray) -> FloatArray:
    """Return numbers from 0 at the least of all to 100 at the greatest; 0 if they are equal."""
    low = means.min()
    high = means.max()
    if not high > low:
        return np.zeros_like(means)
    return np.asarray(100 * (means - low) / (high - low))


def _mean_of_parts(result: IndexResult, index: SupplementaryIndex) -> FloatArray:
    """Return (units,) the mean of the nodes and indicators that a supplementary index joins.

    Nodes count before they are rescaled, indicators once they are normalised.
    """
    columns = [
        result.aggregates[:, result.node_codes.index(part)]
        if part in result.node_codes
        else result.normalised[:, result.leaf_codes.index(part)]
        for part in index.parts
    ]
    total: FloatArray = np.sum(columns, axis=0) / len(columns)
    return total


def _score_fields(result: IndexResult, table: SupplementaryScores) -> None:
    """Write the scores of fields of research and of what follows from them into `table`.

    Each field has two inputs, papers and highly cited papers (hcp); see `score_supplementary`.
    """
    fields = supplementary_of_kind(result.framework, FIELD)
    units = result.dataset.units
    rows = np.array(
        [row for row, unit in enumerate(units) if unit.is_scored], dtype=np.int64
    )
    if not len(rows):
        return

    def read(code: str) -> FloatArray:
        """Return the scored cities' values of a data column; NaN where none is filled in."""
        return input_values(result.dataset, rows, code)[0]

    for index in supplementary_of_kind(result.framework, GROWTH):
        first, last = (read(f"{index.code}.{name}") for name in INPUTS_OF_KIND[GROWTH])
        with np.errstate(all="ignore"):
            growth = np.where(
                first > 0, 100 * ((last / first) ** (1 / GROWTH_YEARS) - 1), np.nan
            )
        _write_scores(table, rows, index.code, growth)
    if not fields:
        return
    of_papers, of_cited = INPUTS_OF_KIND[FIELD]
    papers = np.column_stack([read(f"{field.code}.{of_papers}") for field in fields])
    cited = np.column_stack([read(f"{field.code}.{of_cited}") for field in fields])
    omega = _omega(result.recipe)
    for field, field_cited in zip(fields, cited.T, strict=True):
        if not np.isnan(field_cited).any():
            scaled = efficacy_scale(field_cited, omega, constant=100 - omega)
            scores = scaled.values[:, 0]
            _write_scores(table, rows, field.code, scores, keys=field_cited)
    _score_all_fields(result, table, rows, papers=papers, cited=cited)


def _omega(recipe: Recipe) -> float:
    """Return how many points the scale of the nodes has, on which fields are, too."""
    steps = recipe.steps_doing("rescale")
    efficacy_steps = [step for step in steps if step.method == "efficacy"]
    return (efficacy_steps or [Step("rescale", "efficacy")])[-1].number("omega")


def _score_all_fields(
    result: IndexResult,
    table: SupplementaryScores,
    rows: np.ndarray,
    *,
    papers: FloatArray,
    cited: FloatArray,
) -> None:
    """Write the scores of what follows from all fields together into `table`.

    Parameters
    ----------
    rows
        The scored cities.
    papers, cited
        (cities, fields) papers and highly cited papers; nothing follows where one is missing.
    """
    if np.isnan(cited).any() or np.isnan(papers).any():
        return
    with np.errstate(all="ignore"):
        shares = np.where(papers > 0, 100 * cited / papers, 0.0).mean(axis=1)
    for index in supplementary_of_kind(result.framework, MEAN_SHARE):
        _write_scores(table, rows, index.code, shares)
    least_top_value = np.sort(cited, axis=0)[-TOP_PLACES:][0]
    counts = (cited >= least_top_value).sum(axis=1).astype(np.float64)
    # A thousandth of a percentage is less than 1: it only ranks equal counts.
    keys = counts + round_excel(shares, RANK_DECIMALS) / 1000
    for index in supplementary_of_kind(result.framework, TOP_FIELDS):
        _write_scores(table, rows, index.code, counts, keys=keys)
