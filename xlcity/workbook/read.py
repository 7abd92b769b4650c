"""Reads a template back: framework, recipe and dataset from the workbook alone, by its names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from xlcity.errors import CellValue, FrameworkError, Problem, RecipeError, Where, WorkbookError
from xlcity.model.dataset import Dataset, State, Status, Unit
from xlcity.model.framework import Direction, Framework, Node
from xlcity.model.recipe import Parameter, Recipe, Step
from xlcity.model.recipe_toml import read_recipe
from xlcity.workbook.layout import CITY_COLUMNS
from xlcity.workbook.sheets.cities import POPULATIONS
from xlcity.xlsx.address import Area, cell_name
from xlcity.xlsx.cells import Book, read_book, resolve
from xlcity.xlsx.package import Package

#: Names a template must have, and what they hold.
CONTRACT = (
    "xl_report",
    "xl_version",
    "xl_lang",
    "xl_recipe",
    "xl_framework",
    "xl_cities",
    "xl_units",
    "xl_codes",
    "xl_population",
    "in_units",
    "in_data",
    "in_weights",
    "par_missing",
    "par_scale",
    "out_units",
    "out_nodes",
    "out_scores",
    "out_normalised",
    "out_ranks",
    "chk_table",
    "chk_verdict",
)


@dataclass(frozen=True)
class Template:
    """A template workbook, read.

    `problems` are inputs that are wrong but leave the book readable (a text among the numbers, a
    city twice, an empty weight); the dataset holds a blank in their place.
    """

    file: str
    package: Package
    book: Book
    report: str
    version: str
    framework: Framework
    recipe: Recipe
    dataset: Dataset
    #: Unit id -> its row on `Data`; units without a row are absent.
    rows: Mapping[str, int]
    #: Indicator code -> its column on `Data`.
    columns: Mapping[str, int]
    problems: tuple[Problem, ...] = field(default=())

    def area(self, name: str) -> Area:
        """Return the range of a contract name."""
        return resolve(self.book, name)

    def text(self, name: str) -> str:
        """Return the text of a one-cell name, "" if it is not there."""
        if name not in self.book.names:
            return ""
        return plain_text(self.book.block(self.area(name))[0][0])


def open_template(path: str | Path) -> Template:
    """Read a template workbook.

    Raises
    ------
    WorkbookError
        If the file is no workbook, or lacks sheets or names of the contract: all of them at once.
    FrameworkError, RecipeError
        If its framework table is no tree or its recipe cannot be read.
    """
    package = Package.read(path)
    return read_template(package, read_book(package), str(path))


def read_template(package: Package, book: Book, file: str) -> Template:
    """Read a template from its cells; see `open_template`."""
    missing = list(_missing_names(book, file))
    if missing:
        raise WorkbookError(missing)
    return _Reader(package, book, file).read()


def _missing_names(book: Book, file: str) -> Iterator[Problem]:
    absent = [name for name in CONTRACT if name not in book.names]
    if len(absent) == len(CONTRACT):
        yield Problem(
            "XC430",
            "this workbook is no xlcity template: none of its names is there.",
            "Make one with `xlcity new`; `recalc` works on any workbook.",
            Where(file=file),
        )
        return
    for name in absent:
        yield Problem(
            "XC431",
            f"the name {name} is gone.",
            "Take a fresh template and fill the data in again.",
            Where(file=file),
        )
    for name in CONTRACT:
        if name in book.names and not _resolves(book, name):
            yield Problem(
                "XC432",
                f"the name {name} points to {book.names[name]}, which is not there: a sheet or "
                "its cells were deleted.",
                "Take a fresh template and fill the data in again.",
                Where(file=file),
            )


def _resolves(book: Book, name: str) -> bool:
    try:
        return resolve(book, name).sheet in book.sheets
    except WorkbookError:
        return False


def plain_text(value: CellValue) -> str:
    """Return a cell as text: a whole number without its decimal point, a blank as ""."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _key(value: CellValue) -> tuple[str, str]:
    """Return what two cells have alike when MATCH finds one by the other."""
    return type(value).__name__, plain_text(value).casefold()


