"""What is written where, what is refused, and how many bytes and cells are too many."""

import gc
import io
import os
import signal
import threading
import time
import zipfile
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from tests.helpers.kept import as_text, outcome, outcomes_text, without
from tests.helpers.sheets import sheet_of
from xlcity.errors import CellError, TimeLimitError
from xlcity.xlsx import limits, process, save
from xlcity.xlsx.address import Range
from xlcity.xlsx.atomic import WriteError
from xlcity.xlsx.cells import Cell, ReadBook, resolve
from xlcity.xlsx.features import Features
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import (
    cell_text,
    escape_cell_text,
    in_quotes,
    normal_value,
    number_text,
    same_value,
    space_kept,
    xml_text,
)


def test_a_read_only_file_is_not_replaced_and_none_is_kept_of_it(tmp_path, monkeypatch):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    # Root may write to any file.
    monkeypatch.setattr(save.os, "access", lambda path, mode: path != target)
    assert save.write_output(target, b"old") is None
    with pytest.raises(WriteError, match="the file is read-only") as refused:
        save.write_output(target, b"new")
    assert refused.value.exit_code == 4
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [
        ("a.bin", b"old")
    ]


def test_where_a_file_is_written_and_the_older_one_kept(
    require_kept, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "a.bin"
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "link").symlink_to("a.bin")
    os.mkfifo(tmp_path / "pipe")
    written = [
        save.write_output(target, content) for content in (b"1", b"1", b"2", b"3")
    ]
    written.append(save.write_output(target, b"4", backup=False))
    old = Package({"a.xml": b"<a/>"})
    new = Package({"a.xml": b"<b/>"})
    makers = {
        "backups": lambda: written,
        "contents": lambda: {
            p.name: p.read_bytes() for p in sorted(tmp_path.glob("a.bin*"))
        },
        "into a link": lambda: [
            save.write_output(tmp_path / "link", b"5"),
            target.read_bytes(),
        ],
        "a folder": lambda: save.write_output(folder, b""),
        "a circle": lambda: save.write_output(tmp_path / "circle", b""),
        "a pipe": lambda: save.write_output(tmp_path / "pipe", b""),
        "no folder": lambda: save.write_output(tmp_path / "none" / "a", b""),
        "the input": lambda: save.require_output(
            tmp_path / "link", [target], "Choose."
        ),
        "another input": lambda: save.require_output(
            tmp_path / "new", [target, folder / "x"]
        ),
        "files": lambda: save.write_files(folder, {"x/a": b"1", "b": b"2"}),
        "files deeper": lambda: save.write_files(folder, {"p/q/r/a": b"1"}),
        "files again": lambda: save.write_files(
            folder, {"x/a": b"3", "b": b"2", "y/c": b"4"}
        ),
        "a new folder": lambda: save.write_files(tmp_path / "fresh", {"x/a": b"1"}),
        "outside": lambda: save.write_files(
            folder, {"../a": b"", "/b": b"", "": b"", "x/../c": b"", "d": b"", "x": b""}
        ),
        "unchanged": lambda: save.save_workbook(old, old, target, target),
        "changed": lambda: save.save_workbook(new, old, target, target),
        "unchanged elsewhere": lambda: save.save_workbook(
            old, old, target, folder / "c"
        ),
        "all": lambda: sorted(
            p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")
        ),
    }
    kept = outcomes_text(makers, tmp_path)
    for lock in ("~$a.bin", ".~lock.a.bin#"):
        (tmp_path / lock).touch()
        held = {
            lock: lambda: save.write_output(target, b"6"),
            "copy": lambda: save.unlocked_copy(target, "copy").name,
        }
        kept += "\n" + outcomes_text(held, tmp_path)
        (tmp_path / lock).unlink()
    free = save.unlocked_copy(target, "copy").name
    require_kept("written", f"{kept}\nfree: {free}")


