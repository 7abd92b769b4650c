"""Methods in words, and weights in numbers in place of a framework's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import TYPE_CHECKING, cast

from xlcity.errors import Problem, UsageError, did_you_mean
from xlcity.model.framework import Framework

if TYPE_CHECKING:
    import pandas as pd

#: A method for all, several words, or a method by code.
Method = str | Sequence[str] | Mapping[str, str]


def with_weights_of(framework: Framework, weights: Mapping[str, float]) -> Framework:
    """Return a framework with other weights.

    Raises
    ------
    UsageError
        If a code is unknown, or a weight is negative or not finite.
    """
    problems = []
    for code, weight in weights.items():
        if code not in framework:
            known = [node.code for node in framework.nodes]
            hint = did_you_mean(code, known)
            problems.append(Problem("XC100", f"weights: unknown node {code!r}.", hint))
        elif not (0 <= weight < float("inf")):
            message = f"the weight of {code} is {weight:g}."
            problems.append(Problem("XC100", message, "Give a number of 0 or more."))
    if problems:
        raise UsageError(problems)
    nodes = [replace(n, weight=weights.get(n.code, n.weight)) for n in framework.nodes]
    return replace(framework, nodes=tuple(nodes))


def method_words(option: str, method: Method) -> list[str]:
    """Return a method in words, as the command line takes it.

    Raises
    ------
    UsageError
        If it is neither a word, nor words, nor a mapping from codes to words.
    """
    words: list[str] = [method] if isinstance(method, str) else []
    if isinstance(method, Mapping):
        words = list(method.values())
    elif not words:
        words = list(method) if isinstance(method, Sequence) else [method]
    if wrong := [word for word in words if not isinstance(word, str)]:
        hint = f'Name a method ({option}="…"), or give a mapping from codes to names of methods.'
        if option == "weights":
            hint = "Give a mapping from codes to numbers, or name a method."
        raise UsageError(f"{option}: {wrong[0]!r} is not the name of a method.", hint)
    if isinstance(method, Mapping):
        return [f"{code}={word}" for code, word in method.items()]
    return words


def numbers_or_methods(
    given: Method | Mapping[str, float] | pd.Series[float] | None,
) -> tuple[dict[str, float], Method | None]:
    """Return weights that are numbers, and those that are methods; a Series is a mapping."""
    if given is not None and hasattr(given, "to_dict"):
        given = cast("Mapping[str, float]", given.to_dict())
    if not isinstance(given, Mapping):
        return {}, given
    numbers = {
        code: float(value)
        for code, value in given.items()
        if isinstance(value, Real) and not isinstance(value, bool)
    }
    words = cast(
        "dict[str, str]", {code: word for code, word in given.items() if code not in numbers}
    )
    return numbers, words or None
