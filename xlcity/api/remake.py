"""Workbooks made from workbooks: rebuilt, merged, rolled to the next edition, released."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from xlcity.adoption.reading import read_values
from xlcity.api.templates import require_template_name
from xlcity.errors import (
    Problem,
    UsageError,
    Where,
    WorkbookError,
    XlcityError,
    collecting,
)
from xlcity.index.compute import compute
from xlcity.index.method_options import TypedMethods, with_method_words
from xlcity.messages import Message
from xlcity.model.dataset import Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import SupplementaryIndex
from xlcity.model.reading.data import overlay_cells
from xlcity.model.reading.units import read_units_csv
from xlcity.model.reading.values import Notes
from xlcity.model.recipe_toml import read_recipe
from xlcity.recalc.compare import is_same_result
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.reports import known_ids
from xlcity.reports.groups import read_groups
from xlcity.reports.tiers import read_tiers
from xlcity.workbook.layout import Layout
from xlcity.workbook.migrate.content import (
    Content,
    read_content,
    renewed,
    require_cities,
    sourced_framework,
)
from xlcity.workbook.migrate.leftovers import Leftover
from xlcity.workbook.migrate.merge import UNDECIDED, Decisions, Merged, merge
from xlcity.workbook.migrate.rebuild import (
    Rebuilt,
    rebuild,
    with_chosen_pages,
    with_framework,
    with_units,
)
from xlcity.workbook.migrate.release import list_unpublished, public_book
from xlcity.workbook.migrate.roll import (
    read_mapping,
    roll,
    with_new_cities,
    without_indicators,
)
from xlcity.workbook.reading.results import stored_results
from xlcity.workbook.reading.template import Template, open_template, template_of
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.tab_titles import (
    read_tab_language,
    renamed_tabs,
    tab_title,
    with_tabs_in,
)
from xlcity.workbook.tabs import sheet_by_page
from xlcity.xlsx.address import cell_name
from xlcity.xlsx.atomic import real_path
from xlcity.xlsx.editing.rename_sheets import rename_sheets
from xlcity.xlsx.package import Package
from xlcity.xlsx.save import write_output
from xlcity.xlsx.user_cache import for_the_record


@dataclass(frozen=True)
class WrittenWorkbook:
    """A workbook made from others.

    Attributes
    ----------
    path, kept
        The file, and where the file that was replaced is kept.
    built
        The workbook and what was copied into it.
    """

    path: Path
    kept: Path | None
    built: Rebuilt


@dataclass(frozen=True)
class RemadeWorkbook(WrittenWorkbook):
    """A workbook made from another one.

    Attributes
    ----------
    before, content
        What people put into the workbook that it was made from, and into the new one.
    drawn_codes
        Codes of the nodes that the workbook it was made from shows.
    notes
        What reading more data noted.
    """

    before: Content
    content: Content
    drawn_codes: tuple[str, ...]
    notes: Notes


def remake_workbook(
    source: str | Path,
    output: str | Path | None = None,
    *,
    edition: str | None = None,
    mapping: str | None = None,
    framework: str | None = None,
    recipe: str | None = None,
    cities: str | None = None,
    data: str | None = None,
    table_map: str | None = None,
    new_cities: Sequence[str] = (),
    drop: Sequence[str] = (),
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    language: str | None = None,
    words: Mapping[str, TypedMethods] | None = None,
    backup: bool = True,
) -> RemadeWorkbook:
    """Make a template workbook from another one, with all that people typed and set in it.

    Parameters
    ----------
    source
        The workbook.
    output
        The file to write; None overwrites the workbook.
    edition, mapping
        What the next edition is called, whose data are blank, and a file that says what became of
        indicators; None stays in this one.
    framework, recipe, cities, data
        Files that take the place of the workbook's own, add cities, and fill in values.
    table_map
        The map that the table of values was adopted with.
    new_cities, drop
        Names of cities that are added, and codes of indicators that go.
    add, remove
        Pages, or "all".
    language
        Language of the labels: "zh", "en" or "both"; None keeps that of the workbook.
    words
        Option such as "normalise" -> methods in words that take the place of the workbook's own.
    backup
        Keep the file that is replaced.

    Raises
    ------
    XlcityError
        With everything that is wrong with a workbook or a file; nothing is written then.
    """
    target = Path(source if output is None else output)
    require_template_name(target)
    template = open_template(source, grown=not (edition or framework))
    template, names = _with_tabs_in(
        language or read_tab_language(template.book.sheets), template
    )
    before = read_content(template)
    tree = _next_framework(framework, before.spec.framework, drop)
    units = with_new_cities(_with_cities(before.spec, cities), new_cities)
    if edition is None:
        content = _in_same_edition(before, tree, units)
    else:
        became = read_mapping(mapping) if mapping else ()
        content = roll(
            before,
            template.index,
            edition,
            framework=tree,
            units=units,
            mapping=became,
        )
    if recipe:
        content = content.changed(recipe=read_recipe(recipe))
    content = _with_words(content, words or {})
    notes = Notes()
    if data:
        content, notes = _with_data(content, data, table_map)
    content = _with_look(content, language, add, remove)
    # What the index refuses, such as shares that do not sum to 1, is refused before building.
    compute(content.spec.framework, content.spec.recipe, content.spec.dataset)
    built = rebuild(content)
    built = replace(built, package=rename_sheets(built.package, names))
    return RemadeWorkbook(
        path=target,
        kept=write_output(target, built.package, backup=backup),
        built=built,
        before=before,
        content=content,
        drawn_codes=tuple(template.node_rows),
        notes=notes,
    )


def _next_framework(
    path: str | None, before: Framework, drop: Sequence[str]
) -> Framework | None:
    """Return the framework that follows another, None where that stays."""
    tree = read_next_framework(path, before) if path else None
    if not drop:
        return tree
    return _with_supplementary(without_indicators(tree or before, drop), before)


def _in_same_edition(
    before: Content, tree: Framework | None, units: tuple[Unit, ...]
) -> Content:
    """Return what a workbook has with another framework, where one is given, and more cities."""
    content = before if tree is None else with_framework(before, tree)
    if units == before.spec.dataset.units:
        return content
    return with_units(content, units)


def _with_words(content: Content, words: Mapping[str, TypedMethods]) -> Content:
    """Return what a workbook has with methods in words in place of its own."""
    if not any(words.values()):
        return content
    spec = content.spec
    recipe = with_method_words(spec.recipe, spec.framework, words)
    return content.changed(recipe=recipe)


def _with_look(
    content: Content, language: str | None, add: Sequence[str], remove: Sequence[str]
) -> Content:
    """Return what a workbook has in another language, with other pages on demand."""
    if language:
        content = content.changed(language=language)
    if add or remove:
        content = with_chosen_pages(content, add, remove)
    return content


def _with_cities(spec: TemplateSpec, cities: str | None) -> tuple[Unit, ...]:
    """Return the cities of a workbook and those of a file, which replace those of their ids."""
    units = {unit.id: unit for unit in spec.dataset.units}
    if cities:
        named = read_units_csv(cities, spec.attributes)
        units |= {unit.id: unit for unit in named}
    return tuple(units.values())


def _with_data(
    content: Content, data: str, table_map: str | None
) -> tuple[Content, Notes]:
    """Return what a workbook has with the values of a file put in, and notes from reading it."""
    spec = content.spec
    given = (spec.framework, spec.dataset.units, spec.recipe)
    notes = read_values(data, *given, table_map)[1]
    recorded = spec.recorded and spec.recorded.without_counts()
    dataset = overlay_cells(spec.dataset, notes.cells)
    content = content.changed(dataset=dataset, recorded=recorded)
    return _with_names(content, Path(data)), notes


def _with_names(content: Content, data: Path) -> Content:
    """Return what a workbook has with the groups and tiers that tables beside data name."""
    spec = content.spec
    if spec.group_types or spec.id in known_ids():
        return content
    named = {kind.attribute: kind for kind in read_groups(data, spec.dataset.units)}
    kinds = {kind.attribute: kind for kind in spec.named_groups} | named
    tiers = read_tiers(data) or spec.tiers
    return content.changed(named_groups=tuple(kinds.values()), tiers=tiers)


def list_pages(spec: TemplateSpec) -> list[dict[str, Any]]:
    """Return the pages on demand of a template: name, title of the tab, whether it is present."""
    language = spec.tab_language or spec.language
    sheets = sheet_by_page(Layout(renewed(spec)))
    chosen = spec.chosen_pages
    return [
        {
            "name": page,
            "title": tab_title(sheet, language, spec.id),
            "present": page in chosen,
        }
        for page, sheet in sheets.items()
    ]


@dataclass(frozen=True)
class MergedWorkbook(WrittenWorkbook):
    """A workbook into which copies of it were merged.

    Attributes
    ----------
    names, merged
        Short names of the copies, and what was taken of which.
    """

    names: tuple[str, ...]
    merged: Merged


def merge_workbooks(
    base: str,
    copies: Sequence[str],
    output: str,
    prefer: str | None = None,
    decisions: Decisions = UNDECIDED,
) -> MergedWorkbook:
    """Put copies of a workbook together that several people filled.

    Parameters
    ----------
    base, copies
        The workbook and its copies.
    output
        The file to write.
    prefer
        The copy that wins in a conflict.
    decisions
        What a person has decided of conflicts.

    Raises
    ------
    XlcityError
        With everything that is wrong with the workbooks; nothing is written then.
    """
    target = Path(output)
    require_template_name(target)
    combined = combine(base, copies, prefer, decisions)
    package = rename_sheets(combined.merged.built.package, combined.titles)
    kept = write_output(target, package)
    merged = combined.merged
    names = combined.names
    return MergedWorkbook(target, kept, merged.built, names=names, merged=merged)


class Combined(NamedTuple):
    """Copies put together in memory: their short names, the result, what tabs are called."""

    names: tuple[str, ...]
    merged: Merged
    titles: Mapping[str, str]


def combine(
    base: str,
    copies: Sequence[str],
    prefer: str | None = None,
    decisions: Decisions = UNDECIDED,
) -> Combined:
    """Put copies together as `merge_workbooks` does; nothing is written."""
    names = _short_names(copies)
    if prefer is not None and prefer not in copies:
        message = Message("XC100.prefers_no_copy", prefer=prefer)
        raise UsageError(message, Message("XC100.prefers_no_copy.hint"))
    templates = _open_all((base, *copies))
    reports = {template.report for template in templates}
    if len(reports) > 1:
        message = Message("XC100.different_indices", reports=sorted(reports))
        raise UsageError(message, Message("XC100.different_indices.hint"))
    tabs = read_tab_language(templates[0].book.sheets)
    first, titles = _with_tabs_in(tabs, templates[0])
    by_name: dict[str, Template] = {}
    retitled: list[Leftover] = []
    for name, template in zip(names, templates[1:], strict=True):
        by_name[name], titles_of_copy = _with_tabs_in(tabs, template)
        retitled += _retitled(name, titles_of_copy, titles)
    preferred = None if prefer is None else names[copies.index(prefer)]
    merged = merge(first, by_name, preferred, retitled, decisions=decisions)
    return Combined(names, merged, titles)


def _retitled(
    name: str, titles: Mapping[str, str], own: Mapping[str, str]
) -> list[Leftover]:
    """Return the tabs that a copy calls otherwise than the workbook does."""
    return [
        Leftover("setting", tab, content=title, reason="title", source=name)
        for tab, title in titles.items()
        if own.get(tab) != title
    ]


def release_workbook(
    source: str, target: Path, progress: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Write a workbook without raw data for the public; `progress` gets a line before each step.

    Returns
    -------
    dict
        The JSON document of the command line; `left_out` is what people had typed that is not for
        the public.

    Raises
    ------
    WorkbookError
        If the workbook holds no results, or they do not follow from its inputs.
    """
    require_template_name(target)
    progress(Message("step.reading_of_three"))
    template = open_template(source)
    left_out = list_unpublished(read_content(template))
    framework = sourced_framework(template)
    results = stored_results(template)
    _require_results(results, source)
    progress(Message("step.comparing_stored"))
    unverified = _require_fresh(template)
    progress(Message("step.writing_public"))
    package = Package.from_bytes(public_book(template, framework, results), str(target))
    return {
        "path": target,
        "sheets": ["About", "Ranking", "Framework", "Method"],
        "units": len(results["units"]),
        "nodes": len(framework.composites),
        "draft": results["draft"],
        "synthetic": results["synthetic"],
        "kept": write_output(target, package),
        "left_out": left_out,
        "unverified": unverified,
    }


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
    return _with_supplementary(framework, before)


