"""An index over its editions: growth against the sample, convergence, and what changed scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    """

    node: str
    editions: tuple[str, ...]
    units: tuple[Development, ...]
    convergence: tuple[Convergence, ...]
    breaks: tuple[Break, ...]

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
        frame = pd.DataFrame(
            rows, index=pd.Index([unit.unit for unit in self.units], name="unit")
        )
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
    return trace_scores(
        node,
        panel.datasets[-1].units,
        dict(zip(panel.editions, panel.times, strict=True)),
        scores,
        ranks,
        breaks_below(framework, node, panel.breaks, panel.editions),
        _change_parts(framework, editions, node),
    )


def breaks_below(
    framework: Framework, node: str, breaks: Sequence[Break], editions: Sequence[str]
) -> tuple[Break, ...]:
    """Return the breaks of series below a node after the first of some editions."""
    leaves = [leaf.code for leaf in framework.leaves_below(node)]
    parts = [part.code for code in leaves for part in framework.ingredients_of(code)]
    codes = {*leaves, *parts}
    later = {*editions[1:]}
    return tuple(b for b in breaks if b.code in codes and b.edition in later)


def trace_scores(
    node: str,
    units: Sequence[Unit],
    times: Mapping[str, float],
    scores: Matrix,
    ranks: np.ndarray,
    breaks: tuple[Break, ...] = (),
    parts: Mapping[str, Matrix] | None = None,
) -> Trajectories:
    """Return the development of cities, and the convergence of each group of them.

    Parameters
    ----------
    node
        What the scores are of.
    units
        The cities; one without a group is left out.
    times
        When each edition was, the oldest first.
    scores, ranks
        (cities, editions); NaN and 0 where there is none.
    breaks
        Breaks of the series that the scores are made from, after the first edition.
    parts
        Child of the node -> (cities,) points that it adds to the change of the scores.
    """
    editions = tuple(times)
    duration = max(times.values()) - min(times.values())
    below_zero = bool((scores < 0).any())
    developments: list[Development] = []
    convergence = []
    groups = grouped(
        (unit.population, row) for row, unit in enumerate(units) if unit.population
    )
    for population, rows in groups.items():
        changes = scores[rows, -1] - scores[rows, 0]
        defined_changes = changes[~np.isnan(changes)]
        mean = float(defined_changes.mean()) if defined_changes.size else float("nan")
        for row, change in zip(rows, changes.tolist(), strict=True):
            first = scores[row, 0]
            last = scores[row, -1]
            lines = [
                *zip(editions, scores[row].tolist(), ranks[row].tolist(), strict=True)
            ]
            has_rate = duration > 0 and first > 0 and last > 0 and not below_zero
            is_missing = bool(np.isnan(change))
            developments.append(
                Development(
                    unit=units[row].id,
                    population=population,
                    scores={
                        name: None if np.isnan(score) else score
                        for name, score, _ in lines
                    },
                    ranks={name: int(rank) or None for name, _, rank in lines},
                    change=None if is_missing else change,
                    against_sample=None if is_missing else change - mean,
                    rate=float((last / first) ** (1 / duration) - 1)
                    if has_rate
                    else None,
                    parts={
                        c: float(v[row])
                        for c, v in (parts or {}).items()
                        if not is_missing
                    },
                    remark=_remark_on(
                        scores[row], below_zero=below_zero, is_broken=bool(breaks)
                    ),
                )
            )
        convergence.append(_measure_convergence(population, scores[rows], times))
    return Trajectories(node, editions, tuple(developments), tuple(convergence), breaks)


def _remark_on(scores: Matrix, *, below_zero: bool, is_broken: bool) -> str:
    """Return the remark on the (editions,) scores of a city: see `Development`."""
    first = scores[0]
    last = scores[-1]
    absent = bool(np.isnan(first)), bool(np.isnan(last))
    if any(absent):
        return "missing" if all(absent) else "entered" if absent[0] else "left"
    if below_zero:
        return "below_zero"
    if min(first, last) <= 0:
        return "not_positive"
    return ", ".join(["break"] * is_broken + ["gap"] * bool(np.isnan(scores).any()))


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
    has_fit = n > 2 and duration > 0
    growth = (y[:, -1] - y[:, 0]) / duration if has_fit else np.full(n, nan)
    fit = fit_line(growth, y[:, 0])
    deviations = scores.std(axis=0, ddof=1) if n > 1 else np.full(len(times), nan)
    means = scores.mean(axis=0) if n else deviations
    with np.errstate(all="ignore"):
        shares = np.where(means > 0, deviations / means, nan)
    # Of a city's distance to the common level, after all editions.
    remaining_share = 1 + fit.slope * duration
    residual = float(np.sqrt((1 - fit.r**2) / max(n - 2, 1)))
    speed = float(-np.log(remaining_share) / duration) if remaining_share > 0 else None
    logs = (
        y.std(axis=0, ddof=1).tolist() if logarithms and n > 1 else [nan] * len(times)
    )
    return Convergence(
        population=population,
        n=n,
        sd=dict(zip(times, deviations.tolist(), strict=True)),
        cv=dict(zip(times, shares.tolist(), strict=True)),
        beta=fit.slope,
        p=fit.p,
        r2=fit.r2,
        logarithms=logarithms,
        half_life=float(np.log(2) / speed) if speed is not None and speed > 0 else None,
        se=abs(fit.slope / fit.r) * residual if fit.r else nan,
        speed=speed,
        sd_log=dict(zip(times, logs, strict=True)) if logarithms else {},
    )


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
    columns_of_child = {
        child.code: [
            column_of(leaf.code) for leaf in framework.leaves_below(child.code)
        ]
        for child in framework.children(node)
    }
    return {
        code: change[:, columns].sum(axis=1)
        for code, columns in columns_of_child.items()
    }
