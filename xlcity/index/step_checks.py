"""What a step asks for that the framework or the data do not have, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.errors import Problem, Where
from xlcity.index.prepare import denominator_of
from xlcity.index.weigh import set_problems
from xlcity.methods.weight import Weighting
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step


def step_problems(framework: Framework, recipe: Recipe, dataset: Dataset) -> Iterator[Problem]:
    """Yield the steps that cannot be taken, for parameters that are missing or do not fit."""
    for number, step in enumerate(recipe.steps, start=1):
        looked_at = [*_by_itself(step), *_units(step, dataset)]
        acted_on = [
            node
            for node in (framework.composites if step.do == "weight" else framework.indicators)
            if recipe.step_for(step.do, node.code) is step
        ]
        for node in acted_on:
            looked_at += [f"{node.code}: {text}" for text in _for_node(framework, step, node)]
        if step.do == "weight":
            wrong = [code for code in step.codes if framework.is_indicator(code)]
            looked_at += [f"{code} is an indicator and weighs nothing" for code in wrong]
            if isinstance(step.record, Weighting) and step.record.named:
                for node in acted_on:
                    looked_at += set_problems(framework, recipe, step, node.code)
        for text in dict.fromkeys(looked_at):
            yield Problem(
                "XC262",
                f"step {number} ({step.do} {step.method}): {text}.",
                "Correct the recipe.",
                Where(file=framework.file),
            )


def _by_itself(step: Step) -> Iterator[str]:
    """Yield what is wrong with parameters, whatever the framework."""
    settings = step.settings()
    for parameter in step.record.parameters:
        if parameter.above is not None:
            value = settings.optional(parameter.name)
            if value is not None and value <= parameter.above:
                yield f"{parameter.name} is {value:g}"
    if not step.record.reads_framework:
        yield from step.record.check(settings)


def _units(step: Step, dataset: Dataset) -> Iterator[str]:
    """Yield cities that a step names and the data do not have."""
    known = {unit.id for unit in dataset.units}
    named: list[object] = [step.get("unit")] if step.do == "normalise" else []
    for name in ("keep", "drop"):
        given = step.get(name)
        named += list(given) if step.do == "screen" and isinstance(given, tuple) else []
    for unit in named:
        if unit is not None and unit not in known:
            yield f"unknown city {unit!r}"


def _for_node(framework: Framework, step: Step, node: Node) -> Iterator[str]:
    settings = step.settings(node)
    if step.do == "denominate":
        name = denominator_of(step, node)
        if step.codes and not name and step.record.names:
            yield "it has no denominator"
        if name and name not in framework.inputs:
            yield f"unknown denominator {name}"
    if step.record.reads_framework:
        yield from step.record.check(settings)
    if isinstance(step.record, Weighting):
        yield from step.record.check_children(settings, len(framework.children(node.code)))
