"""What a column makes of one other column: each method held against its values.

A method is taken only if it gives all values on all draws, with one slope and one constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from xlcity.functions.treat import quantile
from xlcity.methods.normalise.fracmax import FRACMAX
from xlcity.methods.normalise.fracsum import FRACSUM
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.normalise.minmax import MINMAX
from xlcity.methods.normalise.none import NONE
from xlcity.methods.normalise.ranks import BORDA, PERCENTILE
from xlcity.methods.normalise.zscore import ZSCORE
from xlcity.model.dataset import FloatArray
from xlcity.proof.numbers import SAME, count_digits, plain, size_of

#: Percentiles that bounds are taken from.
_PERCENTILES = (1.0, 2.5, 5.0, 10.0, 20.0, 25.0)
#: Scores between which a line is put, the likeliest first.
_SCORES = (
    (0.0, 1.0),
    (0.0, 100.0),
    (0.0, 10.0),
    (1.0, 100.0),
    (0.0, 5.0),
)
#: Numbers that a fit needs between its limits, at least.
_FEWEST_INSIDE = 4

#: Reason: a limit on one side alone.
ONE_SIDED = "unread.one_sided"

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
    reason
        Why no recipe can say it, "" where one can.
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
    reason: str = ""
    constants: tuple[float, ...] = ()

    @property
    def cost(self) -> tuple[bool, int]:
        """Return how little plain it is: whether a recipe cannot say it, and its digits."""
        return bool(self.reason), sum(map(count_digits, self.constants))


class Line(NamedTuple):
    """y = constant + slope * core, cut off at limits where it has any."""

    constant: float
    slope: float
    low: float | None = None
    high: float | None = None

    def values(self, core: FloatArray) -> FloatArray:
        """Return the values of a column."""
        values = self.constant + self.slope * core
        return np.clip(values, self.low, self.high) if self.is_cut else values

    @property
    def is_cut(self) -> bool:
        """Whether it has a limit."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Core:
    """One shape of a column: numbers -> numbers, up to slope and constant."""

    compute: Callable[[FloatArray], FloatArray]
    express: Callable[[Line], MethodFit]
    may_be_cut: bool = False


def _minmax(x: FloatArray) -> FloatArray:
    low = np.nanmin(x)
    return (x - low) / (np.nanmax(x) - low)


def _zscore(x: FloatArray, ddof: int) -> FloatArray:
    centred: FloatArray = (x - np.nanmean(x)) / np.nanstd(x, ddof=ddof)
    return centred


def _logistic(x: FloatArray, ddof: int) -> FloatArray:
    return 1 / (1 + np.exp(-_zscore(x, ddof)))


def _ranks(x: FloatArray, ties: str, direction: int) -> FloatArray:
    """Return ranks from the worst, 1, up."""
    from scipy.stats import rankdata

    ranks = np.full(len(x), np.nan)
    known = np.isfinite(x)
    ranks[known] = rankdata(direction * x[known], method=ties)
    return ranks


def _percentiles(x: FloatArray, ties: str, direction: int) -> FloatArray:
    others = np.isfinite(x).sum() - 1
    shares: FloatArray = (_ranks(x, ties, direction) - 1) / others
    return shares


def _between(x: FloatArray, low: float, high: float) -> FloatArray:
    numbers = x[np.isfinite(x)]
    bottom = quantile(numbers, low / 100)
    return (x - bottom) / (quantile(numbers, high / 100) - bottom)


def _winsorised(x: FloatArray, low: float, high: float, ddof: int) -> FloatArray:
    numbers = x[np.isfinite(x)]
    limits = quantile(numbers, low / 100), quantile(numbers, high / 100)
    cut = np.clip(x, *limits)
    return _zscore(cut, ddof)


def _express_minmax(line: Line, bounds: str = MINMAX.name) -> MethodFit:
    constant = plain(line.constant, abs(line.slope))
    other = plain(line.constant + line.slope, abs(line.slope))
    base = constant if line.slope > 0 else other
    scale = other if line.slope > 0 else constant
    params: dict[str, Parameter] = {"base": base, "scale": scale}
    if bounds != MINMAX.name:
        params["bounds"] = bounds
    direction = 1 if line.slope > 0 else -1
    return MethodFit(MINMAX.name, params, direction, constants=(base, scale))


