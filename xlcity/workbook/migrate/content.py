"""Everything people put into a template, by city and indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from xlcity.errors import CellValue, WorkbookError
from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.model.nodes import Ingredient, Node
from xlcity.model.recipe import Recipe
from xlcity.recalc.workbook import patch_results, recalculate
from xlcity.reports.report import SourceException
from xlcity.workbook.migrate.carry import SourceBook
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors
from xlcity.workbook.migrate.edits import Edit
from xlcity.workbook.migrate.leftovers import Leftover, read_leftovers
from xlcity.workbook.reading.recorded_values import Recorded, read_recorded
from xlcity.workbook.reading.records import (
    CellReader,
    Record,
    day_text,
    lines_below,
    number_of,
    plain_text,
)
from xlcity.workbook.reading.stored_assessment import (
    NOTHING,
    StoredAssessment,
    read_assessment,
)
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.sheets.inputs.input_rows import MISSING_TEXT
from xlcity.workbook.sheets.inputs.sources import DEFAULT_COLUMNS
from xlcity.workbook.spec import BOTH, Remark, TemplateSpec
from xlcity.workbook.spec.from_template import (
    item_rows,
    read_cells,
    read_last,
    read_pages,
    remark_rows,
    spec_for,
)
from xlcity.workbook.spec.previous_edition import LastEdition
from xlcity.workbook.tab_titles import read_tab_language
from xlcity.workbook.tabs import sheet_titles
from xlcity.xlsx.cells import find_area, read_book, resolve
from xlcity.xlsx.editing.comments import Comment, read_comments

#: Entries of `Sources` that belong to an indicator and may be typed over there.
SOURCE_FIELDS = DEFAULT_COLUMNS[4:]
#: Faults of inputs that are kept as they were typed; any other has no city to belong to.
_CARRIED = ("XC301", "XC305", "XC318", "XC223", "XC224", "XC225", "XC226")
#: What people type numbers into, of which a formula may stand for one.
_TYPED_NUMBERS = ("in_data", "in_weights", "in_fields")


@dataclass(frozen=True)
class Content:
    """What people put into a template.

    Attributes
    ----------
    framework, recipe, dataset
        The index, as the workbook has it; sources stand on the nodes.
    typed
        (unit, code) -> what was typed where it is not a number and no plain NA.
    exceptions
        Lines of the table of exceptions on `Sources`.
    remarks, remark_rows
        Lines of `Review`, and how many there are, the free ones too.
    leftovers
        What was typed where no place exists any more.
    listed
        What the workbook's own sheet of leftovers lists.
    renamed
        Codes of nodes that are called otherwise from now on: old -> new.
    language
        "zh", "en" or "both".
    cells
        How the index stands in cells: one of `CELLS`.
    chosen_pages
        The pages on demand.
    edition, last
        What this edition is called, and what is known of the one before.
    recorded
        What the workbook recorded of its values.
    assessed
        The assessment that the workbook keeps.
    unverified
        What formulas without a stored result use that no engine is known to compute as Excel does.
    source
        The workbook, with what was typed and set in it outside the index.
    rolled
        Whether values belong to the next edition from now on.
    """

    report: str
    framework: Framework
    recipe: Recipe
    dataset: Dataset
    typed: Mapping[tuple[str, str], CellValue] = field(default_factory=dict)
    exceptions: tuple[SourceException, ...] = ()
    remarks: tuple[Remark, ...] = ()
    remark_rows: int = TemplateSpec.remark_rows
    leftovers: tuple[Leftover, ...] = ()
    listed: tuple[Leftover, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    language: str = "zh"
    tab_language: str = "zh"
    cells: str = BOTH
    chosen_pages: tuple[str, ...] = ()
    edition: str = ""
    last: LastEdition | None = None
    recorded: Recorded | None = None
    assessed: StoredAssessment = NOTHING
    unverified: tuple[str, ...] = ()
    source: SourceBook | None = field(default=None, compare=False, repr=False)
    rolled: bool = False

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
    without_city = [p for p in template.problems if p.code not in _CARRIED]
    if without_city:
        raise WorkbookError(without_city)


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
        template = read_template(package, read_book(package), template.file, grown=template.grown)
        unverified = computed.unverified
    content = built = _read_index(template)
    if template.grown:
        # The workbook has the shape of its template: what was typed beside it has no cells yet.
        built = _read_index(read_template(template.package, template.book, template.file))
    spare = template.area("xl_units").rows - len(template.dataset.units)
    spec = replace(spec_from(built), spare_units=spare, item_rows=item_rows(template.book))
    return replace(content, source=SourceBook(template, spec), unverified=unverified)


def _has_uncalculated(template: Template) -> bool:
    """Tell whether a formula was typed for a number and has no result yet."""
    areas = [area for name in _TYPED_NUMBERS if (area := find_area(template.book, name))]
    sheets = template.book.sheets
    cells = (sheets[area.sheet].cells.get(p) for area in areas for p in area.positions)
    return any(cell and cell.formula is not None and cell.value is None for cell in cells)


def read_notes(template: Template) -> list[tuple[Anchor, Comment]]:
    """Return the comments on cells of a template's own sheets, each with what it is about."""
    anchors, own = (
        Anchors(template.book),
        {*sheet_titles(spec_from(_read_index(template))).values()},
    )
    comments = read_comments(template.package, template.book).items()
    return [(anchors.of(*cell), comment) for cell, comment in comments if cell[0] in own]


