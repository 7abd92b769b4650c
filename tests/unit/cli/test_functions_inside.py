"""Workbooks that carry functions: made, changed, and led through every verb."""

import json
import random
import shutil

import pytest

from tests.unit.hosts.test_embedded import changed, dropped_by_libreoffice
from xlcity.cli import main
from xlcity.hosts.excel.embedded import Carried, carried_functions, carried_main
from xlcity.xlsx.package import Package


def run(capsys, *words):
    code = main([*map(str, words), "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small template that carries the functions."""
    book = tmp_path_factory.mktemp("inside") / "book.xlsx"
    words = ("new", "vitality2014", "--lang", "en", "--functions-inside", "lite")
    assert main([*words, "--pages", "none", "-o", str(book)]) == 0
    return book


@pytest.fixture
def book(made, tmp_path):
    return shutil.copy(made, tmp_path / "book.xlsx")


def state(book):
    return carried_functions(Package.read(book))


def test_a_new_workbook_carries_them(made):
    assert state(made) is Carried.OURS


def test_embed_and_remove(capsys, book, tmp_path):
    code, document = run(capsys, "udf", "embed", book, "--remove")
    (host,) = document["hosts"]
    assert (code, host["host"], host["state"]) == (0, "lite", "absent")
    assert state(book) is Carried.NONE
    other = tmp_path / "other.xlsx"
    code, document = run(capsys, "udf", "embed", book, "-o", other)
    (host,) = document["hosts"]
    assert (code, host["state"], state(book), state(other)) == (
        *(0, "installed", Carried.NONE),
        Carried.OURS,
    )
    assert "kB" in host["detail"]
    assert "Load functions" in host["remedy"]
    _, document = run(capsys, "udf", "embed", book, "--remove")
    assert "no functions to take out" in document["hosts"][0]["detail"]


def test_a_main_of_a_person_stays_until_it_is_taken_out(capsys, book):
    changed(Package.read(book)).write(book)
    main_py = carried_main(Package.read(book))
    _, document = run(capsys, "udf", "embed", book)
    assert "main.py of its own" in document["hosts"][0]["detail"]
    assert carried_main(Package.read(book)) == main_py
    _, document = run(capsys, "udf", "embed", book, "--remove")
    assert "only in the old file" in document["hosts"][0]["detail"]


def test_what_libreoffice_dropped_is_told_and_put_in_again(capsys, book):
    dropped_by_libreoffice(Package.read(book)).write(book)
    _, document = run(capsys, "check", book)
    checks = {c["name"]: c for c in document["workbooks"][0]["checks"]}
    assert checks["functions-inside"]["status"] == "note"
    assert "dropped" in checks["functions-inside"]["detail"]
    _, document = run(capsys, "udf", "embed", book)
    assert "had dropped" in document["hosts"][0]["detail"]
    assert state(book) is Carried.OURS


@pytest.mark.parametrize(
    "words", [("embed",), ("status", "book.xlsx"), ("export", "--remove")]
)
def test_embed_alone_takes_a_workbook(capsys, words, book):
    words = (book if word == "book.xlsx" else word for word in words)
    code, document = run(capsys, "udf", *words)
    assert (code, document["errors"][0]["code"]) == (2, "XC100")


VERBS = {
    "recalc": ("recalc", "{book}", "--in-place"),
    "fill": ("fill", "{book}", "--data", "{data}", "--in-place"),
    "pages": ("pages", "{book}", "--add", "audit", "-o", "{out}"),
    "rebuild": ("rebuild", "{book}", "-o", "{out}"),
    "roll": ("roll", "{book}", "--edition", "{n}", "-o", "{out}"),
    "merge": ("merge", "{book}", "{copy}", "-o", "{out}"),
}


def led(book, folder, verbs):
    """Lead a workbook through verbs; return the last one."""
    data = folder / "values.csv"
    data.write_text("unit,S1\nbeijing,90\n")
    for number, verb in enumerate(verbs):
        out = folder / f"{number}.xlsx"
        copy = shutil.copy(book, folder / "copy.xlsx")
        words = [
            word.format(book=book, copy=copy, data=data, out=out, n=2015 + number)
            for word in VERBS[verb]
        ]
        code = main(words)
        assert code in (0, 1), (verbs, verb)
        book = out if out.exists() else book
    return book


@pytest.mark.parametrize(
    "verb",
    [
        *("recalc", "fill", "rebuild", "merge"),
        *(pytest.param(verb, marks=pytest.mark.long) for verb in ("pages", "roll")),
    ],
)
def test_each_verb_keeps_a_changed_main(book, tmp_path, verb):
    changed(Package.read(book)).write(book)
    main_py = carried_main(Package.read(book))
    assert carried_main(Package.read(led(book, tmp_path, [verb]))) == main_py


@pytest.mark.long
def test_thirty_sequences_of_verbs_keep_a_changed_main(book, tmp_path):
    changed(Package.read(book)).write(book)
    main_py = carried_main(Package.read(book))
    rng = random.Random(73)
    for number in range(30):
        folder = tmp_path / str(number)
        folder.mkdir()
        copy = shutil.copy(book, folder / "book.xlsx")
        verbs = rng.sample([*VERBS], 3)
        assert carried_main(Package.read(led(copy, folder, verbs))) == main_py, verbs


def test_a_release_names_what_it_leaves_out(capsys, book, tmp_path):
    _, document = run(capsys, "release", book, "-o", tmp_path / "public.xlsx")
    assert any("main.py" in str(line) for line in document["left_out"])
