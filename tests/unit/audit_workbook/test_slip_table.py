"""Slips of 25 kinds in two books: what the committed table says of each still holds.

`python tests/helpers/slip_table.py` writes the table, or its missing rows with `--slips`.
"""

import pytest
from slip_table import BOOKS, NAMED, SLIPS, VERBS, answer, read_table, sound_book

from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

TABLE = read_table()
CASES = [
    pytest.param(book, slip, id=f"{book}-{slip.name}")
    for book in BOOKS
    for slip in SLIPS
    if (book, slip.name) in TABLE
]


@pytest.mark.long
@pytest.mark.parametrize(("book", "slip"), CASES)
def test_what_the_table_says_of_a_slip_holds(book, slip):
    row = TABLE[book, slip.name]
    answers = {verb: answer(verb, book, slip) for verb in VERBS}
    assert {verb: said for verb, (_, said) in answers.items()} == {
        v: row[v] for v in VERBS
    }
    assert {cell for cell, _ in answers.values()} == {row["cell"]}


def test_the_check_names_every_slip_that_it_has_to():
    missed = [
        (book, slip.name)
        for slip in SLIPS
        for book in slip.required
        if (book, slip.name) in TABLE
        and not TABLE[book, slip.name]["check"].startswith(NAMED)
    ]
    assert (len(SLIPS), missed) == (25, [])


@pytest.mark.long
@pytest.mark.libreoffice
@pytest.mark.parametrize("book", BOOKS)
def test_a_book_without_slips_and_its_copy_by_libreoffice_raise_no_alarm(book):
    from xlcity.recalc.engines.soffice import recalculate_in_office

    sound = sound_book(book)
    saved = Package.from_bytes(
        recalculate_in_office(sound.package.to_bytes(), 300), f"{book}.xlsx"
    )
    for package in (sound.package, saved):
        found = lint(Subject(package, f"{book}.xlsx")).findings
        assert found == ()
