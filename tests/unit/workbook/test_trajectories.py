"""The page Trajectories: its formulas against Python, what the next edition adds, and breaks."""

from dataclasses import replace

import numpy as np
import openpyxl
import pytest

import xlcity as xc
from xlcity.cli import main
from xlcity.model.dataset import State
from xlcity.workbook.build import draw
from xlcity.workbook.reading.template import read_template
from xlcity.workbook.spec.from_template import read_past, spec_of
from xlcity.workbook.spec.previous_edition import past_of
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

TREE = "code,parent,weight\nT,,\nP,T,2\nQ,T,1\na,P,1\nb,P,1\nc,Q,1\n"
YEARS = (2016, 2018, 2021)
#: Cities that enter, leave, have a gap, and score 0 in Q at first.
CITIES = ("enters", "leaves", "gap", "zero", *"stuvwx")


def values(city, year):
    row = CITIES.index(city)
    step = YEARS.index(year) if year in YEARS else 3
    if (city, year) in {("enters", 2016), ("leaves", 2021), ("gap", 2018)}:
        return ("NA", "NA", "NA")
    start = np.random.default_rng(row).uniform(10, 60, 3)
    moved = start + step * (70 - start) * 0.2
    moved[2] = 0 if (city, year) == ("zero", 2016) else moved[2]
    return [f"{value:.3f}" for value in moved]


