"""How normalised scores become inputs again, where normalising is a fixed line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from xlcity.methods.normalise.fracmax import FRACMAX
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.none import NONE
from xlcity.methods.normalise.rating import RATING
from xlcity.model.dataset import FloatArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: Steps between 0 and the maximum that printed scores may count in, at most.
_MOST_STEPS = 200
#: Share of the printed scores that do, at least.
_COUNTED = 0.9
_PERCENT = 100.0


@dataclass(frozen=True)
class RawScale:
    """The line from a score to an input.

    Attributes
    ----------
    code
        The indicator.
    factor, shift
        The input is the score times `factor` plus `shift`.
    steps
        In how many steps the input counts up to its maximum; 0 for a continuous one.
    top
        The score of the maximum, on which all others are scaled; None for fixed bounds.
    """

    code: str
    factor: float
    shift: float = 0.0
    steps: int = 0
    top: float | None = None

    def raw(self, score: Any) -> Any:
        """Return inputs for scores."""
        return score * self.factor + self.shift

    def fixed(self, value: float, half: float) -> float | None:
        """Return the exact score that a print stands for, None where it leaves it open."""
        if self.top is None:
            return None
        if value == self.top:
            return value
        if not self.steps:
            return None
        exact = round(value * self.steps / self.top) * self.top / self.steps
        return exact if abs(exact - value) <= half else None


def raw_scale(
    framework: Framework, recipe: Recipe, node: str, printed: FloatArray
) -> RawScale | None:
    """Return how the scores of a node become those of the indicator below it.

    None where the node has several parts, or normalising is no fixed line: ranks, z-scores, and
    minimum and maximum of hidden values.

    Parameters
    ----------
    printed
        The printed scores of all cities.
    """
    code = node
    while not framework.is_indicator(code):
        children = framework.children(code)
        if len(children) != 1 or recipe.step_for("rescale", code) is not None:
            return None
        code = children[0].code
    step = recipe.step_for("normalise", code)
    treated = recipe.step_for("treat", code)
    is_treated = treated is not None and not treated.is_idle
    if step is None or is_treated or int(framework[code].direction) < 0:
        return None
    find = _LINES.get(step.method)
    return None if find is None else find(code, step, printed)


def _of_rating(code: str, step: Step, printed: FloatArray) -> RawScale:
    return RawScale(code, step.number("max") / step.number("scale"))


def _of_values(code: str, step: Step, printed: FloatArray) -> RawScale:
    return RawScale(code, 1.0)


def _of_minmax(code: str, step: Step, printed: FloatArray) -> RawScale | None:
    """Return the line of fixed bounds, or of 0 to the maximum, whose score is printed."""
    lower = step.get("lower")
    upper = step.get("upper")
    base = step.number("base")
    scale = step.number("scale")
    if lower is None or isinstance(lower, str) or isinstance(upper, str):
        return None
    low = step.number("lower")
    if upper is not None:
        factor = (step.number("upper") - low) / (scale - base)
        return RawScale(code, factor, low - base * factor)
    return _of_share(code, scale, printed) if low == base == 0 else None


def _of_fraction(code: str, step: Step, printed: FloatArray) -> RawScale | None:
    return _of_share(code, step.number("scale"), printed)


def _of_share(code: str, top: float, printed: FloatArray) -> RawScale | None:
    """Return the line of shares of the maximum: in steps, or in per cent."""
    if top not in printed:
        return None
    for steps in range(2, _MOST_STEPS):
        counts = np.round(printed * steps / top)
        exact = np.round(counts * top / steps, 2)
        if (np.abs(exact - printed) < 1e-9).mean() >= _COUNTED:
            return RawScale(code, steps / top, steps=steps, top=top)
    return RawScale(code, _PERCENT / top, top=top)


_LINES: dict[str, Callable[[str, Step, FloatArray], RawScale | None]] = {
    RATING.name: _of_rating,
    NONE.name: _of_values,
    MINMAX.name: _of_minmax,
    FRACMAX.name: _of_fraction,
}
