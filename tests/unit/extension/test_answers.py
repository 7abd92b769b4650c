"""What the panel shows of what is on the screen, and the pipe that it comes through."""

import io
import json
import re
import sys
import threading
import zipfile
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.helpers.calc_spelling import shown
from tests.helpers.contract_cells import score_cell
from tests.helpers.own import Edited, own_bytes
from tests.helpers.team_table import foreign_book
from xlcity.api.texts import read_texts
from xlcity.desk import shortcut
from xlcity.desk.commands import Books, answer
from xlcity.desk.forms import menu_forms
from xlcity.desk.texts import LANGUAGES, page_texts
from xlcity.extension import install
from xlcity.extension.answers import PanelAnswers, _Names, serve
from xlcity.extension.build import BUTTONS, extension
from xlcity.extension.install import settings
from xlcity.extension.office.xlcity_pipe import Pipe
from xlcity.extension.texts import FOLDER, panel_texts
from xlcity.hosts.state import Availability
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

WAIT = 60


@pytest.fixture(scope="module")
def wrong():
    """The screen after three mistakes and a larger value, all recalculated."""
    edited = Edited(own_bytes(udf=False))
    edited.cell("city00", "A0").value = "１２"
    edited.cell("city01", "A1").value = "about 12"
    edited.cell("city03", "A0").value = 500.0
    return on_screen(edited)


def on_screen(edited):
    """Return what the screen shows of an edited workbook after recalculation."""
    target = io.BytesIO()
    edited.book.save(target)
    package = Package.from_bytes(target.getvalue())
    return shown(read_book(patch_results(package, recalculate(package))))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "指数.xlsx"
    path.write_bytes(own_bytes(udf=False))
    return str(path)


def asked(panel, ask, file, language="en", **given):
    screen = {"file": file, "state": given.pop("state", 0)}
    if "sheets" in given:
        screen["sheets"] = given.pop("sheets")
    question = {"ask": ask, "language": language, "screen": screen, **given}
    documents = [*panel.answer(json.loads(json.dumps(question)))]
    return {one.get("section", next(iter(one))): one for one in documents}


def test_a_check_of_the_screen_shows_findings_changes_and_ranks(file, wrong):
    panel = PanelAnswers()
    seen = asked(panel, "check", file, sheets=wrong)
    assert (seen["headline"]["verdict"], seen["findings"]["expanded"]) == ("fail", True)
    texts = texts_below(seen["findings"])
    assert any(text.startswith("Data!") and "１２" in text for text in texts)
    assert any("about 12" in text for text in texts)
    assert not any(file in text for text in texts)
    # Against the file on disk.
    changed = texts_below(seen["changed"])
    assert "city03 · Indicator A0: 42.1809 → 500" in changed
    assert "city00 · Indicator A0: 53.4558 → missing" in changed
    assert any(" · Rank: " in text for text in changed)
    why = asked(panel, "moves", file, sheets=wrong)["command.moves"]
    assert any(
        re.match(r"[+-]\d.* data: Indicator A0$", text) for text in texts_below(why)
    )
    # Saved as it was before: what was typed is gone again.
    seen = asked(panel, "check", file, "zh-CN")
    assert seen["headline"]["verdict"] == "pass"
    assert any("500 →" in text for text in texts_below(seen["changed"]))
    assert seen["headline"]["headline"].startswith("得分可以使用")


def test_moves_after_a_changed_weight_name_it(file):
    """A weight is no value of a city."""
    edited = Edited(own_bytes(udf=False))
    edited.book["Framework"]["E7"].value = 9.0
    edited.cell("city02", "A0").value = 40.0
    panel = PanelAnswers()
    asked(panel, "check", file, sheets=on_screen(edited))
    why = asked(panel, "moves", file, sheets=on_screen(edited))["command.moves"]
    causes = [cause for move in why["rows"] for cause in move["rows"]]
    by_weights = [row for row in causes if row["text"].endswith("weights of: Pillar A")]
    by_data = [row for row in causes if row["text"].endswith("data: Indicator A0")]
    assert by_weights
    assert by_data
    assert {*map(tuple, map(texts_below, by_weights))} == {("Indicator A0: 1 → 9",)}
    assert {*map(tuple, map(texts_below, by_data))} == {
        ("city02 · Indicator A0: 42.6355 → 40",)
    }


