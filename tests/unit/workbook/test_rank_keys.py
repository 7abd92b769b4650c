"""Rank keys of large scores: no score may be counted above itself through its own text."""

import pytest
from openpyxl import load_workbook

from tests.helpers.cli import run_json

#: Scores whose sixteenth digit counts: of the size of populations, in the uom of the indicator.
SIZES = (1, 1e6)


def _tables(folder, size):
    """Write a framework without normalisation: scores are as large as the values."""
    (folder / "fw.csv").write_text("code,parent,weight,direction\nX,,1,1\nA,X,1,1\nB,X,1,1\n")
    rows = [f"c{k:02d},{size * (1 + k / 7 + k * 1e-10)!r},{size * (1 + k / 3)!r}" for k in range(9)]
    rows += [f"d{k:02d},{size * (1 + k / 7)!r},{size * (1 + k / 3)!r}" for k in range(9)]
    (folder / "data.csv").write_text("unit,A,B\n" + "\n".join(rows) + "\n")
    words = ["--framework", folder / "fw.csv", "--data", folder / "data.csv"]
    return [*words, "--normalise", "none"]


@pytest.mark.parametrize("size", SIZES)
def test_keys_have_at_most_fifteen_digits(tmp_path, capsys, size):
    words, out = _tables(tmp_path, size), tmp_path / "own.xlsx"
    assert run_json(capsys, "new", *words, "-o", out)[0] == 0
    book = load_workbook(out, data_only=True)
    page = book["Ranks"]
    head = {c.value: c.column for c in reversed(page[15]) if c.value}
    keys = {}
    for row in range(16, 16 + 18):
        keys[page.cell(row, 1).value] = page.cell(row, head["X"]).value
    assert len(keys) == 18
    for unit, key in keys.items():
        assert float(f"{key:.15g}") == key, (unit, key)
    # A spreadsheet counts by the text of a key, Python by its number.
    ranks = {u["unit"]: u["ranks"]["X"] for u in run_json(capsys, "index", *words)[1]["units"]}
    as_text = {
        u: 1 + sum(k > float(f"{key:.15g}") for k in keys.values()) for u, key in keys.items()
    }
    stored = {u["unit"]: u["ranks"]["X"] for u in run_json(capsys, "results", out)[1]["units"]}
    assert stored == ranks == as_text
