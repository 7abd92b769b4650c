"""Put the library into LibreOffice, look for it, take it out; name what is in the way."""

from __future__ import annotations

import hashlib
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from xlcity.hosts.calc import profile
from xlcity.hosts.state import Availability, HostState

HOST = "libreoffice"

#: The state of a profile that something keeps from the functions.
_unavailable = partial(HostState, HOST, Availability.UNAVAILABLE)
_SANDBOXES = {".var": "Flatpak", "snap": "snap"}
#: What a profile has once LibreOffice was started with it.
_SETTINGS = "registrymodifications.xcu"
#: Beside a profile that is in use, or was when LibreOffice crashed.
_LOCK = ".lock"
_QUESTION = b'["RATING_SCALE", [4]]\n'
_ANSWER = b"[[80.0]]\n"


def status(program: str | None) -> list[HostState]:
    """Return the state of each profile of LibreOffice.

    Parameters
    ----------
    program
        Path of LibreOffice; None = not found.
    """
    return [_profile_status(user, program) for user in _profiles()]


def install(
    program: str | None, make_profile: Callable[[Path], None] | None = None
) -> list[HostState]:
    """Write the library into each profile that can use it, and return their states.

    Parameters
    ----------
    program
        Path of LibreOffice; None = not found.
    make_profile
        Lets LibreOffice make a profile in a folder. A first start after the installation would
        lay LibreOffice's own files over it.
    """
    if program is not None:
        for user in open_profiles():
            if make_profile is not None and not (user / _SETTINGS).exists():
                make_profile(user.parent)
            profile.install(user)
    return status(program)


def remove(program: str | None) -> list[HostState]:
    """Take the library out of every profile that is not in use, and return their states."""
    states = []
    for user in _profiles():
        in_use = is_running(user)
        if not in_use:
            profile.remove(user)
        state = _profile_status(user, program)
        states.append(replace(state, remedy=close_first(user, "remove")) if in_use else state)
    return states


def open_profiles() -> list[Path]:
    """Return the profiles whose LibreOffice may start programs outside."""
    return [user for user in _profiles() if _sandbox_of(user) is None]


def is_running(user: Path) -> bool:
    """Tell whether LibreOffice is open with a profile.

    Its lock outlives a crash. What tells is the pipe to which a second start hands its files: it
    answers only while LibreOffice is open. The lock of another computer is believed.
    """
    try:
        lock = (user.parent / _LOCK).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    fields = dict(line.split("=", 1) for line in lock.splitlines() if "=" in line)
    if fields.get("Host", platform.node()) != platform.node():
        return True
    folder = user.parent.resolve().as_uri().encode("utf-16-le")
    digest = hashlib.md5(folder, usedforsecurity=False).digest()
    pipe = "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest)
    if sys.platform == "win32":
        return any(name.endswith(pipe) for name in os.listdir(r"\\.\pipe"))  # noqa: PTH208
    folders = {"/tmp", "/var/tmp", tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", "/tmp")}
    return any(
        _has_listener(path) for name in folders for path in Path(name).glob(f"OSL_PIPE_*_{pipe}")
    )


def _has_listener(path: Path) -> bool:
    """Tell whether a program listens at a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        return client.connect_ex(str(path)) == 0


def close_first(user: Path, action: str) -> str:
    """Return the remedy where LibreOffice is open with a profile."""
    return (
        f"Close all windows of LibreOffice, then xlcity udf {action} --host {HOST}. If none is "
        f"open, delete {user.parent / _LOCK} first."
    )


def _profiles() -> list[Path]:
    """Return the profiles there are; the usual place where there is none yet."""
    places = profile.user_folders()
    return [user for user in places if user.is_dir()] or places[:1]


def _profile_status(user: Path, program: str | None) -> HostState:
    state = profile.state(user)
    if (sandbox := _sandbox_of(user)) is not None:
        return _unavailable(
            f"the {sandbox} at {user} may not start programs outside, such as Python.",
            "Install LibreOffice from your distribution or from libreoffice.org.",
        )
    if program is None:
        return _unavailable(
            "LibreOffice was not found.",
            "Install LibreOffice Calc (Debian: apt install libreoffice-calc "
            "libreoffice-script-provider-python python3-uno), or name it in XLCITY_SOFFICE.",
        )
    if not _has_python(program):
        return _unavailable(
            f"the LibreOffice at {program} cannot run Python scripts.",
            "Debian and Ubuntu: apt install libreoffice-script-provider-python python3-uno; "
            "elsewhere repair the installation.",
        )
    if state is Availability.ABSENT:
        return HostState(
            HOST, state, f"nothing in {user}.", "xlcity udf install --host libreoffice"
        )
    if state is Availability.OUTDATED:
        return HostState(
            HOST,
            state,
            f"{user} has the functions of another version or another Python.",
            "xlcity udf install --host libreoffice",
        )
    if (fault := _helper_fault()) is not None:
        return _unavailable(
            f"the helper of the functions does not answer: {fault}.",
            "Install xlcity into this Python again, then xlcity udf install --host libreoffice.",
        )
    remedy = ""
    if is_running(user):
        remedy = "If LibreOffice is open, close all its windows and start it again."
    return HostState(HOST, state, str(user), remedy)


def _sandbox_of(user: Path) -> str | None:
    try:
        first = user.relative_to(Path.home()).parts[0]
    except ValueError:
        return None
    return _SANDBOXES.get(first)


def _has_python(program: str) -> bool:
    """Return whether the script provider for Python is beside the program."""
    folder = Path(program).resolve().parent
    if not any((folder / name).exists() for name in ("soffice.bin", "soffice.exe", "soffice")):
        return True  # a launcher elsewhere: this cannot be seen from here
    folders = (folder, folder.parent / "Resources", folder.parent / "program")
    return any((program_folder / "pythonscript.py").exists() for program_folder in folders)


def _helper_fault() -> str | None:
    """Return why the helper does not answer, or None where it does."""
    environment = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
    try:
        done = subprocess.run(
            profile.COMMAND,
            input=_QUESTION,
            capture_output=True,
            env={**environment, "PYTHONPATH": profile.IMPORT_FROM},
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.stdout == _ANSWER:
        return None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
