"""The default engine alone: a workbook in memory, loaded and calculated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlcity.recalc.formualizer import Calculation, copy_for
from xlcity.recalc.protocol import Task
from xlcity.recalc.udf import find_udf_cells, library_names
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.collector import no_collection
from xlcity.xlsx.package import Package

LIMIT = 3600.0


def engine_alone(source: Path) -> Callable[[], None]:
    """Return what loads and calculates a workbook, functions of the library included."""
    package = Package.read(source)
    book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), LIMIT)
    copy = copy_for(task).to_bytes(packed=False)

    @no_collection()
    def work() -> None:
        Calculation(copy, task).run()

    return work
