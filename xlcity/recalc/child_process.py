"""Starts processes, asks them, and ends them with all that they have started."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from xlcity.errors import TimeLimitError
from xlcity.hosts.calc.profile import office_pipe_suffix
from xlcity.xlsx.atomic import is_abandoned, lock_file

#: Seconds that a process without a task has to end by itself.
_SECONDS_TO_LEAVE = 5.0


class LostError(Exception):
    """The process has ended, or failed at the task; a new one may do better."""


class ChildProcess:
    """A process that is given one task after the other.

    Parameters
    ----------
    command
        Its command line. It reads each task from its stdin, pickled, and answers on its stdout with
        a pickled pair: whether it has done the task, and the result or the reason.
    name
        Its name in messages.
    environment
        Its environment variables; those of this process by default.
    """

    def __init__(
        self,
        command: Sequence[str],
        name: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the process, in a group of its own."""
        self._name = name
        self._is_busy = False
        self._is_killed = False
        self._process = _start_process_group(
            command, environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    @classmethod
    def for_function(
        cls,
        function: Callable[[Any], Any],
        name: str,
        environment: Mapping[str, str] | None = None,
    ) -> ChildProcess:
        """Return a Python process that calls a function of a module for each task.

        `environment` has variables besides those of this process.
        """
        # -P: no module of the current folder, which may be a stranger's, gets in.
        command = [
            sys.executable,
            "-P",
            "-m",
            __name__,
            function.__module__,
            function.__name__,
        ]
        path = os.pathsep.join(filter(None, sys.path))
        return cls(
            command, name, {**(environment or {}), **os.environ, "PYTHONPATH": path}
        )

    def ask(self, task: object, deadline: float = math.inf) -> Any:
        """Return the result of a task.

        Raises
        ------
        LostError
            If the process has ended, or failed at the task.
        TimeLimitError
            If no answer comes by the deadline (of `time.monotonic`); the process is ended then.
        """
        process = self._process
        self._is_busy = True
        assert process.stdin is not None
        assert process.stdout is not None
        # Not every system can wait for a pipe with a time limit, so a timer ends the process.
        seconds_left = min(max(0.0, deadline - time.monotonic()), threading.TIMEOUT_MAX)
        timer = threading.Timer(seconds_left, kill_group, (process,))
        timer.daemon = True
        timer.start()
        try:
            pickle.dump(task, process.stdin)
            process.stdin.flush()
            # Whether the task is done; then its result, else the traceback.
            is_done, answer = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            if time.monotonic() >= deadline:
                raise TimeLimitError.of(
                    "XC520.over_time_limit", name=self._name
                ) from error
            raise LostError(f"{self._name} ended") from error
        finally:
            timer.cancel()
        self._is_busy = False
        if not is_done:
            raise LostError(answer)
        return answer

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended, and was not told to."""
        return not self._is_killed and self._process.poll() is None

    def kill(self) -> None:
        """End the process and what it started, whatever it does; `ask` raises `LostError` then."""
        self._is_killed = True
        kill_group(self._process)

    def close(self) -> None:
        """End the process and what it started; one without a task may end by itself."""
        process = self._process
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        if not self._is_busy:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_SECONDS_TO_LEAVE)
        self.kill()
        process.stdout.close()  # type: ignore[union-attr]
        process.wait()


#: Runs the program of its arguments, and ends its group when stdin closes: the process that asked
#: for it, which holds the other end, is gone.
_END_WITH_STDIN = (
    "exec 3<&0; (read -r line <&3; kill -9 -$$) "
    '>/dev/null 2>&1 & exec "$@" 3<&- </dev/null'
)


def bind_to_stdin(command: Sequence[str]) -> list[str]:
    """Return a command line whose program ends with all of its group when its stdin closes.

    The program itself reads nothing. On Windows it is the command line as it is.
    """
    has_shell = sys.platform != "win32" and os.access(command[0], os.X_OK)
    return [*(("/bin/sh", "-c", _END_WITH_STDIN, "sh") if has_shell else ()), *command]


def run_program(
    command: Sequence[str], timeout: float, environment: Mapping[str, str]
) -> str:
    """Run a command line and return what it prints; `OSError` if it cannot be started.

    Except on Windows, the program does not outlive this process, however that ends.

    Raises
    ------
    subprocess.TimeoutExpired
        If it takes longer than so many seconds; it is ended then.
    """
    stdin, write_end = os.pipe()
    try:
        process = _start_process_group(
            bind_to_stdin(command), environment, stdin=stdin, stderr=subprocess.STDOUT
        )
        try:
            output, _ = process.communicate(timeout=timeout)
        except BaseException:
            kill_group(
                process
            )  # the program itself may have ended, and its children not
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=10)
            raise
    finally:
        os.close(stdin)
        os.close(write_end)
    return str(output, "utf-8", "replace")


def _start_process_group(
    command: Sequence[str],
    environment: Mapping[str, str] | None,
    *,
    stdin: int,
    stderr: int,
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own: no interrupt reaches it, and all of it can be ended.

    `stdin` and `stderr` are as for `subprocess.Popen`; its stdout is a pipe.
    """
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment,
        start_new_session=True,
        creationflags=getattr(
            subprocess, "CREATE_NEW_PROCESS_GROUP", 0
        ),  # Windows only
    )


