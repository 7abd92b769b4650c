"""The numbers of figures as rows: headings in the reader's language, and what a row is about."""

import re

import numpy as np
import pytest

from tests.unit.figures.test_figures import AXIS, kinds
from xlcity.figures import contents as c

ENGLISH = re.compile("[A-Za-z]{2,}")


@pytest.mark.parametrize("kind", kinds())
def test_chinese_rows_have_chinese_headings(kind):
    headings, *rows = c.number_rows(kinds()[kind], "zh")
    assert rows
    assert [text for text in headings if ENGLISH.search(str(text))] == []
    assert all(headings[1:])


def test_axes_without_a_label_have_headings_too():
    bare = c.Axis(c.Label(""))
    at = np.arange(3.0)
    chart = c.ScatterChart([c.Label("甲", "a")] * 3, at, at, bare, bare, at)
    assert c.number_rows(chart, "zh")[0] == ("名称", "横轴", "纵轴", "大小")
    assert c.number_rows(chart, "en")[0] == ("name", "across", "up", "size")


def test_ranks_before_names_are_a_column_of_their_own():
    rows = [c.Label("1  甲", "1  a"), c.Label("2  乙‡", "2  b‡")]
    ranks = np.array([1.0, 2.0])
    series = [c.BarSeries(c.Label("名次", "rank"), ranks, ranks, ranks + 1)]
    chart = c.DotChart(rows, series, AXIS)
    assert c.number_rows(chart, "en") == [
        ("rank", "city", "rank: low end", "rank: high end"),
        (1, "a", 1, 2),
        (2, "b‡", 2, 3),
    ]
    assert c.number_rows(chart, "zh")[0][:2] == ("名次", "城市")


def test_both_dots_of_a_city_have_their_editions():
    dots = [c.Dot(c.Label("甲，上届"), 3.5, None), c.Dot(c.Label("甲"), 4.0, 6)]
    panel = c.DotPanel(c.Label(""), [c.DotRow(c.Label("甲"), dots)])
    legend = [(c.Label("2024年"), None), (c.Label("2025年"), 6)]
    chart = c.DotPanels([panel], AXIS, legend=legend, is_joined=True)
    assert c.number_rows(chart, "zh") == [
        ("城市", "届次", "名次"),
        ("甲", "2024年", 3.5),
        ("甲", "2025年", 4),
    ]


def test_rows_of_a_tree_of_merges_are_steps_that_name_what_they_merge():
    names = [c.Label(zh, en) for zh, en in (("甲", "a"), ("乙", "b"), ("丙", "c"))]
    merges = np.array([[0, 2, 1.5, 2], [1, 3, 4.0, 3]])
    chart = c.Dendrogram(names, merges, AXIS)
    assert c.number_rows(chart, "en") == [
        ["step", "first cluster", "second cluster", "distance", "members"],
        [1, "a", "c", 1.5, 2],
        [2, "b", "step 1", 4.0, 3],
    ]
    assert [row[1:3] for row in c.number_rows(chart, "zh")[1:]] == [
        ["甲", "丙"],
        ["乙", "步骤1"],
    ]


def test_every_row_of_a_tree_of_merges_is_merged_once():
    chart = kinds()["dendrogram"]
    _, *steps = c.number_rows(chart, "en")
    merged = [cluster for _, *pair, _, _ in steps for cluster in pair]
    leaves = [name.en for name in chart.rows]
    made = [f"step {number}" for number in range(1, len(steps))]
    assert sorted(merged) == sorted([*leaves, *made])
    assert steps[-1][-1] == len(leaves)


def test_boxes_of_a_tree_name_what_is_above_them():
    names = [c.Label(text) for text in ("root", "left", "right", "leaf")]
    rows = c.number_rows(c.TreeDiagram(names, [-1, 0, 0, 2]), "en")
    assert rows[1:] == [
        ("root", ""),
        ("left", "root"),
        ("right", "root"),
        ("leaf", "right"),
    ]
