"""List the reports and systems: id, edition, cities, indicators and what data they come with.

A system is a set of indicators that the literature describes. All its values are invented.

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
    """List the reports and systems."""
    entries = summaries()
    columns = (
        "id",
        "kind",
        "edition",
        "units",
        "nodes",
        "indicators",
        "data",
        "name_zh",
        "name_en",
    )
    table = TextTable(columns, [[entry[column] for column in columns] for entry in entries])
    return Result({"reports": entries}, [table])
