"""Reads a template back: framework, recipe and dataset from the workbook alone, by its names."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from xlcity.errors import Problem, Where, WorkbookError
from xlcity.functions.arguments import is_blank
from xlcity.messages import Message
from xlcity.model.dataset import Dataset, Item, Unit
from xlcity.model.framework import Framework
from xlcity.model.nodes import AlikeIds
from xlcity.model.recipe import Recipe
from xlcity.reports import known_ids, load_report
from xlcity.workbook.labels import label_keys
from xlcity.workbook.layout.rows import (
    CITY_COLUMNS,
    TEMPLATE_FORMAT,
    TREE_NAME,
    UNITS_NAME,
)
from xlcity.workbook.live_recipe import list_names
from xlcity.workbook.reading.links import read_links, read_matrices, with_fields
from xlcity.workbook.reading.method import MethodReader
from xlcity.workbook.reading.records import Record, match_key, plain_text
from xlcity.workbook.tab_titles import title_in, with_contract_names
from xlcity.workbook.wildcards import wildcard_problem
from xlcity.xlsx.address import Range, cell_name
from xlcity.xlsx.cells import ReadBook, find_area, read_book, resolve
from xlcity.xlsx.package import Package

if TYPE_CHECKING:
    from xlcity.index.result import IndexResult


#: Code of a workbook that has none of the names of a template.
_NOT_A_TEMPLATE = "XC430"
#: Names of what is written together with inputs: it says nothing that they do not.
RECORDS = (
    "xl_record",
    "xl_record_weights",
    "xl_record_row_counts",
    "xl_record_column_counts",
    "xl_record_links",
    "xl_record_items",
    "xl_input_hash",
    "xl_recipe_hash",
)
#: Beginnings of the names of the tables and parameters that stand below each other.
_TABLES = ("xl_", "par_")
#: The label in the row that ends the rows of `Data`.
_CLOSING = "data.closing"
#: Names a template must have, and what they hold.
CONTRACT = (
    "xl_report",
    "xl_version",
    "xl_format",
    "xl_lang",
    "xl_recipe",
    TREE_NAME,
    "xl_cities",
    "xl_units",
    "xl_codes",
    "xl_population",
    "in_units",
    "in_data",
    "in_weights",
    "par_missing",
    UNITS_NAME,
    "out_nodes",
    "out_scores",
    "out_normalised",
    "out_leaves",
    "out_ranks",
    "chk_table",
    "chk_verdict",
)


class OtherFormatError(WorkbookError):
    """A template of another format than today's."""

    code = "XC439"


@dataclass(frozen=True)
class Template:
    """A template workbook, read.

    `problems` are inputs that are wrong but leave the book readable (a text among the numbers, a
    city twice, an empty weight); the dataset holds a blank in their place.
    """

    file: str
    package: Package
    book: ReadBook
    report: str
    version: str
    framework: Framework
    recipe: Recipe
    #: The recipe as its author would write it, with the options that can still be taken.
    authored: Recipe
    dataset: Dataset
    #: Unit id -> its row on `Data`; units without a row are absent.
    rows: Mapping[str, int]
    #: Indicator code -> its column on `Data`.
    columns: Mapping[str, int]
    problems: tuple[Problem, ...] = field(default=())
    #: Whether nodes and indicators typed beside the template's belong to it.
    grown: bool = False

    def __repr__(self) -> str:
        return f"<Template {self.file}: {self.framework!r}, {self.dataset!r}>"

    @cached_property
    def index(self) -> IndexResult:
        """The index, computed from the workbook's inputs alone, as its cells do.

        The cells divide by the sum of weights, so that shares that do not sum to 1 (a failed
        check) still give scores; the index does the same here.

        Raises
        ------
        XlcityError
            If the inputs allow no index.
        """
        from xlcity.index.compute import compute  # most readers want the inputs alone

        recipe = self.recipe
        if recipe.weights == "shares" and self.framework.share_problems():
            recipe = replace(recipe, weights="relative")
        return compute(self.framework, recipe, self.dataset)

    def area(self, name: str) -> Range:
        """Return the range of a contract name."""
        return resolve(self.book, name)

    def framework_cells(self, column: str) -> dict[str, tuple[str, str]]:
        """Return code -> sheet and cell of what a column of `Framework` says of each node."""
        area = self.area(TREE_NAME)
        header = [plain_text(head) for head in self.book.block(area)[0]]
        if column not in header:
            return {}
        number = area.c1 + header.index(column)
        rows = self.node_rows.items()
        return {code: (area.sheet, cell_name(row, number)) for code, row in rows}

    def city_name(self, unit: str) -> str:
        """Return the name of a city in the workbook's language; its id where it has none."""
        about = self.dataset.units[self.dataset.row(unit)]
        names = [about.name_zh, about.name_en]
        if self.text("xl_lang") == "en":
            names.reverse()
        return next(filter(None, (*names, unit)))

    @cached_property
    def node_rows(self) -> dict[str, int]:
        """Code of a node -> its row on `Framework`; nodes typed below the tree have none."""
        area = self.area(TREE_NAME)
        rows = enumerate(self.book.block(area)[1:], area.r1 + 1)
        coded = ((plain_text(cells[0]), row) for row, cells in rows)
        return {code: row for code, row in coded if code}

    def text(self, name: str) -> str:
        """Return the text of a one-cell name, "" if it is not there."""
        if name not in self.book.names:
            return ""
        return plain_text(self.book.block(self.area(name))[0][0])


