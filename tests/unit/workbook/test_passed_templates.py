"""Templates that passed are not drawn again; whatever else was changed is found all the same."""

from dataclasses import replace
from unittest.mock import Mock

import numpy as np
import pytest
from contract_cells import score_sheet
from templates import data_cell, edited, read, small_spec, small_template
from threefold import dataset

from xlcity.audit.lint.rules.template_look import typed_labels
from xlcity.audit.lint.subject import Subject
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.nodes import Node
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook import build
from xlcity.workbook.build import draw, draw_to_compare
from xlcity.workbook.checking.template_checks import template_checks
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.appearance import read_appearance


@pytest.fixture
def draws(tmp_path, monkeypatch, small_reports):
    """Return the calls that drew a template."""
    monkeypatch.setenv("XLCITY_CACHE", str(tmp_path / "cache"))
    counted = Mock(wraps=draw_to_compare)
    monkeypatch.setattr(build, "draw_to_compare", counted)
    return counted.call_args_list


def with_styles(package):
    part = "xl/styles.xml"
    return package.replace({part: package.parts[part].replace(b'"0.0"', b'"0.000"')})


def with_formula(package):
    book = read(package).book
    part = book.sheets[score_sheet(book)].part
    return package.replace({part: package.parts[part].replace(b"<f>", b"<f>1+", 1)})


def test_other_values_are_not_drawn_again_and_other_changes_are(draws):
    package = small_template()
    unit = small_spec().dataset.units[0].id
    assert [check.status for check in template_checks(read(package))] == ["pass"]
    typed = edited(package, {"Data": {data_cell(unit, "IMG_INF_MAIN_RATE"): 12.5}})
    assert [check.status for check in template_checks(read(typed))] == ["pass"]
    first = len(draws)
    template_checks(read(edited(package, {"Data": {data_cell(unit, "IMG_INF_MAIN_RATE"): 99.0}})))
    assert len(draws) == first
    for changed in (with_formula(package), with_styles(package)):
        assert changed.parts != package.parts
        found = template_checks(read(changed))
        assert [check.status for check in found] != ["pass"]
    before = len(draws)
    # What did not pass is not remembered.
    assert template_checks(read(changed)) == found
    assert len(draws) == before + 1


def weighed_spec():
    """A template whose weights follow from its data."""
    nodes = [Node(code, "T" if code != "T" else None, code, code) for code in "TAB"]
    steps = Step("normalise", "minmax"), Step("weight", "cv"), Step("aggregate", "arithmetic")
    return own_spec(Framework(nodes), Recipe("own", steps, weights="relative"), dataset("AB"))


@pytest.mark.parametrize("spec", [small_spec, weighed_spec])
def test_nothing_that_is_compared_depends_on_values(spec):
    spec = spec()
    given, rng = spec.dataset, np.random.default_rng(4)
    numbers = np.where(
        given.states == State.VALUE, rng.uniform(-5, 900, given.values.shape), np.nan
    )
    other = replace(spec, dataset=replace(given, values=numbers))
    (one, cells), (two, same) = draw_to_compare(spec), draw_to_compare(other)
    for name, sheet in cells.sheets.items():
        assert sheet.cells.texts() == same.sheets[name].cells.texts()
    book = Subject(draw(spec)[0], "book.xlsx")
    labels = [*typed_labels(book)]
    assert len(labels) > 90
    assert labels == [*typed_labels(Subject(draw(other)[0], "book.xlsx"))]
    mine, theirs = read_appearance(one, cells), read_appearance(two, same)
    assert (mine.aspects, mine.formats, mine.filled) == (
        theirs.aspects,
        theirs.formats,
        theirs.filled,
    )
