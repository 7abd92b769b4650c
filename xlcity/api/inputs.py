"""What an index is made from: framework, recipe and data, with every fault reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import xlcity
from xlcity.adoption.reading import read_values
from xlcity.api.data import Data, read_data
from xlcity.errors import (
    DataError,
    FrameworkError,
    Problem,
    RecipeError,
    UsageError,
    XlcityError,
    collecting,
    did_you_mean,
)
from xlcity.index.checks import add_unused_variables
from xlcity.index.method_options import default_recipe, with_judgements, with_method_words
from xlcity.index.panel import fill_series, with_edition_bounds
from xlcity.model.dataset import Dataset, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import Panel, read_previous
from xlcity.model.reading.data import empty_dataset, input_codes, open_table
from xlcity.model.reading.judgements import read_judgements
from xlcity.model.reading.tables import as_text, table_from_frame
from xlcity.model.reading.units import units_from_table
from xlcity.model.reading.values import Notes
from xlcity.model.recipe import Recipe
from xlcity.model.recipe_toml import read_recipe
from xlcity.reports import load_report
from xlcity.reports.loading import read_sources
from xlcity.reports.report import Report, SourceException
from xlcity.xlsx.limits import missing_files
from xlcity.xlsx.plain_cells import read_plain_cells

if TYPE_CHECKING:
    import pandas as pd

#: Methods in words: option of `OPTIONS` -> words as the command line takes them.
Words = Mapping[str, Sequence[str]]
#: A method for all, several words, or a method by code.
Method = str | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Framework, recipe and dataset.

    Attributes
    ----------
    report
        The report that they belong to; None for a framework of one's own.
    notes
        Notes from reading the data.
    panel
        Data with a column of editions; `dataset` is the last of them.
    options
        Ids of the options of the recipe that were taken.
    exceptions
        Where single values come from, as a table beside them says.
    previous
        Name and values of the previous edition, from a table beside them.
    """

    report: Report | None
    framework: Framework
    recipe: Recipe
    dataset: Dataset
    notes: Notes
    panel: Panel | None = None
    options: tuple[str, ...] = ()
    exceptions: tuple[SourceException, ...] = ()
    previous: tuple[str, Dataset] | None = None

    def __repr__(self) -> str:
        return f"<Inputs: {self.framework!r}, {self.dataset!r}>"

    @property
    def filled(self) -> Dataset:
        """The dataset, with gaps that the recipe fills from other editions filled."""
        if self.panel is None:
            return self.dataset
        return fill_series(self.framework, self.recipe, self.panel)[0][-1]

    def emptied(self, units: Sequence[Unit] | None = None) -> Inputs:
        """Return the same without values, for other cities if they are named."""
        cities = self.dataset.units if units is None else units
        return replace(self, dataset=empty_dataset(cities, self.dataset.codes), panel=None)


@dataclass(frozen=True)
class MethodChoice:
    """What is chosen of a method.

    Attributes
    ----------
    recipe
        In place of the report's or the default: a recipe, a file, or the id of a shipped system.
    words
        Methods in words that take the place of the recipe's own.
    judgements
        Tables of pairwise judgements (AHP).
    options
        Ids of options of the recipe.
    missing
        Further texts and numbers that mean "confirmed missing"; NaN means every blank.
    """

    recipe: str | Path | Recipe | None = None
    words: Words = field(default_factory=dict)
    judgements: Sequence[str | Path] = ()
    options: Sequence[str] = ()
    missing: tuple[str | float, ...] = ()

    def method(self, default: Recipe) -> Recipe:
        """Return the chosen recipe or else the default, with the further missing codes."""
        method = _recipe(self.recipe) or default
        codes = tuple(as_text(code) for code in self.missing if code == code)
        blank = "missing" if len(codes) < len(self.missing) else method.blank
        return replace(method, blank=blank, missing_codes=(*method.missing_codes, *codes))


