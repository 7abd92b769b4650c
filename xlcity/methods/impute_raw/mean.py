"""Gaps closed by the mean or median of all cities, or of a group of them."""

from __future__ import annotations

from functools import partial

from xlcity.functions.impute import impute_mean
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.record import TEXT, Parameter, Word

_imputation = partial(
    RawImputation,
    # The attribute of the cities that makes the groups.
    parameters=(Parameter("group", TEXT),),
    kernel=lambda values, states, groups, settings: impute_mean(
        values, settings.method.name, groups, states=states
    ),
)
MEAN = _imputation(
    name="mean",
    words=(Word("mean"), Word("group_mean", ("group",), required=True)),
    group_function="AVERAGEIF",
)
MEDIAN = _imputation(
    name="median",
    words=(Word("median"), Word("group_median", ("group",), required=True)),
)


def middle_formula(method: str, xs: str) -> str:
    """Return the formula of the median or the mean of a column, as the cell `method` says."""
    return f'IF({method}="{MEDIAN.name}",MEDIAN({xs}),AVERAGE({xs}))'
