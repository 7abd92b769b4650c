"""Where a project or a user names files with functions of their own."""

from __future__ import annotations

import importlib.util
import os
import sys
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path

from xlcity.errors import Problem, RegistryError, Where, XlcityError
from xlcity.functions.declare import Function
from xlcity.functions.own import ENTRY

#: Names files with functions, separated as paths are; in place of both settings.
VARIABLE = "XLCITY_FUNCTIONS"
#: A settings file in the working folder or in the user's configuration.
SETTINGS = "xlcity.toml"


def user_settings() -> Path:
    """Return the user's settings file, whether it exists or not."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "xlcity" / SETTINGS


def own_files() -> tuple[Path, ...]:
    """Return the files with functions of one's own, as absolute paths.

    `VARIABLE` names them; without it the key `functions` of `xlcity.toml` in the working folder and
    in the user's configuration, relative to the file that names them.

    Raises
    ------
    RegistryError
        If a settings file cannot be read, or `functions` is no list of texts.
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        found = [Path(part) for part in named.split(os.pathsep) if part]
    else:
        found = [file for place in (Path(SETTINGS), user_settings()) for file in _named_in(place)]
    return tuple(dict.fromkeys(path.expanduser().resolve() for path in found))


def _named_in(settings: Path) -> Iterator[Path]:
    try:
        text = settings.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(settings, "XC611", f"it cannot be read ({error}).", "Check the file.") from None
    try:
        names = tomllib.loads(text).get("functions", [])
    except tomllib.TOMLDecodeError as error:
        raise _bad(settings, "XC611", f"this is no TOML: {error}.", "Correct that line.") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        hint = 'Write functions = ["my_functions.py"].'
        raise _bad(settings, "XC611", "functions is no list of files.", hint)
    yield from (settings.resolve().parent / name for name in names)


def load(files: tuple[Path, ...], taken: frozenset[str]) -> dict[str, Function]:
    """Return the decorated functions of some files: name -> entry.

    Parameters
    ----------
    files
        Python files.
    taken
        Names that the library has already.

    Raises
    ------
    RegistryError
        With everything that is wrong in all of them.
    """
    found: dict[str, Function] = {}
    places: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in files:
        try:
            entries = _run(path)
        except XlcityError as error:
            problems += error.problems
            continue
        if not entries:
            hint = "Decorate one: from xlcity import function."
            problems.append(_problem(path, "XC613", "no function is decorated.", hint))
        for entry in entries:
            if entry.name in taken or entry.name in places:
                owner = places.get(entry.name, "the library")
                message = f"the name {entry.name} belongs to {owner}."
                problems.append(_problem(path, "XC615", message, "Choose another."))
                continue
            found[entry.name], places[entry.name] = entry, path
    if problems:
        raise RegistryError(problems)
    return found


def _run(path: Path) -> list[Function]:
    if not path.is_file():
        raise _bad(path, "XC612", "there is no such file.", f"Correct {VARIABLE} or {SETTINGS}.")
    name = f"xlcity_own_{path.stem}_{zlib.crc32(str(path).encode()):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _bad(path, "XC612", "this is no Python file.", "Its name ends with .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except XlcityError:
        raise
    except Exception as error:
        line = _line(error, path)
        told = f"{type(error).__name__}: {error}"
        raise _bad(path, "XC613", f"it cannot be run ({told}).", "Correct it.", line) from error
    found = [getattr(value, ENTRY, None) for value in vars(module).values()]
    # A function may stand under two names.
    return list({id(entry): entry for entry in found if isinstance(entry, Function)}.values())


def _line(error: Exception, path: Path) -> str | None:
    """Return the last line of a file that an error went through."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"line {error.lineno}"
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = f"line {trace.tb_lineno}"
        trace = trace.tb_next
    return line


def _problem(path: Path, code: str, message: str, hint: str, line: str | None = None) -> Problem:
    return Problem(code, message, hint, Where(file=str(path), cell=line))


def _bad(path: Path, code: str, message: str, hint: str, line: str | None = None) -> RegistryError:
    return RegistryError(_problem(path, code, message, hint, line))
