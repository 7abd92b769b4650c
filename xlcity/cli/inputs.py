"""What an index is made from, as the command line names it: a report, or tables of one's own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import xlcity
from xlcity.cli.output import talk
from xlcity.errors import (
    DataError,
    FrameworkError,
    Problem,
    RecipeError,
    UsageError,
    counted,
)
from xlcity.index.defaults import default_recipe
from xlcity.index.weigh import MOST_INCONSISTENT, consistency
from xlcity.index.words import method_problems, with_judgements, with_words
from xlcity.model.data_reader import BY_NAME, Notes, read_dataset
from xlcity.model.dataset import Dataset
from xlcity.model.faulty import data_problems
from xlcity.model.framework import Framework
from xlcity.model.framework_csv import read_framework
from xlcity.model.judgements import read_judgements
from xlcity.model.method_words import OPTIONS
from xlcity.model.panel import Panel, is_panel, read_panel
from xlcity.model.recipe import Recipe
from xlcity.model.recipe_toml import read_recipe
from xlcity.model.satellites import satellites_in
from xlcity.model.tables import read_workbook
from xlcity.reports import load_report
from xlcity.reports.report import Report

#: Conversions told one by one at a terminal.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Inputs:
    """Framework, recipe and dataset; `report` is None for tables of one's own."""

    report: Report | None
    framework: Framework
    recipe: Recipe
    dataset: Dataset
    notes: Notes
    #: Data with a column of editions; `dataset` is the last of them.
    panel: Panel | None = None


def load_inputs(args: argparse.Namespace) -> Inputs:
    """Read what a verb was given: report or framework, recipe, data, and `add_methods`.

    Raises
    ------
    UsageError
        If there is not exactly one of report and framework, or no such report or option.
    XlcityError
        If a file cannot be used.
    """
    report_id, framework_path, data = args.report, args.framework, args.data
    words, judgements = words_of(args), args.judgements
    if (report_id is None) == (framework_path is None):
        raise UsageError(
            "give a report id or --framework, one of them.", "`xlcity list` tells the reports."
        )
    panel: Panel | None = None
    own, faults = _own_recipe(args.recipe)
    if report_id is not None:
        if faults:
            raise RecipeError(faults)
        report: Report | None = load_report(report_id)
        assert report is not None
        recipe, framework = own or report.recipe, report.framework
        dataset, notes = report.dataset, Notes()
        if data:
            dataset, notes = read_dataset(data, framework, dataset.units, recipe)
            if _is_template(Path(data)):
                dataset = dataset.with_basis_of(report.dataset)
    else:
        if not data:
            raise UsageError("--framework needs --data.", "Name a table of values.")
        report, recipe = None, own or default_recipe()
        framework = _own_framework(framework_path, data, words, faults)
        problems: list[Problem] = list(faults)
        try:
            recipe = with_words(recipe, framework, words)
        except RecipeError as error:
            problems += error.problems
        try:
            recipe = with_judgements(recipe, read_judgements(judgements, framework))
        except DataError as error:
            problems += error.problems
        try:
            if is_panel(data, framework):
                panel, told = read_panel(data, framework, recipe)
                dataset, notes = panel.datasets[-1], told[-1]
            else:
                dataset, notes = read_dataset(data, framework, None, recipe)
        except DataError as error:
            raise DataError([*problems, *error.problems]) from None
        if problems:
            raise RecipeError(problems)
    try:
        recipe = recipe.with_options(args.option)
    except RecipeError as error:
        problem = error.problems[0]
        raise UsageError(problem.message, problem.hint) from None
    if report is not None:
        recipe = with_words(recipe, framework, words)
        recipe = with_judgements(recipe, read_judgements(judgements, framework))
    return Inputs(report, framework, recipe, dataset, notes, panel)


def _own_recipe(path: str | None) -> tuple[Recipe | None, list[Problem]]:
    """Read a recipe; its faults are told with those of framework and data."""
    try:
        return (read_recipe(_recipe_file(path)) if path else None), []
    except RecipeError as error:
        return None, list(error.problems)


def _own_framework(
    path: str, data: str, words: Mapping[str, Sequence[str]], faults: Sequence[Problem]
) -> Framework:
    """Read a framework; where it is faulty, tell what is wrong with methods and data as well."""
    try:
        return read_framework(path)
    except FrameworkError as error:
        problems = [*error.problems, *faults, *method_problems(words, error.words)]
        raise FrameworkError([*problems, *data_problems(error, data)]) from None


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
            help=f"{_HELP[option]}; CODE=METHOD for one, commas between several",
        )
    parser.add_argument(
        "--judgements",
        action="append",
        default=[],
        metavar="J",
        help="weights by pairwise judgements (AHP): a square CSV, or sheets of an xlsx",
    )


_HELP = {
    "denominate": "given (the framework's denominators) or CODE=DENOMINATOR[:SCALE]",
    "treat": "winsor[:POINTS], winsor_log, log, boxcox[:LAMBDA], percentile:LOW:HIGH, clip[:SD]",
    "impute": "mean, median, group_mean:ATTRIBUTE, group_median:ATTRIBUTE, dimension",
    "normalise": "minmax[:A:B], zscore[:MEAN:SD], goalposts, rank, percentile, borda, dist2max, "
    "dist2ref:CITY, dist2target, fracmax, efficacy[:OMEGA], rating[:MAX], none",
    "weights": "given, equal, pca, entropy, critic, cv, balance",
    "aggregate": "arithmetic, geometric, harmonic, power:P, minimum, mpi, copeland, sum, none; "
    "level2=METHOD",
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


def _recipe_file(name: str) -> Path:
    """Return the file of a recipe: a path, or the id of one of the systems that come along."""
    shipped = Path(xlcity.__file__).parent / "systems" / name / "recipe.toml"
    return shipped if not Path(name).exists() and shipped.is_file() else Path(name)


def _is_template(path: Path) -> bool:
    """Tell whether data come from a template, whose shipped values keep their status."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    return {"Framework", "Data", "Published", "Log"} <= read_workbook(path).keys()


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
    if left_out and (notes.ignored or notes.remarks):
        talk(f"Not used: {', '.join((*notes.ignored, *notes.remarks))}.")
