"""Notes below tables: how ranks are made, what marks mean, where print has other numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from xlcity.errors import counted
from xlcity.figures.contents import Label, joined, listed
from xlcity.index.analysis import ESTIMATED_SIGN, MISSING_SIGN
from xlcity.index.compute import tie_rule
from xlcity.report.contents import (
    NOTHING,
    Cells,
    Marked,
    ReportCell,
    ReportTable,
    TableContent,
    rounded,
)
from xlcity.report.source import ReportSource
from xlcity.report.texts import filled, heads, report_texts, say
from xlcity.reports.report import PublishedScores

#: Difference of equal scores at most.
_NOISE = 1e-9
#: Numbers that differ from print, at most, that a chapter lists.
_MOST_APART = 100
#: Columns of the table of these.
_APART = ("node", "city", "what", "recomputed", "printed")
#: Marks of gaps, and the texts that say what they mean.
_MARKS = {MISSING_SIGN: "mark.missing", ESTIMATED_SIGN: "mark.estimated"}


def rank_note(source: ReportSource, code: str, columns: Iterable[str] = ()) -> Label:
    """Return of which scores the ranks of a node are, and those of its children where shown."""
    key = "ranks.unrounded"
    step = ""
    decimals = source.rank_decimals(source.root)
    if decimals is not None:
        has_indicators = not {*source.result.leaf_codes}.isdisjoint(columns)
        key = "ranks.mixed" if has_indicators else "ranks.rounded"
        unit = 10.0**-decimals
        step = f"{unit:.{max(decimals, 0)}f}"
    node = source.titles(code)["node"]
    note = say(key, step=step, tied=_tied(source, code), node=node)
    return joined(note, limit_note(source, source.children(code)))


def _tied(source: ReportSource, code: str) -> Label:
    """Return what rank cities with equal scores in a node have."""
    return say(f"ties.{tie_rule(source.result.recipe, code)}")


def limit_note(source: ReportSource, codes: Iterable[str]) -> Label:
    """Return where standardised values end, if that makes unlike values of a city group equal."""
    for code in codes:
        limit = source.limit(code)
        if limit is not None and _ties_at(source, code, limit):
            return say("limits", limit=f"{limit:g}", tied=_tied(source, code))
    return NOTHING


def _ties_at(source: ReportSource, code: str, limit: float) -> bool:
    """Tell whether cities of unlike values are at one limit of an indicator."""
    scores = source.scores(code)
    values = source.values(code)
    lowest = values[np.abs(scores + limit) < _NOISE].tolist()
    highest = values[np.abs(scores - limit) < _NOISE].tolist()
    return any(len({*ends}) > 1 for ends in (lowest, highest))


def dash_note(rows: Iterable[Sequence[ReportCell]]) -> Label:
    """Return what "—" means, where a table has one."""
    for cell in chain.from_iterable(rows):
        if not isinstance(cell, Label) and (cell is None or not np.isfinite(cell)):
            return say("dash")
    return NOTHING


def cell_marks(rows: Iterable[Sequence[ReportCell]]) -> str:
    """Return the marks of gaps in cells, in the names of cities too."""
    texts = map(_marked_text, chain.from_iterable(rows))
    return "".join(sign for sign in "".join(texts) if sign in _MARKS)


def _marked_text(cell: ReportCell) -> str:
    """Return what may have marks of gaps in a cell."""
    if isinstance(cell, Marked):
        return cell.mark
    return cell.en if isinstance(cell, Label) else ""


def gap_note(text: str) -> Label:
    """Return what the marks of gaps in a text mean."""
    meanings = [say(key) for sign, key in _MARKS.items() if sign in text]
    return joined(*meanings)


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
    content: TableContent,
    *,
    kind: str = "",
    code: str = "",
    texts: Mapping[str, object] | None = None,
) -> ReportTable:
    """Return a table with the texts of its kind, `KIND.title` and `KIND.note`.

    Parameters
    ----------
    kind
        Its kind; without one it is that of its name.
    code
        The node that it is about; the root, if none is named.
    texts
        What its texts are filled with, besides the names of the node.
    """
    words = {**source.titles(code or source.root), **(texts or {})}
    kind = kind or name
    note = say(f"{kind}.note", **words)
    content = replace(content, notes=[note, *content.notes])
    return titled_table(source, name, say(f"{kind}.title", **words), content)


def titled_table(
    source: ReportSource, name: str, title: Label, content: TableContent
) -> ReportTable:
    """Return a table under a title, with what its marks mean and where it is from."""
    note = joined(*content.notes)
    dash = NOTHING if "—" in note.en else dash_note(content.rows)
    gaps = gap_note(cell_marks(content.rows))
    derived = NOTHING if content.as_printed else source.derived_note
    return ReportTable(
        name,
        title,
        content.fields,
        content.rows,
        note=joined(note, dash, gaps, derived),
        source=say("source", name=Label(source.spec.name_zh, source.spec.name_en)),
        synthetic=0 if content.as_printed else source.synthetic,
        across=content.across,
        units=[source.units[row].id for row in content.units],
    )


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


class PrintDifference(NamedTuple):
    """A score or rank of a city, recomputed and as a report printed it."""

    row: int
    what: str
    recomputed: str
    printed: str


def print_differences(source: ReportSource, code: str) -> Iterator[PrintDifference]:
    """Yield where scores and ranks of a node differ from the printed ones."""
    for printed in source.spec.printed:
        if printed.node == code:
            yield from _differences(source, printed)


def _differences(
    source: ReportSource, printed: PublishedScores
) -> Iterator[PrintDifference]:
    """Yield the scores and ranks that differ from those that a report printed of a node."""
    yield from _score_differences(source, printed)
    yield from _rank_differences(source, printed)


def _score_differences(
    source: ReportSource, printed: PublishedScores
) -> Iterator[PrintDifference]:
    """Yield the scores that differ, to the decimals of print."""
    rows = source.result.dataset.rows
    for unit, text in printed.scores.items():
        score = source.score(rows[unit], printed.node) if unit in rows else None
        if score is None or not text:
            continue
        decimals = len(text.partition(".")[2])
        own = f"{rounded(score, decimals):.{decimals}f}"
        if float(own) != float(text):
            yield PrintDifference(rows[unit], "score", own, text)


def _rank_differences(
    source: ReportSource, printed: PublishedScores
) -> Iterator[PrintDifference]:
    """Yield the ranks that differ."""
    rows = source.result.dataset.rows
    for unit, printed_rank in printed.ranks.items():
        rank = source.rank(rows[unit], printed.node) if unit in rows else None
        if rank not in (None, printed_rank):
            yield PrintDifference(rows[unit], "rank", str(rank), str(printed_rank))


def print_note(
    source: ReportSource, codes: Iterable[str], rows: Iterable[int]
) -> Label:
    """Return how many scores and ranks of some cities in some nodes are not those of print."""
    wanted = {*codes}
    compared = [printed for printed in source.spec.printed if printed.node in wanted]
    if not compared:
        return NOTHING
    is_derived = all(printed.by_construction for printed in compared)
    every = chain.from_iterable(map(partial(_differences, source), compared))
    chosen = {*rows}
    kinds = [own.what for own in every if own.row in chosen]
    if not kinds:
        return say("print.derived_same" if is_derived else "print.same")
    see = say("print.see") if lists_print_differences(source) else NOTHING
    key = _key_of_differences(source, is_derived=is_derived)
    return say(key, differ=_how_many_differ(kinds), see=see)


def _key_of_differences(source: ReportSource, *, is_derived: bool) -> str:
    """Return which text says that numbers differ from print."""
    if source.synthetic:
        return "print.invented"
    return "print.derived" if is_derived else "print.differ"


def _how_many_differ(kinds: Sequence[str]) -> Label:
    """Return how many scores and how many ranks differ."""
    numbers: list[Label] = []
    for what in ("score", "rank"):
        n = kinds.count(what)
        if n:
            name = say(f"head.{what}")
            numbers.append(Label(f"{n}个{name.zh}", counted(n, what, f"{what}s")))
    every = listed(numbers, en=" and ")
    verb = "differs" if len(kinds) == 1 else "differ"
    return Label(every.zh, f"{every.en} {verb}")


def lists_print_differences(source: ReportSource) -> bool:
    """Tell whether a chapter lists what differs from print.

    Of data of one's own nearly all numbers do, on a dozen pages.
    """
    every = (print_differences(source, code) for code in source.nodes)
    return len([*chain.from_iterable(every)]) <= _MOST_APART


def print_table(source: ReportSource) -> ReportTable | None:
    """Return every score and rank that print has otherwise; none for invented data."""
    if source.synthetic:
        return None
    rows: Cells = []
    for code in source.nodes:
        name = source.titles(code)["titled"]
        for own in print_differences(source, code):
            start = [name, source.city(own.row), say(f"head.{own.what}")]
            numbers = (own.recomputed, own.printed)
            rows.append([*start, *map(Label, numbers, numbers)])
    if not rows:
        return None
    content = TableContent(heads(*_APART), rows, across=2)
    return table(source, "print-differences", content, texts={"n": len(rows)})
