"""Refuses a specification whose rules name unknown parts, or texts where numbers are needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from xlcity.audit.tables.number_intervals import BRACES, formula_parts
from xlcity.audit.tables.printed_numbers import is_readable, read_number
from xlcity.audit.tables.spec.load import PrintedTables, selected
from xlcity.audit.tables.spec.read import Spec, roles
from xlcity.audit.tables.spec.rules import (
    COLUMN,
    DECIMAL,
    NODE,
    PATTERN,
    SECTIONS,
    TABLE,
    WHOLE,
)
from xlcity.errors import DataError, Problem, Where
from xlcity.messages import Message
from xlcity.methods.aggregate.means import ARITHMETIC, GEOMETRIC

_MEANS = (ARITHMETIC.name, GEOMETRIC.name)


class _Key(NamedTuple):
    """A key of a rule that names something: where it stands, its rule, and what it names."""

    where: Where
    name: str
    rule: Any
    marks: tuple[Any, ...]

    @property
    def value(self) -> Any:
        return getattr(self.rule, self.name)

    @property
    def names(self) -> list[str]:
        """What it names: columns, or nodes."""
        value = self.value
        if PATTERN in self.marks:
            return BRACES.findall(value)
        names = [value] if isinstance(value, str) else [*(value or ())]
        return [name for name in names if name]


def refuse_what_is_absent(spec: Spec, printed: PrintedTables) -> None:
    """Raise for every name in a rule that stands for nothing.

    Raises
    ------
    DataError
        With all of them.
    """
    problems = [*_absent(spec, printed)]
    for where, section, rule in _numbered(spec):
        lacking = _missing(section, rule, spec)
        problems += [
            Problem("XC341", message, hint, where) for message, hint in lacking
        ]
    DataError.raise_for(problems or _unreadable(spec, printed))


def _holds_numbers(key: _Key) -> bool:
    """Tell whether a column is to hold numbers; positions of tiers may be words."""
    is_position = key.name == "position" and key.rule.kind == "tiers"
    return not is_position and not {WHOLE, DECIMAL}.isdisjoint(key.marks)


def _keys(spec: Spec) -> Iterator[_Key]:
    """Yield every key of a rule that names something."""
    for where, section, rule in _numbered(spec):
        for name, marks in roles(SECTIONS[section]).items():
            if marks:
                yield _Key(where, name, rule, marks)


def _numbered(spec: Spec) -> Iterator[tuple[Where, str, Any]]:
    """Yield every rule with where it stands and its section."""
    for section, rules in spec.rules.items():
        for number, rule in enumerate(rules, start=1):
            yield Where(file=spec.file, cell=f"[[{section}]] {number}"), section, rule


def _absent(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield names of unknown tables, columns and nodes."""
    nodes = {series.node for series in printed.book.series}
    for key in _keys(spec):
        is_of_columns = COLUMN in key.marks or PATTERN in key.marks
        if TABLE in key.marks and key.value and key.value not in printed.files:
            hint = Message("hint.separate_table")
            yield Problem.of(
                "XC342.table_not_read", key.where, hint=hint, value=key.value
            )
        elif is_of_columns and key.rule.table in printed.files:
            yield from _absent_columns(key, printed)
        elif NODE in key.marks:
            yield from _absent_nodes(key, nodes)


def _absent_columns(key: _Key, printed: PrintedTables) -> Iterator[Problem]:
    """Yield the columns that no table of a rule has."""
    table = key.rule.table
    header: list[str] = []
    for name in (table, *getattr(key.rule, "tables", ())):
        rows = printed.files.get(name)
        header += rows[0] if rows else ()
    for column in key.names:
        if column not in header:
            message = Message(
                "XC342.table_without_column", key=key.name, table=table, column=column
            )
            hint = Message("XC342.no_column.hint", header=header)
            yield Problem("XC342", message, hint, key.where)


def _absent_nodes(key: _Key, nodes: Collection[str]) -> Iterator[Problem]:
    """Yield the nodes that no column prints."""
    for node in key.names:
        if node not in nodes:
            message = Message("XC344.no_column_of_node", key=key.name, node=node)
            hint = Message("hint.nodes_read", nodes=sorted(nodes))
            yield Problem("XC344", message, hint, key.where)


def _missing(
    section: str,
    rule: Any,
    spec: Spec,
) -> Iterator[tuple[str, str]]:
    """Yield what a rule lacks, and what to do."""
    yield from _missing_weights(section, rule)
    if section == "reproduce":
        key = "own" if rule.compare == "own" else "table"
        if not getattr(rule, key):
            yield Message("XC341.key_not_given", key=key), Message("hint.add_it")
    if section == "lattice" and not (rule.units or spec.head.units):
        yield Message("XC341.no_units"), Message("hint.add_it")
    if section == "formula":
        yield from _missing_in_formula(rule.formula)


def _missing_weights(section: str, rule: Any) -> Iterator[tuple[str, str]]:
    """Yield the weights of a mean, or of a reading, that sum to nothing."""
    is_mean = section == "aggregate" and rule.method in _MEANS
    if is_mean and sum(rule.children.values()) <= 0:
        yield Message("XC341.weights_sum"), Message("hint.weight_above_zero")
    for name, given in getattr(rule, "readings", {}).items():
        if sum(given.get(child, 0) for child in rule.children) <= 0:
            message = Message("XC341.named_weights_sum", name=name)
            yield message, Message("hint.weight_above_zero")


def _missing_in_formula(formula: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a formula."""
    try:
        formula_parts(formula)
    except ValueError as error:
        message = Message("XC341.no_formula", formula=formula, error=error)
        yield message, Message("hint.write_formula")


def _unreadable(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield texts in columns of statements and statistics that are not numbers."""
    for key in _keys(spec):
        is_whole = WHOLE in key.marks
        if not key.value or not _holds_numbers(key):
            continue
        column = key.value
        table = key.rule.table
        rows = zip(printed.numbers[table], printed.files[table], strict=True)
        chosen = getattr(key.rule, "where", {})
        for number, row in rows:
            if not selected(row, chosen) or _is_number(row[column], integer=is_whole):
                continue
            sort = Message("kind_of_text.number")
            if is_whole:
                sort = Message("kind_of_text.whole_number")
            yield Problem.of(
                "XC343.other_kind",
                Where(file=table, cell=f"row {number}"),
                row=row[column],
                column=column,
                sort=sort,
                cell=key.where.cell,
            )


def _is_number(text: str, *, integer: bool) -> bool:
    if not is_readable(text):
        return False
    value = read_number(text)
    return value is None or not integer or value == value.to_integral_value()
