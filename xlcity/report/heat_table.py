"""The scores of cities in the parts of a node as a table in shades of their ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xlcity.figures.contents import Axis, HeatTable
from xlcity.report.contents import points
from xlcity.report.row_names import numbered
from xlcity.report.story.basis import Basis
from xlcity.report.texts import filled, report_texts


def heat_table(basis: Basis, code: str, rows: Sequence[int]) -> HeatTable:
    """Return a row for each of some cities, a column for each part of a node.

    The thirds are those of all ranked cities, as in the text.
    """
    source = basis.source
    parts = source.children(code)
    values = np.column_stack([source.scores(part)[list(rows)] for part in parts])
    ranks = np.full(values.shape, np.nan)
    for column, part in enumerate(parts):
        rank_of = basis.ranking(part).rank_of
        ranks[:, column] = [rank_of.get(row, np.nan) for row in rows]
    whole = basis.ranking(code)
    last = max(basis.ranking(part).n for part in (code, *parts))
    ends = [whole.strong, -(-2 * whole.n // 3), last]
    words = report_texts("figures")["heat-map"]
    starts = [1, *(end + 1 for end in ends)]
    legend = [
        filled(words["third"], {"first": start, "last": end})
        for start, end in zip(starts, ends, strict=False)
    ]
    rank_of = whole.rank_of
    return HeatTable(
        rows=[numbered(rank_of[row], source.marked_city(row, code)) for row in rows],
        columns=[source.scored(part) for part in parts],
        values=values,
        ranks=ranks,
        texts=[_texts(basis, parts, row) for row in rows],
        axis=Axis(filled(words["score"], {}), decimals=source.text_decimals),
        thirds=ends,
        legend=[*legend, filled(words["gap"], {})],
    )


def _texts(basis: Basis, parts: Sequence[str], row: int) -> list[str]:
    """Return the scores of a city with the marks of their gaps; "" without one."""
    source = basis.source
    texts = []
    for part in parts:
        score = float(source.scores(part)[row])
        shown = points(score, source.text_decimals) + source.gaps.signs(row, part)
        texts.append(shown if np.isfinite(score) else "")
    return texts
