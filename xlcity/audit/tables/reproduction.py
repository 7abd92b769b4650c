"""Recomputes the printed tables of a report: what its spec declares, and what is its own in code.

The sections `[[reproduce]]` of `audit.toml` stand in the order of the comparisons. What is code is
a function of the report's module or package `reproduce`. Without a section every printed column of
scores is compared, and every printed rank.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np

from xlcity.audit.tables.checks.clusters import agreement, cluster_trials
from xlcity.audit.tables.checks.statements import PrintedList, printed_lists
from xlcity.audit.tables.checks.statistics import correlation_cells
from xlcity.audit.tables.constraints.build import IDENTITIES
from xlcity.audit.tables.constraints.relations import (
    Constraint,
    Owed,
    Relation,
    Values,
)
from xlcity.audit.tables.finding import TableCheck
from xlcity.audit.tables.methods import followed_methods
from xlcity.audit.tables.printed_numbers import RANK, PrintedCell, Series
from xlcity.audit.tables.run import CHECKS, SPEC_FILE
from xlcity.audit.tables.spec.load import PrintedTables, Row, load, selected
from xlcity.audit.tables.spec.read import Spec, read_spec
from xlcity.audit.tables.spec.rules import Head, Names, ReproduceRule, TableSpec
from xlcity.audit.tables.spec.validate import refuse_what_is_absent
from xlcity.errors import UsageError
from xlcity.grouping import grouped
from xlcity.index import IndexResult, compute
from xlcity.model.dataset import Dataset, State, Status
from xlcity.model.reading.data import empty_dataset, read_dataset
from xlcity.model.reading.tables import FileTable
from xlcity.reports import load_report, own_function, read_toml
from xlcity.reports.comparison import (
    FLOAT_GUARD,
    ComparedCell,
    Comparison,
    Printed,
    compare,
    rank_cells,
)
from xlcity.reports.report import PublishedTable, Report

#: Code of a report, in its folder.
CODE_MODULE = "reproduce"
#: What the column of ranks of a printed table is compared with: kind, name, words.
_OF_RANKS = (
    ("order", "ranks", "order of the printed scores"),
    ("sequence", "rank-sequence", "1 to n, each once, row by row"),
)
#: Kind of comparison -> the check of the section of that name.
_CHECKS = {check.section: check.run for check in CHECKS if len(check.severities) == 1}


@dataclass(slots=True)
class Declared:
    """One `[[reproduce]]` at work; the methods with names of kinds yield its cells.

    Parameters
    ----------
    index
        Returns the index from the report's data, or from given printed scores, an option and a
        file.
    constraints
        Returns the identities of a check.
    own
        Returns the cells of a row that no rule is about.
    """

    rule: ReproduceRule
    spec: Spec
    printed: PrintedTables
    index: Callable[[Names, str, str], IndexResult]
    constraints: Callable[[str], list[Constraint]]
    own: Callable[[Row], Iterable[ComparedCell]]
    #: How far numbers may be off, and the words on how they were computed, if the kind sets them.
    tolerance: float = 0.0
    how: str = ""

    def comparison(self) -> Comparison:
        """Return the cells and what became of them."""
        rule = self.rule
        by_construction = bool(rule.data)
        make = self.checked if rule.compare in _CHECKS else getattr(self, rule.compare)
        compared = list(make())
        if rule.compare == "scores":
            nodes = {cell.node for cell in compared}
            by_construction = all(_circular(self.result, node) for node in nodes)
        return compare(
            rule.table,
            rule.what,
            compared,
            tolerance=self.tolerance
            if rule.tolerance is None
            else float(rule.tolerance),
            by_construction=by_construction,
            how=self.how or rule.how,
        )

    @property
    def result(self) -> IndexResult:
        """The index that the rule is about."""
        return self.index(self.rule.given, self.rule.option, self.rule.data)

    def cells(self) -> list[PrintedCell]:
        """Return the printed numbers that are compared."""
        rule = self.rule
        tables: Names = (rule.table,)
        if rule.compare == "possible" and rule.tables:
            tables = rule.tables
        cells = [cell for cell in self.printed.book.cells if cell.table in tables]
        cells = [cell for cell in cells if cell.column in rule.columns]
        return [cell for cell in cells if selected(self.row_of(cell), rule.where)]

    def by_series(self) -> Iterable[list[PrintedCell]]:
        """Return the numbers by what they are about, in printed order."""
        keyed = (((cell.column, cell.series), cell) for cell in self.cells())
        return grouped(keyed).values()

    def row_of(self, cell: PrintedCell) -> Row:
        """Return the row that a number stands in."""
        number = self.printed.numbers[cell.table].index(cell.row)
        return self.printed.files[cell.table][number]

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are compared."""
        return self.printed.rows(self.rule.table, self.rule.where)

    def where(self, row: Row) -> str:
        """Return where a row stands in print."""
        return self.rule.at.format_map(row)

    def beside(
        self, cell: PrintedCell, computed: Printed, right: bool | None = None
    ) -> ComparedCell:
        """Return a number beside what it ought to be."""
        return ComparedCell(
            cell.unit,
            cell.node,
            _shown(cell),
            computed,
            where=self.where(self.row_of(cell)),
            right=right,
        )

    def checked(self) -> Iterator[ComparedCell]:
        """Yield what the section's rules compare, and what the report's code says of other rows."""
        section = self.spec.rules[self.rule.compare]
        rules = [rule for rule in section if rule.table == self.rule.table]
        for rule in rules:
            if getattr(rule, "kind", "") != "tiers":
                check = TableCheck("", rule, self.spec, self.printed)
                check.at = self.rule.at
                check.only = self.rule.where
                _CHECKS[self.rule.compare](check)
                yield from check.compared
        for row in self.rows() if self.rule.own else ():
            if not any(selected(row, rule.where) for rule in rules):
                yield from self.own(row)

    def classes(self) -> Iterator[ComparedCell]:
        """Yield printed classes beside the clusters of one linkage.

        Of metrics and standardisations those that agree best count, the first of equals.
        """
        rule = self.rule
        key = self.printed.unit_columns[rule.table]
        given = self.rule_of("clusters")
        rows = [*self.rows()]
        printed = {row[key]: int(row[given.column]) for row in rows}
        trials = cluster_trials(given, self.printed)
        own = [trial for trial in trials if trial.linkage == rule.linkage]
        tried = [(trial, agreement(trial.classes, printed)) for trial in own]
        trial, best = max(tried, key=lambda pair: pair[1].agreeing)
        counts = ", ".join(f"{way} {found.agreeing}" for way, found in tried)
        self.how = f"best: {trial}; cities of {best.units}: {counts}"
        for row in rows:
            label = int(row[given.column])
            yield ComparedCell(
                row[key],
                f"class {label}",
                label,
                best.classes.get(trial.classes.get(row[key])),
                where=self.where(row),
            )

    def rule_of(self, section: str) -> Any:
        """Return the rule of a section that is about the table."""
        rules = self.spec.rules[section]
        return next(rule for rule in rules if rule.table == self.rule.table)

    def possible(self) -> Iterator[ComparedCell]:
        """Yield numbers beside what the identities of one check give; rounding is tolerated."""
        touching: dict[int, list[Constraint]] = {}
        for constraint in self.constraints(self.rule.check):
            for cell in _compared_cells(constraint):
                touching.setdefault(cell.index, []).append(constraint)
        values = [cell.value for cell in self.printed.book.cells]
        for cell in self.cells():
            computed: Printed = _shown(cell)
            mine = touching.get(cell.index, [])
            is_right = True
            for constraint in mine:
                is_broken = constraint.broken(values)
                is_right &= not is_broken
                if isinstance(constraint, Relation):
                    computed = float(constraint.middle(values))
                    reach = constraint.reach(values) + cell.reach
                    self.tolerance = max(self.tolerance, reach)
                elif is_broken:
                    computed = _nearest_possible(constraint, cell, values)
            if mine or self.rule.check == "order":
                yield self.beside(cell, computed, is_right)

    def scores(self) -> Iterator[ComparedCell]:
        """Yield scores beside those of the index; half a unit of the last decimal is tolerated."""
        result = self.result
        cells = self.cells()
        decimals = max((cell.decimals for cell in cells), default=0)
        self.tolerance = 0.5 * 10.0**-decimals
        for cell in cells:
            score = float(result.column(cell.node)[result.dataset.row(cell.unit)])
            yield self.beside(cell, None if math.isnan(score) else score)

    def index_ranks(self) -> Iterator[ComparedCell]:
        """Yield ranks beside those that the index gives, as far as `half` of its digits allow.

        Two scores may be off by as much in opposite directions: a rank is wrong where no scores
        within these bounds give it.
        """
        result = self.result
        reach = 2 * float(self.rule.half) + FLOAT_GUARD
        for cell in self.cells():
            own = result.dataset.row(cell.unit)
            keys = result.keys[:, result.node_codes.index(cell.node)]
            leads = np.delete(keys - keys[own], own)
            first = 1 + int((leads > reach).sum())
            rank = 1 + int((leads > 0).sum())
            last = 1 + int((leads >= -reach).sum())
            yield self.beside(cell, rank, first <= cell.value <= last)

    def same(self) -> Iterator[ComparedCell]:
        """Yield numbers beside the same ones in other tables, the first that has it."""
        book = self.printed.book
        for cell in self.cells():
            tables = self.rule.tables
            others = (book.one(cell.series, cell.unit, table) for table in tables)
            other = next(filter(None, others), None)
            if other is not None:
                yield self.beside(cell, _shown(other))

    def repeats(self) -> Iterator[ComparedCell]:
        """Yield numbers beside the same one in the table with more digits, rounded."""
        cells_by_number = grouped(
            ((cell.series, cell.unit), cell) for cell in self.cells()
        )
        for cells in cells_by_number.values():
            best = max(cells, key=lambda cell: (len(cell.text), -cell.index))
            for cell in cells:
                if cell is not best:
                    near = abs(best.value - cell.value) <= cell.half
                    yield self.beside(cell, _shown(cell if near else best), near)

    def sequence(self) -> Iterator[ComparedCell]:
        """Yield numbers beside 1 to n, unit by unit."""
        for cells in self.by_series():
            firsts: dict[str, PrintedCell] = {}
            for cell in cells:
                firsts.setdefault(cell.unit, cell)
            for number, first in enumerate(firsts.values(), start=1):
                yield self.beside(first, number)

    def order(self) -> Iterator[ComparedCell]:
        """Yield ranks beside those that the printed scores give."""
        tables = self.rule.tables or (self.rule.table,)
        for cells in self.by_series():
            series = Series(cells[0].series.node, group=cells[0].series.group)
            scores: dict[str, float] = {}
            for several in self.printed.book.series.get(series, {}).values():
                own = [cell for cell in several if cell.table in tables]
                scores |= {cell.unit: float(cell.value) for cell in own}
            ranks = {cell.unit: int(cell.value) for cell in cells if scores}
            compared = rank_cells(series.node, ranks, scores)
            for cell, rank in zip(cells, compared, strict=False):
                yield self.beside(cell, rank.computed)

    def attribute(self) -> Iterator[ComparedCell]:
        """Yield words beside those that the list of units has."""
        column = self.rule.columns[0]
        key = self.printed.unit_columns[self.rule.table]
        for row in self.rows():
            yield ComparedCell(
                row[key],
                row.get("node", ""),
                row[column],
                self.printed.attributes[row[key]][column],
                where=self.where(row),
            )

    def correlations(self) -> Iterator[ComparedCell]:
        """Yield r, p, n or stars of pairs beside those of the printed scores."""
        rule = self.rule_of("correlations")
        for row in self.rows():
            for cell in correlation_cells(rule, row, self.printed):
                if getattr(rule, cell.key) in self.rule.columns:
                    yield ComparedCell(
                        "",
                        f"{row[rule.row]}-{row[rule.column]}",
                        cell.published,
                        cell.computed,
                        where=self.where(row),
                        right=cell.right,
                    )

    def lists(self) -> Iterator[tuple[PrintedList, list[str]]]:
        """Yield the lists that the tiers or rows of the table are, and where their names stand."""
        for rule in self.spec.rules["list"]:
            if rule.table == self.rule.table and rule.kind in ("tiers", "rows"):
                for listing in printed_lists(rule, self.printed):
                    where = [self.where(row) for row in listing.rows]
                    yield listing, where if where[1:] else where * len(listing.names)

    def members(self) -> Iterator[ComparedCell]:
        """Yield names beside themselves, if the list covers a place of theirs, named once."""
        for listing, where in self.lists():
            for number, name in enumerate(listing.names):
                fault = listing.fault_of(number)
                yield ComparedCell(
                    name,
                    listing.node,
                    name,
                    {"": name, "named twice": "named before"}.get(fault),
                    where=where[number],
                )

    def in_order(self) -> Iterator[ComparedCell]:
        """Yield names, repeats left out, beside the units that the group has at these places."""
        for listing, where in self.lists():
            for number, expected, right in listing.compare_order():
                name = listing.names[number]
                yield ComparedCell(
                    name,
                    listing.node,
                    name,
                    expected,
                    where=where[number],
                    right=right,
                )

    def size(self) -> Iterator[ComparedCell]:
        """Yield printed numbers of units beside the places that are left for them.

        A list without limits reaches to the end of its group, if another comes before it; rows list
        their group whole or to the tenth place.
        """
        for listing, where in self.lists():
            size = listing.size
            named = len(listing.names)
            group_size = len(listing.places)
            start, end = listing.ends
            expected_size = named if start == 1 else group_size - start + 1
            if len(listing.rows) > 1:
                size = named
                expected_size = named if named == group_size else min(10, group_size)
            elif listing.limit:
                expected_size = min(end, group_size) - start + 1
            if size:
                yield ComparedCell(
                    "", listing.node, size, expected_size, where=where[0]
                )


