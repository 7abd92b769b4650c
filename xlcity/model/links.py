"""Which indicators are made from links between cities, and how a recipe takes them."""

from __future__ import annotations

from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: Ways to construct an indicator from links.
LINK_METHODS = ("link_strength", "eigen_centrality", "degree_centrality")
DIRECTED, SYMMETRIC = "directed", "symmetric"


def link_step(recipe: Recipe, code: str) -> Step | None:
    """Return the step that makes an indicator from links, None where none does."""
    step = recipe.step_for("construct", code)
    return step if step is not None and step.method in LINK_METHODS else None


def link_codes(framework: Framework, recipe: Recipe) -> tuple[str, ...]:
    """Return the indicators that are made from links, in tree order."""
    codes = (node.code for node in framework.indicators)
    return tuple(code for code in codes if link_step(recipe, code) is not None)


def flow_of(step: Step) -> str:
    """Return what the two directions of a link say.

    Directed flows add up; a symmetric tie may be written once or twice and counts once. Strengths
    are of flows unless the recipe says otherwise, networks are of ties.
    """
    return str(step.get("flow", DIRECTED if step.method == "link_strength" else SYMMETRIC))


def group_of(step: Step) -> str | None:
    """Return the attribute inside whose groups links do not count, None where all of them do."""
    if step.get("domestic", "exclude") == "include" or not step.get("group"):
        return None
    return str(step.get("group"))
