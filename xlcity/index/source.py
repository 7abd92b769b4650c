"""What constructions read while an index is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xlcity.functions.block import Block
from xlcity.index.construct import Constructed, finish
from xlcity.index.links import node_values
from xlcity.model.dataset import FloatArray, Item, State, StateArray
from xlcity.model.recipe import Step

if TYPE_CHECKING:
    from xlcity.index.compute import _Computation


class ComputationSource:
    """What constructions read of a computation; see `construct.Source`."""

    def __init__(self, computation: _Computation, rows: np.ndarray, done: set[str]) -> None:
        self._of, self._rows, self._done = computation, rows, done

    @property
    def units(self) -> Sequence[str]:
        """Return the ids of the units."""
        return [self._of.dataset.units[int(row)].id for row in self._rows]

    def ingredient(self, code: str) -> tuple[FloatArray, StateArray]:
        """Return an ingredient's values and states."""
        values, states = self._of.given(self._rows, code)
        return values, self._of.filled(states)

    def other(self, code: str) -> tuple[FloatArray, StateArray]:
        """Return those of another indicator, constructed ones too, or of an ingredient."""
        if code not in self._of.framework:
            return self.ingredient(code)
        self._of.construct(self._rows, code, self._done)
        return self._of.raw.of(self._rows, self._of.places[code])

    def items(self, code: str) -> Sequence[Item]:
        """Return the list behind an indicator."""
        return self._of.dataset.items.get(code, ())

    def linked(self, code: str, step: Step) -> Constructed:
        """Return what the links behind an indicator make of each unit."""
        net, values = node_values(self._of.dataset, code, step)
        at = np.array([net.rows.index(int(row)) for row in self._rows])
        mine = Block(values.values[at], values.errors[at])
        return finish(mine, np.full(len(at), State.BLANK, dtype=np.uint8))
