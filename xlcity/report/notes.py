"""Notes below tables: how ranks are made, what marks mean, where print has other numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from xlcity.errors import counted
from xlcity.figures.contents import Label, joined
from xlcity.index.analysis import ESTIMATED_SIGN, MISSING_SIGN
from xlcity.index.compute import tie_rule
from xlcity.report.contents import (
    NOTHING,
    Field,
    Marked,
    ReportCell,
    ReportTable,
    rounded,
)
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, head, report_texts, say

#: Difference of equal scores at most.
_NOISE = 1e-9
#: Numbers that differ from print, at most, that a chapter lists.
_MOST_APART = 100


def rank_note(source: ReportSource, code: str, columns: Iterable[str] = ()) -> Label:
    """Return of which scores the ranks of a node are, and those of its children where shown."""
    key = "ranks.unrounded"
    step = ""
    if (decimals := source.rank_decimals(source.root)) is not None:
        key = (
            "ranks.mixed"
            if {*source.result.leaf_codes} & {*columns}
            else "ranks.rounded"
        )
        step = f"{10.0**-decimals:.{max(decimals, 0)}f}"
    tied = say(f"ties.{tie_rule(source.result.recipe, code)}")
    note = say(key, step=step, tied=tied, node=source.titles(code)["node"])
    return joined(note, limit_note(source, source.children(code)))


def limit_note(source: ReportSource, codes: Iterable[str]) -> Label:
    """Return where standardised values end, if that makes unlike values of a city group equal."""
    for code in codes:
        limit = source.limit(code)
        if limit is not None and _ties_at(source, code, limit):
            tied = say(f"ties.{tie_rule(source.result.recipe, code)}")
            return say("limits", limit=f"{limit:g}", tied=tied)
    return NOTHING


def _ties_at(source: ReportSource, code: str, limit: float) -> bool:
    """Tell whether cities of unlike values are at one limit of an indicator."""
    scores = source.scores(code)
    values = source.result.raw[:, source.result.leaf_codes.index(code)]
    at_ends = (values[np.abs(scores - end) < _NOISE] for end in (-limit, limit))
    return any(len({*ends.tolist()}) > 1 for ends in at_ends)


def dash_note(rows: Iterable[Sequence[ReportCell]]) -> Label:
    """Return what "—" means, where a table has one."""
    cells = (cell for row in rows for cell in row if not isinstance(cell, Label))
    return (
        say("dash")
        if any(cell is None or not np.isfinite(cell) for cell in cells)
        else NOTHING
    )


def cell_marks(rows: Iterable[Sequence[ReportCell]]) -> str:
    """Return the marks of gaps in cells, in the names of cities too."""
    cells = (cell for row in rows for cell in row if isinstance(cell, Marked | Label))
    texts = (cell.mark if isinstance(cell, Marked) else cell.en for cell in cells)
    return "".join(
        sign for sign in "".join(texts) if sign in (MISSING_SIGN, ESTIMATED_SIGN)
    )


def gap_note(text: str) -> Label:
    """Return what the marks of gaps in a text mean."""
    words = {MISSING_SIGN: "missing", ESTIMATED_SIGN: "estimated"}
    return joined(
        *(say(f"mark.{word}") for sign, word in words.items() if sign in text)
    )


def score_note(source: ReportSource, codes: Iterable[str]) -> Label:
    """Return that the scores of indicators are standardised, where some of these are."""
    return say("zscores") if any(map(source.is_standardised, codes)) else NOTHING


def change_note(
    source: ReportSource, code: str, columns: Iterable[str], population: str = ""
) -> Label:
    """Return among how many cities moves are, where a table has any and some came or went."""
    among = source.editions.moves_among(code, population or source.population)
    if "change" not in columns or not among:
        return NOTHING
    return say("changes.among", n=len(among))


def table(
    source: ReportSource,
    name: str,
    fields: Sequence[Field],
    rows: Sequence[Sequence[ReportCell]],
    *,
    kind: str = "",
    title: Label = NOTHING,
    code: str = "",
    units: Sequence[int] = (),
    across: int = 1,
    invented: bool = True,
    texts: Mapping[str, object] | None = None,
    notes: Sequence[Label] = (),
) -> ReportTable:
    """Return a table with the texts of its kind, `KIND.title` and `KIND.note`; `notes` follow.

    Parameters
    ----------
    title
        Its own title; then no text of its kind is taken.
    code
        The node that it is about; the root, if none is named.
    units
        Row of the data of each city, where a row of the table is one.
    """
    if title == NOTHING:
        words = {**source.titles(code or source.root), **(texts or {})}
        own = (report_texts()[f"{kind or name}.{part}"] for part in ("title", "note"))
        title, note = (filled(pattern, words) for pattern in own)
        notes = [note, *notes]
    note = joined(*notes)
    synthetic = source.synthetic if invented else 0
    dash = NOTHING if "—" in note.en else dash_note(rows)
    derived = source.derived_note if invented else NOTHING
    note = joined(note, dash, gap_note(cell_marks(rows)), derived)
    origin = say("source", name=Label(source.spec.name_zh, source.spec.name_en))
    ids = [source.units[row].id for row in units]
    return ReportTable(name, title, fields, rows, note, origin, synthetic, across, ids)


def group_suffix(source: ReportSource, population: str) -> tuple[str, Label]:
    """Return what follows ids and titles of what is about a group of cities, if there are more."""
    if len(source.result.populations) < 2:
        return "", NOTHING
    name = "" if population == source.population else f"-{population}"
    word = list_name(population)
    return name, Label(f"（{word.zh}）", f" ({word.en})")


def list_name(population: str) -> Label:
    """Return what a list of cities that are ranked together is called."""
    pattern = report_texts().get(f"population.{population}")
    return filled(pattern, {}) if pattern else Label(population)


def print_differences(
    source: ReportSource, code: str
) -> Iterator[tuple[int, str, str, str]]:
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


def print_note(
    source: ReportSource, codes: Iterable[str], rows: Iterable[int]
) -> Label:
    """Return how many scores and ranks of some cities in some nodes are not those of print."""
    chosen = {*rows}
    printed = {entry.node: entry for entry in source.spec.printed}
    compared = {*codes} & {*printed}
    is_derived = all(printed[code].by_construction for code in compared)
    if not compared:
        return NOTHING
    every = (
        difference
        for code in compared
        for difference in print_differences(source, code)
    )
    kinds = [what for row, what, *_ in every if row in chosen]
    if not kinds:
        return say("print.derived_same" if is_derived else "print.same")
    key = "print.derived" if is_derived else "print.differ"
    if source.synthetic:
        key = "print.invented"
    see = say("print.see") if lists_print_differences(source) else NOTHING
    apart = [(kinds.count(what), what) for what in ("score", "rank") if what in kinds]
    chinese = "、".join(f"{n}个{say(f'head.{what}').zh}" for n, what in apart)
    english = " and ".join(counted(n, what, f"{what}s") for n, what in apart)
    differ = Label(chinese, f"{english} {'differs' if len(kinds) == 1 else 'differ'}")
    return say(key, differ=differ, see=see)


def lists_print_differences(source: ReportSource) -> bool:
    """Tell whether a chapter lists what differs from print.

    Of data of one's own nearly all numbers do, on a dozen pages.
    """
    apart = (1 for code in source.nodes for _ in print_differences(source, code))
    return sum(apart) <= _MOST_APART


def print_table(source: ReportSource) -> ReportTable | None:
    """Return every score and rank that print has otherwise; none for invented data."""
    if source.synthetic:
        return None
    rows = [
        [name, source.city(row), say(f"head.{what}"), Label(own, own), Label(by, by)]
        for code in source.nodes
        for name in (source.titles(code)["titled"],)
        for row, what, own, by in print_differences(source, code)
    ]
    if not rows:
        return None
    numbers = [head(word, "score") for word in ("recomputed", "printed")]
    fields = [head("node"), head("city"), head("what"), *numbers]
    return table(
        source, "print-differences", fields, rows, across=2, texts={"n": len(rows)}
    )
