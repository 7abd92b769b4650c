"""Builds `xlcity.oxt` from the declarations of commands: the same bytes at every time."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.resources import files

import xlcity
from xlcity.desk.commands import COMMANDS
from xlcity.desk.texts import page_texts
from xlcity.extension.texts import LANGUAGES, all_texts, words
from xlcity.xlsx.text import escape_xml, in_quotes

IDENTIFIER = "org.xlcity.buttons"
FILE = "xlcity.oxt"
#: Commands with a button of their own: those that need no more than the workbook, the selected cell
#: or another file. The companion page has the others.
COMMAND_BUTTONS = tuple(
    name
    for name in ("check", "trace", "moves", "audit", "compare")
    if set(COMMANDS[name].needs) <= {"cell", "second"}
)
BUTTONS = (*COMMAND_BUTTONS, "page", "panel")
_LOCALES = {"en": "en-US", "zh": "zh-CN"}
_CONTEXT = "com.sun.star.sheet.SpreadsheetDocument"
_TOOLBAR = f"{IDENTIFIER}.toolbar"
_TIME = (1980, 1, 1, 0, 0, 0)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="Addons" '
    'oor:package="org.openoffice.Office">\n'
)


def extension() -> bytes:
    """Return the extension's file."""
    office = files("xlcity.extension").joinpath("office")
    parts: dict[str, bytes] = {
        "component.py": office.joinpath("component.py").read_bytes(),
        "texts.json": _texts_json().encode("utf-8"),
    }
    for name in ("xlcity_office.py", "xlcity_panel.py", "xlcity_pipe.py"):
        parts[f"pythonpath/{name}"] = office.joinpath(name).read_bytes()
    for icon in sorted(office.joinpath("icons").iterdir(), key=lambda icon: icon.name):
        parts[f"icons/{icon.name}"] = icon.read_bytes()
    configuration = {"Addons.xcu": _addons_xml()}
    for source in office.iterdir():
        if source.name.endswith(".xcu"):
            configuration[source.name] = source.read_text("utf-8").replace(
                "{title}", _in_all_languages("title")
            )
    configuration = dict(sorted(configuration.items()))
    descriptions = {f"about_{language}.txt": _about_text(language) for language in LANGUAGES}
    parts |= {name: text.encode("utf-8") for name, text in descriptions.items()}
    parts |= {name: text.encode("utf-8") for name, text in configuration.items()}
    description = office.joinpath("description.xml").read_text("utf-8")
    parts["description.xml"] = _description_xml(description).encode("utf-8")
    parts["META-INF/manifest.xml"] = _manifest_xml(configuration).encode("utf-8")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _texts_json() -> str:
    texts = {language: all_texts(language) for language in LANGUAGES}
    return json.dumps(texts, ensure_ascii=False, indent=1)


def _node(name: str, body: str, indent: int) -> str:
    pad = " " * indent
    return f'{pad}<node oor:name={in_quotes(name)} oor:op="replace">\n{body}{pad}</node>\n'


def _prop(name: str, values: str, indent: int) -> str:
    return f'{" " * indent}<prop oor:name="{name}" oor:type="xs:string">{values}</prop>\n'


def _in_all_languages(key: str) -> str:
    """Return a text in all languages."""
    return "".join(
        f'<value xml:lang="{_LOCALES[language]}">{escape_xml(words(key, language))}</value>'
        for language in LANGUAGES
    )


def _value(text: str) -> str:
    return f"<value>{escape_xml(text)}</value>"


def _menu_items(indent: int) -> str:
    return "".join(
        _node(
            f"item{number}",
            _prop("URL", _value(f"{IDENTIFIER}:{verb}"), indent + 1)
            + _prop("Title", _in_all_languages(f"button.{verb}"), indent + 1)
            + _prop("Target", _value("_self"), indent + 1)
            + _prop("Context", _value(_CONTEXT), indent + 1),
            indent,
        )
        for number, verb in enumerate(BUTTONS)
    )


def _addons_xml() -> str:
    menu = _prop("Title", _in_all_languages("title"), 4) + _prop("Context", _value(_CONTEXT), 4)
    menu += f'    <node oor:name="Submenu">\n{_menu_items(5)}    </node>\n'
    images = "".join(
        _node(
            f"{IDENTIFIER}.{verb}",
            _prop("URL", _value(f"{IDENTIFIER}:{verb}"), 4)
            + '    <node oor:name="UserDefinedImages">\n'
            + _prop("ImageSmallURL", _value(f"%origin%/icons/{verb}_16.png"), 5)
            + _prop("ImageBigURL", _value(f"%origin%/icons/{verb}_26.png"), 5)
            + "    </node>\n",
            3,
        )
        for verb in BUTTONS
    )
    return (
        f'{_HEAD} <node oor:name="AddonUI">\n'
        f'  <node oor:name="OfficeMenuBar">\n{_node(f"{IDENTIFIER}.menu", menu, 3)}  </node>\n'
        f'  <node oor:name="OfficeToolBar">\n{_node(_TOOLBAR, _menu_items(4), 3)}  </node>\n'
        f'  <node oor:name="Images">\n{images}  </node>\n'
        " </node>\n</oor:component-data>\n"
    )


def _description_xml(text: str) -> str:
    names = "".join(
        f'<name lang="{_LOCALES[language]}">{escape_xml(words("product", language))}</name>'
        for language in LANGUAGES
    )
    about = "".join(
        f'<src xlink:href="about_{language}.txt" lang="{_LOCALES[language]}"/>'
        for language in LANGUAGES
    )
    text = text.replace("{names}", names).replace("{about}", about)
    return text.replace("{version}", xlcity.__version__)


def _about_text(language: str) -> str:
    """Return what the extension manager says: each button and its help."""
    texts = page_texts(language)
    return "".join(
        f"{words(f'button.{name}', language)}: {texts[f'command.{name}.help']}\n"
        for name in COMMAND_BUTTONS
    )


def _manifest_xml(configuration: dict[str, str]) -> str:
    kinds = dict.fromkeys(configuration, "application/vnd.sun.star.configuration-data")
    kinds["component.py"] = "application/vnd.sun.star.uno-component;type=Python"
    entries = "".join(
        f' <manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>\n'
        for name, kind in kinds.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<manifest:manifest '
        'xmlns:manifest="http://openoffice.org/2001/manifest">\n'
        f"{entries}</manifest:manifest>\n"
    )
