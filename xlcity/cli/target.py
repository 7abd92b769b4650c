"""Where a verb writes: refused before anything is done, and what stood there kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from xlcity.errors import Problem, UsageError, Where
from xlcity.xlsx.atomic import write_atomic
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import keep_older


def require_xlsx(target: Path, what: str = "Templates") -> None:
    """Refuse a workbook by another name than .xlsx."""
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"{target.name} does not end with .xlsx.", f"{what} are .xlsx files.")


def require_other(
    target: Path, sources: Iterable[str | Path], hint: str = "Name another file."
) -> None:
    """Refuse to write over a file that is read."""
    if target.resolve() in {Path(source).resolve() for source in sources}:
        where = Where(file=str(target))
        raise UsageError(Problem("XC102", "the output is the input.", hint, where))


def require_folder(target: Path) -> None:
    """Refuse a file where a folder is to be."""
    if target.exists() and not target.is_dir():
        where = Where(file=str(target))
        raise UsageError(Problem("XC102", "this is a file.", "Name a folder.", where))


def write_workbook(target: Path, package: Package) -> Path | None:
    """Write a workbook; return where an older file of that name is kept, if there was one."""
    kept = keep_older(target, package)
    package.write(target)
    return kept


def write_tables(folder: Path, tables: Mapping[str, str]) -> list[str]:
    """Write texts by file name into a folder; return the names older files are kept under."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = []
    for name, text in tables.items():
        path, content = folder / name, text.encode("utf-8")
        older = keep_older(path, content)
        if older is not None:
            kept.append(older.name)
        write_atomic(path, content)
    return kept
