"""Frames whose labels are kept: what the index, or the column of cities, calls each of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from xlcity.errors import UsageError
from xlcity.model.panel import TIME_COLUMNS
from xlcity.model.reading.columns import GROUP_PREFIX, ColumnRoles
from xlcity.model.reading.tables import (
    ID_COLUMNS,
    UNIT_HEADING,
    FileTable,
    as_text,
    table_from_frame,
    with_plain_columns,
)
from xlcity.model.reading.units import NAME_COLUMNS, close_gaps
from xlcity.model.reading.words import city_heading_score

if TYPE_CHECKING:
    import pandas as pd

    from xlcity.model.dataset import Unit
    from xlcity.model.framework import Framework

#: Levels of an index that say which value of a city a row has.
_LEVELS_OF_VALUES = (*TIME_COLUMNS, "code")
#: Stands between the parts of a city's id, where several levels of an index name it.
_BETWEEN_LEVELS = "/"


@dataclass(frozen=True, eq=False)
class CityLabels:
    """What a caller calls the cities.

    Attributes
    ----------
    index
        A label for each city, in the order of the data: their type, names and levels are the
        caller's.
    rows
        A label for each row of the frame that was read.
    columns_name
        Name of the columns of that frame.
    """

    index: pd.Index
    rows: pd.Index
    columns_name: Hashable = None

    def position(self, label: Hashable) -> int | None:
        """Return the position of a city by its label, None where there is no such label."""
        try:
            position = self.index.get_loc(label)
        except (KeyError, TypeError, ValueError):
            return None
        return position if isinstance(position, int) else None


class LabelledTable(NamedTuple):
    """A frame as the table that a file would hold, and the label of each row."""

    table: FileTable
    rows: pd.Index
    unit_column: int
    columns_name: Hashable

    def labels_of(self, units: Sequence[Unit]) -> CityLabels | None:
        """Return the labels of cities that were read; None where some city has none."""
        texts = self.table.texts(self.unit_column)
        row_by_id: dict[str, int] = {}
        for row, text in enumerate(texts):
            row_by_id.setdefault(close_gaps(text), row)
        rows = [row_by_id.get(unit.id, -1) for unit in units]
        if -1 in rows:
            return None
        is_whole = rows == list(range(len(self.rows)))
        index = self.rows if is_whole else self.rows[rows]
        return CityLabels(index, self.rows, self.columns_name)


def labelled_table(
    source: Any, framework: Framework, *, skip_totals: bool = False
) -> LabelledTable:
    """Return a frame as a table, and what its rows are called.

    Parameters
    ----------
    source
        The frame, or a Series with several levels.
    framework
        Says which columns are indicators.
    skip_totals
        Whether a row that the index calls a total or a note is left out, as in files.

    Raises
    ------
    UsageError
        If it is not a frame, or levels have no names, or those of columns.
    """
    import pandas as pd

    columns_name = source.columns.name if _has_plain_columns(source) else None
    frame = with_plain_columns(source)
    labels = frame.index
    levels = labels.nlevels
    if levels > 1 and None not in labels.names:
        labels, frame = _split_levels(frame, framework)
    table = table_from_frame(frame)
    unit_column = ColumnRoles(table, framework).unit
    # Columns of the table before those of the frame: that of the index, if it is one.
    before = len(table.header) - len(frame.columns)
    is_index = levels > 1 or unit_column < before or not len(frame.columns)
    if is_index:
        table = replace(table, keeps_rows=not skip_totals)
    elif not before and not _names_rows(labels):
        labels = pd.Index(frame.iloc[:, unit_column])
    return LabelledTable(table, labels, unit_column, columns_name)


def _names_rows(index: Any) -> bool:
    """Tell whether an index beside a column of cities has labels of its own for them."""
    is_named = index.name is not None and _heading(index.name) not in _LEVELS_OF_VALUES
    return is_named and bool(index.is_unique)


def _has_plain_columns(source: Any) -> bool:
    return getattr(getattr(source, "columns", None), "nlevels", 0) == 1


class _Split(NamedTuple):
    """The labels of a frame's rows, and the frame with its levels as columns."""

    labels: pd.Index
    frame: pd.DataFrame


def _split_levels(frame: pd.DataFrame, framework: Framework) -> _Split:
    """Return the labels of cities in an index of several levels, and the levels as columns.

    Several levels may name a city together: where none of them alone tells all cities apart, its id
    is made of all.
    """
    names = [*frame.index.names]
    _refuse_columns_too(names, frame)
    keys = [name for name in names if _heading(name) not in _LEVELS_OF_VALUES]
    of_values = [name for name in names if name not in keys]
    labels: Any = frame.index
    plain = frame.reset_index()
    if of_values and keys:
        labels = labels.droplevel(of_values)
    if not keys or UNIT_HEADING in frame.columns:
        return _Split(labels, plain)
    plain = plain.drop(columns=_levels_not_read(keys, framework))
    plain.insert(0, UNIT_HEADING, _ids_of(labels, keys))
    return _Split(labels, plain)


def _levels_not_read(keys: Sequence[Hashable], framework: Framework) -> list[Hashable]:
    """Return the levels that are read as labels alone."""
    return [name for name in keys if not _describes_cities(str(name), framework)]


def _refuse_columns_too(levels: Sequence[Hashable], frame: pd.DataFrame) -> None:
    """Refuse levels of an index that have the names of columns."""
    for level in levels:
        if level in frame.columns:
            raise UsageError.of("XC100.level_and_column", level=str(level))


def _ids_of(labels: Any, keys: Sequence[Hashable]) -> list[Any]:
    """Return the id of a city for each row: the level of the cities, else all levels together."""
    if len(keys) == 1:
        return [*labels]
    level = _level_of_cities(labels, keys)
    if level is None:
        return [_joined(label) for label in labels]
    return [*map(as_text, labels.get_level_values(level))]


def _heading(name: Hashable) -> str:
    return str(name).strip().lower()


def _level_of_cities(labels: Any, keys: Sequence[Hashable]) -> Hashable | None:
    """Return the level that alone tells all cities apart; None where there is none."""
    cities = labels.nunique()
    for name in keys:
        is_city = _heading(name) in ID_COLUMNS or city_heading_score(str(name)) > 1
        if is_city and labels.get_level_values(name).nunique() == cities:
            return name
    return None


def _describes_cities(name: str, framework: Framework) -> bool:
    """Tell whether a level is read beside the one of the cities: a name, or a group of them."""
    is_group = name in framework.groups or name.startswith(GROUP_PREFIX)
    return is_group or _heading(name) in NAME_COLUMNS


def _joined(label: Sequence[Hashable]) -> str:
    """Return the id of a city that several levels name."""
    return _BETWEEN_LEVELS.join(map(as_text, label))
