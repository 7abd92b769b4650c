"""How a score came about, as a tree that a person can read."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from html import escape
from textwrap import indent

from xlcity.api.data import first_lines
from xlcity.index.result import IndexResult
from xlcity.index.steps import child_weights
from xlcity.methods.aggregate.record import Aggregation
from xlcity.methods.registry import find_method
from xlcity.model.dataset import State
from xlcity.model.recipe import Step


@dataclass(frozen=True)
class ScoreStep:
    """One node on the way from a score to the raw values.

    Attributes
    ----------
    unit, code, name
        The city by its label in the caller's frame, else by its id; the node, and its name.
    score
        The score on the scale of its step; NaN where there is none.
    method
        How it was made: the aggregation of the parts, or the normalisation of the raw value.
    weight
        Share of the score above, rescaled to what the city has; NaN at the top, and where weights
        play no part.
    raw, uom, status
        The raw value of an indicator, its measure, and where it comes from ("" without a value).
    marks
        What rules did: "clipped", "imputed", … with the detail.
    parts
        The nodes below.
    """

    unit: Hashable
    code: str
    name: str
    score: float
    method: str
    weight: float = math.nan
    raw: float = math.nan
    uom: str = ""
    status: str = ""
    marks: tuple[str, ...] = ()
    parts: tuple[ScoreStep, ...] = ()

    def _line(self) -> str:
        weight = "" if math.isnan(self.weight) else f"{self.weight:.1%} x "
        score = "no score" if math.isnan(self.score) else f"{self.score:.6g}"
        text = f"{weight}{self.code} {self.name}".rstrip() + f" = {score}"
        if not self.parts:
            raw = (
                "no value"
                if math.isnan(self.raw)
                else f"{self.raw:.10g} {self.uom}".rstrip()
            )
            text += f"  <- {raw}" + (f" ({self.status})" if self.status else "")
        text += f"  [{self.method}]" if self.method else ""
        return text + (f"  {'; '.join(self.marks)}" if self.marks else "")

    def __str__(self) -> str:
        below = "\n".join(map(str, self.parts))
        return "\n".join(filter(None, [self._line(), indent(below, "  ")]))

    def __repr__(self) -> str:
        return first_lines(str(self))

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def score_step(
    result: IndexResult, unit: str, code: str, weight: float = math.nan
) -> ScoreStep:
    """Return how a city's score of a node came about.

    Parameters
    ----------
    result
        The index.
    unit, code
        A city and a node of it.
    weight
        The share of the node in the score above it.
    """
    framework = result.framework
    node = result.framework[code]
    row = result.dataset.row(unit)
    is_leaf = framework.is_indicator(code)
    step = result.recipe.step_for("normalise" if is_leaf else "aggregate", code)
    subject = (unit, code)
    marks = (mark for mark in result.marks if (mark.unit, mark.code) == subject)
    name = node.name_zh or node.name_en
    score = float(result.column(code)[row])
    mark_texts = tuple(f"{mark.kind}: {mark.detail}" for mark in marks)
    method = "" if step is None else step.method
    described = ScoreStep(
        unit, code, name, score, method=method, weight=weight, marks=mark_texts
    )
    if not is_leaf:
        shares = zip(
            framework.children(code), _shares(result, row, code, step), strict=True
        )
        parts = (score_step(result, unit, child.code, share) for child, share in shares)
        return replace(described, parts=tuple(parts))
    dataset = result.dataset
    raw = float(result.raw[row, result.leaf_codes.index(code)])
    column = dataset.columns.get(code)
    status = "" if column is None else str(dataset.basis[row, column])
    return replace(described, raw=raw, uom=node.uom, status=status)


def with_label(step: ScoreStep, label: Hashable) -> ScoreStep:
    """Return a step, and those below it, with what the caller calls the city."""
    parts = tuple(with_label(part, label) for part in step.parts)
    return replace(step, unit=label, parts=parts)


def _shares(
    result: IndexResult,
    row: int,
    code: str,
    step: Step | None,
) -> list[float]:
    """Return the share of each child in a city's score, rescaled to what the city has."""
    children = result.framework.children(code)
    if step is None or not find_method(Aggregation, step.method).by_share:
        return [math.nan] * len(children)
    weights = child_weights(result.framework, code, step)
    counted = (
        {State.VALUE, State.MISSING} if step.get("missing") == "zero" else {State.VALUE}
    )
    counts = [result.states(child.code)[row] in counted for child in children]
    total = math.fsum(w for w, there in zip(weights, counts, strict=True) if there)
    pairs = zip(weights, counts, strict=True)
    return [w / total if there and total else math.nan for w, there in pairs]
