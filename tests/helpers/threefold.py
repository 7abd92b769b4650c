"""Templates of small frameworks, and whether cells, functions and Python agree in them."""

import numpy as np

from xlcity.audit.check.check import check_workbook
from xlcity.model.dataset import Dataset, State, Unit
from xlcity.workbook.build import build
from xlcity.workbook.spec.from_report import own_spec
from xlcity.workbook.tabs import with_pages


def dataset(codes, seed=3, gaps=True):
    rng = np.random.default_rng(seed)
    units = tuple(Unit(f"u{k:02d}") for k in range(14))
    values = np.round(rng.normal(50, 8, (len(units), len(codes))), 1)
    values[3] = values[2]  # ties
    states = np.full(values.shape, State.VALUE, dtype=np.uint8)
    if gaps:
        for column in range(len(codes)):
            states[(5 + column) % 14, column] = State.MISSING
    values[states != State.VALUE] = np.nan
    return Dataset(
        units, tuple(codes), values, states, np.full(values.shape, "", dtype="<U12")
    )


def built(frame, recipe, data):
    spec = with_pages(own_spec(frame, recipe, data), ["all"])
    package = build(spec).package
    return spec, package


def assert_three_agree(frame, recipe, data, tmp_path):
    _, package = built(frame, recipe, data)
    path = tmp_path / "book.xlsx"
    package.write(path)
    checked = check_workbook(path, engines=("formualizer",))
    status = {check.name: check for check in checked.checks}
    assert checked.verdict == "pass", [c for c in checked.checks if c.status == "fail"]
    assert status["udf-native"].status == "pass"
    assert status["python-native"].status == "pass"
    return package
