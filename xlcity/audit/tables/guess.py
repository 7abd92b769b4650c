"""Guesses what a printed table holds: its units and ranks, and how its totals are made."""

from __future__ import annotations

import math
import re
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import chain, combinations, compress, pairwise, permutations, product
from operator import itemgetter, not_
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.diagnosis.findings import Audit
from xlcity.audit.tables.finding import TableFinding
from xlcity.audit.tables.printed_numbers import (
    RANK,
    SCORE,
    PrintedCell,
    PrintedNumbers,
    Series,
    digits_of,
    is_readable,
    rank_of,
)
from xlcity.audit.tables.run import audit
from xlcity.audit.tables.spec.load import Row, load, read_printed
from xlcity.audit.tables.spec.read import read_spec, spec_of
from xlcity.audit.tables.spec.rules import Head, Numbers
from xlcity.data_files import toml_value
from xlcity.errors import DataError, Where
from xlcity.functions.block import Matrix
from xlcity.grouping import grouped
from xlcity.messages import Message
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC
from xlcity.methods.aggregate.sum import SUM
from xlcity.model.reading.tables import FileTable
from xlcity.xlsx.save import write_output

#: Names of columns of ranks, and of totals; years are neither. What no column of ranks has.
_RANK = re.compile(
    r"(?i)((?<![a-z])(rank|rk|pos|position|place|no|nr)(?![a-z])|#)(?!\W*of\b)|名次|排名|位次|序号"
)
_NO_RANK = re.compile(r"^0$|\d\.\d")
_TOTAL = re.compile(
    r"(?i)total|overall|score|points|pts|index|sum|总|综合|合计|得分|积分"
)
_YEAR = re.compile(r"(?i)(?<![a-z])(year|edition|season)|年")
_YEAR_NUMBER = re.compile(r"[12]\d{3}")
#: Share of what a number can differ by that rounding may leave it, if its agreement is to count.
_MOST_ROOM = 1 / 6
#: Share of the cells of a column, or of the rows of a reading, that may be wrong.
_WRONG = 0.25
#: What is no more than so many times beyond rounding, and the share of rows in which it may be so.
_NEAR = 3
_ALIKE = 0.05
#: Share of the steps between ranks at which what they go by changes, at least; how much better
#: another column has to fit them than what is named a total.
_MOVING = 0.2
_MARGIN = 0.15
#: Rows that follow a reading, at least; beyond their number, where weights were looked for.
_FEWEST = 5
_BEYOND = 3
#: Rows of a table of which one may have the totals, at most.
_MOST_ROWS = 100
#: How sure it is that a row has them (a power of ten), at least; the second where it is called so.
_CERTAIN = 2.5
_LIKELY = 1
#: By how much a wrong digit, or two that are exchanged, change a number, but for its power of ten.
_DIGITS_OFF = (*range(1, 10), *range(18, 82, 9))
#: Mean error by its standard deviation, and what is too unlikely to be chance.
_MEAN_ERROR = 0.8
_SURELY = 0.05
#: Parts of a total, at most.
_MOST_PARTS = 20
#: What weights are parts of, the roundest first.
_TOTALS = (*range(1, 21), 40, 50, 100, 200, 400, 1000)
#: Samples of rows from which weights are looked for, and how often the best rows are taken anew.
_SAMPLES = 40
_STEPS = 5
#: What two columns may give a third, by the formulas of a specification.
_OF_PAIRS: Mapping[str, Callable[[Matrix], Matrix]] = {
    "{0} - {1}": lambda x: x[:, 0] - x[:, 1],
    "{0} * {1} / 100": lambda x: x.prod(axis=1) / 100,
    "{0} * {1}": lambda x: x.prod(axis=1),
    "100 * {0} / {1}": lambda x: 100 * x[:, 0] / x[:, 1],
    "{0} / {1}": lambda x: x[:, 0] / x[:, 1],
    "100 * ({0} / {1} - 1)": lambda x: 100 * (x[:, 0] / x[:, 1] - 1),
    "{0} / ({0} + {1})": lambda x: x[:, 0] / x.sum(axis=1),
}
#: Totals that the weights of sums are parts of.
_TOTALS_OF_SUMS = (1, 2, 4, 10)
#: Share of the rows that follow with rounded numbers which follow with exact ones, too, where these
#: are exact; the first where all parts are whole numbers.
_MOST_INTEGRAL = 0.8
_MOST_EXACT = 0.9
#: Yields the readings of a column as made of others, in one way.
_Look = Callable[["Columns", str, Sequence[str]], Iterator["Reading | None"]]
_MEANS = {
    ARITHMETIC.name: "the mean of",
    GEOMETRIC.name: "the geometric mean of",
    SUM.name: "the sum of",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column may be made of others, and how many of its rows are.

    Parameters
    ----------
    keys
        Of its section; a formula has no method.
    telling
        How many of these leave so little room that a row follows it by chance hardly ever.
    exact, inexact
        Its columns that show numbers to the last digit, and those that cannot.
    """

    total: str
    parts: tuple[str, ...]
    keys: Mapping[str, Any]
    description: str
    fit: int
    rows: int
    telling: int
    exact: frozenset[str]
    inexact: frozenset[str]

    @property
    def section(self) -> str:
        """The section of a specification that has its keys."""
        return "formula" if "formula" in self.keys else "aggregate"

    @property
    def sentence(self) -> str:
        """What it says."""
        rows = f"{self.fit} of {self.rows} rows"
        return f"{self.total} is {self.description}: {rows} fit."


class _Rounded(NamedTuple):
    """Whether the parts of a column show rounded numbers, and the column."""

    parts: bool
    total: bool


_ALL_ROUNDED = _Rounded(parts=True, total=True)


class _Fit(NamedTuple):
    """Which rows follow, and in which hardly any other number would."""

    follows: Any
    tells: Any


class _Rounding(NamedTuple):
    """What is taken for rounded, and whether the parts need not be."""

    rounded: _Rounded
    is_open: bool


class _Guessed(NamedTuple):
    """A section of a specification, what it says in a sentence, and details of that note."""

    section: str
    keys: dict[str, Any]
    text: str
    details: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Columns:
    """The numbers of a table, a row per unit, and how far rounding may carry them."""

    nodes: tuple[str, ...]
    values: Matrix
    reaches: Matrix
    table: str

    @classmethod
    def of(cls, book: PrintedNumbers) -> Columns:
        """Return the columns of scores."""
        columns = [series for series in book.series if series.quantity == SCORE]
        units = dict.fromkeys(
            chain.from_iterable(map(book.series.__getitem__, columns))
        )
        nodes = tuple(series.node for series in columns)
        values, reaches = book.matrix(columns, units)
        return cls(nodes, values, reaches, book.cells[0].table)

    def chosen(self, nodes: Sequence[str]) -> tuple[Matrix, Matrix]:
        """Return numbers and reaches of some columns."""
        places = [self.nodes.index(node) for node in nodes]
        return self.values[:, places], self.reaches[:, places]

    def is_near(
        self, total: str, x: Matrix, compute: Callable[[Matrix], Matrix]
    ) -> Any:
        """Tell whether a column is near what parts give in some rows, for each column of parts.

        Most columns are far from this; where rounding leaves little room, a number is near.
        """
        with np.errstate(all="ignore"):
            computed = compute(x).T
            y = self.values[:, self.nodes.index(total)]
            is_close = np.abs(computed - y) <= np.abs(y) / 2
            return is_close.sum(axis=-1) >= _FEWEST

    def reading(
        self,
        total: str,
        parts: tuple[str, ...],
        compute: Callable[[Matrix], Matrix],
        description: str,
        *,
        rises: bool,
        **keys: Any,
    ) -> Reading | None:
        """Return a reading if nearly all rows follow it, those too that hardly any number would.

        What computes it rises or falls throughout with each part; with `rises` it only rises.
        """
        x, reach = self.chosen(parts)
        y, own = (column[:, 0] for column in self.chosen([total]))
        with np.errstate(all="ignore"):
            trial = _Trial(compute, x, reach, y=y, own=own, rises=rises)
            following = trial.fit(_ALL_ROUNDED).follows
            if not _are_nearly_all(following, trial.rows):
                return None
            rounded, is_open = trial.find_rounding(following)
            if not trial.is_evidence(rounded):
                return None
            telling = int(np.all(trial.fit(rounded), axis=0).sum())
        is_rounded = {**dict.fromkeys(parts, rounded.parts), total: rounded.total}
        exact = frozenset(column for column in is_rounded if not is_rounded[column])
        may_be_exact = exact.union(parts if is_open else ())
        return Reading(
            total=total,
            parts=parts,
            keys=keys,
            description=description,
            fit=int(following.sum()),
            rows=int(trial.rows.sum()),
            telling=telling,
            exact=exact,
            inexact=frozenset(is_rounded.keys() - may_be_exact),
        )


class _Trial:
    """The rows of a table held against what may compute one of its columns.

    Parameters
    ----------
    compute
        Returns the numbers of the column from those of its parts.
    x, reach
        The parts, and how far rounding may carry them.
    y, own
        The column, and how far rounding may carry it.
    rises
        The column rises with each part.
    """

    def __init__(
        self,
        compute: Callable[[Matrix], Matrix],
        x: Matrix,
        reach: Matrix,
        *,
        y: Matrix,
        own: Matrix,
        rises: bool,
    ) -> None:
        self._compute = compute
        self._x = x
        self._reach = reach
        self._y = y
        self._own = own
        has_parts = ~np.isnan(x).any(axis=1)
        self.rows = has_parts & ~np.isnan(y)
        #: How far rounding may carry the parts, each in the direction in which the column rises.
        self._turned = reach
        if not rises:
            falls = np.array(self._steps).T < 0
            self._turned = np.where(falls, -reach, reach)

    def fit(
        self,
        rounded: _Rounded,
        x: Matrix | None = None,
        times: int = 1,
    ) -> _Fit:
        """Return which rows follow.

        Parameters
        ----------
        rounded
            Whether the parts show rounded numbers, and the column.
        x
            Other parts.
        times
            How many times the room that rounding leaves they may take.
        """
        parts = self._x if x is None else x
        y = self._y
        reach = times * rounded.parts * self._turned
        low = self._compute(parts - reach)
        high = self._compute(parts + reach)
        room = times * rounded.total * self._own
        room += np.minimum(1e-9 * (1 + np.abs(y)), self._own / 100)
        # What a number can differ by: from zero, and from the others of its column.
        spread = np.ptp(y[~np.isnan(y)]) or np.inf
        scale = np.minimum(np.abs(y), spread)
        return _Fit(
            follows=(low <= y + room) & (high >= y - room),
            tells=high - low + 2 * room < _MOST_ROOM * scale,
        )

    def find_rounding(self, following: Any) -> _Rounding:
        """Tell whether the parts, and the column, are rounded, as so many rows follow."""
        integral = bool((self._x == np.round(self._x)).all())
        most = (_MOST_INTEGRAL if integral else _MOST_EXACT) * following.sum()
        with_exact_parts = self.fit(_Rounded(parts=False, total=True)).follows
        with_exact_numbers = self.fit(_Rounded(parts=False, total=False)).follows
        needs_parts = bool((following & with_exact_parts).sum() < most)
        needs_total = bool((following & with_exact_numbers).sum() < most)
        # Rounded parts may give the total as exact ones do: the less they hide, the likelier.
        spread = np.sqrt(np.square(self._steps).sum(axis=0) / 3)
        hidden = 1 - _MEAN_ERROR * spread / (2 * self._own)
        by_chance = np.nan_to_num(np.clip(hidden, 0, 1))
        is_chance = bool(np.prod(by_chance[following]) > _SURELY)
        rounded = _Rounded(parts=needs_parts or is_chance, total=needs_total)
        return _Rounding(rounded, is_open=not needs_parts)

    @cached_property
    def _steps(self) -> list[Matrix]:
        """By how much the column differs when rounding carries one of the parts."""
        base = self._compute(self._x)
        parts = np.eye(self._x.shape[1])
        return [self._compute(self._x + self._reach * part) - base for part in parts]

    def is_evidence(self, rounded: _Rounded) -> bool:
        """Tell whether so many rows follow because the column is made of the parts."""
        rows = self.rows
        follows, tells = self.fit(rounded)
        random = np.random.default_rng(0)
        mixed = self._x.copy()
        parts = [random.permutation(part) for part in mixed[rows].T]
        mixed[rows] = np.column_stack(parts)
        # So many rows would follow if the parts had nothing to do with the total: nearly all
        # where that is a mark, or a share of nearly nothing.
        by_luck = self.fit(rounded, mixed).follows[rows].sum()
        least = max((1 - _WRONG) * (rows.sum() - by_luck), _FEWEST)
        if follows[rows].sum() - by_luck < least:
            return False
        # Misprints are far off; what is often a little off is alike, not made of the parts.
        missed = rows & ~follows
        nearly = (missed & self.fit(rounded, times=_NEAR).follows).sum()
        if nearly > max(missed.sum() / 2, _ALIKE * rows.sum()):
            return False
        return _are_nearly_all(follows & tells, rows & tells)


def _are_nearly_all(chosen: Any, rows: Any) -> bool:
    needed = max((1 - _WRONG) * rows.sum(), _FEWEST)
    return bool(chosen.sum() >= needed)


def audit_table(
    path: Path,
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Audit a table by the specification beside it; if there is none, it is guessed and written.

    Raises
    ------
    DataError
        If the table cannot be read, or does not hold what the specification says.
    WorkbookError
        If the specification cannot be written.
    """
    file = path.with_suffix(".toml")
    notes = list[TableFinding]()
    text = Message("note.read_as_file_says", file=file)
    if not file.exists():
        specification, notes = guess_spec(path)
        write_output(file, specification.encode(errors="replace"))
        text = Message("note.guessed", file=file)
    notes = [_make_note(path.stem, text), *notes]
    return audit(read_spec(file), {path.stem: path}, notes=notes, progress=progress)


def guess_spec(path: Path) -> tuple[str, list[TableFinding]]:
    """Return the text of a specification that fits a table, and what it takes the table for.

    Raises
    ------
    DataError
        If it cannot be read, or no column tells its rows apart.
    """
    name = path.stem
    table = _describe_table(name, read_printed(path))
    spec = spec_of({"table": [table]}, str(path), path.parent)
    book = load(spec, {name: path}).book
    readings = list(_find_readings(Columns.of(book))) if book.cells else []
    exact = _find_exact(readings)
    guesses = [_guess_from(reading) for reading in readings]
    # The ranks of one city in several years are among cities that are not in the table.
    if not all(_YEAR_NUMBER.fullmatch(cell.unit) for cell in book.cells):
        totals = [reading.total for reading in readings]
        guesses += _find_row_of_totals(book, table, exact)
        guesses += _find_rankings(book, table["read"], totals)
    for read in table["read"]:
        if read["node"] in exact and "quantity" not in read:
            read["exact"] = True
    document: dict[str, Any] = {"audit": {"title": name}, "table": [table]}
    notes = []
    for guess in guesses:
        document.setdefault(guess.section, []).append(guess.keys)
        notes.append(_make_note(name, guess.text, **guess.details))
    return "\n".join(_write_toml(document)), notes


def _find_exact(readings: Iterable[Reading]) -> set[str]:
    """Return the columns that are exact; what is so in one may be rounded in another."""
    exact = set[str]().union(*(reading.exact for reading in readings))
    return exact.difference(*(reading.inexact for reading in readings))


def _guess_from(reading: Reading) -> _Guessed:
    """Return a reading as a section of a specification."""
    details = {"node": reading.total, "suggestion": reading.description}
    return _Guessed(reading.section, dict(reading.keys), reading.sentence, details)


def _make_note(table: str, text: str, **details: Any) -> TableFinding:
    return TableFinding("guessed", Severity.NOTE, table, evidence=text, **details)


def _describe_table(name: str, file: FileTable) -> dict[str, Any]:
    """Return the section of a table: its units, its columns of numbers and of ranks."""
    rows = file.records()
    read = []
    words = []
    for column in filter(None, file.header):
        keys = _describe_column(column, [row[column] for row in rows])
        if keys is None:
            words.append(column)
        else:
            read.append(keys)
    for keys in read:
        if "quantity" in keys:
            keys |= _find_groups(rows, keys["column"], words)
    numbers = map(itemgetter("column"), read)
    for unit in chain(
        permutations(words, 1), permutations(words, 2), permutations(numbers, 1)
    ):
        names = {tuple(map(row.__getitem__, unit)) for row in rows}
        if len(names) < len(rows):
            continue
        if len(unit) == 1:
            return {"name": name, "unit": unit[0], "read": read}
        return {"name": name, "unit_columns": list(unit), "read": read}
    raise DataError.of("XC342.no_names", Where(file=file.file), name=name)


def _describe_column(column: str, shown: Sequence[str]) -> dict[str, Any] | None:
    """Return what is read of a column; None for one of words, years or lines of print."""
    # Ranks are whole numbers from 1.
    is_ranked = bool(_RANK.search(column)) and not any(map(_NO_RANK.search, shown))
    texts = [*map(rank_of, shown)] if is_ranked else shown
    if not any(texts) or column == Head().line or _holds_years(column, texts):
        return None
    readable = map(is_readable, map(digits_of, texts))
    strange = [*compress(shown, map(not_, readable))]
    if len(strange) > _WRONG * len(shown):
        return None
    keys: dict[str, Any] = {"column": column, "node": column}
    if is_ranked:
        keys["quantity"] = RANK
    if strange:
        keys["skip"] = sorted({*strange})
    return keys


def _holds_years(column: str, texts: Sequence[str]) -> bool:
    """Tell whether a column has years; the mean of twelve months may be called the year's, too."""
    years = filter(None, texts)
    return bool(_YEAR.search(column)) and all(map(_YEAR_NUMBER.fullmatch, years))


def _find_groups(
    rows: Sequence[Row], column: str, words: Sequence[str]
) -> dict[str, Any]:
    """Return the column of groups in each of which ranks start at 1 again, if there is one."""
    ranks = [rank_of(row[column]) for row in rows]
    enough = (1 - _WRONG) * len(rows)
    for group in words if ranks.count("1") > 1 else ():
        pairs = zip((row[group] for row in rows), ranks, strict=True)
        members = grouped(pairs)
        distinct = sum(len({*own}) for own in members.values() if "1" in own)
        if distinct >= enough and 1 < len(members) < len(rows) / 2:
            return {"group_columns": [group]}
    return {}


class _Hierarchy:
    """Which columns are made of which.

    A column with a negative number is rather a difference than a part of a sum, what is made of
    others mostly stands after them, and what is named a total is not a part of what is not.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.totals = [node for node in columns.nodes if _TOTAL.search(node)]
        #: Column -> all that it is made of.
        self.below: dict[str, set[str]] = {}

    def looks(self) -> list[tuple[_Look, Iterable[str]]]:
        """Return the ways to look for readings, the plainest first, and of which columns."""
        nodes = self.columns.nodes
        ordered = dict.fromkeys((*self.totals, *nodes[::-1]))
        has_negative = np.any(self.columns.values < 0, axis=0).tolist()
        negative = [*compress(nodes, has_negative)]
        return [
            (_try_pairs, negative),
            (_try_equal, ordered),
            (_try_pairs, ordered),
            (_try_weights, self.totals),
            (_try_last_share, nodes),
        ]

    def usable(self, total: str, look: _Look) -> list[str]:
        """Return the columns that one may be made of."""
        above = {node for node, parts in self.below.items() if total in parts}
        others = [node for node in self.columns.nodes if node != total]
        if look is _try_weights:
            above |= self.below.keys()
        elif look is _try_equal and total not in self.totals:
            above.update(self.totals)
        return [node for node in others if node not in above]

    def take(self, reading: Reading) -> bool:
        """Take a reading; False if its column is known to be made of one of its parts."""
        # Weights may show that what was looked at is itself a part of another column.
        parent = reading.total
        own = self.below.get(parent, set())
        if not own.isdisjoint(reading.parts):
            return False
        known = [self.below[part] for part in reading.parts if part in self.below]
        parts = {*reading.parts}.union(*known)
        for node, lower in self.below.items():
            if parent in lower:
                self.below[node] = lower | parts
        self.below[parent] = self.below.get(parent, set()) | parts
        return True


def _find_readings(columns: Columns) -> Iterator[Reading]:
    """Yield how columns are made of others, the plainest readings first."""
    hierarchy = _Hierarchy(columns)
    for look, totals in hierarchy.looks():
        for total in totals:
            if total in hierarchy.below:
                continue
            tried = look(columns, total, hierarchy.usable(total, look))
            fitting = [reading for reading in tried if reading is not None]
            fitting.sort(key=lambda reading: (-reading.telling, len(reading.parts)))
            yield from filter(hierarchy.take, fitting)


def _try_last_share(
    columns: Columns, total: str, usable: Sequence[str]
) -> Iterator[Reading | None]:
    """Yield readings of a last share: with those before it, side by side, it makes 100 or 1."""
    end = columns.nodes.index(total)
    starts = range(max(0, end - _MOST_PARTS), end)
    for start, full in product(starts, (100, 1)):
        parts = columns.nodes[start:end]
        if {*parts} <= {*usable}:
            names = [f"{{{part}}}" for part in parts]
            written = " - ".join([str(full), *names])
            keys = {"table": columns.table, "formula": f"{{{total}}} = {written}"}

            def compute(numbers: Matrix, full: int = full) -> Any:
                return full - numbers.sum(axis=1)

            if not columns.is_near(total, columns.chosen(parts)[0], compute):
                continue
            reading = columns.reading(
                total, parts, compute, written, rises=False, **keys
            )
            # Rounded shares may make the whole exactly.
            inexact = frozenset((*parts, total))
            yield reading and replace(reading, exact=frozenset(), inexact=inexact)


def _list_part_sets(usable: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what a column may be made of: columns that stand side by side, and all."""
    sets = []
    for start, end in combinations(range(len(usable) + 1), 2):
        if 1 < end - start <= _MOST_PARTS:
            sets.append(tuple(usable[start:end]))
    return [*sets, tuple(usable)] if len(usable) > _MOST_PARTS else sets


def _try_equal(
    columns: Columns, total: str, usable: Sequence[str]
) -> Iterator[Reading | None]:
    """Yield readings as sums and as means with equal weights."""
    for parts in _list_part_sets(usable):
        share = Fraction(1, len(parts))
        for weight, method in (
            (Fraction(1), SUM.name),
            (share, ARITHMETIC.name),
            (share, GEOMETRIC.name),
        ):
            yield _try_sum_or_mean(columns, total, dict.fromkeys(parts, weight), method)


def _try_pairs(
    columns: Columns, total: str, usable: Sequence[str]
) -> Iterator[Reading | None]:
    """Yield readings as what two columns give."""
    for first in usable:
        seconds = [node for node in usable if node != first]
        parts = (columns.chosen(own)[0] for own in ([first], seconds))
        x = np.stack(np.broadcast_arrays(*parts), axis=1)
        near = np.array(
            [columns.is_near(total, x, compute) for compute in _OF_PAIRS.values()]
        )
        for second, formula in np.argwhere(near.T):
            pattern, compute = [*_OF_PAIRS.items()][formula]
            pair = first, seconds[second]
            written = pattern.format(*(f"{{{node}}}" for node in pair))
            keys = {"table": columns.table, "formula": f"{{{total}}} = {written}"}
            yield columns.reading(total, pair, compute, written, rises=False, **keys)


def _try_sum_or_mean(
    columns: Columns, total: str, weights: Numbers, method: str
) -> Reading | None:
    """Return the reading as a sum or mean with weights."""
    numbers = np.array([*map(float, weights.values())])
    is_geometric = method == GEOMETRIC.name

    def compute(x: Matrix) -> Matrix:
        return np.asarray(np.exp(np.log(x) @ numbers) if is_geometric else x @ numbers)

    if not columns.is_near(total, columns.chosen([*weights])[0], compute):
        return None
    shown = {part: _write_weight(weight) for part, weight in weights.items()}
    is_equal = len({*weights.values()}) == 1
    if is_equal and (method != SUM.name or 1 in weights.values()):
        names = [*shown]
        keys: dict[str, Any] = {"parent": total, "children": [*shown]}
    else:
        names = [f"{weight} x {part}" for part, weight in shown.items()]
        keys = {"parent": total, "children": shown}
    if method != ARITHMETIC.name:
        keys["method"] = method
    description = f"{_MEANS[method]} {', '.join(names)}"
    rises = bool(numbers.min() > 0)
    return columns.reading(
        total, (*weights,), compute, description, rises=rises, **keys
    )


def _write_weight(weight: Fraction) -> int | float | str:
    if weight.denominator == 1:
        return int(weight)
    return float(weight) if 10**6 % weight.denominator == 0 else str(weight)


def _try_weights(
    columns: Columns, total: str, usable: Sequence[str]
) -> Iterator[Reading | None]:
    """Yield readings with weights, the roundest that as many rows follow."""
    # A column too many gets the weight 0.
    for parts in sorted(_list_part_sets(usable), key=len, reverse=True):
        numbers, _ = columns.chosen((total, *parts))
        numbers = numbers[~np.isnan(numbers).any(axis=1)]
        if len(numbers) < len(parts) + _BEYOND:
            continue
        for is_geometric in (False, True):
            if is_geometric and (numbers <= 0).any():
                continue
            fitted = _fit_weights(np.log(numbers) if is_geometric else numbers)
            weights = dict(zip(parts, fitted, strict=True))
            best = _find_roundest(columns, total, weights, is_geometric=is_geometric)
            yield best
            if best is not None and best.fit == best.rows:
                return


def _find_roundest(
    columns: Columns,
    total: str,
    fitted: Mapping[str, float],
    *,
    is_geometric: bool,
) -> Reading | None:
    """Return the reading with weights near those that were fitted, with the roundest ones."""
    readings: dict[int, Reading] = {}
    for number in _TOTALS:
        parent = total
        rounded = {
            part: Fraction(round(weight * number), number)
            for part, weight in fitted.items()
        }
        used = {part: weight for part, weight in rounded.items() if weight}
        if not is_geometric:
            parent, used = _solve_for_mean(total, used)
        method = _find_method(used, number, is_geometric=is_geometric)
        reading = method and _try_sum_or_mean(columns, parent, used, method)
        if reading and reading.telling >= len(used) + _BEYOND:
            readings[number] = reading
    if not readings:
        return None
    # A digit more of the weights is worth a row.
    best = max(
        readings, key=lambda number: readings[number].telling - math.log10(number)
    )
    return readings[best]


def _find_method(weights: Numbers, total: int, *, is_geometric: bool) -> str:
    """Return the method that may have weights, parts of a total; "" if none may."""
    # A column that another one mostly repeats is not made of it.
    if len(weights) < 2:
        return ""
    is_mean = sum(weights.values()) == 1 and min(weights.values()) > 0
    if is_geometric:
        return GEOMETRIC.name if is_mean else ""
    if is_mean:
        return ARITHMETIC.name
    return SUM.name if total in _TOTALS_OF_SUMS else ""


def _solve_for_mean(
    total: str, weights: dict[str, Fraction]
) -> tuple[str, dict[str, Fraction]]:
    """Return a total and the weights of its parts; of a part of a mean, those of that mean.

    >>> _solve_for_mean("a", {"b": Fraction(-1), "mean": Fraction(2)})
    ('mean', {'a': Fraction(1, 2), 'b': Fraction(1, 2)})
    """
    positive = [part for part, weight in weights.items() if weight > 0]
    is_mean = len(weights) > 1 and sum(weights.values()) == 1
    if not is_mean or len(positive) > 1:
        return total, weights
    mean = max(weights, key=weights.__getitem__)
    parts = {total: Fraction(-1), **weights}
    del parts[mean]
    return mean, {part: -weight / weights[mean] for part, weight in parts.items()}


def _fit_weights(numbers: Matrix) -> list[float]:
    """Return the weights that most rows follow best, of equals those that others follow, too."""
    random = np.random.default_rng(0)
    rows = len(numbers)
    y = numbers[:, 0]
    x = numbers[:, 1:]
    most = math.ceil((1 - _WRONG) * rows)
    best = (math.inf, 0.0)
    fitted: Matrix = np.zeros(x.shape[1])
    for _ in range(_SAMPLES):
        chosen = random.permutation(rows)[: x.shape[1] + 1]
        for _ in range(_STEPS):
            weights = np.linalg.lstsq(x[chosen], y[chosen], rcond=None)[0]
            gaps = np.abs(y - x @ weights)
            chosen = np.argsort(gaps)[:most]
            squares = float((gaps[chosen] ** 2).sum())
            misfit = (round(squares, 12), float(gaps.sum()))
            if misfit < best:
                best = misfit
                fitted = np.asarray(weights, dtype=float)
    return [float(weight) for weight in fitted]


@dataclass(slots=True)
class _RowOfTotals:
    """A row that may have the sums of the others.

    Attributes
    ----------
    fitting, misprinted
        The columns whose sum it has, and those in which it is off by one digit.
    certainty
        How sure it is that it has them, as a power of ten.
    """

    unit: str
    fitting: list[str] = field(default_factory=list)
    misprinted: list[str] = field(default_factory=list)
    certainty: float = 0.0

    def add(
        self,
        node: str,
        column: Mapping[str, PrintedCell],
        *,
        is_exact: bool,
        is_whole: bool,
    ) -> None:
        """Hold the row against the sum of a column.

        One that is no sum (of means, of shares, or of what is counted in several rows) has no
        number above all others there, or is far from their sum by more than one digit.
        """
        total = column[self.unit]
        values = [cell.value for cell in column.values()]
        room = sum((cell.half for cell in column.values()), start=Decimal(0))
        gap = abs(sum(values) - 2 * total.value)
        if gap <= room * (not is_exact):
            self.fitting.append(node)
            share = float(abs(total.value) / (2 * room or 1))
            self.certainty += math.log10(max(1.0, share))
            return
        is_total = min(values) >= 0 and sorted(values)[-2] < total.value
        if is_whole and is_total and _is_slip(gap, room, total.decimals):
            self.misprinted.append(node)

    @property
    def is_certain(self) -> bool:
        """Whether it has the sums rather than not."""
        least = _LIKELY if _TOTAL.search(self.unit) else _CERTAIN
        return self.certainty >= least and len(self.fitting) >= len(self.misprinted)


def _is_slip(gap: Decimal, room: Decimal, decimals: int) -> bool:
    """Tell whether a gap may be of one wrong digit, or of two that are exchanged."""
    last_digit = Decimal(1).scaleb(-decimals)
    for digits, power in product(_DIGITS_OFF, range(9)):
        if abs(gap - digits * last_digit * 10**power) <= room:
            return True
    return False


def _find_row_of_totals(
    book: PrintedNumbers, table: Mapping[str, Any], exact: Collection[str]
) -> Iterator[_Guessed]:
    """Yield the first or last row where it has the sums of the others."""
    units = [*dict.fromkeys(cell.unit for cell in book.cells)]
    if not _FEWEST <= len(units) <= _MOST_ROWS:
        return
    nodes = [keys["node"] for keys in table["read"] if "quantity" not in keys]
    for unit in (units[-1], units[0]):
        row = _RowOfTotals(unit)
        for node in nodes:
            column = book.first(Series(node))
            if unit in column and len(column) >= _FEWEST:
                is_whole = len(column) == len(units)
                row.add(node, column, is_exact=node in exact, is_whole=is_whole)
        if row.is_certain:
            yield _describe_totals(row, nodes, table["name"])
            return


def _describe_totals(row: _RowOfTotals, nodes: Sequence[str], table: str) -> _Guessed:
    """Return the section of a row with the sums of some columns."""
    chosen = [node for node in nodes if node in (*row.fitting, *row.misprinted)]
    fit = f"{len(row.fitting)} of {len(chosen)} columns fit."
    keys = {"table": table, "unit": row.unit, "nodes": chosen}
    return _Guessed("total", keys, f"{row.unit} has the sums of the other rows: {fit}")


def _find_rankings(
    book: PrintedNumbers, read: Sequence[dict[str, Any]], totals: Sequence[str]
) -> Iterator[_Guessed]:
    """Yield the rankings; a column of ranks gets the node that it ranks."""
    nodes = [keys["node"] for keys in read if "quantity" not in keys]
    of_ranks = [keys for keys in read if "quantity" in keys]
    for keys in of_ranks:
        column = keys["column"]
        ranks = _read_ranks(book, column)
        agreement = {node: _measure_agreement(book, node, ranks) for node in nodes}
        node = _find_ranked(agreement, totals, default=column)
        nodes = [other for other in nodes if other != node]
        keys["node"] = node
        is_descending = agreement.get(node, 1) > 0
        first = "greatest" if is_descending else "least"
        ranking = _describe_ranking(keys, ranks, is_descending=is_descending)
        text = f"{column} ranks {node}, the {first} first."
        yield _Guessed("ranking", ranking, text, {"node": node})


def _describe_ranking(
    keys: Mapping[str, Any], ranks: Mapping[str, PrintedCell], *, is_descending: bool
) -> dict[str, Any]:
    """Return the section of the ranking of a column of ranks."""
    ranking: dict[str, Any] = {"nodes": [keys["node"]]}
    if _is_complete(ranks):
        ranking["complete"] = True
    if not is_descending:
        ranking["descending"] = False
    if "group_columns" in keys:
        ranking["every_group"] = True
    return ranking


def _read_ranks(book: PrintedNumbers, column: str) -> dict[str, PrintedCell]:
    """Return the ranks of a column by unit."""
    ranks: dict[str, PrintedCell] = {}
    for series in book.series:
        if series.node == column and series.quantity == RANK:
            ranks |= book.first(series)
    return ranks


def _find_ranked(
    agreement: Mapping[str, float], totals: Sequence[str], default: str
) -> str:
    """Return the column that ranks go by, if they agree with one well enough.

    Of those that fit alike, ranks go by what is named a total, or is made of others.
    """
    greatest = max(map(abs, agreement.values()), default=0)
    least = max(1 - _WRONG, greatest - _MARGIN)
    fitting = [node for node, share in agreement.items() if abs(share) > least]

    def rate(node: str) -> tuple[bool, bool, float]:
        return bool(_TOTAL.search(node)), node in totals, abs(agreement[node])

    return max(fitting, key=rate, default=default)


def _is_complete(ranks: Mapping[str, PrintedCell]) -> bool:
    """Tell whether ranks are those of a whole list."""
    numbers = {int(cell.value) for cell in ranks.values()}
    listed = numbers.intersection(range(1, len(ranks) + 1))
    return len(listed) >= (1 - _WRONG) * len(numbers)


def _measure_agreement(
    book: PrintedNumbers, node: str, ranks: Mapping[str, PrintedCell]
) -> float:
    """Return the share of neighbouring ranks that go by a column, negative if the least is first.

    A column that hardly ever differs from rank to rank, or counts the rows as they do, is none that
    they go by.
    """
    scores = book.first(Series(node))
    shared = [unit for unit in ranks if unit in scores]
    units = sorted(
        shared, key=lambda unit: (ranks[unit].series.group, ranks[unit].value)
    )
    steps = [
        scores[a].value - scores[b].value
        for a, b in pairwise(units)
        if ranks[a].value != ranks[b].value
    ]
    falling = sum(step > 0 for step in steps)
    rising = sum(step < 0 for step in steps)
    gaps = {scores[unit].value - ranks[unit].value for unit in units}
    if falling + rising < _MOVING * len(steps) or len(gaps) == 1:
        return 0.0
    return max(falling, -rising, key=abs) / max(falling + rising, 1)


def _write_toml(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a specification."""
    for name, sections in document.items():
        is_list = isinstance(sections, list)
        for section in sections if is_list else [sections]:
            yield f"[[{name}]]" if is_list else f"[{name}]"
            filled = {key: value for key, value in section.items() if value != []}
            for key, value in filled.items():
                yield f"{key} = {toml_value(value)}"
            yield ""
