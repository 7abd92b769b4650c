"""The supplementary indices of this report: measures beside its tree, with ranks of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from xlcity.errors import FrameworkError, Problem, Where, did_you_mean
from xlcity.functions.rank import rank_competition
from xlcity.functions.rounding import round_excel
from xlcity.functions.scale import efficacy_scale
from xlcity.grouping import grouped
from xlcity.index.construct import input_values
from xlcity.index.result import IndexResult, SupplementaryScores
from xlcity.methods.rescale.efficacy import EFFICACY
from xlcity.model.dataset import FloatArray
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, SupplementaryIndex
from xlcity.model.reading.tables import read_csv
from xlcity.model.recipe import Step

#: Means of z-scores or of nodes, put on 0 to 100 together with those of the same scale; a field by
#: its best papers, its papers, and what follows from all fields.
KINDS = ("joint", "field", "top_fields", "mean_share", "growth")
JOINT, FIELD, TOP_FIELDS, MEAN_SHARE, GROWTH = KINDS
#: Inputs of a field, and of growth.
INPUTS_OF_KIND = {FIELD: ("papers", "hcp"), GROWTH: ("first", "last")}
_INPUT_NAMES = {
    "papers": ("论文数", "papers"),
    "hcp": ("高被引论文数", "highly cited papers"),
    "first": ("首年论文数", "papers of the first year"),
    "last": ("末年论文数", "papers of the last year"),
}
#: Places that count as the first of a field.
TOP_PLACES = 10
#: Decimals that ranks are taken from.
RANK_DECIMALS = 9
#: Years from the first to the last of growth.
GROWTH_YEARS = 9


def read_indices(framework: Framework, path: str | Path) -> Framework:
    """Return a framework with the supplementary indices of a CSV file, and the inputs they need.

    Columns: `code`, `kind`, `name_zh`, `name_en`, `parts` (codes separated by spaces: indicators by
    their z-scores, nodes before rescaling), `scale` (indices of one scale are put on 0 to 100
    together), `group`.

    Raises
    ------
    FrameworkError
        With every code that is taken, kind that is not known and part that is not a node.
    """
    table = read_csv(path)
    problems: list[Problem] = []
    indices: list[SupplementaryIndex] = []
    for row, record in enumerate(table.records()):
        texts = {name: record[name] for name in ("code", "kind", "name_zh", "name_en")}
        index = SupplementaryIndex(
            **texts,
            parts=tuple(record.get("parts", "").split()),
            scale=record.get("scale", ""),
            group=record.get("group", ""),
        )
        where = table.where(row, indicator=index.code)
        used_codes = {earlier.code for earlier in indices}
        problems += _index_problems(framework, index, where, used_codes)
        indices.append(index)
    FrameworkError.raise_for(problems)
    return with_indices(framework, indices)


def with_indices(
    framework: Framework, indices: Sequence[SupplementaryIndex]
) -> Framework:
    """Return a framework with supplementary indices, and the inputs they need."""
    return replace(
        framework,
        supplementary=tuple(indices),
        supplementary_inputs=_list_inputs(indices),
        score_supplementary=score_indices,
    )


def _index_problems(
    framework: Framework,
    index: SupplementaryIndex,
    where: Where,
    used_codes: Collection[str],
) -> Iterator[Problem]:
    """Yield what is wrong with a supplementary index: its code, its kind or its parts.

    `used_codes` are the codes of those before it; `where` is its row, for messages.
    """
    code = index.code
    if code in framework or code in used_codes:
        yield Problem.of("XC201.index_twice", where, code=code)
    if index.kind not in KINDS:
        hint = did_you_mean(index.kind, KINDS)
        yield Problem.of(
            "XC208.unknown_kind", where, hint=hint, kind=index.kind, code=code
        )
    for part in index.parts:
        if part not in framework:
            yield Problem.of("XC208.no_node", where, code=code, part=part)
    if index.kind == JOINT and not index.parts:
        yield Problem.of("XC208.no_parts", where, code=code)


def _list_inputs(indices: Sequence[SupplementaryIndex]) -> tuple[Ingredient, ...]:
    """Return the inputs that supplementary indices need, by their kinds, with codes CODE.INPUT."""
    inputs: list[Ingredient] = []
    for index in indices:
        names = INPUTS_OF_KIND.get(index.kind, ())
        inputs += [_input_of(index, name) for name in names]
    return tuple(inputs)


def _input_of(index: SupplementaryIndex, name: str) -> Ingredient:
    name_zh, name_en = _INPUT_NAMES[name]
    return Ingredient(
        f"{index.code}.{name}",
        index.code,
        f"{index.name_zh}：{name_zh}",
        f"{index.name_en}: {name_en}",
        uom="papers",
        uom_zh="篇",
        valid_low=0.0,
    )


def indices_of_kind(framework: Framework, kind: str) -> tuple[SupplementaryIndex, ...]:
    """Return the supplementary indices of one of `KINDS`, in order."""
    return tuple(index for index in framework.supplementary if index.kind == kind)


def score_indices(result: IndexResult, table: SupplementaryScores) -> None:
    """Write the scores and ranks of the supplementary indices into their table.

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
    _score_joint(result, table)
    _score_fields(result, table)


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
        (rows,) their scores, and the numbers that are ranked, the largest first: by default they.
    """
    column = table.codes.index(code)
    table.scores[rows, column] = scores
    ranked_numbers = scores if keys is None else keys
    rounded_keys = round_excel(ranked_numbers, RANK_DECIMALS)
    ranks = rank_competition(rounded_keys).values[:, 0]
    numbers = np.nan_to_num(ranks, nan=0)
    table.ranks[rows, column] = numbers.astype(np.int64)


def _score_joint(result: IndexResult, table: SupplementaryScores) -> None:
    """Write the scores of indices that are means of parts into `table`; see `score_indices`.

    Indices of one scale are put on 0 to 100 together, in each group of units by itself.
    """
    indices_by_scale = grouped(
        (joint.scale, joint) for joint in indices_of_kind(result.framework, JOINT)
    )
    for rows in result.dataset.populations.values():
        for indices in indices_by_scale.values():
            _score_on_scale(result, table, rows, indices)


def _score_on_scale(
    result: IndexResult,
    table: SupplementaryScores,
    rows: np.ndarray,
    indices: Sequence[SupplementaryIndex],
) -> None:
    """Write the scores of the indices of one scale, of one group of units, into `table`."""
    columns = [_mean_of_parts(result, index)[rows] for index in indices]
    means = np.column_stack(columns)
    if np.isnan(means).any():
        return
    low = means.min()
    high = means.max()
    for column, index in enumerate(indices):
        scores = np.zeros(len(rows))
        if high > low:
            scores = 100 * (means[:, column] - low) / (high - low)
        _write_scores(table, rows, index.code, scores)


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

    Each field has two inputs, papers and highly cited papers (hcp); see `score_indices`.
    """
    units = result.dataset.units
    scored = [row for row, unit in enumerate(units) if unit.is_scored]
    rows = np.array(scored, dtype=np.int64)
    if not scored:
        return
    _score_growth(result, table, rows)
    if not indices_of_kind(result.framework, FIELD):
        return
    papers, cited = (
        _inputs_of_fields(result, rows, name) for name in INPUTS_OF_KIND[FIELD]
    )
    _score_each_field(result, table, rows, cited)
    is_whole = not np.isnan(cited).any() and not np.isnan(papers).any()
    if is_whole:
        _score_all_fields(result, table, rows, papers=papers, cited=cited)


