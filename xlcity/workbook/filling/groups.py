"""Writes what groups of cities are called into the table `xl_groups` of a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xlcity.errors import CellValue, Problem, UsageError
from xlcity.reports.groups import COLUMNS, group_rows
from xlcity.reports.report import GroupType, TierRule
from xlcity.reports.tiers import tier_rows
from xlcity.workbook.layout.inputs import XL_GROUPS, XL_TIERS
from xlcity.workbook.reading.records import plain_text
from xlcity.xlsx.cells import Position, ReadBook, resolve

#: Attribute and group of a line.
_Key = tuple[str, str]


def name_cells(
    book: ReadBook, groups: Sequence[GroupType], tiers: Sequence[TierRule]
) -> dict[str, dict[Position, CellValue]]:
    """Return the cells of the tables of groups and of tiers that change, by sheet.

    Raises
    ------
    UsageError
        If the workbook has no such table, or too few free lines in it.
    """
    named = _group_cells(book, groups)
    for sheet, cells in _tier_cells(book, tiers).items():
        named.setdefault(sheet, {}).update(cells)
    return named


def _group_cells(
    book: ReadBook, groups: Sequence[GroupType]
) -> dict[str, dict[Position, CellValue]]:
    """Return the cells that change, by sheet: names that are given, in lines old and new.

    A text that is not given stays as it is.

    Raises
    ------
    UsageError
        If the workbook has no such table, or too few free lines in it.
    """
    given = [*group_rows(groups)]
    if not given:
        return {}
    if XL_GROUPS not in book.names:
        raise UsageError([Problem.of("XC263.no_groups")])
    area = resolve(book, XL_GROUPS)
    header, *lines = (list(map(plain_text, line)) for line in book.block(area))
    column_of = {name: header.index(name) for name in COLUMNS if name in header}
    keys = [(line[column_of["group_type"]], line[column_of["group"]]) for line in lines]
    changes: dict[Position, CellValue] = {}
    for row in given:
        number = _take_line(keys, row)
        for column, text in _new_texts(row, lines[number], column_of):
            changes[area.r1 + 1 + number, area.c1 + column] = text
    return {area.sheet: changes} if changes else {}


def _tier_cells(
    book: ReadBook, tiers: Sequence[TierRule]
) -> dict[str, dict[Position, CellValue]]:
    """Return the cells of the table of tiers that change, by sheet: all lines are written anew.

    Raises
    ------
    UsageError
        If the workbook has no such table, or too few lines in it.
    """
    if not tiers:
        return {}
    area = resolve(book, XL_TIERS) if XL_TIERS in book.names else None
    if area is None or area.rows <= len(tiers):
        raise UsageError([Problem.of("XC263.no_tiers", n=len(tiers))])
    header, *lines = (list(map(plain_text, line)) for line in book.block(area))
    emptied = [dict.fromkeys(header, "")] * len(lines)
    rows = [*tier_rows(tiers), *emptied]
    changes: dict[Position, CellValue] = {}
    for number, line in enumerate(lines, area.r1 + 1):
        texts = map(rows[number - area.r1 - 1].__getitem__, header)
        pairs = zip(texts, line, strict=True)
        for column, (text, old) in enumerate(pairs, area.c1):
            if text != old:
                changes[number, column] = text or None
    return {area.sheet: changes}


def _new_texts(
    row: Mapping[str, str], line: Sequence[str], column_of: Mapping[str, int]
) -> Iterator[tuple[int, str]]:
    """Yield column and text where a line does not have what is given."""
    for name, column in column_of.items():
        if row[name] and row[name] != line[column]:
            yield column, row[name]


def _take_line(keys: list[_Key], row: Mapping[str, str]) -> int:
    """Return the number of the line of a group, or of a free one, which becomes its line.

    `keys` are attribute and group of each line, blank where it is free.
    """
    key = row["group_type"], row["group"]
    wanted = key if key in keys else ("", "")
    if wanted not in keys:
        raise UsageError([Problem.of("XC263.no_free_line", group=row["group"])])
    number = keys.index(wanted)
    keys[number] = key
    return number
