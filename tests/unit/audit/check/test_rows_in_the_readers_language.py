"""Rows of the sheet `Checks` come in the reader's language, whatever that of the workbook is."""

import re

import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.slip_books import GEOMETRIC, ZSCORE, sound_book
from tests.helpers.slips import Sound
from tests.helpers.templates import small_template
from xlcity.api.texts import told
from xlcity.messages import Message
from xlcity.workbook.labels import LANGUAGES, show_label
from xlcity.workbook.reader_labels import in_chinese, in_english, labels_of_rows

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture
def chinese_book(tmp_path):
    """Return a Chinese book with a gap and a value that is out of range."""
    sound = Sound(small_template(pages="none"), "small.xlsx")
    unit = sound.units[2]
    gap = Sound(sound.text("Data", sound.at(unit, sound.codes[0]), "NA").package)
    made = gap.typed({(sound.units[3], "IMG_INF_MAIN_RATE"): 99.0})
    (tmp_path / "small.xlsx").write_bytes(made.package.to_bytes())
    return tmp_path / "small.xlsx"


def rows(said):
    return [line for line in said.splitlines() if " sheet:" in line]


def test_rows_of_a_chinese_book_are_english_for_an_english_reader(capsys, chinese_book):
    _, said, _ = run(capsys, "check", chinese_book)
    shown = rows(said)
    assert len(shown) > 12
    # Names of cities stay in the language of the book.
    without_names = [re.sub(r"\([^ )]+( · |\))", "(", line) for line in shown]
    assert [line for line in without_names if _CHINESE.search(line)] == []
    assert any("Inputs confirmed missing: 1 (" in line for line in shown)
    _, document = run_json(capsys, "check", chinese_book)
    (workbook,) = document["workbooks"]
    (bounds,) = (c for c in workbook["checks"] if c["name"] == "sheet:bounds")
    assert bounds["detail"].startswith("Values outside their plausible range: 1 (")


def test_rows_of_an_english_book_are_chinese_for_a_chinese_reader(
    capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    for name in (GEOMETRIC, ZSCORE):
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(sound_book(name).package.to_bytes())
        _, said, _ = run(capsys, "check", path)
        shown = [line.split(maxsplit=2)[2] for line in rows(said)]
        assert len(shown) > 12
        assert [line for line in shown if not _CHINESE.search(line)] == []


def test_each_label_of_a_row_is_found_in_each_language():
    for zh, en in labels_of_rows():
        if "{" in en:
            continue
        english = show_label(zh, en, "en")
        for language in LANGUAGES:
            shown = show_label(zh, en, language)
            assert in_english(f"{shown}: 3") in (
                f"{english}: 3",
                in_english(english + ": 3"),
            )


def test_codes_in_labels_stay():
    assert in_english("合作矩阵 17 中的错误：非数值、负值、不对称").startswith(
        "Errors in the matrix of 17"
    )
    assert (
        in_chinese("Errors in the matrix of 17: text, negative, not symmetric: 2")[:7]
        == "合作矩阵 17"
    )


def test_what_is_no_row_stays(monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "zh")
    filled = Message("check.filled", filled=12, blank=0, missing=1)
    assert told(filled) == "已填 12，未填 0，确认缺失 1"