def _read_index(template: Template) -> Content:
    """Return the index, without what stands beside it."""
    reader = _SourcesReader(template.book, template.file)
    language = template.text("xl_lang")
    return Content(
        report=template.report,
        framework=sourced_framework(template),
        recipe=template.authored,
        dataset=template.dataset,
        typed=_read_typed(template),
        exceptions=reader.exceptions(),
        remarks=reader.remarks(),
        remark_rows=remark_rows(template.book),
        listed=read_leftovers(template.book),
        language=language if language in ("zh", "en", "both") else "zh",
        tab_language=read_tab_language(template.book.sheets),
        cells=read_cells(template),
        chosen_pages=read_pages(template),
        edition=template.text("xl_edition"),
        last=read_last(template.book),
        recorded=read_recorded(template.book),
        assessed=read_assessment(template.book),
    )


def spec_from(content: Content) -> TemplateSpec:
    """Return the specification of the template that holds a content."""
    spec = spec_for(
        content.report,
        content.edition,
        content.framework,
        content.recipe,
        content.dataset,
        language=content.language,
        tab_language=content.tab_language,
        cells=content.cells,
        last=content.last,
        chosen_pages=content.chosen_pages,
    )
    return replace(
        spec,
        exceptions=content.exceptions,
        remarks=content.remarks,
        remark_rows=content.remark_rows,
        typed=content.typed,
        recorded=content.recorded,
        assessed=content.assessed,
    )


def sourced_framework(template: Template) -> Framework:
    """Return a template's framework with the sources that stand on `Sources`."""
    return _SourcesReader(template.book, template.file).framework(template.framework)


def with_fields(framework: Framework, fields: Mapping[str, Mapping[str, Any]]) -> Framework:
    """Return a framework with other fields of some nodes and ingredients: code -> name -> value."""
    return replace(
        framework,
        nodes=tuple(replace(n, **fields.get(n.code, {})) for n in framework.nodes),
        ingredients=tuple(replace(i, **fields.get(i.code, {})) for i in framework.ingredients),
    )


def with_sources(framework: Framework, sources: Mapping[str, Node | Ingredient]) -> Framework:
    """Return a framework with the sources known by code, where it names none."""
    missing = {
        code: {n: getattr(sources[code], n) for n in SOURCE_FIELDS if not getattr(node, n)}
        for code, node in framework.inputs.items()
        if code in sources
    }
    return with_fields(framework, missing)


def _read_typed(template: Template) -> dict[tuple[str, str], CellValue]:
    """Return what stands in input cells and would not be written back from the dataset."""
    sheet = template.area("in_data").sheet
    typed: dict[tuple[str, str], CellValue] = {}
    states = template.dataset.rows
    for unit, row in template.rows.items():
        for code, column in template.columns.items():
            value = template.book.value(sheet, row, column)
            if value in (None, ""):
                continue
            state = template.dataset.states[states[unit], template.dataset.column(code)]
            number = number_of(value) is not None
            if (number and state == State.VALUE) or value == MISSING_TEXT:
                continue
            typed[unit, code] = value if number else plain_text(value)
    return typed


#: Fields of an exception that have another name on the sheet, which has one remark.
_ON_SHEET = {"unit": "city", "code": "indicator", "remark_zh": "remark", "remark_en": "remark"}


class _SourcesReader(CellReader):
    """Reads `Sources` and `Review`."""

    def framework(self, framework: Framework) -> Framework:
        """Return the framework with the sources that the sheet names."""
        if "xl_sources" not in self.book.names:
            return framework
        sources: dict[str, dict[str, Any]] = {
            plain_text(row["code"][0]): {
                name: plain_text(row[name][0]) for name in SOURCE_FIELDS if name in row
            }
            for row in self.records("xl_sources")
        }
        return with_fields(framework, sources)

    def exceptions(self) -> tuple[SourceException, ...]:
        """Return the lines of the table of exceptions that say something."""
        lines = []
        for row in self._lines("xl_exceptions"):
            text = {
                field.name: plain_text(row[_ON_SHEET.get(field.name, field.name)][0])
                for field in fields(SourceException)
            }
            if any(text.values()):
                entry: dict[str, Any] = {**text, "value": number_of(row["value"][0])}
                lines.append(SourceException(**entry))
        return tuple(lines)

    def _lines(self, name: str) -> list[Record]:
        """Return the lines of a list, those right below it too; none where there is no list."""
        if name not in self.book.names:
            return []
        return self.records(name, len(lines_below(self.book, resolve(self.book, name))))

    def remarks(self) -> tuple[Remark, ...]:
        """Return the lines of `Review` that say something."""
        read = {f.name: day_text if f.name == "date" else plain_text for f in fields(Remark)}
        lines = (
            Remark(**{name: text(row[name][0]) for name, text in read.items()})
            for row in self._lines("in_review")
        )
        return tuple(line for line in lines if line != Remark())
