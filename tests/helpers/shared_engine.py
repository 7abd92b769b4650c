"""One process of the engine `formulas` for the tests of a run: to load it takes two seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from xlcity.recalc.child_process import ChildProcess
from xlcity.recalc.engines.formulas import compute_file


class SharedProcess:
    """A process that is kept for the next one who asks, unless it is busy or was ended."""

    def __init__(self, process: ChildProcess, idle: list[ChildProcess]) -> None:
        self._process = process
        self._idle = idle
        self._is_free = False

    def ask(self, task: object, deadline: float) -> Any:
        """Return the result of a task; see `ChildProcess.ask`."""
        answer = self._process.ask(task, deadline)
        self._is_free = True
        return answer

    def close(self) -> None:
        """Leave the process to others, or end it where it has failed."""
        if self._is_free and self._process.is_running:
            self._idle.append(self._process)
        else:
            self._process.close()


@contextmanager
def shared_engine() -> Iterator[None]:
    """Let all who compute with `formulas` use one process."""
    idle: list[ChildProcess] = []
    start = ChildProcess.for_function

    def for_function(
        function: Callable[[Any], Any], name: str, environment: Any = None
    ) -> ChildProcess | SharedProcess:
        if function is not compute_file or environment:
            return start(function, name, environment)
        return SharedProcess(idle.pop() if idle else start(function, name), idle)

    ChildProcess.for_function = staticmethod(for_function)  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        ChildProcess.for_function = start  # type: ignore[method-assign]
        for process in idle:
            process.close()
