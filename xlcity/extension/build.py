"""Builds `xlcity.oxt` from the declarations of verbs and commands: the same bytes at every time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import partial
from importlib.resources import files

import xlcity
from xlcity.api.texts import own_language
from xlcity.data_files import template_beside
from xlcity.desk.forms import button_text, menu_forms
from xlcity.desk.texts import in_each_language
from xlcity.extension.texts import panel_texts, words

FILE = "xlcity.oxt"
#: Commands with a button of their own. The companion page has the others.
COMMAND_BUTTONS = ("check", "trace", "moves")
BUTTONS = (*COMMAND_BUTTONS, "page", "panel")
#: What the name of a button begins with that opens the companion page at the form of a verb.
FORM = "form."
_LOCALES = {"en": "en-US", "zh": "zh-CN"}
#: Parts of the extension that are drawn from a template beside them.
_CONFIGURATION = (
    "Addons.xcu",
    "CalcWindowState.xcu",
    "Factories.xcu",
    "ProtocolHandler.xcu",
    "Sidebar.xcu",
)
_TIME = (1980, 1, 1, 0, 0, 0)


def extension() -> bytes:
    """Return the extension's file."""
    office = files("xlcity.extension").joinpath("office")
    texts = in_each_language(lambda: panel_texts(own_language()))
    parts = {
        "component.py": office.joinpath("component.py").read_bytes(),
        "texts.json": json.dumps(texts, ensure_ascii=False, indent=1).encode("utf-8"),
    }
    for name in ("xlcity_office.py", "xlcity_panel.py", "xlcity_pipe.py"):
        parts[f"pythonpath/{name}"] = office.joinpath(name).read_bytes()
    for icon in office.joinpath("icons").iterdir():
        parts[f"icons/{icon.name}"] = icon.read_bytes()
    drawn = {name: name for name in (*_CONFIGURATION, "description.xml")}
    for name, template in (drawn | {"META-INF/manifest.xml": "manifest.xml"}).items():
        text = template_beside(__file__, f"office/parts/{template}").render(
            _words_of_parts()
        )
        parts[name] = text.strip().encode("utf-8")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(parts.items()):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _words_of_parts() -> dict[str, object]:
    """Return what the templates of parts show, each text in all languages."""

    def localised(tell: Callable[..., str], *about: object) -> dict[str, str]:
        texts = in_each_language(partial(tell, *about))
        return {locale: texts[language] for language, locale in _LOCALES.items()}

    forms = menu_forms().items()
    return {
        "version": xlcity.__version__,
        "configuration": _CONFIGURATION,
        "title": localised(words, "title"),
        "forms_title": localised(words, "forms"),
        "buttons": {name: localised(words, f"command.{name}") for name in BUTTONS},
        "forms": {f"{FORM}{key}": localised(button_text, verb) for key, verb in forms},
    }
