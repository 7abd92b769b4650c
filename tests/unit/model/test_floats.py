"""A frame of numbers is read in one pass, as its cells would be one by one."""

import numpy as np
import pandas as pd
import pytest

from xlcity.errors import DataError
from xlcity.model.dataset import State
from xlcity.model.framework import Framework
from xlcity.model.reading.data import read_table
from xlcity.model.reading.floats import FloatCells
from xlcity.model.reading.tables import table_from_frame

FRAMEWORK = Framework.read(
    "code,parent,direction,valid_high,no_data\nT,,,,\nP,T,,,\nQ,T,,,\na,P,1,,\nb,P,1,50,\nc,Q,1,,0\n"
)


def test_numbers_blanks_and_values_of_nodes_are_read(monkeypatch):
    frame = pd.DataFrame(
        {"a": [1.0, np.nan, 3.0], "b": [4.0, 60.0, 6.0], "P": [np.nan, 9.5, np.nan]},
        index=pd.Index(["u", "v", "w"], name="unit"),
    )
    dataset, notes = read_table(table_from_frame(frame), FRAMEWORK, None, None)
    assert isinstance(notes.cells, FloatCells)
    # A value of a node of its own is among the codes; one that has none is not.
    assert dataset.codes == ("a", "b", "c", "P")
    values = dataset.values  # noqa: PD011
    assert (values[:, 1].tolist(), values[1, 3]) == ([4, 60, 6], 9.5)
    assert (dataset.states[:, dataset.column("c")] == State.BLANK).all()
    assert {("v", "a"), ("u", "P"), ("w", "P")} <= {*notes.blanks}
    assert [(one.where.unit, one.where.indicator) for one in notes.doubtful] == [
        ("v", "b")
    ]
    again, _ = read_table(
        table_from_frame(frame.drop(columns="P")), FRAMEWORK, None, None
    )
    assert again.codes == ("a", "b", "c")


def test_a_number_that_means_no_data_is_refused_where_it_does():
    frame = pd.DataFrame(
        {"a": [0.0, 1.0], "c": [5.0, 0.0]}, index=pd.Index(["u", "v"], name="unit")
    )
    with pytest.raises(DataError) as caught:
        read_table(table_from_frame(frame), FRAMEWORK, None, None)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where.unit, problem.where.indicator) == (
        "XC305",
        "v",
        "c",
    )
