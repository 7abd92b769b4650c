"""Recomputes what a chapter states of change, robustness, single cities and data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tests.helpers.plain_index import Column, PlainIndex, ranks
from tests.helpers.recomputed_findings import Findings, Known, Words, rule, text_of

__all__ = ["Findings", "Known"]
_TENTH = 0.1


# Change


def _moves(known: Known) -> dict[int, tuple[int, int]]:
    """Return ranks then and now of continuing cities, among them alone."""
    before = known.before
    then, now = (own.scores[own.root] for own in (before, known))
    rows = [
        row
        for row in known.order(known.root)
        if known.cities[row] in before.cities
        and np.isfinite(then[before.cities.index(known.cities[row])])
    ]
    old = then[[before.cities.index(known.cities[row]) for row in rows]]
    pairs = zip(
        ranks(old, known.decimals), ranks(now[rows], known.decimals), strict=True
    )
    return {row: (int(a), int(b)) for row, (a, b) in zip(rows, pairs, strict=True)}


@rule("moves_known", "change_title_known")
def _moves_known(known: Known, words: Words) -> dict[str, object]:
    then, now = known.printed
    return {"k": len({*then} & {*now})}


@rule("moves_same", "moves_all")
def _moves_counted(known: Known, words: Words) -> dict[str, object]:
    ups = np.array([then - now for then, now in _moves(known).values()])
    own = {"a": (ups > 0).sum(), "b": (ups < 0).sum(), "c": (ups == 0).sum()}
    return {"n": len(ups), **own}


def _new(known: Known) -> list[int]:
    rows = known.order(known.root)
    return [row for row in rows if known.cities[row] not in known.before.cities]


@rule("entry", "entries", "entries_many")
def _entries(known: Known, words: Words) -> dict[str, object]:
    assert len(words.get("each", _new(known))) == len(_new(known))
    return {"k": len(_new(known))}


@rule("entered")
def _entered(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    assert row in _new(known)
    return {"place": known.rank(known.root, row)}


def _average_changes(known: Known) -> dict[str, float]:
    """Return by how many standard deviations the average of each indicator improved."""
    changes = {}
    for leaf, now in known.plain.values.items():
        then = _then(known, leaf)
        both = np.isfinite(then + now)
        way = known.plain.nodes[leaf].direction
        step = way * (now[both].mean() - then[both].mean())
        changes[leaf] = step / np.nanstd(now, ddof=1)
    return changes


@rule("improved", "improved_all", "improved_but", "improved_but_one")
def _improved(known: Known, words: Words) -> dict[str, object]:
    changes = _average_changes(known)
    k = sum(change > 0 for change in changes.values())
    own = {"k": k, "n": len(changes), "cities": len(_moves(known))}
    if "each" in words:
        assert len(words["each"]) == len(changes) - k
    if "indicator" not in words.maps[0]:
        return own
    leaf = max(changes, key=lambda leaf: abs(changes[leaf]))
    assert leaf == known.code(words["indicator"])
    pair = _means(known, leaf)
    return {**own, "x": pair[0], "y": pair[1]}


@rule("not_improved", "not_improved_same")
def _not_improved(known: Known, words: Words) -> dict[str, object]:
    leaf = known.code(words["indicator"])
    assert _average_changes(known)[leaf] <= 0
    pair = _means(known, leaf)
    return {"x": pair[0], "y": pair[1]}


def _then(known: Known, leaf: str) -> Column:
    """Return the values of the previous edition in the order of this one."""
    before = known.before
    old = before.plain.values[leaf]
    places = {city: n for n, city in enumerate(before.cities)}
    return np.array([old[places[c]] if c in places else np.nan for c in known.cities])


def _means(known: Known, leaf: str) -> tuple[float, float]:
    now = known.plain.values[leaf]
    then = _then(known, leaf)
    both = np.isfinite(then + now)
    return float(then[both].mean()), float(now[both].mean())


def _score_then(known: Known, code: str, row: int) -> float:
    return float(
        known.before.scores[code][known.before.cities.index(known.cities[row])]
    )


@rule("rose_bare", "rose_also", "fell_bare", "fell_also")
@rule("rose", "fell", "change_title", "change_title_two", "gap_rise_rank")
def _moved(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    if known.printed:
        then, now = known.printed
        places = {city: (then.get(city), now.get(city)) for city in now}
    else:
        places = {row: (_rank_then(known, row), known.rank(known.root, row))}
    own = {"then": places[row][0], "now": places[row][1]}
    if "other" in words:
        other = known.row(words["other"])
        own["up"] = places[other][1] if known.printed else known.rank(known.root, other)
    return own


def _rank_then(known: Known, row: int) -> int:
    before = known.before
    return before.rank(before.root, before.cities.index(known.cities[row]))


@rule("due_entrants")
def _due_entrants(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    then, now = _moves(known)[row]
    printed = known.rank(known.root, row) - _rank_then(known, row)
    return {"k": printed - (now - then), "n": printed}


@rule("score_up", "score_down", "score_same", "case_up", "case_down")
def _gain(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    now = known.scores[known.root][row]
    then = _score_then(known, known.root, row)
    return {"p": abs(now - then), "now": now, "then": then}


@rule("part_most", "part_of_it", "part_all", "all_contributed", "case_most")
def _part_of_gain(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    shares = known.plain.shares(known.root)
    parts = {
        code: share * (known.scores[code][row] - _score_then(known, code, row))
        for code, share in shares.items()
    }
    gain = sum(parts.values())
    code = max(parts, key=lambda own: parts[own] / gain)
    assert text_of(words["part"]) == known.plain.nodes[code].names[0]
    return {"q": abs(parts[code]), "n": len(parts), "p": abs(gain)}


@rule("cause", "cause_kept", "gap_rise")
def _cause(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    leaf = known.code(words["indicator"])
    means = _means(known, leaf)
    _require_cause(known, row, leaf)
    own = {"a": _then(known, leaf)[row], "b": known.plain.values[leaf][row]}
    return {**own, "c": means[0], "d": means[1]}


def _require_cause(known: Known, row: int, leaf: str) -> None:
    """Require that no indicator of the dimension moved its score more, by the rule."""
    before = known.before
    old = before.cities.index(known.cities[row])
    part = known.plain.nodes[leaf].parent
    effects = {
        own: share
        * (known.plain._normalised(own)[row] - before.plain._normalised(own)[old])
        for own, share in known.plain.shares(part).items()
    }
    sign = np.sign(effects[leaf])
    same = {own: sign * effect for own, effect in effects.items() if sign * effect > 0}
    if sign < 0 and row in known.order(known.root)[: known.ends()[0]]:
        kept = {own: same[own] for own in same if _gain_of(known, own, row) >= 0}
        least = _TENTH * sum(same.values())
        same = {own: kept[own] for own in kept if kept[own] >= least} or same
    near = [own for own in same if same[own] >= 0.9 * max(same.values())]
    assert leaf == max(near, key=lambda own: known.plain.nodes[own].weight)


def _gain_of(known: Known, leaf: str, row: int) -> float:
    step = known.plain.values[leaf][row] - _then(known, leaf)[row]
    return float(known.plain.nodes[leaf].direction * step)


@rule("gap_still", "gap_closed")
def _gap(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    leaf = known.code(words["indicator"])
    value = _then(known, leaf)[row]
    column = known.plain.values[leaf].copy()
    column[row] = value
    values = {**known.plain.values, leaf: column}
    scores = replace(known.plain, values=values).scores()[known.root]
    return {"a": value, "p": scores[row], "now": ranks(scores, known.decimals)[row]}


# Robustness


def _variants(known: Known) -> Iterator[tuple[str, PlainIndex]]:
    """Yield the index made in other ways, each with the indicator that it leaves out."""
    plain = known.plain
    for leaf in plain.values:
        yield leaf, plain.without(leaf)
    shares = plain.shares(plain.root)
    if np.ptp([*shares.values()]) > 1e-9:
        yield "", plain.reweighted(dict.fromkeys(shares, 1.0))
    for part, share in shares.items():
        for move in (0.75, 1.25):
            rest = (1 - share * move) / (1 - share)
            moved = {own: weight * rest for own, weight in shares.items()}
            yield "", plain.reweighted({**moved, part: share * move})
    if plain.method.normalise == "zscore":
        yield "", plain.by(normalise="minmax")
        yield "", plain.by(normalise="rank")
    if plain.method.limit:
        yield "", plain.by(limit=0.0)
    if plain.method.mean == "geometric":
        yield "", plain.by(mean="arithmetic")


def _variant_ranks(known: Known) -> list[tuple[str, Column]]:
    return [
        (leaf, ranks(own.scores()[known.root], known.decimals))
        for leaf, own in _variants(known)
    ]


@rule("stays", "stays_all", "stays_few", "stays_first", "unsettled", "unsettled_other")
def _stays(known: Known, words: Words) -> dict[str, object]:
    every = [own for _, own in _variant_ranks(known)]
    rows = known.order(known.root)
    j = next((end for end in known.ends() if end > 1), 3)
    wins = [next(row for row in rows if own[row] == 1) for own in every]
    same = sum(
        {row for row in rows if 0 < own[row] <= j} == {*rows[:j]} for own in every
    )
    rival = known.row(words["rival"]) if "rival" in words else rows[1]
    counts = {"k": wins.count(rows[0]), "other": wins.count(rival)}
    return {"variants": len(every), "j": j, "same": same, **counts}


@rule("variant_omitted")
def _variant_omitted(known: Known, words: Words) -> dict[str, object]:
    return {"n": len(known.plain.values)}


for _kind in ("equal", "moved", "minmax", "rank", "unlimited", "arithmetic"):
    rule(f"variant_{_kind}")(_variant_omitted)


@rule("even_down", "even_up")
def _even(known: Known, words: Words) -> dict[str, object]:
    """Require that the stated weight reverses the first two, and half a step less does not."""
    code = known.code(words["part"])
    share = known.plain.shares(known.root)[code]
    stated = float(words["x"])
    step = 0.001 if abs(stated - share) <= 0.05 else 0.01
    nearer = stated + step * np.sign(share - stated)
    first, second = known.order(known.root)[:2]
    leads = [
        _lead_at(known, code, weight, first, second) for weight in (stated, nearer)
    ]
    return {"w": share, "x": stated if leads[0] <= 1e-9 < leads[1] else np.nan}


def _lead_at(known: Known, code: str, weight: float, first: int, second: int) -> float:
    shares = known.plain.shares(known.root)
    others = {
        own: share * (1 - weight) / (1 - shares[code]) for own, share in shares.items()
    }
    total = 0.0
    for own, share in {**others, code: weight}.items():
        scores = known.scores[own]
        if known.plain.method.mean == "geometric":
            scores = np.log(scores)
        total += share * (scores[first] - scores[second])
    return float(total)


@rule("dependent", "dependent_fall", "dependent_rise")
def _dependent(known: Known, words: Words) -> dict[str, object]:
    own = _variant_ranks(known)
    spans = {}
    for row in known.order(known.root)[:10]:
        every = [int(places[row]) for _, places in own if places[row]]
        every.append(known.rank(known.root, row))
        spans[row] = (min(every), max(every))
    row = known.city(words)
    assert np.ptp(spans[row]) == max(map(np.ptp, spans.values()))
    place = known.rank(known.root, row)
    low, high = spans[row]
    found = {"low": low, "high": high, "place": place}
    if "indicator" in words.maps[0]:
        leaf = known.code(words["indicator"])
        found["now"] = next(places[row] for out, places in own if out == leaf)
    return found


# Cities


@rule("case_rise")
def _case_rise(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    return {"then": _rank_then(known, row), "now": known.rank(known.root, row)}


@rule(
    "case_again",
    "case_plain",
    "case_strong",
    "case_wide",
    "case_leads",
    "case_best",
    "case_range",
)
def _case(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    every = [known.rank(code, row) for code in known.parts]
    own = {"place": known.rank(known.root, row), "n": len(known.parts)}
    for part in words.get("best", []):
        assert known.rank(known.code(part), row) == min(every)
    for word in {"part", "part2"} & {*words}:
        assert known.rank(known.code(words[word]), row) == max(every)
    own |= {"high": min(every), "low": max(every), "k": every.count(min(every))}
    own |= {"first": min(every), "last": max(every)}
    if "top" in words:
        own["top"] = max(every)
    return own


@rule("chain")
def _chain(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    n = len(known.order(known.root))
    score = known.scores[known.root][row]
    return {"place": known.rank(known.root, row), "score": score, "n": n}


@rule("of_group")
def _of_group(known: Known, words: Words) -> dict[str, object]:
    return {"n": len(known.inside(known.root, known.members(words)))}


@rule("in_group", "in_groups_alike")
def _in_group(known: Known, words: Words) -> dict[str, object]:
    own = known.rank(known.root, known.city(words))
    places = set()
    for group in words["groups"]:
        rows = known.inside(known.root, known.members(group.values))
        places.add(sum(known.rank(known.root, row) < own for row in rows) + 1)
    (place,) = places
    return {"rank": place}


@rule("part_strengths", "part_strengths_mixed")
def _part_strengths(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    ahead = {c: known.scores[c][row] - known.mean(c) for c in known.parts}
    high = known.code(words["part"])
    low = known.code(words["part2"])
    assert ahead[high] == max(ahead.values())
    assert ahead[low] == min(ahead.values())
    ends = {"m": known.mean(high), "m2": known.mean(low)}
    return {"x": known.scores[high][row], "y": known.scores[low][row], **ends}


@rule("chain_parts", "chain_part")
def _chain_parts(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    return {"places": [known.rank(known.code(part), row) for part in words["parts"]]}


@rule("place_in", "place_in_both")
def _place_in(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    (place,) = {known.rank(known.code(part), row) for part in words["parts"]}
    return {"place": place}


@rule("ranked_low", "ranked_high", "first_on")
def _ranked(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    leaf = known.code(words["indicator"])
    return {"value": known.plain.values[leaf][row], "place": known.rank(leaf, row)}


@rule("none_weak")
def _none_weak(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    leaves = [x for x in known.plain.values if np.isfinite(known.plain.values[x][row])]
    return {"low": max(known.rank(leaf, row) for leaf in leaves), "k": len(leaves)}


# Data and scale


@rule("no_gaps", "all_derived", "gaps")
def _gaps(known: Known, words: Words) -> dict[str, object]:
    block = np.array([*known.plain.values.values()])
    rows = np.isfinite(block).any(axis=0)
    own = {"cities": rows.sum(), "indicators": len(block)}
    missing = (~np.isfinite(block[:, rows])).sum()
    return {**own, "values": block[:, rows].size, "missing": missing}


@rule("gaps_alike")
def _gaps_alike(known: Known, words: Words) -> dict[str, object]:
    block = np.column_stack([*known.plain.values.values()])
    counts = {int(np.isnan(block[known.row(city)]).sum()) for city in words["cities"]}
    (k,) = counts
    return {"k": k}


@rule("gaps_of")
def _gaps_of(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    return {"k": sum(not np.isfinite(own[row]) for own in known.plain.values.values())}


@rule("unranked", "unranked_other", "unranked_others")
def _unranked(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    scored = [code for code in known.parts if np.isfinite(known.scores[code][row])]
    assert row not in known.order(known.root)
    return {"k": len(scored)}


@rule("leads_apart")
def _leads_apart(known: Known, words: Words) -> dict[str, object]:
    own = known.apart[known.root]
    assert np.nanmax(own) == own[known.city(words)]
    return {"score": np.nanmax(own)}


@rule("ends_of_scale", "ends_of_scale_change")
def _ends_of_scale(known: Known, words: Words) -> dict[str, object]:
    every = [known.scores[code] for code in known.parts]
    assert len({(round(np.nanmin(x)), round(np.nanmax(x))) for x in every}) == 1
    return {"low": np.nanmin(every[0]), "high": np.nanmax(every[0])}


@rule("beyond_posts", "beyond_posts_many")
def _beyond_posts(known: Known, words: Words) -> dict[str, object]:
    posts = {leaf: known.plain.nodes[leaf].posts for leaf in known.plain.values}
    beyond = [
        ((own < posts[leaf][0]) | (own > posts[leaf][1])).sum()
        for leaf, own in known.plain.values.items()
    ]
    return {"n": sum(beyond)}


@rule("beyond")
def _beyond(known: Known, words: Words) -> dict[str, object]:
    leaf = known.code(words["indicator"])
    value = known.plain.values[leaf][known.city(words)]
    low, high = known.plain.nodes[leaf].posts
    return {"value": value, "post": low if value < low else high}


def _arithmetic_ranks(known: Known) -> Column:
    other = known.plain.by(mean="arithmetic").scores()[known.root]
    return ranks(other, known.decimals)


@rule("arithmetic", "arithmetic_many")
def _arithmetic(known: Known, words: Words) -> dict[str, object]:
    now = _arithmetic_ranks(known)
    rows = known.order(known.root)
    return {"n": sum(abs(now[row] - known.rank(known.root, row)) > 2 for row in rows)}


@rule("would_be")
def _would_be(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    now = _arithmetic_ranks(known)[row]
    return {"place": known.rank(known.root, row), "now": now}


@rule("equal")
def _equal(known: Known, words: Words) -> dict[str, object]:
    rows = [known.row(city) for city in words["cities"]]
    block = np.array([*known.plain.values.values()])
    assert all((block[:, row] == block[:, rows[0]]).all() for row in rows)
    return {"k": len(block), "place": known.rank(known.root, rows[0])}


@rule("differ", "differ_scores", "differ_ranks")
def _differ(known: Known, words: Words) -> dict[str, object]:
    return {"a": known.differing[0], "b": known.differing[1]}


# What a report declares, or prints


@rule("classes", "class_all", "class_some")
def _classes(known: Known, words: Words) -> dict[str, object]:
    """Require the classes of Ward's method: declared ones of scores as they are, in five."""
    rows, scores, labels = _classed(known)
    if "cities" not in words.maps[0]:
        return {"n": len(rows), "k": len({*labels})}
    named = [known.row(city) for city in words["cities"]]
    own = labels[rows.index(named[0])]
    members = [row for row, at in zip(rows, labels, strict=True) if at == own]
    assert named == members[: len(named)]
    block = scores[labels == own]
    means = block.mean(axis=0)
    if len(members) < 7:
        # What is told of cities by name is true of each.
        means = np.where((np.sign(block) == np.sign(means)).all(axis=0), means, 0)
    pairs = [*zip(known.parts, means, strict=True)]
    high = [code for code, mean in pairs if mean > 0.5]
    low = [code for code, mean in pairs if mean < -0.5]
    trait = words["trait"]
    if trait.key.endswith("_all"):
        assert len(known.parts) == len(high if "high" in trait.key else low)
    else:
        told = [trait.values.get(word, []) for word in ("high", "low")]
        assert [[*map(known.code, own)] for own in told] == [high, low]
    return {"n": len(members), "m": known.mean(known.root, members)}


