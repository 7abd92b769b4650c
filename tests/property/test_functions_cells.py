"""Whatever a cell holds, a call answers with values and errors and never raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcity.errors import CellError
from xlcity.functions.registry import FUNCTIONS
from xlcity.hosts.cells import JSON, call
from xlcity.hosts.sheet_call import write_out_omitted

CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(
        ["NA", "缺", "#N/A", "#DIV/0!", "min", "lowest", "power", "+", "１２"]
    ),
    st.sampled_from(list(CellError)),
    st.dictionaries(
        st.sampled_from(["type", "kind", "value"]), st.text(max_size=5), max_size=3
    ),
)
BLOCKS = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=5
    )
)
ARGUMENTS = st.one_of(
    CELLS, BLOCKS, st.lists(CELLS, max_size=4), st.lists(st.lists(CELLS))
)


@pytest.mark.slow
@given(
    name=st.sampled_from(list(FUNCTIONS)),
    args=st.lists(ARGUMENTS, max_size=7),
    dialect=st.sampled_from([JSON, None]),
)
def test_user_values_never_raise(name, args, dialect):
    rows = call(name, args, dialect) if dialect else call(name, args)
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows for cell in row):
        assert isinstance(cell, CellError) or (isinstance(cell, float) and cell == cell)


@given(name=st.sampled_from(list(FUNCTIONS)), block=BLOCKS)
def test_good_options_give_a_result_in_every_cell_of_the_block(name, block):
    function = FUNCTIONS[name]
    weights = [1] * len(block[0])
    rows = call(name, [block, weights] if name == "WEIGHTED_INDEX" else [block])
    shape = function.returns.shape(len(block), len(block[0]))
    assert (len(rows), len(rows[0])) in {shape, (1, 1)}


@given(st.text(alphabet="ZSCORE_WINSOR(),\"'{}[] A1", max_size=60))
def test_filling_gaps_only_ever_adds_empty_texts(formula):
    filled = write_out_omitted(formula)
    rest = iter(filled)
    assert all(character in rest for character in formula)
    assert set(filled) <= set(formula) | {'"'}
