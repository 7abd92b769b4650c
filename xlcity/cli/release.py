"""Write a workbook for the public: scores, ranks, framework and method, and no raw data.

The file is written from the stored results only. It contains no raw values, no charts with cached
raw values, no comments and no names of authors. Other entries are left out and listed.

Examples
--------
xlcity release image.xlsx -o image-public.xlsx
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from xlcity.api.remake import ReleasedWorkbook, release_workbook
from xlcity.cli.notes import doubt_notes, kept_notes
from xlcity.cli.parser import VerbParser
from xlcity.cli.progress import step
from xlcity.cli.result import Result
from xlcity.errors import counted
from xlcity.workbook.migrate.leftovers import kind_words


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("file", metavar="F", help="the template workbook, recalculated")
    parser.add_output(metavar="G")


def run(args: argparse.Namespace) -> Result:
    """Write the public workbook."""
    done = release_workbook(args.file, Path(args.out), step)
    cities, nodes = len(done.results["units"]), len(done.framework.composites)
    document = {
        "path": done.path,
        "sheets": ["About", "Ranking", "Framework", "Method"],
        "units": cities,
        "nodes": nodes,
        "draft": done.results["draft"],
        "synthetic": done.results["synthetic"],
        "kept": done.kept,
        "left_out": done.left_out,
        "unverified": list(done.unverified),
    }
    text = (
        f"{done.path}: scores and ranks of {counted(cities, 'city', 'cities')}, "
        f"{counted(nodes, 'node')}; no raw data"
    )
    return Result(document, [text], notes=[*_notes(done)])


def _notes(done: ReleasedWorkbook) -> Iterator[str]:
    if done.left_out:
        kinds = Counter(line.what for line in done.left_out)
        words = ", ".join(counted(number, *kind_words(kind)) for kind, number in kinds.items())
        yield f"Left out, as it is not for the public: {words}; --json lists all."
    yield from kept_notes(done.kept)
    yield from doubt_notes(done.unverified, done.path)
    if done.results["draft"]:
        yield "Some inputs are not filled yet. The published file is marked as a draft."
    if done.results["synthetic"]:
        count = done.results["synthetic"]
        yield f"{count} inputs are synthetic. The published file is marked accordingly."
