"""One word per thing: words that mean something else are found in no text of the project."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Wrong -> right.
WRONG = {
    "截尾": "缩尾 (extremes are limited, not dropped)",
    "合成值": "虚构值 for invented data; 合成 is what aggregates are",
    "合成数据": "虚构数据",
    "合成填充": "虚构",
    "合成演示": "虚构的演示值",
    "合成（synthetic": "虚构（synthetic",
    "合成 synthetic": "虚构 synthetic",
    "填补": "插补",
}
FOLDERS = ("xlcity", "docs", "udfs")
ENDINGS = {".py", ".toml", ".html", ".md", ".csv", ".bas"}


def texts():
    yield from ROOT.glob("README*.md")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            # What a report printed keeps the report's own words.
            if path.suffix in ENDINGS and "published" not in path.parts:
                yield path


@pytest.mark.parametrize("wrong", WRONG)
def test_no_text_uses_a_word_for_another_thing(wrong):
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if wrong in line
    ]
    assert not found, f"write {WRONG[wrong]}: {found}"