def table(years):
    lines = [
        f"{city},{year},{','.join(values(city, year))}"
        for year in years
        for city in CITIES
    ]
    return "\n".join(["unit,year,a,b,c", *lines])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with framework, panel with a break, workbook, and the next data."""
    folder = tmp_path_factory.mktemp("trajectories")
    (folder / "tree.csv").write_text(TREE)
    (folder / "panel").mkdir()
    (folder / "panel" / "data.csv").write_text(table(YEARS))
    (folder / "panel" / "breaks.csv").write_text("code,year,note\nb,2018,new survey\n")
    (folder / "next.csv").write_text(
        table([2024]).replace(",2024,", ",").replace("unit,year", "unit")
    )
    (folder / "map.csv").write_text("old,code,status,note\nc,c,redefined,new source\n")
    index(folder).to_workbook(
        folder / "book.xlsx", language="en", pages=["trajectories"]
    )
    return folder


def index(folder):
    return xc.Index(folder / "tree.csv", folder / "panel", normalise="goalposts:0:100")


def page(book):
    """Return the cells of the page: by row label, by city, and the numbers of convergence."""
    sheet = openpyxl.load_workbook(book, data_only=True)["Trajectories"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    codes = rows[14]
    cities = {row[0]: dict(zip(codes, row, strict=True)) for row in rows[15:] if row[0]}
    editions = sum(
        str(code).startswith("rank|") and str(code).count("|") == 1 for code in codes
    )
    above = {row[1]: row[2 : 2 + editions] for row in rows[5:10]}
    left = next(column for column, text in enumerate(rows[4]) if text == "Convergence")
    told = {row[left]: row[left + 1] for row in rows[5:13]}
    return above, cities, told


def require_like(book, traced):
    """Compare the page with trajectories that Python computes."""
    above, cities, told = page(book)
    (group,) = traced.convergence
    assert above["Cities with a score in all editions"] == [group.n] * len(
        traced.editions
    )
    for label, numbers in (
        ("Their standard deviation (n - 1)", group.sd),
        ("Coefficient of variation (sigma)", group.cv),
    ):
        assert above[label] == pytest.approx([*numbers.values()])
    labels = (
        "Beta: slope of growth a year on the first score",
        "Its standard error",
        "R²",
    )
    for label, number in zip(labels, (group.beta, group.se, group.r2), strict=True):
        assert told[label] == pytest.approx(number)
    for label, number in (
        ("Speed of convergence a year", group.speed),
        ("Half-life in years", group.half_life),
    ):
        assert told[label] == (pytest.approx(number) if number else None)
    words = {
        "": "",
        "entered": "no score in the first edition",
        "left": "no score in the last edition",
        "not_positive": "score not above 0: no growth rate",
        "break": "break",
        "gap": "gap: not counted for convergence",
    }
    for unit in traced.units:
        row = cities[unit.unit]
        ends = [unit.ranks[traced.editions[end]] for end in (0, -1)]
        assert row["cagr"] == (None if unit.rate is None else pytest.approx(unit.rate))
        assert (row["remark"] or "") == " ".join(
            words[word] for word in unit.remark.split(", ")
        )
        assert row["gain"] == (None if None in ends else ends[0] - ends[1])
        for edition in traced.editions:
            score = unit.scores[edition]
            assert row[f"score|{edition}"] == (
                None if score is None else pytest.approx(score)
            )
            assert row[f"rank|{edition}"] == unit.ranks[edition]


def choose(book, node, target):
    """Write a workbook with another node chosen on Ranking, computed."""
    edited = openpyxl.load_workbook(book)
    edited["Ranking"]["D4"] = node
    edited.save(target)
    assert main(["recalc", str(target), "--in-place", "--no-backup"]) == 0
    return target


@pytest.mark.parametrize("node", ["T", "P", "Q"])
def test_the_page_has_the_numbers_of_python(files, node, tmp_path):
    book = choose(files / "book.xlsx", node, tmp_path / "book.xlsx")
    traced = index(files).trajectories(node)
    assert [line.code for line in traced.breaks] == ([] if node == "Q" else ["b"])
    require_like(book, traced)
    remarks = {unit.unit: unit.remark for unit in traced.units}
    assert (remarks["enters"], remarks["leaves"]) == ("entered", "left")
    assert remarks["gap"] == ("gap" if node == "Q" else "break, gap")
    assert remarks["zero"] == ("not_positive" if node == "Q" else "break")
    assert traced.convergence[0].logarithms is (node != "Q")


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [pytest.param("libreoffice", marks=pytest.mark.libreoffice), "formualizer"],
)
def test_engines_agree_on_the_page(files, engine, tmp_path):
    other = tmp_path / "book.xlsx"
    words = ["recalc", str(files / "book.xlsx"), "-o", str(other), "--engine", engine]
    assert main(words) == 0
    require_like(other, index(files).trajectories())


@pytest.mark.slow
def test_the_next_edition_adds_this_one(files, tmp_path):
    rolled = tmp_path / "2024.xlsx"
    again = tmp_path / "again.xlsx"
    words = [
        "roll",
        str(files / "book.xlsx"),
        "--edition",
        "2024",
        "--map",
        str(files / "map.csv"),
    ]
    assert main([*words, "--data", str(files / "next.csv"), "-o", str(rolled)]) == 0
    assert xc.Workbook.open(rolled).check()
    (files / "panel24").mkdir(exist_ok=True)
    (files / "panel24" / "data.csv").write_text(table([*YEARS, 2024]))
    (files / "panel24" / "breaks.csv").write_text("code,year\nb,2018\nc,2024\n")
    whole = xc.Index(files / "tree.csv", files / "panel24", normalise="goalposts:0:100")
    require_like(rolled, whole.trajectories())
    # A break that a person types is kept once, and marks the node until the book is drawn again.
    edited = openpyxl.load_workbook(rolled)
    sheet = edited["Trajectories"]
    column = next(cell.column for cell in sheet[15] if cell.value == "code")
    texts = [sheet.cell(row, column).value for row in range(16, 20)]
    assert texts == ["b", "c", None, None]
    for offset, text in enumerate(("a", "2021", "typed")):
        sheet.cell(18, column + offset).value = text
    edited.save(rolled)
    assert main(["rebuild", str(rolled), "-o", str(again)]) == 0
    past = read_past(read_book(Package.read(str(again))))
    assert [(line.code, line.edition) for line in past.breaks] == [
        ("b", "2018"),
        ("c", "2024"),
        ("a", "2021"),
    ]
    assert [edition.edition for edition in past.editions] == ["2016", "2018", "2021"]
    assert "Leftovers" not in openpyxl.load_workbook(again).sheetnames
    above, _, _ = page(again)
    assert above["Break of a series"][1:] == [1, 1, 1]


def test_a_city_that_is_gone_stands_below_the_others(files):
    package = Package.read(str(files / "book.xlsx"))
    spec = spec_of(read_template(package, read_book(package), "book.xlsx"))
    dataset = spec.dataset.reindexed(spec.dataset.units[1:], spec.dataset.codes)
    drawn, _ = draw(replace(spec, dataset=dataset))
    book = read_book(drawn)
    cells = book.sheets["Trajectories"].cells
    formulas = [
        cell.formula or cell.value for (_, column), cell in cells.items() if column == 1
    ]
    assert "enters" in formulas
    assert (
        past_of(spec).editions[0].scores.keys()
        == read_past(book).editions[0].scores.keys()
    )


@pytest.mark.slow
def test_bounds_that_move_are_told(files, tmp_path):
    book = tmp_path / "own.xlsx"
    moving = xc.Index(files / "tree.csv", files / "panel")
    moving.to_workbook(book, language="en", pages=["trajectories"])
    text = openpyxl.load_workbook(book)["Trajectories"]["A5"].value
    assert "scores of editions cannot be compared" in text
    fixed = xc.Index(
        files / "tree.csv", files / "panel", normalise="minmax:0:100:all editions"
    )
    fixed.to_workbook(book, language="en", pages=["trajectories"])
    assert openpyxl.load_workbook(book)["Trajectories"]["A5"].value is None
    require_like(book, fixed.trajectories())


def test_invented_values_are_marked(files):
    inputs = index(files).inputs
    first, *others = inputs.panel.datasets
    basis = np.where(first.states == State.VALUE, "synthetic", first.basis)
    panel = replace(inputs.panel, datasets=(replace(first, basis=basis), *others))
    from xlcity.api.templates import index_spec

    spec = index_spec(replace(inputs, panel=panel), pages=["trajectories"])
    drawn, _ = draw(spec)
    editions = read_past(read_book(drawn)).editions
    assert [sorted(edition.invented) for edition in editions] == [["P", "Q", "T"], []]


@pytest.mark.slow
def test_a_report_has_table_and_figure(files, tmp_path):
    book = files / "book.xlsx"
    words = ["report", str(book), "-o", str(tmp_path), "--lang", "en", "--only"]
    assert main([*words, "trajectories-T", "lines-T"]) == 0
    (csv,) = tmp_path.rglob("trajectories-T*.csv")
    lines = csv.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "unit,City,2016,2018,2021,Growth a year (%),Remark"
    unit = index(files).trajectories().units[4]
    cells = next(line.split(",") for line in lines if line.startswith(f"{unit.unit},"))
    assert float(cells[5]) == pytest.approx(100 * unit.rate)
    assert list(tmp_path.rglob("lines-T*.png"))
