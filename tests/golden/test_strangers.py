"""Strangers' workbooks: no error formula passes unsaid, and sound ones are not accused."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass

import pytest
from strangers import ERRORS, SOUND, StrangeBook, strange_books

from xlcity.cli import main

pytestmark = [pytest.mark.golden, pytest.mark.slow]

SEED = 70


@dataclass(frozen=True)
class Said:
    """What `check` says of a book with one planted formula."""

    book: StrangeBook
    checked: dict

    @property
    def accuses(self) -> list[str]:
        """The rules of findings, without the one that the book stores no values."""
        return [
            finding["rule"]
            for finding in self.checked["findings"]
            if "no stored values" not in finding["message"]
        ]

    @property
    def names_cell(self) -> bool:
        """Whether a finding or a check names the planted cell, or the file that it reads."""
        return any(
            self.book.cell in finding["cells"]
            or self.book.cell == f"{finding['sheet']}!{finding['cell']}"
            for finding in self.checked["findings"]
        ) or any(self.book.cell in check["cells"] for check in self.checked["checks"])

    @property
    def is_said(self) -> bool:
        """Whether a reader learns from verdict and cell that the formula is not right."""
        return self.checked["verdict"] != "pass" and self.names_cell

    def __str__(self) -> str:
        words = [self.checked["verdict"], self.checked["summary"], *self.accuses]
        return f"{self.book.name} ={self.book.formula.formula}: " + " | ".join(words)


def _said_of(formulas, folder) -> list[Said]:
    """Return what one call of `check` says of all books with these formulas."""
    books = strange_books(SEED, formulas)
    for book in books:
        (folder / book.name).write_bytes(book.content)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        main(["check", str(folder), "--json"])
    checked = {
        one["path"].rpartition("/")[2]: one
        for one in json.loads(out.getvalue())["workbooks"]
    }
    assert checked.keys() == {book.name for book in books}
    return [Said(book, checked[book.name]) for book in books]


@pytest.fixture(scope="module")
def errors(tmp_path_factory) -> list[Said]:
    """Return what is said of every error formula."""
    return _said_of(ERRORS, tmp_path_factory.mktemp("errors"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> list[Said]:
    """Return what is said of every sound formula."""
    return _said_of(SOUND, tmp_path_factory.mktemp("sound"))


def test_there_are_enough_of_each():
    assert len({formula.formula for formula in ERRORS}) >= 40
    assert len({formula.formula for formula in SOUND}) >= 20


def test_no_error_formula_passes_unsaid(errors):
    assert [str(said) for said in errors if not said.is_said] == []


def test_no_sound_formula_is_accused(sound):
    assert [str(said) for said in sound if said.accuses] == []


def test_nothing_is_up_to_date_where_nothing_is_stored(errors, sound):
    bare = [said for said in (*errors, *sound) if "bare" in said.book.name]
    assert bare
    for said in bare:
        assert "up to date" not in json.dumps(said.checked)
