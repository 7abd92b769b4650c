"""A traced number: its tree is complete, reaches typed values with sources, and can be shown."""

import json
import re

import pytest
from templates import MEDIA, SEARCH, data_cell, named_cell, read, small_template

from xlcity.audit.trace.html import trace_page
from xlcity.audit.trace.recompute import recompute
from xlcity.audit.trace.trace import trace
from xlcity.cli import main
from xlcity.errors import UsageError
from xlcity.recalc.selection.compare import agree


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    small_template().write(path)
    return path


def cell_of(name, row=0, column=0):
    area = read(small_template()).area(name)
    from xlcity.xlsx.address import cell_name

    return f"{area.sheet}!{cell_name(area.r1 + row, area.c1 + column)}"


def test_a_total_reaches_the_raw_cells_and_their_sources(book):
    traced = trace(book, cell_of("out_scores"))
    root = traced.steps[traced.root]
    assert (root.description.unit, root.description.node) == ("beijing", "IMG")
    template = read(small_template())
    own = {
        step.description.node: step
        for step in traced.leaves
        if step.description.unit == "beijing" and step.description.step == "data"
        and step.key.startswith("Data!")
        and step.description.node
    }  # fmt: skip
    assert {SEARCH, MEDIA} <= set(own)
    assert own[SEARCH].key == f"Data!{data_cell('beijing', SEARCH)}"
    assert own[SEARCH].value == template.book.value("Data", *_at(data_cell("beijing", SEARCH)))
    assert all(
        step.description.source and step.description.source["source"] for step in own.values()
    )
    assert "derived" in own[SEARCH].description.marks


def _at(address):
    from xlcity.xlsx.address import parse_cell

    return parse_cell(address)


@pytest.mark.parametrize("name", ["out_scores", "out_ranks", "out_normalised", "chk_verdict"])
def test_the_leaves_alone_give_the_value(book, name):
    traced = trace(book, cell_of(name))
    assert agree(recompute(traced), traced.steps[traced.root].value)


def test_a_trace_that_lost_a_leaf_gives_another_value(book):
    from dataclasses import replace

    traced = trace(book, cell_of("out_scores"))
    leaf = next(
        s for s in traced.leaves if s.description.unit == "beijing" and s.description.step == "data"
    )
    steps = {key: step for key, step in traced.steps.items() if key != leaf.key}
    lost = replace(traced, steps=steps)
    assert not agree(recompute(lost), traced.steps[traced.root].value)


def test_depth_cuts(book):
    traced = trace(book, cell_of("out_scores"), depth=1)
    assert 1 < len(traced.steps) < 30
    assert traced.cut
    with pytest.raises(UsageError, match="cut"):
        recompute(traced)


def test_json_opens_each_cell_once(book, capsys):
    assert main(["trace", str(book), cell_of("out_scores"), "--verify", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["agrees"] is True
    opened = []

    def walk(node):
        if node["inputs"]:
            opened.append(node["cell"])
        for item in node["inputs"]:
            walk(item)

    walk(document)
    assert len(opened) == len(set(opened)) > 20
    assert {"cell", "value", "formula", "label", "unit", "node", "inputs", "source"} <= set(
        document
    )


def test_the_page_holds_the_whole_trace_and_loads_nothing(book, tmp_path):
    target = tmp_path / "page.html"
    assert main(["trace", str(book), cell_of("out_scores"), "--html", str(target)]) == 0
    page = target.read_text(encoding="utf-8")
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    document = json.loads(data[1])
    traced = trace(book, cell_of("out_scores"))
    assert len(document["steps"]) == len(traced.steps)
    assert document["steps"][0]["cell"] == traced.root
    assert "http" not in page.replace(data[1], "")
    assert "北京" in data[1]


def test_a_text_cannot_end_the_page_s_data(book):
    from dataclasses import replace

    traced = trace(book, cell_of("out_scores"), depth=0)
    root = traced.steps[traced.root]
    bad = replace(root, description=replace(root.description, label="</script><script>alert(1)"))
    page = trace_page(replace(traced, steps={**traced.steps, traced.root: bad}))
    assert "</script><script>alert" not in page


def test_names_and_unknown_cells(book):
    assert trace(book, "xl_lang").root == f"README!{named_cell('xl_lang')}"
    for wrong in ("Nowhere!A1", "Scores!", "C16"):
        with pytest.raises(UsageError, match="cell"):
            trace(book, wrong)
