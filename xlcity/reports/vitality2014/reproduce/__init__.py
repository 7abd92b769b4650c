"""Recompute the tables of the report: scores, ranks, correlations, classes, regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xlcity.assess import correlate
from xlcity.index import IndexResult, compute
from xlcity.reports.comparison import (
    FLOAT_GUARD,
    ComparedCell,
    Comparison,
    compare,
    line_of,
    row_cells,
)
from xlcity.reports.report import Record, Report

DOMAINS = ("S", "C", "E", "P")
TOTAL = "VIT"
#: The option that weighs domains alike; the recipe itself weighs indicators alike.
EQUAL_DOMAINS = "equal-domains"
#: Half a unit of the second decimal, which scores are printed to.
HALF_DIGIT = 0.005
#: Half a unit of the third decimal, which correlations and p values are printed to.
THIRD_DECIMAL = 0.0005


def by_indicators(report: Report) -> IndexResult:
    """Return the index with weights by indicators, which is that of the recipe."""
    return compute(report.framework, report.recipe, report.dataset)


def by_domains(report: Report) -> IndexResult:
    """Return the index with equal weights of the domains."""
    return compute(report.framework, report.recipe.with_option(EQUAL_DOMAINS), report.dataset)


def _keys(result: IndexResult, code: str) -> dict[str, float]:
    """Return the scores as ranks compare them, without the noise of the last digits."""
    keys = result.keys[:, result.node_codes.index(code)].tolist()
    return dict(zip((unit.id for unit in result.dataset.units), keys, strict=True))


def totals(report: Report) -> Iterator[Comparison]:
    """Ranks of the total, under both readings of its weights."""
    rows = [row for row in report.published["ranks"].rows if row["node"] == TOTAL]
    ranks = {row["city_id"]: int(row["rank_printed"]) for row in rows}
    for what, result, how in (
        (
            "ranks-equal-domains",
            by_domains(report),
            "total: mean of the four printed domain scores",
        ),
        (
            "ranks-equal-indicators",
            by_indicators(report),
            "total: printed domain scores weighted by their indicators (5, 3, 5, 4)",
        ),
    ):
        where = f"chart {rows[0]['chart']}"
        cells = _possible_ranks(ranks, _keys(result, TOTAL), where)
        yield compare("ranks", what, cells, how=f"{how}, as their printed digits allow")


def _possible_ranks(
    ranks: Mapping[str, int], totals: Mapping[str, float], where: str
) -> list[ComparedCell]:
    """Compare the ranks of totals that are means of printed scores, each off by half a digit.

    Two totals may be off by as much in opposite directions: a rank is wrong where no totals within
    these bounds give it. The computed rank shown is that of the totals as they are.
    """
    cells = []
    for unit, rank in ranks.items():
        leads = [total - totals[unit] for other, total in totals.items() if other != unit]
        surely = sum(lead > 2 * HALF_DIGIT + FLOAT_GUARD for lead in leads)
        maybe = sum(lead >= -2 * HALF_DIGIT - FLOAT_GUARD for lead in leads)
        computed = 1 + sum(lead > 0 for lead in leads)
        right = 1 + surely <= rank <= 1 + maybe
        cells.append(ComparedCell(unit, TOTAL, rank, computed, where, right=right))
    return cells


def top_ten(report: Report) -> Iterator[Comparison]:
    """Compare the lists in the text with the tables of ranks."""
    listed = {
        (row["node"], row["list_position"]): row["city_id"]
        for row in report.published["ranks"].rows
    }

    def city_at(row: Record) -> str:
        return listed[row["node"], row["place"]]

    def where(row: Record) -> str:
        return f"place {row['place']}, {line_of(row)}"

    cells = row_cells(report.published["top_ten"].rows, "city_id", city_at, str, where=where)
    yield compare("top_ten", "order", cells, how="the city at that place of the printed table")


def correlations(report: Report) -> tuple[Comparison, ...]:
    """Compare coefficients, p values, flags and n with those of the printed scores."""
    correlated = correlate(by_indicators(report), DOMAINS)
    rows = report.published["correlations"].rows
    apart = [row for row in rows if row["row_node"] != row["col_node"]]

    def cells(chosen: Sequence[Mapping[str, str]], column: str) -> Iterator[ComparedCell]:
        for row in chosen:
            first, second = row["row_node"], row["col_node"]
            r, p, n = correlated.at(first, second)
            where = line_of(row)
            pair = f"{first}-{second}"
            if column == "flag":
                yield ComparedCell("", pair, row["flag"], correlated.flag(first, second), where)
            else:
                computed = {"r": r, "p": p, "n": float(n)}[column]
                yield ComparedCell("", pair, float(row[column]), computed, where)

    how = "Pearson, from the printed domain scores"
    table = "correlations"
    return (
        compare(table, "r", cells(rows, "r"), tolerance=THIRD_DECIMAL, how=how),
        compare(table, "p", cells(apart, "p"), tolerance=THIRD_DECIMAL, how="two-sided, t test"),
        compare(table, "flags", cells(apart, "flag"), how="** for p < .01"),
        compare(table, "n", cells(rows, "n"), how="cities"),
        compare(table, "symmetry", _mirrored(rows), how="the same number on both sides"),
    )


def _mirrored(rows: Sequence[Mapping[str, str]]) -> Iterator[ComparedCell]:
    """Compare each coefficient below the diagonal with the one above it."""
    printed = {(row["row_node"], row["col_node"]): float(row["r"]) for row in rows}
    for (first, second), r in printed.items():
        if DOMAINS.index(first) > DOMAINS.index(second):
            yield ComparedCell("", f"{first}-{second}", r, printed[second, first])
