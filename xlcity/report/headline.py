"""The finding that a slide and a page open with: who leads, and by how much."""

from __future__ import annotations

from xlcity.figures.contents import Label, listed
from xlcity.report.contents import NOTHING, points, rounded
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import NAMED, Basis
from xlcity.report.story.overall import LARGE_DROP, joint_leaders, largest_drop
from xlcity.report.texts import say


def headline(source: ReportSource) -> Label:
    """Return who leads the index and by how much, marked where values are invented.

    Nothing where no city is above the others.
    """
    text = _finding(source)
    if text == NOTHING or not source.synthetic:
        return text
    mark = say("synthetic_short")
    return Label(mark.zh + text.zh, mark.en + text.en)


def _finding(source: ReportSource) -> Label:
    basis = Basis(source)
    ranking = basis.overall
    if ranking.n < 2 or ranking.sd == 0:
        return NOTHING
    first = joint_leaders(ranking)
    if len(first) > NAMED:
        return say("headline.many", n=len(first))
    if len(first) > 1:
        return say("headline.joint", cities=_named(basis, first))
    after, gap = largest_drop(ranking)
    is_apart = after <= NAMED and gap >= LARGE_DROP * ranking.sd
    place = after if is_apart else 1
    leaders = list(ranking.rows[:place])
    lead = float(ranking.scores[place - 1] - ranking.scores[place])
    decimals = source.text_decimals
    key = _key(place, rounded(lead, decimals), is_apart=is_apart)
    return say(
        f"headline.{key}",
        cities=_named(basis, leaders),
        below=basis.city(ranking.rows[place]),
        n=ranking.ranks[place],
        gap=points(lead, decimals),
    )


def _key(place: int, lead: float, *, is_apart: bool) -> str:
    """Return the wording for so many leaders."""
    if not lead:
        return "close"
    if not is_apart:
        return "leads"
    return "apart" if place == 1 else "apart_several"


def _named(basis: Basis, rows: list[int]) -> Label:
    return listed(basis.cities(rows), last=" and ")
