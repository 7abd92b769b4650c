"""Each button of Excel's tab from the press on, by the real xlwings in an Excel that is played."""

from __future__ import annotations

import asyncio
import io
import json
import re
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import openpyxl
import pytest
import windows_stubs
import xlwings
from excel_engine import played_excel
from own import Edited, own_bytes

from xlcity import __version__
from xlcity.desk.actions import ACTIONS
from xlcity.extension import answers
from xlcity.extension.excel import buttons, helper, lite
from xlcity.extension.excel.ribbon import BUTTONS, FORM, NAMESPACE, release_addin, ribbon
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.excel.module import lite_commands
from xlcity.recalc.files.jobs import recalc_file

ROOT = Path(__file__).parents[3]
EDITED = Edited(own_bytes(udf=False))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("excel") / "指数 1.xlsx"
    path.write_bytes(own_bytes(udf=False))
    return path


@pytest.fixture
def excel(monkeypatch, file):
    """An Excel with the template open; presses go to a helper of this process."""
    app = played_excel(monkeypatch)
    asked, served = [], answers.PanelAnswers()
    monkeypatch.setattr(helper, "PanelAnswers", lambda: served)

    def ask(question):
        asked.append(json.loads(json.dumps(question)))
        line = io.BytesIO(json.dumps(question).encode() + b"\n")
        helper.serve(line, lambda pid: xlwings.apps[pid])

    monkeypatch.setattr(buttons, "HELPER", SimpleNamespace(ask=ask))
    book = app.books.open(str(file))

    def press(name, language="en", on=None):
        monkeypatch.setattr(xlwings.Book, "_mock_caller", on or book, raising=False)
        buttons.press(name, language)

    return SimpleNamespace(app=app, book=book, press=press, asked=asked, file=file)


def select(book, sheet, cell):
    book.sheets[sheet].range(cell).select()


def results(app):
    """Return the book of results and its rows: text, cell, detail."""
    book = next(book for book in app.books if book.sheets[0].name == "xlcity")
    sheet = book.sheets[0].impl.content
    return book, [[cell.value for cell in row] for row in sheet.iter_rows(max_col=3)]


def row_of(rows, text):
    return next(number for number, row in enumerate(rows, 1) if text in str(row[0]))


def test_check_shows_findings_and_a_jump_selects_the_cell(excel):
    at = EDITED.cell("city02", "A0").coordinate
    excel.book.sheets["Data"].range(at).value = "１２"
    excel.book.api.Saved = False
    excel.press("check")
    (question,) = excel.asked
    assert question["screen"]["file"] == str(excel.file)
    assert "copy" in question["screen"], "what is on the screen is not on the disk"
    book, rows = results(excel.app)
    assert rows[0][:2] == ["Results for", excel.file.name]
    assert rows[2][0] == "Something is wrong"
    number = row_of(rows, f"Data!{at}")
    assert f"!{at}" in rows[number - 1][1]
    link = rows[number - 1][1]
    assert link == f'=HYPERLINK("#\'[{excel.file.name}]Data\'!{at}","Data!{at}")'
    book.sheets[0].range((number, 2)).impl.raw_value = [[f"Data!{at}"]]  # as Excel computes it
    select(book, 0, f"A{number}")
    excel.press("jump", on=book)
    assert excel.app.selection.get_address(False, False) == at
    assert excel.app.selection.sheet.name == "Data"
    assert excel.app.books.active.name == excel.file.name
    assert excel.app.status_bar is False
    assert excel.app.impl.alerts == []


