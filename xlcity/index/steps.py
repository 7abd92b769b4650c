"""The steps for one indicator or node in one group: normalise, impute, aggregate, rescale.

And the weights that they use: equal, given or derived.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xlcity.errors import CellError
from xlcity.functions.block import CellArray, ErrorCode, column_bounds
from xlcity.functions.impute import impute_dimension
from xlcity.functions.rounding import is_constant, is_flat
from xlcity.messages import Message
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.aggregate.sum import SUM
from xlcity.methods.normalise.record import (
    CONSTANT,
    FAILS,
    SAME,
    Indicator,
    Normalisation,
)
from xlcity.methods.registry import find_method
from xlcity.methods.rescale.record import UNSCALED, Rescaling
from xlcity.methods.weight.given import GIVEN
from xlcity.methods.weight.record import Weighting
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import SHARE_TOLERANCE, Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step


@dataclass(frozen=True, slots=True, eq=False)
class ScaledColumn:
    """Scores of an indicator or a node on the scale of a step.

    `constant` is FAILS if what is scaled is equal or beyond the method, and has no score, SAME if
    it is equal and has one, "" if it differs and has scores. `low` and `high` are the bounds that a
    method to normalise used, `marks` holds (row, kind) of cells that a rule changed.
    """

    values: FloatArray
    states: StateArray
    constant: str
    low: float | FloatArray = math.nan
    high: float | FloatArray = math.nan
    marks: tuple[tuple[int, str], ...] = ()


def normalise_column(column: Indicator, step: Step, node: Node) -> ScaledColumn:
    """Return the scores that a step gives to one indicator.

    A failed column has no result for any unit: were its gaps still gaps, a node that leaves gaps
    out would be computed for just the units that lack the value.

    Parameters
    ----------
    column
        Values and states of the indicator: (n,), or (n, m) for m replicates, each by itself.
    step, node
        The step *normalise*, and the indicator, from whose attributes it may read parameters.

    Raises
    ------
    RecipeError
        If the method is not known.
    """
    method = find_method(Normalisation, step.method)
    settings = step.settings(node)
    scored = method.kernel(column, settings)
    values = scored.block.values.reshape(column.values.shape).copy()
    lacks_score = np.isnan(values)
    failed = lacks_score & (column.states == State.VALUE)
    states = column.states.copy()
    # Some methods score gaps, too.
    np.copyto(states, State.VALUE, where=~lacks_score)
    constant = SAME if column.span and is_flat(*column.span) else ""
    if failed.any():
        is_equal = is_flat(
            *(column.span or column_bounds(column.values, column.states))
        )
        # Bounds that are given leave no room, whatever the values are.
        is_bounded = any(step.get(name) is not None for name in ("lower", "upper"))
        can_stand_in = method.constant == FAILS and not is_bounded
        stand_in = settings.optional(CONSTANT.name) if can_stand_in else None
        has_stand_in = is_equal & (stand_in is not None)
        values[failed & has_stand_in] = np.nan if stand_in is None else stand_in
        failed_columns = failed.any(axis=0) & ~has_stand_in
        values[..., failed_columns] = np.nan
        states[..., failed_columns] = State.BLANK
        constant = FAILS if failed_columns.any() else SAME
    return ScaledColumn(
        values,
        states,
        constant,
        low=scored.low,
        high=scored.high,
        marks=scored.marks,
    )


def standardises(step: Step) -> bool:
    """Tell whether a step gives an indicator distances from a mean, in standard deviations."""
    return find_method(Normalisation, step.method).standardises


def span_of(values: FloatArray, states: StateArray) -> tuple[float, float]:
    """Return minimum and maximum of the values whose state is VALUE, NaN without any."""
    # VALUE is 0: without any other state all are numbers.
    numbers = values[states == State.VALUE] if states.any() else values
    return (
        (float(numbers.min()), float(numbers.max()))
        if numbers.size
        else (math.nan, math.nan)
    )


@dataclass(frozen=True, slots=True, eq=False)
class ImputedScores:
    """(n, leaves) scores after the step; `marks` holds (row, leaf, dimension) of imputed cells."""

    values: FloatArray
    states: StateArray
    marks: tuple[tuple[int, int, str], ...]


def imputation_dimensions(
    framework: Framework, level: str = "parent"
) -> tuple[list[str], list[str]]:
    """Return for each indicator the node within which its gaps are imputed, and a wider one.

    With `level` "parent" these are the indicator's parent and its pillar, the ancestor just below
    the root, which serves where the parent has no other scores. With "pillar" the first is the
    pillar, and the list of wider ones is empty.
    """
    parents = []
    pillars = []
    for leaf in framework.indicators:
        path = framework.path(leaf.code)
        parents.append(path[-2:][0].code)  # a tree of one node has no other
        pillars.append(path[1].code if len(path) > 2 else "")
    if level == "pillar":
        return [
            pillar or parent for pillar, parent in zip(pillars, parents, strict=True)
        ], []
    return parents, pillars


def impute_scores(
    values: FloatArray,
    states: StateArray,
    framework: Framework,
    steps: Sequence[Step | None],
    *,
    leaf_positions: Sequence[int] | None = None,
    with_marks: bool = True,
) -> ImputedScores:
    """Return scores with gaps imputed by the unit's other scores in the same node.

    Only cells that are confirmed missing are gaps, and only columns that have a step are imputed.

    Parameters
    ----------
    values, states
        (n, leaves) normalised scores of the indicators, which are the tree's leaves, in order.
    steps
        The impute step of each column, None where there is none.
    leaf_positions
        Which leaves the columns are, where they are not all.
    with_marks
        Whether to say which cells were imputed.
    """
    filled = values.copy("K")
    filled_states = states.copy("K")
    marks: list[tuple[int, int, str]] = []
    # Steps cannot be hashed: they are told apart by identity.
    distinct = {id(step): step for step in steps if step and not step.is_idle}
    for first_step in distinct.values():
        columns = [column for column, step in enumerate(steps) if step is first_step]
        groups, wider = imputation_dimensions(framework, first_step.text("level"))
        if leaf_positions is not None:
            groups = _names_at(leaf_positions, groups)
            wider = _names_at(leaf_positions, wider)
        imputed = impute_dimension(values, groups, wider or None, states=states).values
        is_imputed = (states == State.MISSING) & ~np.isnan(imputed)
        for column in columns:
            gaps = is_imputed[:, column]
            np.copyto(filled[:, column], imputed[:, column], where=gaps)
            np.copyto(filled_states[:, column], State.VALUE, where=gaps)
        if with_marks:
            # What the narrow groups alone impute is theirs, the rest comes from the wider ones.
            narrow = impute_dimension(values, groups, None, states=states).values
            marks += _group_marks(
                is_imputed, columns, np.isnan(narrow), groups, wider=wider
            )
    return ImputedScores(filled, filled_states, tuple(sorted(marks)))


def _group_marks(
    is_imputed: NDArray[np.bool_],
    columns: Collection[int],
    is_wider: NDArray[np.bool_],
    groups: Sequence[str],
    *,
    wider: Sequence[str],
) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and group of each imputed score in some columns.

    `is_wider` says which scores come from the wider groups.
    """
    for row, column in np.argwhere(is_imputed).tolist():
        if column in columns:
            names = wider if is_wider[row, column] else groups
            yield row, column, names[column]


