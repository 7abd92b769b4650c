"""Which workbooks files, folders and patterns name, and where the results of a run go."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from xlcity.errors import Problem, UsageError, Where, collecting
from xlcity.messages import Message
from xlcity.xlsx.atomic import real_path
from xlcity.xlsx.package import TEMPLATE_SUFFIXES, WORKBOOK_SUFFIXES
from xlcity.xlsx.save import output_problems

#: What recalculating can write.
WRITABLE_SUFFIXES = frozenset((*WORKBOOK_SUFFIXES, *TEMPLATE_SUFFIXES))
#: Workbooks that cannot be read: in a folder each of them fails with what to do about it.
UNREADABLE_SUFFIXES = frozenset((".xlsb", ".xls", ".xlt", ".et", ".ods", ".fods"))
_SPREADSHEET_SUFFIXES = WRITABLE_SUFFIXES | UNREADABLE_SUFFIXES | {".csv"}
#: A file that only marks a workbook as open.
LOCK_FILE_PREFIX = "~$"
#: A share of the work.
_SHARE = re.compile(r"\d{1,6}/[1-9]\d{0,5}")
#: Characters that make a path a pattern.
_WILDCARDS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A workbook, and its path relative to the folder that was searched."""

    path: Path
    name: Path


def in_shard(files: Sequence[FoundFile], shard: str) -> list[FoundFile]:
    """Return the files of a share of the work: `I/N`, I from 0 to N - 1.

    A file's share follows from its relative path alone, so that machines need not know of each
    other, and a file keeps its share when others come or go.

    Raises
    ------
    UsageError
        If the share is not one of N.
    """
    share = _SHARE.fullmatch(shard)
    number, _, count = shard.partition("/")
    if share is None or int(number) >= int(count):
        raise UsageError.of("XC100.shard", shard=shard)
    return [file for file in files if _share_of(file.name, int(count)) == int(number)]


def _share_of(name: Path, count: int) -> int:
    """Return the share, of so many, that follows from a relative path on every system."""
    digest = hashlib.sha256(name.as_posix().encode()).hexdigest()
    return int(digest, 16) % count


def find_workbooks(
    words: Sequence[str | Path], outdir: str | Path | None = None
) -> list[FoundFile]:
    """Return the workbooks that files, folders and patterns name.

    Parameters
    ----------
    words
        A file; a folder, which is searched recursively, also for workbooks of other formats, which
        then fail; or a pattern such as ``books/**/*.xlsx``, for shells that do not expand it. Lock
        files are skipped unless there is nothing else.
    outdir
        The folder of the results. No folder or pattern finds workbooks in it.

    Raises
    ------
    UsageError
        If a folder or pattern matches nothing, or the results would be among the inputs; all
        such problems at once.
    """
    workbooks: list[FoundFile] = []
    problems: list[Problem] = []
    results = None if outdir is None else real_path(outdir)
    for word in words:
        with collecting(problems, UsageError):
            workbooks += _find_by_word(word, results)
    UsageError.raise_for(problems)
    without_locks = [
        w for w in workbooks if not w.path.name.startswith(LOCK_FILE_PREFIX)
    ]
    return without_locks if without_locks else workbooks


def _find_by_word(word: str | Path, results: Path | None) -> list[FoundFile]:
    """Return the workbooks that a file, a folder or a pattern names.

    None of them is in the folder `results`.

    Raises
    ------
    UsageError
        If it matches nothing, or is a folder of results.
    """
    path = Path(word)
    where = Where(file=str(word))
    if path.is_dir():
        if _is_within(path, results):
            hint = Message("hint.another_folder")
            raise UsageError.of("XC102.results_among_inputs", where, hint=hint)
        base = path
        files = sorted(_find_below(path, WRITABLE_SUFFIXES | UNREADABLE_SUFFIXES))
    elif _WILDCARDS & set(str(word)) and not path.exists():
        base, pattern = _split_pattern(path)
        files = sorted(filter(Path.is_file, base.glob(pattern)))
    else:
        return [FoundFile(path, Path(path.name))]
    matching = _without_results(files, results)
    if matching:
        return [FoundFile(file, file.relative_to(base)) for file in matching]
    if path.suffix.lower() in WRITABLE_SUFFIXES:
        # A folder with a workbook's name fails as one file of a batch does.
        return [FoundFile(path, Path(path.name))]
    raise UsageError.of("XC105.none_found", where, hint=Message("hint.folders"))


