"""How cells of a template look, and that a template is always drawn alike."""

import io

import openpyxl
import pytest
from templates import named_cell, small_read, small_spec, small_template

from xlcity.reports import load_report
from xlcity.workbook.build import draw
from xlcity.workbook.sheets.table import Table
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.tabs import with_pages


def test_the_cells_look_as_their_role_says() -> None:
    book = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))
    verdict, score = (
        book[small_read().area(name).sheet][named_cell(name)]
        for name in ("chk_verdict", "out_scores")
    )
    assert (verdict.font.bold, verdict.font.sz, verdict.alignment.horizontal) == (
        True,
        12,
        "center",
    )
    assert score.font.bold
    assert score.fill.fgColor.rgb == "FFEAF4EA"


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert draw(small_spec())[0].to_bytes() == draw(small_spec())[0].to_bytes()


@pytest.mark.parametrize("report", ["bri2021", "image2025", "vitality2014"])
def test_copies_are_the_formulas_of_their_rows(
    report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = with_pages(template_spec(load_report(report)), ["all"])
    copied, prepare = draw(spec), Table.__post_init__

    def row_by_row(table: Table) -> None:
        object.__setattr__(table, "copied", False)
        prepare(table)

    monkeypatch.setattr(Table, "__post_init__", row_by_row)
    drawn = draw(spec)
    assert (copied[0].parts, copied[1]) == (drawn[0].parts, drawn[1])
