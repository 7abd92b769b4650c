"""One LibreOffice for many files: started once, restarted when it fails.

Needs a Python with `uno` (Debian: python3-uno); without one every file starts its own LibreOffice.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from xlcity.recalc.protocol import TimeLimitError

_SCRIPT = Path(__file__).with_name("office_script.py")
#: Files after which a new process takes over: programs that run for days collect memory.
_FILES = 200


class OfficeLostError(Exception):
    """The process ended or answered nonsense; a new one may do better."""


@cache
def python_with_uno(environment: tuple[tuple[str, str], ...]) -> str | None:
    """Return a Python that can talk to LibreOffice, ``None`` if there is none."""
    for program in ("/usr/bin/python3", shutil.which("python3", path=os.defpath)):
        if program and Path(program).exists():
            probe = subprocess.run(
                [program, "-c", "import uno"],
                capture_output=True,
                check=False,
                env=dict(environment),
            )
            if probe.returncode == 0:
                return program
    return None


class WarmOffice:
    """A LibreOffice that stays.

    Parameters
    ----------
    command
        Given the folder of a profile makes it and returns LibreOffice's command line.
    environment
        For the process.
    end
        Ends a process and all it started.
    """

    def __init__(
        self,
        command: Callable[[Path], list[str]],
        environment: dict[str, str],
        end: Callable[[subprocess.Popen[bytes]], None],
    ) -> None:
        self._command, self._environment, self._end = command, environment, end
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._done = 0
        atexit.register(self.close)

    def available(self) -> bool:
        """Return whether there is a Python to talk to it with."""
        return python_with_uno(tuple(sorted(self._environment.items()))) is not None

    def convert(self, data: bytes, timeout: float) -> bytes:
        """Load, recalculate and save a workbook; see `soffice.convert`.

        Raises
        ------
        OfficeLostError
            If the process is lost or refuses the workbook; it is gone then.
        TimeLimitError
            If it takes too long; it is gone then, too.
        """
        deadline = time.monotonic() + timeout
        if self._done >= _FILES:
            self.close()
        if self._process is None:
            self._start()
        assert self._folder is not None
        self._done += 1
        folder = Path(self._folder.name)
        source, target = folder / f"{self._done}.xlsx", folder / f"{self._done}-out.xlsx"
        source.write_bytes(data)
        try:
            answer = self._ask({"source": source.as_uri(), "target": target.as_uri()}, deadline)
            if not target.exists():
                self._refuse(str(answer.get("error", "no answer")))
            return target.read_bytes()
        except BaseException:
            self.close()
            raise
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    @staticmethod
    def _refuse(why: str) -> None:
        raise OfficeLostError(why)

    def _start(self) -> None:
        python = python_with_uno(tuple(sorted(self._environment.items())))
        assert python is not None
        self._folder = tempfile.TemporaryDirectory(prefix="xlcity-", ignore_cleanup_errors=True)
        command = self._command(Path(self._folder.name) / "profile")
        pipe = f"xlcity{os.getpid()}x{time.monotonic_ns()}"
        self._process = subprocess.Popen(
            [python, str(_SCRIPT), pipe, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,  # LibreOffice is in its group and ends with it
        )
        self._done = 0

    def _ask(self, task: dict[str, str], deadline: float) -> dict[str, object]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        # A pipe cannot be waited for on every system: whoever comes too late finds it closed.
        late = threading.Timer(max(0.0, deadline - time.monotonic()), self._end, (process,))
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
                    "LibreOffice took longer than the time limit.", "Give more time with --timeout."
                )
            raise OfficeLostError("LibreOffice ended")
        answer: dict[str, object] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                self._end(process)
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]
            process.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
        self._done = 0
