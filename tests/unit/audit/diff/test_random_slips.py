"""Slips drawn by a seed: *diff* names every rank that they moved, and why."""

import pytest

from tests.helpers.mutations import calculated
from tests.helpers.random_slips import (
    BOOKS,
    GEOMETRIC,
    ZSCORE,
    drawn_slips,
    random_pair,
    sound_book,
)
from xlcity.audit.diff.compare import compare
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True

#: Kinds whose books no verb but *check* reads, or that are made of another table.
UNREADABLE = (
    "a column in thousands under a geometric total",
    "an order of magnitude from the beginning",
    "a city twice",
    "goalposts exchanged",
    "a name repointed or deleted",
    "the headings of two indicators exchanged",
    "a row emptied",
    "a table made asymmetric",
)

pytestmark = pytest.mark.long


def ranks(package):
    """Return the ranks that a book gives, by city and node."""
    results = stored_results(read_template(package, read_book(package), "book.xlsx"))
    return {
        (line["unit"], node): rank
        for line in results["units"]
        for node, rank in line["ranks"].items()
        if rank is not None
    }


def require_all_moves(a: Package, b: Package) -> int:
    """Require that every rank that moved has causes, which add up; return how many moved."""
    before = ranks(a)
    after = ranks(b)
    moves = compare(Subject(a, "a.xlsx"), Subject(b, "b.xlsx")).ranks
    assert {(move.unit, move.node) for move in moves} == {
        key for key in before | after if before.get(key) != after.get(key)
    }
    for move in moves:
        assert move.because
        effects = [cause.effect for cause in move.because]
        if move.change is not None and None not in effects:
            assert sum(effects) == pytest.approx(move.change, rel=1e-9, abs=1e-9)
    return len(moves)


@pytest.mark.parametrize("name", BOOKS)
def test_diff_names_every_rank_that_a_slip_moved(name):
    sound = sound_book(name)
    slips = [
        slip
        for slip in drawn_slips()
        if slip.book == name and slip.kind.name not in UNREADABLE
    ]
    moved = [
        require_all_moves(sound.package, calculated(slip.plant().package))
        for slip in slips
    ]
    assert sum(map(bool, moved)) >= len(slips) / 4


@pytest.mark.parametrize("name", [GEOMETRIC, ZSCORE])
def test_causes_of_random_pairs_add_up_to_the_moves(name):
    moved = [require_all_moves(*random_pair(name, seed)) for seed in range(60)]
    assert sum(moved) > 500
