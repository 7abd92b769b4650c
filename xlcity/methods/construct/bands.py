"""Weights of the bands of a ranking, summed over the items of each city."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xlcity.functions.bands import BAND_UPPERS, BAND_WEIGHTS, band_index
from xlcity.functions.block import CellState
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    Ingredients,
    ListedItem,
    finish,
)
from xlcity.methods.record import NUMBERS, TEXTS, Parameter, Settings


def band_lists(settings: Settings, items: Sequence[ListedItem]) -> tuple[str, ...]:
    """Return the names of the rankings that count: those of the recipe, else the first two."""
    named = settings.texts("lists")
    return named or tuple(dict.fromkeys(name for item in items for name in item.ranks))[:2]


def _bands(source: Ingredients, settings: Settings) -> Constructed:
    items = source.items()
    lists = band_lists(settings, items)
    ranks = [[item.ranks.get(name, "") for item in items] for name in lists[:2]]
    ranks += [[""] * len(items)] * (2 - len(ranks))
    block = band_index(
        source.units,
        [item.unit for item in items],
        ranks[0],
        ranks[1],
        settings.numbers("uppers"),
        settings.numbers("weights"),
    )
    return finish(block, np.full(len(source.units), CellState.BLANK, dtype=np.uint8))


def _check(settings: Settings, ingredients: int) -> Iterator[str]:
    uppers, weights = settings.numbers("uppers") or (), settings.numbers("weights") or ()
    if len(uppers) != len(weights):
        yield f"{len(uppers)} bands and {len(weights)} weights"
    if list(uppers) != sorted(set(uppers)):
        yield "the bands do not ascend"
    if len(settings.texts("lists")) > 2:
        yield "it takes two lists at most"


BANDS = Construction(
    name="bands",
    parameters=(
        Parameter("lists", TEXTS),
        Parameter("uppers", NUMBERS, BAND_UPPERS),
        Parameter("weights", NUMBERS, BAND_WEIGHTS),
    ),
    kernel=_bands,
    items=True,
    check_ingredients=_check,
)
