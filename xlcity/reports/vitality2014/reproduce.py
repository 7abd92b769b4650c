"""What of the printed tables only code can compare: the regression, lists by region, means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xlcity.index import compute
from xlcity.index.steps import child_weights
from xlcity.model.dataset import FloatArray
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    frame,
    row_cells,
)
from xlcity.reports.report import Report

#: Half a unit of the third decimal, the last one of the table (SPSS drops a closing zero).
HALF = 0.0005
#: The option that weighs domains alike; the recipe itself weighs indicators alike.
EQUAL_DOMAINS = "equal-domains"
#: Schemes that are meant to place every city; scheme -> the region of the seven that it divides.
COMPLETE = ("region7", "east_west")
SPLIT = {"east_china_split": "east"}


def compare_totals(report: Report) -> Iterator[Comparison]:
    """Compare the total's coefficient with what those of the domains and the scores imply."""
    rows = frame(report.published["regression"])
    coefficients = dict(zip(rows["node"], rows["coefficient"], strict=True))
    for reading in (EQUAL_DOMAINS, "equal-indicators"):
        options = [EQUAL_DOMAINS] if reading == EQUAL_DOMAINS else []
        recipe = report.recipe.with_options(options)
        result = compute(report.framework, recipe, report.dataset)
        framework = result.framework
        root = framework.root.code
        step = result.recipe.step_for("aggregate", framework.root.code)
        assert step is not None
        children = [child.code for child in framework.children(root)]
        weights = child_weights(framework, root, step)
        scores = {code: result.column(code) for code in children}
        shares = dict(zip(children, weights, strict=True))
        implied = coefficient_of_sum(coefficients, scores, shares)
        where = f"report line {rows['report_line'].iloc[0]}"
        cell = ComparedCell("", root, coefficients[root], implied, where)
        how = "the coefficient that those of the domains and the printed scores imply"
        # Each coefficient is off by half a unit at most, and so is their weighted mean.
        yield compare(
            "regression", f"total-{reading}", [cell], tolerance=2 * HALF, how=how
        )


def coefficient_of_sum(
    coefficients: Mapping[str, float],
    parts: Mapping[str, FloatArray],
    weights: Mapping[str, float],
) -> float:
    """Return the standardised coefficient of a weighted sum that those of its parts imply.

    Parameters
    ----------
    coefficients
        Standardised coefficient of each part on one and the same predictor.
    parts
        (n,) scores of each part.
    weights
        Weight of each part in the sum.

    Notes
    -----
    Covariances add up, so ``r(sum, x) = sum(w * sd * r) / sd(sum)``: the predictor itself need not
    be known.

    Examples
    --------
    >>> a = np.array([0.0, 1.0, 2.0])
    >>> coefficient_of_sum({"a": 0.5, "b": 0.5}, {"a": a, "b": a}, {"a": 1.0, "b": 3.0})
    0.5
    """
    total = np.zeros(1)
    covariance = 0.0
    for code, scores in parts.items():
        total = total + weights[code] * scores
        covariance += weights[code] * scores.std() * coefficients[code]
    return float(covariance / np.std(total))


def listed_once(report: Report) -> Iterator[Comparison]:
    """Compare how often each city is in a class with once."""
    named = frame(report.published["clusters"])["city_id"].value_counts()
    root = report.framework.root.code
    units = [unit.id for unit in report.dataset.units]
    counts = {unit: int(named.get(unit, 0)) for unit in units}
    cells = [ComparedCell(unit, root, count, 1) for unit, count in counts.items()]
    yield compare(
        "clusters", "listed-once", cells, how="each city is in exactly one class"
    )


def compare_regions(report: Report) -> Iterator[Comparison]:
    """Compare the lists with one another and with the charts that show them."""
    rows = frame(report.published["regions"])
    units = [unit.id for unit in report.dataset.units]
    again = rows.duplicated(["scheme", "city_id"])
    once = rows["city_id"].mask(again, "named before")
    where = "{scheme} {region}, report line {report_line}"
    cells = row_cells(rows, "city_id", once, node="", where=where)
    yield compare("regions", "members", cells, how="named once within its scheme")
    times = rows.groupby("scheme")["city_id"].value_counts()
    cells = [
        ComparedCell(unit, "", int(times.get((scheme, unit), 0)), 1, scheme)
        for scheme in COMPLETE
        for unit in units
    ]
    how = "the lists of the scheme together hold each of the 46 cities once"
    yield compare("regions", "complement", cells, how=how)
    cells = []
    for scheme, region in SPLIT.items():
        divided = list(
            rows[(rows["scheme"] == "region7") & (rows["region"] == region)]["city_id"]
        )
        parts = list(rows[rows["scheme"] == scheme]["city_id"])
        cells += [
            ComparedCell(unit, "", parts.count(unit), divided.count(unit), scheme)
            for unit in dict.fromkeys((*divided, *parts))
        ]
    how = "the two lists hold each city of the region once"
    yield compare("regions", "split", cells, how=how)
    # Charts show the scores of one list each; a region that is split has a chart per part.
    charts = frame(report.published["domain_scores"]).set_index("city_id")["chart"]
    shown = rows["scheme"].isin([*SPLIT]) | (
        (rows["scheme"] == "region7") & ~rows["region"].isin([*SPLIT.values()])
    )
    cells = []
    names = rows["scheme"] + " " + rows["region"]
    for name, listed in rows[shown].groupby(names)["city_id"]:
        chart = charts[listed.iloc[0]]
        strangers = charts.index[charts == chart].difference(listed)
        for unit in (*listed, *strangers):
            own = f"chart {charts[unit]}"
            computed = None if unit in strangers else f"chart {chart}"
            cells.append(ComparedCell(unit, "", own, computed, str(name)))
    how = "cities of one list, and no others, share the chart of their scores"
    yield compare("regions", "charts", cells, how=how)


def compare_means(report: Report) -> Iterator[Comparison]:
    """Compare which of two groups is said to have the greater mean with the scores of the index."""
    result = compute(report.framework, report.recipe, report.dataset)
    units = report.dataset.units
    rows = frame(report.published["facts"])
    rows = rows[rows["what"] == "greater_mean"]
    greater = []
    for row in rows.to_dict("records"):
        scores = result.column(row["node"])
        means = {
            word: np.mean(
                [
                    score
                    for unit, score in zip(units, scores, strict=True)
                    if unit.attributes[row["group_type"]] == word
                    and row["capital"] in ("", unit.attributes["capital"])
                ]
            )
            for word in (row["group"], row["than"])
        }
        greater.append(max(means, key=means.__getitem__))
    where = "{group} over {than} {capital}, report line {report_line}"
    cells = row_cells(rows, "group", greater, unit="", where=where)
    how = "the group with the greater mean of the scores; the total weighs indicators alike"
    yield compare("facts", "means", cells, how=how)
