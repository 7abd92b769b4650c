"""What a person types into a template in LibreOffice, without a hard recalculation, is named."""

import json

import pytest

from tests.helpers.calc_session import edit_in_calc
from tests.helpers.cli import run_json
from xlcity.workbook.reading.template import open_template
from xlcity.xlsx.address import cell_name

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.slow,
    pytest.mark.uno,
]
TREE = "code,parent,uom\nT,,\nrate,T,%\ngdp,T,bn\n"


def test_a_per_cent_a_blank_and_a_value_dragged_away_are_named(tmp_path, capsys):
    (tmp_path / "tree.csv").write_text(TREE, encoding="utf-8")
    rows = "\n".join(f"city{at:02d},{30 + at},{at * at}" for at in range(1, 13))
    (tmp_path / "data.csv").write_text(f"unit,rate,gdp\n{rows}\n", encoding="utf-8")
    book = tmp_path / "book.xlsx"
    words = ("--framework", tmp_path / "tree.csv", "--data", tmp_path / "data.csv")
    assert run_json(capsys, "new", *words, "-o", book)[0] == 0
    template = open_template(book)
    row = next(r for r in range(1, 60) if template.book.value("Data", r, 1) == "city03")
    rate, gdp = (cell_name(row, template.columns[code]) for code in ("rate", "gdp"))
    steps = {
        "percent": [["type", "Data", rate, "33.5%"]],
        "blank": [["set", "Data", gdp, None]],
        "dragged": [["cut", "Data", gdp, "P80"]],
    }
    jobs = [(book, tmp_path / f"{name}.xlsx", typed) for name, typed in steps.items()]
    edit_in_calc(jobs, timeout=280, hard=False)
    found = {
        name: run_json(capsys, "check", tmp_path / f"{name}.xlsx")[1]["workbooks"][0]
        for name in steps
    }
    percent = json.dumps(found["percent"])
    assert f"Data!{rate}" in percent
    # The cell is General: the program shows what was typed, and keeps 0.335.
    assert "XC307" in percent
    for name in ("blank", "dragged"):
        checks = {check["name"]: check for check in found[name]["checks"]}
        blank = checks["sheet:inputs-blank"]
        assert blank["status"] == "note", name
        assert "city03" in blank["detail"], name
        assert "gdp" in blank["detail"], name
