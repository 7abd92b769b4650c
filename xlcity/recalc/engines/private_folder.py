"""A folder of one run, readable by its user alone; what killed runs left is removed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path

from xlcity.xlsx.atomic import is_abandoned, lock_file

#: How folders' names begin, the file in them that is locked, and LibreOffice's settings.
_PREFIX, _LOCK, _PROFILE = "xlcity-", ".lock", "profile"
#: Where LibreOffice makes its pipes, whatever TMPDIR says.
_PIPES = Path("/tmp")
_PROCESSES = Path("/proc")


class PrivateFolder:
    """A temporary folder; it is locked as long as its process lives, and removed when closed.

    Attributes
    ----------
    path
        The folder.
    profile
        Where LibreOffice has its settings, if it is started.
    """

    def __init__(self) -> None:
        remove_abandoned(tempfile.gettempdir())
        self.path, self._lock = _make_locked_folder()

    @property
    def profile(self) -> Path:
        """Return the folder of LibreOffice's settings, which need not be there."""
        return self.path / _PROFILE

    @property
    def pipe(self) -> str:
        """Return the name of the pipe through which LibreOffice is asked."""
        return self.path.name

    @property
    def environment(self) -> dict[str, str]:
        """Return environment variables that let LibreOffice keep its temporary files here too.

        It copies what it loads into them, and leaves them wherever it is killed.
        """
        return dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.path))

    def close(self) -> None:
        """Remove the folder, and the pipes of the LibreOffice that used it."""
        _remove_folder_and_pipes(self.path)
        with contextlib.suppress(OSError):
            os.close(self._lock)

    def __enter__(self) -> PrivateFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make_locked_folder() -> tuple[Path, int]:
    """Make a folder and lock it; return it and the handle of its lock file.

    One that another process takes for abandoned before it is locked is made again.
    """
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        handle = os.open(path / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        lock_file(handle)
        if (path / _LOCK).exists():
            return path, handle
        os.close(handle)


def _remove_folder_and_pipes(folder: Path) -> None:
    """Remove a folder and the pipes of the LibreOffice that had its profile there, if possible."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in (folder.name, f"SingleOfficeIPC_{_office_hash(folder / _PROFILE)}"):
        for pipe in _PIPES.glob(f"OSL_PIPE_*_{name}"):
            with contextlib.suppress(OSError):
                pipe.unlink()


def _office_hash(profile: Path) -> str:
    """Return the hash of a profile's path that is part of its pipe's name in LibreOffice."""
    digest = hashlib.md5(profile.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    return "".join(f"{byte:x}" for byte in digest)


@cache
def remove_abandoned(temporary_folder: str) -> None:
    """Remove the folders of killed runs, with the LibreOffices that they left behind."""
    for path in Path(temporary_folder).glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
            try:
                is_own = not hasattr(os, "getuid") or os.fstat(handle).st_uid == os.getuid()
                if is_own and is_abandoned(handle):
                    _end_office(path.parent / _PROFILE)
                    _remove_folder_and_pipes(path.parent)
            finally:
                os.close(handle)


def _end_office(profile: Path) -> None:
    """End the LibreOffice of a profile whose run was killed; Linux only."""
    option = f"-env:UserInstallation={profile.as_uri()}".encode()
    for command_line in _PROCESSES.glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if option in command_line.read_bytes().split(b"\0"):
                os.kill(int(command_line.parent.name), signal.SIGKILL)