def texts_below(row):
    """Return the texts of all rows below one."""
    texts = []
    for below in row["rows"]:
        texts += [below["text"], *texts_below(below)]
    return texts


def test_the_panel_says_what_the_page_says(file, wrong, tmp_path):
    """Its headline, causes and checks are those of the page, in its words."""
    seen = asked(PanelAnswers(), "check", file)
    books = Books()
    books.open(Path(file).read_bytes(), file)
    told = answer(books, "check", {})
    assert seen["headline"]["headline"] == told["title"]["en"]
    shown = [
        *texts_below(seen["findings"]),
        *texts_below(seen["failed"]),
        *texts_below(seen["passed"]),
    ]
    said = [finding["texts"]["en"] for finding in (*told["causes"], *told["findings"])]
    for text in said:
        for line in (text["detail"], *text["problems"]):
            assert any(line in row for row in shown), line


def test_no_text_of_the_panel_is_there_twice():
    """Where the page has words for it, the panel has none of its own."""
    for language in LANGUAGES:
        own = read_texts(FOLDER, language)
        page = page_texts(language)
        assert not own.keys() & page.keys()
        assert not {*own.values()} & {*page.values()}


def test_a_workbook_of_someone_else_s_is_checked_by_causes(tmp_path):
    foreign_book(tmp_path / "theirs.xlsx")
    panel = PanelAnswers()
    theirs = str(tmp_path / "theirs.xlsx")
    seen = asked(panel, "check", theirs)
    assert "changed" not in seen
    assert seen["headline"]["headline"].startswith("Do not rely on this workbook")
    (typed,) = [
        row for row in seen["findings"]["rows"] if "7 is in a run" in row["text"]
    ]
    assert typed["cell"] == "'Bob''s scores'!C6"
    assert "Restore =SUM(A6:B6)" in typed["text"]
    (none,) = asked(panel, "moves", theirs)["command.moves"]["rows"]
    assert none["text"] == "No rank has moved."


@pytest.mark.parametrize(
    ("unit", "text"), [("oslo", "Oslo · A0"), ("rome", "rome · A0"), ("", "A0")]
)
def test_a_row_names_its_city_or_else_its_id(unit, text):
    cities = {"oslo": "Oslo", "rome": ""}
    ranking = [{"unit": u, "name_en": n, "name_zh": ""} for u, n in cities.items()]
    assert _Names({"ranking": ranking, "nodes": []}).of(unit, "A0") == text


def test_a_trace_is_opened_level_by_level(file):
    panel = PanelAnswers()
    score = score_cell(read_book(Package.read(file)))
    seen = asked(panel, "trace", file, cell=score)
    (row,) = seen["trace"]["rows"]
    assert row["expanded"]
    assert row["cell"] == score
    waiting = [row]
    found = set()
    while not row["cell"].startswith("Data!"):
        row = waiting.pop()
        rows = row["rows"]
        if row.get("more") and row["cell"] not in found:
            rows = asked(panel, "open", file, cell=row["more"])["rows"]["rows"]
            assert all(not one["rows"] or one["cell"].count(":") for one in rows)
        found.add(row["cell"])
        waiting += rows
    assert "more" not in row


