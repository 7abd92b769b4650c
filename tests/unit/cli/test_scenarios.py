"""Scenarios: variations of one workbook give what recalculating each of them would give."""

import csv
import io
import time

import numpy as np
import pytest
import xlsxwriter

from tests.helpers.cli import codes, run, run_json
from tests.helpers.contract_cells import score_cell
from tests.helpers.own import UNITS, own_bytes
from xlcity.model.reading.values import read_value
from xlcity.recalc.engines.libreoffice import LibreOffice
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.reading.addressing import Addresses
from xlcity.workbook.reading.template import read_template
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "own.xlsx"
    path.write_bytes(own_bytes())
    return path


def table(tmp_path, *lines: str):
    path = tmp_path / "scenarios.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def recalculated(path, cells, outputs):
    package = Package.read(path)
    inputs = {}
    for (sheet, position), value in cells.items():
        inputs.setdefault(sheet, {})[position] = value
    done = recalculate(write_inputs(package, inputs), "formualizer")
    return [done.value(sheet, *position) for sheet, position in outputs]


@pytest.mark.slow
def test_every_scenario_is_what_recalculating_gives(book, tmp_path, capsys):
    rng = np.random.default_rng(4)
    lines = ["scenario,A,B,A1,city03|B1,par_rank_digits"]
    for n in range(6):
        weights = ",".join(f"{w:.3f}" for w in rng.uniform(0.2, 3, 3))
        lines.append(
            f"s{n},{weights},{'NA' if n == 2 else rng.uniform(20, 90):},{'3' * (n % 2)}"
        )
    path = table(tmp_path, *lines)
    out = tmp_path / "out.csv"
    code, document = run_json(capsys, "scenarios", book, "--table", path, "-o", out)
    assert code == 0
    assert len(document["outputs"]) == 2 * len(UNITS)
    assert document["outputs"][0] == "score|X|city00"
    package = Package.read(book)
    cells = read_book(package)
    found = Addresses(cells, read_template(package, cells, str(book)))
    places = found.inputs(lines[0].split(",")[1:], None)
    wanted = [output.place for output in found.outputs([])]
    for line, scenario in zip(lines[1:], document["scenarios"], strict=True):
        name, *values = line.split(",")
        assert scenario["scenario"] == name
        given = {
            place: "NA" if text == "NA" else read_value(text).value
            for place, text in zip(places.values(), values, strict=True)
            if text
        }
        fresh = recalculated(book, given, wanted)
        assert scenario["values"] == pytest.approx(fresh, rel=1e-12, nan_ok=True)
    assert document["base"] == pytest.approx(recalculated(book, {}, wanted), rel=1e-12)
    assert 0 < document["recalculated_cells"] < document["formula_cells"] / 2
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))
    assert rows[0] == ["scenario", *document["outputs"]]
    assert [float(x) for x in rows[1][1:]] == document["scenarios"][0]["values"]
    assert book.read_bytes() == own_bytes()


def test_outputs_by_every_kind_of_word(book, tmp_path, capsys):
    path = table(tmp_path, "scenario,A", "one,2", "two,")
    words = ("rank|B", "city05|A", "Checks!C8", "chk_verdict", "score|A")
    out = tmp_path / "out.csv"
    code, document = run_json(
        capsys, "scenarios", book, "--table", path, "-o", out, "--outputs", *words
    )
    assert (code, document["out"]) == (0, str(out))
    labels = document["outputs"]
    assert out.read_text("utf-8-sig").splitlines()[0] == ",".join(["scenario", *labels])
    assert labels[: len(UNITS)] == [f"rank|B|{unit}" for unit in UNITS]
    assert labels[len(UNITS) : len(UNITS) + 3] == [
        "score|A|city05",
        "Checks!C8",
        "chk_verdict",
    ]
    assert len(labels) == len(set(labels)) == 2 * len(UNITS) + 2
    # A blank is the workbook as it is; B does not know the weight of A.
    assert document["scenarios"][1]["values"] == document["base"]
    assert sorted(document["base"][: len(UNITS)]) == list(range(1, len(UNITS) + 1))