def test_suggestions_are_applied_from_the_results_and_taken_back(excel):
    """Full-width digits, a number typed as text in a cell of texts, a city's name nearly right."""
    data = excel.book.sheets["Data"]
    wide, text = (EDITED.cell(city, "A0").coordinate for city in ("city02", "city03"))
    name = EDITED.cell("city05", "A0").coordinate.replace("D", "A")
    wrong = {wide: "'１２", text: "'13.5", name: "'Harbinn"}
    excel.book.sheets["Cities"].range("E15").value = "Harbin"
    assert excel.book.sheets["Cities"].range("A15").value == "city05"
    data.range(text).number_format = "@"
    for at, value in wrong.items():
        data.range(at).value = value
    excel.book.api.Saved = False
    excel.press("undo")
    excel.press("check")
    excel.press("apply")  # on the workbook: no result is selected there
    alerts = excel.app.impl.alerts
    assert [prompt.partition(" ")[0] for _, prompt in alerts] == ["No", "Select"]
    book, rows = results(excel.app)
    places = {at: row_of(rows, f"Data!{at}") for at in wrong}
    for at, place in places.items():  # links as Excel computes them
        book.sheets[0].range((place, 2)).impl.raw_value = [[f"Data!{at}"]]
    select(book, 0, f"A{places[wide]}")
    excel.press("apply", on=book)
    assert [data.range(at).value for at in wrong] == [12.0, "13.5", "Harbinn"]
    select(book, 0, "A1:A1048576")
    excel.press("apply", "zh", on=book)
    assert f"Data!{wide} 在检查之后已改动" in alerts[-1][1]
    assert [data.range(at).value for at in wrong] == [12.0, "13.5", "Harbinn"]
    excel.press("undo", on=book)
    excel.press("apply", on=book)
    assert [data.range(at).value for at in wrong] == [12.0, 13.5, "city05"]
    assert "Take Back" in excel.app.status_bar
    excel.press("undo")  # as Ctrl+Z does, in the workbook itself
    assert [data.range(at).value for at in wrong] == ["１２", "13.5", "Harbinn"]
    excel.press("undo")
    assert len(alerts) == 4


def test_lite_checks_and_traces_from_cells_alone(excel, monkeypatch):
    """What xlwings Lite has: values, formulas and names; no file, no thread, no engine."""

    def need_no_engine(*_):
        raise AssertionError("a browser has no engine")

    monkeypatch.setattr("xlcity.workbook.checking.check_session.recalculate", need_no_engine)
    book = excel.book
    book.impl.values = openpyxl.load_workbook(excel.file, data_only=True)
    book.impl._fullname = "book.xlsx"  # nowhere on the disk

    def rows_after(name, language):
        asyncio.run(lite.press(name, book, language))
        sheet = book.sheets["xlcity"].impl.content
        return [[cell.value for cell in row] for row in sheet.iter_rows(max_col=3)]

    rows = rows_after("check", "en")
    assert rows[2][0] == "All checks pass"
    assert "In xlwings Lite formulas are not compared" in str(rows)
    at = EDITED.cell("city02", "A0").coordinate
    book.sheets["Data"].range(at).value = "'１２"
    rows = rows_after("check", "zh")
    assert rows[2][0] == "发现问题"
    assert f"Data!{at}" in rows[row_of(rows, "１２") - 1][1]
    score = EDITED.cell("city00", "X", "out_scores")
    select(book, score.parent.title, score.coordinate)
    rows = rows_after("trace", "en")
    number = row_of(rows, f"{score.parent.title}!{score.coordinate} =")
    assert rows[number - 1][1].startswith("=HYPERLINK(")


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_script_for_lite_brings_what_its_commands_need(language, tmp_path):
    (tmp_path / "main.py").write_text(lite_commands(language), encoding="utf-8")
    (tmp_path / "xlwings.py").write_text(
        "def func(**options):\n    return lambda f: f\n\n\n"
        "def arg(name, **options):\n    return lambda f: f\n\n\n"
        "def script(f):\n    return f\n\n\nclass Book:\n    pass\n"
    )
    # xlcity comes out of the script alone.
    code = (
        "import sys; sys.meta_path = [f for f in sys.meta_path if 'ditable' not in repr(f)]\n"
        f"sys.path = [{str(tmp_path)!r}, *(p for p in sys.path if p != {str(ROOT)!r})]\n"
        "import main, xlcity; print(xlcity.__file__, main.check_workbook.__doc__)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True,
                          text=True, check=False, env={"PYTHONUTF8": "1"})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "xlcity_library" in done.stdout
    assert ("检查工作簿" if language == "zh" else "Check the workbook") in done.stdout


