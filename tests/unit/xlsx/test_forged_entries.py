"""Kept results that another has written: nothing of them runs, and nothing of them is believed."""

import hashlib
import hmac
import marshal
import os
import pickle
import re
import sys
import zlib
from pathlib import Path
from unittest.mock import Mock

import pytest

import xlcity
from xlcity.audit.check.check import check_workbook
from xlcity.cli import main
from xlcity.recalc.engines.compiled import engine
from xlcity.workbook import build
from xlcity.workbook.checking import contract
from xlcity.xlsx import user_key
from xlcity.xlsx.user_cache import find_entry, for_the_record, keep_entry

POSIX = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no bits for the rights of others"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    for variable in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "config"))
    _forget()
    return tmp_path / "cache"


def _forget():
    """Forget what this process keeps, as another process would."""
    contract._DRAWN.clear()
    engine.PROGRAMS.clear()
    engine._LAST_RUN.clear()


def _key_file(tmp_path):
    return next((tmp_path / "config").rglob(user_key._NAME))


class Payload:
    """Makes a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return open, (str(self.marker), "w")


def _pickled(marker):
    return pickle.dumps(Payload(marker))


def _compiled(marker):
    """Return a program whose every function makes a file."""
    source = f"open({str(marker)!r}, 'w')\ndef formula(*_): pass"
    code = compile(source, "forged", "exec")
    return marshal.dumps([1, {}, {}, [], [code], [], {}, frozenset(), []])


def _with_checksum(path, content):
    """Return an entry as it was before entries were signed: a checksum needs no key."""
    return hashlib.sha256(path.name.encode() + content).digest() + zlib.compress(
        content
    )


def _by_another_key(path, content):
    packed = zlib.compress(content)
    key = b"k" * 32
    return hmac.digest(key, path.name.encode() + b"\n" + packed, "sha256") + packed


@pytest.mark.parametrize("sign", [_with_checksum, _by_another_key])
@pytest.mark.parametrize("payload", [_pickled, _compiled])
def test_a_forged_entry_runs_nothing_and_is_ignored(
    sign, payload, cache, tmp_path, small_file, capsys
):
    book = small_file()
    main(["check", str(book)])
    expected = capsys.readouterr().out
    entries = [*cache.glob("*.entry")]
    kinds = {path.name.split("-")[0] for path in entries}
    assert {"template", "program"} <= kinds
    marker = tmp_path / "ran"
    for path in entries:
        path.write_bytes(sign(path, payload(marker)))
    _forget()
    main(["check", str(book)])
    assert not marker.exists()
    assert capsys.readouterr().out == expected


def test_an_entry_of_another_key_or_name_is_ignored(cache, tmp_path):
    keep_entry("kind", "a", b"content")
    keep_entry("kind", "b", b"other")
    first, second = sorted(cache.glob("*.entry"))
    first.write_bytes(second.read_bytes())
    found = [find_entry("kind", digest) for digest in "ab"]
    assert sorted(map(str, found)) in (["None", "b'content'"], ["None", "b'other'"])
    _key_file(tmp_path).write_bytes(os.urandom(32))
    assert [find_entry("kind", digest) for digest in "ab"] == [None, None]


def test_without_a_key_nothing_is_found_and_a_new_key_is_made_to_keep(cache, tmp_path):
    keep_entry("kind", "a", b"content")
    key = _key_file(tmp_path)
    old = key.read_bytes()
    key.unlink()
    assert find_entry("kind", "a") is None
    assert not key.exists()
    keep_entry("kind", "a", b"content")
    assert find_entry("kind", "a") == b"content"
    assert len(old) == len(key.read_bytes()) == 32
    assert old != key.read_bytes()
    assert [path.name for path in key.parent.iterdir()] == [key.name]


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644])
def test_a_key_that_others_may_read_is_refused(mode, cache, tmp_path):
    keep_entry("kind", "a", b"content")
    key = _key_file(tmp_path)
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(mode)
    assert find_entry("kind", "a") is None
    keep_entry("kind", "b", b"content")
    assert len([*cache.glob("*.entry")]) == 1
    key.chmod(0o600)
    assert find_entry("kind", "a") == b"content"


@POSIX
@pytest.mark.parametrize("make", ["link", "pipe", "folder", "short", "long"])
def test_what_is_no_key_file_is_refused(make, cache, tmp_path):
    keep_entry("kind", "a", b"content")
    key = _key_file(tmp_path)
    content = key.read_bytes()
    key.unlink()
    if make == "link":
        (tmp_path / "elsewhere").write_bytes(content)
        (tmp_path / "elsewhere").chmod(0o600)
        key.symlink_to(tmp_path / "elsewhere")
    elif make == "pipe":
        os.mkfifo(key, 0o600)
    elif make == "folder":
        key.mkdir()
    else:
        key.write_bytes(content[:-1] if make == "short" else content + b"x")
        key.chmod(0o600)
    assert find_entry("kind", "a") is None
    keep_entry("kind", "b", b"content")
    assert find_entry("kind", "b") is None


def test_the_key_of_a_faster_program_stays(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(user_key.os.path, "lexists", lambda _: False)
    keep_entry("kind", "a", b"content")
    key = _key_file(tmp_path).read_bytes()
    keep_entry("kind", "b", b"content")
    assert _key_file(tmp_path).read_bytes() == key
    assert find_entry("kind", "a") == find_entry("kind", "b") == b"content"


def test_a_key_does_not_come_from_the_folder_of_results(cache, tmp_path):
    """Who brings a folder of results with a key of its own has signed nothing."""
    keep_entry("kind", "a", b"content")
    brought = _key_file(tmp_path).rename(cache / user_key._NAME)
    assert brought.exists()
    assert find_entry("kind", "a") is None


def test_nothing_that_is_kept_counts_for_the_record(cache):
    keep_entry("kind", "a", b"content")
    with for_the_record():
        assert find_entry("kind", "a") is None
    assert find_entry("kind", "a") == b"content"


@pytest.mark.parametrize("was_checked", [False, True])
def test_a_verdict_for_the_record_comes_from_no_kept_program(
    was_checked, cache, tmp_path, small_file, monkeypatch
):
    """A program that was kept is taken by `check` alone, and not where the workbook is sealed."""
    book = small_file()
    main(["recalc", str(book), "--in-place"])
    _forget()
    check_workbook(book)
    compiles = Mock(wraps=engine._compile_or_reason)
    monkeypatch.setattr(engine, "_compile_or_reason", compiles)

    def compiled_by(run):
        _forget()
        if was_checked:
            check_workbook(book)  # what this process has read before is no better
        compiles.reset_mock()
        run()
        return compiles.call_count

    def release():
        assert not main(["release", str(book), "-o", str(tmp_path / "public.xlsx")])

    assert compiled_by(lambda: check_workbook(book)) == 0
    assert compiled_by(release)
    assert main(["seal", str(book)]) == 0
    assert compiled_by(lambda: check_workbook(book))


def test_a_sealed_workbook_is_compared_with_a_template_drawn_afresh(
    cache, small_file, monkeypatch
):
    book = small_file()
    main(["recalc", str(book), "--in-place"])
    drawn = Mock(wraps=build.draw)
    monkeypatch.setattr(build, "draw", drawn)
    check_workbook(book)
    drawn.reset_mock()
    check_workbook(book)
    assert not drawn.called
    main(["seal", str(book)])
    check_workbook(book)
    assert drawn.called


#: Modules that talk to processes of this program through pipes.
OF_PIPES = {"recalc/child_process.py", "recalc/engines/office_script.py"}


def test_no_file_is_unpickled():
    root = Path(xlcity.__file__).parent
    reading = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(
            r"pickle|shelve|\bjoblib\b|allow_pickle", path.read_text(encoding="utf-8")
        )
    }
    assert reading == OF_PIPES
    for name in OF_PIPES:
        text = (root / name).read_text(encoding="utf-8")
        sources = re.findall(r"pickle\.load\(([^)]*)\)", text)
        assert {*sources} <= {"process.stdout", "source", "sys.stdin.buffer"}
        assert "pickle.loads" not in text


def test_code_is_read_where_its_signature_was_compared():
    """`marshal` reads code: what it is given comes from `find_entry` alone."""
    root = Path(xlcity.__file__).parent
    reading = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "marshal.load" in path.read_text(encoding="utf-8")
    }
    assert reading == {
        "api/templates.py",
        "recalc/engines/compiled/engine.py",
        "workbook/checking/contract.py",
    }
    for name in reading:
        text = (root / name).read_text(encoding="utf-8")
        assert {*re.findall(r"marshal\.loads?\((\w+)\)", text)} <= {"stored", "content"}
        assert "find_entry(_KIND" in text
