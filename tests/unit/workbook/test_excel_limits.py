"""Excel's limits and grammar, and no construct that programs compute differently."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.templates import (
    ATTRACT,
    MAIN,
    SEARCH,
    UNITS,
    city_cell,
    data_cell,
    edited,
    small_spec,
    small_template,
    spare_row,
)
from tools.other_programs.limits import breaches, formula_breaches
from tools.other_programs.recompute import WITNESSES, recomputed
from xlcity.workbook.build import draw

WORKBOOKS = Path(__file__).parents[3] / "workbooks"

#: A formula -> what is wrong with it.
WRONG = {
    "1+" * 4096 + "1": "8193 characters",
    f'A1&"{"x" * 256}"': "a text above 255",
    "ABS(" * 65 + "1" + ")" * 65: "more than 64 levels",
    f"MAX({'1,' * 255}1)": "more than 255 arguments",
    "SUM(A1:A3": "an open bracket",
    "STDEV.S(A1:A3)": "STDEV.S without its prefix",
    "IF(TYPE(INDEX(A1:A9,B1))=1,1,0)": "Gnumeric: TYPE(INDEX()) is that of an array",
    "INDEX($A5:$F5,MATCH(1,G1:H1,0))": "Gnumeric: INDEX(row,k) is #REF!; write INDEX(row,1,k)",
    'COUNTIF(Data!$C7,"NA")': "ironcalc: COUNTIF of one cell is #VALUE!",
    "COUNT(IF(A1:A3=B1,C1:C3))": "ironcalc: COUNT(IF()) is 0; write COUNTIFS",
    "AVERAGE(IF(A1:A3=B1,C1:C3))": 'ironcalc: FALSE counts as 0; write IF(a,b,"")',
}
RIGHT = [
    "INDEX($A5:$F5,1,MATCH(1,G1:H1,0))",
    "INDEX($A5:$A9,B1)",
    "INDEX($A5:$F9,B1,2)",
    'COUNTIF(A1:A3,"NA")',
    "_xlfn.STDEV.S(A1:A3)",
    "ERROR.TYPE(A1)",
    f'A1&"{"x" * 255}"',
    'AVERAGE(IF(A1:A3=B1,C1:C3,""))',
    "SUM('a(b'!A1:A3)",
    'IF(A1="(","INDEX(A1:B1,1)",{1,2;3,4})',
]


@pytest.mark.parametrize("formula", WRONG)
def test_a_breach_is_found(formula):
    assert list(formula_breaches(formula)) == [WRONG[formula]]


@pytest.mark.parametrize("formula", RIGHT)
def test_what_excel_takes_is_no_breach(formula):
    assert list(formula_breaches(formula)) == []


def test_a_template_keeps_the_limits_whatever_the_texts_are():
    spec = replace(small_spec(), note_en='a "note" ' * 60, note_zh="说明" * 200)
    assert list(breaches(draw(spec)[0])) == []


#: Programs beside LibreOffice that compute workbooks; how LibreOffice does is seen in `golden`.
OTHERS = (pytest.param("gnumeric", marks=pytest.mark.gnumeric), "ironcalc")


def require_same_cells(book, program):
    if not WITNESSES[program].is_there():
        pytest.skip(f"no {program}: {WITNESSES[program].source}")
    found = recomputed(book, program)
    assert found.differing == ()
    assert found.cells > 3000
    assert found.max_diff <= 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("program", OTHERS)
def test_others_compute_every_native_cell_of_a_book_full_of_faults(program, tmp_path):
    book = tmp_path / "book.xlsx"
    faults = {
        data_cell("beijing", SEARCH): "12,3",
        data_cell("chengdu", SEARCH): True,
        data_cell("shenzhen", SEARCH): "12.5",
        data_cell("changsha", SEARCH): "NA",
        data_cell("qingdao", SEARCH): None,
        data_cell("chengdu", MAIN): "缺",
        **{data_cell(unit, ATTRACT): 5.0 for unit in UNITS},
        f"A{spare_row(1)}": "chengdu",
        f"A{spare_row(2)}": "atlantis",
    }
    cities = {city_cell("xiamen", "population"): None}
    edited(small_template(), {"Data": faults, "Cities": cities}).write(book)
    require_same_cells(book, program)


@pytest.mark.slow
@pytest.mark.parametrize("program", OTHERS)
@pytest.mark.parametrize("report", ["image2025", "vitality2014"])
def test_others_compute_every_native_cell_of_a_template(report, program):
    require_same_cells(WORKBOOKS / f"{report}.xlsx", program)


@pytest.mark.long
@pytest.mark.parametrize("program", OTHERS)
@pytest.mark.parametrize("report", ["bri2021", "gihi2023", "iecc2024"])
def test_others_compute_every_native_cell_of_a_large_template(report, program):
    require_same_cells(WORKBOOKS / f"{report}.xlsx", program)
