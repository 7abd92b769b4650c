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

#: Names of the satellites' blocks begin so.
SATELLITES = ("sat_joint", "sat_field")


def stored_results(template: Template) -> dict[str, Any]:
    """Return the `results` document from the stored values; what is missing is None."""
    unit_by_id = {unit.id: unit for unit in template.dataset.units}
    numbers = _read_numbers(template, "out")
    units = []
    for row, unit_id in unit_rows(template):
        if (unit := unit_by_id.get(unit_id)) is not None:
            names = {n: getattr(unit, n) for n in ("name_zh", "name_en", "population")}
            units.append({"unit": unit.id, **names, **numbers[row]})
    pairs = []
    if "out_pairs" in template.book.names:
        cells = template.book.block(template.area("out_pairs"))
        for (cell,), of_pair in zip(cells, _read_numbers(template, "out_pair"), strict=True):
            if pair := plain_text(cell):
                pairs.append({"unit": pair, **of_pair})
    return {
        "report": template.report,
        "draft": is_draft(template, index_or_error(template)),
        "synthetic": template.dataset.synthetic,
        "units": units,
        "pairs": pairs,
    }


def _read_numbers(template: Template, prefix: str) -> list[dict[str, dict[str, Any]]]:
    """Return scores, normalised values and ranks of cities or pairs; cities have satellites."""
    root_first = [node.code for node in template.framework.composites]
    blocks = (_read_rows(template, "out_nodes", f"{prefix}_{kind}") for kind in ("scores", "ranks"))
    scores, ranks = ([{code: row[code] for code in root_first} for row in rows] for rows in blocks)
    for name in SATELLITES if prefix == "out" else ():
        for kind, rows in (("scores", scores), ("ranks", ranks)):
            satellites = _read_rows(template, f"{name}_nodes", f"{name}_{kind}")
            for row, of_city in zip(rows, satellites, strict=False):
                row |= of_city
    return [
        {
            "scores": scores[row],
            "normalised": normalised,
            "ranks": {n: int(r) if isinstance(r, float) else None for n, r in ranks[row].items()},
        }
        for row, normalised in enumerate(_read_rows(template, "out_leaves", f"{prefix}_normalised"))
    ]


def _read_rows(template: Template, heads: str, block: str) -> list[dict[str, float | str | None]]:
    """Return the rows of a block of results by the codes above it; none without codes."""
    if heads not in template.book.names:
        return []
    (codes, *_), rows = (template.book.block(template.area(name)) for name in (heads, block))
    names = [str(code) for code in codes]
    return [dict(zip(names, map(_plain_result, row), strict=True)) for row in rows]


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
