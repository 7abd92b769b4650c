"""Reads the method of a template, framework and recipe with its live parameters, from the cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

from xlcity.errors import CellValue, FrameworkError, Problem, RecipeError, Where
from xlcity.functions.arguments import EVERYONE, is_blank
from xlcity.functions.links import DOMESTIC
from xlcity.functions.normalise import BOUNDS
from xlcity.index.prepare import screen_groups
from xlcity.messages import Message
from xlcity.methods.normalise.record import OWN, POOL, Normalisation
from xlcity.methods.record import NUMBER, MethodCell, ParameterValue
from xlcity.methods.registry import METHODS, find_method
from xlcity.methods.weight.record import Weighting
from xlcity.model.framework import Framework
from xlcity.model.nodes import Direction, Ingredient, Node, SupplementaryIndex
from xlcity.model.recipe import Recipe, Step, is_by_links
from xlcity.model.recipe_toml import read_recipe
from xlcity.reports import known_ids, own_function, report_folder
from xlcity.workbook.layout.rows import BEST_WIDTHS, TREE_NAME
from xlcity.workbook.live_recipe import (
    ParameterCells,
    cells_of_step,
    has_cells_by_indicator,
    rejoined,
    screen_cells,
)
from xlcity.workbook.methods_in_cells import is_live, parameter_cells
from xlcity.workbook.reading.records import (
    CellReader,
    Record,
    is_number,
    number_of,
    plain_text,
)
from xlcity.xlsx.address import cell_name, parse_cell
from xlcity.xlsx.cells import resolve

#: Texts and bounds of whatever stands in a table below the tree.
_TEXTS = ("name_zh", "name_en", "uom", "uom_zh", "definition", "definition_zh", "notes")
GOALPOSTS = ("goalpost_low", "goalpost_high")
_BOUNDS = ("valid_low", "valid_high", "no_data")


class MethodReader(CellReader):
    """Reads framework and recipe.

    Attributes
    ----------
    apart
        Whether populations are scored apart.
    """

    apart = False

    def framework(self, table: list[Record]) -> Framework:
        """Return the tree of the rows of `xl_framework`."""
        try:
            written = self._written_recipe
        except RecipeError:
            written = None
        nodes = [self._node(row, written) for row in table if row.text("code")]
        ingredients = []
        for row in self._rows_below("xl_ingredients"):
            code = plain_text(row["code"])
            parent = plain_text(row["parent"])
            ingredients.append(Ingredient(code, parent, **_descriptions(row)))
        variables = []
        for row in self._rows_below("xl_variables"):
            code = plain_text(row["code"])
            variables.append(Node(code, None, **_descriptions(row)))
        try:
            nodes = self._with_methods(nodes)
            framework = Framework(
                tuple(nodes),
                self.file,
                tuple(ingredients),
                variables=tuple(variables),
            )
            return self._with_supplementary(framework)
        except FrameworkError as error:
            rows = {row.text("code"): row for row in table}
            sheet = resolve(self.book, TREE_NAME).sheet
            raise FrameworkError(
                [_locate_problem(problem, rows, sheet) for problem in error.problems]
            ) from error

    def _node(self, row: Record, recipe: Recipe | None) -> Node:
        """Return the node of a row of the tree."""
        values = {name: value for name, (value, _) in row.items()}
        code = plain_text(values["code"])
        parent = plain_text(values["parent"]) or None
        weighing = recipe.step_for("weight", parent) if recipe and parent else None
        weight = number_of(values["weight"])
        if weight is None and weighing and _derives_weights(weighing):
            # It follows from others; some programs save formulas without their values.
            weight = 1.0
        if weight is None or weight < 0:
            self._report_weight(code, *row["weight"])
            weight = 0.0
        fields = _descriptions(values) | _words_for_best(values)
        direction = self._direction(row, code)
        return Node(code, parent, weight=weight, direction=direction, **fields)

    def _report_weight(self, code: str, value: CellValue, where: Where) -> None:
        key = "XC224.empty" if is_blank(value) else "XC224.weight"
        message = Message(key, code=code, weight=plain_text(value))
        hint = Message("hint.positive_number")
        self.wrong("XC224", message, hint, where, indicator=code)

    @cached_property
    def _written_recipe(self) -> Recipe:
        """The recipe of the TOML lines."""
        area = resolve(self.book, "xl_recipe")
        try:
            rows = self.book.block(area)
            return read_recipe("".join(f"{plain_text(row[0])}\n" for row in rows))
        except RecipeError as error:
            cells = f"{cell_name(area.r1, area.c1)}:{cell_name(area.r2, area.c2)}"
            where = Where(self.file, area.sheet, cells)
            raise RecipeError(
                [replace(p, where=where) for p in error.problems]
            ) from error

    def _with_methods(self, nodes: list[Node]) -> list[Node]:
        """Return nodes with what their methods say: goalposts, targets, denominators."""
        rows = self.method_rows
        completed = []
        for node in nodes:
            row = rows.get(node.code) or Record({}, Where())
            fields = _framework_fields(row.text("method") if row else "")
            given: dict[str, Any] = {
                name: number_of(row[column][0]) for name, column in fields
            }
            if "denominator" in row:
                given["denominator"] = row.text("denominator")
            columns = {name: row[column][1] for name, column in fields}
            given |= self._ordered_goalposts(node.code, given, columns)
            completed.append(replace(node, **given))
        return completed

    def _ordered_goalposts(
        self, code: str, given: Mapping[str, Any], cells: Mapping[str, Where]
    ) -> dict[str, float | None]:
        """Return goalposts in their order, none for equal ones; what was typed is a problem."""
        low, high = (given.get(name) for name in GOALPOSTS)
        if low is None or high is None or low < high:
            return {}
        low_cell, high_cell = (cells[name] for name in GOALPOSTS)
        where = replace(low_cell, cell=f"{low_cell.cell},{high_cell.cell}")
        message = Message("XC215.goalposts", code=code, low=low, high=high)
        hint = Message("XC215.goalposts.hint")
        self.wrong("XC215", message, hint, where, indicator=code)
        ordered = (None, None) if low == high else (high, low)
        return dict(zip(GOALPOSTS, ordered, strict=True))

    @cached_property
    def method_rows(self) -> dict[str, Record]:
        """Return the rows of the indicators on `Framework`, with the parameters of their methods.

        A cell that takes a parameter for all indicators holds what that is now: some programs save
        formulas without their values, and a value may have been typed since.
        """
        cells = self.book.sheets[resolve(self.book, "xl_methods").sheet].cells
        row_by_code = {}
        for row in self.records("xl_methods"):
            for name, (_, where) in row.items():
                cell = cells.get(parse_cell(where.cell or "A1"))
                formula = (cell.formula or "").strip() if cell is not None else ""
                if formula.startswith("par_") and (shared := self.cell(formula)):
                    row[name] = shared
            if row.text("method"):
                row_by_code[row.text("code")] = row
        return row_by_code

    def _rows_below(self, name: str) -> Iterator[dict[str, CellValue]]:
        """Yield the rows of a table below the tree, if there is one, in the columns of the tree."""
        if name not in self.book.names:
            return
        heads = self.book.block(resolve(self.book, TREE_NAME))[0]
        columns = [plain_text(head) for head in heads]
        for cells in self.book.block(resolve(self.book, name)):
            yield dict(zip(columns, cells, strict=False))

    def _with_supplementary(self, framework: Framework) -> Framework:
        """Return a framework with the supplementary indices of their table, if there is one."""
        report = self.one("xl_report")
        if "xl_satellites" not in self.book.names or report not in known_ids():
            return framework
        indices = []
        for row in self.records("xl_satellites"):
            text = {name: plain_text(value) for name, (value, _) in row.items()}
            parts = tuple(text.pop("parts").split())
            indices.append(SupplementaryIndex(parts=parts, **text))
        folder = report_folder(report)
        with_indices = own_function(folder, "supplementary", "with_indices")
        extended: Framework = with_indices(framework, indices)
        return extended

    def _direction(self, row: Record, code: str) -> Direction:
        value, where = row["direction"]
        try:
            return Direction.parse(value)
        except ValueError:
            message = Message("XC223.changed", code=code, plain_text=plain_text(value))
            hint = Message("XC223.changed.hint")
            self.wrong("XC223", message, hint, where, indicator=code)
            return Direction.POSITIVE

    def _live_steps(
        self, recipe: Recipe, framework: Framework, step: Step
    ) -> Iterable[Step]:
        """Return what the cells make of a step, split where these differ among indicators."""
        codes = [
            node.code
            for node in framework.indicators
            if recipe.step_for(step.do, node.code) is step
        ]
        if step.do == "normalise":
            return self._live_scores(recipe, step, codes)
        if step.do in ("denominate", "treat"):
            return self._steps_by_indicator(step, codes)
        if step.do == "screen" and not step.is_idle:
            return self._live_screens(recipe, framework, step)
        if step.do == "rank":
            return (self._live_rank(step),)
        by_links = is_by_links(step)
        if not by_links and not has_cells_by_indicator(step):
            return (self._with_cells(step, cells_of_step(step, "")),)
        shared = {}
        if by_links and step.get("group"):
            shared["domestic"] = ("par_domestic", DOMESTIC)
        live = []
        for code in codes:
            read = self._with_cells(step, {**cells_of_step(step, code), **shared})
            live.append(replace(read, codes=(code,)))
        return live

    def _live_scores(
        self, recipe: Recipe, step: Step, codes: list[str]
    ) -> Iterable[Step]:
        """Return what the cells make of a normalisation; all populations have one pool."""
        live = self._steps_by_indicator(step, codes)
        if not self.apart:
            return live
        pool = self._cells_of("par_pool", (OWN, EVERYONE, *recipe.populations))
        given = {} if pool is None else {POOL.name: pool}
        return [_with(s, given) if POOL.name in s.record.names else s for s in live]

    def _live_screens(
        self, recipe: Recipe, framework: Framework, step: Step
    ) -> Iterable[Step]:
        """Return what the cells make of a screening, a step for each part of the tree."""
        live = []
        for group in screen_groups(framework, recipe):
            if group.step is step:
                read = self._with_cells(step, screen_cells(group))
                codes = (group.node,) if group.number else ()
                live.append(replace(read, codes=codes))
        return live

    def _live_rank(self, step: Step) -> Step:
        """Return ranking with the digits and places that its cells have, if they have any."""
        typed = {}
        for name, cell in (
            ("digits", "par_rank_digits"),
            ("round_to", "par_rank_round"),
        ):
            value = self._cells_of(cell, NUMBER)
            if isinstance(value, float):
                typed[name] = int(value)
        return _with(step, typed)

    def _with_cells(self, step: Step, cells: ParameterCells) -> Step:
        """Return a step with the values of cells, as far as they hold what they should."""
        typed = {parameter: self._cells_of(*of) for parameter, of in cells.items()}
        return _with(
            step, {name: value for name, value in typed.items() if value is not None}
        )

    def _cells_of(self, name: str, kind: str | tuple[str, ...]) -> ParameterValue:
        """Return what the cells of a name hold; None where they are absent or hold another thing.

        In a range of numbers a gap or a text counts 0.
        """
        if name not in self.book.names:
            return None
        area = resolve(self.book, name)
        numbers = []
        for down, row in enumerate(self.book.block(area)):
            for right, value in enumerate(row):
                shown = plain_text(value)
                where = self.at(area, down, right)
                if isinstance(kind, tuple):
                    # Cells compare texts without case.
                    if shown.casefold() in kind:
                        return shown.casefold()
                    hint = Message("hint.one_of", kind=[*kind])
                    self.wrong(
                        "XC225",
                        Message("XC225.other", name=name, shown=shown),
                        hint,
                        where,
                    )
                    return None
                if (number := number_of(value)) is None:
                    message = Message(
                        "XC225.contains_no_number", name=name, shown=shown
                    )
                    if kind == NUMBER:
                        message = Message("XC225.no_number", name=name, shown=shown)
                    self.wrong("XC225", message, Message("hint.number"), where)
                if kind == NUMBER:
                    return number
                numbers.append(number or 0.0)
        return tuple(numbers)

    def _steps_by_indicator(self, step: Step, codes: Sequence[str]) -> Iterator[Step]:
        """Yield a step with the parameters of its indicators' cells, split where these differ."""
        groups: dict[tuple[tuple[str, ParameterValue], ...], list[str]] = {}
        for code in codes:
            if step.do == "denominate" and not self._is_denominated(step, code):
                continue
            params = dict(step.params)
            for name, cell in self._parameters(step, code).items():
                value = self._value(step, code, name, cell)
                written = params.pop(name, None)
                # A default that was not written is left out, as for an indicator without a row.
                if value is not None and (
                    written is not None or value != step.default(name)
                ):
                    params[name] = value
            params |= _ordered_bounds(step, params)
            groups.setdefault(tuple(params.items()), []).append(code)
        for given, acted_on in groups.items():
            yield replace(step, params=dict(given), codes=tuple(acted_on))

    def _is_denominated(self, step: Step, code: str) -> bool:
        # An indicator typed below the tree has no row yet.
        row = self.method_rows.get(code)
        if row is None or "denominator" not in row:
            return bool(step.get("denominator"))
        return bool(row.text("denominator"))

    def _parameters(self, step: Step, code: str) -> dict[str, MethodCell]:
        """Return the parameters of a step that are typed for an indicator."""
        typed = self.method_rows.get(code)
        if typed is None:
            return {}
        if step.do != "normalise":
            cells = _cells_of_preparation(step)
        else:
            cells = self._cells_of_normalising(step)
        return {name: cell for name, cell in cells.items() if cell.column in typed}

    def _cells_of_normalising(self, step: Step) -> dict[str, MethodCell]:
        """Return the parameters that have a cell for each indicator."""
        cells = {}
        for name, cell in parameter_cells(step).items():
            if not is_live(cell, self.apart) or step.settings().rule(name) is not None:
                continue
            # What the framework gives is read into the framework.
            by_framework = step.record.parameter(name).column and step.get(name) is None
            if not by_framework:
                cells[name] = cell
        return cells

    def _value(
        self, step: Step, code: str, name: str, cell: MethodCell
    ) -> ParameterValue:
        value, where = self.method_rows[code][cell.column]
        text = plain_text(value)
        if name == "bounds":
            if text.casefold() in BOUNDS:
                return text.casefold()
            message = Message("XC225.bounds", code=code, text=text)
            hint = ", ".join(BOUNDS)
            self.wrong(
                "XC225",
                message,
                Message("hint.use_one_of", hint_text=hint),
                where,
                indicator=code,
            )
            return None
        if name == "unit":
            return text or None
        number = number_of(value)
        if number is None and cell.needed:
            message = Message("XC225.of_indicator", name=name, code=code, text=text)
            self.wrong("XC225", message, Message("hint.number"), where, indicator=code)
            written = step.get(name, step.default(name))
            return float(written) if is_number(written) else None
        if number is None and text:
            message = Message("XC226.no_number", value=value, code=code)
            hint = Message("XC226.no_number.hint")
            self.wrong("XC226", message, hint, where, indicator=code)
        return number

    def recipe(self, framework: Framework) -> tuple[Recipe, Recipe]:
        """Return the recipe of the TOML lines with the live parameters of the cells laid over.

        The second one says the same as its author would write it: see `rejoined`.
        """
        recipe = self._written_recipe
        self.apart = len(recipe.populations) > 1
        # They are written column by column.
        block = self.book.block(resolve(self.book, "par_missing"))
        typed = chain.from_iterable(zip(*block, strict=True))
        codes = tuple(filter(None, map(plain_text, typed)))
        live = [
            tuple(self._live_steps(recipe, framework, step)) for step in recipe.steps
        ]
        plain = replace(recipe, steps=tuple(chain.from_iterable(live)), options=())
        joined = rejoined(recipe, live)
        return replace(plain, missing_codes=codes), replace(joined, missing_codes=codes)


