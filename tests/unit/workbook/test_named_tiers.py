"""Tiers beside the data: read into a workbook, changed by `fill`, told of in the text."""

import shutil

import pytest

from tests.helpers.cli import run_json
from xlcity.api.index import Index
from xlcity.api.workbook import Workbook
from xlcity.errors import DataError, UsageError
from xlcity.report.story.sections import Chapter

FRAMEWORK = (
    "code,parent,name_zh,name_en,best_zh,best_en\n"
    "T,,总指数,Total,,\na,T,甲,A,最长,longest\nb,T,乙,B,,\n"
)
DATA = "id,name_zh,name_en,a,b\n" + "".join(
    f"c{n},城{n},City {n},{n},{(n * 7) % 5}\n" for n in range(1, 13)
)
TIERS = "tier,name_zh,name_en,rank_to\n1,第一方阵,,3\n2,第二方阵,,6\n3,第三方阵,,12\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name, text in (("framework", FRAMEWORK), ("data", DATA), ("tiers", TIERS)):
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def new_book(folder, capsys):
    words = ("--framework", folder / "framework.csv", "--data", folder / "data.csv")
    book = folder.parent / "own.xlsx"
    code, _ = run_json(capsys, "new", *words, "-o", book, "--cells", "native")
    assert code == 0
    return book


def ends_of(source):
    return [(rule.name_zh, rule.rank_to) for rule in source.spec.tiers]


def text_of(source):
    paragraphs = Chapter(source).overall()
    return "".join(own.text.zh for p in paragraphs for own in p.sentences)


def test_a_workbook_keeps_tiers_and_words_for_the_best_values(folder, capsys):
    book = Workbook.open(new_book(folder, capsys))
    source = book.source()
    assert ends_of(source) == [("第一方阵", 3), ("第二方阵", 6), ("第三方阵", 12)]
    assert "分为三个方阵：第一方阵3座" in text_of(source)
    assert source.result.framework["a"].best_en == "longest"
    lines = "tier,name_zh,rank_to\n1,甲等,4\n2,乙等,12\n"
    (folder / "tiers.csv").write_text(lines, encoding="utf-8")
    book.fill(folder / "data.csv", recalculate=False)
    assert ends_of(book.source()) == [("甲等", 4), ("乙等", 12)]


def test_tiers_that_cannot_be_used_are_refused(folder, capsys):
    (folder / "tiers.csv").unlink()
    book = Workbook.open(new_book(folder, capsys))
    (folder / "tiers.csv").write_text(TIERS, encoding="utf-8")
    with pytest.raises(UsageError, match="no table for 3 tiers"):
        book.fill(folder / "data.csv", recalculate=False)
    for lines in (
        "tier,name\n1,a\n",
        "tier,rank_to\n1,6\n2,4\n",
        "tier,rank_to\n1,x\n",
    ):
        (folder / "tiers.csv").write_text(lines, encoding="utf-8")
        with pytest.raises(DataError, match="tiers"):
            Index(folder / "framework.csv", folder / "data.csv")


def test_the_next_edition_has_the_tiers_and_groups_beside_its_data(folder, capsys):
    book = new_book(folder, capsys)
    following = folder.parent / "next"
    shutil.copytree(folder, following)
    lines = "tier,name_zh,rank_to\n1,甲等,4\n2,乙等,12\n"
    (following / "tiers.csv").write_text(lines, encoding="utf-8")
    rolled = folder.parent / "rolled.xlsx"
    words = ("--edition", "2027", "--data", following, "-o", rolled)
    code, _ = run_json(capsys, "roll", book, *words)
    assert code == 0
    assert ends_of(Workbook.open(rolled).source()) == [("甲等", 4), ("乙等", 12)]
    # Without a table beside the data those of this edition stay.
    (following / "tiers.csv").unlink()
    kept = folder.parent / "kept.xlsx"
    code, _ = run_json(capsys, "roll", book, *words[:-1], kept)
    assert code == 0
    ends = [("第一方阵", 3), ("第二方阵", 6), ("第三方阵", 12)]
    assert ends_of(Workbook.open(kept).source()) == ends
