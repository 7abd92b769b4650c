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
from functools import partial
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


class _Rows(NamedTuple):
    """Sums of scores that are between limits: a sparse matrix of weights, and numbers per row."""

    weights: Any
    values: FloatArray
    halves: FloatArray

    @property
    def limits(self) -> list[FloatArray]:
        """The upper limits of the sums, and of the sums times -1."""
        return [self.values + self.halves, self.halves - self.values]


class _Programme:
    """The linear programme of one index.

    Its variables are the scores of the lowest printed nodes, city by city.
    """

    def __init__(
        self, framework: Framework, recipe: Recipe, printed: PrintedScores
    ) -> None:
        self.framework = framework
        self.printed = printed
        self.leaves = [*self._lowest(framework.root.code)]
        self.units = [u for u in printed.units if self._is_complete(u)]
        self.row = {unit: number for number, unit in enumerate(self.units)}
        self.weights = {
            node.code: self._weights_of(node.code)
            for node in framework.composites
            if self._is_above(node.code)
        }
        self.dropped: set[tuple[str, str]] = set()
        self.values, self.halves = self._leaf_prints()
        #: Lowest node -> how its scores become inputs; None where its own value is one.
        self.scales = {
            leaf: raw_scale(framework, recipe, leaf, column)
            for leaf, column in zip(self.leaves, self.values.T, strict=True)
        }
        self._fix_scores()

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
        is_own = code in self.printed.nodes and code not in self.leaves
        return is_own and {*self._lowest(code)} <= {*self.leaves}

    def _is_complete(self, unit: str) -> bool:
        return all((unit, leaf) in self.printed.scores for leaf in self.leaves)

    def _weights_of(self, code: str) -> FloatArray:
        """Return the weights that a node gives the lowest ones."""
        if code in self.leaves:
            return np.equal(self.leaves, code).astype(float)
        children = self.framework.children(code)
        total = sum(child.weight for child in children)
        found = np.zeros(len(self.leaves))
        for child in children:
            found += child.weight / total * self._weights_of(child.code)
        return found

    def _leaf_prints(self) -> tuple[FloatArray, FloatArray]:
        """Return (cities, lowest nodes) printed scores, and half a unit of their last digits."""
        pairs = product(self.units, self.leaves)
        prints = np.array([self.printed.scores[pair] for pair in pairs])
        shape = len(self.units), len(self.leaves), 2
        values, halves = np.moveaxis(prints.reshape(shape), 2, 0)
        return values.copy(), halves.copy()

    def _fix_scores(self) -> None:
        """Put exact scores in place of prints where the scale of an input tells them."""
        for column, scale in enumerate(self.scales.values()):
            for row, value in enumerate(self.values[:, column].tolist()):
                half = float(self.halves[row, column])
                fixed = None if scale is None else scale.fixed(value, half)
                if fixed is not None:
                    self.values[row, column] = fixed
                    self.halves[row, column] = 0.0

    def solve(self) -> ChosenInputs:
        """Return the inputs: rows alone first, then all together."""
        if not self._prints():
            raise DataError.of("XC360.nothing_above")
        self.dropped |= {*self._find_impossible()}
        margin = self._largest_margin()
        scores = self._nearest(_KEPT_MARGIN * margin)
        codes = [scale.code if scale else leaf for leaf, scale in self.scales.items()]
        values = np.empty(scores.shape)
        for number, (leaf, scale) in enumerate(self.scales.items()):
            made = scores[:, number] if scale is None else scale.raw(scores[:, number])
            values[:, number] = np.round(made, self._decimals(leaf, scale))
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

    def _decimals(self, leaf: str, scale: RawScale | None) -> int:
        """Return the decimals of an input, so many that the margin survives."""
        half = self.printed.scores[self.units[0], leaf].half
        unit = 2 * half * (1.0 if scale is None else abs(scale.factor))
        return round(-math.log10(unit)) + _MORE_DECIMALS

    # -- rows ------------------------------------------------------------------------------------
    def _prints(self) -> list[tuple[str, str]]:
        """Return city and node of each print above the lowest ones that takes part."""
        pairs = product(self.units, self.weights)
        kept = (pair for pair in pairs if pair not in self.dropped)
        return [pair for pair in kept if pair in self.printed.scores]

    def _rows(self, prints: Sequence[tuple[str, str]]) -> _Rows:
        """Return the rows of prints: means of scores."""
        terms = [{unit: self.weights[node]} for unit, node in prints]
        scores = np.array([self.printed.scores[pair] for pair in prints])
        return _Rows(self._matrix(terms), *scores.reshape(-1, 2).T)

    def _matrix(self, terms: Sequence[Mapping[str, FloatArray]]) -> Any:
        """Return a row for each sum of cities' scores times weights."""
        from scipy.sparse import csr_matrix

        dense = np.zeros((len(terms), *self.values.shape))
        for number, term in enumerate(terms):
            for unit, weights in term.items():
                dense[number, self.row[unit]] = weights
        return csr_matrix(dense.reshape(len(terms), -1))

    def _orders(self) -> tuple[Any, FloatArray]:
        """Return rows that are at most a limit: each city has more than those of the next rank."""
        terms = []
        limits = []
        for node, order in self.printed.orders.items():
            weights = self._weights_of(node)
            known = partial(self._is_placed, node)
            placed = (tuple(filter(known, cities)) for cities in order)
            steps = (product(*pair) for pair in pairwise(filter(None, placed)))
            for city, following in chain.from_iterable(steps):
                terms.append({city: -weights, following: weights})
                limits.append(-2 * _STEP * self.printed.scores[city, node].half)
        return self._matrix(terms), np.array(limits)

    def _is_placed(self, node: str, unit: str) -> bool:
        """Tell whether a city takes part in the order by a node."""
        key = unit, node
        is_printed = key in self.printed.scores and key not in self.dropped
        return unit in self.row and is_printed

    def _bounds(self, share: float = 1.0) -> list[tuple[float, float | None]]:
        """Return between which numbers each score is, with a share of its rounding."""
        values = self.values.ravel()
        halves = share * self.halves.ravel()
        return [*zip(values - halves, values + halves, strict=True)]

    # -- solutions -------------------------------------------------------------------------------
    def _find_impossible(self) -> Iterator[tuple[str, str]]:
        """Yield the cities and nodes that nothing inside the rounding gives.

        The nodes above them follow from what is printed below, and go with them.
        """
        from scipy.sparse import eye

        prints = self._prints()
        rows = self._rows(prints)
        # A slack for each print.
        slack = -eye(len(prints))
        blocks = [[rows.weights, slack], [-rows.weights, slack]]
        bounds = [*self._bounds(), *[(0, None)] * len(prints)]
        cost = np.repeat((0.0, 1.0), (self.values.size, len(prints)))
        excesses = _solve(cost, blocks, rows.limits, bounds)[self.values.size :]
        for (unit, node), excess in zip(prints, excesses, strict=True):
            if excess > _MISPRINT * self.printed.scores[unit, node].half:
                path = (above.code for above in self.framework.path(node))
                above = ((unit, code) for code in path if code in self.weights)
                yield from filter(self.printed.scores.__contains__, above)

    def _largest_margin(self) -> float:
        """Return how far scores can be from the ends of their rounding, as a share of it."""
        from scipy.sparse import csr_matrix, eye

        values = self.values.ravel()
        halves = self.halves.ravel()
        free = halves > 0
        own = eye(values.size, format="csr")[free]
        scores = _Rows(own, values[free], halves[free])
        blocks = []
        limits = []
        for rows in (self._rows(self._prints()), scores):
            margin = csr_matrix(rows.halves[:, None])
            blocks += [[rows.weights, margin], [-rows.weights, margin]]
            limits += rows.limits
        ordered, falls = self._orders()
        blocks.append([ordered, csr_matrix((len(falls), 1))])
        cost = np.append(np.zeros(self.values.size), -1.0)
        bounds = [*self._bounds(), (0.0, 1.0)]
        return float(_solve(cost, blocks, [*limits, falls], bounds)[-1])

    def _nearest(self, margin: float) -> FloatArray:
        """Return (cities, lowest nodes) scores with a margin, as near to print as they can be."""
        from scipy.sparse import eye

        rows = self._rows(self._prints())
        inner = rows._replace(halves=(1 - margin) * rows.halves)
        ordered, falls = self._orders()
        one = eye(self.values.size)
        printed = self.values.ravel()
        blocks = [
            [rows.weights, None],
            [-rows.weights, None],
            [ordered, None],
            [one, -one],
            [-one, -one],
        ]
        cost = np.repeat((0.0, 1.0), printed.size)
        distances = [(0, None)] * printed.size
        bounds = [*self._bounds(1 - margin), *distances]
        limits = [*inner.limits, falls, printed, -printed]
        found = _solve(cost, blocks, limits, bounds)
        return found[: printed.size].reshape(self.values.shape)

    def _misprints(self, scores: FloatArray) -> Iterator[ImpossiblePrint]:
        for unit, node in sorted(self.dropped):
            computed = float(self.weights[node] @ scores[self.row[unit]])
            printed = self.printed.scores[unit, node]
            yield ImpossiblePrint(unit, node, printed.value, computed)

    def _ranges(self) -> Iterator[InputRange]:
        """Yield between which numbers each input may be, order between cities not counted."""
        ends = [[*self._ends(column)] for column in range(len(self.leaves))]
        for row, unit in enumerate(self.units):
            for (leaf, scale), (low, high) in zip(
                self.scales.items(), ends, strict=True
            ):
                scores = (low[row], high[row])
                code = leaf if scale is None else scale.code
                raws = scores if scale is None else map(scale.raw, scores)
                yield InputRange(unit, code, *(float(f"{raw:.9g}") for raw in raws))

    def _ends(self, column: int) -> Iterator[FloatArray]:
        """Yield the least and the greatest scores of all cities in one column.

        Rows do not depend on each other: their sum is least where each is.
        """
        faulty = {unit for unit, _ in self.dropped}
        sound = [pair for pair in self._prints() if pair[0] not in faulty]
        rows = self._rows(sound)
        cost = np.zeros(self.values.shape)
        for sign in (1.0, -1.0):
            cost[:, column] = sign
            blocks = [[rows.weights], [-rows.weights]]
            found = _solve(cost.ravel(), blocks, rows.limits, self._bounds())
            yield found.reshape(cost.shape)[:, column]


def _solve(
    cost: FloatArray,
    blocks: Sequence[Sequence[Any]],
    limits: Sequence[FloatArray],
    bounds: Sequence[tuple[float, float | None]],
) -> FloatArray:
    """Return the variables of least cost whose sums are at most the limits.

    Raises
    ------
    DataError
        If there are none.
    """
    from scipy.optimize import linprog
    from scipy.sparse import bmat

    matrix = bmat(blocks, format="csr")
    found = linprog(cost, matrix, np.concatenate(limits), bounds=bounds)
    if found.status != 0:
        raise DataError.of("XC360.no_solution")
    solution: FloatArray = found.x
    return solution
