"""`Groups` and `Figures`: tables of groups, and how they are printed."""

import io
from dataclasses import replace

import openpyxl
import pytest

from tests.helpers.templates import small_template
from tests.helpers.threefold import dataset
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.build import build
from xlcity.workbook.checking.routes import check_routes
from xlcity.workbook.spec.from_report import own_spec


def test_what_is_shown_whole_is_printed_on_one_page():
    book = openpyxl.load_workbook(io.BytesIO(small_template().to_bytes()))
    for title in ("Figures", "Profile", "Ranking"):
        sheet = book[title]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # What the file does not name is 1.
        assert {sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight} <= {1, None}
    assert book["Figures"].page_setup.orientation == "portrait"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("minmax", {}),
        ("zscore", {"clip": 1.0}),
        ("efficacy", {"low": 40.0}),
        ("none", {}),
    ],
)
def test_groups_that_are_scored_apart_have_statistics_of_their_own(method, params):
    data = dataset(("a", "b"))
    groups = ("main", "mini")
    units = tuple(
        replace(u, population=groups[n % 3 == 0]) for n, u in enumerate(data.units)
    )
    steps = (
        Step("normalise", method, params),
        Step("aggregate", "arithmetic", {"missing": "renormalise"}),
        Step("rescale", "efficacy", {"omega": 40.0}),
        Step("rank", "competition", {"digits": 9}),
    )
    framework = Framework.read(
        "code,parent,weight,direction\nX,,,\na,X,2,1\nb,X,1,-1\n"
    )
    recipe = Recipe(
        "two", steps, weights="relative", blank="missing", populations=groups
    )
    spec = own_spec(framework, recipe, replace(data, units=units))
    functions, index = check_routes(build(spec), "book.xlsx")
    assert (functions.status, index.status) == ("pass", "pass"), (functions, index)
