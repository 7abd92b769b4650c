"""Writes files by one rule: which may be replaced, and where the older one is kept.

A regular file is replaced whole, and the older one is kept beside it; a link is followed and stays;
a folder, a device, a pipe or a socket is never replaced, nor an input or a file that is open.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xlcity.data_files import what_special
from xlcity.errors import Problem, UsageError, Where, WorkbookError
from xlcity.messages import Message
from xlcity.xlsx.atomic import WriteError, real_path, write_atomic, write_new_folder
from xlcity.xlsx.package import Package

#: What some system does not accept in the name of a file: separators, controls, invisible marks and
#: those that change the direction of text; names of Windows' devices; longer names in bytes.
_UNSAFE_SIGNS = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]'
)
_RESERVED_NAME = re.compile(
    r"|.*[. ]|(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE
)
_MOST_NAME_BYTES = 160


def safe_name(text: str) -> str:
    """Return a text from data as a name for a file; different texts give different names.

    A text that is a valid name stays as it is. Else a hash of the whole text is added.

    >>> safe_name("bars-B2.1"), safe_name("bars-GDP/capita"), safe_name("..")
    ('bars-B2.1', 'bars-GDP_capita-91f23d51', '__-5ec1f7e7')
    """
    safe_text = (
        _UNSAFE_SIGNS.sub("_", text)
        .encode("utf-8")[:_MOST_NAME_BYTES]
        .decode("utf-8", "ignore")
    )
    if safe_text == text and not _RESERVED_NAME.fullmatch(text):
        return text
    text_hash = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    # Windows takes what stands before the first dot for a name: nul.x is a device.
    return f"{safe_text.replace('.', '_')}-{text_hash}"


def require_output(
    target: Path,
    sources: Iterable[str | Path] = (),
    hint: str | None = None,
) -> None:
    """Refuse an output file that must not be written, before any work is done.

    Parameters
    ----------
    target
        The file to write.
    sources
        Inputs, which no output may replace.
    hint
        The remedy where the output is one of them.

    Raises
    ------
    UsageError
        If it is a folder, a device, a pipe, a socket, or an input.
    WorkbookError
        If its folder is absent, or a spreadsheet program holds the file open.
    """
    UsageError.raise_for(output_problems(target, sources, hint))
    require_unlocked(target)
    if not real_path(target).parent.is_dir():
        raise WorkbookError.of("XC420.no_folder", Where(file=str(target)))


def output_problems(
    target: Path,
    sources: Iterable[str | Path] = (),
    hint: str | None = None,
) -> Iterator[Problem]:
    """Yield the problems of a path as an output; parameters as of `require_output`."""
    where = Where(file=str(target))
    # Such a link may lead to a regular file, that which a shell sends all output to.
    is_stream = str(target.absolute()).startswith(("/dev/std", "/dev/fd/", "/proc/"))
    special = Message("special.device") if is_stream else what_special(target)
    if str(target) == "-":
        yield Problem.of("XC102.standard_output", where)
    elif _is_circle(target):
        yield Problem.of("XC420.circular_link", where)
    elif special is not None:
        yield Problem.of("XC109.special", where, special=special)
    elif target.is_dir():
        yield Problem.of("XC102.folder", where)
    elif any(_is_same_file(target, Path(source)) for source in sources):
        yield Problem.of("XC102.is_input", where, hint=hint)


def _is_circle(path: Path) -> bool:
    """Return whether links from a path lead back to it."""
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _is_same_file(target: Path, source: Path) -> bool:
    """Return whether writing `target` would replace `source`; of two hard links it does not.

    Names that differ in case are one file on some systems.
    """
    target, source = real_path(target), real_path(source)
    if target == source:
        return True
    try:
        has_same_name = target.name.casefold() == source.name.casefold()
        is_one_entry = has_same_name and target.parent.samefile(source.parent)
        return is_one_entry and target.samefile(source)
    except OSError:
        return False


def require_unlocked(target: Path) -> None:
    """Refuse to overwrite a file that a spreadsheet program holds open.

    Raises
    ------
    WorkbookError
        If Excel, WPS or LibreOffice has left its lock beside the file.
    """
    locks = {
        Message("program.excel_or_wps"): target.with_name("~$" + target.name),
        "LibreOffice": target.with_name(f".~lock.{target.name}#"),
    }
    for program, lock in locks.items():
        if target.exists() and os.path.exists(lock):  # noqa: PTH110 - a name may be too long
            raise WorkbookError.of(
                "XC424.open", Where(file=str(target)), program=program, lock=lock.name
            )


def unlocked_copy(target: Path, mark: str) -> Path:
    """Return a file to write, or where a program holds it open a copy beside it, with a mark."""
    try:
        require_unlocked(target)
    except WorkbookError:
        return target.with_name(f"{target.stem}-{mark}{target.suffix}")
    return target


def write_output(
    target: Path, new: Package | bytes, *, backup: bool = True
) -> Path | None:
    """Write a file, and return where an older one with other content is kept; None for none.

    Parameters
    ----------
    target
        The file.
    new
        A workbook, or the content of any file. If the file has it already, nothing is written.
    backup
        Whether an older file is kept beside it (``.bak``, ``.bak2`` …).

    Raises
    ------
    UsageError, WorkbookError
        As `require_output`, or if the file cannot be written.
    """
    require_output(target)
    data = new if isinstance(new, bytes) else new.to_bytes()
    backup_path = None
    if target.is_file():
        old_content = target.read_bytes()
        if old_content == data:
            return None
        if not os.access(target, os.W_OK):
            hint = Message("XC420.read_only.hint")
            raise WriteError(
                Message("XC420.read_only"), hint, "XC420", Where(str(target))
            )
        if backup:
            backup_path = _keep_older(target, old_content)
    write_atomic(target, data)
    return backup_path


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write files into a folder; return the names of the backups of those that are replaced.

    `files` maps a path inside the folder to the content. A folder that does not exist yet appears
    with all its files, or not at all.

    Raises
    ------
    UsageError, WorkbookError
        With every file that cannot be written, before any is.
    """
    problems: list[Problem] = []
    for name in files:
        problems += output_problems(folder / name)
    for name in files:
        if not _is_below(name):
            problems.append(Problem.of("XC102.outside_folder", Where(file=name)))
    UsageError.raise_for(problems)
    if not real_path(folder).exists():
        write_new_folder(folder, files)
        return []
    parents = ((folder / name).parent for name in files)
    for parent in dict.fromkeys((folder, *parents)):
        parent.mkdir(parents=True, exist_ok=True)
    backups = [write_output(folder / name, content) for name, content in files.items()]
    return [path.relative_to(folder).as_posix() for path in backups if path is not None]


