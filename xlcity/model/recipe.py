"""The recipe: the ordered steps of a method with their parameters, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from xlcity.errors import RecipeError, did_you_mean
from xlcity.functions.block import MISSING_CODES
from xlcity.messages import joined
from xlcity.methods.construct.record import Construction
from xlcity.methods.record import Method, ParameterValue, Settings
from xlcity.methods.registry import METHODS, unknown_hint
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node

#: The population of a unit that names none.
MAIN_POPULATION = "main"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, by which method, to which codes (none named = all others)."""

    do: str
    method: str
    #: Lists are tuples.
    params: Mapping[str, ParameterValue] = field(default_factory=dict)
    codes: tuple[str, ...] = ()

    def get(self, name: str, default: ParameterValue = None) -> ParameterValue:
        """Return what the step names for a parameter, else `default`."""
        return self.params.get(name, default)

    @property
    def record(self) -> Method:
        """The record of the step's method.

        Raises
        ------
        RecipeError
            If there is no such method.
        """
        methods = METHODS.get(self.do, {})
        if self.method not in methods:
            hint = unknown_hint(self.do, self.method, methods)
            raise RecipeError.of(
                "XC250.unknown_method", hint=hint, step=self.do, name=self.method
            )
        return methods[self.method]

    @property
    def is_idle(self) -> bool:
        """Whether it leaves everything as it is."""
        return self.record.idle

    def default(self, name: str) -> ParameterValue:
        """Return what a parameter means where the step does not name it."""
        return (
            self.record.parameter(name).default if name in self.record.names else None
        )

    def settings(self, node: Node | None = None) -> Settings:
        """Return all parameters, those that the step does not name included.

        `node` is the one the step acts on: some parameters default to a field of it.

        Raises
        ------
        RecipeError
            If there is no such method.
        """
        return Settings(self.record, self.params, node)

    def number(self, name: str, default: float | None = None) -> float:
        """Return a parameter as a number: the step's own, else `default`, else the method's."""
        value = (
            self.settings().optional(name)
            if self.params.get(name) is not None
            else default
        )
        return self.settings().number(name) if value is None else value

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """Return a parameter of the step as a list of numbers, None where it has no value."""
        return self.settings().numbers(name) if name in self.record.names else None

    def text(self, name: str) -> str:
        """Return a parameter of the step as a word, "" where it has no value."""
        return self.settings().text(name)


@dataclass(frozen=True, slots=True)
class Option:
    """An alternative reading that the report's method allows: parameters to set on some steps."""

    id: str
    label_zh: str
    label_en: str
    #: (step index, parameter) -> value, in order; None removes the parameter. The parameter
    #: "method" changes the method, and drops the parameters that the new one does not have.
    changes: Mapping[tuple[int, str], ParameterValue]


class _ChangeMade(NamedTuple):
    """A parameter's value that an option has set."""

    option: str
    value: ParameterValue


