"""Blocks of one sheet that stand side by side, as properties of the object that knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from operator import attrgetter
from typing import Any

from xlcity.workbook.drawing.grid import Block
from xlcity.workbook.layout.rows import FIRST


def side_by_side(
    sheet: str,
    left: int,
    columns: Iterable[tuple[str, tuple[str, ...]]],
    last: int,
) -> dict[str, Block]:
    """Return blocks by name, from their codes: one behind the other, an empty column between."""
    blocks = {}
    for name, codes in columns:
        blocks[name] = Block(sheet, left, codes, FIRST, last_row=last)
        left += len(codes) + 1 if codes else 0
    return blocks


def block_on(
    sheet: str,
    codes: str | Callable[[Any], tuple[str, ...]],
    after: str = "",
    left: int = 3,
    last: str = "layout.last",
) -> cached_property[Block]:
    """Return a property: a block on a sheet, at a column or two columns after another block.

    `codes`, `after` and `last` name attributes of the object that has the property, such as
    "layout.indicators"; codes may also be a function of that object.
    """
    codes_of = attrgetter(codes) if isinstance(codes, str) else codes

    def block_of(owner: Any) -> Block:
        start = getattr(owner, after).right + 2 if after else left
        return Block(
            sheet, start, codes_of(owner), FIRST, last_row=attrgetter(last)(owner)
        )

    return cached_property(block_of)
