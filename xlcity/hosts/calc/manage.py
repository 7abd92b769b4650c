"""Installs the library in the profiles of LibreOffice, removes it, and says what prevents it."""

from __future__ import annotations

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

_host_state = partial(HostState, HOST)
#: The state of a profile that cannot have the functions.
_unavailable = partial(_host_state, Availability.UNAVAILABLE)
_INSTALL = f"xlcity udf install --host {HOST}"
#: Folder in the user's home -> the sandbox that has LibreOffice's profile there.
_SANDBOXES = {".var": "Flatpak", "snap": "snap"}
#: A file that a profile has once LibreOffice was started with it.
_SETTINGS = "registrymodifications.xcu"
#: A file beside a profile that is in use, or was when LibreOffice crashed.
_LOCK = ".lock"
#: A call that the helper is tested with, and the right answer.
_QUESTION = b'["RATING_SCALE", [4]]\n'
_ANSWER = b"[[80.0]]\n"


def profile_states(program: str | None) -> list[HostState]:
    """Return the state of each profile of LibreOffice.

    Parameters
    ----------
    program
        Path of LibreOffice; None = not found.
    """
    return [_profile_state(user, program) for user in _find_profiles()]


def install_in_profiles(
    program: str | None, make_profile: Callable[[Path], None] | None = None
) -> list[HostState]:
    """Write the library into each profile that can use it, and return their states.

    Parameters
    ----------
    program
        Path of LibreOffice; None = not found.
    make_profile
        Lets LibreOffice make a profile in a folder. Its first start would overwrite what is
        installed before.
    """
    if program is not None:
        for user in open_profiles():
            if make_profile is not None and not (user / _SETTINGS).exists():
                make_profile(user.parent)
            profile.install_bridge(user)
    return profile_states(program)


def remove_from_profiles(program: str | None) -> list[HostState]:
    """Remove the library from every profile that is not in use; return the states of all."""
    states = []
    for user in _find_profiles():
        in_use = is_running(user)
        if not in_use:
            profile.remove_bridge(user)
        state = _profile_state(user, program)
        states.append(replace(state, remedy=close_first(user, "remove")) if in_use else state)
    return states


def open_profiles() -> list[Path]:
    """Return the profiles whose LibreOffice may start programs outside."""
    return [user for user in _find_profiles() if _sandbox_of(user) is None]


def is_running(user: Path) -> bool:
    """Return whether LibreOffice is open with a profile.

    Its lock file remains after a crash. The pipe to which a second start passes its files answers
    only while LibreOffice is open. The lock of another computer counts as open.
    """
    try:
        lock = (user.parent / _LOCK).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    fields = dict(line.split("=", 1) for line in lock.splitlines() if "=" in line)
    if fields.get("Host", platform.node()) != platform.node():
        return True
    pipe = profile.office_pipe(user.parent.resolve())
    if sys.platform == "win32":
        return any(name.endswith(pipe) for name in os.listdir(r"\\.\pipe"))  # noqa: PTH208
    folders = {"/tmp", "/var/tmp", tempfile.gettempdir(), os.environ.get("XDG_RUNTIME_DIR", "/tmp")}
    return any(
        _has_listener(path) for name in folders for path in Path(name).glob(f"OSL_PIPE_*_{pipe}")
    )


def _has_listener(path: Path) -> bool:
    """Return whether a program listens at a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        return client.connect_ex(str(path)) == 0


def close_first(user: Path, action: str) -> str:
    """Return the remedy where LibreOffice is open with a profile: close it, then the action."""
    return (
        f"Close all windows of LibreOffice, then xlcity udf {action} --host {HOST}. If none is "
        f"open, delete {user.parent / _LOCK} first."
    )


def _find_profiles() -> list[Path]:
    """Return the profiles' folders that exist; the usual one where there is none yet."""
    folders = profile.user_folders()
    return [user for user in folders if user.is_dir()] or folders[:1]


def _profile_state(user: Path, program: str | None) -> HostState:
    """Return the state of a profile, for LibreOffice's path or None."""
    state = profile.bridge_state(user)
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
        return _host_state(state, f"nothing in {user}.", "xlcity udf install --host libreoffice")
    if state is Availability.OUTDATED:
        outdated = f"{user} has the functions of another version or another Python."
        return _host_state(state, outdated, _INSTALL)
    if (fault := _helper_fault()) is not None:
        return _unavailable(
            f"the helper of the functions does not answer: {fault}.",
            "Install xlcity into this Python again, then xlcity udf install --host libreoffice.",
        )
    remedy = ""
    if is_running(user):
        remedy = "If LibreOffice is open, close all its windows and start it again."
    return _host_state(state, str(user), remedy)


def _sandbox_of(user: Path) -> str | None:
    """Return the name of the sandbox that a profile belongs to, None for none."""
    try:
        first = user.relative_to(Path.home()).parts[0]
    except ValueError:
        return None
    return _SANDBOXES.get(first)


def _has_python(program: str) -> bool:
    """Return whether the script provider for Python is beside the program."""
    folder = Path(program).resolve().parent
    if not any((folder / name).exists() for name in ("soffice.bin", "soffice.exe", "soffice")):
        return True  # a launcher elsewhere: unknown
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