def _is_below(name: str) -> bool:
    """Return whether a relative path stays inside the folder it starts from."""
    path = Path(name)
    return bool(path.parts) and not path.anchor and ".." not in path.parts


def _keep_older(target: Path, old_content: bytes) -> Path:
    """Write the older content of a file beside it, under the first free name; return the path."""
    free_path = next(
        path
        for path in _backup_paths(target)
        if not (path.exists() or path.is_symlink())
    )
    write_atomic(free_path, old_content)
    free_path.chmod(stat.S_IMODE(target.stat().st_mode))
    return free_path


def _backup_paths(target: Path) -> Iterator[Path]:
    """Yield the names that the older content of a file may get: ".bak", ".bak2" and so on."""
    yield target.with_name(f"{target.name}.bak")
    for number in itertools.count(2):
        yield target.with_name(f"{target.name}.bak{number}")


def save_workbook(
    new: Package, old: Package, source: Path, target: Path, *, backup: bool = True
) -> Path | None:
    """Write a changed workbook over its source or to another file.

    Where nothing changed and source and target are one file, nothing is written.

    Parameters
    ----------
    new, old
        The workbook after and before.
    source, target
        The input and the output.
    backup
        Whether an older output is kept beside it.

    Returns
    -------
    Path | None
        Where an older file is kept.
    """
    if new is old and real_path(source) == real_path(target):
        require_output(target)
        return None
    return write_output(target, new, backup=backup)
