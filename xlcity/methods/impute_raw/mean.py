"""Gaps closed by the mean or median of all cities, or of a group of them."""

from __future__ import annotations

from xlcity.functions.impute import impute_mean
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import TEXT, Parameter, Word

MEAN, MEDIAN = (
    RawImputation(
        name=name,
        # The attribute of the cities that makes the groups.
        parameters=(Parameter("group", TEXT),),
        words=(Word(name), Word(f"group_{name}", ("group",), required=True)),
        kernel=lambda values, states, groups, settings: impute_mean(
            values, settings.method.name, groups, states=states
        ),
    )
    for name in ("mean", "median")
)
