"""Many saves, two windows, two servers, files that go away or cannot be written: none is lost."""

import functools
import json
import os
import re
import shutil

import pytest

from tests.helpers.contract_cells import score_cell
from tests.helpers.desk_server import serving
from tests.helpers.own import Edited, own_bytes
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def told(events, kind, **wanted):
    """Return the next event of a kind that has these values."""
    return next(
        event
        for event in events
        if event["kind"] == kind
        and all(event[key] == value for key, value in wanted.items())
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@functools.cache
def data_part():
    """Return the workbook, the part of `Data`, and what finds one value there (city03, A0)."""
    package = Package.from_bytes(own_bytes(udf=False), "own.xlsx")
    cell = Edited(own_bytes(udf=False)).cell("city03", "A0")
    typed = rf'(<c r="{cell.coordinate}"[^>]*>)<v>{cell.value}</v>'.encode()
    (part,) = [
        name for name, content in package.parts.items() if re.search(typed, content)
    ]
    return package, part, typed


def with_value(value):
    """Return the workbook with another value typed."""
    package, part, typed = data_part()
    changed = re.sub(typed, rb"\g<1><v>%d</v>" % value, package.parts[part])
    return package.replace({part: changed}).to_bytes()


def save(file, content, way):
    """Save as programs do: in place, beside and renamed, after deleting, in two pieces."""
    if way == 0:
        file.write_bytes(content)
    elif way == 1:
        file.with_name("new").write_bytes(content)
        file.with_name("new").replace(file)
    elif way == 2:
        file.unlink()
        file.write_bytes(content)
    else:
        with file.open("wb") as stream:
            stream.write(content[:9000])
            stream.flush()
            os.fsync(stream.fileno())
            stream.write(content[9000:])


@pytest.fixture
def places(tmp_path):
    """Return a workbook and two folders for temporary files of servers."""
    folder = tmp_path / "我的 books"
    for made in (folder, tmp_path / "one", tmp_path / "two"):
        made.mkdir()
    (folder / "own.xlsx").write_bytes(own_bytes(udf=False))
    return folder / "own.xlsx", tmp_path / "one", tmp_path / "two"


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(12, marks=pytest.mark.slow),
        pytest.param(200, marks=pytest.mark.long),
    ],
)
def test_the_last_of_many_saves_is_shown_in_every_window(places, count):
    """Nobody waits between two saves: most come while the one before is read and checked."""
    file, one, two = places
    with serving(file, one) as (_, window), serving(file, two) as (_, other):
        streams = [window.events(), window.events(), other.events()]
        for events in streams:
            assert told(events, "check")["verdict"] == "pass"
        for value in range(1, count + 1):
            save(file, with_value(value), value % 4)
            if value % 5 == 3:
                told(
                    streams[0], "busy", command="check"
                )  # the next save comes while it checks
        for events in streams:
            values = []
            while values[-1:] != [count]:
                changed = told(events, "overview")["changed"]
                assert [(one["unit"], one["code"]) for one in changed] == [
                    ("city03", "A0")
                ]
                values.append(changed[0]["to"])
            assert values == sorted(values)
            # Its scores are those of the value before: what was saved is not up to date.
            assert told(events, "check")["verdict"] == "fail"
            told(events, "busy", command="")
    assert file.read_bytes() == with_value(count)
    assert names(file.parent) == ["own.xlsx"]


@pytest.mark.slow
def test_a_workbook_that_goes_away_comes_back(places):
    """Renamed, deleted, another one chosen in another window: each window says what is shown."""
    file, private, _ = places
    with serving(file.parent, private) as (_, window):
        events = window.events()
        others = window.events()
        window.request("POST", "/open", json.dumps({"name": "own.xlsx"}))
        for stream in (events, others):
            told(stream, "check", verdict="pass")
        elsewhere = file.rename(file.with_name("elsewhere.xlsx"))
        told(events, "file", state="absent")
        score = score_cell(read_book(data_part()[0]))
        assert (
            window.ask("trace", cell=score)[0] == 200
        )  # what was shown can still be asked
        elsewhere.rename(file)
        told(events, "file", state="")
        file.unlink()
        told(events, "file", state="absent")
        assert window.do("seal") is None
        assert told(events, "run", state="failed")["files"] == []
        file.write_bytes(with_value(7))
        assert told(events, "overview")["changed"][0]["to"] == 7
        file.with_name("b.xlsx").write_bytes(own_bytes(2, udf=False))
        window.request("POST", "/open", json.dumps({"name": "b.xlsx"}))
        for stream in (events, others):
            told(stream, "file", name="b.xlsx", state="")
            assert told(stream, "overview")["file"] == "b.xlsx"
        # A window that has not heard of it acts on nothing.
        body = json.dumps(
            {"action": "seal", "given": {}, "lang": "en", "book": "own.xlsx"}
        )
        refused = window.request("POST", "/do", body, **{"x-language": "zh"})
        assert "b.xlsx" in json.loads(refused.read())["problems"][0]["text"]
        assert not file.with_name("b.xlsx.seal.txt").exists()


@pytest.fixture
def reading_only(places):
    """Return what starts a program that may write no more than permissions say."""
    folder = places[0].parent
    (folder / "late.csv").write_text("unit,A0\ncity01,77\n")
    program = ()
    if os.geteuid() == 0:  # may write everywhere, unless this is taken away
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and setpriv is not installed")
        program = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    folder.chmod(0o555)
    yield program
    folder.chmod(0o755)


@pytest.mark.slow
def test_a_folder_that_may_only_be_read(places, reading_only):
    """Everything is shown; what cannot be written is said with its place, and nothing is left."""
    file, private, _ = places
    with serving(file, private, *reading_only) as (_, window):
        events = window.events()
        assert told(events, "check")["verdict"] == "pass"
        before = names(file.parent)
        for action, given in (
            ("fill", {"data": "late.csv"}),
            ("seal", {}),
            ("assess", {"n": "9", "lang": "zh", "figures": "drawn"}),
        ):
            assert window.do(action, given, "en") is None
            done = next(
                e for e in events if e["kind"] == "run" and e["state"] != "running"
            )
            assert (done["state"], done["files"]) == ("failed", []), done
            assert any("be written" in note for note in done["notes"]), done
        file.chmod(0o200)  # held by a program that lets nobody else read
        file.write_bytes(with_value(8))
        told(events, "file", state="unreadable")
        file.chmod(0o644)
        assert told(events, "overview")["changed"][0]["to"] == 8
        assert names(file.parent) == before
        assert file.read_bytes() == with_value(8)
