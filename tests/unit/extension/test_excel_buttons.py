"""Each button of Excel's tab: what a press starts, and what the tab says."""

from __future__ import annotations

import io
import re
import runpy
import zipfile
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
import windows_stubs
import xlwings

from tools.dist.__main__ import release_addin
from xlcity import __version__
from xlcity.desk import shortcut
from xlcity.desk.forms import menu_forms
from xlcity.extension.build import FORM
from xlcity.extension.excel import buttons
from xlcity.extension.excel.ribbon import BUTTONS, ribbon
from xlcity.functions.registry import FUNCTIONS

ROOT = Path(__file__).parents[3]


@pytest.fixture
def excel(monkeypatch, tmp_path):
    """An Excel that is played, with a saved workbook: what a press starts, and its messages."""
    file = tmp_path / "指数 1.xlsx"
    file.write_bytes(b"saved")
    started = []
    alerts = []
    area = SimpleNamespace(
        sheet=SimpleNamespace(name="指数"), get_address=lambda **_: "T16:U17"
    )
    app = SimpleNamespace(selection=area, alert=lambda text, title: alerts.append(text))
    book = SimpleNamespace(fullname=str(file), app=app)
    monkeypatch.setattr(xlwings.Book, "caller", staticmethod(lambda: book))
    monkeypatch.setattr(
        shortcut.subprocess,
        "Popen",
        lambda words, **_: started.append([*map(str, words)]),
    )
    return SimpleNamespace(book=book, file=file, started=started, alerts=alerts)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("page", []),
        ("trace", ["--cell=指数!T16"]),
        *((f"form.{f}", [f"--form={f}"]) for f in menu_forms()),
    ],
)
def test_the_companion_page_opens_beside_the_workbook(excel, name, options):
    buttons.press(name, "en")
    (words,) = excel.started
    assert words[words.index("desk") + 1 :] == [str(excel.file), *options]
    assert excel.alerts == []


def test_what_goes_wrong_is_a_message(excel, monkeypatch):
    monkeypatch.setattr(shortcut, "find_spec", lambda name: None)
    buttons.press("page", "en")
    assert "xlcity[desk]" in excel.alerts[0]
    excel.book.fullname = "Book1"
    buttons.press("page", "zh")
    assert "请先将工作簿保存为 .xlsx" in excel.alerts[1]
    assert excel.started == []


#: The schema of the tab.
NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"


# -- the tab --------------------------------------------------------------------------------------
#: What the schema of 2009/07 allows of what is used here: element -> what it holds, attributes.
SCHEMA = {
    "customUI": ({"ribbon"}, set()),
    "ribbon": ({"tabs"}, set()),
    "tabs": ({"tab"}, set()),
    "tab": ({"group"}, {"id", "label"}),
    "group": ({"button"}, {"id", "label"}),
    "button": (
        set(),
        {"id", "label", "size", "image", "screentip", "supertip", "onAction"},
    ),
}
LONGEST = 1024


def strict(xml: str) -> list[str]:
    """Return what the schema would say against a tab."""
    found = []
    ids = []
    for element in ET.fromstring(xml.encode()).iter():
        space, _, tag = element.tag[1:].partition("}")
        inside, attributes = SCHEMA.get(tag, (set(), set()))
        if space != NAMESPACE or tag not in SCHEMA:
            found.append(f"unknown element {tag}")
        found += [
            f"{tag} holds {child.tag}"
            for child in element
            if child.tag.partition("}")[2] not in inside
        ]
        found += [
            f"{tag} has {key}" for key, _ in element.items() if key not in attributes
        ]
        found += [key for key, text in element.items() if not 0 < len(text) <= LONGEST]
        if element.get("id"):
            ids.append(element.get("id"))
            if not re.fullmatch(r"[A-Za-z_][\w.\-]*", element.get("id")):
                found.append(f"id {element.get('id')}")
    return found + [one for one in ids if ids.count(one) > 1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tab_has_each_button_with_words_and_follows_the_schema(language):
    made = ribbon(language)
    assert strict(made.xml) == []
    assert strict(made.xml.replace("<ribbon>", "<bogus/><ribbon>"))
    assert strict(made.xml.replace("supertip=", "supertap="))
    found = {
        one.get("id"): one
        for one in ET.fromstring(made.xml.encode()).iter()
        if one.tag.endswith("}button")
    }
    assert [*found] == [*BUTTONS, *(f"{FORM}{name}" for name in menu_forms())]
    for one in found.values():
        assert bool(re.search("[一-鿿]", one.get("label") + one.get("supertip"))) == (
            language == "zh"
        )
        assert one.get("image") is None or made.images[one.get("image")].startswith(
            b"\x89PNG"
        )
    assert "Sub Pressed(" in made.vba.text
    assert f"'{language}'" in made.vba.text


def test_the_released_add_in_finds_python_where_a_release_puts_it(monkeypatch):
    made = release_addin()
    assert made == release_addin()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
        assert f"%LOCALAPPDATA%\\xlcity\\{__version__}\\python.exe" in texts
        assert "追溯此单元格" in archive.read("customUI/customUI14.xml").decode()
    starter = (ROOT / "tools/dist/start.bat").read_text(encoding="utf-8")
    assert r'"ENVIRONMENT=%LOCALAPPDATA%\xlcity\@VERSION@"' in starter
    windows_stubs.install(monkeypatch)
    module = runpy.run_module("xlcity.hosts.excel.udfs")
    assert set(FUNCTIONS) <= set(module)
    assert module["RATING_SCALE"](((2.5,),), ((10.0,),)) == [[25.0]]
