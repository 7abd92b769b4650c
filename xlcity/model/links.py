"""Which indicators are made from links between cities, and how a recipe takes them."""

from __future__ import annotations

from xlcity.methods.construct import Construction
from xlcity.methods.links import SYMMETRIC as SYMMETRIC
from xlcity.methods.registry import METHODS
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: Methods that construct an indicator from links.
LINK_METHODS = tuple(
    name
    for name, method in METHODS["construct"].items()
    if isinstance(method, Construction) and method.network is not None
)


def link_step(recipe: Recipe, code: str) -> Step | None:
    """Return the step that makes an indicator from links, None where none does."""
    step = recipe.step_for("construct", code)
    return step if step is not None and step.method in LINK_METHODS else None


def link_codes(framework: Framework, recipe: Recipe) -> tuple[str, ...]:
    """Return the indicators that are made from links, in tree order."""
    codes = (node.code for node in framework.indicators)
    return tuple(code for code in codes if link_step(recipe, code) is not None)


def flow_of(step: Step) -> str:
    """Return what the two directions of a link say."""
    return step.text("flow")


def group_of(step: Step) -> str | None:
    """Return the attribute inside whose groups links do not count, None where all of them do."""
    return (step.text("domestic") == "exclude" and step.text("group")) or None
