"""An assessment as it is planned: an index, what varies in it, and what each replicate drew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

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
        return next(
            (v for choice in self.choices for v in choice.variations if v.errors), None
        )

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
        count = len(choice.variations)
        options[:, position] = draws.uniforms(position, numbers[position]) * count
        for number, variation in enumerate(choice.variations):
            has_option = options[:, position] == number
            if variation.weights:
                weights = weights or {
                    node.code: np.full(len(has_option), node.weight)
                    for node in plan.framework.nodes
                }
                if has_option.any():
                    draw = partial(
                        draws.vectors, position, numbers[position][has_option]
                    )
                    disturb = (
                        _disturb_judged
                        if variation.weights == JUDGEMENTS
                        else _disturb_given
                    )
                    for code, node_weights in disturb(plan, variation, draw):
                        weights[code][has_option] = node_weights
            if variation.errors:
                shape = (len(plan.framework.indicators), len(plan.dataset.units))
                spreads = variation.errors.values()
                are_gaussian = all(
                    spread.distribution in GAUSSIAN for spread in spreads
                )
                law = "standard_normal" if are_gaussian else "random"
                errors = np.moveaxis(
                    draws.vectors(position, numbers[position], law, shape), 0, -1
                )
                if not are_gaussian:
                    codes = [node.code for node in plan.framework.indicators]
                    errors = standardised_errors(errors, codes, variation.spread_of)
                if not has_option.all():
                    errors[..., ~has_option] = 0.0
    return Sample(options, weights, errors)


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
    given = [np.array([child.weight for child in group]) for group in groups]
    if variation.weights == NOISE:
        uniforms = draw("random", (sum(map(len, groups)),))
        drawn = 1.0 + variation.size * (2.0 * uniforms - 1.0)
        drawn *= np.concatenate(given)
    else:
        shapes = tuple(
            max(variation.size * len(weights) * weight / sum(weights.tolist()), 1e-300)
            for weights in given
            for weight in weights.tolist()
        )
        drawn = draw("standard_gamma", shapes)
    for group, weights in zip(groups, given, strict=True):
        own, drawn = np.split(drawn, [len(group)], axis=1)
        own = np.where(weights > 0, own, 0.0)
        with np.errstate(all="ignore"):
            own *= weights.sum() / own.sum(axis=1, keepdims=True)
        # Gammas of small shapes may all be 0: such a group takes the framework's weights.
        own = np.where(np.isfinite(own), own, weights)
        yield from zip((child.code for child in group), own.T, strict=True)


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
    framework = plan.framework
    if sample.weights is not None:
        drawn = {
            code: float(column[replicate]) for code, column in sample.weights.items()
        }
        nodes = tuple(
            replace(node, weight=drawn[node.code]) for node in framework.nodes
        )
        framework = replace(framework, nodes=nodes)
    omitted = next((variation.omit for variation in variations if variation.omit), "")
    dataset = _disturb_dataset(plan, recipe, sample, replicate, omitted)
    if omitted:
        remaining = remove_node(framework, omitted)
        removed = [node.code for node in framework.nodes if node.code not in remaining]
        removed += [
            ingredient.code
            for ingredient in framework.ingredients
            if ingredient.of in removed
        ]
        framework, recipe = remaining, drop_nodes(recipe, framework, removed)
        dataset = _drop_codes(dataset, removed)
    return *resolve_named_weights(framework, recipe), dataset


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
    plan: Plan, recipe: Recipe, sample: Sample, replicate: int, omitted: str
) -> Dataset:
    """Return the data of one replicate, with the errors that it drew.

    Where imputed values get errors too, they are put into their gaps, and count as values.

    Parameters
    ----------
    recipe
        The replicate's recipe.
    replicate
        Its position in the sample.
    omitted
        The node that it leaves out, "" for none.
    """
    if sample.errors is None or not plan.spreads:
        return plan.dataset
    columns: dict[str, tuple[Matrix, np.ndarray]] = {}
    errors_of_code: dict[str, tuple[Matrix, Spread]] = {}
    for position, (spread, factors) in plan.spreads.items():
        code = plan.framework.indicators[position].code
        cell_errors = sample.errors[position][:, [replicate]]
        raw = plan.base.raw[:, [position]]
        states = plan.base.raw_states[:, position]
        columns[code] = spread.disturb(raw, cell_errors, factors)[:, 0], states
        errors_of_code[code] = cell_errors, spread
    dataset = with_values(plan.dataset, columns)
    tree = plan.tree_without(omitted)
    removed = [node.code for node in plan.framework.nodes if node.code not in tree]
    remaining_recipe = (
        drop_nodes(recipe, plan.framework, removed) if removed else recipe
    )
    # Those without errors are filled, too: a model would take values in place of gaps as given.
    for code, imputed in _imputed_raw(compute(tree, remaining_recipe, dataset)).items():
        if code not in plan.disturbs_imputed:
            continue
        position = plan.base.leaf_codes.index(code)
        given = plan.base.raw[:, position], plan.base.raw_states[:, position]
        values, states = columns.get(code, given)
        gaps = (states == State.MISSING) & ~np.isnan(imputed)
        if code in errors_of_code:
            cell_errors, spread = errors_of_code[code]
            imputed = spread.disturb(imputed[:, None], cell_errors, spread.wider)[:, 0]
        filled_states = np.where(gaps, State.VALUE, states)
        columns[code] = np.where(gaps, imputed, values), filled_states
    return with_values(plan.dataset, columns)


def _imputed_raw(result: IndexResult) -> dict[str, Matrix]:
    """Return indicator -> (units,) values after the step *impute_raw*, of those that have one."""
    return {
        code: step_result.values[:, column]
        for step_result in result.steps
        if step_result.step.do == "impute_raw"
        for column, code in enumerate(step_result.codes)
    }


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
        index_messages = {problem.message for problem in problems}
        problems += [
            p
            for p in error.problems
            if not any(p.message.endswith(message) for message in index_messages)
        ]
    RecipeError.raise_for(problems)
    return Plan(framework, recipe, dataset, choices, seed, code)


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
