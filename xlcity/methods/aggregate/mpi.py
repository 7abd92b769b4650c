"""The Mazziotta-Pareto index: the mean less, or plus, a penalty for uneven children."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.functions.block import CellArray, Matrix, States
from xlcity.functions.combine import mpi_index
from xlcity.methods.aggregate.native import NativeAggregation, NodeCells
from xlcity.methods.aggregate.record import OTHER, Aggregation
from xlcity.methods.record import Parameter, Settings, Word


def _mpi(
    values: Matrix, states: States, weights: Sequence[float] | Matrix, settings: Settings
) -> CellArray:
    return mpi_index(values, settings.text("penalty"), settings.text("missing"), states=states)


def _formula(c: NodeCells) -> str:
    sign = "+" if c.settings.text("penalty") == "plus" else "-"
    mean = f"AVERAGE({c.values})"
    least = f"1E-10*MAX(MAX({c.values}),-MIN({c.values}))"
    penalty = f"_xlfn.STDEV.P({c.values})^2/{mean}"
    return c.of_known(f'IF({mean}>{least},{mean}{sign}{penalty},"")')


MPI = Aggregation(
    name="mpi",
    parameters=(*OTHER, Parameter("penalty", ("minus", "plus"), "minus")),
    words=(Word("mpi", ("penalty",)),),
    kernel=_mpi,
    weighted=False,
    between=False,
    needs="The scores of a city must have a mean above 0: normalise by zscore:100:10.",
    asks_sign=True,
    native=NativeAggregation(
        formula=_formula,
        call=lambda c: f'MPI_INDEX({c.values},"{c.settings.text("penalty")}","{c.missing}")',
    ),
)