def _number(value: CellValue) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


#: A table row: column -> (value, address).
_Record = dict[str, tuple[CellValue, Where]]


class _Reader:
    def __init__(self, package: Package, book: Book, file: str) -> None:
        self.package, self.book, self.file = package, book, file
        self.problems: list[Problem] = []
        #: Key of a cell -> id of a city.
        self.ids: dict[tuple[str, str], str] = {}

    def read(self) -> Template:
        table = self._records("xl_framework")
        framework = self._framework(table)
        recipe = self._recipe(framework, table)
        units = self._units()
        dataset, rows, columns = self._dataset(framework, recipe, units)
        return Template(
            self.file,
            self.package,
            self.book,
            self._one("xl_report"),
            self._one("xl_version"),
            framework,
            recipe,
            dataset,
            rows,
            columns,
            tuple(self.problems),
        )

    # -- pieces --------------------------------------------------------------------------------
    def _one(self, name: str) -> str:
        return plain_text(self.book.block(resolve(self.book, name))[0][0])

    def _records(self, name: str) -> list[_Record]:
        """Return the rows below a header row, each cell with its address."""
        area = resolve(self.book, name)
        header, *rows = self.book.block(area)
        return [
            {
                plain_text(title): (
                    value,
                    Where(self.file, area.sheet, cell_name(area.r1 + down, area.c1 + right)),
                )
                for right, (title, value) in enumerate(zip(header, row, strict=True))
            }
            for down, row in enumerate(rows, 1)
        ]

    def _wrong(self, code: str, message: str, hint: str, where: Where, **more: str) -> None:
        self.problems.append(Problem(code, message, hint, replace(where, **more)))

    def _framework(self, table: list[_Record]) -> Framework:
        nodes = []
        for row in table:
            code = plain_text(row["code"][0])
            if not code:
                continue
            weight = _number(row["weight"][0])
            if weight is None or weight < 0:
                shown = row["weight"][0]
                said = "is empty" if shown in (None, "") else f"is {plain_text(shown)!r}"
                weight = None
                self._wrong(
                    "XC224",
                    f"the weight of {code} {said}.",
                    "Type a number of 0 or more.",
                    row["weight"][1],
                    indicator=code,
                )

            def text(name: str, row: _Record = row) -> str:
                return plain_text(row[name][0])

            def number(name: str, row: _Record = row) -> float | None:
                return _number(row[name][0])

            nodes.append(
                Node(
                    code=code,
                    parent=text("parent") or None,
                    weight=weight or 0.0,
                    direction=self._direction(row, code),
                    name_zh=text("name_zh"),
                    name_en=text("name_en"),
                    uom=text("uom"),
                    uom_zh=text("uom_zh"),
                    definition=text("definition"),
                    definition_zh=text("definition_zh"),
                    notes=text("notes"),
                    valid_low=number("valid_low"),
                    valid_high=number("valid_high"),
                    no_data=number("no_data"),
                )
            )
        try:
            return Framework(tuple(nodes), self.file)
        except FrameworkError as error:
            rows = {plain_text(row["code"][0]): row for row in table}
            raise FrameworkError([_located(problem, rows) for problem in error.problems]) from error

    def _direction(self, row: _Record, code: str) -> Direction:
        value, where = row["direction"]
        try:
            return Direction.parse(value)
        except ValueError:
            self._wrong(
                "XC223",
                f"the direction of {code} is {plain_text(value)!r}.",
                "Write 1 or -1, as the template had it.",
                where,
                indicator=code,
            )
            return Direction.POSITIVE

    def _recipe(self, framework: Framework, table: list[_Record]) -> Recipe:
        """Return the recipe of the TOML lines with the live parameters of the cells laid over."""
        area = resolve(self.book, "xl_recipe")
        lines = [plain_text(row[0]) for row in self.book.block(area)]
        try:
            recipe = read_recipe("\n".join(lines) + "\n")
        except RecipeError as error:
            cells = f"{cell_name(area.r1, area.c1)}:{cell_name(area.r2, area.c2)}"
            where = Where(self.file, area.sheet, cells)
            raise RecipeError([replace(p, where=where) for p in error.problems]) from error
        bounds = {plain_text(row["code"][0]): (row["low"], row["high"]) for row in table}
        steps: list[Step] = []
        for step in recipe.steps:
            if step.do == "rank":
                digits = self._parameter("par_rank_digits")
                steps.append(step if digits is None else _with(step, digits=int(digits)))
            elif step.do == "normalise":
                steps += self._normalise(framework, recipe, step, bounds)
            else:
                steps.append(step)
        codes = tuple(
            plain_text(value)
            for row in self.book.block(resolve(self.book, "par_missing"))
            for value in row
            if plain_text(value)
        )
        return replace(recipe, steps=tuple(steps), missing_codes=codes, options=())

    def _parameter(self, name: str) -> float | None:
        if name not in self.book.names:
            return None
        area = resolve(self.book, name)
        value = self.book.block(area)[0][0]
        number = _number(value)
        if number is None:
            self._wrong(
                "XC225",
                f"the parameter {name} is {plain_text(value)!r}, no number.",
                "Type a number.",
                Where(self.file, area.sheet, cell_name(area.r1, area.c1)),
            )
        return number

    def _normalise(
        self,
        framework: Framework,
        recipe: Recipe,
        step: Step,
        bounds: Mapping[str, tuple[tuple[CellValue, Where], tuple[CellValue, Where]]],
    ) -> Iterator[Step]:
        """Yield a step with the cells' bounds and scale, split where columns differ."""
        mine = [
            n.code for n in framework.indicators if recipe.step_for("normalise", n.code) is step
        ]
        shared = {
            name: self._parameter(f"par_{name}")
            for name in ("scale", "unrated", "floor")
            if name == "scale" or step.get(name) is not None
        }
        groups: dict[tuple[float | None, float | None], list[str]] = {}
        for code in mine:
            pair = []
            for value, where in bounds[code]:
                number = _number(value)
                if number is None and value not in (None, ""):
                    self._wrong(
                        "XC226",
                        f"the bound {plain_text(value)!r} of {code} is no number.",
                        "Type a number, or leave it empty.",
                        where,
                        indicator=code,
                    )
                pair.append(number)
            groups.setdefault((pair[0], pair[1]), []).append(code)
        for (low, high), codes in groups.items():
            params: dict[str, Parameter] = {k: v for k, v in shared.items() if v is not None}
            params |= {"max": high} if step.method == "rating" else {"lower": low, "upper": high}
            params = {k: v for k, v in params.items() if v is not None}
            yield replace(step, params={**_without_bounds(step), **params}, codes=tuple(codes))

    def _units(self) -> tuple[Unit, ...]:
        units: dict[str, Unit] = {}
        for row in self._records("xl_cities"):
            value, where = row["id"]
            unit_id = plain_text(value)
            if not unit_id:
                continue
            if _key(value) in self.ids:
                self._wrong(
                    "XC313",
                    f"the id {unit_id} stands twice.",
                    "Give each city its own.",
                    where,
                    unit=unit_id,
                )
                continue
            self.ids[_key(value)] = unit_id
            texts = {name: plain_text(cell[0]) for name, cell in row.items()}
            population = texts["population"]
            if population and population.casefold() not in POPULATIONS:
                self._wrong(
                    "XC318",
                    f"{population!r} is no population; {unit_id} is left out.",
                    f"Write {' or '.join(POPULATIONS)}, or leave it empty.",
                    row["population"][1],
                    unit=unit_id,
                )
                population = ""
            units[unit_id] = Unit(
                id=unit_id,
                name_zh=texts["name_zh"],
                name_en=texts["name_en"],
                aliases=tuple(filter(None, (texts["alias_1"], texts["alias_2"]))),
                population=population.casefold(),
                attributes={k: v for k, v in texts.items() if k not in CITY_COLUMNS},
            )
        return tuple(units.values())

    def _dataset(
        self,
        framework: Framework,
        recipe: Recipe,
        units: tuple[Unit, ...],
    ) -> tuple[Dataset, dict[str, int], dict[str, int]]:
        ids, area = resolve(self.book, "in_units"), resolve(self.book, "in_data")
        codes = [plain_text(value) for value in self.book.block(resolve(self.book, "xl_codes"))[0]]
        columns = {code: area.c1 + offset for offset, code in enumerate(codes) if code in framework}
        rows: dict[str, int] = {}
        for row in range(ids.r1 + 1, ids.r2):
            self._row(row, ids, area, rows)
        order = tuple(node.code for node in framework.indicators)
        shape = (len(units), len(order))
        values = np.full(shape, np.nan)
        states = np.full(shape, State.BLANK, dtype=np.uint8)
        basis = np.full(shape, "", dtype="<U12")
        missing = {code.casefold() for code in recipe.missing_codes}
        for at, unit in enumerate(units):
            if unit.id not in rows:
                continue
            for place, code in enumerate(order):
                if code not in columns:
                    continue
                where = Where(
                    self.file, area.sheet, cell_name(rows[unit.id], columns[code]), code, unit.id
                )
                cell = self.book.value(area.sheet, rows[unit.id], columns[code])
                state, number = self._cell(cell, framework[code], missing, where)
                states[at, place], values[at, place] = state, number
                basis[at, place] = Status.ENTERED if state == State.VALUE else ""
        return Dataset(units, order, values, states, basis), rows, columns

    def _row(self, row: int, ids: Area, area: Area, rows: dict[str, int]) -> None:
        value = self.book.value(ids.sheet, row, ids.c1)
        typed = plain_text(value)
        where = Where(self.file, ids.sheet, cell_name(row, ids.c1), unit=typed or None)
        filled = any(
            self.book.value(area.sheet, row, column) not in (None, "")
            for column in range(area.c1, area.c2 + 1)
        )
        unit = self.ids.get(_key(value))
        if not typed:
            if filled:
                self._wrong(
                    "XC310", "the row has values but no city.", "Write the city's id.", where
                )
        elif unit is None:
            self._wrong(
                "XC311",
                f"{typed!r} is no city of the sheet Cities.",
                "Write it as on Cities (a number there is not the same text here), or list the "
                "city on Cities first.",
                where,
            )
        elif unit in rows:
            self._wrong(
                "XC313",
                f"{unit} has a second row; row {rows[unit]} is used.",
                "Delete one of them.",
                where,
            )
        else:
            rows[unit] = row

    def _cell(
        self, value: CellValue, node: Node, missing: set[str], where: Where
    ) -> tuple[State, float]:
        """Read one cell as the sheet's own formulas do: text is never converted."""
        number = _number(value)
        if number is not None:
            if node.no_data is not None and number == node.no_data:
                self._wrong(
                    "XC305",
                    f"{number:g} is no value of {node.code}: it stands for no data.",
                    "Type NA if it is confirmed missing, else leave the cell blank.",
                    where,
                )
                return State.BLANK, np.nan
            return State.VALUE, number
        text = value if isinstance(value, str) else None
        if value is None or (text is not None and not text.strip(" ")):
            return State.BLANK, np.nan
        if text is not None and " ".join(text.split(" ")).strip(" ").casefold() in missing:
            return State.MISSING, np.nan
        self._wrong(
            "XC301",
            f"{plain_text(value)!r} is no number.",
            "Type a number, or NA if it is confirmed missing.",
            where,
        )
        return State.BLANK, np.nan


def _located(problem: Problem, rows: Mapping[str, _Record]) -> Problem:
    """Return a problem of the tree with the cell of its node to look at."""
    row = rows.get(problem.where.indicator or "")
    if row is None:
        sheet = next(
            (where.sheet for record in rows.values() for _, where in record.values()), None
        )
        return replace(problem, where=replace(problem.where, sheet=sheet))
    column = {"XC201": "code", "XC206": "direction"}.get(problem.code, "parent")
    where = replace(row[column][1], indicator=problem.where.indicator)
    return replace(problem, where=where)


def _with(step: Step, **params: Parameter) -> Step:
    return replace(step, params={**step.params, **params})


def _without_bounds(step: Step) -> dict[str, Parameter]:
    return {k: v for k, v in step.params.items() if k not in ("lower", "upper", "max")}
