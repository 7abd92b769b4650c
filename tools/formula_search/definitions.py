"""What Excel's functions give, computed without any spreadsheet: mathematics and statistics.

Python's own functions, numpy and scipy are the independent program here. A function is listed here
only where its definition leaves no choice.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any


def _scipy(path: str, *order: int, tail: str = "cdf") -> Callable[..., float]:
    """Return a method of a distribution of scipy, its arguments in another order."""

    def compute(*args: float) -> float:
        from scipy import stats

        chosen = [args[i] for i in order] if order else list(args)
        return float(getattr(getattr(stats, path), tail)(*chosen))

    return compute


def _either(
    cumulative: Callable[..., float], density: Callable[..., float]
) -> Callable[..., float]:
    return lambda *args: (cumulative if args[-1] else density)(*args[:-1])


def _flat(*blocks: Any) -> list[float]:
    return [
        v for block in blocks for v in (block if isinstance(block, list) else [block])
    ]


def _over(compute: Callable[[list[float]], float]) -> Callable[..., float]:
    return lambda *blocks: float(compute(_flat(*blocks)))


def _percentile(values: list[float], share: float) -> float:
    import numpy as np

    if not 0 <= share <= 1:
        raise ValueError
    return float(np.percentile(values, share * 100))


def _exclusive(values: list[float], share: float) -> float:
    import numpy as np

    if not 1 / (len(values) + 1) <= share <= len(values) / (len(values) + 1):
        raise ValueError
    return float(np.percentile(values, share * 100, method="weibull"))


def _covariance(a: list[float], b: list[float], ddof: int) -> float:
    x = statistics.fmean(a)
    y = statistics.fmean(b)
    return math.fsum((p - x) * (q - y) for p, q in zip(a, b, strict=True)) / (
        len(a) - ddof
    )


def _slope(y: list[float], x: list[float]) -> float:
    return statistics.linear_regression(x, y).slope


def _intercept(y: list[float], x: list[float]) -> float:
    return statistics.linear_regression(x, y).intercept


def _forecast(at: float, y: list[float], x: list[float]) -> float:
    return _intercept(y, x) + _slope(y, x) * at


def _steyx(y: list[float], x: list[float]) -> float:
    rest = [q - _forecast(p, y, x) for p, q in zip(x, y, strict=True)]
    return math.sqrt(math.fsum(r * r for r in rest) / (len(x) - 2))


def _moment(power: int) -> Callable[[list[float]], float]:
    def compute(values: list[float]) -> float:
        from scipy import stats

        measure = stats.skew if power == 3 else stats.kurtosis
        return float(measure(values, bias=False))

    return compute


def _rank(value: float, values: list[float], ascending: float = 0) -> float:
    if value not in values:
        raise ValueError
    return 1.0 + sum((v < value) if ascending else (v > value) for v in values)


def _rank_average(value: float, values: list[float], ascending: float = 0) -> float:
    return _rank(value, values, ascending) + (values.count(value) - 1) / 2


def _trunc(value: float, digits: float = 0) -> float:
    scale = 10.0 ** int(digits)
    return math.trunc(value * scale) / scale


def _round(value: float, digits: float) -> float:
    enough = Context(prec=60)  # 1E+20 to 15 digits has 36
    steps = Decimal(f"{value:.15g}").scaleb(int(digits), enough)
    return float(
        steps.quantize(Decimal(1), ROUND_HALF_UP, enough).scaleb(-int(digits), enough)
    )


def _atan2(x: float, y: float) -> float:
    if x == y == 0:
        raise ValueError  # #DIV/0!, where Python says 0
    return math.atan2(y, x)


def _log(value: float, base: float = 10) -> float:
    return math.log10(value) if base == 10 else math.log(value) / math.log(base)


def _mod(a: float, b: float) -> float:
    return a - b * math.floor(a / b)


DEFINED: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": math.pow,
    "u-": lambda a: -a,
    "%": lambda a: a / 100,
    "ABS": abs,
    "ACOS": math.acos,
    "ACOSH": math.acosh,
    "ACOT": lambda x: math.pi / 2 - math.atan(x),
    "ASIN": math.asin,
    "ASINH": math.asinh,
    "ATAN": math.atan,
    "ATAN2": _atan2,
    "ATANH": math.atanh,
    "COMBIN": lambda n, k: math.comb(int(n), int(k)),
    "COS": math.cos,
    "COSH": math.cosh,
    "COT": lambda x: 1 / math.tan(x),
    "COTH": lambda x: 1 / math.tanh(x),
    "CSC": lambda x: 1 / math.sin(x),
    "CSCH": lambda x: 1 / math.sinh(x),
    "DEGREES": math.degrees,
    "EXP": math.exp,
    "FACT": lambda n: math.factorial(int(n)),
    "INT": math.floor,
    "LN": math.log,
    "LOG": _log,
    "LOG10": math.log10,
    "MOD": _mod,
    "POWER": math.pow,
    "QUOTIENT": lambda a, b: math.trunc(a / b),
    "RADIANS": math.radians,
    "ROUND": _round,
    "SEC": lambda x: 1 / math.cos(x),
    "SECH": lambda x: 1 / math.cosh(x),
    "SIGN": lambda x: (x > 0) - (x < 0),
    "SIN": math.sin,
    "SINH": math.sinh,
    "SQRT": math.sqrt,
    "SQRTPI": lambda x: math.sqrt(x * math.pi),
    "TAN": math.tan,
    "TANH": math.tanh,
    "TRUNC": _trunc,
    "PERMUT": lambda n, k: math.perm(int(n), int(k)),
    "PERMUTATIONA": lambda n, k: n**k,
    "FISHER": math.atanh,
    "FISHERINV": math.tanh,
    "GAMMA": math.gamma,
    "GAMMALN": math.lgamma,
    "GAMMALN.PRECISE": math.lgamma,
    "GAUSS": lambda z: statistics.NormalDist().cdf(z) - 0.5,
    "PHI": statistics.NormalDist().pdf,
    "NORMSDIST": statistics.NormalDist().cdf,
    "NORM.S.INV": statistics.NormalDist().inv_cdf,
    "NORMSINV": statistics.NormalDist().inv_cdf,
    "NORM.INV": lambda p, m, s: statistics.NormalDist(m, s).inv_cdf(p),
    "NORMINV": lambda p, m, s: statistics.NormalDist(m, s).inv_cdf(p),
    "STANDARDIZE": lambda x, m, s: (x - m) / s,
    "ERF": lambda a, b=None: math.erf(a) if b is None else math.erf(b) - math.erf(a),
    "ERFC": math.erfc,
    "SUM": _over(math.fsum),
    "PRODUCT": _over(math.prod),
    "SUMSQ": _over(lambda v: math.fsum(x * x for x in v)),
    "AVERAGE": _over(statistics.fmean),
    "COUNT": _over(len),
    "MAX": _over(max),
    "MIN": _over(min),
    "MEDIAN": _over(statistics.median),
    "STDEV": _over(statistics.stdev),
    "STDEV.S": _over(statistics.stdev),
    "STDEV.P": _over(statistics.pstdev),
    "STDEVP": _over(statistics.pstdev),
    "VAR": _over(statistics.variance),
    "VAR.S": _over(statistics.variance),
    "VAR.P": _over(statistics.pvariance),
    "VARP": _over(statistics.pvariance),
    "GEOMEAN": _over(statistics.geometric_mean),
    "HARMEAN": _over(statistics.harmonic_mean),
    "SKEW": _over(_moment(3)),
    "KURT": _over(_moment(4)),
    "AVEDEV": _over(
        lambda v: math.fsum(abs(x - statistics.fmean(v)) for x in v) / len(v)
    ),
    "DEVSQ": _over(lambda v: math.fsum((x - statistics.fmean(v)) ** 2 for x in v)),
    "CORREL": statistics.correlation,
    "PEARSON": statistics.correlation,
    "RSQ": lambda a, b: statistics.correlation(a, b) ** 2,
    "COVAR": lambda a, b: _covariance(a, b, 0),
    "COVARIANCE.P": lambda a, b: _covariance(a, b, 0),
    "COVARIANCE.S": lambda a, b: _covariance(a, b, 1),
    "SLOPE": _slope,
    "INTERCEPT": _intercept,
    "FORECAST": _forecast,
    "FORECAST.LINEAR": _forecast,
    "STEYX": _steyx,
    "PERCENTILE": _percentile,
    "PERCENTILE.INC": _percentile,
    "PERCENTILE.EXC": _exclusive,
    "LARGE": lambda v, k: sorted(v, reverse=True)[int(k) - 1 if k >= 1 else 10**9],
    "SMALL": lambda v, k: sorted(v)[int(k) - 1 if k >= 1 else 10**9],
    "RANK": _rank,
    "RANK.EQ": _rank,
    "RANK.AVG": _rank_average,
    "SUMXMY2": lambda a, b: math.fsum((p - q) ** 2 for p, q in zip(a, b, strict=True)),
    "SUMX2MY2": lambda a, b: math.fsum(
        p * p - q * q for p, q in zip(a, b, strict=True)
    ),
    "SUMX2PY2": lambda a, b: math.fsum(
        p * p + q * q for p, q in zip(a, b, strict=True)
    ),
    "SUMPRODUCT": lambda *a: math.fsum(math.prod(row) for row in zip(*a, strict=True)),
    "BINOM.DIST": _either(_scipy("binom"), _scipy("binom", tail="pmf")),
    "BINOMDIST": _either(_scipy("binom"), _scipy("binom", tail="pmf")),
    "POISSON.DIST": _either(_scipy("poisson"), _scipy("poisson", tail="pmf")),
    "POISSON": _either(_scipy("poisson"), _scipy("poisson", tail="pmf")),
    "NORM.DIST": _either(_scipy("norm"), _scipy("norm", tail="pdf")),
    "NORMDIST": _either(_scipy("norm"), _scipy("norm", tail="pdf")),
    "NORM.S.DIST": _either(_scipy("norm"), _scipy("norm", tail="pdf")),
    "T.DIST": _either(_scipy("t"), _scipy("t", tail="pdf")),
    "T.DIST.RT": _scipy("t", tail="sf"),
    "T.INV": _scipy("t", tail="ppf"),
    "T.DIST.2T": lambda x, n: 2 * _scipy("t", tail="sf")(x, n),
    "T.INV.2T": lambda p, n: _scipy("t", tail="isf")(p / 2, n),
    "TINV": lambda p, n: _scipy("t", tail="isf")(p / 2, n),
    "TDIST": lambda x, n, tails: tails * _scipy("t", tail="sf")(x, n),
    "CHISQ.DIST": _either(_scipy("chi2"), _scipy("chi2", tail="pdf")),
    "CHISQ.DIST.RT": _scipy("chi2", tail="sf"),
    "CHIDIST": _scipy("chi2", tail="sf"),
    "CHISQ.INV": _scipy("chi2", tail="ppf"),
    "CHISQ.INV.RT": _scipy("chi2", tail="isf"),
    "CHIINV": _scipy("chi2", tail="isf"),
    "F.DIST": _either(_scipy("f"), _scipy("f", tail="pdf")),
    "F.DIST.RT": _scipy("f", tail="sf"),
    "FDIST": _scipy("f", tail="sf"),
    "F.INV": _scipy("f", tail="ppf"),
    "F.INV.RT": _scipy("f", tail="isf"),
    "FINV": _scipy("f", tail="isf"),
}