def _express_zscore(line: Line, ddof: int) -> MethodFit:
    mean = plain(line.constant, abs(line.slope))
    sd = plain(abs(line.slope))
    direction = 1 if line.slope > 0 else -1
    params: dict[str, Parameter] = {"mean": mean, "sd": sd, "ddof": float(ddof)}
    if not line.is_cut:
        return MethodFit(ZSCORE.name, params, direction, constants=(mean, sd))
    low, high = (
        None if limit is None else plain((limit - line.constant) / abs(line.slope))
        for limit in (line.low, line.high)
    )
    if low is None or high is None or abs(low + high) > SAME * high:
        return MethodFit(ZSCORE.name, reason=ONE_SIDED, constants=(mean, sd))
    params["clip"] = high
    return MethodFit(ZSCORE.name, params, direction, constants=(mean, sd, high))


def _express_line(line: Line) -> MethodFit:
    """Return a line between fixed bounds, as plain as possible; the values themselves."""
    if line.is_cut:
        return _express_goalposts(line)
    constant = line.constant
    slope = line.slope
    if plain(constant, abs(slope)) == 0 and plain(slope) == 1:
        return MethodFit(NONE.name)
    found = []
    for base, scale in _SCORES:
        size = abs(scale / slope)
        lower = plain((base - constant) / slope, size)
        upper = plain((scale - constant) / slope, size)
        direction = 1 if slope > 0 else -1
        params = {
            "lower": min(lower, upper),
            "upper": max(lower, upper),
            "base": base,
            "scale": scale,
        }
        constants = (lower, upper, base, scale)
        found.append(MethodFit(MINMAX.name, params, direction, constants=constants))
    return min(found, key=lambda fit: fit.cost)


def _express_goalposts(line: Line, rules: tuple[str, str] | None = None) -> MethodFit:
    """Return goalposts: bounds that are fixed, or by rule, beyond which scores do not go."""
    direction = 1 if line.slope > 0 else -1
    low = line.low
    high = line.high
    if rules is not None:
        ends = sorted((line.constant, line.constant + line.slope))
        slack = SAME * abs(line.slope)
        if low is None or high is None:
            return MethodFit(GOALPOSTS.name, reason="unread.beyond")
        if abs(low - ends[0]) > slack or abs(high - ends[1]) > slack:
            return MethodFit(GOALPOSTS.name, reason="unread.beyond")
        base = plain(ends[0], abs(line.slope))
        scale = plain(ends[1], abs(line.slope))
        params: dict[str, Parameter] = {"low": rules[0], "high": rules[1]}
        params |= {"base": base, "scale": scale}
        return MethodFit(GOALPOSTS.name, params, direction, constants=(base, scale))
    if low is None or high is None:
        return MethodFit(GOALPOSTS.name, reason=ONE_SIDED)
    base = plain(low, abs(high - low))
    scale = plain(high, abs(high - low))
    distances = (low - line.constant, high - line.constant)
    bounds = [plain(distance / line.slope) for distance in distances]
    params = {"low": min(bounds), "high": max(bounds), "base": base, "scale": scale}
    constants = (*bounds, base, scale)
    return MethodFit(GOALPOSTS.name, params, direction, constants=constants)


def capped(line: Line) -> list[MethodFit]:
    """Return goalposts for a rising line with an upper limit, for values that are not negative."""
    if line.low is not None or line.high is None or line.slope < 0:
        return []
    start = line._replace(low=min(0.0, line.constant))
    fit = _express_goalposts(start)
    is_below = not fit.reason and float(fit.params["low"]) <= 0  # type: ignore[arg-type]
    return [fit] if is_below else []


def _express_rank(line: Line, ties: str, direction: int) -> MethodFit:
    """Return Borda's points, of which the column is a multiple."""
    slope = plain(line.slope)
    base = plain(1 + line.constant / slope)
    params: dict[str, Parameter] = {"ties": ties, "base": base}
    return MethodFit(
        BORDA.name, params, direction, scale=slope, constants=(slope, line.constant)
    )


