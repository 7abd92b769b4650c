"""Stores results in the user's cache folder, by everything that they were made from.

An entry is found by its kind, the installed code and a digest of the input. It holds plain values,
and begins with a digest by the user's key (`user_key`): one that is damaged, that another wrote, or
in a folder where others may write, is ignored; so is a folder that cannot be written. Without the
key nothing is kept or found. With `XLCITY_CACHE` empty nothing is kept; with a path that is the
folder.

Three kinds are kept; what each saves, in seconds of processor for image2025 and iecc2024:

- ``workbook``: what `new` has made (`new`: 2.2 and 3.2);
- ``template``: that a workbook passed the comparison with its template (`check`: 1.5 and 1.7);
- ``program``: the formulas as functions (`recalc`: 0.7 and 1.0, `check`: 0.6 and 1.2).

A verdict for the record does not come from here: see `for_the_record`.
"""

from __future__ import annotations

import hashlib
import hmac
import marshal
import os
import stat
import sys
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from xlcity import __version__
from xlcity.errors import XlcityError
from xlcity.xlsx.atomic import write_atomic
from xlcity.xlsx.user_key import find_key, find_or_make_key

#: Environment variable that names the folder; empty, nothing is kept.
VARIABLE = "XLCITY_CACHE"
#: Bytes that all entries may take; the ones not used for longest go first.
MOST_BYTES = 1 << 27
_SUFFIX = ".entry"
#: Bytes of the digest that an entry begins with.
_DIGEST_BYTES = 32
#: Other packages that results depend on.
_PACKAGES = ("formualizer", "numpy", "xlsxwriter")
_IS_FOR_RECORD: ContextVar[bool] = ContextVar("is_for_record", default=False)


@contextmanager
def for_the_record() -> Iterator[None]:
    """Compute everything anew in a ``with`` block: no entry is found there."""
    token = _IS_FOR_RECORD.set(True)
    try:
        yield
    finally:
        _IS_FOR_RECORD.reset(token)


def is_for_record() -> bool:
    """Return whether nothing may be taken that was kept, in this process either."""
    return _IS_FOR_RECORD.get()


def cache_folder() -> Path | None:
    """Return the folder, whether it exists or not; None where nothing is to be kept."""
    if (named_folder := os.environ.get(VARIABLE)) is not None:
        return Path(named_folder) if named_folder else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return (
            Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
            / "xlcity/cache"
        )
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "xlcity"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "xlcity"


def find_entry(kind: str, digest: str) -> bytes | None:
    """Return the content of an entry by its kind and the digest of what it was made from.

    None if there is none, or this user's key has not signed it as it is. A found entry counts as
    just used.
    """
    folder = cache_folder()
    if is_for_record() or folder is None or not _is_own(folder):
        return None
    path = folder / _entry_name(kind, digest)
    try:
        data = path.read_bytes()
    except OSError:
        return None
    key = find_key()
    packed = data[_DIGEST_BYTES:]
    # Nothing of an entry is unpacked before its signature has been compared.
    if key is None or not hmac.compare_digest(
        _signature(key, path.name, packed), data[:_DIGEST_BYTES]
    ):
        return None
    with suppress(OSError):
        os.utime(path)
    return zlib.decompress(packed)


def keep_entry(kind: str, digest: str, content: bytes) -> None:
    """Store the content of an entry by its kind and the digest of what it was made from.

    Older entries may be deleted for it. Nothing is stored, without a message, where that fails.
    """
    if (folder := cache_folder()) is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_own(folder):
            return
        if (key := find_or_make_key()) is None:
            return
        path = folder / _entry_name(kind, digest)
        packed = zlib.compress(content, 1)
        data = _signature(key, path.name, packed) + packed
        if len(data) <= MOST_BYTES:
            _shrink_folder(folder, MOST_BYTES - len(data))
            write_atomic(path, data)
    except (OSError, XlcityError):
        return


def digest_of(value: Any) -> str | None:
    """Return a digest of a value made of plain types, arrays and dataclasses.

    None where it contains an object of another type.
    """
    digest = hashlib.sha256()
    try:
        _feed_value(value, digest.update)
    except TypeError:
        return None
    return digest.hexdigest()


def _feed_value(value: Any, take_bytes: Callable[[bytes], None]) -> None:
    """Pass a value to `take_bytes` in pieces, each with its type and length.

    `TypeError` for values that are not of plain types, arrays or dataclasses.
    """
    if value is None or isinstance(value, str | int | float | bytes):
        _feed_scalar(value, take_bytes)
    elif isinstance(value, np.ndarray):
        take_bytes(f"array {value.dtype} {value.shape}\n".encode())
        take_bytes(np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value):
        take_bytes(b"record of\n")
        _feed_list([value], take_bytes)
    elif isinstance(value, Mapping):
        _feed_mapping(value, take_bytes)
    elif isinstance(value, tuple | list):
        _feed_list(value, take_bytes)
    elif isinstance(value, set | frozenset):
        _feed_set(value, take_bytes)
    elif isinstance(value, Path):
        _feed_scalar(str(value), take_bytes)
    else:
        raise TypeError(type(value))


