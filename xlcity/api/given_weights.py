"""Methods in words, and weights in numbers in place of a framework's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real

from xlcity.errors import Problem, UsageError, did_you_mean
from xlcity.model.framework import Framework

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


def method_words(method: Method) -> list[str]:
    """Return a method as the command line takes it."""
    if isinstance(method, str):
        return [method]
    if isinstance(method, Mapping):
        return [f"{code}={word}" for code, word in method.items()]
    return list(map(str, method))


def numbers_or_methods(
    given: Method | Mapping[str, float] | None,
) -> tuple[dict[str, float], Method | None]:
    """Return weights that are numbers, and those that are methods."""
    if not isinstance(given, Mapping):
        return {}, given
    numbers = {
        code: float(value)
        for code, value in given.items()
        if isinstance(value, Real) and not isinstance(value, bool)
    }
    words = {code: str(value) for code, value in given.items() if code not in numbers}
    return numbers, words or None
