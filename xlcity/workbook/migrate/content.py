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
from xlcity.workbook.build import draw
from xlcity.workbook.checking.seal_sheet import SHEET as SEAL
from xlcity.workbook.checking.seal_sheet import has_seal
from xlcity.workbook.migrate.cell_keys import Anchor, Anchors
from xlcity.workbook.migrate.read_edits import read_edits
from xlcity.workbook.migrate.sheet_kinds import read_places
from xlcity.workbook.migrate.unplaced import SHEET as LEFTOVERS
from xlcity.workbook.migrate.unplaced import Leftover, has_leftovers, read_leftovers
from xlcity.workbook.migrate.user_edits import UserEdits, without_settled
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
from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import read_book, resolve
from xlcity.xlsx.editing.comments import read_comments
from xlcity.xlsx.package import Package

#: Entries of `Sources` that belong to an indicator and may be typed over there.
SOURCE_FIELDS = DEFAULT_COLUMNS[4:]
#: Faults of inputs that are kept as they were typed; any other has no city to belong to.
_CARRIED = ("XC301", "XC305", "XC318", "XC223", "XC224", "XC225", "XC226")


@dataclass(frozen=True, slots=True)
class UserPage:
    """A sheet of the user's own: in which workbook, under which name, and its title from now on.

    `home` knows what the cells of that workbook are about.
    """

    package: Package
    name: str
    title: str
    home: Anchors = field(repr=False, compare=False)


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
    remarks
        Lines of `Review`.
    remark_rows
        Lines of `Review`, the free ones too.
    remark_cells
        What the cell is about that a remark names, by `remark_key`.
    edits
        What was typed and set outside the index, and notes on cells, by what they are about.
    leftovers
        What was typed where no place exists any more.
    listed
        What the workbook's own sheet of leftovers lists.
    renamed
        Codes of nodes that are called otherwise from now on: old -> new.
    pages
        Sheets of the user's own.
    language
        "zh", "en" or "both".
    cells
        How the index stands in cells: one of `CELLS`.
    chosen_pages
        The pages on demand.
    edition, last
        What this edition is called, and what is known of the one before.
    rowless
        Cities without a row on `Data`: of their values the workbook says nothing.
    recorded
        What the workbook recorded of its values.
    assessed
        The assessment that the workbook keeps.
    unverified
        What formulas without a stored result use that no engine is known to compute as Excel does.
    """

    report: str
    framework: Framework
    recipe: Recipe
    dataset: Dataset
    typed: Mapping[tuple[str, str], CellValue] = field(default_factory=dict)
    exceptions: tuple[SourceException, ...] = ()
    remarks: tuple[Remark, ...] = ()
    remark_rows: int = TemplateSpec.remark_rows
    remark_cells: Mapping[tuple[str, ...], tuple[Anchor, Anchor]] = field(default_factory=dict)
    edits: UserEdits = field(default_factory=UserEdits)
    leftovers: tuple[Leftover, ...] = ()
    listed: tuple[Leftover, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[UserPage, ...] = ()
    language: str = "zh"
    tab_language: str = "zh"
    cells: str = BOTH
    chosen_pages: tuple[str, ...] = ()
    edition: str = ""
    last: LastEdition | None = None
    rowless: frozenset[str] = frozenset()
    recorded: Recorded | None = None
    assessed: StoredAssessment = NOTHING
    unverified: tuple[str, ...] = ()


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
    content = _read_index(template)
    content = _add_edits(template, content)
    uncalculated = [
        typed
        for typed in content.edits.of("cell").values()
        if typed.formula is not None and typed.value is None
    ]
    if uncalculated:
        # Its result is wanted, where values are compared or handed on as numbers.
        computed = recalculate(template.package, book=template.book)
        package = patch_results(template.package, computed)
        template = read_template(package, read_book(package), template.file, grown=template.grown)
        content = _add_edits(template, _read_index(template))
        content = replace(content, unverified=computed.unverified)
    return content


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
        language=language if language in ("zh", "en", "both") else "zh",
        tab_language=read_tab_language(template.book.sheets),
        cells=read_cells(template),
        chosen_pages=read_pages(template),
        edition=template.text("xl_edition"),
        last=read_last(template.book),
        recorded=read_recorded(template.book),
        assessed=read_assessment(template.book),
        rowless=frozenset(u.id for u in template.dataset.units if u.id not in template.rows),
    )


def _add_edits(template: Template, content: Content) -> Content:
    """Return a content with what the workbook has beside the template drawn from it."""
    slots = template.area("xl_units").rows
    built = content
    if template.grown:
        # The workbook has the shape of its template: what was typed beside it has no cells yet.
        built = _read_index(read_template(template.package, template.book, template.file))
    spare, lines = slots - len(template.dataset.units), item_rows(template.book)
    spec = replace(spec_from(built), spare_units=spare, item_rows=lines)
    fresh, _ = draw(spec)
    edits = read_edits(template, fresh, read_book(fresh))
    home = edits.home
    assert home is not None  # it has just been read
    titles = tuple(sheet_titles(spec).values())
    own, listed = frozenset(titles), has_leftovers(template.book)
    written = {LEFTOVERS: listed, SEAL: has_seal(template.book)}
    pages = [name for name in template.book.sheets if name not in own and not written.get(name)]
    places = read_places(template.book.sheets, titles, pages)
    comments = {
        ("comment", home.of(*cell)): comment
        for cell, comment in read_comments(template.package, template.book).items()
        if cell[0] in own
    }
    entries = {**edits.entries, **places, **comments}
    edits = replace(edits, entries=without_settled(entries))
    return replace(
        content,
        edits=edits,
        remark_cells={
            remark_key(remark): (
                home.of(area.sheet, (area.r1, area.c1)),
                home.of(area.sheet, (area.r2, area.c2)),
            )
            for remark in content.remarks
            if (area := parse_area(remark.cell)) is not None and area.sheet in own
        },
        listed=read_leftovers(template.book),
        pages=tuple(UserPage(template.package, name, name, home) for name in pages),
    )


def remark_key(remark: Remark) -> tuple[str, ...]:
    """Return which remark it is that names a cell, whatever its node is called later."""
    return remark.cell, remark.remark, remark.who


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
    """Reads `Sources`."""

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
