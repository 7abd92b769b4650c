"""An assessment as it is planned: an index, what varies in it, and what each replicate drew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain

import numpy as np

from xlcity.assess.choices import (
    JUDGEMENTS,
    NOISE,
    Choice,
    Variation,
    disturb_judged_weights,
    drop_nodes,
    node_judgements,
    remove_node,
    vary_recipe,
)
from xlcity.assess.draws import GAUSSIAN, Draws, Spread, standardised_errors
from xlcity.assess.read_choices import ChoiceReader
from xlcity.assess.statistics import population_rows
from xlcity.errors import (
    FrameworkError,
    Problem,
    RecipeError,
    UsageError,
    XlcityError,
    require_known,
)
from xlcity.functions.block import Matrix
from xlcity.index.checks import refuse_unusable
from xlcity.index.compute import compute
from xlcity.index.prepare import denominator_of, screen_groups
from xlcity.index.result import IndexResult
from xlcity.index.steps import resolve_named_weights
from xlcity.model.dataset import Dataset, State, Status, as_slice
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe

#: Recipes that are kept for later replicates.
_MOST_RECIPES = 4096


@dataclass(frozen=True)
class Plan:
    """What is assessed.

    Attributes
    ----------
    framework, recipe, dataset
        The index as it is.
    choices
        What varies; at most one of a name.
    seed
        Everything random follows from it.
    node
        The node whose ranks are assessed.
    """

    framework: Framework
    recipe: Recipe
    dataset: Dataset
    choices: tuple[Choice, ...]
    seed: int
    node: str

    @cached_property
    def base(self) -> IndexResult:
        """The result of the index as it is, without any variation."""
        return compute(self.framework, self.recipe, self.dataset)

    @cached_property
    def _recipes(self) -> dict[tuple[int, ...], Recipe]:
        """Recipes that were put together, by the options of the choices."""
        return {}

    @cached_property
    def _trees(self) -> dict[str, Framework]:
        """Frameworks by the node that they leave out; "" leaves out none."""
        return {"": self.framework}

    def recipe_of(self, options: tuple[int, ...]) -> Recipe:
        """Return the recipe of a replicate, given the position of the option of each choice.

        Recipes are kept for later replicates with the same options.
        """
        if (recipe := self._recipes.get(options)) is None:
            if len(self._recipes) >= _MOST_RECIPES:
                self._recipes.clear()
            recipe = vary_recipe(
                self.recipe, self.framework, self.variations_of(options)
            )
            self._recipes[options] = recipe
        return recipe

    def tree_without(self, code: str) -> Framework:
        """Return the framework without a node and what is below it; "" leaves all."""
        if code not in self._trees:
            self._trees[code] = remove_node(self.framework, code)
        return self._trees[code]

    def variations_of(self, options: Sequence[int]) -> tuple[Variation, ...]:
        """Return the option that each choice takes; `options` has its position for each choice."""
        return tuple(
            c.variations[option]
            for c, option in zip(self.choices, options, strict=True)
        )

    def is_related(self, code: str, other: str) -> bool:
        """Tell whether two nodes, given by code, are the same or one is above the other."""
        path = {node.code for node in self.framework.path(code)}
        return other in path or code in {
            node.code for node in self.framework.path(other)
        }

    @property
    def data_variation(self) -> Variation | None:
        """The option by which values have errors, None without one."""
        with_errors = (variation for variation in self.variations if variation.errors)
        return next(with_errors, None)

    @property
    def variations(self) -> Iterator[Variation]:
        """The options of all choices."""
        return chain.from_iterable(choice.variations for choice in self.choices)

    @cached_property
    def spreads(self) -> dict[int, tuple[Spread, Matrix]]:
        """Position of an indicator whose data vary -> distribution and size of its errors.

        And (units, 1) factors by which they are wider: 1, but for synthetic values the attribute
        `wider` of their spread.
        """
        dataset = self.dataset
        variation = self.data_variation
        spreads = {}
        for position, node in enumerate(self.framework.indicators if variation else ()):
            if variation and (spread := variation.spread_of(node.code)) is not None:
                widths = np.ones((len(dataset.units), 1))
                if node.code in dataset.codes:
                    basis = dataset.basis[:, dataset.column(node.code)]
                    widths[basis == Status.SYNTHETIC] = spread.wider
                spreads[position] = spread, widths
        return spreads

    @cached_property
    def disturbs_imputed(self) -> frozenset[str]:
        """Codes of the indicators whose imputed raw values get errors of their own, too.

        Where units are screened or values denominated, by them or themselves, a value in place of
        the gap would change more than itself. Neither step varies.
        """
        if screen_groups(self.framework, self.recipe):
            return frozenset()
        nodes = self.framework.indicators
        divisors = {
            n.code: denominator_of(self.recipe.step_for("denominate", n.code), n)
            for n in nodes
        }
        is_divisor = set(divisors.values())
        return frozenset(
            code for code in divisors if not divisors[code] and code not in is_divisor
        )


@dataclass(frozen=True, eq=False)
class Sample:
    """What some replicates drew.

    Attributes
    ----------
    options
        (replicates, choices) the option that each took.
    weights
        Node -> (replicates,) its weight, where weights vary.
    errors
        (indicators, units, replicates) standardised errors of the values, where data vary.
    order
        Where replicates were put in another order: the position of the errors of each.
    """

    options: np.ndarray
    weights: dict[str, Matrix] | None
    errors: Matrix | None
    order: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.options)

    def reordered(self, order: np.ndarray) -> Sample:
        """Return the replicates in another order, given by their positions."""
        weights = self.weights and {
            code: drawn[order] for code, drawn in self.weights.items()
        }
        return Sample(self.options[order], weights, self.errors, order)

    def errors_of(self, position: int, rows: np.ndarray) -> Matrix:
        """Return (rows, replicates) errors of the indicator at a position, in some units."""
        assert self.errors is not None, "of an indicator whose data vary"
        # As they are drawn, rows of memory are replicates.
        by_replicate: Matrix = self.errors[position][as_slice(rows)].T
        return by_replicate.T if self.order is None else by_replicate[self.order].T


#: Gives (replicates, *size) numbers, by their law and size: see `Draws.vectors`.
_Draw = Callable[[str, tuple[float, ...]], Matrix]


def draw_sample(plan: Plan, draws: Draws, numbers: np.ndarray) -> Sample:
    """Return what replicates draw: the option of each choice, weights, and errors of the data.

    Parameters
    ----------
    numbers
        (choices, replicates) number of the random stream that each choice takes: the replicate's
        own, or one of a second sample in a sensitivity analysis; ascending along replicates. Or
        (replicates,) the same for all choices.
    """
    numbers = np.broadcast_to(numbers, (len(plan.choices), numbers.shape[-1]))
    options = np.zeros(numbers.shape[::-1], dtype=np.int64)
    weights: dict[str, Matrix] | None = None
    errors: Matrix | None = None
    for position, choice in enumerate(plan.choices):
        own_numbers = numbers[position]
        uniforms = draws.uniforms(position, own_numbers)
        options[:, position] = uniforms * len(choice.variations)
        draw = partial(draws.vectors, position)
        for number, variation in enumerate(choice.variations):
            has_option = options[:, position] == number
            if variation.weights:
                weights = weights or _given_weights(plan.framework, len(has_option))
                draw_own = partial(draw, own_numbers[has_option])
                _draw_weights(
                    plan, variation, draw_own, weights=weights, has_option=has_option
                )
            if variation.errors:
                errors = _draw_errors(plan, variation, partial(draw, own_numbers))
                errors[..., ~has_option] = 0.0
    return Sample(options, weights, errors)


def _given_weights(framework: Framework, count: int) -> dict[str, Matrix]:
    """Return node -> its weight in the framework, as often as there are replicates."""
    return {node.code: np.full(count, node.weight) for node in framework.nodes}


def _draw_weights(
    plan: Plan,
    variation: Variation,
    draw: _Draw,
    *,
    weights: dict[str, Matrix],
    has_option: np.ndarray,
) -> None:
    """Put drawn weights of the replicates that have an option into `weights`, in place."""
    if not has_option.any():
        return
    is_judged = variation.weights == JUDGEMENTS
    disturb = _disturb_judged if is_judged else _disturb_given
    for code, node_weights in disturb(plan, variation, draw):
        weights[code][has_option] = node_weights


def _draw_errors(plan: Plan, variation: Variation, draw: _Draw) -> Matrix:
    """Return (indicators, units, replicates) standardised errors of the values."""
    shape = (len(plan.framework.indicators), len(plan.dataset.units))
    spreads = variation.errors.values()
    if all(spread.distribution in GAUSSIAN for spread in spreads):
        return np.moveaxis(draw("standard_normal", shape), 0, -1)
    errors = np.moveaxis(draw("random", shape), 0, -1)
    codes = [node.code for node in plan.framework.indicators]
    return standardised_errors(errors, codes, variation.spread_of)


def _disturb_given(
    plan: Plan, variation: Variation, draw: _Draw
) -> Iterator[tuple[str, Matrix]]:
    """Yield nodes with drawn weights of some replicates; each group of siblings keeps its sum.

    Parameters
    ----------
    variation
        The option: noise, or weights around those of the framework.
    draw
        Gives the random numbers of the replicates that took it.
    """
    groups = [plan.framework.children(node.code) for node in plan.framework.composites]
    given = list(map(_weights_of, groups))
    if variation.weights == NOISE:
        uniforms = draw("random", (sum(map(len, groups)),))
        drawn = 1.0 + variation.size * (2.0 * uniforms - 1.0)
        drawn *= np.concatenate(given)
    else:
        shapes: list[float] = []
        for weights in given:
            shapes += _gamma_shapes(weights.tolist(), variation.size)
        drawn = draw("standard_gamma", tuple(shapes))
    for group, weights in zip(groups, given, strict=True):
        own, drawn = np.split(drawn, [len(group)], axis=1)
        own = np.where(weights > 0, own, 0.0)
        with np.errstate(all="ignore"):
            own *= weights.sum() / own.sum(axis=1, keepdims=True)
        # Gammas of small shapes may all be 0: such a group takes the framework's weights.
        own = np.where(np.isfinite(own), own, weights)
        yield from zip((child.code for child in group), own.T, strict=True)


def _weights_of(siblings: Sequence[Node]) -> Matrix:
    return np.array([node.weight for node in siblings])


def _gamma_shapes(weights: Sequence[float], size: float) -> list[float]:
    """Return the shapes of gammas that in proportion are Dirichlet, with these means.

    None is 0, which has no gamma.
    """
    total = sum(weights)
    return [max(size * len(weights) * weight / total, 1e-300) for weight in weights]


def _disturb_judged(
    plan: Plan, variation: Variation, draw: _Draw
) -> Iterator[tuple[str, Matrix]]:
    """Yield nodes with the weights that follow from pairwise judgements with drawn errors.

    Arguments are as in `_disturb_given`; the size of `variation` is the standard deviation of the
    logarithm of a judgement.
    """
    judged = node_judgements(plan.framework, plan.recipe)
    errors = draw("standard_normal", (sum(map(len, judged.values())),))
    for code, judgements in judged.items():
        group = plan.framework.children(code)
        own_errors, errors = np.split(errors, [len(judgements)], axis=1)
        own = disturb_judged_weights(judgements, own_errors, variation.size)
        own = own * (sum(child.weight for child in group) or 1.0)
        yield from zip((child.code for child in group), own.T, strict=True)


def inputs_of_replicate(
    plan: Plan, sample: Sample, replicate: int
) -> tuple[Framework, Recipe, Dataset]:
    """Return framework, recipe and data of one replicate, from which it can be computed alone.

    `replicate` is its position in the sample.
    """
    options = tuple(sample.options[replicate].tolist())
    variations = plan.variations_of(options)
    recipe = plan.recipe_of(options)
    framework = _drawn_framework(plan.framework, sample, replicate)
    omitted = next((variation.omit for variation in variations if variation.omit), "")
    tree = plan.tree_without(omitted)
    removed = [node.code for node in framework.nodes if node.code not in tree]
    dataset = plan.dataset
    if sample.errors is not None and plan.spreads:
        remaining_recipe = recipe
        if removed:
            remaining_recipe = drop_nodes(recipe, plan.framework, removed)
        errors = {
            position: sample.errors[position][:, [replicate]]
            for position in plan.spreads
        }
        dataset = _disturb_dataset(plan, tree, remaining_recipe, errors)
    if omitted:
        framework, recipe, dataset = without_node(framework, recipe, dataset, omitted)
    return *resolve_named_weights(framework, recipe), dataset


def without_node(
    framework: Framework, recipe: Recipe, dataset: Dataset, code: str
) -> tuple[Framework, Recipe, Dataset]:
    """Return an index without a node and all that is below it, or stands alone above it.

    Raises
    ------
    FrameworkError
        If nothing is left.
    """
    tree = remove_node(framework, code)
    removed = [node.code for node in framework.nodes if node.code not in tree]
    removed += _ingredients_of(framework, removed)
    recipe = drop_nodes(recipe, framework, removed)
    return tree, recipe, _drop_codes(dataset, removed)


def _ingredients_of(framework: Framework, codes: Sequence[str]) -> list[str]:
    return [
        ingredient.code
        for ingredient in framework.ingredients
        if ingredient.of in codes
    ]


def _drawn_framework(framework: Framework, sample: Sample, replicate: int) -> Framework:
    """Return the framework with the weights that a replicate drew, if weights vary."""
    if sample.weights is None:
        return framework
    nodes = tuple(
        replace(node, weight=float(sample.weights[node.code][replicate]))
        for node in framework.nodes
    )
    return replace(framework, nodes=nodes)


def _drop_codes(dataset: Dataset, removed: Sequence[str]) -> Dataset:
    """Return a dataset without some codes: their values, lists and links."""
    codes = tuple(code for code in dataset.codes if code not in removed)
    return replace(
        dataset.reindexed(dataset.units, codes),
        items={
            code: lines for code, lines in dataset.items.items() if code not in removed
        },
        links={
            code: lines for code, lines in dataset.links.items() if code not in removed
        },
    )


def _disturb_dataset(
    plan: Plan, tree: Framework, recipe: Recipe, errors: Mapping[int, Matrix]
) -> Dataset:
    """Return the data of one replicate, with the errors that it drew.

    Where imputed values get errors too, they are put into their gaps, and count as values.

    Parameters
    ----------
    tree, recipe
        The replicate's framework, without what it leaves out, and its recipe.
    errors
        Position of an indicator whose values have errors -> (units, 1) errors.
    """
    columns: dict[str, tuple[Matrix, np.ndarray]] = {}
    for position, (spread, factors) in plan.spreads.items():
        code = plan.framework.indicators[position].code
        raw, states = _raw_column(plan, position)
        disturbed = spread.disturb(raw[:, None], errors[position], factors)
        columns[code] = disturbed[:, 0], states
    dataset = with_values(plan.dataset, columns)
    # Those without errors are filled, too: a model would take values in place of gaps as given.
    for code, imputed in _imputed_raw(compute(tree, recipe, dataset)).items():
        if code not in plan.disturbs_imputed:
            continue
        position = plan.base.leaf_codes.index(code)
        values, states = columns.get(code, _raw_column(plan, position))
        gaps = (states == State.MISSING) & ~np.isnan(imputed)
        stand_ins = imputed[:, None]
        if position in errors:
            spread, _ = plan.spreads[position]
            stand_ins = spread.disturb(stand_ins, errors[position], spread.wider)
        filled_states = np.where(gaps, State.VALUE, states)
        columns[code] = np.where(gaps, stand_ins[:, 0], values), filled_states
    return with_values(plan.dataset, columns)


def _raw_column(plan: Plan, position: int) -> tuple[Matrix, np.ndarray]:
    """Return the (units,) values and states of an indicator, as they are without errors."""
    return plan.base.raw[:, position], plan.base.raw_states[:, position]


def _imputed_raw(result: IndexResult) -> dict[str, Matrix]:
    """Return indicator -> (units,) values after the step *impute_raw*, of those that have one."""
    imputed: dict[str, Matrix] = {}
    for step_result in result.steps:
        if step_result.step.do == "impute_raw":
            imputed |= dict(zip(step_result.codes, step_result.values.T, strict=True))
    return imputed


def with_values(
    dataset: Dataset, columns: dict[str, tuple[Matrix, np.ndarray]]
) -> Dataset:
    """Return a dataset in which some columns are replaced or added.

    `columns` maps a code to its (units,) values and states.
    """
    codes = (*dataset.codes, *(code for code in columns if code not in dataset.codes))
    changed = dataset.reindexed(dataset.units, codes)
    for code, (values, states) in columns.items():
        column = changed.column(code)
        changed.values[:, column] = np.where(states == State.VALUE, values, np.nan)
        changed.states[:, column] = states
    return changed


#: With fewer cities or indicators nothing can be said of how robust ranks are.
LEAST_CITIES = 4
LEAST_INDICATORS = 2


def make_plan(
    framework: Framework,
    recipe: Recipe,
    dataset: Dataset,
    vary: Sequence[str] = (),
    *,
    seed: int = 0,
    node: str | None = None,
) -> Plan:
    """Return what is to be assessed.

    Parameters
    ----------
    vary
        Choices as they are typed; none are the usual ones.
    seed
        A whole number of 0 or more.
    node
        The node whose ranks are assessed; None: the root.

    Raises
    ------
    UsageError
        If the seed or the node cannot be used.
    RecipeError
        With everything that is wrong with choices and index, all at once.
    """
    code = framework.root.code if node is None else node
    composites = [composite.code for composite in framework.composites]
    require_known("kind.node", code, composites)
    if seed < 0:
        raise UsageError.of("XC100.seed", seed=seed)
    problems = [
        *_size_problems(framework, dataset),
        *_index_problems(framework, recipe, dataset, code),
    ]
    choices: tuple[Choice, ...] = ()
    try:
        choices = ChoiceReader(framework, recipe, dataset, seed).read(vary)
    except XlcityError as error:
        # What is wrong with the index itself is said of it, not of every choice.
        index_messages = tuple(problem.message for problem in problems)
        problems += [
            problem
            for problem in error.problems
            if not problem.message.endswith(index_messages)
        ]
    RecipeError.raise_for(problems)
    return Plan(framework, recipe, dataset, choices, seed=seed, node=code)


def _index_problems(
    framework: Framework, recipe: Recipe, dataset: Dataset, node: str
) -> Iterator[Problem]:
    """Yield what keeps an index from being computed, or the assessed node from having ranks."""
    try:
        refuse_unusable(framework, recipe)
    except FrameworkError as error:
        # Columns without a result are named beside weights that cannot be used.
        yield from error.problems
        nodes = tuple(replace(node, weight=1.0) for node in framework.nodes)
        framework, recipe = (
            replace(framework, nodes=nodes),
            replace(recipe, weights="relative"),
        )
    except RecipeError:
        pass  # The computation says it, with the data.
    try:
        base = compute(framework, recipe, dataset)
    except XlcityError as error:
        yield from error.problems
        return
    yield from base.failures
    for name in () if base.failures else base.populations:
        if not base.rank(node)[population_rows(base, name)].any():
            yield Problem.of("XC272.no_rank", name=name, node=node)


def _size_problems(framework: Framework, dataset: Dataset) -> list[Problem]:
    """Return problems where there are too few scored cities or indicators to assess."""
    problems = []
    scored = sum(unit.is_scored for unit in dataset.units)
    if scored < LEAST_CITIES:
        problems.append(
            Problem.of("XC272.too_few_cities", number=scored, least=LEAST_CITIES)
        )
    if len(framework.indicators) < LEAST_INDICATORS:
        problems.append(Problem.of("XC272.one_indicator", least=LEAST_INDICATORS))
    return problems
