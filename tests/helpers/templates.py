"""A small template of the report image2025, edits of its cells, and what it then says."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from xlcity.adoption.reading import read_values
from xlcity.errors import CellError, CellValue
from xlcity.index import compute
from xlcity.index.result import IndexResult
from xlcity.model.dataset import Dataset
from xlcity.recalc.workbook import Recalculated, recalculate
from xlcity.reports import load_report
from xlcity.reports.report import Report
from xlcity.workbook import tab_titles
from xlcity.workbook.build import build, own_labels
from xlcity.workbook.drawing.grid import Block
from xlcity.workbook.filling.template import Filled, fill
from xlcity.workbook.labels import Labels
from xlcity.workbook.layout import Layout
from xlcity.workbook.reading.records import plain_text
from xlcity.workbook.reading.template import Template, read_template
from xlcity.workbook.spec import TemplateSpec
from xlcity.workbook.spec.from_report import template_spec
from xlcity.workbook.spec.from_template import spec_of
from xlcity.workbook.tabs import with_pages
from xlcity.xlsx.address import cell_name, parse_area, parse_cell
from xlcity.xlsx.cells import ReadBook, read_book
from xlcity.xlsx.editing.patch import write_inputs
from xlcity.xlsx.package import Package

#: Cities of every size class and region, in the order of the report.
UNITS = (
    "beijing",
    "chengdu",
    "shanghai",
    "shenzhen",
    "changsha",
    "qingdao",
    "xiamen",
    "haikou",
)
SPARE = 4
SEARCH = "IMG_COM_SEARCH_GT"
MEDIA = "IMG_COM_MEDIA_VOL"
MAIN = "IMG_INF_MAIN_RATE"
SOCIAL = "IMG_INF_SOC_RATE"
FAVOUR = "IMG_REC_FAV_AI"
ATTRACT = "IMG_REC_ATT_NET"

Edits = Mapping[str, Mapping[str, CellValue]]


@functools.cache
def small_report() -> Report:
    """Return the report image2025 with eight of its cities."""
    report = load_report("image2025")
    whole = report.dataset
    rows = [whole.row(unit) for unit in UNITS]
    dataset = Dataset(
        tuple(whole.units[row] for row in rows),
        whole.codes,
        whole.values[rows],
        whole.states[rows],
        whole.basis[rows],
    )
    return replace(report, dataset=dataset)


def small_spec(option: str | None = None, **changes: Any) -> TemplateSpec:
    """Return its template's specification with all pages, and an option if one is named."""
    spec = with_pages(template_spec(small_report()), ["all"])
    recipe = spec.recipe if option is None else spec.recipe.with_options([option])
    # Tests look its sheets up by the names of the contract.
    changes = {"tab_language": "en", **changes}
    return replace(spec, spare_units=SPARE, recipe=recipe, **changes)


def small_template(
    option: str | None = None, language: str = "zh", pages: str = "all"
) -> Package:
    """Return its template; without pages it has a third of the formulas, at the same places."""
    return _small_template(option, language, pages, tab_titles.chinese_titles)


@functools.cache
def _small_template(
    option: str | None, language: str, pages: str, titles: object
) -> Package:
    """Return the template with the titles of tabs that the test has: each draws its own."""
    return build(with_pages(small_spec(option, language=language), [pages])).package


def read(package: Package, name: str = "book.xlsx") -> Template:
    """Return a workbook as a template."""
    return read_template(package, read_book(package), name)


@functools.cache
def small_read() -> Template:
    """Return the small template, read."""
    return read(small_template())


def data_cell(unit: str, code: str, template: Template | None = None) -> str:
    """Return the address of an input cell on `Data`."""
    template = template or small_read()
    return cell_name(template.rows[unit], template.columns[code])


def data_row(unit: str, template: Template | None = None) -> int:
    """Return the row of a city on `Data`."""
    return (template or small_read()).rows[unit]


