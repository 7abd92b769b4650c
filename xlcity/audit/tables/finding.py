"""Findings of an audit, and the checks that make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from xlcity.audit.tables.constraints.base import Severity
from xlcity.audit.tables.spec.cells import PrintedCell
from xlcity.audit.tables.spec.load import PrintedTables, selected
from xlcity.audit.tables.spec.read import Spec

#: Severities in pages and workbooks, the gravest first.
LABELS = {
    Severity.ERROR: "error 错误",
    Severity.WARNING: "warning 提醒",
    Severity.NOTE: "note 说明",
}


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
    expected: tuple[float | None, float | None] = (None, None)
    suggestion: str = ""
    kind: str = ""
    evidence: str = ""
    group: int = 0
    column: str = ""
    row: int | None = None
    where: str = ""
    resolves: bool = False
    unique: bool = False
    cell: int | None = None

    @property
    def names_a_number(self) -> bool:
        """Whether it is about a printed number, or says what one should be."""
        return bool(self.published or self.suggestion)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form of the command line's contract."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "cell"}


def place_of(cell: PrintedCell) -> dict[str, Any]:
    """Return what a finding says of the cell that it is about."""
    names = ("table", "unit", "node", "column", "row", "where")
    return {"published": cell.text, **{name: getattr(cell, name) for name in names}}


@dataclass(frozen=True, slots=True)
class CheckCount:
    """One check done on one table: how many printed cells took part."""

    check: str
    table: str
    cells: int


def merged(checked: Iterable[CheckCount]) -> tuple[CheckCount, ...]:
    """Return one entry per check and table."""
    cells: dict[tuple[str, str], int] = {}
    for done in checked:
        cells[done.check, done.table] = cells.get((done.check, done.table), 0) + done.cells
    return tuple(CheckCount(check, table, number) for (check, table), number in cells.items())


def node_of(rule: Any, row: Mapping[str, str]) -> str:
    """Return the node that a row is about: the column's or the rule's."""
    return str(row[rule.node_column] if rule.node_column else rule.node)


@dataclass(slots=True)
class TableCheck:
    """One check at work on one rule: how many cells took part, and what it found.

    `rule` is a record of the spec with the table it is about.
    """

    name: str
    rule: Any
    spec: Spec
    printed: PrintedTables
    severity: Severity = Severity.WARNING
    cells: int = 0
    found: list[TableFinding] = field(default_factory=list)
    #: The table, where it is not that of the rule.
    table: str = ""

    def __post_init__(self) -> None:
        self.table = self.table or getattr(self.rule, "table", "")

    @property
    def count(self) -> CheckCount:
        """How many cells took part."""
        return CheckCount(self.name, self.table, self.cells)

    @property
    def unit_column(self) -> str:
        """The column that names the units of its table."""
        return self.printed.unit_columns[self.rule.table]

    def rows(self) -> Iterator[Mapping[str, str]]:
        """Yield the rows of its table that the rule is about."""
        where = getattr(self.rule, "where", {})
        return (row for row in self.printed.files[self.rule.table] if selected(row, where))

    def node(self, row: Mapping[str, str]) -> str:
        """Return the node that a row is about: the column's or the rule's."""
        return node_of(self.rule, row)

    def add(self, evidence: str, row: Mapping[str, str] | None = None, /, **fields: Any) -> None:
        """Add a finding; `row` tells its place in the report."""
        where = "" if row is None else row.get(self.spec.head.line, "")
        values = {"severity": self.severity, "table": self.table, "where": where, **fields}
        self.found.append(TableFinding(check=self.name, evidence=evidence, **values))
