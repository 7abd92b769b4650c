"""Supplementary indices beside the tree of a framework: their kinds, parts and inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xlcity.errors import FrameworkError, Problem, Where, did_you_mean
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, SupplementaryIndex
from xlcity.model.reading.tables import read_csv

#: Means of z-scores or of nodes, put on 0 to 100 together with those of the same scale; a field by
#: its best papers, its papers, and what follows from all fields.
SUPPLEMENTARY_KINDS = ("joint", "field", "top_fields", "mean_share", "growth")
JOINT, FIELD, TOP_FIELDS, MEAN_SHARE, GROWTH = SUPPLEMENTARY_KINDS
#: Inputs of a field, and of growth.
INPUTS_OF_KIND = {FIELD: ("papers", "hcp"), GROWTH: ("first", "last")}
_INPUT_NAMES = {
    "papers": ("论文数", "papers"),
    "hcp": ("高被引论文数", "highly cited papers"),
    "first": ("首年论文数", "papers of the first year"),
    "last": ("末年论文数", "papers of the last year"),
}


def read_supplementary(framework: Framework, path: str | Path) -> Framework:
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
        problems += _supplementary_problems(framework, index, where, used_codes)
        indices.append(index)
    FrameworkError.raise_for(problems)
    return add_supplementary(framework, indices)


def add_supplementary(
    framework: Framework, indices: Sequence[SupplementaryIndex]
) -> Framework:
    """Return a framework with supplementary indices, and the inputs they need."""
    return replace(
        framework,
        supplementary=tuple(indices),
        supplementary_inputs=_list_inputs(indices),
    )


def _supplementary_problems(
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
        yield Problem(
            "XC201", f"code {code} is used twice.", "Give each its own.", where
        )
    if index.kind not in SUPPLEMENTARY_KINDS:
        hint = did_you_mean(index.kind, SUPPLEMENTARY_KINDS)
        yield Problem("XC208", f"unknown kind {index.kind!r} of {code}.", hint, where)
    for part in index.parts:
        if part not in framework:
            message = f"{code} is computed from {part}, which is not a node."
            yield Problem("XC208", message, "Name nodes of the framework.", where)
    if index.kind == JOINT and not index.parts:
        yield Problem("XC208", f"{code} has no parts.", "Name its parts.", where)


def _list_inputs(indices: Sequence[SupplementaryIndex]) -> tuple[Ingredient, ...]:
    """Return the inputs that supplementary indices need, by their kinds, with codes CODE.INPUT."""
    return tuple(
        Ingredient(
            f"{index.code}.{name}",
            index.code,
            f"{index.name_zh}：{_INPUT_NAMES[name][0]}",
            f"{index.name_en}: {_INPUT_NAMES[name][1]}",
            uom="papers",
            uom_zh="篇",
            valid_low=0.0,
        )
        for index in indices
        for name in INPUTS_OF_KIND.get(index.kind, ())
    )


def supplementary_of_kind(
    framework: Framework, kind: str
) -> tuple[SupplementaryIndex, ...]:
    """Return the supplementary indices of one of `SUPPLEMENTARY_KINDS`, in order."""
    return tuple(index for index in framework.supplementary if index.kind == kind)
