"""Weights by pairwise judgements: tables, their ratio on the command line and in the workbook."""

import json

import numpy as np
import openpyxl
import pytest

from xlcity.cli import main
from xlcity.model.framework import Framework
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package

FRAMEWORK = "code,parent\nX,\nA,X\nB,X\nC,X\na1,A\nb1,B\nc1,C\n"
DATA = "unit,a1,b1,c1\nu,1,9,4\nv,3,2,8\nw,5,6,1\nz,2,2,2\n"
#: Saaty's own kind of example: nearly consistent. The order of codes is not the framework's.
GOOD = ",C,A,B\nC,1,1/5,\nA,5,1,3\nB,2,,1\n"
BAD = ",A,B,C\nA,1,9,1/9\nB,,1,9\nC,,,1\n"


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "f.csv").write_text(FRAMEWORK)
    (tmp_path / "d.csv").write_text(DATA)
    return tmp_path


def run(capsys, folder, verb, text, *more, name="j.csv"):
    if text is not None:
        (folder / name).write_text(text)
    arguments = [verb, "--framework", folder / "f.csv", "--data", folder / "d.csv"]
    code = main(
        [*map(str, arguments), "--judgements", str(folder / name), *more, "--json"]
    )
    out = capsys.readouterr()
    return code, json.loads(out.out), out.err


def principal(matrix):
    """Return weights and ratio of three things by the power method."""
    v = np.ones(3)
    for _ in range(200):
        v = matrix @ v
        v /= v.sum()
    largest = float((matrix @ v / v).mean())
    return v, (largest - 3) / 2 / 0.58


def test_judgements_become_weights_and_their_ratio_is_told(tables, capsys):
    code, document, told = run(capsys, tables, "index", GOOD)
    assert code == 0
    # In the framework's order A, B, C.
    matrix = np.array([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    weights, ratio = principal(matrix)
    assert [document["weights"][c] for c in "ABC"] == pytest.approx(
        weights.tolist(), rel=1e-9
    )
    assert document["consistency"]["X"] == pytest.approx(ratio, rel=1e-6)
    assert f"ratio {ratio:.3f}, consistent" in told
    unit = next(u for u in document["units"] if u["unit"] == "v")["scores"]
    assert unit["X"] == pytest.approx(
        sum(w * unit[c] for w, c in zip(weights, "ABC", strict=True))
    )


def test_judgements_that_contradict_each_other_are_told(tables, capsys):
    code, document, told = run(capsys, tables, "index", BAD)
    assert code == 0
    assert document["consistency"]["X"] > 0.1
    assert "inconsistent" in told
    assert [n["code"] for n in document["notes"] if n["code"] != "XC216"] == ["XC357"]


def test_judgements_stand_in_the_workbook_with_their_ratio(tables, capsys):
    book = openpyxl.Workbook()
    book.active.title = "X"
    for line in GOOD.splitlines():
        book.active.append([_cell(text) for text in line.split(",")])
    book.create_sheet("Notes")["A1"] = "not judgements"
    book.save(tables / "j.xlsx")
    made = tables / "book.xlsx"
    code, document, _ = run(capsys, tables, "new", None, "-o", str(made), name="j.xlsx")
    assert code == 0
    shown = read_book(Package.read(made))
    numbers = [shown.value("Weights", r, c) for r in range(1, 20) for c in range(1, 9)]
    assert any(
        isinstance(x, float)
        and x == pytest.approx(document["consistency"]["X"], rel=1e-9)
        for x in numbers
    )
    assert main(["check", str(made), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workbooks"][0]["verdict"] == "pass"
    # The framework that the book holds has the weights that were found.
    assert Framework.read(tables / "f.csv")["A"].weight == 1.0


def _cell(text):
    try:
        return float(text)
    except ValueError:
        return text or None


def test_tables_that_cannot_be_used_are_told_at_once(tables, capsys):
    text = ",A,B,C\nA,1,3,much\nB,1,1,2\nD,,,1\n"
    code, document, _ = run(capsys, tables, "index", text)
    assert code == 3
    told = [(e["code"], e["where"]["cell"]) for e in document["errors"]]
    assert ("XC331", "row 2") in told  # much
    assert ("XC331", "row 4") in told  # D
    code, document, _ = run(
        capsys, tables, "index", ",A,B,C\nA,1,3,2\nB,2,1,2\nC,,,1\n"
    )
    assert (code, document["errors"][0]["code"]) == (3, "XC331")
    assert "contradict" in document["errors"][0]["message"]
    code, document, _ = run(capsys, tables, "index", ",A,b1\nA,1,3\nb1,,1\n")
    assert "not the children of one node" in document["errors"][0]["message"]
