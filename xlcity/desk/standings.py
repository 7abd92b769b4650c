"""What the page draws of an index: parts of scores, places of cities, values that are in doubt."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from xlcity.audit.lint.finding import Finding
from xlcity.errors import XlcityError
from xlcity.index.analysis import scaled_contributions
from xlcity.index.compute import compute
from xlcity.index.result import IndexResult
from xlcity.index.steps import shares_in_node
from xlcity.messages import Message
from xlcity.model.dataset import State
from xlcity.reports import load_report
from xlcity.reports.known_places import find_places
from xlcity.workbook.migrate.merge import Conflict
from xlcity.workbook.reading.results import index_or_error
from xlcity.workbook.reading.template import Template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.xlsx.address import parse_cell

if TYPE_CHECKING:
    from xlcity.desk.commands import OpenBook

#: Report that the page shows first to who has no table, and how many of its cities.
EXAMPLE = "image2025"
_FIRST = 6
#: How near the parts of a score come to it: further away they are not shown.
_EXACT = 1e-6
#: Nodes of a path that are the root and the node right below it.
_BELOW_TOP = 2
#: Share of the cities whose places are known, at least, where any is shown.
_LEAST_PLACES = 0.5
#: Messages of slips of the decimal point, with the `factor`.
_TIMES = "slip.times"
_DIVIDED = "slip.divided"


def describe_nodes(template: Template) -> list[dict[str, Any]]:
    """Return code, names, parent and share in it of every node, in the framework's order."""
    shares = share_weights(template)
    nodes = []
    for node in template.framework.nodes:
        about: dict[str, Any] = {"code": node.code}
        about |= {"zh": node.name_zh, "en": node.name_en}
        about |= {"parent": node.parent, "share": shares.get(node.code)}
        nodes.append(about)
    return nodes


def list_cities(book: OpenBook, before: OpenBook | None) -> list[dict[str, Any]]:
    """Return the cities in the order of their groups and ranks.

    Returns
    -------
    list of dict
        unit, its names and population; score, rank, the rank in the save `before`; the cell of the
        score; scores of the nodes right below the root (`tops`), the points that they add
        (`parts`), how many values are missing (`gaps`), and where it is (`at`).
    """
    root = book.template.framework.root.code
    results = {one["unit"]: one for one in book.results["units"]}
    scores = {unit: one["scores"].get(root) for unit, one in results.items()}
    ranks = _rank_by_city(book)
    former = dict(ranks)
    if before is not None:
        former |= _rank_by_city(before)
    parts = score_parts(book.template, scores)
    places = find_places(book.template.dataset.units, _LEAST_PLACES)
    absent = (unit for (unit, _), value in book.inputs.items() if value == "NA")
    gaps = Counter(absent)
    cities = []
    for unit, one in results.items():
        city = {name: one[name] for name in ("unit", "name_zh", "name_en")}
        city |= {"population": one["population"], "score": scores[unit]}
        city |= {"rank": ranks[unit], "before": former[unit]}
        city |= {"cell": book.score_cell(unit, root), "tops": _top_scores(book, one)}
        city |= {"parts": parts.get(unit), "gaps": gaps[unit]}
        city["at"] = places.get(unit)
        cities.append(city)
    return sorted(cities, key=_place_in_list)


def _place_in_list(city: Mapping[str, Any]) -> tuple[str, bool, int]:
    return city["population"], city["rank"] is None, city["rank"] or 0


def _rank_by_city(book: OpenBook) -> dict[str, Any]:
    root = book.template.framework.root.code
    units = book.results["units"]
    return {one["unit"]: one["ranks"].get(root) for one in units}


