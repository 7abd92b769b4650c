"""One line on a terminal for work that takes more than two seconds: what is done, and how long."""

from __future__ import annotations

import _thread
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from xlcity.api.texts import STEP_FILE, told

if TYPE_CHECKING:
    from threading import Event

#: Seconds without a word, and between two lines.
QUIET = 2.0
PAUSE = 0.5

_lock = _thread.allocate_lock()
_step = ""
_width = 0


def step(text: str) -> None:
    """Name what is being done, such as "2 of 5: book.xlsx"."""
    global _step
    _step = told(text)
    if _step:
        write_step(_step)


def write_step(text: str) -> None:
    """Write what is being done to the file that the waiting program has named, if it has."""
    if STEP_FILE in os.environ:
        with (
            suppress(OSError),
            open(os.environ[STEP_FILE], "w", encoding="utf-8") as file,  # noqa: PTH123
        ):
            file.write(text)


def cleared() -> None:
    """Remove the line, so that something else can be written."""
    global _width
    with _lock:
        if _width:
            sys.stderr.write(f"\r{' ' * _width}\r")
            sys.stderr.flush()
            _width = 0


@contextmanager
def shown(verb: str) -> Iterator[None]:
    """Show the progress of what is done inside, on a terminal only."""
    step("")
    if not sys.stderr.isatty():
        yield
        return
    import threading

    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(verb, done), daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
        cleared()


def _tick(verb: str, done: Event) -> None:
    global _width
    start = time.monotonic()
    pause = QUIET
    while not done.wait(pause):
        pause = PAUSE
        seconds = f"{time.monotonic() - start:.0f} s"
        current = f"{_step}, " if _step else ""
        line = f"xlcity {verb}: {current}{seconds}"
        with _lock:
            sys.stderr.write(f"\r{line:<{_width}}")
            sys.stderr.flush()
            _width = len(line)
