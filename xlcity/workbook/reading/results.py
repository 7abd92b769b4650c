"""Scores and ranks as a template workbook stores them."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

import numpy as np

from xlcity.errors import CellError, CellValue, XlcityError
from xlcity.index.result import IndexResult
from xlcity.model.dataset import UNFILLED
from xlcity.workbook.layout.rows import UNITS_NAME
from xlcity.workbook.reading.records import number_of, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.formulas.graph import Place

#: Blocks of results by their names: names of the ids of their rows, and of the codes above them.
BLOCKS = {
    "out_scores": (UNITS_NAME, "out_nodes"),
    "out_ranks": (UNITS_NAME, "out_nodes"),
    "out_normalised": (UNITS_NAME, "out_leaves"),
    "sat_joint_scores": (UNITS_NAME, "sat_joint_nodes"),
    "sat_joint_ranks": (UNITS_NAME, "sat_joint_nodes"),
    "sat_field_scores": (UNITS_NAME, "sat_field_nodes"),
    "sat_field_ranks": (UNITS_NAME, "sat_field_nodes"),
    "out_pair_scores": ("out_pairs", "out_nodes"),
    "out_pair_ranks": ("out_pairs", "out_nodes"),
    "out_pair_normalised": ("out_pairs", "out_leaves"),
}


def stored_results(
    template: Template, wanted: Container[str] | None = None
) -> dict[str, Any]:
    """Return the `results` document from the stored values; what is missing is None.

    `wanted` has the codes of nodes and indicators whose numbers are read; None is for all.
    """
    unit_by_id = {unit.id: unit for unit in template.dataset.units}
    units = []
    for unit_id, numbers in _read_numbers(template, UNITS_NAME, wanted).items():
        if (unit := unit_by_id.get(unit_id)) is not None:
            names = {n: getattr(unit, n) for n in ("name_zh", "name_en", "population")}
            units.append({"unit": unit.id, **names, **numbers})
    pairs = _read_numbers(template, "out_pairs", wanted).items()
    return {
        "report": template.report,
        "draft": is_draft(template, index_or_error(template)),
        "synthetic": template.dataset.synthetic,
        "units": units,
        "pairs": [{"unit": pair, **numbers} for pair, numbers in pairs],
    }


def _read_numbers(
    template: Template, ids: str, wanted: Container[str] | None
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return scores, normalised values and ranks of each city or pair, those of the root first."""
    nodes = [node.code for node in template.framework.composites]
    numbers: dict[str, dict[str, dict[str, Any]]] = {}
    for name, (of_rows, _) in BLOCKS.items():
        places = result_places(template, name, wanted) if of_rows == ids else {}
        if not places:
            continue
        kind = name.rpartition("_")[2]
        cells = template.book.sheets[template.area(name).sheet]
        values = cells.values(position for _, position in places.values())
        for (unit, code), value in zip(places, values, strict=True):
            if unit not in numbers:
                numbers[unit] = {
                    "scores": dict.fromkeys(nodes),
                    "normalised": {},
                    "ranks": dict.fromkeys(nodes),
                }
            numbers[unit][kind][code] = _shown_number(value, kind)
    return numbers


def _shown_number(value: CellValue, kind: str) -> float | str | None:
    """Return a number of a kind as a whole one or not; an error is its text, any gap None."""
    number = str(value) if isinstance(value, CellError) else number_of(value)
    if kind != "ranks":
        return number
    return int(number) if isinstance(number, float) else None


def result_places(
    template: Template, name: str, wanted: Container[str] | None = None
) -> dict[tuple[str, str], Place]:
    """Return where the cells of one of `BLOCKS` stand: (city or pair, code) -> its cell.

    `wanted` has the codes that count; None is for all.
    """
    ids, heads = BLOCKS[name]
    if not {name, ids, heads} <= template.book.names.keys():
        return {}
    area = template.area(name)
    heads_in_row = template.book.block(template.area(heads))[0]
    columns = enumerate(map(plain_text, heads_in_row), area.c1)
    codes = [pair for pair in columns if wanted is None or pair[1] in wanted]
    places: dict[tuple[str, str], Place] = {}
    lines = template.book.block(template.area(ids))
    for row, (cell, *_) in enumerate(lines, area.r1):
        # A city that stands a second time is not scored again.
        if unit := plain_text(cell):
            for column, code in codes:
                places.setdefault((unit, code), (area.sheet, (row, column)))
    return places


def score_places(template: Template) -> dict[tuple[str, str], Place]:
    """Return sheet and position of every score: (city, node or indicator) -> its cell."""
    return result_places(template, "out_normalised") | result_places(
        template, "out_scores"
    )


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
