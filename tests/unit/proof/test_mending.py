"""What mending a slip does to the ranks, against the workbook itself, mended and recalculated."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from xlcity.proof.document import index_document
from xlcity.proof.mending import rank_moves
from xlcity.proof.reading import read_index
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.package import Package

SLIPS = Path(__file__).parent / "adopt" / "15_slips.xlsx"
#: Cell -> the formula that its column has.
MENDED = {
    "J12": "=SUMPRODUCT(F12:I12,$B$24:$E$24)",
    "H7": "=(D7-D$22)/(D$23-D$22)",
    "G9": "=(C9-C$22)/(C$23-C$22)",
    "G14": "=(C14-C$22)/(C$23-C$22)",
    "B22": "=MIN(B2:B21)",
}


@pytest.fixture(scope="module")
def read():
    return read_index(SLIPS)


def ranks_of(path):
    """Return city -> its rank, as the workbook has them."""
    package = Package.read(path)
    path.write_bytes(patch_results(package, recalculate(package)).to_bytes())
    sheet = openpyxl.load_workbook(path, data_only=True)["Index"]
    return {row[0]: row[10] for row in sheet.iter_rows(2, 21, values_only=True)}


def test_ranks_move_as_in_the_workbook_that_is_mended(read, tmp_path):
    target = tmp_path / "team.xlsx"
    target.write_bytes(SLIPS.read_bytes())
    before = ranks_of(target)
    found = rank_moves(read)
    assert {cell_name(*slip.place[1]) for slip in found} == {*MENDED}
    for slip, moves in found.items():
        cell = cell_name(*slip.place[1])
        book = openpyxl.load_workbook(SLIPS)
        book["Index"][cell] = MENDED[cell]
        book.save(target)
        after = ranks_of(target)
        expected = {
            city: (before[city], after[city])
            for city in before
            if before[city] != after[city]
        }
        assert {move.unit: (move.before, move.after) for move in moves} == expected
        far = [abs(move.after - move.before) for move in moves]
        assert far == sorted(far, reverse=True)


def test_a_range_beside_the_cities_cannot_stay_short(read):
    slips = index_document(read)["slips"]
    stays = {slip["cell"]: slip["can_stay"] for slip in slips}
    assert stays.pop("Index!B22") is False
    assert all(stays.values())
    # Named all the same, it counts as mended, and nobody is asked about it.
    document = index_document(read_index(SLIPS, keep=["Index!B22", "Index!G9"]))
    assert [slip["cell"] for slip in document["slips"] if slip["kept"]] == ["Index!G9"]
    asked = [question["cell"] for question in document["questions"]]
    assert asked == ["Index!J12", "Index!H7", "Index!G14"]


def test_a_range_that_is_short_in_a_whole_column_is_mended_in_all_its_cells(tmp_path):
    """Its first cell stands for the column, which cannot stay as it is."""
    path = tmp_path / "team.xlsx"
    book = openpyxl.load_workbook(SLIPS.with_name("01_one_sheet_helper_rows.xlsx"))
    sheet = book["Index"]
    column = next(cell.column_letter for cell in sheet[1] if cell.value == "Rank")
    for row in range(2, 22):
        sheet[f"F{row}"] = f"=(B{row}-MIN(B$2:B$20))/(MAX(B$2:B$20)-MIN(B$2:B$20))"
    sheet["B21"] = 3 * max(sheet[f"B{row}"].value for row in range(2, 21))
    book.save(path)
    package = Package.read(path)
    path.write_bytes(patch_results(package, recalculate(package)).to_bytes())
    read = read_index(path)
    document = index_document(read)
    short = [slip for slip in document["slips"] if slip["kind"] == "short_range"]
    assert column == "K"
    assert short
    assert not any(slip["can_stay"] for slip in short)
    assert short[0]["moves"]
