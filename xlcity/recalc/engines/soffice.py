"""Runs LibreOffice without a window: one profile, one process group, one time limit each.

Many files are computed by one LibreOffice, which needs a Python with `uno` (Debian: python3-uno);
without one every file starts its own.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from xlcity.data_files import text_beside
from xlcity.errors import EngineError
from xlcity.messages import Message
from xlcity.recalc.child_process import (
    ChildProcess,
    LostError,
    PrivateFolder,
    run_program,
)
from xlcity.recalc.engines.protocol import CannotComputeError, TimeLimitError
from xlcity.xlsx.limits import MEMORY_VARIABLE, memory_free

_USUAL_PATHS = (
    "/usr/bin/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/opt/libreoffice/program/soffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)

#: Environment variables of Python environments that would reach LibreOffice's own Python.
_PYTHON_ENVIRONMENT_VARIABLES = frozenset(
    ("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__")
)
_XLSX_FILTER = "xlsx:Calc MS Excel 2007 XML"
#: How a document is printed with the places of its bookmarks; the seconds that each has, and the
#: bytes that give it one more: thousands of cities take minutes.
_PDF = 'pdf:writer_pdf_Export:{"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
_SECONDS_TO_PRINT = 60.0
_BYTES_A_SECOND = 10_000


def find_soffice() -> str | None:
    """Return the program's path: ``XLCITY_SOFFICE``, else on the path, else in usual places."""
    named_program = os.environ.get("XLCITY_SOFFICE")
    if named_program:
        return named_program if Path(named_program).exists() else None
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    return on_path or next(
        (program for program in _USUAL_PATHS if Path(program).exists()), None
    )


def program_environment() -> dict[str, str]:
    """Return the environment for LibreOffice: the system's path, and nothing of another Python.

    LibreOffice's scripts take their library from the first Python of the path. One of pyenv, conda,
    uv or a virtual environment there makes them fail or hang, and what folders such tools use
    cannot be listed.
    """
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.upper().startswith("PYTHON")
        and key not in _PYTHON_ENVIRONMENT_VARIABLES
    }
    if sys.platform == "win32":
        root = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
        path = os.pathsep.join(
            map(str, (root / "System32", root, root / "System32" / "Wbem"))
        )
    else:
        # /usr/local last: images of Python's makers have theirs there.
        path = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/local/sbin"
    return {**environment, "PATH": path}


@cache
def soffice_version(program: str) -> str | None:
    """Return the version a program states, such as ``7.4.7.2``; it is started for it, once."""
    try:
        output = _run_office([program, "--version"], timeout=30)
    except EngineError:
        return None
    for word in output.split():
        if word[:1].isdigit() and "." in word:
            return word
    return None


def make_profile(folder: Path) -> None:
    """Let LibreOffice make a profile in a folder, as its first start does.

    Files written there before are overwritten.

    Raises
    ------
    EngineError
        If LibreOffice is absent or takes too long.
    """
    _run_in_profile(folder, "--terminate_after_init")


def run_script(folder: Path, script: str) -> None:
    """Let LibreOffice run a Python script of a profile; the script has to end LibreOffice.

    Parameters
    ----------
    folder
        The profile. No LibreOffice may be open with it: that would run the script, and be ended.
    script
        File and function, such as ``setup.py$add``.

    Raises
    ------
    EngineError
        If LibreOffice is absent or takes too long.
    """
    url = f"vnd.sun.star.script:{script}?language=Python&location=user"
    _run_in_profile(folder, url)


def _run_in_profile(folder: Path, argument: str) -> None:
    """Run LibreOffice without a window, with a profile's folder and one more argument.

    It is ended after `timeout` seconds.
    """
    if (program := find_soffice()) is None:
        raise EngineError.of("XC500.no_libreoffice")
    profile_option = f"-env:UserInstallation={folder.as_uri()}"
    _run_office(
        [program, profile_option, "--headless", "--norestore", argument], timeout=120
    )


