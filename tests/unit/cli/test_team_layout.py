"""A team's own layout, read again: next year by fill, mended by adopt; what was chosen is kept."""

import re
import shutil

import openpyxl
import pytest

from tests.helpers.cli import codes, run, run_json
from tests.helpers.untidy_table import CITIES, COLUMNS, untidy_book, values
from xlcity.cli import main
from xlcity.workbook.reading.template import open_template


def said(text):
    """Return a map in which a person has said directions, weights, title and method."""
    for _, heading, _, _, _, direction in COLUMNS:
        line = re.escape(f'"{heading}" = ') + '(.*)direction = "[?]"'
        text = re.sub(line, rf'"{heading}" = \1direction = {direction}', text)
    text = text.replace('"经济" = 1', '"经济" = 0.4').replace(
        '"开放" = 1', '"开放" = 0.3'
    )
    text = text.replace('"环境" = 1', '"环境" = 0.3').replace("minmax", "zscore")
    return text.replace('"综合指数"', '"虚构城市指数"')


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A template of this year's table, its map beside it."""
    folder = tmp_path_factory.mktemp("team")
    team = untidy_book(folder / "team.xlsx", 2025, slips=False)
    table = folder / "map.toml"
    assert main(["adopt", str(team), "--propose", str(table)]) == 0
    table.write_text(said(table.read_text(encoding="utf-8")), encoding="utf-8")
    out = str(folder / "tables")
    assert main(["adopt", str(team), "--map", str(table), "-o", out]) == 0
    words = ["--framework", out, "--data", out, "--recipe", f"{out}/recipe.toml"]
    assert main(["new", *words, "-o", str(folder / "book.xlsx")]) == 0
    return folder


@pytest.fixture
def adopted(made, tmp_path):
    """A copy of it for one test."""
    return shutil.copytree(made, tmp_path / "team")


def test_title_weights_and_method_of_the_map_reach_the_workbook(adopted, capsys):
    template = open_template(adopted / "book.xlsx")
    framework = template.framework
    assert framework.root.name_zh == "虚构城市指数"
    assert [child.weight for child in framework.children("INDEX")] == [0.4, 0.3, 0.3]
    assert template.recipe.step_for("normalise", "失业率").method == "zscore"
    table = adopted / "map.toml"
    text = table.read_text(encoding="utf-8")
    words = ["adopt", adopted / "team.xlsx", "--map", table, "-o", adopted / "others"]
    # A weight that was forgotten beside others is not 1.
    table.write_text(text.replace("weight = 1, ", "", 1), encoding="utf-8")
    code, document = run_json(capsys, *words)
    assert (code, codes(document)) == (3, {"XC212"})
    table.write_text(text.replace('"zscore"', '"zscores"'), encoding="utf-8")
    assert run_json(capsys, *words)[0] == 3
    table.write_text(text.replace('"given"', '"equal"'), encoding="utf-8")
    assert run_json(capsys, *words)[0] == 0
    assert 'method = "equal"' in (adopted / "others/recipe.toml").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("by_map", [True, False])
def test_next_years_table_is_filled_in_as_it_is_laid_out(adopted, capsys, by_map):
    later = untidy_book(adopted / "team2026.xlsx", 2026, slips=False)
    book = openpyxl.load_workbook(later)
    book.active.insert_rows(1)
    if by_map:
        book.active.delete_rows(1)
    book.save(later)
    words = ["--map", adopted / "map.toml"] if by_map else []
    target = adopted / "book2026.xlsx"
    fill = ["fill", adopted / "book.xlsx", "--data", later, "-o", target]
    code, document = run_json(capsys, *fill, *words)
    assert (code, document["written"]) == (0, len(CITIES) * len(COLUMNS))
    dataset = open_template(target).dataset
    found = {
        unit.name_zh: row.tolist()
        for unit, row in zip(dataset.units, dataset.values, strict=True)
    }
    assert found == dict(zip(CITIES, values(2026), strict=True))


