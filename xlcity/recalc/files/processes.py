"""Recalculates several files at a time, each in a process that can be ended when it is late.

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

#: Bytes of the largest file whose parts are compared with those of others.
_MOST_BYTES = 1 << 24


def sort_jobs(paths: Sequence[Path]) -> deque[int]:
    """Return the numbers of files in the order to compute them: copies of one template together.

    What a process has read and compiled for one copy serves the next one. The template with the
    most work comes first, of each template the largest file.
    """
    if len(paths) < 2:
        return deque(range(len(paths)))
    groups, sizes = zip(*map(_template_key_and_size, paths), strict=True)
    work: Counter[Hashable] = Counter()
    for group, size in zip(groups, sizes, strict=True):
        work[group] += 1 + size
    places = {group: position for position, (group, _) in enumerate(work.most_common())}
    return deque(sorted(range(len(paths)), key=lambda n: (places[groups[n]], -sizes[n])))


def _template_key_and_size(path: Path) -> tuple[Hashable, int]:
    """Return a key that copies of a template have in common, and the size of a file in bytes.

    The key is None for large files and those that are no workbook.
    """
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
_WRITING_SECONDS = 60.0
#: Messages of a worker: it asks whether it may write, and it has done its job.
_ASKS, _DONE = "asks", "done"

#: Signals that end a run: from the keyboard, or from a system that shuts down.
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: Does a job and returns its outcome; calls the second argument before it writes.
Work = Callable[[Any, Callable[[], None]], Any]


class _StoppedError(BaseException):
    """The run was interrupted before this job wrote anything."""


class ProcessPool:
    """Processes that do jobs.

    Parameters
    ----------
    count
        How many processes at most.
    work
        Does a job in a process; it must be importable there.
    begin
        Prepares a process.
    seconds
        Job -> its time limit; a process that takes `GRACE` longer is ended.
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
            The numbers of those to be done, in order; emptied.

        Raises
        ------
        KeyboardInterrupt
            After every job that was allowed to write has done so and was reported.
        """
        try:
            while waiting or self._busy_workers():
                while waiting and len(self._busy_workers()) < self._count:
                    worker = self._find_or_start_idle_worker()
                    index = waiting.popleft()
                    worker.send_job(index, jobs[index], self._seconds(jobs[index]) + GRACE)
                self._receive_messages(done, allow_writing=True)
        except KeyboardInterrupt:
            self._finish_writing(done)
            raise
        finally:
            for worker in self._workers:
                worker.end()
            self._workers.clear()

    def _busy_workers(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.job is not None]

    def _find_or_start_idle_worker(self) -> _Worker:
        for worker in self._workers:
            if worker.job is None:
                return worker
        worker = _Worker(self._work, self._begin)
        self._workers.append(worker)
        return worker

    def _receive_messages(self, done: Callable[[int, Any], None], *, allow_writing: bool) -> None:
        """Wait until a worker sends a message or is late, and handle it."""
        from multiprocessing.connection import wait

        busy = self._busy_workers()
        seconds_left = min(worker.deadline for worker in busy) - time.monotonic()
        wait([worker.pipe for worker in busy], max(0.0, seconds_left))
        for worker in busy:
            with uninterrupted():  # an interrupt waits for the report
                self._handle_message(worker, done, allow_writing=allow_writing)

    def _handle_message(
        self, worker: _Worker, done: Callable[[int, Any], None], *, allow_writing: bool
    ) -> None:
        """Answer a worker that asks, report one that is done, and end one that is late or gone."""
        is_late = time.monotonic() > worker.deadline
        try:
            if not worker.pipe.poll():
                if is_late:
                    self._end_lost(worker, done, is_late=True)
                return
            kind, outcome_and_fitness = worker.pipe.recv()
            if kind == _ASKS:
                if allow_writing:
                    worker.writes = True
                    worker.pipe.send(True)
                return
        except (EOFError, OSError):
            self._end_lost(worker, done, is_late=False)
            return
        index, worker.job = worker.index, None
        outcome, is_fit_for_more = outcome_and_fitness
        if not is_fit_for_more:
            self._workers.remove(worker)
            worker.end()
        done(index, outcome)

    def _end_lost(
        self, worker: _Worker, done: Callable[[int, Any], None], *, is_late: bool
    ) -> None:
        """End a worker and report its job as lost."""
        self._workers.remove(worker)
        worker.end()
        done(worker.index, self._lost(worker.job, is_late))

    def _finish_writing(self, done: Callable[[int, Any], None]) -> None:
        """Wait for workers that may write; end the others, which have written nothing."""
        for worker in list(self._workers):
            if not worker.writes:
                self._workers.remove(worker)
                worker.end()
        latest = time.monotonic() + _WRITING_SECONDS
        for worker in self._workers:
            worker.deadline = min(worker.deadline, latest)
        while self._busy_workers():
            self._receive_messages(done, allow_writing=False)


class _Worker:
    """A process, and the job it has.

    Attributes
    ----------
    pipe
        Jobs go in, messages come out.
    job, index
        The job, None for an idle process, and its number.
    deadline
        When the process is ended, of `time.monotonic`.
    writes
        Whether it was allowed to write.
    """

    def __init__(self, work: Work, begin: Callable[[], None]) -> None:
        import multiprocessing

        # A process begins with "python -c", which imports from the current folder otherwise.
        os.environ.setdefault("PYTHONSAFEPATH", "1")
        # spawn: a fork of a process with engine threads can hang.
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self._process = context.Process(target=_do_jobs, args=(far_end, work, begin), daemon=True)
        with _ignoring_interrupts():  # an interrupt is for this process, which ends the others
            self._process.start()
        far_end.close()
        self.job: Any = None
        self.index, self.deadline, self.writes = -1, 0.0, False

    def send_job(self, index: int, job: Any, seconds: float) -> None:
        """Send the job of a number to the process, with its time limit."""
        self.index, self.job, self.writes = index, job, False
        self.deadline = time.monotonic() + seconds
        with contextlib.suppress(OSError):  # gone: `_handle_message` finds out
            self.pipe.send(job)

    def end(self) -> None:
        """End the process; one without a job does so by itself when its pipe closes."""
        self.pipe.close()
        if self.job is None:
            self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()


def _do_jobs(pipe: Connection, work: Work, begin: Callable[[], None]) -> None:
    """Do the jobs from a pipe until it closes; runs in a process of its own."""
    from xlcity.recalc.engines.formualizer import has_abandoned_calculation

    end_with_parent()
    begin()

    def ask_to_write() -> None:
        pipe.send((_ASKS, None))
        try:
            pipe.recv()
        except EOFError:
            raise _StoppedError from None

    with contextlib.suppress(EOFError, OSError, _StoppedError):
        while True:
            outcome = work(pipe.recv(), ask_to_write)
            is_fit_for_more = not has_abandoned_calculation()
            pipe.send((_DONE, (outcome, is_fit_for_more)))
            if not is_fit_for_more:
                return


def end_with_parent() -> None:
    """End this process, one of `multiprocessing`, when the one that started it has ended.

    Also in the middle of a calculation: its result is not needed, and outputs are written whole or
    not at all.
    """
    import multiprocessing

    parent = multiprocessing.parent_process()

    def exit_after_parent() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=exit_after_parent, daemon=True).start()


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """Let processes that are started in the block ignore interrupts."""
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        # Its start takes the mask away again: before the first process it would be without one.
        resource_tracker.ensure_running()
        # They keep the mask; an interrupt that comes meanwhile reaches this process afterwards.
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
    """Delay an interrupt until the end of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    # Signals without a handler in Python end the process, or are ignored.
    older = {
        signal_number: signal.getsignal(signal_number)
        for signal_number in _SIGNALS
        if callable(signal.getsignal(signal_number))
    }
    for signal_number in older:
        signal.signal(signal_number, lambda number, _: received.append(number))
    try:
        yield
    finally:
        for signal_number, handler in older.items():
            signal.signal(signal_number, handler)
    if received:
        signal.raise_signal(received[0])
