"""What a verb reads and writes: refused at once where it cannot be; files of a folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.api.arguments import VerbArgument, arguments_of
from xlcity.api.verb import Verb
from xlcity.messages import Message

if TYPE_CHECKING:
    from xlcity.errors import Problem
    from xlcity.figures.figure import Figure

#: Kind of an argument that is read -> code of the problem where there is no such file.
_ABSENT = {"book": "XC400", "table": "XC320"}


def require_files(verb: Verb, values: Mapping[str, Any]) -> None:
    """Refuse outputs that cannot be written or are an input, and inputs that do not exist.

    Raises
    ------
    XlcityError
        With the first such output, or with all such inputs.
    """
    given = {argument: values[argument.name] for argument in arguments_of(verb)}
    kinds = {argument.kind.kind for argument in given}
    if kinds.isdisjoint(("save", "folder", *_ABSENT)):
        return  # such a verb is to start at once
    from xlcity.errors import XlcityError
    from xlcity.xlsx.save import require_output

    # What is computed is the id of a report, or a workbook.
    read = [a for a in given if a.kind.kind in _READ or a.kind.metavar == "REPORT"]
    sources = list(_paths(given[argument] for argument in read))
    saved = [a for a, value in given.items() if _is_saved(a, value)]
    outputs = list(_paths(given[a] for a in saved if not a.kind.over))
    if values.get("in_place") and isinstance(values.get("file"), str):
        outputs.append(values["file"])
        sources.remove(values["file"])
    key = "hint.other_or_in_place" if "in_place" in values else "hint.name_another"
    for output in outputs:
        require_output(Path(output), sources, Message(key))
    over = (a for a in saved if a.kind.over and not a.kind.beside)
    for output in _paths(given[argument] for argument in over):
        require_output(Path(output))
    folders = (value for a, value in given.items() if a.kind.kind == "folder")
    for folder in _paths(folders):
        require_folder(Path(folder))
    XlcityError.raise_for(chain.from_iterable(map(_absent_files, given.items())))


def _is_saved(argument: VerbArgument, value: object) -> bool:
    """Return whether an argument names a file that is written; - is the standard output."""
    is_stream = argument.kind.stream and value == "-"
    return argument.kind.kind == "save" and not is_stream


def _absent_files(given: tuple[VerbArgument, object]) -> Iterable[Problem]:
    """Return the problem of an argument and its value that names a file which is not there."""
    from xlcity.reports import known_ids
    from xlcity.xlsx.limits import missing_files

    argument, value = given
    code = _ABSENT.get(argument.kind.kind)
    # What an index is made from is looked at with all that is wrong with it.
    if code is None or not isinstance(value, str) or argument.group is not None:
        return ()
    # Where a verb does not take the id of a report, reading it says so.
    return () if value in known_ids() else missing_files(code, value)


_READ = ("book", "table", "file")


def _paths(values: Iterator[Any]) -> Iterator[str]:
    """Yield the paths that values of arguments give."""
    for value in values:
        texts = value if isinstance(value, list) else [value]
        yield from (text for text in texts if text not in (None, ""))


def require_folder(target: Path) -> None:
    """Refuse a file or a link to itself where a folder is to be, and one that may only be read."""
    from xlcity.errors import UsageError, Where
    from xlcity.xlsx.atomic import WriteError, real_path

    if str(target) == "-":
        raise UsageError.of("XC102.no_standard_output", Where(file="-"))
    if real_path(target).is_symlink():
        message = Message("XC420.link_in_circle")
        raise UsageError(
            message, Message("hint.choose_folder"), "XC420", file=str(target)
        )
    if target.exists() and not target.is_dir():
        raise UsageError.of("XC102.is_file", Where(file=str(target)))
    paths = (target, *target.absolute().parents)
    there = next(path for path in paths if path.exists())
    if not os.access(there, os.W_OK):
        where = Where(file=str(target))
        message = Message("XC420.folder_not_writable", there=there)
        raise WriteError(message, Message("hint.choose_folder"), "XC420", where)


def write_tables(folder: str | Path, tables: Mapping[str, str]) -> list[str]:
    """Write texts by file name into a folder; return the names older files are kept under."""
    from xlcity.xlsx.save import write_files

    return write_files(
        Path(folder), {name: text.encode("utf-8") for name, text in tables.items()}
    )


def write_figures(
    figures: Iterable[Figure],
    folder: str,
    languages: Sequence[str],
    formats: Sequence[str],
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[list[dict[str, str]], list[str]]:
    """Draw figures into a folder; return the files, and the names older files are kept under.

    Raises
    ------
    XlcityError
        If a file cannot be written, or a character has no glyph.
    """
    from xlcity.xlsx.save import safe_name, write_files

    listed = []
    files = {}
    drawn = list(product(figures, languages))
    for number, (figure, lang) in enumerate(drawn, 1):
        total = len(drawn)
        progress(Message("step.drawing", number=number, total=total, figure=figure.id))
        for form, content in figure.files(lang, formats).items():
            name = f"{safe_name(figure.id)}.{lang}.{form}"
            files[name] = content
            where = str(Path(folder) / name)
            listed.append(
                {"file": where, "id": figure.id, "title": figure.title.text(lang)}
            )
    return listed, write_files(Path(folder), files)
