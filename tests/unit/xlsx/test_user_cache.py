"""Results kept in the user's cache: what is not whole, not one's own or too much is left."""

import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import pytest

from xlcity.xlsx import user_cache
from xlcity.xlsx.user_cache import cache_folder, digest_of, find_entry, keep_entry


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    for variable in ("XDG_CONFIG_HOME", "APPDATA", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "config"))
    return tmp_path / "cache"


def test_an_entry_is_found_by_kind_code_and_content(folder, monkeypatch):
    keep_entry("kind", "a", b"content")
    assert find_entry("kind", "a") == b"content"
    assert find_entry("other", "a") is None
    assert find_entry("kind", "b") is None
    monkeypatch.setattr(user_cache, "code_digest", lambda: "other code")
    assert find_entry("kind", "a") is None


def test_damaged_and_renamed_entries_are_ignored(folder):
    keep_entry("kind", "a", b"content")
    keep_entry("kind", "b", b"another")
    first, second = sorted(folder.iterdir())
    one = first.read_bytes()
    other = second.read_bytes()
    for data in (b"", one[:-1], one[:40] + b"x" + one[41:], other, b"foreign"):
        first.write_bytes(data)
        assert {find_entry("kind", "a"), find_entry("kind", "b")} & {
            b"content",
            b"another",
        } == {user_cache.zlib.decompress(other[32:])}


def test_a_folder_that_others_may_write_is_ignored(folder):
    keep_entry("kind", "a", b"content")
    folder.chmod(0o777)
    assert find_entry("kind", "a") is None
    keep_entry("kind", "b", b"content")
    assert len([*folder.iterdir()]) == 1


def test_nothing_is_kept_where_it_is_switched_off_or_cannot_be(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XLCITY_CACHE", "")
    keep_entry("kind", "a", b"content")
    assert not [*tmp_path.iterdir()]
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "file" / "below"))
    keep_entry("kind", "a", b"content")
    assert find_entry("kind", "a") is None


def test_what_was_not_used_for_longest_goes_first(folder, monkeypatch):
    monkeypatch.setattr(user_cache, "MOST_BYTES", 300)
    random = np.random.default_rng(1)
    for name in "abc":
        keep_entry("kind", name, random.bytes(50))
        find_entry("kind", "a")
    keep_entry("kind", "d", random.bytes(50))
    assert [find_entry("kind", name) is not None for name in "abcd"] == [
        True,
        False,
        True,
        True,
    ]
    keep_entry("kind", "e", random.bytes(400))
    assert find_entry("kind", "e") is None
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 300


def test_a_digest_tells_apart_what_differs_and_nothing_else():
    values = (
        "1",
        1,
        1.0,
        True,
        None,
        b"1",
        ("1",),
        (("1",),),
        {"1": 1},
        {"1"},
        np.ones(1),
    )
    digests = [digest_of(value) for value in values]
    assert len({*digests}) == len(values)
    assert digests == [digest_of(value) for value in values]
    assert digest_of({"a", "b"}) == digest_of({"b", "a"})
    assert digest_of(("ab", "c")) != digest_of(("a", "bc"))
    assert digest_of({"a"}) != digest_of({"b"})
    # One object in two places is what two equal ones are.
    text = "some text"
    same = "".join(["some", " text"])
    assert digest_of((text, text)) == digest_of((text, same))
    for unknown in (object(), [object()], {"a": object()}, {object()}, {"a", object()}):
        assert digest_of(unknown) is None


@dataclass(frozen=True)
class Record:
    name: str
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Other(Record):
    pass


class Kind(StrEnum):
    ONE = "1"
    TWO = "2"


def test_records_have_the_digest_of_their_kind_and_fields():
    values = (
        Record("a"),
        Record("b"),
        Record("a", (1.0,)),
        Other("a"),
        [Record("a")] * 2,
        [Other("a")] * 2,
        [Record("a"), Other("a")],
        [Record("a"), Record("b")],
        Kind.ONE,
        Kind.TWO,
        [Kind.ONE],
        [Kind.TWO],
        Path("a"),
        Path("b"),
        [Path("a"), Kind.ONE],
        "\ud800",
        [],
        np.array([1.0, 2.0]),
        np.array([[1.0, 2.0]]),
        np.array([1, 2]),
        [np.array([1.0, 2.0])],
        {"a": Record("a")},
        {"a": Record("b")},
    )
    digests = [digest_of(value) for value in values]
    assert None not in digests
    assert len({*digests}) == len(values)
    assert digests == [digest_of(value) for value in values]
    assert digest_of(np.array([[1, 2], [3, 4]]).T) == digest_of(
        np.array([[1, 3], [2, 4]])
    )


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {}, "home/.cache/xlcity"),
        ("linux", {"XDG_CACHE_HOME": "kept"}, "kept/xlcity"),
        ("darwin", {"XDG_CACHE_HOME": "kept"}, "home/Library/Caches/xlcity"),
        ("win32", {}, "home/AppData/Local/xlcity/cache"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/xlcity/cache"),
        ("linux", {"XLCITY_CACHE": "own"}, "own"),
        ("linux", {"XLCITY_CACHE": ""}, None),
    ],
)
def test_the_folder_is_where_the_system_keeps_caches(
    monkeypatch, platform, environment, folder
):
    for name in ("XLCITY_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == (None if folder is None else Path(folder))


def test_without_a_home_nothing_is_kept(monkeypatch):
    def homeless():
        raise RuntimeError

    monkeypatch.delenv("XLCITY_CACHE", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache_folder() is None
    keep_entry("kind", "a", b"content")
    assert find_entry("kind", "a") is None


def test_an_entry_as_large_as_allowed_is_kept(folder, monkeypatch):
    content = np.random.default_rng(1).bytes(100)
    keep_entry("kind", "a", content)
    (path,) = folder.iterdir()
    for most, is_kept in (
        (path.stat().st_size, True),
        (path.stat().st_size - 1, False),
    ):
        path.unlink(missing_ok=True)
        monkeypatch.setattr(user_cache, "MOST_BYTES", most)
        keep_entry("kind", "a", content)
        assert (find_entry("kind", "a") == content) == is_kept


CODE = """
import os, sys
from pathlib import Path
from xlcity.xlsx import user_cache

package = Path(sys.argv[1])
user_cache.__file__ = str(package / "xlsx" / "user_cache.py")

def digest(*packages):
    user_cache._PACKAGES = packages
    user_cache.code_digest.cache_clear()
    return user_cache.code_digest()

(package / "xlsx" / "__pycache__").mkdir(parents=True)
(package / "a.py").write_text("1")
print("first", digest())
(package / "xlsx" / "__pycache__" / "a.pyc").write_text("1")
print("compiled", digest())
(package / "xlsx" / "b.py").write_text("1")
print("added", digest())
os.utime(package / "xlsx" / "b.py", (1, 1))
print("touched", digest())
print("absent", digest("no_such_package"))
print("with numpy", digest("numpy"))
print("with both", digest("numpy", "xlsxwriter"))
"""


def test_the_code_has_changed_when_a_file_of_it_has(tmp_path):
    command = [sys.executable, "-c", CODE, str(tmp_path / "xlcity")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    digests = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert digests["first"] == digests["compiled"]
    # Other packages count as far as they are there.
    assert digests["touched"] == digests["absent"]
    assert len({*digests.values()}) == 5


def test_entries_depend_on_the_code_of_the_package_alone():
    code = (
        "from xlcity.xlsx import user_cache\n"
        "user_cache._feed_folder = lambda root, take: print(root)\n"
        "user_cache.code_digest()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) == Path(user_cache.__file__).parents[1]
