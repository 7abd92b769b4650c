"""Errors of data: the distributions that values may be drawn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from xlcity.functions.block import Matrix

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
    made = np.empty_like(uniforms)
    for at, code in enumerate(codes):
        if (spread := spread_of(code)) is not None:
            made[at] = _STANDARDISED[spread.distribution](uniforms[at])
        else:
            made[at] = 0.0
    return made


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
