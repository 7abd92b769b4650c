"""Inputs inside the rounding of printed tables."""

import csv
from pathlib import Path

import numpy as np
import pytest

import xlcity
from tests.helpers.cli import run_json
from xlcity.errors import DataError
from xlcity.model.framework import Framework
from xlcity.model.recipe_toml import read_recipe
from xlcity.proof.printed import choose_inputs, read_printed

IMAGE = Path(xlcity.__file__).parent / "reports" / "image2025"
TREE = """code,parent,weight,normalise
T,,,
A,T,2,
a1,A,1,none
a2,A,3,none
B,T,1,none
"""


def chosen(folder):
    framework = Framework.read(folder)
    recipe = read_recipe(folder / "recipe.toml")
    return choose_inputs(framework, recipe, read_printed(folder, framework))


def test_the_data_of_a_report_are_made_by_one_command(tmp_path, capsys):
    out = tmp_path / "image.xlsx"
    _, document = run_json(capsys, "new", "--from-tables", IMAGE, "-o", out)
    made = table(tmp_path / "image-inputs.csv")
    shipped = table(IMAGE / "inputs.csv")
    codes = [code for code in shipped["beijing"] if code.startswith("IMG")]
    for unit, row in shipped.items():
        assert [float(made[unit][code]) for code in codes] == [
            float(row[code]) for code in codes
        ]
    assert {m["unit"] for m in document["misprints"]} == {"zhuhai", "changzhi"}
    ranges = {
        (row["unit"], row["code"]): (float(row["low"]), float(row["high"]))
        for row in rows(IMAGE / "inputs_ranges.csv")
    }
    found = {
        (row["unit"], row["code"]): (float(row["low"]), float(row["high"]))
        for row in rows(tmp_path / "image-ranges.csv")
    }
    assert found.keys() == ranges.keys()
    for key, bounds in ranges.items():
        assert found[key] == pytest.approx(bounds, abs=1e-7)


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [*csv.DictReader(file)]


def table(path):
    return {row["unit"]: row for row in rows(path)}


def own_tables(folder, misprint=""):
    """Write a table of scores rounded to one decimal, of an index with two levels."""
    random = np.random.default_rng(3)
    scores = random.uniform(20, 90, (12, 3)).round(4)
    a = scores[:, 0] / 4 + scores[:, 1] * 3 / 4
    total = a * 2 / 3 + scores[:, 2] / 3
    lines = ["rank,unit,a1,a2,B,A,T"]
    for rank, row in enumerate(np.argsort(-total), 1):
        numbers = [*scores[row], a[row], total[row]]
        texts = [f"{number:.1f}" for number in numbers]
        if misprint and rank == 5:
            texts[3] = misprint
        lines.append(",".join([str(rank), f"c{row}", *texts]))
    (folder / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "framework.csv").write_text(TREE, encoding="utf-8")
    (folder / "recipe.toml").write_text(
        'weights = "relative"\n[[step]]\ndo = "normalise"\nmethod = "none"\n'
        '[[step]]\ndo = "aggregate"\nmethod = "arithmetic"\n',
        encoding="utf-8",
    )
    return total


def test_all_printed_digits_of_a_table_come_out(tmp_path):
    own_tables(tmp_path)
    found = chosen(tmp_path)
    assert found.misprints == ()
    assert found.codes == ("a1", "a2", "B")
    a1, a2, b = found.values.T
    a = a1 / 4 + a2 * 3 / 4
    total = a * 2 / 3 + b / 3
    printed = {row["unit"]: row for row in rows(tmp_path / "table.csv")}
    for number, unit in enumerate(found.units):
        assert f"{a[number]:.1f}" == printed[unit]["A"]
        assert f"{total[number]:.1f}" == printed[unit]["T"]
    assert (np.diff(total) < 0).all()


def test_a_misprint_is_named(tmp_path):
    own_tables(tmp_path, misprint="99.9")
    found = chosen(tmp_path)
    assert {(m.node, m.printed) for m in found.misprints if m.node == "A"} == {
        ("A", 99.9)
    }
    assert len({m.unit for m in found.misprints}) == 1


def test_tables_of_one_level_tell_nothing(tmp_path):
    own_tables(tmp_path)
    lines = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()
    short = [line.rsplit(",", 2)[0] for line in lines]
    (tmp_path / "table.csv").write_text("\n".join(short), encoding="utf-8")
    with pytest.raises(DataError, match="no printed score is a mean"):
        chosen(tmp_path)
