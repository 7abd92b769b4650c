"""What constructed indicators are made from: ingredients, and other indicators."""

from __future__ import annotations

from xlcity.methods.construct import REFERENCE, Construction
from xlcity.methods.registry import method_of
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step


def referred(step: Step, framework: Framework) -> tuple[str, ...]:
    """Return the other indicators whose values a step reads."""
    names = _references(_inputs("", step) or ())
    return tuple(name for name in names if not _is_ingredient(name, framework))


def read_ingredients(code: str, framework: Framework, step: Step) -> tuple[str, ...]:
    """Return the codes of the ingredients that a step reads; lists and links have none."""
    method = method_of(Construction, step.method)
    if method.items or method.network is not None:
        return ()
    if (names := _inputs(code, step)) is None:
        return tuple(ingredient.code for ingredient in framework.ingredients_of(code))
    own = tuple(name for name in names if not name.startswith(REFERENCE))
    return (*own, *(name for name in _references(names) if _is_ingredient(name, framework)))


def is_relative(code: str, recipe: Recipe) -> bool:
    """Return whether an indicator is made as a place among the cities of its edition."""
    step = recipe.step_for("construct", code)
    return step is not None and method_of(Construction, step.method).relative


def _inputs(code: str, step: Step) -> tuple[str, ...] | None:
    inputs = method_of(Construction, step.method).inputs
    return None if inputs is None else inputs(code, step.settings())


def _references(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n.removeprefix(REFERENCE) for n in names if n.startswith(REFERENCE))


def _is_ingredient(code: str, framework: Framework) -> bool:
    return code in framework.inputs and code not in framework
