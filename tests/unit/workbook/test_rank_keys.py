"""Rank keys of large scores: no score may be counted above itself through its own text."""

import pytest

from tests.helpers.cli import run_json
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.template import open_template
from xlcity.workbook.spec.from_template import spec_of

#: Scores whose sixteenth digit counts: of the size of populations, in the uom of the indicator.
SIZES = (1, 1e6)


def _tables(folder, size):
    """Write a framework without normalisation: scores are as large as the values."""
    (folder / "fw.csv").write_text(
        "code,parent,weight,direction\nX,,1,1\nA,X,1,1\nB,X,1,1\n"
    )
    rows = [
        f"c{k:02d},{size * (1 + k / 7 + k * 1e-10)!r},{size * (1 + k / 3)!r}"
        for k in range(9)
    ]
    rows += [
        f"d{k:02d},{size * (1 + k / 7)!r},{size * (1 + k / 3)!r}" for k in range(9)
    ]
    (folder / "data.csv").write_text("unit,A,B\n" + "\n".join(rows) + "\n")
    words = ["--framework", folder / "fw.csv", "--data", folder / "data.csv"]
    return [*words, "--normalise", "none"]


@pytest.mark.parametrize("size", SIZES)
def test_keys_have_at_most_fifteen_digits(tmp_path, capsys, size):
    words = _tables(tmp_path, size)
    out = tmp_path / "own.xlsx"
    assert run_json(capsys, "new", *words, "-o", out)[0] == 0
    template = open_template(out)
    block = Layout(spec_of(template)).keys
    units = template.area("out_units")
    keys = {}
    for place in range(18):
        unit = template.book.value(units.sheet, units.r1 + place, units.c1)
        keys[unit] = template.book.value(
            block.sheet, block.first_row + place, block.column("X")
        )
    assert len(keys) == 18
    for unit, key in keys.items():
        assert float(f"{key:.15g}") == key, (unit, key)
    # A spreadsheet counts by the text of a key, Python by its number.
    ranks = {
        u["unit"]: u["ranks"]["X"]
        for u in run_json(capsys, "index", *words)[1]["units"]
    }
    as_text = {
        u: 1 + sum(k > float(f"{key:.15g}") for k in keys.values())
        for u, key in keys.items()
    }
    stored = {
        u["unit"]: u["ranks"]["X"] for u in run_json(capsys, "results", out)[1]["units"]
    }
    assert stored == ranks == as_text


def test_the_largest_score_of_a_column_decides_how_many_decimals_count(
    tmp_path, capsys
):
    (tmp_path / "fw.csv").write_text("code,parent,weight,direction\nX,,1,1\nA,X,1,1\n")
    values = {"a": 2e7, "b": 1.00000004, "c": 1.00000002, "d": 1.00000012}
    rows = "".join(f"{unit},{value!r}\n" for unit, value in values.items())
    (tmp_path / "data.csv").write_text(f"unit,A\n{rows}")
    words = ["--framework", tmp_path / "fw.csv", "--data", tmp_path / "data.csv"]
    words += ["--normalise", "none"]
    out = tmp_path / "own.xlsx"
    document = run_json(capsys, "new", *words, "--cells", "both", "-o", out)[1]
    assert [route["status"] for route in document["routes"]] == ["pass", "pass"]
    expected = {"a": 1, "b": 3, "c": 3, "d": 2}
    for command in (("index", *words), ("results", out)):
        units = run_json(capsys, *command)[1]["units"]
        assert {u["unit"]: u["ranks"]["X"] for u in units} == expected
