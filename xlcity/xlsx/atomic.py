"""Writes a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from xlcity.data_files import what_special
from xlcity.errors import Problem, Where, WorkbookError, system_reason
from xlcity.messages import Message

try:
    import fcntl
except ImportError:  # Windows, which does not let an open file be removed
    fcntl = None  # type: ignore[assignment]

_TEMPORARY_PREFIX = ".xlcity-"
_TEMPORARY_SUFFIX = ".tmp"


class WriteError(WorkbookError):
    """The file cannot be written: the disk is full, or its folder is read-only."""

    exit_code = 4
    code = "XC420"


def write_atomic(path: str | Path, data: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part.

    The bytes go to a file in a temporary folder beside it, reach the disk, and are renamed over the
    target. A target that exists keeps its permission bits and, where this is allowed, its owner; a
    symbolic link is followed. What is not a regular file is not replaced.

    Parameters
    ----------
    path
        Where to write.
    data
        The whole content.

    Raises
    ------
    WorkbookError
        If the folder is absent (bad input); a `WriteError` if the disk is full or the file may
        not be written.
    """
    # Resolved, because os.replace would swap a link for a file.
    target = real_path(path)
    try:
        _require_regular(target)
        with _make_staging_folder(target.parent) as staging_folder:
            new_file = staging_folder / "content"
            _write_to_disk(new_file, data)
            new_file.chmod(_permission_bits(target))
            _keep_owner(new_file, target)
            new_file.replace(target)
    except OSError as error:
        raise _write_refusal(path, error) from error


def _write_to_disk(path: Path, data: bytes) -> None:
    """Write a file, and wait until its content has reached the disk."""
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def write_new_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder that does not exist yet: all its files appear at once, or none.

    Parameters
    ----------
    folder
        Its path; folders above it are made.
    files
        Path inside the folder -> content.

    Raises
    ------
    WorkbookError
        As `write_atomic`.
    """
    target = real_path(folder)
    # The uppermost folder that is not there yet: it is renamed into place with all that is in it.
    top = next(path for path in (target, *target.parents) if path.parent.exists())
    try:
        with _make_staging_folder(top.parent) as staging_folder:
            new_folder = staging_folder / target.relative_to(top.parent)
            new_folder.mkdir(parents=True)
            for name, data in files.items():
                (new_folder / name).parent.mkdir(parents=True, exist_ok=True)
                _write_to_disk(new_folder / name, data)
            (staging_folder / top.name).rename(top)
    except OSError as error:
        raise _write_refusal(folder, error) from error


@contextlib.contextmanager
def _make_staging_folder(parent: Path) -> Iterator[Path]:
    """Make a folder for unfinished files inside another one, and remove it after the block.

    It is locked for as long, so that `remove_leftovers` of another process leaves it alone.
    """
    _remove_leftovers_once(parent)
    handle = None
    while handle is None:
        staging_folder = Path(
            tempfile.mkdtemp(
                prefix=_TEMPORARY_PREFIX, suffix=_TEMPORARY_SUFFIX, dir=parent
            )
        )
        if fcntl is None:
            break
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(staging_folder, os.O_RDONLY)
            lock_file(handle)
        if handle is not None and not staging_folder.exists():
            os.close(handle)  # removed as a leftover before it was locked
            handle = None
    try:
        yield staging_folder
    finally:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(staging_folder, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Remove the staging folders of killed runs from a folder: those without a lock."""
    for path in folder.glob(f"{_TEMPORARY_PREFIX}*{_TEMPORARY_SUFFIX}"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                if is_abandoned(handle):
                    shutil.rmtree(path)
            finally:
                os.close(handle)


#: The same, once a process for each folder.
_remove_leftovers_once = cache(remove_leftovers)


def real_path(path: str | Path) -> Path:
    """Return a path with links followed; a link in a circle leads to itself."""
    return Path(os.path.realpath(path))


def _require_regular(target: Path) -> None:
    """Raise `OSError` for a path that is neither a regular file nor free."""
    if target.is_symlink():
        raise OSError(errno.ELOOP, "this link leads in a circle")
    what = "a folder" if target.is_dir() else what_special(target)
    if what is not None:
        raise OSError(f"this is {what}")


def _keep_owner(new: Path, target: Path) -> None:
    """Give a new file the owner of the file that it is to replace, if there is one.

    Only root may give files to others: else the new file stays one's own.
    """
    with contextlib.suppress(OSError, AttributeError):  # Windows has no owners
        old_status = target.stat()
        os.chown(new, old_status.st_uid, old_status.st_gid)


def _permission_bits(target: Path) -> int:
    """Return the permission bits of a file, or those that `open` would give a new one."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _write_refusal(path: str | Path, error: OSError) -> WorkbookError:
    """Return the error for a file that cannot be written, with its remedy."""
    kind: type[WorkbookError] = WriteError
    if isinstance(error, FileNotFoundError):
        hint = Message("hint.make_folder")
        kind = WorkbookError
    elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
        hint = Message("hint.close_or_choose_folder")
    else:
        hint = Message("hint.free_space")
    return kind(
        Problem.of(
            "XC420.not_written",
            Where(file=str(path)),
            hint=hint,
            reason=system_reason(error),
        )
    )


def lock_file(handle: int) -> None:
    """Lock an open file, by its descriptor, as long as it stays open, on systems with locks."""
    if fcntl is not None:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)


def is_abandoned(handle: int) -> bool:
    """Return whether no other process has locked an open file; it is locked then."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (OSError, AttributeError):  # Windows has no such locks
        return False
    return True
