"""Files with functions of a project or a user: where they are named, and which may be run."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tomllib
import types
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from xlcity.data_files import parse_toml, require_regular, user_folder
from xlcity.errors import Problem, RegistryError, Where, XlcityError, system_reason
from xlcity.functions.declare import Function
from xlcity.functions.decorator import functions_of_module
from xlcity.functions.session import FILE_MODULE
from xlcity.messages import Message

#: File with the list of trusted files, in the user's configuration.
_TRUST_LIST_NAME = "trusted.json"


def trust_list_file() -> Path:
    """Return where the list of trusted files is, whether it exists or not."""
    return user_folder() / _TRUST_LIST_NAME


def trust_key(path: Path) -> Path:
    """Return the absolute path by which the list of trusted files names a file.

    The file itself is not looked at: a stranger's settings may name one on another machine, which
    must not even be asked for.
    """
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would look


def trusted_files() -> dict[str, str]:
    """Return the user's list of trusted files: path -> hash; empty where none may be read.

    Raises
    ------
    RegistryError
        If it cannot be read.
    """
    path = trust_list_file()
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in listed.items()}
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError.of(
            "XC611.unreadable_list", Where(file=str(path)), error=error
        ) from None


def trust_list_text(files: Mapping[str, str]) -> str:
    """Return the JSON text of a list of trusted files; `files` maps paths to hashes."""
    listed = {"files": dict(sorted(files.items()))}
    return json.dumps(listed, ensure_ascii=False, indent=1) + "\n"


def file_digest(path: Path) -> str:
    """Return the SHA-256 hash of a file's content; devices and the like are refused."""
    require_regular(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def distrust_reason(path: Path, files: Mapping[str, str]) -> str | None:
    """Return why a file may not be run, ``None`` if it may.

    `files` is the list of trusted files: path -> hash.
    """
    if str(path) not in files:
        return Message("trust.not_trusted")
    try:
        is_unchanged = file_digest(path) == files[str(path)]
    except OSError as error:
        return Message("trust.unreadable", reason=system_reason(error))
    return None if is_unchanged else Message("trust.changed")


def add_trusted(
    files: Mapping[str, str],
    paths: Iterable[Path],
) -> dict[str, str]:
    """Return the list of trusted files with some more, as they are now.

    Parameters
    ----------
    files
        The list: path -> hash of the content.
    paths
        The files to add.

    Raises
    ------
    RegistryError
        With every file that cannot be read.
    """
    trusted = dict(files)
    problems = []
    for path in paths:
        try:
            trusted[str(trust_key(path))] = file_digest(path)
        except OSError as error:
            problems.append(
                Problem.of(
                    "XC612.unreadable",
                    Where(file=str(path)),
                    reason=system_reason(error),
                )
            )
    RegistryError.raise_for(problems)
    return trusted


#: Variable that names files with functions, separated as paths are; in place of both settings.
FUNCTIONS_VARIABLE = "XLCITY_FUNCTIONS"
#: A settings file in the user's configuration or in the working folder.
SETTINGS_NAME = "xlcity.toml"


def user_settings() -> Path:
    """Return the user's settings file, whether it exists or not."""
    return user_folder() / SETTINGS_NAME


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that the settings of the working folder name and that is not run.

    Attributes
    ----------
    file
        The file, or the settings themselves.
    why
        In words.
    """

    file: Path
    why: str


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """Which files with functions of one's own are run, and which are not.

    Attributes
    ----------
    files
        Absolute paths.
    refused
        Files that the working folder's settings name and the user has not trusted.
    """

    files: tuple[Path, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


def find_own_files() -> OwnFiles:
    """Return the Python files with functions of one's own, and those named but not trusted.

    `FUNCTIONS_VARIABLE` names them; without it the key `functions` of `xlcity.toml` in the user's
    configuration, and of one in the working folder. The folder may come from a stranger: a file
    that it names is run only if the user trusted its content (see `distrust_reason`).

    Raises
    ------
    RegistryError
        If the user's own settings cannot be read.
    """
    if (named_files := os.environ.get(FUNCTIONS_VARIABLE)) is not None:
        paths = (
            Path(path).expanduser() for path in named_files.split(os.pathsep) if path
        )
        return OwnFiles(
            tuple(dict.fromkeys(Path(os.path.realpath(path)) for path in paths))
        )
    trusted, refused = _read_folder_settings(Path(SETTINGS_NAME))
    settings = user_settings()
    return OwnFiles(
        tuple(dict.fromkeys((*trusted, *read_named_files(settings)))), refused
    )


def own_files() -> tuple[Path, ...]:
    """Return the Python files with functions of one's own that may be run, as absolute paths."""
    return find_own_files().files


def _read_folder_settings(
    settings: Path,
) -> tuple[tuple[Path, ...], tuple[RefusedFile, ...]]:
    """Return the trusted files that the working folder's settings name, and the refused ones.

    Settings that cannot be read are themselves refused.
    """
    try:
        named_files = read_named_files(settings)
    except RegistryError as error:
        # Perhaps a stranger's: no reason to refuse a workbook.
        return (), (
            RefusedFile(settings.absolute(), error.problems[0].message.rstrip(".")),
        )
    trusted = trusted_files()
    reasons = {path: distrust_reason(path, trusted) for path in named_files}
    return (
        tuple(path for path, reason in reasons.items() if reason is None),
        tuple(
            RefusedFile(path, reason)
            for path, reason in reasons.items()
            if reason is not None
        ),
    )


def read_named_files(settings: Path) -> tuple[Path, ...]:
    """Return the files that a settings file names under `functions`, as absolute paths.

    There are none without a settings file that may be read. The named files are not looked at.

    Raises
    ------
    RegistryError
        If it cannot be read, or `functions` is not a list of texts.
    """
    try:
        if settings.exists() and not settings.is_file():
            raise RegistryError.of("XC611.no_file", Where(file=str(settings)))
        text = settings.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ()
    except (OSError, UnicodeDecodeError) as error:
        where = Where(file=str(settings))
        raise RegistryError.of("XC611.unreadable", where, error=error) from None
    try:
        names = parse_toml(text).get("functions", [])
    except tomllib.TOMLDecodeError as error:
        where = Where(file=str(settings))
        raise RegistryError.of("XC611.no_toml", where, error=error) from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RegistryError.of("XC611.no_list", Where(file=str(settings)))
    return tuple(trust_key(settings.parent / _expand_home(name)) for name in names)


def _expand_home(name: str) -> Path:
    """Return a path with ~ as the home folder; unchanged for an unknown user name."""
    try:
        return Path(name).expanduser()
    except RuntimeError:  # ~ and an unknown user name
        return Path(name)


def load_functions(
    files: tuple[Path, ...], used_names: frozenset[str]
) -> dict[str, Function]:
    """Return the decorated functions of some files: name -> entry.

    Parameters
    ----------
    files
        Python files.
    used_names
        Names that the library has already.

    Raises
    ------
    RegistryError
        With everything that is wrong in all of them.
    """
    functions: dict[str, Function] = {}
    owners: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in files:
        where = Where(file=str(path))
        try:
            declared = _run_file(path)
        except XlcityError as error:
            problems += error.problems
            continue
        if not declared:
            problems.append(Problem.of("XC613.no_function", where))
        for function in declared:
            if function.name in used_names or function.name in owners:
                owner = owners.get(function.name, "the library")
                problems.append(
                    Problem.of(
                        "XC615.name_used", where, function=function.name, owner=owner
                    )
                )
                continue
            functions[function.name], owners[function.name] = function, path
    RegistryError.raise_for(problems)
    return functions


def _run_file(path: Path) -> list[Function]:
    """Run a Python file, and return the functions of it that are decorated for the library.

    Raises
    ------
    RegistryError
        If there is no such file, or running it raises.
    """
    if not path.is_file():
        hint = Message(
            "hint.correct_settings",
            variable=FUNCTIONS_VARIABLE,
            settings=SETTINGS_NAME,
        )
        raise RegistryError.of("XC612.missing", Where(file=str(path)), hint=hint)
    name = f"{FILE_MODULE}{path.stem}_{zlib.crc32(str(path).encode()):x}"
    if path.suffix != ".py":
        hint = Message("XC612.no_python.hint")
        raise RegistryError.of("XC612.no_python", Where(file=str(path)), hint=hint)
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # as an import would; dataclasses, for one, look there
    try:
        # The very text that is there: compiled files beside it are not what the user read.
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except XlcityError:
        raise
    except Exception as error:
        where = Where(file=str(path), cell=_error_line(error, path))
        raise RegistryError.of(
            "XC613.not_run", where, name=type(error).__name__, error=error
        ) from error
    return functions_of_module(module)


def _error_line(error: Exception, path: Path) -> str | None:
    """Return the last line of a file that an error went through, such as "line 3", or None."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"line {error.lineno}"
    trace = error.__traceback__
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f"line {trace.tb_lineno}"
        trace = trace.tb_next
    return line
