"""The recipe: the ordered steps of a method with their parameters, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from xlcity.errors import RecipeError
from xlcity.functions.missing import MISSING_CODES as MISSING_CODES  # readers of data use it too
from xlcity.model.methods import METHODS

Parameter = float | str | bool | tuple[float, ...] | tuple[str, ...] | None

#: The population of a unit that names none.
MAIN = "main"
#: In the parameter `pool`: a population's own statistics.
OWN = "own"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, by which method, to which codes (none named = all others)."""

    do: str
    method: str
    #: Lists are tuples.
    params: Mapping[str, Parameter] = field(default_factory=dict)
    codes: tuple[str, ...] = ()

    def get(self, name: str, default: Parameter = None) -> Parameter:
        """Return a parameter or its default."""
        return self.params.get(name, default)

    def number(self, name: str, default: float) -> float:
        """Return a numeric parameter or its default.

        Raises
        ------
        RecipeError
            If the parameter is not a number.
        """
        value = self.params.get(name, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise RecipeError(f"{self.do} {self.method}: {name} = {value!r} is not a number.")
        return float(value)

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """Return a list of numbers, None where the recipe does not set it.

        Raises
        ------
        RecipeError
            If the parameter is no list of numbers.
        """
        value = self.params.get(name)
        if value is None:
            return None
        if not isinstance(value, tuple) or not all(isinstance(v, (int, float)) for v in value):
            raise RecipeError(f"{self.do} {self.method}: {name} = {value!r} is no list of numbers.")
        return tuple(float(v) for v in value)


@dataclass(frozen=True, slots=True)
class Option:
    """An alternative reading that the report's method allows: parameters to set on some steps."""

    id: str
    label_zh: str
    label_en: str
    #: (step index, parameter) -> value, in order; None removes the parameter. The parameter
    #: "method" changes the method, and drops the parameters that the new one does not have.
    changes: Mapping[tuple[int, str], Parameter]


@dataclass(frozen=True, slots=True)
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
    populations: tuple[str, ...] = (MAIN,)

    def steps_doing(self, do: str) -> tuple[Step, ...]:
        """Return the steps of one kind, in order."""
        return tuple(step for step in self.steps if step.do == do)

    def step_for(self, do: str, code: str) -> Step | None:
        """Return the step of a kind that acts on a code: one that names it, else the open one."""
        steps = self.steps_doing(do)
        named = [step for step in steps if code in step.codes]
        return next(reversed(named or [step for step in steps if not step.codes]), None)

    def with_option(self, option_id: str) -> Recipe:
        """Return the recipe with one of its options taken, see `with_options`."""
        return self.with_options((option_id,))

    def with_options(self, ids: Sequence[str]) -> Recipe:
        """Return the recipe with some of its options taken, in the order given.

        It keeps the options that can still be taken: one that sets a parameter which a new method
        does not have is gone.

        Raises
        ------
        RecipeError
            If there is no such option, or two of them exclude each other.
        """
        by_id = {option.id: option for option in self.options}
        known = f"Options: {', '.join(by_id) or 'none'}."
        unknown = [option_id for option_id in ids if option_id not in by_id]
        if unknown:
            names = ", ".join(map(repr, unknown))
            raise RecipeError(f"no option {names} in recipe {self.id}.", known)
        steps: list[Step] = list(self.steps)
        taken: dict[tuple[int, str], tuple[str, Parameter]] = {}
        for option in (by_id[option_id] for option_id in dict.fromkeys(ids)):
            # What another option has set to the same value is done already.
            new = {
                key: value
                for key, value in option.changes.items()
                if key not in taken or taken[key][1] != value
            }
            rivals = {taken[key][0] for key in new if key in taken}
            if not rivals and not option_fits(replace(option, changes=new), steps):
                rivals = {other for other, _ in taken.values()}
            if rivals:
                names = " and ".join(map(repr, (*sorted(rivals), option.id)))
                raise RecipeError(
                    f"the options {names} exclude each other: they set the same step differently.",
                    "Take one of them, or write a recipe of your own.",
                )
            for (position, name), value in new.items():
                taken[position, name] = option.id, value
                steps[position] = _changed(steps[position], name, value)
        left = tuple(other for other in self.options if option_fits(other, steps))
        return replace(self, steps=tuple(steps), options=left)


def option_fits(option: Option, steps: Sequence[Step]) -> bool:
    """Tell whether every parameter that an option changes belongs to the step's method."""
    methods = {position: step.method for position, step in enumerate(steps)}
    for (position, name), value in option.changes.items():
        known = METHODS[steps[position].do].get(methods[position], {})
        if name == "method":
            methods[position] = str(value)
        elif name not in known or (value is None and name not in steps[position].params):
            return False
    return True


def _changed(step: Step, name: str, value: Parameter) -> Step:
    if name == "method":
        return _by_method(step, str(value))
    params: dict[str, Any] = {**step.params, name: value}
    if value is None:
        del params[name]
    return replace(step, params=params)


def _by_method(step: Step, method: str) -> Step:
    kept = {name: value for name, value in step.params.items() if name in METHODS[step.do][method]}
    return replace(step, method=method, params=kept)
