"""A verb is one file and its texts: that of CONTRIBUTING.md is in every face, and runs."""

import io
import zipfile
from pathlib import Path

import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.contributing import example
from xlcity.api import texts, verb
from xlcity.cli import verbs
from xlcity.desk.forms import command_words, form_of, forms
from xlcity.extension.build import extension

TEXTS = """key,en,zh
wander,,在工作簿中走走。
wander --file,,任意工作簿
wander --out,,写到哪里
wander --steps,,走多远，步数（默认 {default}）
wander --way,,往哪里走
wander --proud,,告诉所有人
wander.button,Take a walk,走走
wander.label.steps,Steps,步数
option.north,north,北
wander.done,"{path}: {steps:step} {way}",{path}：{steps} 步
"""


@pytest.fixture
def wander(tmp_path, monkeypatch):
    """Put the module and its texts into one more folder of verbs."""
    (tmp_path / "wander.py").write_text(example("Add a verb"), encoding="utf-8")
    (tmp_path / "texts.csv").write_text(TEXTS, encoding="utf-8")
    monkeypatch.setattr(verbs, "__path__", [*verbs.__path__, str(tmp_path)])
    monkeypatch.chdir(tmp_path)
    Path("book.xlsx").write_bytes(b"any")
    caches = (verb.heads, texts._texts_of_verbs)
    for cache in caches:
        cache.cache_clear()
    yield
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def test_the_command_line_has_it(wander, capsys, monkeypatch):
    assert "  wander     Walk about in a workbook\n" in run(capsys, "--help")[1]
    code, out, err = run(capsys, "wander", "book.xlsx", "-o", "w.txt", "--steps", "1")
    assert (code, out, err) == (0, "w.txt: 1 step north\n", "Mind the gap.\n")
    code, document = run_json(capsys, "wander", "book.xlsx", "-o", "w.txt", "--proud")
    assert (code, document) == (
        0,
        {"schema": 1, "path": "w.txt", "steps": 3, "way": "north", "proud": True},
    )
    assert run(capsys, "wander", "book.xlsx", "-o", "book.xlsx")[0] == 2, (
        "the output is the input"
    )
    assert run(capsys, "wander", "gone.xlsx", "-o", "w.txt")[0] == 3
    monkeypatch.setenv("XLCITY_LANG", "zh")
    with pytest.raises(SystemExit):
        run(capsys, "wander", "--help")
    help_text = capsys.readouterr().out
    assert "走多远，步数（默认 3）" in help_text
    assert "在工作簿中走走。" in help_text


def test_the_page_has_its_form_and_can_carry_it_out(wander):
    form = form_of(forms()["wander"])
    assert (form["name"], form["on_book"]) == ("Take a walk", True)
    shown = [(n["id"], n["kind"], n["label"], n["required"]) for n in form["needs"]]
    assert shown == [
        ("steps", "number", "Steps", False),
        ("way", "choice", "where to", False),
        ("proud", "flag", "tell everybody", False),
        ("out", "save", "Write to", True),
    ]
    assert form["needs"][1]["options"][1] == ["north", "north"]
    given = {"book": "b.xlsx", "steps": "5", "proud": "yes", "out": "w.txt"}
    words = ["wander", "--out=w.txt", "--steps=5", "--proud", "b.xlsx"]
    assert command_words("wander", given) == words


def test_the_menus_of_spreadsheet_programs_have_it(wander):
    with zipfile.ZipFile(io.BytesIO(extension())) as archive:
        menu = archive.read("Addons.xcu").decode("utf-8")
    assert "org.xlcity.buttons:form.wander" in menu
    assert menu.index(">Take a walk<") < menu.index(">走走<")
