"""Everything people put into a template, by city and indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from xlcity.errors import WorkbookError
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports.report import SourceException
from xlcity.workbook.migrate.carry import EXCHANGED_GOALPOSTS, SourceBook
from xlcity.workbook.migrate.edits import Edit
from xlcity.workbook.migrate.leftovers import Leftover
from xlcity.workbook.reading.recorded_values import read_recorded
from xlcity.workbook.reading.records import (
    CellReader,
    Record,
    day_text,
    lines_below,
    number_of,
    plain_text,
)
from xlcity.workbook.reading.stored_assessment import read_assessment
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.sheets.inputs.sources import SOURCE_FIELDS
from xlcity.workbook.spec import Remark, TemplateSpec
from xlcity.workbook.spec.from_template import spec_for, spec_of
from xlcity.xlsx.address import Range
from xlcity.xlsx.cells import ReadBook, find_area, read_book, resolve

#: Faults of inputs that are kept as they were typed; any other has no city to belong to.
_CARRIED = (
    "XC301",
    "XC305",
    "XC318",
    "XC223",
    "XC224",
    "XC225",
    "XC226",
    EXCHANGED_GOALPOSTS,
)
#: What people type numbers into, of which a formula may stand for one.
_TYPED_NUMBERS = ("in_data", "in_weights", "in_fields")
#: What of a specification people typed or chose beside the index.
_TYPED = (
    "exceptions",
    "remarks",
    "remark_rows",
    "recorded",
    "assessed",
    "data_order",
    "language",
    "tab_language",
    "cells",
    "chosen_pages",
    "past",
)
#: What an index of one's own calls its groups and tiers; a report has its own names.
_NAMES = ("named_groups", "group_lines", "tiers")
#: How large the parts of a drawn template are that have room for more.
_DRAWN_SIZES = (
    "spare_units",
    "item_rows",
    "bars",
    "missing_columns",
)


@dataclass(frozen=True)
class Content:
    """What people put into a template.

    Attributes
    ----------
    spec
        The index, and what else the template was drawn from.
    leftovers
        What was typed where no place exists any more.
    renamed
        Codes of nodes that are called otherwise from now on: old -> new.
    unverified
        What formulas without a stored result use that no engine is known to compute as Excel does.
    source
        The workbook, with what was typed and set in it outside the index.
    rolled
        Whether values belong to the next edition from now on.
    """

    spec: TemplateSpec
    leftovers: tuple[Leftover, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    source: SourceBook | None = field(default=None, compare=False, repr=False)
    rolled: bool = False

    def changed(self, **fields: Any) -> Content:
        """Return a content with other fields of its specification."""
        return replace(self, spec=replace(self.spec, **fields))

    def edits_of(self, kind: str) -> list[Edit]:
        """Return what was typed or set of a kind, such as "comment"."""
        edits = [] if self.source is None else self.source.edits[0]
        return [edit for edit in edits if edit.kind == kind]


def require_cities(template: Template) -> None:
    """Refuse a template with values that could not be carried anywhere.

    Raises
    ------
    WorkbookError
        If a value belongs to no city, or a city stands twice: all of them at once.
    """
    WorkbookError.raise_for(p for p in template.problems if p.code not in _CARRIED)


def read_content(template: Template) -> Content:
    """Read what people put into a template.

    Raises
    ------
    WorkbookError
        As `require_cities`.
    """
    require_cities(template)
    unverified: tuple[str, ...] = ()
    if _has_uncalculated(template):
        # Their results are wanted, where values are compared or handed on as numbers.
        computed = recalculate(template.package, book=template.book)
        package = patch_results(template.package, computed)
        template = read_template(
            package, read_book(package), template.file, grown=template.grown
        )
        unverified = computed.unverified
    spec = built = _read_spec(template)
    if template.grown:
        # The workbook has the shape of its template: what was typed beside it has no cells yet.
        built = _read_spec(
            read_template(template.package, template.book, template.file)
        )
    drawn = replace(
        renewed(built), **{name: getattr(built, name) for name in _DRAWN_SIZES}
    )
    return Content(spec, unverified=unverified, source=SourceBook(template, drawn))


def _has_uncalculated(template: Template) -> bool:
    """Tell whether a formula was typed for a number and has no result yet."""
    areas = (find_area(template.book, name) for name in _TYPED_NUMBERS)
    return any(_has_uncalculated_in(template.book, area) for area in areas if area)


def _has_uncalculated_in(book: ReadBook, area: Range) -> bool:
    cells = book.sheets[area.sheet].cells
    return any(
        cell.formula is not None and cell.value is None
        for cell in map(cells.get, area.positions)
        if cell
    )


def _read_spec(template: Template) -> TemplateSpec:
    """Return the specification of a template, with all that people put into the index."""
    reader = _SourcesReader(template.book, template.file)
    return replace(
        spec_of(template),
        framework=sourced_framework(template),
        recipe=template.authored,
        exceptions=reader.exceptions(),
        remarks=reader.remarks(),
        recorded=read_recorded(template.book),
        assessed=read_assessment(template.book),
        data_order=tuple(template.rows),
    )


def renewed(spec: TemplateSpec) -> TemplateSpec:
    """Return a specification with all anew that follows from the index in it."""
    index = spec.framework, spec.recipe, spec.dataset
    fresh = spec_for(spec.id, spec.edition, *index, spec.last)
    names = _TYPED if fresh.group_types or fresh.tiers else (*_TYPED, *_NAMES)
    return replace(fresh, **{name: getattr(spec, name) for name in names})


def sourced_framework(template: Template) -> Framework:
    """Return a template's framework with the sources that stand on `Sources`."""
    return _SourcesReader(template.book, template.file).framework(template.framework)


