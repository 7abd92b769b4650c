"""Recomputes the printed tables of a report: what its spec declares, and what is its own in code.

The sections `[[reproduce]]` of `audit.toml` stand in the order of the comparisons. What is code is
a function of the report's module or package `reproduce`. Without a section, its function
``reproduce(report)`` returns the comparisons; without such a file every printed column of scores is
compared, and every printed rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np

from xlcity.audit.tables.constraints.build import formulas, lattices, rankings
from xlcity.audit.tables.constraints.relations import Constraint
from xlcity.audit.tables.methods import followed_methods
from xlcity.audit.tables.reproduction.declared import Declared
from xlcity.audit.tables.run import SPEC
from xlcity.audit.tables.spec.cells import Series
from xlcity.audit.tables.spec.load import PrintedTables, load
from xlcity.audit.tables.spec.read import Spec, read_spec
from xlcity.audit.tables.spec.rules import Head, Names, ReproduceRule, TableSpec
from xlcity.audit.tables.spec.validate import refuse_what_is_absent
from xlcity.errors import DataError, UsageError
from xlcity.index import IndexResult, compute
from xlcity.model.dataset import Dataset, State, Status
from xlcity.model.reading.data import empty_dataset, read_dataset
from xlcity.model.reading.tables import FileTable
from xlcity.reports import load_report, read_toml, report_module
from xlcity.reports.comparison import Comparison
from xlcity.reports.report import PublishedTable, Report

#: Code of a report, in its folder.
CODE = "reproduce"
#: Column of a printed table that holds its ranks; what it is compared with: kind, name, words.
RANK = "rank"
_OF_RANKS = (
    ("order", "ranks", RANK, "order of the printed scores"),
    ("sequence", "rank-sequence", RANK, "1 to n, each once, row by row"),
)
_COMPUTED = "computed from the report's data"


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
    def confirmed(self) -> bool:
        """Whether every printed cell that was compared is within its tolerance."""
        return all(entry.within == entry.cells for entry in self.comparisons)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the command line's contract."""
        return {
            "tables": self.comparisons,
            "not_reproducible": [
                {"table": table, "reason": reason} for table, reason in self.not_reproducible
            ],
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
        raise UsageError(
            f"the report {report_id} has nothing to reproduce.",
            "Run `xlcity list` to see the reports.",
        )
    about = read_toml(report.folder / "report.toml")
    left = tuple((entry["table"], entry["reason"]) for entry in about.get("not_reproducible", []))
    return Reproduction(report_id, comparisons, left)


def comparisons_of(report: Report) -> Iterator[Comparison]:
    """Yield the comparisons of a report: the declared ones, those of its code, or of its scores."""
    declared = (report.folder / SPEC).is_file() and printed_of(report)
    if not declared or not declared[0].rules["reproduce"]:
        if report_module(report.folder, CODE):
            yield from _own(report, "reproduce")(report)
            return
        spec = _of_scores(report)
        declared = spec, load(spec, report.published, _file)
    spec, printed = declared
    computed = cache(partial(_index, report, printed))

    def index(rule: ReproduceRule) -> IndexResult:
        return computed(rule.given, rule.option, rule.data)

    @cache
    def constraints(check: str) -> list[Constraint]:
        if check == "aggregate":
            return followed_methods(spec, printed)[0]
        make = {"lattice": lattices, "formula": formulas, "order": rankings}[check]
        return list(make(spec, printed))

    for rule in spec.rules["reproduce"]:
        own = partial(_own(report, rule.own), report) if rule.own else lambda *_: ()
        if rule.compare == "own":
            yield from own()
        else:
            yield Declared(rule, spec, printed, index, constraints, own).comparison()


def _of_scores(report: Report) -> Spec:
    """Return a spec that compares every printed column of scores, and every printed rank."""
    tables: list[TableSpec] = []
    rules: list[ReproduceRule] = []
    for table in report.published.values():
        if not table.nodes:
            continue
        # A rank is that by the last column of scores.
        ranks = {RANK: [*table.nodes.values()][-1]} if RANK in table.columns else {}
        tables.append(TableSpec(table.name, scores=table.nodes, ranks=ranks))
        alone = len(table.nodes) == 1
        comparisons = [
            ("scores", "scores" if alone else f"scores {column}", column, f"{code} {_COMPUTED}")
            for column, code in table.nodes.items()
        ]
        comparisons += _OF_RANKS if ranks else ()
        for kind, what, column, how in comparisons:
            rule = ReproduceRule(compare=kind, table=table.name, what=what, how=how)
            rules.append(replace(rule, columns=(column,), at=f"table {table.label}"))
    head = Head(unit="city_id")
    return Spec("report.toml", report.folder, head, tuple(tables), {"reproduce": tuple(rules)})


def _index(
    report: Report, printed: PrintedTables, given: Names, option: str, data: str
) -> IndexResult:
    """Return the index of a report, from its data unless printed scores or a file are given."""
    dataset, recipe = report.dataset, report.recipe
    if option:
        recipe = recipe.with_option(option)
    if data:
        dataset, _ = read_dataset(report.folder / data, report.framework, dataset.units, recipe)
    if given:
        blank = empty_dataset(dataset.units, given)
        scores = [printed.book.first(Series(code)) for code in given]
        values = np.array(
            [
                [float(of[unit.id].value) if unit.id in of else np.nan for of in scores]
                for unit in dataset.units
            ]
        )
        states = np.where(np.isnan(values), blank.states, np.uint8(State.VALUE))
        basis = np.full_like(blank.basis, Status.PRINTED.value)
        dataset = Dataset(blank.units, blank.codes, values, states, basis)
    return compute(report.framework, recipe, dataset)


def printed_of(report: Report) -> tuple[Spec, PrintedTables]:
    """Return the spec of a report, and the printed tables as the report holds them.

    Raises
    ------
    DataError
        If they do not fit.
    """
    spec = read_spec(report.folder / SPEC)
    printed = load(spec, report.published, _file)
    refuse_what_is_absent(spec, printed)
    return spec, printed


def _file(table: PublishedTable) -> FileTable:
    rows = tuple(tuple(row[name] for name in table.columns) for row in table.rows)
    numbers = tuple(range(2, len(rows) + 2))
    return FileTable(f"{table.name}.csv", None, table.columns, rows, numbers)


def _own(report: Report, name: str) -> Callable[..., Iterable[Any]]:
    """Return a function of a report's own code."""
    module_name, _, function = name.rpartition(".")
    module = report_module(report.folder, f"{CODE}.{module_name}".rstrip("."))
    own: Callable[..., Iterable[Any]] | None = getattr(module, function, None)
    if own is None:
        message = f"the code of the report {report.id} has no function {name!r}."
        raise DataError(message, "Write it.", "XC341", file=str(report.folder))
    return own
