"""Packed code is counted, and no count may rise."""

import pytest

from tools import house

PLAIN = '''
def mean(values: list[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)
'''
MANY_TOKENS = ", ".join("abcdefghijklmn")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (f"names = [{MANY_TOKENS}]", house.PACKED_LINE),
        ("a, b = 1, 2", house.TWO_IN_ONE),
        ("draw(a, b, c, d, e)", house.BY_POSITION),
        ("f = [x for row in rows for x in row]", house.TWO_CLAUSES),
        ("f = [x for x in rows if x if x > 1]", house.TWO_CLAUSES),
        ("f = [[y for y in x] for x in rows]", house.NESTED_COMPREHENSION),
        ("f = [y for x in rows if (y := x)]", house.NESTED_COMPREHENSION),
        ("f = 1 if a else 2 if b else 3", house.NESTED_CONDITIONAL),
        ("f = lambda x: x or 1", house.DECIDING_LAMBDA),
        ("f = f'{1 if a else 2}'", house.DECIDING_TEXT),
        ("f = 1  # fmt: skip", house.UNFORMATTED),
        ("def f(x):\n" + "    if x:\n        g()\n" * 10, house.MANY_BRANCHES),
    ],
)
def test_each_packed_form_is_counted(code, kind):
    assert house.read_module(code).counts() == {kind: 1}


@pytest.mark.parametrize(
    "code", [PLAIN, "a, b = b, a", "draw(a, b, c, *d, e)", "f = f'{a}'", "f = x or 1"]
)
def test_open_code_has_no_faults(code):
    assert not house.read_module(code).faults


def test_a_count_that_rises_is_named():
    allowed = {("index", house.TWO_IN_ONE): 1}
    now = {("index", house.TWO_IN_ONE): 2, ("xlsx", house.BY_POSITION): 1}
    assert house.risen(now, allowed) == [
        "index: a, b = x, y: 2, at most 1 allowed",
        "xlsx: call with over 4 positional arguments: 1, at most 0 allowed",
    ]
    assert not house.risen(allowed, allowed)


def test_docstrings_and_annotations_are_no_steps():
    # One call of each, one division, and no constant.
    assert house.read_module(PLAIN).steps == 3
