"""The faults that `tests/mutants` plants: a seed draws the same ones, each on a line of its own."""

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = runpy.run_path(str(ROOT / "tests" / "mutants" / "mutants.py"))
COUNTS = {"methods": 6, "assess": 3}


def test_a_seed_draws_the_same_mutants_again():
    drawn = TOOL["draw"](7, COUNTS)
    assert [row["package"] for row in drawn] == ["methods"] * 6 + ["assess"] * 3
    assert TOOL["draw"](7, COUNTS) == drawn
    assert TOOL["draw"](8, COUNTS) != drawn


def test_each_mutant_is_found_on_one_line_of_its_package():
    for row in TOOL["draw"](7, COUNTS):
        path, line, mutated = TOOL["place"](row, ROOT)
        assert line.strip() == row["was"]
        assert mutated.strip() == row["becomes"]
        assert line in path.read_text(encoding="utf-8").splitlines()