@dataclass(frozen=True)
class Recipe:
    """The method of one index.

    `weights` is "shares" (each group sums to 1, else refused) or "relative" (rescaled).
    `blank` is "draft" (a blank is not filled yet) or "missing" (a blank is a missing code).
    `populations` names the groups that are scored apart, in the order of their tables.
    """

    id: str
    steps: tuple[Step, ...]
    weights: str = "shares"
    blank: str = "draft"
    missing_codes: tuple[str, ...] = MISSING_CODES
    options: tuple[Option, ...] = ()
    populations: tuple[str, ...] = (MAIN_POPULATION,)

    def steps_doing(self, do: str) -> tuple[Step, ...]:
        """Return the steps of one kind, such as "normalise", in order."""
        return tuple(step for step in self.steps if step.do == do)

    def step_for(self, do: str, code: str) -> Step | None:
        """Return the step of a kind that acts on a code, None without any.

        It is the last one that names the code, else the last one that names no codes at all.
        """
        key = do, code
        if key not in self._step_by_code:
            steps = self.steps_doing(do)
            naming_steps = [step for step in steps if code in step.codes]
            candidates = naming_steps or [step for step in steps if not step.codes]
            self._step_by_code[key] = candidates[-1] if candidates else None
        return self._step_by_code[key]

    def required_step(self, do: str, code: str) -> Step:
        """Return the step of a kind that acts on a code, in a recipe that was found usable."""
        step = self.step_for(do, code)
        assert step is not None, "refuse_unusable has refused recipes without"
        return step

    @cached_property
    def _step_by_code(self) -> dict[tuple[str, str], Step | None]:
        """Answers of `step_for`, by kind of step and code, which that method adds.

        Templates ask a hundred thousand times.
        """
        return {}

    def with_options(self, ids: Sequence[str]) -> Recipe:
        """Return the recipe with some of its options taken, in the order given.

        It keeps the options that can still be taken: one that sets a parameter which a new method
        does not have is gone.

        Raises
        ------
        RecipeError
            If there is no such option, or two of them exclude each other.
        """
        steps: list[Step] = list(self.steps)
        changes_made: dict[tuple[int, str], _ChangeMade] = {}
        for option in self._options_of(ids):
            # What another option has set to the same value is done already.
            new_changes = {
                key: value
                for key, value in option.changes.items()
                if key not in changes_made or changes_made[key].value != value
            }
            new_option = replace(option, changes=new_changes)
            _refuse_rivals(new_option, changes_made, steps)
            for (position, name), value in new_changes.items():
                changes_made[position, name] = _ChangeMade(option.id, value)
                steps[position] = _change_step(steps[position], name, value)
        remaining = tuple(
            option for option in self.options if option_fits(option, steps)
        )
        return replace(self, steps=tuple(steps), options=remaining)

    def _options_of(self, ids: Iterable[str]) -> list[Option]:
        """Return the options of some ids, each once; `RecipeError` for one that it has not."""
        by_id = {option.id: option for option in self.options}
        for option_id in ids:
            if option_id not in by_id:
                hint = did_you_mean(option_id, by_id)
                raise RecipeError.of(
                    "XC250.no_option", hint=hint, recipe=self.id, option=option_id
                )
        return [by_id[option_id] for option_id in dict.fromkeys(ids)]


def option_fits(option: Option, steps: Sequence[Step]) -> bool:
    """Tell whether an option can be taken: every parameter it sets belongs to the step's method.

    A parameter that it removes must also be there. Its own change of a method counts for what
    follows.
    """
    methods = {position: step.method for position, step in enumerate(steps)}
    for (position, name), value in option.changes.items():
        names = METHODS[steps[position].do][methods[position]].names
        if name == "method":
            methods[position] = str(value)
        elif name not in names or (
            value is None and name not in steps[position].params
        ):
            return False
    return True


def _refuse_rivals(
    option: Option,
    changes_made: Mapping[tuple[int, str], _ChangeMade],
    steps: Sequence[Step],
) -> None:
    """Raise `RecipeError` where an option changes what others that were taken have set."""
    rivals = {changes_made[k].option for k in option.changes if k in changes_made}
    # A method that an earlier option set may lack the parameters of this one.
    if not rivals and not option_fits(option, steps):
        rivals = {change.option for change in changes_made.values()}
    if rivals:
        excluding = map(repr, (*sorted(rivals), option.id))
        names = joined(excluding, "list.and_names")
        raise RecipeError.of("XC250.exclude_each_other", options=names)


def _change_step(step: Step, name: str, value: ParameterValue) -> Step:
    """Return a step with one parameter set, or removed where `value` is None.

    The name "method" sets the method: parameters that the new one lacks are dropped.
    """
    if name == "method":
        names = METHODS[step.do][str(value)].names
        params = {key: setting for key, setting in step.params.items() if key in names}
        return replace(step, method=str(value), params=params)
    params = {key: setting for key, setting in step.params.items() if key != name}
    return replace(
        step, params=params if value is None else {**step.params, name: value}
    )


def is_by_links(step: Step) -> bool:
    """Tell whether a step makes an indicator from links between cities."""
    method = step.record
    return isinstance(method, Construction) and method.network is not None


def link_step(recipe: Recipe, code: str) -> Step | None:
    """Return the step that makes an indicator from links between cities, None without one."""
    step = recipe.step_for("construct", code)
    return step if step is not None and is_by_links(step) else None


def link_codes(framework: Framework, recipe: Recipe) -> tuple[str, ...]:
    """Return the codes of the indicators that the recipe makes from links, in tree order."""
    codes = (node.code for node in framework.indicators)
    return tuple(code for code in codes if link_step(recipe, code) is not None)


def link_group(step: Step) -> str | None:
    """Return the attribute of cities inside whose groups links do not count.

    None where all links count.
    """
    return (step.text("domestic") == "exclude" and step.text("group")) or None
