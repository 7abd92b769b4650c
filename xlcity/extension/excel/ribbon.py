"""The tab of the add-in in Excel's ribbon, from the declarations of verbs."""

from __future__ import annotations

from importlib.resources import files

from xlcity.api.texts import in_language
from xlcity.data_files import template_beside, text_beside
from xlcity.desk.forms import button_text, help_text, menu_forms
from xlcity.extension.build import FORM
from xlcity.extension.texts import words
from xlcity.hosts.excel.vba_project import Module
from xlcity.hosts.excel.xlam import Ribbon

#: Buttons of the first group; those of the second open the companion page at a form.
BUTTONS = ("page", "trace")


def ribbon(language: str) -> Ribbon:
    """Return the tab with its labels in a language ("en" or "zh")."""
    icons = files("xlcity.extension").joinpath("office", "icons")
    images = {name: icons.joinpath(f"{name}_26.png").read_bytes() for name in BUTTONS}
    with in_language(language):
        told = {key: words(key) for key in ("title", "workbook", "forms")}
        buttons = [
            (name, words(f"button.{name}"), words(f"help.{name}")) for name in BUTTONS
        ]
        own = menu_forms().items()
        openers = [
            (f"{FORM}{key}", button_text(verb), help_text(verb)) for key, verb in own
        ]
    tab = template_beside(__file__, "ribbon.xml")
    xml = tab.render(told=told, buttons=buttons, forms=openers, images=images).strip()
    program = text_beside(__file__, "buttons.bas").replace("LANG", language)
    return Ribbon(xml, Module("Buttons", program), images)
