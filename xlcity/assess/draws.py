"""Random numbers of replicates, by their number alone: the same for any chunk and worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from xlcity.functions.block import Matrix

#: Replicates that are drawn at once.
_BLOCK_SIZE = 64
#: What is drawn of a choice: which option, and what the option needs.
_OPTION = 0
_VECTOR = 1
#: Where the second, independent sample of a sensitivity analysis starts.
SECOND_SAMPLE_START = 1 << 40


class _Stream(NamedTuple):
    """One stream of random numbers: those of each replicate follow from its position in it."""

    #: The choice that they are drawn for, by its position in the plan.
    choice: int
    #: Which option, or what the option needs.
    purpose: int
    #: Distribution and size of one replicate's numbers: see `Draws.vectors`.
    law: str
    size: tuple[float, ...]


class Draws:
    """What is drawn for the choices of one assessment.

    In the methods `choice` is a choice by its position in the plan, and `numbers` are replicates by
    their position in the random stream; rows come back in the order of `numbers`.

    Parameters
    ----------
    seed
        Any whole number of 0 or more.
    """

    def __init__(self, seed: int) -> None:
        """Keep the seed, and the blocks of random numbers that were drawn last."""
        self._seed = seed
        self._block = lru_cache(maxsize=32)(self._draw_block)

    def uniforms(self, choice: int, numbers: np.ndarray) -> Matrix:
        """Return (replicates,) numbers from 0 to 1: which option of a choice each takes."""
        return self._gather_rows(_Stream(choice, _OPTION, "random", ()), numbers)

    def vectors(
        self, choice: int, numbers: np.ndarray, law: str, size: tuple[float, ...]
    ) -> Matrix:
        """Return (replicates, *size) random numbers for an option of a choice.

        Parameters
        ----------
        choice, numbers
            Position of the choice, and those of the replicates in the random stream.
        law
            Their distribution: "random" (uniform from 0 to 1), "standard_normal", or
            "standard_gamma".
        size
            Shape of one replicate's numbers; of gammas the shape parameter of each.
        """
        return self._gather_rows(_Stream(choice, _VECTOR, law, size), numbers)

    def _gather_rows(self, stream: _Stream, numbers: np.ndarray) -> Matrix:
        """Return (replicates, *size) random numbers; for gammas (replicates, len(size)).

        A choice's random stream is drawn in blocks of `_BLOCK_SIZE` replicates, so that a replicate
        gets the same numbers whatever is drawn with it.

        Parameters
        ----------
        choice, numbers
            Position of the choice, and those of the replicates in its stream.
        purpose
            `_OPTION` or `_VECTOR`: each has a stream of its own.
        law
            Method of numpy's Generator: random, standard_normal or standard_gamma.
        size
            Shape of one replicate's numbers; the shapes themselves for standard_gamma.
        """
        blocks, rows_of_block = np.divmod(numbers, _BLOCK_SIZE)
        size = stream.size
        shape = (len(size),) if stream.law == "standard_gamma" else size
        rows = np.empty((len(numbers), *map(int, shape)))
        # Parts of `numbers` that lie in one block each.
        starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        for start, end in pairwise([*starts.tolist(), len(numbers)]):
            np.take(
                self._block(stream, int(blocks[start])),
                rows_of_block[start:end],
                axis=0,
                out=rows[start:end],
                mode="clip",
            )
        return rows

    def _draw_block(self, stream: _Stream, block: int) -> Matrix:
        """Return the random numbers of one block: `_BLOCK_SIZE` replicates in a row.

        Their shape is (`_BLOCK_SIZE`, *size); `block` is the number of the block in the stream.

        The generator is seeded with the seed, the position of the choice, the purpose (which
        option, or what the option needs) and the number of the block, whatever was drawn before.
        """
        # Of numpy's generators the one that draws normal variates fastest.
        generator = np.random.Generator(
            np.random.SFC64([self._seed, stream.choice, stream.purpose, block])
        )
        draw: Callable[..., Matrix] = getattr(generator, stream.law)
        if stream.law == "standard_gamma":
            shapes = np.array(stream.size)
            return draw(shapes, size=(_BLOCK_SIZE, len(shapes)))
        return draw((_BLOCK_SIZE, *map(int, stream.size)))


NORMAL = "normal"
LOGNORMAL = "lognormal"
UNIFORM = "uniform"
TRIANGULAR = "triangular"
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
        A share of the value where `relative`, else in the indicator's own unit of measure.
    wider
        Factor for values that are synthetic or imputed.
    """

    distribution: str
    size: float
    relative: bool
    wider: float = 2.0

    def disturb(
        self,
        values: Matrix,
        standardised: Matrix,
        factor: Matrix | float,
        out: Matrix | None = None,
    ) -> Matrix:
        """Return (units, replicates) values with their errors.

        Parameters
        ----------
        values
            (units, replicates) values, or (units, 1) the same for all replicates.
        standardised
            (units, replicates) errors as they are drawn, in units of `size`.
        factor
            (units, 1) by how much the errors of some units are wider, or one factor for all.
        out
            Where they are written, `standardised` itself perhaps; None = into a new array.
        """
        change = np.multiply(standardised, self.size * factor, out=out)
        if self.distribution != LOGNORMAL and not self.relative:
            return np.add(values, change, out=change)
        growth = np.exp if self.distribution == LOGNORMAL else partial(np.add, 1.0)
        return np.multiply(values, growth(change, out=change), out=change)

    @property
    def reach(self) -> float:
        """The 95th percentile of a standardised error; the 5th is as far below 0."""
        return float(_ERROR_FUNCTIONS[self.distribution](np.array(0.95)))


def standardised_errors(
    uniforms: Matrix, codes: list[str], spread_of: Callable[[str], Spread | None]
) -> Matrix:
    """Return errors in units of their size, from numbers that are uniform between 0 and 1.

    Parameters
    ----------
    uniforms
        (indicators, …) the uniform numbers; errors have the same shape.
    codes
        Codes of the indicators, in order.
    spread_of
        Code -> distribution and size of the errors of its values; None for no errors, which are 0.
    """
    errors = np.zeros_like(uniforms)
    for position, code in enumerate(codes):
        if (spread := spread_of(code)) is not None:
            errors[position] = _ERROR_FUNCTIONS[spread.distribution](uniforms[position])
    return errors


def _normal_errors(uniforms: Matrix) -> Matrix:
    """Return standard normal errors by their probabilities; 0 counts as 2**-54."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.maximum(uniforms, 2.0**-54)))


def _uniform_errors(uniforms: Matrix) -> Matrix:
    """Return errors from -1 to 1 by their probabilities, all equally likely."""
    return 2.0 * uniforms - 1.0


def _triangular_errors(uniforms: Matrix) -> Matrix:
    """Return errors from -1 to 1 by their probabilities, most likely at 0."""
    # Each half is the square root of what lies beyond it.
    distances = np.sqrt(2.0 * np.minimum(uniforms, 1.0 - uniforms))
    return np.asarray(np.where(uniforms < 0.5, distances - 1.0, 1.0 - distances))


#: Distribution -> its standardised errors by their probabilities, 0 to 1.
_ERROR_FUNCTIONS: Mapping[str, Callable[[Matrix], Matrix]] = {
    NORMAL: _normal_errors,
    LOGNORMAL: _normal_errors,
    UNIFORM: _uniform_errors,
    TRIANGULAR: _triangular_errors,
}
DISTRIBUTIONS = tuple(_ERROR_FUNCTIONS)
