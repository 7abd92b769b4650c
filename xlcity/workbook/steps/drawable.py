"""Whether native cells can show a recipe at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xlcity.errors import Problem, RecipeError
from xlcity.workbook.layout import Layout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.construct import construct_step
from xlcity.workbook.steps.known import require_known
from xlcity.workbook.steps.nodes import missing_rule
from xlcity.workbook.steps.scale import normaliser_for

#: Methods of the families that are not scales, and the parameters their cells show.
_FAMILIES = {
    "zscore": {"zscore": {"limit", "ddof", "again"}},
    "rank": {"rank": {"ties", "missing"}},
}
#: Parameters that have one cell for all indicators.
_SHARED = ("scale", "unrated", "floor", "limit", "ddof", "omega")


def check_drawable(spec: TemplateSpec) -> None:
    """Refuse a specification that native cells cannot show, naming everything at once.

    Raises
    ------
    RecipeError
        With every indicator and node that has no native form, steps that disagree on a parameter
        that has one cell, and a mixture of families.
    """
    problems = [*_steps(spec), *_shared(spec)]
    if spec.family == "mixed":
        problems.append(
            Problem(
                "XC258",
                "templates normalise by bounds, by z-scores or by ranks, not by several at once.",
                "Use one of these for all indicators. `xlcity index` takes any mixture.",
            )
        )
    if spec.rescales and spec.direct_nodes:
        names = ", ".join(spec.direct_nodes)
        problems.append(
            Problem(
                "XC258",
                f"{names}: nodes that are rescaled cannot be given a value in a template.",
                "Give the values of their indicators.",
            )
        )
    if problems:
        raise RecipeError(problems)


def _steps(spec: TemplateSpec) -> Iterator[Problem]:
    layout = Layout(spec)
    looks: list[tuple[str, Callable[[TemplateSpec, str], object]]] = [
        (code, missing_rule) for code in layout.composites
    ]
    if spec.family == "scale":
        looks += [(code, normaliser_for) for code in layout.indicators]
    for code, look in looks:
        try:
            look(spec, code)
        except RecipeError as error:
            yield from error.problems
    try:
        for step in spec.recipe.steps_doing("normalise"):
            if spec.family in _FAMILIES:
                require_known(step, _FAMILIES[spec.family])
        for code in layout.constructed:
            construct_step(layout, code)
    except RecipeError as error:
        yield from error.problems


def _shared(spec: TemplateSpec) -> Iterator[Problem]:
    steps = [step for step in spec.recipe.steps if step.do in ("normalise", "rescale")]
    for name in _SHARED:
        having = [step for step in steps if step.get(name) is not None]
        if len({step.number(name, 0.0) for step in having}) > 1:
            yield Problem(
                "XC257",
                f"the steps differ in {name}.",
                "A template has one cell for it: use one value.",
            )