def test_the_next_edition_is_made_with_its_values_in_one_go(adopted, capsys):
    later = untidy_book(adopted / "team2026.xlsx", 2026)
    book = adopted / "book2026.xlsx"
    roll = ["roll", adopted / "book.xlsx", "--edition", "2026", "--data", later]
    roll += ["--table-map", adopted / "map.toml", "-o", book]
    code, refused = run_json(capsys, *roll)
    wrong = {problem["where"]["cell"] for problem in refused["errors"]}
    assert (code, wrong >= {"C8", "G27", "H28", "K33"}) == (3, True)
    assert not book.exists()
    untidy_book(later, 2026, slips=False)
    code, document = run_json(capsys, *roll)
    assert (code, document["converted"], document["kept"]) == (0, [], None)
    template = open_template(book)
    assert template.dataset.values.tolist() == values(2026)
    assert template.recipe.step_for("normalise", "失业率").method == "zscore"
    assert [*adopted.glob("*.bak")] == []
    _, checked = run_json(capsys, "check", book)
    assert checked["workbooks"][0]["verdict"] == "pass"
    # A column that the framework does not have is named.
    roll = [
        "roll",
        adopted / "book.xlsx",
        "--edition",
        "2026",
        "--data",
        adopted / "late.csv",
    ]
    (adopted / "late.csv").write_text(
        f"城市,失业率,房价收入比\n{CITIES[0]},9,9\n", encoding="utf-8"
    )
    assert "Not used: 房价收入比" in "".join(
        run(capsys, *roll, "-o", adopted / "next.xlsx")[1:]
    )


def test_what_fill_refuses_has_the_address_in_the_teams_table(adopted, capsys):
    later = untidy_book(adopted / "team2026.xlsx", 2026)
    fill = ["fill", adopted / "book.xlsx", "--data", later, "-o", adopted / "x.xlsx"]
    code, document = run_json(capsys, *fill)
    cells = {error["where"]["cell"] for error in document["errors"]}
    assert (code, cells) == (3, {"C8", "G27", "H28", "B29", "B32", "K33"})
    assert "昆明" in next(
        e["hint"] for e in document["errors"] if e["where"]["cell"] == "B29"
    )
    # Thousands of millions where the workbook has hundreds of millions.
    later = untidy_book(adopted / "team2026.xlsx", 2026, slips=False)
    book = openpyxl.load_workbook(later)
    book.active["C4"] = "万元"
    book.save(later)
    code, document = run_json(capsys, *fill)
    assert (code, codes(document)) == (3, {"XC304"})
    assert "亿元" in document["errors"][0]["message"]


def test_a_city_below_the_last_row_of_the_map_is_not_lost(adopted, capsys):
    team = adopted / "team.xlsx"
    book = openpyxl.load_workbook(team)
    book.active.insert_rows(35, amount=2)
    for row, city in ((35, "拉萨"), (36, "大连")):
        for at, typed in enumerate((row - 4, city, *values(2025)[0]), start=1):
            book.active.cell(row, at).value = typed
    book.save(team)
    words = ["adopt", team, "--map", adopted / "map.toml", "-o", adopted / "again"]
    _, document = run_json(capsys, *words)
    assert document["below"] == ["大连"]
    _, _, err = run(capsys, *words)
    assert "below the last row of the map: 大连" in err
    fill = [
        "fill",
        adopted / "book.xlsx",
        "--data",
        team,
        "--map",
        adopted / "map.toml",
    ]
    code, document = run_json(capsys, *fill, "-o", adopted / "x.xlsx")
    assert (code, [e["where"]["cell"] for e in document["errors"]]) == (
        3,
        ["B35", "B36"],
    )


def test_a_map_that_is_proposed_again_keeps_what_was_said(adopted, capsys):
    table = adopted / "map.toml"
    before = table.read_text(encoding="utf-8")
    team = untidy_book(adopted / "team.xlsx", 2025, slips=False)
    code, document = run_json(capsys, "adopt", team, "--propose", table)
    assert (code, document["undirected"], table.read_text(encoding="utf-8")) == (
        0,
        [],
        before,
    )
    # A column that is new is asked for.
    book = openpyxl.load_workbook(team)
    book.active.insert_cols(5)
    for row in range(3, 35):
        book.active.cell(row, 5).value = "新指标" if row == 3 else float(row)
    book.save(team)
    _, document = run_json(capsys, "adopt", team, "--propose", table)
    assert document["undirected"] == ["新指标"]
    assert (
        '"失业率" = { code = "失业率", parent = "经济", direction = -1'
        in table.read_text("utf-8")
    )


def test_a_column_of_numbers_of_rows_is_not_that_of_cities(tmp_path, capsys):
    (tmp_path / "tree.csv").write_text("code,parent\nT,\na,T\nb,T\n", encoding="utf-8")
    rows = "\n".join(
        f"{at},{city},{at * 2},{at * at}" for at, city in enumerate(CITIES, 1)
    )
    (tmp_path / "team.csv").write_text(f"序号,城市,a,b\n{rows}\n", encoding="utf-8")
    words = ["--framework", tmp_path / "tree.csv", "--data", tmp_path / "team.csv"]
    code, document = run_json(capsys, "index", *words)
    assert (code, {unit["unit"] for unit in document["units"]}) == (0, {*CITIES})
