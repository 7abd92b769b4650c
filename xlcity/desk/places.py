"""Which files the page may read and write: those of its folder, and those that were handed over."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path

from xlcity.errors import UsageError


@dataclass(frozen=True)
class Places:
    """The folder that the page shows, and the private one of files that were handed over."""

    folder: Path
    handed: Path

    def holds(self, path: Path) -> bool:
        """Tell whether a path lies in one of the two, wherever its links lead."""
        try:
            real = path.resolve()
        except (
            OSError,
            RuntimeError,
            ValueError,
        ):  # links in a circle, no name of a file
            return False
        return any(
            real.is_relative_to(own.resolve()) for own in (self.folder, self.handed)
        )

    def require(self, name: str) -> Path:
        """Return the path that a name in the folder stands for.

        What is inside it, and files that are named after it, such as its seal, lie there too.

        Raises
        ------
        UsageError
            If it leads out of the folder.
        """
        path = self.folder / name
        if not self.holds(path):
            raise _outside(name)
        is_folder = path.resolve() == self.folder.resolve()
        beside = () if is_folder else path.parent.glob(f"{glob.escape(path.name)}*")
        # `Path.is_dir` fails for names that no file can have.
        inside = path.rglob("*") if os.path.isdir(path) else ()  # noqa: PTH112
        for other in (*beside, *inside):
            if other.is_symlink() and not self.holds(other):
                raise _outside(other.name)
        return path


def _outside(name: str) -> UsageError:
    return UsageError.of("XC100.outside_folder", name=name[:200])
