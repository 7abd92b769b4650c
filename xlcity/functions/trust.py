"""The user's list of files with functions that may be run, each with the hash of its content."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from xlcity.data_files import require_regular
from xlcity.errors import Problem, RegistryError, Where

#: The list, in the user's configuration.
_LIST = "trusted.json"


def user_folder() -> Path:
    """Return the folder of the user's configuration, whether it exists or not."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "xlcity"


def list_file() -> Path:
    """Return where the list is, whether it exists or not."""
    return user_folder() / _LIST


def key(path: Path) -> Path:
    """Return the name that a file has in the list; the file itself is not looked at.

    A stranger's settings may name a file on another machine, which must not even be asked for.
    """
    return Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would look


def known() -> dict[str, str]:
    """Return the list: path -> hash.

    Raises
    ------
    RegistryError
        If it cannot be read.
    """
    path = list_file()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in found.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError(
            f"the list of trusted files cannot be read ({error}).",
            "Delete it, and trust your files again with xlcity trust.",
            "XC611",
            file=str(path),
        ) from None


def text_of(files: Mapping[str, str]) -> str:
    """Return the list as it is written."""
    return json.dumps({"files": dict(sorted(files.items()))}, ensure_ascii=False, indent=1) + "\n"


def digest(path: Path) -> str:
    """Return the hash of a file's content."""
    require_regular(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def why_not(path: Path, files: Mapping[str, str]) -> str | None:
    """Return why a file may not be run, ``None`` if it may."""
    if str(path) not in files:
        return "it is not trusted"
    try:
        same = digest(path) == files[str(path)]
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})"
    return None if same else "it has changed since it was trusted"


def with_files(files: Mapping[str, str], paths: Iterable[Path]) -> dict[str, str]:
    """Return the list with files as they are now.

    Raises
    ------
    RegistryError
        With every file that cannot be read.
    """
    found, problems = dict(files), []
    for path in paths:
        try:
            found[str(key(path))] = digest(path)
        except OSError as error:
            message = f"the file cannot be read: {error.strerror or error}."
            problems.append(Problem("XC612", message, "Correct its name.", Where(file=str(path))))
    if problems:
        raise RegistryError(problems)
    return found
