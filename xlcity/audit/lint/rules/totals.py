"""Cities that have no total score although their values are filled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import first_of
from xlcity.index.result import IndexResult
from xlcity.messages import Message
from xlcity.workbook.reading.results import index_or_error, score_places
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name, ranges_text
from xlcity.xlsx.cells import Position
from xlcity.xlsx.formulas.graph import Place

#: Cities that the message names.
_NAMED = 5


@finds(order=70)
def cities_without_total(subject: Subject) -> Iterator[Finding]:
    """Yield E18 where no city has a total, as a note where some have none or it is a draft."""
    if (template := subject.template) is None:
        return
    result = index_or_error(template)
    if not isinstance(result, IndexResult):
        return
    unsettled = _unsettled_cities(template, result)
    without = [city for city in result.without_total if city not in unsettled]
    if without:
        scored = sum(unit.is_scored for unit in result.dataset.units)
        is_note = bool(result.unfilled) or len(result.without_total) < scored
        yield _finding(template, result, without, is_note)


def _unsettled_cities(template: Template, result: IndexResult) -> set[str]:
    """Return the cities with a value that is not filled or cannot be used, or with none at all."""
    unfilled = {city for city, _ in result.unfilled}
    rows = zip(result.dataset.units, result.dataset.values, strict=True)
    unfilled |= {unit.id for unit, values in rows if np.isnan(values).all()}
    return unfilled | {problem.where.unit or "" for problem in template.problems}


def _finding(
    template: Template, result: IndexResult, without: list[str], is_note: bool
) -> Finding:
    """Return the finding of cities without a total, at what the first of them lacks."""
    names = [template.city_name(city) for city in without]
    lacking = _find_lacking_score(result, without[0])
    sheet, position = _place_without_score(template, without[0], lacking)
    region = ""
    values = _values_without_score(template, result, without)
    values = values or _gaps_of_others(template, result, without[0], lacking)
    if values:
        sheet = template.area("in_data").sheet
        position = values[0]
        region = ranges_text(values) if len(values) > 1 else ""
    message = Message(
        "lint.no_total",
        number=len(names),
        cities=first_of(names, _NAMED),
        first=names[0],
        node=lacking,
    )
    city = names[0].replace(", ", " ")
    named = Message("summary.no_city_has_total")
    if is_note and len(names) > 1:
        named = Message("summary.no_totals", city=city, number=len(names) - 1)
    elif is_note:
        named = Message("summary.no_total", city=city)
    return Finding(
        "E18",
        sheet,
        cell_name(*position),
        message,
        region=region,
        fault="no total",
        level="note" if is_note else "error",
        named=named,
    )


def _place_without_score(template: Template, city: str, lacking: str) -> Place:
    """Return the cell of the score that a city lacks, or that of its values.

    A book without stored values does not say which row of `Index` is the city's.
    """
    if place := score_places(template).get((city, lacking)):
        return place
    data = template.area("in_data")
    row = template.rows.get(city, data.r1)
    return data.sheet, (row, template.columns.get(lacking, data.c1))


def _values_without_score(
    template: Template, result: IndexResult, without: list[str]
) -> list[Position]:
    """Return the cells of `Data` that leave a mean without a score; none if a city has none.

    A value at or beyond its worst bound scores 0, of which a geometric mean has no score.
    """
    cells = []
    for city in without:
        lacking = _find_lacking_score(result, city)
        scores = result.normalised[result.dataset.row(city)]
        score_by_code = dict(zip(result.leaf_codes, scores, strict=True))
        codes = [
            child.code
            for child in result.framework.children(lacking)
            if score_by_code.get(child.code, 1.0) <= 0
            and child.code in template.columns
        ]
        if not codes or city not in template.rows:
            return []
        row = template.rows[city]
        cells += [(row, template.columns[code]) for code in codes]
    return sorted(cells)


def _gaps_of_others(
    template: Template, result: IndexResult, city: str, lacking: str
) -> list[Position]:
    """Return the gaps on `Data` that leave a city without a score although it has none itself.

    Where a node refuses gaps, one city's gap leaves all cities of its group without a score.
    """
    gaps = result.gaps_below(lacking)
    if city in {unit for unit, _ in gaps}:
        return []
    return sorted(
        (template.rows[unit], template.columns[code])
        for unit, code in gaps
        if unit in template.rows and code in template.columns
    )


def _find_lacking_score(result: IndexResult, city: str) -> str:
    """Return the code of the lowest node that a city has no score of, the first one."""
    row = result.dataset.row(city)
    scores = dict(zip(result.node_codes, result.scores[row], strict=True))
    scores |= dict(zip(result.leaf_codes, result.normalised[row], strict=True))
    code = result.framework.root.code
    while True:
        children = (child.code for child in result.framework.children(code))
        lacking = [child for child in children if np.isnan(scores.get(child, 0.0))]
        if not lacking:
            return code
        code = lacking[0]
