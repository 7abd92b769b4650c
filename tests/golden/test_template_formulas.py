"""The template in `formulas`, the reference engine: a small book full of faults."""

import pytest

from tests.helpers.templates import (
    ATTRACT,
    MAIN,
    MEDIA,
    SEARCH,
    UNITS,
    city_cell,
    data_cell,
    edited,
    framework_cell,
    read,
    require_agreement,
    seen,
    small_spec,
    spare_row,
)
from xlcity.cli import main
from xlcity.errors import CellError
from xlcity.recalc.compare import compare_engines
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.build import build
from xlcity.xlsx.package import Package

pytestmark = pytest.mark.golden


@pytest.mark.long
def test_the_same_values_from_formulas(monkeypatch):
    # 3 ms a cell: without the subtables, and with a short Intake.
    monkeypatch.setattr("xlcity.workbook.sheets.inputs.intake.INTAKE_ROWS", 4)
    monkeypatch.setattr("xlcity.workbook.layout.inputs.EXCEPTION_ROWS", 2)
    package = build(small_spec(subtables=(), tiers=(), printed=())).package
    package = edited(
        package,
        {
            "Data": {
                data_cell("beijing", SEARCH): "12,3",
                data_cell("chengdu", SEARCH): True,
                data_cell("shanghai", SEARCH): CellError.NA,
                data_cell("shenzhen", SEARCH): "12.5",
                data_cell("changsha", SEARCH): "NA",
                data_cell("qingdao", SEARCH): None,
                data_cell("xiamen", SEARCH): "１２",
                data_cell("chengdu", MAIN): "缺",
                **{data_cell(unit, ATTRACT): 5.0 for unit in UNITS},
                data_cell("chengdu", MEDIA): 7.0,
                f"A{spare_row(1)}": "chengdu",
                f"A{spare_row(2)}": "atlantis",
                f"D{spare_row(3)}": 5.0,
            },
            "Framework": {framework_cell("IMG_COM", "weight"): 0.28},
            "Cities": {city_cell("xiamen", "population"): None},
        },
    )
    template = read(package)
    book = seen(package)
    require_agreement(book)
    assert book.red == {
        "weights",
        "values-not-numbers",
        "duplicate-city",
        "unknown-city",
        "values-without-city",
    }
    second = recalculate(package, "formulas", book=template.book)
    compared = compare_engines(book.fresh.values, second.values, "formulas")
    # To `formulas` the text 12.5 is a number, and COUNTIF with ?* counts empty texts.
    assert set(compared.differing) == {
        "Data!C13",
        "Messages!N19",
        "Messages!O19",
        "Audit!A6",
    }
    assert compared.cells > 2000
    assert second.errors == {}


@pytest.mark.slow
def test_an_index_of_ones_own_with_a_gap(tmp_path):
    framework, table, file = (
        tmp_path / name for name in ("f.csv", "d.csv", "own.xlsx")
    )
    framework.write_text("code,parent,weight\nT,,\nA,T,1\nB,T,3\n")
    table.write_text("unit,A,B\nlyon,64,NA\noslo,88.25,510\nquito,42,150\n")
    assert (
        main(
            [
                "new",
                "--framework",
                str(framework),
                "--data",
                str(table),
                "-o",
                str(file),
            ]
        )
        == 0
    )
    package = Package.read(file)
    first, second = (
        recalculate(package, engine) for engine in ("formualizer", "formulas")
    )
    compared = compare_engines(first.values, second.values, "formulas")
    assert compared.differing == ()
    assert compared.cells > 300
