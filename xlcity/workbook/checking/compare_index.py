"""The index, computed from a workbook's inputs alone, beside the cells that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from xlcity.errors import CellError, CellValue
from xlcity.index.result import IndexResult, PairResult
from xlcity.index.satellites import score_satellites
from xlcity.recalc.workbook import Recalculated
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.results import SATELLITES
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import Range, cell_name

#: A cell, its value, and what the index has for it.
Compared = tuple[str, CellValue, CellValue]


def compare_index(
    template: Template, fresh: Recalculated, result: IndexResult
) -> Iterator[Compared]:
    """Yield every cell of scores, ranks and normalised values with what the index has for it."""
    columns: dict[str, tuple[Sequence[str], np.ndarray]] = {
        "out_scores": (result.node_codes, result.scores),
        "out_ranks": (result.node_codes, _ranks_or_nan(result.ranks)),
        "out_normalised": (result.leaf_codes, result.normalised),
    }
    heads = {name: "out_nodes" if name != "out_normalised" else "out_leaves" for name in columns}
    satellites = score_satellites(result)
    for block in SATELLITES:
        if f"{block}_nodes" in template.book.names:
            columns |= {f"{block}_scores": (satellites.codes, satellites.scores)}
            columns |= {f"{block}_ranks": (satellites.codes, _ranks_or_nan(satellites.ranks))}
            heads |= dict.fromkeys((f"{block}_scores", f"{block}_ranks"), f"{block}_nodes")
    for name, (codes, values) in columns.items():
        nodes = [str(value) for value in template.book.block(template.area(heads[name]))[0]]
        shown = values[:, [codes.index(node) for node in nodes]]
        # A city that stands a second time is not scored again.
        ids, area = template.area("out_units"), template.area(name)
        yield from _compare_block(fresh, ids, area, _first_rows(template.dataset.rows), shown)
    if result.pairs is not None and "out_pairs" in template.book.names:
        nodes = [str(value) for value in template.book.block(template.area("out_nodes"))[0]]
        order = [result.node_codes.index(node) for node in nodes]
        yield from _compare_pairs(template, fresh, result.pairs, order)


def _compare_pairs(
    template: Template, fresh: Recalculated, result: PairResult, order: Sequence[int]
) -> Iterator[Compared]:
    """Yield scores, ranks and normalised values of the pairs of cities likewise.

    `order` has the column in `result` of each column of nodes on the sheet.
    """
    rows = {"|".join(pair): row for row, pair in enumerate(result.pairs)}
    for name, values in (
        ("scores", result.scores[:, order]),
        ("ranks", _ranks_or_nan(result.ranks)[:, order]),
        ("normalised", result.normalised),
    ):
        ids, area = template.area("out_pairs"), template.area(f"out_pair_{name}")
        yield from _compare_block(fresh, ids, area, rows.get, values)


def _first_rows(rows: Mapping[str, int]) -> Callable[[str], int | None]:
    """Return what gives the row of a city the first time that it is asked for, then None."""
    left = dict(rows)
    return lambda unit: left.pop(unit, None)


def _ranks_or_nan(ranks: np.ndarray) -> np.ndarray:
    return np.where(ranks > 0, ranks, np.nan)


def _compare_block(
    fresh: Recalculated,
    ids: Range,
    area: Range,
    row_of: Callable[[str], int | None],
    values: np.ndarray,
) -> Iterator[Compared]:
    """Yield the cells of a block whose rows are found by the ids beside it."""
    for down in range(ids.rows):
        row = row_of(plain_text(fresh.value(ids.sheet, ids.r1 + down, ids.c1)))
        for right in range(values.shape[1]):
            position = (area.r1 + down, area.c1 + right)
            mine = fresh.value(area.sheet, *position)
            number = np.nan if row is None else float(values[row, right])
            theirs: CellValue = None if np.isnan(number) else number
            if not isinstance(mine, (float, int, CellError)) or isinstance(mine, bool):
                mine = None
            yield f"{area.sheet}!{cell_name(*position)}", mine, theirs
