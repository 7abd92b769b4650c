"""The registry of the formula library: name in a sheet -> its entry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xlcity.functions.declare import Argument as Argument
from xlcity.functions.declare import Function as Function
from xlcity.functions.entries import (
    aggregate,
    assess,
    combine,
    construct,
    distance,
    gaps,
    judge,
    links,
    network,
    normalise,
    prepare,
    rank,
    rescale,
    scale,
    treat,
    weigh,
    whole,
)

#: The project's own functions, in the order of the work.
BUILT_IN: Mapping[str, Function] = MappingProxyType(
    {
        entry.name: entry
        for entries in (
            construct.ENTRIES,
            links.ENTRIES,
            network.ENTRIES,
            prepare.ENTRIES,
            gaps.ENTRIES,
            treat.ENTRIES,
            normalise.ENTRIES,
            scale.ENTRIES,
            distance.ENTRIES,
            rescale.ENTRIES,
            weigh.ENTRIES,
            judge.ENTRIES,
            aggregate.ENTRIES,
            combine.ENTRIES,
            whole.ENTRIES,
            rank.ENTRIES,
            assess.ENTRIES,
            combine.ASSESSING,
        )
        for entry in entries
    }
)
FUNCTIONS = BUILT_IN
