"""Doubts after a change: those of all formulas, found by looking at what reads the change."""

import random

from tests.helpers.sheets import sheet_of
from tests.unit.recalc.test_argument_rules import BORDERS
from xlcity.recalc.support.incremental_support import IncrementalSupport
from xlcity.recalc.support.support_check import SupportCheck
from xlcity.xlsx.address import parse_cell
from xlcity.xlsx.cells import Cell, ReadBook

RESULTS = {"S": {(9, 9): 1.0}}
CELLS = [(row, column) for row in (1, 2, 3, 5) for column in (1, 2, 3)]
ENTRIES = (1.0, 2.5, 1.005, 0.1 + 0.2, -3.0, 1e20, None, "x", "1,234", "12%", "", True)


def book(formula, held):
    cells = {place: Cell(held.get(place)) for place in CELLS}
    return ReadBook({"S": sheet_of("S", {**cells, (9, 9): Cell(None, formula)})})


def changes(before, now):
    pairs = {place: (before.get(place), now.get(place)) for place in CELLS}
    return {"S": {p: (a, b) for p, (a, b) in pairs.items() if (type(a), a) != (type(b), b)}}


def test_borders_are_found_from_what_changed():
    found = 0
    for formula, cells in BORDERS:
        held = {parse_cell(name): value for name, value in cells.items()}
        scan = SupportCheck(book(formula, {}), ())
        if not held or scan.doubts("formualizer", RESULTS):
            continue
        now = book(formula, held)
        expected = bool(SupportCheck(now, ()).doubts("formualizer", RESULTS))
        support = IncrementalSupport(scan, "formualizer")
        assert support.has_doubts(now, RESULTS, changes({}, held)) == expected, formula
        found += expected
    assert found > 15


def test_random_changes_in_a_row():
    rng, seen, start = random.Random(7), set(), dict.fromkeys(CELLS, 1.0)
    for formula in ("ROUND(A1,2)+SUM(B1:B3)", "LEN(A1&B2)", "MATCH(A1,B1:B3,0)", "SQRT(A1)*C5"):
        scan, held = SupportCheck(book(formula, start), ()), start
        assert not scan.doubts("formualizer", RESULTS)
        support = IncrementalSupport(scan, "formualizer")
        for _ in range(60):
            now = {**held, rng.choice(CELLS): rng.choice(ENTRIES)}
            expected = bool(SupportCheck(book(formula, now), ()).doubts("formualizer", RESULTS))
            found = support.has_doubts(book(formula, now), RESULTS, changes(held, now))
            assert found == expected, (formula, now)
            seen.add(found)
            # Whoever asks computes from the beginning where something is in doubt.
            held = held if found else now
    assert seen == {True, False}


def test_a_cell_that_was_not_there_is_looked_at_from_the_beginning():
    support = IncrementalSupport(SupportCheck(book("SUM(A:A)", {}), ()), "formualizer")
    assert support.has_doubts(book("SUM(A:A)", {}), RESULTS, {"S": {(40, 1): (None, 1.0)}})