def _compared_cells(constraint: Constraint) -> Sequence[PrintedCell]:
    """Return the numbers that a constraint says something of: a result, or both ranks."""
    if isinstance(constraint, Owed):
        return (constraint.result,)
    return constraint.cells[-2:]


def _nearest_possible(
    constraint: Constraint, cell: PrintedCell, values: Values
) -> float | None:
    """Return the number nearest to the printed one that a constraint leaves to its cell."""
    interval = constraint.interval(cell, values)
    ends = [end for end in interval if end is not None]
    nearest = min(ends, key=lambda end: abs(end - cell.value), default=None)
    return None if nearest is None else float(nearest)


def _shown(cell: PrintedCell) -> float:
    return float(cell.value) if cell.decimals else int(cell.value)


def _circular(result: IndexResult, code: str) -> bool:
    """Tell whether the values that a node is computed from were taken from print."""
    dataset = result.dataset
    below = {leaf.code for leaf in result.framework.leaves_below(code)}
    used = [column for column, name in enumerate(dataset.codes) if name in below]
    if (dataset.basis[:, used] == Status.DERIVED.value).any():
        return True
    if code not in dataset.codes:
        return False
    own_states = dataset.states[:, dataset.column(code)]
    return bool((own_states == State.VALUE).any())


@dataclass(frozen=True, slots=True)
class Reproduction:
    """All comparisons of a report, and what cannot be compared."""

    report: str
    comparisons: tuple[Comparison, ...]
    not_reproducible: tuple[tuple[str, str], ...]

    @property
    def counted(self) -> tuple[Comparison, ...]:
        """The comparisons that are evidence: those by construction are not."""
        return tuple(entry for entry in self.comparisons if not entry.by_construction)

    @property
    def apart(self) -> tuple[Comparison, ...]:
        """The comparisons by construction: their number is stated apart."""
        return tuple(entry for entry in self.comparisons if entry.by_construction)

    @property
    def confirmed(self) -> bool:
        """Whether every printed cell that was compared is within its tolerance."""
        return all(entry.within == entry.cells for entry in self.comparisons)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the command line's contract."""
        left = [
            {"table": table, "reason": reason}
            for table, reason in self.not_reproducible
        ]
        return {
            "tables": self.comparisons,
            "counted": cell_counts(self.counted),
            "by_construction": cell_counts(self.apart),
            "not_reproducible": left,
        }