def _score_each_field(
    result: IndexResult,
    table: SupplementaryScores,
    rows: np.ndarray,
    cited: FloatArray,
) -> None:
    """Write the scores of each field: its highly cited papers on the scale of the nodes."""
    omega = _omega(result)
    fields = indices_of_kind(result.framework, FIELD)
    for field, field_cited in zip(fields, cited.T, strict=True):
        if not np.isnan(field_cited).any():
            scaled = efficacy_scale(field_cited, omega, constant=100 - omega)
            values = scaled.values[:, 0]
            _write_scores(table, rows, field.code, values, keys=field_cited)


def _score_all_fields(
    result: IndexResult,
    table: SupplementaryScores,
    rows: np.ndarray,
    *,
    papers: FloatArray,
    cited: FloatArray,
) -> None:
    """Write in how many fields a city is among the first, and its mean share of best papers."""
    with np.errstate(all="ignore"):
        shares = np.where(papers > 0, 100 * cited / papers, 0.0).mean(axis=1)
    for index in indices_of_kind(result.framework, MEAN_SHARE):
        _write_scores(table, rows, index.code, shares)
    least_top_value = np.sort(cited, axis=0)[-TOP_PLACES:][0]
    counts = (cited >= least_top_value).sum(axis=1).astype(np.float64)
    # A thousandth of a percentage is less than 1: it only ranks equal counts.
    keys = counts + round_excel(shares, RANK_DECIMALS) / 1000
    for index in indices_of_kind(result.framework, TOP_FIELDS):
        _write_scores(table, rows, index.code, counts, keys=keys)


def _score_growth(
    result: IndexResult, table: SupplementaryScores, rows: np.ndarray
) -> None:
    """Write the growth of papers of the scored cities into `table`."""
    for index in indices_of_kind(result.framework, GROWTH):
        first, last = (
            _read_input(result, rows, f"{index.code}.{name}")
            for name in INPUTS_OF_KIND[GROWTH]
        )
        with np.errstate(all="ignore"):
            yearly = (last / first) ** (1 / GROWTH_YEARS)
        growth = np.where(first > 0, 100 * (yearly - 1), np.nan)
        _write_scores(table, rows, index.code, growth)


def _read_input(result: IndexResult, rows: np.ndarray, code: str) -> FloatArray:
    """Return the scored cities' values of a data column; NaN where none is filled in."""
    return input_values(result.dataset, rows, code)[0]


def _inputs_of_fields(result: IndexResult, rows: np.ndarray, name: str) -> FloatArray:
    """Return (rows, fields) an input of every field."""
    fields = indices_of_kind(result.framework, FIELD)
    columns = [_read_input(result, rows, f"{field.code}.{name}") for field in fields]
    return np.column_stack(columns)


def _omega(result: IndexResult) -> float:
    """Return the width of the scale of the nodes, which fields are on: to 100 from 100 - omega."""
    rescaling = result.recipe.steps_doing(EFFICACY.step)
    steps = [step for step in rescaling if step.method == EFFICACY.name]
    if not steps:
        return Step(EFFICACY.step, EFFICACY.name).number("omega")
    return steps[-1].number("omega")