def open_template(path: str | Path, *, grown: bool = False) -> Template:
    """Read a template workbook.

    Parameters
    ----------
    path
        The file.
    grown
        Read nodes typed directly below the tree of `Framework`, and indicators typed directly to
        the right of `Data`, as if they belonged to the template; its formulas do not know them.

    Raises
    ------
    WorkbookError
        If the file is not a workbook or lacks sheets or names of the contract: all at once.
    FrameworkError, RecipeError
        If its framework table is not a tree or its recipe cannot be read.
    """
    return template_of(Package.read(path), str(path), grown=grown)


def template_of(package: Package, file: str, *, grown: bool = False) -> Template:
    """Read a template from a package; see `open_template`."""
    return read_template(package, read_book(package), file, grown=grown)


def read_template(
    package: Package, book: ReadBook, file: str, *, grown: bool = False
) -> Template:
    """Read a template from its cells; see `open_template`."""
    book = with_contract_names(book)
    require_format(book, file)
    WorkbookError.raise_for(_missing_names(book, file))
    return _TemplateReader(package, book, file, grown).read()


def template_or_none(package: Package, book: ReadBook, file: str) -> Template | None:
    """Read a template; None for another workbook, while a damaged template is an error."""
    try:
        return read_template(package, book, file)
    except WorkbookError as error:
        if error.problems[0].code == _NOT_A_TEMPLATE:
            return None
        raise


def require_format(book: ReadBook, file: str) -> None:
    """Refuse a template of another format than today's.

    Raises
    ------
    OtherFormatError
        If it has another one, or none.
    """
    area = find_area(book, "xl_format")
    is_lost = area is None and "xl_format" in book.names
    if TREE_NAME not in book.names or is_lost:
        return
    number = (
        "" if area is None else plain_text(book.value(area.sheet, area.r1, area.c1))
    )
    if number != TEMPLATE_FORMAT:
        message = Message(
            "XC439.other_format", value=number or "?", template_format=TEMPLATE_FORMAT
        )
        hint = Message("XC439.other_format.hint")
        raise OtherFormatError(message, hint, file=file)


def _missing_names(book: ReadBook, file: str) -> Iterator[Problem]:
    if book.names.keys().isdisjoint(CONTRACT):
        message = Message("XC430.no_template")
        hint = Message("XC430.no_template.hint")
        yield Problem(_NOT_A_TEMPLATE, message, hint, Where(file=file))
        return
    hint = Message("hint.fresh_template")
    for name in CONTRACT:
        if name not in book.names:
            yield Problem.of("XC431.no_name", Where(file=file), hint=hint, name=name)
        elif find_area(book, name) is None:
            area = book.names[name]
            message = Message("XC432.no_range", name=name, area=area)
            yield Problem("XC432", message, hint, Where(file=file))


#: City -> row, or code -> column.
Places = dict[str, int]