def zipped(parts: dict[str, bytes], **options) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_what_is_too_large_or_no_workbook(require_kept, tmp_path, monkeypatch):
    (tmp_path / "f").write_bytes(b"12345")
    plain = {
        "xl/worksheets/sheet1.xml": b"<a/>" * 50,
        "xl/media/a.png": b"<!DOCTYPE" * 9,
    }

    def unpacked(content: bytes, **bounds: object) -> object:
        with monkeypatch.context() as patch:
            for name, value in bounds.items():
                patch.setattr(limits, name, value)
            parts = limits.unpack_parts(content, "f.xlsx")
            return {name: len(part) for name, part in parts.items()}

    book = zipped(plain)
    bomb = zipped({"a.xml": b"a" * 9999})
    size = sum(map(len, plain.values()))
    declared = b'<?xml version="1.0"?><!DOCTYPE a><a/>'
    sizes = [
        ("xl/worksheets/sheet1.xml", 10),
        ("xl/sharedStrings.xml", 3),
        ("xl/styles.xml", 7),
    ]
    makers = {
        "a workbook": lambda: unpacked(book),
        "as large as allowed": lambda: unpacked(book, MAX_UNPACKED=size),
        "larger": lambda: unpacked(book, MAX_UNPACKED=size - 1),
        "as many parts as allowed": lambda: unpacked(book, MAX_PARTS=2),
        "more parts": lambda: unpacked(book, MAX_PARTS=1),
        "a bomb": lambda: unpacked(bomb, RATIO_MATTERS_FROM=9998, MAX_RATIO=9),
        "no bomb yet": lambda: unpacked(
            bomb, RATIO_MATTERS_FROM=9998, MAX_RATIO=Fraction(9999, len(bomb))
        ),
        "too small for a bomb": lambda: unpacked(
            bomb, RATIO_MATTERS_FROM=9999, MAX_RATIO=9
        ),
        "a part twice": lambda: unpacked(zipped({"A.xml": b"", "a.XML": b""})),
        "declarations": lambda: unpacked(zipped({"a.xml": declared})),
        "declarations behind a comment": lambda: unpacked(
            zipped({"a.xml": b"<?x ?> <!-- <a> --> <!-- --><!DOCTYPE a><a/>"})
        ),
        "declarations in UTF-16": lambda: unpacked(
            zipped({"a.rels": declared.decode().encode("utf-16")})
        ),
        "no memory": lambda: unpacked(book, memory_free=lambda: 10),
        "little memory": lambda: unpacked(
            book, MEMORY_PER_BYTE=10**10, memory_free=lambda: 1_234_567_890_123
        ),
        "just enough memory": lambda: unpacked(
            book,
            MEMORY_PER_BYTE=10**6,
            MEMORY_PER_OTHER=0,
            memory_free=lambda: 200 * 10**6,
        ),
        "unknown memory": lambda: unpacked(book, memory_free=lambda: None),
        "memory": lambda: [limits.memory_needed(sizes), limits.memory_needed([])],
        "a file": lambda: limits.read_file(tmp_path / "f"),
    }
    kept = without(outcomes_text(makers, tmp_path))
    for most in (5, 4):
        monkeypatch.setattr(limits, "MAX_FILE", most)
        kept += (
            f"\n{most}: {as_text(outcome(lambda: limits.read_file(tmp_path / 'f')))}"
        )
    monkeypatch.setenv(limits.MEMORY_VARIABLE, "3")
    kept += f"\nfree: {limits.memory_free()}"
    require_kept("limits", without(kept, tmp_path))
    monkeypatch.setenv(limits.MEMORY_VARIABLE, "many")
    assert limits.memory_free() > 2**20
    before = limits.memory_used()
    block = b"x" * (64 << 20)
    assert before > 2**20
    assert limits.memory_used() - before > len(block) / 2

    def not_there(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(limits.Path, "read_text", not_there)
    assert (limits.memory_free(), limits.memory_used()) == (None, 0)


def test_texts_and_numbers_as_they_are_written(require_kept):
    raw = (
        "a",
        "a &amp; b",
        "&lt;&#65;&#x42;",
        "&nothing;",
        "a\r\nb\rc",
        "<![CDATA[x < y & z]]>",
        "&#1;",
        "_x000D_",
        "_x0041_b",
        "_xD83C__xDFD9_",
        "_xD83C_",
        "x_y",
    )
    texts = (
        "a",
        "a b",
        " a",
        "",
        "<&>",
        'say "x"',
        'it\'s "x"',
        "a\nb\t",
        "\x01",
        "_x0041_",
        "北京",
    )
    numbers = (0.0, -0.0, 1.0, -5.0, 1e15, 1e14, 1e-7, 0.1, 1e300, 123456.5, -1e15)
    values = (
        1.5,
        float("nan"),
        float("inf"),
        None,
        "x",
        True,
        CellError.NA,
        np.float64(2),
        np.nan,
        np.int64(3),
        np.bool_(True),
        np.str_("y"),
        7,
        object,
        b"x",
    )
    lines = []
    for text in raw:
        read = [outcome(partial(function, text)) for function in (xml_text, cell_text)]
        lines.append(f"{text!r}: {read[0]!r} {read[1]!r}")
    lines += [
        f"{text!r}: {in_quotes(text)!r} {escape_cell_text(text)!r}{space_kept(text)}"
        for text in texts
    ]
    lines += [f"{number!r}: {number_text(number)}" for number in numbers]
    lines += [
        f"{value!r}: {outcome(lambda v=value: normal_value(v))!r}" for value in values
    ]
    pairs = (
        (1.0, 1.0),
        (1.0, True),
        ("", None),
        ("a", "a"),
        (0.0, -0.0),
        (CellError.NA, "#N/A"),
    )
    lines += [f"{a!r} {b!r}: {same_value(a, b)}" for a, b in pairs]
    require_kept("texts", "\n".join(lines))


def test_a_merged_area_hides_all_of_its_cells_but_the_first():
    merged = Features(merged=((2, 3, 4, 5), (7, 1, 7, 2)))
    hidden = {
        (row, column)
        for row in range(1, 9)
        for column in range(1, 8)
        if merged.covers((row, column))
    }
    first = {(row, column) for row in (2, 3, 4) for column in (3, 4, 5)} - {(2, 3)}
    assert hidden == first | {(7, 2)}


def test_areas_and_names_of_a_book(require_kept):
    cells = {(row, column): Cell(1.0) for row in (1, 3, 5) for column in (2, 4)}
    names = {
        "largest": "S!$A$1:$D$1048576",
        "larger": "S!$A$1:$E$1048576",
        "area": "S!$A$1:$B$2",
        "Formula": "S!$A$1+1",
        "gone": "T!$A$1",
        "whole": "S!$A:$XFD",
        "text": '"x"',
    }
    book = ReadBook({"S": sheet_of("S", cells)}, names)
    sheet = book.sheets["S"]
    for area in (
        Range("S", 1, 1, 2, 3),
        Range("S", 1, 2, 4, 4),
        Range("S", 2, 1, 9, 2),
        Range("S", 3, 2, 5, 4),
    ):
        every = [
            (r, c)
            for r in range(area.r1, area.r2 + 1)
            for c in range(area.c1, area.c2 + 1)
        ]
        # A small area has all of its cells, a large one those of the file.
        expected = (
            every
            if len(every) <= len(cells)
            else [place for place in every if place in cells]
        )
        assert sheet.within(area) == expected
    makers = {
        name: lambda name=name: str(resolve(book, name))
        for name in (*names, "AREA", "none")
    }
    require_kept("names", outcomes_text(makers))


def test_an_output_in_other_capitals_is_the_input_only_where_they_are_one_file(
    tmp_path,
):
    (tmp_path / "a.xlsx").write_bytes(b"x")
    (tmp_path / "hard.xlsx").hardlink_to(tmp_path / "a.xlsx")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "A.xlsx").hardlink_to(tmp_path / "a.xlsx")
    (tmp_path / "same").symlink_to("folder")
    source = tmp_path / "a.xlsx"

    def problems(name):
        return [p.message for p in save.output_problems(tmp_path / name, [source])]

    for name in ("a.xlsx", "folder/../a.xlsx"):
        assert problems(name) == ["the output is the input."]
    # A hard link is another file, which takes the place of this one alone.
    for name in ("hard.xlsx", "folder/A.xlsx", "A.xlsx", "none.xlsx", "none/a.xlsx"):
        assert problems(name) == []
    # As on a disk that takes capitals for small letters: two names of one file.
    (tmp_path / "A.xlsx").hardlink_to(source)
    assert problems("A.xlsx") == ["the output is the input."]


