"""Writing a workbook where the user wants it, without losing what was there."""

from __future__ import annotations

import itertools
from pathlib import Path

from xlcity.errors import Problem, Where, WorkbookError
from xlcity.xlsx.atomic import write_atomic
from xlcity.xlsx.package import Package


def require_unlocked(target: Path) -> None:
    """Refuse to overwrite a file that a spreadsheet program holds open.

    Raises
    ------
    WorkbookError
        If Excel, WPS or LibreOffice has left its lock beside the file.
    """
    locks = {
        "Excel or WPS": target.with_name("~$" + target.name),
        "LibreOffice": target.with_name(f".~lock.{target.name}#"),
    }
    for program, lock in locks.items():
        if target.exists() and lock.exists():
            raise WorkbookError(
                Problem(
                    "XC424",
                    f"{program} holds this file open ({lock.name}).",
                    "Close it there, write to another file with -o, or delete the lock file if "
                    "the program has crashed.",
                    Where(file=str(target)),
                )
            )


def save(new: Package, old: Package, source: Path, target: Path, *, backup: bool = True) -> bytes:
    """Write a changed package; overwriting its source keeps the old file as ``.bak``.

    Where nothing changed and source and target are one file, nothing is written.

    Returns
    -------
    bytes
        The file as it is now.
    """
    require_unlocked(target)
    in_place = source.resolve() == target.resolve()
    if in_place and new is old:
        return old.to_bytes()
    data = new.to_bytes()
    if in_place and backup:
        write_atomic(source.with_name(source.name + ".bak"), old.to_bytes())
    write_atomic(target, data)
    return data


def keep_older(target: Path, new: Package | bytes) -> Path | None:
    """Put a file that is about to be replaced aside under a free name, unless it is the same.

    Parameters
    ----------
    target
        The file.
    new
        What will stand there: a workbook, or the content of any file.

    Returns
    -------
    Path or None
        Where the older file now also stands.
    """
    if not target.is_file():
        return None
    older = target.read_bytes()
    if older == (new if isinstance(new, bytes) else new.to_bytes()):
        return None
    names = (f"{target.name}.bak{number if number > 1 else ''}" for number in itertools.count(1))
    free = next(path for name in names if not (path := target.with_name(name)).exists())
    write_atomic(free, older)
    return free
