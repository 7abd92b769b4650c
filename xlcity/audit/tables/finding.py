"""Findings of an audit, and the checks that make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from xlcity.audit.tables.constraints.relations import Severity
from xlcity.audit.tables.spec.load import PrintedTables, selected
from xlcity.audit.tables.spec.read import Spec
from xlcity.audit.tables.spec.rules import Filter
from xlcity.reports.comparison import ComparedCell, Printed

#: The least and the greatest number that is possible; None = no limit.
Ends = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class TableFinding:
    """One suspect cell, or one question settled.

    Parameters
    ----------
    expected
        Lowest and highest printed value that the other numbers leave; None = no limit.
    suggestion
        What the cell should read, with the printed decimals; "" if nothing is likelier than others.
    kind
        What would have happened: a slip of typing, rows exchanged; "" if no such thing explains it.
    group
        Number of the cause.
    resolves
        With the suggestion (and those of the other cells of its repair) every constraint holds.
    unique
        No other repair of that size does so, or any that does is far less likely.
    """

    check: str
    severity: Severity
    table: str
    unit: str = ""
    node: str = ""
    published: str = ""
    expected: Ends = (None, None)
    suggestion: str = ""
    kind: str = ""
    evidence: str = ""
    group: int = 0
    column: str = ""
    row: int | None = None
    where: str = ""
    resolves: bool = False
    unique: bool = False

    @property
    def names_a_number(self) -> bool:
        """Whether it is about a printed number, or says what one should be."""
        return bool(self.published or self.suggestion)

    @property
    def range_text(self) -> str:
        """The numbers that are possible: one, or both ends as far as there are any."""
        low, high = ("" if end is None else f"{end:g}" for end in self.expected)
        return low if low == high else f"{low}–{high}"


@dataclass(frozen=True, slots=True)
class CheckCount:
    """One check done on one table: how many printed cells took part."""

    check: str
    table: str
    cells: int


@dataclass(slots=True)
class TableCheck:
    """One check at work on one rule: what it compared, and what it found wrong.

    `rule` is a record of the specification with the table it is about.
    """

    name: str
    rule: Any
    spec: Spec
    printed: PrintedTables
    severity: Severity = Severity.WARNING
    #: Where a row stands in print, with columns in braces; which of its rows count.
    at: str = ""
    only: Filter = field(default_factory=dict)
    compared: list[ComparedCell] = field(default_factory=list)
    findings: list[TableFinding] = field(default_factory=list)
    #: How many cells took part, if not those that were compared.
    cells: int = 0

    @property
    def table(self) -> str:
        """The table of the rule."""
        return str(self.rule.table)

    @property
    def unit_column(self) -> str:
        """The column that names the units of its table."""
        return self.printed.unit_columns[self.table]

    def rows(self) -> Iterator[Mapping[str, str]]:
        """Yield the rows of its table that the rule is about."""
        where = getattr(self.rule, "where", {})
        rows = self.printed.rows(self.rule.table, where)
        return (row for row in rows if selected(row, self.only))

    def compare(
        self,
        row: Mapping[str, str],
        published: Printed,
        computed: Printed,
        evidence: str,
        /,
        *,
        right: bool,
        **fields: Any,
    ) -> None:
        """Compare what a row prints with what it ought to be; what is wrong is a finding."""
        about = fields.get("unit", ""), fields.get("node", "")
        where = self.at.format_map(row)
        self.compared.append(ComparedCell(*about, published, computed, where, right))
        if not right:
            self.add(evidence, row, **{"published": str(published), **fields})

    def add(
        self, evidence: str, row: Mapping[str, str] | None = None, /, **fields: Any
    ) -> None:
        """Add a finding; `row` tells its place in the report."""
        where = "" if row is None else row.get(self.spec.head.line, "")
        values = {
            "severity": self.severity,
            "table": self.table,
            "where": where,
            **fields,
        }
        self.findings.append(TableFinding(check=self.name, evidence=evidence, **values))
