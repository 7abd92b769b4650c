"""What of the printed ranks, values and statements only code can compare.

The scores themselves cannot be recomputed: no indicator is printed for all 43 cities.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from xlcity.audit.tables.number_intervals import interval_of_text
from xlcity.audit.tables.printed_numbers import half_unit
from xlcity.functions.construct import BAND_UPPERS, BAND_WEIGHTS, pm25_grade
from xlcity.functions.rounding import round_excel
from xlcity.index import compute
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    frame,
    row_cells,
)
from xlcity.reports.report import Record, Report

#: A printed index of universities is taken for a sum of at most so many weights.
MOST_UNIVERSITIES = 6
PAPERS = ["highly_cited_papers", "highly_cited_share_pct", "hot_papers"]


def lone_indicators(report: Report) -> Iterator[Comparison]:
    """Compare ranks of lone indicators with those of the node above, which clips and rounds."""
    framework = report.framework
    ranks = frame(report.published["ranks"]).set_index(["node", "city_id"])["rank"]
    above = {
        node.code: node.parent
        for node in framework.indicators
        if node.parent and len(framework.children(node.parent)) == 1
    }
    rows = frame(report.published["profile_strengths"])
    rows = rows[rows["node"].isin(above)]
    computed = [
        ranks[above[n], unit]
        for n, unit in zip(rows["node"], rows["city_id"], strict=True)
    ]
    cells = row_cells(rows, "rank", computed, right=computed <= rows["rank"])
    how = "clipping and rounding make ties, so that the node's rank is at most the indicator's"
    yield compare("profile_strengths", "ranks-of-lone-indicators", cells, how=how)


def growth_interval(base: str, current: str) -> tuple[float, float]:
    """Return the growth in per cent that two printed numbers leave possible."""
    before = interval_of_text(base)
    now = interval_of_text(current)
    assert before is not None
    assert now is not None
    ratio = now / before
    return float((ratio.low - 1) * 100), float((ratio.high - 1) * 100)


def growth_in_text(report: Report) -> Iterator[Comparison]:
    """Compare growth stated in the text where the text, too, prints the number before."""
    values = report.published["indicator_values"].rows
    texts = [(row, row["value_printed"].replace(",", "")) for row in values]
    before = {
        (row["node"], row["city_id"]): text
        for row, text in texts
        if row["edition"] == "2022" and row["value"]
    }
    cells = []
    for row, text in texts:
        key = (row["node"], row["city_id"])
        growth = row["growth_pct"]
        if growth and row["where_in_text"] == "text" and key in before:
            lowest, highest = growth_interval(before[key], text)
            printed = float(growth)
            half = float(half_unit(growth))
            right = lowest <= printed + half and printed - half <= highest
            nearest = min(max(printed, lowest), highest)
            where = f"report line {row['report_line']}"
            cells.append(ComparedCell(*key[::-1], printed, nearest, where, right))
    how = "growth stated in the text, between the numbers printed anywhere"
    yield compare("indicator_values", "growth-in-text", cells, tolerance=0.05, how=how)


def averages(report: Report) -> Iterator[Comparison]:
    """Compare averages of the sample as the text states them with those on the city pages."""
    rows = frame(report.published["sample_average_growth"])
    is_page = rows["where"] == "profile pages"
    is_year = rows["where"].str.startswith("text: 20")
    pages = rows[is_page].set_index("node")["average_growth_pct"]
    stated = rows[~is_page & ~is_year]
    cells = row_cells(stated, "average_growth_pct", stated["node"].map(pages), unit="")
    # The mean of two years grows by the mean of the two growths from the same base.
    years = rows[is_year].groupby("node")["average_growth_pct"].mean().reset_index()
    printed = years["node"].map(pages)
    means = years["average_growth_pct"]
    right = (printed - means).abs() <= 0.3
    cells += row_cells(
        years, printed, means, unit="", where="profile pages", right=right
    )
    how = "the same average in the text; of congresses the mean of both years' growth"
    yield compare("sample_average_growth", "averages", cells, tolerance=0.05, how=how)


def above_limit(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield the limit that the text names beside the printed value of a city above it."""
    values = _this_edition(report)
    values = values[
        (values["node"] == row["node"]) & (values["city_id"] == row["city_id"])
    ]
    if row["list_kind"].startswith("above") and len(values):
        limit = float(row["list_kind"].split()[1])
        value = float(values["value"].iloc[0])
        where = f"report line {row['report_line']}"
        yield ComparedCell(
            row["city_id"], row["node"], limit, value, where, value > limit
        )


