"""Runs LibreOffice without a window: one profile, one process group, one time limit each.

Many files are computed by one LibreOffice, which needs a Python with `uno` (Debian: python3-uno);
without one every file starts its own.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from xlcity.data_files import text_beside
from xlcity.errors import EngineError
from xlcity.recalc.engines.private_folder import PrivateFolder
from xlcity.recalc.engines.protocol import CannotComputeError, TimeLimitError


class LostError(Exception):
    """The process ended or refused the task; a new one may do better."""


class WorkerProcess:
    """A process of its own, with all that it starts.

    Parameters
    ----------
    command
        Its command line.
    name
        Its name in messages.
    environment
        Its environment variables; those of this process by default.
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
        """Send a task as a line of JSON, and return the line that answers it.

        Raises
        ------
        LostError
            If the process has ended.
        TimeLimitError
            If no answer comes by the deadline (of `time.monotonic`); the process is ended then.
        """
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        # Not every system can wait for a pipe with a time limit, so a timer ends the process.
        timer = threading.Timer(max(0.0, deadline - time.monotonic()), kill_group, (process,))
        timer.start()
        try:
            process.stdin.write(json.dumps(task).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
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


_USUAL_PATHS = (
    "/usr/bin/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)
_INSTALL = "Install LibreOffice Calc (Debian: apt install libreoffice-calc)."

#: Environment variables of Python environments that would reach LibreOffice's own Python.
_OF_ENVIRONMENTS = frozenset(("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__"))
_XLSX = "xlsx:Calc MS Excel 2007 XML"


def find_soffice() -> str | None:
    """Return the program's path: ``XLCITY_SOFFICE``, else on the path, else in usual places."""
    given = os.environ.get("XLCITY_SOFFICE")
    if given:
        return given if Path(given).exists() else None
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    return on_path or next((program for program in _USUAL_PATHS if Path(program).exists()), None)


def program_environment() -> dict[str, str]:
    """Return the environment for LibreOffice: the system's path, and nothing of another Python.

    LibreOffice's scripts take their library from the first Python of the path. One of pyenv, conda,
    uv or a virtual environment there makes them fail or hang, and what folders such tools use
    cannot be listed.
    """
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.upper().startswith("PYTHON") and key not in _OF_ENVIRONMENTS
    }
    environment["PATH"] = system_path()
    return environment


def system_path() -> str:
    """Return a PATH of the folders with the system's own programs."""
    if sys.platform == "win32":
        root = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
        return os.pathsep.join(map(str, (root / "System32", root, root / "System32" / "Wbem")))
    # /usr/local last: images of Python's makers have theirs there.
    return "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/local/sbin"


def soffice_version(program: str, timeout: float = 30) -> str | None:
    """Return the version a program states, such as ``7.4.7.2``."""
    try:
        output = _run_office([program, "--version"], timeout)
    except EngineError:
        return None
    words = [word for word in output.split() if word[:1].isdigit() and "." in word]
    return words[0] if words else None


def make_profile(folder: Path, timeout: float = 120) -> None:
    """Let LibreOffice make a profile in a folder, as its first start does.

    Files written there before are overwritten.

    Raises
    ------
    EngineError
        If LibreOffice is absent or takes too long.
    """
    _run_in_profile(folder, "--terminate_after_init", timeout)


def run_script(folder: Path, script: str, timeout: float = 120) -> None:
    """Let LibreOffice run a Python script of a profile; the script has to end LibreOffice.

    Parameters
    ----------
    folder
        The profile. No LibreOffice may be open with it: that would run the script, and be ended.
    script
        File and function, such as ``setup.py$add``.
    timeout
        Seconds.

    Raises
    ------
    EngineError
        If LibreOffice is absent or takes too long.
    """
    url = f"vnd.sun.star.script:{script}?language=Python&location=user"
    _run_in_profile(folder, url, timeout)


def _run_in_profile(folder: Path, argument: str, timeout: float) -> None:
    """Run LibreOffice with a profile and one more argument, at most so many seconds."""
    if (program := find_soffice()) is None:
        raise EngineError("LibreOffice is not installed.", _INSTALL)
    profile_option = f"-env:UserInstallation={folder.as_uri()}"
    _run_office([program, profile_option, "--headless", "--norestore", argument], timeout)


def convert(data: bytes, timeout: float) -> bytes:
    """Load a workbook in LibreOffice, recalculate it and return what LibreOffice saves.

    Parameters
    ----------
    data
        An .xlsx file.
    timeout
        Seconds for start, load, calculation and save together.

    Raises
    ------
    EngineError
        If LibreOffice is absent, fails or takes too long; the process is gone then.
    """
    if find_soffice() is None:
        raise EngineError("LibreOffice is not installed.", _INSTALL)
    seconds_left = timeout
    if _OFFICE and _OFFICE[0].available():
        # The file itself may have ended it: after two attempts it gets a LibreOffice of its own.
        start = time.monotonic()
        for _ in range(2):
            with contextlib.suppress(LostError):
                return _OFFICE[0].convert(data, seconds_left)
            seconds_left = max(0.1, timeout - (time.monotonic() - start))
    saved = convert_file(data, "book.xlsx", _XLSX, seconds_left)
    if isinstance(saved, str):
        raise CannotComputeError(
            f"LibreOffice could not load or save the workbook: {saved}.",
            "Open it there by hand to see why; libreoffice-calc must be installed.",
        )
    return saved


def convert_file(data: bytes, name: str, form: str, timeout: float) -> bytes | str:
    """Return what a LibreOffice of its own saves of a file; what it says, where it saves nothing.

    Parameters
    ----------
    name
        Name of the file, with its suffix.
    form
        Suffix and filter of what is saved.
    timeout
        Seconds.

    Raises
    ------
    EngineError
        If LibreOffice cannot be started or takes too long; the process is gone then.
    """
    with PrivateFolder() as folder:
        source, target = folder.path / "in" / name, folder.path / "out"
        source.parent.mkdir()
        source.write_bytes(data)
        command = _make_profile_and_command(folder.profile)
        output = _run_office(
            [*command, "--convert-to", form, "--outdir", str(target), str(source)],
            timeout,
            folder.environment,
        )
        saved = target / f"{source.stem}.{form.partition(':')[0]}"
        return saved.read_bytes() if saved.exists() else output.strip() or "no reason"


def has_writer() -> bool:
    """Tell whether LibreOffice can load documents too: Writer is a package of its own."""
    program = find_soffice()
    return program is not None and any(Path(program).resolve().parent.glob("*swlo.*"))


#: The process for many files, once `keep_process` was called.
_OFFICE: list[OfficeProcess] = []


def keep_process() -> None:
    """Let one LibreOffice compute all that follows in this process; see `end_process`."""
    if not _OFFICE:
        _OFFICE.append(OfficeProcess())


def end_process() -> None:
    """End the LibreOffice that was kept."""
    while _OFFICE:
        _OFFICE.pop().close()


def _make_profile_and_command(profile: Path) -> list[str]:
    """Make a profile and return the command line of a LibreOffice that uses it."""
    (profile / "user").mkdir(parents=True)
    # A profile written by hand spares the first start that would make one. 0 = recalculate always:
    # otherwise LibreOffice believes the values it finds in the file.
    settings = text_beside(__file__, "settings.xcu")
    (profile / "user" / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
    from xlcity.hosts.calc.profile import install_bridge

    install_bridge(profile / "user")  # so that cells can call the library
    return [
        find_soffice() or "soffice",
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nofirststartwizard",
    ]


def _run_office(
    command: list[str], timeout: float, extra_environment: Mapping[str, str] | None = None
) -> str:
    """Run a command line of LibreOffice and return what it prints.

    Raises
    ------
    EngineError
        If it cannot be started or takes longer than so many seconds; it is ended then.
    """
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows only
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=program_environment() | {**(extra_environment or {})},
            start_new_session=True,  # a group of its own, so that all of it can be ended
            creationflags=flags,
        )
    except OSError as error:
        raise EngineError(f"LibreOffice cannot be started: {error}.", _INSTALL) from error
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise TimeLimitError(
            f"LibreOffice took more than {timeout:.4g} seconds.", "Give more time with --timeout."
        ) from error
    finally:
        if process.poll() is None:
            kill_group(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=10)  # a child may hold the pipe
    return output.decode("utf-8", "replace")


# -- one LibreOffice for many files, started again when it fails ---------------------------------
_SCRIPT = Path(__file__).with_name("office_script.py")
#: Files after which a new process is started: one that runs for days takes more and more memory.
_MOST_FILES = 200


@cache
def python_with_uno(environment: tuple[tuple[str, str], ...]) -> str | None:
    """Return the path of a Python with `uno`, which talks to LibreOffice; None if there is none.

    `environment` are the variables to start it with.
    """
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
    """A LibreOffice that stays open for file after file."""

    def __init__(self) -> None:
        self._environment = program_environment()
        self._worker: WorkerProcess | None = None
        self._folder: PrivateFolder | None = None
        self._files = 0
        atexit.register(self.close)

    def available(self) -> bool:
        """Return whether there is a Python that can talk to it."""
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
        if self._files >= _MOST_FILES:
            self.close()
        if self._worker is None:
            self._start()
        assert self._folder is not None
        assert self._worker is not None
        self._files += 1
        folder = self._folder.path
        source, target = folder / f"{self._files}.xlsx", folder / f"{self._files}-out.xlsx"
        source.write_bytes(data)
        try:
            task = {"source": source.as_uri(), "target": target.as_uri()}
            answer = self._worker.ask(task, deadline)
            if target.exists():
                return target.read_bytes()
        except BaseException:
            self.close()
            raise
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)
        self.close()
        raise LostError(answer.get("error", "no answer"))

    def _start(self) -> None:
        """Start a LibreOffice with a profile of its own."""
        python = python_with_uno(tuple(sorted(self._environment.items())))
        assert python is not None
        self._folder = PrivateFolder()
        command = _make_profile_and_command(self._folder.profile)
        self._worker = WorkerProcess(
            [python, str(_SCRIPT), self._folder.pipe, *command],
            "LibreOffice",
            self._environment | self._folder.environment,
        )
        self._files = 0

    def close(self) -> None:
        """End the process, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()
        if self._folder is not None:
            self._folder.close()
            self._folder = None
        self._files = 0