def test_a_limit_of_time_holds_in_the_main_thread_alone():
    ended = []

    def wait():
        with process.time_limit(0.01):
            time.sleep(0.05)
        ended.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()
    assert ended == [True]
    with (
        pytest.raises(TimeLimitError, match=r"more than 0\.01 seconds") as caught,
        process.time_limit(0.01, "a.xlsx"),
    ):
        time.sleep(5)
    assert caught.value.problems[0].where.file == "a.xlsx"


def wait(inside: float, after: float) -> None:
    """Wait in a block of at most 0.1 seconds, then after it."""
    try:
        with process.time_limit(0.1):
            time.sleep(inside)
    except TimeLimitError:
        pass
    time.sleep(after)


@pytest.mark.parametrize(("inside", "limit"), [(0.02, 0.2), (5, 0.05)])
def test_an_outer_limit_goes_on_after_an_inner_one(inside, limit):
    """It is over at once if its time has passed inside."""
    start = time.monotonic()
    with (
        pytest.raises(TimeLimitError, match=f"more than {limit} seconds"),
        process.time_limit(limit),
    ):
        wait(inside, 5)
    assert max(limit, 0.1 if inside > 1 else 0) - 0.01 < time.monotonic() - start < 4


@pytest.fixture
def can_be_interrupted():
    """Let Ctrl-C end a test, which a run in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("can_be_interrupted")
def test_a_limit_ends_with_its_block(monkeypatch):
    handler = signal.getsignal(signal.SIGALRM)
    for has_alarm in (True, False):
        if not has_alarm:  # as on Windows
            monkeypatch.delattr(signal, "setitimer")
        with process.time_limit(60):
            pass
        assert signal.getsignal(signal.SIGALRM) is handler
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):
                thread.join(5)
                assert not thread.is_alive()
        with pytest.raises(TimeLimitError), process.time_limit(0.05):
            time.sleep(1)
        with pytest.raises(KeyboardInterrupt), process.time_limit(60):
            raise KeyboardInterrupt


@pytest.mark.parametrize("was_enabled", [True, False])
def test_collection_goes_on_afterwards_if_it_did_before(was_enabled):
    (gc.enable if was_enabled else gc.disable)()
    try:
        with process.no_collection():
            assert not gc.isenabled()
        assert gc.isenabled() is was_enabled
        with pytest.raises(KeyError), process.no_collection():
            raise KeyError
        assert gc.isenabled() is was_enabled
    finally:
        gc.enable()
