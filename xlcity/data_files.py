"""Files of the package, each beside what reads it; and what every file that is read must be."""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcity.messages import Message

if TYPE_CHECKING:
    from jinja2 import Template

#: A key that TOML reads without quotes.
_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_KEY_PART = r"""(?:[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
#: A key of more parts than any file has; each part costs the reader as much as all before it.
_LONG_KEY = re.compile(rf"""(?<![\w"'.-])(?:{_KEY_PART}[ \t]*\.[ \t]*){{500}}""")

#: Where Python says that a document is no TOML.
_TOML_PLACE = re.compile(
    r"(?P<said>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)",
    re.DOTALL,
)


@cache
def text_beside(module: str, name: str) -> str:
    """Return the text of a file that stands beside a module, given by its `__file__`."""
    return Path(module).with_name(name).read_text(encoding="utf-8")


@cache
def toml_beside(module: str, name: str) -> dict[str, Any]:
    """Return a file that stands beside a module, given by its `__file__`. Do not change it."""
    return tomllib.loads(text_beside(module, name))


@cache
def template_beside(module: str, name: str) -> Template:
    """Return a Jinja2 template that stands beside a module; it escapes every value put into it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(module).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(name)


def parse_toml(text: str) -> dict[str, Any]:
    """Return a TOML document.

    Raises
    ------
    TOMLDecodeError
        If it is none, is nested too deeply, or has a number or a key longer than can be read.
    """
    if _LONG_KEY.search(text):
        raise tomllib.TOMLDecodeError(Message("toml.long_key"))
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError(Message("toml.nested")) from None
    except ValueError as error:
        said = str(error).partition(";")[0]
        raise tomllib.TOMLDecodeError(_toml_fault(said)) from None


def _toml_fault(said: str) -> str:
    """Return what Python says of a document that is no TOML, with the place in our words."""
    if (place := _TOML_PLACE.fullmatch(said)) is None:
        return Message("toml.fault", said=said)
    if place["line"] is None:
        return Message("toml.fault_at_end", said=place["said"])
    return Message("toml.fault_at", **place.groupdict())


def toml_value(value: object) -> str:
    r"""Return a value as TOML, a list of tables with a line for each.

    >>> toml_value({"a": ["x\n", 0.5], "b c": True})
    '{ a = ["x\\n", 0.5], "b c" = true }'
    """
    import json  # `xlcity list` starts without it

    if isinstance(value, Mapping):
        names = {
            key: key if _BARE_KEY.fullmatch(key) else toml_value(key) for key in value
        }
        return f"{{ {', '.join(f'{names[key]} = {toml_value(value[key])}' for key in value)} }}"
    if isinstance(value, (list, tuple)):
        texts = list(map(toml_value, value))
        is_tables = any(isinstance(part, Mapping) for part in value)
        return (
            "[\n  " + ",\n  ".join(texts) + ",\n]"
            if is_tables
            else f"[{', '.join(texts)}]"
        )
    if isinstance(value, float):
        return repr(float(value))
    # What JSON escapes, TOML reads; of control characters JSON leaves one as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def what_special(path: str | Path) -> str | None:
    """Return what a path is that is neither absent nor a folder nor a regular file, in words."""
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return None
    kinds = {
        stat.S_IFCHR: "special.device",
        stat.S_IFBLK: "special.device",
        stat.S_IFIFO: "special.pipe",
        stat.S_IFSOCK: "special.socket",
    }
    key = kinds.get(stat.S_IFMT(mode))
    return Message(key) if key else None


def require_regular(path: str | Path) -> None:
    """Refuse to read what may have no end: a program would wait for ever.

    Raises
    ------
    WorkbookError
        If it is a device, a pipe or a socket.
    """
    if (what := what_special(path)) is not None:
        from xlcity.errors import (
            Where,
            WorkbookError,
        )  # `xlcity list` starts without the error tree

        raise WorkbookError.of("XC400.special", Where(file=str(path)), what=what)


def user_folder() -> Path:
    """Return the folder of the user's configuration, whether it exists or not."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "xlcity"
