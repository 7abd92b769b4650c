"""Several files at a time, each in a process that is ended with its file if it has to be.

A worker asks before it writes. So a run that is interrupted knows every file that was written.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

# One file needs no process: `multiprocessing` is loaded by what starts one.
if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: Bytes of a file whose directory is read beforehand, at most.
_MOST_BYTES = 1 << 24


def job_order(paths: Sequence[Path]) -> deque[int]:
    """Return the numbers of files as they are to be taken: copies of one template together.

    What a process has read and compiled for one copy serves the next one. The template with the
    most work comes first, of each template the largest file.
    """
    if len(paths) < 2:
        return deque(range(len(paths)))
    groups, sizes = zip(*map(_group_and_size, paths), strict=True)
    work: Counter[Hashable] = Counter()
    for group, size in zip(groups, sizes, strict=True):
        work[group] += 1 + size
    places = {group: position for position, (group, _) in enumerate(work.most_common())}
    return deque(sorted(range(len(paths)), key=lambda n: (places[groups[n]], -sizes[n])))


def _group_and_size(path: Path) -> tuple[Hashable, int]:
    """Return what copies of a template have in common, and the size of a file."""
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES or not path.is_file():
            return None, size
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except Exception:
        return None, 0  # the process that reads it says what is wrong
    main = (info.CRC for info in infos if info.filename.endswith("workbook.xml"))
    return (*main, *(info.filename for info in infos)), size


#: Seconds beyond its time limit after which a process is ended, whatever it does.
GRACE = 30.0
#: Seconds to wait, after an interrupt, for a process that is writing.
_PATIENCE = 60.0
_ASKS, _DONE = "asks", "done"

#: Signals that end a run: from the keyboard, or from a system that shuts down.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: Does a job; calls what it is given before it writes.
Work = Callable[[Any, Callable[[], None]], Any]


class _StoppedError(BaseException):
    """The run was interrupted before this job wrote anything."""


class ProcessPool:
    """Processes that do jobs.

    Parameters
    ----------
    count
        How many.
    work
        Does a job in a process; it can be imported there by its name.
    begin
        Prepares a process.
    seconds
        Job -> how long it may take; a process that takes longer is ended.
    lost
        (job, whether it took too long) -> the outcome of a job whose process is gone.
    """

    def __init__(
        self,
        count: int,
        work: Work,
        begin: Callable[[], None],
        seconds: Callable[[Any], float],
        lost: Callable[[Any, bool], Any],
    ) -> None:
        self._count, self._work, self._begin = count, work, begin
        self._seconds, self._lost = seconds, lost
        self._workers: list[_Worker] = []

    def run(
        self,
        jobs: Sequence[Any],
        done: Callable[[int, Any], None],
        waiting: deque[int],
    ) -> None:
        """Do the jobs that are waiting.

        Parameters
        ----------
        jobs
            All of them.
        done
            Called with the number and the outcome of each as it comes.
        waiting
            Which are to be done and in which order.

        Raises
        ------
        KeyboardInterrupt
            After every job that was allowed to write has done so and was reported.
        """
        try:
            while waiting or self._busy():
                while waiting and len(self._busy()) < self._count:
                    worker = self._idle()
                    index = waiting.popleft()
                    worker.give(index, jobs[index], self._seconds(jobs[index]) + GRACE)
                self._listen(done, allow=True)
        except KeyboardInterrupt:
            self._finish_writing(done)
            raise
        finally:
            for worker in self._workers:
                worker.end()
            self._workers.clear()

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.job is not None]

    def _idle(self) -> _Worker:
        for worker in self._workers:
            if worker.job is None:
                return worker
        worker = _Worker(self._work, self._begin)
        self._workers.append(worker)
        return worker

    def _listen(self, done: Callable[[int, Any], None], *, allow: bool) -> None:
        from multiprocessing.connection import wait

        busy = self._busy()
        left = min(worker.deadline for worker in busy) - time.monotonic()
        wait([worker.pipe for worker in busy], max(0.0, left))
        for worker in busy:
            with uninterrupted():  # an interrupt waits for the report
                self._hear(worker, done, allow=allow)

    def _hear(self, worker: _Worker, done: Callable[[int, Any], None], *, allow: bool) -> None:
        is_late = time.monotonic() > worker.deadline
        try:
            if not worker.pipe.poll():
                if is_late:
                    self._drop(worker, done, is_late=True)
                return
            kind, what = worker.pipe.recv()
            if kind == _ASKS:
                if allow:
                    worker.writes = True
                    worker.pipe.send(True)
                return
        except (EOFError, OSError):
            self._drop(worker, done, is_late=False)
            return
        index, worker.job = worker.index, None
        outcome, stays = what
        if not stays:
            self._workers.remove(worker)
            worker.end()
        done(index, outcome)

    def _drop(self, worker: _Worker, done: Callable[[int, Any], None], *, is_late: bool) -> None:
        self._workers.remove(worker)
        worker.end()
        done(worker.index, self._lost(worker.job, is_late))

    def _finish_writing(self, done: Callable[[int, Any], None]) -> None:
        """Let those write that were allowed to; end the others, which have written nothing."""
        for worker in list(self._workers):
            if not worker.writes:
                self._workers.remove(worker)
                worker.end()
        until = time.monotonic() + _PATIENCE
        for worker in self._workers:
            worker.deadline = min(worker.deadline, until)
        while self._busy():
            self._listen(done, allow=False)


class _Worker:
    """A process, and the job it has."""

    def __init__(self, work: Work, begin: Callable[[], None]) -> None:
        import multiprocessing

        # A process begins with "python -c", which imports from the current folder otherwise.
        os.environ.setdefault("PYTHONSAFEPATH", "1")
        # spawn: a fork of a process with engine threads can hang.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work, begin), daemon=True)
        with _deaf():  # an interrupt is for this process, which stops the others
            self._process.start()
        theirs.close()
        self.job: Any = None
        self.index, self.deadline, self.writes = -1, 0.0, False

    def give(self, index: int, job: Any, seconds: float) -> None:
        self.index, self.job, self.writes = index, job, False
        self.deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError):  # gone: `_hear` finds out
            self.pipe.send(job)

    def end(self) -> None:
        """End the process; one without a job does so by itself when its pipe closes."""
        self.pipe.close()
        if self.job is None:
            self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()


def _serve(pipe: Connection, work: Work, begin: Callable[[], None]) -> None:
    """Do jobs until the pipe closes; what a process runs."""
    end_with_parent()
    begin()

    def ask() -> None:
        pipe.send((_ASKS, None))
        try:
            pipe.recv()
        except EOFError:
            raise _StoppedError from None

    with contextlib.suppress(EOFError, OSError, _StoppedError):
        while True:
            outcome = work(pipe.recv(), ask)
            stays = not _has_left_something()
            pipe.send((_DONE, (outcome, stays)))
            if not stays:
                return


def end_with_parent() -> None:
    """Let this process, one of `multiprocessing`, end when the one that started it has ended.

    Also in the middle of a calculation: no one waits for it, and outputs are written whole or not.
    """
    import multiprocessing

    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _has_left_something() -> bool:
    """Return whether a calculation goes on that took too long: the process is not for more."""
    from xlcity.recalc.engines.formualizer import left_running

    return left_running()


@contextmanager
def _deaf() -> Iterator[None]:
    """Start processes that no interrupt reaches."""
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        # Its start takes the mask away again: before the first process it would be without one.
        resource_tracker.ensure_running()
        # They keep the mask; an interrupt that comes meanwhile is felt here afterwards.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    older = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, older)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Put an interrupt off until what is inside is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    # What is not handled in Python ends the process, or is to be ignored.
    older = {
        signal_number: signal.getsignal(signal_number)
        for signal_number in _SIGNALS
        if callable(signal.getsignal(signal_number))
    }
    for signal_number in older:
        signal.signal(signal_number, lambda number, _: came.append(number))
    try:
        yield
    finally:
        for signal_number, handler in older.items():
            signal.signal(signal_number, handler)
    if came:
        signal.raise_signal(came[0])
