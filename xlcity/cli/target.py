"""Where a verb writes: refused before anything is done, and what stood there kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xlcity.cli.output import talk
from xlcity.errors import Problem, UsageError, Where
from xlcity.xlsx.save import output_problems, write_output


def require_xlsx(target: Path, what: str = "Templates") -> None:
    """Refuse a workbook by another name than .xlsx."""
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target.name} does not end with .xlsx.", f"{what} are .xlsx files.")


def require_folder(target: Path) -> None:
    """Refuse a file where a folder is to be."""
    if target.exists() and not target.is_dir():
        where = Where(file=str(target))
        raise UsageError(Problem("XC102", "this is a file.", "Name a folder.", where))


def write_tables(folder: Path, tables: Mapping[str, str]) -> list[str]:
    """Write texts by file name into a folder; return the names older files are kept under."""
    problems = [problem for name in tables for problem in output_problems(folder / name)]
    if problems:
        raise UsageError(problems)
    folder.mkdir(parents=True, exist_ok=True)
    kept = [write_output(folder / name, text.encode("utf-8")) for name, text in tables.items()]
    return [path.name for path in kept if path is not None]


def tell_kept(kept: Path | None) -> None:
    """Say where the file that was replaced is kept."""
    if kept is not None:
        talk(f"The file that was there is kept as {kept}.")


def tell_kept_names(kept: list[str]) -> None:
    """Say under which names files that were replaced are kept in their folder."""
    if kept:
        talk(f"Files that were there are kept as {', '.join(kept)}.")
