"""Everything people put into a template, by city and indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from xlcity.errors import CellValue, WorkbookError
from xlcity.model.dataset import Dataset, State
from xlcity.model.framework import Framework
from xlcity.model.recipe import Recipe
from xlcity.workbook.build import draw, sheet_names
from xlcity.workbook.carry.anchors import Anchor, Anchors
from xlcity.workbook.last_edition import LastEdition
from xlcity.workbook.read import Template
from xlcity.workbook.records import CellReader, number_of, plain_text
from xlcity.workbook.respec import read_last, spec_of
from xlcity.workbook.sheets.data import MISSING_TEXT
from xlcity.workbook.sheets.sources import DEFAULT_COLUMNS
from xlcity.workbook.spec import Departure, Remark, TemplateSpec
from xlcity.xlsx.cells import read_book
from xlcity.xlsx.comments import Comment, read_comments
from xlcity.xlsx.looks import Looks
from xlcity.xlsx.package import Package

#: Entries of `Sources` that belong to an indicator and may be typed over there.
SOURCE_FIELDS = DEFAULT_COLUMNS[4:]
#: Faults of inputs that are kept as they were typed; any other has no city to belong to.
_KEPT = ("XC301", "XC305", "XC318", "XC223", "XC224", "XC225", "XC226")


@dataclass(frozen=True, slots=True)
class UserPage:
    """A sheet of the user's own: in which workbook, under which name, and its title from now on."""

    package: Package
    name: str
    title: str


@dataclass(frozen=True)
class Content:
    """What people put into a template.

    Attributes
    ----------
    framework, recipe, dataset
        The index, as the workbook has it; sources stand on the nodes.
    typed
        (unit, code) -> what was typed where it is no number and no plain NA.
    departures
        Lines of the table of exceptions on `Sources`.
    remarks
        Lines of `Review`.
    comments, fills
        Notes, and colours other than the template's, by what their cell is about.
    pages
        Sheets of the user's own.
    language
        "zh", "en" or "both".
    udf
        Whether the sheet of function calls is there.
    edition, last
        What this edition is called, and what is known of the one before.
    rowless
        Cities without a row on `Data`: of their values the workbook says nothing.
    """

    report: str
    framework: Framework
    recipe: Recipe
    dataset: Dataset
    typed: Mapping[tuple[str, str], CellValue] = field(default_factory=dict)
    departures: tuple[Departure, ...] = ()
    remarks: tuple[Remark, ...] = ()
    comments: Mapping[Anchor, Comment] = field(default_factory=dict)
    fills: Mapping[Anchor, str] = field(default_factory=dict)
    pages: tuple[UserPage, ...] = ()
    language: str = "zh"
    udf: bool = True
    edition: str = ""
    last: LastEdition | None = None
    rowless: frozenset[str] = frozenset()


def read_content(template: Template) -> Content:
    """Read what people put into a template.

    Raises
    ------
    WorkbookError
        If a value belongs to no city, or a city stands twice: all of them at once. Such cells
        could not be carried anywhere.
    """
    homeless = [p for p in template.problems if p.code not in _KEPT]
    if homeless:
        raise WorkbookError(homeless)
    spec = spec_of(template)
    reader = _SourcesReader(template.book, template.file)
    own = (*sheet_names(spec),)
    anchors = Anchors(template.book)
    comments = {
        anchors.of(*place): comment
        for place, comment in read_comments(template.package, template.book).items()
        if place[0] in own
    }
    language = template.text("xl_lang")
    return Content(
        report=template.report,
        framework=sourced_framework(template),
        recipe=template.authored,
        dataset=template.dataset,
        typed=_typed(template),
        departures=reader.departures(),
        remarks=reader.remarks(),
        comments=comments,
        fills=_fills(template, spec, anchors),
        pages=tuple(
            UserPage(template.package, name, name)
            for name in template.book.sheets
            if name not in own
        ),
        language=language if language in ("zh", "en", "both") else "zh",
        udf=spec.udf,
        edition=template.text("xl_edition"),
        last=read_last(template.book),
        rowless=frozenset(u.id for u in template.dataset.units if u.id not in template.rows),
    )


