"""Installs the library in a LibreOffice profile, finds it there, and removes it.

A Basic module gives Calc the library's names; it is generated from the registry. Only functions of
Basic keep their plain names when Calc reads an .xlsx; those of a UNO add-in become #NAME?.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import xlcity
from xlcity.data_files import text_beside
from xlcity.functions.declare import Function
from xlcity.functions.registry import FUNCTIONS
from xlcity.functions.settings import own_files
from xlcity.hosts.state import Availability, read_text_or_empty
from xlcity.xlsx.text import escape_xml

#: Name of the module in the library Standard, and of the script it calls.
MODULE = "xlcity"
SCRIPT = "xlcity_calc.py"

_FUNCTION_TEMPLATE = """
Function {name}({parameters}) As Variant
    Dim given({last}) As Variant, count As Integer
{copies}
    {name} = xlcity_call("{name}", count, given)
End Function
"""
_ARGUMENT_COPY_TEMPLATE = """\
    If Not IsMissing(a{number}) Then
        given({index}) = a{number}
        count = {number}
    End If"""
_MODULE_XML_TEMPLATE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="{module}" \
script:language="StarBasic">{text}</script:module>
"""


def basic_text(functions: Iterable[Function] | None = None) -> str:
    """Return the text of the Basic module for functions, by default all of the registry."""
    chosen = FUNCTIONS.values() if functions is None else functions
    head = text_beside(__file__, "functions.bas").replace("{script}", SCRIPT)
    return head + "".join(map(_basic_function_text, chosen))


def _basic_function_text(function: Function) -> str:
    """Return the text of a function in Basic that passes its arguments on to the library.

    It takes one argument too many, so that the library sees a call with too many, and refuses it.
    """
    numbers = range(1, len(function.arguments) + 2)
    return _FUNCTION_TEMPLATE.format(
        name=function.name,
        parameters=", ".join(f"Optional a{number}" for number in numbers),
        last=len(function.arguments),
        copies="\n".join(
            _ARGUMENT_COPY_TEMPLATE.format(number=number, index=number - 1)
            for number in numbers
        ),
    )


def module_xml() -> str:
    """Return the Basic module as a profile stores it, in XML."""
    text = escape_xml(basic_text()).replace('"', "&quot;")
    return _MODULE_XML_TEMPLATE.format(module=MODULE, text=text)


#: How the bridge starts its helper in this Python: no module of the current folder gets in.
HELPER_COMMAND = [sys.executable, "-P", "-m", "xlcity.hosts.calc.server"]
IMPORT_FROM = str(Path(xlcity.__file__).resolve().parent.parent)

_XML_START = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XML_NAMESPACES = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'
_EMPTY_LIBRARY_LIST = (
    f"{_XML_START}<!DOCTYPE library:libraries "
    'PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" '
    f'"libraries.dtd">\n<library:libraries {_XML_NAMESPACES}>\n'
    ' <library:library library:name="Standard" library:link="false"/>\n</library:libraries>\n'
)
_EMPTY_MODULE_LIST = (
    f'{_XML_START}<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" '
    f'"library.dtd">\n<library:library {_XML_NAMESPACES.split(" xmlns:xlink")[0]} '
    'library:name="Standard" library:readonly="false" library:passwordprotected="false">\n'
    "</library:library>\n"
)
_OUR_MODULE_ELEMENT = f' <library:element library:name="{MODULE}"/>\n'
#: Our module in a library's list, and where that list ends.
_OUR_MODULE_LISTED = re.compile(
    rf'\s*<library:element\s+library:name\s*=\s*"{MODULE}"\s*/>'
)
_END_OF_LIST = re.compile(r"\s*/>\s*$|\s*</library:library>\s*$")


def install_bridge(user_folder: Path) -> None:
    """Write the Basic module and its script into a profile's folder `user`.

    All else in the profile stays as it is. LibreOffice reads the change when it starts.
    """
    standard = user_folder / "basic" / "Standard"
    standard.mkdir(parents=True, exist_ok=True)
    script = _script_path(user_folder)
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(script_text(), encoding="utf-8", newline="\n")
    (standard / f"{MODULE}.xba").write_text(
        module_xml(), encoding="utf-8", newline="\n"
    )
    for path, text in (
        (user_folder / "basic" / "script.xlc", _EMPTY_LIBRARY_LIST),
        (user_folder / "basic" / "dialog.xlc", _EMPTY_LIBRARY_LIST),
        (standard / "dialog.xlb", _EMPTY_MODULE_LIST),
        (standard / "script.xlb", _EMPTY_MODULE_LIST),
    ):
        if not path.exists():
            path.write_text(text, encoding="utf-8", newline="\n")
    listing = standard / "script.xlb"
    text = listing.read_text(encoding="utf-8")
    if not _OUR_MODULE_LISTED.search(text):
        listing.write_text(_list_our_module(text), encoding="utf-8", newline="\n")


