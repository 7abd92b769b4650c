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
from itertools import chain
from pathlib import Path

from xlcity.hosts.calc import profile
from xlcity.hosts.state import Availability, HostState

HOST = "libreoffice"

_INSTALL_COMMAND = f"xlcity udf install --host {HOST}"
_host_state = partial(HostState, HOST)
#: The state of a profile that cannot have the functions.
_unavailable = partial(_host_state, Availability.UNAVAILABLE)
#: Folder in the person's home -> the sandbox that has LibreOffice's profile there.
_SANDBOXES = {".var": "Flatpak", "snap": "snap"}
#: A file that a profile has once LibreOffice was started with it.
_SETTINGS_FILE = "registrymodifications.xcu"
#: A file beside a profile that is in use, or was when LibreOffice crashed.
_LOCK_FILE = ".lock"
#: A call that the helper is tested with, and the right answer.
_TEST_CALL = b'["RATING_SCALE", [4]]\n'
_TEST_ANSWER = b"[[80.0]]\n"


def profile_states(program: str | None) -> list[HostState]:
    """Return the state of each profile of LibreOffice.

    Parameters
    ----------
    program
        Path of LibreOffice; None = not found.
    """
    return [_profile_state(user_folder, program) for user_folder in _likely_profiles()]


def install_in_profiles(
    program: str | None, make_profile: Callable[[Path], None] | None = None
) -> list[HostState]:
    """Write the library into each profile that can use it, and return their states.

    Parameters
    ----------
    program
        Path of LibreOffice; None = not found.
    make_profile
        Takes the folder of a profile that is not there yet, and has LibreOffice make it: its first
        start would overwrite what is installed before. None: install without.
    """
    if program is not None:
        for user_folder in unsandboxed_profiles():
            if make_profile is not None and not (user_folder / _SETTINGS_FILE).exists():
                make_profile(user_folder.parent)
            profile.install_bridge(user_folder)
    return profile_states(program)


def remove_from_profiles(program: str | None) -> list[HostState]:
    """Remove the library from every profile that is not in use; return the states of all."""
    states = []
    for user_folder in _likely_profiles():
        in_use = is_office_open(user_folder)
        if not in_use:
            profile.remove_bridge(user_folder)
        state = _profile_state(user_folder, program)
        if in_use:
            state = replace(state, remedy=close_office_remedy(user_folder, "remove"))
        states.append(state)
    return states


def unsandboxed_profiles() -> list[Path]:
    """Return the profiles of a LibreOffice that may start other programs, such as Python."""
    return [folder for folder in _likely_profiles() if _sandbox_of(folder) is None]


def is_office_open(user_folder: Path) -> bool:
    """Return whether LibreOffice is open with a profile.

    Its lock file remains after a crash. The pipe to which a second start passes its files answers
    only while LibreOffice is open. The lock of another computer counts as open.
    """
    try:
        lock = (user_folder.parent / _LOCK_FILE).read_text(
            encoding="utf-8", errors="replace"
        )
    except OSError:
        return False
    fields = dict(line.split("=", 1) for line in lock.splitlines() if "=" in line)
    if fields.get("Host", platform.node()) != platform.node():
        return True  # its pipes cannot be seen from here
    pipe = profile.office_pipe_suffix(user_folder.parent.resolve())
    if sys.platform == "win32":
        return any(name.endswith(pipe) for name in os.listdir(r"\\.\pipe"))  # noqa: PTH208
    folders = {
        "/tmp",
        "/var/tmp",
        tempfile.gettempdir(),
        os.environ.get("XDG_RUNTIME_DIR", "/tmp"),
    }
    pipes = (Path(name).glob(f"OSL_PIPE_*_{pipe}") for name in folders)
    return any(map(_has_listener, chain.from_iterable(pipes)))


def _has_listener(path: Path) -> bool:
    """Return whether a program listens at the Unix socket of a path."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        return client.connect_ex(str(path)) == 0


def close_office_remedy(user_folder: Path, action: str) -> str:
    """Return the sentence that tells a person to close LibreOffice, and to repeat the action.

    `user_folder` is the folder `user` of the profile, `action` a verb of `xlcity udf`, such as
    "remove".
    """
    return (
        f"Close all windows of LibreOffice, then xlcity udf {action} --host {HOST}. If none is "
        f"open, delete {user_folder.parent / _LOCK_FILE} first."
    )


def _likely_profiles() -> list[Path]:
    """Return the folders `user` of the profiles that exist; the usual one if there is none yet."""
    folders = profile.user_folders()
    return [folder for folder in folders if folder.is_dir()] or folders[:1]


def _profile_state(user_folder: Path, program: str | None) -> HostState:
    """Return the state of a profile: the first thing that is missing, with its remedy.

    `program` is LibreOffice's path, None if it was not found.
    """
    state = profile.bridge_state(user_folder)
    if (sandbox := _sandbox_of(user_folder)) is not None:
        return _unavailable(
            f"the {sandbox} at {user_folder} may not start programs outside, such as Python.",
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
        return _host_state(state, f"nothing in {user_folder}.", _INSTALL_COMMAND)
    if state is Availability.OUTDATED:
        outdated = (
            f"{user_folder} has the functions of another version or another Python."
        )
        return _host_state(state, outdated, _INSTALL_COMMAND)
    if (fault := _test_helper()) is not None:
        return _unavailable(
            f"the helper of the functions does not answer: {fault}.",
            "Install xlcity into this Python again, then xlcity udf install --host libreoffice.",
        )
    remedy = ""
    if is_office_open(user_folder):  # it reads the library only when it starts
        remedy = "If LibreOffice is open, close all its windows and start it again."
    return _host_state(state, str(user_folder), remedy)


def _sandbox_of(user_folder: Path) -> str | None:
    """Return the name of the sandbox that a profile belongs to, None for none."""
    try:
        folder_in_home = user_folder.relative_to(Path.home()).parts[0]
    except ValueError:
        return None
    return _SANDBOXES.get(folder_in_home)


def _has_python(program: str) -> bool:
    """Return whether LibreOffice can run Python scripts: its provider is there, or may be.

    `program` is LibreOffice's path; a launcher in another folder does not tell where the rest is.
    """
    folder = Path(program).resolve().parent
    if not any(
        (folder / name).exists() for name in ("soffice.bin", "soffice.exe", "soffice")
    ):
        return True  # a launcher elsewhere: unknown
    folders = (folder, folder.parent / "Resources", folder.parent / "program")
    return any(
        (program_folder / "pythonscript.py").exists() for program_folder in folders
    )


def _test_helper() -> str | None:
    """Start the helper for one call; return why it gives no right answer, or None if it does."""
    environment = {
        key: text for key, text in os.environ.items() if not key.startswith("PYTHON")
    }
    try:
        completed = subprocess.run(
            profile.HELPER_COMMAND,
            input=_TEST_CALL,
            capture_output=True,
            env={**environment, "PYTHONPATH": profile.IMPORT_FROM},
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if completed.stdout == _TEST_ANSWER:
        return None
    lines = completed.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