def sourced_framework(template: Template) -> Framework:
    """Return a template's framework with the sources that stand on `Sources`."""
    return _SourcesReader(template.book, template.file).framework(template.framework)


def _typed(template: Template) -> dict[tuple[str, str], CellValue]:
    """Return what stands in input cells and would not be written back from the dataset."""
    sheet = template.area("in_data").sheet
    found: dict[tuple[str, str], CellValue] = {}
    states = {unit.id: row for row, unit in enumerate(template.dataset.units)}
    for unit, row in template.rows.items():
        for code, column in template.columns.items():
            value = template.book.value(sheet, row, column)
            if value in (None, ""):
                continue
            state = template.dataset.states[states[unit], template.dataset.column(code)]
            number = number_of(value) is not None
            if (number and state == State.VALUE) or value == MISSING_TEXT:
                continue
            found[unit, code] = value if number else plain_text(value)
    return found


def _fills(template: Template, spec: TemplateSpec, anchors: Anchors) -> dict[Anchor, str]:
    """Return the colours that differ from those of the template as it is drawn."""
    raw, _ = draw(spec)
    fresh = Package.from_bytes(raw)
    drawn = read_book(fresh)
    places, looks, plain = Anchors(drawn), Looks(template.package), Looks(fresh)
    found = {}
    for name, sheet in template.book.sheets.items():
        if name not in drawn.sheets:
            continue
        for position, cell in sheet.cells.items():
            colour = looks.fill(cell.style)
            if not colour:
                continue
            anchor = anchors.of(name, position)
            if not anchor.firm:
                continue
            place = places.find(anchor)
            there = drawn.sheets[name].cells.get(place) if place else None
            if there is not None and plain.fill(there.style) != colour:
                found[anchor] = colour
    return found


class _SourcesReader(CellReader):
    """Reads `Sources`."""

    def framework(self, framework: Framework) -> Framework:
        """Return the framework with the sources that the sheet names."""
        if "xl_sources" not in self.book.names:
            return framework
        known: dict[str, dict[str, Any]] = {
            plain_text(row["code"][0]): {
                name: plain_text(row[name][0]) for name in SOURCE_FIELDS if name in row
            }
            for row in self.records("xl_sources")
        }
        return replace(
            framework,
            nodes=tuple(replace(n, **known.get(n.code, {})) for n in framework.nodes),
            ingredients=tuple(replace(i, **known.get(i.code, {})) for i in framework.ingredients),
        )

    def departures(self) -> tuple[Departure, ...]:
        """Return the lines of the table of exceptions that say something."""
        if "xl_exceptions" not in self.book.names:
            return ()
        found = []
        for row in self.records("xl_exceptions"):
            text = {name: plain_text(value) for name, (value, _) in row.items()}
            said = ("city", "indicator", "value", "basis", "year", "url", "entered_by",
                    "checked_by", "remark")  # fmt: skip
            if not any(text[name] for name in said):
                continue
            found.append(
                Departure(
                    unit=text["city"],
                    code=text["indicator"],
                    value=number_of(row["value"][0]),
                    basis=text["basis"],
                    year=text["year"],
                    url=text["url"],
                    remark_zh=text["remark"],
                    remark_en=text["remark"],
                    entered_by=text["entered_by"],
                    checked_by=text["checked_by"],
                )
            )
        return tuple(found)

    def remarks(self) -> tuple[Remark, ...]:
        """Return the lines of `Review` that say something."""
        if "in_review" not in self.book.names:
            return ()
        names = [field.name for field in fields(Remark)]
        lines = (
            Remark(**{name: plain_text(row[name][0]) for name in names})
            for row in self.records("in_review")
        )
        return tuple(line for line in lines if line != Remark())
