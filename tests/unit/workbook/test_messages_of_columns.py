"""What `Messages` says of a column as a whole: no values, equal ones, values without a scale."""

import numpy as np
import pytest

from xlcity.model.dataset import State, Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe, Step
from xlcity.workbook.build import build
from xlcity.workbook.layout import Layout
from xlcity.workbook.sheets.calculation.messages import (
    CONSTANT,
    EQUAL,
    ROW_COLUMN_STATE,
    UNUSABLE,
    WITHOUT,
)
from xlcity.workbook.spec.from_report import own_spec
from xlcity.xlsx.cells import read_book

FRAMEWORK = Framework.read("code,parent,weight\nT,,1\na,T,1\nb,T,1\nc,T,1\nd,T,1\n")
GAP = np.nan
COLUMNS = {"a": (1, 4, 2), "b": (5, 5, 5), "c": (GAP, GAP, GAP), "d": (3, GAP, GAP)}


@pytest.mark.parametrize(
    ("method", "blank", "states"),
    [
        ("zscore", "draft", ["", CONSTANT, "", UNUSABLE]),
        # A number alone may still get others while blanks remain.
        ("zscore", "missing", ["", CONSTANT, WITHOUT, ""]),
        ("none", "missing", ["", EQUAL, WITHOUT, ""]),
    ],
)
def test_a_column_is_named_for_what_keeps_it_from_a_scale(method, blank, states):
    data = empty_dataset(tuple(Unit(f"u{row}") for row in range(3)), tuple(COLUMNS))
    data.values[:] = np.array(list(COLUMNS.values()), dtype=float).T
    # What is not filled in is a gap for good where the recipe counts blanks as missing.
    gap = State.MISSING if blank == "draft" else State.BLANK
    data.states[:] = np.where(np.isnan(data.values), gap, State.VALUE)
    steps = (Step("normalise", method), Step("aggregate", "arithmetic"))
    recipe = Recipe("r", steps, weights="relative", blank=blank)
    spec = own_spec(FRAMEWORK, recipe, data)
    book = read_book(build(spec).package)
    letters = Layout(spec).letters
    shown = [
        book.value("Messages", ROW_COLUMN_STATE, letters.column(code))
        for code in COLUMNS
    ]
    assert shown == states
