"""The self-test workbook: each program shows its own code, and the code says what was seen."""

from __future__ import annotations

import subprocess

import pytest

from tests.helpers.cli import run, run_json
from xlcity.errors import UsageError
from xlcity.hosts import self_test
from xlcity.recalc.workbook import recalculate
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package

CODE = (3, 2)
VERDICT = (5, 2)
#: What was seen in each program: probe -> digit.
SEEN = {
    "formualizer": {
        "keys": 7,
        "type": 3,
        "row": 3,
        "zero": 0,
        "digits": 9,
        "functions": 9,
    },
    "libreoffice": {
        "system": 3,
        "keys": 7,
        "type": 3,
        "row": 3,
        "zero": 3,
        "truth": 2,
        "digits": 3,
        "dynamic": 8,
    },
    "gnumeric": {
        "system": 6,
        "keys": 7,
        "row": 8,
        "zero": 0,
        "truth": 0,
        "functions": 5,
    },
}

MARKS = {
    "libreoffice": [pytest.mark.libreoffice, pytest.mark.long],
    "gnumeric": pytest.mark.gnumeric,
}


def shown(program: str, tmp_path) -> tuple[str, str, ReadBook]:
    """Return the code and the verdict that a program shows, and all cells."""
    source = tmp_path / "self-test.xlsx"
    source.write_bytes(self_test.build_self_test())
    if program == "gnumeric":
        target = tmp_path / "saved.xlsx"
        command = ["ssconvert", "--recalc", str(source), str(target)]
        subprocess.run(command, check=True, capture_output=True)
        book = read_book(Package.read(target))
    else:
        book = recalculate(Package.read(source), program).as_book()
    code, verdict = (str(book.value("Self-test", *at)) for at in (CODE, VERDICT))
    return code, verdict, book


@pytest.mark.parametrize(
    "program",
    [pytest.param(program, marks=MARKS.get(program, ())) for program in SEEN],
)
def test_a_program_shows_a_code_of_its_own_that_says_what_its_cells_hold(
    program, tmp_path
):
    code, verdict, book = shown(program, tmp_path)
    seen = {one.probe: one for one in self_test.decode_results(code)}
    for row, probe in enumerate(self_test.read_probes(), 9):
        assert book.value("Self-test", row, 2) == seen[probe.name].digit
    assert {name: seen[name].digit for name in SEEN[program]} == SEEN[program]
    sound = all(one.as_expected for one in seen.values() if one.needed)
    assert sound is (program != "gnumeric")
    assert ("do NOT" in verdict) is not sound


def made(digits: list[int]) -> str:
    return f"A-{''.join(map(str, digits))}-{self_test.check_number(digits):02}"


def test_a_misread_code_is_refused():
    digits = [3, 7, 3, 3, 7, 7, 1, 3, 0, 3, 2, 9, 1]
    assert len(digits) == len(self_test.read_probes())
    code = made(digits)
    assert [
        one.digit for one in self_test.decode_results(code.lower().replace("-", " - "))
    ] == digits
    for place in range(len(digits)):
        wrong = [*digits]
        wrong[place] = (wrong[place] + 1) % 10
        swapped = [*digits]
        swapped[place - 1 : place + 1] = reversed(digits[place - 1 : place + 1])
        for other in (wrong, swapped):
            if other != digits:
                told = made(other)[:-2] + code[-2:]
                with pytest.raises(UsageError, match="is not a code"):
                    self_test.decode_results(told)
    for text in ("", "A-1", "B" + code[1:], code + "0"):
        with pytest.raises(UsageError):
            self_test.decode_results(text)


def test_each_digit_has_words_in_both_languages():
    for probe in self_test.read_probes():
        for language in ("en", "zh"):
            assert probe.what[language]
            assert all(probe.meaning(digit, language) for digit in range(10))
    assert self_test.build_self_test("zh") == self_test.build_self_test("zh")
    assert (
        "检查项".encode()
        in Package.from_bytes(self_test.build_self_test("zh")).parts[
            "xl/sharedStrings.xml"
        ]
    )


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "self-test.xlsx"
    code, _ = run_json(capsys, "udf", "export", "--host", "self-test", "-o", str(path))
    assert code == 0
    # Stored is not what this machine computes: a program that does not calculate shows nothing.
    assert "not calculated" in str(
        read_book(Package.read(path)).value("Self-test", *CODE)
    )
    good = made([1, 7, 3, 3, 7, 7, 1, 3, 0, 3, 2, 9, 1])
    code, document = run_json(capsys, "udf", "status", "--code", good)
    assert (code, document["templates"]) == (0, True)
    assert document["probes"][0]["says"] == "as Excel on Windows says"
    bad = made([3, 7, 0, 8, 7, 7, 0, 4, 0, 3, 8, 5, 0])
    code, out, _ = run(capsys, "udf", "status", "--code", bad)
    assert code == 1
    assert "not loaded (#NAME?)" in out
    code, _, err = run(capsys, "udf", "status", "--code", bad + "1")
    assert code == 2
    assert "is not a code" in err
