"""Looks at a file and gives a private copy of it each time it has been saved whole.

Programs save in several ways: in place, beside it and renamed, or the old file deleted first. A
copy counts when it is a whole zip; until then the last one stays.
"""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from pathlib import Path

from xlcity.errors import WorkbookError
from xlcity.xlsx.limits import read_file

#: Files larger than this are not read at every save.
LARGEST = 512 * 1024 * 1024
#: Seconds after which two writes have different times, whatever the file system.
_SETTLED = 2
#: Seconds between two readings of a file that looks the same, until then.
_AGAIN = 0.5


class Snapshots:
    """Private copies of one file.

    Parameters
    ----------
    file
        The workbook.
    folder
        Where copies are kept; a private folder.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        self.file, self.folder = file, folder
        self._last, self._number = "", 0
        #: What the file looks like from outside, and since when on a clock that nobody sets.
        self._stamp: tuple[int, ...] = ()
        self._since = self._read = 0.0
        #: Whether it was read, whole, after it had looked so long enough.
        self._settled = False
        #: Why there is no new copy: "", "absent", "unreadable", "large".
        self.state = "absent"

    def take(self) -> Path | None:
        """Copy the file if it is whole and is not the one that was copied last."""
        try:
            seen = self.file.stat()
            if seen.st_size > LARGEST:
                self.state = "large"
                return None
            stamp = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
            now = time.monotonic()
            if stamp != self._stamp:
                self._stamp, self._since, self._settled = stamp, now, False
                self._read = -_AGAIN
            if self._settled or now - self._read < _AGAIN:
                return None  # looked at every moment: not read each time
            self._read = now
            content = read_file(self.file)
        except FileNotFoundError:
            self.state, self._stamp = "absent", ()
            return None
        except (OSError, WorkbookError):
            self.state = "unreadable"
            return None
        if not _is_whole(content):
            self.state = "unreadable"
            return None
        self.state = ""
        self._settled = now - self._since > _SETTLED
        digest = hashlib.sha256(content).hexdigest()
        if digest == self._last:
            return None
        self._last = digest
        self._number += 1
        for old in self.folder.glob("copy*.xlsx"):
            old.unlink(missing_ok=True)
        copy = self.folder / f"copy{self._number}.xlsx"
        copy.write_bytes(content)
        return copy


def _is_whole(content: bytes) -> bool:
    """Return whether a file is a zip whose parts are all there (an encrypted one is whole too)."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return True  # encrypted, or an old .xls: reading says so
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.testzip() is None
    except Exception:  # whatever a half-written file does to the reader
        return False