def _classed(known: Known) -> tuple[list[int], Column, Column]:
    """Return the cities, their standardised scores, and their classes."""
    from scipy.cluster.hierarchy import fcluster, linkage

    every = known.order(known.root)
    rows = [
        row
        for row in every
        if all(np.isfinite(known.scores[c][row]) for c in known.parts)
    ]
    block = np.column_stack([known.scores[code][rows] for code in known.parts])
    scores = (block - block.mean(axis=0)) / block.std(axis=0, ddof=1)
    if known.published:
        return rows, scores, fcluster(linkage(block, "ward"), 5, "maxclust")
    tree = linkage(scores, "ward")
    heights = tree[:, 2]
    n = len(rows)
    ratios = [heights[n - k] / heights[n - k - 1] for k in range(3, 7)]
    k = 3 + int(np.argmax(ratios))
    return rows, scores, fcluster(tree, k, "maxclust")


@rule("outside_published")
def _published_shares(known: Known, words: Words) -> dict[str, object]:
    shares = {
        code: share for code, share in known.published.items() if code != known.root
    }
    assert max(shares, key=shares.__getitem__) == known.code(words["high"])
    assert min(shares, key=shares.__getitem__) == known.code(words["low"])
    ends = {"x": max(shares.values()), "y": min(shares.values())}
    return {"r2": known.published[known.root], **ends}


