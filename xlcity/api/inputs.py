"""What an index is made from: framework, recipe and data, with every fault reported."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import xlcity
from xlcity.adoption.reading import read_values
from xlcity.api.data import Data, ids_by_name, read_data
from xlcity.api.given import framework_of, is_frame
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
from xlcity.functions.session import (
    callable_name,
    keep_function,
    known_function,
    name_plain,
)
from xlcity.index.checks import add_unused_variables
from xlcity.index.method_options import (
    MethodWithParameters,
    TypedMethods,
    default_recipe,
    with_judgements,
    with_method_words,
)
from xlcity.index.panel import fill_series, with_edition_bounds
from xlcity.messages import Message
from xlcity.methods.own import STEPS_OF_FUNCTIONS
from xlcity.methods.registry import METHODS
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
from xlcity.reports.groups import read_groups
from xlcity.reports.loading import read_sources
from xlcity.reports.report import GroupType, Report, SourceException, TierRule
from xlcity.reports.tiers import read_tiers
from xlcity.xlsx.limits import missing_files
from xlcity.xlsx.package import is_workbook_name
from xlcity.xlsx.plain_cells import read_plain_cells

if TYPE_CHECKING:
    import pandas as pd

    from xlcity.api.given import FrameworkSource
    from xlcity.model.reading.labels import CityLabels

    #: A table as it is given, and values; None where there are none.
    Table = pd.DataFrame | str | Path | None
    Values = Data | Dataset | Table

#: Methods in words: option of `OPTIONS` -> words as the command line takes them.
Words = Mapping[str, TypedMethods]
#: A method: its words, a function of Python, or either with parameters by name.
NamedMethod = str | Callable[..., Any]
OneMethod = NamedMethod | tuple[NamedMethod, Mapping[str, Any]]
#: A method for all, several words, or a method by code.
Method = OneMethod | Sequence[str] | Mapping[str, OneMethod]

#: Types that arguments of an index may have, beside frames.
FRAMEWORK_TYPES = (Framework, Report, str, Path)
DATA_TYPES = (Data, Dataset, str, Path)
RECIPE_TYPES = (Recipe, str, Path)


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
    group_types
        Groups of cities with their names, from a table beside them.
    tiers
        Tiers of cities with their names, from a table beside them.
    labels
        What the frame of the values calls the cities; None: their ids.
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
    group_types: tuple[GroupType, ...] = ()
    tiers: tuple[TierRule, ...] = ()
    labels: CityLabels | None = None

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
        dataset = empty_dataset(cities, self.dataset.codes)
        return replace(self, dataset=dataset, panel=None, labels=None)


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
    numbers
        Weights by code that take the place of the framework's.
    """

    recipe: str | Path | Recipe | None = None
    words: Words = field(default_factory=dict)
    judgements: Sequence[str | Path] = ()
    options: Sequence[str] = ()
    missing: tuple[str | float, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)

    def method(self, default: Recipe) -> Recipe:
        """Return the chosen recipe or else the default, with the further missing codes."""
        method = _recipe(self.recipe) or default
        codes = tuple(as_text(code) for code in self.missing if code == code)
        blank = "missing" if len(codes) < len(self.missing) else method.blank
        return replace(
            method, blank=blank, missing_codes=(*method.missing_codes, *codes)
        )


def with_groups(
    inputs: Inputs,
    groups: Mapping[Any, Any] | pd.Series[Any],
) -> Inputs:
    """Return inputs whose cities are scored in other groups: city (label, id, name) -> its group.

    Raises
    ------
    UsageError
        With every city that has no group, and every one that is not known.
    """
    units = inputs.dataset.units
    ids: dict[Hashable, str] = dict(ids_by_name(units).items())
    ids |= _ids_by_label(inputs)
    group_of: dict[str, str] = {}
    problems: list[Problem] = []
    for city, group in groups.items():
        unit_id = ids.get(city) or ids.get(str(city))
        if unit_id is None:
            hint = did_you_mean(str(city), [unit.id for unit in units])
            problem = Problem.of("XC100.groups_of_unknown_city", hint=hint, city=city)
            problems.append(problem)
        else:
            group_of[unit_id] = _group_name(group)
    left = [unit.id for unit in units if unit.id not in group_of]
    of_left = [Problem.of("XC100.unit_without_group", unit=unit) for unit in left]
    UsageError.raise_for([*of_left, *problems])
    return _regrouped(inputs, group_of)


