"""Findings that a report's `chapter.toml` declares: classes, parts of groups, most of something.

A kind is a function below; nothing else lists the findings. They stand with the types of cities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label, inside
from xlcity.functions.cluster import cut_tree
from xlcity.grouping import grouped
from xlcity.report.quantities import LackingError, Quantities
from xlcity.report.story.basis import Basis, CityGroup
from xlcity.report.story.tiers import group_words
from xlcity.report.story.writing import NUMBERS_ZH, Phrase, phrase
from xlcity.reports.declarations import Declaration, declared

#: Cities of a class that are all named; of a larger one the first ones are.
_NAMED = 6
_SOME = 3
#: Parts of a group that differ by less than this share of the highest are alike.
_ALIKE = 0.1


def declared_findings(basis: Basis) -> list[Phrase]:
    """Return what a report declares; nothing of that whose parts the index lacks."""
    found: list[Phrase] = []
    for rule in declared(basis.source.spec.id, "findings").values():
        try:
            found += _KINDS[rule["kind"]](basis, rule)
        except LackingError:
            continue
    return found


def _classes(basis: Basis, rule: Declaration) -> list[Phrase]:
    """State the classes that a declared dendrogram is cut into, the best city's first (27)."""
    drawn = declared(basis.source.spec.id, "figures")[rule["of"]]
    tree = Quantities(basis.source).merged(drawn)
    labels = cut_tree(tree.merges, drawn["k"]).tolist()
    place_of = basis.overall.rank_of
    every = [
        sorted(rows, key=place_of.__getitem__)
        for rows in grouped(zip(labels, tree.rows, strict=True)).values()
    ]
    every.sort(key=lambda rows: place_of[rows[0]])
    each = [_class(basis, rows) for rows in every]
    words = {"count": NUMBERS_ZH[len(every)], "k": len(every), "each": each}
    return [phrase("classes_declared", n=len(tree.rows), **words)]


def _class(basis: Basis, rows: Sequence[int]) -> Phrase:
    is_all = len(rows) <= _NAMED
    key = "class_all" if is_all else "class_some"
    cities = basis.cities(rows if is_all else rows[:_SOME])
    return phrase(key, cities=cities, n=len(rows))


def _profiles(basis: Basis, rule: Declaration) -> list[Phrase]:
    """State in which of some quantities groups are strongest and weakest on average (22)."""
    kind = basis.source.group_type(rule["class"])
    if kind is None:
        raise LackingError(rule["class"])
    used = Quantities(basis.source).all(rule["values"])
    names = [Label(*words) for words in rule["labels"]]
    each = []
    for group in kind.groups:
        rows = basis.members(kind, group)
        if group.value not in rule["groups"] or not rows:
            continue
        means = [float(np.nanmean(quantity.values[rows])) for quantity in used]
        each.append(_profile(CityGroup(kind, group, rows), names, means))
    scale = Label(*rule["scale"])
    return [phrase("profiles", scale=scale, each=each)] if each else []


def _profile(
    group: CityGroup, names: Sequence[Label], means: Sequence[float]
) -> Phrase:
    high = int(np.argmax(means))
    low = int(np.argmin(means))
    is_even = means[high] - means[low] < _ALIKE * means[high]
    return phrase(
        "profile_even" if is_even else "profile",
        high=inside(names[high]),
        low=inside(names[low]),
        x=means[high],
        y=means[low],
        k=len(means),
        **group_words(group),
    )


def _most(basis: Basis, rule: Declaration) -> list[Phrase]:
    """State how many cities have any of something, and which have the most (18)."""
    (used,) = Quantities(basis.source).all([rule["value"]])
    own = np.nan_to_num(used.values)
    falling = np.argsort(-own, kind="stable").tolist()
    rows = [row for row in falling if own[row] > 0]
    if len(rows) <= _SOME:
        return []
    # Several that are equal to the last one named are all left out.
    next_one = own[rows[_SOME]]
    first = [row for row in rows[:_SOME] if own[row] > next_one]
    if not first:
        return []
    unit = Label(*rule["unit"])
    city = basis.source.city
    each = [
        phrase("most_of", city=city(row), x=int(own[row]), unit=unit) for row in first
    ]
    what = Label(*rule["what"])
    return [phrase("most", n=len(rows), each=each, what=what)]


_KINDS: Mapping[str, Callable[[Basis, Declaration], list[Phrase]]] = {
    "classes": _classes,
    "profiles": _profiles,
    "most": _most,
}
