"""An index over several editions: gaps filled from other editions, bounds per edition or common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from xlcity.errors import RecipeError, did_you_mean, require_known
from xlcity.functions.impute import GROWTH_KINDS, growth_rate
from xlcity.index.compute import compute, rank_keys, rank_units
from xlcity.index.construct import filled_states
from xlcity.index.result import Bounds, IndexResult, Mark
from xlcity.methods.impute_raw.record import RawImputation
from xlcity.methods.normalise.between_bounds import BOUND_EDITION, REFERENCE
from xlcity.methods.normalise.goalposts import GOALPOSTS
from xlcity.methods.normalise.record import Normalisation
from xlcity.methods.registry import find_method
from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient
from xlcity.model.panel import Panel
from xlcity.model.recipe import Recipe, Step

#: Stands between unit and edition where editions are computed together.
EDITION_SEPARATOR = "@"


@dataclass(frozen=True, slots=True)
class EditionScores:
    """One edition of a panel: scores and ranks of its units, in the order of the framework's nodes.

    `marks` are the values that were filled from other editions; `result` is the index of this
    edition, or of all together with units as UNIT@EDITION.
    """

    edition: str
    units: tuple[str, ...]
    nodes: tuple[str, ...]
    scores: np.ndarray
    ranks: np.ndarray
    marks: tuple[Mark, ...]
    result: IndexResult

    def __repr__(self) -> str:
        return f"<EditionScores {self.edition}: {len(self.units)} cities>"


def compute_panel(
    framework: Framework, recipe: Recipe, panel: Panel, *, together: bool = False
) -> tuple[EditionScores, ...]:
    """Compute an index in every edition of a panel.

    Parameters
    ----------
    framework, recipe
        What is computed, and how. `latest`, `linear` and `constant` of the step *fill* are taken
        first, over the editions.
    panel
        The values.
    together
        Whether bounds, means and deviations are those of all editions, so that scores can be
        compared between them; ranks are those inside an edition either way.
    """
    datasets, marks = fill_series(framework, recipe, panel)
    joint = (
        compute(framework, recipe, _stack_editions(panel, datasets))
        if together
        else None
    )
    editions = []
    for position, (dataset, own_marks) in enumerate(zip(datasets, marks, strict=True)):
        index = compute(framework, recipe, dataset) if joint is None else joint
        scores = EditionScores(
            edition=panel.editions[position],
            units=tuple(unit.id for unit in dataset.units),
            nodes=index.node_codes,
            scores=index.scores,
            ranks=index.ranks,
            marks=own_marks,
            result=index,
        )
        if joint is not None:
            scores = _scores_among_all(recipe, dataset, scores, position)
        editions.append(scores)
    return tuple(editions)


def _scores_among_all(
    recipe: Recipe, dataset: Dataset, stacked: EditionScores, position: int
) -> EditionScores:
    """Return the scores and ranks of the edition at a position among the stacked ones."""
    n = len(dataset.units)
    rows = slice(position * n, (position + 1) * n)
    scores = stacked.scores[rows]
    keys, ties = rank_keys(recipe, stacked.nodes, scores)
    ranks = rank_units(dataset, keys, ties, stacked.result.score_states[rows])
    return replace(stacked, scores=scores, ranks=ranks)


def growth_rates(
    framework: Framework, recipe: Recipe, panel: Panel, kind: str = "compound"
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return codes of nodes and indicators, and (units, codes) growth rates over the editions.

    Those of indicators are of their values, gaps filled; those of nodes are of their scores, with
    bounds over all editions. NaN where there is none, and for an indicator between two values with
    a break of its series between them. `kind` is one of `GROWTH_KINDS`.

    Raises
    ------
    UsageError
        If there is no such kind.
    """
    require_known("kind.growth", kind, GROWTH_KINDS)
    editions = compute_panel(framework, recipe, panel, together=True)
    result = editions[0].result
    n = len(editions[0].units)
    codes = (*editions[0].nodes, *result.leaf_codes)
    values = np.hstack([result.scores, result.raw])
    series = values.reshape(len(editions), n, len(codes))
    rates = [
        growth_rate(series[:, :, column].T, panel.times, kind)
        for column in range(len(codes))
    ]
    rates_by_code = np.hstack([rate.values for rate in rates])
    for series_break in panel.breaks:
        broken = framework.inputs[series_break.code]
        column = codes.index(
            broken.of if isinstance(broken, Ingredient) else broken.code
        )
        has_value = ~np.isnan(series[:, :, column])
        first = panel.editions.index(series_break.edition)
        was_there = has_value[:first].any(axis=0)
        is_across = was_there & has_value[first:].any(axis=0)
        rates_by_code[is_across, column] = np.nan
    return codes, rates_by_code


def fill_series(
    framework: Framework, recipe: Recipe, panel: Panel
) -> tuple[tuple[Dataset, ...], tuple[tuple[Mark, ...], ...]]:
    """Return the datasets with gaps filled from other editions, and for each its marks.

    Only indicators whose step *impute_raw* has a method over editions are filled.
    """
    filled = [
        replace(
            dataset,
            values=dataset.values.copy(),
            states=dataset.states.copy(),
            basis=dataset.basis.copy(),
        )
        for dataset in panel.datasets
    ]
    marks: list[list[Mark]] = [[] for _ in panel.datasets]
    for code in panel.datasets[0].codes:
        step = recipe.step_for("impute_raw", code) if code in framework else None
        if step is None:
            continue
        kernel = find_method(RawImputation, step.method).series
        if kernel is None:
            continue
        column = panel.datasets[0].column(code)
        series = np.column_stack([dataset.values[:, column] for dataset in filled])
        states = np.column_stack([dataset.states[:, column] for dataset in filled])
        states = filled_states(recipe, states)
        block = kernel(series, states, panel.times, step.settings())
        imputed = (states == State.MISSING) & ~np.isnan(block.values)
        for row, edition in np.argwhere(imputed):
            dataset = filled[edition]
            dataset.values[row, column] = block.values[row, edition]
            dataset.states[row, column] = State.VALUE
            dataset.basis[row, column] = Status.SUBSTITUTED
            detail = f"{step.method} -> {block.values[row, edition]:.10g}"
            mark = Mark("imputed", dataset.units[row].id, code, detail)
            marks[edition].append(mark)
    return tuple(filled), tuple(map(tuple, marks))


