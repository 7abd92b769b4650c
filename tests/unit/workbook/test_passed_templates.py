"""A template that was drawn is kept: whatever was changed is found without drawing it again."""

from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest

from tests.helpers.contract_cells import score_sheet
from tests.helpers.templates import data_cell, edited, read, small_spec, small_template
from tests.helpers.threefold import dataset
from xlcity.audit.lint.rules.template_formulas import changed_formulas
from xlcity.audit.lint.rules.template_look import changed_looks
from xlcity.audit.lint.run import lint
from xlcity.audit.lint.subject import Subject
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook import build
from xlcity.workbook.build import draw
from xlcity.workbook.checking.contract import draw_expected
from xlcity.workbook.spec.from_report import own_spec


@pytest.fixture
def draws(tmp_path, monkeypatch, small_reports):
    """Return the calls that drew a template."""
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    counted = Mock(wraps=draw)
    monkeypatch.setattr(build, "draw", counted)
    return counted.call_args_list


def with_styles(package):
    part = "xl/styles.xml"
    return package.replace({part: package.parts[part].replace(b'"0.0"', b'"0.000"')})


def with_formula(package):
    book = read(package).book
    part = book.sheets[score_sheet(book)].part
    return package.replace({part: package.parts[part].replace(b"<f>", b"<f>1+", 1)})


def rules(package):
    return {finding.rule for finding in lint(Subject(package, "book.xlsx")).findings}


@pytest.mark.slow
def test_a_template_is_drawn_once_whatever_was_changed(draws):
    package = small_template()
    unit = small_spec().dataset.units[0].id
    assert rules(package) == set()
    typed = edited(package, {"Data": {data_cell(unit, "IMG_INF_MAIN_RATE"): 12.5}})
    assert rules(typed) <= {"W08", "W32"}
    first = len(draws)
    assert rules(
        edited(typed, {"Data": {data_cell(unit, "IMG_INF_MAIN_RATE"): 4.0}})
    ) <= {"W32"}
    assert "E03" in rules(with_formula(package))
    assert "W19" in rules(with_styles(package))
    assert len(draws) == first


def weighed_spec():
    """A template whose weights follow from its data."""
    nodes = [Node(code, "T" if code != "T" else None, code, code) for code in "TAB"]
    steps = (
        Step("normalise", "minmax"),
        Step("weight", "cv"),
        Step("aggregate", "arithmetic"),
    )
    return own_spec(
        Framework(nodes), Recipe("own", steps, weights="relative"), dataset("AB")
    )


@pytest.mark.slow
@pytest.mark.parametrize("spec", [small_spec, weighed_spec])
def test_nothing_that_is_compared_depends_on_values(spec, monkeypatch):
    monkeypatch.setenv("XLCITY_CACHE", "")
    spec = spec()
    given = spec.dataset
    rng = np.random.default_rng(4)
    numbers = np.where(
        given.states == State.VALUE, rng.uniform(-5, 900, given.values.shape), np.nan
    )
    other = replace(spec, dataset=replace(given, values=numbers))
    expected = draw_expected(spec)
    same = draw_expected(other)
    assert expected.formulas == same.formulas
    mine = expected.appearance
    theirs = same.appearance
    assert (mine.aspects, mine.formats, mine.filled) == (
        theirs.aspects,
        theirs.formats,
        theirs.filled,
    )
    for one, drawn in ((spec, same), (other, expected)):
        subject = Subject(draw(one)[0], "book.xlsx")
        subject.expected = drawn
        assert [*changed_formulas(subject), *changed_looks(subject)] == []
