"""An index over its editions: growth against the sample, convergence, and what changed scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.functions.block import Matrix
from xlcity.functions.correlate import fit_line
from xlcity.index.analysis import contributions
from xlcity.index.panel import EditionScores, compute_panel
from xlcity.model.framework import Framework
from xlcity.model.panel import Panel
from xlcity.model.recipe import Recipe


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
    """

    unit: str
    population: str
    scores: dict[str, float | None]
    ranks: dict[str, int | None]
    change: float | None
    against_sample: float | None
    rate: float | None
    parts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Convergence:
    """Whether the cities of a group come nearer to each other.

    Attributes
    ----------
    sd, cv
        Standard deviation of the scores (n - 1) by edition, and as a share of their mean: sigma
        convergence is their decline. Of the cities with a score in every edition.
    beta, p, r2
        Slope of the growth in a unit of time on the first score, and its two-sided significance:
        below 0, cities with low scores catch up.
    logarithms
        Whether growth and first score are logarithms: where all scores are above 0.
    half_life
        Units of time in which half of the distance to the common level is made up; None where there
        is not a convergence.
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


def measure_development(
    framework: Framework, recipe: Recipe, panel: Panel, node: str
) -> tuple[tuple[Development, ...], tuple[Convergence, ...]]:
    """Return how scores of a node developed over editions.

    Scores are computed on bounds that all editions share, so that they can be compared.

    Returns
    -------
    tuple
        The development of each city, and the convergence of each group of cities.
    """
    editions = compute_panel(framework, recipe, panel, together=True)
    column = editions[0].nodes.index(node)
    scores = np.column_stack([edition.scores[:, column] for edition in editions])
    ranks = np.column_stack([edition.ranks[:, column] for edition in editions])
    units = panel.datasets[-1].units
    parts = _change_parts(framework, editions, node)
    growth: list[Development] = []
    convergence = []
    for population, rows in panel.datasets[-1].populations.items():
        changes = scores[rows, -1] - scores[rows, 0]
        defined_changes = changes[~np.isnan(changes)]
        mean = float(defined_changes.mean()) if defined_changes.size else float("nan")
        duration = panel.times[-1] - panel.times[0]
        for row, change in zip(rows, changes.tolist(), strict=True):
            first, last = scores[row, 0], scores[row, -1]
            rate = float((last / first) ** (1 / duration) - 1) if min(first, last) > 0 else None
            is_missing = bool(np.isnan(change))
            growth.append(
                Development(
                    unit=units[row].id,
                    population=population,
                    scores=_scores_by_edition(panel.editions, scores[row]),
                    ranks=_ranks_by_edition(panel.editions, ranks[row]),
                    change=None if is_missing else change,
                    against_sample=None if is_missing else change - mean,
                    rate=rate,
                    parts={} if is_missing else {c: float(v[row]) for c, v in parts.items()},
                )
            )
        convergence.append(_measure_convergence(population, scores[rows], panel))
    return tuple(growth), tuple(convergence)


def _scores_by_edition(editions: Sequence[str], row: Matrix) -> dict[str, float | None]:
    """Return edition -> score of one city from its (editions,) scores; None for NaN."""
    return {
        edition: None if np.isnan(score) else score
        for edition, score in zip(editions, row.tolist(), strict=True)
    }


def _ranks_by_edition(editions: Sequence[str], row: np.ndarray) -> dict[str, int | None]:
    """Return edition -> rank of one city from its (editions,) ranks; None for 0, no rank."""
    return {edition: int(rank) or None for edition, rank in zip(editions, row, strict=True)}


def _measure_convergence(population: str, scores: Matrix, panel: Panel) -> Convergence:
    """Return sigma and beta convergence of a group: see `Convergence`.

    `scores` are (cities, editions); rows with a gap do not count. Results are NaN with too few
    cities: two are needed for deviations, three for the fit. `panel` has the editions' times.
    """
    scores = scores[~np.isnan(scores).any(axis=1)]
    n, nan = len(scores), float("nan")
    logarithms = n > 0 and bool((scores > 0).all())
    y = np.log(scores) if logarithms else scores
    duration = panel.times[-1] - panel.times[0]
    fit = fit_line((y[:, -1] - y[:, 0]) / duration, y[:, 0]) if n > 2 else None
    deviations = scores.std(axis=0, ddof=1) if n > 1 else np.full(len(panel.editions), nan)
    means = scores.mean(axis=0) if n else deviations
    with np.errstate(all="ignore"):
        shares = np.where(means > 0, deviations / means, nan)
    # Of a city's distance to the common level, after all editions.
    remaining_share = nan if fit is None else 1 + fit.slope * duration
    half_life = None
    if 0 < remaining_share < 1:
        half_life = float(np.log(2) * duration / -np.log(remaining_share))
    return Convergence(
        population=population,
        n=n,
        sd=dict(zip(panel.editions, deviations.tolist(), strict=True)),
        cv=dict(zip(panel.editions, shares.tolist(), strict=True)),
        beta=nan if fit is None else fit.slope,
        p=nan if fit is None else fit.p,
        r2=nan if fit is None else fit.r**2,
        logarithms=logarithms,
        half_life=half_life,
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
        child.code: [column_of(leaf.code) for leaf in framework.leaves_below(child.code)]
        for child in framework.children(node)
    }
    return {code: change[:, columns].sum(axis=1) for code, columns in columns_of_child.items()}
