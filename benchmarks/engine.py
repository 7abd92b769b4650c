"""The default engine alone: a workbook in memory, loaded and calculated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlcity.recalc.engines.formualizer import Calculation
from xlcity.recalc.engines.protocol import Task
from xlcity.recalc.library_calls import copy_for_library, find_udf_cells, library_names
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import no_collection

LIMIT = 3600.0


def engine_alone(source: Path) -> Callable[[], None]:
    """Return what loads and calculates a workbook, functions of the library included."""
    package = Package.read(source)
    book = read_book(package)
    task = Task(package, book, find_udf_cells(book, library_names()), LIMIT)
    copy = copy_for_library(task).to_bytes(packed=False)

    @no_collection()
    def work() -> None:
        Calculation(copy, task).run()

    return work
