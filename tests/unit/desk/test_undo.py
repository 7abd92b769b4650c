"""What was written is taken back step by step, and never a file that was changed since."""

import asyncio
import json

import pytest

from tests.helpers.desk_server import serving
from tests.helpers.own import own_bytes
from tests.helpers.untidy_table import untidy_book
from xlcity.desk.commands import Books, answer
from xlcity.desk.desk import Desk
from xlcity.desk.undo import History
from xlcity.errors import UsageError, WorkbookError


@pytest.fixture
def folder(tmp_path):
    """Return the folder of a page."""
    folder = tmp_path / "我的 books"
    folder.mkdir()
    (tmp_path / "former").mkdir()
    return folder


@pytest.fixture
def history(folder):
    return History(folder.parent / "former", folder)


class Worker:
    """Answers in this process."""

    def __init__(self):
        self.books = Books()

    def ask(self, name, given):
        return answer(self.books, name, given)


def desk_on(folder):
    private = folder.parent / "private"
    private.mkdir()
    return Desk(folder, private, Worker())


def state(folder):
    """Return every file below a folder, and folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else ""
        for path in folder.rglob("*")
        if ".bak" not in path.suffix
    }


def test_mends_of_a_table_are_taken_back_one_by_one(folder):
    table = untidy_book(folder / "team.xlsx", 2025)
    desk = desk_on(folder)
    before = table.read_bytes()

    given = {"table": str(table), "choices": "{}", "lang": "en"}
    sheet = answer(Books(), "look", given)["sheet"]

    async def all_of_it():
        for value in (5000, 6000):
            cells = json.dumps([[sheet, "C8", value]])
            await desk.ask("mend", {"table": str(table), "cells": cells})
        taken = [await desk.ask("undo", {"table": str(table)}) for _ in range(2)]
        assert [one["left"] for one in taken] == [1, 0]
        with pytest.raises(UsageError, match="saved since"):
            await desk.ask("undo", {"table": str(table)})

    asyncio.run(all_of_it())
    assert table.read_bytes() == before


def test_all_files_of_a_step_come_and_go_together(folder, history):
    report = folder / "a-report"
    report.mkdir()
    old = report / "chapter.docx"
    old.write_bytes(b"old")
    before = state(folder)
    kept = history.keep([old, folder / "none"])
    old.write_bytes(b"new")
    figures = report / "figures"
    figures.mkdir()
    drawn = figures / "bars.svg"
    drawn.write_bytes(b"drawn")
    same = folder / "same.csv"
    assert history.note(kept, [old, drawn, same]) == [old, drawn]
    taken = history.take_back(drawn)
    assert (taken.is_gone, taken.left) == (True, 0)
    assert state(folder) == before
    with pytest.raises(UsageError, match="saved since"):
        history.take_back(old)


def test_a_step_of_which_a_file_was_changed_since_stays_whole(folder, history):
    files = [folder / "a.csv", folder / "b.csv"]
    for file in files:
        file.write_bytes(b"made")
    history.note({}, files)
    files[1].write_bytes(b"changed by hand")
    with pytest.raises(UsageError, match=r"b\.csv was saved since"):
        history.take_back(files[0])
    assert [file.read_bytes() for file in files] == [b"made", b"changed by hand"]
    # A file that was removed by hand is gone already; one that is open elsewhere is not written.
    files[1].unlink()
    lock = folder / "~$a.csv"
    lock.touch()
    with pytest.raises(WorkbookError, match="holds this file open"):
        history.take_back(files[0])
    lock.unlink()
    history.take_back(files[0])
    assert state(folder) == {}


def test_what_follows_a_step_is_taken_back_with_it(folder, history):
    tables = folder / "tables.csv"
    book = folder / "book.xlsx"
    tables.write_bytes(b"tables")
    history.note({}, [tables])
    kept = history.keep([tables])
    tables.write_bytes(b"tables, again")
    book.write_bytes(b"book")
    history.note(kept, [tables, book], follows=True)
    history.take_back(book)
    assert state(folder) == {}


#: Actions, what they are given, and a file that each of them writes.
ACTIONS = (
    ("new", {"report": "vitality2014", "out": "new.xlsx"}, "new.xlsx"),
    ("pages", {"add": "review", "out": "book-pages.xlsx"}, "book-pages.xlsx"),
    ("seal", {}, "book.xlsx.seal.txt"),
    ("report", {"lang": "en", "out": "book-report"}, "book-report/chapter.en.docx"),
)


@pytest.mark.slow
def test_whatever_an_action_wrote_is_taken_back(folder):
    (folder / "book.xlsx").write_bytes(own_bytes(udf=False))
    (folder / "new.xlsx").write_bytes(b"of before")
    before = state(folder)
    private = folder.parent / "private"
    private.mkdir()
    with serving(folder / "book.xlsx", private) as (_, window):
        events = window.events()
        for action, given, written in ACTIONS:
            assert window.do(action, given, "en") is None
            ended = next(e for e in events if e.get("state") in ("done", "failed"))
            assert ended["state"] == "done", ended
            assert state(folder)[written] != before.get(written)
            status, taken = window.ask("undo", table=ended["undo"])
            assert status == 200, taken
            undone = next(e for e in events if e.get("state") == "undone")
            assert (undone["action"], undone["undo"]) == (action, "")
            assert state(folder) == before