def _dataset_in_groups(dataset: Dataset, group_of: Mapping[str, str]) -> Dataset:
    """Return a dataset in which each city has the group that its id is mapped to."""
    units = [replace(unit, population=group_of[unit.id]) for unit in dataset.units]
    return replace(dataset, units=tuple(units))


def _regrouped(inputs: Inputs, group_of: Mapping[str, str]) -> Inputs:
    """Return inputs in which each city has the group that its id is mapped to."""
    datasets = (inputs.dataset,) if inputs.panel is None else inputs.panel.datasets
    regrouped = tuple(_dataset_in_groups(each, group_of) for each in datasets)
    panel = inputs.panel and replace(inputs.panel, datasets=regrouped)
    populations = tuple(dict.fromkeys(filter(None, group_of.values())))
    recipe = replace(
        inputs.recipe, populations=populations or inputs.recipe.populations
    )
    return replace(inputs, recipe=recipe, dataset=regrouped[-1], panel=panel)


def _ids_by_label(inputs: Inputs) -> dict[Hashable, str]:
    """Return what the caller calls each city -> its id."""
    if inputs.labels is None:
        return {}
    ids = [unit.id for unit in inputs.dataset.units]
    return dict(zip(inputs.labels.index, ids, strict=True))


def _group_name(group: Any) -> str:
    """Return a group as text, "" for a blank one."""
    is_blank = group is None or type(group).__name__ in ("NAType", "NaTType")
    if is_blank or group != group:
        return ""
    return as_text(group)


def with_groups_of_column(inputs: Inputs, frame: Any, name: str) -> Inputs:
    """Return inputs whose cities are scored in the groups of a column, or a level, of the frame.

    Raises
    ------
    UsageError
        If the data are not a frame, or it has no such column.
    """
    levels = [*getattr(getattr(frame, "index", None), "names", ())]
    columns = [*getattr(frame, "columns", ())]
    if inputs.labels is None or name not in (*columns, *levels):
        hint = did_you_mean(name, [*map(str, columns)])
        raise UsageError.of("XC100.no_group_column", hint=hint, name=name)
    if name in columns:
        groups = frame[name]
    else:
        groups = frame.index.get_level_values(name)
    by_city = dict(zip(inputs.labels.rows, groups, strict=True))
    unused = [column for column in inputs.notes.unused if column[0] != name]
    notes = replace(inputs.notes, unused=tuple(unused))
    return with_groups(replace(inputs, notes=notes), by_city)


def read_inputs(
    source: FrameworkSource,
    data: Values = None,
    chosen: MethodChoice = MethodChoice(),
    *,
    empty: bool = False,
    skip_totals: bool = False,
) -> Inputs:
    """Put together the index of a report, or one of a framework of one's own.

    Parameters
    ----------
    source
        A report, a framework, or the file or frame of one.
    data
        Values; without them a report has those that it ships with.
    chosen
        What is chosen of the method.
    empty
        Whether only the cities of the data are taken, or none without data.
    skip_totals
        Whether rows that the index of a frame calls a total or a note are left out.

    Raises
    ------
    UsageError
        If there is no such option.
    XlcityError
        With everything that is wrong with framework, recipe, words and data, all at once.
    """
    report = source if isinstance(source, Report) else None
    problems: list[Problem] = []
    method = default_recipe() if report is None else report.recipe
    with collecting(problems, DataError, RecipeError):
        method = chosen.method(method)
    if absent := missing_files("XC320", source, data):
        raise DataError([*absent, *problems])
    try:
        tree = framework_of(source)
    except FrameworkError as error:
        further = _problems_beside(error, data, chosen.words)
        raise FrameworkError([*error.problems, *problems, *further]) from None
    tree = with_weights_of(tree, chosen.numbers)
    method = _with_options(method, chosen.options)
    with collecting(problems, RecipeError):
        method = with_method_words(method, tree, chosen.words)
    with collecting(problems, DataError):
        method = with_judgements(method, read_judgements(chosen.judgements, tree))
    try:
        given = report, tree, method, data
        read = _values_given(*given, empty=empty, skip_totals=skip_totals)
        inputs = Inputs(
            report,
            tree,
            method,
            dataset=read.dataset,
            notes=read.notes,
            panel=read.panel,
            options=tuple(chosen.options),
            labels=read.labels,
        )
        if isinstance(data, (str, Path)):
            inputs = _with_tables_beside(inputs, Path(data), empty=empty)
    except DataError as error:
        raise DataError([*problems, *error.problems]) from None
    RecipeError.raise_for(problems)
    panel = inputs.panel
    datasets = (inputs.dataset,) if panel is None else panel.datasets
    notes = add_unused_variables(tree, method, datasets, inputs.notes)
    if panel is not None:
        method = with_edition_bounds(tree, method, panel)
    return replace(inputs, recipe=method, notes=notes)