@rule("printed_value")
def _printed_value(known: Known, words: Words) -> dict[str, object]:
    row = known.city(words)
    leaf = known.code(words["indicator"])
    then = known.printed_values[known.cities[row], leaf]
    return {"a": then, "b": known.plain.values[leaf][row]}


@rule("profile", "profile_even")
def _profile(known: Known, words: Words) -> dict[str, object]:
    rows = known.inside(known.root, known.members(words))
    means = {name: float(np.nanmean(own[rows])) for name, own in known.extra.items()}
    assert max(means, key=means.__getitem__) == text_of(words["high"])
    assert min(means, key=means.__getitem__) == text_of(words["low"])
    x = max(means.values())
    y = min(means.values())
    return {"n": len(rows), "x": x, "y": y, "k": len(means)}


@rule("highest_part")
def _highest_part(known: Known, words: Words) -> dict[str, object]:
    own = known.extra[text_of(words["part"])]
    assert np.nanmax(own) == own[known.city(words)]
    return {"x": np.nanmax(own)}


@rule("compared")
def _compared(known: Known, words: Words) -> dict[str, object]:
    above, below = (known.flows[text_of(words[word])] for word in ("a", "b"))
    rows = known.order(known.root)[:20]
    ahead = (above - below)[rows]
    most = rows[int(ahead.argmax())]
    least = rows[int(ahead.argmin())]
    assert (known.city(words), known.row(words["other"])) == (most, least)
    own = {"x": above[most], "y": below[most], "x2": below[least], "y2": above[least]}
    return {"n": 20, "k": int((ahead > 0).sum()), **own}


@rule("firsts", "first_in", "first_in_also")
def _firsts(known: Known, words: Words) -> dict[str, object]:
    if "k" not in words.maps[0]:
        return {"n": len(known.fields)}
    row = known.city(words)
    rows = known.order(known.root)
    first = [rows[int(np.argmax(own[rows]))] for own in known.fields]
    return {"k": first.count(row)}


@rule("most", "most_of")
def _most(known: Known, words: Words) -> dict[str, object]:
    counts = known.counted
    if "x" in words.maps[0]:
        return {"x": counts[known.city(words)]}
    return {"n": int((counts > 0).sum())}
