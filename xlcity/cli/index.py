"""Compute an index with no workbook: scores, normalised values and ranks of every unit.

A report id, or a framework of your own (CSV: code, parent, weight, direction, name_zh, name_en,
uom). Without a recipe an own framework is oriented, scaled by min-max to 0-100 and averaged with
the weights rescaled over what is there.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

from xlcity.cli.inputs import add_words, load_inputs, tell_notes, words_of
from xlcity.cli.output import emit, talk
from xlcity.cli.table import render
from xlcity.errors import Problem, counted
from xlcity.index import IndexResult, compute
from xlcity.index.document import remarks, results_document
from xlcity.model.data_reader import Notes


def configure(parser: argparse.ArgumentParser) -> None:
    """Take a report or a framework, data, and an option of the recipe."""
    parser.add_argument("report", metavar="REPORT", nargs="?", help="report id")
    parser.add_argument("--framework", metavar="CSV", help="a framework of your own")
    parser.add_argument("--recipe", metavar="TOML", help="the method; in place of the report's")
    parser.add_argument("--data", metavar="D", help="CSV, folder or xlsx (default: the report's)")
    parser.add_argument("--option", metavar="ID", help="an option of the recipe")
    add_words(parser)


def run(args: argparse.Namespace) -> int:
    """Compute and print."""
    found = load_inputs(
        args.report, args.framework, args.recipe, args.data, args.option, words_of(args)
    )
    notes = found.notes
    result = compute(found.framework, found.recipe, found.dataset)
    document: dict[str, Any] = {
        **results_document(result, args.report),
        "option": args.option,
        **remarks(result),
        "converted": [conversion.as_dict() for conversion in notes.converted],
        "ignored": [*notes.ignored, *notes.remarks],
        "doubtful": [problem.as_dict() for problem in notes.doubtful],
    }
    if args.json:
        emit(document)
    else:
        sys.stdout.write(_table(result))
    _tell(result, notes)
    return 1 if result.failures else 0


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