def _top_scores(book: OpenBook, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scores of the nodes right below the root, of what the cells hold of a city."""
    framework = book.template.framework
    tops = framework.children(framework.root.code)
    found = {**numbers["normalised"], **numbers["scores"]}
    return {top.code: found.get(top.code) for top in tops}


def share_weights(template: Template) -> dict[str, float]:
    """Return the shares of the nodes in the one above them, those of the root first; 1 in all.

    Of a node whose method weighs nothing, such as a maximum, they are the framework's weights.
    """
    shares: dict[str, float] = {}
    for node in template.framework.composites:
        step = template.recipe.step_for("aggregate", node.code)
        shares |= shares_in_node(template.framework, node.code, step)
    return shares


def score_parts(
    template: Template, scores: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Return city -> points that each node right below the root adds to its score.

    Parameters
    ----------
    template
        The workbook.
    scores
        City -> its score as the cells hold it. A city whose parts are not its score has none, nor
        has any where scores are not sums.
    """
    result = index_or_error(template)
    if not isinstance(result, IndexResult):
        return {}
    try:
        points = scaled_contributions(result)
    except ValueError:
        return {}
    framework = result.framework
    columns = {}
    for child in framework.children(framework.root.code):
        leaves = [leaf.code for leaf in framework.leaves_below(child.code)]
        columns[child.code] = [*map(result.leaf_codes.index, leaves)]
    parts = {}
    for unit, row in zip(result.dataset.units, points, strict=True):
        sums = (float(row[at].sum()) for at in columns.values())
        own = dict(zip(columns, sums, strict=True))
        if _is_sum(own, scores.get(unit.id)):
            parts[unit.id] = own
    return parts


def _is_sum(parts: Mapping[str, float], score: object) -> bool:
    if not isinstance(score, float) or not math.isfinite(score):
        return False
    distance = abs(sum(parts.values()) - score)
    return distance <= _EXACT * max(1, abs(score))


def describe_doubt(book: OpenBook, finding: Finding) -> dict[str, Any] | None:
    """Return what a value in doubt is among the others of its indicator, and what it may be.

    Returns
    -------
    dict
        unit, code, cell; value, the sorted `others` and `meant`: the value less the slip of the
        decimal point that is named; with it the rank `now` and `then`. None where
        the finding is not about one number of a city.
    """
    template = book.template
    if (place := _doubted_input(template, finding)) is None:
        return None
    row, code = place
    data = template.dataset
    column = data.values[:, data.codes.index(code)]
    value = float(column[row])
    others = np.delete(column, row)
    others = np.sort(others[~np.isnan(others)])
    if math.isnan(value) or not len(others):
        return None
    meant = _meant_value(value, finding.message)
    ranks = {} if meant is None else _rank_with(template, row, code, meant)
    about = {"unit": data.units[row].id, "code": code}
    about["cell"] = f"{finding.sheet}!{finding.cell}"
    numbers = {"value": value, "meant": meant, "others": others.tolist()}
    return {**about, **numbers, **ranks}


def _doubted_input(template: Template, finding: Finding) -> tuple[int, str] | None:
    """Return the row of the dataset and the code of the one input that a finding is about."""
    if finding.sheet != template.area("in_data").sheet or len(finding.areas) != 1:
        return None
    line, column = parse_cell(finding.cell)
    lines = [template.rows.get(unit.id) for unit in template.dataset.units]
    codes = [c for c in template.dataset.codes if template.columns.get(c) == column]
    return (lines.index(line), codes[0]) if line in lines and codes else None


def _meant_value(value: float, said: object) -> float | None:
    """Return a value less the slip of the decimal point that a message names, if it names one.

    >>> times, divided = Message(_TIMES, factor=10), Message(_DIVIDED, factor=1000)
    >>> _meant_value(29700, times), _meant_value(2.97, divided)
    (2970.0, 2970.0)
    >>> _meant_value(29700, Message("about", name=times, text="")), _meant_value(4, "")
    (2970.0, None)
    """
    if not isinstance(said, Message):
        return None
    if said.key not in (_TIMES, _DIVIDED):
        meant = (_meant_value(value, part) for part in said.values.values())
        return next((found for found in meant if found is not None), None)
    factor = float(said.values["factor"])
    corrected = value / factor if said.key == _TIMES else value * factor
    return float(f"{corrected:.12g}")


def _rank_with(
    template: Template, row: int, code: str, value: float
) -> dict[str, int | None]:
    """Return the rank of a city as it is and with another value of one of its inputs."""
    then = rank_if(template, row, code, value)
    result = index_or_error(template)
    if not isinstance(result, IndexResult):
        return {}
    return {"now": _root_rank(result, row), "then": then}


def rank_if(template: Template, row: int, code: str, value: float) -> int | None:
    """Return the rank of a city with a value of one of its inputs, all else as it is.

    NaN is a confirmed missing value; None is returned where the city has no rank then.
    """
    data = template.dataset
    values = data.values.copy()
    states = data.states.copy()
    place = row, data.codes.index(code)
    values[place] = value
    states[place] = State.MISSING if math.isnan(value) else State.VALUE
    changed = replace(data, values=values, states=states)
    try:
        result = compute(template.framework, template.recipe, changed)
    except XlcityError:
        return None
    return _root_rank(result, row)


def _root_rank(result: IndexResult, row: int) -> int | None:
    rank = int(result.rank(result.framework.root.code)[row])
    return rank if rank > 0 else None


def ranks_said(template: Template, conflict: Conflict) -> dict[str, int]:
    """Return the rank that a city gets with what each copy says, and with what it was ("").

    Parameters
    ----------
    template
        The workbook with all else merged.
    conflict
        What copies disagree on. None are returned where it is about no input of a city.
    """
    rows = {unit.id: row for row, unit in enumerate(template.dataset.units)}
    row = rows.get(conflict.unit or "")
    code = conflict.indicator or ""
    if row is None or code not in template.dataset.codes:
        return {}
    ranks = {}
    for name, value in _numbers_said(conflict):
        rank = rank_if(template, row, code, value)
        if rank is not None:
            ranks[name] = rank
    return ranks


def _numbers_said(conflict: Conflict) -> Iterator[tuple[str, float]]:
    """Yield what it was ("") and what each copy says; NaN is confirmed missing."""
    for name, said in {"": conflict.base, **conflict.said}.items():
        value = math.nan if said == MISSING_TEXT else said
        if isinstance(value, (int, float)):
            yield name, value


def explain_city(book: OpenBook, unit: str) -> list[dict[str, Any]]:
    """Return the indicators behind a city's score in the framework's order.

    Returns
    -------
    list of dict
        code, top (the node right below the root that it belongs to), value, state, normalised
        score, share of that node and input cell of each indicator.
    """
    template = book.template
    result = template.index
    row = [one.id for one in result.dataset.units].index(unit)
    framework = template.framework
    shares = share_weights(template)
    lines = []
    for child in framework.children(framework.root.code):
        for leaf in framework.leaves_below(child.code):
            column = result.leaf_codes.index(leaf.code)
            inner = framework.path(leaf.code)[_BELOW_TOP:]
            value = float(result.raw[row, column])
            score = float(result.normalised[row, column])
            lines.append(
                {
                    "code": leaf.code,
                    "top": child.code,
                    "value": None if math.isnan(value) else value,
                    "is_missing": bool(result.raw_states[row, column] != State.VALUE),
                    "score": None if math.isnan(score) else score,
                    "uom": {"zh": leaf.uom_zh or leaf.uom, "en": leaf.uom},
                    "share": math.prod(shares[n.code] for n in inner),
                    "cell": book.place(unit, leaf.code),
                }
            )
    return lines


@cache
def first_of_example() -> dict[str, Any]:
    """Return the report that is looked at first: its names, how many cities, and the first."""
    report = load_report(EXAMPLE)
    result = compute(report.framework, report.recipe, report.dataset)
    root = report.framework.root
    scores = result.column(root.code).tolist()
    cities = [*zip(result.dataset.units, scores, strict=True)]
    cities.sort(key=lambda city: -city[1])
    first = [
        {"unit": unit.id, "name_zh": unit.name_zh, "name_en": unit.name_en, "score": s}
        for unit, s in cities[:_FIRST]
    ]
    names = {"zh": root.name_zh, "en": root.name_en}
    return {"report": EXAMPLE, "name": names, "cities": len(cities), "first": first}
