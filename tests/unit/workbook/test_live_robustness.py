"""`Robustness`: ranks under drawn weights as numpy has them, and how they follow what is typed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.helpers.own_books import KINDS, own_book, own_book_spec
from xlcity.index import compute
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.layout import Layout
from xlcity.workbook.sheets.analyses import robustness as sheet
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.tabs import available_pages
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.patch import write_inputs

ENGINES = ["compiled", pytest.param("libreoffice", marks=pytest.mark.libreoffice)]
#: Columns of the list.
COLUMNS = ("rank", "name", "score", "median", "low", "high", "top")


def shown(book: ReadBook, cities: int) -> list[dict[str, object]]:
    return [
        {
            name: book.value(sheet.SHEET, sheet.HEADER + 1 + line, column)
            for column, name in enumerate(COLUMNS, 1)
        }
        for line in range(cities)
    ]


def expected(spec: TemplateSpec) -> list[dict[str, object]]:
    """Return what the list shows, in the order of ranks."""
    result = compute(spec.framework, spec.recipe, spec.dataset)
    root = spec.framework.root.code
    parts = spec.framework.children(root)
    scores = np.column_stack([result.column(part.code) for part in parts])
    total = result.column(root)
    weights = np.array([part.weight for part in parts]) * sheet.factors(len(parts))
    present = ~np.isnan(scores)
    drawn = (np.where(present, scores, 0) @ weights.T) / (present @ weights.T)
    drawn = drawn[~np.isnan(total)].round(9)
    ranks = np.column_stack([stats.rankdata(-draw, method="min") for draw in drawn.T])
    ranks.sort(axis=1)
    scored = np.flatnonzero(~np.isnan(total))
    official = result.ranks[:, result.node_codes.index(root)]
    lines = [
        {
            "rank": int(official[row]),
            "name": f"City {row:02d}",
            "score": pytest.approx(total[row], rel=1e-9),
            "median": np.median(own),
            "low": own[sheet.LOW - 1],
            "high": own[sheet.HIGH - 1],
            "top": pytest.approx((own <= sheet.TOP).mean()),
        }
        for row, own in zip(scored, ranks, strict=True)
    ]
    return sorted(lines, key=lambda line: (line["rank"], line["name"]))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
def test_intervals_are_those_of_numpy(kind, engine):
    package = own_book(kind, "robustness")
    book = read_book(package)
    if engine != "compiled":
        book = recalculate(package, engine).as_book()
    lines = expected(own_book_spec(kind, "robustness"))
    assert shown(book, len(lines)) == lines
    after = book.value(sheet.SHEET, sheet.HEADER + 1 + len(lines), 1)
    assert after in ("", None)


def test_draws_follow_the_weights_and_the_values_typed():
    spec = own_book_spec("gaps", "robustness")
    layout = Layout(spec)
    weight = layout.framework_column("weight")
    codes = [node.code for node in spec.framework.tree_order]
    row = weight.r1 + codes.index("P")
    package = write_inputs(
        own_book("gaps", "robustness"), {"Framework": {(row, weight.c1): 9.0}}
    )
    nodes = tuple(
        replace(node, weight=9.0) if node.code == "P" else node
        for node in spec.framework.nodes
    )
    other = replace(spec, framework=replace(spec.framework, nodes=nodes))
    lines = expected(other)
    assert lines != expected(spec)
    assert shown(recalculate(package).as_book(), len(lines)) == lines


def test_a_total_of_another_kind_has_no_such_page():
    spec = own_book_spec("gaps")
    step = next(s for s in spec.recipe.steps if s.do == "aggregate")
    steps = [
        replace(s, method="geometric") if s is step else s for s in spec.recipe.steps
    ]
    other = replace(spec, recipe=replace(spec.recipe, steps=tuple(steps)))
    assert "robustness" in available_pages(spec)
    assert "robustness" not in available_pages(other)
