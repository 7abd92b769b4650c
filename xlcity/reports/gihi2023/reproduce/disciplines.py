"""Statements of the chapter on disciplines that concern one thing twice."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.comparison import ComparedCell, Comparison, compare, line_of
from xlcity.reports.report import Report

#: Fields that are counted, and from how many a city among the first ten is a superstar.
FIELDS, SUPERSTAR = 22, 15
#: Cities that the text says to grow above the mean.
EMERGING = 9


def compare_disciplines(report: Report) -> Iterator[Comparison]:
    """Compare the order of hubs with what it is made from, and counts with lists."""
    facts: dict[str, dict[str, float]] = {}
    lines: dict[tuple[str, str], str] = {}
    for row in report.published["discipline_facts"].rows:
        facts.setdefault(row["metric"], {})[row["city_id"]] = float(row["value"])
        lines[row["metric"], row["city_id"]] = line_of(row)
    rank, fields = facts["overall_rank"], facts["disciplines_in_top10"]
    share = facts["mean_hcp_share"]
    # More fields among the first ten come first, ties by the mean share of highly cited papers.
    order = sorted(fields, key=lambda unit: (-fields[unit], -share.get(unit, 0.0)))
    cells = []
    for unit, count in fields.items():
        tied = [other for other in fields if fields[other] == count]
        settled = all(other in share for other in tied) or len(tied) == 1
        above = sum(other > count for other in fields.values())
        position = order.index(unit) + 1
        right = rank[unit] == position if settled else above < rank[unit] <= above + len(tied)
        # A city whose number of fields is not printed may stand between.
        right = right or (rank[unit] > position and count < max(fields.values()))
        where = lines["overall_rank", unit]
        cells.append(ComparedCell(unit, "disciplines", rank[unit], position, where, right=right))
    yield compare("discipline_facts", "order", cells, how="fields among the first ten, then share")
    firsts = sum(facts["disciplines_ranked_first"].values())
    counts = [
        ComparedCell("all", "disciplines_ranked_first", FIELDS, firsts, "report line 2098"),
        ComparedCell(
            "emerging", "cagr", EMERGING, len(facts["cagr_rank_emerging"]), "report line 2237"
        ),
    ]
    what = "disciplines_in_top10"
    counts += [
        ComparedCell(
            unit, what, count, count, lines[what, unit], right=SUPERSTAR <= count <= FIELDS
        )
        for unit, count in fields.items()
    ]
    yield compare("discipline_facts", "counts", counts, how="one first place a field; superstars")
    sequences = []
    for metric in ("overall_rank", "publication_total_rank", "cagr_rank_emerging"):
        sequences += [
            ComparedCell(unit, metric, value, position, lines[metric, unit])
            for position, (unit, value) in enumerate(facts[metric].items(), start=1)
        ]
    yield compare("discipline_facts", "sequences", sequences, how="1 to n, each once, as listed")
