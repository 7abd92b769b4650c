"""Frames with a row per city, called as the caller calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xlcity.model.reading.tables import UNIT_HEADING

if TYPE_CHECKING:
    import pandas as pd

    from xlcity.index.panel import EditionScores
    from xlcity.model.dataset import Unit
    from xlcity.model.reading.labels import CityLabels


def labelled(
    values: Any,
    units: Sequence[Unit],
    codes: Sequence[str],
    labels: CityLabels | None = None,
) -> pd.DataFrame:
    """Return (n, k) values as a frame: cities down, codes across.

    `labels` are what the caller calls the cities; without them these are ids.
    """
    import pandas as pd

    columns_name = None if labels is None else labels.columns_name
    columns = pd.Index([*codes], name=columns_name)
    return pd.DataFrame(
        values, index=index_of(units, labels), columns=columns, copy=True
    )


def index_of(units: Sequence[Unit], labels: CityLabels | None = None) -> pd.Index:
    """Return the index of a frame with a row per city."""
    import pandas as pd

    if labels is not None:
        return labels.index
    return pd.Index([unit.id for unit in units], name=UNIT_HEADING)


def frame_of_editions(
    editions: Sequence[EditionScores],
    units: Sequence[Unit],
    codes: Sequence[str],
    labels: CityLabels | None,
) -> pd.DataFrame:
    """Return scores and ranks of editions: a row per city and year, columns (what, node)."""
    import numpy as np
    import pandas as pd

    index = index_of(units, labels)
    columns = pd.MultiIndex.from_product([("score", "rank"), [*codes]])
    frames = []
    for edition in editions:
        ranks = np.where(edition.ranks > 0, edition.ranks, np.nan)
        values = np.hstack([edition.scores, ranks])
        frame = pd.DataFrame(values, index=index, columns=columns)
        frames.append(frame.astype(dict.fromkeys(columns[len(codes) :], "Int64")))
    names = [edition.edition for edition in editions]
    is_year = all(name.isdecimal() for name in names)
    years = [*map(int, names)] if is_year else names
    if not frames:
        frames = [pd.DataFrame(index=index[:0], columns=columns)]
        years = [0]
    joined = pd.concat(frames, keys=years, names=["year"])
    return joined.reorder_levels([*range(1, joined.index.nlevels), 0])