def fastest_growth(report: Report) -> Iterator[Comparison]:
    """Compare the growth of the cities that the text names with that on their pages."""
    progress = frame(report.published["profile_relative_progress"])
    pages = progress.set_index(["node", "city_id"])["growth_pct"]
    rows = frame(report.published["named_lists"])
    rows = rows[rows["list_kind"].str.startswith("fastest growth")]
    keys = list(zip(rows["node"], rows["city_id"], strict=True))
    texts = rows["note"].str.rstrip(" %").str.split(" / ")
    stated = zip(texts, rows["position"], strict=True)
    printed = [float(growths[position - 1]) for growths, position in stated]
    cells = row_cells(rows, printed, [pages[key] for key in keys])
    how = "growth stated in the text and on the city page"
    yield compare("named_lists", "growth", cells, tolerance=0.05, how=how)


def sizes(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield the sizes of the sample and of the levels, which one statement gives."""
    names = "cities / level-1 / level-2 / level-3"
    if row["fact"] == names:
        depths = [report.framework.depth(node.code) for node in report.framework.nodes]
        computed = [
            len(report.dataset.units),
            *(depths.count(depth) for depth in (1, 2, 3)),
        ]
        texts = names.split(" / "), row["value"].split(" / ")
        for name, printed, size in zip(*texts, computed, strict=True):
            where = f"report line {row['report_line']}"
            yield ComparedCell("", name, int(printed), size, where)


def _this_edition(report: Report) -> pd.DataFrame:
    """Return the values of cities that are printed of this edition."""
    rows = frame(report.published["indicator_values"])
    rows = rows[(rows["edition"] == 2024) & (rows["entity_type"] == "city")]
    return rows[rows["value"].notna()]


def compare_constructed(report: Report) -> Iterator[Comparison]:
    """Compare indicators with what they are made from, as far as that is printed."""
    values = _this_edition(report)
    bands = frame(report.published["university_band_weights"])
    last = bands["rank_band"].str.split("-").str[1].astype(float)
    roots = (
        bands["weight_expr"].str.extract(r"sqrt\((\d+)\)")[0].astype(float).fillna(1.0)
    )
    cells = row_cells(bands, roots**-0.5, BAND_WEIGHTS, unit="", node="B4.3")
    cells += row_cells(bands, last, BAND_UPPERS, unit="", node="B4.3")
    how = "weights and last ranks of the function BAND_INDEX, taken from this table"
    name = "university_band_weights"
    yield compare(name, "weights", cells, by_construction=True, how=how)
    sums: set[float] = set()
    for count in range(1, MOST_UNIVERSITIES + 1):
        sums.update(map(math.fsum, combinations_with_replacement(BAND_WEIGHTS, count)))
    rows = values[values["node"] == "B4.3"]
    every = np.array(sorted(sums))
    nearest = [every[np.abs(every - value).argmin()] for value in rows["value"]]
    right = (rows["value"] - nearest).abs() <= rows["value_printed"].map(
        half_unit
    ).astype(float)
    how = f"nearest sum of at most {MOST_UNIVERSITIES} band weights"
    cells = row_cells(rows, "value", nearest, right=right)
    yield compare("indicator_values", "band-sums", cells, tolerance=0.005, how=how)
    yield from _grades(report, values)
    yield _congresses(report, values)
    yield from _papers(report)


def _grades(report: Report, values: pd.DataFrame) -> Iterator[Comparison]:
    """Compare the table of grades with the function, and printed points with whole ones."""
    rows = frame(report.published["pm25_grades"])
    low = rows["lower_exclusive_ug_m3"]
    high = rows["upper_inclusive_ug_m3"]
    cells = []
    for inside in (low + 0.1, high.fillna(10 * low)):
        cells += row_cells(rows, "score", _grades_of(inside), unit="", node="A1.3")
    how = "function PM25_GRADE just above and at the bounds of each grade, taken from this table"
    yield compare("pm25_grades", "scores", cells, by_construction=True, how=how)
    points = values[values["node"] == "A1.3"]
    cells = row_cells(points, "value", points["value"].round().clip(1, 7))
    # The text tells of a fall by one grade.
    raw = frame(report.published["indicator_values"])
    toronto = raw[raw["node"] == "A1.3.raw"].set_index("edition")
    now, before = _grades_of(toronto["value"].loc[[2024, 2022]])
    where = f"report line {toronto['report_line'].loc[2024]}"
    fall = "falls" if now < before else "stays"
    cells.append(ComparedCell("toronto", "A1.3", "falls", fall, where))
    how = (
        "printed points are grades; Toronto's fall follows from its two concentrations"
    )
    yield compare("indicator_values", "grades", cells, how=how)


def _grades_of(concentrations: pd.Series) -> list[float]:
    grades: list[float] = pm25_grade(concentrations).values.ravel().tolist()  # noqa: PD011
    return grades


def _congresses(report: Report, values: pd.DataFrame) -> Comparison:
    """Compare the printed mean of Paris with the index engine's, from the two printed years."""
    result = compute(report.framework, report.recipe, report.dataset)
    dataset = report.dataset
    direct = {unit for unit, code in result.own_values if code == "C3.2"}
    years = [dataset.column(f"C3.2.{name}") for name in ("earlier", "later")]
    rows = values[(values["node"] == "C3.2") & ~values["city_id"].isin(direct)]
    printed = [
        (dataset.basis[dataset.row(u)][years] == "printed").all()
        for u in rows["city_id"]
    ]
    rows = rows[printed]
    raw = result.raw[:, result.leaf_codes.index("C3.2")]
    means = [raw[dataset.row(unit)] for unit in rows["city_id"]]
    how = "mean of the two years where both are printed"
    cells = row_cells(rows, "value", means)
    return compare("indicator_values", "means-of-years", cells, tolerance=0.5, how=how)


def _papers(report: Report) -> Iterator[Comparison]:
    """Compare positions with scores, and scores with those of cities that have more of all."""
    rows = frame(report.published["table3_humanities_paper_index"])
    scores = rows["index_score_published"]
    places = scores.rank(ascending=False, method="min")
    cells = row_cells(rows, "position", places, node="B4.2")
    # The scale gives its best city 100, and no less than 60 to any.
    ends = (
        pd.Series([100.0, scores.min()]),
        pd.Series([scores.max(), max(scores.min(), 60.0)]),
    )
    cells += row_cells(rows.iloc[[0, -1]], *ends, node="B4.2")
    how = "position by the printed score; the best has 100, none less than 60"
    yield compare("table3_humanities_paper_index", "positions", cells, how=how)
    bounds = [
        scores[(rows[PAPERS] >= own).all(axis=1)].min()
        for _, own in rows[PAPERS].iterrows()
    ]
    bounded = [
        float(round_excel(min(pair), 1)) for pair in zip(scores, bounds, strict=True)
    ]
    cells = row_cells(rows, "index_score_published", bounded, node="B4.2")
    how = "no city scores more than one that has at least as much of all three sub-measures"
    yield compare("table3_humanities_paper_index", "dominance", cells, how=how)
