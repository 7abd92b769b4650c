"""Cities that have no total score although their values are filled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xlcity.audit.lint.finding import Finding
from xlcity.audit.lint.registry import finds
from xlcity.audit.lint.subject import Subject
from xlcity.errors import first_of
from xlcity.index.result import IndexResult
from xlcity.workbook.reading.results import index_or_error, score_places
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name

#: Cities that the message names.
_NAMED = 5


@finds(order=70)
def cities_without_total(subject: Subject) -> Iterator[Finding]:
    """Yield E18 where no city has a total, as a note where some have none."""
    if (template := subject.template) is None:
        return
    result = index_or_error(template)
    if not isinstance(result, IndexResult):
        return
    root = result.framework.root.code
    step = result.recipe.step_for("aggregate", root)
    if step is None or step.method == "none":
        return
    unsettled = {city for city, _ in result.unfilled}
    unsettled |= {problem.where.unit or "" for problem in template.problems}
    ranks = zip(result.dataset.units, result.rank(root).tolist(), strict=True)
    rank_by_city = {unit.id: rank for unit, rank in ranks if unit.is_scored}
    without = [
        city
        for city, rank in rank_by_city.items()
        if not rank and city not in unsettled
    ]
    if without:
        yield _finding(template, result, without, any(rank_by_city.values()))


def _finding(
    template: Template, result: IndexResult, without: list[str], others_have: bool
) -> Finding:
    """Return the finding of cities without a total, at what the first of them lacks."""
    names = [template.city_name(city) for city in without]
    lacking = _find_lacking_score(result, without[0])
    sheet, position = score_places(template)[without[0], lacking]
    are = "city has" if len(names) == 1 else "cities have"
    message = f"{len(names)} {are} no total score although the values are filled: "
    message += f"{first_of(names, _NAMED)} ({names[0]} has no score of {lacking})."
    named = names[0].replace(", ", " ")
    named += f" and {len(names) - 1} more have" if len(names) > 1 else " has"
    return Finding(
        "E18",
        sheet,
        cell_name(*position),
        message,
        fault="no total",
        level="note" if others_have else "error",
        named=f"{named} no total" if others_have else "no city has a total",
    )


def _find_lacking_score(result: IndexResult, city: str) -> str:
    """Return the code of the lowest node that a city has no score of, the first one."""
    row = result.dataset.row(city)
    scores = dict(zip(result.node_codes, result.scores[row], strict=True))
    scores |= dict(zip(result.leaf_codes, result.normalised[row], strict=True))
    code = result.framework.root.code
    while True:
        children = (child.code for child in result.framework.children(code))
        lacking = next((c for c in children if np.isnan(scores.get(c, 0.0))), None)
        if lacking is None:
            return code
        code = lacking
