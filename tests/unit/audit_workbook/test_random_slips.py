"""Slips drawn by a seed: *check* names each at its cell, *diff* every rank that it moved.

Raw values are left out: one that is only another number shows beside former ones alone, those that
were recorded, shipped or sealed.
"""

import pytest
from mutations import calculated
from random_slips import BOOKS, OWN, random_pair, random_slips, sound_book

from xlcity.audit.check.check import check_workbook
from xlcity.audit.check.seal import seal
from xlcity.audit.diff.compare import compare
from xlcity.audit.lint.subject import Subject
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

#: The committed workbooks are Chinese.
CHINESE_TABS = True
SEED = 38

pytestmark = pytest.mark.long


def is_named(slip, findings):
    return any(slip.is_at(f.sheet, f.region or f.cell, f.message) for f in findings)


@pytest.mark.parametrize("name", BOOKS)
def test_check_names_slips_at_their_cells(name, tmp_path):
    sound = sound_book(name)
    sealed = tmp_path / "sound.seal.txt"
    sealed.write_text(
        seal(sound.package, sound.book).text(sound.name), encoding="utf-8"
    )
    slips = [*random_slips(name, SEED)]
    findings = [check_workbook(Subject(s.package, sound.name)).findings for s in slips]
    missed = [
        (s.kind, s.places)
        for s, f in zip(slips, findings, strict=True)
        if not is_named(s, f)
    ]
    elsewhere = [
        (slip.kind, finding.rule, finding.place)
        for slip, of_slip in zip(slips, findings, strict=True)
        for finding in of_slip
        if not is_named(slip, [finding])
    ]
    assert len(slips) == 25
    assert (missed[2:], elsewhere) == ([], [])
    assert sum(map(len, findings)) <= 1.2 * len(slips)
    for slip in slips:
        if slip.places in [places for _, places in missed]:
            by_seal = check_workbook(
                Subject(slip.package, sound.name), sealed=sealed
            ).findings
            assert is_named(
                slip, [f for cause in by_seal for f in (cause, *cause.follows)]
            )


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
    moved = [
        require_all_moves(sound.package, calculated(s.package))
        for s in random_slips(name, SEED)
    ]
    assert sum(map(bool, moved)) >= 8


@pytest.mark.parametrize("name", OWN)
def test_causes_of_random_pairs_add_up_to_the_moves(name):
    moved = [require_all_moves(*random_pair(name, seed)) for seed in range(100)]
    assert sum(moved) > 500
