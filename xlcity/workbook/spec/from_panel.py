"""A template of the last edition of a panel, with the one before beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from xlcity.index.compute import compute
from xlcity.index.panel import SERIES, fill_series
from xlcity.index.result import Mark
from xlcity.model.dataset import Dataset, Status
from xlcity.model.panel import Panel
from xlcity.reports.report import SourceException
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.previous_edition import Mapped, last_of


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
    framework, recipe = spec.framework, spec.recipe
    datasets, marks = fill_series(framework, recipe, panel)
    # The gaps that other editions fill are filled now; a book holds one edition.
    steps = tuple(s for s in recipe.steps if not (s.do == "impute_raw" and s.method in SERIES))
    last_spec = replace(spec, recipe=replace(recipe, steps=steps), dataset=datasets[-1])
    last_spec = replace(
        last_spec, edition=panel.editions[-1], exceptions=tuple(_filled(last_spec, marks[-1]))
    )
    if len(datasets) < 2:
        return last_spec
    return with_previous(last_spec, panel.editions[-2], datasets[-2])


def with_previous(spec: TemplateSpec, edition: str, dataset: Dataset) -> TemplateSpec:
    """Return a specification with the values of the previous edition on `LastEdition`."""
    became = tuple(
        Mapped("kept", n.code, n.code, f"{n.name_zh} {n.name_en}".strip())
        for n in spec.framework.indicators
    )
    before = compute(spec.framework, spec.recipe, dataset)
    return replace(spec, last=last_of(edition, dataset, before, became))


def _filled(spec: TemplateSpec, marks: Sequence[Mark]) -> Iterator[SourceException]:
    """Yield a line of `Sources` for every value that another edition filled in."""
    rows = spec.dataset.rows
    for mark in marks:
        value = float(spec.dataset.values[rows[mark.unit], spec.dataset.column(mark.code)])
        method = mark.detail.partition(" ")[0]
        text = f"由其他年度插补（{method}）", f"filled from other editions ({method})"
        yield SourceException(mark.unit, mark.code, value, Status.SUBSTITUTED, "", "", *text)
