"""The recipe as a workbook has it now: its TOML lines with the live parameter cells laid over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from xlcity.grouping import grouped
from xlcity.index.prepare import ScreenGroup
from xlcity.methods.record import NUMBER, Parameter
from xlcity.model.recipe import Option, Recipe, Step, option_fits


def part_name(kind: str, code: str) -> str:
    """Return the defined name of a part of one indicator's construction.

    >>> part_name("weights", "B2.1")
    'par_weights_B2_1'
    """
    return f"par_{kind}_{re.sub(r'[^A-Za-z0-9]', '_', code)}"


#: Parameter -> the name of its cells, and what these hold: a number, several, or one of some words.
ParameterCells = Mapping[str, tuple[str, str | tuple[str, ...]]]


def screen_cells(group: ScreenGroup) -> ParameterCells:
    """Return the cells of the limits of a group that cities are screened by."""
    suffix = f"_{group.number}" if group.number else ""
    return {
        name: (f"par_screen_{name}{suffix}", NUMBER) for name in ("data", "nonzero")
    }


def list_names(recipe: Recipe, code: str) -> tuple[str, ...]:
    """Return the names of the rankings that an indicator's institutions are counted on."""
    step = recipe.step_for("construct", code)
    lists = step.get("lists") if step is not None else None
    return tuple(str(name) for name in lists) if isinstance(lists, tuple) else ()


#: Words that a cell of a construction takes.
YES_NO = ("yes", "no")


def cells_of_step(step: Step, code: str) -> ParameterCells:
    """Return the cells of a method's parameters, those of one indicator among them."""
    return {
        parameter.name: (_cell_name(parameter, code), parameter.kind)
        for parameter in step.record.parameters
        if parameter.defined_name
    }


def names_of_cells(step: Step, code: str) -> dict[str, str]:
    """Return the defined names of these cells alone, by parameter."""
    return {name: cells for name, (cells, _) in cells_of_step(step, code).items()}


def _cell_name(parameter: Parameter, code: str) -> str:
    """Return the defined name of a parameter's cells, the indicator's own if each has its own."""
    if parameter.is_shared:
        return parameter.defined_name
    return part_name(parameter.defined_name.removesuffix(" {}"), code)


def has_cells_by_indicator(step: Step) -> bool:
    """Tell whether each indicator has cells of its own for parameters of a method."""
    return any(p.defined_name and not p.is_shared for p in step.record.parameters)


def rejoined(recipe: Recipe, live: Sequence[Sequence[Step]]) -> Recipe:
    """Return a recipe as its author would write it: split steps joined, options on offer again.

    Parameters
    ----------
    recipe
        As written.
    live
        What the values of the cells make of each of its steps.
    """
    steps: list[Step] = []
    positions: dict[int, int] = {}
    for position, (written, split) in enumerate(zip(recipe.steps, live, strict=True)):
        joined = _rejoined_step(written, split or [written])
        if len(joined) == 1:
            positions[position] = len(steps)
        steps += joined
    options = []
    for option in recipe.options:
        if all(position in positions for position, _ in option.changes):
            options.append(_moved(option, positions))
    fitting = tuple(option for option in options if option_fits(option, steps))
    return replace(recipe, steps=tuple(steps), options=fitting)


def _rejoined_step(written: Step, split: Iterable[Step]) -> list[Step]:
    """Return what the cells make of a step, one step for all codes with the same parameters."""
    alike = grouped((frozenset(step.params.items()), step) for step in split)
    joined = map(_joined, alike.values())
    # The step that acts on most keeps the scope of the written one, so that it acts on an
    # indicator that joins later, too.
    first, *others = sorted(joined, key=lambda step: -len(step.codes))
    first = replace(first, codes=written.codes)
    if others:
        return [first, *others]
    return [written if _is_as_written(written, first) else first]


def _joined(steps: Sequence[Step]) -> Step:
    """Return one step in place of several that only act on other indicators."""
    codes = chain.from_iterable(step.codes for step in steps)
    return replace(steps[-1], codes=tuple(codes))


def _moved(option: Option, positions: Mapping[int, int]) -> Option:
    """Return an option whose steps stand elsewhere."""
    changes = {
        (positions[position], name): value
        for (position, name), value in option.changes.items()
    }
    return replace(option, changes=changes)


def _is_as_written(written: Step, live: Step) -> bool:
    """Tell whether the cells hold what was written; a default that is now said changes nothing."""
    return all(
        live.params.get(name) == value for name, value in written.params.items()
    ) and all(
        name in written.params or value in (None, live.default(name))
        for name, value in live.params.items()
    )
