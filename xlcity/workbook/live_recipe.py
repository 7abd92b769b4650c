"""The recipe as a workbook has it now: its TOML lines with the live parameter cells laid over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.functions.arguments import EVERYONE
from xlcity.functions.links import COUNTS, DOMESTIC
from xlcity.grouping import grouped
from xlcity.index.prepare import ScreenGroup, screen_groups
from xlcity.methods.normalise.scales import OWN
from xlcity.methods.record import NUMBER, NUMBERS, ParameterValue
from xlcity.model.framework import Framework
from xlcity.model.recipe import LINK_METHODS, Recipe, Step, option_fits
from xlcity.workbook.reading.records import CellReader, number_of, plain_text
from xlcity.xlsx.cells import resolve


def part_name(kind: str, code: str) -> str:
    """Return the defined name of a part of one indicator's construction.

    >>> part_name("weights", "B2.1")
    'par_weights_B2_1'
    """
    return f"par_{kind}_{re.sub(r'[^A-Za-z0-9]', '_', code)}"


def screen_cells(group: ScreenGroup) -> dict[str, str]:
    """Return where the limits of a group are that cities are screened by: parameter -> name."""
    suffix = f"_{group.number}" if group.number else ""
    return {name: f"par_screen_{name}{suffix}" for name in ("data", "nonzero")}


def list_names(recipe: Recipe, code: str) -> tuple[str, ...]:
    """Return the names of the rankings that an indicator's institutions are counted on."""
    step = recipe.step_for("construct", code)
    lists = step.get("lists") if step is not None else None
    return tuple(str(name) for name in lists) if isinstance(lists, tuple) else ()


