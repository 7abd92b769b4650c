"""Closeness to the best city, to a city of one's choice, or to a target."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.functions.block import State
from xlcity.functions.distance import dist_reference
from xlcity.methods.normalise.record import CAP, CONSTANT, Column, Normalisation, Scored
from xlcity.methods.record import TEXT, Parameter, Settings, Word

_SCALE = Parameter("scale", default=1.0)


def _to_best(column: Column, settings: Settings) -> Scored:
    return _closeness(column, settings, None, "no")


def _to_city(column: Column, settings: Settings) -> Scored:
    if column.reference is not None:
        return _closeness(column, settings, column.reference, settings.text("cap"))
    # The reference city has no value: then there is no distance from it.
    nothing = np.full((len(column.values), 1), np.nan)
    gaps = np.where(column.known, State.MISSING, column.states).astype(np.uint8)
    return Scored(dist_reference(nothing, None, column.direction, states=gaps))


def _to_target(column: Column, settings: Settings) -> Scored:
    return _closeness(column, settings, settings.optional("target"), settings.text("cap"))


def _closeness(column: Column, settings: Settings, goal: float | None, cap: str) -> Scored:
    scale, states = settings.number("scale"), column.states
    return Scored(dist_reference(column.values, goal, column.direction, cap, scale, states=states))


def _needs_city(settings: Settings) -> Iterator[str]:
    if not settings.text("unit"):
        yield "it lacks unit, the city that others are measured by"


def _needs_target(settings: Settings) -> Iterator[str]:
    if settings.optional("target") is None:
        yield "it has no target"


DIST2MAX = Normalisation(
    name="dist2max",
    parameters=(_SCALE, CONSTANT),
    words=(Word("dist2max", ("scale",)),),
    function="DIST_REFERENCE",
    kernel=_to_best,
)
DIST2REF = Normalisation(
    name="dist2ref",
    parameters=(Parameter("unit", TEXT), CAP, _SCALE, CONSTANT),
    words=(Word("dist2ref", ("unit",), required=True),),
    function="DIST_REFERENCE",
    check=_needs_city,
    kernel=_to_city,
)
DIST2TARGET = Normalisation(
    name="dist2target",
    parameters=(Parameter("target", column="target"), CAP, _SCALE, CONSTANT),
    words=(Word("dist2target", ("target",)),),
    function="DIST_REFERENCE",
    check=_needs_target,
    kernel=_to_target,
)
