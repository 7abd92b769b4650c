"""What an index is made from, as the command line names it: a report, or tables of one's own."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from xlcity.api.inputs import Inputs, of_framework, of_report
from xlcity.cli.output import talk
from xlcity.errors import UsageError, counted
from xlcity.index.weigh import MOST_INCONSISTENT, consistency
from xlcity.index.words import spelled
from xlcity.model.data_reader import BY_NAME, Notes
from xlcity.model.framework import Framework
from xlcity.model.framework_csv import read_framework
from xlcity.model.method_words import OPTIONS
from xlcity.model.recipe import Recipe
from xlcity.model.satellites import satellites_in

#: Conversions told one by one at a terminal.
SHOWN = 20


def load_inputs(args: argparse.Namespace) -> Inputs:
    """Read what a verb was given: report or framework, recipe, data, and `add_methods`.

    Raises
    ------
    UsageError
        If there is not exactly one of report and framework, or no such report or option.
    XlcityError
        If a file cannot be used.
    """
    if (args.report is None) == (args.framework is None):
        raise UsageError(
            "give a report id or --framework, one of them.", "`xlcity list` tells the reports."
        )
    words, data = words_of(args), args.data or None
    recipe, judgements, options = args.recipe or None, args.judgements, args.option
    if args.report is not None:
        return of_report(
            args.report, data, recipe=recipe, words=words, judgements=judgements, options=options
        )
    empty = getattr(args, "empty", False)
    if not data and not empty:
        raise UsageError(
            "--framework needs --data.", "Name a table of values; `new` also takes --empty."
        )
    return of_framework(
        args.framework,
        data,
        empty=empty,
        recipe=recipe,
        words=words,
        judgements=judgements,
        options=options,
    )


def read_next_framework(path: str, before: Framework) -> Framework:
    """Read the framework that follows another.

    One table says nothing of ingredients: those of the indicators that stay come along. A folder
    says all of them. Satellites come along as long as their parts are there.

    Raises
    ------
    FrameworkError
        As `read_framework`.
    """
    framework = read_framework(path)
    if not (Path(path).is_dir() or framework.ingredients):
        leaves = {node.code for node in framework.indicators}
        kept = tuple(part for part in before.ingredients if part.of in leaves)
        framework = replace(framework, ingredients=kept)
    beside = [s for s in before.satellites if all(part in framework for part in s.parts)]
    return satellites_in(framework, beside)


def add_methods(parser: argparse.ArgumentParser) -> None:
    """Let a verb take options of the recipe, methods in words and judgements."""
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="ID",
        help="an option of the recipe; may be given several times",
    )
    for option in OPTIONS:
        parser.add_argument(
            f"--{option}",
            action="append",
            default=[],
            metavar="METHOD",
            help=f"{spelled(option)}; {_PARTS[option]}; CODE=METHOD for one, commas between "
            "several",
        )
    parser.add_argument(
        "--judgements",
        action="append",
        default=[],
        metavar="J",
        help="weights by pairwise judgements (AHP): a square CSV, or sheets of an xlsx",
    )


#: What the parts of the methods are counted in.
_PARTS = {
    "denominate": "or CODE=DENOMINATOR[:SCALE]",
    "treat": "POINTS: how many values at most; LOW, HIGH: percentiles, 0 to 100; "
    "LIMIT: standard deviations",
    "impute": "GROUP: an attribute of the cities",
    "normalise": "LOW, HIGH, TARGET: values in the indicator's unit of measure; BASE, SCALE, MEAN, "
    "SD, OMEGA: points; LIMIT: standard deviations; THRESHOLD: a share of the mean, 0.1 = 10 %%",
    "weights": "KIND: handbook or first",
    "aggregate": "PENALTY: minus or plus; level2=METHOD for all nodes of a level",
}


def tell_consistency(framework: Framework, recipe: Recipe) -> dict[str, float]:
    """Tell how far pairwise judgements agree; return the ratios by node."""
    ratios = consistency(framework, recipe)
    for code, ratio in ratios.items():
        said = "consistent" if ratio <= MOST_INCONSISTENT else "inconsistent: judge again"
        talk(f"Judgements under {code}: consistency ratio {ratio:.3f}, {said}.")
    return ratios


def words_of(args: argparse.Namespace) -> dict[str, list[str]]:
    """Return the methods in words that a verb was given."""
    return {option: getattr(args, option) for option in OPTIONS}


def tell_notes(notes: Notes, *, left_out: bool = True) -> None:
    """Tell the person what the reader doubts, converted and, if asked, left out."""
    for problem in notes.doubtful:
        talk(f"[{problem.code}] {problem}")
    headings = [conversion for conversion in notes.converted if conversion.note == BY_NAME]
    if headings:
        talk(
            f"{headings[0].where.file}: {counted(len(headings), 'column')} matched by name; "
            "--json lists them."
        )
    # One line for all headings, so that they hide none of the values and names that were read
    # as something else than they are.
    others = [conversion for conversion in notes.converted if conversion.note != BY_NAME]
    for conversion in others[:SHOWN]:
        talk(
            f"{conversion.where}: {conversion.raw!r} read as {conversion.result} "
            f"({conversion.note})"
        )
    if len(others) > SHOWN:
        more = counted(len(others) - SHOWN, "more conversion")
        talk(f"… and {more}; --json lists all.")
    if left_out and (notes.unused or notes.remarks):
        reasons: dict[str, list[str]] = {}
        for heading, reason in notes.unused:
            reasons.setdefault(reason, []).append(heading)
        said = [f"{', '.join(headings)} ({reason})" for reason, headings in reasons.items()]
        talk(f"Not used: {'; '.join((*said, *notes.remarks))}.")
