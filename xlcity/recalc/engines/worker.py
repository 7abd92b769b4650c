"""A process that serves one task after the other: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from xlcity.recalc.engines.protocol import TimeLimitError


class LostError(Exception):
    """The process ended or refused the task; a new one may do better."""


class WorkerProcess:
    """A process of its own, with all that it starts.

    Parameters
    ----------
    command
        Its command line.
    name
        What it is called in messages.
    environment
        For the process; that of this one by default.
    """

    def __init__(
        self, command: Sequence[str], name: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self._name = name
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # a group of its own, so that all of it can be ended
        )

    def ask(self, task: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        """Return the answer to a task.

        Raises
        ------
        LostError
            If there is none.
        TimeLimitError
            If it is not there by the deadline (of `time.monotonic`); the process is ended then.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        # Not every system can wait for a pipe with a time limit, so a timer ends the process.
        late = threading.Timer(max(0.0, deadline - time.monotonic()), kill_group, (process,))
        late.start()
        try:
            process.stdin.write(json.dumps(task).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            late.cancel()
        if not line:
            if time.monotonic() >= deadline:
                raise TimeLimitError(
                    f"{self._name} took longer than the time limit.", "Give more with --timeout."
                )
            raise LostError(f"{self._name} ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process and what it started."""
        process = self._process
        if process.poll() is None:
            kill_group(process)
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        process.wait()


def kill_group(process: subprocess.Popen[Any]) -> None:
    """End a process that has a group of its own, with all of the group."""
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
        )
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
