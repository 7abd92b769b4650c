"""A traced number: its tree is complete, reaches typed values with sources, and can be shown."""

import base64
import json
import re
import zlib
from pathlib import Path

import openpyxl
import pytest

from tests.helpers.contract_cells import block_cell, block_column, score_sheet
from tests.helpers.recompute_trace import recompute
from tests.helpers.templates import (
    MAIN,
    MEDIA,
    SEARCH,
    data_cell,
    named_cell,
    read,
    small_template,
)
from xlcity.audit.trace.html import trace_page
from xlcity.audit.trace.steps import Words
from xlcity.audit.trace.trace import trace
from xlcity.cli import main
from xlcity.errors import UsageError
from xlcity.recalc.compare import agree
from xlcity.reports import load_report
from xlcity.workbook.layout.rows import ROW_WEIGHT
from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.editing.patch import write_inputs


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    small_template().write(path)
    return path


def cell_of(name, row=0, column=0):
    """Return a cell of a block; of scores and ranks columns are counted from the total."""
    area = read(small_template()).area(name)
    first = area.c2 if name in ("out_scores", "out_ranks") else area.c1
    return f"{area.sheet}!{cell_name(area.r1 + row, first + column)}"


def test_a_misspelt_city_is_called_an_id_of_a_city(book):
    """Its cell is what a finding leads to; the name below which it stands is for programs."""
    package = small_template()
    area = read(package).area("in_units")
    write_inputs(package, {area.sheet: {(area.r1 + 1, area.c1): "Paris"}}).write(book)
    traced = trace(book, f"{area.sheet}!{cell_name(area.r1 + 1, area.c1)}")
    assert traced.steps[traced.root].description.labels == ("城市代码", "City id")


def test_a_total_reaches_the_raw_cells_and_their_sources(book):
    traced = trace(book, cell_of("out_scores"))
    root = traced.steps[traced.root]
    assert (root.description.unit, root.description.node) == ("beijing", "IMG")
    template = read(small_template())
    own = {
        step.description.node: step
        for step in traced.steps.values()
        if step.kind == "input"
        and (step.description.unit, step.description.step) == ("beijing", "data")
        and step.key.startswith("Data!")
        and step.description.node
    }
    assert {SEARCH, MEDIA} <= set(own)
    assert own[SEARCH].key == f"Data!{data_cell('beijing', SEARCH)}"
    assert own[SEARCH].value == template.book.value(
        "Data", *_at(data_cell("beijing", SEARCH))
    )
    assert all(
        step.description.source and step.description.source["source"]
        for step in own.values()
    )
    assert "derived" in own[SEARCH].description.marks


def _at(address):
    return parse_cell(address)


def test_a_derived_value_has_its_range_until_it_is_typed_over(book):
    (known,) = [
        entry
        for entry in load_report("image2025").ranges
        if (entry.unit, entry.code) == ("beijing", MAIN)
    ]
    cell = f"Data!{data_cell('beijing', MAIN)}"

    def source():
        traced = trace(book, cell)
        return traced.steps[traced.root].description.source

    assert source()["range"] == f"{known.low:.10g}–{known.high:.10g}"
    assert known.low < known.high
    package = small_template()
    write_inputs(package, {"Data": {_at(data_cell("beijing", MAIN)): 3.9}}).write(book)
    assert "range" not in source()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["out_scores", "out_ranks", "out_normalised", "chk_verdict"]
)
def test_the_leaves_alone_give_the_value(book, name):
    traced = trace(book, cell_of(name))
    assert agree(recompute(traced), traced.steps[traced.root].value)


def test_a_trace_that_lost_a_leaf_gives_another_value(book):
    from dataclasses import replace

    traced = trace(book, cell_of("out_scores"))
    leaf = next(
        s
        for s in traced.steps.values()
        if s.kind == "input"
        and (s.description.unit, s.description.step) == ("beijing", "data")
    )
    steps = {key: step for key, step in traced.steps.items() if key != leaf.key}
    lost = replace(traced, steps=steps)
    assert not agree(recompute(lost), traced.steps[traced.root].value)


def test_a_city_stands_for_its_score(book, capsys):
    workbook = read(small_template()).book
    for names, code in (
        (("北京",), ""),
        (("Beijing", "IMG_COM"), "IMG_COM"),
        (("北京", "国际传播力"), "IMG_COM"),
        (("beijing", "IMG_COM_SEARCH_GT"), "IMG_COM_SEARCH_GT"),
    ):
        assert main(["trace", str(book), *names, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        block = "out_normalised" if code.endswith("_GT") else "out_scores"
        assert document["cell"] == block_cell(workbook, block, "beijing", code or "IMG")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Bejing",), "Did you mean beijing?"),
        (("beijing", "IMG_COMM"), "Did you mean IMG_COM?"),
        (("Index!A16", "IMG_COM"), "is not a city"),
    ],
)
def test_a_city_or_a_code_that_is_none_is_named(book, capsys, names, said):
    assert main(["trace", str(book), *names]) == 2
    assert said in capsys.readouterr().err


