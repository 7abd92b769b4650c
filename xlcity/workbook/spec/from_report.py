"""What a template is built from: of a report, of a framework of one's own, of several editions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from itertools import chain
from typing import Any

from xlcity.index.compute import compute
from xlcity.index.panel import fill_series
from xlcity.index.result import Mark
from xlcity.model.dataset import Dataset, Status, Unit
from xlcity.model.framework import Framework
from xlcity.model.panel import Panel
from xlcity.model.reading.data import empty_dataset
from xlcity.model.recipe import Recipe
from xlcity.reports import report_module
from xlcity.reports.printed import exceptions_of, printed_of, subtables_of
from xlcity.reports.report import (
    IndexData,
    Report,
    SourceException,
)
from xlcity.workbook.spec import TemplateSpec, fills_from_editions
from xlcity.workbook.spec.previous_edition import Mapped, Past, last_of

#: Rows for more cities: at least beside any city, and at most.
LEAST_SPARE = 3
MOST_SPARE = 10


def own_spec(
    framework: Framework, recipe: Recipe, dataset: Dataset, **given: Any
) -> TemplateSpec:
    """Return the specification of a template for a framework of the user's own.

    `given` are fields of the specification that do not follow from the index.
    """
    root = framework.root
    return TemplateSpec(
        id=recipe.id or root.code,
        name_zh=root.name_zh or root.name_en or root.code,
        name_en=root.name_en or root.name_zh or root.code,
        edition="",
        framework=framework,
        recipe=recipe,
        dataset=dataset,
        attributes=_attributes(dataset, recipe),
        spare_units=spare_rows(dataset, recipe),
        **given,
    )


def _attributes(dataset: Dataset, recipe: Recipe) -> tuple[str, ...]:
    """Return the attributes that cities have, and those by which the recipe groups them."""
    named = chain.from_iterable(unit.attributes for unit in dataset.units)
    grouped_by = filter(None, (step.get("group") for step in recipe.steps))
    return tuple(dict.fromkeys([*named, *map(str, grouped_by)]))


def spare_rows(dataset: Dataset, recipe: Recipe) -> int:
    """Return how many rows a new template has for more cities.

    Beside few cities they are fewer, as where any two rows make a row of `Pairs`.
    """
    if not dataset.units:
        return MOST_SPARE
    if recipe.steps_doing("pairs"):
        return LEAST_SPARE
    return min(MOST_SPARE, max(LEAST_SPARE, len(dataset.units) // 6))


def template_spec(
    report: Report,
    data: Dataset | None = None,
    empty: bool = False,
    framework: Framework | None = None,
    **given: Any,
) -> TemplateSpec:
    """Return the specification of a report's template.

    `data` are a user's own values; without it the report's default values are filled in, and with
    `empty` none at all: `data` then says the cities. The report's default values travel along in
    every case, so that the book knows them when it sees them. `framework` is a user's own version
    of the report's: what is shown of nodes that are gone goes with them. `given` are as of
    `own_spec`.
    """
    framework = framework or report.framework
    defaults = report.dataset
    dataset = data if data is not None else defaults
    kind = report.data_kind if data is None else "own"
    if empty:
        kind = "empty"
    if empty and data is None:
        dataset = empty_dataset(defaults.units, defaults.codes)
    index = {field.name: getattr(report, field.name) for field in fields(IndexData)}
    spec = TemplateSpec(
        **{**index, "framework": framework, "dataset": dataset},
        defaults=defaults,
        kind=kind,
        note_zh=report.data_note_zh,
        note_en=report.data_note_en,
        attributes=_attributes(defaults, report.recipe),
        printed=tuple(p for p in printed_of(report) if p.node in framework),
        exceptions=tuple(exceptions_of(report.exceptions, report.dataset)),
        spare_units=spare_rows(dataset, report.recipe),
        **given,
    )
    return _with_layout_of(report, spec, defaults.units)


def later_spec(report: Report, spec: TemplateSpec) -> TemplateSpec:
    """Return the specification of a later edition with what does not hang on printed values."""
    spec = replace(spec, name_zh=report.name_zh, name_en=report.name_en)
    return _with_layout_of(report, spec, spec.dataset.units)


def _with_layout_of(
    report: Report, spec: TemplateSpec, units: Sequence[Unit]
) -> TemplateSpec:
    """Add groups, tiers, networks, words and pages of a report, as far as it has their nodes."""
    composites = {node.code for node in spec.framework.composites}
    spec = replace(
        spec,
        group_types=report.group_types,
        subtables=tuple(s for s in subtables_of(report, units) if s.node in composites),
        tiers=report.tier_rules,
        matrices=tuple(code for code in report.matrices if code in spec.framework),
        labels=(*spec.labels, *report.labels),
    )
    pages = report_module(report.folder, "pages")
    extended: TemplateSpec = pages.extend(report, spec) if pages else spec
    return extended


def panel_spec(spec: TemplateSpec, panel: Panel) -> TemplateSpec:
    """Return a specification with the values of a panel.

    The inputs are those of the last edition. What other editions fill in becomes a value with the
    status *substituted* and a line on `Sources` with its origin; the previous edition is on
    `LastEdition`, and `Change` compares with it.

    Parameters
    ----------
    spec
        Of the framework and recipe.
    panel
        The values.
    """
    framework = spec.framework
    recipe = spec.recipe
    datasets, marks = fill_series(framework, recipe, panel)
    # The gaps that other editions fill are filled now; a book holds one edition.
    steps = tuple(step for step in recipe.steps if not fills_from_editions(step))
    last_spec = replace(spec, recipe=replace(recipe, steps=steps), dataset=datasets[-1])
    last_spec = replace(
        last_spec,
        edition=panel.editions[-1],
        exceptions=tuple(_filled(last_spec, marks[-1])),
    )
    if len(datasets) < 2:
        return last_spec
    past = Past(breaks=panel.breaks)
    for edition, dataset in zip(
        panel.editions[:-1],
        datasets[:-1],
        strict=True,
    ):
        past = past.followed_by(
            last_of(edition, dataset, compute(framework, recipe, dataset), ())
        )
    last_spec = replace(last_spec, past=past)
    return with_previous(last_spec, panel.editions[-2], datasets[-2])


def with_previous(spec: TemplateSpec, edition: str, dataset: Dataset) -> TemplateSpec:
    """Return a specification with the values of the previous edition on `LastEdition`.

    A city without a value was not part of it.
    """
    became = tuple(
        Mapped("kept", n.code, n.code, f"{n.name_zh} {n.name_en}".strip())
        for n in spec.framework.indicators
    )
    before = compute(spec.framework, spec.recipe, dataset)
    last = last_of(edition, dataset, before, became)
    present = {unit for unit, _ in (*last.values, *last.scores)}
    units = tuple(unit for unit in last.units if unit in present)
    return replace(spec, last=replace(last, units=units))


def _filled(spec: TemplateSpec, marks: Sequence[Mark]) -> Iterator[SourceException]:
    """Yield a line of `Sources` for every value that another edition filled in."""
    rows = spec.dataset.rows
    for mark in marks:
        value = float(
            spec.dataset.values[rows[mark.unit], spec.dataset.column(mark.code)]
        )
        method = mark.detail.partition(" ")[0]
        text = f"由其他年度插补（{method}）", f"filled from other editions ({method})"
        yield SourceException(
            mark.unit, mark.code, value, Status.SUBSTITUTED, "", "", *text
        )
