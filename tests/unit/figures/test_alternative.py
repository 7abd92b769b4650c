"""Texts for those who do not see a figure: its message, and the range of what it shows."""

import numpy as np

from xlcity.figures import contents as c
from xlcity.figures.alternative import alternative_text
from xlcity.figures.figure import Figure


def text_of(content, lang="en"):
    return alternative_text(Figure("f", c.Label("标题", "Title"), content), lang)


def names(*words):
    return [c.Label(word) for word in words]


def test_the_lowest_and_the_highest_number_are_named_as_they_are_drawn():
    axis = c.Axis(c.Label("得分", "score"), decimals=1)
    series = c.BarSeries(c.Label("得分", "score"), np.array([71.25, np.nan, 3.04]))
    chart = c.BarChart(names("A", "B", "C"), [series], axis)
    assert text_of(chart) == "Title. Score: lowest 3.0 (C), highest 71.2 (A)"
    assert text_of(chart, "zh") == "标题。得分最低3.0（C），最高71.2（A）"


def test_numbers_of_several_columns_say_of_which():
    axis = c.Axis(c.Label("得分", "score"), decimals=0)
    table = c.HeatTable(
        names("A", "B"),
        names("P", "Q"),
        np.array([[1.0, 8], [5, 3]]),
        np.array([[2.0, 1], [1, 2]]),
        [["1", "8"], ["5", "3"]],
        axis,
        [1, 2, 2],
        names("x", "y", "z", "no"),
    )
    assert text_of(table) == "Title. Score: lowest 1 (A, P), highest 8 (A, Q)"


def test_relations_of_a_row_with_itself_are_not_told():
    r = np.array([[1.0, 0.25], [0.25, 1.0]])
    axis = c.Axis(c.Label("相关系数", "correlation"))
    chart = c.Matrix2D(names("A", "B"), names("A", "B"), r, axis, diverging=True)
    assert "highest 0.25" in text_of(chart)
    assert r[0, 0] == 1.0


def test_strips_name_the_lines_at_both_ends():
    chart = c.StripChart(
        names("Trees", "Lanes"),
        np.array([0.9, 0.1]),
        np.array([0.5, 0.5]),
        names("70%", "3 km"),
        ["1", "9"],
        [],
    )
    assert (
        text_of(chart)
        == "Title. Furthest left Lanes (3 km), furthest right Trees (70%)"
    )


def test_a_chart_without_numbers_has_its_title():
    assert text_of(c.TreeDiagram(names("T", "a"), [-1, 0])) == "Title"