def _express_fraction(line: Line) -> MethodFit:
    if line.slope > 0 and abs(line.constant) <= SAME * line.slope:
        scale = plain(line.slope)
        return MethodFit(FRACMAX.name, {"scale": scale}, constants=(scale,))
    return _express_minmax(line, "max")


def _express_inverse(line: Line) -> MethodFit:
    if line.slope < 0 or abs(line.constant) > SAME * abs(line.slope):
        return MethodFit(FRACMAX.name, reason="unread.inverse")
    scale = plain(line.slope)
    return MethodFit(FRACMAX.name, {"scale": scale}, -1, constants=(scale,))


def _express_share(line: Line) -> MethodFit:
    scale = plain(abs(line.slope))
    shift = plain(line.constant, scale)
    direction = 1 if line.slope > 0 else -1
    return MethodFit(
        FRACSUM.name,
        {"scale": scale},
        direction,
        shift=shift,
        constants=(scale, shift),
    )


def _express_percentile(line: Line, ties: str, direction: int) -> MethodFit:
    """Return percentile ranks: only rising ones, since falling ones rank the other way round."""
    base = plain(line.constant, abs(line.slope))
    scale = plain(line.constant + line.slope, abs(line.slope))
    if line.slope < 0:
        return MethodFit(PERCENTILE.name, reason="unread.unknown")
    params: dict[str, Parameter] = {"ties": ties, "base": base, "scale": scale}
    return MethodFit(PERCENTILE.name, params, direction, constants=(base, scale))


def _unknown(line: Line, reason: str) -> MethodFit:
    return MethodFit(NONE.name, reason=reason)


def _with_log(express: Callable[[Line], MethodFit], kind: str, line: Line) -> MethodFit:
    return replace(express(line), treat="log", treat_params={"log": kind})


def _with_percentiles(
    express: Callable[[Line], MethodFit], low: float, high: float, line: Line
) -> MethodFit:
    treat = {"low": low, "high": high}
    return replace(express(line), treat="percentile", treat_params=treat)


def _logged(
    compute: Callable[[FloatArray], FloatArray], offset: float, x: FloatArray
) -> FloatArray:
    with np.errstate(all="ignore"):
        return compute(np.log(x + offset))


def _same(x: FloatArray) -> FloatArray:
    return x


def _cores() -> Iterator[Core]:
    """Yield all shapes, the plainest first."""
    plain_cores = [
        Core(_same, _express_line, may_be_cut=True),
        Core(_minmax, _express_minmax),
        *(
            Core(
                partial(_zscore, ddof=ddof),
                partial(_express_zscore, ddof=ddof),
                may_be_cut=True,
            )
            for ddof in (0, 1)
        ),
    ]
    yield from plain_cores
    for ties, direction in product(("min", "average", "max"), (1, -1)):
        way: dict[str, Any] = {"ties": ties, "direction": direction}
        yield Core(partial(_ranks, **way), partial(_express_rank, **way))
        yield Core(partial(_percentiles, **way), partial(_express_percentile, **way))
    yield Core(lambda x: x / np.nanmax(x), _express_fraction)
    yield Core(lambda x: np.nanmin(x) / x, _express_inverse)
    mean_bounds = partial(_express_minmax, bounds="mean")
    yield Core(lambda x: x / np.nanmean(x), mean_bounds)
    yield Core(lambda x: x / np.nansum(x), _express_share)
    for kind, offset in (("ln", 0.0), ("ln1p", 1.0)):
        for core in plain_cores:
            yield replace(
                core,
                compute=partial(_logged, core.compute, offset),
                express=partial(_with_log, core.express, kind),
            )
    for low in _PERCENTILES:
        high = 100 - low
        rules = f"p{low:g}", f"p{high:g}"
        yield Core(
            partial(_between, low=low, high=high),
            partial(_express_goalposts, rules=rules),
            may_be_cut=True,
        )
        for ddof in (0, 1):
            yield Core(
                partial(_winsorised, low=low, high=high, ddof=ddof),
                partial(
                    _with_percentiles,
                    partial(_express_zscore, ddof=ddof),
                    low,
                    high,
                ),
            )
    yield from _shapes_without_step()