@pytest.mark.slow
def test_a_workbook_that_is_no_template(tmp_path, capsys):
    plain = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(plain) as made:
        sheet = made.add_worksheet("S")
        sheet.write("A1", 2)
        sheet.write_formula("B1", "=A1*21")
        sheet.write_formula("C1", '=IF(B1>100,"many",OFFSET(A1,0,0))')
    path = table(tmp_path, "S!A1", *map(str, range(6)))
    code, document = run_json(
        capsys,
        "scenarios",
        plain,
        "--table",
        path,
        "--outputs",
        "S!B1",
        "S!C1",
    )
    assert [s["values"] for s in document["scenarios"]] == [
        [21.0 * n, "many" if 21 * n > 100 else float(n)] for n in range(6)
    ]
    # A reference made while calculating: our own engine does not take it.
    assert document["recalculated_cells"] == document["formula_cells"] == 2
    assert code in (0, 1)


def test_all_that_is_wrong_is_said_at_once(book, tmp_path, capsys):
    score = score_cell(read_book(Package.read(book)))
    heads = f"nope,city99|A0,city01|Z,{score},in_data,A,X|A"
    path = table(tmp_path, heads, "1,1,1,1,1,1,1")
    code, document = run_json(
        capsys,
        "scenarios",
        book,
        "--table",
        path,
        "--outputs",
        "zz",
        "No!A1",
        "city00|q",
    )
    assert (code, codes(document)) == (2, {"XC107", "XC108"})
    said = " ".join(error["message"] for error in document["errors"])
    for word in (
        "nope",
        "city99|A0",
        "city01|Z",
        score,
        "in_data",
        "X|A",
        "zz",
        "No!A1",
    ):
        assert f"'{word}'" in said
    assert "column 'A'" not in said
    path = table(tmp_path, "A,city01|A0", "x,1", "2,NA", ",<5", "NA,1")
    code, document = run_json(capsys, "scenarios", book, "--table", path)
    assert (code, codes(document)) == (3, {"XC301"})
    assert [error["where"]["cell"] for error in document["errors"]] == [
        "row 2",
        "row 4",
        "row 5",
    ]


def test_the_table_and_the_workbook_are_not_written_over(book, tmp_path, capsys):
    path = table(tmp_path, "A", "2")
    for target in (book, path):
        code, document = run_json(
            capsys, "scenarios", book, "--table", path, "-o", target
        )
        assert (code, codes(document)) == (2, {"XC102"})
    code, out, _ = run(capsys, "scenarios", book, "--table", path, "-o", "-")
    assert (code, out.splitlines()[0].split(",")[:2]) == (
        0,
        ["scenario", "score|X|city00"],
    )


def test_a_parameter_that_the_workbook_has_not_is_refused(book, tmp_path, capsys):
    path = table(tmp_path, "par_limit,par_scale", "1.5,10")
    code, document = run_json(capsys, "scenarios", book, "--table", path)
    assert code == 2
    (error,) = document["errors"]
    assert error["message"] == (
        "the column 'par_limit' is not an input: nothing has that name."
    )


def test_its_seconds_are_those_that_it_took(book, tmp_path, capsys):
    start = time.perf_counter()
    _, document = run_json(
        capsys, "scenarios", book, "--table", table(tmp_path, "A0", "2", "3")
    )
    assert 0 < document["seconds"] < time.perf_counter() - start


@pytest.mark.parametrize(
    ("formula", "code"), [("=A1*2", 0), ("=VDB(2400,300,10,0,1)/10+A1", 1)]
)
def test_results_that_are_in_doubt_are_a_finding(
    tmp_path, capsys, monkeypatch, formula, code
):
    monkeypatch.setattr(LibreOffice, "available", lambda _: False)
    plain = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(plain) as made:
        sheet = made.add_worksheet("S")
        sheet.write("A1", 2)
        sheet.write_formula("B1", formula)
    path = table(tmp_path, "S!A1", "5", "7")
    words = ("scenarios", plain, "--table", path, "--outputs", "S!B1")
    done, document = run_json(capsys, *words)
    assert (done, bool(document["unverified"])) == (code, bool(code))
    done, _, said = run(capsys, *words)
    assert (done, "VDB" in said) == (code, bool(code))
