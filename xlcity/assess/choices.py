"""What an assessment varies: choices of the recipe, of the weights, of the data, of the tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations

import numpy as np

from xlcity.assess.draws import Spread
from xlcity.errors import FrameworkError
from xlcity.functions.block import Matrix
from xlcity.functions.model_weights import ahp_weights
from xlcity.grouping import grouped
from xlcity.index.method_options import with_method_words
from xlcity.messages import Message
from xlcity.methods.weight.ahp import AHP, judgement_matrix
from xlcity.methods.weight.given import GIVEN
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step

#: Options of the command line whose methods may vary, in the order in which they are applied.
METHOD_CHOICES = ("treat", "impute", "normalise", "weights", "aggregate")
#: Names of the other choices, besides parameters of the recipe.
DATA = "data"
OMIT = "omit"
#: How weights are drawn, see `Variation`.
NOISE = "noise"
DIRICHLET = "dirichlet"
JUDGEMENTS = "judgements"
#: Steps whose parameters may vary.
_STEPS_WITH_PARAMETERS = (
    "treat",
    "normalise",
    "aggregate",
    "rescale",
    "impute_raw",
    "impute_scores",
)
#: Parameters that say what a step reads: not a matter of judgement, or a choice of their own.
_FIXED_PARAMETERS = (
    "weights",
    "children",
    "unit",
    "group",
    "pool",
    "constant",
    "judgements",
)


@dataclass(frozen=True, slots=True)
class Variation:
    """One option of a choice; what stays at its default is left as it is.

    Attributes
    ----------
    label
        As it is written on the command line.
    words
        A method that takes the place of the recipe's: option, word.
    parameter
        A parameter of the recipe's steps, and its value.
    weights, size
        How weights are drawn, "" if they are not, and a number. NOISE: each weight is multiplied by
        1 plus or minus at most this share. DIRICHLET: weights of each group are drawn around the
        framework's; the larger, the closer. JUDGEMENTS: each pairwise judgement is multiplied by a
        number whose logarithm has this deviation.
    errors
        The error of each indicator by code; "" is that of all others.
    omit
        The node that is left out.
    """

    label: str
    words: tuple[str, str] | None = None
    parameter: tuple[str, float | str] | None = None
    weights: str = ""
    size: float = 0.0
    errors: Mapping[str, Spread] = field(default_factory=dict)
    omit: str = ""

    def spread_of(self, code: str) -> Spread | None:
        """Return the distribution and size of errors of an indicator's values; None for none."""
        return self.errors.get(code, self.errors.get(""))


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that varies; its options are equally likely."""

    name: str
    variations: tuple[Variation, ...]

    @property
    def is_of_steps(self) -> bool:
        """Whether some option of the choice changes the recipe's steps, not data or the tree."""
        return any(
            variation.words or variation.parameter or variation.weights == JUDGEMENTS
            for variation in self.variations
        )

    def as_dict(self) -> dict[str, object]:
        """Return the choice as JSON: its name and the options as typed."""
        return {
            "choice": self.name,
            "options": [variation.label for variation in self.variations],
        }


def vary_recipe(
    recipe: Recipe, framework: Framework, variations: Sequence[Variation]
) -> Recipe:
    """Return a recipe in which the methods and parameters of some options replace its own.

    Raises
    ------
    RecipeError
        If a method is not known or does not fit.
    """
    words = grouped(
        variation.words for variation in variations if variation.words is not None
    )
    if words:
        # Words of the framework's own rows were taken when the recipe was put together.
        recipe = with_method_words(recipe, replace(framework, words=()), words)
    if any(variation.weights == JUDGEMENTS for variation in variations):
        recipe = without_judgements(recipe)
    for variation in variations:
        if variation.parameter is not None:
            recipe = _set_parameter(recipe, *variation.parameter)
    return recipe


def _set_parameter(recipe: Recipe, name: str, value: float | str) -> Recipe:
    """Return a recipe with the parameter `name` set to a value, in every step where it may vary."""
    steps = tuple(
        replace(step, params={**step.params, name: value})
        if name in _varying_parameters(step)
        else step
        for step in recipe.steps
    )
    return replace(recipe, steps=steps, options=())


def _varying_parameters(step: Step) -> list[str]:
    """Return the names of the parameters of a step that may vary."""
    names = step.record.names if step.do in _STEPS_WITH_PARAMETERS else ()
    return [name for name in names if name not in _FIXED_PARAMETERS]


def parameter_problem(recipes: Iterable[Recipe], name: str, value: object) -> str:
    """Return what is wrong with a value of a parameter of the recipes' steps, "" if nothing.

    Parameters
    ----------
    name
        A parameter that some step has, see `all_varying_parameters`.
    """
    parameters = [
        step.record.parameter(name)
        for step in _steps_of(recipes)
        if name in _varying_parameters(step)
    ]
    faults = (parameter.problem(value) for parameter in parameters)
    fault = next(filter(None, faults), "")
    limits = parameters[0].limits
    if not fault and limits and not limits[0] <= float(str(value)) <= limits[1]:
        least, most = limits
        fault = Message(
            "parameter.out_of_limits", name=name, value=value, least=least, most=most
        )
    return fault


def all_varying_parameters(recipes: Iterable[Recipe]) -> list[str]:
    """Return the parameters of the recipes' steps that may vary."""
    names: set[str] = set()
    for step in _steps_of(recipes):
        names.update(_varying_parameters(step))
    return sorted(names)


def _steps_of(recipes: Iterable[Recipe]) -> Iterator[Step]:
    return chain.from_iterable(recipe.steps for recipe in recipes)


