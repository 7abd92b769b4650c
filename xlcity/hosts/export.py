"""Write the library as a file for a spreadsheet program, for the person to put where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlcity.hosts.calc.profile import basic_text
from xlcity.hosts.excel.lambdas import build_lambda_workbook
from xlcity.hosts.excel.module import lite_commands, lite_text, module_text
from xlcity.hosts.self_test import build_self_test
from xlcity.hosts.state import Availability, HostState
from xlcity.xlsx.save import write_output


def export(host: str, target: Path, language: str = "en") -> HostState:
    """Write a file and say what to do with it.

    Parameters
    ----------
    host
        ``lambda``, ``lite``, ``lite-commands``, ``xlwings``, ``libreoffice`` or ``self-test``.
    target
        The file; a different file of that name is kept beside it as ``.bak``.
    language
        Language of the help.
    """
    content, remedy = _WRITERS[host](language)
    backup = write_output(target, content)
    detail = f"{target} (the file that was there is {backup.name})" if backup else str(target)
    return HostState(host, Availability.WRITTEN, detail, remedy)


def _lambda(language: str) -> tuple[bytes, str]:
    return (
        build_lambda_workbook(language),
        "Open it in Excel 365 and work there, or copy its sheet into your workbook: the names come "
        "along. Not together with the xlcity add-in: names and add-in would both answer.",
    )


def _lite(language: str) -> tuple[bytes, str]:
    return (
        lite_text(language=language, library=True).encode("utf-8"),
        "In Excel open xlwings Lite, put this file's text into main.py and numpy and scipy into "
        "requirements.txt.",
    )


def _lite_commands(language: str) -> tuple[bytes, str]:
    return (
        lite_commands(language).encode("utf-8"),
        "In Excel open xlwings Lite, put this file's text into main.py and numpy, scipy and "
        "XlsxWriter into requirements.txt.",
    )


def _xlwings(language: str) -> tuple[bytes, str]:
    return (
        module_text(language=language).encode("utf-8"),
        "`xlcity udf install --host xlwings` does all of it; by hand: name the module under UDF "
        "Modules in xlwings' ribbon and import functions.",
    )


def _libreoffice(language: str) -> tuple[bytes, str]:
    return (
        basic_text().encode("utf-8"),
        "`xlcity udf install --host libreoffice` does all of it; this is the Basic module alone.",
    )


def _self_test(language: str) -> tuple[bytes, str]:
    return (
        build_self_test(language),
        "Open it in any program and note the code; `xlcity udf status --code CODE` explains it.",
    )


_WRITERS: dict[str, Callable[[str], tuple[bytes, str]]] = {
    "lambda": _lambda,
    "lite": _lite,
    "lite-commands": _lite_commands,
    "xlwings": _xlwings,
    "libreoffice": _libreoffice,
    "self-test": _self_test,
}