def _is_within(path: Path, folder: Path | None) -> bool:
    """Return whether a path is a folder, if there is one, or lies in it."""
    return folder is not None and real_path(path).is_relative_to(folder)


def _find_below(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    """Yield what has such a suffix in a folder and below it, and folders that cannot be read.

    These fail as a workbook does: left out without a word, the folder would count as complete.
    """
    refused: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=refused.append):
        for name in (*folders, *files):
            path = Path(parent, name)
            if path.suffix.lower() in suffixes:
                yield path
    yield from (Path(error.filename) for error in refused)


def _split_pattern(path: Path) -> tuple[Path, str]:
    """Split a pattern into the folder it starts from and the pattern below that."""
    has_wildcard = [bool(_WILDCARDS & set(part)) for part in path.parts]
    first = has_wildcard.index(True)
    pattern = Path(*path.parts[first:])
    return Path(*path.parts[:first]), str(pattern)


def _without_results(paths: Sequence[Path], results: Path | None) -> list[Path]:
    """Return the paths without lock files, hidden files and those in the folder `results`."""
    shown = [p for p in paths if not p.name.startswith((LOCK_FILE_PREFIX, "."))]
    return [path for path in shown if not _is_within(path, results)]


class FilePair(NamedTuple):
    """An input and its output."""

    source: Path
    target: Path


def plan_outputs(
    sources: Sequence[str | Path | FoundFile],
    out: str | Path | None,
    outdir: str | Path | None,
    *,
    in_place: bool,
) -> list[FilePair]:
    """Return the input and the output of each file, after checking that no file is lost.

    Raises
    ------
    UsageError
        If there is not exactly one way to name the outputs, two inputs would write one file, or
        an output is an input and `in_place` was not asked.
    """
    inputs = [_as_found(source) for source in sources]
    if sum((out is not None, outdir is not None, in_place)) != 1:
        raise UsageError.of("XC100.no_output")
    if out is not None and len(inputs) > 1:
        raise UsageError.of("XC100.several_files")
    sources_found = [found_file.path for found_file in inputs]
    if outdir is not None:
        targets = [Path(outdir, found_file.name) for found_file in inputs]
    else:
        targets = sources_found if out is None else [Path(out)]
    pairs = list(map(FilePair, sources_found, targets))
    UsageError.raise_for(chain.from_iterable(map(output_problems, targets)))
    problems = list(_check_same_outputs(pairs))
    if not in_place:
        problems += _check_overwriting(pairs)
    if out is not None and pairs:
        problems += _check_format(pairs[0])
    UsageError.raise_for(problems)
    return pairs


def _as_found(source: str | Path | FoundFile) -> FoundFile:
    """Return a file that was found, or one given by its path."""
    if isinstance(source, FoundFile):
        return source
    path = Path(source)
    return FoundFile(path, Path(path.name))


def _file_key(path: Path) -> str:
    """Return a key of a file: names that differ in case are one file on Windows and macOS."""
    return str(real_path(path)).casefold()


def _check_same_outputs(pairs: list[FilePair]) -> Iterator[Problem]:
    """Yield a problem for each input whose output is also that of an earlier input."""
    first_sources: dict[str, Path] = {}
    for source, target in pairs:
        other = first_sources.setdefault(_file_key(target), source)
        if other is source:
            continue
        where = Where(file=str(source))
        if _file_key(other) == _file_key(source):
            yield Problem.of("XC104.twice", where)
        else:
            yield Problem.of(
                "XC101.one_output", where, other=other, source=source, target=target
            )


def _check_overwriting(pairs: list[FilePair]) -> Iterator[Problem]:
    """Yield a problem for each output that is an input."""
    inputs = {_file_key(pair.source) for pair in pairs}
    for pair in pairs:
        if _file_key(pair.target) in inputs:
            where = Where(file=str(pair.target))
            yield Problem.of("XC102.output_is_input", where, target=pair.target)


def _check_format(pair: FilePair) -> Iterator[Problem]:
    """Yield a problem for an output in another format; other inputs are refused on reading."""
    old = pair.source.suffix.lower()
    new = pair.target.suffix.lower()
    if new != old and old in WRITABLE_SUFFIXES and new in _SPREADSHEET_SUFFIXES:
        where = Where(file=str(pair.target))
        yield Problem.of("XC103.converts", where, old=old, new=new)
