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
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="{name}" oor:package="{package}">\n'
)


def extension() -> bytes:
    """Return the extension's file."""
    office = files("xlcity.extension").joinpath("office")
    parts: dict[str, bytes] = {
        "component.py": office.joinpath("component.py").read_bytes(),
        "texts.json": _texts().encode("utf-8"),
    }
    for name in ("xlcity_office.py", "xlcity_panel.py", "xlcity_pipe.py"):
        parts[f"pythonpath/{name}"] = office.joinpath(name).read_bytes()
    for icon in sorted(office.joinpath("icons").iterdir(), key=lambda one: one.name):
        parts[f"icons/{icon.name}"] = icon.read_bytes()
    made = {
        "Addons.xcu": _addons(),
        "CalcWindowState.xcu": _window_state(),
        "Factories.xcu": _factories(),
        "ProtocolHandler.xcu": _protocol(),
        "Sidebar.xcu": _sidebar(),
    }
    made_texts = {f"about_{language}.txt": _about(language) for language in LANGUAGES}
    parts |= {name: text.encode("utf-8") for name, text in made_texts.items()}
    parts |= {name: text.encode("utf-8") for name, text in made.items()}
    parts["description.xml"] = _description().encode("utf-8")
    parts["META-INF/manifest.xml"] = _manifest(made).encode("utf-8")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _texts() -> str:
    texts = {language: all_texts(language) for language in LANGUAGES}
    return json.dumps(texts, ensure_ascii=False, indent=1)


def _node(name: str, body: str, indent: int) -> str:
    pad = " " * indent
    return f'{pad}<node oor:name={in_quotes(name)} oor:op="replace">\n{body}{pad}</node>\n'


def _prop(name: str, value: str, indent: int, kind: str = "xs:string") -> str:
    pad = " " * indent
    inner = f"<value>{escape_xml(value)}</value>"
    return f'{pad}<prop oor:name="{name}" oor:type="{kind}">{inner}</prop>\n'


def _titles(name: str, key: str, indent: int) -> str:
    pad = " " * indent
    values = "".join(
        f'<value xml:lang="{_LOCALES[language]}">{escape_xml(words(key, language))}</value>'
        for language in LANGUAGES
    )
    return f'{pad}<prop oor:name="{name}" oor:type="xs:string">{values}</prop>\n'


def _data(name: str, body: str, package: str = "org.openoffice.Office") -> str:
    return _HEAD.format(name=name, package=package) + body + "</oor:component-data>\n"


def _items(indent: int) -> str:
    return "".join(
        _node(
            f"item{number}",
            _prop("URL", f"{IDENTIFIER}:{verb}", indent + 1)
            + _titles("Title", f"button.{verb}", indent + 1)
            + _prop("Target", "_self", indent + 1)
            + _prop("Context", _CONTEXT, indent + 1),
            indent,
        )
        for number, verb in enumerate(BUTTONS)
    )


def _addons() -> str:
    menu = _titles("Title", "title", 4) + _prop("Context", _CONTEXT, 4)
    menu += f'    <node oor:name="Submenu">\n{_items(5)}    </node>\n'
    images = "".join(
        _node(
            f"{IDENTIFIER}.{verb}",
            _prop("URL", f"{IDENTIFIER}:{verb}", 4)
            + '    <node oor:name="UserDefinedImages">\n'
            + _prop("ImageSmallURL", f"%origin%/icons/{verb}_16.png", 5)
            + _prop("ImageBigURL", f"%origin%/icons/{verb}_26.png", 5)
            + "    </node>\n",
            3,
        )
        for verb in BUTTONS
    )
    return _data(
        "Addons",
        ' <node oor:name="AddonUI">\n'
        f'  <node oor:name="OfficeMenuBar">\n{_node(f"{IDENTIFIER}.menu", menu, 3)}  </node>\n'
        f'  <node oor:name="OfficeToolBar">\n{_node(_TOOLBAR, _items(4), 3)}  </node>\n'
        f'  <node oor:name="Images">\n{images}  </node>\n'
        " </node>\n",
    )