def _names_at(positions: Sequence[int], names: Sequence[str]) -> list[str]:
    """Return the names at some positions; none where there are no names."""
    return [names[position] for position in positions] if names else []


@dataclass(frozen=True, slots=True, eq=False)
class AggregatedNode:
    """Means of one node; `block` is what its method gave, with errors of rows without a mean."""

    values: FloatArray
    states: StateArray
    block: CellArray


def child_weights(framework: Framework, code: str, step: Step) -> list[float]:
    """Return the weights of a node's children: the framework's, or how many indicators each has.

    Parameters
    ----------
    step
        The step that aggregates the node; its parameter `weights` says which.
    """
    children = framework.children(code)
    if step.get("weights") == "leaves":
        return [float(len(framework.leaves_below(child.code))) for child in children]
    return [child.weight for child in children]


def aggregate_children(
    values: FloatArray,
    states: StateArray,
    weights: list[float] | FloatArray,
    step: Step,
) -> AggregatedNode:
    """Return the aggregate of each row of children's scores, as one step computes it.

    A row with a blank child is blank. What a missing child does follows the step's parameter
    `missing`; with "refuse" one blank or missing child leaves all rows without a result.

    Parameters
    ----------
    values, states
        (n, children) scores of the children and their states.
    weights
        One per child, or (n, children) where rows have their own.
    """
    method = find_method(Aggregation, step.method)
    settings = step.settings()
    block = method.kernel(values, states, weights, settings)
    scores = block.values[:, 0].copy()
    errors = block.errors[:, 0]
    node_states = np.zeros(len(scores), dtype=np.uint8)  # VALUE is 0
    node_states[errors == ErrorCode.NA] = State.MISSING
    has_error = (errors != ErrorCode.NONE) & (errors != ErrorCode.NA)
    has_blank = (states == State.BLANK).any(axis=1)
    node_states[has_error | has_blank] = State.BLANK
    if (least_share := step.number("threshold", 0.0)) > 0:
        share_present = (states == State.VALUE).mean(axis=1)
        # Rows with a blank are not filled yet.
        has_too_few = (share_present < least_share - 1e-12) & ~has_blank
        scores[has_too_few] = np.nan
        node_states[has_too_few] = State.MISSING
    if step.get("missing") == "refuse" and has_blank.any():
        node_states[:] = State.BLANK
    return AggregatedNode(scores, node_states, block)


