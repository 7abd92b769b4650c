"""The sheet `Audit`: the way of a number up to the total, and its parts, for any city and node."""

import pytest
from templates import SEARCH, edited, read, seen, small_report, small_spec, small_template

from xlcity.index import compute
from xlcity.workbook.build import draw
from xlcity.xlsx.cells import read_book


def chosen(city, node):
    return seen(edited(small_template(), {"Audit": {"B4": city, "B5": node}}))


def table(book, first, last, columns):
    return [[book.at("Audit", f"{c}{row}") for c in columns] for row in range(first, last + 1)]


def row_of(book, column, text):
    return next(r for r in range(1, 60) if book.at("Audit", f"{column}{r}") == text)


@pytest.mark.parametrize("city", ["海口", "Xiamen"])
def test_the_parts_add_up_to_every_node(city):
    report = small_report()
    result = compute(report.framework, report.recipe, report.dataset)
    unit = {"海口": "haikou", "Xiamen": "xiamen"}.get(city, city)
    at = report.dataset.row(unit)
    for node in report.framework.composites:
        book = chosen(city, node.code)
        header = row_of(book, "B", "组成部分")
        children = report.framework.children(node.code)
        parts = table(book, header + 1, header + len(children), "ACFGH")
        assert [part[0] for part in parts] == [child.code for child in children]
        total = sum(child.weight for child in children)
        running = 0.0
        for child, (_, value, points, start, end) in zip(children, parts, strict=True):
            assert value == pytest.approx(result.column(child.code)[at], rel=1e-9)
            assert points == pytest.approx(value * child.weight / total, rel=1e-9)
            assert start == pytest.approx(running, abs=1e-9)
            running += points
            assert end == pytest.approx(running, abs=1e-9)
        score = result.column(node.code)[at]
        assert running == pytest.approx(score, rel=1e-9)
        row = row_of(book, "B", "各部分之和")
        assert book.at("Audit", f"F{row}") == pytest.approx(score, rel=1e-9)
        assert book.at("Audit", f"G{row + 1}") == "="


def test_the_way_up_names_every_node_to_the_total():
    report = small_report()
    book = chosen("chengdu", SEARCH)
    path = [node.code for node in reversed(report.framework.path(SEARCH))]
    rows = table(book, 8, 8 + len(path) - 1, "ACDF")
    assert [row[0] for row in rows] == path
    result = compute(report.framework, report.recipe, report.dataset)
    at = report.dataset.row("chengdu")
    assert [row[1] for row in rows] == pytest.approx([result.column(c)[at] for c in path])
    assert [row[2] for row in rows[:-1]] == [report.framework[c].weight for c in path[:-1]]
    # The indicator's own steps stand below.
    raw = row_of(book, "B", "原始值")
    assert book.at("Audit", f"C{raw}") == report.dataset.values[at, report.dataset.column(SEARCH)]


def test_unknown_choices_leave_it_empty():
    book = chosen("atlantis", "IMG")
    assert book.at("Audit", "C4") == "没有这座城市"
    book = chosen("beijing", "NOWHERE")
    assert book.at("Audit", "C5") == "没有这个指标"
    assert book.at("Audit", "A8") == ""
    assert book.verdict == seen(small_template()).verdict


def test_nothing_but_portable_functions():
    book = read_book(draw(small_spec())[0])
    from xlcity.xlsx.formulas.graph import Graph

    graph = Graph(book)
    used = set()
    for sheet, position in graph.formulas:
        if sheet == "Audit":
            used |= graph.form(sheet, position).functions
    assert used <= {
        "IF", "IFERROR", "INDEX", "MATCH", "COUNT", "COUNTIF", "SUM", "SUMIF", "ISNUMBER", "ROWS",
        "MAX", "MIN", "ABS", "SUBSTITUTE", "OR",
    }  # fmt: skip
    assert "Audit" in read(small_template()).book.sheets
