"""From rank 1 to a typed value by Trace Precedents, in a window of LibreOffice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.calc_session import run_script
from tests.helpers.contract_cells import resolve
from tests.helpers.own import own_bytes
from xlcity.cli import main
from xlcity.recalc.engines.soffice import find_soffice, make_profile
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.package import Package

pytestmark = [
    pytest.mark.slow,
    pytest.mark.libreoffice,
    pytest.mark.uno,
    pytest.mark.screen,
]
ROOT = Path(__file__).parents[2]
SCREEN = ROOT / "tests" / "helpers" / "calc_screen.py"
#: A reference to another sheet as LibreOffice writes it, such as $Data.D$8.
OTHER_SHEET = re.compile(r"\$'?(\w+)'?\.\$?[A-Z]+\$?\d")


def first_rank(book: ReadBook) -> tuple[str, str]:
    """Return the sheet and the cell of the first city's rank by the total."""
    ranks = resolve(book, "out_ranks")
    rows = (
        r
        for r in range(ranks.r1, ranks.r2 + 1)
        if book.value(ranks.sheet, r, ranks.c2) == 1
    )
    return ranks.sheet, cell_name(next(rows), ranks.c2)


def read_by(traced: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each cell of a trace with a cell that its formula reads, those of ranges one by one."""
    for node in traced["inputs"]:
        cells = node["inputs"] if node["kind"] == "range" else [node]
        yield from ((traced["cell"], cell["cell"]) for cell in cells)
        for cell in cells:
            yield from read_by(cell)


@pytest.mark.parametrize(
    # A raw value is two cells: what was typed, and what it is worth.
    ("name", "steps"),
    [("own", 7), ("image2025", 8), ("iecc2024", 10)],
)
def test_only_the_last_step_leaves_the_index(name, steps, tmp_path, capsys):
    content = own_bytes(udf=False) if name == "own" else None
    file = tmp_path / "指数.xlsx"
    file.write_bytes(content or (ROOT / "workbooks" / f"{name}.xlsx").read_bytes())
    book = read_book(Package.read(file))
    (sheet, cell), data = first_rank(book), resolve(book, "in_data").sheet
    parameters = resolve(book, "in_weights").sheet
    make_profile(tmp_path / "profile")
    task = {
        "soffice": find_soffice(),
        "profile": str(tmp_path / "profile"),
        "file": str(file),
        "steps": [["trace_precedents", sheet, cell, f"${data}."]],
    }
    (walk,) = json.loads(run_script(SCREEN, task, 300)[0])
    cells, formulas, _, arrows = zip(*walk, strict=True)
    others = [set(OTHER_SHEET.findall(formula)) - {sheet} for formula in formulas]
    assert len(walk) <= steps
    assert all(arrows), "arrows are drawn on the protected sheet"
    # Parameters stand on Framework; values come from the sheet itself until the last step.
    assert all(names <= {parameters} for names in others[:-1])
    assert data in others[-1]
    assert main(["trace", str(file), f"{sheet}!{cell}", "--json"]) == 0
    traced = json.loads(capsys.readouterr().out)
    pairs = {*read_by(traced)}
    names = [f"{sheet}!{one}" for one in cells]
    assert all(pair in pairs for pair in pairwise(names))
    assert any(
        before == names[-1] and after.startswith(f"{data}!") for before, after in pairs
    )