def rescale_node(values: FloatArray, states: StateArray, step: Step) -> ScaledColumn:
    """Return a node's aggregates as the step *rescale* scales them.

    Equal aggregates have no score unless the step names a `constant`.

    Parameters
    ----------
    values, states
        (n,) aggregates and their states, or (n, m) for m replicates, each by itself.
    step
        The step that rescales the node.
    """
    method = find_method(Rescaling, step.method)
    settings = step.settings()
    scores = method.kernel(values, states, settings).values.reshape(values.shape).copy()
    scaled_states = states.copy()
    can_fail = CONSTANT.name in method.names
    stand_in = settings.optional(CONSTANT.name) if can_fail else None
    if stand_in is not None:
        scores[(states == State.VALUE) & np.isnan(scores)] = stand_in
    are_equal = (
        can_fail and values.ndim == 1 and is_constant(values[states == State.VALUE])
    )
    constant = ""
    if are_equal:
        constant = FAILS if stand_in is None else SAME
    scaled_states[(states == State.VALUE) & np.isnan(scores)] = State.BLANK
    return ScaledColumn(scores, scaled_states, constant)


def overall_reading(step: Step | None) -> str:
    """Return how a step *rescale* treats the root: the word of its parameter `overall`.

    `SCALED` like other nodes, `MEAN_OF_SCALED` as the mean of its rescaled children, or `UNSCALED`,
    also where there is no step.
    """
    return UNSCALED if step is None else step.text("overall")


# -- weights that follow from scores, judgements or a named set ------------------------------------
#: A consistency ratio above it means that judgements contradict each other too much.
MOST_INCONSISTENT = 0.1


def weight_step(recipe: Recipe, code: str) -> Step | None:
    """Return the step that derives the weights of a node's children from scores or a named set.

    None where the framework gives the weights, or the node's aggregation does not read any.
    """
    step = recipe.step_for("weight", code)
    aggregation = recipe.step_for("aggregate", code)
    if step is None:
        return None
    method = find_method(Weighting, step.method)
    reads_weights = (
        aggregation is None or find_method(Aggregation, aggregation.method).weighted
    )
    return step if method.derives and reads_weights else None


