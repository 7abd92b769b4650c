"""Guesses what a printed table holds: its units and ranks, and how its totals are made."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise, permutations, product
from pathlib import Path
from typing import Any

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
#: Whether the parts of a column show rounded numbers, and the column.
_Rounded = tuple[bool, bool]
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
            unit for series in columns for unit in book.series[series]
        )
        nodes = tuple(series.node for series in columns)
        return cls(nodes, *book.matrix(columns, units), book.cells[0].table)

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
            return (np.abs(computed - y) <= np.abs(y) / 2).sum(axis=-1) >= _FEWEST

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
        (y,), (own,) = (column.T for column in self.chosen([total]))
        with np.errstate(all="ignore"):
            trial = _Trial(compute, x, reach, y, own, rises)
            following, _ = trial.follow((True, True))
            if not _are_nearly_all(following, trial.rows):
                return None
            rounded, is_open = trial.rounded(following)
            if not trial.is_evidence(rounded):
                return None
            fit = int(following.sum())
            telling = int(np.all(trial.follow(rounded), axis=0).sum())
        is_rounded = {**dict.fromkeys(parts, rounded[0]), total: rounded[1]}
        exact = frozenset(column for column in is_rounded if not is_rounded[column])
        inexact = is_rounded.keys() - exact - {*(parts if is_open else ())}
        counts = fit, int(trial.rows.sum()), telling
        return Reading(
            total, parts, keys, description, *counts, exact, frozenset(inexact)
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
        y: Matrix,
        own: Matrix,
        rises: bool,
    ) -> None:
        self._compute = compute
        self._x = x
        self._reach = reach
        self._y = y
        self._own = own
        self.rows = ~np.isnan(x).any(axis=1) & ~np.isnan(y)
        #: How far rounding may carry the parts, each in the direction in which the column rises.
        self._turned = reach
        if not rises:
            self._turned = np.where(np.array(self._steps).T < 0, -reach, reach)

    @cached_property
    def _steps(self) -> list[Matrix]:
        """By how much the column differs when rounding carries one of the parts."""
        base = self._compute(self._x)
        parts = np.eye(self._x.shape[1])
        return [self._compute(self._x + self._reach * part) - base for part in parts]

    def follow(self, rounded: _Rounded, x: Matrix | None = None, times: int = 1) -> Any:
        """Return which rows follow, and in which hardly any other number would.

        Parameters
        ----------
        rounded
            Whether the parts show rounded numbers, and the column.
        x
            Other parts.
        times
            How many times the room that rounding leaves they may take.
        """
        x, y, (parts_are_rounded, total_is_rounded) = (
            self._x if x is None else x,
            self._y,
            rounded,
        )
        ends = (
            times * parts_are_rounded * end for end in (-self._turned, self._turned)
        )
        low, high = (self._compute(x + end) for end in ends)
        room = times * total_is_rounded * self._own
        room += np.minimum(1e-9 * (1 + np.abs(y)), self._own / 100)
        # What a number can differ by: from zero, and from the others of its column.
        scale = np.minimum(np.abs(y), np.ptp(y[~np.isnan(y)]) or np.inf)
        tells = high - low + 2 * room < _MOST_ROOM * scale
        return np.array([(low <= y + room) & (high >= y - room), tells])

    def rounded(self, following: Any) -> tuple[_Rounded, bool]:
        """Tell whether the parts, and the column, are rounded, as so many rows follow.

        And whether the parts need not be.
        """
        integral = bool((self._x == np.round(self._x)).all())
        most = (0.8 if integral else 0.9) * following.sum()
        exact = [
            following & self.follow((False, of_total))[0] for of_total in (True, False)
        ]
        # Rounded parts may give the total as exact ones do: the less they hide, the likelier.
        spread = np.sqrt(np.square(self._steps).sum(axis=0) / 3)
        by_chance = np.nan_to_num(
            np.clip(1 - _MEAN_ERROR * spread / (2 * self._own), 0, 1)
        )
        is_chance = np.prod(by_chance[following]) > _SURELY
        parts, total = (bool(rows.sum() < most) for rows in exact)
        return (parts or bool(is_chance), total), not parts

    def is_evidence(self, rounded: _Rounded) -> bool:
        """Tell whether so many rows follow because the column is made of the parts."""
        rows, (followed, tells) = self.rows, self.follow(rounded)
        random = np.random.default_rng(0)
        mixed = self._x.copy()
        mixed[rows] = np.column_stack(
            [random.permutation(part) for part in mixed[rows].T]
        )
        # So many rows would follow if the parts had nothing to do with the total: nearly all
        # where that is a mark, or a share of nearly nothing.
        by_luck = self.follow(rounded, mixed)[0][rows].sum()
        if followed[rows].sum() - by_luck < max(
            (1 - _WRONG) * (rows.sum() - by_luck), _FEWEST
        ):
            return False
        # Misprints are far off; what is often a little off is alike, not made of the parts.
        missed = rows & ~followed
        nearly = (missed & self.follow(rounded, times=_NEAR)[0]).sum()
        if nearly > max(missed.sum() / 2, _ALIKE * rows.sum()):
            return False
        return _are_nearly_all(followed & tells, rows & tells)


def _are_nearly_all(chosen: Any, rows: Any) -> bool:
    return bool(chosen.sum() >= max((1 - _WRONG) * rows.sum(), _FEWEST))


def audit_table(path: Path, progress: Callable[[str], None] = lambda _: None) -> Audit:
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
    # What is exact in one reading may have to be rounded in another.
    exact = {node for reading in readings for node in reading.exact}
    exact -= {node for reading in readings for node in reading.inexact}
    totals = [reading.total for reading in readings]
    # The ranks of one city in several years are among cities that are not in the table.
    is_history = all(_YEAR_NUMBER.fullmatch(cell.unit) for cell in book.cells)
    rankings = [] if is_history else [*_find_rankings(book, table["read"], totals)]
    sums = [] if is_history else [*_find_row_of_totals(book, table, exact)]
    for read in table["read"]:
        if read["node"] in exact and "quantity" not in read:
            read["exact"] = True
    document: dict[str, Any] = {"audit": {"title": name}, "table": [table]}
    notes = []
    for reading in readings:
        section = "formula" if "formula" in reading.keys else "aggregate"
        document.setdefault(section, []).append(dict(reading.keys))
        rows = f"{reading.fit} of {reading.rows} rows"
        text = f"{reading.total} is {reading.description}: {rows} fit."
        notes.append(
            _make_note(name, text, node=reading.total, suggestion=reading.description)
        )
    for keys, text in sums:
        document.setdefault("total", []).append(keys)
        notes.append(_make_note(name, text))
    for keys, text in rankings:
        document.setdefault("ranking", []).append(keys)
        notes.append(_make_note(name, text, node=keys["nodes"][0]))
    return "\n".join(_write_toml(document)), notes


def _make_note(table: str, text: str, **details: Any) -> TableFinding:
    return TableFinding("guessed", Severity.NOTE, table, evidence=text, **details)


def _describe_table(name: str, file: FileTable) -> dict[str, Any]:
    """Return the section of a table: its units, its columns of numbers and of ranks."""
    rows = file.records()
    read = []
    words = []
    for column in filter(None, file.header):
        # Ranks are whole numbers from 1.
        shown = [row[column] for row in rows]
        ranked = bool(_RANK.search(column)) and not any(map(_NO_RANK.search, shown))
        texts = [*map(rank_of, shown)] if ranked else shown
        readable = [is_readable(digits_of(text)) for text in texts]
        strange = [text for text, fine in zip(shown, readable, strict=True) if not fine]
        # The mean of twelve months may be called the year's, too.
        is_year = _YEAR.search(column) and all(
            map(_YEAR_NUMBER.fullmatch, filter(None, texts))
        )
        is_aside = is_year or column == Head().line or not any(texts)
        if len(strange) > _WRONG * len(rows) or is_aside:
            words.append(column)
            continue
        keys: dict[str, Any] = {"column": column, "node": column}
        keys |= {"quantity": RANK} if ranked else {}
        read.append(keys | ({"skip": sorted({*strange})} if strange else {}))
    for keys in read:
        keys |= _find_groups(rows, keys["column"], words) if "quantity" in keys else {}
    numbers = [keys["column"] for keys in read]
    for unit in (
        *permutations(words, 1),
        *permutations(words, 2),
        *permutations(numbers, 1),
    ):
        if len({tuple(row[column] for column in unit) for row in rows}) == len(rows):
            units = (
                {"unit": unit[0]} if len(unit) == 1 else {"unit_columns": list(unit)}
            )
            return {"name": name, **units, "read": read}
    raise DataError.of("XC342.no_names", Where(file=file.file), name=name)


def _find_groups(
    rows: Sequence[Row], column: str, words: Sequence[str]
) -> dict[str, Any]:
    """Return the column of groups in each of which ranks start at 1 again, if there is one."""
    ranks = [rank_of(row[column]) for row in rows]
    for group in words if ranks.count("1") > 1 else ():
        members = grouped(
            (row[group], rank) for row, rank in zip(rows, ranks, strict=True)
        )
        distinct = sum(len({*own}) for own in members.values() if "1" in own)
        if 1 < len(members) < len(rows) / 2 and distinct >= (1 - _WRONG) * len(rows):
            return {"group_columns": [group]}
    return {}


def _find_readings(columns: Columns) -> Iterator[Reading]:
    """Yield how columns are made of others, the plainest readings first; totals may have weights.

    A column with a negative number is rather a difference than a part of a sum, what is made of
    others mostly stands after them, and what is named a total is not a part of what is not.
    """
    below: dict[str, set[str]] = {}
    nodes = columns.nodes
    negative = [node for node in nodes if (columns.chosen([node])[0] < 0).any()]
    totals = [node for node in nodes if _TOTAL.search(node)]
    ordered = dict.fromkeys((*totals, *nodes[::-1]))
    looks = (
        (_try_pairs, negative),
        (_try_equal, ordered),
        (_try_pairs, ordered),
        (_try_weights, totals),
        (_try_last_share, nodes),
    )
    for look, looked_at in looks:
        for total in looked_at:
            above = {node for node, parts in below.items() if total in parts}
            usable = [node for node in nodes if node != total and node not in above]
            if look is _try_weights:
                usable = [node for node in usable if node not in below]
            elif look is _try_equal and total not in totals:
                usable = [node for node in usable if node not in totals]
            tried = [] if total in below else look(columns, total, usable)
            fitting = [reading for reading in tried if reading is not None]
            for best in sorted(
                fitting, key=lambda reading: (-reading.telling, len(reading.parts))
            ):
                # Weights may show that what was looked at is itself a part of another column.
                parent = best.total
                if not below.get(parent, set()).isdisjoint(best.parts):
                    continue
                parts = {*best.parts}.union(
                    *(below.get(part, set()) for part in best.parts)
                )
                below |= {
                    node: lower | parts
                    for node, lower in below.items()
                    if parent in lower
                }
                below[parent] = below.get(parent, set()) | parts
                yield best


def _try_last_share(
    columns: Columns, total: str, usable: Sequence[str]
) -> Iterator[Reading | None]:
    """Yield readings of a last share: with those before it, side by side, it makes 100 or 1."""
    end = columns.nodes.index(total)
    for start, full in product(range(max(0, end - _MOST_PARTS), end), (100, 1)):
        parts = columns.nodes[start:end]
        if {*parts} <= {*usable}:
            written = " - ".join([str(full), *(f"{{{part}}}" for part in parts)])
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
    runs = combinations(range(len(usable) + 1), 2)
    sets = [
        tuple(usable[start:end])
        for start, end in runs
        if 1 < end - start <= _MOST_PARTS
    ]
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
    equal = len({*weights.values()}) == 1 and (
        method != SUM.name or 1 in weights.values()
    )
    names = [part if equal else f"{weight} x {part}" for part, weight in shown.items()]
    keys = {"parent": total, "children": [*shown] if equal else shown}
    keys |= {} if method == ARITHMETIC.name else {"method": method}
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
        for is_geometric in (False, True):
            if len(numbers) < len(parts) + _BEYOND or (
                is_geometric and (numbers <= 0).any()
            ):
                continue
            fitted = _fit_weights(np.log(numbers) if is_geometric else numbers)
            readings: dict[int, Reading] = {}
            for number in _TOTALS:
                weights = (
                    Fraction(round(weight * number), number) for weight in fitted
                )
                parent = total
                used = {p: w for p, w in zip(parts, weights, strict=True) if w}
                if not is_geometric:
                    parent, used = _solve_for_mean(total, used)
                # A column that another one mostly repeats is not made of it.
                is_mean = (
                    len(used) > 1 and sum(used.values()) == 1 and min(used.values()) > 0
                )
                method = ARITHMETIC.name if is_mean else SUM.name
                if is_geometric:
                    method = GEOMETRIC.name
                if is_mean or (
                    len(used) > 1 and number in (1, 2, 4, 10) and not is_geometric
                ):
                    reading = _try_sum_or_mean(columns, parent, used, method)
                    if reading and reading.telling >= len(used) + _BEYOND:
                        readings[number] = reading
            if readings:
                # A digit more of the weights is worth a row.
                best = max(readings, key=lambda n: readings[n].telling - math.log10(n))
                yield readings[best]
                if readings[best].fit == readings[best].rows:
                    return


def _solve_for_mean(
    total: str, weights: dict[str, Fraction]
) -> tuple[str, dict[str, Fraction]]:
    """Return a total and the weights of its parts; of a part of a mean, those of that mean.

    >>> _solve_for_mean("a", {"b": Fraction(-1), "mean": Fraction(2)})
    ('mean', {'a': Fraction(1, 2), 'b': Fraction(1, 2)})
    """
    if (
        len(weights) < 2
        or sum(weights.values()) != 1
        or sum(w > 0 for w in weights.values()) > 1
    ):
        return total, weights
    mean = max(weights, key=weights.__getitem__)
    parts = {total: Fraction(-1), **weights}
    del parts[mean]
    return mean, {part: -weight / weights[mean] for part, weight in parts.items()}


def _fit_weights(numbers: Matrix) -> list[float]:
    """Return the weights that most rows follow best, of equals those that others follow, too."""
    random = np.random.default_rng(0)
    rows = len(numbers)
    parts = numbers.shape[1] - 1
    most = math.ceil((1 - _WRONG) * rows)
    best = (math.inf, 0.0)
    fitted = np.zeros(parts)
    for _ in range(_SAMPLES):
        chosen = random.permutation(rows)[: parts + 1]
        for _ in range(_STEPS):
            weights = np.linalg.lstsq(
                numbers[chosen, 1:], numbers[chosen, 0], rcond=None
            )[0]
            gaps = np.abs(numbers[:, 0] - numbers[:, 1:] @ weights)
            chosen = np.argsort(gaps)[:most]
            misfit = round(float((gaps[chosen] ** 2).sum()), 12), float(gaps.sum())
            if misfit < best:
                best = misfit
                fitted = weights
    return [float(weight) for weight in fitted]


def _find_row_of_totals(
    book: PrintedNumbers, table: Mapping[str, Any], exact: Collection[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the first or last row where it has the sums of the others, with a sentence.

    A column that is no sum (of means, of shares, or of what is counted in several rows) has no
    number above all others there, or is far from their sum by more than one digit.
    """
    units = [*dict.fromkeys(cell.unit for cell in book.cells)]
    nodes = [keys["node"] for keys in table["read"] if "quantity" not in keys]
    for unit in (units[-1], units[0]) if _FEWEST <= len(units) <= _MOST_ROWS else ():
        fitting = []
        misprinted = []
        certainty = 0.0
        for node in nodes:
            column = book.first(Series(node))
            total = column.get(unit)
            values = [cell.value for cell in column.values()]
            if total is None or len(values) < _FEWEST:
                continue
            room = sum((cell.half for cell in column.values()), start=Decimal(0))
            gap = abs(sum(values) - 2 * total.value)
            if gap <= room * (node not in exact):
                fitting.append(node)
                certainty += math.log10(
                    max(1.0, float(abs(total.value) / (2 * room or 1)))
                )
            elif min(values) >= 0 and sorted(values)[-2] < total.value:
                unit_of_digit = Decimal(1).scaleb(-total.decimals)
                slips = (
                    n * unit_of_digit * 10**k for n in _DIGITS_OFF for k in range(9)
                )
                is_slip = any(abs(gap - slip) <= room for slip in slips)
                misprinted += [node] * (is_slip and len(column) == len(units))
        least_certainty = _LIKELY if _TOTAL.search(unit) else _CERTAIN
        if certainty >= least_certainty and len(fitting) >= len(misprinted):
            chosen = [node for node in nodes if node in (*fitting, *misprinted)]
            fit = f"{len(fitting)} of {len(chosen)} columns fit."
            keys = {"table": table["name"], "unit": unit, "nodes": chosen}
            yield keys, f"{unit} has the sums of the other rows: {fit}"
            return