def _with_tables_beside(inputs: Inputs, file: Path, *, empty: bool) -> Inputs:
    """Return inputs with what tables beside the values say: groups, sources, former values.

    Those of a report are its own, and editions or an empty index have names of groups alone.
    """
    report = inputs.report
    if report is None:
        groups = read_groups(file, inputs.dataset.units)
        inputs = replace(inputs, group_types=groups, tiers=read_tiers(file))
    if inputs.panel is not None or empty:
        return inputs
    if _is_template(file):
        if report is None:
            return inputs
        dataset = inputs.dataset.with_basis_of(report.dataset)
        return replace(inputs, dataset=dataset)
    if report is not None and file.resolve() == report.folder.resolve():
        return inputs
    exceptions = read_sources(file, inputs.framework, inputs.dataset)
    stated = ((e.unit, e.code, e.value, e.basis) for e in exceptions)
    inputs = replace(
        inputs,
        dataset=inputs.dataset.with_statuses(stated),
        exceptions=exceptions,
    )
    if report is not None:
        return inputs
    previous = read_previous(file, inputs.framework, inputs.recipe)
    return replace(inputs, previous=previous)


def _values_given(
    report: Report | None,
    tree: Framework,
    method: Recipe,
    data: Values,
    *,
    empty: bool,
    skip_totals: bool,
) -> Data:
    """Return the values of an index; see `read_inputs`."""
    if isinstance(data, Data):
        return data
    if isinstance(data, Dataset):
        return Data(data)
    if report is not None:
        if data is None:
            return Data(report.dataset)
        return Data(*read_values(data, tree, report.dataset.units, method))
    if empty or data is None:
        return Data(_cities_only(data, tree, method))
    return read_data(data, tree, recipe=method, skip_totals=skip_totals)


def _cities_only(data: Table, framework: Framework, recipe: Recipe) -> Dataset:
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
        problem = replace(error.problems[0], code=UsageError.code)
        raise UsageError(problem) from None


def _recipe(given: str | Path | Recipe | None) -> Recipe | None:
    """Return a recipe: one that was read, a file, or the id of a system that is shipped."""
    if given is None or isinstance(given, Recipe):
        return given
    shipped = Path(xlcity.__file__).parent / "systems" / str(given) / "recipe.toml"
    return read_recipe(
        shipped if not Path(given).exists() and shipped.is_file() else Path(given)
    )


def _problems_beside(
    error: FrameworkError, data: Values, words: Words
) -> Sequence[Problem]:
    """Return what is wrong with words and data beside a faulty framework, as far as it is read."""
    if error.readable:
        try:
            read_inputs(Framework(**error.readable), data, MethodChoice(words=words))
        except FrameworkError:
            return ()  # the same again
        except XlcityError as further:
            return further.problems
    return ()


