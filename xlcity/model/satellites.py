"""Satellites of a framework: supplementary indices beside its tree, their kinds and inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xlcity.errors import FrameworkError, Problem, Where, did_you_mean
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Satellite
from xlcity.model.reading.tables import read_csv

#: Means of z-scores or of nodes, put on 0 to 100 together with those of the same scale; a field by
#: its best papers, its papers, and what follows from all fields.
SATELLITE_KINDS = ("joint", "field", "top_fields", "mean_share", "growth")
JOINT, FIELD, TOP_FIELDS, MEAN_SHARE, GROWTH = SATELLITE_KINDS
#: Inputs of a field, and of growth.
INPUTS_OF_KIND = {FIELD: ("papers", "hcp"), GROWTH: ("first", "last")}
_INPUT_NAMES = {
    "papers": ("论文数", "papers"),
    "hcp": ("高被引论文数", "highly cited papers"),
    "first": ("首年论文数", "papers of the first year"),
    "last": ("末年论文数", "papers of the last year"),
}


def read_satellites(framework: Framework, path: str | Path) -> Framework:
    """Return a framework with the satellites of a CSV file and the inputs they need.

    Columns: `code`, `kind`, `name_zh`, `name_en`, `parts` (codes separated by spaces: indicators by
    their z-scores, nodes before rescaling), `scale` (satellites of one scale are put on 0 to 100
    together), `group`.

    Raises
    ------
    FrameworkError
        With every code that is taken, kind that is not known and part that is not a node.
    """
    table = read_csv(path)
    problems: list[Problem] = []
    satellites: list[Satellite] = []
    for row, record in enumerate(table.records()):
        texts = {name: record[name] for name in ("code", "kind", "name_zh", "name_en")}
        satellite = Satellite(
            **texts,
            parts=tuple(record.get("parts", "").split()),
            scale=record.get("scale", ""),
            group=record.get("group", ""),
        )
        where = table.where(row, indicator=satellite.code)
        used_codes = {earlier.code for earlier in satellites}
        problems += _satellite_problems(framework, satellite, where, used_codes)
        satellites.append(satellite)
    if problems:
        raise FrameworkError(problems)
    return add_satellites(framework, satellites)


def add_satellites(framework: Framework, satellites: Sequence[Satellite]) -> Framework:
    """Return a framework with satellites and the inputs they need."""
    return replace(
        framework, satellites=tuple(satellites), satellite_inputs=_satellite_inputs(satellites)
    )


def _satellite_problems(
    framework: Framework, satellite: Satellite, where: Where, used_codes: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with a satellite, given the framework and the codes before it."""
    code = satellite.code
    if code in framework or code in used_codes:
        yield Problem("XC201", f"code {code} is used twice.", "Give each its own.", where)
    if satellite.kind not in SATELLITE_KINDS:
        hint = did_you_mean(satellite.kind, SATELLITE_KINDS)
        yield Problem("XC208", f"unknown kind {satellite.kind!r} of {code}.", hint, where)
    for part in satellite.parts:
        if part not in framework:
            message = f"{code} is computed from {part}, which is not a node."
            yield Problem("XC208", message, "Name nodes of the framework.", where)
    if satellite.kind == JOINT and not satellite.parts:
        yield Problem("XC208", f"{code} has no parts.", "Name its parts.", where)


def _satellite_inputs(satellites: Sequence[Satellite]) -> tuple[Ingredient, ...]:
    """Return the inputs of satellites whose kind is in `INPUTS_OF_KIND`, as CODE.INPUT."""
    return tuple(
        Ingredient(
            f"{satellite.code}.{name}",
            satellite.code,
            f"{satellite.name_zh}：{_INPUT_NAMES[name][0]}",
            f"{satellite.name_en}: {_INPUT_NAMES[name][1]}",
            uom="papers",
            uom_zh="篇",
            valid_low=0.0,
        )
        for satellite in satellites
        for name in INPUTS_OF_KIND.get(satellite.kind, ())
    )


def satellites_of_kind(framework: Framework, kind: str) -> tuple[Satellite, ...]:
    """Return the satellites of one kind, in order."""
    return tuple(s for s in framework.satellites if s.kind == kind)