def inputs_given(
    framework: Framework | Report | str | Path,
    data: Data | Dataset | pd.DataFrame | str | Path | None,
    methods: Mapping[str, Method | None],
    weights: Method | Mapping[str, float] | pd.Series[float] | None,
    recipe: Recipe | str | Path | None,
    judgements: Sequence[str | Path],
    options: Sequence[str],
    groups: Mapping[str, str] | pd.Series[str] | None = None,
    missing: Sequence[str | float] = (),
) -> Inputs:
    """Put together what `Index` is given; see there. Raises as `of_report` and `of_framework`."""
    numbers, by_method = numbers_or_methods(weights)
    named = {**methods, "weights": by_method}
    words = {
        option: method_words(option, method)
        for option, method in named.items()
        if method is not None
    }
    chosen = MethodChoice(recipe, words, judgements, options, tuple(missing))
    values = data.dataset if isinstance(data, Data) else data
    if isinstance(framework, Report):
        inputs = of_report(framework, values, chosen)
    elif values is None:
        raise UsageError(
            "an index with your own framework needs data.", "Give a file or a DataFrame."
        )
    else:
        inputs = of_framework(framework, values, chosen)
    if numbers:
        inputs = replace(inputs, framework=with_weights_of(inputs.framework, numbers))
    if isinstance(data, Data):
        inputs = replace(inputs, notes=data.notes, panel=data.panel)
        if data.panel is not None:
            fixed = with_edition_bounds(inputs.framework, inputs.recipe, data.panel)
            inputs = replace(inputs, recipe=fixed)
    return inputs if groups is None else with_groups(inputs, groups)


def with_groups(inputs: Inputs, groups: Mapping[str, str] | pd.Series[str]) -> Inputs:
    """Return inputs whose cities are scored in other groups: city (id or name) -> its group.

    Raises
    ------
    UsageError
        With every city that has no group, and every one that is not known.
    """
    given = {
        str(city): "" if group != group else str(group or "") for city, group in groups.items()
    }
    datasets = (inputs.dataset,) if inputs.panel is None else inputs.panel.datasets
    units, used = inputs.dataset.units, set()
    group_of, problems = {}, []
    for unit in units:
        names = [n for n in (unit.id, unit.name_zh, unit.name_en, *unit.aliases) if n in given]
        used.update(names)
        group_of[unit.id] = given[names[0]] if names else ""
        if not names:
            hint = "Name its group, or leave its group blank if it is not to be scored."
            problems.append(Problem("XC100", f"groups: {unit.id} has no group.", hint))
    for city in [city for city in given if city not in used]:
        hint = did_you_mean(city, [unit.id for unit in units])
        problems.append(Problem("XC100", f"groups: unknown city {city!r}.", hint))
    if problems:
        raise UsageError(problems)
    regrouped = tuple(
        replace(each, units=tuple(replace(u, population=group_of[u.id]) for u in each.units))
        for each in datasets
    )
    panel = inputs.panel and replace(inputs.panel, datasets=regrouped)
    populations = tuple(dict.fromkeys(filter(None, group_of.values())))
    recipe = replace(inputs.recipe, populations=populations or inputs.recipe.populations)
    return replace(inputs, recipe=recipe, dataset=regrouped[-1], panel=panel)


