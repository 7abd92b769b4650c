"""Constructed indicators: sums of band weights, grades of dust, means of years, table 3."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement

from xlcity.functions.construct import BAND_UPPERS, BAND_WEIGHTS, pm25_grade
from xlcity.functions.rounding import round_excel
from xlcity.index import compute
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    line_of,
    row_cells,
)
from xlcity.reports.iecc2024.reproduce.tables import half_unit, printed_values
from xlcity.reports.report import Record, Report

#: A printed index of universities is taken for a sum of at most so many weights.
MOST_UNIVERSITIES = 6
PAPERS = ("highly_cited_papers", "highly_cited_share_pct", "hot_papers")


def compare_constructed(report: Report) -> tuple[Comparison, ...]:
    """Compare indicators with what they are made from, as far as that is printed."""
    return (
        _band_weights(report),
        _band_sums(report),
        _grades(report),
        _grades_of_cities(report),
        _congresses(report),
        _papers_order(report),
        _papers_dominance(report),
    )


def _band_weights(report: Report) -> Comparison:
    """Compare the table of weights with the function's defaults, which come from it."""
    cells = []
    for row, upper, weight in zip(
        report.published["university_band_weights"].rows, BAND_UPPERS, BAND_WEIGHTS, strict=True
    ):
        where = line_of(row)
        last = float(row["rank_band"].split("-")[1])
        cells.append(ComparedCell("", "B4.3", _expression(row["weight_expr"]), weight, where))
        cells.append(ComparedCell("", "B4.3", last, upper, where))
    how = "weights and last ranks of the function BAND_INDEX, taken from this table"
    return compare("university_band_weights", "weights", cells, by_construction=True, how=how)


def _expression(text: str) -> float:
    """Return 1 or 1/sqrt(n)."""
    root = text.removeprefix("1/sqrt(").rstrip(")")
    return 1.0 if text == "1" else 1 / math.sqrt(float(root))


def _band_sums(report: Report) -> Comparison:
    sums = {
        math.fsum(chosen)
        for count in range(1, MOST_UNIVERSITIES + 1)
        for chosen in combinations_with_replacement(BAND_WEIGHTS, count)
    }
    cells = []
    for entry in printed_values(report):
        if entry.code == "B4.3":
            nearest = min(sums, key=lambda total, value=entry.value: abs(total - value))  # type: ignore[misc]
            right = abs(nearest - entry.value) <= half_unit(entry.text)
            cells.append(ComparedCell(entry.unit, "B4.3", entry.value, nearest, entry.where, right))
    how = f"nearest sum of at most {MOST_UNIVERSITIES} band weights"
    return compare("indicator_values", "band-sums", cells, tolerance=0.005, how=how)


def _grades(report: Report) -> Comparison:
    """Compare the table of grades with the function, whose grades come from it."""
    cells = []
    for row in report.published["pm25_grades"].rows:
        low, high = row["lower_exclusive_ug_m3"], row["upper_inclusive_ug_m3"]
        where = line_of(row)
        inside = [float(low) + 0.1, float(high) if high else float(low) * 10]
        scores = pm25_grade(inside).values.ravel().tolist()
        cells += [ComparedCell("", "A1.3", float(row["score"]), score, where) for score in scores]
    how = "function PM25_GRADE just above and at the bounds of each grade, taken from this table"
    return compare("pm25_grades", "scores", cells, by_construction=True, how=how)


def _grades_of_cities(report: Report) -> Comparison:
    """Compare printed points: whole ones from 1 to 7, with ranks that so few values can have."""
    cells = []
    toronto = {
        row["edition"]: row
        for row in report.published["indicator_values"].rows
        if row["node"] == "A1.3.raw"
    }
    for entry in printed_values(report):
        if entry.code == "A1.3":
            grade = float(min(max(round(entry.value), 1), 7))
            cells.append(ComparedCell(entry.unit, "A1.3", entry.value, grade, entry.where))
    # The text tells of a fall by one grade.
    now, before = (
        pm25_grade([float(toronto[edition]["value"])]).values[0, 0] for edition in ("2024", "2022")
    )
    where = line_of(toronto["2024"])
    cells.append(
        ComparedCell("toronto", "A1.3", "falls", "falls" if now < before else "stays", where)
    )
    how = "printed points are grades; Toronto's fall follows from its two concentrations"
    return compare("indicator_values", "grades", cells, how=how)


def _congresses(report: Report) -> Comparison:
    """Compare the printed mean of Paris with the index engine's, from the two printed years."""
    result = compute(report.framework, report.recipe, report.dataset)
    column = result.leaf_codes.index("C3.2")
    direct = {mark.unit for mark in result.marks if (mark.kind, mark.code) == ("direct", "C3.2")}
    status = dict(zip(report.dataset.codes, report.dataset.basis.T, strict=True))
    cells = []
    for entry in printed_values(report):
        row = report.dataset.row(entry.unit)
        given = {str(status[f"C3.2.{name}"][row]) for name in ("earlier", "later")}
        if entry.code == "C3.2" and entry.unit not in direct and given == {"printed"}:
            mean = float(result.raw[row, column])
            cells.append(ComparedCell(entry.unit, "C3.2", entry.value, mean, entry.where))
    how = "mean of the two years where both are printed"
    return compare("indicator_values", "means-of-years", cells, tolerance=0.5, how=how)


def _papers_order(report: Report) -> Comparison:
    rows = report.published["table3_humanities_paper_index"].rows
    scores = [float(row["index_score_published"]) for row in rows]

    def position(row: Record) -> int:
        # The greatest score comes first.
        own = float(row["index_score_published"])
        return 1 + sum(other > own for other in scores)

    cells = row_cells(rows, "position", position, node="B4.2")
    # The scale gives its best city 100, and no less than 60 to any.
    best, lowest = max(scores), min(scores)
    cells.append(ComparedCell(rows[0]["city_id"], "B4.2", 100.0, best, line_of(rows[0])))
    cells.append(
        ComparedCell(rows[-1]["city_id"], "B4.2", lowest, max(lowest, 60.0), line_of(rows[-1]))
    )
    how = "position by the printed score; the best has 100, none less than 60"
    return compare("table3_humanities_paper_index", "positions", cells, how=how)


def _papers_dominance(report: Report) -> Comparison:
    """Compare scores: at least as much in all three sub-measures is at least as high a score."""
    rows = report.published["table3_humanities_paper_index"].rows

    def bounded(row: Record) -> float:
        better = (
            float(other["index_score_published"])
            for other in rows
            if all(float(other[name]) >= float(row[name]) for name in PAPERS)
        )
        score = float(row["index_score_published"])
        return float(round_excel(min(score, *better), 1))

    cells = row_cells(rows, "index_score_published", bounded, float, node="B4.2")
    how = "no city scores more than one that has at least as much of all three sub-measures"
    return compare("table3_humanities_paper_index", "dominance", cells, how=how)
