"""Template workbooks of an index: what one shows, the finished file, and writing it."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from xlcity.api.inputs import Inputs
from xlcity.errors import Problem, UsageError, require_known
from xlcity.hosts.excel.embedded import with_functions, workbook_language
from xlcity.index.compute import compute
from xlcity.index.steps import consistency_ratios, resolve_named_weights
from xlcity.messages import restored, stored
from xlcity.model.dataset import State, Status, Unit
from xlcity.reports.known_cities import with_known_names
from xlcity.reports.printed import exceptions_of
from xlcity.reports.report import SourceException
from xlcity.workbook.build import build
from xlcity.workbook.checking.routes import CheckResult, check_routes
from xlcity.workbook.drawing.canvas import Counts
from xlcity.workbook.labels import LANGUAGES
from xlcity.workbook.layout import Layout
from xlcity.workbook.sheets.checking.udf import list_formula_codes
from xlcity.workbook.spec import BOTH, CELLS, NATIVE, TemplateSpec, spec_digest
from xlcity.workbook.spec.from_report import (
    own_spec,
    panel_spec,
    template_spec,
    with_previous,
)
from xlcity.workbook.steps.template_support import needs_functions
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.package import Package
from xlcity.xlsx.process import no_collection
from xlcity.xlsx.save import require_output, write_output
from xlcity.xlsx.user_cache import find_entry, keep_entry

#: What templates are called in the user's cache.
_KIND = "workbook"
#: Notes on a method that was probably meant otherwise.
_DOUBTS = ("XC216", "XC228", "XC358")


@dataclass(frozen=True, slots=True)
class FinishedTemplate:
    """A template as a file.

    Attributes
    ----------
    content
        The file.
    sheets, counts
        What is in it.
    routes
        Whether cells, functions and index agree.
    """

    content: bytes
    sheets: Sequence[str]
    counts: Counts
    routes: tuple[CheckResult, ...]

    @classmethod
    def from_plain(cls, stored: bytes) -> Self:
        """Return what `to_plain` has written."""
        content, sheets, counts, routes = marshal.loads(stored)
        checks = tuple(
            CheckResult(name, status, restored(detail), cells)
            for name, status, detail, cells in routes
        )
        return cls(content, sheets, Counts(**counts), checks)

    def to_plain(self) -> bytes:
        """Return it as plain values, to be stored; its checks have found nothing."""
        routes = [
            (check.name, check.status, stored(check.detail), check.cells)
            for check in self.routes
        ]
        counts = asdict(self.counts)
        return marshal.dumps((self.content, tuple(self.sheets), counts, routes))


def finish_template(spec: TemplateSpec, file: str) -> FinishedTemplate:
    """Build a template, or take the one that was built from the same before.

    Parameters
    ----------
    spec
        What it shows.
    file
        The file's name, for messages.

    Raises
    ------
    EngineError
        If the engine leaves a formula cell without a value.
    """
    digest = spec_digest(spec)
    stored = None if digest is None else find_entry(_KIND, digest)
    if stored is not None:
        return FinishedTemplate.from_plain(stored)
    built = build(spec)
    routes = check_routes(built, file)
    finished = FinishedTemplate(
        built.package.to_bytes(), built.sheets, built.counts, routes
    )
    computed = built.computed
    plain = all(
        check.status in ("pass", "skipped") and not check.problems for check in routes
    )
    if digest is not None and plain and computed.ok and not computed.notes:
        keep_entry(_KIND, digest, finished.to_plain())
    return finished


def require_template_name(target: Path) -> None:
    """Refuse a workbook by another name than .xlsx."""
    if target.suffix.lower() != ".xlsx":
        raise UsageError.of("XC100.not_xlsx", target=target.name)


@dataclass(frozen=True)
class NewTemplate:
    """A template workbook that was written.

    Attributes
    ----------
    path
        The file.
    inputs
        What the index is made from.
    spec, finished
        What was drawn, and the workbook.
    kept
        Where the file that was replaced is kept.
    doubts
        Notes on a method that was probably meant otherwise.
    """

    path: Path
    inputs: Inputs
    spec: TemplateSpec
    finished: FinishedTemplate
    kept: Path | None
    doubts: tuple[Problem, ...]

    @property
    def differing(self) -> list[CheckResult]:
        """The routes that do not agree: an error of xlcity."""
        return [check for check in self.finished.routes if check.status == "fail"]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        spec = self.spec
        # The book knows a shipped value by the value, whoever typed it; so does the count.
        shown = (
            spec.dataset.with_basis_of(spec.defaults) if spec.defaults else spec.dataset
        )
        return {
            "path": self.path,
            "sheets": self.finished.sheets,
            "pages": spec.chosen_pages,
            **asdict(self.finished.counts),
            "formula_codes": list_formula_codes(spec, Layout(spec))
            if spec.calls_in_place
            else (),
            "data": spec.kind,
            "synthetic": shown.synthetic,
            "units": len(spec.dataset.units),
            "kept": self.kept,
            "option": ",".join(self.inputs.options) or None,
            "edition": spec.edition or None,
            "consistency": consistency_ratios(
                self.inputs.framework, self.inputs.recipe
            ),
            "notes": self.doubts,
            "routes": self.finished.routes,
        }


def index_spec(
    inputs: Inputs,
    *,
    empty: bool = False,
    language: str = "zh",
    cells: str = "",
    pages: Sequence[str] = (),
) -> TemplateSpec:
    """Return what a template of an index shows.

    Parameters
    ----------
    inputs
        What the index is made from.
    empty, language, cells, pages
        As `new_template` takes them.
    """
    own = exceptions_of(inputs.exceptions, inputs.dataset)
    shown = cells or BOTH
    if inputs.report is not None:
        data = None if inputs.dataset is inputs.report.dataset else inputs.dataset
        spec = template_spec(
            inputs.report, data, empty=empty, language=language, cells=shown
        )
        spec = replace(spec, framework=inputs.framework, recipe=inputs.recipe)
        spec = replace(spec, exceptions=(*own, *spec.exceptions))
        return with_pages(_with_statuses(spec), pages)
    made_from = inputs.framework, inputs.recipe, inputs.dataset
    spec = own_spec(*made_from, language=language, cells=shown)
    spec = replace(spec, named_groups=inputs.group_types, tiers=inputs.tiers)
    if not cells and not needs_functions(spec):
        spec = replace(spec, cells=NATIVE)
    spec = (
        replace(spec, kind="empty") if empty else replace(spec, exceptions=tuple(own))
    )
    if inputs.previous is not None:
        spec = with_previous(spec, *inputs.previous)
    spec = spec if inputs.panel is None else panel_spec(spec, inputs.panel)
    return with_pages(_with_statuses(spec), pages)


def _with_statuses(spec: TemplateSpec) -> TemplateSpec:
    """Return a specification with a line of `Sources` for each value whose status the data give.

    A typed value counts as entered; a report's own values are recognised by the sheets.
    """
    data = spec.dataset
    if data is spec.defaults:
        return spec
    noted = {(line.unit, line.code) for line in spec.exceptions if line.basis}
    marked = (data.states == State.VALUE) & (data.basis != Status.ENTERED)
    lines = (
        SourceException(
            data.units[r].id,
            data.codes[c],
            float(data.values[r, c]),
            str(data.basis[r, c]),
        )
        for r, c in zip(*marked.nonzero(), strict=True)
    )
    added = (line for line in lines if (line.unit, line.code) not in noted)
    return replace(spec, exceptions=(*spec.exceptions, *added))


@no_collection()  # a sixth of the time of gihi2023
def new_template(
    inputs: Inputs,
    target: str | Path,
    *,
    language: str = "zh",
    cells: str = "",
    empty: bool = False,
    cities: Sequence[Unit] | None = None,
    pages: Sequence[str] = (),
    functions_inside: str = "",
) -> NewTemplate:
    """Write the template workbook of an index, computed; an older file is kept as .bak.

    Parameters
    ----------
    inputs
        What the index is made from.
    target
        The .xlsx file.
    language
        Language of labels and tabs: "zh", "en" or "both".
    cells
        How the index stands in cells: "native" (formulas), "functions" (each block of `Index` a
        call of the library, for programs that have it) or "both" (formulas, and calls on a sheet
        of their own). By default both for a report, and native formulas for a framework of one's
        own, unless its method needs functions.
    empty
        Leave the inputs blank.
    cities
        With `empty`: the cities, instead of those of the data.
    pages
        Pages beside those that every template has; "none" leaves these out, "all" is every
        page.
    functions_inside
        "lite": the workbook carries the functions for xlwings Lite.

    Raises
    ------
    XlcityError
        If the index refuses its inputs, the method has no cells, or the file cannot be written.
    """
    path = Path(target)
    require_known("kind.language", language, LANGUAGES)
    require_known("kind.cells", cells or CELLS[0], CELLS)
    require_template_name(path)
    require_output(path)
    framework, recipe = resolve_named_weights(inputs.framework, inputs.recipe)
    inputs = replace(inputs, framework=framework, recipe=recipe)
    if empty:
        inputs = inputs.emptied(cities)
    if inputs.report is None:
        units = tuple(map(with_known_names, inputs.dataset.units))
        inputs = replace(inputs, dataset=replace(inputs.dataset, units=units))
    spec = index_spec(inputs, empty=empty, language=language, cells=cells, pages=pages)
    # What the index refuses, such as shares that do not sum to 1, is refused before building.
    result = compute(spec.framework, spec.recipe, spec.dataset)
    doubts = (
        *result.failures,
        *(note for note in result.notes if note.code in _DOUBTS),
    )
    finished = finish_template(spec, str(path))
    content: bytes | Package = finished.content
    if functions_inside:
        package = Package.from_bytes(finished.content, str(path))
        content = with_functions(package, workbook_language(package))
    kept = write_output(path, content)
    return NewTemplate(path, inputs, spec, finished, kept=kept, doubts=doubts)
