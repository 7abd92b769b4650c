"""Findings name the cell where a slip was made, not those that show it."""

import re
from pathlib import Path

import pytest

from tests.helpers.cli import run, run_json
from tests.helpers.mutations import calculated, with_cell
from tests.helpers.own import CODES, write_tables
from xlcity.audit.check.check import check_workbook
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.cli import main
from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.package import Package
from xlcity.xlsx.text import number_text


def made(folder, *options, **columns):
    """Return a template with further columns of its framework, the same for all indicators."""
    write_tables(folder)
    head, *nodes = (folder / "fw.csv").read_text().splitlines()
    lines = [",".join((head, *columns))]
    for node in nodes:
        is_indicator = node.split(",")[0] in CODES
        values = columns.values() if is_indicator else [""] * len(columns)
        lines.append(",".join((node, *values)))
    (folder / "fw.csv").write_text("\n".join(lines) + "\n")
    path = folder / "own.xlsx"
    words = ["--framework", folder / "fw.csv", "--data", folder / "data.csv"]
    words += ["-o", path, "--lang", "en", "--pages", "none", "--cells", "native"]
    assert main(["new", *map(str, words), *options]) == 0
    return Package.read(path)


def typed(package, sheet, values):
    """Return the workbook with numbers typed into cells, None for nothing."""
    for cell, value in values.items():
        inner = "" if value is None else f"<v>{number_text(value)}</v>"
        book = read_book(package)
        package = with_cell(package, book, sheet, parse_cell(cell), inner)
    return package


def cell_of(package, name, code, column):
    area = resolve(read_book(package), name)
    heads, *rows = read_book(package).block(area)
    row = next(n for n, cells in enumerate(rows, area.r1 + 1) if cells[0] == code)
    return cell_name(row, area.c1 + heads.index(column))


def found(package):
    findings = lint(Subject(package, "own.xlsx")).findings
    return [(f.rule, f.sheet, f.areas) for f in findings]


def test_a_changed_number_for_no_data_is_named_where_it_stands(tmp_path, capsys):
    package = made(tmp_path, no_data="-99")
    path = tmp_path / "data.csv"
    head, *rows = path.read_text().splitlines()
    fields = [row.split(",") for row in rows]
    for row in fields[:4]:
        row[1] = "50"
    path.write_text("\n".join([head, *map(",".join, fields)]) + "\n")
    filled = tmp_path / "filled.xlsx"
    book = str(tmp_path / "own.xlsx")
    assert run(capsys, "fill", book, "--data", path, "-o", filled)[0] == 0
    package = Package.read(filled)
    cell = cell_of(package, "xl_framework", CODES[0], "no_data")
    changed = calculated(typed(package, "Framework", {cell: 50.0}))
    assert found(changed) == [("W08", "Framework", (cell,))]
    # A number that means no data and was typed as a value is named where it was typed.
    slip = calculated(typed(package, "Data", {"D20": -99.0}))
    assert ("W08", "Data", ("D20",)) in found(slip)


def test_exchanged_goalposts_are_named_and_verbs_go_on(tmp_path, capsys):
    package = made(tmp_path, "--normalise", "goalposts:20:80")
    low, high = (cell_of(package, "xl_methods", "A0", column) for column in "ab")
    path = tmp_path / "exchanged.xlsx"
    typed(package, "Framework", {low: 80.0, high: 20.0}).write(path)
    capsys.readouterr()
    first = found(Package.read(path))[0]
    assert first == ("E06", "Framework", (low, high))
    code, document = run_json(capsys, "check", path)
    assert (code, document["workbooks"][0]["verdict"]) == (1, "fail")
    for words in (["results", path], ["trace", path, "Index!F16"]):
        assert run(capsys, *words)[0] == 0


def test_an_emptied_row_of_data_is_named_there(tmp_path):
    package = made(tmp_path)
    emptied = typed(package, "Data", {f"{c}12": None for c in "ADEFGHI"})
    assert found(emptied) == [("W31", "Data", ("A12",))]


@pytest.mark.parametrize("row", [12, 3])
def test_a_hidden_row_of_data_is_named(tmp_path, row):
    package = made(tmp_path)
    part = read_book(package).sheets["Data"].part
    text = package.text(part).replace(f'<row r="{row}"', f'<row r="{row}" hidden="1"')
    changed = package.replace({part: text.encode()})
    assert found(changed) == [("W20", "Data", (f"A{row}",))]


def test_conditional_formats_that_are_gone_from_data_are_named(tmp_path):
    package = made(tmp_path)
    part = read_book(package).sheets["Data"].part
    text = package.text(part)
    formats = re.findall(
        r"<conditionalFormatting.*?</conditionalFormatting>", text, re.DOTALL
    )
    assert len(formats) > 3
    for gone in (formats[:1], formats[-1:], formats):
        left = text
        for one in gone:
            left = left.replace(one, "", 1)
        changed = package.replace({part: left.encode()})
        assert {rule for rule, *_ in found(changed)} == {"W19"}


def checked(folder, package):
    """Return what `check` finds of a workbook that another language's tabs may have."""
    path = folder / "gihi2023.xlsx"
    path.write_bytes(package.to_bytes())
    findings = check_workbook(path).findings
    return [(f.rule, f.sheet, f.areas) for f in findings if f.rule in ("W31", "W08")]


@pytest.mark.slow
def test_exchanges_beside_data_are_named_at_their_cells(tmp_path):
    package = Package.read(Path(__file__).parents[4] / "workbooks" / "gihi2023.xlsx")
    book = read_book(package)
    fields, matrix = (resolve(book, n).sheet for n in ("in_fields", "in_matrix_17"))
    values = [book.value(fields, row, 3) for row in (10, 11)]
    exchanged = typed(package, fields, {"C10": values[1], "C11": values[0]})
    assert checked(tmp_path, exchanged) == [("W31", fields, ("C10:C11",))]
    one_half = typed(package, matrix, {"I10": 37.0})
    assert checked(tmp_path, one_half) == [("W08", matrix, ("I10", "H11"))]