def framework_cell(code: str, column: str) -> str:
    """Return the address of a node's entry on `Framework`."""
    row = find(small_read(), "Framework", code, 1)
    columns = Layout(small_spec()).framework_columns
    return cell_name(row, columns.index(column) + 1)


def method_cell(code: str, column: str, template: Template | None = None) -> str:
    """Return the address of an entry of an indicator's method."""
    template = template or small_read()
    area = template.area("xl_methods")
    heads = template.book.block(area)[0]
    row = find(template, "Framework", code, 1)
    return cell_name(row, area.c1 + heads.index(column))


def city_cell(unit: str, column: str, below: int = 0) -> str:
    """Return the address of a city's entry on `Cities`, or of one so many rows below."""
    from xlcity.workbook.layout.rows import CITY_COLUMNS

    row = find(small_read(), "Cities", unit, 1) + below
    return cell_name(row, CITY_COLUMNS.index(column) + 1)


def named_cell(name: str, down: int = 0) -> str:
    """Return the first cell of a name, of scores that of the total, or one so many rows below."""
    area = small_read().area(name)
    return cell_name(area.r1 + down, area.c2 if name == "out_scores" else area.c1)


def spare_row(place: int = 1) -> int:
    """Return the row of a spare line on `Data`."""
    return data_row(UNITS[-1]) + place


def label(template: Template, key: str) -> str:
    """Return a label as the template shows it."""
    labels = Labels.load(own_labels(spec_of(template)), template.text("xl_lang"))
    return labels.text(key)


def chart_titles(template: Template) -> list[str]:
    """Return the titles of the charts, which stand in cells."""
    parts = (
        name for name in template.package.parts if name.startswith("xl/charts/chart")
    )
    titles = []
    for part in parts:
        title = re.search(r"<c:title>.*?<c:f>(.*?)</c:f>", template.package.text(part))
        area = parse_area(title[1])
        titles.append(str(template.book.value(area.sheet, area.r1, area.c1)))
    return titles


def find(
    template: Template, sheet: str, value: CellValue, column: int | None = None
) -> int:
    """Return the row of the first cell with a value, in a column if one is named."""
    return min(
        row
        for (row, at), cell in template.book.sheets[sheet].cells.items()
        if cell.value == value and column in (None, at)
    )


#: Cells of templates that are edited again and again: id of a cached package -> its book.
_BOOKS: dict[int, ReadBook] = {}


def _book(package: Package) -> ReadBook | None:
    if package is small_template():
        if id(package) not in _BOOKS:
            _BOOKS[id(package)] = read_book(package)
        return _BOOKS[id(package)]
    return None


def edited(package: Package, edits: Edits) -> Package:
    """Return the workbook with constants typed into cells."""
    return write_inputs(
        package,
        {
            sheet: {parse_cell(address): value for address, value in cells.items()}
            for sheet, cells in edits.items()
        },
        _book(package),
    )


