"""What can be made: words the command line takes, and one program at a time that can be ended."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.helpers.own import own_bytes
from xlcity.cli.parser import parser_of
from xlcity.desk import runs as runs_module
from xlcity.desk.desk import Desk
from xlcity.desk.forms import command_words, forms, written_paths
from xlcity.desk.places import Places
from xlcity.desk.publications import list_made
from xlcity.desk.runs import Runs
from xlcity.errors import UsageError

GIVEN = {
    "book": "-b.xlsx",
    "data": "-d.csv",
    "out": "-o.xlsx",
    "framework": "f.csv",
    "n": "50",
    "empty": "yes",
    "lang": "zh",
    "copies": ["-a.xlsx", "c.xlsx"],
    "edition": "-26",
    "figures": "pictures",
    "table": ["-t.csv", "u.csv"],
    "spec": "s.toml",
    "html": "p.html",
    "file": "-t.csv",
    "map": "-m.toml",
    "into": "-s.xlsx",
    "a": "-a.xlsx",
    "who": "-Li",
    "why": "-yearbook",
}


@pytest.mark.parametrize("name", forms())
def test_the_command_line_takes_the_words_of_every_form(name):
    verb, *words = command_words(name, GIVEN)
    args = parser_of(verb).parse_args(words)
    for key in forms()[name].form:
        if key in GIVEN and key not in ("file", "a", "copies", "n", "empty"):
            assert getattr(args, key) == GIVEN[key], key
    if forms()[name].book:
        assert any(value == "./-b.xlsx" for value in vars(args).values())
    assert getattr(args, "backup", True)


def test_what_an_action_lacks_is_named():
    with pytest.raises(UsageError, match=r"data") as caught:
        command_words("fill", {})
    assert [problem.message for problem in caught.value.problems] == [
        "fill needs: book.",
        "fill needs: data.",
    ]
    with pytest.raises(UsageError, match="audit-tables needs: table"):
        command_words("audit-tables", {"html": "audit.html"})
    with pytest.raises(UsageError, match="cannot be chosen"):
        command_words("new", {**GIVEN, "framework": "", "report": "../x"})
    with pytest.raises(UsageError, match="either a report or a framework"):
        command_words("new", {**GIVEN, "report": "image2025"})
    with pytest.raises(UsageError, match="unknown command"):
        command_words("format", {})


def test_the_workbook_itself_is_filled_where_no_place_is_named():
    given = {"book": "b.xlsx", "data": "d.csv"}
    assert "--in-place" in command_words("fill", given)
    assert written_paths("fill", given) == []
    given = {"book": "b.xlsx", "a": "a.xlsx", "into": "b.xlsx"}
    assert command_words("diff", given) == ["diff", "--into=b.xlsx", "a.xlsx", "b.xlsx"]
    assert written_paths("diff", given) == ["b.xlsx"]
    assert written_paths("seal", {**given, "into": "s.xlsx"}) == ["s.xlsx"]


def test_an_action_is_cancelled_with_all_that_it_started(tmp_path, monkeypatch):
    """The program in its place starts another one, as recalculating with LibreOffice does."""
    pid = tmp_path / "pid"
    script = tmp_path / "slow.py"
    half = tmp_path / ".xlcity-half.tmp"
    script.write_text(
        "import subprocess, sys, pathlib, time\n"
        f"pathlib.Path({str(half)!r}).mkdir()\n"  # what a report is written into first
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    popen = runs_module.subprocess.Popen

    def slow(words, **options):
        return popen([sys.executable, str(script)], **options)

    monkeypatch.setattr(runs_module.subprocess, "Popen", slow)
    told = []

    async def cancelled():
        runs = Runs(Places(tmp_path, tmp_path), told.append)
        task = runs.start("seal", {"book": "b.xlsx"}, "en")
        with pytest.raises(UsageError, match="another command"):
            runs.start("seal", {"book": "b.xlsx"}, "en")
        while not (pid.exists() and pid.read_text()):
            await asyncio.sleep(0.02)
        runs.cancel()
        await task
        assert not runs.running
        runs.cancel()  # nothing to end any more

    asyncio.run(cancelled())
    assert told[0]["state"] == "running"
    assert (told[-1]["state"], told[-1]["files"]) == ("cancelled", [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pid", "slow.py"]
    for _ in range(100):
        if not _alive(int(pid.read_text())):
            break
        time.sleep(0.05)
    assert not _alive(int(pid.read_text()))


def _alive(pid):
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class SlowWorker:
    """Answers after it is let; says which file it answers for."""

    def __init__(self):
        self.waiting = None
        self.cancelled = 0

    def ask(self, name, given):
        if name == "open":
            self.file = given["file"]
            return {"of": self.file}
        of = self.file
        if of.endswith("a.xlsx"):
            self.waiting.wait(20)
        return {"of": of}

    def cancel(self):
        self.cancelled += 1
        self.waiting.set()


def test_files_that_stay_as_they_were_are_offered_again(tmp_path, monkeypatch):
    """A second run with the same input writes nothing anew; it was a dead end."""
    popen = runs_module.subprocess.Popen
    same = "import sys"
    monkeypatch.setattr(
        runs_module.subprocess,
        "Popen",
        lambda _, **o: popen([sys.executable, "-c", same], **o),
    )
    (tmp_path / "t").mkdir()
    for name in ("framework.csv", "data.csv"):
        (tmp_path / "t" / name).write_text("code", encoding="utf-8")
    told = []

    async def again():
        given = {"file": "t.xlsx", "map": "m.toml", "out": "t"}
        await Runs(Places(tmp_path, tmp_path), told.append).start("adopt", given, "zh")

    asyncio.run(again())
    names = [Path(one["name"]).name for one in told[-1]["files"]]
    assert (told[-1]["state"], names) == ("done", ["data.csv", "framework.csv"])


def test_what_was_made_is_listed_with_what_is_older_than_the_last_save(tmp_path):
    folder = tmp_path / "books"
    report = folder / "[a] 指数-report"
    report.mkdir(parents=True)
    (tmp_path / "private").mkdir()
    names = ("chapter.zh.docx", "slide.en.pptx", "ranking.zh.svg", "notes.txt")
    for name in names:
        (report / name).write_bytes(b"made")
    book = folder / "[a] 指数.xlsx"
    book.write_bytes(own_bytes(udf=False))
    seal = folder / "[a] 指数.xlsx.seal.txt"
    seal.write_bytes(b"sealed")
    for path, seconds in ((report / names[0], 100), (book, 200), (seal, 300)):
        os.utime(path, (seconds, seconds))
    desk = Desk(folder, tmp_path / "private")
    assert list_made(desk) == []  # no workbook is shown
    desk.show(book)
    made = list_made(desk)
    kinds = [(one["kind"], one["stale"]) for one in made]
    others = [("slide", False), ("picture", False), ("seal", False)]
    assert kinds == [("chapter", True), *others]
    assert made[0]["out"] == "[a] 指数-report"
    assert desk.runs.made[made[0]["number"]] == report / names[0]
    assert list_made(desk) == made  # each has its number once


def test_a_check_is_not_shown_for_a_workbook_chosen_meanwhile(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        (tmp_path / name).write_bytes(own_bytes(udf=False))
    private = tmp_path / "private"
    private.mkdir()

    async def chosen():
        worker = SlowWorker()
        worker.waiting = threading.Event()
        desk = Desk(tmp_path, private, worker)
        events = asyncio.Queue()
        desk.clients.add(events)
        desk.open("a.xlsx")
        watching = asyncio.create_task(desk.watch())
        while (await events.get()) != {"kind": "busy", "command": "check"}:
            pass
        desk.open("b.xlsx")
        assert worker.cancelled == 1
        assert "overview" not in desk.last
        told = []
        while not told or told[-1]["kind"] != "check":
            told.append(await asyncio.wait_for(events.get(), 20))
        watching.cancel()
        return told

    told = asyncio.run(chosen())
    assert {event["of"].rpartition("/")[2] for event in told if "of" in event} == {
        "b.xlsx"
    }
    assert told[0]["kind"] == "file"
