"""What was understood, as framework, recipe and data: as `new` takes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from xlcity.adoption.cells import unit_in, without_unit
from xlcity.adoption.flat_framework import code_of, name_field
from xlcity.errors import CellValue
from xlcity.methods.normalise.none import NONE
from xlcity.methods.rank import COMPETITION
from xlcity.methods.record import ParameterValue
from xlcity.methods.registry import METHODS
from xlcity.methods.rescale.linear import LINEAR
from xlcity.model.dataset import Dataset, FloatArray
from xlcity.model.framework import Framework
from xlcity.model.panel import read_latest
from xlcity.model.reading.tables import FileTable
from xlcity.model.recipe import Recipe, Step
from xlcity.model.recipe_toml import recipe_lines
from xlcity.proof.cities import CitySeries
from xlcity.proof.columns import Slip, TeamColumns
from xlcity.proof.cores import MethodFit
from xlcity.proof.meanings import Child, Made, Meaning, Scored, TreeNode

_HEADER = ("code", "parent", "weight", "direction", "uom", "type", "denominator")
#: What a city without a value has in the data.
_MISSING = "NA"
#: A year in a heading.
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)年?")
#: Decimals of scores to rank by.
_RANK_DIGITS = 9


@dataclass(frozen=True)
class Placed:
    """A part of the tree with its code.

    Attributes
    ----------
    code, parent
        Its code and that of the node above it.
    meaning
        What it is.
    weight
        Its weight among the parts of its parent.
    """

    code: str
    parent: str
    meaning: Meaning
    weight: float


@dataclass(frozen=True)
class IndexTables:
    """Framework, recipe and data of an index that was read.

    Attributes
    ----------
    framework_rows, data_rows
        The tables as `framework.csv` and `data.csv` have them, the header first.
    recipe
        The recipe.
    placed
        All nodes and indicators, each parent before its parts.
    data_series
        Code of a column of data -> the series that it is.
    """

    framework_rows: list[list[str]]
    data_rows: list[list[str]]
    recipe: Recipe
    placed: tuple[Placed, ...]
    data_series: Mapping[str, CitySeries]
    framework: Framework = field(repr=False)
    file: str = ""

    def dataset(self, values: Mapping[CitySeries, FloatArray] | None = None) -> Dataset:
        """Return the data as read; with other numbers in some series if they are given."""
        rows = [[*row] for row in self.data_rows[1:]]
        for column, code in enumerate(self.data_rows[0]):
            numbers = (values or {}).get(self.data_series.get(code))  # type: ignore[arg-type]
            if numbers is None:
                continue
            for row, number in zip(rows, numbers.tolist(), strict=True):
                row[column] = _MISSING if np.isnan(number) else repr(number)
        table = _file_table(self.file, [self.data_rows[0], *rows])
        return read_latest(table, self.framework, self.recipe)[0]

    @property
    def recipe_text(self) -> str:
        """The recipe as TOML."""
        return "\n".join([*recipe_lines(self.recipe), ""])


def index_tables(
    columns: TeamColumns,
    root: TreeNode,
    title: str,
    ties: str,
    kept: Sequence[Slip] = (),
) -> IndexTables:
    """Return framework, recipe and data of a tree whose ranks have such ties.

    `kept` are cells that break their column's pattern and are meant so: the node that has them, or
    the one above, has a value of its own for their city.
    """
    writer = _Writer(columns, title, ties)
    writer.add(root)
    for slip in kept:
        writer.keep(slip)
    file = columns.cells.book.file or ""
    framework = Framework.from_table(_file_table(file, writer.framework_rows()))
    return IndexTables(
        framework_rows=writer.framework_rows(),
        data_rows=writer.data_rows(),
        recipe=writer.recipe(),
        placed=tuple(writer.placed),
        data_series=writer.data_series,
        framework=framework,
        file=file,
    )


def is_of_whole_column(columns: TeamColumns, slip: Slip) -> bool:
    """Tell whether the cell has what its column has: all its cells are off alike."""
    if slip.series is None:
        return False
    column = columns[slip.series]
    found = columns.cities.city_cells.get(slip.place)
    own = None if found is None else column.forms.get(found.city)
    return (
        own is not None and column.pattern is not None and own.key == column.pattern.key
    )


def can_stay(columns: TeamColumns, tables: IndexTables, slip: Slip) -> bool:
    """Tell whether a recipe can leave a cell as it stands: a value of its own for a city."""
    if slip.series is None or is_of_whole_column(columns, slip):
        return False
    return any(placed.meaning.series == slip.series for placed in tables.placed)


def nodes_of_slip(
    columns: TeamColumns, placed: Sequence[Placed], slip: Slip
) -> Iterator[tuple[Placed, int]]:
    """Yield the nodes that a kept cell gives a value of their own, and for which city.

    It is the node that has the cell, or the one above an indicator.
    """
    cell = columns.cities.city_cells.get(slip.place)
    if cell is None:
        return
    for one in placed:
        if one.meaning.series != cell.series:
            continue
        if isinstance(one.meaning, TreeNode):
            yield one, cell.city
        else:
            yield next(p for p in placed if p.code == one.parent), cell.city


def _without_year(heading: str) -> str:
    """Return a heading without the year in it, so that next year's column has the same code.

    >>> _without_year("Total 2024"), _without_year("2025年总分"), _without_year("2024")
    ('Total', '总分', '2024')
    """
    return _YEAR.sub("", heading).strip() or heading


def _file_table(file: str, rows: Sequence[Sequence[str]]) -> FileTable:
    """Return rows of texts, the header first, as a table."""
    header, *others = rows
    numbers = tuple(range(2, len(others) + 2))
    return FileTable(
        file,
        None,
        header=tuple(header),
        rows=tuple(map(tuple, others)),
        numbers=numbers,
    )


class _Writer:
    """Gives codes to the parts of a tree, and collects rows and steps."""

    def __init__(self, columns: TeamColumns, title: str, ties: str) -> None:
        self.columns = columns
        self.title = title
        self.ties = ties
        self.placed: list[Placed] = []
        self.data_series: dict[str, CitySeries] = {}
        self._codes: set[str] = {"unit"}
        self._denominators: dict[CitySeries, str] = {}
        self._divided: dict[str, Made] = {}
        #: Node -> city -> the value that stands in for its mean.
        self._own_values: dict[str, dict[int, float]] = {}

    def add(self, root: TreeNode) -> None:
        """Add a tree, each parent before its parts."""
        waiting = [("", Child(root, 1.0))]
        while waiting:
            parent, child = waiting.pop(0)
            code = self._new_code(self._heading(child.meaning))
            self.placed.append(Placed(code, parent, child.meaning, child.weight))
            if isinstance(child.meaning, TreeNode):
                waiting += [(code, part) for part in child.meaning.children]
            else:
                self._add_data(code, child.meaning)

    def keep(self, slip: Slip) -> None:
        """Give a node a value of its own where a cell is meant as it is."""
        for node, city in nodes_of_slip(self.columns, self.placed, slip):
            value = self._aggregate(node.meaning, city)
            self._own_values.setdefault(node.code, {})[city] = value

    def _aggregate(self, node: Meaning, city: int) -> float:
        """Return the value of a node before it is rescaled, as the workbook has it."""
        assert isinstance(node, TreeNode)
        value = float(self.columns.stored(node.series)[city])
        if node.rescale is None:
            return value
        params = node.rescale.params
        if node.rescale.method == LINEAR.name:
            return (value - params["shift"]) / params["factor"]
        pattern = self.columns[node.series].pattern
        assert pattern is not None  # a node is computed
        below = self.columns.inputs(pattern).series[0]
        return float(self.columns.stored(below)[city])

    def _heading(self, meaning: Meaning) -> str:
        """Return what a part is called: an indicator as its values are."""
        series = meaning.base if isinstance(meaning, Scored) else meaning.series
        return self.columns[series].heading or self.columns[meaning.series].heading

    def _new_code(self, heading: str) -> str:
        """Return a code that no other part has."""
        base = code_of(_without_year(without_unit(heading))) or "X"
        code = base
        number = 2
        while code.casefold() in self._codes:
            code = f"{base}_{number}"
            number += 1
        self._codes.add(code.casefold())
        return code

    def _add_data(self, code: str, meaning: Meaning) -> None:
        """Note the column of data of an indicator, and what it is divided by."""
        series = meaning.base if isinstance(meaning, Scored) else meaning.series
        made = self._made(series)
        if made is None:
            self.data_series[code] = series
            return
        self.data_series[code] = made.numerator
        self._divided[code] = made
        if made.denominator not in self._denominators:
            heading = self.columns[made.denominator].heading
            divisor = self._new_code(heading)
            self._denominators[made.denominator] = divisor
            self.data_series[divisor] = made.denominator

    def _made(self, series: CitySeries) -> Made | None:
        """Return how values are made, if the step *denominate* can make them."""
        made = self.columns.made.get(series)
        if made is None or made.constant or made.years > 1:
            return None
        parts = (made.numerator, made.denominator)
        is_typed = all(self.columns[part].is_typed for part in parts)
        return made if is_typed else None

    def framework_rows(self) -> list[list[str]]:
        """Return the rows of the framework, the header first."""
        headings = [self._heading(one.meaning) for one in self.placed]
        name = name_field("".join(headings))
        rows = [[*_HEADER, name]]
        for one, heading in zip(self.placed, headings, strict=True):
            made = self._divided.get(one.code)
            rows.append(
                [
                    one.code,
                    one.parent,
                    f"{one.weight:.15g}" if one.parent else "",
                    str(_direction(one.meaning)),
                    unit_in(heading),
                    "",
                    "" if made is None else self._denominators[made.denominator],
                    without_unit(heading) or self.title,
                ]
            )
        for series, code in self._denominators.items():
            heading = self.columns[series].heading
            uom = unit_in(heading)
            blank = ["", "", ""]
            rows.append(
                [code, *blank, uom, "denominator", "", without_unit(heading) or code]
            )
        return rows

    def data_rows(self) -> list[list[str]]:
        """Return the rows of data, the header first."""
        codes = [*self.data_series]
        rows = [["unit", *codes, *self._own_values]]
        cities = self.columns.cities
        places = {code: cities.cells(self.data_series[code]) for code in codes}
        for number, name in enumerate(cities.names):
            cells = [places[code].get(number) for code in codes]
            values = [None if p is None else self.columns.cells.value(p) for p in cells]
            own = [given.get(number) for given in self._own_values.values()]
            rows.append([name, *map(_data_text, (*values, *own))])
        return rows

    # -- the recipe ------------------------------------------------------------------------------
    def recipe(self) -> Recipe:
        """Return the recipe: one step for all parts that are treated alike."""
        steps = [
            *self._denominating(),
            *self._treating(),
            *self._normalising(),
            *self._aggregating(),
            *self._rescaling(),
            Step("rank", COMPETITION.name, self._ranking()),
        ]
        return Recipe("adopted", tuple(steps), weights="relative", blank="missing")

    def _ranking(self) -> dict[str, ParameterValue]:
        digits: dict[str, ParameterValue] = {"digits": float(_RANK_DIGITS)}
        return digits if self.ties == "min" else {**digits, "ties": self.ties}

    def _denominating(self) -> Iterator[Step]:
        by_scale: defaultdict[tuple[CitySeries, float], list[str]] = defaultdict(list)
        for code, made in self._divided.items():
            by_scale[made.denominator, made.times].append(code)
        for (series, times), codes in by_scale.items():
            divisor = self._denominators[series]
            params: dict[str, ParameterValue] = {
                "denominator": divisor,
                "scale": times,
            }
            yield Step("denominate", "by", params, tuple(codes))

    def _fits(self) -> Iterator[tuple[str, MethodFit]]:
        for one in self.placed:
            meaning = one.meaning
            if isinstance(meaning, Scored):
                yield one.code, meaning.fit
            elif not isinstance(meaning, TreeNode):
                yield one.code, MethodFit(NONE.name)

    def _treating(self) -> Iterator[Step]:
        treated = (
            (code, fit.treat, fit.treat_params)
            for code, fit in self._fits()
            if fit.treat
        )
        yield from _joined_steps("treat", treated)

    def _normalising(self) -> Iterator[Step]:
        fits = ((code, fit.method, fit.params) for code, fit in self._fits())
        yield from _joined_steps("normalise", fits)

    def _nodes(self) -> Iterator[tuple[str, TreeNode]]:
        for one in self.placed:
            if isinstance(one.meaning, TreeNode):
                yield one.code, one.meaning

    def _aggregating(self) -> Iterator[Step]:
        is_rescaled = any(node.rescale is not None for _, node in self._nodes())
        children = {"children": "scores"} if is_rescaled else {}
        wanted = [
            (code, node.method, {**node.params, "missing": node.missing, **children})
            for code, node in self._nodes()
        ]
        yield from _joined_steps("aggregate", wanted)

    def _rescaling(self) -> Iterator[Step]:
        rescaled = (
            (code, node.rescale.method, node.rescale.params)
            for code, node in self._nodes()
            if node.rescale is not None
        )
        yield from _joined_steps("rescale", rescaled)


def _joined_steps(
    do: str, wanted: Iterable[tuple[str, str, Mapping[str, ParameterValue]]]
) -> Iterator[Step]:
    """Yield a step for all codes with one method and the same parameters."""
    codes: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    params_of: dict[tuple[str, str], Mapping[str, ParameterValue]] = {}
    for code, method, params in wanted:
        names = METHODS[do][method].names
        known = {name: value for name, value in params.items() if name in names}
        key = method, repr(sorted(known.items()))
        codes[key].append(code)
        params_of[key] = known
    for key, named in codes.items():
        yield Step(do, key[0], params_of[key], tuple(named))


def _direction(meaning: Meaning) -> int:
    return meaning.fit.direction if isinstance(meaning, Scored) else 1


def _data_text(value: CellValue) -> str:
    """Return a cell as the data have it: what is no number is missing."""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if value in (None, ""):
        return ""
    return _MISSING