def cell_counts(comparisons: Iterable[Comparison]) -> dict[str, int]:
    """Return how many printed cells comparisons have, and how many are within tolerance."""
    entries = [*comparisons]
    return {
        "cells": sum(entry.cells for entry in entries),
        "within": sum(entry.within for entry in entries),
    }


def reproduce_report(report_id: str) -> Reproduction:
    """Recompute every printed table of a report that its printed data allow.

    Raises
    ------
    UsageError
        If there is no such report, or it has no tables to recompute.
    DataError
        If its spec cannot be used.
    """
    report: Report = load_report(report_id)
    comparisons = tuple(comparisons_of(report))
    if not comparisons:
        raise UsageError.of("XC100.nothing_to_reproduce", report=report_id)
    about = read_toml(report.folder / "report.toml")
    left = tuple(
        (entry["table"], entry["reason"]) for entry in about.get("not_reproducible", [])
    )
    return Reproduction(report_id, comparisons, left)


def comparisons_of(report: Report) -> Iterator[Comparison]:
    """Yield the comparisons of a report: the declared ones, or those of its scores."""
    spec, printed = printed_of(report)
    if not spec.rules["reproduce"]:
        spec = _of_scores(report)
        printed = load(spec, report.published, _file)
    index = cache(partial(_index, report, printed))

    @cache
    def constraints(check: str) -> list[Constraint]:
        if check == "aggregate":
            return followed_methods(spec, printed).constraints
        return list(IDENTITIES[check](spec, printed))

    for rule in spec.rules["reproduce"]:
        own = _own(report, rule.own) if rule.own else lambda *_: ()
        if rule.compare == "own":
            compared = own()
        else:
            declared = Declared(
                rule, spec, printed, index=index, constraints=constraints, own=own
            )
            compared = [declared.comparison()]
        yield from (_marked(report, comparison) for comparison in compared)


