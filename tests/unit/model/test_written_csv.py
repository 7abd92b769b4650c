"""CSV that is written: read back it is the same, and no cell is a formula for who opens it."""

import csv
import io
import random

import pytest

from xlcity.model.reading.tables import csv_text, guard_formula, unguard_formula

TEXTS = (
    "",
    "北京",
    "a,b",
    'say "x"',
    "two\nlines",
    "-5",
    "1e5",
    "- 5 up",
    "=1+1",
    "+1",
    "@x",
    "'=x",
    "''=x",
    "'s-Hertogenbosch",
    "a;=1",
    "\t=1",
    "a\t=1",
    " =1",
    "|=1",
    "-",
    "–5",
)


def test_a_table_is_read_back_as_it_was_written():
    rng = random.Random(1)
    for _ in range(50):
        rows = [[rng.choice(TEXTS) for _ in range(3)] for _ in range(rng.randint(1, 5))]
        for with_bom in (True, False):
            text = csv_text(rows, with_bom=with_bom)
            assert text.startswith("\ufeff") is with_bom
            assert text.endswith("\n")
            read = [*csv.reader(io.StringIO(text.removeprefix("\ufeff")))]
            assert [[unguard_formula(cell) for cell in row] for row in read] == rows
    assert csv_text([["a", 1, 2.5, None]], with_bom=False) == "a,1,2.5,\n"
    assert csv_text([]) == "\ufeff"


@pytest.mark.parametrize("text", TEXTS)
def test_no_cell_begins_with_a_formula(text):
    guarded = guard_formula(text)
    assert guarded[:1] not in ("=", "+", "@") or guarded == text == "+1"
    assert unguard_formula(guarded) == text
    # Nor does a part of it, for who takes semicolons for the ends of cells.
    assert not any(part.startswith(("=", "@")) for part in guarded.split(";"))


@pytest.mark.parametrize("cell", [None, 1, -2.5, True])
def test_what_is_no_text_stays(cell):
    assert guard_formula(cell) is cell
