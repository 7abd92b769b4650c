"""Inputs and results of a workbook by the words people use for them.

In any workbook ``Sheet!B5`` and defined names of one cell; in a template also ``unit|CODE`` (an
indicator's value), ``CODE`` (a weight, or a node's scores and ranks) and names such as ``par_*``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from xlcity.errors import CellValue, DataError, Problem, UsageError, Where
from xlcity.messages import Message
from xlcity.model.dataset import State
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.values import Refusal, read_value
from xlcity.workbook.reading.results import result_places
from xlcity.workbook.reading.template import Template
from xlcity.workbook.tab_titles import title_in, with_contract_names
from xlcity.xlsx.address import parse_area
from xlcity.xlsx.cells import ReadBook
from xlcity.xlsx.formulas.graph import Place


class _NoCellError(LookupError):
    """Why a word means no cell."""


class Output(NamedTuple):
    """One column of results."""

    label: str
    place: Place


class Addresses:
    """Finds cells of a workbook.

    Parameters
    ----------
    book
        The workbook.
    template
        The same, read as a template, if it is one.
    """

    def __init__(self, book: ReadBook, template: Template | None) -> None:
        self._book = with_contract_names(book)
        self._template = template
        if template is not None:
            self._units = {unit.id for unit in template.dataset.units}
            weights = template.area("in_weights")
            self._weights: dict[str, Place] = {
                code: (weights.sheet, (row, weights.c1))
                for code, row in template.node_rows.items()
            }

    def inputs(self, columns: Sequence[str], where: Where) -> dict[str, Place]:
        """Return the input cell of each column of a table.

        Raises
        ------
        UsageError
            Naming every column that means no input cell.
        """
        cell_by_column = {}
        problems = []
        taken: dict[Place, str] = {}
        for column in columns:
            try:
                input_cell = self._find_input(column.strip())
            except _NoCellError as reason:
                message = Message("XC107.no_input", column=column, reason=reason)
                problems.append(
                    Problem("XC107", message, Message("hint.columns"), where)
                )
                continue
            if input_cell in taken:
                message = Message(
                    "XC107.one_cell", taken=taken[input_cell], column=column
                )
                problems.append(
                    Problem("XC107", message, Message("hint.keep_one"), where)
                )
            else:
                cell_by_column[column] = input_cell
                taken[input_cell] = column
        UsageError.raise_for(problems)
        return cell_by_column

    def outputs(self, words: Sequence[str]) -> list[Output]:
        """Return the cells that are wanted; without words, scores and ranks of the root.

        Raises
        ------
        UsageError
            Naming every word that means no cell.
        """
        if not words:
            if self._template is None:
                raise UsageError.of("XC100.no_outputs")
            words = [self._template.framework.root.code]
        output_by_cell: dict[Place, Output] = {}
        problems = []
        for word in words:
            try:
                for output in self._find_outputs(word.strip()):
                    output_by_cell.setdefault(output.place, output)
            except _NoCellError as reason:
                problems.append(
                    Problem.of(
                        "XC108.no_cell",
                        Where(self._book.file),
                        word=word,
                        reason=reason,
                    )
                )
        UsageError.raise_for(problems)
        return list(output_by_cell.values())

    def _find_input(self, word: str) -> Place:
        """Return the input cell that a word means."""
        input_cell = self._named_cell(word) or self._weight_or_value_cell(word)
        if input_cell is None:
            raise _NoCellError(Message("cell.no_name"))
        sheet, position = input_cell
        cell = self._book.sheets[sheet].cells.get(position)
        if cell is not None and cell.computed:
            raise _NoCellError(Message("cell.formula"))
        return input_cell

    def _find_outputs(self, word: str) -> list[Output]:
        """Return the cells of results that a word means."""
        if output_cell := self._named_cell(word):
            return [Output(word, output_cell)]
        if (template := self._template) is None:
            raise _NoCellError(Message("cell.no_name"))
        first, bar, code = word.rpartition("|")
        kinds: tuple[str, ...] = ("score", "rank")
        units = self._units
        reason = "cell.no_node"
        if first in kinds:
            kinds = (first,)
        elif bar:
            kinds, units, reason = (
                ("score",),
                units & {first},
                "cell.no_node_or_city",
            )
        outputs = []
        for kind in kinds:
            places = result_places(template, f"out_{kind}s")
            for (unit, node), place in places.items():
                if node == code and unit in units:
                    outputs.append(Output(f"{kind}|{code}|{unit}", place))
        if not outputs:
            raise _NoCellError(Message(reason))
        return outputs

    def _named_cell(self, word: str) -> Place | None:
        """Return the cell of ``Sheet!B5`` or of a defined name; None where none is so called."""
        if (area := parse_area(word)) is None:
            names = {name.casefold(): name for name in self._book.names}
            if (name := names.get(word.casefold())) is None:
                return None
            area = parse_area(self._book.names[name])
        if area is None or area.rows * area.columns != 1:
            raise _NoCellError(Message("cell.several"))
        if area.sheet not in self._book.sheets:
            raise _NoCellError(Message("cell.no_sheet", sheet=area.sheet))
        return title_in(self._book, area.sheet), (area.r1, area.c1)

    def _weight_or_value_cell(self, word: str) -> Place | None:
        """Return the cell of ``CODE`` or ``unit|CODE``; None where it is neither."""
        if (template := self._template) is None:
            return None
        unit, bar, code = word.partition("|")
        if not bar:
            return self._weights.get(word)
        sheet = template.area("in_data").sheet
        if code not in template.columns:
            raise _NoCellError(Message("cell.no_indicator", code=code))
        if unit not in template.rows:
            raise _NoCellError(Message("cell.no_city", sheet=sheet, unit=unit))
        return sheet, (template.rows[unit], template.columns[code])


#: A column of this name only tells the scenarios apart.
SCENARIO = "scenario"


def read_scenarios(
    table: FileTable, book: ReadBook, input_cells: Mapping[str, Place]
) -> tuple[list[str], list[dict[Place, CellValue]]]:
    """Return the names and the inputs of the scenarios of a table.

    A blank leaves the input as it is in the workbook. Where the workbook holds a number, the table
    must give one, or, for the value of an indicator, a missing code.

    Raises
    ------
    DataError
        Naming every cell that cannot be used.
    """
    names: list[str] = []
    scenarios: list[dict[Place, CellValue]] = []
    problems = []
    for row in range(len(table.rows)):
        name = str(row + 1)
        values = {}
        for index, column in enumerate(table.header):
            raw = table.cell(row, index)
            if column == SCENARIO:
                name = as_text(raw) or name
                continue
            input_cell = input_cells.get(column)
            if input_cell is None or not as_text(raw):
                continue
            value = _read_scenario_cell(
                raw, column, book.value(input_cell[0], *input_cell[1])
            )
            if isinstance(value, Refusal):
                where = replace(table.where(row, index), indicator=column)
                problems.append(Problem(value.code, value.message, value.hint, where))
            else:
                values[input_cell] = value
        names.append(name)
        scenarios.append(values)
    DataError.raise_for(problems)
    return names, scenarios


def _read_scenario_cell(
    raw: object, column: str, now: CellValue
) -> CellValue | Refusal:
    read = read_value(raw)
    if isinstance(read, Refusal):
        return as_text(raw) if isinstance(now, str) else read
    if read.state == State.VALUE:
        return read.value
    if "|" in column or isinstance(now, str):
        return as_text(raw)
    return Refusal(
        "XC301",
        Message("XC301.no_number", as_text=as_text(raw)),
        Message("XC301.no_number.hint"),
    )
