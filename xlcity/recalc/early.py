"""Lets formualizer begin before Python has read all of a workbook.

The engine needs only the XML without the results in it, and does not need Python's lock. Most
sheets are spelled so that this copy can be made without a look at their cells; whether it was
right to do so is seen when they are read, and if not, the calculation is given up.
"""

from __future__ import annotations

import re
from threading import Thread

from xlcity.errors import XlcityError
from xlcity.recalc.formualizer import PINNED, Calculation, Formualizer, copy_for
from xlcity.recalc.protocol import Task
from xlcity.recalc.udf import find_udf_cells, library_names
from xlcity.xlsx.cells import BookReader
from xlcity.xlsx.rewrite import is_plain, without_results

#: An array formula over several cells: its sheet has to be read, for results stand beside it.
_SPREAD = re.compile(rb"""<f\s[^>]*\bref=["'][A-Z$]+[0-9$]+:""")
#: Workbooks of less XML than this are read before a thread has begun.
LEAST = 1_000_000


class Early:
    """A calculation that has begun.

    Parameters
    ----------
    reader
        The workbook; sheets that cannot be copied unseen are read.
    timeout
        Seconds the engine may take.

    Raises
    ------
    WorkbookError
        If a sheet cannot be read.
    """

    def __init__(self, reader: BookReader, timeout: float) -> None:
        package = reader.package
        seen = [tab for tab in reader.tabs if _SPREAD.search(package.parts[tab.part])]
        self._unseen = {tab.name: tab.part for tab in reader.tabs if tab not in seen}
        book = reader.book(seen)
        task = Task(package, book, find_udf_cells(book, library_names()), timeout)
        parts = {part: without_results(package.parts[part]) for part in self._unseen.values()}
        copy = copy_for(task).replace(parts).to_bytes(packed=False)
        self._package, self._given_up = package, False
        self._calculation: Calculation | None = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(copy, task), daemon=True)
        self._thread.start()

    def _run(self, copy: bytes, task: Task) -> None:
        try:
            self._calculation = Calculation(copy, task)
            if not self._given_up:
                self._calculation.run()
        except BaseException as error:
            self._error = error

    def fits(self, task: Task) -> bool:
        """Return whether the copy is the one of the task; if not, the calculation is given up."""
        if task.package is not self._package or self._given_up:
            return False
        parts, sheets = task.package.parts, task.book.sheets
        right = all(
            name not in task.udf_cells
            and (not sheets[name].computed() or is_plain(sheets[name], parts[part]))
            for name, part in self._unseen.items()
        )
        if not right:
            self.cancel()
        return right

    def cancel(self) -> None:
        """Give the calculation up, if it is not done."""
        self._given_up = True
        if self._calculation is not None:
            self._calculation.workbook.cancel()

    def result(self) -> Calculation:
        """Return the calculation when it is done.

        Raises
        ------
        CannotComputeError
            If the engine cannot load the workbook.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._calculation is not None
        return self._calculation


def begin(reader: BookReader, timeout: float) -> Early | None:
    """Let the engine begin with a workbook, if it is large enough and can be begun unread."""
    size = sum(len(reader.package.parts[tab.part]) for tab in reader.tabs)
    if size < LEAST or Formualizer().version() != PINNED:
        return None
    try:
        return Early(reader, timeout)
    except XlcityError:
        return None  # reading all of it will say the same, and where
