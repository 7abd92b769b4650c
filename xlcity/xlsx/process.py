"""Limits a run's time, and pauses garbage collection while many objects are made."""

from __future__ import annotations

import _thread
import gc
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from xlcity.errors import TimeLimitError, Where

#: Seconds that a file may take, unless --timeout says otherwise. The engine `formulas` takes 3 ms a
#: cell: five minutes for the largest template.
DEFAULT_TIMEOUT = 1200.0


class _LateError(BaseException):
    """Time is up. Not an Exception, so that code which tries another engine does not catch it."""


@contextmanager
def time_limit(seconds: float, file: str | None = None) -> Iterator[None]:
    """End the block when it takes too long.

    It works in the main thread, where all verbs run; elsewhere only the engines' limits apply.

    Parameters
    ----------
    seconds
        How long it may take.
    file
        The file being processed, for the message.

    Raises
    ------
    TimeLimitError
        When time is up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    limit_time = (
        _limit_by_alarm if hasattr(signal, "setitimer") else _limit_by_interrupt
    )
    try:
        with limit_time(seconds):
            yield
    except _LateError:
        raise TimeLimitError.of(
            "XC520.too_long", Where(file=file), seconds=seconds
        ) from None


@contextmanager
def _limit_by_alarm(seconds: float) -> Iterator[None]:
    """Raise `_LateError` in the block by a signal; a limit around this one goes on afterwards."""

    def raise_late_error(_number: int, _frame: FrameType | None) -> None:
        """Handle the signal: time is up."""
        raise _LateError

    start = time.monotonic()
    outer_handler = signal.signal(signal.SIGALRM, raise_late_error)
    outer_seconds_left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        seconds_left = max(1e-3, outer_seconds_left - (time.monotonic() - start))
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, outer_handler)
        signal.setitimer(
            signal.ITIMER_REAL, seconds_left if outer_seconds_left else 0.0
        )


@contextmanager
def _limit_by_interrupt(seconds: float) -> Iterator[None]:
    """Raise `_LateError` in the block by a thread that interrupts it, as on Windows."""
    is_late = threading.Event()

    def interrupt() -> None:
        """Note that time is up, and interrupt the main thread."""
        is_late.set()
        _thread.interrupt_main()

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if is_late.is_set():
            raise _LateError from None
        raise
    finally:
        timer.cancel()


@contextmanager
def no_collection() -> Iterator[None]:
    """Disable cyclic garbage collection while many objects are created.

    As a decorator it frees the locals of a function before collection starts again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
