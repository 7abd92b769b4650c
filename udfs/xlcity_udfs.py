"""The functions of xlcity for Excel, through xlwings. Generated from the registry: do not edit."""
# ruff: noqa: E501, N802

import xlwings as xw

from xlcity.hosts.excel.answers import StoredValues, answer


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "units",
    StoredValues,
    doc="Ids of the cities, in one column.",
)
@xw.arg(
    "starts",
    StoredValues,
    doc="Id of the city each link starts from, in one column.",
)
@xw.arg(
    "ends",
    StoredValues,
    doc="Id of the city each link leads to, in one column.",
)
@xw.arg(
    "values",
    StoredValues,
    doc="Value of each link; an empty line is skipped, a missing code counts as 0.",
)
@xw.arg(
    "flow",
    StoredValues,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "codes",
    StoredValues,
    doc="Indicator of each link, where the table holds several.",
)
@xw.arg(
    "code",
    StoredValues,
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
    StoredValues,
    doc="Square block: the link from the city of the row to that of the column. An empty cell is no link; the diagonal is ignored.",
)
@xw.arg(
    "flow",
    StoredValues,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "groups",
    StoredValues,
    doc="Group of each city (its country), in a row or a column; links inside a group are domestic.",
)
@xw.arg(
    "domestic",
    StoredValues,
    doc="Whether domestic links are left out (exclude) or count (include).",
)
@xw.arg(
    "count",
    StoredValues,
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
    "matrix",
    StoredValues,
    doc="Square block: the link from the city of the row to that of the column. An empty cell is no link; the diagonal is ignored.",
)
@xw.arg(
    "weighted",
    StoredValues,
    doc="yes takes the strengths of ties, no only whether there is a tie.",
)
@xw.arg(
    "flow",
    StoredValues,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "tolerance",
    StoredValues,
    doc="How exact the vector is: the length of A x - lambda x is at most so many times lambda. Takes above 0 and at most 0.001; else #NUM!.",
)
@xw.arg(
    "members",
    StoredValues,
    doc="One cell per row: a city whose cell is empty is left out of the network; any other is in it, also without a number.",
)
def EIGEN_CENTRALITY(
    matrix,
    weighted=None,
    flow=None,
    tolerance=None,
    members=None,
):
    """Eigenvector centrality: a city is central that has strong ties with central cities."""
    return answer(
        "EIGEN_CENTRALITY",
        matrix,
        weighted,
        flow,
        tolerance,
        members,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "matrix",
    StoredValues,
    doc="Square block: the link from the city of the row to that of the column. An empty cell is no link; the diagonal is ignored.",
)
@xw.arg(
    "share",
    StoredValues,
    doc="yes divides by the number of other cities; no gives the number of ties.",
)
@xw.arg(
    "flow",
    StoredValues,
    doc="directed adds the two directions of a pair; symmetric takes them as one tie, which may stand in either half.",
)
@xw.arg(
    "members",
    StoredValues,
    doc="One cell per row: a city whose cell is empty is left out of the network; any other is in it, also without a number.",
)
def DEGREE_CENTRALITY(
    matrix,
    share=None,
    flow=None,
    members=None,
):
    """Degree centrality: with how large a share of the other cities a city has a tie."""
    return answer(
        "DEGREE_CENTRALITY",
        matrix,
        share,
        flow,
        members,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "denominators",
    StoredValues,
    doc="Denominators: one column for all, or a block as wide as values.",
)
@xw.arg(
    "scale",
    StoredValues,
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "population",
    StoredValues,
    doc="Populations: one column for all, or a block as wide as values.",
)
@xw.arg(
    "persons",
    StoredValues,
    doc="Persons per unit of the population: 10000 where it is given in ten thousands. One value, or one per column. Takes above 0; else #NUM!.",
)
def PER_MILLION(
    values,
    population,
    persons=None,
):
    """Values per million inhabitants."""
    return answer(
        "PER_MILLION",
        values,
        population,
        persons,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "method",
    StoredValues,
    doc="mean or median. One value, or one per column.",
)
@xw.arg(
    "groups",
    StoredValues,
    doc="Label of the group of each row, in one column: region, size class. A row without one is left alone.",
)
def IMPUTE_MEAN(
    values,
    method=None,
    groups=None,
):
    """Values whose confirmed gaps take the mean or median of their column or group."""
    return answer(
        "IMPUTE_MEAN",
        values,
        method,
        groups,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Values of one indicator: a row per city, a column per edition, the oldest first.",
)
@xw.arg(
    "method",
    StoredValues,
    doc="latest: the latest earlier value; linear: on the line between neighbours, beyond the ends the nearest; constant: the latest earlier value, before the first the first; interpolate: on the line between neighbours, nothing beyond the ends.",
)
@xw.arg(
    "times",
    StoredValues,
    doc="Ascending times of the editions, such as years, in a row.",
)
@xw.arg(
    "most",
    StoredValues,
    doc="Most editions between a gap and a value that fills it: beyond that it stays. Takes a whole number, at least 1; else #NUM!.",
)
def IMPUTE_SERIES(
    values,
    method=None,
    times=None,
    most=None,
):
    """Values of one indicator by edition, confirmed gaps filled from other editions."""
    return answer(
        "IMPUTE_SERIES",
        values,
        method,
        times,
        most,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "groups",
    StoredValues,
    doc="Label of the dimension of each column, in a row; a column without one is left alone.",
)
@xw.arg(
    "parents",
    StoredValues,
    doc="Label of the wider dimension of each column, taken where the own one has no other score.",
)
def IMPUTE_DIMENSION(
    values,
    groups,
    parents=None,
):
    """Values whose confirmed gaps take the mean of the city's other scores in the dimension."""
    return answer(
        "IMPUTE_DIMENSION",
        values,
        groups,
        parents,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Values of several indicators, any uom; NaN = no value.",
)
@xw.arg(
    "column",
    StoredValues,
    doc="Which column of the values is filled. Takes a whole number, at least 1; else #NUM!.",
)
@xw.arg(
    "predictor",
    StoredValues,
    doc="Which column predicts it; without it all that have a number wherever this one has a number or a gap. Takes a whole number, at least 1; else #NUM!.",
)
def IMPUTE_REGRESSION(
    values,
    column=None,
    predictor=None,
):
    """One column with its confirmed gaps predicted by linear regression on others."""
    return answer(
        "IMPUTE_REGRESSION",
        values,
        column,
        predictor,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Values of several indicators, any uom; NaN = no value.",
)
@xw.arg(
    "column",
    StoredValues,
    doc="Which column of the values is filled. Takes a whole number, at least 1; else #NUM!.",
)
@xw.arg(
    "nearest",
    StoredValues,
    doc="How many of the nearest cities with a number in the column count. Takes a whole number, at least 1; else #NUM!.",
)
def IMPUTE_NEIGHBOURS(
    values,
    column=None,
    nearest=None,
):
    """One column whose confirmed gaps take the mean of the cities most alike."""
    return answer(
        "IMPUTE_NEIGHBOURS",
        values,
        column,
        nearest,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Values of several indicators, any uom; NaN = no value.",
)
@xw.arg(
    "column",
    StoredValues,
    doc="Which column of the values is filled. Takes a whole number, at least 1; else #NUM!.",
)
def IMPUTE_EM(
    values,
    column=None,
):
    """One column whose confirmed gaps take what a multivariate normal expects there (EM)."""
    return answer(
        "IMPUTE_EM",
        values,
        column,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "low",
    StoredValues,
    doc="Lower percentile, 0 to 100. One value, or one per column. Takes at least 0 and at most 100; else #NUM!.",
)
@xw.arg(
    "high",
    StoredValues,
    doc="Upper percentile, 0 to 100. One value, or one per column. Takes at least 0 and at most 100; else #NUM!.",
)
def CLIP_PERCENTILE(
    values,
    low=None,
    high=None,
):
    """Values clipped at two percentiles of their column."""
    return answer(
        "CLIP_PERCENTILE",
        values,
        low,
        high,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "limit",
    StoredValues,
    doc="Standard deviations from the mean. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "ddof",
    StoredValues,
    doc="The standard deviation divides by n - ddof. One value, or one per column. Takes a whole number, at least 0; else #NUM!.",
)
def CLIP_SD(
    values,
    limit=None,
    ddof=None,
):
    """Values clipped at a number of standard deviations from the mean of their column."""
    return answer(
        "CLIP_SD",
        values,
        limit,
        ddof,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "points",
    StoredValues,
    doc="Most points that are drawn in; tied points are drawn in together. One value, or one per column. Takes a whole number, at least 0; else #NUM!.",
)
@xw.arg(
    "skew",
    StoredValues,
    doc="A column passes where the absolute skewness (SKEW) is below it. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "kurt",
    StoredValues,
    doc="A column also passes where its kurtosis (KURT) is below it. One value, or one per column.",
)
def WINSOR_SKEW(
    values,
    points=None,
    skew=None,
    kurt=None,
):
    """Values whose outliers are drawn in until skewness or kurtosis is acceptable."""
    return answer(
        "WINSOR_SKEW",
        values,
        points,
        skew,
        kurt,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "method",
    StoredValues,
    doc="ct: ln(x - min + 0.01 range); ct_orig: ln(x - min + 1); ct_plus: turned where the skewness is negative; gii: ln((max - 1)(x - min)/range + 1); ln; ln1p. One value, or one per column.",
)
@xw.arg(
    "when",
    StoredValues,
    doc="always, or skewed: only columns that fail the test. One value, or one per column.",
)
@xw.arg(
    "skew",
    StoredValues,
    doc="A column passes where the absolute skewness (SKEW) is below it. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "kurt",
    StoredValues,
    doc="A column also passes where its kurtosis (KURT) is below it. One value, or one per column.",
)
def TREAT_LOG(
    values,
    method=None,
    when=None,
    skew=None,
    kurt=None,
):
    """Logarithms of each column, shifted so that they exist, for all or for skewed columns."""
    return answer(
        "TREAT_LOG",
        values,
        method,
        when,
        skew,
        kurt,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "power",
    StoredValues,
    doc="Power (lambda); 0 takes the logarithm, 1 keeps distances. One value, or one per column. Takes at least -10 and at most 10; else #NUM!.",
)
@xw.arg(
    "shift",
    StoredValues,
    doc="yes moves the column first so that its smallest value is 1; no takes it as it is. One value, or one per column.",
)
def TREAT_BOXCOX(
    values,
    power=None,
    shift=None,
):
    """Box-Cox transforms of each column: a power, or the logarithm for power 0."""
    return answer(
        "TREAT_BOXCOX",
        values,
        power,
        shift,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "reference",
    StoredValues,
    doc="Target, or the value of a reference city. One value, or one per column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "cap",
    StoredValues,
    doc="yes gives values beyond the reference the full score only; no gives them more. One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
def DIST_REFERENCE(
    values,
    reference=None,
    direction=None,
    cap=None,
    scale=None,
):
    """Direction is argument 3. Full score 1. How far each value has come from the worst of its column to a reference."""
    return answer(
        "DIST_REFERENCE",
        values,
        reference,
        direction,
        cap,
        scale,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
def FRACTION_MAX(
    values,
    direction=None,
    scale=None,
):
    """Direction is argument 2. Full score 1. Each value as a fraction of the best value of its column."""
    return answer(
        "FRACTION_MAX",
        values,
        direction,
        scale,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better: the share with a minus. One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="What all shares add up to. One value, or one per column. Takes above 0; else #NUM!.",
)
def FRACTION_SUM(
    values,
    direction=None,
    scale=None,
):
    """Direction is argument 2. Full score 1. Each value as a share of the sum of its column."""
    return answer(
        "FRACTION_SUM",
        values,
        direction,
        scale,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "cuts",
    StoredValues,
    doc="Ascending cut points between the bands, in a row or a column; the same for all columns.",
)
@xw.arg(
    "scores",
    StoredValues,
    doc="Score of each band from the worst, one more than cuts.",
)
@xw.arg(
    "by",
    StoredValues,
    doc="value: cuts in the uom of the values; percentile: percentiles of each column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
def CATEGORY_SCALE(
    values,
    cuts,
    scores=None,
    by=None,
    direction=None,
):
    """Direction is argument 5. Scores by bands: each value takes the score of the band it falls into."""
    return answer(
        "CATEGORY_SCALE",
        values,
        cuts,
        scores,
        by,
        direction,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "threshold",
    StoredValues,
    doc="Share of the mean within which a value is near it: 0.1 is 10 %. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
def ABOVE_MEAN(
    values,
    threshold=None,
    direction=None,
):
    """Direction is argument 3. 1 for values above the mean of their column, -1 below it, 0 near it."""
    return answer(
        "ABOVE_MEAN",
        values,
        threshold,
        direction,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "limit",
    StoredValues,
    doc="Standard deviations at which z-scores are clipped; 0 does not clip. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ddof",
    StoredValues,
    doc="The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S. One value, or one per column. Takes a whole number, at least 0; else #NUM!.",
)
@xw.arg(
    "groups",
    StoredValues,
    doc="Group of each row, one cell per row: every group has statistics and ranks of its own, and an empty cell leaves the row out. Omitted: all rows are one group.",
)
@xw.arg(
    "pools",
    StoredValues,
    doc="Group whose mean and deviation a row is measured by, one cell per row: the name of a group, or all for every row of a group. Empty: its own.",
)
@xw.arg(
    "constant",
    StoredValues,
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
    """Direction is argument 3. Z-scores of each column, clipped and oriented so that more is better."""
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "low",
    StoredValues,
    doc="Fixed lower bound instead of the column's minimum. One value, or one per column.",
)
@xw.arg(
    "high",
    StoredValues,
    doc="Fixed upper bound instead of the column's maximum. One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "floor",
    StoredValues,
    doc="Results below it are lifted to it, in units of the result; at most the scale. One value, or one per column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better; -1 turns the scale round, so that low gets the full score. One value, or one per column.",
)
@xw.arg(
    "bounds",
    StoredValues,
    doc="The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean (0, mean). One value, or one per column.",
)
@xw.arg(
    "constant",
    StoredValues,
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
    """Full score 100. Direction is argument 6. Values from 0 at the low bound of their column to the full score at the high one."""
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "max",
    StoredValues,
    doc="Best possible rating. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "unrated",
    StoredValues,
    doc="Rating that a missing code counts as, for instance 0; a blank is not filled yet and stays #N/A. One value, or one per column.",
)
def RATING_SCALE(
    values,
    max=None,
    scale=None,
    unrated=None,
):
    """Full score 100. Ratings as shares of the best possible rating, times the full score."""
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ties",
    StoredValues,
    doc="Rank that equal values share, counted from the worst: min (lowest), average or max (highest). One value, or one per column.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code counts as: na (nothing) or lowest (the worst value of the column). A blank never counts. One value, or one per column.",
)
def RANK_UNIFORM(
    values,
    direction=None,
    ties=None,
    missing=None,
):
    """Direction is argument 2. Ranks of each column as evenly spaced scores: 100 for the best, 100/N for the worst."""
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "mean",
    StoredValues,
    doc="Mean of the result. One value, or one per column.",
)
@xw.arg(
    "sd",
    StoredValues,
    doc="Standard deviation of the result. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ddof",
    StoredValues,
    doc="The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S. One value, or one per column. Takes a whole number, at least 0; else #NUM!.",
)
def ZSCORE_SCALE(
    values,
    mean=None,
    sd=None,
    direction=None,
    ddof=None,
):
    """Direction is argument 4. Z-scores of each column with a mean and a standard deviation of your choice."""
    return answer(
        "ZSCORE_SCALE",
        values,
        mean,
        sd,
        direction,
        ddof,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "low",
    StoredValues,
    doc="Low goalpost instead of the column's minimum. One value, or one per column.",
)
@xw.arg(
    "high",
    StoredValues,
    doc="High goalpost instead of the column's maximum. One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better; -1 gives the low goalpost the full score. One value, or one per column.",
)
def GOALPOST_SCALE(
    values,
    low=None,
    high=None,
    scale=None,
    direction=None,
):
    """Full score 100. Direction is argument 5. Values from 0 at a low goalpost to the full score at a high one, clipped at both."""
    return answer(
        "GOALPOST_SCALE",
        values,
        low,
        high,
        scale,
        direction,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "ties",
    StoredValues,
    doc="Rank that equal values share, counted from the worst: min, average or max. One value, or one per column.",
)
@xw.arg(
    "base",
    StoredValues,
    doc="Score of the worst value, if it is not tied. One value, or one per column.",
)
def PERCENTILE_SCALE(
    values,
    direction=None,
    scale=None,
    ties=None,
    base=None,
):
    """Direction is argument 2. Full score 1. Percentile ranks of each column: base for the worst value, scale for a sole best."""
    return answer(
        "PERCENTILE_SCALE",
        values,
        direction,
        scale,
        ties,
        base,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ties",
    StoredValues,
    doc="Rank that equal values share, counted from the worst: min, average or max. One value, or one per column.",
)
@xw.arg(
    "base",
    StoredValues,
    doc="Points of the worst city. One value, or one per column.",
)
def RANK_BORDA(
    values,
    direction=None,
    ties=None,
    base=None,
):
    """Direction is argument 2. Borda points of each column: one for every city that is worse."""
    return answer(
        "RANK_BORDA",
        values,
        direction,
        ties,
        base,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
def INFOMAX_WEIGHTS(
    values,
):
    """Weights under which the columns correlate most with the index they make, on average."""
    return answer(
        "INFOMAX_WEIGHTS",
        values,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
def UCM_WEIGHTS(
    values,
):
    """Weights by the unobserved components model: columns weigh by how little they err."""
    return answer(
        "UCM_WEIGHTS",
        values,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "comparisons",
    StoredValues,
    doc="Square of judgements: how many times the row is as important as the column, 1 to 9 or a fraction. One of two opposite cells may be empty; so may the diagonal.",
)
def AHP_WEIGHTS(
    comparisons,
):
    """Weights from pairwise judgements: the principal eigenvector (AHP)."""
    return answer(
        "AHP_WEIGHTS",
        comparisons,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "comparisons",
    StoredValues,
    doc="Square of judgements: how many times the row is as important as the column, 1 to 9 or a fraction. One of two opposite cells may be empty; so may the diagonal.",
)
def AHP_RATIO(
    comparisons,
):
    """Consistency ratio of pairwise judgements; up to 0.1 counts as consistent."""
    return answer(
        "AHP_RATIO",
        comparisons,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block whose columns are weighted; what it holds does not matter.",
)
@xw.arg(
    "groups",
    StoredValues,
    doc="Label of the group of each column, in a row.",
)
def EQUAL_WEIGHTS(
    values,
    groups=None,
):
    """Equal weights of all columns, or of groups of columns and inside each group."""
    return answer(
        "EQUAL_WEIGHTS",
        values,
        groups,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
def ENTROPY_WEIGHTS(
    values,
):
    """Entropy weights: the more unevenly a column is spread, the more it weighs."""
    return answer(
        "ENTROPY_WEIGHTS",
        values,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
def CRITIC_WEIGHTS(
    values,
):
    """CRITIC weights: columns weigh by spread and by how little they repeat the others."""
    return answer(
        "CRITIC_WEIGHTS",
        values,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "ddof",
    StoredValues,
    doc="The standard deviation divides by n - ddof. Takes a whole number, at least 0; else #NUM!.",
)
def CV_WEIGHTS(
    values,
    ddof=None,
):
    """Weights by the coefficient of variation: standard deviation over mean."""
    return answer(
        "CV_WEIGHTS",
        values,
        ddof,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "method",
    StoredValues,
    doc="handbook: components with an eigenvalue above 1, rotated, each column by its largest squared loading; first: squared loadings on the first component.",
)
def PCA_WEIGHTS(
    values,
    method=None,
):
    """Weights by principal components: squared loadings, never negative."""
    return answer(
        "PCA_WEIGHTS",
        values,
        method,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "targets",
    StoredValues,
    doc="Wanted proportions of the correlations, one per column, in a row or a column.",
)
def BALANCE_WEIGHTS(
    values,
    targets=None,
):
    """Weights under which all columns correlate equally with the index they make."""
    return answer(
        "BALANCE_WEIGHTS",
        values,
        targets,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "method",
    StoredValues,
    doc="arithmetic, geometric, harmonic or power.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row), renormalise (its weight is shared among the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A blank always gives #N/A.",
)
@xw.arg(
    "power",
    StoredValues,
    doc="Power of the mean where method is power: 1 arithmetic, 0 geometric, -1 harmonic, 2 quadratic. Otherwise not looked at.",
)
@xw.arg(
    "groups",
    StoredValues,
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "exponent",
    StoredValues,
    doc="1 is the weighted mean; above 1 the lowest scores count more, below 1 the highest. Takes above 0; else #NUM!.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row) or renormalise (the rest of the row counts). A blank always gives #N/A.",
)
def OWA_INDEX(
    values,
    weights=None,
    exponent=None,
    missing=None,
):
    """Ordered weighted averages: a mean that leans to each city's lowest or highest scores."""
    return answer(
        "OWA_INDEX",
        values,
        weights,
        exponent,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row) or renormalise (the rest of the row counts). A blank always gives #N/A.",
)
def COPELAND_SCORE(
    values,
    weights=None,
    missing=None,
):
    """Copeland scores: every city against every other, duels won less duels lost."""
    return answer(
        "COPELAND_SCORE",
        values,
        weights,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "penalty",
    StoredValues,
    doc="minus where more is better; plus where the index measures something bad.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row) or renormalise (the rest of the row counts). A blank always gives #N/A.",
)
def MPI_INDEX(
    values,
    penalty=None,
    missing=None,
):
    """Mazziotta-Pareto index: the mean of each row, corrected for uneven scores."""
    return answer(
        "MPI_INDEX",
        values,
        penalty,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row) or renormalise (the rest of the row counts). A blank always gives #N/A.",
)
def MIN_INDEX(
    values,
    missing=None,
):
    """Smallest score of each row: no strength makes up for the worst weakness."""
    return answer(
        "MIN_INDEX",
        values,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Strengths: a row per pair, a column per indicator. An empty row is skipped.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "count",
    StoredValues,
    doc="values scores the strengths, presence that there is a link. One value, or one per column.",
)
@xw.arg(
    "bounds",
    StoredValues,
    doc="The column's own bounds: minmax (minimum, maximum), max (0, maximum) or mean (0, mean). One value, or one per column.",
)
@xw.arg(
    "scale",
    StoredValues,
    doc="Full score. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "constant",
    StoredValues,
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
    """Score of each pair of cities: strengths normalised over all pairs and weighted."""
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
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "low",
    StoredValues,
    doc="Least and greatest share of each column, 0 to 1. Takes at least 0 and at most 1; else #NUM!.",
)
@xw.arg(
    "high",
    StoredValues,
    doc="Least and greatest share of each column, 0 to 1. Takes at least 0 and at most 1; else #NUM!.",
)
@xw.arg(
    "shares",
    StoredValues,
    doc="Of what low and high are shares: weights (of a row's sum) or score (of a row's score).",
)
def BOD_INDEX(
    values,
    low=None,
    high=None,
    shares=None,
):
    """Each row's score by its own best weights: benefit of the doubt."""
    return answer(
        "BOD_INDEX",
        values,
        low,
        high,
        shares,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "vector",
    StoredValues,
    doc="Whether each column is first divided by the root of its sum of squares: yes or no.",
)
def TOPSIS_SCORE(
    values,
    weights=None,
    vector=None,
):
    """TOPSIS scores: how much nearer each city is to the ideal than to its opposite, 0 to 1."""
    return answer(
        "TOPSIS_SCORE",
        values,
        weights,
        vector,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "indifference",
    StoredValues,
    doc="A lead up to this many points does not count. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "preference",
    StoredValues,
    doc="A lead of this many points counts in full, one in between in proportion; equal to indifference, every lead above it counts in full. One value, or one per column. Takes at least 0; else #NUM!.",
)
def PROMETHEE_FLOW(
    values,
    weights=None,
    indifference=None,
    preference=None,
):
    """Net flows of PROMETHEE II: how much each city outranks the others, less the reverse."""
    return answer(
        "PROMETHEE_FLOW",
        values,
        weights,
        indifference,
        preference,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "codes",
    StoredValues,
    doc="Code of each column of values, in a row; columns that are not an indicator are ignored.",
)
@xw.arg(
    "framework",
    StoredValues,
    doc="Rows of code, parent, weight, direction, with or without these headings. The root has no parent; an empty weight is 1, an empty direction 1.",
)
@xw.arg(
    "nodes",
    StoredValues,
    doc="Codes of the nodes whose scores are wanted, one column of results each: for instance the headings above the formula.",
)
@xw.arg(
    "normalise",
    StoredValues,
    doc="minmax (0 to 100), zscore (n - 1), winsor (n, clipped at 1.96), rank (100/N times the rank), percentile (0 to 1) or none.",
)
@xw.arg(
    "aggregate",
    StoredValues,
    doc="Mean at every node: arithmetic, geometric or harmonic.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row), renormalise (its weight is shared among the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A blank always gives #N/A.",
)
def INDEX_SCORES(
    values,
    codes,
    framework,
    nodes=None,
    normalise=None,
    aggregate=None,
    missing=None,
):
    """Scores of any nodes of an index, from data and a framework in one call."""
    return answer(
        "INDEX_SCORES",
        values,
        codes,
        framework,
        nodes,
        normalise,
        aggregate,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "omega",
    StoredValues,
    doc="Points given by performance, out of 100: 40 gives scores from 60 to 100. One value, or one per column. Takes at least 0 and at most 100; else #NUM!.",
)
@xw.arg(
    "low",
    StoredValues,
    doc="Value that scores 100 - omega, instead of the column's minimum. Above high: a reverse indicator. Equal to high: #NUM!. One value, or one per column.",
)
@xw.arg(
    "high",
    StoredValues,
    doc="Value that scores 100, instead of the column's maximum. Below low: a reverse indicator. One value, or one per column.",
)
@xw.arg(
    "constant",
    StoredValues,
    doc="Score where all numbers of a column are equal; without it that is #DIV/0!. One value, or one per column.",
)
@xw.arg(
    "groups",
    StoredValues,
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
    """Efficacy scores: from 100 - omega at the low bound of a column to 100 at the high one."""
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA. A single row counts as one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "ties",
    StoredValues,
    doc="For equal values: min (1, 2, 2, 4), average (1, 2.5, 2.5, 4), max (1, 3, 3, 4), ordinal (1, 2, 3, 4 in the order of the rows) or dense (1, 2, 2, 3). One value, or one per column.",
)
@xw.arg(
    "digits",
    StoredValues,
    doc="Decimals to which values are rounded before they are compared, as ROUND does. One value, or one per column. Takes a whole number, at least -15 and at most 15; else #NUM!.",
)
@xw.arg(
    "groups",
    StoredValues,
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
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "k",
    StoredValues,
    doc="Number of clusters. Takes a whole number, at least 1; else #NUM!.",
)
@xw.arg(
    "linkage",
    StoredValues,
    doc="Distance between clusters: average (mean of all pairs), ward, complete (largest) or single (smallest).",
)
@xw.arg(
    "metric",
    StoredValues,
    doc="Distance between cities: euclidean, sqeuclidean (squared) or cityblock (sum of absolute differences).",
)
@xw.arg(
    "standardise",
    StoredValues,
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


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row), renormalise (its weight is shared among the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A blank always gives #N/A.",
)
def CONTRIBUTIONS(
    values,
    weights,
    missing=None,
):
    """Points that each column adds to the weighted mean of its row."""
    return answer(
        "CONTRIBUTIONS",
        values,
        weights,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "standardise",
    StoredValues,
    doc="zscore gives every column the same spread first.",
)
def CRONBACH_ALPHA(
    values,
    standardise=None,
):
    """Cronbach's alpha: how far the columns measure one thing; above 0.7 counts as good."""
    return answer(
        "CRONBACH_ALPHA",
        values,
        standardise,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="How much each column counts, relative to the others; in a row or a column.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row and column) or renormalise (it ties with everything). A blank always gives #N/A.",
)
def OUTRANKING_MATRIX(
    values,
    weights=None,
    missing=None,
):
    """Share of the weights by which each city is ahead of each other; ties count half."""
    return answer(
        "OUTRANKING_MATRIX",
        values,
        weights,
        missing,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "what",
    StoredValues,
    doc="r (coefficients), p (two-sided significance) or n (rows that count).",
)
def PEARSON_MATRIX(
    values,
    what=None,
):
    """Pearson correlations of all pairs of columns, their significance or number of cities."""
    return answer(
        "PEARSON_MATRIX",
        values,
        what,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "y",
    StoredValues,
    doc="Dependent values: a row per city, one column, or several for a regression each.",
)
@xw.arg(
    "x",
    StoredValues,
    doc="Predictor: one column with as many rows, or one column per column of y.",
)
def REGRESSION_SIMPLE(
    y,
    x,
):
    """Line of scores on an outside variable: slope, intercept, r, r squared, p and n."""
    return answer(
        "REGRESSION_SIMPLE",
        y,
        x,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "before",
    StoredValues,
    doc="Values before: one column for all, or a block as wide as values.",
)
@xw.arg(
    "threshold",
    StoredValues,
    doc="Share of the value before within which a change is not a clear trend: 0.02 is 2 %. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
def TREND_STATE(
    values,
    before,
    threshold=None,
    direction=None,
):
    """Which way each value moved since an earlier one: 1 better, -1 worse, 0 no clear trend."""
    return answer(
        "TREND_STATE",
        values,
        before,
        threshold,
        direction,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Values of one indicator: a row per city, a column per edition, the oldest first.",
)
@xw.arg(
    "times",
    StoredValues,
    doc="Ascending times of the editions, such as years, in a row.",
)
@xw.arg(
    "kind",
    StoredValues,
    doc="compound: growth per unit of time, compounded (CAGR); change: growth over the whole span.",
)
def GROWTH_RATE(
    values,
    times=None,
    kind=None,
):
    """How fast each city's series grew, from its first value to its last."""
    return answer(
        "GROWTH_RATE",
        values,
        times,
        kind,
    )


@xw.func(category="xlcity", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "cuts",
    StoredValues,
    doc="Ends of all tiers but the last, in a row or a column, in any order.",
)
@xw.arg(
    "by",
    StoredValues,
    doc="score: lowest scores of the tiers; rank: their last ranks; percent: down to which share of the cities they reach.",
)
def TIER_LABELS(
    values,
    cuts,
    by=None,
):
    """Tier of each score, 1 for the best: by lowest scores, last ranks or shares."""
    return answer(
        "TIER_LABELS",
        values,
        cuts,
        by,
    )


@xw.func(category="xlcity One report", volatile=False)
@xw.arg(
    "units",
    StoredValues,
    doc="Ids of the cities, in one column.",
)
@xw.arg(
    "item_units",
    StoredValues,
    doc="Id of the city of each institution, in one column; empty lines are skipped.",
)
@xw.arg(
    "ranks_a",
    StoredValues,
    doc="Rank of each institution, or its band such as 101-150 as text; blank where it is not on the list.",
)
@xw.arg(
    "ranks_b",
    StoredValues,
    doc="Ranks on a second list; the better weight of the two counts.",
)
@xw.arg(
    "uppers",
    StoredValues,
    doc="Last rank of each band, ascending.",
)
@xw.arg(
    "weights",
    StoredValues,
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


@xw.func(category="xlcity One report", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Annual means of PM2.5 in ug/m3: a row per city. Blank and missing codes stay out.",
)
@xw.arg(
    "guideline",
    StoredValues,
    doc="Guideline value in ug/m3; the World Health Organization's of 2021 is 5. One value, or one per column. Takes above 0; else #NUM!.",
)
def PM25_GRADE(
    values,
    guideline=None,
):
    """Grades of fine dust: 7 up to the guideline, one less beyond 1, 2, 3, 5, 7, 10 times."""
    return answer(
        "PM25_GRADE",
        values,
        guideline,
    )


@xw.func(category="xlcity One report", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "weights",
    StoredValues,
    doc="One weight per column of values, in a row or a column. They are relative: only their proportions count.",
)
@xw.arg(
    "limit",
    StoredValues,
    doc="Standard deviations at which z-scores are clipped; 0 does not clip. One value, or one per column. Takes at least 0; else #NUM!.",
)
@xw.arg(
    "missing",
    StoredValues,
    doc="What a missing code does: na (no result in its row), renormalise (its weight is shared among the rest), zero (counts as 0) or refuse (no result in its whole group, nor with a blank). A blank always gives #N/A.",
)
@xw.arg(
    "ddof",
    StoredValues,
    doc="The standard deviation divides by n - ddof: 0 as STDEV.P, 1 as STDEV.S. One value, or one per column. Takes a whole number, at least 0; else #NUM!.",
)
def ZSCORE_INDEX(
    values,
    weights=None,
    limit=None,
    missing=None,
    ddof=None,
):
    """Weighted mean of each row's clipped z-scores: an index of several sub-measures."""
    return answer(
        "ZSCORE_INDEX",
        values,
        weights,
        limit,
        missing,
        ddof,
    )


@xw.func(category="xlcity Audit", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "parts",
    StoredValues,
    doc="How many ranks or whole numbers were averaged. One value, or one per column. Takes a whole number, at least 1; else #NUM!.",
)
@xw.arg(
    "units",
    StoredValues,
    doc="Cities that were ranked; 1 for plain means of whole numbers. One value, or one per column. Takes a whole number, at least 1; else #NUM!.",
)
@xw.arg(
    "top",
    StoredValues,
    doc="Score of the best rank; equal to units for plain means. One value, or one per column. Takes above 0; else #NUM!.",
)
@xw.arg(
    "decimals",
    StoredValues,
    doc="Printed decimals. One value, or one per column. Takes a whole number, at least 0 and at most 12; else #NUM!.",
)
@xw.arg(
    "what",
    StoredValues,
    doc="gap (0 = possible) or nearest (the nearest possible value, rounded).",
)
def LATTICE_CHECK(
    values,
    parts=None,
    units=None,
    top=None,
    decimals=None,
    what=None,
):
    """How far printed scores are from possible means of ranks: 0 where they can be one."""
    return answer(
        "LATTICE_CHECK",
        values,
        parts,
        units,
        top,
        decimals,
        what,
    )


@xw.func(category="xlcity Audit", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "whole",
    StoredValues,
    doc="Printed scores made of them: one column.",
)
@xw.arg(
    "direction",
    StoredValues,
    doc="1 where more is better, -1 where less is better. One value, or one per column.",
)
@xw.arg(
    "decimals",
    StoredValues,
    doc="Printed decimals. One value, or one per column. Takes a whole number, at least 0 and at most 12; else #NUM!.",
)
@xw.arg(
    "whole_decimals",
    StoredValues,
    doc="Printed decimals of the whole. Takes a whole number, at least 0 and at most 12; else #NUM!.",
)
@xw.arg(
    "what",
    StoredValues,
    doc="gap (0 = the row fits) or fit (the score that the other rows imply).",
)
def AFFINE_CHECK(
    values,
    whole,
    direction=None,
    decimals=None,
    whole_decimals=None,
    what=None,
):
    """How far scores are from a constant plus multiples of the parts: 0 where they fit."""
    return answer(
        "AFFINE_CHECK",
        values,
        whole,
        direction,
        decimals,
        whole_decimals,
        what,
    )


@xw.func(category="xlcity Audit", volatile=False)
@xw.arg(
    "values",
    StoredValues,
    doc="Block of cells: a row per city, a column per indicator. Blank, missing codes, #N/A and text stay out. Any other error is the whole result; in LibreOffice #N/A is too: type NA.",
)
@xw.arg(
    "whole",
    StoredValues,
    doc="Printed scores of the whole, or its ranks (1 = best): one column.",
)
@xw.arg(
    "source",
    StoredValues,
    doc="scores, or ranks if whole holds ranks.",
)
@xw.arg(
    "decimals",
    StoredValues,
    doc="Printed decimals. One value, or one per column. Takes a whole number, at least 0 and at most 12; else #NUM!.",
)
@xw.arg(
    "whole_decimals",
    StoredValues,
    doc="Printed decimals of the whole. Takes a whole number, at least 0 and at most 12; else #NUM!.",
)
def WEIGHTS_IMPLIED(
    values,
    whole,
    source=None,
    decimals=None,
    whole_decimals=None,
):
    """Least, middle and greatest weights that printed scores or ranks allow."""
    return answer(
        "WEIGHTS_IMPLIED",
        values,
        whole,
        source,
        decimals,
        whole_decimals,
    )
