"""Links between cities: their strength, degree and eigenvector centrality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from xlcity.functions.block import CellArray, Matrix
from xlcity.functions.links import counted_pairs, link_strength
from xlcity.functions.network import degree_centrality, eigen_centrality
from xlcity.methods.construct.record import (
    Construction,
    ConstructionCells,
    NativeConstruction,
)
from xlcity.methods.record import TEXT, Parameter, Settings

#: Flows, which add up over both directions.
DIRECTED = "directed"
#: Ties, which count once however often they are written.
SYMMETRIC = "symmetric"
#: Whether links count by their values, or as present or absent.
COUNT = Parameter("count", ("values", "presence"), "values")


def _link_parameters(flow: str) -> tuple[Parameter, ...]:
    """Return the parameters that every method on links between cities has.

    Directed flows add up; a symmetric tie may be written once or twice and counts once. `flow` is
    the default: strengths are of flows, networks are of ties.
    """
    return (
        Parameter("flow", (DIRECTED, SYMMETRIC), flow),
        # The attribute whose values make groups of cities, and whether links inside one count.
        Parameter("group", TEXT),
        Parameter("domestic", ("exclude", "include"), "exclude"),
    )


def _centrality(
    function: Callable[..., CellArray], *names: str
) -> Callable[[Matrix, Sequence[str] | None, Settings], CellArray]:
    """Return a measure of centrality of the library as a `network`.

    Links that do not count, of a unit with itself or its group, are 0 in it; the function's options
    are the parameters named.
    """

    def compute(
        matrix: Matrix, groups: Sequence[str] | None, settings: Settings
    ) -> CellArray:
        """Return (n, 1) centralities of the units, see `Construction.network`."""
        counted_links = np.where(counted_pairs(len(matrix), groups), matrix, 0.0)
        return function(counted_links, **settings.arguments(names, {}))

    return compute


def _strength_call(cells: ConstructionCells) -> str:
    """Return the call that gives the strengths of all cities."""
    groups = cells.groups or '""'
    domestic = cells.domestic or '""'
    count = cells.cell_of["count"]
    return f'LINK_STRENGTH({cells.matrix},"{SYMMETRIC}",{groups},{domestic},{count})'


def _degree_formula(cells: ConstructionCells) -> str:
    """Return the formula of a city's degree: its partners, or their share in all other cities."""
    if cells.settings.text("share") == "no":
        return cells.partners
    share = f'IF({cells.others}>0,{cells.partners}/{cells.others},"")'
    return f'IF({cells.partners}="","",{share})'


LINK_STRENGTH = Construction(
    name="link_strength",
    parameters=(
        *_link_parameters(DIRECTED),
        replace(COUNT, defined_name="count {}"),
    ),
    native=NativeConstruction(
        formula=lambda cells: cells.strength, call=_strength_call
    ),
    network=lambda links, groups, settings: link_strength(
        links,
        settings.text("flow"),
        groups,
        domestic="exclude",
        count=settings.text("count"),
    ),
)
EIGEN_CENTRALITY = Construction(
    name="eigen_centrality",
    parameters=(
        *_link_parameters(SYMMETRIC),
        Parameter("weighted", ("yes", "no"), "yes", defined_name="weighted {}"),
        # Rounds of the power method in cells.
        Parameter("rounds"),
    ),
    network=_centrality(eigen_centrality, "weighted", "flow"),
    centrality=True,
    native=NativeConstruction(
        call=lambda cells: (
            f"EIGEN_CENTRALITY({cells.matrix},{cells.cell_of['weighted']})"
        ),
    ),
)
DEGREE_CENTRALITY = Construction(
    name="degree_centrality",
    parameters=(*_link_parameters(SYMMETRIC), Parameter("share", ("yes", "no"), "yes")),
    network=_centrality(degree_centrality, "share", "flow"),
    centrality=True,
    native=NativeConstruction(
        formula=_degree_formula,
        call=lambda cells: (
            f'DEGREE_CENTRALITY({cells.matrix},"{cells.settings.text("share")}")'
        ),
    ),
)