def of_report(
    report: str | Report,
    data: str | Path | pd.DataFrame | Dataset | None = None,
    chosen: MethodChoice = MethodChoice(),
) -> Inputs:
    """Put together the index of a report.

    Parameters
    ----------
    report
        A report or its id.
    data
        Values of one's own; without them the values that the report ships with.
    chosen
        What is chosen of the method.

    Raises
    ------
    UsageError
        If there is no such report or option.
    XlcityError
        If a table cannot be used.
    """
    loaded = load_report(report) if isinstance(report, str) else report
    problems = missing_files("XC320", data)
    method, notes = loaded.recipe, Notes()
    with collecting(problems, DataError):
        method = chosen.method(loaded.recipe)
    if problems:
        raise DataError(problems)
    framework, dataset = loaded.framework, loaded.dataset
    exceptions: tuple[SourceException, ...] = ()
    if isinstance(data, Dataset):
        dataset = data
    elif data is not None:
        dataset, notes = read_values(data, framework, loaded.dataset.units, method)
        if isinstance(data, (str, Path)) and _is_template(Path(data)):
            dataset = dataset.with_basis_of(loaded.dataset)
        elif isinstance(data, (str, Path)) and Path(data).resolve() != loaded.folder.resolve():
            exceptions = read_sources(data, framework, dataset)
    method = with_method_words(_with_options(method, chosen.options), framework, chosen.words)
    method = with_judgements(method, read_judgements(chosen.judgements, framework))
    notes = add_unused_variables(framework, method, (dataset,), notes)
    options = tuple(chosen.options)
    return Inputs(loaded, framework, method, dataset, notes, None, options, exceptions)


def of_framework(
    framework: str | Path | Framework,
    data: str | Path | pd.DataFrame | Dataset | None,
    chosen: MethodChoice = MethodChoice(),
    *,
    empty: bool = False,
) -> Inputs:
    """Put together an index of one's own; parameters as of `of_report`.

    With `empty` only the cities of the data are taken, or none without data.

    Raises
    ------
    XlcityError
        With everything that is wrong with framework, recipe, words and data, all at once.
    """
    problems: list[Problem] = []
    method = default_recipe()
    with collecting(problems, DataError, RecipeError):
        method = chosen.method(method)
    if absent := missing_files("XC320", framework, data):
        raise DataError([*absent, *problems])
    try:
        tree = framework if isinstance(framework, Framework) else Framework.read(framework)
    except FrameworkError as error:
        further = _problems_beside(error, data, chosen)
        raise FrameworkError([*error.problems, *problems, *further]) from None
    with collecting(problems, RecipeError):
        method = with_method_words(method, tree, chosen.words)
    with collecting(problems, DataError):
        method = with_judgements(method, read_judgements(chosen.judgements, tree))
    panel: Panel | None = None
    notes, previous = Notes(), None
    exceptions: tuple[SourceException, ...] = ()
    try:
        if isinstance(data, Dataset):
            dataset = data
        elif empty or data is None:
            dataset = _cities_only(data, tree, method)
        else:
            read = read_data(data, tree, recipe=method)
            dataset, notes, panel = read.dataset, read.notes, read.panel
            if panel is None and isinstance(data, (str, Path)) and not _is_template(Path(data)):
                exceptions = read_sources(data, tree, dataset)
                previous = read_previous(data, tree, method)
    except DataError as error:
        raise DataError([*problems, *error.problems]) from None
    if problems:
        raise RecipeError(problems)
    method = _with_options(method, chosen.options)
    notes = add_unused_variables(
        tree, method, (dataset,) if panel is None else panel.datasets, notes
    )
    if panel is not None:
        method = with_edition_bounds(tree, method, panel)
    options = tuple(chosen.options)
    return Inputs(None, tree, method, dataset, notes, panel, options, exceptions, previous)


def _cities_only(
    data: str | Path | pd.DataFrame | None, framework: Framework, recipe: Recipe
) -> Dataset:
    """Return the cities of a table without its values; the table may have names alone."""
    units: Sequence[Unit] = ()
    if data is not None:
        try:
            units = read_values(data, framework, None, recipe)[0].units
        except DataError as error:
            if any(problem.code != "XC319" for problem in error.problems):
                raise
            if isinstance(data, (str, Path)):
                units = units_from_table(open_table(Path(data), framework.inputs))
            else:
                units = units_from_table(table_from_frame(data))
    return empty_dataset(units, input_codes(framework))


