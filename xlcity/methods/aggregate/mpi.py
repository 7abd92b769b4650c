"""The Mazziotta-Pareto index: the mean less, or plus, a penalty for uneven children."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.block import Block, Matrix, States
from xlcity.functions.combine import mpi_index
from xlcity.methods.aggregate.record import OTHER, Aggregation
from xlcity.methods.record import Parameter, Settings, Word


def _mpi(values: Matrix, states: States, weights: Sequence[float], settings: Settings) -> Block:
    return mpi_index(values, settings.text("penalty"), settings.text("missing"), states=states)


MPI = Aggregation(
    name="mpi",
    parameters=(*OTHER, Parameter("penalty", ("minus", "plus"), "minus")),
    words=(Word("mpi", ("penalty",)),),
    function="MPI_INDEX",
    kernel=_mpi,
    weighted=False,
)
