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


def edited(folder, edit, encoding="utf-8"):
    """Rewrite the printed table, row by row of texts."""
    path = folder / "table.csv"
    with path.open(encoding="utf-8", newline="") as file:
        lines = [*csv.reader(file)]
    edit(lines)
    text = "\n".join(",".join(line) for line in lines)
    path.write_text(text, encoding=encoding)


def test_a_table_in_gbk_is_read(tmp_path):
    own_tables(tmp_path)
    expected = chosen(tmp_path)

    def in_chinese(lines):
        for number, line in enumerate(lines[1:]):
            line[1] = f"杭州市{number}"

    edited(tmp_path, in_chinese, "gbk")
    found = chosen(tmp_path)
    assert found.units[0] == "杭州市0"
    assert np.allclose(found.values, expected.values)


@pytest.mark.parametrize(("first", "second"), [("2=", "2="), ("=2", "=2"), ("2", "2")])
def test_cities_that_share_a_rank_have_no_order(tmp_path, first, second):
    own_tables(tmp_path)

    def share_second_place(lines):
        # What is equal in all columns can have no order.
        lines[3][2:] = lines[2][2:]
        lines[2][0] = first
        lines[3][0] = second
        lines[4][0] = "4"

    edited(tmp_path, share_second_place)
    found = chosen(tmp_path)
    assert found.misprints == ()
    # In the order of the table, whose ranks were read.
    assert found.values[1] == pytest.approx(found.values[2])


def test_rows_that_end_early_and_dashes_are_no_numbers(tmp_path):
    own_tables(tmp_path)

    def with_gaps(lines):
        lines[1][-1] = "-"
        lines[2].pop()
        lines[3][3] = "NA"
        lines.append(["", "", "1.0"])

    edited(tmp_path, with_gaps)
    found = chosen(tmp_path)
    units = [row["unit"] for row in rows(tmp_path / "table.csv")]
    assert [*found.units] == [unit for unit in units[:-1] if unit != units[2]]


def test_a_city_without_the_score_that_it_is_ranked_by_has_no_place(tmp_path):
    own_tables(tmp_path, misprint="99.9")

    def without_totals(lines):
        for line in lines[4:7]:
            line[-1] = ""

    edited(tmp_path, without_totals)
    assert {m.node for m in chosen(tmp_path).misprints} == {"A"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("table,a9,a1", "there is no column 'a9'"),
        ("tabel,a1,a1", "there is no table 'tabel'"),
        ("table,a1,q1", "the framework has no node 'q1'"),
    ],
)
def test_what_the_list_of_columns_names_must_be_there(tmp_path, row, message):
    own_tables(tmp_path)
    published = tmp_path / "published"
    published.mkdir()
    (tmp_path / "table.csv").rename(published / "table.csv")
    text = f"file,column,node\n{row}\n"
    (tmp_path / "published_columns.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        chosen(tmp_path)


def test_a_list_of_columns_without_its_headings_is_refused(tmp_path):
    own_tables(tmp_path)
    path = tmp_path / "published_columns.csv"
    path.write_text("table,column\ntable,a1\n", encoding="utf-8")
    with pytest.raises(DataError, match="there is no column 'file'"):
        chosen(tmp_path)


def test_a_word_among_scores_is_named_with_its_row(tmp_path):
    own_tables(tmp_path)

    def with_word(lines):
        lines[4][2] = "high"

    edited(tmp_path, with_word)
    with pytest.raises(DataError, match="'high' in the column 'a1'") as caught:
        chosen(tmp_path)
    assert "row 5" in str(caught.value)


def test_a_node_of_which_a_part_is_not_printed_is_an_input_itself(tmp_path):
    own_tables(tmp_path)

    def without_a1(lines):
        for line in lines:
            del line[2]

    edited(tmp_path, without_a1)
    found = chosen(tmp_path)
    assert found.codes == ("A", "B")
    assert found.given == ("A",)


def test_tables_of_no_complete_city_tell_nothing(tmp_path):
    own_tables(tmp_path)

    def with_gaps(lines):
        for number, line in enumerate(lines[1:]):
            line[2 + 2 * (number % 2)] = ""

    edited(tmp_path, with_gaps)
    with pytest.raises(DataError, match="no printed score is a mean"):
        chosen(tmp_path)
