"""`workbooks/`: the books that people open without installing anything, and its README."""

import re
from pathlib import Path

import pytest

from tests.helpers.cli import run_json
from tools.workbooks import shipped_books
from xlcity.reports import report_ids

#: The committed workbooks are Chinese.
CHINESE_TABS = True

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "workbooks"
BOOKS = {book.file_name: book for book in shipped_books()}
#: What `check` concludes: values that are not filled are nothing wrong, and no result.
VERDICTS = {False: "pass", True: "draft"}


def test_each_report_is_there_filled_and_empty_and_two_in_english() -> None:
    chinese = [
        f"{report}{end}.xlsx" for report in report_ids() for end in ("", "-empty")
    ]
    assert [*BOOKS] == [
        *chinese,
        "image2025-en.xlsx",
        "iecc2024-en.xlsx",
        "image2025-lite.xlsx",
    ]


def test_the_folder_has_these_books_and_no_other() -> None:
    assert {path.name for path in FOLDER.glob("*.xlsx")} == {*BOOKS}


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_has_a_row_for_each_book(readme: str) -> None:
    text = (FOLDER / readme).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    linked = [re.match(r"\| \[([^\]]+)\]\(([^)]+)\) \|", row).groups() for row in rows]
    assert [name for name, _ in linked] == [address for _, address in linked]
    assert sorted(name for name, _ in linked) == sorted(
        [*BOOKS, "examples/functions.xlsx"]
    )


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_project_leads_there(name: str) -> None:
    assert f"](workbooks/{name})" in (ROOT / name).read_text(encoding="utf-8")


# Books are built again by few changes: between them a sheet may be ahead of the shipped ones.
@pytest.mark.long
@pytest.mark.parametrize("name", BOOKS)
def test_a_shipped_book_can_be_used_as_it_is(name: str, capsys) -> None:
    code, document = run_json(capsys, "check", FOLDER / name)
    (checked,) = document["workbooks"]
    assert (code, checked["verdict"]) == (0, VERDICTS[BOOKS[name].is_empty])
    assert checked["findings"] == []
