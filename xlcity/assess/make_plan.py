"""What is to be assessed, with everything that is wrong with it named at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xlcity.assess.choices import Choice
from xlcity.assess.plan import Plan
from xlcity.assess.read_choices import ChoiceReader
from xlcity.assess.scores import rows_of
from xlcity.errors import (
    FrameworkError,
    Problem,
    RecipeError,
    UsageError,
    XlcityError,
    did_you_mean,
)
from xlcity.index.checks import refuse_unusable
from xlcity.index.compute import compute
from xlcity.model.dataset import Dataset
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe

#: With fewer cities or indicators nothing can be said of how robust ranks are.
LEAST_CITIES, LEAST_INDICATORS = 4, 2


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
    composites = [one.code for one in framework.composites]
    if code not in composites:
        raise UsageError(f"unknown node {code!r}.", did_you_mean(code, composites))
    if seed < 0:
        raise UsageError(f"the seed is {seed}.", "It is a whole number of 0 or more.")
    problems = [*_too_few(framework, dataset), *_index_problems(framework, recipe, dataset, code)]
    choices: tuple[Choice, ...] = ()
    try:
        choices = ChoiceReader(framework, recipe, dataset).read(vary)
    except XlcityError as error:
        # What is wrong with the index itself is said of it, not of every choice.
        own = {problem.message for problem in problems}
        problems += [
            p for p in error.problems if not any(p.message.endswith(message) for message in own)
        ]
    if problems:
        raise RecipeError(problems)
    return Plan(framework, recipe, dataset, choices, seed, code)


def _index_problems(
    framework: Framework, recipe: Recipe, dataset: Dataset, node: str
) -> Iterator[Problem]:
    """Yield what keeps the index itself from being computed."""
    try:
        refuse_unusable(framework, recipe)
    except FrameworkError as error:
        # Columns without a result are named beside weights that cannot be used.
        yield from error.problems
        framework, recipe = _weighted(framework), replace(recipe, weights="relative")
    except RecipeError:
        pass  # The computation says it, with the data.
    try:
        base = compute(framework, recipe, dataset)
    except XlcityError as error:
        yield from error.problems
        return
    yield from base.failures
    for name in () if base.failures else base.populations:
        if not base.rank(node)[rows_of(base, name)].any():
            hint = "Fill its inputs, or see `xlcity index` for what is missing."
            yield Problem("XC272", f"no city of {name} has a rank by {node}.", hint)


def _weighted(framework: Framework) -> Framework:
    """Return a framework in which every node has the same weight."""
    return replace(framework, nodes=tuple(replace(node, weight=1.0) for node in framework.nodes))


def _too_few(framework: Framework, dataset: Dataset) -> list[Problem]:
    found = []
    scored = sum(bool(unit.population) for unit in dataset.units)
    if scored < LEAST_CITIES:
        message = f"{scored} cities are too few to assess how robust ranks are."
        found.append(Problem("XC272", message, f"Give at least {LEAST_CITIES}."))
    if len(framework.indicators) < LEAST_INDICATORS:
        message = "an index of one indicator has nothing to be assessed."
        found.append(Problem("XC272", message, f"Give at least {LEAST_INDICATORS} indicators."))
    return found