@pytest.mark.parametrize(
    ("ask", "given", "word"),
    [
        ("fly", {}, "unknown command"),
        ("trace", {"cell": ""}, "not a cell"),
        ("trace", {"cell": "Nowhere!A1"}, "unknown sheet"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(file, ask, given, word):
    assert word in asked(PanelAnswers(), ask, file, **given)["problem"]["problem"]


def test_moves_say_when_there_is_nothing(file):
    why = asked(PanelAnswers(), "moves", file)["command.moves"]
    assert texts_below(why) == ["No rank has moved."]


def test_the_companion_page_is_opened_for_the_file(file, monkeypatch):
    started = []
    monkeypatch.setattr(
        shortcut.subprocess, "Popen", lambda words, **_: started.append(words)
    )
    at_cell = asked(PanelAnswers(), "page", file, cell="Data!B2")
    assert "browser" in at_cell["note"]["note"]
    assert started[0][-3:] == ["desk", file, "--cell=Data!B2"]
    asked(PanelAnswers(), "page", file, form="fill")
    assert started[1][-3:] == ["desk", file, "--form=fill"]
    monkeypatch.setattr("xlcity.desk.shortcut.find_spec", lambda name: None)
    assert "xlcity[desk]" in asked(PanelAnswers(), "page", file)["problem"]["problem"]


def test_a_book_that_is_no_template_is_a_sentence(file):
    assert (
        "not saved as .xlsx"
        in asked(PanelAnswers(), "check", __file__)["problem"]["problem"]
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "")
    assert asked(PanelAnswers(), "check", file)["problem"]["problem"]


def test_the_server_answers_line_by_line(file):
    target = io.BytesIO()
    question = {"ask": "fly", "language": "en", "screen": {"file": file}}
    serve(io.BytesIO(json.dumps(question).encode() + b"\n"), target)
    first, last = map(json.loads, target.getvalue().splitlines())
    assert ("problem" in first, last) == (True, {"end": True})


class Asked:
    """Asks through the pipe as the extension does, and waits."""

    def __init__(self, pipe):
        self.pipe = pipe
        self.seen = []
        self.end = threading.Event()

    def receive(self, document):
        self.seen.append(document)
        if document.get("end"):
            self.end.set()

    def start(self, question):
        self.pipe.ask(question, self.receive)
        return self

    def wait(self):
        assert self.end.wait(WAIT)
        assert not self.pipe.busy
        return self.seen[0]


@pytest.fixture
def pipe(tmp_path):
    (tmp_path / "xlcity.json").write_text(settings(), encoding="utf-8")
    made = Pipe(str(tmp_path / "xlcity.json"))
    yield made
    made.stop()


@pytest.mark.slow
def test_the_helper_is_started_killed_and_started_again(pipe):
    question = {"ask": "fly", "language": "zh", "screen": {"file": "x"}}
    assert "problem" in Asked(pipe).start(question).wait()
    first = pipe.process
    assert "problem" in Asked(pipe).start(question).wait()
    assert pipe.process is first  # it stays warm
    first.kill()
    first.wait()
    assert "problem" in Asked(pipe).start(question).wait()


def test_without_the_environment_or_the_helper_there_is_a_sentence(pipe, tmp_path):
    gone = {"command": [str(tmp_path / "no-python")], "import_from": ""}
    slow = {
        "command": [sys.executable, "-c", "import time; time.sleep(99)"],
        "import_from": "",
    }
    dies = {"command": [sys.executable, "-c", "pass"], "import_from": ""}
    told = {name for name in read_texts(FOLDER, "en") if name.startswith("fault.")}
    seen = set()
    for command, fault in ((gone, "absent"), (dies, "ended"), (slow, "cancelled")):
        (tmp_path / "xlcity.json").write_text(json.dumps(command), encoding="utf-8")
        waiting = Asked(pipe).start({"ask": "check"})
        if command is slow:
            while not pipe.alive:
                pass
            pipe.cancel()
        assert waiting.wait() == {"fault": fault}
        seen.add(f"fault.{fault}")
        pipe.stop()
    (tmp_path / "xlcity.json").unlink()
    assert Asked(pipe).start({"ask": "check"}).wait() == {"fault": "absent"}
    assert seen == told


def test_the_extension_has_every_button_in_both_languages():
    content = extension()
    assert content == extension()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, part in parts.items():
        if name.endswith((".xcu", ".xml")):
            ET.fromstring(part)
    manifest = parts["META-INF/manifest.xml"].decode()
    listed = set(re.findall(r'full-path="([^"]+)"', manifest))
    assert listed == {name for name in parts if name.endswith(".xcu")} | {
        "component.py"
    }
    addons = parts["Addons.xcu"].decode()
    for verb in BUTTONS:
        assert (
            addons.count(f"<value>org.xlcity.buttons:{verb}</value>") == 3
        )  # menu, bar, image
        assert {f"icons/{verb}_16.png", f"icons/{verb}_26.png"} <= set(parts)
        for language in LANGUAGES:
            assert addons.count(f">{panel_texts(language)[f'command.{verb}']}<") == 2
    for key in menu_forms():
        assert addons.count(f"<value>org.xlcity.buttons:form.{key}</value>") == 1
    texts = json.loads(parts["texts.json"])
    assert [*texts] == [*LANGUAGES]
    code = b"".join(
        part for name, part in parts.items() if name.endswith(".py")
    ).decode()
    for key in re.findall(r'self\.texts\["([a-z_.]+)"\]', code):
        assert all(key in told for told in texts.values()), key


def test_what_runs_inside_libreoffice_is_the_standard_library_alone():
    office = files("xlcity.extension").joinpath("office")
    allowed = {
        "__future__",
        "com",
        "json",
        "os",
        "pathlib",
        "re",
        "subprocess",
        "threading",
        "typing",
        "uno",
        "unohelper",
        "xlcity_office",
        "xlcity_panel",
        "xlcity_pipe",
    }
    for file in office.iterdir():
        if file.name == "__init__.py" or not file.name.endswith(".py"):
            continue
        text = file.read_text(encoding="utf-8")
        found = {
            word.split(".")[0]
            for word in re.findall(r"^(?:from|import) (\S+)", text, re.MULTILINE)
        }
        assert found <= allowed


def test_libreoffice_is_given_the_script_and_the_extension_for_as_long_as_it_runs(
    tmp_path, monkeypatch
):
    user = tmp_path / "user"
    seen = []
    user.mkdir()
    script = user / "Scripts" / "python" / install._SCRIPT

    def run(profile, words):
        seen.append((profile, words, script.is_file(), (user / install.FILE).is_file()))

    monkeypatch.setattr(install, "run_script", run)
    monkeypatch.setattr(install, "is_office_open", lambda user: False)
    state = install._change_profile(user, "install").state
    assert seen == [(tmp_path, f"{install._SCRIPT}$install", True, True)]
    assert state is Availability.ABSENT
    assert not script.exists()
    assert not (user / install.FILE).exists()


def test_while_libreoffice_is_open_people_are_asked_to_close_it(tmp_path, monkeypatch):
    user = tmp_path / "user"
    user.mkdir()
    monkeypatch.setattr(install, "is_office_open", lambda user: True)
    state = install._change_profile(user, "install")
    assert state.state is Availability.ABSENT
    assert "then xlcity udf install --host" in state.remedy
    assert [*user.iterdir()] == []


@pytest.mark.parametrize(
    ("others", "fails"), [(b"", False), (b"vnd.other", False), (b"", True)]
)
def test_what_libreoffice_leaves_of_a_removed_extension_is_deleted(
    tmp_path, monkeypatch, others, fails
):
    user = tmp_path / "user"
    cache = user / "uno_packages" / "cache"
    unpacked = cache / "uno_packages" / "lu1.tmp_" / install.FILE
    copies = [user / "pack" / "xlcity_1.pack", user / "pack" / "other_1.pack"]
    for path in (unpacked / "a", *copies, user / install._SETTINGS):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    listed = cache / "uno_packages.pmap"
    listed.write_bytes(b"Pmp1 lu1.tmp" + others)

    def run(profile, words):
        if not fails:
            listed.write_bytes(b"Pmp1" + others)

    monkeypatch.setattr(install, "run_script", run)
    monkeypatch.setattr(install, "is_office_open", lambda user: False)
    state = install._change_profile(user, "remove").state
    assert state is (Availability.OUTDATED if fails else Availability.ABSENT)
    assert (
        unpacked.exists()
        == (user / install._SETTINGS).exists()
        == copies[0].exists()
        == fails
    )
    assert copies[1].exists()
    # The list of other extensions stays.
    assert listed.exists() == (bool(others) or fails)


def test_buttons_that_libreoffice_did_not_take_keep_the_settings(tmp_path, monkeypatch):
    user = tmp_path / "user"
    user.mkdir()
    monkeypatch.setattr(install, "run_script", lambda profile, words: None)
    monkeypatch.setattr(install, "is_office_open", lambda user: False)
    assert install._change_profile(user, "install").state is Availability.ABSENT
    assert (user / install._SETTINGS).read_text() == settings()
