"""What was read of a team's workbook, kept beside it: `team.map.toml` for `team.xlsx`.

Its total, the cells that are meant as they stand, and for each column what it means and its formula
for the first city. Next year's file in the same layout is read by it, and `check` holds each column
against it. The workbook itself is never written to. Where `--propose` has written a map of the
table to the same file, both stand in it, each in its sections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.adoption.maps import FORMULAS, MapFaults, parse_map
from xlcity.messages import Message
from xlcity.model.reading.tables import decode_text, read_bytes

_SUFFIX = ".map.toml"
#: What a column means that divides another one by a third.
RATIO = "ratio"


class KeptColumn(NamedTuple):
    """What a column is.

    Attributes
    ----------
    means
        Its method, `RATIO`, "given" or "".
    of
        The headings of what it is made of.
    formula
        The formula of its first city.
    """

    means: str = ""
    of: tuple[str, ...] = ()
    formula: str = ""


@dataclass(frozen=True)
class WorkbookMap:
    """What is known of a workbook.

    Attributes
    ----------
    total
        Its column, such as "Index!J".
    keep
        Cells that are meant as they stand.
    columns
        Column -> what it is.
    """

    total: str
    keep: tuple[str, ...] = ()
    columns: Mapping[str, KeptColumn] = field(default_factory=dict)


def map_path(workbook: str | Path) -> Path:
    """Return where the map of a workbook stands."""
    return Path(workbook).with_suffix(_SUFFIX)


def read_workbook_map(workbook: str | Path) -> WorkbookMap | None:
    """Return what was kept of a workbook; None without a map that has it.

    Raises
    ------
    DataError
        If the map is not TOML, or its section has other entries than `adopt` writes.
    """
    path = map_path(workbook)
    if not path.is_file():
        return None
    document = parse_map(decode_text(read_bytes(path), str(path)), path)
    if FORMULAS not in document:
        return None
    return _MapReader(str(path)).read(document[FORMULAS])


class _MapReader:
    """Reads the section, which people may have edited.

    Parameters
    ----------
    file
        The map, for messages.
    """

    def __init__(self, file: str) -> None:
        self.faults = MapFaults(file)

    def read(self, section: object) -> WorkbookMap:
        """Return what the section says."""
        entries = self._table(FORMULAS, section)
        known = [each.name for each in fields(WorkbookMap)]
        for name in sorted({*entries} - {*known}):
            key = "XC337.unknown_entry_of_section"
            self.faults.expect(key, name, known, entry=name, section=FORMULAS)
        total = self._text("total", entries.get("total", ""))
        keep = self._list("keep", entries.get("keep", []))
        columns = self._table("columns", entries.get("columns", {}))
        read = {place: self._column(place, own) for place, own in columns.items()}
        self.faults.raise_all()
        return WorkbookMap(total, keep, read)

    def _column(self, place: str, own: object) -> KeptColumn:
        entry = self._table(place, own)
        return KeptColumn(
            self._text(place, entry.get("means", "")),
            self._list(place, entry.get("of", [])),
            self._text(place, entry.get("formula", "")),
        )

    def _list(self, name: str, own: object) -> tuple[str, ...]:
        if isinstance(own, list):
            return tuple(self._text(name, text) for text in own)
        self._refuse(name, own, "map.list")
        return ()

    def _table(self, name: str, own: object) -> Mapping[str, Any]:
        if isinstance(own, dict):
            return own
        self._refuse(name, own, "map.table")
        return {}

    def _text(self, name: str, own: object) -> str:
        if isinstance(own, str):
            return own
        self._refuse(name, own, "map.text")
        return ""

    def _refuse(self, name: str, own: object, kind: str) -> None:
        key = "XC337.entry_of_formulas"
        self.faults.refuse(key, name=name, given=own, kind=Message(kind))
