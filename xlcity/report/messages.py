"""Titles of figures: one message that the drawn part shows; none where no condition holds."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.figures.contents import Label
from xlcity.report.change_facts import ChangeFacts
from xlcity.report.contents import NOTHING
from xlcity.report.facts import CLEAR, NAMED, Facts, child_kind, part
from xlcity.report.source import ReportSource
from xlcity.report.wording import cities_of
from xlcity.reports.report import Group

#: Cities whose scores lie close together, at least; first places among which the first of them is;
#: most standard deviations between their scores.
_CLOSE = 5
_TOP = 10
_APART = 0.25
#: Letters of an English title, and characters of a Chinese one, at most.
_LONGEST = 60
_LONGEST_ZH = 22


def _message(source: ReportSource, code: str, word: str, **values: object) -> Label:
    """Return a message on a node, unless it is too long for a title."""
    text = part(f"message_{word}", **source.titles(code), **values)
    return text if len(text.en) <= _LONGEST and len(text.zh) <= _LONGEST_ZH else NOTHING


def of_ranking(source: ReportSource, code: str, population: str) -> Label:
    """Return that the first city is far ahead, or which ranks lie close together."""
    facts = Facts(source, code, population)
    scores = facts.scores
    keys = facts.keys
    gaps = source.gaps
    if len(scores) < _CLOSE or facts.sd == 0:
        return NOTHING
    lead = float(scores[0] - scores[1])
    if (
        keys[0] != keys[1]
        and lead >= CLEAR * facts.sd
        and not gaps.signs(facts.rows[0], code)
    ):
        gap = facts.distance(float(scores[0]), float(scores[1]))
        return _message(source, code, "leads", city=source.city(facts.rows[0]), gap=gap)
    ends = [
        int((scores >= score - _APART * facts.sd).sum()) - 1
        for score in scores.tolist()
    ]
    runs = [(end - first, first, end) for first, end in enumerate(ends[:_TOP])]
    length, first, end = max(runs, key=lambda run: (run[0], -run[1]))
    # Of cities that share the last of these ranks, ranks do not say how many they are.
    is_shared = facts.ranks[end] - facts.ranks[first] < length
    if length + 1 < _CLOSE or end >= len(scores) // 2 or is_shared:
        return NOTHING
    gap = facts.distance(float(scores[first]), float(scores[end]))
    places = {"first": facts.ranks[first], "last": facts.ranks[end]}
    return _message(source, code, "close", gap=gap, **places)


def of_parts(source: ReportSource, code: str, population: str) -> Label:
    """Return that one city is first in every part of a node."""
    children = source.children(code)
    leaders, *others = {*map(Facts(source, code, population).leaders, children)}
    leads_all = len(leaders) == 1 and not others and len(children) > 2
    is_plain = leads_all and not any(map(source.is_reverse, children))
    if not is_plain or any(source.gaps.signs(leaders[0], child) for child in children):
        return NOTHING
    kind = part(f"one_{child_kind(source, code)}")
    return _message(source, code, "parts", city=source.city(leaders[0]), kind=kind)


def of_groups(
    source: ReportSource, members: Sequence[tuple[Group, list[int]]]
) -> Label:
    """Return that one group has the highest mean in every main node."""
    means = (
        [source.mean(rows, code) or 0.0 for _, rows in members]
        for code in source.main_nodes
    )
    best = [group_means.index(max(group_means)) for group_means in means]
    group, rows = members[best[0]]
    marked = any(source.gaps.signs(rows, code) for code in source.main_nodes)
    if len({*best}) > 1 or len(rows) < NAMED or len(best) < NAMED or marked:
        return NOTHING
    kind = part(f"one_{child_kind(source, source.root)}")
    return _message(source, source.root, "groups", cities=cities_of(group), kind=kind)


def of_change(
    source: ReportSource, code: str, rows: Sequence[int], population: str
) -> Label:
    """Return which of the drawn cities rose most since the previous edition."""
    facts = ChangeFacts(source, code, population)
    moves = {row: then - now for row, (then, now) in facts.places.items()}
    # A city whose former rank is not known may have risen further.
    is_known = len(moves) >= NAMED and facts.known_share == 1
    risen = facts.furthest(moves, 1) if is_known else []
    if len(risen) != 1 or risen[0] not in rows:
        return NOTHING
    return _message(
        source, code, "rose", city=source.marked_city(risen[0], code), last=facts.last
    )


def of_certainty(source: ReportSource, population: str) -> Label:
    """Return which ranks simulations do not tell apart."""
    if (run := Facts(source, source.root, population).unsettled()) is None:
        return NOTHING
    return _message(source, source.root, "apart", first=run[0], last=run[1])
