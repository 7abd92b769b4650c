"""How surprising it is that a number is that of the row beside it."""

import math
from decimal import Decimal
from types import SimpleNamespace

import pytest

from xlcity.audit.tables.diagnosis import misprints
from xlcity.audit.tables.diagnosis.misprints import MisprintKind, Misprints


def found(texts: list[str], number: int, room: tuple[str, str], monkeypatch) -> list:
    """Return what the number in a row of a column may have been, where there is room for it."""
    column = [
        SimpleNamespace(
            text=text, value=Decimal(text), decimals=1, in_order=True, index=row
        )
        for row, text in enumerate(texts)
    ]
    book = SimpleNamespace(column=lambda cell: column)
    monkeypatch.setattr(misprints, "room_of", lambda *_: tuple(map(Decimal, room)))
    return [*Misprints(book).overwritten(column[number], (), ())]


@pytest.mark.parametrize(
    ("texts", "alike"),
    [
        (["31.0", "47.0", "47.0", "86.0", "12.0", "55.0", "64.0", "79.0"], 1),
        (["31.0", "47.0", "47.0", "86.0", "86.0", "55.0", "64.0", "79.0"], 2),
        (["31.0", "47.0", "47.0", "47.0", "47.0", "55.0", "64.0", "79.0"], 3),
    ],
)
def test_it_tells_more_where_rows_beside_each_other_are_seldom_alike(
    monkeypatch, texts, alike
):
    (one,) = found(texts, 2, ("60.2", "60.4"), monkeypatch)
    assert one.kind is MisprintKind.OVERWRITTEN
    assert one.changed == {2: "60.3"}
    expected = (
        math.log1p(2.0)
        + math.log(alike / len(texts))
        + MisprintKind.OVERWRITTEN.surprise
    )
    assert one.surprise == pytest.approx(expected)
    # With more room for what was there it is more surprising.
    (wide,) = found(texts, 2, ("59.8", "60.8"), monkeypatch)
    assert wide.surprise - one.surprise == pytest.approx(
        math.log1p(10.0) - math.log1p(2.0)
    )


@pytest.mark.parametrize(
    ("number", "room"),
    [
        (0, ("60.2", "60.4")),  # no row beside it has its number
        (2, ("47.0", "47.0")),  # it is what should be there
        (2, ("48.0", "48.0")),  # one digit explains it
        (2, ("900.2", "900.4")),  # far from all of the column
    ],
)
def test_what_is_not_taken_for_overwritten(monkeypatch, number, room):
    texts = ["31.0", "47.0", "47.0", "86.0", "12.0", "55.0", "64.0", "79.0"]
    assert found(texts, number, room, monkeypatch) == []