def _with_supplementary(framework: Framework, before: Framework) -> Framework:
    """Return a framework with the supplementary indices of another whose parts it has."""
    indices = tuple(
        index for index in before.supplementary if _has_parts(framework, index)
    )
    codes = {index.code for index in indices}
    inputs = tuple(part for part in before.supplementary_inputs if part.of in codes)
    return replace(
        framework,
        supplementary=indices,
        supplementary_inputs=inputs,
        score_supplementary=before.score_supplementary,
    )


def _has_parts(framework: Framework, index: SupplementaryIndex) -> bool:
    return all(part in framework for part in index.parts)


def _with_tabs_in(language: str, template: Template) -> tuple[Template, dict[str, str]]:
    """Return a template whose tabs are named in a language, and what people named them."""
    package = with_tabs_in(template.package, template.book, language)
    names = renamed_tabs(template.book, language)
    if package is not template.package:
        template = template_of(package, template.file, grown=template.grown)
    return template, names


def _open_all(paths: Iterable[str]) -> list[Template]:
    """Open workbooks; what is wrong with any of them is reported at once."""
    templates: list[Template] = []
    problems: list[Problem] = []
    for path in paths:
        with collecting(problems):
            template = open_template(path)
            require_cities(template)
            templates.append(template)
    XlcityError.raise_for(problems)
    return templates


