"""What the methods of an index have in a template: formulas, and cells of their parameters."""

from __future__ import annotations

from xlcity.methods.aggregate.means import ARITHMETIC
from xlcity.methods.aggregate.record import Aggregation, NativeAggregation
from xlcity.methods.normalise.record import Normalisation
from xlcity.methods.record import MethodCell
from xlcity.methods.registry import find_method
from xlcity.model.recipe import Step
from xlcity.workbook.spec import TemplateSpec


def normalisation_of(spec: TemplateSpec, code: str) -> Normalisation:
    """Return the method by which an indicator is normalised."""
    return find_method(Normalisation, step_for(spec, "normalise", code).method)


def step_for(spec: TemplateSpec, do: str, code: str) -> Step:
    """Return the step that normalises an indicator or aggregates a node: no template lacks one."""
    step = spec.recipe.step_for(do, code)
    assert step is not None, "the recipe was checked"
    return step


def mean_of(spec: TemplateSpec, code: str) -> str:
    """Return the name of the method by which a node is aggregated."""
    step = spec.recipe.step_for("aggregate", code)
    return ARITHMETIC.name if step is None else step.method


def aggregation_of(spec: TemplateSpec, code: str) -> Aggregation:
    """Return the method by which a node is aggregated."""
    return find_method(Aggregation, mean_of(spec, code))


def native_mean(spec: TemplateSpec, code: str) -> NativeAggregation:
    """Return how a node is aggregated in cells."""
    return aggregation_of(spec, code).native


def parameter_cells(step: Step) -> dict[str, MethodCell]:
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
    """Tell whether formulas follow what is typed in the cell of a parameter.

    `apart`: each group of cities is normalised by itself.
    """
    return cell.live and (cell.live_in_groups or not apart)
