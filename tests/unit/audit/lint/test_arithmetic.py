"""A formula with the numbers of its cells."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.helpers.contract_cells import resolve
from tests.helpers.own import own_bytes
from xlcity.audit.lint.subject import Subject
from xlcity.audit.trace.arithmetic import write_arithmetic
from xlcity.audit.trace.trace import Tracer
from xlcity.xlsx.package import Package

CELLS = {
    "A1": 0.3,
    "B1": 0.7,
    "A2": 10.0,
    "B2": -2.5,
    "C2": "NA",
    "A3": 1.0,
    "B3": 0.0,
    "C1": 0.5,
}
#: A column of 20 values and one of their weights.
CELLS |= {f"F{n}": n / 10 for n in range(1, 21)} | {
    f"G{n}": n - 3.0 for n in range(1, 21)
}
ROOT = Path(__file__).parents[4]


def written(formula: str) -> str:
    """Return the arithmetic of a formula on a sheet with these numbers."""
    book = Workbook()
    file = io.BytesIO()
    for cell, value in {**CELLS, "D9": f"={formula}"}.items():
        book.active[cell] = value
    book.save(file)
    subject = Subject(Package.from_bytes(file.getvalue(), "x.xlsx"), "x.xlsx")
    evaluated = Tracer(subject).follower.evaluated("Sheet", (9, 4))
    return write_arithmetic(*evaluated)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("SUMPRODUCT(A2:B2,A1:B1)", "0.3 × 10 + 0.7 × (-2.5)"),
        ("SUMPRODUCT(A2:B2,A1:B1)/SUM(A1:B1)", "0.3 × 10 + 0.7 × (-2.5)"),
        (
            "SUMPRODUCT(A2:B2,A1:B1)/SUM(A2:B2)",
            "(0.3 × 10 + 0.7 × (-2.5)) / (10 + (-2.5))",
        ),
        (
            'SUMPRODUCT(A2:C2,A1:C1)/SUMIF(A2:C2,"<1E+300",A1:C1)',
            "0.3 × 10 + 0.7 × (-2.5)",
        ),
        ("(A2-B2)/(A2-A1)*100", "(10 - (-2.5)) / (10 - 0.3) × 100"),
        ("A2-(A1-B1)", "10 - (0.3 - 0.7)"),
        ("A2/(A1*B1)", "10 / (0.3 × 0.7)"),
        ("-(A1+B1)", "-(0.3 + 0.7)"),
        ("IF(ISNUMBER(A2),A2*A1,B2)", "10 × 0.3"),
        ("IF(ISNUMBER(C2),A2*A1,B2+A1)", "-2.5 + 0.3"),
        ("IFERROR(A2/A1,0)", "10 / 0.3"),
        ("A2*A3+B3", ""),
        ("A2", ""),
        ("MAX(-1.96,MIN(1.96,(A2-B2)/A1))", "MIN(1.96, (10 - (-2.5)) / 0.3)"),
        ("MAX(-1.96,MIN(1.96,(A2-9.7)/A1))", "(10 - 9.7) / 0.3"),
        ("ROUND(A2*A1,2)", "ROUND(10 × 0.3, 2)"),
        ("AVERAGE(A2:C2)", "AVERAGE(10, -2.5)"),
        ("SQRT(A2+B2)", "SQRT(10 + (-2.5))"),
        ('COUNTIF(A2:B2,">"&B2)+1', "1 + 1"),
        ("SUM(A1:Z99)", ""),
        ("SUM(F1:F20)", ""),
        ("(A2-AVERAGE(F1:F20))/STDEV.P(F1:F20)", "(10 - 1.05) / 0.576628"),
        (
            "SUMPRODUCT(F1:F20,G1:G20)/SUM(F1:F20)",
            "(-2 × 0.1 + (-1 × 0.2) + 0 × 0.3 + … + 17 × 2) / 21",
        ),
        ('A2&"x"', ""),
    ],
)
def test_numbers_stand_for_cells(formula, text):
    assert written(formula) == text


@pytest.mark.parametrize("name", ["own", "image2025", "iecc2024"])
def test_the_arithmetic_of_a_score_gives_the_score(name):
    """What is written is computed: it has six figures of each number."""
    content = own_bytes(udf=False)
    if name != "own":
        content = (ROOT / "workbooks" / f"{name}.xlsx").read_bytes()
    subject = Subject(Package.from_bytes(content, name), name)
    tracer = Tracer(subject)
    written_out = 0
    names = {
        "AVERAGE": lambda *numbers: sum(numbers) / len(numbers),
        "ROUND": round,
        "MIN": min,
        "MAX": max,
    }
    for block in ("out_scores", "out_normalised", "out_ranks"):
        area = resolve(subject.book, block)
        for row in range(area.r1, area.r1 + 6):
            for column in range(area.c1, area.c2 + 1):
                text = write_arithmetic(
                    *tracer.follower.evaluated(area.sheet, (row, column))
                )
                value = subject.book.value(area.sheet, row, column)
                if text and isinstance(value, float):
                    computed = eval(text.replace("×", "*"), names)
                    assert computed == pytest.approx(value, rel=2e-4, abs=2e-4)
                    written_out += 1
    assert written_out > 50