def _shapes_without_step() -> Iterator[Core]:
    """Yield shapes that are known and that no recipe has a step for."""
    shapes: Sequence[tuple[str, Callable[[FloatArray], FloatArray]]] = (
        ("unread.square_root", np.sqrt),
        ("unread.square", np.square),
        ("unread.reciprocal", np.reciprocal),
        ("unread.vector_norm", lambda x: x / np.sqrt(np.nansum(x * x))),
        ("unread.median", lambda x: x - np.nanmedian(x)),
        ("unread.mean", lambda x: x - np.nanmean(x)),
        ("unread.logistic", partial(_logistic, ddof=0)),
        ("unread.logistic", partial(_logistic, ddof=1)),
    )
    for reason, compute in shapes:
        yield Core(compute, partial(_unknown, reason=reason))


CORES = (*_cores(),)


class Draw(NamedTuple):
    """Invented values of a column, and what another column made of them."""

    x: FloatArray
    y: FloatArray


def fit_line(core: Core, draws: Sequence[Draw]) -> Line | None:
    """Return slope and constant with which a shape gives all values; None if none do."""
    with np.errstate(all="ignore"):
        shapes = [core.compute(draw.x) for draw in draws]
    c = np.concatenate(shapes)
    y = np.concatenate([draw.y for draw in draws])
    known = np.isfinite(y)
    if not np.isfinite(c[known]).all() or known.sum() < _FEWEST_INSIDE:
        return None
    line = _least_squares(c[known], y[known])
    if line is not None and _is_equal(line.values(c[known]), y[known]):
        return line
    return _fit_cut(c[known], y[known]) if core.may_be_cut else None


def _fit_cut(c: FloatArray, y: FloatArray) -> Line | None:
    """Return a line that is cut off at the extremes of a column."""
    low = float(y.min())
    high = float(y.max())
    slack = SAME * max(abs(low), abs(high))
    inside = (y > low + slack) & (y < high - slack)
    if inside.sum() < _FEWEST_INSIDE:
        return None
    line = _least_squares(c[inside], y[inside])
    if line is None or not _is_equal(line.values(c[inside]), y[inside]):
        return None
    whole = line.values(c)
    # A limit that nothing is beyond is none.
    cut = line._replace(
        low=low if (whole < low - slack).any() else None,
        high=high if (whole > high + slack).any() else None,
    )
    return cut if cut.is_cut and _is_equal(cut.values(c), y) else None


def _least_squares(c: FloatArray, y: FloatArray) -> Line | None:
    spread = c - c.mean()
    total = float(spread @ spread)
    if total == 0 or not np.isfinite(total):
        return None
    slope = float(spread @ (y - y.mean())) / total
    if abs(slope) * np.ptp(c) <= SAME * size_of(y):
        return None
    return Line(float(y.mean() - slope * c.mean()), slope)


def _is_equal(a: FloatArray, b: FloatArray) -> bool:
    return bool(np.abs(a - b).max() <= SAME * size_of(b))


def find_fits(draws: Sequence[Draw], gap: Draw | None = None) -> list[MethodFit]:
    """Return the methods that give a column, the plainest first.

    Parameters
    ----------
    draws
        Invented values and results.
    gap
        One more draw, in which a city has no value: methods that agree on it come first.
    """
    found: list[tuple[bool, tuple[bool, int], int, MethodFit]] = []
    for number, core in enumerate(CORES):
        line = fit_line(core, draws)
        if line is None:
            continue
        fit = core.express(line)
        found.append((_fails_on(core, line, gap), fit.cost, number, fit))
    return [fit for *_, fit in sorted(found, key=lambda entry: entry[:3])]


def _fails_on(core: Core, line: Line, gap: Draw | None) -> bool:
    """Tell whether a line does not give the values of the cities that are not empty."""
    if gap is None:
        return False
    known = np.isfinite(gap.x) & np.isfinite(gap.y)
    with np.errstate(all="ignore"):
        values = line.values(core.compute(gap.x))
    return not known.any() or not _is_equal(values[known], gap.y[known])
