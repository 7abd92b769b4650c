"""The registry of the formula library: name in a sheet -> its entry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from xlcity.functions.declare import Argument as Argument
from xlcity.functions.declare import Function as Function
from xlcity.functions.entries import (
    aggregate,
    assess,
    construct,
    links,
    network,
    normalise,
    prepare,
    rank,
    rescale,
)

#: In the order of the work.
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        entry.name: entry
        for module in (
            construct,
            links,
            network,
            prepare,
            normalise,
            rescale,
            aggregate,
            rank,
            assess,
        )
        for entry in module.ENTRIES
    }
)
