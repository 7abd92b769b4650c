"""Where a verb writes: refused before anything is done; a file that is replaced is kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from xlcity.errors import UsageError, Where, XlcityError
from xlcity.xlsx.atomic import WriteError
from xlcity.xlsx.limits import missing_files
from xlcity.xlsx.save import write_files


def require_files(workbook: str, table: str) -> None:
    """Refuse a workbook and a table that are not there, both at once."""
    absent = [*missing_files("XC400", workbook), *missing_files("XC320", table)]
    if absent:
        raise XlcityError(absent)


def require_folder(target: Path) -> None:
    """Refuse a file where a folder is to be, and a folder that may only be read."""
    if target.exists() and not target.is_dir():
        raise UsageError("this is a file.", "Name a folder.", "XC102", file=str(target))
    there = next(path for path in (target, *target.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK):
        where = Where(file=str(target))
        message = f"nothing can be written in the folder {there}."
        raise WriteError(message, "Choose a folder you may write to.", "XC420", where)


def make_folder(path: Path) -> None:
    """Make the folder of --outdir, if it does not exist."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "a file has that name" if path.is_file() else error.strerror or str(error)
        message = f"the folder {path} cannot be made: {why}."
        raise UsageError(message, "Name another --outdir.") from error


def write_tables(folder: Path, tables: Mapping[str, str]) -> list[str]:
    """Write texts by file name into a folder; return the names older files are kept under."""
    return write_files(folder, {name: text.encode("utf-8") for name, text in tables.items()})
