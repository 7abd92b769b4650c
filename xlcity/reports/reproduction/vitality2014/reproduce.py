"""Recompute the tables of the report: scores, ranks, correlations, classes, regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xlcity.assess import correlate
from xlcity.functions.rounding import round_excel
from xlcity.index import IndexResult, compute
from xlcity.reports.report import Report
from xlcity.reports.reproduction.comparison import (
    FLOAT_GUARD,
    ComparedCell,
    Comparison,
    compare,
    line_of,
    permutation_cells,
    rank_cells,
    scores_by_unit,
)
from xlcity.reports.reproduction.vitality2014.classes import compare_clusters
from xlcity.reports.reproduction.vitality2014.places import compare_facts, compare_regions
from xlcity.reports.reproduction.vitality2014.predictor import compare_regression

DOMAINS = ("S", "C", "E", "P")
TOTAL = "VIT"
#: The option that weighs domains alike; the recipe itself weighs indicators alike.
EQUAL_DOMAINS = "equal-domains"
#: Half a unit of the second decimal, which scores are printed to.
HALF_DIGIT = 0.005
#: Half a unit of the third decimal, which correlations and p values are printed to.
THIRD_DECIMAL = 0.0005


def reproduce(report: Report) -> tuple[Comparison, ...]:
    """Compare every printed number that other printed numbers determine."""
    by_indicators = compute(report.framework, report.recipe, report.dataset)
    by_domains = compute(report.framework, report.recipe.with_option(EQUAL_DOMAINS), report.dataset)
    return (
        _lattice(report),
        _scores(report, by_indicators),
        *_ranks(report, by_domains, by_indicators),
        _top_ten(report),
        *_correlations(report, by_indicators),
        *compare_regression(report, by_domains, by_indicators),
        *compare_clusters(report, by_indicators),
        *compare_regions(report),
        *compare_facts(report, by_indicators),
    )


def _lattice(report: Report) -> Comparison:
    """Domain scores are means of ranks x 100/N: only multiples of 100/(N k) can be printed."""
    table = report.published["domain_scores"]
    cells = []
    for code in DOMAINS:
        column = table.column_of(code)
        assert column is not None
        steps = len(table.rows) * len(report.framework.children(code))
        for unit, score in table.values(column).items():
            nearest = round(score * steps / 100) * 100 / steps
            shown = float(round_excel(nearest, 2))
            cells.append(ComparedCell(unit, code, score, shown, f"chart {_chart(report, unit)}"))
    return compare(
        "domain_scores", "lattice", cells, how="a multiple of 100/(46 k), k the domain's indicators"
    )


def _scores(report: Report, result: IndexResult) -> Comparison:
    """Domain scores are the data themselves: no evidence, and marked so."""
    table = report.published["domain_scores"]
    cells = [
        ComparedCell(
            unit, code, score, scores_by_unit(result, code)[unit], f"chart {_chart(report, unit)}"
        )
        for column, code in table.nodes.items()
        for unit, score in table.values(column).items()
    ]
    how = "entered as they are printed"
    return compare("domain_scores", "scores", cells, by_construction=True, how=how)


def _chart(report: Report, unit: str) -> str:
    rows = report.published["domain_scores"].rows
    return next(row["chart"] for row in rows if row["city_id"] == unit)


def _keys(result: IndexResult, code: str) -> dict[str, float]:
    """Return the scores as ranks compare them, without the noise of the last digits."""
    keys = result.keys[:, result.node_codes.index(code)].tolist()
    return dict(zip((unit.id for unit in result.dataset.units), keys, strict=True))


def _printed_ranks(report: Report) -> dict[str, list[tuple[str, int]]]:
    """Return (unit, printed rank) by node, in the order of the lists."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for row in report.published["ranks"].rows:
        place = row["city_id"], int(row["rank_printed"]), int(row["list_position"])
        found.setdefault(row["node"], []).append(place)
    return {
        node: [(unit, rank) for unit, rank, _ in sorted(places, key=lambda p: p[2])]
        for node, places in found.items()
    }


def _ranks(
    report: Report, by_domains: IndexResult, by_indicators: IndexResult
) -> Iterator[Comparison]:
    printed = _printed_ranks(report)
    charts = {row["node"]: f"chart {row['chart']}" for row in report.published["ranks"].rows}
    domains = [
        cell
        for code in DOMAINS
        for cell in rank_cells(code, dict(printed[code]), _keys(by_domains, code), charts[code])
    ]
    yield compare("ranks", "ranks", domains, how="domains: order of the printed scores")
    for what, result, how in (
        ("ranks-equal-domains", by_domains, "total: mean of the four printed domain scores"),
        (
            "ranks-equal-indicators",
            by_indicators,
            "total: printed domain scores weighted by their indicators (5, 3, 5, 4)",
        ),
    ):
        cells = _possible_ranks(dict(printed[TOTAL]), _keys(result, TOTAL), charts[TOTAL])
        yield compare("ranks", what, cells, how=f"{how}, as their printed digits allow")
    in_order = [
        cell
        for code, ranks in printed.items()
        for cell in permutation_cells(code, ranks, charts[code])
    ]
    yield compare("ranks", "rank-sequence", in_order, how="1 to 46, each once, in printed order")


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


def _top_ten(report: Report) -> Comparison:
    """Compare the lists in the text with the tables of ranks."""
    printed = _printed_ranks(report)
    cells = []
    for row in report.published["top_ten"].rows:
        unit, node, where = row["city_id"], row["node"], f"place {row['place']}, {line_of(row)}"
        found, _ = printed[node][int(row["place"]) - 1]
        cells.append(ComparedCell(unit, node, unit, found, where))
    return compare("top_ten", "order", cells, how="the city at that place of the printed table")


def _correlations(report: Report, result: IndexResult) -> tuple[Comparison, ...]:
    found = correlate(result, DOMAINS)
    rows = report.published["correlations"].rows
    apart = [row for row in rows if row["row_node"] != row["col_node"]]

    def cells(chosen: Sequence[Mapping[str, str]], column: str) -> Iterator[ComparedCell]:
        for row in chosen:
            one, other = row["row_node"], row["col_node"]
            r, p, n = found.at(one, other)
            where = line_of(row)
            pair = f"{one}-{other}"
            if column == "flag":
                yield ComparedCell("", pair, row["flag"], found.flag(one, other), where)
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
    for (one, other), r in printed.items():
        if DOMAINS.index(one) > DOMAINS.index(other):
            yield ComparedCell("", f"{one}-{other}", r, printed[other, one])
