"""The reports: each a folder beside this file. Adding a folder adds a report.

A folder has a report's data, and what only this report has: what its chapter shows
(`chapter.toml`, `inventory.csv`), its sheets (`pages`, their words in `labels.toml`), and what of
its figures (`figures`) and comparisons (`reproduce`) is code: each a module or a package.

Folders may also be elsewhere: the environment variable `XLCITY_REPORTS` names the directories
with them, separated as in PATH. A report that comes with xlcity wins over one of the same id.

Systems of indicators that the literature describes have the same form and stand in
`xlcity/systems`: they print nothing, and every value of theirs is invented.
"""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.data_files import parse_toml, require_regular

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from xlcity.reports.report import Report

_HOME = Path(__file__).parent
_SYSTEMS = _HOME.parent / "systems"
#: Environment variable with further directories of reports.
HOMES_VARIABLE = "XLCITY_REPORTS"


def report_ids() -> tuple[str, ...]:
    """Return the ids of all reports, sorted."""
    return tuple(sorted(_folders()))


def known_ids() -> tuple[str, ...]:
    """Return the ids of all reports, then those of the systems from the literature."""
    return (*report_ids(), *sorted(_systems()))


def _folders() -> dict[str, Path]:
    """Return the folder of every report, by id; the first home that has it wins."""
    named = os.environ.get(HOMES_VARIABLE, "").split(os.pathsep)
    return _folders_in(*(Path(name) for name in named if name)) | _shipped_folders(
        _HOME
    )


def _systems() -> dict[str, Path]:
    """Return the folder of every system that is not a report as well."""
    reports = _folders()
    folders = _shipped_folders(_SYSTEMS).items()
    return {
        system_id: folder for system_id, folder in folders if system_id not in reports
    }


def _folders_in(*homes: Path) -> dict[str, Path]:
    folder_by_id: dict[str, Path] = {}
    for home in homes:
        for path in sorted(home.glob("*/report.toml")):
            folder_by_id.setdefault(path.parent.name, path.parent.resolve())
    return folder_by_id


_shipped_folders = cache(_folders_in)


def load_report(report_id: str) -> Report:
    """Load a report, or a system from the literature.

    Raises
    ------
    UsageError
        If there is none of that id.
    """
    folder = report_folder(report_id)
    from xlcity.reports.loading import read_report

    return read_report(folder)


def report_folder(report_id: str) -> Path:
    """Return the folder of a report or system; raises as `load_report`."""
    folders = _folders() | _systems()
    if report_id not in folders:
        from xlcity.errors import UsageError, did_you_mean

        if os.path.isfile(report_id):  # noqa: PTH113 - may be too long
            raise UsageError.of("XC100.report_is_file", report=report_id)
        hint = did_you_mean(report_id, known_ids())
        raise UsageError.of("XC100.unknown_report", hint=hint, report=report_id)
    return folders[report_id]


@cache
def report_module(folder: Path, name: str) -> ModuleType | None:
    """Return a module or package of a report's own code; None where its folder has none."""
    path = folder / name.replace(".", "/")
    if not (path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()):
        return None
    import importlib
    import sys
    from types import ModuleType

    package = f"{__name__}.{folder.name}"
    if folder.parent != _HOME:
        # Its modules import one another relative to the folder, whatever its name is.
        package = f"xlcity_report_{folder.as_posix().encode().hex()}"
        parent = sys.modules.setdefault(package, ModuleType(package))
        parent.__path__ = [str(folder)]
    return importlib.import_module(f"{package}.{name}")


def own_function(folder: Path, module: str, name: str) -> Callable[..., Any]:
    """Return a function of a report's own code.

    Raises
    ------
    DataError
        If its folder has none of that name.
    """
    function: Callable[..., Any] | None = getattr(
        report_module(folder, module), name, None
    )
    if function is None:
        from xlcity.errors import DataError, Where

        raise DataError.of(
            "XC341.no_function", Where(file=str(folder)), folder=folder.name, name=name
        )
    return function


def summaries() -> list[dict[str, Any]]:
    """Return what `xlcity list` says of each report and system, without loading it.

    Loading takes twenty times as long.
    """
    reports = sorted(_folders().items())
    systems = sorted(_systems().items())
    lines = []
    for number, (_, folder) in enumerate([*reports, *systems]):
        about = read_toml(folder / "report.toml")
        nodes = _column_pairs(folder / "framework.csv", "code", "parent")
        parents = {parent for _, parent in nodes}
        options = read_toml(folder / "recipe.toml").get("option", [])
        lines.append(
            {
                **{key: about[key] for key in ("id", "name_en", "name_zh", "edition")},
                "units": len(_column_pairs(folder / "cities.csv", "id", "id")),
                "nodes": len(nodes),
                "indicators": sum(code not in parents for code, _ in nodes),
                "kind": "report" if number < len(reports) else "system",
                "data": about["data"]["kind"],
                "options": [_about_option(option) for option in options],
            }
        )
    return lines


def _about_option(option: dict[str, Any]) -> dict[str, Any]:
    return {key: option[key] for key in ("id", "label_zh", "label_en")}


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    DataError
        If it is not TOML.
    """
    require_regular(path)
    try:
        return parse_toml(path.read_text(encoding="utf-8"))
    except ValueError as error:
        from xlcity.errors import DataError, Where

        where = Where(file=str(path))
        raise DataError.of("XC320.no_toml", where, error=error) from error


def _column_pairs(path: Path, first: str, second: str) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        pairs = [(row[first], row[second]) for row in csv.DictReader(file)]
    return [pair for pair in pairs if pair[0]]
