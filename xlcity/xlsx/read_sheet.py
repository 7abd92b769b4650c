"""Reads the cells of one sheet's XML into columns.

Most sheets write every cell in one way, and one pattern finds all their cells at once. The others
(attributes in another order, a namespace prefix, comments, rich text) are read cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from xlcity.errors import CellValue, Where, WorkbookError
from xlcity.xlsx import scan
from xlcity.xlsx.address import MAX_COLUMNS, MAX_ROWS, Range, cell_name, parse_range
from xlcity.xlsx.formulas.formula import SharedFormula
from xlcity.xlsx.table import CellTable, Position
from xlcity.xlsx.text import cell_text, date_serial, error_value, xml_text

#: Cells that the array formulas of a workbook may fill: every verb manages these in 20 seconds and
#: a gibibyte. A file of eight kilobytes can fill seventeen thousand million.
MOST_FILLED = 1 << 18
#: What no number in a file has. Python takes "1_000", "٣" and " 5 " for numbers, the engines' own
#: readers do not.
_ODD_IN_NUMBERS = re.compile(r"[_\s]|[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class ValueDecoder:
    """Decodes the values of a workbook's cells.

    Attributes
    ----------
    strings
        The shared strings.
    date1904
        Whether day 0 of dates is 1904-01-01.
    """

    strings: list[str]
    date1904: bool = False

    def decode(self, kind: str, raw: str, inline: str | None = None) -> CellValue:
        """Return the value of a cell of a type (``""`` is a number) from its <v>, or its <is>."""
        if kind == "str":
            return cell_text(raw)
        if kind == "inlineStr":
            return cell_text(inline or "")
        if not raw.strip():
            return None
        if kind in ("", "n"):
            _require_plain_numbers([raw])
            return float(raw)
        if kind == "s":
            return self._shared_string(raw)
        if kind == "b":
            return raw.strip() in ("1", "true")
        if kind == "e":
            return error_value(xml_text(raw.strip()))
        if kind == "d":
            return date_serial(raw.strip(), date1904=self.date1904)
        raise ValueError(f"type {kind!r}")

    def _shared_string(self, number: str) -> str:
        """Return the shared string of a number, given as text."""
        if not (number.isascii() and number.isdigit()):  # -1 would be the last one
            raise ValueError(f"{number!r} as the number of a text")
        return self.strings[int(number)]

    def decode_all(
        self,
        kinds: list[str | None],
        raw_values: list[str | None],
        inlines: list[str | None],
    ) -> list[CellValue]:
        """Return the values of cells by columns of `CellTexts`."""
        pairs = zip(kinds, raw_values, strict=True)
        _require_plain_numbers([raw for kind, raw in pairs if raw and not kind])
        decode = self.decode
        values: list[CellValue] = []
        add = values.append
        for kind, raw, inline in zip(kinds, raw_values, inlines, strict=True):
            if kind:
                add(decode(kind, raw or "", inline))
            else:
                add(float(raw) if raw else None)
        return values


class ReadSheet(NamedTuple):
    """The XML of a sheet, its cells, and what decoded their values."""

    data: bytes
    table: CellTable
    decoder: ValueDecoder


def read_cells(
    xml: str, decoder: ValueDecoder, fill_limit: int, where: Where
) -> CellTable:
    """Return the cells of a sheet.

    Parameters
    ----------
    xml
        The sheet.
    decoder
        Decodes the values of the workbook's cells.
    fill_limit
        How many cells its array formulas may fill beside those that have an element.
    where
        Its file and name, for messages.

    Raises
    ------
    WorkbookError
        If its array formulas fill more cells than `fill_limit`.
    ValueError, IndexError, KeyError
        If a cell cannot be read.
    """
    if (cells := scan.read_uniform(xml)) is not None and _are_inside(cells):
        element_count = len(cells.rows)
        table = _build_table(cells, decoder, fill_limit, where, elements=element_count)
        if table.has_distinct_positions():
            return table
    # Reading cell by cell says which cell is outside the sheet.
    return _build_table(scan.read_each_cell(xml), decoder, fill_limit, where)


def read_values(old: ReadSheet, data: bytes, decoder: ValueDecoder) -> CellTable | None:
    """Return the cells of a sheet by those of one like it; None if more than values differs.

    `data` is its XML, and `decoder` decodes its values. A cell that was filled or emptied is more
    than a value.
    """
    table = old.table
    other_strings = old.decoder.strings != decoder.strings
    if old.decoder.date1904 != decoder.date1904:
        return None
    if old.data == data and not other_strings:
        return table
    changed = scan.changed_values(
        old.data, data, table.elements, other_strings=other_strings
    )
    if changed is None:
        return None
    values = decoder.decode_all(changed.kinds, changed.values, changed.inlines)
    nothing = (None, "")
    for index, value in zip(changed.indices, values, strict=True):
        is_constant = table.formulas[index] is None
        if is_constant and (table.stored[index] in nothing) != (value in nothing):
            return None
    positions = map(table.positions.__getitem__, changed.indices)
    return table.with_results(dict(zip(positions, values, strict=True)))


def _are_inside(cells: scan.CellTexts) -> bool:
    """Return whether all cells are inside the sheet."""
    return (
        max(cells.rows, default=0) <= MAX_ROWS
        and max(cells.columns, default=0) <= MAX_COLUMNS
    )


def _build_table(
    cells: scan.CellTexts,
    decoder: ValueDecoder,
    fill_limit: int,
    where: Where,
    *,
    elements: int = 0,
) -> CellTable:
    """Return the table of cells from their texts.

    `elements` is as of `CellTable`, other parameters are as of `read_cells`.
    """
    positions = list(zip(cells.rows, cells.columns, strict=True))
    values = decoder.decode_all(cells.kinds, cells.values, cells.inlines)
    # Entities are resolved in all formulas at once.
    joined = xml_text("\0".join([text or "" for text in cells.formulas]))
    formulas: list[str | None] = [
        text.strip().removeprefix("=") if text else None
        for text in (joined.split("\0") if positions else ())
    ]
    arrays = _read_heads(positions, cells.heads, formulas)
    ranges = _parse_arrays(arrays)
    _refuse_large_arrays(arrays, ranges, len(positions) + fill_limit, where)
    members = _find_members(positions, formulas, ranges)
    # Members that are not in the file stand last.
    absent = members.keys() - dict.fromkeys(positions).keys() if members else ()
    added = [position for position in members if position in absent]
    nothing = [None] * len(added)
    return CellTable(
        positions=[*positions, *added],
        values=[*values, *nothing],
        formulas=[*formulas, *nothing],
        styles=[*cells.styles, *nothing],
        arrays=arrays,
        members=members,
        elements=elements,
    )


def _require_plain_numbers(texts: list[str]) -> None:
    """Raise `ValueError` if one of them is a number for Python alone."""
    if (odd := _ODD_IN_NUMBERS.search(",".join(texts))) is not None:
        raise ValueError(f"{odd[0]!r} in a number")


def _read_heads(
    positions: list[Position], heads: list[str | None], formulas: list[str | None]
) -> dict[Position, str]:
    """Read the formulas whose elements have attributes, `heads`; return anchor -> array range.

    In `formulas`, shared ones are expanded. A what-if table, which only Excel fills, becomes None:
    its values are kept.
    """
    shared: dict[str, SharedFormula] = {}
    arrays: dict[Position, str] = {}
    for index, head in enumerate(heads):
        if not head:
            continue
        position = positions[index]
        text = formulas[index]
        attributes = scan.parse_attributes(head)
        kind = attributes.get("t")
        name = attributes.get("si", "")
        if kind == "shared":
            if text:
                shared[name] = SharedFormula(text, *position)
            formulas[index] = shared[name].formula_in(*position)
        elif kind == "dataTable":
            formulas[index] = None
        else:
            formulas[index] = text or ""
        if kind == "array":
            arrays[position] = attributes.get("ref", "").replace("$", "")
    return arrays


def _parse_arrays(arrays: Mapping[Position, str]) -> dict[Position, Range]:
    """Return anchor -> range of array formulas from their addresses, "" for the anchor alone."""
    ranges = {}
    for anchor, ref in arrays.items():
        corners = parse_range(ref) if ref else (*anchor, *anchor)
        ranges[anchor] = Range("", *corners)
    return ranges


def _refuse_large_arrays(
    arrays: Mapping[Position, str],
    ranges: Mapping[Position, Range],
    most_cells: int,
    where: Where,
) -> None:
    """Raise `WorkbookError` if array formulas fill more cells than a number, for the largest.

    `arrays` and `ranges` have the address and the range of each by its anchor; `where` is the
    sheet.
    """
    sizes = {anchor: area.rows * area.columns for anchor, area in ranges.items()}
    if sum(sizes.values()) <= most_cells:
        return
    anchor = max(sizes, key=lambda position: sizes[position])
    raise WorkbookError.of(
        "XC406.too_large_arrays",
        replace(where, cell=cell_name(*anchor)),
        area=arrays[anchor],
        cells=sizes[anchor],
        most=MOST_FILLED,
    )


def _find_members(
    positions: list[Position],
    formulas: list[str | None],
    ranges: Mapping[Position, Range],
) -> dict[Position, Position]:
    """Return the cells of array ranges beside the anchors: member -> anchor.

    `positions` and `formulas` are the cells of the file and the formula of each, None for none;
    `ranges` has the range of each array formula by its anchor.
    """
    if not ranges:
        return {}
    own_formulas = {
        p for p, text in zip(positions, formulas, strict=True) if text is not None
    }
    members: dict[Position, Position] = {}
    for anchor, area in ranges.items():
        for position in area.positions:
            # A cell belongs to the first range over it; one with a formula of its own to none.
            if position != anchor and position not in own_formulas:
                members.setdefault(position, anchor)
    return members
