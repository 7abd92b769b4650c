"""How nodes are aggregated, and which methods have cells."""

from __future__ import annotations

from xlcity.methods.aggregate import Aggregation, NativeAggregation
from xlcity.methods.registry import find_method
from xlcity.workbook.spec import TemplateSpec


def mean_of(spec: TemplateSpec, code: str) -> str:
    """Return the name of the method by which a node is aggregated."""
    step = spec.recipe.step_for("aggregate", code)
    return "arithmetic" if step is None else step.method


def aggregation_of(spec: TemplateSpec, code: str) -> Aggregation:
    """Return the method by which a node is aggregated."""
    return find_method(Aggregation, mean_of(spec, code))


def native_of(spec: TemplateSpec, code: str) -> NativeAggregation:
    """Return how a node is aggregated in cells."""
    native = aggregation_of(spec, code).native
    assert native is not None, "checked before"
    return native
