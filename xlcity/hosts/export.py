"""Write the library as a file for a spreadsheet program, for the person to put where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlcity.hosts.calc.profile import basic_text
from xlcity.hosts.excel.lite import lite_text
from xlcity.hosts.excel.module import module_text
from xlcity.hosts.self_test import build_self_test
from xlcity.hosts.state import Availability, HostState
from xlcity.messages import Message
from xlcity.xlsx.save import write_output

#: Program -> what gives the content in a language, and the message what to do with the file.
EXPORTS: dict[str, tuple[Callable[[str], bytes | str], str]] = {
    "lite": (
        lite_text,
        "export.into_lite",
    ),
    "xlwings": (
        lambda language: module_text(language=language),
        "export.all_by_xlwings",
    ),
    "libreoffice": (
        lambda _: basic_text(),
        "export.all_by_libreoffice",
    ),
    "self-test": (
        build_self_test,
        "export.self_test",
    ),
}


def export_library(host: str, target: Path, language: str = "en") -> HostState:
    """Write the library as a file for a program; return where, and what to do with it.

    Parameters
    ----------
    host
        One of `EXPORTS`.
    target
        The file; a different file of that name is kept beside it as ``.bak``.
    language
        Language of the help.
    """
    build, key = EXPORTS[host]
    content = build(language)
    backup = write_output(
        target, content.encode() if isinstance(content, str) else content
    )
    detail = str(target)
    if backup:
        detail = Message("export.kept", file=target, kept=backup.name)
    return HostState(host, Availability.WRITTEN, detail, Message(key))
