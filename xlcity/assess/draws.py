"""Random numbers of replicates, by their number alone: the same for any chunk and worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
        columns = np.empty((*size, len(numbers)))
        blocks = numbers // _BLOCK
        starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
            drawn = self._block(choice, _VECTOR, kind, size, int(blocks[start]))
            if end - start < _BLOCK:
                drawn = drawn[numbers[start:end] % _BLOCK]
            columns[..., start:end] = np.moveaxis(drawn, 0, -1)
        return columns

    def gammas(self, choice: int, shapes: tuple[float, ...], numbers: np.ndarray) -> Matrix:
        """Return (replicates, k) gamma variates of these k shapes."""
        return self._collect(choice, _VECTOR, "standard_gamma", shapes, numbers)

    def _collect(
        self, choice: int, what: int, kind: str, size: tuple[float, ...], numbers: np.ndarray
    ) -> Matrix:
        blocks = numbers // _BLOCK
        parts = [
            self._block(choice, what, kind, size, int(block))[numbers[blocks == block] % _BLOCK]
            for block in dict.fromkeys(blocks.tolist())
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _drawn(
        self, choice: int, what: int, kind: str, size: tuple[float, ...], block: int
    ) -> Matrix:
        generator = _generator(self._seed, choice, what, block)
        draw: Callable[..., Matrix] = getattr(generator, kind)
        if kind == "standard_gamma":
            return draw(np.array(size), size=(_BLOCK, len(size)))
        return draw((_BLOCK, *(int(length) for length in size)))


NORMAL, LOGNORMAL, UNIFORM, TRIANGULAR = "normal", "lognormal", "uniform", "triangular"
#: What a standard normal variate makes: these are drawn as such where no other is asked for.
GAUSSIAN = (NORMAL, LOGNORMAL)


@dataclass(frozen=True, slots=True)
class Spread:
    """The error of an indicator's values.

    Attributes
    ----------
    distribution
        "normal": `size` is the standard deviation; "lognormal": that of the value's logarithm;
        "uniform" and "triangular": half the width.
    size
        A share of the value, or in the indicator's own unit of measure.
    relative
        Which of the two.
    wider
        Factor for values that are synthetic or imputed.
    """

    distribution: str
    size: float
    relative: bool
    wider: float = 2.0

    def disturbed(self, values: Matrix, standardised: Matrix, factor: Matrix | float) -> Matrix:
        """Return (units, replicates) values with their errors.

        Parameters
        ----------
        standardised
            Errors as they are drawn, in units of `size`.
        factor
            By how much those of some units are wider.
        """
        change = standardised * (self.size * factor)
        if self.distribution == LOGNORMAL:
            return np.asarray(values * np.exp(change))
        return values * (1.0 + change) if self.relative else values + change

    @property
    def reach(self) -> float:
        """The 95th percentile of a standardised error; the 5th is as far below 0."""
        return float(_STANDARDISED[self.distribution](np.array(0.95)))


def standardised_errors(
    uniforms: Matrix, codes: list[str], spread_of: Callable[[str], Spread | None]
) -> Matrix:
    """Return errors of (indicators, …) numbers of 0 to 1, in units of their size."""
    errors = np.empty_like(uniforms)
    for position, code in enumerate(codes):
        if (spread := spread_of(code)) is not None:
            errors[position] = _STANDARDISED[spread.distribution](uniforms[position])
        else:
            errors[position] = 0.0
    return errors


def _normal(uniforms: Matrix) -> Matrix:
    from scipy.special import ndtri

    return np.asarray(ndtri(np.maximum(uniforms, 2.0**-54)))


def _uniform(uniforms: Matrix) -> Matrix:
    return 2.0 * uniforms - 1.0


def _triangular(uniforms: Matrix) -> Matrix:
    # Each half is the square root of what lies beyond it.
    beyond = np.sqrt(2.0 * np.minimum(uniforms, 1.0 - uniforms))
    return np.asarray(np.where(uniforms < 0.5, beyond - 1.0, 1.0 - beyond))


#: A standardised error by its probability.
_STANDARDISED: Mapping[str, Callable[[Matrix], Matrix]] = {
    NORMAL: _normal,
    LOGNORMAL: _normal,
    UNIFORM: _uniform,
    TRIANGULAR: _triangular,
}
DISTRIBUTIONS = tuple(_STANDARDISED)
