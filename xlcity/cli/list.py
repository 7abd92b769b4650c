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
from xlcity.reports import summaries


def configure(parser: VerbParser) -> None:
    """Take no options."""


def run(args: argparse.Namespace) -> Result:
    """List the reports."""
    entries = summaries()
    columns = ("id", "edition", "units", "nodes", "indicators", "data", "name_zh", "name_en")
    table = TextTable(columns, [[entry[column] for column in columns] for entry in entries])
    return Result({"reports": entries}, [table])
