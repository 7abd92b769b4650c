"""What an index is made from, as the command line names it: a report, or tables of one's own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xlcity.api.inputs import Inputs, MethodChoice, is_file_name, of_framework, of_report
from xlcity.api.texts import language
from xlcity.cli.parser import VerbParser
from xlcity.errors import UsageError
from xlcity.index.method_options import spell_words
from xlcity.index.steps import MOST_INCONSISTENT
from xlcity.methods.registry import OPTIONS, parts_help

if TYPE_CHECKING:
    from xlcity.api.workbook import Workbook

#: What a word may stand for beside a method and its parts.
_MORE = {
    "denominate": "CODE=DENOMINATOR[:SCALE]; ",
    "screen": "level2=METHOD for the indicators below each node of a level; ",
    "aggregate": "level2=METHOD for all nodes of a level; ",
}


def add_inputs(parser: VerbParser) -> None:
    """Take a report or a framework, a recipe, data, options, methods in words and judgements."""
    parser.add_argument("report", metavar="REPORT", nargs="?", help="report id")
    parser.add_value("--framework", "F", "your own framework (CSV, xlsx, folder)")
    parser.add_value("--data", "D", "CSV, folder or xlsx with your values")
    parser.add_value("--recipe", "R", "the method (TOML), instead of the report's or the default")
    parser.add_list("--option", "ID", "an option of the recipe (repeatable)")
    shown = "zh" if language() == "zh" else "en"
    for option in OPTIONS:
        parts = parts_help(option, shown).replace("%", "%%")
        text = f"{spell_words(option)}; {parts}; {_MORE.get(option, '')}CODE=METHOD for one, "
        parser.add_list(f"--{option}", "METHOD", f"{text}commas between several")
    judgements = "weights by pairwise judgements (AHP): a square CSV, or sheets of an xlsx"
    parser.add_list("--judgements", "J", judgements)


def read_inputs(args: argparse.Namespace, *, empty: bool = False) -> Inputs:
    """Read what a verb was given by `add_inputs`.

    Raises
    ------
    XlcityError
        If there is not exactly one of report and framework, or a file cannot be used.
    """
    if (args.report is None) == (args.framework is None):
        raise UsageError(
            "Specify either a report id or --framework.", "Run `xlcity list` to see the reports."
        )
    words = {option: getattr(args, option) for option in OPTIONS}
    chosen = MethodChoice(args.recipe or None, words, args.judgements, args.option)
    if args.report is not None:
        return of_report(args.report, args.data or None, chosen)
    if not args.data and not empty:
        raise UsageError(
            "--framework needs --data.", "Name a table of values; `new` also takes --empty."
        )
    return of_framework(args.framework, args.data or None, chosen, empty=empty)


def opened_workbook(args: argparse.Namespace) -> Workbook | None:
    """Return the workbook that a verb was given in place of a report, if it is one.

    Raises
    ------
    XlcityError
        If there are tables beside it, or it cannot be read.
    """
    if args.report is None or not is_file_name(args.report):
        return None
    from xlcity.api.workbook import Workbook

    if args.framework or args.data or args.recipe:
        message = "a workbook has its own framework, data and recipe."
        raise UsageError(message, "Remove --framework, --data and --recipe.")
    return Workbook.open(args.report)


def consistency_notes(ratios: Mapping[str, float]) -> list[str]:
    """Return whether pairwise judgements agree, by node."""
    return [
        f"Judgements under {code}: consistency ratio {ratio:.3f}, "
        f"{'consistent' if ratio <= MOST_INCONSISTENT else 'inconsistent: judge again'}."
        for code, ratio in ratios.items()
    ]
