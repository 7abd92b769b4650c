"""Values of cities by indicator for Python: read from a file or a frame, shown as a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.errors import UsageError

# Whoever imports this may never read data, or not yet: numpy and readers are loaded by functions.
if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlcity.model.dataset import Dataset, Unit
    from xlcity.model.framework import Framework
    from xlcity.model.reading.notes import Notes
    from xlcity.model.reading.tables import FileTable
    from xlcity.model.recipe import Recipe

#: Heading of the first column, where a frame has the cities as its index.
UNIT = "unit"


def _no_notes() -> Notes:
    from xlcity.model.reading.notes import Notes

    return Notes()


@dataclass(frozen=True)
class Data:
    """Values of cities by indicator, and the notes from reading them.

    Attributes
    ----------
    dataset
        (n, k) values with their states and statuses.
    notes
        Conversions, columns that are not used, doubtful values.
    """

    dataset: Dataset
    notes: Notes = field(default_factory=_no_notes)

    @property
    def frame(self) -> pd.DataFrame:
        """The values: a row per city id, a column per code, each in its indicator's uom.

        NaN is a blank or a value that is confirmed missing; `states` tells them apart.
        """
        return labelled(self.dataset.values, self.dataset.units, self.dataset.codes)

    @property
    def states(self) -> pd.DataFrame:
        """The state of every cell: "value", "blank" or "missing"."""
        import numpy as np

        from xlcity.model.dataset import State

        names = np.array([state.name.lower() for state in State], dtype=object)
        return labelled(names[self.dataset.states], self.dataset.units, self.dataset.codes)

    @property
    def converted(self) -> pd.DataFrame:
        """What was read as something else than it was written: place, raw text, result, note."""
        import pandas as pd

        columns = ["file", "sheet", "cell", "unit", "indicator", "raw", "result", "note"]
        rows = [conversion.as_dict() for conversion in self.notes.converted]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        from xlcity.model.dataset import State

        filled = int((self.dataset.states == State.VALUE).sum())
        cells = self.dataset.states.size
        return (
            f"<Data: {len(self.dataset.units)} cities x {len(self.dataset.codes)} codes, "
            f"{filled} of {cells} cells have a value>"
        )

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(notebook=True, max_rows=60))


def read_data(
    source: str | Path | pd.DataFrame,
    framework: Framework,
    *,
    recipe: Recipe | None = None,
    units: Sequence[Unit] | None = None,
) -> Data:
    r"""Read values of cities by indicator.

    Parameters
    ----------
    source
        A CSV or xlsx file, a folder, or a frame: a row per city, a column per code or name of an
        indicator. The cities are the frame's index, or its column `unit`.
    framework
        Names the indicators and their measures.
    recipe
        For its missing codes.
    units
        The cities that are known; by default they are taken from the rows.

    Raises
    ------
    DataError
        With every cell, city and column that cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> import xlcity as xc
    >>> framework = xc.Framework.read("code,parent\nX,\nA,X\nB,X\n")
    >>> frame = pd.DataFrame({"A": [1.0, 2.0], "B": [4.0, None]}, index=["Lyon", "Turin"])
    >>> xc.read_data(frame, framework)
    <Data: 2 cities x 2 codes, 3 of 4 cells have a value>
    """
    from xlcity.model.reading.data import read_dataset, read_table

    if isinstance(source, (str, Path)):
        return Data(*read_dataset(source, framework, units, recipe))
    return Data(*read_table(table_of(source), framework, units, recipe))


def table_of(frame: Any) -> FileTable:
    """Return a frame as the table that a file would hold; NaN is a blank cell.

    Raises
    ------
    UsageError
        If it is not a frame, or has several levels of labels.
    """
    from xlcity.model.reading.cities import ID_COLUMNS
    from xlcity.model.reading.tables import FileTable

    if not (hasattr(frame, "columns") and hasattr(frame, "itertuples")):
        message = f"a {type(frame).__name__} is not a table."
        raise UsageError(message, "Give a path or a pandas DataFrame.")
    if getattr(frame.columns, "nlevels", 1) > 1 or getattr(frame.index, "nlevels", 1) > 1:
        raise UsageError("the frame has several levels of labels.", "Call reset_index() first.")
    header = [str(name) for name in frame.columns]
    rows = [list(row) for row in frame.itertuples(index=False, name=None)]
    if not {name.strip().lower() for name in header} & {"ucode", *ID_COLUMNS}:
        header = [str(frame.index.name or UNIT), *header]
        rows = [[label, *row] for label, row in zip(frame.index, rows, strict=True)]
    cells = tuple(tuple(map(_cell, row)) for row in rows)
    # A person counts the rows of a frame as a table shows them: the heading is row 1.
    return FileTable("DataFrame", None, tuple(header), cells, tuple(range(2, len(cells) + 2)))


def _cell(value: Any) -> Any:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def labelled(values: Any, units: Sequence[Unit], codes: Sequence[str]) -> pd.DataFrame:
    """Return (n, k) values as a frame: city ids down, codes across."""
    import pandas as pd

    index = pd.Index([unit.id for unit in units], name=UNIT)
    return pd.DataFrame(values, index=index, columns=list(codes))
