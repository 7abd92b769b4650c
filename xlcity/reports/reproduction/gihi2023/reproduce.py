"""Recompute what the printed numbers of the report determine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from xlcity.functions.rounding import round_excel
from xlcity.reports.report import PublishedTable, Record, Report
from xlcity.reports.reproduction.comparison import (
    ComparedCell,
    Comparison,
    compare,
    compare_ranks,
    line_of,
    rank_cells,
    row_cells,
    same_cells,
)
from xlcity.reports.reproduction.gihi2023.counts import compare_counts
from xlcity.reports.reproduction.gihi2023.disciplines import compare_disciplines
from xlcity.reports.reproduction.gihi2023.fit import HALF_DIGIT, compare_map, described, map_cells

TOTALS = ("total_scores", "minihubs")
#: Table of each pillar, by the four sub-pillars under it.
PILLARS = {"A": "science", "B": "innovation", "C": "ecosystem"}
#: High-quality AI patents that the shares of IPC groups are taken of.
AI_PATENTS = 118_764


def reproduce(report: Report) -> tuple[Comparison, ...]:
    """Compare every printed number that other printed numbers determine."""
    return (
        *_maps(report),
        _figures(report),
        *_ranks(report),
        *_across(report),
        *_history(report),
        _shares(report),
        *compare_counts(report),
        *compare_disciplines(report),
    )


def _maps(report: Report) -> Iterator[Comparison]:
    """Totals of three pillars, pillars of four sub-pillars: each one map for all its cities."""
    published, framework = report.published, report.framework
    root = framework.root.code
    for name in TOTALS:
        yield compare_map(published[name], root, [c.code for c in framework.children(root)])
    for code, name in PILLARS.items():
        yield compare_map(published[name], code, [c.code for c in framework.children(code)])


def _figures(report: Report) -> Comparison:
    """Fit the scores in A1 of the twenty best cities to their indicators 01 and 02."""
    scores = {row["city_id"]: row["score_a1"] for row in report.published["science"].rows}
    rows: list[Record] = [
        {**row, "score_a1": scores[row["city_id"]]} for row in report.published["fig6_fig7"].rows
    ]
    columns = {"active_researchers_per_million": HALF_DIGIT, "top_prize_winners": 0.0}
    found, cells = map_cells(rows, "A1", "score_a1", columns, "table 5, figures 6 and 7")
    how = described(found, ("01", "02"))
    return compare("fig6_fig7", "map A1", cells, tolerance=found.bound, how=how)


def _column(table: PublishedTable, code: str) -> dict[str, float]:
    column = table.column_of(code)
    assert column is not None
    return table.values(column)


def printed_ranks(table: PublishedTable, code: str) -> dict[str, int]:
    """Return the ranks by a node that a table prints."""
    column = next(name for name, node in table.ranks.items() if node == code)
    return {row["city_id"]: int(row[column]) for row in table.rows if row[column]}


def _ranks(report: Report) -> Iterator[Comparison]:
    """Ranks follow the printed scores, and run without repetition where a table is ordered by them.

    A pillar's own table has the scores of all its first hundred cities; table 2 lists a hundred by
    the total, so that of its pillar ranks those are compared that the pillar's table has, too.
    """
    published = report.published
    root = report.framework.root.code
    listed = [(published["total_scores"], root)]
    listed += [(published[name], code) for code, name in PILLARS.items()]
    for table, code in listed:
        ranks, where = [*printed_ranks(table, code).items()], f"table {table.label}"
        yield from compare_ranks(table.name, code, ranks, _column(table, code), where)
    mini = published["minihubs"]
    cells = [
        cell
        for code in (root, *PILLARS)
        for cell in rank_cells(code, printed_ranks(mini, code), _column(mini, code), "table 4")
    ]
    yield compare("minihubs", "ranks", cells, how="order of the printed scores")


def _across(report: Report) -> Iterator[Comparison]:
    """Scores and ranks of a pillar in table 2 are those of the pillar's own table."""
    totals = report.published["total_scores"]
    for code, name in PILLARS.items():
        own = report.published[name]
        scores, ranks = _column(own, code), printed_ranks(own, code)
        where = f"tables 2 and {own.label}"
        listed = printed_ranks(totals, code)
        cells = same_cells(code, _column(totals, code), scores, where)
        yield compare("total_scores", f"scores {code}", cells, how=f"the same as in {name}")
        cells = same_cells(code, listed, ranks, where)
        yield compare("total_scores", f"ranks {code}", cells, how=f"the same as in {name}")
        # A city that the pillar's table does not list has a rank beyond its last.
        beyond = [
            ComparedCell(unit, code, rank, None, where, right=rank > len(ranks))
            for unit, rank in listed.items()
            if unit not in ranks
        ]
        if beyond:
            yield compare("total_scores", f"ranks beyond {name}", beyond, how="above a hundred")


def _history(report: Report) -> Iterator[Comparison]:
    """Compare ranks of 2023 with the tables of scores; look for repetition in earlier ones."""
    published = report.published
    root = report.framework.root.code
    current = {root: printed_ranks(published["total_scores"], root)}
    current |= {code: printed_ranks(published[name], code) for code, name in PILLARS.items()}
    rows = published["rank_history"].rows
    cells = row_cells(rows, "rank_2023", lambda row: current[row["node"]][row["city_id"]])
    yield compare("rank_history", "ranks", cells, how="the same as in the tables of scores")
    once = []
    for year in ("rank_2022", "rank_2021"):
        printed = Counter((row["node"], row[year]) for row in rows)
        once += [
            ComparedCell(
                row["city_id"], row["node"], 1, printed[row["node"], row[year]], line_of(row)
            )
            for row in rows
            if row[year]
        ]
    yield compare("rank_history", "earlier-ranks", once, how="each rank of a year occurs once")


def _shares(report: Report) -> Comparison:
    """Shares of IPC groups are their patents over all high-quality AI patents."""
    cells = []
    for row in report.published["ai_ipc_top30"].rows:
        share = float(round_excel(100 * int(row["high_quality_patents"]) / AI_PATENTS, 2))
        printed = float(row["share_of_total_pct"])
        cells.append(ComparedCell(row["ipc"], "AI", printed, share, line_of(row)))
    how = f"patents of the group of {AI_PATENTS}, in per cent"
    return compare("ai_ipc_top30", "shares", cells, how=how)
