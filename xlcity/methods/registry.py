"""All methods there are: whatever record a module of this package holds."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TypeVar

from xlcity.errors import RecipeError, did_you_mean
from xlcity.methods.record import Method, Word

_Found = TypeVar("_Found", bound=Method)

#: The steps of a recipe, in the order in which they act.
STEPS = (
    "construct",
    "denominate",
    "screen",
    "impute_raw",
    "treat",
    "normalise",
    "impute_scores",
    "weight",
    "aggregate",
    "rescale",
    "rank",
    "pairs",
)
#: Option of the command line, and column of a framework -> the steps whose methods it names.
OPTION_STEPS: Mapping[str, tuple[str, ...]] = {
    "denominate": ("denominate",),
    "screen": ("screen",),
    "treat": ("treat",),
    "impute": ("impute_raw", "impute_scores"),
    "normalise": ("normalise",),
    "weights": ("weight",),
    "aggregate": ("aggregate",),
}
OPTIONS = tuple(OPTION_STEPS)


def _records() -> Iterator[Method]:
    """Yield the records of every step's module, or of the modules in its folder."""
    for step in STEPS:
        own = import_module(f"xlcity.methods.{step}")
        inside = pkgutil.iter_modules(getattr(own, "__path__", ()), f"{own.__name__}.")
        for module in (own, *(import_module(found.name) for found in inside)):
            yield from (value for value in vars(module).values() if isinstance(value, Method))


def _by_step() -> dict[str, dict[str, Method]]:
    found: dict[str, dict[str, Method]] = {step: {} for step in STEPS}
    for record in _records():
        known = found[record.step].setdefault(record.name, record)
        if known is not record:
            raise ValueError(f"two records of the method {record.step} {record.name}")
    return {step: dict(sorted(known.items())) for step, known in found.items()}


#: Step -> name of the method -> its record; steps in their order.
METHODS: Mapping[str, Mapping[str, Method]] = _by_step()


def method_of(kind: type[_Found], name: str) -> _Found:
    """Return the method of a step by its name.

    Raises
    ------
    RecipeError
        If the step has no such method.
    """
    method = METHODS[kind.step].get(name)
    if isinstance(method, kind):
        return method
    hint = did_you_mean(name, METHODS[kind.step])
    raise RecipeError(f"{kind.step} has no method {name!r}.", hint)


def words_of(option: str) -> dict[str, tuple[Word, Method]]:
    """Return the words of an option, each with the method that it stands for."""
    return {
        word.name: (word, method)
        for step in OPTION_STEPS[option]
        for method in METHODS[step].values()
        for word in method.words
    }
