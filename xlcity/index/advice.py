"""What a method was probably not meant to do: scales beside the values, fractions as per cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import DataError, Problem, Where, counted
from xlcity.index.result import Bounds
from xlcity.model.dataset import Dataset, FloatArray, State
from xlcity.model.framework import Framework
from xlcity.model.notes import Notes
from xlcity.model.recipe import Recipe, Step

#: Indicators that are named where many are meant.
NAMED = 6
#: (step, method) -> parameters that run from 0 to 100, where a fraction is probably a slip.
PER_CENT = {("treat", "percentile"): ("low", "high"), ("normalise", "efficacy"): ("omega",)}
#: The same of parameters that run from 0 to 1.
SHARES = {"screen": ("data", "nonzero"), "aggregate": ("threshold",)}


def with_unused(
    framework: Framework, recipe: Recipe, datasets: Sequence[Dataset], notes: Notes
) -> Notes:
    """Return a reader's notes with the variables that were read but divide nothing.

    `datasets` are the editions that were read, or the one there is.

    Raises
    ------
    DataError
        If indicators with values are divided by something that has none.
    """
    divided: dict[str, list[str]] = {}
    for node in framework.indicators:
        step = recipe.step_for("denominate", node.code)
        if step is not None and step.method != "none":
            by = str(step.get("denominator") or node.denominator)
            divided.setdefault(by, []).append(node.code)
    problems = []
    for code, indicators in divided.items():
        if code not in framework.inputs or _has_values(datasets, code):
            continue
        if any(_has_values(datasets, indicator) for indicator in indicators):
            message = f"{_listed(indicators)} {'is' if len(indicators) == 1 else 'are'} divided "
            message += f"by {code}, which has no values."
            hint = f"Give the data a column {code}, or leave the denominator out."
            problems.append(Problem("XC333", message, hint, Where(indicator=code)))
    if problems:
        raise DataError(problems)
    idle = [
        (variable.code, "no step of the method divides by it; see --denominate")
        for variable in framework.variables
        if variable.code not in divided and _has_values(datasets, variable.code)
    ]
    known = {heading for heading, _ in notes.unused}
    more = tuple(entry for entry in idle if entry[0] not in known)
    return replace(notes, unused=(*notes.unused, *more))


def method_notes(
    framework: Framework,
    recipe: Recipe,
    bounds: tuple[Bounds, ...],
    scores: dict[str, FloatArray],
) -> Iterator[Problem]:
    """Yield what looks like a slip in a method; it is computed as it stands.

    Parameters
    ----------
    framework, recipe
        What was computed, and how.
    bounds
        Extremes of every indicator before it was normalised.
    scores
        Indicator -> its normalised values, NaN where it has none.
    """
    yield from _directions(framework)
    for step in recipe.steps:
        yield from _units(step)
    for found in bounds:
        way = recipe.step_for("normalise", found.code)
        if way is None or not found.count:
            continue
        best = way.number("max", 5.0)
        if way.method == "goalposts":
            yield from _goalposts(framework, way, found, scores[found.code])
        elif way.method == "rating" and found.maximum > best:
            message = f"values of {found.code} go up to {found.maximum:g}, beyond the best rating "
            message += f"{best:g}."
            hint = "Write rating:MAX with the best rating that can be given."
            yield Problem("XC358", message, hint, Where(indicator=found.code))


def _directions(framework: Framework) -> Iterator[Problem]:
    if framework.undirected:
        size, total = len(framework.undirected), len(framework.indicators)
        whose = "any indicator" if size == total else f"{size} of {total} indicators"
        message = f"the framework states no direction for {whose}: of "
        message += f"{_listed(framework.undirected)} more counts as better."
        hint = "Add a column direction: 1 where more is better, -1 where less is."
        yield Problem("XC216", message, hint, Where(file=framework.file))


def _units(step: Step) -> Iterator[Problem]:
    name = f"{step.do} {step.method}"
    for parameter in PER_CENT.get((step.do, step.method), ()):
        value = step.get(parameter)
        if isinstance(value, (int, float)) and 0 < value <= 1:
            message = f"{name}: {parameter} is {value:g} out of 100, not {value * 100:g}."
            hint = f"It runs from 0 to 100: for {value * 100:g} % write {value * 100:g}."
            yield Problem("XC358", message, hint)
    for parameter in SHARES.get(step.do, ()):
        value = step.get(parameter)
        if isinstance(value, (int, float)) and value > 1:
            message = f"{name}: {parameter} is {value:g}, a share that nothing reaches."
            hint = f"It runs from 0 to 1: for {value:g} % write {value / 100:g}."
            yield Problem("XC358", message, hint)


def _goalposts(
    framework: Framework, step: Step, found: Bounds, scores: FloatArray
) -> Iterator[Problem]:
    node = framework[found.code]
    low, high = step.get("low", node.goalpost_low), step.get("high", node.goalpost_high)
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return
    base, scale = step.number("base", 0.0), step.number("scale", 100.0)
    clipped = int(((scores == base) | (scores == scale)).sum())
    if (found.minimum < low or found.maximum > high) and 2 * clipped > found.count:
        message = f"values of {found.code} run from {found.minimum:g} to {found.maximum:g}, its "
        message += f"goalposts from {low:g} to {high:g}: {clipped} of "
        message += f"{counted(found.count, 'city', 'cities')} score {base:g} or {scale:g}."
        hint = "Goalposts are in the indicator's own unit of measure."
        yield Problem("XC358", message, hint, Where(indicator=found.code))


def _has_values(datasets: Sequence[Dataset], code: str) -> bool:
    for dataset in datasets:
        if code in dataset.items or code in dataset.links:
            return True
        if code in dataset.codes:
            states = np.asarray(dataset.states[:, dataset.column(code)])
            if (states == State.VALUE).any():
                return True
    return False


def _listed(codes: tuple[str, ...] | list[str]) -> str:
    return ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "")