def with_edition_bounds(framework: Framework, recipe: Recipe, panel: Panel) -> Recipe:
    """Return a recipe with numbers in place of bounds that it takes from editions of a panel.

    `bound` names the editions between whose least and greatest value an indicator is scored (else
    all of them); with `reference` these bounds are moved so that the mean of that edition lies in
    their middle. The numbers are those of prepared values.

    Raises
    ------
    RecipeError
        If an edition is not known.
    """
    plain = tuple(_without_edition_bounds(step) for step in recipe.steps)
    if list(plain) == list(recipe.steps):
        return recipe
    plain_recipe = replace(recipe, steps=plain, options=())
    datasets, _ = fill_series(framework, plain_recipe, panel)

    @cache
    def statistics(position: int) -> Mapping[str, Bounds]:
        """Return the statistics of each indicator in the first group of an edition."""
        bounds = compute(framework, plain_recipe, datasets[position]).bounds
        return {
            b.code: b for b in reversed(bounds) if b.population == recipe.populations[0]
        }

    fixed = []
    for node in framework.indicators:
        step = recipe.step_for("normalise", node.code)
        if step is not None and _EDITION_PARAMETERS & step.params.keys():
            fixed.append(_fix_bounds(step, node.code, panel, statistics))
    kinds = [step.do for step in plain]
    behind = len(kinds) - kinds[::-1].index("normalise")
    steps = (*plain[:behind], *fixed, *plain[behind:])
    return replace(plain_recipe, steps=steps)


def _fix_bounds(
    step: Step,
    code: str,
    panel: Panel,
    statistics: Callable[[int], Mapping[str, Bounds]],
) -> Step:
    """Return a step for one indicator with numbers in place of bounds from editions.

    `statistics` takes the position of an edition, and gives code -> statistics.
    """
    bounds = str(step.get(BOUND_EDITION.name) or "")
    reference = str(step.get(REFERENCE.name) or "")
    extents = [statistics(number)[code] for number in _editions_named(bounds, panel)]
    low = min(extent.minimum for extent in extents)
    high = max(extent.maximum for extent in extents)
    if reference:
        (position,) = _editions_named(reference, panel)
        middle = statistics(position)[code].mean
        half = (high - low) / 2
        low = middle - half
        high = middle + half
    return _with_bounds(step, code, low, high)


#: Parameters that name editions.
_EDITION_PARAMETERS = {BOUND_EDITION.name, REFERENCE.name}


def _without_edition_bounds(step: Step) -> Step:
    """Return a step without the parameters that name editions."""
    params = {
        name: value
        for name, value in step.params.items()
        if name not in _EDITION_PARAMETERS
    }
    return replace(step, params=params)


def _with_bounds(step: Step, code: str, low: float, high: float) -> Step:
    """Return a step for one indicator with numbers in place of bounds from editions."""
    plain = _without_edition_bounds(step)
    names = ("low", "high") if step.method == GOALPOSTS.name else ("lower", "upper")
    bounds = dict(zip(names, (low, high), strict=True))
    return replace(plain, params={**plain.params, **bounds}, codes=(code,))


def has_fixed_bounds(framework: Framework, recipe: Recipe) -> bool:
    """Tell whether no score depends on other cities' values: bounds are stated, or there are none.

    Then scores of editions that are computed one by one can be compared.
    """
    for node in framework.indicators:
        settings = recipe.required_step("normalise", node.code).settings(node)
        names = {"lower", "upper", "low", "high"}.intersection(settings.method.names)
        ends = [settings.value(name) for name in names]
        is_number = [isinstance(end, (int, float)) for end in ends]
        method = find_method(Normalisation, settings.method.name)
        if not method.scores_alone and is_number != [True, True]:
            return False
    return True


def _editions_named(text: str, panel: Panel) -> tuple[int, ...]:
    """Return the positions of the editions that a text names; without one, of all.

    Raises
    ------
    RecipeError
        If there is no such edition.
    """
    positions = {
        f"edition {name}": number for number, name in enumerate(panel.editions)
    }
    positions |= {"first edition": 0, "last edition": len(panel.editions) - 1}
    if text in ("", "all editions"):
        return tuple(range(len(panel.editions)))
    if text not in positions:
        hint = did_you_mean(text, ("all editions", *positions))
        raise RecipeError.of("XC250.no_edition", hint=hint, text=text)
    return (positions[text],)


def _stack_editions(panel: Panel, datasets: Sequence[Dataset]) -> Dataset:
    """Return the editions' datasets as one, one below the other; a unit's id is UNIT@EDITION."""
    units: list[Unit] = []
    for edition, dataset in zip(panel.editions, datasets, strict=True):
        ending = f"{EDITION_SEPARATOR}{edition}"
        units += [replace(unit, id=unit.id + ending) for unit in dataset.units]
    return replace(
        datasets[0],
        units=tuple(units),
        values=np.vstack([dataset.values for dataset in datasets]),
        states=np.vstack([dataset.states for dataset in datasets]),
        basis=np.vstack([dataset.basis for dataset in datasets]),
    )
