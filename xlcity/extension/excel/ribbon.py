"""The tab of the add-in in Excel's ribbon, from the declarations of commands and actions."""

from __future__ import annotations

from importlib.resources import files

from xlcity import __version__
from xlcity.api.texts import in_language
from xlcity.data_files import text_beside
from xlcity.desk.forms import button_text, forms, help_text
from xlcity.desk.texts import page_texts
from xlcity.extension.build import COMMAND_BUTTONS
from xlcity.extension.texts import words
from xlcity.hosts.excel.vba_project import Module
from xlcity.hosts.excel.xlam import PROJECT, Ribbon, build_addin, common_settings
from xlcity.xlsx.text import in_quotes

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
#: Buttons of the first group; those of the second open the companion page at an action.
BUTTONS = (*COMMAND_BUTTONS, "jump", "apply", "undo", "page", "cancel")
#: What the id of a button begins with that opens the page at an action.
FORM = "form."


def ribbon(language: str) -> Ribbon:
    """Return the tab with its labels in a language ("en" or "zh")."""
    buttons = [
        _button_xml(
            name,
            words(f"button.{name}", language),
            _help_text(name, language),
            image="" if name in _PLAIN else name,
        )
        for name in BUTTONS
    ]
    with in_language(language):
        form_buttons = [
            _button_xml(f"{FORM}{key}", button_text(verb), help_text(verb))
            for key, verb in forms().items()
        ]
    groups = [
        _element_xml(
            "group", {"id": "xlcityWorkbook", "label": words("workbook", language)}, buttons
        ),
        _element_xml(
            "group", {"id": "xlcityMake", "label": words("forms", language)}, form_buttons
        ),
    ]
    tab = _element_xml("tab", {"id": "xlcityTab", "label": words("title", language)}, groups)
    inside = _element_xml("ribbon", {}, [_element_xml("tabs", {}, [tab])])
    xml = _element_xml("customUI", {"xmlns": NAMESPACE}, [inside])
    icons = files("xlcity.extension").joinpath("office", "icons")
    images = {name: icons.joinpath(f"{_ICONS.get(name, name)}_26.png").read_bytes()
              for name in BUTTONS if name not in _PLAIN}  # fmt: skip
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    program = text_beside(__file__, "buttons.bas").replace("LANG", language)
    return Ribbon(head + xml, Module("Buttons", program), images)


def release_addin() -> bytes:
    """Return the add-in for people who copy it into Excel's folder themselves.

    Its Python is looked for where the starters of a release put it; labels are Chinese.
    """
    machine = {
        "Interpreter_Win": rf"%LOCALAPPDATA%\{PROJECT}\{__version__}\Scripts\python.exe",
        "PYTHONPATH": rf"%LOCALAPPDATA%\{PROJECT}",
    }
    return build_addin(
        {**machine, **common_settings("xlcity.hosts.excel.udfs")}, "zh", ribbon("zh")
    )


#: Button -> icon of another one; buttons without any.
_ICONS = {"jump": "panel"}
_PLAIN = ("apply", "undo", "cancel")


def _help_text(name: str, language: str) -> str:
    texts = page_texts(language)
    return texts.get(f"command.{name}.help") or words(f"help.{name}", language)


def _button_xml(name: str, label: str, about: str, image: str = "") -> str:
    look = {"size": "large", "image": image} if image else {}
    given = {"id": name, "label": label, **look, "screentip": label, "supertip": about}
    return _element_xml("button", {**given, "onAction": "Buttons.Pressed"}, [])


def _element_xml(name: str, attributes: dict[str, str], inside: list[str]) -> str:
    written = "".join(f" {key}={in_quotes(value)}" for key, value in attributes.items())
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"