@dataclass(frozen=True)
class Seen:
    """A workbook recalculated: what its cells say, and what the index says from it alone."""

    template: Template
    fresh: Recalculated
    index: IndexResult

    def at(self, sheet: str, address: str) -> CellValue:
        """Return the value of a cell."""
        return self.fresh.value(sheet, *parse_cell(address))

    def block(self, name: str) -> list[list[CellValue]]:
        """Return the values of a named range."""
        area = self.template.area(name)
        return [
            [
                self.fresh.value(area.sheet, row, column)
                for column in range(area.c1, area.c2 + 1)
            ]
            for row in range(area.r1, area.r2 + 1)
        ]

    @property
    def checks(self) -> dict[str, str]:
        """Return name -> status of the sheet Checks."""
        return {str(row[0]): str(row[2]) for row in self.block("chk_table")[1:]}

    def detail(self, check: str) -> str:
        """Return what a check says."""
        return next(
            str(row[4] or "") for row in self.block("chk_table")[1:] if row[0] == check
        )

    @property
    def red(self) -> set[str]:
        """Return the checks that fail."""
        return {name for name, status in self.checks.items() if status == "fail"}

    @property
    def verdict(self) -> CellValue:
        """Return the verdict of the workbook."""
        return self.block("chk_verdict")[0][0]

    @property
    def units(self) -> list[str]:
        """Return the ids of the calculation rows."""
        return [plain_text(row[0]) for row in self.block("out_units")]

    def values(self, name: str, heads: str) -> dict[tuple[str, str], CellValue]:
        """Return (unit, code) -> value of a block of results, gaps as None."""
        codes = [str(value) for value in self.block(heads)[0]]
        found: dict[tuple[str, str], CellValue] = {}
        for unit, row in zip(self.units, self.block(name), strict=True):
            for code, value in zip(codes, row, strict=True):
                if unit:
                    found.setdefault(
                        (unit, code), None if value in ("", "NA", "?") else value
                    )
        return found

    @property
    def scores(self) -> dict[tuple[str, str], CellValue]:
        """Return (unit, node) -> score."""
        return self.values("out_scores", "out_nodes")

    @property
    def ranks(self) -> dict[tuple[str, str], CellValue]:
        """Return (unit, node) -> rank."""
        return self.values("out_ranks", "out_nodes")

    @property
    def normalised(self) -> dict[tuple[str, str], CellValue]:
        """Return (unit, indicator) -> normalised value."""
        return self.values("out_normalised", "out_leaves")

    def typed(self, unit: str, code: str) -> CellValue:
        """Return what the workbook takes an input for: a number, "NA", "" or "?"."""
        return self._of(self.layout.typed, unit, code)

    def letter(self, unit: str, code: str) -> CellValue:
        """Return the status letter of an input."""
        return self._of(self.layout.letters, unit, code)

    @functools.cached_property
    def layout(self) -> Layout:
        """Where the template has its blocks."""
        return Layout(spec_of(self.template))

    def _of(self, block: Block, unit: str, code: str) -> CellValue:
        row = block.first_row + self.units.index(unit)
        return self.fresh.value(block.sheet, row, block.column(code))


def seen(package: Package, engine: str = "auto") -> Seen:
    """Recalculate a workbook and compute the index from it alone."""
    template = read(package)
    fresh = recalculate(package, engine, book=template.book)
    recipe = template.recipe
    if template.framework.share_problems():
        # The cells divide by the sum of weights.
        recipe = replace(recipe, weights="relative")
    return Seen(template, fresh, compute(template.framework, recipe, template.dataset))


def require_agreement(book: Seen, udf: str = "pass") -> None:
    """Hold cells, functions and index together: same numbers, same gaps, no stray error."""
    index = book.index
    rows = {unit.id: row for row, unit in enumerate(index.dataset.units)}
    for found, codes, values in (
        (book.scores, index.node_codes, index.scores),
        (book.normalised, index.leaf_codes, index.normalised),
        (book.ranks, index.node_codes, np.where(index.ranks > 0, index.ranks, np.nan)),
    ):
        assert {unit for unit, _ in found} == set(rows)
        for (unit, code), value in found.items():
            expected = float(values[rows[unit], list(codes).index(code)])
            if np.isnan(expected):
                assert value is None, (unit, code)
            else:
                assert value is not None, (unit, code, expected)
                assert abs(value - expected) <= 1e-9 * max(1, abs(expected)), (
                    unit,
                    code,
                )
    errors = [
        f"{sheet}!{cell_name(*position)} {value}"
        for sheet, cells in book.fresh.values.items()
        if sheet != "UDF"
        for position, value in cells.items()
        if isinstance(value, CellError)
    ]
    assert errors == []
    assert book.checks["udf-native"] == udf


def fill_file(template: Template, data: Path, *, recalculated: bool = True) -> Filled:
    """Put the values of a file into a template's input cells."""
    read_and_notes = read_values(
        data, template.framework, template.dataset.units, template.recipe, None
    )
    return fill(template, *read_and_notes, recalculated=recalculated)