def remove_bridge(user_folder: Path) -> None:
    """Remove the Basic module and its script from a profile; modules of the user's own stay."""
    standard = user_folder / "basic" / "Standard"
    listing = standard / "script.xlb"
    if listing.exists():
        text = listing.read_text(encoding="utf-8")
        listing.write_text(
            _OUR_MODULE_LISTED.sub("", text), encoding="utf-8", newline="\n"
        )
    (standard / f"{MODULE}.xba").unlink(missing_ok=True)
    _script_path(user_folder).unlink(missing_ok=True)


def bridge_state(user_folder: Path) -> Availability:
    """Return whether a profile has the library: installed, outdated or absent."""
    standard = user_folder / "basic" / "Standard"
    script = _script_path(user_folder)
    module = standard / f"{MODULE}.xba"
    listing = standard / "script.xlb"
    if not module.exists() and not script.exists():
        return Availability.ABSENT
    is_current = (
        read_text_or_empty(module) == module_xml()
        and read_text_or_empty(script) == script_text()
        and _OUR_MODULE_LISTED.search(read_text_or_empty(listing)) is not None
    )
    return Availability.INSTALLED if is_current else Availability.OUTDATED


def script_text(
    command: list[str] | None = None, import_from: str | None = None
) -> str:
    """Return the script that a profile gets: ``bridge.py`` with the settings of this installation.

    Parameters
    ----------
    command
        The command line that starts the helper; by default in this Python.
    import_from
        The folder from which the helper imports xlcity; by default that of this package.
    """
    settings = {
        "COMMAND": command or HELPER_COMMAND,
        "IMPORT_FROM": IMPORT_FROM if import_from is None else import_from,
        "OWN_FILES": os.pathsep.join(map(str, own_files())),
    }
    text = Path(__file__).with_name("bridge.py").read_text(encoding="utf-8")
    line = re.compile(f"(?m)^({'|'.join(settings)}) = .*$")
    return line.sub(
        lambda match: f"{match[1]} = {json.dumps(settings[match[1]])}", text
    )


def user_folders() -> list[Path]:
    """Return the folders `user` of LibreOffice profiles that this person may have, likely first.

    The environment variable ``XLCITY_LIBREOFFICE_PROFILE`` names one instead (the folder that
    holds `user`).
    """
    if profile_folder := os.environ.get("XLCITY_LIBREOFFICE_PROFILE"):
        return [Path(profile_folder) / "user"]
    home = Path.home()
    if sys.platform == "win32":
        roaming = os.environ.get("APPDATA")
        settings_folders = [Path(roaming) if roaming else home / "AppData" / "Roaming"]
    elif sys.platform == "darwin":
        settings_folders = [home / "Library" / "Application Support"]
    else:
        config = os.environ.get("XDG_CONFIG_HOME")
        settings_folders = [
            Path(config) if config else home / ".config",
            home / "snap" / "libreoffice" / "current" / ".config",
            home / ".var" / "app" / "org.libreoffice.LibreOffice" / "config",
        ]
    name = "libreoffice" if sys.platform not in ("win32", "darwin") else "LibreOffice"
    return [folder / name / "4" / "user" for folder in settings_folders]


def office_pipe_suffix(folder: Path) -> str:
    """Return how the name of the pipe ends by which a LibreOffice with this profile is reached.

    LibreOffice forms it of the profile's URL: its MD5, each byte without a leading zero.
    """
    digest = hashlib.md5(
        folder.as_uri().encode("utf-16-le"), usedforsecurity=False
    ).digest()
    return "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest)


def _script_path(user_folder: Path) -> Path:
    """Return where a profile's folder `user` has our Python script."""
    return user_folder / "Scripts" / "python" / SCRIPT


def _list_our_module(listing: str) -> str:
    """Return the XML of a library's list of modules with ours added at its end.

    A text without the end of such a list is damaged: it is replaced by one of our module alone.
    """
    closing = _END_OF_LIST.search(listing)
    if closing is None:
        return _list_our_module(_EMPTY_MODULE_LIST)
    before = listing[: closing.start()]
    if closing[0].strip() == "/>":  # an empty list, a single tag so far
        before += ">"
    return f"{before.rstrip()}\n{_OUR_MODULE_ELEMENT}</library:library>\n"
