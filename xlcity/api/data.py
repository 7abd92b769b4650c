"""Values of cities by indicator for Python: read from a file or a frame, shown as a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Whoever imports this may never read data, or not yet: numpy and readers are loaded by functions.
if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlcity.api.given import FrameworkSource
    from xlcity.model.dataset import Dataset, Unit
    from xlcity.model.panel import Panel
    from xlcity.model.reading.labels import CityLabels
    from xlcity.model.reading.values import Notes
    from xlcity.model.recipe import Recipe


def _no_notes() -> Notes:
    from xlcity.model.reading.values import Notes

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
    panel
        Values of several editions, of which `dataset` is the last; None without a column `year`.
    labels
        What the frame that was read calls the cities; None: their ids.
    """

    dataset: Dataset
    notes: Notes = field(default_factory=_no_notes)
    panel: Panel | None = None
    labels: CityLabels | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """The values: a row per city, a column per code, each in its indicator's uom.

        NaN is a blank or a value that is confirmed missing; `states` tells them apart.
        """
        return self._labelled(self.dataset.values)

    @property
    def states(self) -> pd.DataFrame:
        """The state of every cell: "value", "blank" or "missing"."""
        import numpy as np

        from xlcity.model.dataset import State

        names = np.array([state.name.lower() for state in State], dtype=object)
        return self._labelled(names[self.dataset.states])

    def _labelled(self, values: Any) -> pd.DataFrame:
        from xlcity.api.labels import labelled

        return labelled(
            values, self.dataset.units, self.dataset.codes, labels=self.labels
        )

    @property
    def converted(self) -> pd.DataFrame:
        """What was read as something else than it was written: place, raw text, result, note."""
        import pandas as pd

        columns = [
            "file",
            "sheet",
            "cell",
            "unit",
            "indicator",
            "raw",
            "result",
            "note",
        ]
        rows = [conversion.as_dict() for conversion in self.notes.converted]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        from xlcity.model.dataset import State

        filled = int((self.dataset.states == State.VALUE).sum())
        units, codes = self.dataset.states.shape
        text = f"{units} cities x {codes} codes, {filled} of {units * codes} cells have a value"
        return f"<Data: {text}>"

    def _repr_html_(self) -> str:
        return str(self.frame.to_html(notebook=True, max_rows=60))


def read_data(
    source: str | Path | pd.DataFrame,
    framework: FrameworkSource,
    *,
    recipe: Recipe | None = None,
    units: Sequence[Unit] | None = None,
    breaks: Mapping[str, object] | pd.DataFrame | None = None,
    skip_totals: bool = False,
) -> Data:
    r"""Read values of cities by indicator.

    Parameters
    ----------
    source
        A CSV or xlsx file, a folder, or a frame: a row per city and a column per code or name of an
        indicator, or long with the columns `unit`, `code` and `value`. The cities of a frame are
        its index or its column `unit`. With a column `year` the rows are editions. Each of these
        may be a named level of the frame's index or columns.
    framework
        Names the indicators and their measures; or the file or frame of one, or a report.
    recipe
        For its missing codes.
    units
        The cities that are known; by default they are taken from the rows.
    breaks
        With editions: code of an indicator -> the editions from which on its method or source is
        another one, or a frame with the columns `code`, `edition` and `note`. By default the file
        `breaks.csv` of a folder, or the sheet `breaks` of a workbook.
    skip_totals
        Whether rows of a frame are left out that its index calls a total, a mean or a note, as
        those of files and of a column of cities are.

    Raises
    ------
    DataError
        With every cell, city and column that cannot be used.
    UsageError
        If `framework` has another type.

    Examples
    --------
    >>> import pandas as pd
    >>> import xlcity as xc
    >>> framework = xc.Framework.read("code,parent\nX,\nA,X\nB,X\n")
    >>> frame = pd.DataFrame({"A": [1.0, 2.0], "B": [4.0, None]}, index=["Lyon", "Turin"])
    >>> xc.read_data(frame, framework)
    <Data: 2 cities x 2 codes, 3 of 4 cells have a value>
    """
    from xlcity.adoption.reading import read_values
    from xlcity.api.given import framework_of
    from xlcity.model.panel import is_panel, read_panel
    from xlcity.model.reading.labels import labelled_table
    from xlcity.model.reading.plain_frames import read_plain_frame
    from xlcity.model.reading.tables import FileTable, table_from_frame

    tree = framework_of(framework)
    if units is None and not skip_totals:
        plain = read_plain_frame(source, tree, recipe)
        if plain is not None:
            return Data(plain.dataset, plain.notes, labels=plain.labels)
    table: str | Path | FileTable
    labelled = None
    if isinstance(source, (str, Path)):
        table = source
    else:
        labelled = labelled_table(source, tree, skip_totals=skip_totals)
        table = labelled.table
    if is_panel(table, tree):
        is_frame = breaks is not None and not isinstance(breaks, Mapping)
        listed: Any = table_from_frame(breaks, None) if is_frame else breaks
        panel, notes_by_edition = read_panel(table, tree, recipe, units, breaks=listed)
        data = Data(panel.datasets[-1], notes_by_edition[-1], panel)
    else:
        data = Data(*read_values(table, tree, units, recipe))
    if labelled is None:
        return data
    return replace(data, labels=labelled.labels_of(data.dataset.units))


def first_lines(text: str, most: int = 14) -> str:
    """Return the beginning of a long text, as the representation of an object."""
    lines = text.splitlines()
    if len(lines) <= most:
        return text
    return "\n".join(
        [*lines[: most - 1], f"… {len(lines) - most + 1} more lines: print() them."]
    )


def ids_by_name(units: Sequence[Unit]) -> dict[str, str]:
    """Return id, name or alias of a city -> its id; the first city of a name has it."""
    ids: dict[str, str] = {}
    for unit in reversed(units):
        ids |= dict.fromkeys(unit.spellings, unit.id)
    return ids