def recalculate_in_office(data: bytes, timeout: float) -> bytes:
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
        raise EngineError.of("XC500.no_libreoffice")
    seconds_left = timeout
    if _SHARED_OFFICES and _python_with_uno() is not None:
        deadline = time.monotonic() + timeout
        # The file itself may have ended it: after two attempts it gets a LibreOffice of its own.
        for _ in range(2):
            with contextlib.suppress(LostError):
                return _SHARED_OFFICES[0].recalculate(data, deadline)
        seconds_left = max(0.1, deadline - time.monotonic())
    (saved,) = convert_with_own_office({"book.xlsx": data}, _XLSX_FILTER, seconds_left)
    if isinstance(saved, str) and _CRASH in saved:
        raise CannotComputeError(
            Message("libreoffice.broke_down"),
            Message("hint.close_or_raise", variable=MEMORY_VARIABLE),
        )
    if isinstance(saved, str):
        raise CannotComputeError(
            Message("libreoffice.not_loaded", saved=saved),
            Message("hint.open_by_hand"),
        )
    return saved


def convert_with_own_office(
    files: Mapping[str, bytes],
    output_format: str,
    timeout: float,
    *,
    partly: bool = False,
) -> list[bytes | str]:
    """Return the bytes that a LibreOffice of its own saves of each file.

    Where it saves nothing, it is the text that it printed.

    Parameters
    ----------
    files
        By name, with its suffix.
    output_format
        Suffix and filter of what is saved, such as `_XLSX_FILTER`.
    timeout
        Seconds.
    partly
        Whether what was saved until then is returned after the time is over.

    Raises
    ------
    EngineError
        If LibreOffice cannot be started or takes too long; the process is gone then.
    """
    with contextlib.closing(PrivateFolder()) as folder:
        sources = {folder.path / "in" / name: data for name, data in files.items()}
        (folder.path / "in").mkdir()
        for source, data in sources.items():
            source.write_bytes(data)
        target = folder.path / "out"
        suffix = output_format.partition(":")[0]
        command = _make_profile_and_command(folder.profile)
        saved = [target / f"{source.stem}.{suffix}" for source in sources]
        command += [
            "--convert-to",
            output_format,
            "--outdir",
            str(target),
            *map(str, sources),
        ]
        try:
            output = _run_office(command, timeout, folder.environment)
        except EngineError as error:
            if not partly:
                raise
            output = str(error)
        reason = output.strip() or "no reason"
        return [file.read_bytes() if file.exists() else reason for file in saved]


def print_documents(documents: Sequence[bytes]) -> list[bytes | None]:
    """Return Word documents as PDFs; None where no LibreOffice with Writer prints one in time."""
    program = find_soffice()
    # Writer, which loads documents, is a package of its own.
    if program is None or not any(Path(program).resolve().parent.glob("*swlo.*")):
        return [None for _ in documents]
    files = {f"document{number}.docx": data for number, data in enumerate(documents)}
    seconds = (
        _SECONDS_TO_PRINT * len(files) + sum(map(len, documents)) / _BYTES_A_SECOND
    )
    printed = convert_with_own_office(files, _PDF, seconds, partly=True)
    return [None if isinstance(pdf, str) else pdf for pdf in printed]


def _make_profile_and_command(profile: Path) -> list[str]:
    """Make a profile in a folder, in which cells can call the library; return the command line.

    The command line starts LibreOffice with it, without a window.
    """
    (profile / "user").mkdir(parents=True)
    # A profile written by hand spares the first start that would make one. 0 = recalculate always:
    # otherwise LibreOffice believes the values it finds in the file.
    settings = text_beside(__file__, "settings.xcu")
    (profile / "user" / "registrymodifications.xcu").write_text(
        settings, encoding="utf-8"
    )
    from xlcity.hosts.calc.profile import install_bridge

    install_bridge(profile / "user")
    return [
        *_memory_limit(),
        find_soffice() or "soffice",
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "--nolockcheck",
        "--nodefault",
        "--nofirststartwizard",
    ]


def _memory_limit() -> tuple[str, ...]:
    """Return the words before a command line that bound its memory to what is free; Linux only.

    Beyond it LibreOffice ends by itself, as it does where memory is short, and says so by its exit.
    """
    free = memory_free()
    if free is None or not sys.platform.startswith("linux"):
        return ()
    kilobytes = max(free, _LEAST_MEMORY) >> 10
    return ("/bin/sh", "-c", f'ulimit -d {kilobytes} && exec "$@"', "sh")


