"""From which rank to which cities move where an index is made in other ways."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from xlcity.figures.contents import Label, Numbers, listed
from xlcity.report.story.basis import Basis
from xlcity.report.story.overall import joint_leaders
from xlcity.report.story.robustness import Variants
from xlcity.report.story.writing import Writer, phrase

#: Cities from which on variants are compared, and variants at least: as in the text.
_CITIES = 10
_VARIANTS = 2


class RankSpans(NamedTuple):
    """The best and worst rank of each city over variants; how many (`n`) and which these are.

    `wins` is in how many of them the first city stays first.
    """

    best: Numbers
    worst: Numbers
    n: int
    variants: Label
    wins: int


def rank_spans(basis: Basis) -> RankSpans | None:
    """Return the ranks of all cities over the variants that the text tells of; None without any."""
    first = joint_leaders(basis.overall)
    if basis.overall.n < _CITIES or basis.source.synthetic or len(first) > 1:
        return None
    variants = Variants(basis).all()
    if len(variants) < _VARIANTS:
        return None
    own = basis.source.result.rank(basis.root)
    block = np.array([own, *(variant.ranks for variant in variants)], dtype=float)
    block[block <= 0] = np.nan
    kinds = [variant.kind for variant in variants]
    named = [
        phrase(f"variant_{kind}", n=kinds.count("omitted"))
        for kind in dict.fromkeys(kinds)
    ]
    chinese = Writer("zh")
    english = Writer("en")
    names = [Label(chinese.write(own), english.write(own)) for own in named]
    firsts = np.nanmin(block[1:], axis=1)
    return RankSpans(
        best=np.fmin.reduce(block),
        worst=np.fmax.reduce(block),
        n=len(variants),
        variants=listed(names),
        wins=int((block[1:, first[0]] == firsts).sum()),
    )
