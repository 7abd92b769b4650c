"""Random numbers of replicates, by their number alone: the same for any chunk and worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from xlcity.functions.block import Matrix

#: Replicates that are drawn at once.
_BLOCK = 64
#: What is drawn of a choice: which option, and what the option needs.
_OPTION, _VECTOR = 0, 1
#: Where the second, independent sample of a sensitivity analysis starts.
SECOND = 1 << 40


def _generator(seed: int, choice: int, what: int, block: int) -> np.random.Generator:
    # A counter is set for each block, so that a block can be drawn without those before it.
    key = [seed & 0xFFFFFFFFFFFFFFFF, (choice << 1) | what]
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, block]))


class Draws:
    """What is drawn for the choices of one assessment.

    Parameters
    ----------
    seed
        Any whole number of 0 or more.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._block = lru_cache(maxsize=32)(self._drawn)

    def uniforms(self, choice: int, numbers: np.ndarray) -> Matrix:
        """Return a number from 0 to 1 for each replicate: which option of a choice it takes."""
        return self._collect(choice, _OPTION, "random", (), numbers)

    def vectors(self, choice: int, kind: str, size: tuple[int, ...], numbers: np.ndarray) -> Matrix:
        """Return (replicates, *size) numbers.

        Parameters
        ----------
        kind
            "random" (0 to 1) or "standard_normal".
        """
        return self._collect(choice, _VECTOR, kind, size, numbers)

    def columns(self, choice: int, kind: str, size: tuple[int, ...], numbers: np.ndarray) -> Matrix:
        """Return (*size, replicates) numbers, those of `vectors`; `numbers` ascend."""
        made = np.empty((*size, len(numbers)))
        blocks = numbers // _BLOCK
        starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            drawn = self._block(choice, _VECTOR, kind, size, int(blocks[start]))
            if end - start < _BLOCK:
                drawn = drawn[numbers[start:end] % _BLOCK]
            made[..., start:end] = np.moveaxis(drawn, 0, -1)
        return made

    def gammas(self, choice: int, shapes: tuple[float, ...], numbers: np.ndarray) -> Matrix:
        """Return (replicates, k) gamma variates of these k shapes."""
        return self._collect(choice, _VECTOR, "standard_gamma", shapes, numbers)

    def _collect(
        self, choice: int, what: int, kind: str, size: tuple[float, ...], numbers: np.ndarray
    ) -> Matrix:
        blocks = numbers // _BLOCK
        found = [
            self._block(choice, what, kind, size, int(block))[numbers[blocks == block] % _BLOCK]
            for block in dict.fromkeys(blocks.tolist())
        ]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _drawn(
        self, choice: int, what: int, kind: str, size: tuple[float, ...], block: int
    ) -> Matrix:
        generator = _generator(self._seed, choice, what, block)
        draw: Callable[..., Matrix] = getattr(generator, kind)
        if kind == "standard_gamma":
            return draw(np.array(size), size=(_BLOCK, len(size)))
        return draw((_BLOCK, *(int(length) for length in size)))
