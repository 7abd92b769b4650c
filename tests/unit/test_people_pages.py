"""The commands of the pages for people work as they stand there, one after the other."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.helpers.mutations import calculated
from tests.helpers.templates import small_template
from xlcity.cli import main

PEOPLE = Path(__file__).parents[2] / "docs" / "people"
COMMAND = re.compile(r"`xlcity ([^`]+)`")
#: They change the machine, or need a file that a person names.
NOT_RUN = ("udf install", "trust", "check", "export", "audit tables")
#: What has another name in each workbook.
PLACES = {"Sheet!D5": "Index!T20"}


def commands(page):
    """Return the commands of a page that are complete, in their order."""
    found = COMMAND.findall((PEOPLE / page).read_text(encoding="utf-8"))
    complete = [c for c in found if c not in NOT_RUN and not c.startswith(":")]
    return [[PLACES.get(w, w) for w in shlex.split(c)] for c in complete]


@pytest.mark.slow
@pytest.mark.parametrize("page", ["reviewer.md", "editor.md", "operator.md"])
def test_commands_work(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    book = Path("book.xlsx")
    calculated(small_template(pages="none")).write(book)
    Path("books").mkdir()
    for name in ("copy", "old", "new", "2024", "books/book"):
        shutil.copy(book, f"{name}.xlsx")
    Path("changes.csv").write_text("scenario,beijing|IMG_COM_MEDIA_VOL\na,80\n")
    chapter = pytest.importorskip("docx").Document()
    chapter.add_paragraph("Beijing ranks first.")
    chapter.save("chapter.docx")
    assert main(["seal", str(book)]) == 0
    given = commands(page)
    assert len(given) > 4
    codes = {}
    for words in given:
        codes[shlex.join(words)] = main(words)
        if words[0] == "roll":  # which the team fills
            shutil.copy(book, words[-1])
    capsys.readouterr()
    assert {c: code for c, code in codes.items() if code not in (0, 1)} == {}


@pytest.mark.parametrize("name", ["assistant", "editor", "operator", "reviewer"])
def test_both_languages_name_the_same_commands(name):
    english, chinese = (commands(f"{name}{ending}.md") for ending in ("", ".zh"))
    assert english == chinese
