"""What each function gives by its definition, in exact arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from tests.helpers.exact_arithmetic import (
    Case,
    Draw,
    Row,
    across,
    by_block,
    by_column,
    by_row,
    deviation,
    down,
    exact,
    exp,
    ln,
    mean_of,
    pearson,
    principal,
    root,
    shares,
)

SIZES = (1e-300, 1e-150, 1e-9, 1.0, 1e9, 1e150, 1e300)
#: Sizes of what is multiplied or divided twice.
MEDIUM = (1e-140, 1e-9, 1.0, 1e9, 1e140)


def minmax(x: Row) -> Row:
    """Return values from 0 to 100."""
    return [(v - min(x)) / (max(x) - min(x)) * 100 for v in x]


def zscores(x: Row) -> Row:
    """Return z-scores by n."""
    return [(v - mean_of(x)) / deviation(x, 0) for v in x]


def _scaled_zscores(x: Row) -> Row:
    return [100 + 10 * (v - mean_of(x)) / deviation(x, 0) for v in x]


def _inside(x: Row) -> Row:
    mean = mean_of(x)
    sd = deviation(x, 1)
    return _clip(x, mean - sd, mean + sd)


def efficacy(x: Row) -> Row:
    """Return values from 60 to 100."""
    return [v * 40 / 100 + 60 for v in minmax(x)]


def _goalposts(draw: Draw) -> Case:
    size = Fraction(draw.size)

    def scaled(x: Row) -> Row:
        return [v * 100 for v in _clip([v / size for v in x], Fraction(0), Fraction(1))]

    return by_column(scaled, 0.0, draw.size, 100.0)(draw)


def _quantile(x: Row, share: Fraction) -> Fraction:
    at = (len(x) - 1) * share
    low = int(at)
    ordered = sorted(x)
    high = min(low + 1, len(x) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _clip(x: Row, low: Fraction, high: Fraction) -> Row:
    return [min(max(v, low), high) for v in x]


def _weighted(x: Row, w: Row) -> Fraction:
    return sum((a * b for a, b in zip(x, w, strict=True)), Fraction()) / sum(w)


def _ranks(x: Row) -> Row:
    return [Fraction(sum(other < v for other in x) + 1) for v in x]


def _mpi(x: Row) -> Fraction:
    mean = mean_of(x)
    return mean - sum(((v - mean) ** 2 for v in x), Fraction()) / len(x) / mean


def _entropy(columns: list[Row]) -> list[Row]:
    spread = []
    for x in columns:
        e = -sum((p * ln(p) for p in shares(x)), Fraction()) / ln(Fraction(len(x)))
        spread.append(1 - e)
    return [shares(spread)]


def _critic(columns: list[Row]) -> list[Row]:
    scaled = [minmax(x) for x in columns]
    found = [
        deviation(x, 1)
        * sum((1 - pearson(x, y) for y in scaled if y is not x), Fraction())
        for x in scaled
    ]
    return [shares(found)]


def _alpha(columns: list[Row]) -> list[Row]:
    k = len(columns)
    sums = [sum(row, Fraction()) for row in zip(*columns, strict=True)]
    parts = sum((deviation(x, 1) ** 2 for x in columns), Fraction())
    return [[Fraction(k, k - 1) * (1 - parts / deviation(sums, 1) ** 2)]]


def _correlated(draw: Draw) -> Case:
    """Return the alpha of columns that measure nearly the same; else its digits cancel out."""
    common = draw.row(12, 0.1)
    rows = [[v * draw.random.uniform(0.9, 1.1) for _ in range(4)] for v in common]
    return [rows], _alpha(across(rows))


def _first_component(columns: list[Row]) -> list[Row]:
    vector, _ = principal([[pearson(x, y) for y in columns] for x in columns])
    return [shares([v * v for v in vector])]


def _outranking(draw: Draw) -> Case:
    rows = draw.columns(4, 3)
    weights = draw.weights(3)
    x = [exact(row) for row in rows]
    w = exact(weights)

    def cell(a: Row, b: Row) -> Fraction:
        ahead = sum((v for v, p, q in zip(w, a, b, strict=True) if p > q), Fraction())
        tied = sum((v for v, p, q in zip(w, a, b, strict=True) if p == q), Fraction())
        return (ahead + tied / 2) / sum(w)

    return [rows, [weights]], [[cell(a, b) for b in x] for a in x]


def _copeland(draw: Draw) -> Case:
    rows = draw.columns(6, 3)
    weights = draw.weights(3)
    x = [exact(row) for row in rows]
    w = exact(weights)

    def wins(a: Row, b: Row) -> int:
        balance = sum(v * ((p > q) - (p < q)) for v, p, q in zip(w, a, b, strict=True))
        return (balance > 0) - (balance < 0)

    return [rows, [weights]], down([Fraction(sum(wins(a, b) for b in x)) for a in x])


def _pair_scores(draw: Draw) -> Case:
    rows = draw.columns(7, 3)
    weights = draw.weights(3)
    scores = zip(*(minmax(x) for x in across(rows)), strict=True)
    found = [_weighted([*row], exact(weights)) for row in scores]
    return [rows, [weights], [[None]], [[None]], [[100.0]]], down(found)


def _balance(columns: list[Row]) -> list[Row]:
    """Solve C w = s for two columns of positive weights."""
    (sx, sy), r = (deviation(x, 1) for x in columns), pearson(*columns)
    return [shares([(1 - r) / sx, (1 - r) / sy])]


def _two(draw: Draw) -> Case:
    rows = draw.columns(12, 2)
    return [rows], _balance(across(rows))


def _judged(draw: Draw) -> tuple[list[list[float]], list[Row]]:
    k = draw.random.choice((3, 5))
    cells = [[float(draw.random.randint(1, 9)) for _ in range(k)] for _ in range(k)]
    made = [
        [
            Fraction(1)
            if i == j
            else Fraction(cells[i][j])
            if i < j
            else 1 / Fraction(cells[j][i])
            for j in range(k)
        ]
        for i in range(k)
    ]
    given = [[cells[i][j] if i < j else None for j in range(k)] for i in range(k)]
    return given, made  # type: ignore[return-value]


def _ahp(draw: Draw) -> Case:
    given, matrix = _judged(draw)
    return [given], down(shares(principal(matrix)[0]))


def _ahp_ratio(draw: Draw) -> Case:
    given, matrix = _judged(draw)
    k = len(matrix)
    by_chance = {3: Fraction(58, 100), 5: Fraction(112, 100)}[k]
    return [given], [[(principal(matrix)[1] - k) / (k - 1) / by_chance]]


def _symmetric(draw: Draw) -> list[list[float]]:
    n = draw.random.choice((4, 8))
    made = [
        [draw.size * draw.random.uniform(0.1, 1.0) for _ in range(n)] for _ in range(n)
    ]
    return [
        [0.0 if i == j else made[min(i, j)][max(i, j)] for j in range(n)]
        for i in range(n)
    ]


def _eigen(draw: Draw) -> Case:
    matrix = _symmetric(draw)
    return [matrix], down(
        [abs(v) for v in principal([exact(row) for row in matrix])[0]]
    )


def _strength(draw: Draw) -> Case:
    n = draw.random.choice((3, 8))
    matrix = [draw.row(n, 0.1) for _ in range(n)]
    x = [exact(row) for row in matrix]
    sums = [
        sum((x[i][j] + x[j][i] for j in range(n) if j != i), Fraction())
        for i in range(n)
    ]
    return [matrix, [["directed"]]], down(sums)


def _link_matrix(draw: Draw) -> Case:
    there, back = draw.row(2, 0.1)
    total = Fraction(there) + Fraction(back)
    links = [[[a], [b]] for a, b in zip("ab", "ba", strict=True)]
    zero = Fraction()
    return [[["a"], ["b"]], *map(list, zip(*links, strict=True)), [[there], [back]]], [
        [zero, total],
        [total, zero],
    ]


def _degree(draw: Draw) -> Case:
    matrix = [
        [v if draw.random.random() < 0.6 else 0.0 for v in row]
        for row in _symmetric(draw)
    ]
    n = len(matrix)
    tied = [[bool(matrix[i][j] or matrix[j][i]) for j in range(n)] for i in range(n)]
    matrix = [[matrix[i][j] or matrix[j][i] for j in range(n)] for i in range(n)]
    return [matrix], down([Fraction(sum(row), n - 1) for row in tied])


def _quotient(draw: Draw) -> Case:
    x = draw.row(7)
    d = draw.row(7, 0.1)
    found = [a / b for a, b in zip(exact(x), exact(d), strict=True)]
    return [[[v] for v in x], [[v] for v in d]], down(found)


def _per_million(draw: Draw) -> Case:
    x = draw.row(7)
    d = draw.row(7, 0.1)
    found = [a / (b * 10_000) * 10**6 for a, b in zip(exact(x), exact(d), strict=True)]
    return [[[v] for v in x], [[v] for v in d], [[10_000.0]]], down(found)


def _impute_mean(draw: Draw) -> Case:
    x = draw.row(7)
    return [[*([v] for v in x), ["NA"]]], down([*exact(x), mean_of(exact(x))])


def _impute_series(draw: Draw) -> Case:
    first, last = draw.row(2)
    times = sorted(draw.random.sample(range(1990, 2030), 3))
    a, b = exact((first, last))
    between = a + Fraction(times[1] - times[0], times[2] - times[0]) * (b - a)
    values = [[first, "NA", last]]
    return [values, [["linear"]], [[float(t) for t in times]]], [[a, between, b]]


def _impute_dimension(draw: Draw) -> Case:
    x = draw.row(4)
    labels = [["P"] * 5]
    return [[[*x, "NA"]], labels, [["T"] * 5]], [[*exact(x), mean_of(exact(x))]]


def _regression(draw: Draw) -> Case:
    y = draw.row(12)
    x = draw.row(12)
    fy = exact(y)
    fx = exact(x)
    my = mean_of(fy)
    mx = mean_of(fx)
    xx = sum(((v - mx) ** 2 for v in fx), Fraction())
    slope = (
        sum(((a - mx) * (b - my) for a, b in zip(fx, fy, strict=True)), Fraction()) / xx
    )
    r = pearson(fx, fy)
    return [[[v] for v in y], [[v] for v in x]], [[slope, my - slope * mx, r, r * r]]


def _growth(draw: Draw) -> Case:
    (first,) = draw.row(1, 0.1)
    last = first * draw.random.choice((0.1, 0.5, 1.5, 20.0))
    years = draw.random.choice((1, 3, 10))
    a, b = exact((first, last))
    found = exp(ln(b / a) / years) - 1
    return [[[first, last]], [[2000.0, 2000.0 + years]]], [[found]]


def _zscore_index(draw: Draw) -> Case:
    rows = draw.columns(7, 3)
    weights = draw.weights(3)
    scores = zip(*(zscores(x) for x in across(rows)), strict=True)
    return [rows, [weights], [[0.0]]], down(
        [_weighted([*z], exact(weights)) for z in scores]
    )


def _index_scores(draw: Draw) -> Case:
    rows = draw.columns(7, 3)
    a, b, c = (minmax(x) for x in across(rows))
    weights = exact((2.0, 1.0))
    tree = [
        ["code", "parent", "weight", "direction"],
        ["T", None, None, None],
        ["P", "T", 2.0, None],
        ["a", "P", 1.0, 1.0],
        ["b", "P", 3.0, -1.0],
        ["c", "T", 1.0, 1.0],
    ]
    pillar = [(u + 3 * (100 - v)) / 4 for u, v in zip(a, b, strict=True)]
    top = [_weighted([p, v], weights) for p, v in zip(pillar, c, strict=True)]
    return [rows, [["a", "b", "c"]], tree, [["T"]]], down(top)


_MEANS: dict[str, Callable[[Row, Row], Row]] = {
    "arithmetic": lambda x, w: [_weighted(x, w)],
    "harmonic": lambda x, w: [1 / _weighted([1 / v for v in x], w)],
    "geometric": lambda x, w: [exp(_weighted([ln(v) for v in x], w))],
}
_TENTH = Fraction(1, 10)
#: Function, with its method where it has several -> its cases, and the sizes of its numbers.
REFERENCES: dict[str, tuple[Callable[[Draw], Case], Sequence[float]]] = {
    "ZSCORE_WINSOR": (by_column(zscores, 0.0, least=2), SIZES),
    "MINMAX_SCALE": (by_column(minmax, least=2), SIZES),
    "EFFICACY_SCALE": (by_column(efficacy, least=2), SIZES),
    **{f"WEIGHTED_INDEX {m}": (by_row(of, m), SIZES) for m, of in _MEANS.items()},
    "ZSCORE_SCALE": (by_column(_scaled_zscores, 100.0, 10.0), SIZES),
    "GOALPOST_SCALE": (_goalposts, SIZES),
    "CLIP_PERCENTILE": (
        by_column(
            lambda x: _clip(x, _quantile(x, _TENTH), _quantile(x, 1 - _TENTH)),
            10.0,
            90.0,
        ),
        SIZES,
    ),
    "CLIP_SD": (by_column(_inside, 1.0, 1.0), SIZES),
    "TREAT_LOG ln": (by_column(lambda x: [ln(v) for v in x], "ln", low=0.1), SIZES),
    "TREAT_BOXCOX": (
        by_column(lambda x: [(root(v) - 1) * 2 for v in x], 0.5, "no", low=0.1),
        SIZES,
    ),
    "DIST_REFERENCE": (
        by_column(
            lambda x: [100 - (max(x) - v) / (max(x) - min(x)) * 100 for v in x],
            None,
            None,
            None,
            100.0,
        ),
        SIZES,
    ),
    "FRACTION_MAX": (
        by_column(lambda x: [v / max(x) * 100 for v in x], 1.0, 100.0, low=0.1),
        SIZES,
    ),
    "FRACTION_SUM": (
        by_column(lambda x: [v / sum(x) * 100 for v in x], 1.0, 100.0, low=0.1),
        SIZES,
    ),
    "RATING_SCALE": (
        by_column(lambda x: [v * 20 for v in x], 5.0, 100.0, low=0.1),
        (1.0, 1e-9),
    ),
    "PERCENTILE_SCALE": (
        by_column(
            lambda x: [(r - 1) / (len(x) - 1) * 100 for r in _ranks(x)], 1.0, 100.0
        ),
        SIZES,
    ),
    "RANK_UNIFORM": (by_column(lambda x: [r * 100 / len(x) for r in _ranks(x)]), SIZES),
    "RANK_BORDA": (
        by_column(lambda x: [r - 1 for r in _ranks(x)], 1.0, "average", 0.0),
        SIZES,
    ),
    "RANK_COMPETITION": (
        by_column(lambda x: [len(x) + 1 - r for r in _ranks(x)]),
        SIZES,
    ),
    "DENOMINATE": (_quotient, SIZES),
    "PER_MILLION": (_per_million, MEDIUM),
    "IMPUTE_MEAN": (_impute_mean, SIZES),
    "IMPUTE_SERIES linear": (_impute_series, SIZES),
    "IMPUTE_DIMENSION": (_impute_dimension, SIZES),
    "ZSCORE_INDEX": (_zscore_index, MEDIUM),
    "INDEX_SCORES": (_index_scores, MEDIUM),
    "MPI_INDEX": (
        lambda draw: (lambda x: ([[x]], [[_mpi(exact(x))]]))(draw.row(5, 0.5)),
        MEDIUM,
    ),
    "MIN_INDEX": (
        lambda draw: (lambda x: ([[x]], [[min(exact(x))]]))(draw.row(5)),
        SIZES,
    ),
    "CONTRIBUTIONS": (
        by_row(lambda x, w: [a * b / sum(w) for a, b in zip(x, w, strict=True)]),
        SIZES,
    ),
    "OUTRANKING_MATRIX": (_outranking, MEDIUM),
    "EQUAL_WEIGHTS": (by_block(lambda c: [[Fraction(1, len(c))] * len(c)]), MEDIUM),
    "ENTROPY_WEIGHTS": (by_block(_entropy), MEDIUM),
    "CV_WEIGHTS": (
        by_block(lambda c: [shares([deviation(x, 1) / mean_of(x) for x in c])], 1.0),
        MEDIUM,
    ),
    "CRITIC_WEIGHTS": (by_block(_critic), MEDIUM),
    "INFOMAX_WEIGHTS": (
        by_block(lambda c: [shares([1 / deviation(x, 1) for x in c])]),
        MEDIUM,
    ),
    "PCA_WEIGHTS first": (by_block(_first_component, "first"), MEDIUM),
    "CRONBACH_ALPHA": (_correlated, MEDIUM),
    "PEARSON_MATRIX": (
        by_block(lambda c: [[pearson(x, y) for y in c] for x in c]),
        MEDIUM,
    ),
    "REGRESSION_SIMPLE": (_regression, MEDIUM),
    "GROWTH_RATE": (_growth, MEDIUM),
    "AHP_WEIGHTS": (_ahp, (1.0,)),
    "AHP_RATIO": (_ahp_ratio, (1.0,)),
    "LINK_STRENGTH": (_strength, SIZES),
    "LINK_MATRIX": (_link_matrix, SIZES),
    "DEGREE_CENTRALITY": (_degree, SIZES),
    "PAIR_SCORES": (_pair_scores, MEDIUM),
    "COPELAND_SCORE": (_copeland, MEDIUM),
    "BALANCE_WEIGHTS, two columns": (_two, MEDIUM),
    "ABOVE_MEAN": (
        by_column(lambda x: [Fraction((v > mean_of(x)) - (v < mean_of(x))) for v in x]),
        SIZES,
    ),
    "EIGEN_CENTRALITY": (_eigen, MEDIUM),
}
