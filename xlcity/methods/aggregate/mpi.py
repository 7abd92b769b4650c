"""The Mazziotta-Pareto index: the mean less a penalty for unequal children."""

from __future__ import annotations

from xlcity.functions.combine import mpi_index
from xlcity.methods.aggregate.record import (
    OTHER_PARAMETERS,
    Aggregation,
    LibraryCall,
    NativeAggregation,
    NodeCells,
)
from xlcity.methods.record import Parameter, Word

_MPI_CALL = LibraryCall(mpi_index, ("penalty", "missing"))


def _mpi_formula(cells: NodeCells) -> str:
    """Return the formula of the Mazziotta-Pareto index; empty where the mean is not above 0.

    Mean and deviation are those of a city's children. "Above 0" means by more than rounding.
    """
    sign = "+" if cells.settings.text("penalty") == "plus" else "-"
    mean = f"AVERAGE({cells.values})"
    least = f"1E-10*MAX(MAX({cells.values}),-MIN({cells.values}))"
    penalty = f"_xlfn.STDEV.P({cells.values})^2/{mean}"
    return cells.guarded_formula(f'IF({mean}>{least},{mean}{sign}{penalty},"")')


MPI = Aggregation(
    name="mpi",
    parameters=(*OTHER_PARAMETERS, Parameter("penalty", ("minus", "plus"), "minus")),
    words=(Word("mpi", ("penalty",)),),
    kernel=_MPI_CALL.compute,
    weighted=False,
    between=False,
    needs="needs.positive_mean",
    asks_sign=True,
    native=NativeAggregation(formula=_mpi_formula, call=_MPI_CALL.text),
)
