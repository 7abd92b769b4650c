"""List the reports: id, edition, units, nodes, indicators and what kind of data they come with."""

from __future__ import annotations

import argparse
import sys

from xlcity.cli.output import emit
from xlcity.cli.table import render
from xlcity.reports import load_report, report_ids


def configure(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond --json."""


def run(args: argparse.Namespace) -> int:
    """Print the reports."""
    entries = []
    for report_id in report_ids():
        report = load_report(report_id)
        entries.append(
            {
                "id": report.id,
                "name_en": report.name_en,
                "name_zh": report.name_zh,
                "edition": report.edition,
                "units": len(report.dataset.units),
                "nodes": len(report.framework.nodes),
                "indicators": len(report.framework.indicators),
                "data": report.data_kind,
                "options": [
                    {"id": option.id, "label_zh": option.label_zh, "label_en": option.label_en}
                    for option in report.recipe.options
                ],
            }
        )
    if args.json:
        emit({"reports": entries})
        return 0
    columns = ("id", "edition", "units", "nodes", "indicators", "data", "name_zh", "name_en")
    sys.stdout.write(render(columns, [[entry[c] for c in columns] for entry in entries]))
    return 0