def _marked(report: Report, comparison: Comparison) -> Comparison:
    """Return a comparison, by construction if the data were derived from its table.

    Whatever is compared in such a table: it took part as a whole, its ranks as well.
    """
    if comparison.table not in report.derived_from:
        return comparison
    return replace(comparison, by_construction=True)


def _of_scores(report: Report) -> Spec:
    """Return a spec that compares every printed column of scores, and every printed rank."""
    tables: list[TableSpec] = []
    rules: list[ReproduceRule] = []
    for table in report.published.values():
        if not table.nodes:
            continue
        # A rank is that by the last column of scores.
        ranks: dict[str, str] = {}
        if RANK in table.columns:
            ranks = {RANK: [*table.nodes.values()][-1]}
        tables.append(TableSpec(table.name, scores=table.nodes, ranks=ranks))
        declare = partial(ReproduceRule, table=table.name, at=f"table {table.label}")
        for column, code in table.nodes.items():
            what = "scores" if len(table.nodes) == 1 else f"scores {column}"
            how = f"{code} computed from the report's data"
            rule = declare(compare="scores", what=what, columns=(column,), how=how)
            rules.append(rule)
        for kind, what, how in _OF_RANKS if ranks else ():
            rule = declare(compare=kind, what=what, columns=(RANK,), how=how)
            rules.append(rule)
    return Spec(
        "report.toml",
        report.folder,
        head=Head(unit="city_id"),
        tables=tuple(tables),
        rules={"reproduce": tuple(rules)},
    )


