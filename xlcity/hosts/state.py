"""How far the library is available in a spreadsheet program: what `xlcity udf` lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Availability(Enum):
    """Whether a program can use the library."""

    INSTALLED = "installed"
    #: Written for other functions, another Python or an older xlcity.
    OUTDATED = "outdated"
    ABSENT = "absent"
    #: Something must be done before it can be installed, or the program is not for this system.
    UNAVAILABLE = "unavailable"
    #: A file was made; the person puts it where it belongs.
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class HostState:
    """An entry of the contract's JSON.

    Attributes
    ----------
    host
        As `--host` spells it.
    state
        Whether the program can use the library.
    detail
        Where the library is, or why it is not.
    remedy
        What the person can do; empty where nothing is needed.
    steps
        What an installation step by step has done and checked, and what remains, as sentences.
    """

    host: str
    state: Availability
    detail: str
    remedy: str = ""
    steps: tuple[str, ...] = ()


def read_text_or_empty(path: Path) -> str:
    """Return the text of a file, "" if there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else ""