def consistency_ratios(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return node -> consistency ratio, of nodes whose weights follow from pairwise judgements."""
    ratios = {}
    for node in framework.composites:
        step = recipe.step_for("weight", node.code)
        if (
            step is not None
            and (ratio_of := find_method(Weighting, step.method).ratio) is not None
        ):
            ratios[node.code] = ratio_of(
                step.settings(), len(framework.children(node.code))
            )
    return ratios


def find_weights(
    framework: Framework, code: str, values: FloatArray, states: StateArray, step: Step
) -> tuple[list[float], CellError | None, float]:
    """Return the weights that a step derives for a node's children, an error, and the AHP ratio.

    The error says why there are no weights, else it is None. The ratio is the consistency ratio of
    pairwise judgements (AHP), 0 for other methods.

    Parameters
    ----------
    code
        The node.
    values, states
        (n, children) scores of the children.
    step
        The step *weight*, by a method that derives weights or takes a named set.
    """
    method = find_method(Weighting, step.method)
    settings = step.settings()
    if method.kernel is None:
        return framework.weights_in_set(step.text("set"), code), None, 0.0
    ratio = 0.0 if method.ratio is None else method.ratio(settings, values.shape[1])
    block = method.kernel(values, states, settings)
    # Where a child has no weight, none has; kernels return weights as one row or as one column.
    if block.errors.any():
        return [], block.error(0, 0), ratio
    return block.values.ravel().tolist(), None, ratio


def shares_in_node(
    framework: Framework,
    code: str,
    step: Step | None = None,
    *,
    whole: float = 1.0,
    total: float | None = None,
) -> dict[str, float]:
    """Return the code of each child of a node -> its share in the node; `whole` in all.

    Of a method that weighs nothing, such as a maximum, or without a step *aggregate*, they are
    those of the framework's weights. `total` is what weights are divided by, None their sum.
    """
    children = framework.children(code)
    weights = [child.weight for child in children]
    if step is not None:
        weights = child_weights(framework, code, step)
    if total is None:
        total = math.fsum(weights) or 1.0
    return {
        child.code: whole * weight / total
        for child, weight in zip(children, weights, strict=True)
    }


def effective_weights(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Return code -> share of a node in the root: the product of the shares on the way down.

    The recipe is one that was computed: it aggregates every node, with weights that are not all 0.
    """
    shares = {framework.root.code: 1.0}
    for node in framework.composites:
        step = recipe.required_step("aggregate", node.code)
        # A sum takes weights as they are.
        total = 1.0 if step.method == SUM.name else None
        whole = shares[node.code]
        shares |= shares_in_node(framework, node.code, step, whole=whole, total=total)
    return shares


def weight_set_faults(
    framework: Framework, recipe: Recipe, step: Step, code: str
) -> Iterator[str]:
    """Yield in words why a step cannot weigh the children of the node `code` by its named set.

    The set is missing from the framework, or its weights of these children have no usable sum.
    """
    name = step.text("set")
    sets = framework.weight_sets
    if name not in sets:
        if sets:
            yield Message("fault.unknown_weight_set", name=name, sets=[*sets])
        else:
            yield Message("fault.no_weight_sets", name=name)
        return
    total = math.fsum(framework.weights_in_set(name, code))
    if total <= 0:
        yield Message("fault.weight_set_of_zeros", code=code, name=name)
    elif recipe.weights == "shares" and abs(total - 1) > SHARE_TOLERANCE:
        yield Message("fault.weight_set_sum", code=code, name=name, total=total)


def resolve_named_weights(
    framework: Framework, recipe: Recipe
) -> tuple[Framework, Recipe]:
    """Return a framework with the weights of the named sets that a recipe uses, and the recipe.

    In the recipe returned, steps that name a set take the framework's weights instead. If a set
    does not exist, both are returned unchanged: `refuse_unusable` reports it.
    """
    named_weights = {}
    for node in framework.composites:
        step = weight_step(recipe, node.code)
        if step is not None and find_method(Weighting, step.method).named:
            if step.text("set") not in framework.weight_sets:
                return framework, recipe
            named_weights[node.code] = framework.weights_in_set(
                step.text("set"), node.code
            )
    steps = tuple(
        Step(step.do, GIVEN.name, {}, step.codes)
        if step.do == "weight" and find_method(Weighting, step.method).named
        else step
        for step in recipe.steps
    )
    return with_weights(framework, named_weights), replace(recipe, steps=steps)


def with_weights(
    framework: Framework, weights_by_node: Mapping[str, Sequence[float]]
) -> Framework:
    """Return a framework with other weights; NaN leaves a node its own.

    Parameters
    ----------
    weights_by_node
        Node -> weights of its children, in order.
    """
    if not weights_by_node:
        return framework
    weight_of: dict[str, float] = {}
    for code, weights in weights_by_node.items():
        for child, weight in zip(framework.children(code), weights, strict=True):
            if not np.isnan(weight):
                weight_of[child.code] = weight
    nodes = (
        replace(node, weight=weight_of.get(node.code, node.weight))
        for node in framework.nodes
    )
    return replace(framework, nodes=tuple(nodes))
