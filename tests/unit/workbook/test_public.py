"""The public workbook holds results and method, and nothing that they were made from."""

import zipfile

import pytest
from openpyxl import load_workbook

from tests.helpers.cli import run_json
from tests.helpers.own import UNITS, Edited, own_bytes
from xlcity.model.nodes import Node
from xlcity.workbook.migrate.release import _ranking
from xlcity.workbook.reading.template import open_template


def test_no_raw_value_comment_or_author_is_in_it(tmp_path, capsys):
    edited = Edited(own_bytes())
    edited.comment("city05", "A1", "secret remark", "Somebody")
    for field, text in (
        ("source", "Yearbook"),
        ("period", "2023"),
        ("scope", "urban districts"),
    ):
        edited.source("A1", field, text)
    about = {
        "basis": "substituted",
        "year": 2020,
        "remark": "of the province",
        "checked_by": "Wang",
    }
    edited.exception(0, city="city04", indicator="A0", value=1.5, **about)
    edited.book.properties.creator = "Somebody"
    book = edited.save(tmp_path / "own.xlsx")
    out = tmp_path / "公开.xlsx"
    run_json(capsys, "recalc", book, "--in-place", "--no-backup")
    code, document = run_json(capsys, "release", book, "-o", out)
    assert (code, document["units"], document["nodes"]) == (0, len(UNITS), 3)
    content = b"".join(
        zipfile.ZipFile(out).read(n) for n in zipfile.ZipFile(out).namelist()
    )
    assert b"Somebody" not in content
    assert b"secret" not in content
    template = open_template(book)
    numbers = {
        cell.value
        for sheet in load_workbook(out)
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, float)
    }
    assert not numbers & set(template.dataset.values.ravel().tolist())
    stored = {u["unit"]: u for u in run_json(capsys, "results", book)[1]["units"]}
    page = load_workbook(out)["Ranking"]
    rows = {row[1].value: row for row in page.iter_rows(min_row=2)}
    assert set(rows) == set(UNITS)
    for unit, row in rows.items():
        assert row[0].value == stored[unit]["ranks"]["X"]
        assert row[5].value == pytest.approx(stored[unit]["scores"]["X"], rel=1e-14)
    tree = load_workbook(out)["Framework"]
    texts = {cell.value for row in tree.iter_rows() for cell in row}
    assert {"Yearbook", "2023", "urban districts"} <= texts
    left = {line["what"]: line for line in document["left_out"]}
    assert left.keys() == {"comment", "exception"}
    assert (left["exception"]["unit"], left["exception"]["code"]) == ("city04", "A0")
    assert (
        left["exception"]["content"]
        == "1.5 · substituted · 2020 · Wang · of the province"
    )


@pytest.mark.slow
def test_synthetic_and_draft_are_said_in_the_file(tmp_path, capsys):
    book = tmp_path / "e.xlsx"
    out = tmp_path / "g.xlsx"
    gap = tmp_path / "gap.csv"
    gap.write_text("unit,IMG_COM_SEARCH_GT\nbeijing,\n", encoding="utf-8")
    run_json(capsys, "new", "image2025", "-o", book)
    run_json(
        capsys, "fill", book, "--data", gap, "--clear", "--in-place", "--no-backup"
    )
    code, document = run_json(capsys, "release", book, "-o", out)
    assert (code, document["draft"]) == (0, True)
    about = load_workbook(out)["About"]
    said = " ".join(
        str(cell.value) for row in about.iter_rows() for cell in row if cell.value
    )
    assert "Draft" in said
    assert "草稿" in said


def test_cities_without_a_rank_stand_last():
    def unit(name, **ranks):
        texts = dict.fromkeys(("name_zh", "name_en"), name)
        return {
            "unit": name,
            "population": "main",
            "ranks": ranks,
            "scores": {},
            **texts,
        }

    results = {"units": [unit("a"), unit("b", X=2), unit("c", X=1)]}
    rows = _ranking(results, [Node("X", None, "", "Index")])
    assert [row[1] for row in rows] == ["c", "b", "a"]