def test_a_saved_workbook_is_read_where_it_is_and_the_sheet_is_used_again(excel):
    excel.press("check", "zh")
    excel.press("check", "zh")
    assert all("copy" not in question["screen"] for question in excel.asked)
    assert len(excel.app.books) == 2
    _, rows = results(excel.app)
    assert rows[2][0] == "检查全部通过"


def test_trace_of_the_selected_cell_and_of_a_row_of_its_results(excel):
    score, last = (EDITED.cell(*at, "out_scores") for at in (("city00", "X"), ("city01", "X")))
    select(excel.book, score.parent.title, f"{score.coordinate}:{last.coordinate}")
    excel.press("trace")
    place = f"{score.parent.title}!{score.coordinate}"
    assert excel.asked[0]["cell"] == place
    book, rows = results(excel.app)
    number = row_of(rows, place)
    # A formula of a stranger's workbook is shown, and is none here.
    details = [cell for row in book.sheets[0].impl.content.iter_rows(max_col=3) for cell in row]
    assert all(c.data_type != "f" or str(c.value).startswith("=HYPERLINK(") for c in details)
    below = next(row for row in rows[number:] if row[1])
    named = re.search(r',"(.*)"\)', below[1])[1]
    line = rows.index(below) + 1
    book.sheets[0].range((line, 2)).impl.raw_value = [[named]]
    select(book, 0, f"A{line}")
    excel.press("trace", on=book)
    assert excel.asked[1]["cell"] == named
    assert excel.asked[1]["book"] == excel.file.name


@pytest.mark.long
def test_why_ranks_moved_since_the_last_check(excel):
    excel.press("check")
    excel.press("moves")
    assert "No rank has moved" in str(results(excel.app)[1])
    at = EDITED.cell("city03", "A0").coordinate
    excel.book.sheets["Data"].range(at).value = 500.0
    excel.book.api.Saved = False
    excel.app.impl.calculated = lambda path: recalc_file(path, path, backup=False)
    excel.press("check")
    excel.press("moves")
    _, rows = results(excel.app)
    assert re.search(r"Why ranks moved \([1-9]", str(rows))
    moved = next(row for row in rows if " → " in str(row[0]))
    assert "=HYPERLINK(" in moved[1]


@pytest.mark.long
def test_audit_and_compare(excel, tmp_path):
    excel.press("audit")
    assert "Audit (" in str(results(excel.app)[1])
    excel.press("compare")
    assert len(excel.asked) == 1, "no file was chosen"
    second = tmp_path / "second.xlsx"
    other = Edited(own_bytes(udf=False))
    other.cell("city00", "A0").value = 77.0
    other.book.save(second)
    excel.app.impl.chosen = str(second)
    excel.press("compare")
    _, rows = results(excel.app)
    assert "Compared with second.xlsx" in str(rows)
    assert EDITED.cell("city00", "A0").coordinate in str(rows)


def test_the_companion_page_opens_beside_the_workbook(excel, monkeypatch):
    started = []
    monkeypatch.setattr(answers.subprocess, "Popen", lambda words, **options: started.append(words))
    for name in ("page", *(f"{FORM}{action}" for action in ACTIONS)):
        excel.press(name)
        words = started.pop()
        assert words[words.index("desk") + 1] == str(excel.file)
        form = name.removeprefix(FORM) if name.startswith(FORM) else None
        assert words[words.index("desk") + 2 :] == ([] if form is None else [f"--form={form}"])
    assert len(excel.app.books) == 1, "there is nothing to show in a sheet"


