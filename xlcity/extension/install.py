"""Put the extension into LibreOffice, look for it, take it out."""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

from xlcity.errors import EngineError
from xlcity.extension.build import FILE, extension
from xlcity.hosts.calc.manage import (
    close_office_remedy,
    is_office_open,
    unsandboxed_profiles,
)
from xlcity.hosts.calc.profile import IMPORT_FROM
from xlcity.hosts.state import Availability, HostState
from xlcity.messages import Message
from xlcity.recalc.engines.soffice import run_script

HOST = "buttons"
_SCRIPT = "xlcity_setup.py"
#: Where the extension finds this Python.
_SETTINGS = "xlcity.json"
_REPEAT = "xlcity udf install --host libreoffice"


def profile_states(action: str) -> list[HostState]:
    """Return the state of each profile of LibreOffice, after "install" or "remove" if asked."""
    users = unsandboxed_profiles()
    if action == "status":
        return [_profile_status(user) for user in users]
    return [_change_profile(user, action) for user in users]


def settings() -> str:
    """Return what the extension has to know to start the helper in this Python."""
    command = [sys.executable, "-P", "-m", "xlcity.extension.answers"]
    return json.dumps({"command": command, "import_from": IMPORT_FROM}, indent=1)


def _profile_status(user: Path) -> HostState:
    if (unpacked := _unpacked_folder(user)) is None:
        absent = Message("buttons.none_in", folder=user)
        return HostState(HOST, Availability.ABSENT, absent, _REPEAT)
    with zipfile.ZipFile(io.BytesIO(extension())) as archive:
        parts = [(unpacked / name, archive.read(name)) for name in archive.namelist()]
    same = all(_read_or_empty(path) == content for path, content in parts)
    file = user / _SETTINGS
    if not same or not file.exists() or file.read_text(encoding="utf-8") != settings():
        text = Message("buttons.other_version", folder=user)
        return HostState(HOST, Availability.OUTDATED, text, _REPEAT)
    return HostState(HOST, Availability.INSTALLED, str(unpacked))


def _unpacked_folder(user: Path) -> Path | None:
    """Return the folder that LibreOffice unpacked the extension into, if it lists it."""
    cache = user / "uno_packages" / "cache"
    listed = _read_or_empty(cache / "uno_packages.pmap")
    for unpacked in sorted((cache / "uno_packages").glob(f"*/{FILE}")):
        if unpacked.is_dir() and unpacked.parent.name.rstrip("_").encode() in listed:
            return unpacked
    return None


def _read_or_empty(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _delete_leftovers(user: Path) -> None:
    """Delete what LibreOffice leaves of an extension that was removed, and its safety copies."""
    cache = user / "uno_packages" / "cache"
    # Without an entry for another extension the list is its head alone; LibreOffice makes it anew.
    if _read_or_empty(cache / "uno_packages.pmap").strip() in (b"", b"Pmp1"):
        shutil.rmtree(cache, ignore_errors=True)
    for folder in (cache / "uno_packages", user / "extensions" / "tmp" / "extensions"):
        for unpacked in folder.glob(f"*/{FILE}"):
            shutil.rmtree(unpacked.parent, ignore_errors=True)
    for copy in (user / "pack").rglob("xlcity*.pack"):
        copy.unlink(missing_ok=True)


def _change_profile(user: Path, what: str) -> HostState:
    """Let LibreOffice add or remove the extension, unless that is done already."""
    before = _profile_status(user)
    if before.state is (
        Availability.INSTALLED if what == "install" else Availability.ABSENT
    ):
        return before
    if is_office_open(user):
        # It would run the script, and be ended with what the person has open.
        remedy = close_office_remedy(user, what)
        return HostState(
            HOST, before.state, Message("buttons.office_open", folder=user), remedy
        )
    script = user / "Scripts" / "python" / _SCRIPT
    file = user / FILE
    script.parent.mkdir(parents=True, exist_ok=True)
    text = (
        files("xlcity.extension")
        .joinpath("office", _SCRIPT)
        .read_text(encoding="utf-8")
    )
    try:
        script.write_text(text, encoding="utf-8", newline="\n")
        file.write_bytes(extension())
        (user / _SETTINGS).write_text(settings(), encoding="utf-8")
        run_script(user.parent, f"{_SCRIPT}${what}")
    except EngineError as error:
        problem = error.problems[0]
        state = Availability.UNAVAILABLE if what == "install" else before.state
        return HostState(HOST, state, problem.message, problem.hint)
    finally:
        script.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
    if what == "remove" and _unpacked_folder(user) is None:
        (user / _SETTINGS).unlink(missing_ok=True)
        _delete_leftovers(user)
    return _profile_status(user)
