"""Workbooks made from workbooks: rebuilt, merged, rolled to the next edition, released."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from xlcity.api.table_layout import read_values
from xlcity.api.templates import require_template_name
from xlcity.errors import UsageError, Where, WorkbookError, XlcityError, counted
from xlcity.index.compute import compute
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.reading.data import overlay
from xlcity.model.reading.notes import Notes
from xlcity.model.reading.units import read_units_csv
from xlcity.model.recipe_toml import read_recipe
from xlcity.model.satellites import satellites_in
from xlcity.recalc.compare import is_same_result
from xlcity.recalc.workbook import recalculate
from xlcity.workbook.migrate.content import (
    Content,
    read_content,
    require_places,
    sourced_framework,
)
from xlcity.workbook.migrate.describe import unpublished
from xlcity.workbook.migrate.merge import Merged, merge
from xlcity.workbook.migrate.public import public_book
from xlcity.workbook.migrate.rebuild import (
    Rebuilt,
    rebuild,
    with_chosen_pages,
    with_framework,
    with_units,
)
from xlcity.workbook.migrate.roll import read_mapping, roll
from xlcity.workbook.migrate.unplaced import Leftover
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import Template, open_template
from xlcity.workbook.spec.previous_edition import LastEdition
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.atomic import real_path
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import require_output, save_workbook, write_output

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")
#: What to do where the output is the input.
IN_PLACE = "Name another file, or use --in-place."


@dataclass(frozen=True)
class MadeWorkbook:
    """A workbook that was written.

    Attributes
    ----------
    path, kept
        The file, and where the file that was replaced is kept.
    """

    path: Path
    kept: Path | None


@dataclass(frozen=True)
class RebuiltWorkbook(MadeWorkbook):
    """A workbook that was remade from its own content.

    Attributes
    ----------
    built
        The workbook and what was copied into it.
    content
        What people put into it.
    drawn_codes
        Codes of the nodes that the workbook it was made from shows.
    notes
        What reading more data noted.
    """

    built: Rebuilt
    content: Content
    drawn_codes: tuple[str, ...]
    notes: Notes


def rebuild_workbook(
    source: Path,
    output: Path | None = None,
    *,
    framework: str | None = None,
    recipe: str | None = None,
    cities: str | None = None,
    data: str | None = None,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    language: str | None = None,
    backup: bool = True,
) -> RebuiltWorkbook:
    """Remake a template workbook from its own framework, recipe and data.

    Parameters
    ----------
    source
        The workbook.
    output
        The file to write; None overwrites the workbook.
    framework, recipe, cities, data
        Files that take the place of the workbook's own, add cities, and fill in values.
    add, remove
        Pages on demand, or "usual", "all".
    language
        Language of the labels: "zh", "en" or "both"; None keeps that of the workbook.
    backup
        Keep the file that is replaced.

    Raises
    ------
    XlcityError
        With everything that is wrong with the workbook or a file; nothing is written then.
    """
    target = source if output is None else output
    require_template_name(target)
    read = [path for path in (framework, recipe, cities, data) if path]
    require_output(target, read if output is None else [*read, source], IN_PLACE)
    template = open_template(source, grown=not framework)
    content = read_content(template)
    if framework:
        content = with_framework(content, read_next_framework(framework, content.framework))
    if recipe:
        content = replace(content, recipe=read_recipe(recipe))
    if cities:
        content = with_units(content, tuple(_with_cities(content, cities).values()))
    notes = Notes()
    if data:
        _, notes = read_values(data, content.framework, content.dataset.units, content.recipe)
        content = replace(content, dataset=overlay(content.dataset, notes.cells))
    if language:
        content = replace(content, language=language)
    if add or remove:
        content = with_chosen_pages(content, add, remove)
    # What the index refuses, such as shares that do not sum to 1, is refused before building.
    compute(content.framework, content.recipe, content.dataset)
    built = rebuild(content)
    _, backup_path = save_workbook(built.package, template.package, source, target, backup=backup)
    return RebuiltWorkbook(target, backup_path, built, content, template.drawn_codes, notes)


@dataclass(frozen=True)
class RolledWorkbook(MadeWorkbook):
    """The next edition's workbook.

    Attributes
    ----------
    built
        The workbook and what was copied into it.
    last
        What is known of the edition that it was made from.
    cities, new_cities
        All cities, and the ids of those that are new.
    left_behind
        Kind -> how much belongs to the last edition and was not copied.
    """

    built: Rebuilt
    last: LastEdition
    cities: tuple[Unit, ...]
    new_cities: tuple[str, ...]
    left_behind: Mapping[str, int]

    @property
    def statuses(self) -> Counter[str]:
        """How many indicators were kept, redefined and so on."""
        return Counter(mapped.status for mapped in self.last.mapping)

    @property
    def rank_statuses(self) -> dict[str, int]:
        """How many ranks of the last edition have which status."""
        return dict(
            Counter(word for (kind, *_), word in self.last.status.items() if kind == "ranks")
        )


def roll_workbook(
    source: str,
    target: Path,
    edition: str,
    *,
    cities: str | None = None,
    framework: str | None = None,
    mapping: str | None = None,
) -> RolledWorkbook:
    """Make the next edition's workbook.

    Parameters
    ----------
    source, target
        This edition's workbook, and the file to write.
    edition
        What the next one is called.
    cities, framework, mapping
        Files with more cities, the next framework, and what became of indicators.

    Raises
    ------
    XlcityError
        With everything that is wrong with the workbook or a file; nothing is written then.
    """
    require_template_name(target)
    require_output(target, [path for path in (source, cities, framework, mapping) if path])
    template = open_template(source)
    content = read_content(template)
    before = {unit.id for unit in content.dataset.units}
    units = tuple(_with_cities(content, cities).values())
    tree = read_next_framework(framework, content.framework) if framework else None
    became = read_mapping(mapping) if mapping else ()
    rolled = roll(content, template.index, edition, tree, units, became)
    compute(rolled.framework, rolled.recipe, rolled.dataset)
    built = rebuild(rolled)
    assert rolled.last is not None
    comments = [line for line in built.leftovers if line.what == "comment"]
    left_behind = {
        "comments": sum(line.reason == "edition" for line in comments),
        "exceptions": len(content.exceptions),
        "closed_remarks": len(content.remarks) - len(rolled.remarks),
    }
    new = tuple(sorted({unit.id for unit in units} - before))
    backup_path = write_output(target, built.package)
    return RolledWorkbook(target, backup_path, built, rolled.last, units, new, left_behind)


@dataclass(frozen=True)
class MergedWorkbook(MadeWorkbook):
    """Copies of one workbook, combined.

    Attributes
    ----------
    names
        Short names of the copies.
    merged, built
        What was taken of which copy, and the workbook.
    """

    names: tuple[str, ...]
    merged: Merged
    built: Rebuilt


def merge_workbooks(
    base: str, copies: Sequence[str], target: Path, *, prefer: str | None = None
) -> MergedWorkbook:
    """Combine copies of one workbook that several people filled.

    Parameters
    ----------
    base, copies
        The workbook that the copies were made from, and the copies.
    target
        The file to write.
    prefer
        The copy that wins in a conflict.

    Raises
    ------
    XlcityError
        With everything that is wrong with any of the workbooks; nothing is written then.
    """
    names = _short_names(copies)
    if prefer is not None and prefer not in copies:
        message = f"--prefer names {prefer}, which is not a copy."
        raise UsageError(message, "Name one of the copies.")
    require_template_name(target)
    require_output(target, (base, *copies))
    first, *others = _contents((base, *copies))
    preferred = None if prefer is None else names[copies.index(prefer)]
    merged = merge(first, dict(zip(names, others, strict=True)), preferred)
    built = rebuild(merged.content)
    return MergedWorkbook(target, write_output(target, built.package), names, merged, built)


@dataclass(frozen=True)
class ReleasedWorkbook(MadeWorkbook):
    """A workbook for the public.

    Attributes
    ----------
    framework, results
        The framework, and scores and ranks as the file shows them.
    left_out
        What people had typed that is not for the public.
    unverified
        What formulas use that no engine is known to compute as Excel does.
    """

    framework: Framework
    results: Mapping[str, Any]
    left_out: tuple[Leftover, ...]
    unverified: tuple[str, ...] = ()


def release_workbook(
    source: str, target: Path, progress: Callable[[str], None] = lambda _: None
) -> ReleasedWorkbook:
    """Write a workbook without raw data for the public; `progress` gets a line before each step.

    Raises
    ------
    WorkbookError
        If the workbook holds no results, or they do not follow from its inputs.
    """
    require_template_name(target)
    require_output(target, [source])
    progress("1 of 3: reading the workbook")
    template = open_template(source)
    left = unpublished(read_content(template))
    framework, results = sourced_framework(template), stored_results(template)
    _require_results(results, source)
    progress("2 of 3: comparing the stored results with the inputs")
    doubts = _require_fresh(template)
    progress("3 of 3: writing the public workbook")
    package = Package.from_bytes(public_book(template, framework, results), str(target))
    return ReleasedWorkbook(target, write_output(target, package), framework, results, left, doubts)


def read_next_framework(path: str, before: Framework) -> Framework:
    """Read the framework that follows another.

    One table does not list ingredients: those of the indicators that stay are kept. A folder lists
    all of them. Supplementary indices are kept as long as their parts are there.

    Raises
    ------
    FrameworkError
        As `Framework.read`.
    """
    framework = Framework.read(path)
    if not (Path(path).is_dir() or framework.ingredients):
        leaves = {node.code for node in framework.indicators}
        ingredients = tuple(part for part in before.ingredients if part.of in leaves)
        framework = replace(framework, ingredients=ingredients)
    beside = [s for s in before.satellites if all(part in framework for part in s.parts)]
    return satellites_in(framework, beside)


def _with_cities(content: Content, cities: str | None) -> dict[str, Unit]:
    units = [*content.dataset.units, *(read_units_csv(cities) if cities else ())]
    return {unit.id: unit for unit in units}


def _contents(paths: Sequence[str]) -> list[Content]:
    """Read all workbooks, none before each of them is found to be one that can be read."""
    contents = _each(read_content, _each(_readable, paths))
    reports = {content.report for content in contents}
    if len(reports) > 1:
        message = f"the workbooks are of different indices: {', '.join(sorted(reports))}."
        raise UsageError(message, "Merge copies of one workbook.")
    return contents


def _readable(path: str) -> Template:
    template = open_template(path)
    require_places(template)
    return template


def _each(read: Callable[[_Given], _Found], given: Iterable[_Given]) -> list[_Found]:
    """Read all; what is wrong with any of them is reported at once."""
    read_files, problems = [], []
    for path in given:
        try:
            read_files.append(read(path))
        except XlcityError as error:
            problems += list(error.problems)
            kind = type(error)
    if problems:
        raise kind(problems)
    return read_files


def _short_names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return file names, with folders where two are alike."""
    stems = tuple(Path(path).stem for path in paths)
    if len(set(stems)) == len(stems):
        return stems
    common = os.path.commonpath([str(real_path(p).parent) for p in paths])
    return tuple(str(real_path(path).relative_to(common)) for path in paths)


def _require_results(results: Mapping[str, Any], file: str) -> None:
    """Refuse a workbook without any score: the public one would be empty."""
    units = [unit[kind].values() for unit in results["units"] for kind in ("scores", "ranks")]
    if not any(value is not None for values in units for value in values):
        hint = "Fill it in if it is empty, run xlcity recalc --in-place on it, and release it then."
        raise WorkbookError("the workbook has no scores and no ranks.", hint, "XC446", file=file)


def _require_fresh(template: Template) -> tuple[str, ...]:
    """Refuse scores and ranks that do not follow from the inputs any more; return doubts."""
    fresh = recalculate(template.package, book=template.book)
    cells = [
        (area.sheet, cell_name(*position))
        for area in map(template.area, ("out_scores", "out_ranks"))
        for position in area.positions
        if not is_same_result(
            template.book.value(area.sheet, *position), fresh.value(area.sheet, *position)
        )
    ]
    if cells:
        are = counted(len(cells), "score or rank is", "scores and ranks are")
        hint = "Run xlcity recalc --in-place on it and look at the results; release it then."
        where = Where(template.file, *cells[0])
        raise WorkbookError(f"{are} not up to date.", hint, "XC447", where)
    return fresh.unverified
