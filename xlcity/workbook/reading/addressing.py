"""Inputs and results of a workbook by the words people use for them.

In any workbook ``Sheet!B5`` and defined names of one cell; in a template also ``unit|CODE`` (an
indicator's value), ``CODE`` (a weight, or a node's scores and ranks) and names such as ``par_*``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xlcity.errors import CellValue, DataError, Problem, UsageError, Where
from xlcity.model.dataset import State
from xlcity.model.reading.tables import FileTable, as_text
from xlcity.model.reading.values import Refusal, read_value
from xlcity.workbook.reading.records import CellReader, plain_text
from xlcity.workbook.reading.template import Template
from xlcity.xlsx.address import cell_name, parse_area
from xlcity.xlsx.cells import Position, ReadBook, resolve

#: (sheet, position)
Place = tuple[str, Position]

_INPUT_HELP = (
    "A column is unit|CODE (a value), CODE (a weight), a name such as par_limit, or Sheet!B5."
)
_OUTPUT_HELP = (
    "An output is CODE (scores and ranks of a node), score|CODE, rank|CODE, unit|CODE, a name of "
    "one cell, or Sheet!B5."
)


@dataclass(frozen=True, slots=True)
class Output:
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
        self._book, self._template = book, template
        self._units = self._rows = None
        if template is not None:
            self._units = {unit.id for unit in template.dataset.units}
            self._nodes = [plain_text(v) for v in book.block(template.area("out_nodes"))[0]]
            self._weights = self._weight_cells(template)

    def inputs(self, columns: Sequence[str], where: Where) -> dict[str, Place]:
        """Return the input cell of each column of a table.

        Raises
        ------
        UsageError
            Naming every column that means no input cell.
        """
        found, problems = {}, []
        taken: dict[Place, str] = {}
        for column in columns:
            place = self._input(column.strip())
            if isinstance(place, str):
                message = f"the column {column!r} is not an input: {place}."
                problems.append(Problem("XC107", message, _INPUT_HELP, where))
            elif place in taken:
                message = f"the columns {taken[place]!r} and {column!r} are one cell."
                problems.append(Problem("XC107", message, "Keep one of them.", where))
            else:
                found[column] = place
                taken[place] = column
        if problems:
            raise UsageError(problems)
        return found

    def outputs(self, words: Sequence[str]) -> list[Output]:
        """Return the cells that are wanted; without words, scores and ranks of the root.

        Raises
        ------
        UsageError
            Naming every word that means no cell.
        """
        if not words:
            if self._template is None:
                raise UsageError("this is not a template, so --outputs is required.", _OUTPUT_HELP)
            words = [self._template.framework.root.code]
        found: dict[Place, Output] = {}
        problems = []
        for word in words:
            more = self._output(word.strip())
            if isinstance(more, str):
                message = f"the output {word!r} is not a cell: {more}."
                problems.append(Problem("XC108", message, _OUTPUT_HELP, Where(self._book.file)))
                continue
            for output in more:
                found.setdefault(output.place, output)
        if problems:
            raise UsageError(problems)
        return list(found.values())

    def _input(self, word: str) -> Place | str:
        place = self._plain(word) or self._weight(word) or self._value(word)
        if place is None:
            return self._absent(word)
        if isinstance(place, str):
            return place
        sheet, position = place
        cell = self._book.sheets[sheet].cells.get(position)
        return "its cell holds a formula" if cell is not None and cell.computed else place

    def _output(self, word: str) -> list[Output] | str:
        place = self._plain(word)
        if isinstance(place, str):
            return place
        if place is not None:
            return [Output(word, place)]
        if self._template is None:
            return self._absent(word)
        first, bar, last = word.rpartition("|")
        if not bar:
            found = [*self._node("score", last), *self._node("rank", last)]
            return found or "no node has that code"
        if first in ("score", "rank"):
            return self._node(first, last) or "no node has that code"
        wanted = [o for o in self._node("score", last) if o.label.endswith(f"|{first}")]
        return wanted or "no node has that code, or no unit that id"

    def _absent(self, word: str) -> str:
        """Return what to say of a name that the workbook does not have."""
        if self._template is None or not word.casefold().startswith("par_"):
            return "nothing has that name"
        text = "no formula of this workbook reads that parameter"
        table = resolve(self._book, "xl_methods")
        cells = f"{cell_name(table.r1, table.c1)}:{cell_name(table.r2, table.c2)}"
        return f"{text}; those of each indicator are in {table.sheet}!{cells}"

    def _plain(self, word: str) -> Place | str | None:
        """Return the cell of ``Sheet!B5`` or of a defined name."""
        if (area := parse_area(word)) is None:
            names = {name.casefold(): name for name in self._book.names}
            if (name := names.get(word.casefold())) is None:
                return None
            area = parse_area(self._book.names[name])
        if area is None or area.rows * area.columns != 1:
            return "it is not one cell"
        if area.sheet not in self._book.sheets:
            return f"there is no sheet {area.sheet!r}"
        return area.sheet, (area.r1, area.c1)

    def _weight(self, word: str) -> Place | None:
        return None if self._template is None else self._weights.get(word)

    def _value(self, word: str) -> Place | str | None:
        unit, bar, code = word.partition("|")
        if self._template is None or not bar:
            return None
        template = self._template
        if code not in template.columns:
            return f"no indicator has the code {code!r}"
        if unit not in template.rows:
            return f"no unit on Data has the id {unit!r}"
        return template.area("in_data").sheet, (template.rows[unit], template.columns[code])

    @staticmethod
    def _weight_cells(template: Template) -> dict[str, Place]:
        reader = CellReader(template.book, template.file)
        area = resolve(template.book, "in_weights")
        table = resolve(template.book, "xl_framework")
        return {
            plain_text(record["code"][0]): (area.sheet, (table.r1 + down, area.c1))
            for down, record in enumerate(reader.records("xl_framework"), 1)
        }

    def _node(self, kind: str, code: str) -> list[Output]:
        """Return the scores or ranks of a node for all units."""
        template = self._template
        if template is None or code not in self._nodes:
            return []
        area = template.area("out_scores" if kind == "score" else "out_ranks")
        column = area.c1 + self._nodes.index(code)
        ids = [plain_text(row[0]) for row in self._book.block(template.area("out_units"))]
        return [
            Output(f"{kind}|{code}|{unit}", (area.sheet, (area.r1 + down, column)))
            for down, unit in enumerate(ids)
            if unit in (self._units or ())
        ]


#: A column of this name only tells the scenarios apart.
SCENARIO = "scenario"


def read_scenarios(
    table: FileTable, book: ReadBook, places: Mapping[str, Place]
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
        name, values = str(row + 1), {}
        for index, column in enumerate(table.header):
            raw = table.cell(row, index)
            if column == SCENARIO:
                name = as_text(raw) or name
                continue
            place = places.get(column)
            if place is None or not as_text(raw):
                continue
            value = _read(raw, column, book.value(place[0], *place[1]))
            if isinstance(value, Refusal):
                where = replace(table.where(row, index), indicator=column)
                problems.append(Problem(value.code, value.message, value.hint, where))
            else:
                values[place] = value
        names.append(name)
        scenarios.append(values)
    if problems:
        raise DataError(problems)
    return names, scenarios


def _read(raw: object, column: str, now: CellValue) -> CellValue | Refusal:
    read = read_value(raw)
    if isinstance(read, Refusal):
        return as_text(raw) if isinstance(now, str) else read
    if read.state == State.VALUE:
        return read.value
    if "|" in column or isinstance(now, str):
        return as_text(raw)
    return Refusal(
        "XC301", f"{as_text(raw)!r} is not a number.", "Give a number or leave it blank."
    )