def _with_options(recipe: Recipe, options: Sequence[str]) -> Recipe:
    try:
        return recipe.with_options(options)
    except RecipeError as error:
        problem = error.problems[0]
        raise UsageError(problem.message, problem.hint) from None


def _recipe(given: str | Path | Recipe | None) -> Recipe | None:
    """Return a recipe: one that was read, a file, or the id of a system that is shipped."""
    if given is None or isinstance(given, Recipe):
        return given
    shipped = Path(xlcity.__file__).parent / "systems" / str(given) / "recipe.toml"
    return read_recipe(shipped if not Path(given).exists() and shipped.is_file() else Path(given))


def _problems_beside(
    error: FrameworkError, data: str | Path | pd.DataFrame | Dataset | None, chosen: MethodChoice
) -> Sequence[Problem]:
    """Return what is wrong with words and data beside a faulty framework, as far as it is read."""
    if error.readable:
        try:
            of_framework(Framework(**error.readable), data, MethodChoice(words=chosen.words))
        except FrameworkError:
            return ()  # the same again
        except XlcityError as further:
            return further.problems
    return ()


def is_file_name(text: str | Path) -> bool:
    """Tell whether a word stands for a file, not for a report."""
    suffix = Path(text).suffix.lower()
    return suffix in (".xlsx", ".xlsm") or (suffix != "" and Path(text).is_file())


def _is_template(path: Path) -> bool:
    """Tell whether data come from a template, whose shipped values keep their status."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    return {"Framework", "Data", "Published"} <= read_plain_cells(path).keys()


def with_weights_of(framework: Framework, weights: Mapping[str, float]) -> Framework:
    """Return a framework with other weights.

    Raises
    ------
    UsageError
        If a code is unknown, or a weight is negative or not finite.
    """
    problems = []
    for code, weight in weights.items():
        if code not in framework:
            codes = [node.code for node in framework.nodes]
            hint = did_you_mean(code, codes)
            problems.append(Problem("XC100", f"weights: unknown node {code!r}.", hint))
        elif not (0 <= weight < float("inf")):
            message = f"the weight of {code} is {weight:g}."
            problems.append(Problem("XC100", message, "Give a number of 0 or more."))
    if problems:
        raise UsageError(problems)
    nodes = [replace(n, weight=weights.get(n.code, n.weight)) for n in framework.nodes]
    return replace(framework, nodes=tuple(nodes))


def method_words(option: str, method: Method) -> list[str]:
    """Return a method in words, as the command line takes it.

    Raises
    ------
    UsageError
        If it is neither a word, nor words, nor a mapping from codes to words.
    """
    by_code = [*method.items()] if isinstance(method, Mapping) else []
    words: list[Any] = [word for _, word in by_code]
    if not words:
        listed = isinstance(method, Sequence) and not isinstance(method, str)
        words = [*method] if listed else [method]
    if wrong := [word for word in words if not isinstance(word, str)]:
        hint = f'Name a method ({option}="…"), or give a mapping from codes to names of methods.'
        if option == "weights":
            hint = "Give a mapping from codes to numbers, or name a method."
        raise UsageError(f"{option}: {wrong[0]!r} is not the name of a method.", hint)
    return [f"{code}={word}" for code, word in by_code] or words


def numbers_or_methods(
    given: Method | Mapping[str, float] | pd.Series[float] | None,
) -> tuple[dict[str, float], Method | None]:
    """Return weights that are numbers, and those that are methods; a Series is a mapping."""
    if given is not None and hasattr(given, "to_dict"):
        given = cast("Mapping[str, float]", given.to_dict())
    if not isinstance(given, Mapping):
        return {}, given
    numbers: dict[str, float] = {}
    words: dict[str, Any] = {}
    for code, value in given.items():
        if isinstance(value, Real) and not isinstance(value, bool):
            numbers[code] = float(value)
        else:
            words[code] = value
    return numbers, words or None
