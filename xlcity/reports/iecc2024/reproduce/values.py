"""Values on the city pages and in the text: their ranks, repeats, growth and averages."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.functions.rounding import round_excel
from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    line_of,
)
from xlcity.reports.iecc2024.reproduce.tables import (
    CITIES,
    PrintedValue,
    best_texts,
    growth_interval,
    half_unit,
    printed_ranks,
    printed_values,
    this_edition,
)
from xlcity.reports.report import Record, Report

#: Growth is printed in per cent with one decimal.
GROWTH_TOLERANCE = 0.05


def strengths(report: Report) -> tuple[Comparison, ...]:
    """Compare ranks of values with the other values, and with the ranks of the nodes above."""
    return _value_ranks(report), _strengths_below_nodes(report)


def repeats_and_growth(report: Report) -> tuple[Comparison, ...]:
    """Compare values that are printed twice, growth and averages with each other."""
    return _repeats(report), _growth(report), _growth_in_text(report), _averages(report)


def _value_ranks(report: Report) -> Comparison:
    """Compare printed ranks of values with all printed values of the same measure."""
    by_code: dict[str, dict[str, PrintedValue]] = {}
    for entry in printed_values(report):
        direction = -1.0 if entry.code == "A1.4" else 1.0
        of_measure = by_code.setdefault(entry.code, {})
        old = of_measure.get(entry.unit)
        if old is None or (len(old.text), old.rank is not None) < (
            len(entry.text),
            entry.rank is not None,
        ):
            rank = entry.rank or (old.rank if old else None)
            of_measure[entry.unit] = PrintedValue(
                entry.code, entry.unit, entry.text, direction * entry.value, rank, entry.where
            )
    cells = []
    for row in report.published["profile_strengths"].rows:
        code, unit, rank = row["node"], row["city_id"], int(row["rank"])
        others = [v for v in by_code[code].values() if v.unit != unit]
        own = by_code[code][unit].value
        first = 1 + sum(other.value > own for other in others)
        last = CITIES - sum(other.value < own for other in others)
        right = first <= rank <= last and all(
            _agree(other, own, rank, equal_share=code != "B3.4") for other in others if other.rank
        )
        nearest = min(max(rank, first), last)
        cells.append(ComparedCell(unit, code, rank, nearest, line_of(row), right))
    how = "rank among 43 that the other printed values and ranks of the measure leave possible"
    return compare("profile_strengths", "ranks", cells, how=how)


def _agree(other: PrintedValue, own: float, rank: int, *, equal_share: bool) -> bool:
    """Tell whether two values and their ranks are in one order.

    Equal values share a rank; cities of one class of world cities do not.
    """
    assert other.rank is not None
    if other.value == own:
        return other.rank == rank or not equal_share
    return (other.rank < rank) == (other.value > own) and other.rank != rank


def _strengths_below_nodes(report: Report) -> Comparison:
    """Compare ranks of lone indicators with those of the node above, which clips and rounds."""
    ranks, framework = printed_ranks(report), report.framework
    cells = []
    for row in report.published["profile_strengths"].rows:
        code, unit = row["node"], row["city_id"]
        above = framework[code].parent if code in framework else None
        if above is None or len(framework.children(above)) > 1:
            continue
        rank, node_rank = int(row["rank"]), ranks[above][unit]
        where = line_of(row)
        cells.append(ComparedCell(unit, code, rank, node_rank, where, node_rank <= rank))
    how = "clipping and rounding make ties, so that the node's rank is at most the indicator's"
    return compare("profile_strengths", "ranks-of-lone-indicators", cells, how=how)


def _repeats(report: Report) -> Comparison:
    """Compare numbers that stand in several places with the one that has the most digits."""
    best = best_texts(report)
    seen: set[tuple[str, str]] = set()

    def cells() -> Iterator[ComparedCell]:
        for row in this_edition(report):
            key, text = (row["node"], row["city_id"]), row["value_printed"].replace(",", "")
            if not row["value"]:
                continue
            if text == best[key] and key not in seen:
                seen.add(key)
                continue
            shown = float(round_excel(float(best[key]), len(text.partition(".")[2])))
            where = line_of(row)
            yield ComparedCell(row["city_id"], row["node"], float(text), shown, where)

    how = "the same number wherever it is printed, rounded to its digits"
    return compare("indicator_values", "repeats", list(cells()), how=how)


def _growth(report: Report) -> Comparison:
    rows = report.published["profile_relative_progress"].rows
    cells = [_growth_cell(row, row["base_value"], row["current_value"]) for row in rows]
    how = "growth between the two printed numbers, each anywhere within half its last digit"
    return compare(
        "profile_relative_progress", "growth", cells, tolerance=GROWTH_TOLERANCE, how=how
    )


def _growth_cell(row: Record, base: str, current: str) -> ComparedCell:
    lowest, highest = growth_interval(base, current)
    printed, half = float(row["growth_pct"]), half_unit(row["growth_pct"])
    right = lowest <= printed + half and printed - half <= highest
    nearest = min(max(printed, lowest), highest)
    return ComparedCell(row["city_id"], row["node"], printed, nearest, line_of(row), right)


def _growth_in_text(report: Report) -> Comparison:
    """Compare growth stated in the text where the text, too, prints the number before."""
    before = {
        (row["node"], row["city_id"]): row["value_printed"].replace(",", "")
        for row in report.published["indicator_values"].rows
        if row["edition"] == "2022" and row["value"]
    }
    cells = [
        _growth_cell(
            row, before[row["node"], row["city_id"]], row["value_printed"].replace(",", "")
        )
        for row in report.published["indicator_values"].rows
        if row["growth_pct"]
        and row["where_in_text"] == "text"
        and (row["node"], row["city_id"]) in before
    ]
    how = "growth stated in the text, between the numbers printed anywhere"
    return compare("indicator_values", "growth-in-text", cells, tolerance=GROWTH_TOLERANCE, how=how)


def _averages(report: Report) -> Comparison:
    """Compare averages of the sample as the text states them with those on the city pages."""
    rows = report.published["sample_average_growth"].rows
    pages = {
        row["node"]: row["average_growth_pct"] for row in rows if row["where"] == "profile pages"
    }
    cells = []
    years: dict[str, list[float]] = {}
    for row in rows:
        if row["where"] == "profile pages":
            continue
        printed = float(row["average_growth_pct"])
        if row["where"].startswith("text: 20"):
            years.setdefault(row["node"], []).append(printed)
            continue
        where = line_of(row)
        cells.append(ComparedCell("", row["node"], printed, float(pages[row["node"]]), where))
    # The mean of two years grows by the mean of the two growths from the same base.
    for node, growths in years.items():
        mean, printed = sum(growths) / len(growths), float(pages[node])
        cells.append(
            ComparedCell("", node, printed, mean, "profile pages", abs(printed - mean) <= 0.3)
        )
    how = "the same average in the text; of congresses the mean of both years' growth"
    return compare("sample_average_growth", "averages", cells, tolerance=0.05, how=how)
