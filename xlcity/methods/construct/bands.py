"""A city's institutions on rankings, weighted by the band of their rank."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np

from xlcity.functions.block import CellState
from xlcity.functions.construct import BAND_UPPERS, BAND_WEIGHTS, band_index
from xlcity.messages import Message
from xlcity.methods.construct.record import (
    Constructed,
    Construction,
    ConstructionCells,
    Ingredients,
    NativeConstruction,
    as_constructed,
)
from xlcity.methods.record import NUMBERS, TEXTS, Parameter, Settings


def _construct_bands(source: Ingredients, settings: Settings) -> Constructed:
    """Return sums of band weights of the cities' items on one or two ranking lists.

    They are the lists that the recipe names, else the first two.
    """
    units = [unit for unit, _ in source.items]
    all_ranks = [ranks for _, ranks in source.items]
    any_lists = dict.fromkeys(chain.from_iterable(all_ranks))
    # The function takes two lists of ranks: where fewer count, the others are empty.
    names = [*(settings.texts("lists") or any_lists), "", ""]
    block = band_index(
        source.units,
        units,
        ranks_a=[ranks.get(names[0], "") for ranks in all_ranks],
        ranks_b=[ranks.get(names[1], "") for ranks in all_ranks],
        uppers=settings.numbers("uppers"),
        weights=settings.numbers("weights"),
    )
    return as_constructed(
        block, np.full(len(source.units), CellState.BLANK, dtype=np.uint8)
    )


def _check_bands(settings: Settings, ingredients: int) -> Iterator[str]:
    """Yield faults of bands that do not ascend, weights that do not fit, and too many lists."""
    uppers = settings.numbers("uppers") or ()
    weights = settings.numbers("weights") or ()
    if len(uppers) != len(weights):
        yield Message(
            "method.bands_and_weights", bands=len(uppers), weights=len(weights)
        )
    if list(uppers) != sorted(set(uppers)):
        yield Message("method.bands_not_ascending")
    if len(settings.texts("lists")) > 2:
        yield Message("method.over_two_lists")


def _formula(cells: ConstructionCells) -> str:
    """Return the formula of the sum of the weights of a city's lines; "" without a list."""
    items = cells.items
    total = f"SUMIFS({items['weight']},{items['unit']},{cells.unit},{items['code']})"
    return f'IF(OR({cells.group}="",{cells.item_count}=0),"",{total})'


def _call(cells: ConstructionCells) -> str:
    """Return the call that gives the whole column."""
    lists = ",".join(cells.items[name] for name in ("unit", "rank_a", "rank_b"))
    bands = ",".join(cells.cell_of[name] for name in ("uppers", "weights"))
    return f"BAND_INDEX({cells.units},{lists},{bands})"


BANDS = Construction(
    name="bands",
    parameters=(
        Parameter("lists", TEXTS),
        Parameter("uppers", NUMBERS, BAND_UPPERS, defined_name="par_band_upper"),
        Parameter("weights", NUMBERS, BAND_WEIGHTS, defined_name="par_band_weight"),
    ),
    kernel=_construct_bands,
    items=True,
    native=NativeConstruction(formula=_formula, call=_call),
    check_ingredients=_check_bands,
)
