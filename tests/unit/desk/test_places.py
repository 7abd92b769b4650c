"""The page reads and writes in its folder alone, wherever paths and links lead."""

import json
from urllib.parse import quote

import pytest

from tests.helpers.desk_server import serving
from tests.helpers.own import own_bytes
from xlcity.desk.desk import Desk
from xlcity.desk.forms import forms, named_paths
from xlcity.desk.places import Places
from xlcity.errors import UsageError

TABLE = "city,Q\nx,1\n"


@pytest.fixture
def page(tmp_path):
    """Serve a folder with a book; yield the window, the folder, and another folder."""
    folder = tmp_path / "books"
    outside = tmp_path / "outside"
    for each in (folder, outside, tmp_path / "private"):
        each.mkdir()
    (folder / "book.xlsx").write_bytes(own_bytes(udf=False))
    (outside / "secret.csv").write_text(TABLE)
    (outside / "secret.xlsx").write_bytes(own_bytes(udf=False))
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "link.xlsx").symlink_to(outside / "secret.xlsx")
    (folder / "new.toml").symlink_to(outside / "made.toml")
    (folder / "up").symlink_to(outside)
    with serving(folder / "book.xlsx", tmp_path / "private") as (_, window):
        yield window, folder, outside


def _state(folder):
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }


def _outside_names(outside, ending):
    return [
        f"../outside/secret{ending}",
        str(outside / f"secret{ending}"),
        f"link{ending}",
        f"up/secret{ending}",
        f"./up/../up/secret{ending}",
    ]


def _is_refused(status, answer):
    text = answer["problems"][0]["text"]
    return status == 422 and ("is not in the folder" in text or "不在" in text)


def test_no_command_reads_or_writes_outside_of_the_folder(page):
    window, _, outside = page
    before = _state(outside)
    cells = json.dumps([["", "B2", 7]])
    for name in _outside_names(outside, ".csv"):
        looked = window.ask("look", table=name, choices="{}", lang="en")
        assert _is_refused(*looked), name
        assert _is_refused(*window.ask("mend", table=name, cells=cells)), name
        assert _is_refused(*window.ask("undo", table=name)), name
        mapped = window.ask("map", table=name, choices="{}", target="a.toml")
        assert _is_refused(*mapped), name
    for name in _outside_names(outside, ".xlsx"):
        assert _is_refused(*window.ask("compare", second=name)), name
    targets = [
        "../outside/made.toml",
        str(outside / "made.toml"),
        "new.toml",
        "up/m.toml",
    ]
    handed = window.request("POST", "/hand?name=a.csv", TABLE.encode())
    table = json.loads(handed.read())["file"]
    for name in targets:
        mapped = window.ask("map", table=table, choices="{}", target=name)
        assert _is_refused(*mapped), name
    assert _state(outside) == before
    # What was handed over, and what lies in the folder, is read.
    assert window.ask("look", table=table, choices="{}", lang="en")[0] == 200
    assert window.ask("compare", second="book.xlsx")[0] == 200


def test_files_named_after_a_table_lie_in_the_folder_too(page):
    window, folder, outside = page
    (folder / "mine.csv").write_text(TABLE)
    (folder / "mine.csv.bak").symlink_to(outside / "secret.csv")
    cells = json.dumps([["", "B2", 7]])
    assert _is_refused(*window.ask("mend", table="mine.csv", cells=cells))
    (folder / "mine.csv.bak").unlink()
    assert window.ask("mend", table="mine.csv", cells=cells)[0] == 200


def test_links_that_lead_out_are_neither_listed_nor_opened(page):
    window, folder, _ = page
    listed = json.loads(window.get("/workbooks").read())
    assert listed["files"] == ["book.xlsx"]
    assert json.loads(window.get("/actions").read())["files"] == ["book.xlsx"]
    for name in ("link.xlsx", "up/secret.xlsx", "../outside/secret.xlsx"):
        body = json.dumps({"name": name})
        assert window.request("POST", "/open", body).status == 422
    (folder / "own.xlsx").symlink_to(folder / "book.xlsx")
    assert (
        window.request("POST", "/open", json.dumps({"name": "own.xlsx"})).status == 200
    )


def test_a_file_that_is_handed_over_is_not_written_through_a_link(page):
    window, folder, outside = page
    (folder / "late.xlsx").symlink_to(outside / "made.xlsx")
    handed = window.request("POST", f"/hand?name={quote('late.xlsx')}", b"PK")
    body = json.dumps({"name": json.loads(handed.read())["file"]})
    assert window.request("POST", "/open", body).status == 422
    assert not (outside / "made.xlsx").exists()


def _fields():
    kinds = {"book", "table", "file", "save", "folder"}
    from xlcity.desk.forms import _asked_for

    return [
        (key, field.name, bool(field.kind.many))
        for key, verb in forms().items()
        for field in _asked_for(verb)
        if field.kind.kind in kinds
    ]


@pytest.mark.parametrize(("action", "name", "is_list"), _fields())
def test_no_field_of_a_form_leads_out_of_the_folder(action, name, is_list, tmp_path):
    folder = tmp_path / "folder"
    outside = tmp_path / "outside"
    for each in (folder, outside, tmp_path / "private"):
        each.mkdir()
    (folder / "link").symlink_to(outside)
    desk = Desk(folder, tmp_path / "private")
    desk.runs.start = lambda *_: None
    for value in (
        "../outside/x",
        str(outside / "x"),
        "link",
        "link/x",
        "a/../../outside/x",
    ):
        with pytest.raises(UsageError, match="not in the folder"):
            desk.begin(action, {name: [value] if is_list else value}, "en")
    desk.begin(action, {name: ["inside.csv"] if is_list else "inside.csv"}, "en")
    handed = desk.handed / "0" / "a.csv"
    desk.begin(action, {name: [str(handed)] if is_list else str(handed)}, "en")


def test_the_book_is_a_path_too():
    assert named_paths("report", {"book": "/etc/x", "out": "y"}) == ["/etc/x", "y"]
    assert named_paths("nothing", {"book": "/etc/x"}) == []


def test_what_stands_in_a_folder_that_is_given_lies_there_too(tmp_path):
    folder = tmp_path / "folder"
    (folder / "report").mkdir(parents=True)
    places = Places(folder, tmp_path / "handed")
    assert places.require("report") == folder / "report"
    (folder / "report" / "chapter.docx").symlink_to(tmp_path / "outside.docx")
    with pytest.raises(UsageError, match="chapter"):
        places.require("report")
    (folder / "book.xlsx").write_bytes(b"")
    (folder / "book.xlsx.seal.txt").symlink_to(tmp_path / "outside.txt")
    with pytest.raises(UsageError, match="seal"):
        places.require("book.xlsx")


def test_links_in_a_circle_and_names_of_no_file_are_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    places = Places(tmp_path, tmp_path / "handed")
    for name in ("a", "a\0b", "a/c"):
        with pytest.raises(UsageError):
            places.require(name)
