"""Sentences that ties, rounding and negative correlations would make false."""

import dataclasses
import re

import pandas as pd
import pytest

from xlcity import Framework, audit_text
from xlcity.api.index import Index
from xlcity.api.report import index_source
from xlcity.report.earlier_editions import EarlierRanks
from xlcity.report.facts import Facts, node_sentences
from xlcity.report.tables import statistics_table


def index_of(columns, **methods):
    nodes = "".join(f"{code},T,{code.upper()}\n" for code in columns)
    framework = Framework.read(f"code,parent,name_en\nT,,Total\n{nodes}")
    units = [f"u{at}" for at in range(len(next(iter(columns.values()))))]
    return Index(framework, pd.DataFrame(columns, index=units), **methods)


def source(columns, **methods):
    return index_source(index_of(columns, **methods))


def said(columns, fact, **methods):
    found = node_sentences(source(columns, **methods), "T", "main")
    return next((one.text.en for one in found if one.fact == fact), "")


@pytest.mark.parametrize("scale", [1.0, -1e6])
def test_audit_text_finds_own_sentences_true_though_a_city_has_no_score(tmp_path, scale):
    """Scores of 0 to 1 have few printed digits, and those of millions many."""
    column = [*(x * scale for x in (0.35, 0.3545, 0.3548, 0.354, 0.1, 0.6067)), None]
    made = index_of({"a": column, "b": column}, normalise="none")
    sentences = node_sentences(index_source(made), "T", "main")
    text = tmp_path / "text.md"
    for said in ([one.text.zh for one in sentences], [one.text.en for one in sentences]):
        text.write_text("\n\n".join(said), encoding="utf-8")
        assert audit_text(text, made).findings == ()
    wrong = next(one.text.en for one in sentences if one.fact == "above_mean")
    text.write_text(re.sub(r"; \d of them", "; 6 of them", wrong), encoding="utf-8")
    (finding,) = audit_text(text, made).findings
    assert (finding.kind, finding.verdict) == ("above", "false")


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
    edition = EarlierRanks(facts.name, {})
    facts.source = dataclasses.replace(facts.source, earlier=(edition,))
    monkeypatch.setattr(type(facts.source.editions), "change", lambda self, row, code: moves[row])
    (risers,) = (one for one in facts.movers() if one.fact == "risers")
    assert len(risers.cells) == named


def test_the_lowest_and_highest_scores_are_those_though_ranks_are_of_rounded_ones(tmp_path):
    """Equal rounded scores are numbered in the order of the cities."""
    recipe = tmp_path / "recipe.toml"
    steps = (
        {"do": "normalise", "method": "none"},
        {"do": "aggregate", "method": "arithmetic"},
        {"do": "rank", "method": "competition", "round_to": 0, "ties": "ordinal"},
    )
    lines = ["version = 2", 'id = "r"', 'weights = "relative"', 'blank = "missing"']
    for step in steps:
        lines += ["[[step]]", *(f"{name} = {value!r}" for name, value in step.items())]
    recipe.write_text("\n".join(lines), encoding="utf-8")
    (line,) = statistics_table(source({"a": [10.2, 10.4, 9.6, 9.8]}, recipe=recipe)).rows
    assert (line[4], line[5].en, line[6], line[7].en) == (9.6, "u2", 10.4, "u1")
