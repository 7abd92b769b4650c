"""Sentences that ties, rounding and negative correlations would make false."""

import dataclasses

import pandas as pd
import pytest

from xlcity import Framework
from xlcity.api.index import Index
from xlcity.api.report import index_source
from xlcity.report.facts import Facts, node_sentences


def source(columns, **methods):
    nodes = "".join(f"{code},T,{code.upper()}\n" for code in columns)
    framework = Framework.read(f"code,parent,name_en\nT,,Total\n{nodes}")
    units = [f"u{at}" for at in range(len(next(iter(columns.values()))))]
    return index_source(Index(framework, pd.DataFrame(columns, index=units), **methods))


def said(columns, fact, **methods):
    found = node_sentences(source(columns, **methods), "T", "main")
    return next((one.text.en for one in found if one.fact == fact), "")


def test_who_is_on_the_mean_is_not_above_it():
    # 100/3, 200/3, 100 have a mean that is less than the middle one in the last bit.
    text = said({"a": [1, 2, 3], "b": [1, 2, 3]}, "above_mean", normalise="rank")
    assert "66.67; 1 of them, or 33.3%, are above it" in text


def test_the_strongest_correlation_may_be_negative():
    columns = {
        "a": [0, 100, 40, 60, 5, 95],
        "b": [0, 10, 100, 90, 55, 40],
        "c": [2.0, -1.0, -2.0, -2.0, 1.0, -0.5],
    }
    text = said(columns, "closest", normalise="none")
    assert "C correlates most strongly with it (r = −0.9" in text


def test_none_of_two_equal_components_is_the_strongest():
    assert said({"a": [1, 2, 4, 3], "b": [2, 4, 8, 6]}, "closest") == ""


@pytest.mark.parametrize(("many", "named"), [(10, 10), (11, 1)])
def test_cities_that_moved_alike_are_all_named_or_none(monkeypatch, many, named):
    facts = Facts(source({"a": list(range(40)), "b": list(range(40))}), "T", "main")
    # One city gained nine places, the others of `many` three.
    moves = {row: 9 if at == 0 else 3 if at < many else -1 for at, row in enumerate(facts.rows)}
    edition = type("Edition", (), {"label": facts.name})
    facts.source = dataclasses.replace(facts.source, earlier=(edition,))
    monkeypatch.setattr(type(facts.source), "change", lambda self, row, code: moves[row])
    (risers,) = (one for one in facts.movers() if one.fact == "risers")
    assert len(risers.cells) == named
