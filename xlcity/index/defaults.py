"""The recipe of a framework that comes without one."""

from __future__ import annotations

from xlcity.model.recipe import Recipe, Step


def default_recipe() -> Recipe:
    """Return: orient, min-max 0-100, average over what is there, relative weights; nothing else.

    These are the defaults of COINr. A blank counts as a missing code.
    """
    return Recipe(
        id="default",
        steps=(
            Step("normalise", "minmax", {"scale": 100}),
            Step("aggregate", "arithmetic", {"missing": "renormalise"}),
            Step("rank", "competition", {"digits": 9}),
        ),
        weights="relative",
        blank="missing",
    )
