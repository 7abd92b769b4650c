"""Whether native cells can show a recipe at all."""

from __future__ import annotations

from xlcity.errors import Problem, RecipeError
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.nodes import missing_rule
from xlcity.workbook.steps.scale import normaliser_for


def check_drawable(spec: TemplateSpec) -> None:
    """Refuse a specification that native cells cannot show, naming everything at once.

    Raises
    ------
    RecipeError
        With every indicator and node that has no native form, steps that disagree on a parameter
        that has one cell, and values given to composite nodes.
    """
    problems: list[Problem] = []
    for codes, look in (
        ([node.code for node in spec.framework.indicators], normaliser_for),
        ([node.code for node in spec.framework.composites], missing_rule),
    ):
        for code in codes:
            try:
                look(spec, code)
            except RecipeError as error:
                problems += error.problems
    for name in ("scale", "unrated", "floor"):
        steps = [
            step for step in spec.recipe.steps_doing("normalise") if step.get(name) is not None
        ]
        if len({step.number(name, 0.0) for step in steps}) > 1:
            problems.append(
                Problem(
                    "XC257",
                    f"the steps that normalise differ in {name}.",
                    "A template has one cell for it: use one value.",
                )
            )
    known = {node.code for node in spec.framework.indicators}
    for code in spec.dataset.codes:
        if code not in known:
            problems.append(
                Problem(
                    "XC258",
                    f"{code} has values of its own, which templates cannot take yet.",
                    "Give the values of its indicators.",
                )
            )
    if problems:
        raise RecipeError(problems)
