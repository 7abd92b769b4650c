"""Write the library as a file for a spreadsheet program, for the person to put where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlcity.hosts.calc.profile import basic_text
from xlcity.hosts.excel.module import lite_text, module_text
from xlcity.hosts.self_test import build_self_test
from xlcity.hosts.state import Availability, HostState
from xlcity.xlsx.save import write_output

#: Program -> what gives the content in a language, and what the person does with the file.
EXPORTS: dict[str, tuple[Callable[[str], bytes | str], str]] = {
    "lite": (
        lambda language: lite_text(language=language, library=True),
        "In Excel open xlwings Lite, put this file's text into main.py and numpy and scipy into "
        "requirements.txt.",
    ),
    "xlwings": (
        lambda language: module_text(language=language),
        "`xlcity udf install --host xlwings` does all of it; by hand: name the module under UDF "
        "Modules in xlwings' ribbon and import functions.",
    ),
    "libreoffice": (
        lambda _: basic_text(),
        "`xlcity udf install --host libreoffice` does all of it; this is the Basic module alone.",
    ),
    "self-test": (
        build_self_test,
        "Open it in any program and note the code; `xlcity udf status --code CODE` explains it.",
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
    build, remedy = EXPORTS[host]
    content = build(language)
    backup = write_output(
        target, content.encode() if isinstance(content, str) else content
    )
    detail = (
        f"{target} (the file that was there is {backup.name})"
        if backup
        else str(target)
    )
    return HostState(host, Availability.WRITTEN, detail, remedy)
