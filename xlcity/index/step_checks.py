"""What a step asks for that the framework or the data do not have, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.errors import Problem, Where
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework, Node
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
        for text in looked_at:
            yield Problem(
                "XC262",
                f"step {number} ({step.do} {step.method}): {text}.",
                "Correct the recipe.",
                Where(file=framework.file),
            )


def _by_itself(step: Step) -> Iterator[str]:
    """Yield what is wrong with parameters, whatever the framework."""
    if step.method == "bands" and step.do == "normalise":
        cuts, scores = step.numbers("cuts") or (), step.numbers("scores")
        if not cuts or list(cuts) != sorted(set(cuts)):
            yield "cuts are ascending numbers"
        if scores is not None and len(scores) != len(cuts) + 1:
            yield f"{len(scores)} scores for {len(cuts) + 1} bands"
    low, high = step.number("low", 5.0), step.number("high", 95.0)
    if step.method == "percentile" and step.do == "treat" and not 0 <= low < high <= 100:
        yield f"percentiles {low:g} and {high:g}"
    for name, least in _LEAST.items():
        if name in step.params and step.number(name, 1.0) <= least:
            yield f"{name} is {step.number(name, 1.0):g}"
    if step.method == "dist2ref" and not step.get("unit"):
        yield "it lacks unit, the city that others are measured by"


#: Parameters and what they must be above.
_LEAST = {"sd": 0.0}


def _units(step: Step, dataset: Dataset) -> Iterator[str]:
    """Yield cities that a step names and the data do not have."""
    known = {unit.id for unit in dataset.units}
    named: list[object] = [step.get("unit")] if step.do == "normalise" else []
    for name in ("keep", "drop"):
        given = step.get(name)
        named += list(given) if step.do == "screen" and isinstance(given, tuple) else []
    for unit in named:
        if unit is not None and unit not in known:
            yield f"there is no city {unit!r}"


def _for_node(framework: Framework, step: Step, node: Node) -> Iterator[str]:
    if step.do == "denominate" and step.method == "by":
        name = str(step.get("denominator") or node.denominator)
        if step.codes and not name:
            yield "it has no denominator"
        if name and name not in framework.inputs:
            yield f"there is no denominator {name}"
    if step.method == "dist2target" and step.get("target") is None and node.target is None:
        yield "it has no target"
    if step.do == "normalise" and step.method == "goalposts":
        low, high = step.get("low", node.goalpost_low), step.get("high", node.goalpost_high)
        if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low >= high:
            yield f"goalposts {low:g} and {high:g}"
    if step.do == "weight":
        yield from _weights(step, len(framework.children(node.code)))


def _weights(step: Step, children: int) -> Iterator[str]:
    pairs = children * (children - 1) // 2
    judgements, targets = step.numbers("judgements") or (), step.numbers("targets")
    if step.method == "ahp" and len(judgements) != pairs:
        yield f"{len(judgements)} judgements for {pairs} pairs of its children"
    if step.method == "ahp" and min(judgements, default=1.0) <= 0:
        yield "judgements are above 0"
    if targets is not None and (len(targets) != children or min(targets) <= 0):
        yield f"targets are {children} numbers above 0"