def with_fields(
    framework: Framework, fields: Mapping[str, Mapping[str, Any]]
) -> Framework:
    """Return a framework with other fields of some nodes and ingredients: code -> name -> value."""

    def changed(part: Any) -> Any:
        return replace(part, **fields.get(part.code, {}))

    return replace(
        framework,
        nodes=tuple(map(changed, framework.nodes)),
        ingredients=tuple(map(changed, framework.ingredients)),
    )


def with_sources(
    framework: Framework, sources: Mapping[str, Node | Ingredient]
) -> Framework:
    """Return a framework with the sources known by code, where it names none."""
    missing = {}
    for code, node in framework.inputs.items():
        if code in sources:
            absent = [name for name in SOURCE_FIELDS if not getattr(node, name)]
            missing[code] = {name: getattr(sources[code], name) for name in absent}
    return with_fields(framework, missing)


#: Fields of an exception that have another name on the sheet, which has one remark.
_ON_SHEET = {
    "unit": "city",
    "code": "indicator",
    "remark_zh": "remark",
    "remark_en": "remark",
}


class _SourcesReader(CellReader):
    """Reads `Sources` and `Review`."""

    def framework(self, framework: Framework) -> Framework:
        """Return the framework with the sources that the sheet names."""
        sources: dict[str, dict[str, Any]] = {}
        for row in self.records("xl_sources"):
            names = [name for name in SOURCE_FIELDS if name in row]
            texts = {name: row.text(name) for name in names}
            sources[row.text("code")] = texts
        return with_fields(framework, sources)

    def exceptions(self) -> tuple[SourceException, ...]:
        """Return the lines of the table of exceptions that say something."""
        lines = []
        for row in self._lines("xl_exceptions"):
            entry: dict[str, Any] = {
                field.name: plain_text(row[_ON_SHEET.get(field.name, field.name)][0])
                for field in fields(SourceException)
            }
            if any(entry.values()):
                entry["value"] = number_of(row["value"][0])
                lines.append(SourceException(**entry))
        return tuple(lines)

    def _lines(self, name: str) -> list[Record]:
        """Return the lines of a list, those right below it too; none where there is no list."""
        if name not in self.book.names:
            return []
        below = lines_below(self.book, resolve(self.book, name))
        return self.records(name, len(below))

    def remarks(self) -> tuple[Remark, ...]:
        """Return the lines of `Review` that say something."""
        read = {
            f.name: day_text if f.name == "date" else plain_text for f in fields(Remark)
        }
        remarks = []
        for row in self._lines("in_review"):
            values = (text(row[name][0]) for name, text in read.items())
            remark = Remark(*values)
            if remark != Remark():
                remarks.append(remark)
        return tuple(remarks)
