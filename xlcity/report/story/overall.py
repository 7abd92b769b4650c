"""Findings on the whole index: who leads, by what, how far the others are (kinds 1 to 6)."""

from __future__ import annotations

import numpy as np

from xlcity.functions.rounding import is_above
from xlcity.report.contents import rounded
from xlcity.report.notes import list_name
from xlcity.report.story.basis import NAMED, NOISE, Basis, NodeRanking
from xlcity.report.story.tiers import find_tiers
from xlcity.report.story.writing import Phrase, phrase

#: First places among which drops are looked for; followers that are named at most.
_TOP = 10
_FOLLOWERS = 5
#: Shares of the standard deviation: a large drop, and a small lead.
LARGE_DROP = 0.25
SMALL_LEAD = 0.2
#: Ranks that are close together, at least; their reach, as a share of the least drop of tiers.
_RUN = 5
_CLOSE = 0.8


def joint_leaders(ranking: NodeRanking) -> list[int]:
    """Return the cities in first place."""
    pairs = zip(ranking.rows, ranking.keys, strict=True)
    return [row for row, key in pairs if key == ranking.keys[0]]


def largest_drop(ranking: NodeRanking) -> tuple[int, float]:
    """Return after how many cities the largest drop of the first ten is, and its points."""
    drops = ranking.drops[: _TOP - 1]
    if not len(drops):
        return 0, 0.0
    place = int(drops.argmax())
    return place + 1, float(drops[place])


def scored(basis: Basis, rows: list[int], ranking: NodeRanking) -> list[Phrase]:
    """Return cities with their scores."""
    return [
        phrase(
            "scored",
            city=basis.city(row, ranking.code),
            x=ranking.score_of[row],
        )
        for row in rows
    ]


def leader(basis: Basis, ranking: NodeRanking) -> Phrase | None:
    """State who leads, where that is not who leads alone on all indicators (kind 1)."""
    first = joint_leaders(ranking)
    if not 0 < len(first) < ranking.n or ranking.sd == 0:
        return None
    if len(first) > 1:
        if len(first) > NAMED:
            return None
        cities = basis.cities(first, ranking.code)
        return phrase("leaders_joint", cities=cities, x=ranking.scores[0])
    gaps = basis.source.gaps
    if not gaps.missing_count(first[0], ranking.code):
        return None
    complete = [
        row for row in ranking.rows if not gaps.missing_count(row, ranking.code)
    ]
    if not complete:
        return None
    n = len(basis.tree.leaves_below(ranking.code))
    missing = gaps.missing_count(first[0], ranking.code)
    words = {
        "city": basis.city(first[0], ranking.code),
        "n": n,
        "k": n - missing,
    }
    second = basis.city(complete[0], ranking.code)
    return phrase("leader_gaps", missing=missing, second=second, **words)


def leaders(basis: Basis) -> list[Phrase]:
    """State who leads, who follows, and where the largest drop is (kinds 1 to 3)."""
    ranking = basis.overall
    if own := leader(basis, ranking):
        return [own]
    if ranking.n < 2 or ranking.sd == 0:
        return []
    after, gap = largest_drop(ranking)
    followers = list(ranking.rows[1 : min(after, _FOLLOWERS + 1)])
    words = {
        "city": basis.city(ranking.rows[0]),
        "score": ranking.scores[0],
    }
    is_large = gap >= LARGE_DROP * ranking.sd
    if is_large:
        above = basis.city(ranking.rows[after - 1])
        words |= {"above": above, "gap": gap, **_behind_drop(basis, after)}
    key = f"leads{min(len(followers), 2)}" + "_drop" * is_large
    return [phrase(key, followers=scored(basis, followers, ranking), **words)]


def other_lists(basis: Basis) -> list[Phrase]:
    """State who leads other lists of cities, ranked apart, and their dimensions (1, 2, 17)."""
    names = basis.result.populations
    if basis.population != names[0]:
        return []
    found = []
    for name in names:
        own = Basis(basis.source, name)
        ranking = own.overall
        if name == basis.population or ranking.n < NAMED + 1:
            continue
        found.append(
            phrase(
                "leads_apart",
                group=list_name(name),
                city=own.city(ranking.rows[0]),
                score=ranking.scores[0],
                followers=scored(own, [*ranking.rows[1:NAMED]], ranking),
            )
        )
        each = [_first_apart(own, code) for code in own.dimensions]
        each[1:] = [one._replace(key="part_apart_also") for one in each[1:]]
        if len(each) > 1:
            found.append(phrase("leads_parts_apart", each=each))
    return found


def _first_apart(basis: Basis, code: str) -> Phrase:
    first = basis.city(basis.ranking(code).rows[0], code)
    return phrase("part_apart", part=basis.part(code), city=first)


def _behind_drop(basis: Basis, after: int) -> dict[str, object]:
    """Return the cities right behind a drop: one, or those that share its place."""
    ranking = basis.overall
    place = ranking.place(ranking.rows[after])
    tied = [row for row in ranking.rows[after:] if ranking.place(row) == place]
    rows = tied if len(tied) <= NAMED else tied[:1]
    return {"below": basis.cities(rows), "place": place, "tied": len(rows)}


def drop_title(basis: Basis) -> Phrase | None:
    """Return the largest drop as the title of a section (kind 3)."""
    ranking = basis.overall
    after, gap = largest_drop(ranking)
    if not after or gap < LARGE_DROP * ranking.sd or len(joint_leaders(ranking)) > 1:
        return None
    values: dict[str, object] = {"gap": gap, "city": basis.city(ranking.rows[0])}
    values |= _behind_drop(basis, after)
    if after == 1:
        return phrase("drop_title_alone", **values)
    values["k"] = after
    if after > NAMED:
        return phrase("drop_title_many", others=after - 1, **values)
    return phrase("drop_title", leaders=basis.cities(ranking.rows[:after]), **values)


