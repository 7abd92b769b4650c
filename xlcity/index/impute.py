"""The step *impute* in one population: confirmed gaps among the normalised indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xlcity.functions.impute import impute_dimension
from xlcity.model.dataset import FloatArray, State, StateArray
from xlcity.model.framework import Framework
from xlcity.model.recipe import Step


@dataclass(frozen=True, slots=True, eq=False)
class Imputed:
    """(n, leaves) scores after the step; `marks` holds (row, leaf, dimension) of imputed cells."""

    values: FloatArray
    states: StateArray
    marks: tuple[tuple[int, int, str], ...]


def dimensions(framework: Framework, level: str = "parent") -> tuple[list[str], list[str]]:
    """Return for each indicator the node it is imputed within, and the wider one.

    With `level` "parent" the first is the parent and the wider one the pillar, the ancestor just
    below the root; with "pillar" it is the pillar at once, and there is no wider one.
    """
    parents, pillars = [], []
    for leaf in framework.indicators:
        path = framework.path(leaf.code)
        parents.append(path[-2].code if len(path) > 1 else "")
        pillars.append(path[1].code if len(path) > 2 else "")
    if level == "pillar":
        return [pillar or parent for pillar, parent in zip(pillars, parents, strict=True)], []
    return parents, pillars


def impute(
    values: FloatArray,
    states: StateArray,
    framework: Framework,
    steps: Sequence[Step | None],
    *,
    places: Sequence[int] | None = None,
    marked: bool = True,
) -> Imputed:
    """Impute the columns whose step says so.

    Parameters
    ----------
    values, states
        (n, leaves) normalised scores, in tree order.
    steps
        The impute step of each column, None where there is none.
    places
        Which leaves the columns are, where they are not all.
    marked
        Whether to say which cells were imputed.
    """
    filled, found = values.copy("K"), states.copy("K")
    marks: list[tuple[int, int, str]] = []
    for step in dict.fromkeys(id(step) for step in steps if step and step.method != "none"):
        columns = [at for at, own in enumerate(steps) if id(own) == step]
        one = steps[columns[0]]
        assert one is not None
        groups, wider = dimensions(framework, one.text("level"))
        if places is not None:
            groups, wider = ([names[at] for at in places if names] for names in (groups, wider))
        block = impute_dimension(values, groups, wider or None, states=states)
        for at in columns:
            gaps = (states[:, at] == State.MISSING) & ~np.isnan(block.values[:, at])
            np.copyto(filled[:, at], block.values[:, at], where=gaps)
            np.copyto(found[:, at], np.uint8(State.VALUE), where=gaps)
        if marked:
            narrow = impute_dimension(values, groups, None, states=states).values
            for row, at in np.argwhere((states == State.MISSING) & ~np.isnan(block.values)):
                if at in columns:
                    near = not np.isnan(narrow[row, at])
                    marks.append((int(row), int(at), groups[at] if near else wider[at]))
    return Imputed(filled, found, tuple(sorted(marks)))