def test_what_goes_wrong_is_a_message(excel):
    excel.press("jump", "zh")
    assert "请在结果表中选中" in excel.app.impl.alerts[0][1]
    new = excel.app.books.add()
    excel.press("page", on=new)
    assert "Save the workbook" in excel.app.impl.alerts[1][1]
    excel.press("check", on=new)
    assert "not saved as .xlsx" in str(results(excel.app)[1])


def test_cancel_ends_the_helper_and_deletes_the_copy_that_it_had(excel, monkeypatch, tmp_path):
    popen, copy = subprocess.Popen, tmp_path / "copy.xlsx"
    busy = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(subprocess, "Popen", lambda words, **options: popen(busy, **options))
    ours = buttons.ButtonHelper()
    monkeypatch.setattr(buttons, "HELPER", ours)
    copy.write_bytes(b"what was on the screen")
    ours.ask({"ask": "check", "screen": {"file": "b.xlsx", "copy": str(copy)}})
    process = ours._process
    excel.press("cancel", "zh")
    assert process.returncode is not None
    assert not copy.exists()
    assert excel.app.status_bar == "xlcity: 已取消，未作任何改动。"
    excel.press("cancel")  # nothing runs any more
    assert excel.app.impl.alerts == []


@pytest.mark.long
def test_the_helper_is_a_process_that_starts_again(monkeypatch, tmp_path):
    """A press returns at once; the helper ends with its pipe."""
    ours = buttons.ButtonHelper()
    ours.ask({"ask": "nothing", "pid": 1, "book": "b", "language": "en", "screen": {}})
    first = ours._process
    first.kill()
    first.wait()
    ours.ask({"ask": "nothing", "pid": 1, "book": "b", "language": "en", "screen": {}})
    assert ours._process is not first
    ours._process.stdin.close()
    ours._process.wait(60)


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
    found, ids = [], []
    for element in ET.fromstring(xml.encode()).iter():
        space, _, tag = element.tag[1:].partition("}")
        inside, attributes = SCHEMA.get(tag, (set(), set()))
        if space != NAMESPACE or tag not in SCHEMA:
            found.append(f"unknown element {tag}")
        found += [f"{tag} holds {child.tag}" for child in element
                  if child.tag.partition("}")[2] not in inside]  # fmt: skip
        found += [f"{tag} has {key}" for key, _ in element.items() if key not in attributes]
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
    found = {one.get("id"): one for one in ET.fromstring(made.xml.encode()).iter()
             if one.tag.endswith("}button")}  # fmt: skip
    assert [*found] == [*BUTTONS, *(f"{FORM}{name}" for name in ACTIONS)]
    for one in found.values():
        assert bool(re.search("[一-鿿]", one.get("label") + one.get("supertip"))) == (
            language == "zh"
        )
        assert one.get("image") is None or made.images[one.get("image")].startswith(b"\x89PNG")
    assert "Sub Pressed(" in made.vba.text
    assert f"'{language}'" in made.vba.text


def test_the_released_add_in_finds_python_where_a_release_puts_it(monkeypatch):
    made = release_addin()
    assert made == release_addin()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        texts = archive.read("xl/sharedStrings.xml").decode()
        assert f"%LOCALAPPDATA%\\xlcity\\{__version__}\\Scripts\\python.exe" in texts
        assert "检查工作簿" in archive.read("customUI/customUI14.xml").decode()
    starter = (ROOT / "tools/dist/start.bat").read_text(encoding="utf-8")
    assert r'"ENVIRONMENT=%LOCALAPPDATA%\xlcity\@VERSION@"' in starter
    windows_stubs.install(monkeypatch)
    module = runpy.run_module("xlcity.hosts.excel.udfs")
    assert set(FUNCTIONS) <= set(module)
    assert module["RATING_SCALE"](((2.5,),), ((10.0,),)) == [[25.0]]
