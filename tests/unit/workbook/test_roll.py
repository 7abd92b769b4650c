"""Next year's workbook: what stays, what is blank, what is known of the last edition."""

import pytest
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests.helpers.cli import codes, run, run_json
from tests.helpers.own import CODES, UNITS, Edited, own_bytes, write_tables
from xlcity.workbook.migrate.content import read_content
from xlcity.workbook.reading.template import open_template


@pytest.fixture
def this_year(tmp_path):
    edited = Edited(own_bytes())
    edited.source("A1", "source", "Yearbook")
    edited.comment("city05", "A1", "about this year's value")
    edited.cell("city05", "A1").font = Font(strike=True, color="FFFF0000")
    name = next(
        cell for cell in edited.book["Cities"]["A"] if cell.value == "city05"
    ).offset(0, 1)
    name.comment = Comment("called otherwise until 2020", "Li")
    return edited.save(tmp_path / "2025.xlsx")


@pytest.fixture
def next_tables(tmp_path):
    """Two new cities; A1 means something else, B1 is called B7, B2 is dropped, B3 is new."""
    (tmp_path / "cities.csv").write_text("id,name_en\nnewa,New A\nnewb,New B\n")
    rows = [
        "code,parent,weight,direction,name_en,definition",
        "X,,1,1,Index,",
        "A,X,1,1,Pillar A,",
        "B,X,1,1,Pillar B,",
        "A0,A,1,1,Indicator A0,",
        "A1,A,1,1,Indicator A1,per head",
        "A2,A,1,-1,Indicator A2,",
        "B0,B,1,1,Indicator B0,",
        "B7,B,1,1,Indicator B1,",
        "B3,B,1,1,Indicator B3,",
    ]
    (tmp_path / "fw.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "map.csv").write_text(
        "old,code,status,note\nB1,B7,kept,only the code changed\n"
    )
    return [
        "--cities",
        tmp_path / "cities.csv",
        "--framework",
        tmp_path / "fw.csv",
        "--map",
        tmp_path / "map.csv",
    ]


@pytest.mark.slow
def test_the_next_edition_knows_the_last_one(tmp_path, capsys, this_year, next_tables):
    out = tmp_path / "明年 2026.xlsx"
    words = ["roll", this_year, "--edition", "2026", "-o", out, *next_tables]
    code, document = run_json(capsys, *words)
    assert code == 0
    assert document["new_units"] == ["newa", "newb"]
    assert document["indicators"] == {
        "kept": 4,
        "redefined": 1,
        "split": 0,
        "dropped": 1,
        "new": 1,
    }
    assert {(m["status"], m["code"], m["old"]) for m in document["mapping"]} == {
        ("kept", "A0", "A0"),
        ("redefined", "A1", "A1"),
        ("kept", "A2", "A2"),
        ("kept", "B0", "B0"),
        ("kept", "B7", "B1"),
        ("dropped", "", "B2"),
        ("new", "B3", ""),
    }
    template = open_template(out)
    before = open_template(this_year)
    content = read_content(template)
    assert content.spec.edition == "2026"
    # Next year's value is not struck out because last year's was.
    assert not any("strike" in edit.text for edit in content.edits_of("look"))
    texts = {cell.value for cell in template.book.sheets["Leftovers"].cells.values()}
    assert "colour FF0000, strike 1" in texts
    assert [edit.value.text for edit in content.edits_of("comment")] == [
        "called otherwise until 2020"
    ]
    assert (template.dataset.states == 1).all()
    assert {u.id for u in template.dataset.units} == {*UNITS, "newa", "newb"}
    assert content.spec.framework["A1"].source == "Yearbook"
    assert content.spec.last is not None
    dataset = before.dataset
    result = before.index
    assert (
        content.spec.last.values["city03", "B1"]
        == dataset.values[3, dataset.column("B1")]
    )
    root = result.node_codes.index("X")
    assert [content.spec.last.ranks[u, "X"] for u in UNITS] == result.ranks[
        :, root
    ].tolist()
    assert [content.spec.last.scores[u, "X"] for u in UNITS] == pytest.approx(
        result.scores[:, root].tolist()
    )
    code, text, _ = run(capsys, "check", out)
    assert code == 0, text


@pytest.mark.slow
def test_filled_it_compares_ranks_and_flags_slips(
    tmp_path, capsys, this_year, next_tables
):
    out = tmp_path / "next.xlsx"
    filled = tmp_path / "filled.xlsx"
    run_json(capsys, "roll", this_year, "--edition", "2026", "-o", out, *next_tables)
    (tmp_path / "more").mkdir()
    write_tables(tmp_path / "more", seed=1)
    lines = (tmp_path / "more/data.csv").read_text().replace("B1", "B7").splitlines()
    lines[0] = lines[0].replace("B2", "B3")
    cells = lines[3].split(",")
    cells[1] = str(float(cells[1]) * 10)
    lines[3] = ",".join(cells)
    lines += ["newa," + ",".join(["55"] * 6), "newb," + ",".join(["45"] * 6)]
    (tmp_path / "next.csv").write_text("\n".join(lines) + "\n")
    code, document = run_json(
        capsys, "fill", out, "--data", tmp_path / "next.csv", "-o", filled
    )
    assert (code, document["written"]) == (0, (len(UNITS) + 2) * len(CODES))
    book = load_workbook(filled, data_only=True)
    page = book["Change"]
    heads = [(c.column, c.value) for c in page[15]]
    nodes = [column for column, value in heads if value == "X"]
    rows = {page.cell(r, 1).value: r for r in range(16, 16 + len(UNITS) + 2)}
    assert [page.cell(rows[u], 3).value for u in ("newa", "newb")] == ["new", "new"]
    now = {
        u["unit"]: u["ranks"]["X"]
        for u in run_json(capsys, "results", filled)[1]["units"]
    }
    last = read_content(open_template(filled)).spec.last
    for unit in UNITS:
        change, before = (page.cell(rows[unit], column).value for column in nodes[:2])
        assert before == last.ranks[unit, "X"]
        assert change == last.ranks[unit, "X"] - now[unit]
    flags = next(column for column, value in heads if value == "A0")
    marked = {
        u: page.cell(rows[u], flags).value
        for u in UNITS
        if page.cell(rows[u], flags).value
    }
    assert marked == {"city02": "×10^1"}
    checks = {row[0].value: row[2].value for row in book["Checks"].iter_rows(min_row=8)}
    assert checks["plausibility"] == "note"


def test_a_mapping_to_nowhere_is_refused(tmp_path, capsys, this_year):
    (tmp_path / "map.csv").write_text("old,code,status\nZ1,A0,kept\nA1,Z2,kept\n")
    words = ["roll", this_year, "--edition", "2026", "-o", tmp_path / "next.xlsx"]
    code, document = run_json(capsys, *words, "--map", tmp_path / "map.csv")
    assert (code, codes(document), len(document["errors"])) == (3, {"XC336"}, 2)
    (tmp_path / "map.csv").write_text("old,code,status\nA1,A1,changed\n,,\n")
    code, document = run_json(capsys, *words, "--map", tmp_path / "map.csv")
    assert (code, codes(document)) == (3, {"XC335"})
    # The map that a table was adopted with is another one: said once, not in each of its lines.
    (tmp_path / "map.toml").write_text('[data]\nheader = 1\n\n[columns]\n"x" = "A0"\n')
    code, document = run_json(capsys, *words, "--map", tmp_path / "map.toml")
    assert [error["hint"] for error in document["errors"]] == [
        "The map of a team's own table goes to --table-map."
    ]