def test_depth_cuts(book):
    traced = trace(book, cell_of("out_scores"), depth=1)
    assert 1 < len(traced.steps) < 30
    assert traced.cut
    assert traced.steps[traced.root].arithmetic


def test_json_opens_each_cell_once(book, capsys):
    assert main(["trace", str(book), cell_of("out_scores"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    opened = []

    def walk(node):
        if node["inputs"]:
            opened.append(node["cell"])
        for item in node["inputs"]:
            walk(item)

    walk(document)
    assert len(opened) == len(set(opened)) > 20
    assert {
        "cell",
        "value",
        "formula",
        "label",
        "unit",
        "node",
        "inputs",
        "source",
    } <= set(document)


def written(page):
    """Return what a page of a trace holds."""
    data = re.search(
        r'<script type="text/plain" id="data">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(zlib.decompress(base64.b64decode(data[1], validate=True)))


def test_the_page_holds_the_whole_trace_and_loads_nothing(book, tmp_path):
    target = tmp_path / "page.html"
    assert main(["trace", str(book), cell_of("out_scores"), "--html", str(target)]) == 0
    page = target.read_text(encoding="utf-8")
    document = written(page)
    traced = trace(book, cell_of("out_scores"))
    assert len(document["steps"]) == len(traced.steps)
    root = document["steps"][0]
    assert root["cell"] == traced.root
    assert "http" not in page
    # On paper a list that is not shown whole says how many are left.
    assert ".more::after{content:attr(data-left)" in page.partition("@media print")[2]
    zh, en = (" · ".join(word[lang] for word in root["label"]) for lang in (0, 1))
    assert zh.startswith("北京 · IMG ")
    assert en.startswith("Beijing · IMG ")
    assert not re.search("[一-鿿]", en)
    labels = {
        step["cell"]: [word[0] for word in step["label"]] for step in document["steps"]
    }
    # Sheets and headings are in the language of the reader, and nothing is named twice.
    workbook = read(small_template()).book
    assert (
        not {word for words in labels.values() for word in words}
        & workbook.sheets.keys()
    )
    pillars = (
        block_column(workbook, "out_scores", code) for code in ("IMG_COM", "IMG_REC")
    )
    first, last = (cell_name(ROW_WEIGHT, column.c1) for column in pillars)
    scores = score_sheet(workbook)
    assert labels[f"{scores}!{first}"] == ["IMG_COM 国际传播力", "在上级中的权重"]
    assert labels[f"{scores}!{first}:{last}"] == ["IMG_COM … IMG_REC", "在上级中的权重"]


def test_the_cells_of_all_cities_are_one_line(capsys, monkeypatch):
    monkeypatch.setenv("XLCITY_LANG", "en")
    book = Path(__file__).parents[4] / "workbooks" / "image2025.xlsx"
    assert main(["trace", str(book), "Beijing", SEARCH, "--depth", "9"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (cities,) = [n for n, line in enumerate(lines) if "cells · " in line]
    depths = [len(line) - len(line.lstrip()) for line in lines]
    assert depths[cities + 1] <= depths[cities]


def test_a_text_cannot_end_the_page_s_data(book):
    from dataclasses import replace

    traced = trace(book, cell_of("out_scores"), depth=0)
    root = traced.steps[traced.root]
    bad = replace(root, formula="</script><script>alert(1)")
    page = trace_page(replace(traced, steps={**traced.steps, traced.root: bad}))
    assert "</script><script>alert" not in page
    assert written(page)["steps"][0]["formula"] == "=</script><script>alert(1)"


def test_names_and_unknown_cells(book):
    assert trace(book, "xl_lang").root == f"Framework!{named_cell('xl_lang')}"
    for wrong in ("Nowhere!A1", "Data!", "C16"):
        with pytest.raises(UsageError, match="cell"):
            trace(book, wrong)


def test_a_code_stands_before_a_name_that_is_not_the_code_itself():
    said = [
        Words(name, code="A").alone()[0]
        for name in ("A", "A（元）", "Arts", "", "年末人口")
    ]
    assert said == ["A", "A（元）", "A Arts", "A", "A 年末人口"]


def test_a_terminal_shows_the_arithmetic_level_by_level_in_one_language(
    book, capsys, monkeypatch
):
    for language, city, score in (("en", "Beijing", "score"), ("zh", "北京", "得分")):
        monkeypatch.setenv("XLCITY_LANG", language)
        assert main(["trace", str(book), "beijing"]) == 0
        first, *below = capsys.readouterr().out.splitlines()
        assert re.match(
            rf"{city} · IMG .* · {score} = [\d.]+ = 0\.3 × [\d.]+ \+ ", first
        )
        # A level per step; what stands deeper is asked for by --depth.
        indents = {
            len(line) - len(line.lstrip()) for line in below if not line.startswith("=")
        }
        assert indents == {2, 4, 6}
        assert any(line.endswith(" …") for line in below)


def test_a_list_has_the_heading_above_it_and_numbers_stand_as_typed(tmp_path, capsys):
    workbook = openpyxl.Workbook()
    rows = [
        ("City", "People"),
        ("Xi'an", 12_952_907),
        ("Graz", 291_072.5),
        ("Both", "=B2+B3"),
    ]
    for row in [
        *rows,
        ("Pick", "=VLOOKUP(A3,A2:B3,2,FALSE)"),
        ("Share", "=ROUND(B3/B4,4)*B2"),
    ]:
        workbook.active.append(row)
    path = tmp_path / "own.xlsx"
    lines = []
    workbook.save(path)
    assert main(["recalc", str(path), "--in-place"]) == 0
    for cell in ("B4", "B5", "B6"):
        assert main(["trace", str(path), f"Sheet!{cell}"]) == 0
        lines += [
            line.strip().partition("  [")[0]
            for line in capsys.readouterr().out.splitlines()
        ]
    assert "Both · People · Sheet = 13243979.5 = 12952907 + 291072.5" in lines
    assert "City · Sheet = Graz" in lines
    assert any(
        line.endswith(" = ROUND(291072.5 / 13243979.5, 4) × 12952907") for line in lines
    )


def test_a_sign_for_no_value_is_not_the_label_of_a_number(tmp_path, capsys):
    """A country without values for some years keeps its name in the trace."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Country", 1988, 1989, 1990, "Growth"],
        ["Chile", "..", "—", 46.0, "=D2*1.5"],
    ):
        sheet.append(row)
    book.save(tmp_path / "years.xlsx")
    assert main(["trace", str(tmp_path / "years.xlsx"), "Sheet!E2"]) == 0
    assert "Chile · Growth" in capsys.readouterr().out


def test_weights_beside_a_table_are_not_called_by_its_rows(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Country", "Income", "N/A", "Score"],
        ["Norway", 4, None, "=B2*F$2", None, 0.4],
        ["Chile", "N/A", 2, "=B4*F$3", None, 0.6],
        ["Peru", 3, 1],
    ):
        book.active.append(row)
    book.active["H4"] = "=B4*2"  # column G is empty, too
    book.active["H1"] = "Double"
    book.save(tmp_path / "own.xlsx")
    labels = {
        "F2": "Sheet",
        "D2": "Norway · Score · Sheet",
        "B4": "Peru · Income · Sheet",
        "C4": "Peru · Sheet",
        "H4": "Peru · Double · Sheet",
    }
    for cell, label in labels.items():
        traced = trace(tmp_path / "own.xlsx", f"Sheet!{cell}", 0)
        assert traced.nodes[traced.root]["label"] == label


def test_a_row_is_called_by_the_label_that_tells_rows_apart(tmp_path):
    """A grade, a remark and a code are texts beside a number too, but no names of rows."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Code", "City", "Group", "Score", "Grade", "Remark", "Rank"])
    for row, city in enumerate(("Lyon", "Graz", "Porto"), 2):
        grade = f'=IF(D{row}>2,"high","low")'
        sheet.append(
            [f"C{row}", city, "A", float(row), grade, None, f"=RANK(D{row},D$2:D$4)"]
        )
    sheet["F3"] = "estimated"
    book.save(tmp_path / "own.xlsx")
    assert main(["recalc", str(tmp_path / "own.xlsx"), "--in-place"]) == 0
    labels = {
        cell: trace(tmp_path / "own.xlsx", f"Sheet!{cell}", 0).nodes[f"Sheet!{cell}"][
            "label"
        ]
        for cell in ("D3", "G3", "E4")
    }
    assert labels == {
        "D3": "Graz · Score · Sheet",
        "G3": "Graz · Rank · Sheet",
        "E4": "Porto · Grade · Sheet",
    }


def test_a_long_table_keeps_its_headings(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["City", "Score"])
    for number in range(340):
        book.active.append([f"City {number}", number])
    book.save(tmp_path / "own.xlsx")
    traced = trace(tmp_path / "own.xlsx", "Sheet!B340")
    assert traced.nodes[traced.root]["label"] == "City 338 · Score · Sheet"


def test_in_a_form_the_label_beside_a_cell_names_it(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Costs", 1, "Profit:", "=B1*2"],
        ["Rent", 2],
        ["Wages", 3, "Tax", "=B3*2"],
        ["Power", 4, "Rate", "=B4*2"],
    ):
        book.active.append(row)
    book.save(tmp_path / "own.xlsx")
    for cell, label in (("D1", "Profit:"), ("D3", "Tax"), ("D4", "Rate")):
        traced = trace(tmp_path / "own.xlsx", f"Sheet!{cell}")
        assert traced.nodes[traced.root]["label"] == f"{label} · Sheet"