def _window_state() -> str:
    # Without it the toolbar floats over cell A1 and shows bare icons. Style 2 = icon and text.
    state = _titles("UIName", "title", 4)
    for name, value, kind in (
        ("Docked", "true", "xs:boolean"),
        ("DockingArea", "0", "xs:int"),
        ("DockPos", "0,2", "xs:string"),
        ("Style", "2", "xs:int"),
        ("Visible", "true", "xs:boolean"),
    ):
        state += _prop(name, value, 4, kind)
    toolbar = _node(f"private:resource/toolbar/addon_{_TOOLBAR}", state, 3)
    body = f' <node oor:name="UIElements">\n  <node oor:name="States">\n{toolbar}  </node>\n'
    return _data("CalcWindowState", body + " </node>\n", "org.openoffice.Office.UI")


def _factories() -> str:
    factory = (
        _prop("Type", "toolpanel", 4)
        + _prop("Name", "XlcityPanels", 4)
        + _prop("Module", "", 4)
        + _prop("FactoryImplementation", f"{IDENTIFIER}.PanelFactory", 4)
    )
    body = ' <node oor:name="Registered">\n  <node oor:name="UIElementFactories">\n'
    body += f"{_node('XlcityPanels', factory, 3)}  </node>\n </node>\n"
    return _data("Factories", body, "org.openoffice.Office.UI")


def _sidebar() -> str:
    def texts_of(identifier: str) -> str:
        return (
            _titles("Title", "title", 4)
            + _prop("Id", identifier, 4)
            + '    <prop oor:name="ContextList"><value oor:separator=";">'
            "Calc, any, visible ;</value></prop>\n" + _prop("OrderIndex", "900", 4, "xs:int")
        )

    icon = f"vnd.sun.star.extension://{IDENTIFIER}/icons/check_26.png"
    deck = _node("XlcityDeck", texts_of("XlcityDeck") + _prop("IconURL", icon, 4), 3)
    panel = texts_of("XlcityPanel") + _prop("DeckId", "XlcityDeck", 4)
    panel += _prop("ShowForReadOnlyDocument", "true", 4, "xs:boolean")
    panel += _prop("ImplementationURL", "private:resource/toolpanel/XlcityPanels/XlcityPanel", 4)
    body = f'  <node oor:name="DeckList">\n{deck}  </node>\n'
    body += f'  <node oor:name="PanelList">\n{_node("XlcityPanel", panel, 3)}  </node>\n'
    body = f' <node oor:name="Content">\n{body} </node>\n'
    return _data("Sidebar", body, "org.openoffice.Office.UI")


def _protocol() -> str:
    handler = _prop("Protocols", f"{IDENTIFIER}:*", 3, "oor:string-list")
    node = _node(f"{IDENTIFIER}.Handler", handler, 2)
    return _data("ProtocolHandler", f' <node oor:name="HandlerSet">\n{node} </node>\n')


def _description() -> str:
    names = "".join(
        f'<name lang="{_LOCALES[language]}">{escape_xml(words("product", language))}</name>'
        for language in LANGUAGES
    )
    about = "".join(
        f'<src xlink:href="about_{language}.txt" lang="{_LOCALES[language]}"/>'
        for language in LANGUAGES
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<description xmlns="http://openoffice.org/extensions/description/2006" '
        'xmlns:dep="http://openoffice.org/extensions/description/2006" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:lo="http://libreoffice.org/extensions/description/2011">\n'
        f'<identifier value="{IDENTIFIER}"/>\n<version value="{xlcity.__version__}"/>\n'
        f"<display-name>{names}</display-name>\n"
        f"<extension-description>{about}</extension-description>\n"
        '<dependencies><lo:LibreOffice-minimal-version value="7.0" dep:name="LibreOffice 7.0"/>'
        "</dependencies>\n</description>\n"
    )


def _about(language: str) -> str:
    """Return what the extension manager says: each button and its help."""
    texts = page_texts(language)
    return "".join(
        f"{words(f'button.{name}', language)}: {texts[f'command.{name}.help']}\n"
        for name in COMMAND_BUTTONS
    )


def _manifest(configuration: dict[str, str]) -> str:
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
