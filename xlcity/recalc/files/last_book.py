"""The workbook that was read last in a process that reads many: a copy has most of it in common."""

from __future__ import annotations

from pathlib import Path

from xlcity.recalc.support.template_book import is_template
from xlcity.xlsx.cells import BookReader, ReadBook
from xlcity.xlsx.editing.splice import CutSheet
from xlcity.xlsx.known_cells import KnownReader
from xlcity.xlsx.package import Package

#: Bytes, unpacked, of a workbook that is kept at most.
_MOST_BYTES = 1 << 26


class LastBook:
    """Reads workbooks; from the second on, of each what differs from the one before.

    Attributes
    ----------
    cuts
        Sheets into which results were written, if it keeps them.
    """

    def __init__(self) -> None:
        self._reader: BookReader | None = None
        self.cuts: dict[str, CutSheet] | None = None

    def forget(self) -> None:
        """Let go of it."""
        self._reader = self.cuts = None

    def unpack(self, path: Path) -> Package:
        """Return the parts of a file; raises as `Package.read`."""
        return Package.read(path, None if self._reader is None else self._reader.package)

    def read(self, package: Package) -> ReadBook:
        """Return the cells of a workbook; raises as `read_book`."""
        reader = KnownReader(package, is_template, self._reader)
        book = reader.book()
        parts = package.parts
        keeps = sum(map(len, parts.values())) <= _MOST_BYTES
        known = self.cuts or {}
        cuts = {part: cut for part, cut in known.items() if parts.get(part) == cut.data}
        self._reader, self.cuts = (reader, cuts) if keeps else (None, None)
        return book


#: That of this process.
LAST_BOOK = LastBook()
