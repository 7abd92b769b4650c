"""Sentences on sheets about blanks, missing values and weights hold for the book's recipe."""

from dataclasses import replace

import pytest

from tests.helpers.contract_cells import score_sheet
from tests.helpers.own import own_bytes
from tests.helpers.templates import (
    SOCIAL,
    UNITS,
    data_cell,
    edited,
    seen,
    small_spec,
    small_template,
)
from xlcity.index.method_options import default_recipe
from xlcity.model.recipe import Step
from xlcity.workbook.build import build, own_labels
from xlcity.workbook.labels import Labels
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.package import Package


def spec_with(missing="na", blank="draft", weights="shares"):
    spec = small_spec()
    steps = tuple(
        replace(step, params={**step.params, "missing": missing})
        if step.do == "aggregate"
        else step
        for step in spec.recipe.steps
    )
    return replace(
        spec, recipe=replace(spec.recipe, steps=steps, blank=blank, weights=weights)
    )


@pytest.fixture(scope="module")
def own():
    """Return the stored texts of a book of the default recipe: sheet or block -> its texts."""
    book = read_book(Package.from_bytes(own_bytes(udf=False), "own.xlsx"))
    texts = {
        name: " | ".join(
            str(c.value) for c in sheet.cells.values() if isinstance(c.value, str)
        )
        for name, sheet in book.sheets.items()
    }
    return {**texts, "out_scores": texts[score_sheet(book)]}


@pytest.mark.parametrize(
    ("sheet", "wrong", "right"),
    [
        (
            "README",
            "leave blank what is still to come",
            "A blank counts as missing, too",
        ),
        ("Data", "blank = not filled yet", "a blank counts as missing, too"),
        ("out_scores", "below it is blank", "the others share their weight"),
        (
            "Checks",
            "do not sum to 1",
            "Weights that are empty, negative or not numbers",
        ),
    ],
)
def test_a_book_that_takes_blanks_as_missing_says_so(own, sheet, wrong, right):
    assert default_recipe().blank == "missing"
    assert wrong not in own[sheet]
    assert right in own[sheet]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("na", "otherwise the score is not computed"),
        ("renormalise", "left out of the score"),
        ("zero", "counted 0"),
    ],
)
def test_what_becomes_of_a_missing_value_is_the_recipe_s(rule, said):
    for blank in ("draft", "missing"):
        texts = Labels.load(own_labels(spec_with(rule, blank))).texts
        assert said in texts["remedy.inputs-missing"][1]
        assert ("is blank" in texts["index.note"][1]) == (blank == "draft")


def test_shares_are_still_said_to_sum_to_1():
    texts = Labels.load(own_labels(spec_with(weights="shares"))).texts
    assert "sum to 1" in texts["check.weights"][1]


def test_a_pass_with_notes_is_not_said_to_be_all_right():
    plain = seen(small_template())
    noted = seen(
        edited(small_template(), {"Data": {data_cell(UNITS[0], SOCIAL): "NA"}})
    )
    texts = [str(book.fresh.value("Checks", 4, 4)) for book in (plain, noted)]
    for book, text in zip((plain, noted), texts, strict=True):
        rows = book.template.area("chk_table")
        statuses = [
            book.fresh.value("Checks", row, 3)
            for row in range(rows.r1 + 1, rows.r2 + 1)
        ]
        assert (book.verdict, "提示" in text) == ("pass", "note" in statuses)
        assert text in [book.fresh.value("README", row, 3) for row in range(1, 60)]
    assert "提示" in texts[1]


def test_a_measure_in_one_language_is_shown_in_both():
    """adopt writes one text per measure: in a Chinese book it vanished from Data."""
    spec = small_spec()
    nodes = {
        node.code: replace(node, uom="亿元", uom_zh="") if node.code == SOCIAL else node
        for node in spec.framework.nodes
    }
    framework = replace(spec.framework, nodes=tuple(nodes.values()))
    book = seen(build(replace(spec, framework=framework)).package)
    column = book.template.columns[SOCIAL]
    assert book.fresh.value("Data", 4, column) == "亿元 · 0 – 5"


def test_a_catalogue_has_no_contributions_to_a_total():
    spec = small_spec()
    steps = [
        step for step in spec.recipe.steps if step.do not in ("aggregate", "rescale")
    ]
    steps.insert(-1, Step("aggregate", "none"))
    book = seen(
        build(replace(spec, recipe=replace(spec.recipe, steps=tuple(steps)))).package
    )
    heading = Labels.load().texts["profile.contribution"][0]
    page = {
        at: book.fresh.value("Profile", *at)
        for at in book.template.book.sheets["Profile"].cells
    }
    ((row, column),) = [at for at, value in page.items() if value == heading]
    table = range(row + 1, row + 1 + len(spec.framework.indicators))
    assert all(isinstance(page[at, column - 2], float) for at in table)
    assert {page[at, column] for at in table} == {""}
