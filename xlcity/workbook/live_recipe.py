"""The recipe as a workbook has it now: its TOML lines with the live parameter cells laid over."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from xlcity.functions.arguments import EVERYONE
from xlcity.functions.links import COUNTS, DOMESTIC
from xlcity.index.prepare import ScreenGroup, screen_groups
from xlcity.methods.normalise.scales import OWN
from xlcity.methods.record import ParameterValue
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

    def number(self, name: str) -> float | None:
        """Return the number of a one-cell name; None where it is absent or not a number."""
        if (typed := self.reader.cell(name)) is None:
            return None
        if (number := number_of(typed[0])) is None:
            message = f"the parameter {name} is {plain_text(typed[0])!r}, which is not a number."
            self.reader.wrong("XC225", message, "Type a number.", typed[1])
        return number

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """Return the numbers of a range, None where it is absent; a gap or text counts 0."""
        if name not in self.reader.book.names:
            return None
        area = resolve(self.reader.book, name)
        numbers = []
        for down, row in enumerate(self.reader.book.block(area)):
            for right, value in enumerate(row):
                if (number := number_of(value)) is None:
                    shown = plain_text(value)
                    message = f"the parameter {name} contains {shown!r}, which is not a number."
                    where = self.reader.at(area, down, right)
                    self.reader.wrong("XC225", message, "Type a number.", where)
                numbers.append(number or 0.0)
        return tuple(numbers)

    def word(self, name: str, words: Collection[str]) -> str | None:
        """Return the word of a one-cell name; None where it is absent or another word."""
        if (cell := self.reader.cell(name)) is None:
            return None
        typed = plain_text(cell[0])
        # Cells compare texts without case.
        if typed.casefold() in words:
            return typed.casefold()
        message, hint = f"the parameter {name} is {typed!r}.", f"It is one of {', '.join(words)}."
        self.reader.wrong("XC225", message, hint, cell[1])
        return None


def live_steps(
    recipe: Recipe, framework: Framework, cells: LiveCells
) -> tuple[tuple[int, Step], ...]:
    """Return the steps with the values of the cells, each with the position it had as written.

    A step is split where its cells differ from indicator to indicator.
    """
    steps: list[tuple[int, Step]] = []
    for position, step in enumerate(recipe.steps):
        live: Iterable[Step] = (step,)
        if step.do == "construct":
            live = _live_construction(framework, recipe, step, cells)
        elif step.do == "pairs":
            live = _live_pairs(framework, recipe, step, cells)
        elif step.do in ("denominate", "treat", "normalise"):
            live = cells.methods(step, _codes_of(framework, recipe, step))
            if step.do == "normalise" and len(recipe.populations) > 1:
                pool = cells.word("par_pool", (OWN, EVERYONE, *recipe.populations))
                live = [_with_parameters(m, pool=pool) if m.method == "zscore" else m for m in live]
        elif step.do == "rescale":
            constant = cells.number("par_constant")
            omega = cells.number("par_omega") if step.method == "efficacy" else None
            if step.method == "linear":
                constant = None
            live = (_with_parameters(step, omega=omega, constant=constant),)
        elif step.do == "screen" and step.method != "none":
            live = _live_screens(framework, recipe, step, cells)
        elif step.do == "rank":
            digits, places = cells.number("par_rank_digits"), cells.number("par_rank_round")
            rounding = {"digits": digits, "round_to": places}
            live = (
                _with_parameters(step, **{n: int(v) for n, v in rounding.items() if v is not None}),
            )
        steps += ((position, live_step) for live_step in live)
    return tuple(steps)


def rejoined(recipe: Recipe, steps: tuple[tuple[int, Step], ...]) -> Recipe:
    """Return a recipe as its author would write it: split steps joined, options on offer again.

    Parameters
    ----------
    recipe
        As written.
    steps
        With the values of the cells, from `live_steps`.
    """
    joined_steps: list[Step] = []
    first: dict[int, int] = {}
    for position, written in enumerate(recipe.steps):
        mine = [step for written_at, step in steps if written_at == position] or [written]
        groups: list[Step] = []
        for step in mine:
            alike = next((g for g in groups if g.params == step.params), None)
            if alike is None:
                groups.append(step)
            else:
                joined = replace(step, codes=(*alike.codes, *step.codes))
                groups[groups.index(alike)] = joined
        # The step that acts on most keeps the scope of the written one, so that it acts on an
        # indicator that joins later, too.
        groups.sort(key=lambda step: -len(step.codes))
        groups[0] = replace(groups[0], codes=written.codes)
        if len(groups) == 1 and _is_as_written(written, groups[0]):
            groups = [written]
        if len(groups) == 1:
            first[position] = len(joined_steps)
        joined_steps += groups
    options = []
    for option in recipe.options:
        if all(position in first for position, _ in option.changes):
            changes = {
                (first[written_at], name): value
                for (written_at, name), value in option.changes.items()
            }
            options.append(replace(option, changes=changes))
    fitting = tuple(option for option in options if option_fits(option, joined_steps))
    return replace(recipe, steps=tuple(joined_steps), options=fitting)


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
            limits = {name: cells.number(cell) for name, cell in screen_cells(group).items()}
            yield replace(
                _with_parameters(step, **limits), codes=(group.node,) if group.number else ()
            )


def _live_construction(
    framework: Framework, recipe: Recipe, step: Step, cells: LiveCells
) -> Iterator[Step]:
    """Yield a step per indicator with the weights, limits and bands of its cells."""
    if step.method == "pm25_grade":
        yield _with_parameters(step, guideline=cells.number("par_pm25_guideline"))
        return
    if step.method == "bands":
        uppers, weights = (cells.numbers(f"par_band_{name}") for name in ("upper", "weight"))
        yield _with_parameters(step, uppers=uppers, weights=weights)
        return
    if step.method in LINK_METHODS:
        yield from _live_links(framework, recipe, step, cells)
        return
    if step.method != "zscore_index":
        yield step
        return
    for code in _codes_of(framework, recipe, step):
        weights = cells.numbers(part_name("weights", code))
        clip, ddof = (cells.number(name) for name in (part_name("limit", code), "par_ddof"))
        yield replace(_with_parameters(step, weights=weights, clip=clip, ddof=ddof), codes=(code,))


def _live_links(
    framework: Framework, recipe: Recipe, step: Step, cells: LiveCells
) -> Iterator[Step]:
    """Yield a step per indicator with the choices of its cells."""
    for code in _codes_of(framework, recipe, step):
        words: dict[str, str | None] = {}
        if step.get("group"):
            words["domestic"] = cells.word("par_domestic", DOMESTIC)
        if step.method == "link_strength":
            words["count"] = cells.word(part_name("count", code), COUNTS)
        elif step.method == "eigen_centrality":
            words["weighted"] = cells.word(part_name("weighted", code), ("yes", "no"))
        yield replace(_with_parameters(step, **words), codes=(code,))


def _live_pairs(
    framework: Framework, recipe: Recipe, step: Step, cells: LiveCells
) -> Iterator[Step]:
    """Yield a step per indicator: what of its links counts for pairs."""
    for code in _codes_of(framework, recipe, step):
        count = cells.word(part_name("pair_count", code), COUNTS)
        yield replace(_with_parameters(step, count=count), codes=(code,))
