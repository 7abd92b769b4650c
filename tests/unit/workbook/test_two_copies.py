"""Two copies of a small workbook are merged, and the result is drawn anew: quick tests of both."""

import re

import pytest

from tests.helpers.cli import run_json
from tests.helpers.desk import Desk, standing

CITIES = ("a0", "b1", "c2", "d3")
CODES = ("A1", "A2", "B1")


@pytest.fixture
def base(tmp_path, capsys):
    """Return a workbook of four cities and three indicators, without pages on demand."""
    nodes = ["code,parent,weight,direction", "X,,1,1", "A,X,1,1", "B,X,1,1"]
    nodes += [f"{code},{code[0]},1,1" for code in CODES]
    rows = [f"{city},{10 * n},{10 * n + 1},{n}" for n, city in enumerate(CITIES, 1)]
    (tmp_path / "tree.csv").write_text("\n".join(nodes) + "\n")
    (tmp_path / "data.csv").write_text("\n".join(["unit,A1,A2,B1", *rows]) + "\n")
    words = "--framework", tmp_path / "tree.csv", "--data", tmp_path / "data.csv"
    run_json(
        capsys,
        "new",
        *words,
        "--no-udf",
        "--pages",
        "none",
        "-o",
        tmp_path / "base.xlsx",
    )
    return tmp_path / "base.xlsx"


def desk_of(path):
    return Desk(path.read_bytes(), None, 0)


def cell(desk, city, code):
    return desk.data.cell(desk.units[city], desk.codes[code])


def source(desk, code):
    page, heads, rows = desk.table("xl_sources")
    row = next(row for row in rows if page.cell(row, heads["code"]).value == code)
    return page.cell(row, heads["source"])


def test_what_both_did_is_there_or_listed(base, tmp_path, capsys):
    first = desk_of(base)
    source(first, "A1").value = source(first, "B1").value = "Yearbook 2019"
    first.save(base)
    left = desk_of(base)
    right = desk_of(base)
    source(left, "A1").value = "Yearbook 2020"
    cell(left, "a0", "A1").value = 1.5
    cell(right, "a0", "A1").value = 2.5
    cell(left, "b1", "A2").value = 99.5
    cell(right, "c2", "B1").value = "=30+3"
    left.do_city()
    (new,) = left.units.keys() - right.units.keys()
    left.data.page_margins.left = 1.25
    right.data.print_area = "A1:F20"
    # A formula of the template over another range has the same words, and was changed.
    formulas = (c for row in right.book[right.scores].iter_rows() for c in row)
    lowest = next(c for c in formulas if ",MIN(" in str(c.value))
    lowest.value = re.sub(r"(MIN\(\w+)\$16:", r"\1$17:", lowest.value)
    aside = right.data.cell(right.units["d3"], right.data.max_column + 3)
    aside.value = "=7*6"  # where the template has nothing
    panes = {}
    for name, desk, city, colour in (
        ("left", left, "b1", "B00001"),
        ("right", right, "c2", "B2"),
    ):
        place = cell(desk, city, "A2").coordinate
        desk.data.freeze_panes, panes[name] = place, f"frozen panes: {place}"
        desk.data.sheet_properties.tabColor = f"FF{colour:0>6}"
    for desk, text, total in ((left, "by left", "=1+2"), (right, "by right", "=1+3")):
        desk.book.create_sheet("Mine")["A1"] = text
        desk.book.create_sheet("Sums")["A1"] = total
        desk.book.create_sheet("Both")["A1"] = "=1+1"
    left.data.row_dimensions[left.units["d3"]].hidden = True
    paths = left.save(tmp_path / "left.xlsx"), right.save(tmp_path / "right.xlsx")
    _, document = run_json(
        capsys, "merge", base, *paths, "-o", tmp_path / "merged.xlsx"
    )
    said = {(c["kind"], c["field"]): c for c in document["conflicts"]}
    value = said.pop(("value", None))
    assert (value["unit"], value["indicator"], value["base"], value["kept"]) == (
        "a0",
        "A1",
        10,
        10,
    )
    assert value["said"] == {"left": 1.5, "right": 2.5}
    assert [c["said"] for c in said.values() if "pane" in str(c["field"])] == [panes]
    colours = [c["said"] for c in said.values() if "0000" in str(c["said"])]
    tabs = {"left": "tab colour: B00001", "right": "tab colour: 0000B2"}
    assert colours == [tabs]
    # Of settings that hands disagree on, both are listed.
    listed = {(line["source"], line["content"]) for line in document["leftovers"]}
    assert {*panes.items(), *tabs.items()} <= listed
    assert lowest.value in {content for _, content in listed}
    opened = desk_of(tmp_path / "merged.xlsx")
    assert vars(opened.data.page_margins) == vars(left.data.page_margins)
    assert opened.data.print_area == right.data.print_area
    assert [source(opened, code).value[-4:] for code in ("A1", "B1")] == [
        "2020",
        "2019",
    ]
    pages = [
        page["A1"].value
        for page in opened.book
        if page.title[:4] in ("Mine", "Sums", "Both")
    ]
    assert sorted(pages) == ["=1+1", "=1+2", "=1+3", "by left", "by right"]
    merged = standing(tmp_path / "merged.xlsx")
    assert merged["value", "a0", "A1"] == 10
    assert merged["value", "b1", "A2"] == 99.5
    assert merged["value", new, "A1"] == cell(left, new, "A1").value
    assert merged["hidden", "d3"]
    tree = (tmp_path / "tree.csv").read_text().replace("A2,A,1,1\n", "B2,B,1,1\n")
    (tmp_path / "tree.csv").write_text(tree)
    words = "--framework", tmp_path / "tree.csv"
    run_json(
        capsys,
        "rebuild",
        tmp_path / "merged.xlsx",
        *words,
        "-o",
        tmp_path / "again.xlsx",
    )
    again = standing(tmp_path / "again.xlsx")
    desk = desk_of(tmp_path / "again.xlsx")
    values = {key: value for key, value in merged.items() if key[0] == "value"}
    kept = {key: value for key, value in values.items() if key[2] != "A2"}
    assert {key: again.get(key) for key in kept} == kept
    # What belongs to an indicator that is gone is listed.
    lines = again.left.splitlines()
    for _, city, code in values.keys() - kept.keys():
        number = f"{values['value', city, code]:g}"
        assert any(
            city in line and code in line and number in line for line in lines
        ), city
    assert again["hidden", "d3"]
    assert cell(desk, "c2", "B1").value == "=30+3"
    assert "=7*6" in {c.value for c in desk.data[desk.units["d3"]]}
    assert "B2" in desk.codes
