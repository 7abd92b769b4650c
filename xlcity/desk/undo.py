"""What was written on the page, step by step, and how the last step is taken back.

A step is what one press has written: the cells of a mend, or all files of an action.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from xlcity.errors import UsageError
from xlcity.xlsx.save import require_unlocked, write_output

#: File -> the copy of what it was, for those that were there.
Kept = Mapping[Path, Path]


class Written(NamedTuple):
    """What was written into a file: a copy of it before, if it was there, and what it is since."""

    before: Path | None
    mark: bytes


class TakenBack(NamedTuple):
    """The files of a step, whether the one asked for was new, and how many steps of it are left."""

    files: list[Path]
    is_gone: bool
    left: int


class History:
    """The steps that can be taken back, as long as the server runs.

    Parameters
    ----------
    folder
        An empty folder for copies of files as they were.
    place
        The folder that the page shows: folders below it that are left empty go, too.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder = folder
        self._place = place
        self._steps: list[dict[Path, Written]] = []
        self._copies = 0

    def keep(self, files: Iterable[Path]) -> dict[Path, Path]:
        """Copy files that may be written; one that is not there will be new."""
        kept = {}
        for path in files:
            copy = self._folder / str(self._copies)
            # A name that no file can have, or one that may not be read, is refused by who writes.
            with contextlib.suppress(OSError, ValueError):
                if path.is_file():
                    copy.write_bytes(path.read_bytes())
                    kept[path] = copy
                    self._copies += 1
        return kept

    def note(
        self, kept: Kept, files: Iterable[Path], *, follows: bool = False
    ) -> list[Path]:
        """Note which of these files were written since they were kept, and return them.

        What follows the step before, such as a workbook the tables that it is made of, is
        taken back with it.
        """
        step: dict[Path, Written] = {}
        for path in filter(Path.is_file, files):
            mark = _mark(path)
            before = kept.get(path)
            if before is None or _mark(before) != mark:
                step[path] = Written(before, mark)
        if follows and step and self._steps:
            former = self._steps.pop()
            for path, written in step.items():
                step[path] = Written(former.get(path, written).before, written.mark)
            step = {**former, **step}
        if step:
            self._steps.append(step)
        return [*step]

    def take_back(self, path: Path) -> TakenBack:
        """Take back the last step that wrote a file: what was new goes, the rest is as before.

        Raises
        ------
        UsageError
            If there is none, or one of its files was changed since.
        WorkbookError
            If a program has one of them open.
        """
        steps = [step for step in self._steps if path in step]
        if not steps:
            raise UsageError.of("XC100.saved_since", name=path.name)
        step = steps[-1]
        for file, written in step.items():
            _require_as_written(file, written)
        for file, written in step.items():
            _restore(file, written)
        self._steps.remove(step)
        self._remove_empty_folders(step)
        is_gone = step[path].before is None
        return TakenBack([*step], is_gone, len(steps) - 1)

    def _remove_empty_folders(self, files: Iterable[Path]) -> None:
        folders: set[Path] = set()
        for file in files:
            folders.update(file.parents)
        below = [folder for folder in folders if self._place in folder.parents]
        for folder in sorted(below, reverse=True):
            with contextlib.suppress(OSError):  # something else is in it
                folder.rmdir()


def _mark(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def _require_as_written(file: Path, written: Written) -> None:
    if not file.exists() and written.before is None:
        return  # removed by hand
    if not file.is_file() or _mark(file) != written.mark:
        raise UsageError.of("XC100.saved_since", name=file.name)
    require_unlocked(file)


def _restore(file: Path, written: Written) -> None:
    if written.before is None:
        file.unlink(missing_ok=True)
    else:
        write_output(file, written.before.read_bytes(), backup=False)
