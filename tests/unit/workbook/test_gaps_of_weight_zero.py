"""A missing child of weight 0 keeps no city from its score: in cells, by functions, in Python."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest

from tests.helpers.templates import Seen, edited, find, read, seen
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import METHODS
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.build import build
from xlcity.workbook.layout import Layout
from xlcity.workbook.sheets.analyses.whatif import TRIAL, TrialLayout
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.package import Package

NA = np.nan
#: A city's three values, of which the second weighs nothing and the third twice the first.
ROWS = [
    [1, NA, 2],
    [2, 3, 5],
    [4, 7, 9],
    [8, NA, 5],
    # Something is missing that weighs.
    [3, NA, NA],
    [NA, 2, 6],
    [NA, NA, NA],
    # No root, no reciprocal.
    [-1, NA, 3],
    [-2, 5, NA],
    # A value of 0, and one that is not filled.
    [0, NA, 3],
    [5, NA, 4],
]
BLANK = (10, 1)
WEIGHTS = "102"
MEANS = [5 / 3, 4, 22 / 3, 6, "NA", "NA", "NA", 5 / 3, "NA", 2, ""]
ENGINES = [
    "compiled",
    "formualizer",
    pytest.param("libreoffice", marks=pytest.mark.libreoffice),
]
NORMALISE = Step("normalise", "none")
AGGREGATE = Step("aggregate", "arithmetic", {"missing": "na"})
RANK = Step("rank", "competition")
WEIGHING = [
    name
    for name, method in METHODS["aggregate"].items()
    if isinstance(method, Aggregation) and method.weighted
]
#: A dimension of each.
OF_METHOD = {chr(ord("A") + place): name for place, name in enumerate(WEIGHING)}


def recipe_of(*steps: Step) -> Recipe:
    return Recipe("r", (*steps, RANK), weights="relative")


def dimensions(codes: Collection[str], weights: str = WEIGHTS) -> Framework:
    """Return a tree of dimensions with three indicators each; after the first they weigh 0."""
    lines = ["code,parent,weight", "X,,1"]
    for place, code in enumerate(codes):
        lines.append(f"{code},X,{int(place == 0)}")
        lines += [
            f"{code}{number},{code},{weight}"
            for number, weight in enumerate(weights, 1)
        ]
    return Framework.read("\n".join(lines) + "\n")


def flat(weights: str) -> Framework:
    """Return a tree of three indicators below the total."""
    lines = [f"A{number},X,{weight}" for number, weight in enumerate(weights, 1)]
    return Framework.read("\n".join(["code,parent,weight", "X,,1", *lines]) + "\n")


def gappy(codes: Collection[str]) -> Dataset:
    """Return the values of three columns, again and again until each code has one."""
    units = tuple(Unit(f"c{row}", population="main") for row in range(len(ROWS)))
    values = np.tile(np.array(ROWS, dtype=float), len(codes) // 3)
    states = np.where(np.isnan(values), State.MISSING, State.VALUE).astype(np.uint8)
    states[BLANK[0], BLANK[1] :: 3] = State.BLANK
    return replace(empty_dataset(units, tuple(codes)), values=values, states=states)


def spec_of_tree(tree: Framework, recipe: Recipe) -> TemplateSpec:
    return own_spec(tree, recipe, gappy([leaf.code for leaf in tree.indicators]))


def all_methods() -> TemplateSpec:
    """Return a template with a dimension of each method that weighs its children."""
    steps = [
        Step(
            "aggregate",
            method,
            {"missing": "na", **({"power": 2} if method == "power" else {})},
            (code,),
        )
        for code, method in OF_METHOD.items()
    ]
    return spec_of_tree(dimensions(OF_METHOD), recipe_of(NORMALISE, *steps, AGGREGATE))


def in_cells(book: Seen) -> dict[str, list[object]]:
    """Return node -> what its cells hold of the cities."""
    rows = book.block("out_scores")[: len(ROWS)]
    columns = zip(*rows, strict=True)
    heads = map(str, book.block("out_nodes")[0])
    return {
        code: ["" if value is None else value for value in column]
        for code, column in zip(heads, columns, strict=True)
    }


def in_python(book: Seen) -> dict[str, list[object]]:
    """Return node -> what the index has for the cities, as cells say it."""
    return {
        code: [
            in_words(value, state)
            for value, state in zip(
                book.index.column(code), book.index.states(code), strict=True
            )
        ]
        for code in book.index.node_codes
    }


def in_words(value: float, state: int) -> object:
    if state == State.MISSING:
        return "NA"
    return "" if np.isnan(value) else value


def require_one_result(package: Package, engine: str = "compiled") -> dict:
    """Require cells, functions and Python to have the same scores and gaps; return them."""
    book = seen(package, engine)
    cells = in_cells(book)
    for code, expected in in_python(book).items():
        assert cells[code] == pytest.approx(expected), code
    assert book.checks["udf-native"] == "pass"
    return cells


@pytest.mark.parametrize("engine", ENGINES)
def test_no_method_that_weighs_its_children_misses_one(engine):
    """A dimension for each; their nodes weigh nothing themselves, but for the first."""
    spec = all_methods()
    cells = require_one_result(build(spec).package, engine)
    assert cells["A"] == pytest.approx(MEANS)
    assert cells["X"][:4] == pytest.approx(MEANS[:4])
    for code, method in OF_METHOD.items():
        # Nobody is scored who was not, nor the other way round, by any of them.
        assert all(isinstance(score, float) for score in cells[code][:4]), method
        assert cells[code][4:7] == ["NA", "NA", "NA"], method


@pytest.mark.parametrize("engine", ENGINES)
def test_a_weight_of_0_may_be_typed(engine):
    spec = spec_of_tree(dimensions("A", "112"), recipe_of(NORMALISE, AGGREGATE))
    package = build(spec).package
    assert require_one_result(package, engine)["A"][:4] == ["NA", 15 / 4, 29 / 4, "NA"]
    framework = Layout(spec).framework_columns
    row = find(read(package), "Framework", "A2", 1)
    weight = cell_name(row, framework.index("weight") + 1)
    package = edited(package, {"Framework": {weight: 0}})
    assert require_one_result(package, engine)["A"] == pytest.approx(MEANS)


def test_groups_that_are_scored_apart_miss_the_same():
    rescale = Step("rescale", "efficacy")
    recipe = recipe_of(NORMALISE, AGGREGATE, rescale)
    spec = spec_of_tree(dimensions("AB"), recipe)
    units = [replace(unit, population="mini") for unit in spec.dataset.units[6:]]
    data = replace(spec.dataset, units=(*spec.dataset.units[:6], *units))
    apart = replace(recipe, populations=("main", "mini"))
    spec = own_spec(spec.framework, apart, data)
    assert spec.apart
    cells = require_one_result(build(spec).package)
    assert words_of(cells["A"]) == words_of(cells["X"]) == words_of(MEANS)


def words_of(scores: list[object]) -> list[str]:
    return [score if isinstance(score, str) else "scored" for score in scores]


def test_an_indicator_without_differences_has_no_weight_and_is_not_missed():
    """Weights from the data: nobody typed the 0."""
    tree = dimensions("A", "111")
    weigh = Step("weight", "cv", {}, ("A",))
    spec = spec_of_tree(tree, recipe_of(NORMALISE, weigh, AGGREGATE))
    second = spec.dataset.values[:, 1]
    second[~np.isnan(second)] = 3.0
    cells = require_one_result(build(spec).package)
    assert words_of(cells["A"]) == words_of(MEANS)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_dimension_that_weighs_nothing_may_lack_its_score(engine):
    """Where the total is the mean of the scaled scores of the dimensions, too."""
    rescale = Step("rescale", "efficacy", {"overall": "mean_of_scaled"})
    tree = dimensions("AB", "111")
    spec = spec_of_tree(tree, recipe_of(NORMALISE, AGGREGATE, rescale))
    # A lacks nothing, B the score of nearly all.
    values = np.where(
        np.isnan(spec.dataset.values[:, :3]), 7.0, spec.dataset.values[:, :3]
    )
    spec.dataset.values[:, :3] = values
    spec.dataset.states[:, :3] = State.VALUE
    cells = require_one_result(build(spec).package, engine)
    assert cells["B"].count("NA") == 8
    assert cells["X"][:10] == pytest.approx(cells["A"][:10])


@pytest.mark.parametrize("method", ["mean", "zscore_index"])
def test_an_ingredient_that_weighs_nothing_may_be_missing(method):
    tree = Framework.read("code,parent,weight\nX,,1\nA,X,1\n")
    names = [f"A.{name}" for name in "abc"]
    tree = replace(tree, ingredients=tuple(Ingredient(name, "A") for name in names))
    options = {} if method == "mean" else {"weights": (1, 0, 2)}
    construct = Step("construct", method, {"missing": "na", **options}, ("A",))
    recipe = recipe_of(construct, NORMALISE, AGGREGATE)
    spec = own_spec(tree, recipe, gappy(names))
    cells = require_one_result(build(spec).package)
    scored = [isinstance(score, float) for score in cells["X"]]
    weighing = [score not in ("NA", "") for score in MEANS]
    # All ingredients of a mean weigh the same.
    complete = [not np.isnan(row).any() for row in np.array(ROWS)]
    assert scored == (complete if method == "mean" else weighing)


def test_a_trial_weight_of_0_scores_whom_its_gap_had_kept_out():
    spec = spec_of_tree(flat("112"), recipe_of(NORMALISE, AGGREGATE))
    package = build(with_pages(spec, ["whatif"])).package
    trial = TrialLayout(spec)
    column = trial.blocks["weights"].column("A2")
    package = edited(package, {"WhatIf": {cell_name(TRIAL, column): 0}})
    book = seen(package)
    assert in_cells(book)["X"][:4] == ["NA", 15 / 4, 29 / 4, "NA"]
    block = trial.scores
    rows = range(block.first_row, block.first_row + len(ROWS))
    tried = [book.fresh.value("WhatIf", row, block.column("X")) or "" for row in rows]
    assert tried == pytest.approx(MEANS)
