"""Student's t: how often chance alone gives a larger t, in both directions."""

import math

#: Up to here the gamma function stays within the range of doubles.
_MOST_DEGREES = 340
#: Steps of the fraction: far fewer are needed, at most about the root of the degrees of freedom.
_STEPS = 500


def two_sided_p(squared: float, degrees: int) -> float:
    """Return the probability of a t further from 0, to either side.

    Parameters
    ----------
    squared
        t squared divided by the degrees of freedom; for a correlation r it is
        ``r**2 / (1 - r**2)``, infinite for r = 1.
    degrees
        Degrees of freedom, at least 1.

    Notes
    -----
    ``p = I(1 / (1 + squared); degrees / 2, 1 / 2)``, the regularised incomplete beta function, by
    its continued fraction. That takes microseconds, and loading scipy a tenth of a second.

    References
    ----------
    DLMF 8.17.22, https://dlmf.nist.gov/8.17.

    Examples
    --------
    >>> round(two_sided_p(1.0, 1), 12)
    0.5
    """
    if math.isnan(squared) or math.isinf(squared):
        return squared if math.isnan(squared) else 0.0
    a, x, rest = degrees / 2.0, 1.0 / (1.0 + squared), squared / (1.0 + squared)
    # The fraction converges fast in the tail only: nearer to 0 what is left of 1 is computed.
    tail = x < (a + 1.0) / (a + 2.5)
    ends = (a, 0.5, x) if tail else (0.5, a, rest)
    if degrees > _MOST_DEGREES:
        from scipy.special import betainc

        share = float(betainc(*ends))
    else:
        size = math.gamma(a + 0.5) / (math.gamma(a) * math.sqrt(math.pi))
        front = size * math.exp(-a * math.log1p(squared)) * math.sqrt(rest)
        share = front / (ends[0] * _fraction(*ends))
    return share if tail else 1.0 - share


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction below the incomplete beta function's front, by Lentz."""
    value = upper = 1.0
    lower = 0.0
    for step in range(1, _STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        lower = 1.0 / (1.0 + term * lower)
        upper = 1.0 + term / upper
        factor = upper * lower
        value *= factor
        if abs(factor - 1.0) < 3e-16:
            break
    return value
