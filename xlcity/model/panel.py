"""Panels: values of the same units and indicators in several editions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from xlcity.errors import DataError, Problem, Where, collecting, did_you_mean
from xlcity.grouping import grouped
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.columns import ColumnRoles
from xlcity.model.reading.data import has_values, open_table, read_table, units_beside
from xlcity.model.reading.sheets import open_extra_table
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.values import Notes
from xlcity.model.recipe import Recipe
from xlcity.xlsx.package import WORKBOOK_SUFFIXES

#: Columns that name the edition of a row.
TIME_COLUMNS = ("time", "edition", "year", "年份", "年度", "届次")
_YEAR = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Break:
    """A break of an indicator's series: from an edition on its method or source is another one."""

    code: str
    edition: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Datasets of several editions, the oldest first, with the same units and codes.

    Parameters
    ----------
    editions
        What the table calls them.
    times
        When they were, see `edition_times`.
    datasets
        One per edition.
    breaks
        Where series break.
    """

    editions: tuple[str, ...]
    times: tuple[float, ...]
    datasets: tuple[Dataset, ...]
    breaks: tuple[Break, ...] = ()


#: Where series break: code -> its editions, or a table with the columns code, edition, note.
BreakTable = Mapping[str, object] | FileTable


def read_breaks(
    source: BreakTable, codes: Collection[str], editions: Sequence[str]
) -> tuple[Break, ...]:
    """Read where series break.

    Raises
    ------
    DataError
        With every line that names an unknown indicator or edition.
    """
    lines = _lines_of_breaks(source)
    problems = []
    for line, where in lines:
        for name, known in ((line.code, codes), (line.edition, editions)):
            if name not in known:
                hint = did_you_mean(name, known)
                problem = Problem.of("XC345.unknown", where, hint=hint, name=name)
                problems.append(problem)
    DataError.raise_for(problems)
    return tuple(dict.fromkeys(line for line, _ in lines))


def _lines_of_breaks(source: BreakTable) -> list[tuple[Break, Where]]:
    """Return where series break, each with its address."""
    lines: list[tuple[Break, Where]] = []
    if not isinstance(source, FileTable):
        for code, named in source.items():
            several = named if isinstance(named, (list, tuple, set)) else (named,)
            lines += [(Break(code, as_text(edition)), Where()) for edition in several]
        return lines
    editions = source.texts(time_column(source))
    for row, record in enumerate(source.records()):
        texts = {name.strip().lower(): text for name, text in record.items()}
        edition = editions[row] if editions else ""
        line = Break(texts.get("code", ""), edition, texts.get("note", ""))
        lines.append((line, source.where(row)))
    return lines


def time_column(table: FileTable) -> int | None:
    """Return the position of the column that names editions, None where a table has none."""
    header = [name.strip().lower() for name in table.header]
    return next((header.index(name) for name in TIME_COLUMNS if name in header), None)


def edition_files(path: str | Path) -> dict[str, Path]:
    """Return the files of a folder with a table for each edition: `2019.csv`, `2020.xlsx`.

    Keys are the names without suffix. It is empty for what is not a folder.
    """
    folder = Path(path)
    if not folder.is_dir():
        return {}
    kinds = (".csv", *WORKBOOK_SUFFIXES)
    files = [file for file in folder.iterdir() if file.suffix.lower() in kinds]
    return {file.stem: file for file in sorted(files) if file.stem.isdecimal()}


def is_panel(source: str | Path | FileTable, framework: Framework) -> bool:
    """Tell whether a table of values has a column of editions and units in more than one of them.

    Where each unit has one row, a column `year` says of which year its values are: no panel. A
    folder with a table per edition is one, too.
    """
    if not isinstance(source, FileTable):
        if edition_files(source):
            return True
        if not has_values(Path(source)):
            return False
        source = open_table(Path(source), framework.inputs)
    if time_column(source) is None:
        return False
    units = source.texts(ColumnRoles(source, framework).unit)
    return len(set(units)) < len(units)


def read_panel(
    source: str | Path | FileTable,
    framework: Framework,
    recipe: Recipe | None = None,
    units: Sequence[Unit] | None = None,
    breaks: BreakTable | None = None,
) -> tuple[Panel, tuple[Notes, ...]]:
    """Read a panel: a table with a column of `TIME_COLUMNS`, or a folder with a table per edition.

    Parameters
    ----------
    units
        The known units; None takes those beside the tables, else those of the rows.
    breaks
        Where series break; None takes `breaks.csv` of the folder, or the sheet `breaks`.

    Returns
    -------
    Panel, tuple of Notes
        A unit that an edition lacks is blank there.

    Raises
    ------
    DataError
        With everything that cannot be used, in all editions; if there is no column of editions.
    """
    if units is None and not isinstance(source, FileTable):
        units = units_beside(source)
    tables = _edition_tables(source, framework)
    times = edition_times(list(tables))
    read_editions: list[_Edition] = []
    problems: list[Problem] = []
    for name, table in tables.items():
        with collecting(problems, DataError):
            dataset, notes = read_table(table, framework, units, recipe)
            read_editions.append(_Edition(name, dataset, notes))
    DataError.raise_for(problems)
    read_editions.sort(key=lambda edition: times[edition.name])
    panel = _panel_of(read_editions, times)
    if breaks is None and not isinstance(source, FileTable):
        breaks = open_extra_table(
            Path(source), "breaks", lambda row: "code" in map(as_text, row)
        )
    if breaks is not None:
        panel = replace(
            panel, breaks=read_breaks(breaks, framework.inputs, panel.editions)
        )
    return panel, tuple(_without_time(edition.notes) for edition in read_editions)


class _Edition(NamedTuple):
    """An edition by its name, its values, and the notes from reading them."""

    name: str
    dataset: Dataset
    notes: Notes


def _panel_of(editions: Sequence[_Edition], times: Mapping[str, float]) -> Panel:
    """Return the panel of editions, each with the units and codes of all."""
    datasets = [edition.dataset for edition in editions]
    units: dict[str, Unit] = {}
    codes: dict[str, None] = {}
    for dataset in datasets:
        units |= {unit.id: unit for unit in dataset.units}
        codes |= dict.fromkeys(dataset.codes)
    of_all = (tuple(units.values()), tuple(codes))
    return Panel(
        tuple(edition.name for edition in editions),
        tuple(times[edition.name] for edition in editions),
        tuple(dataset.reindexed(*of_all) for dataset in datasets),
    )


def read_latest(
    table: FileTable, framework: Framework, recipe: Recipe | None = None
) -> tuple[Dataset, Notes]:
    """Read a table as `read_table` does; of a panel, its latest edition.

    Its notes are on the values of all editions.
    """
    if not is_panel(table, framework):
        return read_table(table, framework, None, recipe)
    panel, (*earlier, latest) = read_panel(table, framework, recipe)
    converted = chain.from_iterable(notes.converted for notes in earlier)
    doubtful = chain.from_iterable(notes.doubtful for notes in earlier)
    latest = replace(
        latest,
        converted=(*converted, *latest.converted),
        doubtful=(*doubtful, *latest.doubtful),
    )
    return panel.datasets[-1], latest


def _without_time(notes: Notes) -> Notes:
    """Return notes on a table without the column of editions in their list of unused columns."""
    unused = (
        (heading, reason)
        for heading, reason in notes.unused
        if heading.strip().lower() not in TIME_COLUMNS
    )
    return replace(notes, unused=tuple(unused))


def _edition_tables(
    source: str | Path | FileTable, framework: Framework
) -> dict[str, FileTable]:
    """Return edition -> its table, from a folder or from a table with a column of editions.

    Raises
    ------
    DataError
        If there is no such column.
    """
    if not isinstance(source, FileTable):
        if files := edition_files(source):
            return {
                name: open_table(file, framework.inputs) for name, file in files.items()
            }
        source = open_table(Path(source), framework.inputs)
    if (column := time_column(source)) is None:
        raise DataError.of("XC300.no_editions")
    rows_by_edition = grouped(
        (name, row) for row, name in enumerate(source.texts(column))
    )
    return {name: source.selected(rows) for name, rows in rows_by_edition.items()}


def edition_times(names: Sequence[str]) -> dict[str, float]:
    """Return when each edition was, by its name.

    Names that are numbers say it; else the years in them, if each has one and no two the same; else
    their positions count from 0.

    >>> edition_times(["2023年", "2020年"]), edition_times(["first", "second"])
    ({'2023年': 2023.0, '2020年': 2020.0}, {'first': 0.0, 'second': 1.0})
    """
    try:
        return {name: float(name) for name in names}
    except ValueError:
        years_in_names = [_YEAR.findall(name) for name in names]
    if all(len(years) == 1 for years in years_in_names):
        time_of = {
            name: float(year)
            for name, (year,) in zip(names, years_in_names, strict=True)
        }
        if len(set(time_of.values())) == len(names):
            return time_of
    return {name: float(position) for position, name in enumerate(names)}


def read_previous(
    path: str | Path, framework: Framework, recipe: Recipe
) -> tuple[str, Dataset] | None:
    """Return the previous edition, its name and values, None where there is none.

    It stands in `previous.csv` of the folder `path`, or on the sheet `previous` of a workbook; a
    column of editions names it.

    Raises
    ------
    DataError
        With everything that cannot be used.
    """

    def has_code(row: Sequence[object]) -> bool:
        """Tell whether a row is the header: some cell is the code of an input."""
        return any(as_text(cell) in framework.inputs for cell in row)

    table = open_extra_table(Path(path), "previous", has_code)
    if table is None:
        return None
    names = table.texts(time_column(table))
    dataset, _ = read_table(table, framework, units_beside(path), recipe)
    return next(filter(None, names), "previous"), dataset