#: Words that a cell of a construction takes.
YES_NO = ("yes", "no")
#: Step and method -> parameter -> the name of its cell, and what that holds: a number, several, or
#: one of some words. A cell of one indicator has the name of its code for `{}`.
_CELLS: Mapping[tuple[str, str], Mapping[str, tuple[str, str | tuple[str, ...]]]] = {
    ("construct", "pm25_grade"): {"guideline": ("par_pm25_guideline", NUMBER)},
    ("construct", "bands"): {
        "uppers": ("par_band_upper", NUMBERS), "weights": ("par_band_weight", NUMBERS)},
    ("construct", "zscore_index"): {
        "weights": ("weights {}", NUMBERS), "clip": ("limit {}", NUMBER),
        "ddof": ("par_ddof", NUMBER)},
    ("construct", "link_strength"): {"count": ("count {}", COUNTS)},
    ("construct", "eigen_centrality"): {"weighted": ("weighted {}", YES_NO)},
    ("pairs", "link_scores"): {"count": ("pair_count {}", COUNTS)},
    ("rescale", "efficacy"): {
        "omega": ("par_omega", NUMBER), "constant": ("par_constant", NUMBER)},
    ("rescale", "minmax"): {"constant": ("par_constant", NUMBER)},
    ("rescale", "zscore"): {"constant": ("par_constant", NUMBER)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LiveCells:
    """A workbook's parameter cells.

    Attributes
    ----------
    reader
        Reads the cells, and takes what is wrong with them.
    methods
        Step, its indicators -> the steps that the cells of `Framework` make of it.
    """

    reader: CellReader
    methods: Callable[[Step, Sequence[str]], Iterator[Step]]

    def value(self, name: str, kind: str | tuple[str, ...]) -> ParameterValue:
        """Return what the cells of a name hold; None where they are absent or hold another thing.

        In a range of numbers a gap or a text counts 0.
        """
        if name not in self.reader.book.names:
            return None
        area, numbers = resolve(self.reader.book, name), []
        for down, row in enumerate(self.reader.book.block(area)):
            for right, value in enumerate(row):
                shown, where = plain_text(value), self.reader.at(area, down, right)
                if isinstance(kind, tuple):
                    # Cells compare texts without case.
                    if shown.casefold() in kind:
                        return shown.casefold()
                    hint = f"It is one of {', '.join(kind)}."
                    self.reader.wrong("XC225", f"the parameter {name} is {shown!r}.", hint, where)
                    return None
                if (number := number_of(value)) is None:
                    message = f"the parameter {name} contains {shown!r}, which is not a number."
                    if kind == NUMBER:
                        message = f"the parameter {name} is {shown!r}, which is not a number."
                    self.reader.wrong("XC225", message, "Type a number.", where)
                if kind == NUMBER:
                    return number
                numbers.append(number or 0.0)
        return tuple(numbers)


def live_steps(
    recipe: Recipe, framework: Framework, cells: LiveCells
) -> tuple[tuple[Step, ...], ...]:
    """Return what the values of the cells make of each step as written.

    A step is split where its cells differ from indicator to indicator.
    """
    return tuple(tuple(_live_steps_of(recipe, framework, s, cells)) for s in recipe.steps)


def _live_steps_of(
    recipe: Recipe, framework: Framework, step: Step, cells: LiveCells
) -> Iterable[Step]:
    """Yield what the cells make of a step."""
    if step.do in ("denominate", "treat", "normalise"):
        live = cells.methods(step, _codes_of(framework, recipe, step))
        if step.do != "normalise" or len(recipe.populations) < 2:
            return live
        pool = cells.value("par_pool", (OWN, EVERYONE, *recipe.populations))
        return [_with_parameters(m, pool=pool) if m.method == "zscore" else m for m in live]
    if step.do == "screen" and step.method != "none":
        return _live_screens(framework, recipe, step, cells)
    if step.do == "rank":
        names = {"digits": "par_rank_digits", "round_to": "par_rank_round"}
        typed = {name: cells.value(cell, NUMBER) for name, cell in names.items()}
        decimals = {name: int(v) for name, v in typed.items() if isinstance(v, float)}
        return (_with_parameters(step, **decimals),)
    by_links = step.do == "construct" and step.method in LINK_METHODS
    is_grouped = by_links and step.get("group")
    grouped_links = {"domestic": ("par_domestic", DOMESTIC)} if is_grouped else {}
    of_method = _CELLS.get((step.do, step.method), {})
    if not by_links and not any("{}" in name for name, _ in of_method.values()):
        return (_with_live_cells(step, of_method, cells),)
    return [
        replace(
            _with_live_cells(step, cells_of_step(step, code) | grouped_links, cells), codes=(code,)
        )
        for code in _codes_of(framework, recipe, step)
    ]


def cells_of_step(step: Step, code: str) -> dict[str, tuple[str, str | tuple[str, ...]]]:
    """Return the cells of a method's parameters, of one indicator if one is named.

    Each parameter has the name of its cells and what these hold.
    """
    return {
        parameter: (part_name(name.removesuffix(" {}"), code) if "{}" in name else name, kind)
        for parameter, (name, kind) in _CELLS.get((step.do, step.method), {}).items()
    }


def _with_live_cells(
    step: Step, of_method: Mapping[str, tuple[str, str | tuple[str, ...]]], cells: LiveCells
) -> Step:
    """Return a step with the values of cells."""
    typed = {parameter: cells.value(name, kind) for parameter, (name, kind) in of_method.items()}
    return _with_parameters(step, **typed)


def rejoined(recipe: Recipe, live: Sequence[Sequence[Step]]) -> Recipe:
    """Return a recipe as its author would write it: split steps joined, options on offer again.

    Parameters
    ----------
    recipe
        As written.
    live
        What the values of the cells make of its steps, from `live_steps`.
    """
    steps: list[Step] = []
    positions: dict[int, int] = {}
    for position, (written, split) in enumerate(zip(recipe.steps, live, strict=True)):
        alike = grouped((frozenset(s.params.items()), s) for s in split or [written]).values()
        joined = [replace(s[-1], codes=tuple(c for step in s for c in step.codes)) for s in alike]
        # The step that acts on most keeps the scope of the written one, so that it acts on an
        # indicator that joins later, too.
        first, *others = sorted(joined, key=lambda step: -len(step.codes))
        first = replace(first, codes=written.codes)
        if not others:
            positions[position] = len(steps)
            first = written if _is_as_written(written, first) else first
        steps += [first, *others]
    options = (
        replace(o, changes={(positions[nth], name): v for (nth, name), v in o.changes.items()})
        for o in recipe.options
        if all(position in positions for position, _ in o.changes)
    )
    fitting = tuple(option for option in options if option_fits(option, steps))
    return replace(recipe, steps=tuple(steps), options=fitting)


def _is_as_written(written: Step, live: Step) -> bool:
    """Tell whether the cells hold what was written; a default that is now said changes nothing."""
    return all(live.params.get(name) == value for name, value in written.params.items()) and all(
        name in written.params or value in (None, live.default(name))
        for name, value in live.params.items()
    )


def _with_parameters(step: Step, **params: ParameterValue) -> Step:
    given = {name: value for name, value in params.items() if value is not None}
    return replace(step, params={**step.params, **given})


def _codes_of(framework: Framework, recipe: Recipe, step: Step) -> list[str]:
    return [n.code for n in framework.indicators if recipe.step_for(step.do, n.code) is step]


def _live_screens(
    framework: Framework, recipe: Recipe, step: Step, cells: LiveCells
) -> Iterator[Step]:
    """Yield a step per group of indicators with the limits of its cells."""
    for group in screen_groups(framework, recipe):
        if group.step is step:
            limits = {name: cells.value(c, NUMBER) for name, c in screen_cells(group).items()}
            yield replace(
                _with_parameters(step, **limits), codes=(group.node,) if group.number else ()
            )
