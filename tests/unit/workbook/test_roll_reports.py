"""Next editions of the reports: printed ranks first, each number with its status, pages kept."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.helpers.few_cities import of_cities
from xlcity.index.compute import compute
from xlcity.model.dataset import State, Unit
from xlcity.reports import load_report, report_ids
from xlcity.workbook.build import build, draw
from xlcity.workbook.migrate.content import Content, renewed
from xlcity.workbook.migrate.roll import roll
from xlcity.workbook.spec.from_report import printed_of, template_spec
from xlcity.workbook.spec.from_template import read_last
from xlcity.workbook.spec.previous_edition import last_of
from xlcity.workbook.tabs import sheet_titles
from xlcity.xlsx.cells import read_book

#: Cities of both populations, new ones of 2024, and cities whose links are known.
CITIES = {
    "gihi2023": ("boston", "london", "beijing", "changchun", "cambridge", "geneva"),
    "iecc2024": ("london", "beijing", "paris", "moscow", "cairo"),
    "bri2021": ("singapore", "shanghai", "beijing", "seoul"),
}


@cache
def rolled(report_id):
    report = load_report(report_id)
    cities = CITIES.get(report_id) or tuple(u.id for u in report.dataset.units)[:5]
    dataset = of_cities(report.dataset, cities)
    content = Content(
        replace(template_spec(report, dataset, language="en"), exceptions=())
    )
    return roll(content, compute(report.framework, report.recipe, dataset), "2099")


@pytest.mark.slow
@pytest.mark.parametrize("report_id", report_ids())
def test_every_report_can_be_drawn_again_and_knows_its_last_edition(report_id):
    content = rolled(report_id)
    spec = renewed(content.spec)
    book = read_book(build(spec).package) if report_id == "iecc2024" else None
    if book is None:
        draw(spec)
        return
    known = read_last(book)
    assert known is not None
    for name in ("units", "codes", "nodes", "ranks", "status", "mapping"):
        assert getattr(known, name) == getattr(content.spec.last, name), name
    assert known.scores == pytest.approx(content.spec.last.scores)
    assert known.made == pytest.approx(content.spec.last.made)
    # The order of the columns decides which heading each has.
    assert known.codes_of("made") == content.spec.last.codes_of("made")


@pytest.mark.parametrize("report_id", report_ids())
def test_printed_ranks_stand_first_and_computed_ones_say_what_they_rest_on(report_id):
    report = load_report(report_id)
    last = rolled(report_id).spec.last
    printed = {
        (unit, table.node): rank
        for table in printed_of(report)
        for unit, rank in table.ranks.items()
        if unit in last.units and table.node in last.nodes
    }
    assert printed
    for at, rank in last.ranks.items():
        basis = last.status["ranks", *at]
        assert (
            (rank, basis) == (printed[at], "printed")
            if at in printed
            else basis != "printed"
        )
    numbers = {
        kind: last.numbers(kind) for kind in ("values", "made", "scores", "ranks")
    }
    assert {(kind, *at) for kind, of in numbers.items() for at in of} == set(
        last.status
    )
    invented = load_report(report_id).dataset.synthetic > 0
    found = {basis for (kind, *_), basis in last.status.items() if kind != "ranks"}
    assert ("synthetic" in found) == (invented and report_id != "image2025")


def test_the_last_edition_has_sheets():
    names = set(sheet_titles(renewed(rolled("iecc2024").spec)))
    assert names >= {"LastEdition", "Change"}


def test_the_attribute_edition_says_who_was_in_the_last_one():
    last = rolled("iecc2024")
    added = Unit("warsaw", attributes={"edition": ""})
    result = compute(last.spec.framework, last.spec.recipe, last.spec.dataset)
    made = roll(
        last, result, "2100", units=(*last.spec.dataset.units, added)
    ).spec.dataset.units
    assert {unit.attributes["edition"] for unit in made[:-1]} == {"continued"}
    assert made[-1].attributes["edition"] == "new"
    # An attribute of this name that says something else stays.
    own = [
        replace(unit, attributes={"edition": "2022"})
        for unit in last.spec.dataset.units
    ]
    assert roll(last, result, "2100", units=own).spec.dataset.units == tuple(own)


def test_a_city_that_was_listed_and_never_filled_is_new():
    report = load_report("image2025")
    ids = [unit.id for unit in report.dataset.units[:4]]
    filled = of_cities(report.dataset, ids)
    values = filled.values.copy()
    states = filled.states.copy()
    values[-1], states[-1] = np.nan, State.BLANK
    dataset = replace(filled, values=values, states=states)
    result = compute(report.framework, report.recipe, dataset)
    assert last_of("2025", dataset, result, ()).units == tuple(ids[:-1])
