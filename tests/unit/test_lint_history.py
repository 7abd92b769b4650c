"""Corrections found in the history of a workbook: `tools.lint_history`."""

import csv
import io
import subprocess

import pytest
import xlsxwriter

from tools.lint_corpus import corrected
from tools.lint_history import collect, part_of


def workbook(**cells):
    """Return a table of products; `cells` hold something else than their row's product."""
    buffer = io.BytesIO()
    made = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = made.add_worksheet("Costs")
    for row in range(1, 31):
        sheet.write_row(row - 1, 0, [f"item {row}", row, 2])
        sheet.write(f"D{row}", cells.get(f"D{row}", f"=B{row}*C{row}"))
    made.close()
    return buffer.getvalue()


@pytest.fixture
def history(tmp_path):
    """Return a function that makes a repository of versions of a file."""

    def make(*versions):
        folder = tmp_path / "people+prices"
        folder.mkdir()
        git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run([*git, "init", "-q"], check=True)
        for number, data in enumerate(versions):
            (folder / "Prices 2.xlsx").write_bytes(data)
            subprocess.run([*git, "add", "."], check=True)
            subprocess.run([*git, "commit", "-q", "-m", f"Edit {number}"], check=True)
        return folder / ".git"

    return make


def test_a_cell_given_its_neighbours_formula_was_corrected(history, tmp_path):
    slips = {"D8": "=B8*C9", "D13": 77}
    git = history(workbook(**slips, D20=5), workbook(D20=5), workbook(D20=6))
    collect(tmp_path / "out", [git])
    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8") as stream:
        assert [row[1:5] for row in csv.reader(stream)] == [
            ["Costs", "D8", part_of("prices"), "neighbour"],
            ["Costs", "D13", part_of("prices"), "neighbour"],
        ]
    ((path, wrong),) = corrected(tmp_path / "out", part_of("prices"), "neighbour", {})
    assert path.is_file()
    assert wrong == {("Costs", 8, 4), ("Costs", 13, 4)}


def test_another_method_in_most_cells_is_no_correction(history, tmp_path):
    after = {f"D{row}": f"=B{row}+C{row}" for row in range(1, 29)}
    git = history(workbook(D29="=B29+C29", D30="=B30+C30"), workbook(**after))
    collect(tmp_path / "out", [git])
    assert (tmp_path / "out" / "errors.csv").read_text() == ""
