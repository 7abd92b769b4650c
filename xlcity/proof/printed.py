"""Inputs inside the rounding of printed tables, found by a linear programme.

A printed 9.38 says that the score is between 9.375 and 9.385. Where the levels above are weighted
means, a linear programme chooses all scores at once, so that every printed number and every printed
order comes out. A row without a solution has a misprint.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xlcity.errors import DataError, Where, did_you_mean
from xlcity.model.dataset import FloatArray
from xlcity.model.framework import Framework
from xlcity.model.reading.tables import FileTable, parse_float, read_csv
from xlcity.model.recipe import Recipe
from xlcity.proof.normalised import RawScale, raw_scale

#: Names of the column of cities in a printed table, the likeliest first.
_UNIT_COLUMNS = ("unit", "city_id", "city", "id", "name_zh", "name_en")
_RANK_COLUMN = "rank"
#: Order of printed scores: how much more a city has than the next one, in units of the last digit.
_STEP = 0.01
#: Distance from a node's print that no solver's tolerance explains, in units of the last digit.
_MISPRINT = 1e-4
#: Decimals of inputs beyond those of the printed scores.
_MORE_DECIMALS = 4
#: The share of the largest margin that the inputs keep.
_KEPT_MARGIN = 0.5
#: What printed tables have where there is no number.
_NO_NUMBER = ("", "-", "–", "—", "NA", "N/A")
#: What stands before or behind the rank that several cities share, such as 2= or =2.
_TIE_SIGNS = "=＝*并列 "
_MAPPING = "published_columns.csv"
_MAPPED = ("file", "column", "node")


class PrintedScore(NamedTuple):
    """A printed score: its value, and half a unit of its last digit."""

    value: float
    half: float


@dataclass(frozen=True)
class PrintedScores:
    """Scores as printed tables have them.

    Attributes
    ----------
    units
        The cities.
    scores
        (City, node) -> its printed score.
    orders
        Node -> cities in the order of the table that ranks them by it, those of one rank together.
    tables
        Names of the tables that take part.
    """

    units: tuple[str, ...]
    scores: Mapping[tuple[str, str], PrintedScore]
    orders: Mapping[str, tuple[tuple[str, ...], ...]]
    tables: tuple[str, ...]

    @property
    def nodes(self) -> set[str]:
        """The nodes that are printed."""
        return {node for _, node in self.scores}


class ImpossiblePrint(NamedTuple):
    """A printed score that no inputs inside the rounding of the others give."""

    unit: str
    node: str
    printed: float
    computed: float


class InputRange(NamedTuple):
    """Between which bounds an input may be, by the row of its city alone."""

    unit: str
    code: str
    low: float
    high: float


@dataclass(frozen=True)
class ChosenInputs:
    """Inputs that give the printed tables.

    Attributes
    ----------
    codes
        The columns: indicators, or nodes that stand in for those below.
    values
        (cities, codes) inputs.
    misprints
        Scores that cannot be.
    ranges
        The bounds of each input.
    margin
        How far all scores are from the ends of their rounding, at least, as a share of it.
    given
        Nodes whose scores are inputs, since what is below them cannot be chosen linearly.
    """

    units: tuple[str, ...]
    codes: tuple[str, ...]
    values: FloatArray
    misprints: tuple[ImpossiblePrint, ...]
    ranges: tuple[InputRange, ...]
    margin: float
    given: tuple[str, ...] = ()
    tables: tuple[str, ...] = field(default=())

    @property
    def rows(self) -> list[list[str]]:
        """The data as a table, the header first."""
        rows = [["unit", *self.codes, "basis"]]
        for unit, values in zip(self.units, self.values.tolist(), strict=True):
            rows.append([unit, *(f"{value:.12g}" for value in values), "derived"])
        return rows


def read_printed(folder: Path, framework: Framework) -> PrintedScores:
    """Read printed tables: `published/*.csv`, with `published_columns.csv` for their columns.

    Without that file a column is called by the code of its node.

    Raises
    ------
    DataError
        If no table has a column of cities and one of a node, or `published_columns.csv` names a
        table, a column or a node that is not there.
    """
    home = folder / "published"
    home = home if home.is_dir() else folder
    paths = {path.stem: path for path in sorted(home.glob("*.csv"))}
    node_of = _node_columns(folder, paths, framework)
    reader = _PrintReader()
    for name in node_of or paths:
        table = _PrintedTable(read_csv(paths[name]))
        nodes = node_of.get(name) or table.columns_by_code(framework)
        reader.read(name, table, nodes)
    if not reader.scores:
        raise DataError.of("XC360.no_tables", Where(file=str(folder)))
    return reader.printed()


class _PrintedTable:
    """The cells of a printed table by heading."""

    def __init__(self, table: FileTable) -> None:
        self.table = table
        self.column_of = {name: at for at, name in enumerate(table.header) if name}

    @property
    def unit_column(self) -> str:
        """The column of cities, "" for none."""
        return next((name for name in _UNIT_COLUMNS if name in self.column_of), "")

    def columns_by_code(self, framework: Framework) -> dict[str, str]:
        """Return the columns that are called by a node."""
        return {name: name for name in self.column_of if name in framework}

    def texts(self, heading: str) -> list[str]:
        """Return the texts of a column.

        Raises
        ------
        DataError
            If there is no such column.
        """
        if heading not in self.column_of:
            hint = did_you_mean(heading, self.column_of)
            where = self.table.where()
            raise DataError.of("XC360.no_column", where, hint=hint, column=heading)
        return self.table.texts(self.column_of[heading])

    def numbers(self, heading: str) -> list[float | None]:
        """Return the numbers of a column, None where there is none.

        Raises
        ------
        DataError
            If there is no such column, or something else than a number in it.
        """
        texts = enumerate(self.texts(heading))
        return [self._number(heading, row, text) for row, text in texts]

    def _number(self, heading: str, row: int, text: str) -> float | None:
        if text in _NO_NUMBER:
            return None
        is_rank = heading == _RANK_COLUMN
        number = parse_float(text.strip(_TIE_SIGNS) if is_rank else text)
        if number is None or not math.isfinite(number):
            where = self.table.where(row, self.column_of[heading])
            values = {"column": heading, "text": text}
            raise DataError.of("XC360.no_number", where, **values)
        return number

    def by_rank(self) -> list[tuple[int, ...]]:
        """Return the rows that have a rank, in the order of their ranks, equal ones together."""
        rows: defaultdict[float, list[int]] = defaultdict(list)
        for row, rank in enumerate(self.numbers(_RANK_COLUMN)):
            if rank is not None:
                rows[rank].append(row)
        return [tuple(rows[rank]) for rank in sorted(rows)]

    def ranked_by(self, nodes: Mapping[str, str]) -> str:
        """Return the node whose scores fall down the table by its ranks, "" for none."""
        if _RANK_COLUMN not in self.column_of:
            return ""
        order = [*chain.from_iterable(self.by_rank())]
        for column, node in reversed([*nodes.items()]):
            scores = np.array(self.numbers(column), dtype=float)[order]
            if (np.diff(scores) > 0).sum() <= 0.02 * len(scores):
                return node
        return ""


class _PrintReader:
    """Collects the scores and orders of tables."""

    def __init__(self) -> None:
        self.units: dict[str, None] = {}
        self.scores: dict[tuple[str, str], PrintedScore] = {}
        self.orders: dict[str, tuple[tuple[str, ...], ...]] = {}
        self.tables: list[str] = []

    def read(self, name: str, table: _PrintedTable, nodes: Mapping[str, str]) -> None:
        """Add a table; one without cities or nodes is left out."""
        if not nodes or not table.unit_column:
            return
        self.tables.append(name)
        units = table.texts(table.unit_column)
        self.units.update(dict.fromkeys(filter(None, units)))
        for column, node in nodes.items():
            half = _half_digit(table.texts(column))
            for unit, number in zip(units, table.numbers(column), strict=True):
                if unit and number is not None:
                    self.scores[unit, node] = PrintedScore(number, half)
        if ranked := table.ranked_by(nodes):
            rungs = (map(units.__getitem__, rows) for rows in table.by_rank())
            self.orders[ranked] = tuple(map(tuple, rungs))

    def printed(self) -> PrintedScores:
        """Return what was read."""
        tables = tuple(self.tables)
        return PrintedScores(tuple(self.units), self.scores, self.orders, tables)


def _node_columns(
    folder: Path, names: Collection[str], framework: Framework
) -> dict[str, dict[str, str]]:
    """Return table -> column -> node, as `published_columns.csv` says; nothing without it."""
    path = folder / _MAPPING
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    if not path.is_file():
        return {}
    table = _PrintedTable(read_csv(path))
    codes = [node.code for node in framework.nodes]
    rows = zip(*map(table.texts, _MAPPED), strict=True)
    for row, (file, column, node) in enumerate(rows):
        where = table.table.where(row)
        if file not in names:
            hint = did_you_mean(file, names)
            raise DataError.of("XC360.no_file", where, hint=hint, file=file)
        if node not in codes:
            hint = did_you_mean(node, codes)
            raise DataError.of("XC360.no_node", where, hint=hint, node=node)
        found[file][column] = node
    return dict(found)


def _half_digit(texts: Sequence[str]) -> float:
    """Return half a unit of the last digit that most numbers of a column have."""
    numbers = [text for text in texts if text not in _NO_NUMBER]
    decimals = Counter(len(text.partition(".")[2]) for text in numbers)
    return 0.5 * 10.0 ** -decimals.most_common(1)[0][0] if numbers else 0.5


def choose_inputs(
    framework: Framework, recipe: Recipe, printed: PrintedScores
) -> ChosenInputs:
    """Return inputs from which the printed tables follow.

    Raises
    ------
    DataError
        If nothing above the inputs is printed, or no inputs give the tables.
    """
    return _Programme(framework, recipe, printed).solve()


class _Programme:
    """The linear programme of one index."""

    def __init__(
        self, framework: Framework, recipe: Recipe, printed: PrintedScores
    ) -> None:
        self.framework = framework
        self.recipe = recipe
        self.printed = printed
        self.leaves = [*self._lowest(framework.root.code)]
        self.column = {leaf: number for number, leaf in enumerate(self.leaves)}
        codes = [node.code for node in framework.composites]
        self.nodes = [code for code in codes if self._is_above(code)]
        self.units = [u for u in printed.units if self._is_complete(u)]
        self.row = {unit: number for number, unit in enumerate(self.units)}
        self.dropped: set[tuple[str, str]] = set()

    def _lowest(self, code: str) -> Iterator[str]:
        """Yield the lowest printed nodes that a node is made of; none if one of them is not."""
        children = [child for child in self.framework.children(code) if child.weight]
        below = [[*self._lowest(child.code)] for child in children]
        if children and all(below):
            yield from chain.from_iterable(below)
        elif code in self.printed.nodes:
            yield code

    def _is_above(self, code: str) -> bool:
        """Tell whether a printed node is a mean of the lowest ones."""
        is_lowest = code in self.column
        is_printed = code in self.printed.nodes
        return is_printed and not is_lowest and {*self._lowest(code)} <= {*self.leaves}

    def _is_complete(self, unit: str) -> bool:
        return all((unit, leaf) in self.printed.scores for leaf in self.leaves)

    @cached_property
    def weights(self) -> dict[str, FloatArray]:
        """Printed node above the lowest ones -> its weights of these."""
        return {node: self._weights_of(node) for node in self.nodes}

    def _weights_of(self, code: str) -> FloatArray:
        found = np.zeros(len(self.leaves))
        if code in self.column:
            found[self.column[code]] = 1.0
            return found
        children = self.framework.children(code)
        total = sum(child.weight for child in children)
        for child in children:
            found += child.weight / total * self._weights_of(child.code)
        return found

    @cached_property
    def scales(self) -> dict[str, RawScale | None]:
        """Lowest node -> how its scores become inputs; None where the node's own value is one."""
        return {
            leaf: raw_scale(self.framework, self.recipe, leaf, self._column_of(leaf))
            for leaf in self.leaves
        }

    def _column_of(self, leaf: str) -> FloatArray:
        scores = (self.printed.scores[unit, leaf] for unit in self.units)
        return np.array([score.value for score in scores])

    def bounds(self, unit: str) -> list[tuple[float, float]]:
        """Return between which numbers the scores of a city are."""
        found = []
        for leaf in self.leaves:
            value, half = self.printed.scores[unit, leaf]
            scale = self.scales[leaf]
            fixed = None if scale is None else scale.fixed(value, half)
            if fixed is None:
                found.append((value - half, value + half))
            else:
                found.append((fixed, fixed))
        return found

    def solve(self) -> ChosenInputs:
        """Return the inputs: rows alone first, then all together."""
        if not any(any(self._own_rows(unit)) for unit in self.units):
            raise DataError.of("XC360.nothing_above")
        self.dropped |= {*self._find_impossible()}
        margin = self._largest_margin()
        scores = self._nearest(_KEPT_MARGIN * margin)
        codes = [scale.code if scale else leaf for leaf, scale in self.scales.items()]
        values = np.empty(scores.shape)
        for number, scale in enumerate(self.scales.values()):
            made = scores[:, number] if scale is None else scale.raw(scores[:, number])
            values[:, number] = np.round(made, self._decimals(number, scale))
        given = [leaf for leaf, scale in self.scales.items() if scale is None]
        return ChosenInputs(
            tuple(self.units),
            tuple(codes),
            values,
            misprints=tuple(self._misprints(scores)),
            ranges=tuple(self._ranges()),
            margin=margin,
            given=tuple(given),
            tables=self.printed.tables,
        )

    def _decimals(self, number: int, scale: RawScale | None) -> int:
        """Return the decimals of an input, so many that the margin survives."""
        half = self.printed.scores[self.units[0], self.leaves[number]].half
        unit = 2 * half * (1.0 if scale is None else abs(scale.factor))
        return round(-math.log10(unit)) + _MORE_DECIMALS

    def _own_rows(self, unit: str) -> Iterator[tuple[str, PrintedScore]]:
        """Yield each node of a city that takes part, with its print."""
        for node in self.nodes:
            printed = self.printed.scores.get((unit, node))
            if printed is not None and (unit, node) not in self.dropped:
                yield node, printed

    def _find_impossible(self) -> Iterator[tuple[str, str]]:
        """Yield the cities and nodes that nothing inside the rounding gives.

        The nodes above them follow from what is printed below, and go with them.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix, hstack

        builder = self._rows_of_cities()
        prints: list[tuple[str, str, PrintedScore]] = []
        for unit in self.units:
            prints += [(unit, *row) for row in self._own_rows(unit)]
        # Each print has two rows, which one slack loosens.
        slack = np.repeat(-np.eye(len(prints)), 2, axis=0)
        of_scores = np.zeros(builder.width)
        cost = np.concatenate([of_scores, np.ones(len(prints))])
        bounds = [*self._all_bounds(), *[(0, None)] * len(prints)]
        whole = hstack([builder.matrix, csr_matrix(slack)])
        found = linprog(cost, whole, builder.limits, bounds=bounds)
        excesses = found.x[builder.width :].tolist()
        for (unit, node, printed), excess in zip(prints, excesses, strict=True):
            if excess > _MISPRINT * printed.half:
                path = (above.code for above in self.framework.path(node))
                printed_above = ((unit, code) for code in path if code in self.weights)
                yield from filter(self.printed.scores.__contains__, printed_above)

    def _rows_of_cities(self, *, sound: bool = False) -> _Rows:
        """Return the rows of all printed nodes, city by city.

        With `sound` those of cities with a misprint are left out.
        """
        width = len(self.leaves)
        builder = _Rows(len(self.units) * width)
        faulty = {unit for unit, _ in self.dropped} if sound else set()
        for unit, row in self.row.items():
            if unit in faulty:
                continue
            for node, printed in self._own_rows(unit):
                weights = enumerate(self.weights[node], row * width)
                terms = {number: weight for number, weight in weights if weight}
                opposite = {number: -weight for number, weight in terms.items()}
                half = printed.half
                builder.add(terms, printed.value + half, half)
                builder.add(opposite, half - printed.value, half)
        return builder

    def _system(self) -> _Rows:
        """Return the rows of all prints and all orders."""
        builder = self._rows_of_cities()
        width = len(self.leaves)
        for unit, row in self.row.items():
            for number, (low, high) in enumerate(self.bounds(unit), row * width):
                if low < high:
                    half = (high - low) / 2
                    builder.add({number: 1.0}, high, half)
                    builder.add({number: -1.0}, -low, half)
        for node, order in self.printed.orders.items():
            self._add_order(builder, node, order)
        return builder

    def _add_order(
        self, builder: _Rows, node: str, order: Sequence[Sequence[str]]
    ) -> None:
        """Add that each city has more than those of the next rank of a table."""
        weights = self._weights_of(node)
        width = len(self.leaves)
        known = partial(self._is_placed, node)
        placed = (tuple(filter(known, cities)) for cities in order)
        steps = (product(*pair) for pair in pairwise(filter(None, placed)))
        for city, following in chain.from_iterable(steps):
            step = 2 * _STEP * self.printed.scores[city, node].half
            terms = {}
            for number, weight in enumerate(weights):
                if weight:
                    terms[self.row[city] * width + number] = -weight
                    terms[self.row[following] * width + number] = weight
            builder.add(terms, -step, 0.0)

    def _is_placed(self, node: str, unit: str) -> bool:
        """Tell whether a city takes part in the order by a node."""
        key = unit, node
        is_printed = key in self.printed.scores and key not in self.dropped
        return unit in self.row and is_printed

    def _all_bounds(self) -> list[tuple[float | None, float | None]]:
        bounds: list[tuple[float | None, float | None]] = []
        for unit in self.units:
            bounds += self.bounds(unit)
        return bounds

    def _largest_margin(self) -> float:
        """Return how far scores can be from the ends of their rounding, as a share of it."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix, hstack

        system = self._system()
        margins = np.array(system.margins)
        whole = hstack([system.matrix, csr_matrix(margins[:, None])])
        cost = np.zeros(whole.shape[1])
        cost[-1] = -1.0
        found = linprog(
            cost, whole, system.limits, bounds=[*self._all_bounds(), (0, 1)]
        )
        if found.status != 0:
            raise DataError.of("XC360.no_solution")
        return float(found.x[-1])

    def _nearest(self, margin: float) -> FloatArray:
        """Return (cities, lowest nodes) scores with a margin, as near to print as they can be."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix, eye, hstack, vstack

        system = self._system()
        matrix = system.matrix
        limits = np.array(system.limits) - margin * np.array(system.margins)
        count = matrix.shape[1]
        printed = np.concatenate([self._row_of(unit) for unit in self.units])
        nothing = csr_matrix(matrix.shape)
        distance = vstack(
            [
                hstack([matrix, nothing]),
                hstack([eye(count), -eye(count)]),
                hstack([-eye(count), -eye(count)]),
            ]
        )
        whole = np.concatenate([limits, printed, -printed])
        cost = np.concatenate([np.zeros(count), np.ones(count)])
        bounds = [*self._all_bounds(), *[(0, None)] * count]
        found = linprog(cost, distance, whole, bounds=bounds)
        if found.status != 0:
            raise DataError.of("XC360.no_solution")
        scores: FloatArray = found.x[:count].reshape(len(self.units), -1)
        return scores

    def _row_of(self, unit: str) -> FloatArray:
        """Return the printed scores of a city, exact ones where they are known."""
        values = [self.printed.scores[unit, leaf].value for leaf in self.leaves]
        exact = [low if low == high else None for low, high in self.bounds(unit)]
        pairs = zip(values, exact, strict=True)
        return np.array([value if own is None else own for value, own in pairs])

    def _misprints(self, scores: FloatArray) -> Iterator[ImpossiblePrint]:
        for unit, node in sorted(self.dropped):
            computed = float(self.weights[node] @ scores[self.row[unit]])
            printed = self.printed.scores[unit, node]
            yield ImpossiblePrint(unit, node, printed.value, computed)

    def _ranges(self) -> Iterator[InputRange]:
        """Yield between which numbers each input may be, order between cities not counted."""
        columns = range(len(self.leaves))
        low = [self._ends(number, 1.0) for number in columns]
        high = [self._ends(number, -1.0) for number in columns]
        for unit, row in self.row.items():
            for number, (leaf, scale) in enumerate(self.scales.items()):
                scores = (low[number][row], high[number][row])
                code = leaf if scale is None else scale.code
                raws = scores if scale is None else map(scale.raw, scores)
                yield InputRange(unit, code, *(float(f"{raw:.9g}") for raw in raws))

    def _ends(self, number: int, sign: float) -> FloatArray:
        """Return the least (1) or the greatest (-1) score of each city in one column.

        Rows do not depend on each other: their sum is least where each is.
        """
        from scipy.optimize import linprog

        builder = self._rows_of_cities(sound=True)
        cost = np.zeros((len(self.units), len(self.leaves)))
        cost[:, number] = sign
        bounds = self._all_bounds()
        found = linprog(cost.ravel(), builder.matrix, builder.limits, bounds=bounds)
        ends: FloatArray = found.x.reshape(cost.shape)[:, number]
        return ends


class _Rows:
    """Rows of a sparse matrix, with their limits and the share of the margin in them."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.numbers: list[float] = []
        self.limits: list[float] = []
        self.margins: list[float] = []

    def add(self, terms: Mapping[int, float], limit: float, margin: float) -> None:
        """Add a row: the sum of terms plus the margin's share is at most the limit."""
        row = len(self.limits)
        self.rows += [row] * len(terms)
        self.columns += terms.keys()
        self.numbers += terms.values()
        self.limits.append(limit)
        self.margins.append(margin)

    @property
    def matrix(self) -> Any:
        """The rows as a sparse matrix."""
        from scipy.sparse import csr_matrix

        shape = (len(self.limits), self.width)
        return csr_matrix((self.numbers, (self.rows, self.columns)), shape=shape)
