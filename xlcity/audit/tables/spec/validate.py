"""Refuses a specification whose rules name what is not there, or texts where numbers are needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xlcity.audit.tables.spec.cells import read_number
from xlcity.audit.tables.spec.formula import BRACES, formula_parts
from xlcity.audit.tables.spec.load import PrintedTables
from xlcity.audit.tables.spec.read import Spec, roles
from xlcity.audit.tables.spec.rules import COLUMN, DECIMAL, NODE, PATTERN, SECTIONS, WHOLE
from xlcity.errors import DataError, Problem, Where

_ABOVE_0 = "Give at least one of them a weight above 0."


def refuse_what_is_absent(spec: Spec, printed: PrintedTables) -> None:
    """Raise for every name in a rule that stands for nothing.

    Raises
    ------
    DataError
        With all of them.
    """
    problems = [
        *_absent_columns(spec, printed),
        *_absent_nodes(spec, printed),
        *_incomplete(spec, printed),
    ]
    if not problems:
        problems = list(_unreadable(spec, printed))
    if problems:
        raise DataError(problems)


def _rules(spec: Spec, role: str) -> Iterator[tuple[str, str, Any]]:
    """Yield section and position, key and rule of every key with a role."""
    for section, rules in spec.rules.items():
        keys = [key for key, marks in roles(SECTIONS[section]).items() if role in marks]
        for number, rule in enumerate(rules, start=1):
            for key in keys:
                yield f"[[{section}]] {number}", key, rule


def _words(value: Any) -> list[str]:
    """Return the names in a key: one, several, or those of a filter or of weights."""
    return [value] if isinstance(value, str) else [str(word) for word in value]


def _absent_columns(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    reported = set()
    for role in (COLUMN, PATTERN):
        for section, key, rule in _rules(spec, role):
            where = Where(file=spec.file, cell=section)
            for table in filter(None, (rule.table, getattr(rule, "rules", ""))):
                if table not in printed.files and (section, table) not in reported:
                    reported.add((section, table))
                    hint = "Describe it in a separate [[table]]."
                    yield Problem("XC342", f"the table {table!r} is not read.", hint, where)
            tables = (rule.table, *getattr(rule, "tables", ()))
            header = [name for table in tables for name in (printed.files.get(table) or [{}])[0]]
            named = getattr(rule, key)
            for column in _words(named) if role == COLUMN else BRACES.findall(named):
                if column and rule.table in printed.files and column not in header:
                    message = f"{key}: the table {rule.table} has no column {column!r}."
                    yield Problem("XC342", message, f"Columns: {', '.join(header)}.", where)


def _absent_nodes(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    nodes = {series.node for series in printed.book.series}
    for section, key, rule in _rules(spec, NODE):
        for node in _words(getattr(rule, key)):
            if node and node not in nodes:
                message = f"{key}: no column holds numbers of {node!r}."
                hint = f"Nodes read: {', '.join(sorted(nodes))}."
                yield Problem("XC344", message, hint, Where(file=spec.file, cell=section))


def _incomplete(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield rules without weights, or without what a step is made of."""
    for section, rules in spec.rules.items():
        for number, rule in enumerate(rules, start=1):
            for message, hint in _missing(section, rule, spec, printed):
                where = Where(file=spec.file, cell=f"[[{section}]] {number}")
                yield Problem("XC341", message, hint, where)


def _missing(
    section: str, rule: Any, spec: Spec, printed: PrintedTables
) -> Iterator[tuple[str, str]]:
    """Yield what a rule lacks, and what to do."""
    if section == "aggregate":
        if not rule.parent and not printed.tree:
            hint = "Name one, or a framework under [audit]."
            yield "neither a parent nor a framework is given.", hint
        elif rule.parent and not rule.children and rule.parent not in printed.tree:
            yield f"{rule.parent} has no children.", "Name them with their weights."
        is_mean = rule.children and rule.method in ("arithmetic", "geometric")
        if is_mean and sum(rule.children.values()) <= 0:
            yield "the weights do not sum to more than 0.", _ABOVE_0
    for name, given in getattr(rule, "readings", {}).items():
        if sum(given.get(child, 0) for child in rule.children) <= 0:
            yield f"the weights of {name!r} do not sum to more than 0.", _ABOVE_0
    if section == "reproduce":
        key = "own" if rule.compare == "own" else "table"
        if not getattr(rule, key):
            yield f"{key!r} is not given.", "Add it."
    if section == "lattice" and not (rule.units or spec.head.units):
        yield "'units' is not given.", "Add it."
    if section == "formula":
        try:
            formula_parts(rule.formula)
        except ValueError as error:
            message = f"{rule.formula!r} is not a formula: {error}."
            yield message, "Write {total} = {first} + 2 * {second}."


def _unreadable(spec: Spec, printed: PrintedTables) -> Iterator[Problem]:
    """Yield texts in columns of statements and statistics that are not numbers."""
    for role in (DECIMAL, WHOLE):
        for section, key, rule in _rules(spec, role):
            column = getattr(rule, key)
            if not column or (key == "position" and rule.kind == "tiers"):
                continue
            chosen = {id(row) for row in printed.rows(rule.table, getattr(rule, "where", {}))}
            rows = zip(printed.numbers[rule.table], printed.files[rule.table], strict=True)
            for number, row in rows:
                if id(row) in chosen and not _is_number(row[column], integer=role == WHOLE):
                    where = Where(file=rule.table, cell=f"row {number}")
                    sort = "a whole number" if role == WHOLE else "a number"
                    message = f"{row[column]!r} in the column {column} is not {sort}."
                    hint = f"{section} reads it; leave the row out with `where`."
                    yield Problem("XC343", message, hint, where)


def _is_number(text: str, *, integer: bool) -> bool:
    try:
        value = read_number(text)
    except ValueError:
        return False
    return value is None or not integer or value == value.to_integral_value()
