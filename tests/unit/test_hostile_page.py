"""The page of hostile files: each row names tests that exist, the same in both languages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "hostile-files.md"
_TEST = re.compile(r"`(test_\w+\.py)(?:::(test_\w+))?`")


def named(page):
    """Return the tests that each row of a page's tables names."""
    rows = [
        line
        for line in page.read_text(encoding="utf-8").splitlines()
        if "`test_" in line
    ]
    return [_TEST.findall(line) for line in rows]


def test_every_test_that_is_named_exists():
    files = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        files.setdefault(path.name, set()).update(
            re.findall(
                r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE
            )
        )
    tests = [test for row in named(PAGE) for test in row]
    assert len(tests) > 60
    lost = [
        (file, test) for file, test in tests if test not in files.get(file, ()) and test
    ]
    assert lost == []
    assert {file for file, _ in tests} <= set(files)


@pytest.mark.parametrize(
    "what", [named, lambda page: page.read_text(encoding="utf-8").count("|")]
)
def test_both_languages_have_the_same_rows(what):
    assert what(PAGE) == what(PAGE.with_name("hostile-files.zh.md"))
