"""Scores and ranks as a template workbook stores them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, XlcityError
from xlcity.index.result import IndexResult
from xlcity.model.dataset import UNFILLED
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.cells import Position


def stored_results(template: Template) -> dict[str, Any]:
    """Return the `results` document from the stored values; what is missing is None."""
    blocks = _Blocks(template)
    unit_by_id = {unit.id: unit for unit in template.dataset.units}
    nodes = [str(value) for value in blocks["out_nodes"][0]]
    leaves = [str(value) for value in blocks["out_leaves"][0]]
    units = []
    for row, unit_id in unit_rows(template):
        if (unit := unit_by_id.get(unit_id)) is None:
            continue
        names = {n: getattr(unit, n) for n in ("name_zh", "name_en", "population")}
        units.append({"unit": unit.id, **names, **_city_results(blocks, "out", row, nodes, leaves)})
    return {
        "report": template.report,
        "draft": is_draft(template, index_or_error(template)),
        "synthetic": template.dataset.synthetic,
        "units": units,
        "pairs": list(_pair_results(blocks, nodes, leaves)),
    }


def score_places(template: Template) -> dict[tuple[str, str], tuple[str, Position]]:
    """Return sheet and position of every score: (city, node or indicator) -> its cell."""
    rows = [*unit_rows(template)]
    places: dict[tuple[str, str], tuple[str, Position]] = {}
    for heads, scores in (("out_nodes", "out_scores"), ("out_leaves", "out_normalised")):
        area = template.area(scores)
        codes = map(plain_text, template.book.block(template.area(heads))[0])
        for column, code in enumerate(codes, area.c1):
            for row, unit in rows:
                places.setdefault((unit, code), (area.sheet, (area.r1 + row, column)))
    return places


class _Blocks(dict[str, list[list[CellValue]]]):
    """The stored values of named ranges, each read once."""

    def __init__(self, template: Template) -> None:
        self.template = template

    def __missing__(self, name: str) -> list[list[CellValue]]:
        self[name] = self.template.book.block(self.template.area(name))
        return self[name]

    def has(self, name: str) -> bool:
        """Return whether there is such a name."""
        return name in self.template.book.names

    def row(self, name: str, row: int) -> list[float | str | None]:
        """Return the results of a city or pair."""
        return [_plain_result(value) for value in self[name][row]]


#: Names of the satellites' blocks begin so.
SATELLITES = ("sat_joint", "sat_field")


def _satellite_results(blocks: _Blocks, kind: str, row: int) -> dict[str, float | str | None]:
    """Return scores or ranks of a city's satellites."""
    numbers: dict[str, float | str | None] = {}
    for name in SATELLITES:
        if blocks.has(f"{name}_nodes"):
            heads, values = blocks[f"{name}_nodes"][0], blocks.row(f"{name}_{kind}", row)
            numbers |= dict(zip(map(str, heads), values, strict=True))
    return numbers


def _city_results(
    blocks: _Blocks, prefix: str, row: int, nodes: list[str], leaves: list[str]
) -> dict[str, dict[str, Any]]:
    """Return scores, normalised values and ranks of a city or a pair; cities have satellites."""
    numbers: dict[str, dict[str, Any]] = {}
    root_first = [node.code for node in blocks.template.framework.composites]
    for kind, codes in (("scores", nodes), ("normalised", leaves), ("ranks", nodes)):
        by_code = dict(zip(codes, blocks.row(f"{prefix}_{kind}", row), strict=True))
        order = codes if codes is leaves else root_first
        numbers[kind] = {code: by_code[code] for code in order}
        if prefix == "out" and kind != "normalised":
            numbers[kind] |= _satellite_results(blocks, kind, row)
    ranks = numbers["ranks"].items()
    numbers["ranks"] = {node: int(r) if isinstance(r, float) else None for node, r in ranks}
    return numbers


def _pair_results(blocks: _Blocks, nodes: list[str], leaves: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the pairs that the workbook stores, where it has any."""
    if not blocks.has("out_pairs"):
        return
    for row, (cell,) in enumerate(blocks["out_pairs"]):
        pair = plain_text(cell)
        if not pair:
            continue
        yield {"unit": pair, **_city_results(blocks, "out_pair", row, nodes, leaves)}


def is_draft(template: Template, result: IndexResult | XlcityError) -> bool:
    """Tell whether an input of a scored unit is not filled yet, by the index of its inputs."""
    if isinstance(result, XlcityError):
        # Weights or parameters that allow no index at all; the check of inputs tells of them.
        scored = [bool(unit.population) for unit in template.dataset.units]
        return bool(np.isin(template.dataset.states[scored], UNFILLED).any())
    return result.draft


def index_or_error(template: Template) -> IndexResult | XlcityError:
    """Compute the index from the workbook's inputs alone, or tell why that cannot be done."""
    try:
        return template.index
    except XlcityError as error:
        return error


def unit_rows(template: Template) -> Iterator[tuple[int, str]]:
    """Yield each city's row in the block of results, from 0, and its id."""
    seen = set()
    for row, cells in enumerate(template.book.block(template.area("out_units"))):
        unit_id = plain_text(cells[0])
        if unit_id and unit_id not in seen:
            seen.add(unit_id)
            yield row, unit_id


def _plain_result(value: CellValue) -> float | str | None:
    """Return a number as it is, a spreadsheet error as its text, any gap as None."""
    if isinstance(value, CellError):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)
