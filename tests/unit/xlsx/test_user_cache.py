"""Results kept in the user's cache: what is not whole, not one's own or too much is left."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from xlcity.xlsx import user_cache
from xlcity.xlsx.user_cache import digest_of, find_entry, keep_entry


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
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
    one, other = first.read_bytes(), second.read_bytes()
    for data in (b"", one[:-1], one[:40] + b"x" + one[41:], other, b"foreign"):
        first.write_bytes(data)
        assert {find_entry("kind", "a"), find_entry("kind", "b")} & {b"content", b"another"} == {
            user_cache.zlib.decompress(other[32:])
        }


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
    assert [find_entry("kind", name) is not None for name in "abcd"] == [True, False, True, True]
    keep_entry("kind", "e", random.bytes(400))
    assert find_entry("kind", "e") is None
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 300


def test_a_digest_tells_apart_what_differs_and_nothing_else():
    values = ("1", 1, 1.0, True, None, b"1", ("1",), (("1",),), {"1": 1}, {"1"}, np.ones(1))
    digests = [digest_of(value) for value in values]
    assert len({*digests}) == len(values)
    assert digests == [digest_of(value) for value in values]
    assert digest_of({"a", "b"}) == digest_of({"b", "a"})
    assert digest_of(("ab", "c")) != digest_of(("a", "bc"))
    assert digest_of(object()) is None


def test_entries_depend_on_the_code_of_the_package_alone():
    code = (
        "from xlcity.xlsx import user_cache\n"
        "user_cache._feed_folder = lambda root, take: print(root)\n"
        "user_cache.code_digest()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == Path(user_cache.__file__).parents[1]
