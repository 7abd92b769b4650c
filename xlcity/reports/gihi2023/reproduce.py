"""What of the printed numbers only code can compare: counts in the text, and disciplines."""

from __future__ import annotations

from collections.abc import Iterator

from xlcity.reports.comparison import (
    ComparedCell,
    Comparison,
    compare,
    frame,
    row_cells,
)
from xlcity.reports.report import Record, Report

#: Fields that are counted, and from how many a city among the first ten is a superstar.
FIELDS = 22
SUPERSTAR = 15
#: Cities that the text says to grow above the mean.
EMERGING = 9
#: Column of ranks in the table of totals -> the table of that pillar.
PILLARS = {"rank_a": "science", "rank_b": "innovation", "rank_c": "ecosystem"}


def ranks_beyond(report: Report) -> Iterator[Comparison]:
    """Cities of the table of totals that a pillar's table does not list come after its last."""
    totals = frame(report.published["total_scores"])
    for column, name in PILLARS.items():
        listed = frame(report.published[name])["city_id"]
        rows = totals[totals[column].notna() & ~totals["city_id"].isin(listed)]
        after = rows[column] > len(listed)
        cells = row_cells(rows, column, [None] * len(rows), node=column, right=after)
        how = "above a hundred"
        yield compare("total_scores", f"ranks beyond {name}", cells, how=how)


def other_count(report: Report, row: Record) -> Iterator[ComparedCell]:
    """Yield a count beside what the lists and tables of the report give."""
    units = report.dataset.units
    what = row["what"]
    region = {unit.id: unit.attributes["region"] for unit in units}
    prizes = report.published["fig6_fig7"].values("top_prize_winners")
    admin = report.published["metro_admin_cities"].rows
    counts = {
        "main": sum(unit.population == "main" for unit in units),
        "mini": sum(unit.population == "mini" for unit in units),
        "countries": len({unit.attributes["country"] for unit in units}),
        "continents": len({*region.values()}),
        "admin_cities": len({(r["city_id"], r["admin_city_zh"]) for r in admin}),
        # Winners of top prizes in the cities of a region that figure 7 shows.
        "winners": int(
            sum(n for u, n in prizes.items() if region[u] in row["region"].split("|"))
        ),
    }
    where = f"report line {row['report_line']}"
    yield ComparedCell(what, row["node"], int(row["value"]), counts[what], where)


def compare_disciplines(report: Report) -> Iterator[Comparison]:
    """Compare the order of hubs with what it is made from, and counts with lists."""
    rows = frame(report.published["discipline_facts"])
    facts = {
        metric: group.set_index("city_id")["value"]
        for metric, group in rows.groupby("metric")
    }
    fields = facts["disciplines_in_top10"]
    share = facts["mean_hcp_share"]
    # More fields among the first ten come first, ties by the mean share of highly cited papers.
    order = sorted(
        fields.index, key=lambda unit: (-fields[unit], -share.get(unit, 0.0))
    )
    printed = rows[
        (rows["metric"] == "overall_rank") & rows["city_id"].isin(fields.index)
    ]
    printed = printed.set_index("city_id", drop=False).loc[fields.index]
    positions = [order.index(unit) + 1 for unit in fields.index]
    right = []
    for unit, position, rank in zip(
        fields.index, positions, printed["value"], strict=True
    ):
        tied = fields.index[fields == fields[unit]]
        above = (fields > fields[unit]).sum()
        settled = len(tied) == 1 or tied.isin(share.index).all()
        possible = rank == position if settled else above < rank <= above + len(tied)
        # A city whose number of fields is not printed may stand between.
        right.append(possible or (rank > position and fields[unit] < fields.max()))
    cells = row_cells(printed, "value", positions, node="disciplines", right=right)
    yield compare(
        "discipline_facts", "order", cells, how="fields among the first ten, then share"
    )
    firsts = facts["disciplines_ranked_first"].sum()
    growing = len(facts["cagr_rank_emerging"])
    counts = [
        ComparedCell(
            "all", "disciplines_ranked_first", FIELDS, firsts, "report line 2098"
        ),
        ComparedCell("emerging", "cagr", EMERGING, growing, "report line 2237"),
    ]
    superstars = rows[rows["metric"] == "disciplines_in_top10"]
    number = superstars["value"]
    within = number.between(SUPERSTAR, FIELDS)
    counts += row_cells(superstars, number, number, node="metric", right=within)
    yield compare(
        "discipline_facts", "counts", counts, how="one first place a field; superstars"
    )
