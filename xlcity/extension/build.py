"""Builds `xlcity.oxt` from the declarations of verbs and commands: the same bytes at every time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from functools import partial
from importlib.resources import files

import xlcity
from xlcity.api.texts import in_language, read_texts
from xlcity.api.verb import Verb
from xlcity.data_files import template_beside
from xlcity.desk.forms import button_text, menu_forms
from xlcity.desk.texts import page_texts
from xlcity.extension.texts import FOLDER, LANGUAGES, words

FILE = "xlcity.oxt"
#: Commands with a button of their own. The companion page has the others.
COMMAND_BUTTONS = ("check", "trace", "moves")
BUTTONS = (*COMMAND_BUTTONS, "page", "panel")
#: What the name of a button begins with that opens the companion page at the form of a verb.
FORM = "form."
_LOCALES = {"en": "en-US", "zh": "zh-CN"}
#: Parts of the extension that are drawn from a template beside them.
_CONFIGURATION = (
    "Addons.xcu", "CalcWindowState.xcu", "Factories.xcu", "ProtocolHandler.xcu", "Sidebar.xcu"
)  # fmt: skip
_TIME = (1980, 1, 1, 0, 0, 0)


def extension() -> bytes:
    """Return the extension's file."""
    office = files("xlcity.extension").joinpath("office")
    texts = {language: read_texts(FOLDER, language) for language in LANGUAGES}
    parts = {
        "component.py": office.joinpath("component.py").read_bytes(),
        "texts.json": json.dumps(texts, ensure_ascii=False, indent=1).encode("utf-8"),
    }
    for name in ("xlcity_office.py", "xlcity_panel.py", "xlcity_pipe.py"):
        parts[f"pythonpath/{name}"] = office.joinpath(name).read_bytes()
    for icon in office.joinpath("icons").iterdir():
        parts[f"icons/{icon.name}"] = icon.read_bytes()
    for language in LANGUAGES:
        parts[f"about_{language}.txt"] = _about_text(language).encode("utf-8")
    drawn = {name: name for name in (*_CONFIGURATION, "description.xml")}
    for name, template in (drawn | {"META-INF/manifest.xml": "manifest.xml"}).items():
        text = template_beside(__file__, f"office/parts/{template}").render(_words_of_parts())
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

    def told(tell: Callable[[str], str]) -> dict[str, str]:
        return {locale: tell(language) for language, locale in _LOCALES.items()}

    return {
        "version": xlcity.__version__,
        "configuration": _CONFIGURATION,
        "title": told(partial(words, "title")),
        "product": told(partial(words, "product")),
        "forms_title": told(partial(words, "forms")),
        "about": told(lambda language: f"about_{language}.txt"),
        "buttons": {name: told(partial(words, f"button.{name}")) for name in BUTTONS},
        "forms": {
            f"{FORM}{key}": told(partial(_button_in, verb)) for key, verb in menu_forms().items()
        },
    }


def _button_in(verb: Verb, language: str) -> str:
    with in_language(language):
        return button_text(verb)


def _about_text(language: str) -> str:
    """Return what the extension manager says: each button and its help."""
    texts = page_texts(language)
    return "".join(
        f"{words(f'button.{name}', language)}: {texts[f'command.{name}.help']}\n"
        for name in COMMAND_BUTTONS
    )
