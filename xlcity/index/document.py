"""An index result as the JSON document of the command line (`results`, `index`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlcity.index.pairs import PairResult
from xlcity.index.result import IndexResult
from xlcity.index.satellites import satellites
from xlcity.model.dataset import FloatArray


def results_document(result: IndexResult, report: str | None = None) -> dict[str, Any]:
    """Return scores, normalised values and ranks of every unit; what is missing is None.

    Parameters
    ----------
    result
        The index.
    report
        Id of the report it belongs to, if any.
    """
    more = satellites(result)
    units = []
    for row, unit in enumerate(result.dataset.units):
        scores = result.scores[row].tolist()
        normalised = result.normalised[row].tolist()
        ranks = result.ranks[row].tolist()
        units.append(
            {
                "unit": unit.id,
                "name_zh": unit.name_zh,
                "name_en": unit.name_en,
                "population": unit.population,
                "scores": {
                    **dict(zip(result.node_codes, map(_known, scores), strict=True)),
                    **dict(zip(more.codes, map(_known, more.scores[row].tolist()), strict=True)),
                },
                "normalised": dict(zip(result.leaf_codes, map(_known, normalised), strict=True)),
                "ranks": {
                    code: rank or None
                    for code, rank in zip(
                        (*result.node_codes, *more.codes),
                        (*ranks, *more.ranks[row].tolist()),
                        strict=True,
                    )
                },
            }
        )
    return {
        "report": report,
        "draft": result.draft,
        "synthetic": result.dataset.synthetic,
        "units": units,
        "pairs": pair_entries(result.pairs),
    }


def pair_entries(found: PairResult | None) -> list[dict[str, Any]]:
    """Return the pairs of units, each with the id `a|b`."""
    if found is None:
        return []
    return [
        {
            "unit": "|".join(pair),
            "scores": _by(found.node_codes, found.scores[row]),
            "normalised": _by(found.leaf_codes, found.normalised[row]),
            "ranks": {
                code: rank or None
                for code, rank in zip(found.node_codes, found.ranks[row].tolist(), strict=True)
            },
        }
        for row, pair in enumerate(found.pairs)
    ]


def _by(codes: Sequence[str], numbers: FloatArray) -> dict[str, float | None]:
    return dict(zip(codes, map(_known, numbers.tolist()), strict=True))


def remarks(result: IndexResult) -> dict[str, Any]:
    """Return what else a reader should know: unfilled inputs, failures, notes, marked cells."""
    return {
        "unfilled": [{"unit": unit, "indicator": code} for unit, code in result.unfilled],
        "failures": [problem.as_dict() for problem in result.failures],
        "notes": [problem.as_dict() for problem in result.notes],
        "marks": [
            {"kind": mark.kind, "unit": mark.unit, "node": mark.code, "detail": mark.detail}
            for mark in result.marks
        ],
    }


def _known(number: float) -> float | None:
    return None if number != number else number