def is_file_name(text: str | Path) -> bool:
    """Tell whether a word stands for a file, not for a report."""
    has_suffix = Path(text).suffix != ""
    return is_workbook_name(text) or (has_suffix and Path(text).is_file())


def _is_template(path: Path) -> bool:
    """Tell whether data come from a template, whose shipped values keep their status."""
    if not is_workbook_name(path):
        return False
    return {"Framework", "Data", "Published"} <= read_plain_cells(path).keys()


def with_weights_of(framework: Framework, weights: Mapping[str, float]) -> Framework:
    """Return a framework with other weights.

    Raises
    ------
    UsageError
        If a code is unknown, or a weight is negative or not finite.
    """
    codes = [node.code for node in framework.nodes]
    problems = [
        Problem.of(
            "XC100.weights_of_unknown_node", hint=did_you_mean(code, codes), code=code
        )
        for code in weights
        if code not in framework
    ]
    nodes = [
        replace(node, weight=weights.get(node.code, node.weight))
        for node in framework.nodes
    ]
    with collecting(problems, FrameworkError):
        framework = replace(framework, nodes=tuple(nodes))
    UsageError.raise_for(problems)
    return framework


def method_words(option: str, method: Method) -> list[str | MethodWithParameters]:
    """Return a method in words, as the command line takes it.

    Raises
    ------
    UsageError
        If it is neither a word, nor a function, nor several or a mapping from codes to these.
    """
    if isinstance(method, Mapping):
        return [_method_word(option, one, f"{code}=") for code, one in method.items()]
    if isinstance(method, str) or _has_parameters(method):
        return [_method_word(option, method)]
    if isinstance(method, Sequence):
        return [_method_word(option, one) for one in method]
    return [_method_word(option, method)]


def keep_functions(
    functions: Iterable[Callable[..., Any]] | Callable[..., Any],
) -> None:
    """Make functions known as methods by the names that they have in Python.

    Raises
    ------
    UsageError
        If one of them is not a function, or has the name of a method: none is kept then.
    """
    problems = []
    several = [*functions] if isinstance(functions, Iterable) else [functions]
    for python in several:
        if not callable(python):
            problems.append(Problem.of("XC100.no_function", given=python))
            continue
        name = callable_name(python).lower()
        if any(name in [*METHODS[step]] for step in STEPS_OF_FUNCTIONS):
            problems.append(Problem.of("XC100.name_of_method", name=name))
    UsageError.raise_for(problems)
    for python in several:
        keep_function(python)


def _has_parameters(method: Any) -> bool:
    """Tell whether a method is one with its parameters by name."""
    is_pair = isinstance(method, tuple) and len(method) == 2
    return is_pair and isinstance(method[1], Mapping)


def _method_word(
    option: str, method: Any, prefix: str = ""
) -> str | MethodWithParameters:
    """Return one method in words; `prefix` is CODE= where it is for one code."""
    params: Mapping[str, Any] = {}
    if _has_parameters(method):
        method, params = method
    if callable(method) and option in STEPS_OF_FUNCTIONS:
        declared = known_function(method)
        if declared is None:
            return prefix + name_plain(method, params)
        method = declared.name.lower()
    if not isinstance(method, str):
        hint = Message("hint.name_method", option=option)
        if option == "weights":
            hint = Message("hint.mapping_of_numbers")
        raise UsageError.of("XC100.no_method", hint=hint, option=option, wrong=method)
    if not params:
        return prefix + method
    values = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in params.items()
    }
    return MethodWithParameters(prefix + method, values)


def numbers_or_methods(
    given: Method | Mapping[str, float] | pd.Series[Any] | None,
) -> tuple[dict[str, float], Method | None]:
    """Return weights that are numbers, and those that are methods; a Series is a mapping."""
    by_code: Any = cast("Any", given).to_dict() if is_frame(given) else given
    if not isinstance(by_code, Mapping):
        return {}, by_code
    numbers = {
        code: float(value)
        for code, value in by_code.items()
        if isinstance(value, Real) and not isinstance(value, bool)
    }
    words = {code: value for code, value in by_code.items() if code not in numbers}
    return numbers, words or None
