"""Long frames of floats are read in a short way, and as the long way reads them."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

import xlcity as xc
from xlcity.model.reading import plain_frames

ROWS = 2500
FRAMEWORK = (
    "code,parent,direction,valid_low,valid_high,uom\n"
    "X,,,,,\nA,X,1,0,200,\nB,X,-1,,,%\nC,X,1,,,\n"
)


@pytest.fixture
def framework():
    return xc.Framework.read(FRAMEWORK)


@pytest.fixture
def frame():
    values = np.random.default_rng(3).normal(50, 5, (ROWS, 3))
    return pd.DataFrame(values, columns=[*"ABC"], index=[f"U{n}" for n in range(ROWS)])


@pytest.fixture
def both(framework, monkeypatch):
    """Return a function that reads a frame in the short way, and in the long one."""

    def read(frame, *, is_short=True, **given):
        plain = plain_frames.read_plain_frame(frame, framework, None)
        assert (plain is not None) == is_short
        short = xc.Index(framework, frame, **given)
        with monkeypatch.context() as patch:
            patch.setattr(plain_frames, "_LEAST_ROWS", ROWS * 2)
            return short, xc.Index(framework, frame, **given)

    return read


def require_equal(short, long):
    pd.testing.assert_frame_equal(short.scores, long.scores)
    pd.testing.assert_frame_equal(short.ranks, long.ranks)
    pd.testing.assert_frame_equal(short.to_frame(), long.to_frame())
    pd.testing.assert_frame_equal(short.data.states, long.data.states)
    assert (short.data.dataset.basis == long.data.dataset.basis).all()
    assert short.data.dataset.units == long.data.dataset.units
    assert short.problems == long.problems


@pytest.mark.parametrize(
    "index",
    [
        None,
        pd.RangeIndex(5, 5 + ROWS, name="fips"),
        pd.date_range("2000-01-01", periods=ROWS),
        pd.Index([f"城{n}" for n in range(ROWS)], name="city"),
        pd.Index([f" U {n}" for n in range(ROWS)]),
    ],
)
@pytest.mark.parametrize("gaps", [False, True])
def test_the_short_way_reads_as_the_long_one(both, frame, index, gaps):
    if index is not None:
        frame = frame.set_axis(index)
    if gaps:
        frame.iloc[3, 1] = np.nan
    short, long = both(frame)
    require_equal(short, long)
    pd.testing.assert_index_equal(short.scores.index, frame.index)


def test_columns_in_another_order(both, frame):
    require_equal(*both(frame[["C", "A", "B"]]))


def test_editing_the_frame_changes_nothing(framework, frame):
    index = xc.Index(framework, frame)
    before = index.data.frame
    frame.iloc[:, :] = 0.0
    pd.testing.assert_frame_equal(index.data.frame, before)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(A=frame["A"].where(frame["A"] < 55, 300.0)),
        lambda frame: frame.assign(B=frame["B"] / 100),
        lambda frame: frame.assign(note=1.0),
        lambda frame: frame.rename({"U5": "u6"}),
    ],
    ids=["implausible", "fractions", "unknown column", "alike"],
)
def test_what_needs_a_remark_is_read_in_the_long_way(both, frame, change):
    changed = change(frame)
    try:
        short, long = both(changed, is_short=False)
    except xc.XlcityError:
        return  # both refuse it
    require_equal(short, long)


def test_what_cannot_be_used_is_refused(framework, frame):
    frame.iloc[7, 2] = np.inf
    with pytest.raises(xc.XlcityError, match="U7"):
        xc.Index(framework, frame)
    with pytest.raises(xc.XlcityError, match="duplicate city"):
        xc.Index(framework, frame.iloc[:2400].rename({"U5": "U6"}))


def test_scores_of_a_large_frame_take_little_memory():
    values = np.random.default_rng(4).normal(50, 5, (30_000, 50))
    frame = pd.DataFrame(values).add_prefix("I").rename("U{}".format)
    codes = [*frame]
    tree = {"code": ["X", *codes], "parent": ["", *["X"] * len(codes)]}
    framework = xc.Framework.from_frame(pd.DataFrame(tree))
    data = xc.read_data(frame, framework)
    tracemalloc.start()
    assert xc.Index(framework, data).result.ranks.shape == (30_000, 1)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most <= 3 * values.nbytes
