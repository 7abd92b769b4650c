"""Gaps closed with the mean or median of the indicator, over all units or inside a group."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.gaps import impute_mean
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import TEXT, Parameter, Settings, Word


def _centre(
    values: Matrix, states: States, groups: Sequence[str] | None, settings: Settings
) -> CellArray:
    return impute_mean(values, settings.method.name, groups, states=states)


MEAN, MEDIAN = (
    RawImputation(
        name=name,
        # The attribute of the cities that makes the groups.
        parameters=(Parameter("group", TEXT),),
        words=(Word(name), Word(f"group_{name}", ("group",), required=True)),
        kernel=_centre,
    )
    for name in ("mean", "median")
)
NONE = RawImputation(name="none")
