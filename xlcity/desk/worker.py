"""A process of its own that keeps the workbook and computes: the page is never kept waiting."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from xlcity.errors import Problem, XlcityError, problem_of
from xlcity.recalc.files.processes import end_with_parent


class Worker:
    """Answers commands one after the other; one that takes too long can be ended by `cancel`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        #: What was opened: opened again where the process had to be replaced.
        self._opened: Mapping[str, str] | None = None

    def ask(self, name: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Run a command; see `commands.answer`.

        Raises
        ------
        XlcityError
            What the command reports, or that the computation was cancelled.
        """
        with self._lock:
            if self._process is None or not self._process.is_alive():
                self._start()
                if self._opened is not None and name != "open":
                    self._exchange("open", self._opened)
            document = self._exchange(name, given)
            if name == "open":
                self._opened = dict(given)
            return document

    def cancel(self) -> None:
        """End what is being computed; the next command starts afresh."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process."""
        self.cancel()
        if self._process is not None:
            self._process.join()
        if self._connection is not None:
            self._connection.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        if self._connection is not None:
            self._connection.close()
        process = context.Process(target=serve, args=(theirs,), daemon=True)
        process.start()
        theirs.close()
        # Known from now on: before its start there is nothing that could be ended.
        self._process, self._connection = process, ours

    def _exchange(self, name: str, given: Mapping[str, str]) -> dict[str, Any]:
        assert self._connection is not None
        try:
            self._connection.send((name, dict(given)))
            document, problems = self._connection.recv()
        except (EOFError, OSError) as error:
            message = "the computation was ended before it was done."
            raise XlcityError([Problem("XC560", message, "Ask again.")]) from error
        if problems:
            raise XlcityError(problems)
        return dict(document)


def serve(connection: Connection) -> None:
    """Answer until the other end is gone."""
    from xlcity.desk.commands import Books, answer

    end_with_parent()
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    books = Books()
    while True:
        try:
            name, given = connection.recv()
        except (EOFError, OSError):
            os._exit(0)
        document: dict[str, Any] = {}
        problems: list[Problem] = []
        try:
            document = answer(books, name, given)
        except XlcityError as error:
            problems = [*error.problems]
        except Exception as error:  # shown on the page; the process goes on
            problems = [problem_of(error, "XC999")]
        try:
            connection.send((document, problems))
            if name == "check" and not connection.poll():
                books.checks.prepare()
        except OSError:
            os._exit(0)