def _feed_scalar(value: Any, take_bytes: Callable[[bytes], None]) -> None:
    """Pass a text, a number, bytes or None to `take_bytes`, with its type."""
    content = value.value if isinstance(value, Enum) else value
    line = f"{type(value).__name__} {content!r}\n"
    take_bytes(line.encode("utf-8", "surrogatepass"))


def _feed_mapping(
    mapping: Mapping[Any, Any],
    take_bytes: Callable[[bytes], None],
) -> None:
    """Pass keys and values of a mapping to `take_bytes` in its order."""
    take_bytes(f"mapping {len(mapping)}\n".encode())
    for key, member in mapping.items():
        _feed_value(key, take_bytes)
        _feed_value(member, take_bytes)


def _feed_set(members: Collection[Any], take_bytes: Callable[[bytes], None]) -> None:
    """Pass the members of a set, which have no order, to `take_bytes` as digests, sorted."""
    _feed_list(sorted(digest_of(member) or member for member in members), take_bytes)


def _feed_list(
    values: Sequence[Any],
    take_bytes: Callable[[bytes], None],
) -> None:
    """Pass values to `take_bytes`: plain ones at once, others one after the other."""
    take_bytes(f"list {len(values)}\n".encode())
    kinds = {*map(type, values)}
    kind = kinds.pop() if len(kinds) == 1 else object
    content: Any = values
    if is_dataclass(kind):
        take_bytes(f"{kind.__qualname__}\n".encode())
        content = _columns_of_records(values, kind)
    try:  # Version 2 of marshal writes the same bytes for the same plain values.
        take_bytes(marshal.dumps(content, 2))
    except ValueError:
        for member in content:
            _feed_value(member, take_bytes)


def _columns_of_records(
    records: Sequence[Any],
    kind: type[Any],
) -> list[list[Any]]:
    """Return the values of each field of records of a kind: these are mostly plain."""
    columns = []
    for field in fields(kind):
        columns.append([getattr(record, field.name) for record in records])
    return columns


def _entry_name(kind: str, digest: str) -> str:
    """Return the file name of an entry by its kind and digest; it depends on the installed code."""
    key = hashlib.sha256(f"{kind} {code_digest()} {digest}".encode()).hexdigest()
    return f"{kind}-{key}{_SUFFIX}"


def _signature(key: bytes, name: str, packed: bytes) -> bytes:
    """Return a digest of an entry's file name and content that only who has the key can make."""
    return hmac.digest(key, name.encode() + b"\n" + packed, "sha256")


@cache
def code_digest() -> str:
    """Return a digest of the installed code, of whose files size and times are read."""
    digest = hashlib.sha256(f"{__version__} {sys.version} {sys.platform}".encode())
    _feed_folder(Path(__file__).parents[1], digest.update)
    for name in _PACKAGES:
        # `importlib.metadata` takes longer to load than all else here.
        if (spec := find_spec(name)) is not None and spec.origin:
            with suppress(OSError):
                _feed_file(spec.origin, digest.update)
    return digest.hexdigest()


def _feed_folder(root: Path, take_bytes: Callable[[bytes], None]) -> None:
    """Pass path, size and times of all files below a folder to `take_bytes`, in a fixed order."""
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if name != "__pycache__")
        for name in sorted(names):
            _feed_file(os.path.join(folder, name), take_bytes)  # noqa: PTH118


def _feed_file(path: str, take_bytes: Callable[[bytes], None]) -> None:
    """Pass path, size and times of one file to `take_bytes`, such as the update of a digest."""
    status = os.stat(path)  # noqa: PTH116
    line = f"{path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}\n"
    take_bytes(line.encode("utf-8", "surrogatepass"))


def _is_own(folder: Path) -> bool:
    """Return whether a folder belongs to the user and no one else may write in it."""
    try:
        status = folder.stat()
    except OSError:
        return False
    is_own = not hasattr(os, "getuid") or (
        status.st_uid == os.getuid() and not status.st_mode & 0o022
    )
    return stat.S_ISDIR(status.st_mode) and is_own


def _shrink_folder(folder: Path, most_bytes: int) -> None:
    """Delete the entries that were not used for longest, until all take at most `most_bytes`."""
    times_sizes_paths = []
    with os.scandir(folder) as listing:
        for file in listing:
            with suppress(OSError):
                if file.name.endswith(_SUFFIX):
                    status = file.stat()
                    times_sizes_paths.append(
                        (status.st_mtime_ns, status.st_size, file.path)
                    )
    total = sum(size for _, size, _ in times_sizes_paths)
    for _, size, path in sorted(times_sizes_paths):
        if total <= most_bytes:
            return
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108
            total -= size
