"""Refuses a specification whose rules name unknown parts, or texts where numbers are needed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

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


def _keys(spec: Spec) -> Iterator[tuple[Where, str, Any, tuple[Any, ...]]]:
    """Yield every key of a rule that names something: where it stands, its rule, and what."""
    for where, section, rule in _numbered(spec):
        marked = roles(SECTIONS[section]).items()
        yield from ((where, key, rule, marks) for key, marks in marked if marks)


def _numbered(spec: Spec) -> Iterator[tuple[Where, str, Any]]:
    """Yield every rule with where it stands and its section."""
    for section, rules in spec.rules.items():
        for number, rule in enumerate(rules, start=1):
            yield Where(file=spec.file, cell=f"[[{section}]] {number}"), section, rule


def _absent(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield names of unknown tables, columns and nodes."""
    nodes = {series.node for series in printed.book.series}
    for where, key, rule, marks in _keys(spec):
        value = getattr(rule, key)
        names = [value] if isinstance(value, str) else [*(value or ())]
        names = (
            BRACES.findall(value)
            if PATTERN in marks
            else [name for name in names if name]
        )
        if TABLE in marks and value and value not in printed.files:
            hint = Message("hint.separate_table")
            yield Problem.of("XC342.table_not_read", where, hint=hint, value=value)
        elif (COLUMN in marks or PATTERN in marks) and rule.table in printed.files:
            tables = (rule.table, *getattr(rule, "tables", ()))
            header = [
                name
                for table in tables
                for name in (printed.files.get(table) or [{}])[0]
            ]
            for column in (name for name in names if name not in header):
                message = Message(
                    "XC342.table_without_column",
                    key=key,
                    table=rule.table,
                    column=column,
                )
                hint = Message("XC342.no_column.hint", header=[*header])
                yield Problem("XC342", message, hint, where)
        elif NODE in marks:
            for node in (name for name in names if name not in nodes):
                message = Message("XC344.no_column_of_node", key=key, node=node)
                hint = Message("hint.nodes_read", nodes=sorted(nodes))
                yield Problem("XC344", message, hint, where)


def _missing(section: str, rule: Any, spec: Spec) -> Iterator[tuple[str, str]]:
    """Yield what a rule lacks, and what to do."""
    means = section == "aggregate" and rule.method in (
        ARITHMETIC.name,
        GEOMETRIC.name,
    )
    if means and sum(rule.children.values()) <= 0:
        yield Message("XC341.weights_sum"), Message("hint.weight_above_zero")
    for name, given in getattr(rule, "readings", {}).items():
        if sum(given.get(child, 0) for child in rule.children) <= 0:
            yield (
                Message("XC341.named_weights_sum", name=name),
                Message("hint.weight_above_zero"),
            )
    if section == "reproduce":
        key = "own" if rule.compare == "own" else "table"
        if not getattr(rule, key):
            yield Message("XC341.key_not_given", key=key), Message("hint.add_it")
    if section == "lattice" and not (rule.units or spec.head.units):
        yield Message("XC341.no_units"), Message("hint.add_it")
    if section == "formula":
        try:
            formula_parts(rule.formula)
        except ValueError as error:
            message = Message("XC341.no_formula", formula=rule.formula, error=error)
            yield message, Message("hint.write_formula")


def _unreadable(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield texts in columns of statements and statistics that are not numbers."""
    for where, key, rule, marks in _keys(spec):
        sort = (
            Message("kind_of_text.whole_number")
            if WHOLE in marks
            else Message("kind_of_text.number")
            if DECIMAL in marks
            else ""
        )
        column = getattr(rule, key)
        if not column or not sort or (key == "position" and rule.kind == "tiers"):
            continue
        rows = zip(printed.numbers[rule.table], printed.files[rule.table], strict=True)
        for number, row in (
            (n, r) for n, r in rows if selected(r, getattr(rule, "where", {}))
        ):
            if not _is_number(row[column], integer=WHOLE in marks):
                row_place = Where(file=rule.table, cell=f"row {number}")
                yield Problem.of(
                    "XC343.other_kind",
                    row_place,
                    row=row[column],
                    column=column,
                    sort=sort,
                    cell=where.cell,
                )


def _is_number(text: str, *, integer: bool) -> bool:
    value = read_number(text) if is_readable(text) else Decimal("NaN")
    return value is None or value == (value.to_integral_value() if integer else value)
