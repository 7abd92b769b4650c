"""What a column makes of one other column: each way to score held against its values.

A way of `shapes.toml` is taken only if our own score gives all values of all draws, with one slope
and one constant; these become parameters of the method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from xlcity.data_files import toml_beside
from xlcity.functions.block import CellState
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.none import NONE
from xlcity.methods.normalise.record import Indicator, Normalisation
from xlcity.methods.record import Settings
from xlcity.methods.registry import find_method
from xlcity.methods.treat.log import LOGARITHM
from xlcity.methods.treat.record import Treatment
from xlcity.model.dataset import FloatArray
from xlcity.proof.numbers import SAME, count_digits, linear, plain, size_of

#: Scores between which a line is put, the likeliest first.
_SCORES = (
    (0.0, 1.0),
    (0.0, 100.0),
    (0.0, 10.0),
    (1.0, 100.0),
    (0.0, 5.0),
)
#: Draws that a shape has to fit before all are computed.
_FIRST = 2
#: Numbers that a fit needs between its limits, at least.
_FEWEST_INSIDE = 4

Parameter = float | str | tuple[float, ...]


@dataclass(frozen=True)
class MethodFit:
    """A method that gives a column.

    Attributes
    ----------
    method, params, direction
        The step *normalise*, as a recipe has it.
    treat, treat_params
        A step *treat* before it, "" for none.
    scale, shift
        The column is the score times `scale` plus `shift`.
    constants
        The numbers that it is made of, for how plain it is.
    """

    method: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    direction: int = 1
    treat: str = ""
    treat_params: Mapping[str, Parameter] = field(default_factory=dict)
    scale: float = 1.0
    shift: float = 0.0
    constants: tuple[float, ...] = ()

    @property
    def cost(self) -> int:
        """Return how little plain it is: its digits."""
        return sum(map(count_digits, self.constants))


class Draw(NamedTuple):
    """Invented values of a column, and what another column made of them."""

    x: FloatArray
    y: FloatArray


class Line(NamedTuple):
    """y = constant + slope * score, with a slope above 0, cut off at limits where it has any."""

    constant: float
    slope: float
    low: float | None = None
    high: float | None = None

    def values(self, scores: FloatArray) -> FloatArray:
        """Return the values of a column."""
        values = self.constant + self.slope * scores
        return np.clip(values, self.low, self.high) if self.is_cut else values

    @property
    def is_cut(self) -> bool:
        """Whether it has a limit."""
        return self.low is not None or self.high is not None

    def plain(self, score: float) -> float:
        """Return the value of a score in few digits."""
        return plain(self.constant + self.slope * score, self.slope)


@dataclass(frozen=True)
class ScoreShape:
    """One way to score a column, up to slope and constant, as `shapes.toml` has it."""

    method: str
    line: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    treat: str = ""
    treat_params: Mapping[str, Parameter] = field(default_factory=dict)
    direction: int = 1

    def compute(self, x: FloatArray) -> FloatArray:
        """Return our own scores of a column."""
        if self.treat:
            treat = find_method(Treatment, self.treat)
            assert treat.kernel is not None  # logarithms and percentiles have one
            settings = Settings(treat, self.treat_params)
            x = treat.kernel(x, _states(x), settings).values[:, 0]
        method = find_method(Normalisation, self.method)
        column = Indicator(x, _states(x), self.direction, None)
        ends = {"base": 0.0, "scale": 1.0} if self.line == "ends" else {}
        settings = Settings(method, {**ends, **self.params})
        scores: FloatArray = method.kernel(column, settings).block.values[:, 0]
        return scores

    def line_of(self, draws: Sequence[Draw]) -> Line | None:
        """Return slope and constant with which it gives all values; None if none do."""
        may_be_cut = self.line in ("fixed", "moments") or self.method == MINMAX.name
        return fit_line(self.compute, draws, may_be_cut=may_be_cut)

    def fit(self, line: Line, floor: float = -np.inf) -> MethodFit | None:
        """Return the method that gives a line; None if none does.

        `floor` is a number that no value is below.
        """
        return _LINES[self.line](self, line, floor)

    def made(
        self, params: Mapping[str, float], *, method: str = "", **more: Any
    ) -> MethodFit:
        """Return the method with further parameters."""
        constants = (*params.values(),)
        if self.treat == LOGARITHM.name and self.line == "fixed":
            # Bounds are typed before logarithms are taken.
            bounds = np.exp(constants[:2]).tolist()
            constants = (*map(plain, bounds), *constants[2:])
        return MethodFit(
            method or self.method,
            {**params, **self.params},
            self.direction,
            treat=self.treat,
            treat_params=self.treat_params,
            constants=constants,
            **more,
        )


def _states(x: FloatArray) -> Any:
    return np.isnan(x) * np.uint8(CellState.BLANK)


def _fit_ends(shape: ScoreShape, line: Line, floor: float) -> MethodFit | None:
    params = {"base": line.plain(0), "scale": line.plain(1)}
    if not line.is_cut:
        return shape.made(params)
    if line.low is None or line.high is not None or shape.method != MINMAX.name:
        return None
    return shape.made({**params, "floor": plain(line.low, line.slope)})


def _fit_moments(shape: ScoreShape, line: Line, floor: float) -> MethodFit | None:
    """Return z-scores, clipped at both ends or at none."""
    params = {"mean": line.plain(0), "sd": plain(line.slope)}
    if not line.is_cut:
        return shape.made(params)
    if line.low is None or line.high is None:
        return None
    clip = plain((line.high - line.constant) / line.slope)
    if plain((line.constant - line.low) / line.slope) != clip:
        return None
    return shape.made({**params, "clip": clip})


def _fit_share(shape: ScoreShape, line: Line, floor: float) -> MethodFit | None:
    if line.is_cut:
        return None
    return shape.made({"scale": plain(line.slope)}, shift=line.plain(0))


def _fit_points(shape: ScoreShape, line: Line, floor: float) -> MethodFit | None:
    if line.is_cut:
        return None
    slope = plain(line.slope)
    return shape.made({"base": plain(line.constant / slope)}, scale=slope)


def _fit_fixed(shape: ScoreShape, line: Line, floor: float) -> MethodFit | None:
    """Return a line between fixed bounds, as plain as possible; the values themselves."""
    if line.is_cut:
        return _fit_goalposts(shape, line, floor)
    if line.plain(0) == 0 and plain(line.slope) == 1 and shape.direction > 0:
        return shape.made({}, method=NONE.name)
    return min((_between(shape, line, ends) for ends in _SCORES), key=_cost)


def _cost(fit: MethodFit) -> int:
    return fit.cost


def _between(
    shape: ScoreShape,
    line: Line,
    ends: tuple[float, float],
    names: tuple[str, str] = ("lower", "upper"),
) -> MethodFit:
    """Return the line between two scores."""
    size = abs(ends[1] / line.slope)
    at = (shape.direction * (end - line.constant) / line.slope for end in ends)
    bounds = sorted(plain(value, size) for value in at)
    params = {
        **dict(zip(names, bounds, strict=True)),
        "base": ends[0],
        "scale": ends[1],
    }
    method = MINMAX.name if names[0] == "lower" else GOALPOSTS.name
    return shape.made(params, method=method)


def _fit_goalposts(shape: ScoreShape, line: Line, floor: float) -> MethodFit | None:
    """Return goalposts; where values are not negative, they begin at 0 if nothing else does."""
    low = line.low
    high = line.high
    if floor >= 0 and shape.direction > 0 and low is None:
        low = min(0.0, line.constant)
    if floor >= 0 and shape.direction < 0 and high is None:
        high = line.constant
    if low is None or high is None:
        return None
    size = high - low
    ends = plain(low, size), plain(high, size)
    return _between(shape, line, ends, ("low", "high"))


_LINES: dict[str, Callable[[ScoreShape, Line, float], MethodFit | None]] = {
    "ends": _fit_ends,
    "moments": _fit_moments,
    "share": _fit_share,
    "points": _fit_points,
    "fixed": _fit_fixed,
}


#: Shapes that no recipe has a step for, by the reason that is told.
_WITHOUT_STEP: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "unread.square_root": np.sqrt,
    "unread.square": np.square,
    "unread.reciprocal": np.reciprocal,
    "unread.vector_norm": lambda x: x / np.sqrt(x @ x),
    "unread.median": lambda x: x - np.median(x),
    "unread.mean": lambda x: x - x.mean(),
}


@cache
def shapes() -> tuple[ScoreShape, ...]:
    """Return all ways to score, the plainest first, each with more as better and as worse."""
    entries = toml_beside(__file__, "shapes.toml")["shapes"]
    ways = product(entries, (1, -1))
    return tuple(ScoreShape(**entry, direction=direction) for entry, direction in ways)


def fit_line(
    compute: Callable[[FloatArray], FloatArray],
    draws: Sequence[Draw],
    *,
    may_be_cut: bool = False,
) -> Line | None:
    """Return slope and constant with which scores give all values; None if none do."""
    with np.errstate(all="ignore"):
        c = np.concatenate([compute(draw.x) for draw in draws])
    y = np.concatenate([draw.y for draw in draws])
    known = np.isfinite(y)
    if known.sum() < _FEWEST_INSIDE or not np.isfinite(c[known]).all():
        return None
    c = c[known]
    y = y[known]
    line = _whole_line(c, y)
    return _cut_line(c, y) if line is None and may_be_cut else line


def _cut_line(c: FloatArray, y: FloatArray) -> Line | None:
    """Return a line that is cut off at the extremes of a column."""
    slack = SAME * size_of(y)
    low = float(y.min())
    high = float(y.max())
    inside = (y > low + slack) & (y < high - slack)
    if inside.sum() < _FEWEST_INSIDE:
        return None
    line = _whole_line(c[inside], y[inside])
    if line is None:
        return None
    whole = line.values(c)
    # A limit that nothing is beyond is none.
    if (whole < low - slack).any():
        line = line._replace(low=low)
    if (whole > high + slack).any():
        line = line._replace(high=high)
    return line if line.is_cut and _is_equal(line.values(c), y) else None


def _whole_line(c: FloatArray, y: FloatArray) -> Line | None:
    """Return a rising line that gives all values."""
    found = linear(c[:, None], y)
    if found is None or found[1][0] <= 0:
        return None
    return Line(found[0], float(found[1][0]))


def _is_equal(a: FloatArray, b: FloatArray) -> bool:
    return bool(np.abs(a - b).max() <= SAME * size_of(b))


def shape_without_step(draws: Sequence[Draw]) -> str:
    """Return the reason why no recipe can say a column: its shape where that is known."""
    turned = [Draw(x, -y) for x, y in draws]
    for reason, compute in _WITHOUT_STEP.items():
        if fit_line(compute, draws) or fit_line(compute, turned):
            return reason
    return "unread.unknown"


def find_fits(draws: Sequence[Draw], gap: Draw | None = None) -> list[MethodFit]:
    """Return the methods that give a column, the plainest first.

    Parameters
    ----------
    draws
        Invented values and results.
    gap
        One more draw, in which a city has no value: methods that agree on it come first.
    """
    floor = min(float(draw.x.min()) for draw in draws)
    found: list[tuple[bool, int, int, MethodFit]] = []
    for number, shape in enumerate(shapes()):
        line = shape.line_of(draws[:_FIRST]) and shape.line_of(draws)
        fit = None if line is None else shape.fit(line, floor)
        if line is not None and fit is not None:
            found.append((_fails_on(shape, line, gap), fit.cost, number, fit))
    return [fit for *_, fit in sorted(found, key=lambda entry: entry[:3])]


def _fails_on(shape: ScoreShape, line: Line, gap: Draw | None) -> bool:
    """Tell whether a line does not give the values of the cities that are not empty."""
    if gap is None:
        return False
    known = np.isfinite(gap.x) & np.isfinite(gap.y)
    with np.errstate(all="ignore"):
        values = line.values(shape.compute(gap.x))
    return not known.any() or not _is_equal(values[known], gap.y[known])
