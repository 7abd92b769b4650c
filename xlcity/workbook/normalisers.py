"""Which cells the methods of normalising have in a template."""

from __future__ import annotations

from xlcity.methods.normalise.record import NativeNormalisation, Normalisation
from xlcity.methods.record import MethodCell
from xlcity.methods.registry import find_method
from xlcity.model.recipe import Step


def native_of(method: str) -> NativeNormalisation:
    """Return how a method is written in cells."""
    native = find_method(Normalisation, method).native
    assert native is not None, "every method of normalising has cells"
    return native


def shown(step: Step) -> dict[str, MethodCell]:
    """Return the cells of a step's parameters, by their names in the recipe.

    Which these are depends on what the recipe names, never on values: those are typed.
    """
    return {
        parameter.name: parameter.cell
        for parameter in step.record.parameters
        if parameter.cell is not None
        and (not parameter.cell.named or step.get(parameter.name) is not None)
    }


def is_live(cell: MethodCell, apart: bool) -> bool:
    """Tell whether formulas follow what is typed in the cell of a parameter."""
    return cell.live and (cell.live_in_groups or not apart)
