"""Titles of figures: one message that the drawn part shows; none where no condition holds."""

from __future__ import annotations

from collections.abc import Sequence

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, points
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import NAMED, Basis, NodeRanking
from xlcity.report.story.change import EditionChanges, furthest
from xlcity.report.story.overall import joint_leaders
from xlcity.report.story.robustness import uncertain_ranks
from xlcity.report.texts import filled, report_texts, say
from xlcity.report.wording import cities_of
from xlcity.reports.report import Group

#: Cities whose scores lie close together, at least; first places among which the first of them is;
#: most standard deviations between their scores.
_CLOSE = 5
#: Standard deviations that are a clear lead.
_CLEAR = 0.5
_TOP = 10
_APART = 0.25
#: Letters of an English title, and characters of a Chinese one, at most.
_LONGEST = 60
_LONGEST_ZH = 22


def _message(source: ReportSource, code: str, word: str, **values: object) -> Label:
    """Return a message on a node, unless it is too long for a title."""
    words: dict[str, object] = {**source.titles(code), **values}
    text = filled(report_texts()[f"message.{word}"], words)
    return text if len(text.en) <= _LONGEST and len(text.zh) <= _LONGEST_ZH else NOTHING


def of_ranking(source: ReportSource, code: str, population: str) -> Label:
    """Return that the first city is far ahead, or which ranks lie close together."""
    ranking = Basis(source, population).ranking(code)
    scores = ranking.scores
    if ranking.n < _CLOSE or ranking.sd == 0:
        return NOTHING
    lead = float(scores[0] - scores[1])
    first = joint_leaders(ranking)
    is_marked = source.gaps.signs(first[0], code)
    if len(first) == 1 and lead >= _CLEAR * ranking.sd and not is_marked:
        gap = points(lead, source.text_decimals)
        return _message(source, code, "leads", city=source.city(first[0]), gap=gap)
    return _of_close_ranks(source, ranking)


def _of_close_ranks(source: ReportSource, ranking: NodeRanking) -> Label:
    """Return which of the first ranks lie close together."""
    scores = ranking.scores
    least = scores - _APART * ranking.sd
    ends = [int((scores >= score).sum()) - 1 for score in least]
    runs = [(end - start, -start) for start, end in enumerate(ends[:_TOP])]
    length, behind = max(runs)
    start = -behind
    end = start + length
    # Of cities that share the last of these ranks, ranks do not say how many they are.
    is_shared = ranking.ranks[end] - ranking.ranks[start] < length
    if length + 1 < _CLOSE or end >= ranking.n // 2 or is_shared:
        return NOTHING
    gap = points(float(scores[start] - scores[end]), source.text_decimals)
    places = {"first": ranking.ranks[start], "last": ranking.ranks[end]}
    return _message(source, ranking.code, "close", gap=gap, **places)


def child_kind(source: ReportSource, code: str) -> str:
    """Return what the nodes below a node are; those below the root may call themselves domains."""
    children = source.children(code)
    if all(map(source.result.framework.is_indicator, children)):
        return "indicators"
    if code != source.root:
        return "components"
    names = [source.node(child).en.lower() for child in children]
    is_domain = all(name.endswith("domain") for name in names)
    return "domains" if is_domain else "dimensions"


def of_parts(source: ReportSource, code: str, population: str) -> Label:
    """Return that one city is first in every part of a node."""
    children = source.children(code)
    basis = Basis(source, population)
    leaders = {tuple(joint_leaders(basis.ranking(child))) for child in children}
    first = leaders.pop() if len(leaders) == 1 else ()
    if len(first) != 1 or len(children) <= 2:
        return NOTHING
    if any(map(source.is_reverse, children)):
        return NOTHING
    if any(source.gaps.signs(first[0], child) for child in children):
        return NOTHING
    kind = say(f"one.{child_kind(source, code)}")
    return _message(source, code, "parts", city=source.city(first[0]), kind=kind)


def of_groups(
    source: ReportSource, members: Sequence[tuple[Group, list[int]]]
) -> Label:
    """Return that one group has the highest mean in every main node."""
    best: list[int] = []
    for code in source.main_nodes:
        means = [source.mean(rows, code) or 0.0 for _, rows in members]
        best.append(means.index(max(means)))
    group, rows = members[best[0]]
    marked = any(source.gaps.signs(rows, code) for code in source.main_nodes)
    if len({*best}) > 1 or len(rows) < NAMED or len(best) < NAMED or marked:
        return NOTHING
    kind = say(f"one.{child_kind(source, source.root)}")
    return _message(source, source.root, "groups", cities=cities_of(group), kind=kind)


def of_change(
    source: ReportSource, code: str, rows: Sequence[int], population: str
) -> Label:
    """Return which of the drawn cities rose most since the previous edition."""
    own = EditionChanges(Basis(source, population), code)
    # A city whose former rank is not known may have risen further.
    is_known = len(own.moves) >= NAMED and own.known == 1
    risen = furthest(own.moves, 1, most_named=NAMED) if is_known else []
    if len(risen) != 1 or risen[0] not in rows:
        return NOTHING
    city = source.marked_city(risen[0], code)
    return _message(source, code, "rose", city=city, last=own.label)


def of_certainty(source: ReportSource, population: str) -> Label:
    """Return which ranks simulations do not tell apart."""
    if (run := uncertain_ranks(Basis(source, population))) is None:
        return NOTHING
    return _message(source, source.root, "apart", first=run[0], last=run[1])
