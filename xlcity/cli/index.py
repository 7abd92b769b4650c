"""Compute an index with no workbook: scores, normalised values and ranks of every unit.

A report id, or a framework of your own (CSV: code, parent, weight, direction, name_zh, name_en,
uom). Without a recipe an own framework is oriented, scaled by min-max to 0-100 and averaged with
the weights rescaled over what is there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xlcity.cli.inputs import (
    add_methods,
    load_inputs,
    tell_consistency,
    tell_notes,
)
from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.cli.target import require_folder, tell_kept_names, write_tables
from xlcity.errors import Problem, counted
from xlcity.index import IndexResult, compute
from xlcity.index.document import remarks, results_document
from xlcity.index.panel import EditionScores, compute_panel, fill_series
from xlcity.model.coinr import coinr_tables
from xlcity.model.data_reader import Notes


def configure(parser: argparse.ArgumentParser) -> None:
    """Take a report or a framework, data, and an option of the recipe."""
    parser.add_argument("report", metavar="REPORT", nargs="?", help="report id")
    parser.add_argument("--framework", metavar="CSV", help="a framework of your own")
    parser.add_argument("--recipe", metavar="TOML", help="the method; in place of the report's")
    parser.add_argument("--data", metavar="D", help="CSV, folder or xlsx (default: the report's)")
    parser.add_argument(
        "--together",
        action="store_true",
        help="data with a column of editions: bounds and means over all of them",
    )
    parser.add_argument("--coinr", metavar="DIR", help="also write iMeta.csv and iData.csv there")
    add_methods(parser)


def run(args: argparse.Namespace) -> int:
    """Compute and print."""
    if args.coinr:
        require_folder(Path(args.coinr))
    found = load_inputs(args)
    ratios = tell_consistency(found.framework, found.recipe)
    notes = found.notes
    editions: tuple[EditionScores, ...] = ()
    if found.panel is not None:
        editions = compute_panel(found.framework, found.recipe, found.panel, together=args.together)
        datasets, _ = fill_series(found.framework, found.recipe, found.panel)
        result = compute(found.framework, found.recipe, datasets[-1])
    else:
        result = compute(found.framework, found.recipe, found.dataset)
    if args.coinr:
        tables = coinr_tables(found.framework, found.dataset)
        tell_kept_names(write_tables(Path(args.coinr), tables))
        for name in tables:
            talk(f"Written: {Path(args.coinr) / name}.")
    document: dict[str, Any] = {
        **results_document(result, args.report),
        "option": ",".join(args.option) or None,
        **remarks(result),
        # Those of the framework, or in their place those that the step weight found.
        "weights": {node.code: node.weight for node in result.framework.nodes},
        "consistency": ratios,
        "converted": [conversion.as_dict() for conversion in notes.converted],
        "ignored": [*notes.ignored, *notes.remarks],
        "unused": [{"column": c, "reason": r} for c, r in notes.unused],
        "doubtful": [problem.as_dict() for problem in notes.doubtful],
    }
    if editions:
        document["editions"] = [_edition(one) for one in editions]
    if args.json:
        emit(document)
    else:
        sys.stdout.write(_table(result) if not editions else _by_edition(editions))
    _tell(result, notes)
    return 1 if result.failures else 0


def _edition(found: EditionScores) -> dict[str, Any]:
    """Return one edition: scores and ranks of its units, and what other editions filled in."""
    units = []
    for row, unit in enumerate(found.units):
        scores = [None if x != x else x for x in found.scores[row].tolist()]
        ranks = [rank or None for rank in found.ranks[row].tolist()]
        units.append(
            {
                "unit": unit,
                "scores": dict(zip(found.nodes, scores, strict=True)),
                "ranks": dict(zip(found.nodes, ranks, strict=True)),
            }
        )
    marks = [
        {"kind": mark.kind, "unit": mark.unit, "node": mark.code, "detail": mark.detail}
        for mark in found.marks
    ]
    return {"edition": found.edition, "units": units, "marks": marks}


def _by_edition(editions: Sequence[EditionScores]) -> str:
    """Return the root's score and rank of every unit, an edition beside the other."""
    rows: list[list[Any]] = []
    for row, unit in enumerate(editions[0].units):
        line: list[Any] = [unit]
        for found in editions:
            score = found.scores[row, 0]
            line += ["" if score != score else f"{score:.2f}", int(found.ranks[row, 0]) or None]
        rows.append(line)
    heads = [[found.edition, "rank"] for found in editions]
    return render(["unit", *(head for pair in heads for head in pair)], rows)


def _table(result: IndexResult) -> str:
    """Return the units in the order of the root, with the scores of the two top levels."""
    framework = result.framework
    shown = [framework.root, *framework.children(framework.root.code)]
    parts = []
    for population in result.populations:
        rows = []
        order = result.order(framework.root.code, population)
        unranked = [
            unit.id
            for unit in result.dataset.units
            if unit.population == population and unit.id not in order
        ]
        for unit_id in (*order, *unranked):
            row = result.dataset.row(unit_id)
            unit = result.dataset.units[row]
            scores = (result.column(node.code)[row] for node in shown)
            rank = int(result.rank(framework.root.code)[row]) or None
            cells = ["" if score != score else f"{score:.2f}" for score in scores]
            rows.append([rank, unit.id, unit.name_zh, unit.name_en, *cells])
        header = ["rank", "unit", "name_zh", "name_en", *(node.code for node in shown)]
        parts.append(render(header, rows))
    return "\n".join(parts)


def _tell(result: IndexResult, notes: Notes) -> None:
    def tell(problems: tuple[Problem, ...]) -> None:
        for problem in problems:
            talk(f"[{problem.code}] {problem}")

    if result.draft:
        talk(f"Draft: {counted(len(result.unfilled), 'input is', 'inputs are')} not filled yet.")
    if result.dataset.synthetic:
        talk(f"Synthetic: {counted(result.dataset.synthetic, 'value is', 'values are')} invented.")
    tell(result.failures)
    tell(result.notes)
    tell_notes(notes)
    for kind in sorted({mark.kind for mark in result.marks}):
        hit = [f"{mark.unit} {mark.code}" for mark in result.marks if mark.kind == kind]
        talk(f"{kind}: {', '.join(hit[:10])}{' …' if len(hit) > 10 else ''}")
