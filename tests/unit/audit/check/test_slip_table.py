"""Slips drawn by a seed in four books: what the committed table says of *check* still holds.

`python -m tests.helpers.slip_table --show` prints the table by kind and what was missed, with
`--keep` it writes tests/golden/slips.csv anew.
"""

import io
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from tests.helpers.random_slips import (
    BOOKS,
    KINDS_OF_SLIPS,
    SLIPS_A_KIND,
    drawn_slips,
    sound_book,
)
from tests.helpers.resaved import in_gnumeric, kept_parts
from tests.helpers.slip_table import Outcome, judged_slips, read_table, said_of
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

WORKBOOKS = Path(__file__).parents[4] / "workbooks"
SHIPPED = tuple(sorted(path.stem for path in WORKBOOKS.glob("*.xlsx")))
#: Of the slips that are counted, so many of a hundred have to be found at the right cell.
FOUND_IN_HUNDRED = 92

TABLE = read_table()
APART = {kind.name for kind in KINDS_OF_SLIPS if kind.is_apart}
COUNTED = [row for row in TABLE if row["kind"] not in APART]


def test_each_kind_has_five_slips_and_all_together_a_hundred():
    slips = [*drawn_slips()]
    number_by_kind = Counter(slip.kind.name for slip in slips)
    assert len(number_by_kind) == len(KINDS_OF_SLIPS), "a name is used twice"
    assert min(number_by_kind.values()) >= SLIPS_A_KIND
    counted = [slip for slip in slips if not slip.kind.is_apart]
    assert len(counted) >= 100
    assert {slip.book for slip in counted} == {*BOOKS}
    assert [(row["kind"], int(row["number"])) for row in TABLE] == [
        (slip.kind.name, slip.number) for slip in slips
    ]


def test_a_slip_is_planted_the_same_way_each_time():
    slips = {slip.kind.name: slip for slip in drawn_slips() if slip.book == BOOKS[2]}
    for name in ("a value made missing", "a formula edited", "a city twice"):
        first, second = slips[name].plant(), slips[name].plant()
        assert first.places == second.places
        assert first.package.to_bytes() == second.package.to_bytes()


def test_a_finding_elsewhere_is_not_at_the_cell_of_a_slip():
    (slip, *_) = (s for s in drawn_slips() if s.kind.name == "goalposts exchanged")
    planted = slip.plant()
    low, high = planted.places
    assert planted.is_at("Framework", low)
    assert planted.is_at("Framework", f"A1 {low}:{high}")
    assert not planted.is_at("Framework", "B7")
    assert not planted.is_at("Data", low)


@pytest.mark.long
def test_what_check_says_of_all_slips_is_as_the_table_has_it():
    assert [line.row for line in judged_slips(drawn_slips())] == TABLE


def test_check_alone_finds_the_slips_at_their_cells():
    found = sum(row["outcome"] == Outcome.FOUND.value for row in COUNTED)
    assert found >= len(COUNTED) * FOUND_IN_HUNDRED / 100


def test_check_alone_accuses_no_wrong_cell():
    assert [row for row in TABLE if row["elsewhere"]] == []


def alarms(package: Package, name: str) -> list[str]:
    """Return the findings of a book; rows of its checks that are notes are none."""
    return [str(said) for said in said_of(package, name) if not said.is_check]


@pytest.mark.long
@pytest.mark.parametrize("name", dict.fromkeys((*BOOKS, *SHIPPED)))
def test_a_book_without_slips_raises_no_alarm(name):
    assert alarms(book_named(name), f"{name}.xlsx") == []


@pytest.mark.long
@pytest.mark.libreoffice
@pytest.mark.parametrize("name", dict.fromkeys((*BOOKS, *SHIPPED)))
def test_a_book_that_libreoffice_saved_raises_no_alarm(name):
    from xlcity.recalc.engines.soffice import recalculate_in_office

    saved = recalculate_in_office(book_named(name).to_bytes(), 600)
    package = Package.from_bytes(saved, f"{name}.xlsx")
    assert alarms(package, f"{name}.xlsx") == []


def book_named(name: str) -> Package:
    """Return a shipped book as it is, or one of those that are made."""
    if name in SHIPPED:
        return Package.read(WORKBOOKS / f"{name}.xlsx")
    return sound_book(name).package


def in_openpyxl(package: Package) -> Package:
    stream = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(package.to_bytes())).save(stream)
    return Package.from_bytes(stream.getvalue(), package.name)


@pytest.mark.slow
@pytest.mark.parametrize("save", [in_openpyxl, in_gnumeric])
@pytest.mark.parametrize("name", BOOKS[2:])
def test_what_a_save_by_another_program_lost_is_named(name, save):
    """Each sheet with fewer formats, validations, charts or the like than before is named."""
    sound = sound_book(name).package
    saved = save(sound)
    before = kept_parts(sound)
    after = kept_parts(saved)
    lost = {(sheet, what) for sheet, what in before if not after[sheet, what]}
    named = {said.sheet for said in said_of(saved, f"{name}.xlsx")}
    assert {sheet for sheet, _ in lost} <= named
