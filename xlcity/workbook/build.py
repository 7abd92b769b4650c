"""Builds a template workbook: sheets drawn, recalculated, values and chart caches put in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from xlcity.recalc.workbook import Recalculated, patch_results, recalculate
from xlcity.workbook.drawing.canvas import Book, Counts
from xlcity.workbook.drawing.row_heights import fit_rows
from xlcity.workbook.drawing.styles import Styles
from xlcity.workbook.drawing.worksheet import packager_class, write_flags
from xlcity.workbook.labels import Labels, page_labels
from xlcity.workbook.layout import Layout
from xlcity.workbook.layout.links import iterated
from xlcity.workbook.sheets.calculation import networks
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.steps.nodes import missing_rule
from xlcity.workbook.steps.template_support import check_supported
from xlcity.workbook.tabs import sheet_titles, tabs
from xlcity.xlsx.new_book import mark_calculated
from xlcity.xlsx.package import Package

#: Same input, same bytes: the moment of building is not part of a template.
CREATED = datetime(2025, 1, 1, tzinfo=UTC)


class Built(NamedTuple):
    """A finished template."""

    package: Package
    sheets: tuple[str, ...]
    counts: Counts
    #: The values that were put in, and the cells they belong to.
    computed: Recalculated


def draw(spec: TemplateSpec) -> tuple[Package, Counts]:
    """Return the workbook with its formulas and styles, without the formulas' values."""
    book = draw_sheets(spec)
    write_flags(book.workbook, book.flags)
    packager = packager_class()()
    book.workbook._get_packager = lambda: packager
    book.workbook.close()
    # The writer's objects refer to each other: cells would stay until they are collected.
    for sheet in book.workbook.worksheets():
        sheet.table.clear()
    return Package.from_parts(packager.parts, f"{spec.id}.xlsx"), book.counts


def draw_sheets(spec: TemplateSpec) -> Book:
    """Return a workbook with all cells on its sheets."""
    import xlsxwriter

    check_supported(spec)
    workbook: Any = xlsxwriter.Workbook(
        io.BytesIO(), {"in_memory": True, "strings_to_numbers": False}
    )
    title = f"{spec.name_zh} {spec.name_en} {spec.edition}".strip()
    created = CREATED.replace(tzinfo=None)
    workbook.set_properties({"title": title, "comments": "xlcity", "created": created})
    mark_calculated(workbook)
    workbook.set_size(2400, 1400)
    layout = Layout(spec)
    drawn = {tab.name: tab for tab in tabs(layout)}
    families = {name: tab.family for name, tab in drawn.items()}
    printed = {name for name, tab in drawn.items() if tab.prints}
    titles = sheet_titles(spec)
    labels = Labels.load(own_labels(spec), spec.language)
    book = Book(
        workbook,
        spec,
        layout,
        labels,
        styles=Styles(workbook),
        families=families,
        titles=titles,
        printed=printed,
    )
    # Checks reads what the others left for it.
    for tab in drawn.values():
        tab.draw(book)
    fit_rows(book)
    order = {title: position for position, title in enumerate(titles.values())}
    workbook.worksheets_objs.sort(key=lambda sheet: order[sheet.name])
    for sheet in workbook.worksheets():
        sheet.index = order[sheet.name]
    workbook.get_worksheet_by_name(titles["README"]).activate()
    return book


def build(spec: TemplateSpec) -> Built:
    """Build a template with the computed value in every formula cell and chart.

    Raises
    ------
    EngineError
        If the engine leaves a formula cell without a value.
    """
    package, counts = draw(spec)
    computed = recalculate(package)
    return Built(
        patch_results(package, computed),
        (*sheet_titles(spec).values(),),
        counts,
        computed,
    )


def own_labels(spec: TemplateSpec) -> Iterator[tuple[str, str, str]]:
    """Yield the labels that a template has beside the package's: key, Chinese, English."""
    if spec.apart:
        yield from page_labels("populations")
        yield from _labels_of_rankings(spec.populations[1:])
    yield from _labels_of_recipe(spec)
    yield from _labels_of_networks(spec)
    yield from spec.labels
    yield from _labels_of_groups(spec)
    labelled = {key.removeprefix("attribute.") for key, _, _ in spec.labels}
    labelled.update(group_type.attribute for group_type in spec.group_types)
    shipped = Labels.load().texts
    for name in spec.attributes:
        if name not in labelled and f"attribute.{name}" not in shipped:
            yield f"attribute.{name}", name, name


def _labels_of_rankings(populations: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the labels of the sheets on which further populations are ranked."""
    for name in populations:
        sheet = f"Ranking{name.title()}"
        yield from page_labels(
            "ranking_of", name=name, sheet=sheet, lower=sheet.lower()
        )


def _labels_of_networks(spec: TemplateSpec) -> Iterator[tuple[str, str, str]]:
    """Yield the labels of the sheets with the ties of networks, and of their rounds."""
    for code in spec.matrices:
        node = spec.framework[code]
        yield from page_labels(
            "network", code=code, lower=code.lower(), zh=node.name_zh, en=node.name_en
        )
    for network in iterated(Layout(spec)):
        yield from networks.rounds_labels(network)


def _labels_of_groups(spec: TemplateSpec) -> Iterator[tuple[str, str, str]]:
    """Yield what types of groups are called, and each of their groups."""
    for group_type in spec.group_types:
        kind = group_type.attribute
        yield f"attribute.{kind}", group_type.name_zh, group_type.name_en
        for group in group_type.groups:
            yield f"group.{kind}.{group.value}", group.name_zh, group.name_en


def _labels_of_recipe(spec: TemplateSpec) -> Iterator[tuple[str, str, str]]:
    """Yield what the recipe makes of weights, of blanks and of missing values."""
    recipe = spec.recipe
    if recipe.weights == "relative":
        yield from page_labels("relative")
    rules = {missing_rule(spec, node.code) for node in spec.framework.composites}
    imputes = any(step.do in ("impute_raw", "impute_scores") for step in recipe.steps)
    rule = "mixed" if imputes or len(rules) > 1 else rules.pop().replace("refuse", "na")
    if rule != "na":
        yield from page_labels(f"missing_{rule}")
    if recipe.blank == "missing":
        yield from page_labels("blanks_missing", f"scores_{rule}")
