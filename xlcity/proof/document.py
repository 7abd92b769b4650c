"""What was read and proved, as JSON, as sentences, and as a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from xlcity.adoption.maps import FORMULAS
from xlcity.data_files import toml_value
from xlcity.messages import Message
from xlcity.methods.normalise.none import NONE
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import Slip, SlipKind, TeamColumns
from xlcity.proof.meanings import Given, Made, Meaning, Scored, TreeNode
from xlcity.proof.mending import MovedRank, rank_moves
from xlcity.proof.proving import Compared
from xlcity.proof.reading import ReadIndex, Unexplained, series_name
from xlcity.proof.tables import Placed, can_stay
from xlcity.proof.workbook_map import RATIO, KeptColumn
from xlcity.xlsx.address import cell_name


def index_document(read: ReadIndex) -> dict[str, Any]:
    """Return what was read as JSON."""
    return {
        "status": read.status,
        "total": series_name(read.columns, read.root.series),
        "units": len(read.columns.cities.names),
        "indicators": sum(
            not isinstance(p.meaning, TreeNode) for p in read.tables.placed
        ),
        "explained": read.formulas_explained,
        "not_explained": [_unexplained(read.columns, u) for u in read.unexplained],
        "proof": [*_proofs(read)],
        "recalculated": read.recalculated,
        "slips": [*_slips(read)],
        "slip_effect": read.proof.slip_effect._asdict(),
        "rounded": {
            series_name(read.columns, series): digits
            for series, digits in read.rounded.items()
        },
        "tree": [_part(read, placed) for placed in read.tables.placed],
        "questions": [*questions(read)],
    }


def _unexplained(columns: TeamColumns, unexplained: Unexplained) -> dict[str, Any]:
    places = columns.cities.cells(unexplained.series)
    sheet, position = places[min(places)]
    return {
        "sheet": sheet,
        "cell": cell_name(*position),
        "column": unexplained.place,
        "heading": unexplained.heading,
        "formula": f"={columns.cells.formulas.get((sheet, position), '')}",
        "formulas": columns[unexplained.series].formulas,
        "why": Message(unexplained.reason),
    }


def _proofs(read: ReadIndex) -> Iterator[dict[str, Any]]:
    proof = read.proof
    root = read.tables.placed[0].code
    yield _compared(root, "totals", proof.totals)
    yield _compared(root, "ranks", proof.ranks)
    yield _compared(root, "stored totals", proof.stored_totals)
    if read.rounded:
        yield _compared(root, "rounded totals", proof.rounded_totals)
    if proof.stored_ranks.of:
        yield _compared(root, "stored ranks", proof.stored_ranks)
    for column in proof.columns:
        yield _compared(column.code, "scores", column.compared)
    for other in proof.other:
        yield _compared(root, "totals of other data", other)


def _compared(node: str, what: str, compared: Compared) -> dict[str, Any]:
    return {
        "node": node,
        "what": what,
        "cells": compared.of,
        "equal": compared.equal,
        "max_diff": compared.largest,
    }


def _slips(read: ReadIndex) -> Iterator[dict[str, Any]]:
    """Yield slips, each with the ranks that move once it alone is mended; None: not computed."""
    moves = rank_moves(read)
    for slip in read.slips:
        moved = moves.get(slip)
        yield {
            **_slip(read, slip),
            "can_stay": can_stay(read.columns, read.tables, slip),
            "moves": None if moved is None else [*map(_move, moved)],
        }


def _move(move: MovedRank) -> dict[str, Any]:
    return {"unit": move.unit, "from": move.before, "to": move.after}


def _slip(read: ReadIndex, slip: Slip) -> dict[str, Any]:
    return {
        "cell": slip.cell,
        "kind": slip.kind.value,
        "own": slip.own,
        "expected": slip.expected,
        "cities": list(slip.cities),
        "kept": slip in read.kept,
        "message": slip_message(slip),
    }


def slip_message(slip: Slip) -> str:
    """Return what a cell has and what its column has."""
    values: dict[str, Any] = {"own": slip.own, "expected": slip.expected}
    if slip.kind is SlipKind.TYPED:
        return Message("slip.typed", **values)
    if slip.kind is SlipKind.OTHER_CITY:
        return Message("slip.other_city", **values, cities=slip.cities)
    if slip.kind is SlipKind.SHORT_RANGE:
        return Message("slip.short_range", **values, cities=slip.cities)
    return Message("slip.other_formula", **values)


def _part(read: ReadIndex, placed: Placed) -> dict[str, Any]:
    meaning = placed.meaning
    part = {
        "code": placed.code,
        "parent": placed.parent,
        "weight": placed.weight,
        "column": series_name(read.columns, meaning.series),
        "heading": read.columns[meaning.series].heading,
    }
    return {**part, **_method(read, meaning)}


def _method(read: ReadIndex, meaning: Meaning) -> dict[str, Any]:
    """Return how a part is made of what is below it."""
    if isinstance(meaning, TreeNode):
        rescale = meaning.rescale
        described: dict[str, Any] = {
            "method": meaning.method,
            "missing": meaning.missing,
            **meaning.params,
        }
        if rescale is not None:
            described["rescale"] = {"method": rescale.method, **rescale.params}
        return described
    if isinstance(meaning, Scored):
        described = {
            "values": series_name(read.columns, meaning.base),
            "direction": meaning.fit.direction,
            "method": meaning.fit.method,
            **meaning.fit.params,
        }
        if meaning.fit.treat:
            treat = {"method": meaning.fit.treat, **meaning.fit.treat_params}
            described["treat"] = treat
        return described
    if isinstance(meaning, Given):
        return {"method": "given", "why": Message(meaning.reason)}
    return {"method": NONE.name}


def questions(read: ReadIndex) -> Iterator[dict[str, str]]:
    """Yield what only the team knows, each with the cell that it is about."""
    columns = read.columns
    for other in read.totals[1:]:
        cell = series_name(columns, other)
        text = Message("question.total", cell=cell, heading=columns[other].heading)
        yield {"cell": cell, "text": text}
    for placed in read.tables.placed:
        meaning = placed.meaning
        if isinstance(meaning, Scored) and _has_pasted_bounds(read, meaning):
            cell = series_name(columns, meaning.series)
            text = Message("question.bounds", cell=cell, **_bounds(meaning))
            yield {"cell": cell, "text": text}
    for slip in read.slips:
        if slip not in read.kept and can_stay(columns, read.tables, slip):
            text = Message("question.slip", cell=slip.cell)
            yield {"cell": slip.cell, "text": text}


def _bounds(meaning: Scored) -> dict[str, Any]:
    params = meaning.fit.params
    return {
        "low": params.get("lower", params.get("low")),
        "high": params.get("upper", params.get("high")),
    }


def _has_pasted_bounds(read: ReadIndex, meaning: Scored) -> bool:
    """Tell whether typed bounds are the extremes of the values that are there now."""
    stored = read.columns.stored(meaning.base)
    bounds = _bounds(meaning)
    return bool(
        bounds["low"] == np.nanmin(stored) and bounds["high"] == np.nanmax(stored)
    )


def workbook_map_text(read: ReadIndex) -> str:
    """Return the section of a map that has what was read; see `workbook_map`."""
    columns = read.columns
    kept = [slip.cell for slip in read.kept]
    lines = [
        f"[{FORMULAS}]",
        f"total = {toml_value(series_name(columns, read.root.series))}",
        f"keep = {toml_value(kept)}",
        "",
        f"[{FORMULAS}.columns]",
    ]
    meanings = {p.meaning.series: p.meaning for p in read.tables.placed}
    not_explained = [one.series for one in read.unexplained]
    for series in sorted({*read.explained, *not_explained}):
        meaning = meanings.get(series) or columns.made.get(series)
        entry = _kept_column(columns, series, meaning)._asdict()
        place = toml_value(series_name(columns, series))
        lines.append(f"{place} = {toml_value(entry)}")
    return "\n".join([*lines, ""])


def _kept_column(columns: TeamColumns, series: CitySeries, meaning: Any) -> KeptColumn:
    """Return what a column is: its method, and the headings of what that is of."""
    formula = f"={columns.written(series)}"
    if isinstance(meaning, Scored):
        base = columns[meaning.base].heading
        return KeptColumn(meaning.fit.method, (base,), formula)
    if isinstance(meaning, TreeNode):
        parts = [columns[child.meaning.series].heading for child in meaning.children]
        return KeptColumn(meaning.method, tuple(parts), formula)
    if isinstance(meaning, Made):
        parts = [
            columns[meaning.numerator].heading,
            columns[meaning.denominator].heading,
        ]
        return KeptColumn(RATIO, (" / ".join(parts),), formula)
    return KeptColumn("given" if isinstance(meaning, Given) else "", (), formula)