def _derives_weights(step: Step) -> bool:
    """Tell whether weights follow from others, and are not typed."""
    return find_method(Weighting, step.method).derives


def _framework_fields(name: str) -> list[tuple[str, str]]:
    """Return the fields of a node that a method takes, each with the column of its parameter."""
    method = METHODS[Normalisation.step].get(name) if name else None
    return [
        (parameter.column, parameter.cell.column)
        for parameter in (method.parameters if method else ())
        if parameter.column and parameter.cell is not None
    ]


def _with(step: Step, params: Mapping[str, ParameterValue]) -> Step:
    """Return a step with parameters."""
    return replace(step, params={**step.params, **params})


def _ordered_bounds(
    step: Step, params: Mapping[str, ParameterValue]
) -> dict[str, ParameterValue]:
    """Return the goalposts of a step in their order; that they were exchanged is a problem."""
    low = params.get("low")
    high = params.get("high")
    if not {parameter.column for parameter in step.record.parameters} >= {*GOALPOSTS}:
        return {}
    if not isinstance(low, float) or not isinstance(high, float) or low <= high:
        return {}
    return {"low": high, "high": low}


def _descriptions(row: Mapping[str, CellValue]) -> dict[str, Any]:
    """Return texts and bounds of a row."""
    texts = {name: plain_text(row[name]) for name in _TEXTS}
    return texts | {name: number_of(row[name]) for name in _BOUNDS}


def _words_for_best(row: Mapping[str, CellValue]) -> dict[str, str]:
    """Return what the best value is called, where the table has columns for it."""
    return {name: plain_text(row[name]) for name in BEST_WIDTHS if name in row}


def _locate_problem(
    problem: Problem, rows: Mapping[str, Record], sheet: str
) -> Problem:
    """Return a problem of the tree with the cell of its node to look at."""
    if (row := rows.get(problem.where.indicator or "")) is None:
        return replace(problem, where=replace(problem.where, sheet=sheet))
    column = {"XC201": "code", "XC206": "direction"}.get(problem.code, "parent")
    where = replace(row[column][1], indicator=problem.where.indicator)
    return replace(problem, where=where)


def _cells_of_preparation(step: Step) -> dict[str, MethodCell]:
    """Return the parameters of a preparation that have a cell for each indicator."""
    from xlcity.workbook.steps.prepare import parameters_of

    cells = {}
    for name, column in parameters_of(step).items():
        cells[name] = MethodCell(column, needed=step.default(name) is not None)
    return cells