class _TemplateReader(MethodReader):
    """Reads units and inputs, too."""

    def __init__(
        self, package: Package, book: ReadBook, file: str, grown: bool
    ) -> None:
        super().__init__(book, file)
        self.package = package
        self.grown = grown

    def read(self) -> Template:
        typed_rows = self._count_typed_behind(resolve(self.book, TREE_NAME), 1, 0)
        framework = self.framework(self.records(TREE_NAME, typed_rows))
        recipe, authored = self.recipe(framework)
        units = self._units(recipe.populations)
        dataset, rows, columns = self._dataset(framework, recipe, units)
        return Template(
            self.file,
            self.package,
            self.book,
            self.one("xl_report"),
            version=self.one("xl_version"),
            framework=framework,
            recipe=recipe,
            authored=authored,
            dataset=dataset,
            rows=rows,
            columns=columns,
            problems=tuple(self.problems),
            grown=self.grown,
        )

    def _units(self, populations: tuple[str, ...]) -> tuple[Unit, ...]:
        # Cells compare words without case.
        name_by_folded = {name.casefold(): name for name in populations}
        units: list[Unit] = []
        alike = AlikeIds()
        for row in self.records("xl_cities"):
            value, where = row["id"]
            unit_id = plain_text(value)
            if not unit_id:
                continue
            if match_key(value) in self.ids:
                message = Message("XC313.duplicate_id", unit_id=unit_id)
                hint = Message("XC313.duplicate_id.hint")
                self.wrong("XC313", message, hint, where, unit=unit_id)
                continue
            self.ids[match_key(value)] = unit_id
            at = replace(where, unit=unit_id)
            self.problems += alike.check(unit_id, partial(replace, where, unit=unit_id))
            wildcard = wildcard_problem("wildcard.id", unit_id, at)
            self.problems += [wildcard] if wildcard else []
            population = self._population(row, unit_id, name_by_folded)
            unit = self._unit(row, unit_id, "" if wildcard else population)
            units.append(unit)
        return tuple(units)

    def _population(
        self, row: Record, unit_id: str, name_by_folded: Mapping[str, str]
    ) -> str:
        """Return the group of cities that a city is scored with; another word is a problem."""
        value, where = row["population"]
        population = plain_text(value)
        name = name_by_folded.get(population.casefold(), "")
        if population and not name:
            message = Message(
                "XC318.no_population", population=population, unit_id=unit_id
            )
            names = [*name_by_folded.values()]
            hint = Message("XC318.no_population.hint", populations=names)
            self.wrong("XC318", message, hint, where, unit=unit_id)
        return name

    def _unit(self, row: Record, unit_id: str, population: str) -> Unit:
        """Return a city with its names, by which it is found."""
        names = {}
        for name in ("name_zh", "name_en", "alias_1", "alias_2"):
            names[name] = row.text(name)
            self.id_by_name.setdefault(names[name], unit_id)
        aliases = (names["alias_1"], names["alias_2"])
        return Unit(
            id=unit_id,
            name_zh=names["name_zh"],
            name_en=names["name_en"],
            aliases=tuple(filter(None, aliases)),
            population=population,
            attributes={
                name: plain_text(value)
                for name, (value, _) in row.items()
                if name not in CITY_COLUMNS
            },
        )

    def _dataset(
        self, framework: Framework, recipe: Recipe, units: tuple[Unit, ...]
    ) -> tuple[Dataset, dict[str, int], dict[str, int]]:
        area = resolve(self.book, "in_data")
        columns = self._read_columns(framework, area)
        rows = self._read_rows(area, columns)
        indicators = [node.code for node in framework.indicators]
        order = tuple(dict.fromkeys([*indicators, *columns]))
        missing = {code.casefold() for code in recipe.missing_codes}
        cells = self.values(
            units,
            rows,
            {code: columns.get(code, 0) for code in order},
            framework.inputs,
            missing=missing,
            sheet=area.sheet,
        )
        # Networks are typed as matrices, other links in one long table.
        links = {**read_links(self, recipe), **read_matrices(self, framework)}
        dataset = Dataset(units, order, *cells, self._items(recipe), links)
        dataset = with_fields(self, framework, missing, dataset)
        report = self.one("xl_report")
        if report in known_ids():
            shipped = load_report(report)
            if self.one("xl_edition") in ("", shipped.edition):
                # A value is what it was shipped as until it is typed over.
                dataset = dataset.with_basis_of(shipped.dataset)
        stated = []
        for record in self.records("xl_exceptions"):
            place = (record.text("city"), record.text("indicator"))
            value, _ = record["value"]
            stated.append((*place, value, record.text("basis")))
        return dataset.with_statuses(stated), rows, columns

    def _read_columns(self, framework: Framework, area: Range) -> Places:
        """Return the columns of inputs, those typed behind the table too."""
        row = resolve(self.book, "xl_codes")
        typed_columns = self._count_typed_behind(row, 0, 1)
        heads = self.book.block(replace(row, c2=row.c2 + typed_columns))[0]
        columns = {}
        for column, code in enumerate(map(plain_text, heads), area.c1):
            if code in framework.inputs:
                columns[code] = column
        return columns

    def _read_rows(self, area: Range, columns: Places) -> Places:
        """Return the rows of cities."""
        ids = resolve(self.book, "in_units")
        rows: Places = {}
        for line in range(ids.r1 + 1, ids.r2):
            # Where a program cut rows and led no names along, the last row stands above their end.
            text = plain_text(self.book.value(ids.sheet, line, ids.c1))
            if label_keys().get(text) == _CLOSING:
                break
            self._read_city_row(line, ids, area.sheet, columns, rows=rows)
        return rows

    def _count_typed_behind(self, area: Range, down: int, right: int) -> int:
        """Return how many rows or columns were typed directly behind a range."""
        count = 0
        cells = self.book.sheets[area.sheet].cells
        end = self._title_below(area)
        while self.grown and not (down and area.r2 + count + 1 >= end):
            row = area.r2 + count + 1 if down else area.r1
            cell = cells.get((row, area.c2 + count + 1 if right else area.c1))
            if (
                cell is None
                or cell.computed
                or not isinstance(cell.value, (str, float, int))
            ):
                break
            count += 1
        return count

    def _title_below(self, area: Range) -> int:
        """Return the row of the title of the table below a range, which a template has."""
        tops = []
        for name in self.book.names:
            table = find_area(self.book, name) if name.startswith(_TABLES) else None
            if table and table.sheet == area.sheet and table.r1 > area.r2:
                tops.append(table.r1)
        return min(tops, default=sys.maxsize) - 1

    def _items(self, recipe: Recipe) -> dict[str, tuple[Item, ...]]:
        """Return the lines of `Items` by indicator; a line without a city is a problem."""
        items_by_code: dict[str, list[Item]] = {}
        for row in self.records("in_items"):
            code = row.text("code")
            name = row.text("item")
            if not code:
                continue
            if (unit := self.city(*row["unit"], code)) is None:
                continue
            columns = zip(list_names(recipe, code), ("rank_a", "rank_b"), strict=False)
            ranks = {name: row.text(column) for name, column in columns}
            items_by_code.setdefault(code, []).append(Item(unit, name, ranks))
        return {code: tuple(items) for code, items in items_by_code.items()}

    def _read_city_row(
        self,
        row: int,
        ids: Range,
        sheet: str,
        columns: Mapping[str, int],
        rows: dict[str, int],
    ) -> None:
        value = self.book.value(ids.sheet, row, ids.c1)
        typed = plain_text(value)
        where = Where(
            self.file,
            ids.sheet,
            cell_name(row, ids.c1),
            unit=typed or None,
        )
        # Notes in columns of one's own belong to no city.
        filled = any(
            not is_blank(self.book.value(sheet, row, column))
            for column in columns.values()
        )
        unit = self.ids.get(match_key(value))
        if not typed:
            if filled:
                message = Message("XC310.no_city")
                self.wrong("XC310", message, Message("hint.write_city"), where)
        elif unit is None:
            cities = title_in(self.book, "Cities")
            hint = Message("hint.list_city_first", cities=cities)
            self.wrong("XC311", self.describe_unknown_city(typed), hint, where)
        elif unit in rows:
            message = Message("XC313.second_row", unit=unit, rows=rows[unit])
            self.wrong("XC313", message, Message("hint.delete_one"), where)
        else:
            rows[unit] = row
