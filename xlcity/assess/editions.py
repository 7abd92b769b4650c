"""An index over its editions: growth against the sample, convergence, and what changed scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xlcity.functions.block import Matrix
from xlcity.functions.correlate import fit_line
from xlcity.grouping import grouped
from xlcity.index.analysis import contributions
from xlcity.index.panel import EditionScores, compute_panel
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import Break, Panel
from xlcity.model.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Development:
    """How a city's score developed from the first edition to the last.

    Attributes
    ----------
    scores, ranks
        By edition, on bounds that all editions share; None where there is none.
    change, against_sample
        Points gained from the first edition to the last, and as many more than the mean of the
        cities that have both.
    rate
        Compound growth of the score in a unit of time, as a share; None unless both are above 0.
    parts
        Points of the change by child of the node; empty where the node is not an arithmetic mean
        of what lies below it.
    remark
        Why there is no rate: "missing" (no score at either end), "entered" (none in the first
        edition), "left" (none in the last), "below_zero" (some city's score is below 0: on such a
        scale, as that of z-scores, growth means nothing), "not_positive" (a score of 0); or how to
        read it: "break" (a series below the node breaks in between), "gap" (an edition in between
        without a score, so that the city does not count for convergence), "break, gap"; else "".
    """

    unit: str
    population: str
    scores: dict[str, float | None]
    ranks: dict[str, int | None]
    change: float | None
    against_sample: float | None
    rate: float | None
    parts: dict[str, float]
    remark: str


@dataclass(frozen=True, slots=True)
class Convergence:
    """Whether the cities of a group come nearer to each other.

    Attributes
    ----------
    sd, cv
        Standard deviation of the scores (n - 1) by edition, and as a share of their mean: sigma
        convergence is their decline. Of the cities with a score in every edition.
    beta, p, r2, se
        Slope of the growth in a unit of time on the first score, by ordinary least squares, with
        its two-sided significance and its standard error: below 0, cities with low scores catch up.
    logarithms
        Whether growth and first score are logarithms: where all scores are above 0.
    half_life
        Units of time in which half of the distance to the common level is made up; None where there
        is not a convergence.
    speed
        Share of that distance made up in a unit of time, -ln(1 + beta T) / T over the whole time T;
        below 0 where cities diverge, None where 1 + beta T is not above 0.
    sd_log
        Standard deviation of the logarithms by edition; empty without them.
    """

    population: str
    n: int
    sd: dict[str, float]
    cv: dict[str, float]
    beta: float
    p: float
    r2: float
    logarithms: bool
    half_life: float | None
    se: float
    speed: float | None
    sd_log: dict[str, float]


@dataclass(frozen=True, slots=True)
class Trajectories:
    """How the cities' scores in a node developed over editions.

    Attributes
    ----------
    node, editions
        What scores are of.
    units
        The development of each city.
    convergence
        That of each group of cities.
    breaks
        Breaks of the series below the node, after the first edition.
    index
        What the rows of `to_frame` are called; None: the cities' ids.
    """

    node: str
    editions: tuple[str, ...]
    units: tuple[Development, ...]
    convergence: tuple[Convergence, ...]
    breaks: tuple[Break, ...]
    index: pd.Index | None = None

    def __repr__(self) -> str:
        editions = f"{self.editions[0]} to {self.editions[-1]}"
        return f"<Trajectories of {self.node}: {len(self.units)} cities, {editions}>"

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(notebook=True, max_rows=60))

    def to_frame(self) -> pd.DataFrame:
        """Return a row per city: group, scores and ranks by edition, growth, places gained, remark.

        Columns have two levels, the second for editions. A number that is missing is explained by
        the remark, see `Development`.
        """
        import pandas as pd

        first = self.editions[0]
        last = self.editions[-1]
        rows: list[dict[tuple[str, str], object]] = []
        for unit in self.units:
            then = unit.ranks[first]
            now = unit.ranks[last]
            rows.append(
                {
                    ("population", ""): unit.population,
                    **{
                        ("score", edition): score
                        for edition, score in unit.scores.items()
                    },
                    **{("rank", edition): rank for edition, rank in unit.ranks.items()},
                    ("cagr", ""): unit.rate,
                    ("places_gained", ""): None
                    if then is None or now is None
                    else then - now,
                    ("remark", ""): unit.remark,
                }
            )
        index = self.index
        if index is None:
            index = pd.Index([unit.unit for unit in self.units], name="unit")
        frame = pd.DataFrame(rows, index=index)
        kinds = {
            "rank": "Int64",
            "places_gained": "Int64",
            "score": "float64",
            "cagr": "float64",
        }
        frame = frame.astype(
            {name: kinds[name[0]] for name in rows[0] if name[0] in kinds}
        )
        return frame.set_axis(pd.MultiIndex.from_tuples(rows[0]), axis=1)


def measure_development(
    framework: Framework, recipe: Recipe, panel: Panel, node: str
) -> Trajectories:
    """Return how scores of a node developed over editions.

    Scores are computed on bounds that all editions share, so that they can be compared.
    """
    editions = compute_panel(framework, recipe, panel, together=True)
    column = editions[0].nodes.index(node)
    scores = np.column_stack([edition.scores[:, column] for edition in editions])
    ranks = np.column_stack([edition.ranks[:, column] for edition in editions])
    series = ScoreSeries(
        units=panel.datasets[-1].units,
        times=dict(zip(panel.editions, panel.times, strict=True)),
        scores=scores,
        ranks=ranks,
    )
    return trace_scores(
        node,
        series,
        breaks=breaks_below(framework, node, panel.breaks, panel.editions),
        parts=_change_parts(framework, editions, node),
    )


def breaks_below(
    framework: Framework, node: str, breaks: Sequence[Break], editions: Sequence[str]
) -> tuple[Break, ...]:
    """Return the breaks of series below a node after the first of some editions."""
    leaves = [leaf.code for leaf in framework.leaves_below(node)]
    ingredients = chain.from_iterable(map(framework.ingredients_of, leaves))
    codes = {*leaves, *(ingredient.code for ingredient in ingredients)}
    later = {*editions[1:]}
    return tuple(b for b in breaks if b.code in codes and b.edition in later)


class ScoreSeries(NamedTuple):
    """Scores of a node over editions."""

    #: The n cities.
    units: Sequence[Unit]
    #: Edition -> when it was, the oldest first.
    times: Mapping[str, float]
    #: (n, editions) scores and ranks; NaN and 0 where there is none.
    scores: Matrix
    ranks: np.ndarray

    @property
    def duration(self) -> float:
        """The time from the first edition to the last."""
        return max(self.times.values()) - min(self.times.values())


def trace_scores(
    node: str,
    series: ScoreSeries,
    *,
    breaks: tuple[Break, ...] = (),
    parts: Mapping[str, Matrix] | None = None,
) -> Trajectories:
    """Return the development of cities, and the convergence of each group of them.

    Parameters
    ----------
    node
        What the scores are of.
    series
        The scores; a city without a group is left out.
    breaks
        Breaks of the series that the scores are made from, after the first edition.
    parts
        Child of the node -> (cities,) points that it adds to the change of the scores.
    """
    below_zero = bool((series.scores < 0).any())
    developments: list[Development] = []
    convergence = []
    groups = grouped(
        (unit.population, row)
        for row, unit in enumerate(series.units)
        if unit.population
    )
    for population, rows in groups.items():
        scores = series.scores[rows]
        changes = scores[:, -1] - scores[:, 0]
        defined_changes = changes[~np.isnan(changes)]
        mean = float(defined_changes.mean()) if defined_changes.size else float("nan")
        for row in rows:
            development = _trace_city(
                series,
                row,
                mean_change=mean,
                below_zero=below_zero,
                is_broken=bool(breaks),
                parts=parts or {},
            )
            developments.append(development)
        convergence.append(_measure_convergence(population, scores, series.times))
    return Trajectories(
        node=node,
        editions=tuple(series.times),
        units=tuple(developments),
        convergence=tuple(convergence),
        breaks=breaks,
    )


def _trace_city(
    series: ScoreSeries,
    row: int,
    *,
    mean_change: float,
    below_zero: bool,
    is_broken: bool,
    parts: Mapping[str, Matrix],
) -> Development:
    """Return the development of the city in a row of scores.

    Parameters
    ----------
    mean_change
        Mean change of the scores in its group.
    below_zero
        Whether any city has a score below 0: then no rate means anything.
    is_broken
        Whether the series has breaks.
    parts
        As in `trace_scores`.
    """
    unit = series.units[row]
    scores = series.scores[row]
    shown_scores = [None if np.isnan(score) else score for score in scores.tolist()]
    shown_ranks = [int(rank) or None for rank in series.ranks[row].tolist()]
    change = float(scores[-1] - scores[0])
    has_change = not np.isnan(change)
    points = {code: float(of_cities[row]) for code, of_cities in parts.items()}
    return Development(
        unit=unit.id,
        population=unit.population,
        scores=dict(zip(series.times, shown_scores, strict=True)),
        ranks=dict(zip(series.times, shown_ranks, strict=True)),
        change=change if has_change else None,
        against_sample=change - mean_change if has_change else None,
        rate=None if below_zero else _yearly_rate(scores, series.duration),
        parts=points if has_change else {},
        remark=_remark_on(scores, below_zero=below_zero, is_broken=is_broken),
    )


def _yearly_rate(scores: Matrix, duration: float) -> float | None:
    """Return the compound yearly rate of (editions,) scores; None without two above 0."""
    first = scores[0]
    last = scores[-1]
    if duration > 0 and first > 0 and last > 0:
        return float((last / first) ** (1 / duration) - 1)
    return None


def _remark_on(scores: Matrix, *, below_zero: bool, is_broken: bool) -> str:
    """Return the remark on the (editions,) scores of a city: see `Development`."""
    lacks_first = bool(np.isnan(scores[0]))
    lacks_last = bool(np.isnan(scores[-1]))
    if lacks_first and lacks_last:
        return "missing"
    if lacks_first:
        return "entered"
    if lacks_last:
        return "left"
    if below_zero:
        return "below_zero"
    if min(scores[0], scores[-1]) <= 0:
        return "not_positive"
    marks = []
    if is_broken:
        marks.append("break")
    if np.isnan(scores).any():
        marks.append("gap")
    return ", ".join(marks)


def _measure_convergence(
    population: str, scores: Matrix, times: Mapping[str, float]
) -> Convergence:
    """Return sigma and beta convergence of a group: see `Convergence`.

    `scores` are (cities, editions), which `times` has; rows with a gap do not count. Results are
    NaN with too few cities: two are needed for deviations, three for the fit.
    """
    scores = scores[~np.isnan(scores).any(axis=1)]
    n = len(scores)
    nan = float("nan")
    logarithms = n > 0 and bool((scores > 0).all())
    y = np.log(scores) if logarithms else scores
    duration = max(times.values()) - min(times.values())
    fit = fit_line(_yearly_growth(y, duration), y[:, 0])
    deviations = _sample_deviations(scores)
    means = scores.mean(axis=0) if n else deviations
    with np.errstate(all="ignore"):
        shares = np.where(means > 0, deviations / means, nan)
    unexplained = (1 - fit.r**2) / max(n - 2, 1)
    residual = float(np.sqrt(unexplained))
    speed = _speed_of_convergence(fit.slope, duration)
    log_deviations = _sample_deviations(y).tolist()
    return Convergence(
        population=population,
        n=n,
        sd=dict(zip(times, deviations.tolist(), strict=True)),
        cv=dict(zip(times, shares.tolist(), strict=True)),
        beta=fit.slope,
        p=fit.p,
        r2=fit.r2,
        logarithms=logarithms,
        half_life=_half_life(speed),
        se=abs(fit.slope / fit.r) * residual if fit.r else nan,
        speed=speed,
        sd_log=dict(zip(times, log_deviations, strict=True)) if logarithms else {},
    )


def _yearly_growth(y: Matrix, duration: float) -> Matrix:
    """Return (n,) growth a year of (n, editions) scores; NaN where too few for a line."""
    if len(y) > 2 and duration > 0:
        return np.asarray((y[:, -1] - y[:, 0]) / duration)
    return np.full(len(y), np.nan)


def _sample_deviations(y: Matrix) -> Matrix:
    """Return the (editions,) standard deviations of cities; NaN for a single one."""
    if len(y) > 1:
        return np.asarray(y.std(axis=0, ddof=1))
    return np.full(y.shape[1], np.nan)


def _speed_of_convergence(slope: float, duration: float) -> float | None:
    """Return the yearly speed of convergence; None where cities overshoot the common level."""
    # Of a city's distance to the common level, after all editions.
    remaining_share = 1 + slope * duration
    if not remaining_share > 0:
        return None
    return float(-np.log(remaining_share) / duration)


def _half_life(speed: float | None) -> float | None:
    """Return the years in which half of a distance is made up; None where it does not shrink."""
    if speed is None or not speed > 0:
        return None
    return float(np.log(2) / speed)


def _change_parts(
    framework: Framework, editions: Sequence[EditionScores], node: str
) -> dict[str, Matrix]:
    """Return child -> (units,) points that it adds to the change of a node's scores.

    The change is from the first of the editions, which were computed together, to the last. Empty
    where the node is not an arithmetic mean of what lies below it.
    """
    joint_result = editions[0].result
    try:
        points = contributions(joint_result, node)
    except ValueError:
        return {}
    # All editions are computed together: the first n rows are the oldest, the last n the newest.
    n = len(editions[0].units)
    change = points[-n:] - points[:n]
    column_of = joint_result.leaf_codes.index
    parts = {}
    for child in framework.children(node):
        leaves = framework.leaves_below(child.code)
        columns = [column_of(leaf.code) for leaf in leaves]
        parts[child.code] = change[:, columns].sum(axis=1)
    return parts
