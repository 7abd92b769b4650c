"""Frames with a row per city, called as the caller calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xlcity.model.reading.tables import UNIT_HEADING

if TYPE_CHECKING:
    import pandas as pd

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
