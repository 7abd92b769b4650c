"""How cells of a template look, and that a template is always drawn alike."""

import io

import openpyxl
from templates import named_cell, small_read, small_spec, small_template

from xlcity.workbook.build import draw


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