def kill_group(process: subprocess.Popen[Any]) -> None:
    """End a process that has a group of its own, with all of the group."""
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)],
            capture_output=True,
            check=False,
        )
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


# -- in the process that is asked ----------------------------------------------------------------
def answer_tasks(function: Callable[[Any], Any]) -> None:
    """Answer the tasks that come on stdin until it closes; what the function prints goes to stderr.

    Tasks and answers are pickled; an answer is (True, what ``function(task)`` returns) or (False,
    the traceback). If stdin closes in the middle of a task, the process ends at once: its
    result is no longer wanted.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # An interrupt of the terminal is for the process that asks alone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the process that asks ends this one
    #: Tuples of one task; an empty one is the end.
    tasks: SimpleQueue[Any] = SimpleQueue()
    is_idle = threading.Event()

    def read_tasks() -> None:
        """Put the tasks that come on stdin into the queue, until it closes."""
        source = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
        # The process that asks may be killed in the middle of a task.
        with contextlib.suppress(EOFError, pickle.UnpicklingError):
            while True:
                task = pickle.load(source)
                is_idle.clear()
                tasks.put((task,))
        if not is_idle.is_set():
            os._exit(1)
        tasks.put(())

    is_idle.set()
    threading.Thread(target=read_tasks, daemon=True).start()
    while task := tasks.get():
        try:
            answer = (True, function(*task))
        except Exception:
            answer = (False, traceback.format_exc())
        is_idle.set()
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    answer_tasks(getattr(import_module(sys.argv[1]), sys.argv[2]))


# -- folders of one run ----------------------------------------------------------------------------
#: How folders' names begin, the file in them that is locked, and LibreOffice's settings.
_FOLDER_PREFIX = "xlcity-"
_LOCK_FILE = ".lock"
_PROFILE_FOLDER = "profile"
#: Where LibreOffice makes its pipes, whatever TMPDIR says.
_PIPE_FOLDER = Path("/tmp")
_PROCESS_FOLDER = Path("/proc")


class PrivateFolder:
    """A temporary folder; it is locked as long as its process lives, and removed when closed.

    Attributes
    ----------
    path
        The folder.
    profile
        Where LibreOffice has its settings, if it is started.
    """

    def __init__(self) -> None:
        """Make and lock the folder, once those that killed runs left are removed."""
        remove_abandoned_folders(tempfile.gettempdir())
        self.path, self._lock = _make_locked_folder()

    @property
    def profile(self) -> Path:
        """The folder of LibreOffice's settings, which need not be there."""
        return self.path / _PROFILE_FOLDER

    @property
    def pipe(self) -> str:
        """The name of the pipe through which LibreOffice is asked."""
        return self.path.name

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that let LibreOffice keep its temporary files here too.

        It copies what it loads into them, and leaves them wherever it is killed.
        """
        return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.path))

    def close(self) -> None:
        """Remove the folder, and the pipes of the LibreOffice that used it."""
        _remove_folder_and_pipes(self.path)
        with contextlib.suppress(OSError):
            os.close(self._lock)


def _make_locked_folder() -> tuple[Path, int]:
    """Make a folder and lock it; return it and the handle of its lock file.

    Another process may take it for abandoned before it is locked, and remove it; then it is made
    again.
    """
    while True:
        path = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX))
        handle = os.open(path / _LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
        lock_file(handle)
        if (path / _LOCK_FILE).exists():
            return path, handle
        os.close(handle)


def _remove_folder_and_pipes(folder: Path) -> None:
    """Remove a folder and the pipes of the LibreOffice that had its profile there, if possible."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in (folder.name, office_pipe_suffix(folder / _PROFILE_FOLDER)):
        for pipe in _PIPE_FOLDER.glob(f"OSL_PIPE_*_{name}"):
            with contextlib.suppress(OSError):
                pipe.unlink()


@cache
def remove_abandoned_folders(temporary_folder: str) -> None:
    """Remove the folders that this user's killed runs left, and end their LibreOffices.

    They are in the folder for temporary files, each with a lock file that no process holds.
    """
    for path in Path(temporary_folder).glob(f"{_FOLDER_PREFIX}*/{_LOCK_FILE}"):
        with contextlib.suppress(OSError):
            _remove_if_abandoned(path)


def _remove_if_abandoned(lock_path: Path) -> None:
    """Remove the folder of a lock file if no process holds that, and end its LibreOffice."""
    handle = os.open(lock_path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if _is_own_file(handle) and is_abandoned(handle):
            _kill_office_of_profile(lock_path.parent / _PROFILE_FOLDER)
            _remove_folder_and_pipes(lock_path.parent)
    finally:
        os.close(handle)


def _is_own_file(handle: int) -> bool:
    """Return whether an open file is this user's; true where a system does not tell."""
    return not hasattr(os, "getuid") or os.fstat(handle).st_uid == os.getuid()


def _kill_office_of_profile(profile: Path) -> None:
    """End the LibreOffice that uses a profile, found by its command line in /proc: Linux only."""
    option = f"-env:UserInstallation={profile.as_uri()}".encode()
    for command_line in _PROCESS_FOLDER.glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if option in command_line.read_bytes().split(b"\0"):
                os.kill(int(command_line.parent.name), signal.SIGKILL)
