"""Every method in the cells of one template: they show what the index and the functions compute."""

import pytest

from tests.helpers.threefold import dataset
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.build import build
from xlcity.workbook.checking.routes import check_routes
from xlcity.workbook.spec.from_report import own_spec

SCORES = [
    ("minmax", {"scale": 100.0}),
    ("minmax", {"base": 1.0, "scale": 10.0}),
    ("minmax", {"constant": 50.0}),
    # Bounds without room between them: no score, though the values are not equal.
    ("minmax", {"constant": 50.0, "lower": 500.0}),
    ("goalposts", {"low": 45.0, "high": 60.0}),
    ("goalposts", {"low": 40.0, "high": 58.0, "base": 1.0, "scale": 10.0}),
    ("efficacy", {"omega": 50.0}),
    ("zscore", {"mean": 100.0, "sd": 10.0}),
    ("zscore", {"clip": 1.0, "ddof": 0}),
    ("percentile", {"scale": 100.0}),
    ("percentile", {"ties": "average"}),
    ("percentile", {"base": 1.0, "scale": 100.0}),
    ("borda", {"base": 1.0, "ties": "average"}),
    ("bands", {"cuts": (45.0, 50.0, 55.0)}),
    ("dist2max", {"scale": 100.0}),
    ("dist2target", {"target": 70.0, "cap": "yes"}),
    ("fracmax", {"scale": 100.0}),
    ("fracsum", {"scale": 100.0}),
    ("above_mean", {"threshold": 0.05}),
    ("rating", {"max": 80.0}),
    ("rating", {"max": 80.0, "unrated": 1.0}),
    ("rank", {"ties": "max"}),
    ("rank", {"ties": "max", "missing": "lowest"}),
    ("rank", {"ties": "average", "missing": "lowest"}),
    ("none", {}),
]
#: Methods that take more as better, or whose target is above all values.
UPWARD = ("rating", "dist2target")


def assert_routes_agree(frame, recipe, data):
    functions, index = check_routes(build(own_spec(frame, recipe, data)), "book.xlsx")
    assert (functions.status, index.status) == ("pass", "pass"), (functions, index)


@pytest.mark.parametrize("is_constant", [False, True])
def test_every_normalisation(is_constant):
    codes = [f"C{number:02d}" for number in range(len(SCORES))]
    nodes = ["code,parent,weight,direction", "X,,,"]
    nodes += [
        f"{code},X,{1 + number % 3},{1 if method in UPWARD or number % 2 else -1}"
        for number, (code, (method, _)) in enumerate(zip(codes, SCORES, strict=True))
    ]
    data = dataset(codes)
    if is_constant:
        data.values[data.states == State.VALUE] = 50.0
    steps = [
        Step("normalise", method, params, (code,))
        for code, (method, params) in zip(codes, SCORES, strict=True)
    ]
    steps.append(Step("aggregate", "arithmetic", {"missing": "renormalise"}))
    steps.append(Step("rank", "competition", {"digits": 9}))
    recipe = Recipe("all", tuple(steps), weights="relative", blank="missing")
    assert_routes_agree(Framework.read("\n".join(nodes) + "\n"), recipe, data)


MEANS = [
    ("arithmetic", {"missing": "renormalise", "threshold": 0.6}),
    ("sum", {"missing": "zero"}),
    ("geometric", {"missing": "renormalise"}),
    ("harmonic", {"missing": "na"}),
    ("power", {"power": 2.0, "missing": "renormalise"}),
    ("minimum", {"missing": "renormalise"}),
    ("mpi", {"missing": "renormalise", "penalty": "plus"}),
    ("copeland", {"missing": "renormalise"}),
]


def test_every_mean():
    parents = "ABCDEFGH"[: len(MEANS)]
    codes = [f"{parent}{number}" for parent in parents for number in (1, 2, 3)]
    nodes = [
        "code,parent,weight,direction",
        "X,,,",
        *(f"{parent},X,1," for parent in parents),
    ]
    nodes += [f"{code},{code[0]},{code[1]},1" for code in codes]
    steps = [Step("normalise", "minmax", {"base": 1.0, "scale": 100.0})]
    steps += [
        Step("aggregate", method, params, (parent,))
        for parent, (method, params) in zip(parents, MEANS, strict=True)
    ]
    steps.append(Step("aggregate", "arithmetic", {"missing": "renormalise"}, ("X",)))
    steps.append(Step("rank", "competition", {"digits": 9}))
    recipe = Recipe("means", tuple(steps), weights="relative", blank="missing")
    assert_routes_agree(Framework.read("\n".join(nodes) + "\n"), recipe, dataset(codes))
