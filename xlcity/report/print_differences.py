"""What of an index print has too: where recomputed numbers differ from it, said and listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, ReportTable, rounded
from xlcity.report.notes import table
from xlcity.report.source import ReportSource
from xlcity.report.texts import head, say


def print_differences(source: ReportSource, code: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield where scores and ranks of a node differ from the printed ones.

    City, "score" or "rank", the recomputed number and the printed one.
    """
    rows = source.result.dataset.rows
    for printed in source.spec.printed:
        if printed.node != code:
            continue
        for unit, text in printed.scores.items():
            score = source.score(rows[unit], code) if text and unit in rows else None
            if score is not None:
                decimals = len(text.partition(".")[2])
                own = f"{rounded(score, decimals):.{decimals}f}"
                if float(own) != float(text):
                    yield rows[unit], "score", own, text
        for unit, printed_rank in printed.ranks.items():
            rank = source.rank(rows[unit], code) if unit in rows else None
            if rank is not None and rank != printed_rank:
                yield rows[unit], "rank", str(rank), str(printed_rank)


def print_note(source: ReportSource, codes: Iterable[str], rows: Iterable[int]) -> Label:
    """Return how many scores and ranks of some cities in some nodes are not those of print."""
    chosen, compared = {*rows}, {*codes} & {printed.node for printed in source.spec.printed}
    if not compared:
        return NOTHING
    every = (difference for code in compared for difference in print_differences(source, code))
    kinds = [what for row, what, *_ in every if row in chosen]
    if not kinds:
        return say("print.same")
    key = "print.invented" if source.synthetic else "print.differ"
    return say(key, scores=kinds.count("score"), ranks=kinds.count("rank"))


def print_table(source: ReportSource) -> ReportTable | None:
    """Return every score and rank that print has otherwise; none for invented data."""
    if source.synthetic:
        return None
    rows = [
        [source.node(code), source.city(row), say(f"head.{what}"), Label(own, own), Label(by, by)]
        for code in source.nodes
        for row, what, own, by in print_differences(source, code)
    ]
    if not rows:
        return None
    numbers = [head(word, "score") for word in ("recomputed", "printed")]
    fields = [head("node"), head("city"), head("what"), *numbers]
    return table(source, "print-differences", fields, rows, texts={"n": len(rows)})
