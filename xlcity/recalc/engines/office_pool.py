"""One LibreOffice for many files: started once, restarted when it fails.

Needs a Python with `uno` (Debian: python3-uno); without one every file starts its own LibreOffice.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from xlcity.recalc.engines.private_folder import PrivateFolder
from xlcity.recalc.engines.worker import LostError, WorkerProcess

_SCRIPT = Path(__file__).with_name("office_script.py")
#: Files after which a new process takes over: programs that run for days collect memory.
_FILES = 200


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


class OfficeProcess:
    """A LibreOffice that stays.

    Parameters
    ----------
    command
        Given the folder of a profile makes it and returns LibreOffice's command line.
    environment
        For the process.
    """

    def __init__(self, command: Callable[[Path], list[str]], environment: dict[str, str]) -> None:
        self._command, self._environment = command, environment
        self._worker: WorkerProcess | None = None
        self._folder: PrivateFolder | None = None
        self._done = 0
        atexit.register(self.close)

    def available(self) -> bool:
        """Return whether there is a Python to talk to it with."""
        return python_with_uno(tuple(sorted(self._environment.items()))) is not None

    def convert(self, data: bytes, timeout: float) -> bytes:
        """Load, recalculate and save a workbook; see `soffice.convert`.

        Raises
        ------
        LostError
            If the process is lost or refuses the workbook; it is gone then.
        TimeLimitError
            If it takes too long; it is gone then, too.
        """
        deadline = time.monotonic() + timeout
        if self._done >= _FILES:
            self.close()
        if self._worker is None:
            self._start()
        assert self._folder is not None
        assert self._worker is not None
        self._done += 1
        folder = self._folder.path
        source, target = folder / f"{self._done}.xlsx", folder / f"{self._done}-out.xlsx"
        source.write_bytes(data)
        try:
            task = {"source": source.as_uri(), "target": target.as_uri()}
            answer = self._worker.ask(task, deadline)
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
        raise LostError(why)

    def _start(self) -> None:
        python = python_with_uno(tuple(sorted(self._environment.items())))
        assert python is not None
        self._folder = PrivateFolder()
        command = self._command(self._folder.profile)
        self._worker = WorkerProcess(
            [python, str(_SCRIPT), self._folder.pipe, *command],
            "LibreOffice",
            self._environment | self._folder.environment,
        )
        self._done = 0

    def close(self) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()
        if self._folder is not None:
            self._folder.close()
            self._folder = None
        self._done = 0
