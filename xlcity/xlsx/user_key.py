"""A secret of the user: with it the program knows what it has stored itself.

It lies in the user's configuration, away from what is signed with it: a folder of results that
comes from elsewhere cannot bring its own.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from xlcity.data_files import user_folder

_NAME = "results.key"
_KEY_BYTES = 32


def find_key() -> bytes | None:
    """Return the key; None where there is none, or others than the user may read or change it."""
    try:
        return _read_key(user_folder() / _NAME)
    except (OSError, RuntimeError):  # no home
        return None


def find_or_make_key() -> bytes | None:
    """Return the key, a new one where there is no file for it; None where it cannot be used."""
    try:
        path = user_folder() / _NAME
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.path.lexists(path):
            _make_key(path)
        return _read_key(path)
    except (OSError, RuntimeError):
        return None


def _make_key(path: Path) -> None:
    """Write a new key, whole or not at all; the one of a program that was faster stays."""
    # A file of `mkstemp` is the user's alone.
    handle, name = tempfile.mkstemp(prefix=f".{_NAME}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(os.urandom(_KEY_BYTES))
        with suppress(FileExistsError):
            Path(path).hardlink_to(name)
    finally:
        Path(name).unlink()


def _read_key(path: Path) -> bytes | None:
    """Return the key of a file that is the user's alone; links are not followed."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        status = os.fstat(stream.fileno())
        # Windows has no such bits: there the folder is the user's.
        is_own = not hasattr(os, "getuid") or (
            status.st_uid == os.getuid() and not status.st_mode & 0o077
        )
        if not is_own or not stat.S_ISREG(status.st_mode):
            return None
        key = stream.read(_KEY_BYTES + 1)
    return key if len(key) == _KEY_BYTES else None