def remove_node(framework: Framework, code: str) -> Framework:
    """Return a framework without a node, what is below it, and parents left without children.

    Raises
    ------
    FrameworkError
        If nothing would be left.
    """
    removed = _codes_that_go_with(framework, code)
    new_weights = _share_removed_weights(
        framework, {node.code: node.weight for node in framework.nodes}, removed
    )
    remaining = (node for node in framework.nodes if node.code not in removed)
    weight_sets = {
        name: _share_removed_weights(framework, weights, removed)
        for name, weights in framework.weight_sets.items()
    }
    return replace(
        framework,
        nodes=tuple(replace(node, weight=new_weights[node.code]) for node in remaining),
        ingredients=tuple(
            ingredient
            for ingredient in framework.ingredients
            if ingredient.of not in removed
        ),
        weight_sets=weight_sets,
    )


def _codes_that_go_with(framework: Framework, code: str) -> set[str]:
    """Return a node's code, those below it, and parents that would have no child without them.

    Raises
    ------
    FrameworkError
        If that is the whole framework.
    """
    removed = {code}
    for node in framework.tree_order:
        if node.parent in removed:
            removed.add(node.code)
    ancestor = framework[code].parent
    while ancestor is not None:
        if any(child.code not in removed for child in framework.children(ancestor)):
            return removed
        removed.add(ancestor)
        ancestor = framework[ancestor].parent
    raise FrameworkError.of("XC272.no_indicator_left", code=code)


def _share_removed_weights(
    framework: Framework, weights: Mapping[str, float], removed: set[str]
) -> dict[str, float]:
    """Return code -> weight of the nodes that remain; siblings of removed ones share their weight.

    Parameters
    ----------
    weights
        Code -> weight, the framework's or those of a named set.
    removed
        Codes that are removed.
    """
    remaining = {
        code: weight for code, weight in weights.items() if code not in removed
    }
    for parent in {framework[code].parent for code in removed} - removed - {None}:
        siblings = _children_with_weight(framework, str(parent), weights)
        total = sum(weights[code] for code in siblings)
        remaining_sum = sum(remaining.get(code, 0.0) for code in siblings)
        if not remaining_sum:
            continue
        for code in remaining.keys() & set(siblings):
            remaining[code] = weights[code] * total / remaining_sum
    return remaining


def _children_with_weight(
    framework: Framework, code: str, weights: Mapping[str, float]
) -> list[str]:
    children = [child.code for child in framework.children(code)]
    return [child for child in children if child in weights]


def drop_nodes(recipe: Recipe, framework: Framework, removed: Sequence[str]) -> Recipe:
    """Return a recipe without the codes of nodes that were removed from a framework.

    Pairwise judgements of removed children go too, and so do steps for removed nodes alone; a step
    without codes holds for all nodes and stays. The recipe's options are dropped: they name steps
    of the whole framework, and a replicate takes none. `framework` is the one before.
    """
    steps = []
    for step in recipe.steps:
        codes = tuple(code for code in step.codes if code not in removed)
        if codes or not step.codes:
            for code in codes:
                children = framework.children(code) if step.do == "weight" else ()
                step = drop_judgements(
                    step, [child.code for child in children], removed
                )
            steps.append(replace(step, codes=codes))
    return replace(recipe, steps=tuple(steps), options=())


def node_judgements(
    framework: Framework, recipe: Recipe
) -> dict[str, tuple[float, ...]]:
    """Return node -> pairwise judgements, of each node whose weights follow from them (AHP).

    A judgement says how many times one child weighs another, pair by pair in the children's order.
    """
    judgements_by_node = {}
    for node in framework.composites:
        step = recipe.step_for("weight", node.code)
        if step is not None and step.method == AHP.name:
            judgements_by_node[node.code] = step.numbers("judgements") or ()
    return judgements_by_node


def without_judgements(recipe: Recipe) -> Recipe:
    """Return a recipe that takes the framework's weights where it has judgements."""
    steps = tuple(
        replace(step, method=GIVEN.name, params={})
        if step.do == "weight" and step.method == AHP.name
        else step
        for step in recipe.steps
    )
    return replace(recipe, steps=steps, options=())


def drop_judgements(
    step: Step, children: Sequence[str], removed: Collection[str]
) -> Step:
    """Return a step *weight* without the pairwise judgements of children that are left out.

    With no judgement left it takes the given weights; a step by another method stays as it is.

    Parameters
    ----------
    step
        The step of one node.
    children, removed
        Codes of the node's children, in order, and of all nodes that are left out.
    """
    judgements = step.numbers("judgements")
    if (
        step.method != AHP.name
        or judgements is None
        or not set(children) & set(removed)
    ):
        return step
    pairs = zip(combinations(children, 2), judgements, strict=True)
    remaining = tuple(value for pair, value in pairs if not set(pair) & set(removed))
    if not remaining:
        return replace(step, method=GIVEN.name, params={})
    return replace(step, params={**step.params, "judgements": remaining})


def disturb_judged_weights(
    judgements: tuple[float, ...], errors: Matrix, size: float
) -> Matrix:
    """Return (replicates, children) weights of children by pairwise judgements, each with an error.

    Parameters
    ----------
    judgements
        (pairs,) how many times the one child weighs the other.
    errors
        (replicates, pairs) standard normal variates.
    size
        Standard deviation of the logarithm of a judgement: its reciprocal has the same error.
    """
    # k children have k (k - 1) / 2 pairs.
    children = round((1 + np.sqrt(1 + 8 * len(judgements))) / 2)
    disturbed = np.array(judgements) * np.exp(size * errors)
    return np.array(
        [
            ahp_weights(judgement_matrix(row, children)).values.ravel()
            for row in disturbed
        ]
    )
