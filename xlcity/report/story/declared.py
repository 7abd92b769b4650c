"""Findings that a report's `chapter.toml` declares: classes, parts of groups, most of something.

A kind is a function below; nothing else lists the findings. They stand with the types of cities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from xlcity.figures.contents import Label, inside
from xlcity.functions.cluster import cut_tree
from xlcity.grouping import grouped
from xlcity.report.quantities import LackingError, Quantities
from xlcity.report.story.basis import Basis, CityGroup
from xlcity.report.story.tiers import group_words
from xlcity.report.story.types import told_classes
from xlcity.report.story.writing import Phrase, phrase
from xlcity.reports.declarations import Declaration, declared

#: First cities that are named.
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
    every = grouped(zip(labels, tree.rows, strict=True)).values()
    return [told_classes(basis, [*every])]


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
    numbers = own.astype(int).tolist()
    each = [
        phrase("most_of", city=city(row), x=numbers[row], unit=unit) for row in first
    ]
    what = Label(*rule["what"])
    return [phrase("most", n=len(rows), each=each, what=what)]


def _firsts(basis: Basis, rule: Declaration) -> list[Phrase]:
    """State in how many of some quantities which cities are alone the first (18)."""
    every = Quantities(basis.source).all(rule["values"])
    rows = [*basis.overall.rows]
    count: Counter[int] = Counter()
    for quantity in every:
        own = np.nan_to_num(quantity.values[rows])
        if np.count_nonzero(own == own.max()) == 1:
            count[rows[int(own.argmax())]] += 1
    city = basis.source.city
    several = [(row, k) for row, k in count.most_common(_SOME) if k > 1]
    each = [phrase("first_in_also", city=city(row), k=k) for row, k in several]
    if not each:
        return []
    each[0] = each[0]._replace(key="first_in")
    words = {"what": Label(*rule["what"]), "unit": Label(*rule["unit"])}
    return [phrase("firsts", n=len(every), each=each, **words)]


def _highest(basis: Basis, rule: Declaration) -> list[Phrase]:
    """State which city is highest in each of some quantities (18)."""
    used = Quantities(basis.source).all(rule["values"])
    rows = [*basis.overall.rows]
    parts: dict[int, list[Phrase]] = {}
    for quantity, names in zip(used, rule["labels"], strict=True):
        own = np.nan_to_num(quantity.values[rows])
        first = int(own.argmax())
        part = phrase("highest_part", part=Label(*names), x=float(own[first]))
        parts.setdefault(rows[first], []).append(part)
    city = basis.source.city
    first_one, *others = parts.items()
    each = [phrase("highest_in", city=city(first_one[0]), parts=first_one[1])]
    each += [
        phrase("highest_in_also", city=city(row), parts=own) for row, own in others
    ]
    return [phrase("highest", scale=Label(*rule["scale"]), each=each)]


def _compared(basis: Basis, rule: Declaration) -> list[Phrase]:
    """State in how many of the first cities one quantity is above another, where most (24)."""
    above, below = Quantities(basis.source).all(rule["values"])
    rows = [*basis.overall.rows[: rule["first"]]]
    gaps = above.values - below.values
    ahead = {row: float(gaps[row]) for row in rows}
    k = sum(gap > 0 for gap in ahead.values())
    if not 0 < k < len(rows):
        return []
    most = max(rows, key=ahead.__getitem__)
    least = min(rows, key=ahead.__getitem__)
    a, b = (inside(Label(*names)) for names in rule["labels"])
    words = {
        "n": len(rows),
        "k": k,
        "city": basis.source.city(most),
        "x": float(above.values[most]),
        "y": float(below.values[most]),
        "other": basis.source.city(least),
        "x2": float(below.values[least]),
        "y2": float(above.values[least]),
    }
    return [phrase("compared", a=a, b=b, **words)]


_KINDS: Mapping[str, Callable[[Basis, Declaration], list[Phrase]]] = {
    "classes": _classes,
    "profiles": _profiles,
    "most": _most,
    "firsts": _firsts,
    "highest": _highest,
    "compared": _compared,
}
