"""List the reports: id, edition, cities, nodes, indicators and what kind of data they come with.

Examples
--------
xlcity list
"""

from __future__ import annotations

import argparse

from xlcity.api.text_table import TextTable
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.reports import load_report, report_ids


def configure(parser: VerbParser) -> None:
    """Take no options."""


def run(args: argparse.Namespace) -> Result:
    """List the reports."""
    entries = []
    for report in map(load_report, report_ids()):
        options = [
            {"id": option.id, "label_zh": option.label_zh, "label_en": option.label_en}
            for option in report.recipe.options
        ]
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
                "options": options,
            }
        )
    columns = ("id", "edition", "units", "nodes", "indicators", "data", "name_zh", "name_en")
    table = TextTable(columns, [[entry[column] for column in columns] for entry in entries])
    return Result({"reports": entries}, [table])
