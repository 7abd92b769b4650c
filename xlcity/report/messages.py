"""Titles of figures: one message that the drawn part shows; none where no condition holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlcity.figures.contents import Label
from xlcity.report.contents import NOTHING, points
from xlcity.report.quadrant import Quadrant
from xlcity.report.rank_spans import RankSpans
from xlcity.report.source import ReportSource
from xlcity.report.story.basis import NAMED, Basis, NodeRanking
from xlcity.report.story.change import EditionChanges, furthest
from xlcity.report.story.change import title as change_title
from xlcity.report.story.overall import joint_leaders, lead_in_parts
from xlcity.report.story.robustness import uncertain_ranks
from xlcity.report.story.tiers import Tiers, tier_titles
from xlcity.report.story.types import CityTypes
from xlcity.report.story.types import title as types_title
from xlcity.report.story.writing import NUMBERS_ZH, Phrase, Writer
from xlcity.report.texts import as_heading, filled, report_texts, say
from xlcity.report.wording import cities_of, count, opening_count
from xlcity.reports.report import Group, GroupType

#: Cities whose scores lie close together, at least; first places among which the first of them is;
#: most standard deviations between their scores.
_CLOSE = 5
#: Standard deviations that are a clear lead.
_CLEAR = 0.5
_TOP = 10
_APART = 0.25
#: Least distance of the mean of a group from that of all, in standard deviations, as in the text.
_CLEAR_MEAN = 0.25
#: Share of the variants in which the first city is first, at least, as in the text.
_SETTLED = 0.6
#: Share of the variants below which the first city is seldom first.
_CONTESTED = 0.5
#: Letters of an English title, and characters of a Chinese one, at most.
_LONGEST = 60
_LONGEST_ZH = 22


def _message(source: ReportSource, code: str, word: str, **values: object) -> Label:
    """Return a message on a node, unless it is too long for a title."""
    words: dict[str, object] = {**source.titles(code), **values}
    return _fitting(filled(report_texts()[f"message.{word}"], words))


def _of_figure(kind: str, key: str, /, **values: object) -> Label:
    """Return a message of the texts of a kind of figure, unless it is too long for a title."""
    return _fitting(filled(report_texts("figures")[kind][key], values))


def _fitting(text: Label) -> Label:
    """Return a message, unless it is too long for a title."""
    return text if len(text.en) <= _LONGEST and len(text.zh) <= _LONGEST_ZH else NOTHING


def first_fitting(*texts: Label) -> Label:
    """Return a message in the first wording that is not too long, in each language."""
    zh = (text.zh for text in texts if len(text.zh) <= _LONGEST_ZH)
    en = (text.en for text in texts if len(text.en) <= _LONGEST)
    both = Label(next(zh, ""), next(en, ""))
    return both if both.zh and both.en else NOTHING


def _both_languages(source: ReportSource, title: Phrase) -> Label:
    """Return a title of the text."""
    chinese = Writer("zh", source.text_decimals)
    english = Writer("en", source.text_decimals)
    return Label(chinese.write(title), english.write(title))


def _written(source: ReportSource, title: Phrase) -> Label:
    """Return a title of the text, unless it is too long for one of a figure."""
    return _fitting(_both_languages(source, title))


def of_types(source: ReportSource, basis: Basis, rows: Sequence[int]) -> Label:
    """Return how many cities are strong in all dimensions, if these are drawn (kind 22)."""
    title = types_title(basis)
    strong = {own.row for own in CityTypes(basis).all_round}
    return _written(source, title) if title and strong <= {*rows} else NOTHING


def of_lead(source: ReportSource, basis: Basis) -> Label:
    """Return where the first city gains most on the second, where parts add up (kind 4)."""
    stated = lead_in_parts(basis)
    if not stated or not basis.adds_up:
        return NOTHING
    first, second = basis.overall.rows[:2]
    leads = basis.lead_in_parts(first, second)
    best = int(leads.argmax())
    words = {
        "city": basis.city(first),
        "second": basis.city(second),
        "part": basis.part(basis.dimensions[best]),
        "titled": source.node(basis.dimensions[best]),
        "x": points(float(leads[best]), source.text_decimals),
    }
    texts = report_texts("figures")["contributions"]
    return first_fitting(*(filled(texts[key], words) for key in ("finding", "short")))


def of_tier_groups(
    source: ReportSource, basis: Basis, groups: Sequence[Label]
) -> Label:
    """Return which of some groups has most of the first tiers (kind 9)."""
    titles = tier_titles(basis)
    if not titles:
        return NOTHING
    words: Mapping[str, Any] = titles[0].values
    if words["group"].zh not in {group.zh for group in groups}:
        return NOTHING
    written = [_both_languages(source, title) for title in titles]
    if 1 < words["k"] < words["m"]:
        counts = {"k": opening_count(words["k"]), "m": count(words["m"])}
        short = report_texts("figures")["map"]["short"]
        written.append(filled(short, {**words, **counts}))
    return first_fitting(*written)


def of_tiers(source: ReportSource, ranking: NodeRanking, tiers: Tiers) -> Label:
    """Return how many cities are the first tier, and how far they are ahead (kinds 7 and 8)."""
    end = tiers.ends[0]
    tier = tiers.name(0)
    if tiers.is_declared and end > 1:
        low = points(float(ranking.scores[end - 1]), source.text_decimals)
        return _of_figure("bars", "declared", k=count(end), tier=tier, low=low)
    gap = points(float(ranking.drops[end - 1]), source.text_decimals)
    if end == 1:
        city = source.marked_city(ranking.rows[0], ranking.code)
        return _of_figure("bars", "alone", city=city, tier=tier, gap=gap)
    return _of_figure("bars", "tiers", k=opening_count(end), tier=tier, gap=gap)


def of_leaders(source: ReportSource, code: str, population: str) -> Label:
    """Return how many cities lead the parts of a node (kinds 17 and 18)."""
    every = _leaders_of_parts(source, code, population)
    if any(len(leaders) != 1 for leaders in every):
        return NOTHING
    n = len(every)
    k = len({leaders[0] for leaders in every})
    if k == 1:
        return of_parts(source, code, population)
    kind = child_kind(source, code)
    is_root = code == source.root
    opening = opening_count(k) if is_root else count(k)
    return _of_figure(
        "leaders",
        "whole" if is_root else "finding",
        **source.titles(code),
        n=Label(NUMBERS_ZH[n], count(n).en),
        k=Label(NUMBERS_ZH[k], opening.en),
        per="项" if kind == "indicators" else "个",
        kind=say(f"one.{kind}"),
        kinds=kind,
    )


def _leaders_of_parts(
    source: ReportSource, code: str, population: str
) -> list[list[int]]:
    """Return who is first in each part of a node."""
    basis = Basis(source, population)
    return [joint_leaders(basis.ranking(child)) for child in source.children(code)]


def of_group_mean(source: ReportSource, kind: GroupType, population: str) -> Label:
    """Return which group of a kind has a mean that is clearly above that of all (kind 11)."""
    basis = Basis(source, population)
    ranking = basis.overall
    own = [group for group in basis.all_groups if group.kind == kind]
    if not own or not ranking.sd:
        return NOTHING
    means = [ranking.mean_of(group.rows) for group in own]
    ahead = max(means) - ranking.mean
    if ahead < _CLEAR_MEAN * ranking.sd:
        return NOTHING
    first = own[means.index(max(means))]
    cities = as_heading(cities_of(first.group))
    gap = points(ahead, source.text_decimals)
    return _of_figure("groups", "finding", cities=cities, gap=gap)


def of_moves(source: ReportSource, own: EditionChanges) -> Label:
    """Return who rose furthest, in the words of the text (kind 31)."""
    title = change_title(own)
    if title is None:
        return NOTHING
    return _written(source, title)


def of_ranking(source: ReportSource, code: str, population: str) -> Label:
    """Return that the first city is far ahead, or which ranks lie close together."""
    ranking = Basis(source, population).ranking(code)
    if ranking.n < _CLOSE or ranking.sd == 0:
        return NOTHING
    lead = float(ranking.drops[0])
    first = joint_leaders(ranking)
    is_marked = source.gaps.signs(first[0], code)
    if len(first) == 1 and lead >= _CLEAR * ranking.sd and not is_marked:
        gap = points(lead, source.text_decimals)
        return _message(source, code, "leads", city=source.city(first[0]), gap=gap)
    return _of_close_ranks(source, ranking)


def _of_close_ranks(source: ReportSource, ranking: NodeRanking) -> Label:
    """Return which of the first ranks lie close together."""
    scores = ranking.scores
    reach = _APART * ranking.sd
    lengths = [
        int((scores >= score - reach).sum()) - 1 - start
        for start, score in enumerate(scores[:_TOP])
    ]
    length = max(lengths)
    start = lengths.index(length)
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
    every = _leaders_of_parts(source, code, population)
    if (
        len(every) < NAMED
        or len(every[0]) != 1
        or any(map(source.is_reverse, children))
    ):
        return NOTHING
    first = every[0][0]
    is_marked = any(source.gaps.signs(first, child) for child in children)
    if is_marked or every.count([first]) < len(every):
        return NOTHING
    kind = say(f"one.{child_kind(source, code)}")
    return _message(source, code, "parts", city=source.city(first), kind=kind)


def of_groups(
    source: ReportSource, members: Sequence[tuple[Group, list[int]]]
) -> Label:
    """Return that one group has the highest mean in every main node."""
    codes = source.main_nodes
    best: list[int] = []
    for code in codes:
        means = [source.mean(rows, code) or 0.0 for _, rows in members]
        best.append(means.index(max(means)))
    group, rows = members[best[0]]
    is_alone = best.count(best[0]) == len(best)
    if not is_alone or len(rows) < NAMED or len(best) < NAMED:
        return NOTHING
    if any(source.gaps.signs(rows, code) for code in codes):
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


def of_variants(source: ReportSource, basis: Basis, spans: RankSpans) -> Label:
    """Return in how many variants the first city is first, where that says something (kind 35)."""
    share = spans.wins / spans.n
    if share >= _SETTLED:
        key = "stays"
    elif 0 < share < _CONTESTED:
        key = "contested"
    else:
        return NOTHING
    city = basis.city(basis.overall.rows[0])
    return _of_figure("rank-intervals", key, city=city, n=spans.n, k=spans.wins)


def of_quadrant(quadrant: Quadrant) -> Label:
    """Return how many cities are above the mean in one of two dimensions alone (kind 24)."""
    a, b = quadrant.parts
    k, m = quadrant.alone
    texts = report_texts("figures")["quadrant"]
    written = list[Label]()
    # English counts one city and none in other words.
    if k > 1:
        words = {"a": a, "b": b, "k": opening_count(k)}
        written.append(filled(texts["finding"], words))
    if k + m > 1:
        counts = {"k": count(k), "m": count(m)}
        either = opening_count(k + m)
        written.append(filled(texts["short"], {**counts, "either": either}))
    return first_fitting(*written)


def of_certainty(source: ReportSource, population: str) -> Label:
    """Return which ranks simulations do not tell apart."""
    run = uncertain_ranks(Basis(source, population))
    if run is None:
        return NOTHING
    first, last = run
    return _message(source, source.root, "apart", first=first, last=last)
