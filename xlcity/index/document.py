"""An index result as the JSON document of the command line (`results`, `index`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from xlcity.index.links import PairResult
from xlcity.index.result import IndexResult, Mark
from xlcity.index.satellites import score_satellites
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
    supplementary = score_satellites(result)
    codes = (*result.node_codes, *supplementary.codes)
    scores = np.hstack([result.scores, supplementary.scores])
    ranks = np.hstack([result.ranks, supplementary.ranks])
    units = [
        {
            "unit": unit.id,
            "name_zh": unit.name_zh,
            "name_en": unit.name_en,
            "population": unit.population,
            "scores": _number_by_code(codes, scores[row]),
            "normalised": _number_by_code(result.leaf_codes, result.normalised[row]),
            "ranks": _rank_by_code(codes, ranks[row]),
        }
        for row, unit in enumerate(result.dataset.units)
    ]
    return {
        "report": report,
        "draft": result.draft,
        "synthetic": result.dataset.synthetic,
        "units": units,
        "pairs": pair_entries(result.pairs),
    }


def pair_entries(pairs: PairResult | None) -> list[dict[str, Any]]:
    """Return the pairs of units, each with the id `a|b`."""
    if pairs is None:
        return []
    return [
        {
            "unit": "|".join(pair),
            "scores": _number_by_code(pairs.node_codes, pairs.scores[row]),
            "normalised": _number_by_code(pairs.leaf_codes, pairs.normalised[row]),
            "ranks": _rank_by_code(pairs.node_codes, pairs.ranks[row]),
        }
        for row, pair in enumerate(pairs.pairs)
    ]


def _number_by_code(codes: Sequence[str], numbers: FloatArray) -> dict[str, float | None]:
    """Return code -> number; None for NaN."""
    cells = (None if number != number else number for number in numbers.tolist())
    return dict(zip(codes, cells, strict=True))


def _rank_by_code(codes: Sequence[str], ranks: np.ndarray) -> dict[str, int | None]:
    """Return code -> rank; None for 0, which is no rank."""
    return {code: rank or None for code, rank in zip(codes, ranks.tolist(), strict=True)}


def remarks_document(result: IndexResult) -> dict[str, Any]:
    """Return what else a reader should know: unfilled inputs, failures, notes, marked cells."""
    return {
        "unfilled": [{"unit": unit, "indicator": code} for unit, code in result.unfilled],
        "failures": [asdict(problem) for problem in result.failures],
        "notes": [asdict(problem) for problem in result.notes],
        "marks": mark_entries(result.marks),
    }


def mark_entries(marks: Iterable[Mark]) -> list[dict[str, str]]:
    """Return what was done to which cells."""
    return [{"kind": m.kind, "unit": m.unit, "node": m.code, "detail": m.detail} for m in marks]
