"""One file, to a patched file: this process against other ways to get or to read the numbers."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import python_calamine

from benchmarks.engine import LIMIT, engine_alone
from benchmarks.timing import best_in_turns, seconds
from xlcity.recalc.compare import agree
from xlcity.recalc.files.jobs import Job, run_job
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def read_and_copy(source: Path, target: Path) -> None:
    """Read all values with python-calamine, and copy the zip part by part."""
    book = python_calamine.CalamineWorkbook.from_path(str(source))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python()
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(info, old.read(info))


def differing(a: Path, b: Path) -> int:
    """Return how many formula cells hold something else in another file."""
    one = read_book(Package.read(a))
    two = read_book(Package.read(b))
    return sum(
        not agree(sheet.value(*position), two.value(name, *position))
        for name, sheet in one.sheets.items()
        for position in sheet.cells.computed()
    )


def measure(
    source: Path, folder: Path, *, reference: bool, turns: int = 5
) -> dict[str, Any]:
    """Time the routes on a file with stale results; the results are compared, too.

    Parameters
    ----------
    source
        The workbook.
    folder
        For what is written.
    reference
        Whether to wait for `--engine formulas`.
    turns
        How often the quick ones are run.
    """
    out = {
        n: folder / f"{n}.xlsx"
        for n in ("xlcity", "calamine", "libreoffice", "formulas")
    }
    entries: dict[str, dict[str, Any]] = {}

    def recalc(name: str, engine: str) -> None:
        outcome = run_job(Job(source, out[name], engine, timeout=LIMIT))
        entries[name] = outcome.entry
        if outcome.entry["error"]:
            raise RuntimeError(outcome.entry["error"])

    first = seconds(lambda: recalc("xlcity", "formualizer"))
    best = best_in_turns(
        {
            "xlcity": lambda: recalc("xlcity", "formualizer"),
            "engine": engine_alone(source),
            "calamine": lambda: read_and_copy(source, out["calamine"]),
        },
        turns,
    )
    best |= best_in_turns(
        {"libreoffice": lambda: recalc("libreoffice", "libreoffice")}, 2
    )
    again = folder / "again.xlsx"
    run_job(Job(out["xlcity"], again))
    found = {
        "formulas in the file": entries["xlcity"]["formula_cells"],
        "first": first,
        "differing from libreoffice": differing(out["xlcity"], out["libreoffice"]),
        "results that changed": differing(source, out["xlcity"]),
        "recalculated again, same bytes": out["xlcity"].read_bytes()
        == again.read_bytes(),
    }
    if reference:
        best["formulas"] = seconds(lambda: recalc("formulas", "formulas"))
        found["differing from formulas"] = differing(out["xlcity"], out["formulas"])
    return {**found, **best}