def chapter_title(basis: Basis) -> list[Phrase]:
    """Return who is ahead of all others, as the title of a chapter (kind 3)."""
    ranking = basis.overall
    after, gap = largest_drop(ranking)
    is_large = after and gap >= LARGE_DROP * ranking.sd
    if not is_large or basis.source.synthetic or len(joint_leaders(ranking)) > 1:
        return []
    words = {
        "cities": basis.cities(ranking.rows[:after]),
        "city": basis.city(ranking.rows[0]),
        "gap": gap,
        "k": after,
    }
    if after <= NAMED:
        return [phrase("ahead_of_all" if after > 1 else "ahead_alone", **words)]
    own = find_tiers(basis)
    is_tier = own is not None and not own.is_declared and own.ends[0] == after
    return [phrase("ahead_as_tier" if is_tier else "ahead_first", **words)]


def lead_in_parts(basis: Basis) -> list[Phrase]:
    """State on what the lead over the second rests (kind 4)."""
    ranking = basis.overall
    is_joint = ranking.n < 2 or len(joint_leaders(ranking)) > 1
    if is_joint or len(basis.dimensions) < 2:
        return []
    first, second = ranking.rows[:2]
    parts = basis.lead_in_parts(first, second)
    gap = float(ranking.scores[0] - ranking.scores[1])
    if not np.isfinite(parts).all():
        return []
    decimals = basis.source.text_decimals
    shown = [rounded(float(part), decimals) for part in parts]
    falling = np.argsort(-parts, kind="stable").tolist()
    rising = np.argsort(parts, kind="stable").tolist()
    more = [n for n in falling if shown[n] > 0]
    less = [n for n in rising if shown[n] < 0]
    if not more or not rounded(gap, decimals):
        return []
    is_whole = abs(sum(shown) - rounded(gap, decimals)) < NOISE
    if basis.adds_up and not is_whole:
        del more[1:], less[1:]
    elif not basis.adds_up:
        del more[2:], less[2:]
    end = "_only" if gap < SMALL_LEAD * ranking.sd else ""
    # A lead that is the largest drop was told just before.
    if largest_drop(ranking)[0] == 1 and gap >= LARGE_DROP * ranking.sd:
        end = "_told"
    key = "lead_unweighted"
    if basis.adds_up:
        key = "lead_parts" if is_whole else "lead_parts_most"
    form = "more" if basis.adds_up else "ahead"
    words = {
        "city": basis.city(first),
        "second": basis.city(second),
        "gap": gap,
        "more": [_part_lead(basis, parts, n, form) for n in more],
        "less": _behind(basis, parts, less, basis.city(second)),
    }
    return [phrase(key + end, **words)]


def _part_lead(basis: Basis, parts: np.ndarray, n: int, key: str) -> Phrase:
    """Return one part of a lead, with its points."""
    return phrase(
        f"part_{key}",
        part=basis.part(basis.dimensions[n]),
        x=abs(parts[n]),
    )


def _behind(
    basis: Basis, parts: np.ndarray, less: list[int], second: object
) -> Phrase | None:
    """Return in which parts the leader is behind."""
    if not less:
        return None
    names = [basis.part(basis.dimensions[n]) for n in less]
    form = "less" if basis.adds_up else "short"
    each = [_part_lead(basis, parts, n, form) for n in less]
    losses = [abs(float(parts[n])) for n in less]
    key = "parts_behind" if len(less) > 1 and basis.adds_up else "part_behind"
    behind = phrase("gains_but" if basis.adds_up else "is_behind", second=second)
    return phrase(key, parts=names, losses=losses, each=each, behind=behind)


def mean(basis: Basis) -> list[Phrase]:
    """State the mean, and how many cities are above it (kind 5)."""
    ranking = basis.overall
    # The mean of z-scores is 0 for every index.
    is_zero = not rounded(ranking.mean, basis.source.text_decimals)
    if ranking.n <= NAMED or ranking.sd == 0 or is_zero:
        return []
    above = int(is_above(ranking.scores, ranking.mean).sum())
    return [phrase("mean", n=ranking.n, m=ranking.mean, k=above)]


def close_run(basis: Basis) -> list[Phrase]:
    """State the longest run of ranks that lie close together (kind 6)."""
    ranking = basis.overall
    limit = LARGE_DROP * ranking.sd
    if not limit:
        return []
    half = ranking.n // 2
    scores = ranking.scores
    ends = [int((scores[:half] >= score - limit).sum()) - 1 for score in scores[:half]]
    runs = [
        (last - first, scores[last] - scores[first], first)
        for first, last in enumerate(ends)
    ]
    length, _, first = max(runs, default=(0, 0.0, 0))
    last = first + length
    k = last - first + 1
    is_cut = last + 1 < ranking.n and ranking.ranks[last] == ranking.ranks[last + 1]
    if k < _RUN or is_cut:
        return []
    x = float(scores[first] - scores[last])
    if x > _CLOSE * _least_drop(basis):
        return []
    outer = {"i": ranking.ranks[first], "j": ranking.ranks[last]}
    is_tied = k != outer["j"] - outer["i"] + 1
    key = "ranks_within_tied" if is_tied else "ranks_within"
    return [phrase(key, k=k, x=x, **outer)]


def _least_drop(basis: Basis) -> float:
    """Return the smallest drop between tiers, beside which scores are close; infinity without."""
    tiers = find_tiers(basis)
    if tiers is None or tiers.is_declared:
        return np.inf
    ends = np.array(tiers.ends[:-1])
    return float(basis.overall.drops[ends - 1].min())