def _short_names(paths: Sequence[str]) -> tuple[str, ...]:
    """Return file names, with folders where two are alike."""
    stems = tuple(Path(path).stem for path in paths)
    if len(set(stems)) == len(stems):
        return stems
    common = os.path.commonpath([str(real_path(p).parent) for p in paths])
    return tuple(str(real_path(path).relative_to(common)) for path in paths)


def _require_results(results: Mapping[str, Any], file: str) -> None:
    """Refuse a workbook without any score: the public one would be empty."""
    for unit in results["units"]:
        values = [*unit["scores"].values(), *unit["ranks"].values()]
        if any(value is not None for value in values):
            return
    raise WorkbookError.of("XC446.no_results", Where(file=file))


def _require_fresh(template: Template) -> tuple[str, ...]:
    """Refuse scores and ranks that do not follow from the inputs any more; return doubts."""
    with for_the_record():  # the public relies on it
        fresh = recalculate(template.package, book=template.book)
    outdated = [
        *_outdated_cells(template, fresh, "out_scores"),
        *_outdated_cells(template, fresh, "out_ranks"),
    ]
    if outdated:
        where = Where(template.file, *outdated[0])
        raise WorkbookError.of("XC447.outdated", where, number=len(outdated))
    return fresh.unverified


def _outdated_cells(
    template: Template, fresh: Recalculated, name: str
) -> Iterator[tuple[str, str]]:
    """Yield sheet and name of the cells of an area that hold another value than is computed."""
    area = template.area(name)
    for place in area.positions:
        stored = template.book.value(area.sheet, *place)
        if not is_same_result(stored, fresh.value(area.sheet, *place)):
            yield area.sheet, cell_name(*place)
