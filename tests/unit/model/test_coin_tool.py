"""A synthetic input deck in the layout of the COIN Tool, as COINr's importer reads it."""

import json

import openpyxl
import pytest

from xlcity.cli import main
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_dataset

#: Code, name, sub-pillar, pillar, sub-index, weight, direction, goalposts.
INDICATORS = (
    ("Ind.01", "Roads", "sp.01", "p.01", "si.01", 1, 1, 0, 100),
    ("Ind.02", "Noise", "sp.01", "p.01", "si.01", 2, -1, 10, 90),
    ("Ind.03", "Parks", "sp.02", "p.01", "si.01", 1, 1, None, None),
    ("Ind.04", "Jobs", "sp.03", "p.02", "si.01", 1, 1, 0, 50),
)
UNITS = {"Alpha": (10, 40, 5, 20), "Beta": (50, "n/a", 9, 30), "Gamma": (90, 20, 1, "n/a")}
AGGREGATES = (
    ("sp.01", "Streets", 1),
    ("sp.02", "Green", 2),
    ("sp.03", "Work", 1),
    ("p.01", "Place", 0.6),
    ("p.02", "People", 0.4),
    ("si.01", "All", 1),
    ("Index", "Synthetic index", 1),
)


def deck(path, indicators=INDICATORS, units=UNITS):
    """Write a deck; rows and columns as in the tool, all values invented."""
    book = openpyxl.Workbook()
    base, tree = book.active, book.create_sheet("Framework")
    base.title = "Database"
    base["B2"] = "SYNTHETIC"
    for at, (code, name, *path_up, weight, turn, low, high) in enumerate(indicators, start=5):
        column = (weight, turn, low, high, "Index", *reversed(path_up), name, code)
        for row, value in enumerate(column, start=7):
            base.cell(row, at).value = value
    # Columns that wait for indicators have codes and no values.
    base.cell(16, 5 + len(indicators)).value = "Ind.99"
    for row, (unit, values) in enumerate(units.items(), start=17):
        base.cell(row, 2).value, base.cell(row, 3).value = unit, unit[0]
        for at, value in enumerate(values, start=5):
            base.cell(row, at).value = value
    for at, head in enumerate(("Code", "Dimension/indicator", "Weight", "", "", "Name"), start=3):
        tree.cell(4, at).value = head
    for row, (code, name, weight) in enumerate((*AGGREGATES, ("sp.09", "--", 1)), start=5):
        cells = {3: code, 4: name, 5: weight, 8: name}
        for at, value in cells.items():
            tree.cell(row, at).value = value
    book.save(path)
    return path


def test_a_deck_is_framework_and_data_at_once(tmp_path, capsys):
    path = deck(tmp_path / "deck.xlsx")
    framework = Framework.read(path)
    # One sub-index for all: that level was not used, and is left out; the root is kept.
    assert {n.code: n.parent for n in framework.nodes} == {
        "Index": None,
        "p.01": "Index",
        "p.02": "Index",
        "sp.01": "p.01",
        "sp.02": "p.01",
        "sp.03": "p.02",
        "Ind.01": "sp.01",
        "Ind.02": "sp.01",
        "Ind.03": "sp.02",
        "Ind.04": "sp.03",
    }
    noise = framework["Ind.02"]
    assert (noise.name_en, noise.weight, int(noise.direction)) == ("Noise", 2.0, -1)
    assert (noise.goalpost_low, noise.goalpost_high) == (10.0, 90.0)
    assert framework["Ind.03"].goalpost_low is None
    assert (framework["p.01"].name_en, framework["p.01"].weight) == ("Place", 0.6)
    dataset, _ = read_dataset(path, framework)
    assert [(u.id, u.name_en) for u in dataset.units] == [
        ("A", "Alpha"),
        ("B", "Beta"),
        ("G", "Gamma"),
    ]
    code = main(
        [
            "index",
            "--framework",
            str(path),
            "--data",
            str(path),
            "--normalise",
            "goalposts",
            "--json",
        ]
    )
    found = {u["unit"]: u["scores"] for u in json.loads(capsys.readouterr().out)["units"]}
    assert code == 0
    streets, green, work = (10 + 2 * (90 - 40) / 0.8) / 3, 100 * (5 - 1) / (9 - 1), 20 / 0.5
    assert found["A"]["sp.01"] == pytest.approx(streets)
    place = (streets + 2 * green) / 3
    assert found["A"]["Index"] == pytest.approx(0.6 * place + 0.4 * work)
    # n/a is confirmed missing: what is there is weighed anew.
    assert found["B"]["sp.01"] == pytest.approx(50.0)
    assert found["G"]["Index"] == pytest.approx(found["G"]["p.01"])


def test_faults_of_a_deck_have_the_address_of_their_cells(tmp_path, capsys):
    first, second, *rest = INDICATORS
    wrong = (first, (*first[:1], *second[1:5], "two", *second[6:]), *rest)
    path = deck(tmp_path / "deck.xlsx", wrong, {**UNITS, "Delta": (1, 2, "about 3", 4)})
    arguments = ("index", "--framework", str(path), "--data", str(path), "--json")
    assert main(list(arguments)) == 3
    errors = json.loads(capsys.readouterr().out)["errors"]
    told = {(e["code"], e["where"]["cell"]) for e in errors}
    assert {("XC201", "Database!F16"), ("XC222", "Database!F16"), ("XC301", "G20")} <= told
