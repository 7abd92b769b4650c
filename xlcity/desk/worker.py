"""A process of its own that keeps the workbook and computes: the page is never kept waiting."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

from xlcity.errors import Problem, XlcityError, problem_of
from xlcity.recalc.child_process import ChildProcess, LostError


class Worker:
    """Answers commands one after the other; one that takes too long can be ended by `cancel`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
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
            if self._process is None or not self._process.is_running:
                self.close()
                self._process = ChildProcess.of(answer_in_process, "the computation")
                if self._opened is not None and name != "open":
                    self._exchange(self._process, "open", self._opened)
            document = self._exchange(self._process, name, given)
            if name == "open":
                self._opened = dict(given)
            return document

    def cancel(self) -> None:
        """End what is being computed; the next command starts afresh."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.close()

    def _exchange(
        self, process: ChildProcess, name: str, given: Mapping[str, str]
    ) -> dict[str, Any]:
        try:
            document, problems = process.ask((name, dict(given)))
        except LostError as error:
            self.close()
            message = "the computation was ended before it was done."
            raise XlcityError([Problem("XC560", message, "Ask again.")]) from error
        if problems:
            raise XlcityError(problems)
        return dict(document)


@cache
def _books() -> Any:
    """Return the workbooks of this process."""
    from xlcity.desk.commands import Books

    return Books()


def answer_in_process(task: tuple[str, Mapping[str, str]]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the document of a command and its problems; it runs in the process of a `Worker`."""
    from xlcity.desk.commands import answer

    try:
        return answer(_books(), *task), []
    except XlcityError as error:
        return {}, [*error.problems]
    except Exception as error:  # shown on the page; the process goes on
        return {}, [problem_of(error, "XC999")]