def _find_rankings(
    book: PrintedNumbers, read: Sequence[dict[str, Any]], totals: Sequence[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the rankings, each with a sentence; a column of ranks gets the node that it ranks."""
    nodes = [keys["node"] for keys in read if "quantity" not in keys]
    for keys in (keys for keys in read if "quantity" in keys):
        ranked = [
            s for s in book.series if (s.node, s.quantity) == (keys["column"], RANK)
        ]
        ranks = {
            unit: cell for series in ranked for unit, cell in book.first(series).items()
        }
        agreeing = {node: _measure_agreement(book, node, ranks) for node in nodes}
        # Of those that fit alike, ranks go by what is named a total, or is made of others.
        least = max(1 - _WRONG, max(map(abs, agreeing.values()), default=0) - _MARGIN)
        node = max(
            (node for node in nodes if abs(agreeing[node]) > least),
            key=lambda n: (bool(_TOTAL.search(n)), n in totals, abs(agreeing[n])),
            default=keys["column"],
        )
        descending = agreeing.get(node, 1) > 0
        nodes = [other for other in nodes if other != node]
        keys["node"] = node
        ranking: dict[str, Any] = {"nodes": [node]}
        numbers = {int(cell.value) for cell in ranks.values()}
        if len(numbers & {*range(1, len(ranks) + 1)}) >= (1 - _WRONG) * len(numbers):
            ranking["complete"] = True
        ranking |= {} if descending else {"descending": False}
        ranking |= {"every_group": True} if "group_columns" in keys else {}
        first = "greatest" if descending else "least"
        yield ranking, f"{keys['column']} ranks {node}, the {first} first."


def _measure_agreement(
    book: PrintedNumbers, node: str, ranks: Mapping[str, PrintedCell]
) -> float:
    """Return the share of neighbouring ranks that go by a column, negative if the least is first.

    A column that hardly ever differs from rank to rank, or counts the rows as they do, is none that
    they go by.
    """
    scores = book.first(Series(node))
    places = {
        u: (rank.series.group, rank.value) for u, rank in ranks.items() if u in scores
    }
    units = sorted(places, key=places.__getitem__)
    pairs = [(a, b) for a, b in pairwise(units) if ranks[a].value != ranks[b].value]
    steps = [scores[a].value - scores[b].value for a, b in pairs]
    falling, rising = (sum(sign * step > 0 for step in steps) for sign in (1, -1))
    is_copy = len({scores[unit].value - ranks[unit].value for unit in units}) == 1
    if falling + rising < _MOVING * len(steps) or is_copy:
        return 0.0
    return max(falling, -rising, key=abs) / max(falling + rising, 1)


def _write_toml(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of a specification."""
    for name, sections in document.items():
        for section in sections if isinstance(sections, list) else [sections]:
            yield f"[[{name}]]" if isinstance(sections, list) else f"[{name}]"
            for key, value in section.items():
                if value != []:
                    yield f"{key} = {toml_value(value)}"
            yield ""
