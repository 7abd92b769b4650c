"""The functions of xlcity for xlwings Lite: Excel on the web, on Mac and on Windows.

Generated from the registry: do not edit. Paste it into the editor of xlwings Lite, or export a copy
with the library inside: `xlcity udf export --host lite -o main.py`. It needs numpy and scipy.
"""
# ruff: noqa: D401, E501, N802

import base64
import io
import sys
import zipfile

import xlwings as xw

#: The library as a zip; empty where xlcity is installed.
LIBRARY = ""

if LIBRARY:
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(LIBRARY))) as archive:
        archive.extractall("xlcity_library")
    sys.path.insert(0, "xlcity_library")

from xlcity.hosts.cells import JSON, call  # noqa: E402


def answer(name, *arguments):
    """Return rows of numbers and texts; errors are texts such as #N/A, missing is never ""."""
    given = list(arguments)
    while given and given[-1] is None:
        given.pop()
    return [
        [cell if isinstance(cell, (float, str)) else str(cell) for cell in row]
        for row in call(name, given, JSON)
    ]


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Annual means of PM2.5 in ug/m3: a row per city. Blank and missing codes stay out.",
)
@xw.arg(
    "guideline",
    ndim=2,
    err_to_str=True,
    doc="Guideline value in ug/m3; the World Health Organization's of 2021 is 5. One value, or one per column.",
)
def PM25_GRADE(
    values,
    guideline=None,
):
    """Grade scores of fine dust: 7 at or below the guideline, then one less at 2, 3, 5, 7 and 10 times of it."""
    return answer(
        "PM25_GRADE",
        values,
        guideline,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "weights",
    ndim=2,
    err_to_str=True,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "limit",
    ndim=2,
    err_to_str=True,
    doc="Standard deviations at which z-scores are clipped; 0 does not clip. One value, or one per column.",
)
@xw.arg(
    "missing",
    ndim=2,
    err_to_str=True,
    doc="What a missing code does: na (no result in its row), renormalise (its weight is shared among the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A blank always gives #N/A.",
)
@xw.arg(
    "ddof",
    ndim=2,
    err_to_str=True,
    doc="The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S. One value, or one per column.",
)
def ZSCORE_INDEX(
    values,
    weights=None,
    limit=None,
    missing=None,
    ddof=None,
):
    """An index of several sub-measures: in each row the weighted mean of their clipped z-scores."""
    return answer(
        "ZSCORE_INDEX",
        values,
        weights,
        limit,
        missing,
        ddof,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "units",
    ndim=2,
    err_to_str=True,
    doc="Ids of the cities, in one column.",
)
@xw.arg(
    "item_units",
    ndim=2,
    err_to_str=True,
    doc="Id of the city of each institution, in one column; empty lines are skipped.",
)
@xw.arg(
    "ranks_a",
    ndim=2,
    err_to_str=True,
    doc="Rank of each institution, or its band such as 101-150 as text; blank where it is not on the list.",
)
@xw.arg(
    "ranks_b",
    ndim=2,
    err_to_str=True,
    doc="Ranks on a second list; the better weight of the two counts.",
)
@xw.arg(
    "uppers",
    ndim=2,
    err_to_str=True,
    doc="Last rank of each band, ascending.",
)
@xw.arg(
    "weights",
    ndim=2,
    err_to_str=True,
    doc="Weight of each band.",
)
def BAND_INDEX(
    units,
    item_units,
    ranks_a,
    ranks_b=None,
    uppers=None,
    weights=None,
):
    """For each city the sum of the band weights of its institutions on ranking lists."""
    return answer(
        "BAND_INDEX",
        units,
        item_units,
        ranks_a,
        ranks_b,
        uppers,
        weights,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "units",
    ndim=2,
    err_to_str=True,
    doc="Ids of the cities, in one column.",
)
@xw.arg(
    "starts",
    ndim=2,
    err_to_str=True,
    doc="Id of the city each link starts from, in one column.",
)
@xw.arg(
    "ends",
    ndim=2,
    err_to_str=True,
    doc="Id of the city each link leads to, in one column.",
)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Value of each link; an empty line is passed over, a missing code counts as 0.",
)
@xw.arg(
    "flow",
    ndim=2,
    err_to_str=True,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "codes",
    ndim=2,
    err_to_str=True,
    doc="Indicator of each link, where the table holds several.",
)
@xw.arg(
    "code",
    ndim=2,
    err_to_str=True,
    doc="The indicator that is wanted.",
)
def LINK_MATRIX(
    units,
    starts,
    ends,
    values,
    flow=None,
    codes=None,
    code=None,
):
    """Two-way strengths between cities, a row and a column for each, from a table of links."""
    return answer(
        "LINK_MATRIX",
        units,
        starts,
        ends,
        values,
        flow,
        codes,
        code,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "matrix",
    ndim=2,
    err_to_str=True,
    doc="Square block: the link from the city of the row to that of the column. An empty cell is no link; the diagonal is passed over.",
)
@xw.arg(
    "flow",
    ndim=2,
    err_to_str=True,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "groups",
    ndim=2,
    err_to_str=True,
    doc="Group of each city (its country), in a row or a column; links inside a group are domestic.",
)
@xw.arg(
    "domestic",
    ndim=2,
    err_to_str=True,
    doc="Whether domestic links are left out (exclude) or count (include).",
)
@xw.arg(
    "count",
    ndim=2,
    err_to_str=True,
    doc="values adds the strengths; presence counts the links that are not 0.",
)
def LINK_STRENGTH(
    matrix,
    flow=None,
    groups=None,
    domestic=None,
    count=None,
):
    """How strongly each city is linked with the others: the sum of its two-way links."""
    return answer(
        "LINK_STRENGTH",
        matrix,
        flow,
        groups,
        domestic,
        count,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Strengths: a row per pair, a column per indicator. An empty row is no pair.",
)
@xw.arg(
    "weights",
    ndim=2,
    err_to_str=True,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "count",
    ndim=2,
    err_to_str=True,
    doc="values scores the strengths, presence that there is a link. One value, or one per column.",
)
@xw.arg(
    "bounds",
    ndim=2,
    err_to_str=True,
    doc="The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean (0, mean). One value, or one per column.",
)
@xw.arg(
    "scale",
    ndim=2,
    err_to_str=True,
    doc="Full score. One value, or one per column.",
)
@xw.arg(
    "constant",
    ndim=2,
    err_to_str=True,
    doc="Score where all numbers of a column are equal; without it that is #DIV/0!. One value, or one per column.",
)
def PAIR_SCORES(
    values,
    weights,
    count=None,
    bounds=None,
    scale=None,
    constant=None,
):
    """Score of each pair of cities: its strengths, normalised over all pairs and weighted."""
    return answer(
        "PAIR_SCORES",
        values,
        weights,
        count,
        bounds,
        scale,
        constant,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "matrix",
    ndim=2,
    err_to_str=True,
    doc="Square block: the link from the city of the row to that of the column. An empty cell is no link; the diagonal is passed over.",
)
@xw.arg(
    "weighted",
    ndim=2,
    err_to_str=True,
    doc="yes takes the strengths of ties, no only whether there is a tie.",
)
@xw.arg(
    "flow",
    ndim=2,
    err_to_str=True,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "tolerance",
    ndim=2,
    err_to_str=True,
    doc="How exact the vector is: the length of A x - lambda x is at most so many times lambda.",
)
def EIGEN_CENTRALITY(
    matrix,
    weighted=None,
    flow=None,
    tolerance=None,
):
    """Eigenvector centrality: a city is central that has strong ties with central cities."""
    return answer(
        "EIGEN_CENTRALITY",
        matrix,
        weighted,
        flow,
        tolerance,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "matrix",
    ndim=2,
    err_to_str=True,
    doc="Square block: the link from the city of the row to that of the column. An empty cell is no link; the diagonal is passed over.",
)
@xw.arg(
    "share",
    ndim=2,
    err_to_str=True,
    doc="yes divides by the number of other cities; no gives the number of ties.",
)
@xw.arg(
    "flow",
    ndim=2,
    err_to_str=True,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
def DEGREE_CENTRALITY(
    matrix,
    share=None,
    flow=None,
):
    """Degree centrality: with how large a share of the other cities a city has a tie."""
    return answer(
        "DEGREE_CENTRALITY",
        matrix,
        share,
        flow,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "denominators",
    ndim=2,
    err_to_str=True,
    doc="Denominators: one column for all, or a block as wide as values.",
)
@xw.arg(
    "scale",
    ndim=2,
    err_to_str=True,
    doc="Factor on the quotient: 1000 gives values per thousand. One value, or one per column.",
)
def DENOMINATE(
    values,
    denominators,
    scale=None,
):
    """Values per unit of a denominator: per inhabitant, per flight, per square kilometre."""
    return answer(
        "DENOMINATE",
        values,
        denominators,
        scale,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "groups",
    ndim=2,
    err_to_str=True,
    doc="Label of the dimension of each column, in a row; a column without one is left alone.",
)
@xw.arg(
    "parents",
    ndim=2,
    err_to_str=True,
    doc="Label of the wider dimension of each column, taken where the own one has no other score.",
)
def IMPUTE_DIMENSION(
    values,
    groups,
    parents=None,
):
    """Confirmed gaps become the mean of the city's other scores in the same dimension."""
    return answer(
        "IMPUTE_DIMENSION",
        values,
        groups,
        parents,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "limit",
    ndim=2,
    err_to_str=True,
    doc="Standard deviations at which z-scores are clipped; 0 does not clip. One value, or one per column.",
)
@xw.arg(
    "direction",
    ndim=2,
    err_to_str=True,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ddof",
    ndim=2,
    err_to_str=True,
    doc="The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S. One value, or one per column.",
)
@xw.arg(
    "groups",
    ndim=2,
    err_to_str=True,
    doc="Group of each row, one cell per row: every group has statistics and ranks of its own, and an empty cell leaves the row out. Omitted: all rows are one group.",
)
@xw.arg(
    "pools",
    ndim=2,
    err_to_str=True,
    doc="Group whose mean and deviation a row is measured by, one cell per row: the name of a group, or all for every row of a group. Empty: its own.",
)
@xw.arg(
    "constant",
    ndim=2,
    err_to_str=True,
    doc="Result where all numbers are equal; without it that is #DIV/0!. One value, or one per column.",
)
def ZSCORE_WINSOR(
    values,
    limit=None,
    direction=None,
    ddof=None,
    groups=None,
    pools=None,
    constant=None,
):
    """z-scores of each column, clipped at a number of standard deviations and oriented so that more is better."""
    return answer(
        "ZSCORE_WINSOR",
        values,
        limit,
        direction,
        ddof,
        groups,
        pools,
        constant,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "low",
    ndim=2,
    err_to_str=True,
    doc="Fixed lower bound instead of the column's minimum. One value, or one per column.",
)
@xw.arg(
    "high",
    ndim=2,
    err_to_str=True,
    doc="Fixed upper bound instead of the column's maximum. One value, or one per column.",
)
@xw.arg(
    "scale",
    ndim=2,
    err_to_str=True,
    doc="Full score. One value, or one per column.",
)
@xw.arg(
    "floor",
    ndim=2,
    err_to_str=True,
    doc="Results below it are lifted to it, in units of the result; at most the scale. One value, or one per column.",
)
@xw.arg(
    "direction",
    ndim=2,
    err_to_str=True,
    doc="1 where more is better; -1 turns the scale round, so that low gets the full score. One value, or one per column.",
)
@xw.arg(
    "bounds",
    ndim=2,
    err_to_str=True,
    doc="The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean (0, mean). One value, or one per column.",
)
@xw.arg(
    "constant",
    ndim=2,
    err_to_str=True,
    doc="Score where all numbers of a column are equal; without it that is #DIV/0!. One value, or one per column.",
)
def MINMAX_SCALE(
    values,
    low=None,
    high=None,
    scale=None,
    floor=None,
    direction=None,
    bounds=None,
    constant=None,
):
    """Each column from 0 at its minimum (or a fixed low) to the full score at its maximum (or a fixed high)."""
    return answer(
        "MINMAX_SCALE",
        values,
        low,
        high,
        scale,
        floor,
        direction,
        bounds,
        constant,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "max",
    ndim=2,
    err_to_str=True,
    doc="Best possible rating. One value, or one per column.",
)
@xw.arg(
    "scale",
    ndim=2,
    err_to_str=True,
    doc="Full score. One value, or one per column.",
)
@xw.arg(
    "unrated",
    ndim=2,
    err_to_str=True,
    doc="Rating that a missing code counts as, for instance 0; a blank is not filled yet and stays #N/A. One value, or one per column.",
)
def RATING_SCALE(
    values,
    max=None,
    scale=None,
    unrated=None,
):
    """Ratings as shares of the best possible rating, times the full score."""
    return answer(
        "RATING_SCALE",
        values,
        max,
        scale,
        unrated,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "omega",
    ndim=2,
    err_to_str=True,
    doc="Points given by performance, out of 100: 40 gives scores from 60 to 100. One value, or one per column.",
)
@xw.arg(
    "low",
    ndim=2,
    err_to_str=True,
    doc="Fixed lower bound instead of the column's minimum. One value, or one per column.",
)
@xw.arg(
    "high",
    ndim=2,
    err_to_str=True,
    doc="Fixed upper bound instead of the column's maximum. One value, or one per column.",
)
@xw.arg(
    "constant",
    ndim=2,
    err_to_str=True,
    doc="Score where all numbers of a column are equal; without it that is #DIV/0!. One value, or one per column.",
)
@xw.arg(
    "groups",
    ndim=2,
    err_to_str=True,
    doc="Group of each row, one cell per row: every group has statistics and ranks of its own, and an empty cell leaves the row out. Omitted: all rows are one group.",
)
def EFFICACY_SCALE(
    values,
    omega=None,
    low=None,
    high=None,
    constant=None,
    groups=None,
):
    """Efficacy scores of each column: from 100 - omega at the low bound to 100 at the high one."""
    return answer(
        "EFFICACY_SCALE",
        values,
        omega,
        low,
        high,
        constant,
        groups,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "weights",
    ndim=2,
    err_to_str=True,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "method",
    ndim=2,
    err_to_str=True,
    doc="arithmetic, geometric, harmonic or power.",
)
@xw.arg(
    "missing",
    ndim=2,
    err_to_str=True,
    doc="What a missing code does: na (no result in its row), renormalise (its weight is shared among the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A blank always gives #N/A.",
)
@xw.arg(
    "power",
    ndim=2,
    err_to_str=True,
    doc="Power of the mean where method is power: 1 arithmetic, 0 geometric, -1 harmonic, 2 quadratic. Otherwise not looked at.",
)
@xw.arg(
    "groups",
    ndim=2,
    err_to_str=True,
    doc="Group of each row, one cell per row: every group has statistics and ranks of its own, and an empty cell leaves the row out. Omitted: all rows are one group.",
)
def WEIGHTED_INDEX(
    values,
    weights,
    method=None,
    missing=None,
    power=None,
    groups=None,
):
    """Weighted mean of each row: arithmetic, geometric, harmonic or of any power."""
    return answer(
        "WEIGHTED_INDEX",
        values,
        weights,
        method,
        missing,
        power,
        groups,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "direction",
    ndim=2,
    err_to_str=True,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ties",
    ndim=2,
    err_to_str=True,
    doc="Rank that equal values share, counted from the worst: min (lowest), average or max (highest). One value, or one per column.",
)
@xw.arg(
    "missing",
    ndim=2,
    err_to_str=True,
    doc="What a missing code counts as: na (nothing) or lowest (the worst value of the column). A blank never counts. One value, or one per column.",
)
def RANK_UNIFORM(
    values,
    direction=None,
    ties=None,
    missing=None,
):
    """Ranks of each column as evenly spaced scores: 100 for the best, 100/N for the worst."""
    return answer(
        "RANK_UNIFORM",
        values,
        direction,
        ties,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "direction",
    ndim=2,
    err_to_str=True,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ties",
    ndim=2,
    err_to_str=True,
    doc="For equal values: min (1, 2, 2, 4), average (1, 2.5, 2.5, 4), max (1, 3, 3, 4), ordinal (1, 2, 3, 4 in the order of the rows) or dense (1, 2, 2, 3). One value, or one per column.",
)
@xw.arg(
    "digits",
    ndim=2,
    err_to_str=True,
    doc="Decimals to which values are rounded before they are compared, as ROUND does. One value, or one per column.",
)
@xw.arg(
    "groups",
    ndim=2,
    err_to_str=True,
    doc="Group of each row, one cell per row: every group has statistics and ranks of its own, and an empty cell leaves the row out. Omitted: all rows are one group.",
)
def RANK_COMPETITION(
    values,
    direction=None,
    ties=None,
    digits=None,
    groups=None,
):
    """Ranks of each column with 1 for the best; equal values share a rank."""
    return answer(
        "RANK_COMPETITION",
        values,
        direction,
        ties,
        digits,
        groups,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "what",
    ndim=2,
    err_to_str=True,
    doc="r (coefficients), p (two-sided significance) or n (rows that count).",
)
def PEARSON_MATRIX(
    values,
    what=None,
):
    """Pearson correlation of every column with every other, its significance, or the number of cities it rests on."""
    return answer(
        "PEARSON_MATRIX",
        values,
        what,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "y",
    ndim=2,
    err_to_str=True,
    doc="Dependent values: a row per city, one column, or several for a regression each.",
)
@xw.arg(
    "x",
    ndim=2,
    err_to_str=True,
    doc="Predictor: one column with as many rows, or one column per column of y.",
)
def REGRESSION_SIMPLE(
    y,
    x,
):
    """Least squares line of scores on one outside variable: slope, intercept, r, r squared, p and n."""
    return answer(
        "REGRESSION_SIMPLE",
        y,
        x,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    ndim=2,
    err_to_str=True,
    doc="Block of cells: a row per city, a column per indicator. Blank and missing codes stay out, as does text.",
)
@xw.arg(
    "k",
    ndim=2,
    err_to_str=True,
    doc="Number of clusters.",
)
@xw.arg(
    "linkage",
    ndim=2,
    err_to_str=True,
    doc="Distance between clusters: average (mean of all pairs), ward, complete (largest) or single (smallest).",
)
@xw.arg(
    "metric",
    ndim=2,
    err_to_str=True,
    doc="Distance between cities: euclidean, sqeuclidean (squared) or cityblock (sum of absolute differences).",
)
@xw.arg(
    "standardise",
    ndim=2,
    err_to_str=True,
    doc="none, or zscore: every column gets mean 0 and standard deviation 1 first.",
)
def CLUSTER_LABELS(
    values,
    k=None,
    linkage=None,
    metric=None,
    standardise=None,
):
    """Cluster of each row: hierarchical clustering of the cities, cut into k clusters."""
    return answer(
        "CLUSTER_LABELS",
        values,
        k,
        linkage,
        metric,
        standardise,
    )
