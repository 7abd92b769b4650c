"""What a method was probably not meant to do: scales beside the values, fractions as per cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from xlcity.errors import DataError, Problem, Where
from xlcity.index.prepare import denominator_of
from xlcity.index.result import Bounds
from xlcity.methods.aggregate import Aggregation
from xlcity.methods.normalise.record import Extent, Normalisation
from xlcity.methods.registry import method_of
from xlcity.model.dataset import Dataset, FloatArray, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node, name_notes
from xlcity.model.reading.notes import Notes
from xlcity.model.recipe import Recipe, Step

#: Indicators that are named where many are meant.
NAMED = 6
#: How many times as wide as the smallest the widest scale of siblings may be.
SCALES = 10


def note_unused(
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
        if by := denominator_of(step, node):
            divided.setdefault(by, []).append(node.code)
    problems = []
    for code, indicators in divided.items():
        if code not in framework.inputs or _has_values(datasets, code):
            continue
        if any(_has_values(datasets, indicator) for indicator in indicators):
            message = (
                f"{_list_codes(indicators)} {'is' if len(indicators) == 1 else 'are'} divided "
            )
            message += f"by {code}, which has no values."
            hint = f"Give the data a column {code}, or leave the denominator out."
            problems.append(Problem("XC333", message, hint, Where(indicator=code)))
    if problems:
        raise DataError(problems)
    idle = [
        (variable.code, "no step of the method divides by it; see denominate")
        for variable in framework.variables
        if variable.code not in divided and _has_values(datasets, variable.code)
    ]
    headings = {heading for heading, _ in notes.unused}
    unlisted = tuple(entry for entry in idle if entry[0] not in headings)
    return replace(notes, unused=(*notes.unused, *unlisted))


def note_methods(
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
    yield from _note_directions(framework)
    for step in recipe.steps:
        yield from _note_limits(step)
    for extremes in bounds:
        way = recipe.step_for("normalise", extremes.code)
        if way is None or not extremes.count:
            continue
        settings = way.settings(framework[extremes.code])
        extent = Extent(extremes.code, extremes.count, extremes.minimum, extremes.maximum)
        advice = method_of(Normalisation, way.method).advice
        for message, hint in advice(extent, scores[extremes.code], settings):
            yield Problem("XC358", message, hint, Where(indicator=extremes.code))
    yield from _compare_scales(framework, recipe, scores)


def note_odd_names(framework: Framework, units: Sequence[Unit]) -> Iterator[Problem]:
    """Yield names of nodes and cities that hold what nobody sees or takes for something else."""
    for node in (*framework.nodes, *framework.variables):
        where = Where(framework.file, indicator=node.code)
        yield from name_notes(where, node.name_zh, node.name_en)
    for unit in units:
        yield from name_notes(Where(unit=unit.id), unit.id, unit.name_zh, unit.name_en)


def _compare_scales(
    framework: Framework, recipe: Recipe, scores: dict[str, FloatArray]
) -> Iterator[Problem]:
    """Yield nodes of which one indicator is scored out of 1 and another out of 100, say.

    Parameters
    ----------
    scores
        Indicator -> its normalised values.
    """
    for node in framework.composites:
        step = recipe.step_for("aggregate", node.code)
        if step is None or method_of(Aggregation, step.method).scale_free:
            continue
        widths = {}
        for child in framework.children(node.code):
            way = recipe.step_for("normalise", child.code) if child.code in scores else None
            if (
                way
                and way.method != "none"
                and (width := _score_width(way, child, scores[child.code]))
            ):
                widths[child.code] = way.method, width
        wide = max(widths, key=lambda code: widths[code][1], default="")
        narrow = [code for code in widths if widths[code][1] * SCALES < widths[wide][1]]
        if narrow:
            method, width = widths[narrow[0]]
            message = (
                f"{_list_codes(narrow)} of {node.code}: {method} gives scores over {width:.3g}, "
                f"while those of {wide} ({widths[wide][0]}) run over {widths[wide][1]:.3g}. "
                "The mean is hardly moved by the smaller ones."
            )
            hint = "Give them one scale (parameter scale) or one method."
            yield Problem("XC358", message, hint, Where(indicator=node.code))


def _score_width(way: Step, node: Node, scores: FloatArray) -> float:
    """Return how far scores of an indicator are meant to run, or run; 0 if all are equal.

    Parameters
    ----------
    way
        The step that normalises it.
    scores
        (units,) its scores.
    """
    settings = way.settings(node)
    names = settings.method.names
    if "scale" in names:
        return settings.number("scale") - (settings.number("base") if "base" in names else 0.0)
    numbers = scores[np.isfinite(scores)]
    return float(np.ptp(numbers)) if numbers.size else 0.0


def _note_directions(framework: Framework) -> Iterator[Problem]:
    """Yield a note on indicators whose direction the framework does not state, if there are any."""
    if framework.undirected:
        size, total = len(framework.undirected), len(framework.indicators)
        message = (
            f"the framework states no direction for {size} of {total} indicators: "
            f"of {_list_codes(framework.undirected)} more counts as better."
        )
        hint = "Add a column direction: 1 where more is better, -1 where less is."
        yield Problem("XC216", message, hint, Where(file=framework.file))


def _note_limits(step: Step) -> Iterator[Problem]:
    """Yield notes on parameters of a step: fractions given as per cent, and the reverse."""
    for parameter in step.record.parameters:
        value, limits = step.get(parameter.name), parameter.limits
        if limits is None or not isinstance(value, (int, float)):
            continue
        name = f"{step.do} {step.method}: {parameter.name}"
        if limits[1] == 100 and 0 < value <= 1:
            message = f"{name} is {value:g} out of 100, not {value * 100:g}."
            hint = f"It runs from 0 to 100: for {value * 100:g} % write {value * 100:g}."
            yield Problem("XC358", message, hint)
        elif limits[1] == 1 and value > 1:
            message = f"{name} is {value:g}, a share that nothing reaches."
            hint = f"It runs from 0 to 1: for {value:g} % write {value / 100:g}."
            yield Problem("XC358", message, hint)


def _has_values(datasets: Sequence[Dataset], code: str) -> bool:
    """Tell whether a code has a value, an item or a link in any of the datasets."""
    for dataset in datasets:
        if code in dataset.items or code in dataset.links:
            return True
        if code in dataset.codes:
            states = np.asarray(dataset.states[:, dataset.column(code)])
            if (states == State.VALUE).any():
                return True
    return False


def _list_codes(codes: tuple[str, ...] | list[str]) -> str:
    """Return the first `NAMED` codes with commas, and an ellipsis for more."""
    return ", ".join(codes[:NAMED]) + (" …" if len(codes) > NAMED else "")
