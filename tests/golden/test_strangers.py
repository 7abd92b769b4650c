"""Strangers' workbooks: no error formula passes unsaid, and sound ones are not accused."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass

import pytest

from tests.helpers.strangers import ERRORS, SOUND, StrangeBook, Writer, strange_books
from xlcity.cli import main
from xlcity.xlsx.address import Range, parse_cell, parse_range

pytestmark = [
    pytest.mark.golden,
    pytest.mark.slow,
    pytest.mark.usefixtures("one_office"),
]

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
    def accused(self) -> set[str]:
        """The severities of the findings that cover the planted cell."""
        return {
            finding["severity"]
            for finding in self.checked["findings"]
            if finding["sheet"] == "Calc" and self._is_covered_by(finding["cells"])
        }

    def _is_covered_by(self, areas: list[str]) -> bool:
        cell = parse_cell(self.book.cell.removeprefix("Calc!"))
        return any(
            Range("Calc", *parse_range(area)).holds("Calc", cell) for area in areas
        )

    @property
    def is_doubted(self) -> bool:
        """Whether a check that failed names the planted cell."""
        return any(
            self.book.cell in check["cells"]
            for check in self.checked["checks"]
            if check["status"] == "fail"
        )

    @property
    def is_said(self) -> bool:
        """Whether the headline warns, and a finding or a doubt is at the planted cell.

        An error or a doubt is exit code 1; a formula that hides a lost reference is a warning.
        """
        warns = not self.checked["summary"].startswith(("No error found", "No stored"))
        has_failed = self.checked["verdict"] == "fail"
        if not warns or not (self.accused or self.is_doubted):
            return False
        return has_failed or (self.book.formula.kind == "hidden" and bool(self.accused))

    def __str__(self) -> str:
        words = [self.checked["verdict"], self.checked["summary"], *self.accuses]
        return f"{self.book.name} ={self.book.formula.formula}: " + " | ".join(words)


def _said_of(formulas, folder) -> list[Said]:
    """Return what one call of `check` says of all books with these formulas."""
    books = strange_books(SEED, formulas)
    for book in books:
        (folder / book.name).write_bytes(book.content)
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out):
        assert main(["check", str(folder), "--json"]) == 1
    out.seek(0)
    checked = {
        one["path"].rpartition("/")[2]: one
        for one in json.loads(out.read())["workbooks"]
    }
    assert checked.keys() == {book.name for book in books}
    return [Said(book, checked[book.name]) for book in books]


@pytest.fixture(scope="module")
def errors(tmp_path_factory, one_office) -> list[Said]:
    """Return what is said of every error formula."""
    return _said_of(ERRORS, tmp_path_factory.mktemp("errors"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory, one_office) -> list[Said]:
    """Return what is said of every sound formula."""
    return _said_of(SOUND, tmp_path_factory.mktemp("sound"))


def test_there_are_enough_of_each():
    assert len({formula.formula for formula in ERRORS}) >= 40
    assert len({formula.formula for formula in SOUND}) >= 20


def test_no_error_formula_passes_unsaid(errors):
    assert [str(said) for said in errors if not said.is_said] == []


def test_no_sound_formula_is_accused(sound):
    assert [str(said) for said in sound if said.accuses] == []


def test_what_excel_stored_is_not_doubted(sound):
    stored = [said for said in sound if said.book.writer.stores_values]
    assert len(stored) > len(SOUND)
    assert [str(said) for said in stored if said.checked["verdict"] != "pass"] == []


def test_nothing_is_up_to_date_where_nothing_is_stored(errors, sound):
    bare = (Writer.OPENPYXL, Writer.EXCEL_BARE)
    said_of_bare = [said for said in (*errors, *sound) if said.book.writer in bare]
    assert said_of_bare
    for said in said_of_bare:
        assert "up to date" not in json.dumps(said.checked)
