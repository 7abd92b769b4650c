"""Check the claims of a manuscript against the tables of a report or a workbook.

Found are ranks, lists of the first cities, counts, shares, scores, growth, comparisons and the
arithmetic inside a sentence, in Chinese and English. A claim that the tables cannot settle is
listed apart as unsure. Exit code 1: a claim is false.

Examples
--------
xlcity audit text chapter.docx --against image.xlsx
xlcity audit text chapter.md --against image2025 --unsure
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from xlcity.api.text_audit import audit_text
from xlcity.api.text_table import TextTable
from xlcity.api.texts import language
from xlcity.audit.text.audit import TextAudit
from xlcity.cli.parser import VerbParser
from xlcity.cli.result import Result
from xlcity.xlsx.process import time_limit


def configure(parser: VerbParser) -> None:
    """Declare the options."""
    parser.add_argument("manuscript", metavar="MANUSCRIPT", help="a .docx, .md or .txt file")
    parser.add_value("--against", "F", "a template workbook, or a report id", required=True)
    parser.add_flag("--unsure", "also show claims that the tables cannot settle")
    parser.add_timeout("seconds this may take (default: %(default)g)")


def run(args: argparse.Namespace) -> Result:
    """Audit; 1 if a claim is false."""
    with time_limit(args.timeout, args.manuscript):
        # JSON is the same in every language.
        lang = "zh" if language() == "zh" and not getattr(args, "json", False) else "en"
        audit = audit_text(args.manuscript, args.against, language=lang)
    return Result(audit, _blocks(audit, args.unsure), code=1 if audit.of("false") else 0)


def _blocks(audit: TextAudit, with_unsure: bool) -> Iterator[str | TextTable]:
    false, unsure = audit.of("false"), audit.of("unsure")
    yield (
        f"{audit.path}: {audit.claims} claims, {audit.checked} checked, "
        f"{len(audit.true)} true, {len(false)} false, {len(unsure)} unsure"
    )
    for title, listed in (
        ("\nFalse:", false),
        ("\nNot settled by the tables:", unsure if with_unsure else []),
    ):
        if listed:
            yield title
            rows = [[claim.line, claim.says, claim.expected, claim.slip] for claim in listed]
            yield TextTable(["line", "claim", "tables", "likely slip"], rows, "  ")
    if unsure and not with_unsure:
        yield f"{len(unsure)} not settled by the tables: --unsure shows them."