def _run_office(
    command: list[str],
    timeout: float,
    extra_environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command line of LibreOffice and return what it prints.

    Raises
    ------
    EngineError
        If it cannot be started or takes longer than so many seconds; it is ended then.
    """
    try:
        return run_program(
            command, timeout, program_environment() | {**(extra_environment or {})}
        )
    except OSError as error:
        raise EngineError.of("XC500.libreoffice_not_started", error=error) from error
    except subprocess.TimeoutExpired as error:
        raise TimeLimitError.of(
            "XC520.libreoffice_too_long", timeout=timeout
        ) from error


#: Bytes of memory that LibreOffice may always take: it starts in 300 MB.
_LEAST_MEMORY = 512 << 20
#: What it prints when it ends by a signal, as where it gets no memory.
_CRASH = "Fatal exception"


# -- one LibreOffice for many files, started again when it fails ---------------------------------
_SCRIPT = Path(__file__).with_name("office_script.py")
#: Files after which a new process is started: one that runs for days takes more and more memory.
_MOST_FILES_A_PROCESS = 200
#: The process for many files, if it is open: one or none.
_SHARED_OFFICES: list[OfficeProcess] = []


def open_shared_office() -> None:
    """Let one LibreOffice compute all that follows in this process."""
    if not _SHARED_OFFICES:
        _SHARED_OFFICES.append(OfficeProcess())


@contextlib.contextmanager
def shared_office() -> Iterator[None]:
    """Let one LibreOffice compute all in the block; it ends with it."""
    open_shared_office()
    try:
        yield
    finally:
        while _SHARED_OFFICES:
            _SHARED_OFFICES.pop().close()


@cache
def _python_with_uno() -> str | None:
    """Return the path of a Python with `uno`, which talks to LibreOffice; None if there is none."""
    for program in ("/usr/bin/python3", shutil.which("python3", path=os.defpath)):
        if program and Path(program).exists():
            command = [program, "-c", "import uno"]
            environment = program_environment()
            probe = subprocess.run(
                command, capture_output=True, check=False, env=environment
            )
            if probe.returncode == 0:
                return program
    return None


class OfficeProcess:
    """A LibreOffice that stays open for file after file; there must be a Python with `uno`."""

    def __init__(self) -> None:
        """Note that no LibreOffice runs yet; the first file starts it."""
        self._process_and_folder: tuple[ChildProcess, PrivateFolder] | None = None
        self._files = 0
        atexit.register(self.close)

    def recalculate(self, data: bytes, deadline: float) -> bytes:
        """Load, recalculate and save a workbook by a deadline (of `time.monotonic`).

        Raises
        ------
        LostError
            If the process is lost or refuses the workbook; it is gone then.
        TimeLimitError
            If it takes too long; it is gone then, too.
        """
        if self._files >= _MOST_FILES_A_PROCESS:
            self.close()
        if self._process_and_folder is None:
            self._process_and_folder = self._start()
        process, private = self._process_and_folder
        self._files += 1
        source = private.path / f"{self._files}.xlsx"
        target = private.path / f"{self._files}-out.xlsx"
        try:
            source.write_bytes(data)
            process.ask((source.as_uri(), target.as_uri()), deadline)
            return target.read_bytes()
        except BaseException:
            self.close()
            raise
        finally:
            source.unlink(missing_ok=True)
            target.unlink(missing_ok=True)

    @staticmethod
    def _start() -> tuple[ChildProcess, PrivateFolder]:
        """Start a LibreOffice with a profile of its own; return its process and its folder."""
        folder = PrivateFolder()
        office_command = _make_profile_and_command(folder.profile)
        command = [_python_with_uno() or "", str(_SCRIPT), folder.pipe, *office_command]
        environment = program_environment() | folder.environment
        return ChildProcess(command, "LibreOffice", environment), folder

    def close(self) -> None:
        """End LibreOffice, if it runs, and remove its folder."""
        process_and_folder, self._process_and_folder = self._process_and_folder, None
        self._files = 0
        if process_and_folder is not None:
            for part in process_and_folder:
                part.close()
