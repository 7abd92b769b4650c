"""Methods on links between cities: constructions of indicators, and the step *pairs*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from xlcity.functions.block import CellArray, Matrix
from xlcity.functions.links import counted_pairs, link_strength
from xlcity.functions.network import degree_centrality, eigen_centrality
from xlcity.methods.construct import Construction
from xlcity.methods.record import TEXT, Method, Parameter, Settings

#: Flows, which add up over both directions.
DIRECTED = "directed"
#: Ties, which count once however often they are written.
SYMMETRIC = "symmetric"
#: Whether links count by their values, or as present or absent.
COUNT = Parameter("count", ("values", "presence"), "values")


def _link_parameters(flow: str) -> tuple[Parameter, ...]:
    """Return the parameters of every method on links.

    Directed flows add up; a symmetric tie may be written once or twice and counts once. `flow` is
    the default: strengths are of flows, networks are of ties.
    """
    return (
        Parameter("flow", (DIRECTED, SYMMETRIC), flow),
        # The attribute whose values make groups of cities, and whether links inside one count.
        Parameter("group", TEXT),
        Parameter("domestic", ("exclude", "include"), "exclude"),
    )


def _construct_strength(
    matrix: Matrix, groups: Sequence[str] | None, settings: Settings
) -> CellArray:
    """Return (n, 1) sums of each unit's links with others, those inside a group left out."""
    flow, count = settings.text("flow"), settings.text("count")
    return link_strength(matrix, flow, groups, "exclude", count)


def _construct_eigen(matrix: Matrix, groups: Sequence[str] | None, settings: Settings) -> CellArray:
    """Return (n, 1) eigenvector centralities of the units."""
    weighted, flow = settings.text("weighted"), settings.text("flow")
    return eigen_centrality(_counted_links(matrix, groups), weighted, flow)


def _construct_degree(
    matrix: Matrix, groups: Sequence[str] | None, settings: Settings
) -> CellArray:
    """Return (n, 1) numbers, or shares, of units that each is linked with."""
    return degree_centrality(
        _counted_links(matrix, groups), settings.text("share"), settings.text("flow")
    )


def _counted_links(matrix: Matrix, groups: Sequence[str] | None) -> Matrix:
    """Return (n, n) links with 0 for those inside a group and of a unit with itself."""
    counted: Matrix = np.where(counted_pairs(len(matrix), groups), matrix, 0.0)
    return counted


LINK_STRENGTH = Construction(
    name="link_strength",
    parameters=(*_link_parameters(DIRECTED), COUNT),
    network=_construct_strength,
)
EIGEN_CENTRALITY = Construction(
    name="eigen_centrality",
    parameters=(
        *_link_parameters(SYMMETRIC),
        Parameter("weighted", ("yes", "no"), "yes"),
        # Rounds of the power method in cells.
        Parameter("rounds"),
    ),
    network=_construct_eigen,
)
DEGREE_CENTRALITY = Construction(
    name="degree_centrality",
    parameters=(*_link_parameters(SYMMETRIC), Parameter("share", ("yes", "no"), "yes")),
    network=_construct_degree,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing(Method):
    """A method to score pairs by."""

    step: ClassVar[str] = "pairs"


LINK_SCORES = Pairing(name="link_scores", parameters=(Parameter("group", TEXT), COUNT))