def _index(
    report: Report,
    printed: PrintedTables,
    given: Names,
    option: str,
    data: str,
) -> IndexResult:
    """Return the index of a report, from its data unless printed scores or a file are given."""
    dataset = report.dataset
    recipe = report.recipe
    if option:
        recipe = recipe.with_options([option])
    if data:
        dataset, _ = read_dataset(
            report.folder / data, report.framework, dataset.units, recipe
        )
    if given:
        blank = empty_dataset(dataset.units, given)
        values, _ = printed.book.matrix(map(Series, given), dataset.rows)
        dataset = Dataset(
            blank.units,
            blank.codes,
            values,
            states=np.where(np.isnan(values), blank.states, State.VALUE),
            basis=np.full_like(blank.basis, Status.PRINTED.value),
        )
    return compute(report.framework, recipe, dataset)


def printed_of(report: Report) -> tuple[Spec, PrintedTables]:
    """Return the spec of a report, or one of its scores, and the tables as the report holds them.

    Raises
    ------
    DataError
        If they do not fit.
    """
    file = report.folder / SPEC_FILE
    spec = read_spec(file) if file.is_file() else _of_scores(report)
    printed = load(spec, report.published, _file)
    refuse_what_is_absent(spec, printed)
    return spec, printed


def _file(table: PublishedTable) -> FileTable:
    rows = tuple(tuple(map(row.__getitem__, table.columns)) for row in table.rows)
    return FileTable(
        f"{table.name}.csv",
        None,
        table.columns,
        rows,
        numbers=tuple(range(2, len(rows) + 2)),
    )


def _own(report: Report, name: str) -> Callable[..., Iterable[Any]]:
    """Return a function of a report's own code, with the report as its first argument."""
    modules, _, function = f"{CODE_MODULE}.{name}".rpartition(".")
    return partial(own_function(report.folder, modules, function), report)
