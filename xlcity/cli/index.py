"""Compute an index without a workbook: scores, normalised values and ranks of every city.

Specify a report, or your own framework (CSV: code, parent, weight, direction, name_zh, name_en,
uom). Without a recipe, your own framework is oriented, scaled by min-max to 0-100 and averaged.
Weights of missing children are shared among the others.

Examples
--------
xlcity index image2025
xlcity index --framework tree.csv --data data.csv --normalise zscore --weights equal
xlcity index --framework tree.csv --data data.csv --normalise minmax,GDP=rank --json
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from xlcity.api.index import Index
from xlcity.api.text_table import TextTable
from xlcity.cli.inputs import add_inputs, consistency_notes, read_inputs
from xlcity.cli.notes import reading_document, reading_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.errors import Problem, counted
from xlcity.index import IndexResult
from xlcity.index.analysis import mark_entries
from xlcity.index.panel import EditionScores


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    add_inputs(parser)
    parser.add_flag(
        "--together", "data with a column of editions: bounds and means over all of them"
    )
    parser.add_value(
        "--outranking", "CODE", "by how much each city is ahead in the children of this node (JSON)"
    )


def run(args: argparse.Namespace) -> Result:
    """Compute."""
    index = Index.of(read_inputs(args))
    editions = index.editions(together=args.together)
    notes: list[str | Problem] = [*consistency_notes(index.consistency)]
    notes += [*_notes(index.result), *reading_notes(index.inputs.notes), *_marks(index.result)]
    document = {**index.as_dict(), **reading_document(index.inputs.notes)}
    if editions:
        document["editions"] = [_edition(edition) for edition in editions]
        document["growth"] = _growth(index)
    if args.outranking:
        document["outranking"] = _outranking(index, args.outranking)
    blocks = [_by_edition(editions)] if editions else [*_tables(index.result)]
    return Result(document, blocks, notes=notes, code=1 if index.result.failures else 0)


def _edition(edition: EditionScores) -> dict[str, Any]:
    """Return one edition: scores and ranks of its cities, and what other editions filled in."""
    units = []
    for unit, scores, ranks in zip(edition.units, edition.scores, edition.ranks, strict=True):
        by_node = dict(zip(edition.nodes, scores.tolist(), strict=True))
        ranked = {node: int(rank) or None for node, rank in zip(edition.nodes, ranks, strict=True)}
        units.append({"unit": unit, "scores": by_node, "ranks": ranked})
    return {"edition": edition.edition, "units": units, "marks": mark_entries(edition.marks)}


def _growth(index: Index) -> dict[str, dict[str, float | None]]:
    """Return the compound growth of scores and values over the editions: city, code -> rate."""
    rates = index.growth()
    return {
        unit: {str(code): None if rate != rate else rate for code, rate in row.items()}
        for unit, row in zip(rates.index, rates.to_dict("records"), strict=True)
    }


def _outranking(index: Index, node: str) -> dict[str, Any]:
    """Return the matrix of a node: a row for each city that is ahead."""
    probabilities = index.outranking(node)
    return {
        "node": node,
        "units": list(probabilities.index),
        "p": probabilities.to_numpy().tolist(),
    }


def _by_edition(editions: Sequence[EditionScores]) -> TextTable:
    """Return the root's score and rank of every city, one edition beside the other."""
    header = ["unit", *(head for edition in editions for head in (edition.edition, "rank"))]
    rows: list[list[Any]] = [[unit] for unit in editions[0].units]
    for edition in editions:
        for row, score, rank in zip(rows, edition.scores[:, 0], edition.ranks[:, 0], strict=True):
            row += [_score(score), int(rank) or None]
    return TextTable(header, rows)


def _tables(result: IndexResult) -> Iterator[str | TextTable]:
    """Yield the cities of each group in the order of the root, with the two top levels."""
    framework = result.framework
    shown = [framework.root, *framework.children(framework.root.code)]
    header = ["rank", "unit", "name_zh", "name_en", *(node.code for node in shown)]
    for number, population in enumerate(result.populations):
        order = result.order(framework.root.code, population)
        members = [unit.id for unit in result.dataset.units if unit.population == population]
        rows = []
        for unit_id in dict.fromkeys((*order, *members)):
            row = result.dataset.row(unit_id)
            unit = result.dataset.units[row]
            rank = int(result.rank(framework.root.code)[row]) or None
            scores = [_score(result.column(node.code)[row]) for node in shown]
            rows.append([rank, unit.id, unit.name_zh, unit.name_en, *scores])
        if number:
            yield ""
        yield TextTable(header, rows)


def _score(value: float) -> str:
    return "" if value != value else f"{value:.2f}"


def _notes(result: IndexResult) -> Iterator[str | Problem]:
    if not result.dataset.units:
        yield "Draft: there are no cities."
    elif result.draft:
        yield f"Draft: {counted(len(result.unfilled), 'input is', 'inputs are')} not filled yet."
    if result.dataset.synthetic:
        yield f"Synthetic: {counted(result.dataset.synthetic, 'value is', 'values are')} invented."
    yield from (*result.failures, *result.notes)


def _marks(result: IndexResult) -> Iterator[str]:
    for kind in sorted({mark.kind for mark in result.marks}):
        hit = [f"{mark.unit} {mark.code}" for mark in result.marks if mark.kind == kind]
        yield f"{kind}: {', '.join(hit[:10])}{' …' if len(hit) > 10 else ''}"
