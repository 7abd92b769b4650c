"""What is said of an aggregate beside its number: gaps it was computed over, cells it waits for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.errors import Problem, Where
from xlcity.index.layers import Layer
from xlcity.model.dataset import State, StateArray
from xlcity.model.framework import Framework

#: Units named of each indicator that a refused node waits for.
NAMED = 5


def gap_marks(
    children: Sequence[str], missing: str, states: StateArray, scored: np.ndarray
) -> Iterator[tuple[int, str, str]]:
    """Yield (row, kind, detail) of scores that were computed though a child is missing."""
    gone = states == State.MISSING
    kind = "renormalised" if missing == "renormalise" else "zero"
    notes: dict[bytes, str] = {}
    for row in np.flatnonzero(scored & gone.any(axis=1)).tolist():
        # Many units lack the same children: one text serves them all.
        pattern = gone[row].tobytes()
        if pattern not in notes:
            names = ", ".join(c for c, lacks in zip(children, gone[row], strict=True) if lacks)
            notes[pattern] = f"missing: {names}"
        yield row, kind, notes[pattern]


def refusal(
    framework: Framework,
    raw: Layer,
    rows: np.ndarray,
    units: Sequence[str],
    population: str,
    code: str,
) -> Problem:
    """Say which cells keep a node from being computed for a population."""
    places = {node.code: at for at, node in enumerate(framework.tree_order)}
    waits = []
    for leaf in framework.leaves_below(code):
        states = raw.states[rows, places[leaf.code]]
        gone = [units[int(row)] for row in np.flatnonzero(states != State.VALUE)]
        if gone:
            shown = ", ".join(gone[:NAMED]) + (", …" if len(gone) > NAMED else "")
            waits.append(f"{leaf.code} ({len(gone)} of {len(rows)}: {shown})")
    missing = "; ".join(waits) or "a node below it has no score"
    message = f"{code} is not computed for {population}: {missing}."
    hint = "Fill these cells: the recipe refuses a node until all its values are there."
    return Problem("XC355", message, hint, Where(indicator=code))
